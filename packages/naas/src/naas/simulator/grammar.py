"""Finding out which command a typed line means, with the abbreviations and complaints of a router.

A word may be cut as long as it stays unambiguous (``sh ver``); an exact word wins over longer ones. The place of
the first word that fits nothing is reported, since routers mark it with a caret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from naas.simulator.templates import Template

ANY: Final = "<any>"
"""A word of a command that takes whatever is typed; the handler gets it."""

INTERFACE: Final = "<interface>"
"""A word of a command that takes the name of an interface."""

REST: Final = "<rest>"
"""Last word of a command only: takes the rest of the line, at least one word, as one string."""

PLACEHOLDERS: Final = frozenset({ANY, INTERFACE, REST})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device does about one line: print ``text`` after ``seconds``, then perhaps end the session.

    ``cut`` ends the connection without a word, in the middle of the text.
    """

    text: str = ""
    seconds: float = 0.0
    hang_up: bool = False
    cut: bool = False


SILENT: Final = Answer()


class Command:
    """A command line and what it does: an answer to print (a template), or an action by name."""

    __slots__ = ("does", "words")

    def __init__(self, line: str, does: Template | str) -> None:
        self.words = tuple(line.split())
        self.does = does

    @property
    def line(self) -> str:
        """The whole command, with its placeholders."""
        return " ".join(self.words)

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
    """The command that was meant, the words typed where it takes any, and the column of the first of them."""

    command: Command
    arguments: tuple[str, ...] = ()
    column: int = 0

    @property
    def text(self) -> str:
        """The whole line with its words written out."""
        rest = list(self.arguments)
        return " ".join(rest.pop(0) if word in PLACEHOLDERS else word for word in self.command.words)


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


Problem = Invalid | Ambiguous | Incomplete


class CommandTable:
    """The commands of one mode. Lines typed in full are found at once, others by their words."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands = tuple(commands)
        self._in_full = {
            command.line: Match(command)
            for command in reversed(self.commands)
            if not PLACEHOLDERS.intersection(command.words)
        }

    def find(self, line: str) -> Match | Problem:
        """The command that ``line`` means, or what is wrong with the line."""
        return self._in_full.get(line) or find_command(self.commands, line)


def find_command(commands: Sequence[Command], line: str) -> Match | Problem:
    """Return the command that ``line`` means, or what is wrong with the line."""
    typed = [(found.group(), found.start()) for found in re.finditer(r"\S+", line)]
    candidates = list(commands)
    for index, (word, column) in enumerate(typed):
        fitting = [command for command in candidates if _fits(command.word_at(index), word)]
        if not fitting:
            return Invalid(column)
        exact = [command for command in fitting if command.word_at(index) == word.lower()]
        literal = [command for command in fitting if command.word_at(index) not in PLACEHOLDERS]
        candidates = exact or literal or fitting
        # Several placeholders may stand at one place: what follows tells the commands apart.
        if len({command.word_at(index) for command in candidates} - PLACEHOLDERS) > 1:
            return Ambiguous()
    complete = [command for command in candidates if command.ends_at(len(typed))]
    if not complete:
        return Incomplete()
    return _match(complete[0], line, typed)


def next_words(commands: Sequence[Command], line: str) -> list[str]:
    """The words that may follow, as ``?`` lists them: of those that begin with a last word not yet ended by a blank."""
    words = line.split()
    begun = words.pop() if words and not line.endswith(" ") else ""
    fitting = list(commands)
    for index, word in enumerate(words):
        fitting = [command for command in fitting if _fits(command.word_at(index), word)]
    found = {command.word_at(len(words)) or "<cr>" for command in fitting}
    return sorted(word for word in found if not begun or word.startswith(begun) or word in PLACEHOLDERS)


def _fits(expected: str | None, word: str) -> bool:
    if expected is None:
        return False
    return expected in PLACEHOLDERS or expected.startswith(word.lower())


def _match(command: Command, line: str, typed: Sequence[tuple[str, int]]) -> Match:
    taken = [(word, column) for index, (word, column) in enumerate(typed) if command.word_at(index) in (ANY, INTERFACE)]
    if command.words[-1] == REST:
        column = typed[len(command.words) - 1][1]
        taken.append((line[column:].rstrip(), column))
    return Match(command, tuple(word for word, _ in taken), taken[0][1] if taken else 0)
