"""How the benchmarks of the runtime measure: processes, interleaved rounds, ratios inside a round.

Each contender runs in a process of its own and answers a line (how many calls) with a line (what they cost). Rounds go
round all of them, every figure is the median of the ratios inside the rounds, so that the machine and its mood cancel
out. The server is another process still: its CPU is not counted.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

# 1 KB of JSON, as an API gives it.
BODY = json.dumps(
    {
        "id": "7f0c2c4e-0000-4000-8000-000000000000",
        "name": "rack-17-switch-04",
        "tags": ["edge", "berlin", "managed"],
        "owner": {"id": "u1", "email": "u1@example.com", "admin": False},
        "ports": [{"name": f"Gi1/0/{n}", "up": n % 3 > 0, "speed": 1000, "vlan": 100 + n} for n in range(14)],
        "created": "2026-11-21T08:00:00Z",
    }
).encode()
HEADER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\nServer: bench\r\n"
    b'X-Request-ID: 7f0c2c4e-0000-4000-8000-000000000000\r\nETag: "abc123"\r\nContent-Length: %d\r\n\r\n' % len(BODY)
)

MEBIBYTE = 1024 * 1024
DOWNLOAD = 64 * MEBIBYTE

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Target:
    """Where to send requests, and the certificate to trust there, "" for plain http."""

    url: str
    ca: str = ""

    def context(self) -> ssl.SSLContext | None:
        """Return what trusts it, None for plain http."""
        return ssl.create_default_context(cafile=self.ca) if self.ca else None


Style = Literal["sync", "async", "threads", "tasks"]


@dataclass(frozen=True)
class Group:
    """Contenders that are compared with each other; the first one is what the others are measured by.

    ``budgets`` are the ratios of CPU that must not be exceeded, ``floors`` those of throughput that must be reached.
    ``together`` is how many threads or tasks call at the same time.
    """

    contenders: Mapping[str, Callable[[Target], Any]]
    style: Style = "sync"
    together: int = 1
    budgets: Mapping[str, float] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The contender that the others are measured by."""
        return next(iter(self.contenders))


@dataclass(frozen=True)
class Row:
    """What one contender costs: microseconds a call, and ratios to the first contender of its group."""

    group: str
    name: str
    cpu: float = 0.0
    wall: float = 0.0
    cpu_ratio: float = 0.0
    wall_ratio: float = 0.0
    note: str = ""


# --- servers ---------------------------------------------------------------------------------------------------------


class SmallAnswers(asyncio.Protocol):
    """Answers every request with the same JSON."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            self.received = self.received.partition(b"\r\n\r\n")[2]
            self.transport.write(HEADER + BODY)


class BigAnswers(asyncio.Protocol):
    """Answers every request with 64 MiB, as fast as they are taken."""

    BLOCK = b"x" * MEBIBYTE

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(0)  # `resume_writing` comes when all is out
        self.received = b""
        self.left = 0

    def data_received(self, data: bytes) -> None:
        self.received += data
        if b"\r\n\r\n" in self.received:
            self.received = b""
            self.left = DOWNLOAD // MEBIBYTE
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % DOWNLOAD)
            self.resume_writing()

    def resume_writing(self) -> None:
        while self.left and not self.transport.is_closing():
            self.left -= 1
            self.transport.write(self.BLOCK)
            if self.transport.get_write_buffer_size() > 0:
                return  # asked again when that is out

    def pause_writing(self) -> None:
        """Nothing: `resume_writing` writes one block at a time."""


SERVERS = {"small": SmallAnswers, "big": BigAnswers}


async def _serve(kind: str, certificate: str) -> None:
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(SERVERS[kind], "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until our parent closes it or ends


@contextmanager
def server(kind: str, *, tls: bool = False) -> Iterator[Target]:
    """Run a server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        certificate = _certificate(Path(folder)) if tls else ""
        process = Process(__file__, kind, certificate)
        try:
            scheme = "https" if tls else "http"
            yield Target(f"{scheme}://localhost:{process.greeting}", certificate)
        finally:
            process.end()


def _certificate(folder: Path) -> str:
    """Return a file with a certificate for localhost and its key, made by the openssl command."""
    both = folder / "localhost.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"), "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return str(both)


# --- one process a contender -----------------------------------------------------------------------------------------


class Process:
    """A child that answers a line with a line."""

    def __init__(self, *command: str) -> None:
        arguments = [sys.executable, *command]
        self._child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.greeting = self.line()

    def line(self) -> str:
        """Return the next line that it prints."""
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip() or "it failed, see above"

    def ask(self, calls: int) -> tuple[float, float]:
        """Return CPU and wall time of a call in microseconds."""
        assert self._child.stdin is not None
        self._child.stdin.write(f"{calls}\n")
        self._child.stdin.flush()
        cpu, wall = json.loads(self.line())
        return cpu, wall

    def end(self) -> None:
        """Let it end by itself, or end it."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()


def work(group: Group, name: str, target: Target) -> None:
    """Be the child: make the contender, then measure a round for each number that comes in."""
    try:
        if group.style in ("async", "tasks"):
            logging.disable()  # nobody closes a session here, and asyncio would complain at the end
            asyncio.run(_answer_rounds_async(group, name, target))
            return
        call = group.contenders[name](target)
        call()
    except ImportError as error:
        if (error.name or "").startswith("clientsmith"):
            raise
        print(f"not installed ({error.name})", flush=True)
        return
    print("ready", flush=True)
    _answer_rounds(call, group.together)


def _answer_rounds(call: Call, together: int) -> None:
    def repeat(times: int) -> None:
        for _ in range(times):
            call()

    with ThreadPoolExecutor(together) as threads:
        for line in sys.stdin:
            calls = int(line)
            cpu, wall = time.process_time(), time.perf_counter()
            if together == 1:
                repeat(calls)
            else:
                list(threads.map(repeat, [calls // together] * together))
            _report(time.process_time() - cpu, time.perf_counter() - wall, calls)


async def _answer_rounds_async(group: Group, name: str, target: Target) -> None:
    call = await group.contenders[name](target)
    await call()
    print("ready", flush=True)

    async def repeat(times: int) -> None:
        for _ in range(times):
            await call()

    for line in sys.stdin:
        calls = int(line)
        cpu, wall = time.process_time(), time.perf_counter()
        if group.together == 1:
            await repeat(calls)
        else:
            await asyncio.gather(*[repeat(calls // group.together) for _ in range(group.together)])
        _report(time.process_time() - cpu, time.perf_counter() - wall, calls)


def _report(cpu: float, wall: float, calls: int) -> None:
    print(json.dumps([cpu / calls * 1e6, wall / calls * 1e6]), flush=True)


# --- measuring -------------------------------------------------------------------------------------------------------


def measure(script: str, key: str, group: Group, target: Target, rounds: int, calls: int) -> list[Row]:
    """Measure a group of a script, whose ``--worker`` is the child."""
    processes = {name: Process(script, "--worker", key, name, target.url, target.ca) for name in group.contenders}
    try:
        absent = {name: process.greeting for name, process in processes.items() if process.greeting != "ready"}
        running = {name: process for name, process in processes.items() if name not in absent}
        for process in running.values():
            process.ask(calls)  # warm
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in running}
        for _ in range(rounds):
            for name, process in running.items():
                found[name].append(process.ask(calls))
    finally:
        for process in processes.values():
            process.end()
    rows = [_row(key, name, values, found.get(group.base, values)) for name, values in found.items()]
    return rows + [Row(key, name, note=note) for name, note in absent.items()]


def _row(key: str, name: str, values: list[tuple[float, float]], base: list[tuple[float, float]]) -> Row:
    cpu_ratio, wall_ratio = (
        statistics.median(value[which] / other[which] for value, other in zip(values, base, strict=True))
        for which in (0, 1)
    )
    cpu, wall = (statistics.median(value[which] for value in values) for which in (0, 1))
    return Row(key, name, cpu, wall, cpu_ratio, wall_ratio)


def exceeded(groups: Mapping[str, Group], rows: Sequence[Row]) -> list[str]:
    """Return what is over its budget, or below its floor, in words."""
    over = []
    for row in rows:
        if row.note:
            continue
        group = groups[row.group]
        budget, floor = group.budgets.get(row.name), group.floors.get(row.name)
        if budget is not None and row.cpu_ratio > budget:
            over.append(f"{row.group}, {row.name}: {row.cpu_ratio:.2f} x the CPU of {group.base}, budget {budget:g} x")
        if floor is not None and 1 / row.wall_ratio < floor:
            over.append(
                f"{row.group}, {row.name}: {1 / row.wall_ratio:.2f} x as fast as {group.base}, floor {floor:g} x"
            )
    return over


def report(rows: Sequence[Row], over: Sequence[str], text: str, output: str) -> int:
    """Print the table or JSON, and what is over budget; return the exit code."""
    if output == "json":
        print(json.dumps({"rows": [asdict(row) for row in rows], "exceeded": list(over)}))
    else:
        print(text)
    for line in over:
        print(f"over budget: {line}", file=sys.stderr)
    return 1 if over else 0


def cpu_table(groups: Mapping[str, Group], rows: Sequence[Row]) -> str:
    """Return CPU and wall time of a call, group by group."""
    lines = []
    for key, group in groups.items():
        own = [row for row in rows if row.group == key]
        if own:
            lines += ["", f"{key:22}{'CPU µs':>9}{'wall µs':>9}{'CPU x ' + group.base:>18}"]
        for row in own:
            figures = f"{row.cpu:9.0f}{row.wall:9.0f}{row.cpu_ratio:18.2f}" if not row.note else f"  {row.note}"
            lines.append(f"{row.name:22}{figures}")
    return "\n".join(lines)


def stay_on_one_core() -> None:
    """Keep this process and its children, the server too, on one core.

    A client that waits on one core for a server on another pays for being woken up, which costs as much as half a call;
    left alone, the system puts one library's process beside the server and the next one's on the same core, and the
    ratio measures that (aiohttp alone: 82 or 130 µs).
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2]))
