"""Calls that somebody ends from outside: Ctrl-C, cancellation, a timeout of the caller's. Nothing is left half done."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import HttpResponseError
from clientsmith.core.rest import HttpRequest

READ = "read"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf!"

pytestmark = pytest.mark.usefixtures("no_leaks", "clean_environment")


def echo(received: Any) -> bytes:
    text = received.target.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text)


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


def interrupt(_: Any) -> bytes:
    """Send the main thread what Ctrl-C sends, and nothing to the client."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    return b""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([READ, 0.03, interrupt], id="waiting for the header"),
        pytest.param([READ, HALF, 0.03, interrupt], id="in the body"),
        pytest.param([READ, b"HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nhalf", 0.03, interrupt], id="in an error"),
    ],
)
def test_interrupt_closes_the_connection(serve: Any, sync_transport: type[Any], script: list[Any]) -> None:
    """The next call gets its own answer, not the rest of this one."""
    server = serve(script, [READ, OK])
    client = ServiceClient(server.url, transport=(transport := sync_transport()), settings={"timeout": 5.0})
    with pytest.raises(KeyboardInterrupt):
        client.send_request(HttpRequest("GET", "/x"))
    assert server.connections[0].ended.wait(1.0)
    assert client.send_request(HttpRequest("GET", "/x")).content == b"ok"
    transport.close()
    assert len(server.requests) == 2, "who is interrupted does not try again"


def test_interrupt_during_a_wait_between_attempts(serve: Any, sync_transport: type[Any]) -> None:
    """It ends the call at once."""
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"
    server = serve([READ, busy, 0.05, READ], [READ, OK])
    client = ServiceClient(server.url, transport=(transport := sync_transport()), settings={"timeout": 10.0})
    timer = threading.Timer(0.1, interrupt, [None])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        client.send_request(HttpRequest("GET", "/x"))
    timer.join()
    transport.close()
    assert len(server.requests) == 1
    assert server.all_ended()


def test_interrupt_of_an_event_loop(serve: Any, async_transport: type[Any]) -> None:
    """`asyncio.run` cancels the call, and the connections end with the loop although nobody closes the client."""
    server = serve([READ, HALF, 0.03, interrupt], [READ, OK])
    client = aio.ServiceClient(server.url, transport=async_transport(), settings={"timeout": 5.0})
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(client.send_request(HttpRequest("GET", "/x")))
    assert server.all_ended()


# --- cancellation ----------------------------------------------------------------------------------------------------


class CancelledAt:
    """Awaits a coroutine and cancels the running task when it suspends for the n-th time, counted from 1."""

    def __init__(self, step: int, work: Coroutine[Any, Any, Any]) -> None:
        self._step, self._work = step, work
        self.steps = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        task = asyncio.current_task()
        assert task is not None
        steps = self._work.__await__()
        try:
            waits_for = next(steps)
            while True:
                self.steps += 1
                if self.steps == self._step:
                    task.cancel()
                try:
                    sent = yield waits_for
                except BaseException as error:
                    waits_for = steps.throw(error)
                else:
                    waits_for = steps.send(sent)
        except StopIteration as stop:
            return stop.value


class Service:
    """Answers a step at a time: ``/x`` with a redirect or, every other time, with 503; anything else with its name."""

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self, received: Any) -> bytes:
        if received.target == "/redirect":
            return b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
        self._asked += received.target == "/busy"
        if received.target == "/busy" and self._asked % 2:
            return b"HTTP/1.1 503 Busy\r\nretry-after-ms: 2\r\nContent-Length: 0\r\n\r\n"
        return echo(received)


IN_PIECES = [READ, b"HTTP/1.1 200 OK\r\nConte", 0.002, b"nt-Length: 4\r\n\r\n", 0.002, b"ab", 0.002, b"cd"]


async def is_cancelled(client: Any, path: str, step: int) -> bool:
    """Make a call and cancel it at a step; False if it was over before."""
    call = CancelledAt(step, client.send_request(HttpRequest("GET", path)))

    async def work() -> Any:
        return await call

    task = asyncio.create_task(work())
    await asyncio.wait([task])
    if not task.cancelled():
        assert task.result().status_code == 200
    return task.cancelled()


@pytest.mark.parametrize("scheme", ["plain", "tls"])
def test_call_that_is_cancelled_closes_its_connection(
    serve: Any, authority: Any, endlessly: Callable[..., Any], async_transport: type[Any], scheme: str
) -> None:
    """At every await that there is: looking up the name, connecting, the handshake, the header, the body."""
    server = serve(endlessly(IN_PIECES), tls=authority.context() if scheme == "tls" else None)

    async def main() -> int:
        transport = async_transport(verify=str(authority.ca))
        client = aio.ServiceClient(server.url, transport=transport, settings={"timeout": 5.0})
        step = 1
        while await is_cancelled(client, "/x", step):
            is_closed = await asyncio.to_thread(server.all_ended)
            assert is_closed, f"cancelled at step {step}, and its connection is still open"
            step += 1
        await transport.close()
        return step

    assert asyncio.run(main()) > 3, "there was something to cancel"
    assert server.all_ended()


@pytest.mark.parametrize("path", ["/redirect", "/busy"])
def test_cancelled_chain_of_requests_leaves_no_answer_behind(
    serve: Any, endlessly: Callable[..., Any], async_transport: type[Any], path: str
) -> None:
    """Between two requests the connection is idle and may be kept; what is kept is in order."""
    server = serve(endlessly([READ, 0.002, Service()]))

    async def main() -> int:
        client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings={"timeout": 5.0})
        step = 1
        while await is_cancelled(client, path, step):
            assert (await client.send_request(HttpRequest("GET", f"/{step}"))).text() == f"/{step}"
            step += 1
        await transport.close()
        return step

    assert asyncio.run(main()) > 2, "there was something to cancel"
    assert server.all_ended()


def test_streamed_body_that_is_cancelled(serve: Any, async_transport: type[Any]) -> None:
    """Reading is waiting too."""
    server = serve([READ, HALF], [READ, OK])

    async def main() -> None:
        client = aio.ServiceClient(server.url, transport=(transport := async_transport()))
        response: Any = await client.send_request(HttpRequest("GET", "/x"), stream=True)
        async with response:
            task = asyncio.create_task(response.read())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await asyncio.to_thread(server.connections[0].ended.wait, 1.0)
        assert (await client.send_request(HttpRequest("GET", "/x"))).content == b"ok"
        await transport.close()

    asyncio.run(main())


def test_timeout_of_the_caller_around_a_call(serve: Any, async_transport: type[Any]) -> None:
    """`asyncio.timeout` comes out as its own TimeoutError and not as ours, which would name the wrong setting."""
    server = serve([READ, HALF], [READ, OK])

    async def main() -> None:
        client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings={"timeout": 5.0})
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.05):
                await client.send_request(HttpRequest("GET", "/x"))
        assert type(caught.value) is TimeoutError
        assert (await client.send_request(HttpRequest("GET", "/x"))).content == b"ok"
        await transport.close()

    asyncio.run(main())
    assert server.all_ended()
    assert len(server.requests) == 2


def test_deadline_and_timeout_of_the_caller_at_the_same_moment(serve: Any, async_transport: type[Any]) -> None:
    """Both cancel the task; whichever wins, the task is not cancelled for good and nothing hangs."""
    server = serve([READ])

    async def main() -> set[str]:
        client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings={"max_retries": 0})
        ends = set()
        for shift in (-0.002, -0.001, 0.0, 0.0, 0.001, 0.002):
            try:
                async with asyncio.timeout(0.03 + shift):
                    await client.send_request(HttpRequest("GET", "/x"), timeout=0.03)
            except TimeoutError as error:
                ends.add(type(error).__name__)
            task = asyncio.current_task()
            assert task is not None
            assert task.cancelling() == 0
            await asyncio.sleep(0)
        await transport.close()
        return ends

    assert asyncio.run(main()) <= {"TimeoutError", "DeadlineExceededError"}
    assert server.all_ended()


def test_failing_task_group_takes_its_calls_along(
    serve: Any, endlessly: Callable[..., Any], async_transport: type[Any]
) -> None:
    """One call fails, its siblings are cancelled while they wait, and the client is good for more."""

    def some(received: Any) -> bytes:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if received.target == "/7" else HALF

    server = serve(*[endlessly([READ, some])] * 10, endlessly([READ, OK]))

    async def main() -> None:
        client = aio.ServiceClient(server.url, transport=(transport := async_transport()), settings={"timeout": 5.0})

        async def work(number: int) -> None:
            response = await client.send_request(HttpRequest("GET", f"/{number}"))
            if response.status_code == 404:
                raise HttpResponseError.from_response(response)

        async def together() -> None:
            async with asyncio.TaskGroup() as group:
                for number in range(10):
                    group.create_task(work(number))

        with pytest.raises(ExceptionGroup) as caught:
            await together()
        assert [error.status_code for error in caught.value.exceptions] == [404]  # type: ignore[attr-defined]
        ended = [one for one in server.connections if "/7" not in [received.target for received in one.requests]]
        for one in ended:
            assert await asyncio.to_thread(one.ended.wait, 1.0)
        await transport.close()
        assert (await client.send_request(HttpRequest("GET", "/x"))).content == b"ok"
        await transport.close()

    asyncio.run(main())
    assert server.all_ended()
