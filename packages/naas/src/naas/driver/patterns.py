"""Regular expressions that callers send, searched so that a bad one harms nobody but its own job.

Python's own ``re`` holds the interpreter for the whole search, and a pattern such as ``(a|aa)+$`` can search for years:
one request would stop the service. So these run on the `regex` package, which lets other threads run meanwhile and
gives up after a time. It understands what ``re`` understands.
"""

from __future__ import annotations

from typing import Final, Protocol

import regex  # type: ignore[import-untyped]  # its stubs are a package of their own; the protocols below type it

__all__ = ["BadPattern", "CallerPattern", "Found", "Pattern", "PatternTooSlow"]

SEARCH_SECONDS: Final = 1.0  # a sane pattern takes microseconds


class Found(Protocol):
    """Where a pattern was found."""

    def end(self) -> int:
        """The position behind the last character."""
        ...


class Pattern(Protocol):
    """What ``re.Pattern`` and `CallerPattern` have in common."""

    @property
    def pattern(self) -> str:
        """The expression as written."""
        ...

    def search(self, text: str, start: int, /) -> Found | None:
        """Return the first place from ``start`` on."""
        ...


class BadPattern(ValueError):
    """A text is not a regular expression. The message says why."""


class PatternTooSlow(Exception):
    """A pattern was still searching after `SEARCH_SECONDS`."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.pattern = pattern

    def __str__(self) -> str:
        return f"the pattern {self.pattern!r} searched for longer than {SEARCH_SECONDS:g} s"


class CallerPattern:
    """A compiled pattern of a caller."""

    def __init__(self, pattern: str) -> None:
        """Compile it.

        Raises:
            BadPattern: It is not a regular expression.
        """
        self.pattern = pattern
        try:
            self._compiled = regex.compile(pattern)
        except (regex.error, RecursionError, OverflowError) as exc:
            raise BadPattern(str(exc)) from exc

    def search(self, text: str, start: int, /) -> Found | None:
        """Return the first place from ``start`` on.

        Raises:
            PatternTooSlow: It took longer than `SEARCH_SECONDS`.
        """
        try:
            found: Found | None = self._compiled.search(text, start, timeout=SEARCH_SECONDS, concurrent=True)
        except TimeoutError as exc:
            raise PatternTooSlow(self.pattern) from exc
        return found
