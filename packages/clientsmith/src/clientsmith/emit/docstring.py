"""Docstrings as values: Google style, wrapped, escaped when they are rendered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from clientsmith.emit.text import WIDTH, disarmed, docstring_line, sentence, wrapped

__all__ = ["Docstring", "Entry"]

_SECTION = re.compile(r"(Args|Arguments|Attributes|Parameters|Raises|Returns|Yields):\s*$")


@dataclass(frozen=True, slots=True)
class Entry:
    """``name: text`` in a section. Text is CommonMark."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Docstring:
    """What is said about a module, class or function. All of it may come from a document."""

    summary: str
    description: str = ""
    attributes: tuple[Entry, ...] = ()
    arguments: tuple[Entry, ...] = ()
    returns: str = ""
    raises: tuple[Entry, ...] = ()

    def lines(self, depth: int = 0) -> tuple[str, ...]:
        """The source lines, without indentation, for a block that is ``depth`` columns in."""
        return _lines_of(self, depth)

    def made(self, depth: int) -> list[str]:
        """What `lines` keeps."""
        width = WIDTH - depth
        summary = sentence(self.summary)
        first_word = summary.partition(" ")[0]
        if first_word.isalpha() and first_word.islower():
            summary = summary[:1].upper() + summary[1:]
        blocks = [wrapped(summary, width - len('r""""""'))]
        if self.description.strip():
            blocks.append([_not_a_section(line) for line in wrapped(self.description, width)])
        blocks += [
            _section(title, entries, width)
            for title, entries in (("Attributes:", self.attributes), ("Args:", self.arguments))
            if entries
        ]
        if self.returns:
            blocks.append(["Returns:", *_indented(wrapped(self.returns, width - 4))])
        if self.raises:
            blocks.append(_section("Raises:", self.raises, width))
        return _quoted([block for block in blocks if block])


@lru_cache(maxsize=4096)  # a method says the same in both colours
def _lines_of(docstring: Docstring, depth: int) -> tuple[str, ...]:
    return tuple(docstring.made(depth))


def _not_a_section(line: str) -> str:
    """A document whose texts came from docstrings has sections of its own; ours are the ones that tools should read."""
    return line.replace(":", " -", 1) if _SECTION.match(line) else line


def _section(title: str, entries: tuple[Entry, ...], width: int) -> list[str]:
    lines = [title]
    for entry in entries:
        first, *rest = wrapped(f"{entry.name}: {entry.text}", width - 8)
        lines += [f"    {first}", *_indented(rest, 8)]
    return lines


def _indented(lines: list[str], by: int = 4) -> list[str]:
    return [f"{' ' * by}{line}" if line else "" for line in lines]


def _quoted(blocks: list[list[str]]) -> list[str]:
    """Blocks of text as one string in triple quotes, with a blank line between blocks."""
    lines = [line for number, block in enumerate(blocks) for line in ([""] * bool(number)) + block] or [""]
    if _can_be_raw(lines):
        body = [disarmed(line) for line in lines]
        return [f'r"""{body[0]}', *body[1:], '"""'] if len(body) > 1 else [f'r"""{body[0]}"""']
    lines = [docstring_line(line) for line in lines]
    if lines[0].startswith('"'):
        lines[0] = f"\\{lines[0]}"
    if len(lines) > 1:
        return [f'"""{lines[0]}', *lines[1:], '"""']
    if lines[0].endswith('"'):
        lines[0] = f'{lines[0][:-1]}\\"'
    return [f'"""{lines[0]}"""']


def _can_be_raw(lines: list[str]) -> bool:
    """Whether the text has backslashes, which read better as they are, and nothing that would end a raw string."""
    text = "\n".join(lines)
    is_open = '"""' in text or text.startswith('"') or (len(lines) == 1 and text.endswith(('"', "\\")))
    return "\\" in text and not is_open
