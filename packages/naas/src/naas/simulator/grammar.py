"""Finding out which command a typed line means, with the abbreviations and complaints of a router.

A word may be cut as long as it stays unambiguous (``sh ver``); an exact word wins over longer ones. The place of
the first word that fits nothing is reported, since routers mark it with a caret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ANY = "<any>"
"""A word of a command that takes whatever is typed; the handler gets it."""

REST = "<rest>"
"""Last word of a command only: takes the rest of the line, at least one word, as one string."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device does about one line: print ``text`` after ``seconds``, then perhaps end the session."""

    text: str = ""
    seconds: float = 0.0
    hang_up: bool = False


SILENT = Answer()

Handler = Callable[[Sequence[str]], Answer]


class Command:
    """A command line and what it does; built as ``Command("show version", handler)``."""

    __slots__ = ("handler", "words")

    def __init__(self, line: str, handler: Handler) -> None:
        self.words = tuple(line.split())
        self.handler = handler

    def word_at(self, index: int) -> str | None:
        """The expected word at ``index``; None past the end."""
        if self.words[-1] == REST and index >= len(self.words) - 1:
            return REST
        return self.words[index] if index < len(self.words) else None

    def ends_at(self, count: int) -> bool:
        """Whether ``count`` typed words make the command complete."""
        return count >= len(self.words) if self.words[-1] == REST else count == len(self.words)


@dataclass(frozen=True, slots=True)
class Match:
    """The command that was meant, and the words typed where it takes any."""

    command: Command
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invalid:
    """No command has this word here; ``column`` counts from the start of the line, from 0."""

    column: int


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several commands start this way."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A command starts this way but needs more words."""


def find_command(commands: Sequence[Command], line: str) -> Match | Invalid | Ambiguous | Incomplete:
    """Return the command that ``line`` means, or what is wrong with the line."""
    typed = [(found.group(), found.start()) for found in re.finditer(r"\S+", line)]
    candidates = list(commands)
    for index, (word, column) in enumerate(typed):
        fitting = [command for command in candidates if _fits(command.word_at(index), word)]
        if not fitting:
            return Invalid(column)
        exact = [command for command in fitting if command.word_at(index) == word.lower()]
        literal = [command for command in fitting if command.word_at(index) not in (ANY, REST)]
        candidates = exact or literal or fitting
        if len({command.word_at(index) for command in candidates}) > 1:
            return Ambiguous()
    complete = [command for command in candidates if command.ends_at(len(typed))]
    if not complete:
        return Incomplete()
    return Match(complete[0], _arguments(complete[0], line, typed))


def _fits(expected: str | None, word: str) -> bool:
    if expected is None:
        return False
    return expected in (ANY, REST) or expected.startswith(word.lower())


def _arguments(command: Command, line: str, typed: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    arguments = [word for index, (word, _) in enumerate(typed) if command.word_at(index) == ANY]
    if command.words[-1] == REST:
        arguments.append(line[typed[len(command.words) - 1][1] :].rstrip())
    return tuple(arguments)
