"""What pollers of both colours have in common: everything that needs no network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NoReturn, Self, TypeVar

from ..rest import HttpResponse
from .steps import PollingSteps

__all__ = ["Face"]

T = TypeVar("T")


class Face(Generic[T]):
    """The base of `LROPoller` and of its async twin."""

    def __init__(self, steps: PollingSteps[T]) -> None:
        self._steps = steps
        self._watch = steps.watch

    def status(self) -> str:
        """Return the service's word for how the operation stands, as of the last look."""
        return self._watch.state.status

    def done(self) -> bool:
        """Return whether the operation is over, well or not, as of the last look."""
        return self._watch.is_done

    @property
    def last_response(self) -> HttpResponse | None:
        """What the service said last, for whatever else it tells (progress, say); None right after resuming."""
        return self._watch.answer

    def continuation_token(self) -> str:
        """Return what a ``begin_`` method needs as ``continuation_token`` to go on here, in any process.

        It is JSON with the addresses that the service gave; it holds no credential. It leads to the client's endpoint
        only: an operation that the service has watched on another host cannot be resumed.
        """
        return self._watch.token()

    def add_done_callback(self, function: Callable[[Self], object]) -> None:
        """Have a function called with this poller, once, when a look finds the operation over; at once if it is.

        What it raises comes out of the method that looked, after the other callbacks were called; several errors as an
        `ExceptionGroup`. The poller stays usable.
        """
        if self.done():
            function(self)
        else:
            self._watch.callbacks.append((function, self))

    def remove_done_callback(self, function: Callable[[Self], object]) -> None:
        """Take back every `add_done_callback` of the function."""
        self._watch.callbacks[:] = [entry for entry in self._watch.callbacks if entry != (function, self)]

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} belongs to its client and is not pickled; pass on its continuation_token() and "
            "resume from there"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._watch.name}: {self.status()}>"
