"""How a device would understand a line: what the command policy judges.

People, and people who want to get around a rule, write the same command in many ways: abbreviated, in capitals, behind
``do``, after a ``;``, with a pipe behind it. A line is therefore read in every way that some platform reads it, and a
rule that forbids is held against each of these *readings*; a rule that allows, against the line as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from naas.jobs import BackupWork, CommandWork, ConfigWork, StructuredWork

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from naas.jobs import Work

__all__ = ["Line", "LineKind", "lines_of", "readings", "split_numbers", "split_pipes"]

# Anything that may begin another command on some platform (NX-OS, Linux, IOS XR): as in `naas.jobs`.
_SEPARATORS: Final = re.compile(r"[;&\n\r]|\|\||\$\(|`")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPECIAL: Final = re.compile(r"[\"'\\?()]")
# A line without any of these is one command and nothing else.
_TRICKY: Final = re.compile(r"[;&\n\r|$`\"'\\?()]")

_NUMBERED: Final = re.compile(r"([a-z])(\d)")

# Words that run what follows as a command, from configuration mode or not, on some platform.
_CARRIERS: Final = frozenset({"do", "do-exec", "run", "exec", "execute", "sudo", "noconfirm"})
# Words by which a set of lines leaves configuration mode or enters it; abbreviations count.
_MODE_WORDS: Final = ("configure", "config", "edit", "system-view", "end", "exit", "abort", "quit", "return", "top")
_MODE_WORDS_ALSO: Final = frozenset({"commit", "rollback", "save"})


class LineKind(StrEnum):
    """How a line is typed."""

    COMMAND = "command"
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a job. ``index`` is its place in the request, ``kind`` how it was sent, ``kinds`` how a device may
    understand it."""

    index: int
    text: str
    kind: LineKind
    kinds: frozenset[LineKind]

    @property
    def has_control_characters(self) -> bool:
        """Whether it could edit itself at the device: a backspace makes another command of it."""
        return _CONTROL.search(self.text) is not None

    @property
    def may_hold_several(self) -> bool:
        """Whether some platform might find a second command in it, or write its output to a file."""
        return not self.text.isascii() or _SEPARATORS.search(self.text) is not None or ">" in self.text


def lines_of(work: Work) -> Sequence[Line]:
    """Return every line that the job would type.

    If any of them may change the mode, each may be understood as a command and as configuration.
    """
    match work:
        case CommandWork() | StructuredWork():
            texts = [(text, LineKind.COMMAND) for text in work.commands]
        case ConfigWork():
            checks = [(check.command, LineKind.COMMAND) for check in (*work.checks_before, *work.checks_after)]
            texts = [(text, LineKind.CONFIG) for text in work.lines] + checks
        case BackupWork():
            texts = []
    both = frozenset(LineKind) if any(_changes_mode(text) for text, _ in texts) else frozenset[LineKind]()
    return [Line(index, text, kind, both or frozenset({kind})) for index, (text, kind) in enumerate(texts)]


def _changes_mode(text: str) -> bool:
    firsts = (words[0] for words in readings(text))
    return any(
        first in _CARRIERS | _MODE_WORDS_ALSO or any(_is_short_for(first, word) for word in _MODE_WORDS)
        for first in firsts
    )


def _is_short_for(word: str, full: str) -> bool:
    # One letter is too little to tell a mode from anything else, and no platform takes it for one.
    return len(word) > 1 and full.startswith(word)


def readings(text: str) -> Sequence[tuple[str, ...]]:
    """Return the words of every command that the line may hold, in lower case, each reading once."""
    found: dict[tuple[str, ...], None] = {}
    for part in _parts(text):
        words = tuple(part.casefold().split())
        for start in range(_carriers(words) + 1):
            if reading := words[start:]:
                found[reading] = None
                found[split_numbers(reading)] = None
    return list(found)


def _parts(text: str) -> Iterator[str]:
    """Yield the line and every command that may be hidden in it, with and without what a parser would take away."""
    plain = text if text.isascii() else _plain(text)
    if plain != text:
        yield text
    if not _TRICKY.search(plain):
        yield plain
        return
    command, *filters = split_pipes(plain)
    for whole in (plain, command, *filters, *(f"| {each}" for each in filters)):
        for part in (whole, *_SEPARATORS.split(whole)):
            yield part
            if _SPECIAL.search(part):
                yield _SPECIAL.sub("", part)
                yield _SPECIAL.sub(" ", part)


def split_numbers(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words with a space between a name and its number, which devices do not need: ``vlan1``."""
    if not any(_NUMBERED.search(word) for word in words):
        return words
    return tuple(part for word in words for part in _NUMBERED.sub(r"\1 \2", word).split())


def _plain(text: str) -> str:
    """The text as a terminal without Unicode would show it: wide letters narrow, invisible ones gone."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(character for character in folded if unicodedata.category(character) != "Cf")


def _carriers(words: tuple[str, ...]) -> int:
    """How many words at the start only carry what follows them."""
    count = 0
    while count < len(words) and words[count] in _CARRIERS:
        count += 1
    return count


def split_pipes(text: str) -> tuple[str, ...]:
    """Return the command and what its output goes through, as written."""
    return tuple(part.strip() for part in text.split("|"))
