"""The chain of policies and its two drivers: the only place that knows sync from async.

A policy decides, it does no I/O. There are two kinds, and each is written once for both colours:

- A **hook** looks at a request before it is sent and at its response (`HookPolicy`).
- A **flow** may send several requests, wait and ask: a generator that yields an `HttpRequest` or a `Sleep`, asks typed
  questions with ``yield from`` and returns the response.

A third kind is for code that was written elsewhere: a **classic** policy sends by itself, with ``self.next.send``, in
one colour (`HTTPPolicy`, `AsyncHTTPPolicy`). It cuts the chain in two, see `clientsmith.core.classic`.

`Chain` composes them into one generator, `drive` and `drive_async` carry out what it yields.

Rules:

1. An open response belongs to the chain until the outermost policy returns it. A new request, an exception, a
   cancellation or another response returned in its place abandons the former, so no policy can leak a connection.
2. Hooks get a copy of the request for every send. What a hook sets for one hop (a credential, say) never reaches the
   next one. What must be equal over retries is set in `HookPolicy.on_start`, which runs once, before the flows.
3. Cancellation is closed, not thrown: policies see `GeneratorExit`, their ``finally`` runs, they cannot send again.
   So no policy may yield in ``finally`` or in ``except BaseException``; a test checks ours.
4. State that calls share (a budget, a token) is guarded by a mutex held for a few instructions, never across a yield.
5. A request that a policy makes itself becomes part of the call that it is made in: its settings, its deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from types import TracebackType
from typing import Any, ClassVar, Final, Generic, Literal, Protocol, TypeAlias, TypeVar, cast, final

from .errors import DeadlineExceededError, UsageError
from .rest import NO_CALL, Call, HttpRequest, HttpResponse
from .settings import Setting

__all__ = [
    "IO",
    "Ask",
    "AsyncHTTPPolicy",
    "AsyncIO",
    "AsyncNext",
    "Chain",
    "Flow",
    "FlowPolicy",
    "HTTPPolicy",
    "HookPolicy",
    "Next",
    "Policy",
    "Sleep",
    "Step",
    "Steps",
    "settings_of",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


# --- what a policy may yield -----------------------------------------------------------------------------------------


class Pending:
    """A question on its way to the driver. Made by `Ask` alone, so that yielding a question bare is a type error."""


@final
class Sleep:
    """Wait this many seconds. A wait that would end after the call's deadline is not begun: the driver raises."""

    __slots__ = ("call", "seconds")

    def __init__(self, seconds: float, call: Call) -> None:
        self.seconds = seconds
        self.call = call


class IO(Protocol):
    """What the sync driver can do."""

    def send(self, request: HttpRequest, /) -> HttpResponse: ...

    def sleep(self, seconds: float, /) -> None: ...


class AsyncIO(Protocol):
    """What the async driver can do."""

    async def send(self, request: HttpRequest, /) -> HttpResponse: ...

    async def sleep(self, seconds: float, /) -> None: ...


class Ask(Generic[T_co]):
    """A question with a typed answer, asked with ``answer = yield from TheQuestion(...)``.

    A subclass says how it is answered in either colour, so a new kind of question needs no change in the drivers.
    """

    __slots__ = ()

    def __iter__(self) -> Generator[Pending, Any, T_co]:
        answer: T_co = yield cast(Pending, self)
        return answer

    def perform(self, io: IO) -> T_co:
        """Answer in the sync driver."""
        raise TypeError(f"{type(self).__name__} cannot be answered by a sync client")

    async def perform_async(self, io: AsyncIO) -> T_co:
        """Answer in the async driver."""
        raise TypeError(f"{type(self).__name__} cannot be answered by an async client")


Step: TypeAlias = HttpRequest | Sleep | Pending
Steps: TypeAlias = Generator[Step, HttpResponse, T]  # anything that ends with a T: a response, a page, a token
Flow: TypeAlias = Steps[HttpResponse]


# --- the kinds of policies -------------------------------------------------------------------------------------------


class HookPolicy:
    """A policy that looks at requests and responses and never sends one itself. Override what is needed."""

    settings: ClassVar[tuple[Setting, ...]] = ()

    def on_start(self, request: HttpRequest, /) -> None:
        """See the request once, before retries and redirects: set what has to be equal over all of them."""

    def on_request(self, request: HttpRequest, /) -> None:
        """See the copy that is about to be sent; changes to it are for this send alone."""

    def on_response(self, request: HttpRequest, response: HttpResponse, /) -> None:
        """See what came back. A body may still be on the wire."""

    def on_error(self, request: HttpRequest, error: Exception, /) -> None:
        """See that the transport failed: what it raised is raised when all hooks have seen it."""


class FlowPolicy(Protocol):
    """A policy that decides what is sent and when: a generator without I/O.

    What it can be told it declares as the others do, in a tuple of `Setting` called ``settings``; it need not have one.
    """

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield requests and waits, return the response."""
        ...


class Next(Protocol):
    """The rest of the chain, as a classic policy sees it."""

    def send(self, request: HttpRequest, /) -> HttpResponse: ...


class AsyncNext(Protocol):
    """The rest of the chain, as an async classic policy sees it."""

    async def send(self, request: HttpRequest, /) -> HttpResponse: ...


class HTTPPolicy:
    """A policy in the classic form: it does the sending itself, with ``self.next.send(request)``, for sync clients.

    It sees what flows see, may send as often as it likes and do I/O of its own. Prefer a generator (`FlowPolicy`) where
    there is a choice: that serves both colours, and its tests need no client.

    Attributes:
        next: The rest of the chain. It is there while ``send`` runs and finds the call that runs, so that threads,
            tasks and clients may share one policy.
    """

    settings: ClassVar[tuple[Setting, ...]] = ()
    next: Next

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Return the response to the request."""
        return self.next.send(request)


class AsyncHTTPPolicy:
    """The async twin of `HTTPPolicy`: ``await self.next.send(request)``. `clientsmith.core.aio` calls it HTTPPolicy."""

    settings: ClassVar[tuple[Setting, ...]] = ()
    next: AsyncNext

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Return the response to the request."""
        return await self.next.send(request)


Colour: TypeAlias = Literal["sync", "async"]
Policy: TypeAlias = HookPolicy | FlowPolicy | HTTPPolicy | AsyncHTTPPolicy

# What a function is, as its code says (`inspect.CO_GENERATOR` and its kin): `inspect` takes 10 ms to import.
_GENERATOR: Final = 0x20


def settings_of(policies: Iterable[Policy]) -> list[Setting]:
    """Return what policies can be told."""
    return [setting for policy in policies for setting in getattr(policy, "settings", ())]


def _is_flow(policy: Any) -> bool:
    """Whether the policy's ``send`` makes a generator; anything callable that hides its code is believed to."""
    code = getattr(policy.send, "__code__", None)
    return code is None or bool(code.co_flags & _GENERATOR)


def _check(policy: object) -> None:
    """Raise UsageError for what is no policy, before it fails in some call."""
    if isinstance(policy, type):
        raise UsageError(f"{policy.__name__} is a class; a chain is made of objects: {policy.__name__}(...)")
    if not isinstance(policy, HookPolicy) and not callable(getattr(policy, "send", None)):
        raise UsageError(
            f"{type(policy).__name__} is no policy: derive it from HookPolicy, or give it a method send(request)"
        )


def _overridden(hooks: Sequence[HookPolicy], method: str) -> list[Any]:
    """Return the bound methods that somebody wrote: an empty hook costs nothing."""
    base = getattr(HookPolicy, method)
    return [getattr(hook, method) for hook in hooks if getattr(type(hook), method) is not base]


# --- the chain -------------------------------------------------------------------------------------------------------


class Chain:
    """Policies composed into one generator without I/O.

    Flows run in their order, outermost first; hooks run below all flows, right before the transport, responses in
    reverse order. A chain holds no state of a call: any number of threads and tasks may use one at the same time.

    A classic policy is the transport of what stands above it. What stands below is a chain of its own, with all the
    hooks: they still run right before the transport, and ``on_start`` still runs once.

    Attributes:
        classic: The first classic policy, None if there is none.
        colour: That of the clients that it is written for, None if the chain serves both.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        """Compose policies.

        Raises:
            UsageError: One of them is no policy, or two are written for clients of different colours.
        """
        for policy in policies:
            _check(policy)
        hooks = [policy for policy in policies if isinstance(policy, HookPolicy)]
        others: list[Any] = [policy for policy in policies if not isinstance(policy, HookPolicy)]
        cut = next((index for index, policy in enumerate(others) if not _is_flow(policy)), len(others))
        self._flows: list[Callable[[HttpRequest], Flow]] = [flow.send for flow in others[:cut]]
        self._at_start: list[Callable[[HttpRequest], None]] = _overridden(hooks, "on_start")
        self._bottom: Callable[[HttpRequest], Pending] | None = None
        self.classic: Any = None
        self.colour: Colour | None = None
        if cut < len(others):
            from .classic import colour_of, through  # only for who has one

            below = Chain([*hooks, *others[cut + 1 :]])
            below._at_start = []  # ran above
            self.classic = others[cut]
            self.colour = colour_of(self.classic, below.colour)
            self._bottom = through(self.classic, below)
            hooks = []
        self._before: list[Callable[[HttpRequest], None]] = _overridden(hooks, "on_request")
        self._after: list[Callable[[HttpRequest, HttpResponse], None]] = _overridden(hooks, "on_response")[::-1]
        self._failed: list[Callable[[HttpRequest, Exception], None]] = _overridden(hooks, "on_error")[::-1]

    def send(self, request: HttpRequest) -> Flow:
        """Send one request through all policies; yields what the driver has to carry out."""
        for hook in self._at_start:
            hook(request)
        stack: list[Flow] = []
        held: HttpResponse | None = None  # the open response that somebody above has not answered for yet (rule 1)
        step: Any = request
        answer: Any  # a response, or None beside an error
        error: Exception | None
        try:
            while True:
                answer = error = None
                try:
                    if step.__class__ is not HttpRequest:
                        answer = yield step
                    elif len(stack) < len(self._flows):  # down: the next policy opens
                        if step.call is NO_CALL:
                            step.call = request.call
                        flow = self._flows[len(stack)](step)
                        try:
                            step = next(flow)
                        except StopIteration as stop:  # a policy answered without asking: a cache
                            answer = stop.value
                            error = None if stop.value is not None else self._unanswered(len(stack))
                        else:
                            stack.append(flow)
                            continue
                    else:  # the bottom
                        if held is not None:
                            held.abandon()
                            held = None
                        if self._bottom is not None:
                            answer = yield self._bottom(step)
                        else:
                            step = step.copy()
                            if step.call is NO_CALL:
                                step.call = request.call
                            for hook in self._before:
                                hook(step)
                            call = step.call
                            call.attempts += 1
                            step.sent_at = call.clock()
                            try:
                                answer = yield step if call.through is None else call.through(step)
                            except Exception as problem:
                                for failed in self._failed:
                                    failed(step, problem)
                                raise
                        if answer.body is not None:
                            held = answer
                        for after in self._after:
                            after(step, answer)
                except Exception as problem:
                    error = problem
                while stack:  # up: the innermost policy hears first
                    try:
                        step = stack[-1].send(answer) if error is None else stack[-1].throw(error)
                    except StopIteration as stop:
                        stack.pop()
                        answer = stop.value
                        error = None if stop.value is not None else self._unanswered(len(stack))
                    except Exception as problem:
                        stack.pop()
                        answer, error = None, problem
                    else:
                        break
                else:
                    if error is not None:
                        raise error
                    if answer is held:
                        held = None
                    return answer  # type: ignore[no-any-return]  # a cast costs a call
        finally:
            if held is not None:
                held.abandon()
            # No cycle error -> traceback -> this frame -> error: an error must not outlive its handler.
            answer = error = None
            while stack:
                stack.pop().close()

    def _unanswered(self, position: int) -> TypeError:
        """Return the error of a flow that ended without a response: `return` was forgotten."""
        policy = getattr(self._flows[position], "__self__", None)
        return TypeError(f"{type(policy).__name__}.send ended without a response; end it with `return response`")


# --- the drivers -----------------------------------------------------------------------------------------------------


def drive(steps: Steps[T], io: IO) -> T:
    """Carry out the steps with blocking I/O and return what they end with."""
    resume: Callable[[Any], Step] = steps.send
    value: Any = None
    try:
        while True:
            step = resume(value)
            try:
                # Exact classes: both are final, and `is` is the fastest question there is.
                if type(step) is HttpRequest:
                    value = io.send(step)
                elif type(step) is Sleep:
                    io.sleep(_seconds_of(step))
                    value = None
                else:
                    value = _asked(step).perform(io)
                resume = steps.send
            except Exception as error:
                value, resume = error, steps.throw
    except StopIteration as stop:
        result: T = stop.value
        return result
    except Exception as error:
        error.__traceback__ = trimmed(error.__traceback__)
        raise
    except BaseException as interruption:
        _close(steps, interruption)
        raise
    finally:
        value = resume = None  # type: ignore[assignment]  # lets go of the error, see Chain.send


async def drive_async(steps: Steps[T], io: AsyncIO) -> T:
    """Carry out the steps on the running event loop and return what they end with."""
    resume: Callable[[Any], Step] = steps.send
    value: Any = None
    try:
        while True:
            step = resume(value)
            try:
                # Exact classes: both are final, and `is` is the fastest question there is.
                if type(step) is HttpRequest:
                    value = await io.send(step)
                elif type(step) is Sleep:
                    await io.sleep(_seconds_of(step))
                    value = None
                else:
                    value = await _asked(step).perform_async(io)
                resume = steps.send
            except Exception as error:
                value, resume = error, steps.throw
    except StopIteration as stop:
        result: T = stop.value
        return result
    except Exception as error:
        error.__traceback__ = trimmed(error.__traceback__)
        raise
    except BaseException as interruption:
        _close(steps, interruption)
        raise
    finally:
        value = resume = None  # type: ignore[assignment]  # lets go of the error, see Chain.send


def _asked(step: Any) -> Ask[Any]:
    """Return the question that a step is: `Pending` is what an `Ask` looks like on its way."""
    ask: Ask[Any] = step
    if isinstance(step, Ask):
        return ask
    raise TypeError(f"a policy yielded a {type(step).__name__}; what can be yielded is a request or a Sleep")


def _seconds_of(sleep: Sleep) -> float:
    call, left = sleep.call, sleep.call.remaining()
    if left is not None and sleep.seconds >= left:
        error = DeadlineExceededError(
            f"the next step was due in {sleep.seconds:.3g} s, but the call's timeout leaves {left:.3g} s; "
            "raise `timeout` to wait longer"
        )
        error.attempts, error.previous = call.attempts, call.previous
        raise error
    return sleep.seconds


def _close(steps: Steps[Any], interruption: BaseException) -> None:
    try:
        steps.close()
    except RuntimeError as error:  # a policy broke rule 3; the interruption matters more
        interruption.add_note(f"a policy tried to go on while the call was being cancelled: {error}")


# --- tracebacks ------------------------------------------------------------------------------------------------------

# Without the frames of chain and driver an error shows user code, client method, the policy that raised, transport.
MACHINERY: Final = {__file__}  # and the modules that carry parts of a chain, which add themselves


def trimmed(traceback: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the frames of the machinery, which say nothing to anybody."""
    kept: list[TracebackType] = []
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename not in MACHINERY:
            kept.append(traceback)
        traceback = traceback.tb_next
    shorter: TracebackType | None = None
    for entry in reversed(kept):
        shorter = TracebackType(shorter, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shorter
