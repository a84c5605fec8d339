"""What the httpx transports do by themselves: which library, what it sees of a request, its pool, late readers."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from clientsmith.core.errors import (
    DeadlineExceededError,
    ServiceRequestError,
    ServiceResponseError,
    TransportError,
    UsageError,
)
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.streaming.responses import NothingYetError
from clientsmith.core.transport import AsyncHttpxTransport, HttpxTransport
from clientsmith.core.transport.httpx.exchange import HttpxExchange
from clientsmith.core.transport.httpx.library import Library, library_named
from clientsmith.core.transport.stdlib.route import Route

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha"

pytestmark = pytest.mark.usefixtures("clean_environment")


@pytest.fixture(params=[HttpxTransport, AsyncHttpxTransport], ids=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The two transports."""
    kind: Callable[..., Any] = request.param
    return kind


@pytest.fixture(params=["httpx2", "httpx"])
def library(request: pytest.FixtureRequest) -> Library:
    """The two libraries."""
    pytest.importorskip(request.param)
    return library_named(request.param)


# --- which library ---------------------------------------------------------------------------------------------------


def test_both_libraries_do(wires: Any, serve: Any, library: Library) -> None:
    """The one that is named is the one that sends."""
    server = serve([OK, OK], [OK])
    wire = wires(library=library.name)
    assert [wire.get(server.url).content for _ in range(2)] == [b"ok", b"ok"]
    assert len(server.connections) == 1
    assert wire.transport._library is library


def test_httpx2_is_the_first_choice(make: Callable[..., Any]) -> None:
    """It is the one that is maintained."""
    assert make()._library.name == "httpx2"


def test_other_libraries_are_refused(make: Callable[..., Any]) -> None:
    """Before anything of that name is imported."""
    with pytest.raises(UsageError, match=r"library='os' is no httpx; it is one of httpx2, httpx"):
        make(library="os")


WITHOUT = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name in {missing}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Nowhere())
from clientsmith.core.transport import HttpxTransport
try:
    print(HttpxTransport()._library.name)
except ModuleNotFoundError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        pytest.param(["httpx2"], "httpx", id="httpx alone"),
        pytest.param(
            ["httpx2", "httpx"], "neither httpx2 nor httpx is installed; install clientsmith-core[httpx]", id="none"
        ),
        pytest.param(["httpcore2"], "No module named 'httpcore2'", id="a broken httpx2"),
    ],
)
def test_what_is_not_installed(missing: list[str], said: str) -> None:
    """A broken installation is an error, not a choice."""
    program = WITHOUT.format(missing=missing)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == said


# --- what httpx sees -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/a%2fb/../c?q=a|b&r=%zz", id="what httpx would write in another way"),
        pytest.param("/" + "x" * 70_000, id="longer than httpx allows"),
    ],
)
def test_url_is_sent_as_it_is_and_httpx_hears_of_it(wires: Any, serve: Any, library: Library, path: str) -> None:
    """Mocks and tracing look at httpx's request; what is sent does not hang on how httpx spells it."""
    server = serve([OK])
    wire = wires(library=library.name)
    wire.send("get", server.url + path, headers={"X-CaSe": "ä"})
    assert server.requests[0].target == path
    assert ("X-CaSe", "ä".encode().decode("latin-1")) in server.requests[0].fields


def test_who_patches_httpx_sees_every_request(wires: Any, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """So mocks for httpx answer for us as well; the answer is httpx's own kind of response."""
    http, seen = library.http, []

    def respond(_transport: Any, request: Any) -> Any:
        seen.append((request.method, str(request.url)))
        return http.Response(201, headers={"X-Mocked": "yes"}, content=b"mocked")

    async def respond_async(transport: Any, request: Any) -> Any:
        return respond(transport, request)

    monkeypatch.setattr(http.HTTPTransport, "handle_request", respond)
    monkeypatch.setattr(http.AsyncHTTPTransport, "handle_async_request", respond_async)
    response = wires(library=library.name).get("https://service.test/dogs/1?a=b")
    assert (response.status_code, response.content, response.headers["x-mocked"]) == (201, b"mocked", "yes")
    assert seen == [("GET", "https://service.test/dogs/1?a=b")]


# --- errors ----------------------------------------------------------------------------------------------------------


def errors_of(library: Library) -> list[type[Exception]]:
    """Return what httpx raises when it sends, leaving out what only its client does."""
    kinds = [kind for _, kind in inspect.getmembers(library.http, inspect.isclass) if issubclass(kind, Exception)]
    return [kind for kind in kinds if issubclass(kind, library.http.TransportError)]


def test_every_error_of_httpx_is_mapped(library: Library) -> None:
    """Nothing of theirs comes out, and nothing of it says what stands in the query."""
    route = Route("service.test", 443, None, "", "", "service.test", None, None, "service.test:443", False)
    for kind in errors_of(library):
        request = HttpRequest("GET", "https://service.test/x?token=secret")
        mapped = HttpxExchange(request, route, "/x?token=secret", library).failed(kind("why"))
        assert isinstance(mapped, TransportError | UsageError), kind
        assert "service.test" in str(mapped)
        assert "secret" not in str(mapped)


@pytest.mark.parametrize("value", [" padded ", "\ttab\t"])
def test_white_space_around_a_value_means_nothing(wire: Any, serve: Any, value: str) -> None:
    """RFC 9110, section 5.5; h11 would refuse it."""
    if not wire.make.__name__.endswith("HttpxTransport"):
        pytest.skip("the others send it")
    server = serve([OK])
    assert wire.send("GET", server.url, headers={"X-Padded": value}).status_code == 200
    assert server.requests[0].headers["x-padded"] == value.strip()


def test_closed_before_the_first_byte_is_told_apart_by_reuse(wires: Any, serve: Any, library: Library) -> None:
    """On a new connection nobody knows; on a reused one the request went into the void."""
    server = serve([OK, ["close"]], [["close"]])
    wire = wires(library=library.name)
    wire.get(server.url)
    for is_unsent in (True, False):
        with pytest.raises(ServiceResponseError) as caught:
            wire.send("POST", server.url, content=b"x")
        assert caught.value.is_unsent is is_unsent


# --- proxies ---------------------------------------------------------------------------------------------------------


def test_plain_requests_are_forwarded_by_the_proxy(wires: Any, serve: Any) -> None:
    """With name and password for the proxy."""
    proxy = serve([OK])
    wires(proxy=f"http://me:s%3Acret@localhost:{proxy.port}").get("http://service.test/x?y")
    received = proxy.requests[0]
    assert received.target == "http://service.test/x?y"
    assert received.headers["proxy-authorization"] == "Basic bWU6czpjcmV0"
    assert received.headers["host"] == "service.test"


def test_refused_tunnel_is_an_error_of_the_proxy(wires: Any, serve: Any) -> None:
    """Nothing was sent to the service."""
    proxy = serve([b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"])
    with pytest.raises(ServiceRequestError, match=r"through the proxy .*407") as caught:
        wires(proxy=f"http://me:secret@localhost:{proxy.port}").get("https://service.test/x")
    assert caught.value.is_unsent
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["https", "socks5"])
def test_proxies_of_other_kinds_are_refused(make: Callable[..., Any], scheme: str) -> None:
    """By the constructor."""
    with pytest.raises(UsageError, match=rf"a proxy that speaks {scheme} takes more than the standard library"):
        make(proxy=f"{scheme}://me:secret@localhost:1")


# --- connections -----------------------------------------------------------------------------------------------------


def test_task_in_the_queue_keeps_to_its_deadline(serve: Any, library: Library) -> None:
    """And is told that it was connections that there were too few of."""
    server = serve([[1.0, OK]])

    async def main() -> None:
        transport = AsyncHttpxTransport(max_connections=1, library=library.name)
        first = asyncio.create_task(transport.send(HttpRequest("GET", server.url)))
        await asyncio.sleep(0.05)
        second = HttpRequest("GET", server.url)
        second.call = Call({"timeout": 0.1}, deadline=time.monotonic() + 0.1)
        with pytest.raises(DeadlineExceededError, match=r"0\.1 s ran out before one of the 1 connections .*max_conn"):
            await transport.send(second)
        assert (await first).content == b"ok"
        await transport.close()

    asyncio.run(main())
    assert len(server.connections) == 1


def test_cancelled_tasks_use_up_no_connection(serve: Any, library: Library) -> None:
    """Wherever a task is cancelled, the only connection that there may be is there for the next one."""
    server = serve(*[[OK] * 100] * 100)

    async def main() -> None:
        transport = AsyncHttpxTransport(max_connections=1, library=library.name)
        for rounds in range(40):
            calls = [asyncio.create_task(transport.send(HttpRequest("GET", server.url))) for _ in range(3)]
            for _ in range(rounds):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.wait(calls)
            async with asyncio.timeout(2.0):
                assert (await transport.send(HttpRequest("GET", server.url))).content == b"ok"
        await transport.close()

    asyncio.run(main())


def test_upload_that_is_refused_stops(wires: Any, library: Library) -> None:
    """The answer comes out although the service reads no further, and the connection ends."""
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        connection, _ = listener.accept()
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        time.sleep(0.5)  # and reads nothing more
        connection.close()

    threading.Thread(target=refuse, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/upload"
    response = wires(library=library.name).send("PUT", url, content=bytes(64 * 1024 * 1024), timeout=5.0)
    listener.close()
    assert (response.status_code, response.content) == (413, b"big")


def test_answer_to_a_streamed_upload_can_be_streamed(wires: Any, serve: Any, library: Library) -> None:
    """The answer began to come while pieces were still going out."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"piece"
            await asyncio.sleep(0.01)

    server = serve([[HALF, 0.05, b"lf"], OK])
    wire = wires(library=library.name)
    content = pieces() if wire.is_async else iter([b"piece"] * 3)
    response = wire.send("PUT", server.url, content=content, stream=True)
    assert wire.read(response) == b"half"
    assert server.requests[0].body == b"piece" * 3
    assert wire.get(server.url).content == b"ok"
    assert len(server.connections) == 1


# --- late readers ----------------------------------------------------------------------------------------------------


def test_reader_that_gave_up_can_read_on(wires: Any, serve: Any, library: Library) -> None:
    """Nothing is lost in between, and the connection serves another request."""
    chunks = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", 0.3, b"2\r\ncd\r\n0\r\n\r\n"]
    server = serve([chunks, OK])
    wire = wires(library=library.name)
    response = wire.get(server.url, stream=True)
    read, call = response.body.read, response.request.call
    assert wire.run(read(100)) == b"ab"
    call.read_until = wire.transport.monotonic() + 0.05
    with pytest.raises(NothingYetError):
        wire.run(read(100))
    call.read_until = None
    assert [wire.run(read(100)), wire.run(read(100))] == [b"cd", b""]
    assert wire.get(server.url).content == b"ok"
    assert len(server.connections) == 1


def test_forgotten_response_frees_its_place(wires: Any, serve: Any, library: Library) -> None:
    """Nobody has closed the stream: its connection ends, and the next call has one."""
    import gc

    server = serve([[HALF, 5.0]], [OK])
    wire = wires(max_connections=1, library=library.name)
    response = wire.get(server.url, stream=True)
    del response
    gc.collect()
    assert wire.get(server.url, timeout=2.0).content == b"ok"
