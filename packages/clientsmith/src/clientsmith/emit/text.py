"""Text of a document on its way into code: the only place where it is escaped.

A document is not trusted. Its words reach a generated file in four ways, and each has one function here: as a string
literal (`literal`), in a docstring (`docstring_line`), in a comment (`comment`) or in Markdown (`markdown`). Names are
not text: they must have been allocated by the naming pass, and `identifier` refuses everything else.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import isfinite
from typing import cast

from clientsmith.emit.markup import without_html

__all__ = [
    "WIDTH",
    "comment",
    "disarmed",
    "docstring_line",
    "headline",
    "identifier",
    "literal",
    "markdown",
    "one_line",
    "printable",
    "public_name",
    "sentence",
    "wrapped",
]

WIDTH = 120  # columns of a generated line; the formatter is told the same

_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_HEADLINE = 100  # columns; what is longer is cut after its first sentence
# A full stop after a single letter ends an abbreviation (e.g. this one).
_SENTENCE_END = re.compile(r"(?<=\w{2}[.!?])\s+(?=\W*[A-Z])")
_CODING = re.compile(r"coding(?=[:=])", re.IGNORECASE)


@lru_cache(maxsize=16384)  # the same few names, a hundred times each
def identifier(name: str) -> str:
    """Return ``name`` if it can stand in code as it is.

    Raises:
        ValueError: It is no identifier, a keyword, or one that Python would read as another (NFKC, PEP 3131).
    """
    if not name.isidentifier() or keyword.iskeyword(name) or unicodedata.normalize("NFKC", name) != name:
        raise ValueError(f"{name!r} cannot be a Python name; only names of the naming pass may reach code")
    return name


@lru_cache(maxsize=16384)
def public_name(name: str) -> str:
    """Return ``name`` if the naming pass may have given it to something of the document.

    Raises:
        ValueError: It is no identifier, or begins with an underscore: those names are the generated code's own.
    """
    if name.startswith("_"):
        raise ValueError(f"{name!r} cannot name a part of an API: names with a leading underscore are reserved")
    return identifier(name)


def literal(value: object) -> str:
    """Return a Python expression for a JSON-like value.

    `repr` escapes quotes, backslashes and everything that is not printable: controls, surrogates, and the
    bidirectional marks that make code read differently from what it does.

    Raises:
        ValueError: The value is not made of None, bool, int, finite float, str, list, tuple and Mapping.
    """
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and isfinite(value)):
        return repr(value)
    if isinstance(value, list | tuple):
        items = [literal(item) for item in cast("Sequence[object]", value)]
        if isinstance(value, list):
            return f"[{', '.join(items)}]"
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in pairs)}}}"
    raise ValueError(f"a {type(value).__name__} cannot be written as a literal: {value!r:.80}")


def printable(text: str) -> str:
    """Return the text with line feeds as its only control characters, without hidden marks and without HTML."""
    text = without_html(text)
    if text.isprintable():  # nearly always
        return text
    text = text.replace("\r\n", "\n")
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    match unicodedata.category(character):
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Cs":
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return " " if character in "\t\r\v\f\x85" else ""


def one_line(text: str) -> str:
    """Return the text on one line, single-spaced."""
    return " ".join(printable(text).split())


def sentence(text: str) -> str:
    """Return the text on one line, ended as a sentence is."""
    line = one_line(text)
    return f"{line}." if line and (line[-1].isalnum() or line[-1] in "`\"')]") else line


def headline(text: str) -> tuple[str, str]:
    """Split a text into one line to begin with, its first sentence or paragraph, and the rest."""
    head, _, rest = printable(text).strip().partition("\n\n")
    line, rest = one_line(head), rest.strip()
    end = _SENTENCE_END.search(line)
    if len(line) > _HEADLINE and end is not None:
        line, rest = line[: end.end()].strip(), f"{line[end.end() :]}\n\n{rest}".strip()
    return line, rest


def docstring_line(line: str) -> str:
    """Return a line as it stands between triple quotes."""
    return disarmed(line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))


def disarmed(line: str) -> str:
    """Return a line with no example in it that doctest would run."""
    return line.replace(">>>", ">> >")


def comment(text: str) -> str:
    """Return text that may follow ``# ``: one line that no tool takes for an order.

    ``coding:`` would choose the encoding of the file (PEP 263), and a second ``#`` would begin ``# type: ignore``.
    """
    return _CODING.sub("coding ", one_line(text).replace("#", ""))


def markdown(text: str) -> str:
    """Return one line of plain text for Markdown: no HTML, no links, no code, no tables."""
    return re.sub(r"([\\`*_\[\]<>|#!])", r"\\\1", one_line(text))


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a CommonMark text, wrapped to ``width``; fenced and indented code keeps its lines."""
    lines: list[str] = []
    paragraph: list[str] = []
    in_fence = False
    for line in printable(text).strip().split("\n"):
        is_fence = line.lstrip().startswith(("```", "~~~"))
        if in_fence or is_fence or line.startswith("    ") or line.lstrip().startswith("|"):
            lines += _filled(paragraph, width)
            paragraph = []
            lines.append(line.rstrip())
        elif not line.strip():
            lines += [*_filled(paragraph, width), ""]
            paragraph = []
        elif _LIST_ITEM.match(line):
            lines += _filled(paragraph, width)
            paragraph = [line.rstrip()]
        else:
            paragraph.append(line.strip())
        in_fence ^= is_fence
    return _without_double_blanks([*lines, *_filled(paragraph, width)])


def _filled(paragraph: list[str], width: int) -> list[str]:
    if not paragraph:
        return []
    item = _LIST_ITEM.match(paragraph[0])
    mark = item.group() if item else ""
    words = " ".join(paragraph)[len(mark) :].split()
    return _in_lines(words, max(width, 40), mark)


def _in_lines(words: list[str], width: int, mark: str) -> list[str]:
    """What `textwrap.wrap` does with whole words, in a tenth of its time: most of a package is docstrings."""
    if not words:
        return []
    lines: list[str] = []
    line = mark + words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) <= width:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = " " * len(mark) + word
    return [*lines, line]


def _without_double_blanks(lines: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return kept
