"""How clients end that nobody closes: by the garbage collector, and with the interpreter. Quietly."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import textwrap
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.rest import HttpRequest

READ = "read"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

pytestmark = pytest.mark.usefixtures("no_leaks", "clean_environment")


# --- the garbage collector -------------------------------------------------------------------------------------------


def test_forgotten_client_closes_its_connections(
    serve: Any, endlessly: Callable[..., Any], sync_transport: type[Any]
) -> None:
    """A program that makes a client for each job does not collect sockets, and is not told off for it."""
    server = serve(endlessly([READ, OK]))
    known = []
    for _ in range(5):
        client = ServiceClient(server.url, transport=sync_transport())
        assert client.send_request(HttpRequest("GET", "/x")).content == b"ok"
        known.append(weakref.ref(client))
        del client
        gc.collect()
        assert known[-1]() is None
        assert server.all_ended()
    assert len(server.connections) == 5


def test_forgotten_async_client_closes_its_connections(
    serve: Any, endlessly: Callable[..., Any], async_transport: type[Any]
) -> None:
    """Also while its event loop goes on."""
    server = serve(endlessly([READ, OK]))

    async def main() -> None:
        for _ in range(5):
            client = aio.ServiceClient(server.url, transport=async_transport())
            assert (await client.send_request(HttpRequest("GET", "/x"))).content == b"ok"
            known = weakref.ref(client)
            del client
            gc.collect()
            assert known() is None
            for _ in range(5):
                await asyncio.sleep(0)  # what the collector asked the loop to do
            assert await asyncio.to_thread(server.all_ended)

    asyncio.run(main())
    assert len(server.connections) == 5


def test_forgotten_streamed_response_does_not_keep_its_connection(serve: Any, sync_transport: type[Any]) -> None:
    """Not in the pool, for the rest of the body is on it."""
    server = serve([READ, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf!"], [READ, OK])
    client = ServiceClient(server.url, transport=(transport := sync_transport()))
    response = client.send_request(HttpRequest("GET", "/x"), stream=True)
    assert response.status_code == 200
    del response
    gc.collect()
    assert server.all_ended()
    assert client.send_request(HttpRequest("GET", "/x")).content == b"ok"
    transport.close()


# --- the interpreter -------------------------------------------------------------------------------------------------

HEAD = """
import asyncio, sys, threading, time
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.rest import HttpRequest
from clientsmith.core.transport import {transport} as Transport
URL = {url!r}
"""

SYNC = {
    "never closed": """
        client = ServiceClient(URL, transport=Transport())
        print(client.send_request(HttpRequest("GET", "/now")).text())
    """,
    "a thread is in a call": """
        client = ServiceClient(URL, transport=Transport())
        print(client.send_request(HttpRequest("GET", "/now")).text())
        threading.Thread(target=client.send_request, args=[HttpRequest("GET", "/late")], daemon=True).start()
        time.sleep(0.1)
    """,
    "a response is being streamed": """
        client = ServiceClient(URL, transport=Transport())
        response = client.send_request(HttpRequest("GET", "/now"), stream=True)
        print(response.read_some(2).decode())
    """,
    "the program fails": """
        client = ServiceClient(URL, transport=Transport())
        print(client.send_request(HttpRequest("GET", "/now")).text())
        sys.exit(0)
    """,
}

ASYNC = {
    "never closed": """
        async def main():
            client = aio.ServiceClient(URL, transport=Transport())
            print((await client.send_request(HttpRequest("GET", "/now"))).text())
        asyncio.run(main())
    """,
    "never closed, and global": """
        client = aio.ServiceClient(URL, transport=Transport())
        async def main():
            print((await client.send_request(HttpRequest("GET", "/now"))).text())
        asyncio.run(main())
    """,
    "a task is in a call": """
        async def main():
            client = aio.ServiceClient(URL, transport=Transport())
            print((await client.send_request(HttpRequest("GET", "/now"))).text())
            task = asyncio.create_task(client.send_request(HttpRequest("GET", "/late")))
            await asyncio.sleep(0.1)
        asyncio.run(main())
    """,
    "a response is being streamed": """
        async def main():
            client = aio.ServiceClient(URL, transport=Transport())
            response = await client.send_request(HttpRequest("GET", "/now"), stream=True)
            print((await response.read_some(2)).decode())
        asyncio.run(main())
    """,
    "a daemon thread runs the loop": """
        client = aio.ServiceClient(URL, transport=Transport())
        async def main():
            print((await client.send_request(HttpRequest("GET", "/now"))).text(), flush=True)
            await client.send_request(HttpRequest("GET", "/late"))
        threading.Thread(target=asyncio.run, args=[main()], daemon=True).start()
        time.sleep(0.5)
    """,
}


def late(received: Any) -> bytes:
    return OK if received.target == "/now" else b""


def ends_quietly(program: str, transport: type[Any], server: Any) -> None:
    """Run a program with every warning an error; it prints its answer, says nothing else, and ends well."""
    code = HEAD.format(transport=transport.__name__, url=server.url) + textwrap.dedent(program)
    finished = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    # The one thing that asyncio may say in development mode: that this machine is slow today.
    said = [line for line in finished.stderr.splitlines() if not line.startswith("Executing <")]
    assert (finished.returncode, said, finished.stdout) == (0, [], "ok\n")
    assert server.all_ended()


@pytest.mark.by_turns
@pytest.mark.parametrize("program", SYNC.values(), ids=SYNC)
def test_interpreter_ends_quietly(
    serve: Any, endlessly: Callable[..., Any], sync_transport: type[Any], program: str
) -> None:
    """No warning, no traceback, no hanging: a program may leave its client as it is."""
    ends_quietly(program, sync_transport, serve(endlessly([READ, late])))


@pytest.mark.by_turns
@pytest.mark.parametrize("program", ASYNC.values(), ids=ASYNC)
def test_interpreter_ends_quietly_after_an_event_loop(
    serve: Any, endlessly: Callable[..., Any], async_transport: type[Any], program: str
) -> None:
    """The connections end with the loop."""
    ends_quietly(program, async_transport, serve(endlessly([READ, late])))
