"""Watching a long running operation, as steps without I/O: what both colours of `LROPoller` carry out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from .._run import OperationLike, Road
from ..errors import (
    CircuitOpenError,
    ClientsmithError,
    DeadlineExceededError,
    HttpResponseError,
    OperationFailedError,
    PollTimeoutError,
    TransportError,
    UsageError,
)
from ..pipeline import Sleep, Steps
from ..rest import Call, HttpRequest, HttpResponse
from ..settings import Settings
from .schemes import Polling
from .state import TRANSIENT, PollState
from .tokens import read_token, write_token

if TYPE_CHECKING:
    from .following import Following

__all__ = ["PollingSteps", "Watch", "Watched"]

T = TypeVar("T")
U = TypeVar("U")

# A long poll ends this much before the time at which we would cut it off: the answer has to travel too.
_TRAVEL_SECONDS: Final = 1.0


class Watched(OperationLike, Protocol[T]):
    """What is needed of the operation; `LongRunningOperation` is it."""

    polling: Polling[T]


class Watch:
    """One operation being watched: its state, its last answer, and when to look again.

    The state moves only when an answer has arrived, so an error, a timeout or a cancellation loses nothing.
    """

    def __init__(
        self,
        road: Road,
        operation: Watched[Any],
        settings: Settings,
        state: PollState,
        answer: HttpResponse | None,
    ) -> None:
        self.operation, self.state, self.answer = operation, state, answer
        self.callbacks: list[tuple[Callable[[Any], object], object]] = []
        self._road, self._settings, self._polling = road, settings, operation.polling
        self._call = Call(settings, clock=road.clock)  # for our own pauses: no deadline, each look has one
        self._final: HttpResponse | None = None
        self._failed: list[ClientsmithError] = []  # looks in a row that failed for a reason that passes
        self._following: Following | None = None
        self._due = road.clock()
        if not (self._polling.wait_parameter and state.retry_after is None):
            self._due += state.pause(self._interval, _jitter())

    @property
    def name(self) -> str:
        """The operation by method and path."""
        return f"{self.operation.method} {self.operation.path}"

    @property
    def is_done(self) -> bool:
        """Whether the operation is over, as far as we have heard."""
        return self.state.stage != "running"

    @property
    def _interval(self) -> float:
        return max(0.0, float(self._settings["polling_interval"]))

    def token(self) -> str:
        """Return what another process needs to go on."""
        state, keep = self.state, self._road.without_secrets
        kept = state._replace(
            url=keep(state.url),
            final_url=keep(state.final_url),
            cancel_url=keep(state.cancel_url),
            events_url=keep(state.events_url),
        )
        return write_token(self.name, kept, self.answer)

    # --- looking ---

    def poll(self) -> Steps[bool]:
        """Look once; return whether the operation is over."""
        if not self.is_done:
            yield from self._resumable(self._look(self._settings["timeout"]))
            self._call_back_if_done()
        return self.is_done

    def _look(self, timeout: float | None) -> Steps[None]:
        started = self._road.clock()
        response = yield from self._ask(self._polling.request(self.state, self._hold_seconds(timeout)), timeout)
        state = self._polling.advance(self.state, response)
        if self._polling.wait_parameter and state.retry_after is None:
            # Held answers need no pause. Those that come at once do: the service may not know the parameter.
            self._due = started + self._interval
        else:
            self._due = self._road.clock() + state.pause(self._interval, _jitter())
        self.state, self.answer = state, response
        self._failed.clear()
        if self._following is not None and not self.is_done:
            self._following.looked()

    def _ask(self, request: HttpRequest, timeout: float | None) -> Steps[HttpResponse]:
        """Send one of our own requests and return its answer."""
        request.headers["Accept"] = self.operation.accept
        settings = {**self._settings, "timeout": timeout}
        # A monitor's address is none of the operation's template; traces would count looks as starts.
        is_own = self.state.source in ("resource", "removal")
        response = yield from self._road.follow(request, settings, template=self.operation.path if is_own else "")
        if not self._is_gone(response):
            self.operation.raise_for_error(response)
        return response

    def _resumable(self, steps: Steps[T]) -> Steps[T]:
        """Carry steps out; an error has the token to go on with."""
        try:
            return (yield from steps)
        except ClientsmithError as error:
            error.continuation_token = self.token()
            raise

    def _is_gone(self, response: HttpResponse) -> bool:
        """Whether what was to be deleted is deleted."""
        return self.state.source == "removal" and response.status_code in (404, 410)

    def wait(self, timeout: float | None) -> Steps[bool]:
        """Look until the operation is over or ``timeout`` seconds have passed; return whether it is over."""
        if self.state.events_url and self._following is None and not self.is_done:
            from .following import Following  # with all that reads a stream, for who has one

            self._following = Following(self._road, self._polling, self._settings, self.operation.path)
        try:
            return (yield from self._wait(None if timeout is None else self._road.clock() + timeout))
        finally:
            if self._following is not None:
                self._following.close()

    def _wait(self, until: float | None) -> Steps[bool]:
        while not self.is_done:
            now = self._road.clock()
            left = None if until is None else until - now
            if left is not None and left <= 0:
                return False
            if (yield from self._paused(now, until)):
                continue
            problem: TransportError | HttpResponseError | None = None
            try:
                yield from self._resumable(self._look(_least(self._settings["timeout"], left)))
            except DeadlineExceededError:
                own: float | None = self._settings["timeout"]
                if left is None or (own is not None and own < left):
                    raise  # the call's own timeout, not the end of the waiting
                return False
            except (TransportError, HttpResponseError) as error:
                problem = error
            if problem is not None:  # outside the except: else every failed look would chain onto the one before
                self._put_up_with(problem)
            self._call_back_if_done()  # outside as well: what a callback raises is no failed look
        return True

    def _paused(self, now: float, until: float | None) -> Steps[bool]:
        """Wait for the next look, listening if there is something to listen to; return whether it is not yet due."""
        following = self._following
        look_at = self._due if following is None else following.next_look(self._due)
        if look_at <= now:
            return False
        end = look_at if until is None else min(look_at, until)
        if following is not None and following.is_possible:
            yield from following.listen(self.state, look_at, end)
        else:
            yield Sleep(end - now, self._call)
        return True

    def _put_up_with(self, problem: TransportError | HttpResponseError) -> None:
        """Decide to look again after the usual pause, or raise the problem with those before it attached.

        A look that failed says nothing about the operation, which may have run for hours. ``max_retries`` looks in a
        row may fail for a reason that passes, each after the retries of its own call.
        """
        if not _is_passing(problem) or len(self._failed) >= self._settings.get("max_retries", 0):
            problem.previous = (*self._failed, *problem.previous)
            self._failed.clear()
            raise problem
        self._failed.append(problem.with_traceback(None))
        wish = problem.retry_after if isinstance(problem, HttpResponseError | CircuitOpenError) else None
        state = self.state._replace(polls=self.state.polls + len(self._failed), retry_after=wish)
        self._due = self._road.clock() + state.pause(self._interval, _jitter())
        if self._following is not None:
            self._following.look_failed()

    def _call_back_if_done(self) -> None:
        """Call every callback once the operation is over, whatever the others raise."""
        problems: list[Exception] = []
        while self.is_done and self.callbacks:
            function, poller = self.callbacks.pop(0)
            try:
                function(poller)
            except Exception as problem:  # noqa: BLE001 - raised below, when all have been called
                problems.append(problem)
        if len(problems) == 1:
            raise problems[0]
        if problems:
            raise ExceptionGroup(f"{len(problems)} callbacks of the operation {self.name} failed", problems)

    # --- the end ---

    def last(self, timeout: float | None) -> Steps[HttpResponse]:
        """Wait, then return the answer that has the result."""
        is_over = yield from self.wait(timeout)
        if not is_over:
            late = PollTimeoutError(timeout or 0.0, self.state.status, self.token())
            late.previous = tuple(self._failed)  # when the service was down until then
            raise late
        if self._final is not None:
            return self._final
        answer = self.answer
        if answer is None:
            raise AssertionError("an operation is over only by an answer")
        if self.state.stage == "failed":
            model = self._polling.read_failure(self.state, answer)
            status, reason = self.state.status, self._polling.reason(answer)
            message = f"the operation ended as {status!r}: {reason}" if reason else ""
            raise OperationFailedError(message, response=answer, status=status, error=model)
        if self.state.final_url:
            asked = self._ask(HttpRequest("GET", self.state.final_url), self._settings["timeout"])
            answer = yield from self._resumable(asked)
        self._final = answer
        return answer

    def cancel(self) -> Steps[None]:
        """Ask the service to cancel the operation; nothing to do if it is known to be over.

        Raises:
            UsageError: The service offers no way.
        """
        if self.is_done:
            return
        if not self.state.cancel_url:
            why = "the service's first answer did not say where" if self._polling.cancel else "no way is declared"
            raise UsageError(f"the operation {self.name} cannot be cancelled: {why}; it goes on, `wait` for its end")
        asked = self._ask(self._polling.cancel_request(self.state), self._settings["timeout"])
        yield from self._resumable(asked)
        self._due = self._road.clock()  # there should be news

    def _hold_seconds(self, timeout: float | None) -> int:
        """Return how long the service may hold its answer."""
        if not self._polling.wait_parameter:
            return 0
        patience = _least(timeout, self._settings.get("read_timeout"))
        longest = self._polling.wait_seconds
        return longest if patience is None else max(0, min(longest, int(patience - _TRAVEL_SECONDS)))


def _is_passing(problem: TransportError | HttpResponseError) -> bool:
    """Whether a failed look may go better the next time."""
    if isinstance(problem, HttpResponseError):
        return problem.status_code in TRANSIENT
    return problem.is_transient or isinstance(problem, CircuitOpenError)


def _jitter() -> float:
    """Return a factor for our own pauses. A fifth is enough to keep clients apart: the pauses add up."""
    from random import uniform  # only who waits needs it

    return uniform(0.9, 1.1)


def _least(one: float | None, other: float | None) -> float | None:
    """Return the lesser number; None is no limit."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


class PollingSteps(Generic[T]):
    """A watch, and how the result is read from its last answer."""

    def __init__(self, watch: Watch, read: Callable[[HttpResponse], T]) -> None:
        self.watch = watch
        self._read = read
        self._result: tuple[T] | None = None

    @staticmethod
    def begin(
        road: Road,
        operation: Watched[U],
        arguments: Mapping[str, Any],
        body: Any,
        options: Mapping[str, Any],
    ) -> Steps[PollingSteps[U]]:
        """Start the operation, or pick it up where ``continuation_token`` says, and return how to watch it.

        Raises:
            HttpResponseError: The service refused to start it.
            DecodeError: It started, but nothing says where to look.
        """
        if options.get("continuation_token") is not None:
            return PollingSteps.resume(road, operation, options)
        settings = road.table.for_call({k: v for k, v in options.items() if k != "continuation_token"})
        request = operation.request(arguments, body)
        response = yield from road.send(request, settings, template=operation.path, access=operation.access)
        operation.raise_for_error(response)
        return PollingSteps.start(road, operation, settings, request, response)

    @staticmethod
    def resume(
        road: Road, operation: Watched[U], options: Mapping[str, Any]
    ) -> PollingSteps[U]:  # fmt: skip
        """Watch an operation from a continuation token on; sends nothing.

        Raises:
            ArgumentError: The token is not of this operation, or leads away from the endpoint.
        """
        rest = dict(options)
        found = read_token(rest.pop("continuation_token"), f"{operation.method} {operation.path}", road.endpoint)
        settings = road.table.for_call(rest)
        if isinstance(found, HttpResponse):
            return PollingSteps.start(road, operation, settings, found.request, found)
        return PollingSteps(Watch(road, operation, settings, found, None), _reader(operation))

    @staticmethod
    def start(
        road: Road,
        operation: Watched[U],
        settings: Settings,
        request: HttpRequest,
        response: HttpResponse,
    ) -> PollingSteps[U]:
        """Watch an operation from its first answer on, which is a success.

        Raises:
            DecodeError: The operation goes on, but nothing says where to look.
        """
        if response.is_success:
            state = operation.polling.begin(request, response)
        else:  # 404 where that is what was wanted: the thing to delete is gone
            state = PollState("", "succeeded", "succeeded")
        return PollingSteps(Watch(road, operation, settings, state, response), _reader(operation))

    def then(self, function: Callable[[T], U]) -> PollingSteps[U]:
        """Return the same watch with ``function`` applied to the result."""
        return PollingSteps(self.watch, lambda response: function(self._read(response)))

    def result(self, timeout: float | None) -> Steps[T]:
        """Wait, then return the result, the same object each time."""
        if self._result is None:
            answer = yield from self.watch.last(timeout)
            self._result = (self._read(answer),)
        return self._result[0]


def _reader(operation: Watched[U]) -> Callable[[HttpResponse], U]:
    """Return how the result is read: a DELETE has none, unless somebody declared it."""
    polling = operation.polling
    if operation.method == "DELETE" and polling.codec is None and not polling.result:
        return lambda _response: None  # type: ignore[return-value]  # U is None then
    return polling.read
