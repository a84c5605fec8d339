"""What a call costs: CPU time of a GET of 1 KB JSON, parsed, over a kept-alive connection on loopback.

Ours is what a generated client does, through the whole default pipeline with a key, a deadline and retries. Each
library runs in a process of its own, rounds are interleaved, and every figure is the median of the ratios inside the
rounds, so that the machine and its mood cancel out. The server's CPU is not counted: it is another process.

    python benchmarks/runtime/call_cost.py [--rounds 15] [--calls 300] [--only sync,async,pipeline] [--format json]

Peers are pinned in `requirements.txt` here; one that is not installed is reported as such. Exit code 1 if a budget is
exceeded: sync 1.25 x urllib3, async 1.35 x aiohttp, the pipeline alone 15 µs over `json.loads`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]

# --- the contenders: each returns one call ---------------------------------------------------------------------------


def operation() -> Any:
    """Return the operation as a generator would write it."""
    from clientsmith.core.operations import Operation, path
    from clientsmith.core.serialization import as_codec

    return Operation(
        "GET", "/devices/{device_id}", parameters={"device_id": path("device_id")}, responses={200: as_codec(None)}
    )


def client_arguments() -> dict[str, Any]:
    """Return what a generated client hands to its base: a key, a version, a name."""
    from clientsmith.core.credentials import KeyCredential, KeyInHeader
    from clientsmith.core.policies.api_version import ApiVersion

    return {
        "credential": KeyCredential("secret"),
        "authentication": (KeyInHeader("api-key"),),
        "api_version": ApiVersion("1.0.0"),
        "package": "bench-client/1.0.0",
    }


def ours(url: str) -> Call:
    from clientsmith.core.client import ServiceClient

    client, get = ServiceClient(url, **client_arguments()), operation()
    return lambda: client._call(get, {"device_id": "17"}, options={})


def ours_scripted(url: str) -> Call:
    """The pipeline with a transport that has its answer ready."""
    from clientsmith.core.client import ServiceClient
    from clientsmith.core.rest import HttpRequest, HttpResponse
    from clientsmith.core.testing import ScriptedTransport

    fields = {"Content-Type": "application/json"}

    class Ready(ScriptedTransport):
        def send(self, request: HttpRequest, /) -> HttpResponse:
            return HttpResponse(request, 200, fields, BODY)

    client, get = ServiceClient(url, transport=Ready(), **client_arguments()), operation()
    return lambda: client._call(get, {"device_id": "17"}, options={})


def parsing_alone(_url: str) -> Call:
    return lambda: json.loads(BODY)


def urllib3_pool(url: str) -> Call:
    import urllib3

    pool, target = urllib3.PoolManager(), f"{url}/devices/17"

    def call() -> object:
        response = pool.request("GET", target)
        assert response.status == 200
        return json.loads(response.data)

    return call


def requests_session(url: str) -> Call:
    import requests

    session, target = requests.Session(), f"{url}/devices/17"

    def call() -> object:
        response = session.get(target)
        response.raise_for_status()
        return response.json()

    return call


def httpx_client(url: str) -> Call:
    import httpx

    client, target = httpx.Client(), f"{url}/devices/17"

    def call() -> object:
        return client.get(target).raise_for_status().json()

    return call


def azure_configuration(*, is_async: bool) -> Any:
    """The policies that generated Azure clients have."""
    from azure.core.configuration import Configuration
    from azure.core.credentials import AzureKeyCredential
    from azure.core.pipeline import policies

    chosen = Configuration()
    chosen.user_agent_policy = policies.UserAgentPolicy(sdk_moniker="bench/1.0.0")
    chosen.headers_policy = policies.HeadersPolicy()
    chosen.proxy_policy = policies.ProxyPolicy()
    chosen.logging_policy = policies.NetworkTraceLoggingPolicy()
    chosen.http_logging_policy = policies.HttpLoggingPolicy()
    chosen.custom_hook_policy = policies.CustomHookPolicy()
    chosen.redirect_policy = policies.AsyncRedirectPolicy() if is_async else policies.RedirectPolicy()
    chosen.retry_policy = policies.AsyncRetryPolicy() if is_async else policies.RetryPolicy()
    chosen.authentication_policy = policies.AzureKeyCredentialPolicy(AzureKeyCredential("secret"), "api-key")
    return chosen


def azure_core(url: str) -> Call:
    from azure.core import PipelineClient
    from azure.core.pipeline.transport import RequestsTransport
    from azure.core.rest import HttpRequest

    client = PipelineClient(url, config=azure_configuration(is_async=False), transport=RequestsTransport())

    def call() -> object:
        response = client.send_request(HttpRequest("GET", f"{url}/devices/17", headers={"Accept": "application/json"}))
        response.raise_for_status()
        return response.json()

    return call


async def ours_async(url: str) -> AsyncCall:
    from clientsmith.core.aio import ServiceClient

    client, get = ServiceClient(url, **client_arguments()), operation()
    return lambda: client._call(get, {"device_id": "17"}, options={})


async def aiohttp_session(url: str) -> AsyncCall:
    import aiohttp

    session, target = aiohttp.ClientSession(), f"{url}/devices/17"

    async def call() -> object:
        async with session.get(target) as response:
            assert response.status == 200
            return json.loads(await response.read())

    return call


async def azure_core_async(url: str) -> AsyncCall:
    from azure.core import AsyncPipelineClient
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.core.rest import HttpRequest

    client: Any = AsyncPipelineClient(url, config=azure_configuration(is_async=True), transport=AioHttpTransport())

    async def call() -> object:
        response = await client.send_request(
            HttpRequest("GET", f"{url}/devices/17", headers={"Accept": "application/json"})
        )
        response.raise_for_status()
        return response.json()

    return call


@dataclass(frozen=True)
class Group:
    """Contenders that are compared with each other; the first one is what the others are measured by."""

    contenders: dict[str, Callable[[str], Any]]
    is_async: bool = False
    ratio_budget: float | None = None


GROUPS = {
    "sync": Group(
        {
            "urllib3": urllib3_pool,
            "clientsmith": ours,
            "httpx": httpx_client,
            "requests": requests_session,
            "azure-core": azure_core,
        },
        ratio_budget=1.25,
    ),
    "async": Group(
        {"aiohttp": aiohttp_session, "clientsmith": ours_async, "azure-core": azure_core_async},
        is_async=True,
        ratio_budget=1.35,
    ),
    "pipeline": Group({"json.loads": parsing_alone, "clientsmith": ours_scripted}),
}
PIPELINE_BUDGET_MICROSECONDS = 15.0

# --- one process a library -------------------------------------------------------------------------------------------


class Server(asyncio.Protocol):
    """Answers every request with the same bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            self.received = self.received.partition(b"\r\n\r\n")[2]
            self.transport.write(HEADER + BODY)  # type: ignore[attr-defined]  # it is one for writing


async def run_server() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until our parent closes it or ends


def answer_rounds(call: Call) -> None:
    """Measure a round for each number that comes in: CPU and wall time of a call in microseconds."""
    for line in sys.stdin:
        calls = int(line)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(calls):
            call()
        report(time.process_time() - cpu, time.perf_counter() - wall, calls)


async def answer_rounds_async(make: Callable[[str], Awaitable[AsyncCall]], url: str) -> None:
    call = await make(url)
    await call()
    print("ready", flush=True)
    for line in sys.stdin:
        calls = int(line)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(calls):
            await call()
        report(time.process_time() - cpu, time.perf_counter() - wall, calls)


def report(cpu: float, wall: float, calls: int) -> None:
    print(json.dumps([cpu / calls * 1e6, wall / calls * 1e6]), flush=True)


def work(group: str, name: str, url: str) -> None:
    make = GROUPS[group].contenders[name]
    try:
        if GROUPS[group].is_async:
            logging.disable()  # nobody closes a session here, and asyncio would complain at the end
            asyncio.run(answer_rounds_async(make, url))
            return
        call = make(url)
        call()
    except ImportError as error:
        print(f"not installed ({error.name})", flush=True)
        return
    print("ready", flush=True)
    answer_rounds(call)


class Process:
    """A child that answers a line with a line."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, str(Path(__file__).resolve()), *arguments]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.greeting = self.line()

    def line(self) -> str:
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip() or "it failed, see above"

    def ask(self, calls: int) -> tuple[float, float]:
        assert self._child.stdin is not None
        self._child.stdin.write(f"{calls}\n")
        self._child.stdin.flush()
        cpu, wall = json.loads(self.line())
        return cpu, wall

    def end(self) -> None:
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()


# --- measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What one contender costs; microseconds a call."""

    group: str
    name: str
    cpu: float
    wall: float
    ratio: float
    note: str = ""


def measure(group: str, url: str, rounds: int, calls: int) -> list[Row]:
    processes = {name: Process("--worker", group, name, url) for name in GROUPS[group].contenders}
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
    base = found.get(next(iter(processes)))
    rows = []
    for name, values in found.items():
        ratio = statistics.median(v[0] / b[0] for v, b in zip(values, base, strict=True)) if base else float("nan")
        rows.append(
            Row(group, name, statistics.median(v[0] for v in values), statistics.median(v[1] for v in values), ratio)
        )
    return rows + [Row(group, name, 0.0, 0.0, 0.0, note) for name, note in absent.items()]


def exceeded(rows: list[Row]) -> list[str]:
    over = []
    for row in rows:
        budget = GROUPS[row.group].ratio_budget
        if row.name == "clientsmith" and budget is not None and row.ratio > budget:
            over.append(f"{row.group} call: {row.ratio:.2f} x, budget {budget} x")
    pipeline = {row.name: row.cpu for row in rows if row.group == "pipeline"}
    if pipeline:
        own = pipeline["clientsmith"] - pipeline["json.loads"]
        if own > PIPELINE_BUDGET_MICROSECONDS:
            over.append(f"pipeline: {own:.1f} µs, budget {PIPELINE_BUDGET_MICROSECONDS:g} µs")
    return over


def show(rows: list[Row], rounds: int, calls: int) -> None:
    print(
        f"GET of {len(BODY)} bytes of JSON, parsed; {rounds} rounds of {calls} calls, Python {sys.version.split()[0]}"
    )
    for group, contenders in GROUPS.items():
        own = [row for row in rows if row.group == group]
        if not own:
            continue
        print(f"\n{group:14}{'CPU µs':>9}{'wall µs':>9}{'CPU x ' + next(iter(contenders.contenders)):>18}")
        for row in own:
            figures = f"{row.cpu:9.0f}{row.wall:9.0f}{row.ratio:18.2f}" if not row.note else f"  {row.note}"
            print(f"{row.name:14}{figures}")


def stay_on_one_core() -> None:
    """Keep this process and its children, the server too, on one core.

    A client that waits on one core for a server on another pays for being woken up, which costs as much as half a call;
    left alone, the system puts one library's process beside the server and the next one's on the same core, and the
    ratio measures that (aiohttp alone: 82 or 130 µs).
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare what a call costs in HTTP clients.")
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default 15)")
    parser.add_argument("--calls", type=int, default=300, help="calls in a round (default 300)")
    parser.add_argument("--only", default=",".join(GROUPS), help=f"groups to measure (default {','.join(GROUPS)})")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--worker", nargs=3, metavar=("GROUP", "NAME", "URL"), help=argparse.SUPPRESS)
    parser.add_argument("--server", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.server:
        asyncio.run(run_server())
        return 0
    if arguments.worker:
        work(*arguments.worker)
        return 0
    stay_on_one_core()
    server = Process("--server")
    try:
        url = f"http://127.0.0.1:{server.greeting}"
        rows = [
            row for group in arguments.only.split(",") for row in measure(group, url, arguments.rounds, arguments.calls)
        ]
    finally:
        server.end()
    over = exceeded(rows)
    if arguments.format == "json":
        print(json.dumps({"rows": [asdict(row) for row in rows], "exceeded": over}))
    else:
        show(rows, arguments.rounds, arguments.calls)
    for line in over:
        print(f"over budget: {line}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
