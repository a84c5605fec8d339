"""The async face of polling: the names of `clientsmith.core.polling` for ``await``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .._run import AsyncClient, AsyncRun
from .face import Face
from .steps import PollingSteps, Watched

if TYPE_CHECKING:
    from typing import Unpack

    from ..settings import PollOptions

__all__ = ["LROPoller"]

T = TypeVar("T")
U = TypeVar("U")


class LROPoller(Face[T]):
    """Watches a long running operation; see the sync `clientsmith.core.polling.LROPoller`."""

    def __init__(self, run: AsyncRun, steps: PollingSteps[T]) -> None:
        super().__init__(steps)
        self._run = run

    @staticmethod
    def from_continuation_token(
        continuation_token: str,
        client: AsyncClient,
        operation: Watched[U],
        /,
        **options: Unpack[PollOptions],
    ) -> LROPoller[U]:
        """Return a poller that goes on where another one was; see the sync twin. Nothing is sent."""
        core, run = client._core, client._run  # pyright: ignore[reportPrivateUsage]  # we are one package
        given = {**options, "continuation_token": continuation_token}
        return LROPoller(run, PollingSteps.resume(core, operation, given))

    async def result(self, timeout: float | None = None) -> T:
        """Wait for the end and return what the operation ends with. Arguments and errors as for the sync twin."""
        return await self._run(self._steps.result(timeout))

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, well or not, and return whether it has come within ``timeout`` seconds."""
        return await self._run(self._watch.wait(timeout))

    async def poll(self) -> bool:
        """Look once, now, and return whether the operation is over."""
        return await self._run(self._watch.poll())

    async def cancel(self) -> None:
        """Ask the service to cancel the operation. Errors as for the sync twin."""
        await self._run(self._watch.cancel())

    def then(self, function: Callable[[T], U]) -> LROPoller[U]:
        """Return a poller of the same operation whose result is ``function(result)``, a plain function."""
        return LROPoller(self._run, self._steps.then(function))
