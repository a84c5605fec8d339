"""Watching a long running operation, as steps without I/O: what both colours of `LROPoller` carry out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from ..errors import DeadlineExceededError, OperationFailedError, PollTimeoutError
from ..pipeline import Flow, Sleep, Steps
from ..rest import Call, HttpRequest, HttpResponse
from ..settings import Settings
from .schemes import PollState
from .tokens import read_token, write_token

if TYPE_CHECKING:
    from ..operations import LongRunningOperation

__all__ = ["PollingSteps", "Road", "Watch"]

T = TypeVar("T")
U = TypeVar("U")

# A long poll ends this much before the time at which we would cut it off: the answer has to travel too.
_TRAVEL_SECONDS: Final = 1.0


class Road(Protocol):
    """What a watch needs of the client; `ClientCore` is it."""

    endpoint: str
    clock: Callable[[], float]

    def follow(self, request: HttpRequest, settings: Settings, /) -> Flow:
        """Send a request to an address that the service gave."""
        ...


class Watch:
    """One operation being watched: its state, its last answer, and when to look again.

    The state moves only when an answer has arrived, so an error, a timeout or a cancellation loses nothing.
    """

    def __init__(
        self,
        road: Road,
        operation: LongRunningOperation[Any],
        settings: Settings,
        state: PollState,
        answer: HttpResponse | None,
    ) -> None:
        self.operation, self.state, self.answer = operation, state, answer
        self.callbacks: list[tuple[Callable[[Any], object], object]] = []
        self._road, self._settings, self._polling = road, settings, operation.polling
        self._call = Call(settings, clock=road.clock)  # for our own pauses: no deadline, each look has one
        self._final: HttpResponse | None = None
        self._due = road.clock()
        if not (self._polling.wait_parameter and state.retry_after is None):
            self._due += state.pause(self._interval)

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
        return write_token(self.name, self.state, self.answer)

    def poll(self, left: float | None = None) -> Steps[bool]:
        """Look once, in at most ``left`` seconds; return whether the operation is over."""
        if self.is_done:
            return True
        started = self._road.clock()
        timeout = _least(self._settings["timeout"], left)
        request = self._polling.request(self.state, self._hold_seconds(timeout))
        request.headers["Accept"] = self.operation.accept
        response = yield from self._road.follow(request, {**self._settings, "timeout": timeout})
        self.operation.raise_for_error(response)
        state = self._polling.advance(self.state, response)
        if self._polling.wait_parameter and state.retry_after is None:
            # Held answers need no pause. Those that come at once do: the service may not know the parameter.
            self._due = started + self._interval
        else:
            self._due = self._road.clock() + state.pause(self._interval)
        self.state, self.answer = state, response
        if self.is_done:
            while self.callbacks:
                function, poller = self.callbacks.pop(0)
                function(poller)
        return self.is_done

    def wait(self, timeout: float | None) -> Steps[bool]:
        """Look until the operation is over or ``timeout`` seconds have passed; return whether it is over."""
        until = None if timeout is None else self._road.clock() + timeout
        while not self.is_done:
            now = self._road.clock()
            left = None if until is None else until - now
            if left is not None and left <= 0:
                return False
            if self._due > now:
                yield Sleep(_least(self._due - now, left) or 0.0, self._call)
                continue
            try:
                yield from self.poll(left)
            except DeadlineExceededError:
                own: float | None = self._settings["timeout"]
                if left is None or (own is not None and own < left):
                    raise  # the call's own timeout, not the end of the waiting
                return False
        return True

    def last(self, timeout: float | None) -> Steps[HttpResponse]:
        """Wait, then return the answer that has the result."""
        is_over = yield from self.wait(timeout)
        if not is_over:
            raise PollTimeoutError(timeout or 0.0, self.state.status, self.token())
        if self._final is not None:
            return self._final
        answer = self.answer
        if answer is None:
            raise AssertionError("an operation is over only by an answer")
        if self.state.stage == "failed":
            model = self._polling.read_failure(answer)
            raise OperationFailedError(response=answer, status=self.state.status, model=model)
        if self.state.final_url:
            request = HttpRequest("GET", self.state.final_url, headers={"Accept": self.operation.accept})
            answer = yield from self._road.follow(request, self._settings)
            self.operation.raise_for_error(answer)
        self._final = answer
        return answer

    def _hold_seconds(self, timeout: float | None) -> int:
        """Return how long the service may hold its answer."""
        if not self._polling.wait_parameter:
            return 0
        patience = _least(timeout, self._settings.get("read_timeout"))
        longest = self._polling.wait_seconds
        return longest if patience is None else max(0, min(longest, int(patience - _TRAVEL_SECONDS)))


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
    def start(
        road: Road,
        operation: LongRunningOperation[U],
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
        return PollingSteps(Watch(road, operation, settings, state, response), operation.polling.read)

    @staticmethod
    def resume(road: Road, operation: LongRunningOperation[U], settings: Settings, token: str) -> PollingSteps[U]:
        """Watch an operation from a continuation token on.

        Raises:
            ValueError: The token is not of this operation, or leads away from the endpoint.
        """
        found = read_token(token, f"{operation.method} {operation.path}", road.endpoint)
        if isinstance(found, HttpResponse):
            return PollingSteps.start(road, operation, settings, found.request, found)
        return PollingSteps(Watch(road, operation, settings, found, None), operation.polling.read)

    def then(self, function: Callable[[T], U]) -> PollingSteps[U]:
        """Return the same watch with ``function`` applied to the result."""
        return PollingSteps(self.watch, lambda response: function(self._read(response)))

    def result(self, timeout: float | None) -> Steps[T]:
        """Wait, then return the result, the same object each time."""
        if self._result is None:
            answer = yield from self.watch.last(timeout)
            self._result = (self._read(answer),)
        return self._result[0]
