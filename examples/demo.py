"""The whole road, on loopback: devices, the service, a client made from its live description, and real work.

    make demo

Starts three simulated devices of two platforms and the service, generates the client afresh from the document that the
running service serves, compares it with the committed one, runs commands and configuration with the sync and the async
client, pages through the jobs, and shows how a device failure arrives. Everything stops at the end, whatever happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clientsmith.core import BasicCredential
from naas_client import DeviceAuthenticationError, NaasClient
from naas_client.aio import NaasClient as AsyncNaasClient
from naas_client.models import JobResult

ROOT = Path(__file__).resolve().parent.parent
COMMITTED_CLIENT = ROOT / "packages" / "naas-client"
PLATFORMS = ("cisco_ios", "arista_eos", "cisco_ios")
LOGIN = BasicCredential("admin", "demo-password")
START_SECONDS = 30.0  # a cold import on a busy machine takes a few; beyond this something is wrong
JOB_SECONDS = 60.0


@dataclass(frozen=True)
class Device:
    """A simulated device and where it listens."""

    name: str
    platform: str
    host: str
    port: int


class StepFailed(Exception):
    """A step of the demo did not do what it promises."""


# --- telling ---------------------------------------------------------------------------------------------------------


class Steps:
    """Prints each step with the time it took, and says which one failed and why."""

    def __init__(self) -> None:
        self.number = 0
        self.started = time.perf_counter()

    @contextlib.contextmanager
    def step(self, what: str) -> Generator[list[str]]:
        """Run one step; lines appended to what it yields are printed below it."""
        self.number += 1
        began, lines = time.perf_counter(), list[str]()
        try:
            yield lines
        except Exception as error:
            print(f"{self.number:2}. FAILED  {what}", file=sys.stderr)
            raise StepFailed(f"step {self.number}, {what}: {error}") from error
        print(f"{self.number:2}. {time.perf_counter() - began:6.2f} s  {what}")
        for line in lines:
            print(f"              {line}")

    def seconds(self) -> float:
        """Return how long the demo has been running."""
        return time.perf_counter() - self.started


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return the lines of a table, columns as wide as they need to be."""
    texts = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


# --- processes -------------------------------------------------------------------------------------------------------


class Server:
    """A `naas-server` command that runs until the block ends."""

    def __init__(self, *arguments: str) -> None:
        command = [str(Path(sys.executable).with_name("naas-server")), *arguments]
        self._said: queue.Queue[str | None] = queue.Queue()
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the server, in __exit__
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._complaints, text=True)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line.rstrip("\n"))
        self._said.put(None)

    def lines_until(self, last: Callable[[str], bool]) -> list[str]:
        """Return what it prints up to the line that `last` accepts."""
        lines: list[str] = []
        until = time.monotonic() + START_SECONDS
        while not lines or not last(lines[-1]):
            try:
                line = self._said.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise StepFailed(f"not ready after {START_SECONDS:g} s; it said: {self._told()}") from None
            if line is None:
                raise StepFailed(f"it ended with code {self._process.wait()} and said: {self._told()}")
            lines.append(line)
        return lines

    def _told(self) -> str:
        self._complaints.seek(0)
        return self._complaints.read().strip()[-2000:] or "nothing"

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()


def devices_of(lines: Sequence[str]) -> list[Device]:
    """Return the devices that `naas-server simulate --format json` listed."""
    listed = json.loads("\n".join(lines[:-1]))
    return [Device(d["name"], d["platform"], d["host"], d["port"]) for d in listed]


# --- the road --------------------------------------------------------------------------------------------------------


def generated_client_matches(document: str, folder: Path) -> int:
    """Generate the client from the live document into a copy of the committed one's hand-written files, and compare.

    Returns:
        The number of generated files, all with the committed bytes.
    """
    package = Path("src") / "naas_client"
    for own in ("_patch.py", "aio/_patch.py", "_version.py"):
        target = folder / package / own
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(COMMITTED_CLIENT / package / own, target)
    command = [sys.executable, "-m", "clientsmith.cli.main", "generate", document, "-o", str(folder)]
    command += ["--layout", "module", "--config", str(COMMITTED_CLIENT / "clientsmith.toml")]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise StepFailed(f"`clientsmith generate` ended with {finished.returncode}: {finished.stderr.strip()}")
    manifest = json.loads((folder / package / "clientsmith.manifest.json").read_text(encoding="utf-8"))
    names = sorted(manifest["files"])
    different = [n for n in names if (folder / n).read_bytes() != (COMMITTED_CLIENT / n).read_bytes()]
    if different:
        raise StepFailed(
            f"the service's document makes another client than the committed one: {', '.join(different)}; "
            "run `make client` and commit what it writes"
        )
    return len(names)


def first_line(result: JobResult) -> str:
    """Return the first line of the first output that is not blank, cut to fit a table."""
    text = next(iter((result.results or {}).values()), "")
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:64]


def run_sync(client: NaasClient, devices: Sequence[Device]) -> list[list[str]]:
    """Run `show version` and a configuration change on every device, all at the same time, with the sync client."""
    secret = LOGIN.password
    shows = [
        client.begin_send_command(
            host=d.host, port=d.port, platform=d.platform, commands=["show version"], enable=secret
        )
        for d in devices
    ]
    changes = [
        client.begin_send_config(
            host=d.host,
            port=d.port,
            platform=d.platform,
            config=[f"hostname {d.name}-new"],
            save_config=True,
            enable=secret,
        )
        for d in devices
    ]
    rows: list[list[str]] = []
    for device, show, change in zip(devices, shows, changes, strict=True):
        seen = show.result(timeout=JOB_SECONDS)
        done = change.result(timeout=JOB_SECONDS)
        rows.append([device.name, device.platform, first_line(seen), str(done["status"])])
    return rows


async def run_async(client: AsyncNaasClient, devices: Sequence[Device]) -> list[list[str]]:
    """Read back with the async client what the sync one configured."""

    async def one(device: Device) -> list[str]:
        poller = await client.begin_send_command(
            host=device.host,
            port=device.port,
            platform=device.platform,
            commands=["show running-config | include hostname"],
            enable=LOGIN.password,
        )
        result = await poller.result(timeout=JOB_SECONDS)
        line = first_line(result)
        if f"{device.name}-new" not in line:
            raise StepFailed(f"{device.name} should be called {device.name}-new now and says {line!r}")
        return [device.name, device.platform, line]

    return list(await asyncio.gather(*(one(device) for device in devices)))


def list_all_jobs(client: NaasClient, expected: int) -> list[str]:
    """Page through the jobs and return a line a page."""
    lines: list[str] = []
    total = 0
    for number, page in enumerate(client.list_jobs(results_per_page=4).by_page(), start=1):
        states = Counter(str(job["status"]) for job in page)
        total += len(page)
        lines.append(f"page {number}: {len(page)} jobs, " + ", ".join(f"{n} {state}" for state, n in states.items()))
    if total != expected:
        raise StepFailed(f"{expected} jobs were submitted, the list has {total}")
    return lines


def fail_to_log_in(endpoint: str, device: Device) -> str:
    """Submit a job with a wrong password and return the error that arrives."""
    with NaasClient(endpoint, BasicCredential(LOGIN.username, "wrong")) as client:
        poller = client.begin_send_command(
            host=device.host, port=device.port, platform=device.platform, commands=["show version"]
        )
        try:
            poller.result(timeout=JOB_SECONDS)
        except DeviceAuthenticationError as error:
            return f"{type(error).__name__}: {error}"
    raise StepFailed("a wrong password was accepted")


def main() -> int:
    """Walk the road; the exit code is 0 only if every step did what it promises."""
    steps = Steps()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clientsmith-demo-")))
        with steps.step("start three simulated devices of two platforms") as lines:
            platforms = [argument for platform in PLATFORMS for argument in ("--platform", platform)]
            logins = ["--username", LOGIN.username, "--password", LOGIN.password, "--enable", LOGIN.password]
            farm = stack.enter_context(
                Server("simulate", "--devices", str(len(PLATFORMS)), *platforms, *logins, "--format", "json")
            )
            devices = devices_of(farm.lines_until(lambda line: line == "ready"))
            lines += table(
                ["device", "platform", "address"], [[d.name, d.platform, f"{d.host}:{d.port}"] for d in devices]
            )

        with steps.step("start the service, everything embedded in one process") as lines:
            database = str(folder / "naas.db")
            service = stack.enter_context(Server("serve", "--port", "0", "--database", database))
            endpoint = service.lines_until(lambda line: " listening on " in line)[-1].rpartition(" ")[2]
            lines.append(endpoint)

        with steps.step("generate the client from the live document, compare it with the committed one") as lines:
            count = generated_client_matches(f"{endpoint}/apidoc/openapi.json", folder / "client")
            lines.append(f"{count} generated files, the same bytes")

        with NaasClient(endpoint, LOGIN) as client:
            with steps.step("sync client: `show version` and a configuration change on all devices") as lines:
                lines += table(["device", "platform", "show version", "configuration"], run_sync(client, devices))

            with steps.step("async client: read the change back from all devices at once") as lines:
                lines += table(
                    ["device", "platform", "running-config"], asyncio.run(with_async_client(endpoint, devices))
                )

            with steps.step("list the jobs page by page") as lines:
                lines += list_all_jobs(client, expected=3 * len(devices))

        with steps.step("a wrong password arrives as a typed error") as lines:
            lines.append(fail_to_log_in(endpoint, devices[0]))

        with steps.step("stop everything"):
            stack.close()
    print(f"\ndone in {steps.seconds():.1f} s")
    return 0


async def with_async_client(endpoint: str, devices: Sequence[Device]) -> list[list[str]]:
    """Run the async part with a client of its own."""
    async with AsyncNaasClient(endpoint, LOGIN) as client:
        return await run_async(client, devices)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StepFailed as failure:
        sys.exit(f"the demo failed at {failure}")
