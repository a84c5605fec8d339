"""The sync face of polling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .._run import Client, Run
from .face import Face
from .steps import PollingSteps, Watched

if TYPE_CHECKING:
    from typing import Unpack

    from ..settings import PollOptions

__all__ = ["LROPoller"]

T = TypeVar("T")
U = TypeVar("U")


class LROPoller(Face[T]):
    """Watches a long running operation.

    Each look is a call of its own, with the ``timeout`` and the other settings of the ``begin_`` method. `result` and
    `wait` put up with a service that is not itself for a while: ``max_retries`` looks in a row may fail for a reason
    that passes. Any error leaves the poller as it was: call again to go on, or resume with the error's
    ``continuation_token``.
    """

    def __init__(self, run: Run, steps: PollingSteps[T]) -> None:
        super().__init__(steps)
        self._run = run

    @staticmethod
    def from_continuation_token(
        continuation_token: str,
        client: Client,
        operation: Watched[U],
        /,
        **options: Unpack[PollOptions],
    ) -> LROPoller[U]:
        """Return a poller that goes on where another one was, in any process. Nothing is sent.

        A ``begin_`` method with ``continuation_token`` does the same, and knows the operation.

        Args:
            continuation_token: What `continuation_token` returned, or what an error has under that name.
            client: A client of the same service.
            operation: The operation that the token is of.
            **options: As for the ``begin_`` method.

        Raises:
            ArgumentError: The token is not of this operation, or leads away from the client's endpoint.
        """
        core, run = client._core, client._run  # pyright: ignore[reportPrivateUsage]  # we are one package
        given = {**options, "continuation_token": continuation_token}
        return LROPoller(run, PollingSteps.resume(core, operation, given))

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

    def cancel(self) -> None:
        """Ask the service to cancel the operation, and return at once; does nothing if it is known to be over.

        The operation may still end well: `wait` for its end and look at `status`. `result` raises
        `OperationFailedError` for one that was cancelled.

        Raises:
            UsageError: The service offers no way to cancel it.
            HttpResponseError: The service refused.
        """
        self._run(self._watch.cancel())

    def then(self, function: Callable[[T], U]) -> LROPoller[U]:
        """Return a poller of the same operation whose result is ``function(result)``.

        The function may raise, to judge a result that the service calls a success.
        """
        return LROPoller(self._run, self._steps.then(function))
