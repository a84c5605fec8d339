"""Who is told how far a run is: somebody at a terminal, or nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Steps", "Telling"]

_CALLS: Final = 25  # between two words: a call takes a few milliseconds, and nobody reads faster


def _nobody(_what: str) -> None:
    """Keep quiet."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom to tell what.

    Attributes:
        doing: Takes a phrase whenever something goes on for longer: what is being done, and how far it is.
        noting: Takes a sentence that readers of the verdicts should know, beside them.
    """

    doing: Callable[[str], None] = _nobody
    noting: Callable[[str], None] = _nobody


class Steps:
    """Counts guidelines and calls, of several threads, and tells them."""

    def __init__(self, total: int, telling: Telling) -> None:
        self._total, self._telling = total, telling
        self._begun, self._calls, self._current = 0, 0, ""
        self._lock = threading.Lock()

    def begin(self, guideline: str) -> None:
        """Say that a guideline is looked at now."""
        with self._lock:
            self._begun, self._current = self._begun + 1, guideline
            self._tell()

    def called(self) -> None:
        """Count a call."""
        with self._lock:
            self._calls += 1
            if self._calls % _CALLS == 0:
                self._tell()

    def _tell(self) -> None:
        step = f"step {self._begun} of {self._total}: {self._current}"
        self._telling.doing(f"running it, {step}, {self._calls:,} calls")
