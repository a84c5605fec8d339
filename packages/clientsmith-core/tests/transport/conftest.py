"""One face over the transports of both colours, and servers that play what a test wrote down.

Each connection plays a script of exchanges: bytes are sent, a number is a pause in seconds, `CLOSE` ends the connection
in order, `RESET` with a TCP reset. A connection whose script is over is ended.
"""

from __future__ import annotations

import asyncio
import inspect
import ssl
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from clientsmith.core.rest import Call, HttpRequest, HttpResponse
from clientsmith.core.transport import (
    AioHttpTransport,
    AsyncHttpxTransport,
    AsyncStdlibTransport,
    HttpxTransport,
    RequestsTransport,
    StdlibTransport,
)

SERVER: Any = sys.modules["clientsmith_tests_server"]  # `tests/faults/server.py`, loaded by the conftest above
CLOSE, RESET = SERVER.CLOSE, SERVER.RESET
Step = bytes | float | str
Exchange = bytes | Sequence[Step]


class Server(SERVER.Server):
    """Plays one script a connection: before each exchange it reads a request, and with the last it ends."""

    def __init__(self, *scripts: Sequence[Exchange], tls: ssl.SSLContext | None = None) -> None:
        super().__init__(*map(steps_of, scripts), tls=tls)


def steps_of(script: Sequence[Exchange]) -> list[Step]:
    """Return the steps of a script of exchanges."""
    steps: list[Step] = []
    for exchange in script:
        steps += [SERVER.READ, *([exchange] if isinstance(exchange, bytes) else exchange)]
        if CLOSE in steps:
            break
    return [*steps, SERVER.DROP]


# --- one face over both colours --------------------------------------------------------------------------------------


class Wire:
    """A transport of either colour, used from plain functions.

    Attributes:
        make: Makes another transport of this colour.
        transport: The transport itself.
    """

    def __init__(self, make: Callable[..., Any], **arguments: Any) -> None:
        self.make = make
        self.transport = make(**arguments)
        self._runner = asyncio.Runner() if inspect.iscoroutinefunction(self.transport.send) else None

    @property
    def is_async(self) -> bool:
        return self._runner is not None

    def run(self, value: Any) -> Any:
        """Return the value, awaited if it is to be."""
        if self._runner is None:
            return value

        async def wait() -> Any:
            return await value

        return self._runner.run(wait())

    def send(
        self,
        method: str,
        url: str,
        *,
        timeout: float | None = None,
        stream: bool = False,
        as_stored: bool = False,
        headers: dict[str, str] | None = None,
        content: Any = None,
        **settings: Any,
    ) -> HttpResponse:
        """Send one request as a call of its own; ``timeout`` is its deadline in seconds."""
        request = HttpRequest(method, url, headers=headers, content=content)
        deadline = None if timeout is None else self.transport.monotonic() + timeout
        request.call = Call({"timeout": timeout, **settings}, deadline=deadline, stream=stream)
        request.call.attempts, request.call.as_stored = 1, as_stored
        return self.run(self.transport.send(request))

    def get(self, url: str, **options: Any) -> HttpResponse:
        """Send a GET."""
        return self.send("GET", url, **options)

    def read(self, response: Any) -> bytes:
        """Read a streamed response to its end."""
        return self.run(response.read())

    def chunks(self, response: Any, size: int = 65536, most: int = 1_000_000) -> list[bytes]:
        """Return up to ``most`` pieces of a streamed body."""
        if self._runner is None:
            return [chunk for _, chunk in zip(range(most), response.iter_bytes(size), strict=False)]

        async def collect() -> list[bytes]:
            found: list[bytes] = []
            async for chunk in response.iter_bytes(size):
                found.append(chunk)
                if len(found) == most:
                    break
            return found

        return self._runner.run(collect())

    def pause(self, seconds: float = 0.03) -> None:
        """Let what is under way arrive."""
        self.run(self.transport.sleep(seconds))

    def close(self) -> None:
        """Close the transport."""
        self.run(self.transport.close())

    def end(self) -> None:
        """Close the transport and the event loop."""
        self.close()
        if self._runner is not None:
            self._runner.close()


TRANSPORTS = {
    "requests": RequestsTransport,
    "aiohttp": AioHttpTransport,
    "stdlib": StdlibTransport,
    "stdlib-async": AsyncStdlibTransport,
    "httpx": HttpxTransport,
    "httpx-async": AsyncHttpxTransport,
}
SYNC = {name: kind for name, kind in TRANSPORTS.items() if not inspect.iscoroutinefunction(kind.send)}
ASYNC = {name: kind for name, kind in TRANSPORTS.items() if name not in SYNC}


@pytest.fixture(params=TRANSPORTS)
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The transports that have to keep the contract."""
    return TRANSPORTS[request.param]


@pytest.fixture(params=SYNC)
def sync_kind(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The sync transports."""
    return SYNC[request.param]


@pytest.fixture(params=ASYNC)
def async_kind(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The async transports."""
    return ASYNC[request.param]


@pytest.fixture
def wires(make: Callable[..., Any], clean_environment: pytest.MonkeyPatch) -> Iterator[Callable[..., Wire]]:
    """Opens wires with arguments of their own."""
    opened: list[Wire] = []

    def open_wire(**arguments: Any) -> Wire:
        opened.append(Wire(make, **arguments))
        return opened[-1]

    yield open_wire
    for wire in opened:
        wire.end()


@pytest.fixture
def wire(wires: Callable[..., Wire]) -> Wire:
    """A wire with the arguments by default."""
    return wires()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers, each with one script a connection."""
    started: list[Server] = []

    def start(*scripts: Sequence[Exchange], tls: ssl.SSLContext | None = None) -> Server:
        started.append(Server(*scripts, tls=tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


# --- the contract runs over plain connections and over TLS ------------------------------------------------------------


@dataclass
class Road:
    """A wire and the servers at its other end, both plain or both TLS."""

    wire: Wire
    start: Callable[..., Server]

    def to(self, *scripts: Sequence[Exchange]) -> Server:
        """Start a server with one script a connection."""
        return self.start(*scripts)


@pytest.fixture(params=["plain", "tls"])
def road(
    request: pytest.FixtureRequest,
    wires: Callable[..., Wire],
    serve: Callable[..., Server],
    authority: Any,
) -> Road:
    """A transport and its servers, plain and over TLS."""
    if request.param == "plain":
        return Road(wires(), serve)
    context = authority.context()
    return Road(wires(verify=str(authority.ca)), lambda *scripts: serve(*scripts, tls=context))
