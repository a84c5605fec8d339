"""What the standard library's transports do by themselves: addresses, tunnels, uploads, and which connections are kept."""

from __future__ import annotations

import array
import asyncio
import gc
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from clientsmith.core.errors import (
    DeadlineExceededError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    TransportError,
    UsageError,
)
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.transport import AsyncStdlibTransport, StdlibTransport
from clientsmith.core.transport.stdlib import protocols
from clientsmith.core.transport.stdlib.addresses import in_turns
from clientsmith.core.transport.stdlib.sockets import Connection, Pool

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MIB = 1024 * 1024


@pytest.fixture(params=[StdlibTransport, AsyncStdlibTransport], ids=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The two transports of the standard library."""
    kind: Callable[..., Any] = request.param
    return kind


@pytest.fixture
def listen() -> Iterator[Callable[..., str]]:
    """Starts servers that do what a function does with each connection, and returns their URLs."""
    listeners: list[socket.socket] = []

    def start(serve: Callable[[socket.socket], object]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def one(connection: socket.socket) -> None:
            with closing(connection), suppress(OSError):
                serve(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def receive_head(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65536)
        if not data:
            break
        received += data
    return received


# --- uploads ---------------------------------------------------------------------------------------------------------


def endless() -> Iterator[bytes]:
    """A body that does not end by itself, as of a camera."""
    while True:
        yield b"x" * 65536


@pytest.mark.parametrize(
    "content",
    [pytest.param(lambda: b"x" * 30 * MIB, id="bytes"), pytest.param(endless, id="an endless iterable")],
)
def test_refusal_ends_an_upload(wire: Any, listen: Any, content: Callable[[], Any]) -> None:
    """The service says 413 and reads no more: its answer comes back at once, and not a broken pipe or a timeout."""
    over = threading.Event()

    def refuse(connection: socket.socket) -> None:
        receive_head(connection)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\n\r\ntoo long")
        over.wait(5.0)

    begin = time.monotonic()
    response = wire.send("POST", listen(refuse), content=content(), timeout=5.0)
    assert (response.status_code, response.content) == (413, b"too long")
    assert time.monotonic() - begin < 2.0
    over.set()


def test_service_that_answers_and_closes_before_the_upload_ends_is_heard(wire: Any, listen: Any) -> None:
    """Writing fails, reading still finds why."""

    def refuse(connection: socket.socket) -> None:
        receive_head(connection)
        connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):  # read for a while, so that the answer is not lost to a reset
            for _ in range(20):
                connection.recv(65536)

    assert wire.send("POST", listen(refuse), content=b"x" * 20 * MIB, timeout=10.0).status_code == 401


def test_interim_answers_do_not_end_an_upload(wire: Any, listen: Any) -> None:
    """100 asks for the rest, and gets it."""
    sizes: list[int] = []

    def ask(connection: socket.socket) -> None:
        received = receive_head(connection)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = len(received.partition(b"\r\n\r\n")[2])
        while length < 5 * MIB:
            length += len(connection.recv(65536))
        sizes.append(length)
        connection.sendall(OK)

    assert wire.send("POST", listen(ask), content=b"x" * 5 * MIB, timeout=10.0).content == b"ok"
    assert sizes == [5 * MIB]


def test_service_that_takes_nothing_is_given_up(wire: Any, listen: Any) -> None:
    """`read_timeout` asks for progress in either direction."""
    over = threading.Event()

    def sleep(connection: socket.socket) -> None:
        over.wait(5.0)

    begin = time.monotonic()
    with pytest.raises(TransportError, match=r"0\.3 s") as caught:
        wire.send("POST", listen(sleep), content=b"x" * 30 * MIB, read_timeout=0.3, timeout=30.0)
    assert time.monotonic() - begin < 2.0
    assert not caught.value.is_unsent
    over.set()


def test_slow_caller_is_not_a_silent_service(wire: Any, serve: Any) -> None:
    """`read_timeout` does not count while we wait for the next piece of the body."""

    def slow() -> Iterator[bytes]:
        for _ in range(2):
            time.sleep(0.3)
            yield b"x"

    async def slow_async() -> AsyncIterator[bytes]:
        for _ in range(2):
            await asyncio.sleep(0.3)
            yield b"x"

    content = slow_async() if wire.is_async else slow()
    assert wire.send("POST", serve([OK]).url, content=content, read_timeout=0.15).content == b"ok"


def test_pieces_that_are_no_bytes_keep_their_size(wire: Any, serve: Any) -> None:
    """The length of a view counts items: taken for bytes, the rest would be read as another request."""
    server = serve([OK])
    numbers = array.array("I", [1, 2, 3])
    wire.send("POST", server.url, content=iter([memoryview(numbers), bytearray(b"end")]))
    assert server.requests[0].body == numbers.tobytes() + b"end"


# --- which connections are kept --------------------------------------------------------------------------------------


def test_server_may_say_how_long_it_keeps_a_connection(wire: Any, serve: Any) -> None:
    """A second is no time to come back in; a minute is."""
    server = serve(
        [b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n", OK],
        [b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60, max=9\r\nContent-Length: 0\r\n\r\n", OK],
    )
    for _ in range(3):
        wire.get(server.url)
    assert [received.connection for received in server.requests] == [1, 2, 2]


@pytest.mark.parametrize("pause", [0.0, 0.05], ids=["at once", "later"])
def test_answer_that_nobody_asked_for_reaches_nobody(wire: Any, serve: Any, pause: float) -> None:
    """It would be taken for the answer to the next request; some servers send 408 before they close."""
    server = serve([[OK, pause, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 5.0]], [OK])
    assert wire.get(server.url).content == b"ok"
    wire.pause(0.1)
    assert wire.get(server.url).content == b"ok"
    assert len(server.connections) == 2


def test_request_may_ask_for_the_end(wire: Any, serve: Any) -> None:
    """`Connection: close` holds, whatever the server says."""
    server = serve([OK, OK], [OK])
    wire.get(server.url, headers={"Connection": "close"})
    wire.get(server.url)
    assert len(server.connections) == 2


def test_given_up_body_that_has_come_in_whole_keeps_its_connection(wire: Any, serve: Any) -> None:
    """Nothing is left on the wire that could be taken for another answer."""
    server = serve([b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, OK])
    response = wire.get(server.url, stream=True)
    wire.pause()
    wire.chunks(response, 10, most=1)
    response.abandon()
    wire.get(server.url)
    assert len(server.connections) == 1


def test_forgotten_response_gives_its_connection_up(make: Any, serve: Any, clean_environment: object) -> None:
    """Nobody closed it; an event loop would hold its connection for ever, and with it a turn."""
    server = serve([[b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nbegin", 5.0]], [OK])

    def stream() -> HttpRequest:
        request = HttpRequest("GET", server.url)
        request.call = Call({}, stream=True)
        return request

    async def use() -> bytes:
        transport = AsyncStdlibTransport(max_connections=1)
        await transport.send(stream())
        gc.collect()
        response = await asyncio.wait_for(transport.send(HttpRequest("GET", server.url)), 3.0)
        await transport.close()
        return response.content

    if make is AsyncStdlibTransport:
        assert asyncio.run(use()) == b"ok"
        return
    transport = StdlibTransport()
    transport.send(stream())
    gc.collect()
    assert transport.send(HttpRequest("GET", server.url)).content == b"ok"
    transport.close()


def test_pool_keeps_so_many_and_gives_the_last_one_first() -> None:
    """The others may idle away; one too many is closed, the oldest."""
    pool = Pool(None, 2)  # type: ignore[arg-type]  # where they lead to is of no interest here
    pairs = [socket.socketpair() for _ in range(3)]
    connections = [Connection(ours) for ours, _ in pairs]
    for connection in connections:
        pool.give(connection, 60.0)
    assert pairs[0][1].recv(1) == b"", "it was closed"
    assert [pool.take(), pool.take(), pool.take()] == [connections[2], connections[1], None]
    pool.give(connections[1], 0.0)
    assert pairs[1][1].recv(1) == b""
    pool.close()
    pool.give(connections[2], 60.0)
    assert pairs[2][1].recv(1) == b"", "given back to a closed pool"
    for _, theirs in pairs:
        theirs.close()


# --- turns -----------------------------------------------------------------------------------------------------------


def call(url: str, seconds: float | None = None) -> HttpRequest:
    request = HttpRequest("GET", url)
    request.call = Call({"timeout": seconds}, deadline=None if seconds is None else time.monotonic() + seconds)
    return request


def test_waiting_for_a_turn_ends_with_the_deadline(serve: Any, clean_environment: object) -> None:
    """And whoever gave up, or was cancelled, takes no turn from those behind."""
    server = serve([[0.5, OK], OK])

    async def main() -> None:
        transport = AsyncStdlibTransport(max_connections=1)
        first = asyncio.create_task(transport.send(call(server.url)))
        await asyncio.sleep(0.1)
        cancelled = asyncio.create_task(transport.send(call(server.url)))
        begin = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            await transport.send(call(server.url, 0.1))
        assert time.monotonic() - begin < 0.3
        cancelled.cancel()
        last = asyncio.create_task(transport.send(call(server.url)))
        assert (await first).content == b"ok"
        assert (await asyncio.wait_for(last, 2.0)).content == b"ok"
        await transport.close()

    asyncio.run(main())
    assert len(server.connections) == 1


def test_turn_of_who_is_cancelled_as_it_comes_goes_to_the_next(serve: Any, clean_environment: object) -> None:
    """The narrow place where turns get lost."""
    server = serve([[0.2, OK], OK])

    async def main() -> None:
        transport = AsyncStdlibTransport(max_connections=1)
        first = asyncio.create_task(transport.send(call(server.url)))
        await asyncio.sleep(0.05)
        second, third = (asyncio.create_task(transport.send(call(server.url))) for _ in range(2))
        await asyncio.sleep(0)
        first.add_done_callback(lambda _: second.cancel())  # its turn has come in the same round
        await first
        assert (await asyncio.wait_for(third, 2.0)).content == b"ok"
        await transport.close()

    asyncio.run(main())


def test_who_is_cancelled_is_left_out_of_the_queue(serve: Any, clean_environment: object) -> None:
    """Also when the turn comes between the cancellation and the moment that the task hears of it."""
    server = serve([[0.3, OK], OK])

    async def main() -> None:
        transport = AsyncStdlibTransport(max_connections=1)
        first = asyncio.create_task(transport.send(call(server.url)))
        await asyncio.sleep(0.05)
        second, third = (asyncio.create_task(transport.send(call(server.url))) for _ in range(2))
        await asyncio.sleep(0)
        (opened,) = transport._opened.values()
        second.cancel()
        opened._next_turn()  # too early for the third: it goes on waiting, and keeps its place
        with pytest.raises(asyncio.CancelledError):
            await second
        assert (await first).content == (await asyncio.wait_for(third, 2.0)).content == b"ok"
        await transport.close()

    asyncio.run(main())


def test_idle_connection_elsewhere_makes_room(serve: Any, clean_environment: object) -> None:
    """The limit is for all origins together, so one must not starve another by idling."""
    servers = [serve([OK, OK], [OK]) for _ in range(3)]

    async def main() -> None:
        transport = AsyncStdlibTransport(max_connections=2)
        for server in (*servers, servers[0]):
            await asyncio.wait_for(transport.send(call(server.url)), 2.0)
        await transport.close()

    asyncio.run(main())
    assert [len(server.connections) for server in servers] == [2, 1, 1]


def test_slow_reader_holds_the_sender_back(serve: Any, clean_environment: object) -> None:
    """Nobody collects in memory what nobody reads."""
    size = 30 * MIB
    server = serve([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size])

    async def main() -> int:
        transport = AsyncStdlibTransport()
        request = HttpRequest("GET", server.url)
        request.call = Call({}, stream=True)
        response: Any = await transport.send(request)
        await response.read_some(1000)
        await asyncio.sleep(0.2)
        (opened,) = transport._opened.values()
        (connection,) = opened._open
        assert len(connection._received) < protocols._HIGH_WATER + 2 * protocols._RECEIVE
        total = 1000
        async for piece in response.iter_bytes():
            total += len(piece)
        await transport.close()
        return total

    assert asyncio.run(main()) == size


def test_async_iterable_that_waits_does_not_keep_an_answer_back(listen: Any, clean_environment: object) -> None:
    """The answer may come before the body has an end, and is read meanwhile."""

    def answer(connection: socket.socket) -> None:
        receive_head(connection)
        connection.sendall(OK)
        connection.recv(65536)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.sleep(60)

    async def main() -> bytes:
        transport = AsyncStdlibTransport()
        request = HttpRequest("POST", listen(answer), content=pieces())
        response = await asyncio.wait_for(transport.send(request), 3.0)
        await transport.close()
        return response.content

    assert asyncio.run(main()) == b"ok"


# --- names and addresses ---------------------------------------------------------------------------------------------


def address(port: int, host: str = "127.0.0.1") -> tuple[Any, ...]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (host, port, 0, 0) if ":" in host else (host, port))


@pytest.fixture
def resolves_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes every name one of these addresses."""

    def resolve(*addresses: tuple[Any, ...]) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **keywords: list(addresses))

    return resolve


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that answers no handshake: its queue is full and nobody accepts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield int(listener.getsockname()[1])
        for filler in fillers:
            filler.close()


def test_address_that_does_not_answer_costs_a_quarter_of_a_second(
    wire: Any, serve: Any, silent_port: int, resolves_to: Any
) -> None:
    """The next one is tried beside it (RFC 8305), long before `connect_timeout`."""
    server = serve([OK])
    resolves_to(address(silent_port), address(server.port))
    begin = time.monotonic()
    assert wire.get("http://two.test", connect_timeout=10.0).content == b"ok"
    assert 0.2 < time.monotonic() - begin < 1.0


def test_address_that_refuses_costs_nothing(wire: Any, serve: Any, resolves_to: Any) -> None:
    """`localhost` is two addresses, and many servers listen on one of them."""
    server = serve([OK])
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    resolves_to(address(port), address(port, "::1"), address(server.port))
    begin = time.monotonic()
    assert wire.get("http://three.test").content == b"ok"
    assert time.monotonic() - begin < 0.2


def test_no_address_that_answers_is_a_timeout(wire: Any, silent_port: int, resolves_to: Any) -> None:
    """`connect_timeout` is for all of them together."""
    resolves_to(*[address(silent_port)] * 3)
    begin = time.monotonic()
    with pytest.raises(ServiceRequestTimeoutError, match=r"within 0\.6 s"):
        wire.get("http://three.test", connect_timeout=0.6)
    assert 0.5 < time.monotonic() - begin < 1.2


def test_families_take_turns() -> None:
    """The system's favourite first (RFC 8305, section 4)."""
    six, four = [address(n, "::1") for n in (1, 2, 3)], [address(n) for n in (4, 5)]
    assert in_turns([*six, *four]) == [six[0], four[0], six[1], four[1], six[2]]


@pytest.mark.parametrize("host", ["exa mple", "a..b", "a" * 64, "x\x7fy", "<x>"], ids=repr)
def test_name_that_is_none_is_a_usage_error(wire: Any, host: str) -> None:
    """It would stand in a line of the request."""
    with pytest.raises(UsageError, match=r"no name of a host|cannot be used"):
        wire.get(f"http://{host}/x")


# --- proxies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "407 Proxy Auth", id="407"),
        pytest.param(b"HTTP/1.1 200 Connected\r\n\r\nHTTP/1.1 200 OK", "something of its own", id="more than asked for"),
        pytest.param(b"SOCKS only\r\n\r\n", "status line is", id="no HTTP"),
        pytest.param(b"", "before its first byte", id="nothing"),
    ],
)  # fmt: skip
def test_proxy_that_opens_no_tunnel(
    wires: Any, listen: Any, clean_environment: pytest.MonkeyPatch, answer: bytes, message: str
) -> None:
    """The request is unsent, and the message says what the proxy did."""

    def refuse(connection: socket.socket) -> None:
        receive_head(connection)
        connection.sendall(answer)

    clean_environment.setenv("HTTPS_PROXY", listen(refuse))
    with pytest.raises(ServiceRequestError, match=f"through the proxy .*{message}") as caught:
        wires().get("https://service.test/x", timeout=5.0)
    assert caught.value.is_unsent


def test_proxy_that_says_nothing(wires: Any, listen: Any, clean_environment: pytest.MonkeyPatch) -> None:
    """`connect_timeout` covers its answer."""
    clean_environment.setenv("HTTPS_PROXY", listen(lambda connection: connection.recv(65536) and connection.recv(1)))
    with pytest.raises(ServiceRequestTimeoutError, match=r"within 0\.3 s"):
        wires().get("https://service.test/x", connect_timeout=0.3)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "https"])
def test_other_kinds_of_proxies_are_refused(
    make: Any, wires: Any, clean_environment: pytest.MonkeyPatch, scheme: str
) -> None:
    """With the name of a transport that can, and without the password."""
    url = f"{scheme}://me:secret@127.0.0.1:1080"
    with pytest.raises(UsageError, match=rf"speaks {scheme} .*RequestsTransport") as caught:
        make(proxy=url)
    assert "secret" not in str(caught.value)
    clean_environment.setenv("ALL_PROXY", url)
    with pytest.raises(UsageError, match="RequestsTransport"):
        wires().get("http://service.test/x")


def test_connect_is_for_proxies(wire: Any) -> None:
    """It would make a tunnel of a connection that others share."""
    with pytest.raises(UsageError, match="`proxy`"):
        wire.send("CONNECT", "http://localhost:1/x")
