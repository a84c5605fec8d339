"""Threads, forks, event loops, cancellation, and what must not be kept between calls."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import TransportError
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.transport.requests import connection as urllib3_connections
from clientsmith.core.transport.stdlib import exchange as http1_exchange

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_cookies_are_not_kept(road: Any) -> None:
    """A client that is shared must not carry one caller's session to another."""
    server = road.to([b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n", OK])
    assert road.wire.get(server.url).headers["Set-Cookie"].startswith("session=1")
    road.wire.get(server.url)
    assert "cookie" not in server.requests[1].headers


def test_netrc_is_not_read(wires: Any, serve: Any, tmp_path: Path, clean_environment: pytest.MonkeyPatch) -> None:
    """requests would replace the token by what stands there; we neither replace nor add."""
    (tmp_path / ".netrc").write_text("machine localhost login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    clean_environment.setenv("HOME", str(tmp_path))
    clean_environment.setenv("NETRC", str(tmp_path / ".netrc"))
    server = serve([OK, OK])
    wire = wires()
    wire.get(server.url, headers={"Authorization": "Bearer token"})
    wire.get(server.url)
    assert server.requests[0].headers["authorization"] == "Bearer token"
    assert "authorization" not in server.requests[1].headers


def test_eight_threads_share_a_transport(sync_kind: Any, serve: Any, clean_environment: object) -> None:
    """Every thread gets its own answers, and no more connections are opened than there are threads."""

    def echo(number: int) -> bytes:
        body = b"%06d" % number
        return b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + body

    server = serve(*[[echo(connection)] * 1000 for connection in range(40)])
    transport = sync_kind(max_connections=8)

    def work(number: int) -> set[bytes]:
        return {transport.send(HttpRequest("GET", f"{server.url}/{number}")).content for _ in range(50)}

    with ThreadPoolExecutor(8) as threads:
        answers = set().union(*threads.map(work, range(8)))
    transport.close()
    assert len(server.connections) <= 8
    assert len(server.requests) == 400
    assert answers <= {b"%06d" % n for n in range(8)}


def test_hundred_tasks_share_a_transport(async_kind: Any, serve: Any, clean_environment: object) -> None:
    """Tasks beyond `max_connections` wait for their turn."""
    server = serve([[0.002, OK]] * 200)

    async def main() -> None:
        transport = async_kind(max_connections=5)
        responses = await asyncio.gather(*(transport.send(HttpRequest("GET", server.url)) for _ in range(100)))
        assert {response.content for response in responses} == {b"ok"}
        await transport.close()

    asyncio.run(main())
    assert len(server.connections) == 5


def test_idle_connection_is_not_used_after_a_minute(
    sync_kind: Any, serve: Any, clean_environment: pytest.MonkeyPatch
) -> None:
    """Beyond that it is likelier dead than alive."""
    server = serve([OK, OK], [OK])
    transport = sync_kind()
    for module in (urllib3_connections, http1_exchange):
        clean_environment.setattr(module, "KEEP_ALIVE_SECONDS", 0.01)
    transport.send(HttpRequest("GET", server.url))
    time.sleep(0.02)
    transport.send(HttpRequest("GET", server.url))
    transport.close()
    assert len(server.connections) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_forked_child_opens_its_own_connection(sync_kind: Any, serve: Any, clean_environment: object) -> None:
    """Parent and child on one connection would read each other's answers."""
    server = serve([OK, OK], [OK])
    transport = sync_kind()
    transport.send(HttpRequest("GET", server.url + "/parent"))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if transport.send(HttpRequest("GET", server.url + "/child")).content == b"ok" else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert transport.send(HttpRequest("GET", server.url + "/parent")).content == b"ok"
    transport.close()
    used = {(received.target, received.connection) for received in server.requests}
    assert used == {("/parent", 1), ("/child", 2)}


def test_each_event_loop_gets_its_own_connections(async_kind: Any, serve: Any, clean_environment: object) -> None:
    """A client may outlive a loop: no "Event loop is closed", no warning, nothing left behind."""
    server = serve([OK] * 3)
    transport = async_kind()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            response = asyncio.run(transport.send(HttpRequest("GET", server.url)))
            assert response.content == b"ok"
        assert len(transport._opened) == 1, "those of closed loops are forgotten"
        asyncio.run(transport.close())
        gc.collect()
    assert len(server.connections) == 3
    assert not [str(w.message) for w in told if "client session" in str(w.message) or "never awaited" in str(w.message)]


def test_loops_in_two_threads_at_once(async_kind: Any, serve: Any, clean_environment: object) -> None:
    """One transport, two loops, neither disturbs the other; closing in one closes both."""
    server = serve(*[[[0.001, OK]] * 100] * 2)
    transport = async_kind()
    together = threading.Barrier(2, timeout=5)

    async def twenty(closes: bool) -> None:
        together.wait()
        for _ in range(20):
            assert (await transport.send(HttpRequest("GET", server.url))).content == b"ok"
        await asyncio.to_thread(together.wait)
        if closes:
            await transport.close()
        await asyncio.to_thread(together.wait)
        await asyncio.sleep(0)  # what the other loop asked this one to close

    with ThreadPoolExecutor(2) as threads:
        for future in [threads.submit(asyncio.run, twenty(closes)) for closes in (True, False)]:
            future.result(10)
    assert len(server.connections) == 2
    assert transport._opened == {}


def test_closing_under_a_request_does_not_call_it_unsent(
    async_kind: Any, serve: Any, clean_environment: object
) -> None:
    """It was us who closed; the service may well have seen it, so a POST must not be sent again."""
    server = serve([OK, [5.0]])

    async def main() -> TransportError:
        transport = async_kind()
        await transport.send(HttpRequest("GET", server.url))
        task = asyncio.create_task(transport.send(HttpRequest("POST", server.url)))
        await asyncio.sleep(0.1)
        await transport.close()
        with pytest.raises(TransportError) as caught:
            await task
        return caught.value

    assert not asyncio.run(main()).is_unsent


def test_cancelled_send_closes_its_connection(async_kind: Any, serve: Any, clean_environment: object) -> None:
    """Its answer would else be the next request's."""
    server = serve([[0.5, OK]], [OK])

    async def main() -> bytes:
        transport = async_kind()
        task = asyncio.create_task(transport.send(HttpRequest("GET", server.url)))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        response = await transport.send(HttpRequest("GET", server.url))
        await transport.close()
        return response.content

    assert asyncio.run(main()) == b"ok"
    assert len(server.connections) == 2


def test_callers_own_timeout_is_not_taken_for_the_deadline(
    async_kind: Any, serve: Any, clean_environment: object
) -> None:
    """`asyncio.timeout` around a call cancels it, and comes out as the caller's TimeoutError."""
    server = serve([[5.0]])

    async def main() -> None:
        transport = async_kind()
        request = HttpRequest("GET", server.url)
        request.call = Call({}, deadline=transport.monotonic() + 30)
        try:
            async with asyncio.timeout(0.1):
                await transport.send(request)
        finally:
            await transport.close()

    with pytest.raises(TimeoutError) as caught:
        asyncio.run(main())
    assert type(caught.value) is TimeoutError


def test_interrupted_send_leaves_no_half_read_connection(sync_kind: Any, serve: Any, clean_environment: object) -> None:
    """An exception out of nowhere, as Ctrl-C is, closes the connection."""

    def parts() -> Iterator[bytes]:
        yield b"x"
        raise KeyboardInterrupt

    server = serve([OK], [OK])
    transport = sync_kind()
    with pytest.raises(KeyboardInterrupt):
        transport.send(HttpRequest("POST", server.url, content=parts()))
    assert transport.send(HttpRequest("GET", server.url)).content == b"ok"
    transport.close()
    assert len(server.connections) == 2


def test_many_origins_do_not_pile_up(wire: Any, serve: Any) -> None:
    """Redirects may lead anywhere; only so many places are remembered."""
    servers = [serve([OK]) for _ in range(40)]
    for server in servers:
        assert wire.get(server.url).content == b"ok"
    (opened,) = wire.transport._opened.values()
    assert len(opened.origins) <= 32
