"""One client, many users: threads, tasks, processes and event loops. Nobody gets another's answer."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import TransportError
from clientsmith.core.rest import HttpRequest

READ, CLOSE = "read", "close"

pytestmark = [pytest.mark.usefixtures("no_leaks", "clean_environment")]

SETTINGS = {"timeout": 10.0, "max_retries": 3}


def echo(received: Any) -> bytes:
    """An answer that says what was asked, framed in one of three ways, after 503 for who asks the first time."""
    text = received.target.encode() + b" " * (len(received.target) * 100)
    number = int(received.target.rpartition("/")[2])
    if number % 3 == 0:
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(text), text)
    status = b"404 Not Found" if number % 3 == 1 else b"200 OK"
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(text), text)


@pytest.fixture
def mixed(serve: Any, endlessly: Callable[..., Any]) -> Any:
    """Echoes; some connections end after a few answers, or in the middle of one."""
    short = [READ, echo, READ, echo, READ, 0.002, echo, READ, CLOSE]
    broken = [READ, echo, READ, b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", CLOSE]
    return serve(*[short, broken, endlessly([READ, echo])] * 4, endlessly([READ, echo]))


def test_32_threads_on_one_client(mixed: Any, sync_transport: type[Any], quick_retries: None) -> None:
    """A thousand calls, each answered with what it asked for."""
    client = ServiceClient(mixed.url, transport=(transport := sync_transport()), settings=SETTINGS)
    together = threading.Barrier(32)

    def work(thread: int) -> list[tuple[str, str]]:
        together.wait(10)
        found = []
        for number in range(30):
            path = f"/{thread}/{number}"
            found.append((path, client.send_request(HttpRequest("GET", path)).text().strip()))
        return found

    with ThreadPoolExecutor(32) as threads:
        answers = [pair for found in threads.map(work, range(32)) for pair in found]
    transport.close()
    assert len(answers) == 960
    assert [pair for pair in answers if pair[0] != pair[1]] == []
    assert mixed.all_ended()


def test_200_tasks_on_one_client(mixed: Any, async_transport: type[Any], quick_retries: None) -> None:
    """The same with tasks, of which some give up half way."""

    async def main() -> list[tuple[str, str]]:
        client = aio.ServiceClient(mixed.url, transport=(transport := async_transport()), settings=SETTINGS)
        found = []

        async def work(task: int) -> None:
            for number in range(5):
                path = f"/{task}/{number}"
                call = asyncio.create_task(client.send_request(HttpRequest("GET", path)))
                if (task + number) % 7 == 0:
                    await asyncio.sleep(0.001 * number)
                    call.cancel()
                    await asyncio.wait([call])
                else:
                    found.append((path, (await call).text().strip()))

        async with asyncio.TaskGroup() as group:
            for task in range(200):
                group.create_task(work(task))
        await transport.close()
        return found

    answers = asyncio.run(main())
    assert len(answers) == sum((task + number) % 7 != 0 for task in range(200) for number in range(5))
    assert [pair for pair in answers if pair[0] != pair[1]] == []
    assert mixed.all_ended()


# --- processes -------------------------------------------------------------------------------------------------------

fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
multi_threaded = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def in_child(work: Callable[[], object]) -> int:
    """Fork, work in the child, return its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        signal.alarm(20)  # ends it if it hangs
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@fork
@multi_threaded
@pytest.mark.parametrize("scheme", ["plain", "tls"])
def test_fork_shares_no_connection(
    serve: Any, authority: Any, endlessly: Callable[..., Any], sync_transport: type[Any], scheme: str
) -> None:
    """Each process has its own, and a child that closes the client closes nothing of its parent's."""
    server = serve(endlessly([READ, echo]), tls=authority.context() if scheme == "tls" else None)
    client = ServiceClient(server.url, transport=(transport := sync_transport(verify=str(authority.ca))))

    def call(who: str) -> None:
        for number in range(3):
            assert client.send_request(HttpRequest("GET", f"/{who}/{number}")).text().strip() == f"/{who}/{number}"

    def child(name: str) -> None:
        call(name)
        transport.close()
        call(name)
        transport.close()

    call("parent")
    assert in_child(lambda: child("first")) == 0
    call("parent")
    assert in_child(lambda: [child("second"), in_child(lambda: child("grandchild"))]) == 0
    call("parent")
    transport.close()
    users = [{received.target.split("/")[1] for received in one.requests} for one in server.connections]
    assert all(len(who) == 1 for who in users)
    assert users.count({"parent"}) == 1, "the parent keeps its one connection"
    assert users.count({"first"}) == users.count({"second"}) == users.count({"grandchild"}) == 2
    assert server.all_ended()


@fork
@multi_threaded
def test_fork_while_another_thread_is_in_a_call(
    serve: Any, endlessly: Callable[..., Any], sync_transport: type[Any]
) -> None:
    """No lock that the child could wait for is held, and the call of the parent goes on."""
    server = serve(endlessly([READ, 0.15, echo]))
    client = ServiceClient(server.url, transport=(transport := sync_transport()), settings={"timeout": 5.0})

    def call(path: str) -> str:
        return client.send_request(HttpRequest("GET", path)).text().strip()

    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(call, f"/parent/{number}") for number in range(8)]
        time.sleep(0.05)  # all of them wait for an answer
        assert in_child(lambda: [call("/child/0"), call("/child/1"), transport.close()]) == 0
        assert [one.result(5) for one in calls] == [f"/parent/{number}" for number in range(8)]
    transport.close()
    assert all(len({r.target.split("/")[1] for r in one.requests}) == 1 for one in server.connections)
    assert server.all_ended()


@fork
@multi_threaded
def test_fork_between_two_loops(serve: Any, endlessly: Callable[..., Any], async_transport: type[Any]) -> None:
    """An async client in a forked child, on a loop of the child's own."""
    server = serve(endlessly([READ, echo]))
    client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings={"timeout": 5.0})

    async def call(who: str) -> str:
        found = (await client.send_request(HttpRequest("GET", f"/{who}/1"))).text().strip()
        await transport.close()
        return found

    assert asyncio.run(call("parent")) == "/parent/1"
    assert in_child(lambda: asyncio.run(call("child"))) == 0
    assert asyncio.run(call("parent")) == "/parent/1"
    assert server.all_ended()


# --- event loops -----------------------------------------------------------------------------------------------------


def test_client_outlives_its_event_loops(serve: Any, endlessly: Callable[..., Any], async_transport: type[Any]) -> None:
    """`asyncio.run` again and again with one client that nobody closes in between; what a loop left is let go of."""
    server = serve(endlessly([READ, echo]))
    client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings=SETTINGS)

    async def call(number: int) -> str:
        return (await client.send_request(HttpRequest("GET", f"/{number}"))).text().strip()

    assert [asyncio.run(call(number)) for number in range(4)] == ["/0", "/1", "/2", "/3"]
    asyncio.run(transport.close())
    assert len(server.connections) == 4
    assert server.all_ended()


def test_client_on_two_event_loops_at_once(
    serve: Any, endlessly: Callable[..., Any], async_transport: type[Any]
) -> None:
    """Connections belong to a loop: neither sees the other's."""
    server = serve(endlessly([READ, 0.001, echo]))
    client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings=SETTINGS)
    together = threading.Barrier(2, timeout=10)

    async def work(loop: int) -> None:
        together.wait()
        for number in range(30):
            path = f"/{loop}/{number}"
            assert (await client.send_request(HttpRequest("GET", path))).text().strip() == path
        await asyncio.to_thread(together.wait)
        if loop == 0:
            await transport.close()
        await asyncio.to_thread(together.wait)
        await asyncio.sleep(0.02)  # what the other loop asked this one to close

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(asyncio.run, work(loop)) for loop in (0, 1)]:
            done.result(20)
    users = [{received.target.split("/")[1] for received in one.requests} for one in server.connections]
    assert sorted(map(sorted, users)) == [["0"], ["1"]]
    assert server.all_ended()


# --- closing ---------------------------------------------------------------------------------------------------------


def test_closed_client_can_be_used_again(connect: Any, serve: Any, endlessly: Callable[..., Any]) -> None:
    """Close means: close the connections. Twice is fine, before the first call too."""
    server = serve(endlessly([READ, echo]))
    client = connect(server.url)
    client.close()
    for number in (2, 5):
        assert client.get(f"/{number}").text().strip() == f"/{number}"
        client.close()
        client.close()
        assert server.all_ended()
    assert len(server.connections) == 2


def test_close_while_threads_are_in_calls(serve: Any, endlessly: Callable[..., Any], sync_transport: type[Any]) -> None:
    """Their calls end with their answer or with an error of ours, at once; nothing hangs, and calls go on after it."""
    server = serve(endlessly([READ, 0.05, echo]))
    client = ServiceClient(server.url, transport=(transport := sync_transport()), settings=SETTINGS)
    answered: list[int] = []

    def work(thread: int) -> None:
        calls = 0
        ends = time.monotonic() + 10
        while len(answered) <= 16:
            assert time.monotonic() < ends
            path = f"/{thread}/{calls}"
            try:
                assert client.send_request(HttpRequest("GET", path), max_retries=0).text().strip() == path
            except TransportError:
                continue
            calls += 1
            answered.append(thread)

    with ThreadPoolExecutor(8) as threads:
        working = [threads.submit(work, thread) for thread in range(8)]
        for _ in range(6):
            time.sleep(0.03)
            transport.close()
        for one in working:
            one.result(10)
    transport.close()
    assert server.all_ended()


def test_close_while_tasks_are_in_calls(serve: Any, endlessly: Callable[..., Any], async_transport: type[Any]) -> None:
    """The same with tasks."""
    server = serve(endlessly([READ, 0.05, echo]))

    async def main() -> None:
        client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings=SETTINGS)
        answered: list[int] = []

        async def work(task: int) -> None:
            calls = 0
            while len(answered) <= 16:
                path = f"/{task}/{calls}"
                try:
                    assert (await client.send_request(HttpRequest("GET", path), max_retries=0)).text().strip() == path
                except TransportError:
                    continue
                calls += 1
                answered.append(task)

        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            for task in range(8):
                group.create_task(work(task))
            for _ in range(6):
                await asyncio.sleep(0.03)
                await transport.close()
        await transport.close()

    asyncio.run(main())
    assert server.all_ended()


# --- pickling --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_clients_say_that_they_do_not_travel(
    connect: Any, serve: Any, endlessly: Callable[..., Any], way: Callable[[Any], object]
) -> None:
    """A credential must not end up on a queue or in a file by accident, nor a lock in another process."""
    client = connect(serve(endlessly([READ, echo])).url).client
    with pytest.raises(TypeError, match=r"ServiceClient cannot be pickled or copied.*; construct one in each process"):
        way(client)
