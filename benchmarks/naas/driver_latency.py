"""How long `show version` takes on a simulated device: our driver beside stock Netmiko, cold and warm.

    python benchmarks/naas/driver_latency.py [--warm 200] [--cold 10] [--devices 50] [--platform cisco_ios]

The devices run in a process of their own, without latency, so what is measured is the driver. *Cold* is connect, log
in, prepare the session, one command, close; *warm* is one more command on the same session.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from naas.driver.base import DeviceTarget
from naas.driver.netmiko import NetmikoDriver
from netmiko import ConnectHandler

COMMAND = "show version"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warm", type=int, default=200, help="warm commands per row")
    parser.add_argument("--cold", type=int, default=10, help="connections per row")
    parser.add_argument("--devices", type=int, default=50, help="devices, and threads, of the last part")
    parser.add_argument("--platform", default="cisco_ios")
    options = parser.parse_args()
    with simulated(options.devices, options.platform) as targets:
        print(f"{'driver':<34}{'cold p50':>10}{'warm p50':>10}{'warm p95':>10}   (ms)")
        stock = stock_netmiko(targets[0], expect_string=None)
        print_row("netmiko", stock, options.cold, min(options.warm, 50))
        stock = stock_netmiko(targets[0], expect_string=r"sw1[#>]\s*$")
        print_row("netmiko, expect_string=prompt", stock, options.cold, min(options.warm, 50))
        print_row("naas driver", ours(targets[0]), options.cold, options.warm)
        many(targets, commands_each=20)


@contextmanager
def simulated(count: int, platform: str) -> Iterator[list[DeviceTarget]]:
    """Devices in another process, so that they do not compete for this interpreter."""
    program = "from naas.simulator.cli import simulate; simulate()"
    arguments = ["--devices", str(count), "--platform", platform, "--format", "json", "--lifetime", "300"]
    process = subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        devices = json.loads(process.stdout.readline())
        yield [DeviceTarget(d["host"], d["port"], d["platform"], "admin", "admin") for d in devices]
    finally:
        process.terminate()
        process.wait()


class Session:
    """What a row needs: run one command, and close. Opening is making one."""

    def __init__(self, run: Callable[[], object], close: Callable[[], object]) -> None:
        self.run, self.close = run, close


def stock_netmiko(target: DeviceTarget, *, expect_string: str | None) -> Callable[[], Session]:
    def connect() -> Session:
        connection = ConnectHandler(
            device_type=target.platform,
            host=target.host,
            port=target.port,
            username=target.username,
            password=target.password,
        )
        return Session(lambda: connection.send_command(COMMAND, expect_string=expect_string), connection.disconnect)

    return connect


def ours(target: DeviceTarget) -> Callable[[], Session]:
    def connect() -> Session:
        driver = NetmikoDriver()
        return Session(lambda: run(driver, target), driver.close)

    return connect


def run(driver: NetmikoDriver, target: DeviceTarget) -> None:
    output = driver.send_commands(
        target, [COMMAND], read_timeout=10, conn_timeout=30, expect_string=None, should_stop=lambda: False
    )
    assert len(output.results[COMMAND]) > 100


def print_row(name: str, connect: Callable[[], Session], cold: int, warm: int) -> None:
    cold_times = []
    for _ in range(cold):
        started = time.perf_counter()
        session = connect()
        session.run()
        session.close()
        cold_times.append(time.perf_counter() - started)
    session = connect()
    session.run()
    warm_times = []
    for _ in range(warm):
        started = time.perf_counter()
        session.run()
        warm_times.append(time.perf_counter() - started)
    session.close()
    p95 = statistics.quantiles(warm_times, n=20)[-1]
    values = (statistics.median(cold_times), statistics.median(warm_times), p95)
    print(f"{name:<34}" + "".join(f"{value * 1000:>10.2f}" for value in values))


def many(targets: list[DeviceTarget], *, commands_each: int) -> None:
    """All devices at once, a thread each."""
    driver = NetmikoDriver()
    with ThreadPoolExecutor(len(targets)) as threads:
        started = time.perf_counter()
        list(threads.map(lambda target: run(driver, target), targets))
        connected = time.perf_counter() - started

        def work(target: DeviceTarget) -> None:
            for _ in range(commands_each):
                run(driver, target)

        started, cpu = time.perf_counter(), time.process_time()
        list(threads.map(work, targets))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        total = commands_each * len(targets)
        started = time.perf_counter()
        driver.close()
        closed = time.perf_counter() - started
    print(
        f"\n{len(targets)} devices at once: {len(targets) / connected:.0f} logins/s, then {total / seconds:.0f} "
        f"commands/s ({cpu / total * 1000:.2f} ms CPU each); logging out took {closed:.2f} s"
    )


if __name__ == "__main__":
    main()
