"""Classic policies: `self.next.send` in one colour, among hooks and generators."""

from __future__ import annotations

import asyncio
import contextvars
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import DeadlineExceededError, ServiceResponseError, UsageError
from clientsmith.core.pipeline import AsyncHTTPPolicy, Flow, HookPolicy, HTTPPolicy, Policy, Sleep
from clientsmith.core.policies import RetryPolicy
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.settings import Setting
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Line, ScriptedTransport

Log = list[str]
Send = Callable[..., tuple[HttpResponse, ScriptedTransport | AsyncScriptedTransport]]


class Again(HTTPPolicy):
    """Asks until the answer is not 503, and notes what it saw."""

    def __init__(self, log: Log | None = None) -> None:
        self.log = log if log is not None else []

    def send(self, request: HttpRequest, /) -> HttpResponse:
        response = self.next.send(request)
        while response.status_code == 503:
            self.log.append("again")
            response = self.next.send(request)
        return response


class AsyncAgain(AsyncHTTPPolicy):
    """The async twin of `Again`."""

    def __init__(self, log: Log | None = None) -> None:
        self.log = log if log is not None else []

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        response = await self.next.send(request)
        while response.status_code == 503:
            self.log.append("again")
            response = await self.next.send(request)
        return response


class Passing(HTTPPolicy):
    """Does what its function wants, with the request and with what sends it on."""

    def __init__(self, do: Callable[[HttpRequest, Callable[[HttpRequest], HttpResponse]], Any]) -> None:
        self.do = do

    def send(self, request: HttpRequest, /) -> HttpResponse:
        answer: HttpResponse = self.do(request, self.next.send)
        return answer


class AsyncPassing(AsyncHTTPPolicy):
    """The async twin of `Passing`: the function says what to send, and what to make of the answer."""

    def __init__(self, do: Callable[[HttpRequest, Callable[[HttpRequest], Any]], Any]) -> None:
        self.do = do

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        answer: HttpResponse = await self.do(request, self.next.send)
        return answer


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    """Both of them."""
    name: str = request.param
    return name


@pytest.fixture
def again(colour: str) -> type[Any]:
    """The classic policy of the colour."""
    return Again if colour == "sync" else AsyncAgain


@pytest.fixture
def send(colour: str) -> Send:
    """Send one request through policies over a scripted service."""

    def send_it(policies: Sequence[Policy], *lines: Line, **options: Any) -> Any:
        request = HttpRequest(options.pop("method", "GET"), "/")
        if colour == "sync":
            service = ScriptedTransport(*lines)
            client = ServiceClient("https://example.test", transport=service, policies=policies)
            return client.send_request(request, **options), service
        quiet = AsyncScriptedTransport(*lines)
        twin = aio.ServiceClient("https://example.test", transport=quiet, policies=policies)
        return asyncio.run(twin.send_request(request, **options)), quiet

    return send_it


class Noting(HookPolicy):
    def __init__(self, name: str, log: Log) -> None:
        self.name, self.log = name, log

    def on_start(self, request: HttpRequest, /) -> None:
        self.log.append(f"start {self.name}")

    def on_request(self, request: HttpRequest, /) -> None:
        self.log.append(f"request {self.name}")

    def on_response(self, request: HttpRequest, response: HttpResponse, /) -> None:
        self.log.append(f"response {self.name}")

    def on_error(self, request: HttpRequest, error: Exception, /) -> None:
        self.log.append(f"error {self.name}")


class Marking:
    """A flow that notes when it is entered and left."""

    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, name: str, log: Log) -> None:
        self.name, self.log = name, log

    def send(self, request: HttpRequest, /) -> Flow:
        self.log.append(f"> {self.name}")
        response = yield request
        self.log.append(f"< {self.name}")
        return response


def test_it_stands_among_the_others_where_the_list_says(send: Send, again: type[Any]) -> None:
    """Flows above see it as their transport, flows below are its next; hooks stay right above the transport."""
    log: Log = []
    policies = [Noting("a", log), Marking("above", log), again(log), Marking("below", log), Noting("b", log)]
    response, service = send(policies, Answer(503), Answer(200))
    attempt = ["> below", "request a", "request b", "response b", "response a", "< below"]
    assert response.status_code == 200
    assert log == ["start a", "start b", "> above", *attempt, "again", *attempt, "< above"]
    assert [request.call.attempts for request in service.requests] == [2, 2]  # one call, which counts each send once


def test_several_may_stand_in_one_list(send: Send, again: type[Any]) -> None:
    """The inner one is part of what the outer one calls next."""
    outer: Log = []
    inner: Log = []
    _, service = send([again(outer), again(inner)], Answer(503), Answer(503), Answer(200))
    assert (outer, inner) == ([], ["again", "again"])
    assert len(service.requests) == 3


def test_a_retry_above_runs_it_again(send: Send, again: type[Any]) -> None:
    """It is one of the things that an attempt consists of."""
    log: Log = []
    policies = [RetryPolicy(jitter=lambda: 1.0), again(log)]
    _, service = send(policies, ServiceResponseError("reset"), Answer(503), Answer(200))
    assert service.waits == [0.8]
    assert log == ["again"]


def test_a_retry_below_is_done_when_it_hears(send: Send, again: type[Any]) -> None:
    """Waits of policies below are carried out by the client's transport."""
    log: Log = []
    policies = [again(log), RetryPolicy(jitter=lambda: 1.0)]
    _, service = send(policies, Answer(503), Answer(503), Answer(200), max_retries=1)
    assert service.waits == [0.8]
    assert log == ["again"]


def test_the_deadline_holds_below(send: Send, again: type[Any]) -> None:
    """It belongs to the call, and the wait of a policy below is part of it."""

    class Patient:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            yield Sleep(5.0, request.call)
            return (yield request)

    with pytest.raises(DeadlineExceededError, match=r"leaves 2 s"):
        send([again(), Patient()], Answer(200), timeout=2.0)


def test_an_error_of_the_transport_reaches_it_and_those_above(send: Send, again: type[Any]) -> None:
    """As if it were a frame in between; hooks hear first."""
    log: Log = []
    with pytest.raises(ServiceResponseError, match="reset") as caught:
        send([Marking("above", log), again(log), Noting("b", log)], ServiceResponseError("reset"))
    assert log == ["start b", "> above", "request b", "error b"]
    names = [entry.name for entry in caught.traceback]
    assert "perform" not in names  # the machinery is no help in a traceback
    assert "perform_async" not in names


def test_its_settings_are_settings_of_the_client(send: Send) -> None:
    """Declared as by any other policy."""

    class Choosy(HTTPPolicy):
        settings: ClassVar[tuple[Setting, ...]] = (Setting("taste", "sweet", "what it likes"),)

    client = ServiceClient(
        "https://example.test",
        transport=ScriptedTransport(Answer(200)),
        policies=[Choosy()],
        settings={"taste": "sour"},
    )
    assert client._core.table.chosen["taste"] == "sour"


def test_a_policy_need_not_be_derived_from_anything() -> None:
    """As the guideline has it: a class with `send`, whose `next` the pipeline sets."""

    class Plain:
        next: Any

        def send(self, request: HttpRequest) -> HttpResponse:
            response: HttpResponse = self.next.send(request.with_headers({"X-Plain": "1"}))
            return response

    service = ScriptedTransport(Answer(200))
    policies: list[Any] = [Plain()]
    ServiceClient("https://example.test", transport=service, policies=policies).send_request(HttpRequest("GET", "/"))
    assert service.requests[0].headers["X-Plain"] == "1"


# --- who owns the body -----------------------------------------------------------------------------------------------


class Open:
    """A body on the wire that notes when it is given up."""

    def __init__(self, name: str, log: Log) -> None:
        self.name, self.log = name, log

    def abandon(self) -> None:
        self.log.append(f"abandon {self.name}")


class OpenAnswer(Answer):
    def __init__(self, status: int, name: str, log: Log) -> None:
        super().__init__(status)
        self.body = Open(name, log)

    def to(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(request, self.status_code, content=None, body=self.body)


def test_a_response_that_it_asks_again_for_is_abandoned(send: Send, again: type[Any]) -> None:
    """The first rule of the pipeline: it cannot leak a connection."""
    log: Log = []
    response, _ = send([again(log)], OpenAnswer(503, "first", log), OpenAnswer(200, "second", log))
    assert log == ["abandon first", "again"] or log == ["again", "abandon first"]
    assert response.body is not None


def dropping(colour: str, ending: Callable[[HttpRequest], HttpResponse]) -> Policy:
    """A policy that gets a response and ends otherwise."""

    def drop(request: HttpRequest, following: Callable[[HttpRequest], Any]) -> HttpResponse:
        following(request)
        return ending(request)

    async def drop_later(request: HttpRequest, following: Callable[[HttpRequest], Any]) -> HttpResponse:
        await following(request)
        return ending(request)

    return Passing(drop) if colour == "sync" else AsyncPassing(drop_later)


def test_a_response_that_it_does_not_return_is_abandoned(send: Send, colour: str) -> None:
    """Another one in its place."""
    log: Log = []
    response, _ = send([dropping(colour, lambda request: HttpResponse(request, 204))], OpenAnswer(200, "only", log))
    assert (response.status_code, log) == (204, ["abandon only"])


def test_a_response_is_abandoned_when_it_raises(send: Send, colour: str) -> None:
    """Whatever ends it ends the body with it."""
    log: Log = []

    def ending(request: HttpRequest) -> HttpResponse:
        raise LookupError("no such luck")

    with pytest.raises(LookupError, match="no such luck"):
        send([dropping(colour, ending)], OpenAnswer(200, "only", log))
    assert log == ["abandon only"]


def test_a_response_that_it_returned_belongs_to_those_above(send: Send, again: type[Any]) -> None:
    """A flow that drops it abandons it, as it would one from the transport."""
    log: Log = []

    class Choking:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            yield request
            raise LookupError("no such luck")

    with pytest.raises(LookupError):
        send([Choking(), again()], OpenAnswer(200, "only", log))
    assert log == ["abandon only"]


async def test_a_cancelled_task_leaves_nothing_open() -> None:
    """The policy's frame ends, and with it what it held."""
    log: Log = []

    async def linger(request: HttpRequest, following: Callable[[HttpRequest], Any]) -> HttpResponse:
        response: HttpResponse = await following(request)
        await asyncio.sleep(3600)
        return response

    client = aio.ServiceClient(
        "https://example.test",
        transport=AsyncScriptedTransport(OpenAnswer(200, "only", log)),
        policies=[AsyncPassing(linger)],
    )
    task = asyncio.create_task(client.send_request(HttpRequest("GET", "/")))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["abandon only"]


# --- one policy, many users ------------------------------------------------------------------------------------------


def test_one_policy_serves_several_clients_and_threads() -> None:
    """`next` finds the call that runs."""
    shared = Again()
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            service = ScriptedTransport(Answer(503), Answer(200), repeat=True)
            client = ServiceClient(f"https://{name}.test", transport=service, policies=[shared])
            for _ in range(100):
                assert client.send_request(HttpRequest("GET", "/")).request.url == f"https://{name}.test/"
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"host{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


async def test_one_policy_serves_several_clients_and_tasks() -> None:
    """Interleaved on one event loop."""

    class Slow(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> HttpResponse:
            await asyncio.sleep(0)
            return await super().send(request)

    shared = AsyncAgain()

    async def work(name: str) -> None:
        client = aio.ServiceClient(
            f"https://{name}.test", transport=Slow(Answer(503), Answer(200), repeat=True), policies=[shared]
        )
        for _ in range(20):
            assert (await client.send_request(HttpRequest("GET", "/"))).request.url == f"https://{name}.test/"

    await asyncio.gather(*(work(f"host{n}") for n in range(20)))


async def test_an_async_policy_may_send_in_parallel() -> None:
    """Both are its own; the one that it does not return is given up."""
    log: Log = []

    async def hedge(request: HttpRequest, following: Callable[[HttpRequest], Any]) -> HttpResponse:
        first, _ = await asyncio.gather(following(request.copy()), following(request.copy()))
        answer: HttpResponse = first
        return answer

    class Slow(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> HttpResponse:
            await asyncio.sleep(0)
            return await super().send(request)

    client = aio.ServiceClient(
        "https://example.test",
        transport=Slow(OpenAnswer(200, "first", log), OpenAnswer(200, "second", log)),
        policies=[AsyncPassing(hedge)],
    )
    assert (await client.send_request(HttpRequest("GET", "/"))).body is not None
    assert log == ["abandon second"]


def test_a_thread_of_its_own_takes_the_context_along() -> None:
    """A thread begins with an empty context; the message says what to do."""
    told: list[BaseException] = []

    def in_threads(request: HttpRequest, following: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
        answers: list[HttpResponse] = []

        def bare() -> None:
            try:
                following(request)
            except RuntimeError as error:
                told.append(error)

        here = contextvars.copy_context()
        for target in (bare, lambda: here.run(lambda: answers.append(following(request)))):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
        return answers[0]

    client = ServiceClient(
        "https://example.test", transport=ScriptedTransport(Answer(200)), policies=[Passing(in_threads)]
    )
    assert client.send_request(HttpRequest("GET", "/")).status_code == 200
    assert [re.search("copy_context", str(error)) is not None for error in told] == [True]


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_a_policy_of_the_other_colour_is_told_when_the_client_is_made() -> None:
    """Not by the first call."""
    with pytest.raises(
        UsageError, match="AsyncAgain is written for async clients, and this one is sync; derive it from"
    ):
        ServiceClient("https://example.test", transport=ScriptedTransport(), policies=[AsyncAgain()])
    with pytest.raises(UsageError, match="Again is written for sync clients, and this one is async"):
        aio.ServiceClient("https://example.test", transport=AsyncScriptedTransport(), policies=[Again()])
    with pytest.raises(UsageError, match="AsyncAgain is async, but another of the policies is sync"):
        ServiceClient("https://example.test", transport=ScriptedTransport(), policies=[AsyncAgain(), Again()])


def test_a_policy_in_no_known_form_is_told_when_the_client_is_made() -> None:
    """An async generator is a likely mistake."""

    class Odd:
        settings: ClassVar[tuple[Setting, ...]] = ()

        async def send(self, request: HttpRequest) -> Any:
            yield request

    policies: list[Any] = [Odd()]
    with pytest.raises(UsageError, match=r"Odd\.send is an async generator; write it as a plain generator"):
        ServiceClient("https://example.test", transport=ScriptedTransport(), policies=policies)


def test_a_policy_that_returns_no_response_is_told() -> None:
    """A generator that is handed out by a plain function looks like a classic policy."""

    class Forwarding:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            return Marking("x", []).send(request)

    client = ServiceClient("https://example.test", transport=ScriptedTransport(), policies=[Forwarding()])
    with pytest.raises(
        TypeError, match=r"Forwarding.send returned a generator; it has to return the response, or to be"
    ):
        client.send_request(HttpRequest("GET", "/"))


def test_next_belongs_to_send() -> None:
    """Outside of it there is nothing that could be next."""
    policy = Again()
    ServiceClient("https://example.test", transport=ScriptedTransport(), policies=[policy])
    with pytest.raises(RuntimeError, match=r"self.next.send\(\) was called outside of the policy's send\(\)"):
        policy.next.send(HttpRequest("GET", "/"))


def test_a_chain_without_one_does_not_import_the_machinery() -> None:
    """It costs nothing where it is not used."""
    import subprocess
    import sys

    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\n"
            "from clientsmith.core.client import ServiceClient\n"
            "from clientsmith.core.testing import Answer, ScriptedTransport\n"
            "from clientsmith.core.rest import HttpRequest\n"
            "ServiceClient('https://e.test', transport=ScriptedTransport(Answer())).send_request(HttpRequest('GET', '/'))\n"
            "lazy = {'clientsmith.core.classic', 'clientsmith.core.conditions', 'opentelemetry', 'email', 'random'}\n"
            "print(sorted(lazy & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("colour", ["sync", "async"])
async def test_a_request_that_the_policy_makes_belongs_to_the_call(colour: str) -> None:
    """The policies below find settings and deadline, as they do for the one that was given."""

    def lock(request: HttpRequest, send: Callable[[HttpRequest], Any]) -> Any:
        locked = send(HttpRequest("POST", "https://example.test/lock"))
        if colour == "sync":
            return send(request)

        async def go_on() -> HttpResponse:
            await locked
            return await send(request)  # type: ignore[no-any-return]

        return go_on()

    lines = (Answer(503), Answer(200), Answer(201))
    if colour == "sync":
        service = ScriptedTransport(*lines)
        settings = {"per_call_policies": [Passing(lock)], "retry_methods": ["POST"]}
        response = ServiceClient("https://example.test", transport=service, settings=settings).send_request(
            HttpRequest("GET", "/a")
        )
    else:
        quiet = AsyncScriptedTransport(*lines)
        settings = {"per_call_policies": [AsyncPassing(lock)], "retry_methods": ["POST"]}
        client = aio.ServiceClient("https://example.test", transport=quiet, settings=settings)
        response = await client.send_request(HttpRequest("GET", "/a"))
        service = quiet  # type: ignore[assignment]
    assert response.status_code == 201
    assert [r.method for r in service.requests] == ["POST", "POST", "GET"]
