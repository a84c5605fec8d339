"""When a stream that broke off is opened again, and how long to wait before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..errors import ServiceResponseError, TransportError
from ..pipeline import Sleep, Steps
from .source import Source

__all__ = ["Patience"]

# The retry policy's cap: whoever asks us to stay away longer is told to the caller, who can come back by himself.
LONGEST_WAIT: Final = 60.0

# A second: browsers take three to five, for people; a program that lost its stream is behind with its work.
DEFAULT_WAIT: Final = 1.0


class Patience:
    """Counts the openings in a row that brought not a single byte: ``max_retries`` of them are enough.

    A wait is at least what the service asks for, and grows at random with every opening in vain, so that clients that
    lost their streams together do not come back together.
    """

    def __init__(self, source: Source, jitter: Callable[[], float] | None = None) -> None:
        self._source = source
        self._jitter = jitter or _jitter
        self._max_retries: int = source.settings.get("max_retries", 0)
        self.in_vain = 0
        self.wait = DEFAULT_WAIT

    def progressed(self) -> None:
        """Remember that something came."""
        self.in_vain = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether it was tried often enough."""
        return self.in_vain >= self._max_retries

    def pause(self, failure: TransportError | None) -> Steps[None]:
        """Wait before the next opening.

        Raises:
            TransportError: The failure, or one in its place, if there is to be none.
        """
        if self.is_exhausted or (self.in_vain and not self._source.may_retry()):
            raise failure or self._ended(f"ended, and max_retries={self._max_retries} allows no more openings")
        if self.wait > LONGEST_WAIT:
            raise failure or self._ended(f"ended, and is to be asked for again in {self.wait:g} s; that is too long")
        extra = self.wait * (2.0**self.in_vain) * self._jitter()
        self.in_vain += 1
        yield Sleep(min(LONGEST_WAIT, self.wait + extra), self._source.call)

    def _ended(self, what: str) -> ServiceResponseError:
        return ServiceResponseError(f"the stream of {self._source.name} {what}")


def _jitter() -> float:
    from random import random  # only who comes back needs it

    return random()
