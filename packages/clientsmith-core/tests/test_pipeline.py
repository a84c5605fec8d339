"""The chain and its drivers: order, ownership of open bodies, cancellation, and the rules for policies."""

from __future__ import annotations

import ast
import asyncio
import gc
import inspect
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import clientsmith.core.policies
import pytest
from clientsmith.core.errors import DeadlineExceededError, ServiceResponseError, UsageError
from clientsmith.core.pipeline import Chain, Flow, HookPolicy, Policy, Sleep, drive, drive_async
from clientsmith.core.rest import Call, HttpRequest, HttpResponse
from clientsmith.core.settings import Setting
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Line, ScriptedTransport

Send = Callable[..., HttpResponse]


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest) -> Send:
    """Send one request through policies over a scripted service, in either colour."""

    def send_it(policies: list[Policy], *lines: Line, log: list[str] | None = None) -> HttpResponse:
        steps = Chain(policies).send(new_request())
        if request.param == "sync":
            return drive(steps, ScriptedTransport(*lines))
        return asyncio.run(drive_async(steps, AsyncScriptedTransport(*lines)))

    return send_it


def new_request() -> HttpRequest:
    request = HttpRequest("GET", "https://example.test/")
    request.call = Call({})
    return request


class Open:
    """A body on the wire that notes when it is given up."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def abandon(self) -> None:
        self.log.append(f"abandon {self.name}")


class OpenAnswer(Answer):
    def __init__(self, status: int, name: str, log: list[str]) -> None:
        super().__init__(status)
        self.body = Open(name, log)

    def to(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(request, self.status_code, content=None, body=self.body)


class Again:
    """Asks until the answer is not 503."""

    settings: ClassVar[tuple[Setting, ...]] = ()

    def send(self, request: HttpRequest, /) -> Flow:
        response = yield request
        while response.status_code == 503:
            yield Sleep(1.0, request.call)
            response = yield request
        return response


class Noting(HookPolicy):
    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def on_start(self, request: HttpRequest, /) -> None:
        self.log.append(f"start {self.name}")

    def on_request(self, request: HttpRequest, /) -> None:
        self.log.append(f"request {self.name}")

    def on_response(self, request: HttpRequest, response: HttpResponse, /) -> None:
        self.log.append(f"response {self.name}")


def test_hooks_run_in_order_down_and_in_reverse_up_for_every_send(send: Send) -> None:
    """`on_start` runs once, the others for every attempt."""
    log: list[str] = []
    send([Noting("a", log), Again(), Noting("b", log)], Answer(503), Answer(200))
    attempt = ["request a", "request b", "response b", "response a"]
    assert log == ["start a", "start b", *attempt, *attempt]


def test_what_a_hook_sets_is_for_one_send_only() -> None:
    """Hooks see a copy, so a credential set for one hop cannot reach the next."""

    class Marking(HookPolicy):
        def on_request(self, request: HttpRequest, /) -> None:
            assert "X-Hop" not in request.headers
            request.headers["X-Hop"] = "1"

    service = ScriptedTransport(Answer(503), Answer(200))
    original = new_request()
    drive(Chain([Again(), Marking()]).send(original), service)
    assert [r.headers["X-Hop"] for r in service.requests] == ["1", "1"]
    assert "X-Hop" not in original.headers


def test_an_answer_that_is_replaced_is_abandoned(send: Send) -> None:
    """A policy that asks again cannot leak the connection of the first answer."""
    log: list[str] = []
    response = send([Again()], OpenAnswer(503, "first", log), OpenAnswer(200, "second", log))
    assert log == ["abandon first"]
    assert response.body is not None


def test_an_answer_is_abandoned_when_a_policy_raises_after_it(send: Send) -> None:
    """Whatever ends the call ends the body with it."""
    log: list[str] = []

    class Choking:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            yield request
            raise LookupError("no such luck")

    with pytest.raises(LookupError, match="no such luck"):
        send([Choking()], OpenAnswer(200, "only", log))
    assert log == ["abandon only"]


def test_a_policy_may_answer_without_asking(send: Send) -> None:
    """A cache returns before its first yield; the policies above see its answer."""

    class Cache:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            if request.method == "GET":
                return HttpResponse(request, 203)
            return (yield request)

    assert send([Again(), Cache()]).status_code == 203


def test_the_innermost_policy_hears_of_a_failure_first(send: Send) -> None:
    """An error travels up through the flows like an exception through frames."""
    heard: list[str] = []

    class Hearing:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def __init__(self, name: str, mend: bool = False) -> None:
            self.name, self.mend = name, mend

        def send(self, request: HttpRequest, /) -> Flow:
            try:
                return (yield request)
            except ServiceResponseError:
                heard.append(self.name)
                if not self.mend:
                    raise
            return (yield request)

    response = send([Hearing("outer", mend=True), Hearing("inner")], ServiceResponseError("reset"), Answer(200))
    assert response.status_code == 200
    assert heard == ["inner", "outer"]


def test_a_policy_that_raises_before_its_first_yield_is_heard_above(send: Send) -> None:
    """Opening a policy can fail; those above may mend it."""

    class Refusing:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            if request.method:
                raise LookupError("refused")
            return (yield request)

    with pytest.raises(LookupError, match="refused"):
        send([Again(), Refusing()])


def test_a_wait_past_the_deadline_is_not_begun() -> None:
    """The driver raises at once, with the numbers."""
    service = ScriptedTransport(Answer(503))
    request = new_request()
    request.call = Call({}, deadline=0.5, clock=service.monotonic)
    with pytest.raises(DeadlineExceededError, match=r"due in 1 s, but the call's timeout leaves 0\.5 s") as caught:
        drive(Chain([Again()]).send(request), service)
    assert caught.value.attempts == 1
    assert service.waits == []


def test_cancellation_abandons_the_body_and_runs_finally() -> None:
    """A cancelled task leaves nothing open, and its cancellation is what comes out."""
    log: list[str] = []

    class Tidy:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            try:
                yield request
                yield Sleep(3600.0, request.call)
                return (yield request)
            finally:
                log.append("finally")

    class Slow(AsyncScriptedTransport):
        async def sleep(self, seconds: float, /) -> None:
            await asyncio.sleep(seconds)

    async def main() -> None:
        task = asyncio.create_task(drive_async(Chain([Tidy()]).send(new_request()), Slow(OpenAnswer(200, "x", log))))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert sorted(log) == ["abandon x", "finally"]


def test_an_interrupt_is_not_replaced_by_a_policy_that_breaks_the_rules() -> None:
    """A policy that yields while it is being closed gets a note, not the last word."""

    class Stubborn:
        settings: ClassVar[tuple[Setting, ...]] = ()

        def send(self, request: HttpRequest, /) -> Flow:
            try:
                return (yield request)
            except GeneratorExit:
                return (yield request)

    def interrupt(request: HttpRequest) -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        drive(Chain([Stubborn()]).send(new_request()), ScriptedTransport(interrupt))
    assert "tried to go on while the call was being cancelled" in "".join(caught.value.__notes__)


def test_one_chain_serves_many_threads() -> None:
    """State lives in the generator of a call, so threads cannot mix their calls up."""
    chain = Chain([Again()])
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(200):
                assert drive(chain.send(new_request()), ScriptedTransport(Answer(503), Answer(200))).status_code == 200
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_no_error_outlives_its_handler() -> None:
    """Without the collector, an error and all it holds is gone when its handler ends."""

    class Broken(ScriptedTransport):
        def send(self, request: HttpRequest, /) -> HttpResponse:
            raise ServiceResponseError("reset")

    gc.disable()
    try:
        watched: weakref.ref[BaseException] | None = None
        try:
            drive(Chain([Again()]).send(new_request()), Broken())
        except ServiceResponseError as error:
            watched = weakref.ref(error)
        assert watched is not None
        assert watched() is None
    finally:
        gc.enable()


def test_a_traceback_shows_no_frame_of_the_machinery(send: Send) -> None:
    """User code, transport, cause: chain and drivers say nothing to anybody."""
    with pytest.raises(ServiceResponseError) as caught:
        send([Again()], ServiceResponseError("reset"))
    assert not [entry for entry in caught.traceback if Path(str(entry.path)).name == "pipeline.py"]


def test_no_policy_yields_where_it_may_be_closed() -> None:
    """Rule 3: no yield in `finally` or in `except BaseException`."""
    folder = Path(inspect.getfile(clientsmith.core.policies)).parent
    for source in folder.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Try):
                continue
            bare = [
                h for h in node.handlers if h.type is None or ast.unparse(h.type) in ("BaseException", "GeneratorExit")
            ]
            for statement in [*node.finalbody, *(s for handler in bare for s in handler.body)]:
                assert not [n for n in ast.walk(statement) if isinstance(n, ast.Yield | ast.YieldFrom)], source.name


def test_no_generator_makes_a_context_current() -> None:
    """Whoever resumes a generator is in a context of their own: what it set there would stay with them.

    What asks the driver to do something around a send may, in the frame that the driver gives it.
    """
    core = Path(inspect.getfile(clientsmith.core.policies)).parent.parent
    allowed = {"classic.py": {"perform", "perform_async"}, "_spans.py": {"__init__"}}
    for source in [*core.glob("*.py"), *(core / "policies").rglob("*.py"), *core.glob("p*ing/*.py")]:
        for function in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            methods = [call for call in calls if isinstance(call, ast.Attribute)]
            told = {call.attr for call in methods if "context" in ast.unparse(call).lower()}
            told |= {call.attr for call in methods if ast.unparse(call) == "_below.set"}
            makes = told & {"attach", "set", "use_span", "start_as_current_span"}
            assert not makes or function.name in allowed.get(source.name, set()), f"{source.name}: {function.name}"
            is_generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))
            assert not (makes and is_generator), f"{source.name}: {function.name}"


class Own:
    """Sends a request of its own before the one that it was asked for."""

    def send(self, request: HttpRequest, /) -> Flow:
        yield HttpRequest("POST", "https://example.test/lock")
        return (yield request)


class Below:
    """Notes the settings of what comes by."""

    def __init__(self) -> None:
        self.seen: list[bool] = []

    def send(self, request: HttpRequest, /) -> Flow:
        self.seen.append("timeout" in request.call.settings)
        return (yield request)


def test_a_request_that_a_policy_makes_belongs_to_the_call(send: Send) -> None:
    """Policies below find settings and deadline, and its attempts count."""
    below = Below()
    attempts: list[int] = []

    class Counting(HookPolicy):
        def on_request(self, request: HttpRequest, /) -> None:
            attempts.append(request.call.attempts)

    request = new_request()
    request.call = Call({"timeout": 1})
    drive(Chain([Own(), below, Counting()]).send(request), ScriptedTransport(Answer(200), Answer(201)))
    assert (below.seen, attempts, request.call.attempts) == ([True, True], [0, 1], 2)
    drive(Chain([Own()]).send(request), ScriptedTransport(Answer(200), Answer(201)))  # right above the transport
    assert request.call.attempts == 4
    assert send([Own()], Answer(200), Answer(201)).status_code == 201


class Forgetful:
    def send(self, request: HttpRequest, /) -> Flow:
        yield request
        return None  # type: ignore[return-value]


class Silent:
    def send(self, request: HttpRequest, /) -> Flow:
        if request.method == "":
            yield request
        return None  # type: ignore[return-value]


class Yielding:
    def send(self, request: HttpRequest, /) -> Flow:
        yield 2.0  # type: ignore[misc]
        return (yield request)


class Around:
    """A policy above, which must not be blamed."""

    def send(self, request: HttpRequest, /) -> Flow:
        response = yield request
        assert response.status_code
        return response


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Forgetful(), "Forgetful.send ended without a response; end it with `return response`"),
        (Silent(), "Silent.send ended without a response"),
        (Yielding(), "a policy yielded a float; what can be yielded is a request or a Sleep"),
    ],
    ids=["after an answer", "before one", "something else"],
)
def test_a_flow_that_is_written_wrong_is_told_by_name(send: Send, policy: Policy, message: str) -> None:
    """Not as an AttributeError of the policy above or of the driver."""
    with pytest.raises(TypeError, match=message):
        send([Around(), policy], Answer(200))


class Duck:
    def on_request(self, request: HttpRequest, /) -> None: ...


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Around, r"Around is a class; a chain is made of objects: Around\(...\)"),
        (Duck(), r"Duck is no policy: derive it from HookPolicy, or give it a method send\(request\)"),
        (None, "NoneType is no policy"),
    ],
    ids=["a class", "a hook by its looks", "nothing"],
)
def test_what_is_no_policy_is_told_when_the_chain_is_made(policy: object, message: str) -> None:
    """Not by the first call."""
    with pytest.raises(UsageError, match=message):
        Chain([policy])  # type: ignore[list-item]
