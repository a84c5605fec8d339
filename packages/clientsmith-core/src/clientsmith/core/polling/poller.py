"""The sync face of polling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .._run import Run
from .face import Face
from .steps import PollingSteps

__all__ = ["LROPoller"]

T = TypeVar("T")
U = TypeVar("U")


class LROPoller(Face[T]):
    """Watches a long running operation.

    Each look is a call of its own, with the ``timeout`` and the other settings of the ``begin_`` method. An error while
    looking leaves the poller as it was: call again to go on.
    """

    def __init__(self, run: Run, steps: PollingSteps[T]) -> None:
        super().__init__(steps)
        self._run = run

    def result(self, timeout: float | None = None) -> T:
        """Wait for the end and return what the operation ends with.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            OperationFailedError: The operation ended, and not well; ``status`` and ``model`` tell more.
            PollTimeoutError: It is not over yet; ``continuation_token`` resumes it.
            HttpResponseError: The service refused to tell.
            TransportError: A request and its answer did not both arrive.
        """
        return self._run(self._steps.result(timeout))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, well or not, and return whether it has come. Errors as for `result`, but for the first two.

        Args:
            timeout: Seconds to wait at most, 0 looks nowhere (`poll` does); None waits as long as it takes.
        """
        return self._run(self._watch.wait(timeout))

    def poll(self) -> bool:
        """Look once, now, and return whether the operation is over. Errors as for `wait`."""
        return self._run(self._watch.poll())

    def then(self, function: Callable[[T], U]) -> LROPoller[U]:
        """Return a poller of the same operation whose result is ``function(result)``.

        The function may raise, to judge a result that the service calls a success.
        """
        return LROPoller(self._run, self._steps.then(function))
