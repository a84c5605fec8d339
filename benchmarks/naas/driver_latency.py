"""How long `show version` takes on simulated devices: our drivers beside stock Netmiko, cold and warm.

    python benchmarks/naas/driver_latency.py [--warm 200] [--cold 10] [--devices 50] [--many 0] [--platform cisco_ios]

The devices run in a process of their own, without latency, so what is measured is the driver. *Cold* is connect, log
in, prepare the session, one command, close; *warm* is one more command on the same session. CPU is that of this process
alone, the device's not included. With `--many 1000` a thousand devices are asked once, none of them connected before,
and the sessions are then left alone for a few seconds, to see what idle ones cost.
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

from naas.driver.base import CommandRun, DeviceDriver, DeviceTarget, Patience
from naas.driver.netmiko import NetmikoDriver
from naas.driver.options import DriverOptions
from naas.driver.scrapli import ScrapliDriver
from netmiko import ConnectHandler

COMMAND = "show version"
IDLE_SECONDS = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warm", type=int, default=200, help="warm commands per row")
    parser.add_argument("--cold", type=int, default=10, help="connections per row")
    parser.add_argument("--devices", type=int, default=50, help="devices, and threads, of the last part")
    parser.add_argument("--many", type=int, default=0, help="devices to connect to at once, cold; 0 leaves that out")
    parser.add_argument("--threads", type=int, default=64, help="threads for --many; the service has 64")
    parser.add_argument("--platform", default="cisco_ios")
    options = parser.parse_args()
    with simulated(options.devices, options.platform) as targets:
        print(f"{'driver':<32}{'cold p50':>10}{'CPU':>8}{'warm p50':>10}{'p95':>8}{'CPU':>8}   (ms)")
        stock = stock_netmiko(targets[0], expect_string=None)
        print_row("netmiko", stock, options.cold, min(options.warm, 50))
        stock = stock_netmiko(targets[0], expect_string=r"sw1[#>]\s*$")
        print_row("netmiko, expect_string=prompt", stock, options.cold, min(options.warm, 50))
        print_row("naas driver netmiko", ours(NetmikoDriver, targets[0]), options.cold, options.warm)
        print_row("naas driver scrapli", ours(ScrapliDriver, targets[0]), options.cold, options.warm)
        warm_burst(targets, commands_each=20)
    if options.many:
        with simulated(options.many, options.platform) as targets:
            cold_burst(targets, options.threads)


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


def ours(driver_class: Callable[[], DeviceDriver], target: DeviceTarget) -> Callable[[], Session]:
    def connect() -> Session:
        driver = driver_class()
        return Session(lambda: run(driver, target), driver.close)

    return connect


def run(driver: DeviceDriver, target: DeviceTarget) -> None:
    output = driver.send_commands(target, CommandRun([COMMAND]), Patience(read_timeout=10, conn_timeout=30))
    assert len(output.results[COMMAND]) > 100


def print_row(name: str, connect: Callable[[], Session], cold: int, warm: int) -> None:
    def once() -> None:
        session = connect()
        session.run()
        session.close()

    once()  # imports and caches are not what is measured
    cold_times, cold_cpu = timed(once, cold)
    session = connect()
    session.run()
    warm_times, warm_cpu = timed(session.run, warm)
    session.close()
    p95 = statistics.quantiles(warm_times, n=20)[-1]
    print(
        f"{name:<32}{statistics.median(cold_times):>10.2f}{cold_cpu:>8.2f}"
        f"{statistics.median(warm_times):>10.2f}{p95:>8.2f}{warm_cpu:>8.2f}"
    )


def timed(action: Callable[[], object], count: int) -> tuple[list[float], float]:
    """The milliseconds of each call, and of processor time on average."""
    times: list[float] = []
    cpu = time.process_time()
    for _ in range(count):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return times, (time.process_time() - cpu) / count * 1000


def warm_burst(targets: list[DeviceTarget], *, commands_each: int) -> None:
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


def cold_burst(targets: list[DeviceTarget], thread_count: int) -> None:
    """Many devices, one command each, none of them connected before; then nothing for a while."""
    count = len(targets)
    driver = NetmikoDriver(DriverOptions(connection_pool_max_size=count))
    with ThreadPoolExecutor(thread_count) as threads:
        started, cpu = time.perf_counter(), time.process_time()
        list(threads.map(lambda target: run(driver, target), targets))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(
        f"\n{count} devices, cold, {thread_count} threads: {seconds:.1f} s ({cpu / count * 1000:.1f} ms CPU each), "
        f"{driver.pool_stats.opened} logins"
    )
    cpu = time.process_time()
    time.sleep(IDLE_SECONDS)
    idle = (time.process_time() - cpu) / IDLE_SECONDS
    print(f"{driver.pool_stats.idle} idle sessions: {idle * 100:.1f} % of a processor")
    driver.close()


if __name__ == "__main__":
    main()
