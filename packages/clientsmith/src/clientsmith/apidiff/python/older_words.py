"""Type parameters as older Pythons write them, so that sources for Python 3.12 are read by the one that runs this.

``def f[T](a: T)`` loses its brackets, ``class Box[T](Base)`` becomes ``class Box(Generic[T], Base)``, and ``type Name =
str`` becomes ``Name: TypeAlias = str`` (PEP 695). Lines stay where they are; what is written otherwise is untouched.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

__all__ = ["in_older_words"]

_LAYOUT: Final = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE})
_Token = tokenize.TokenInfo
_Place = tuple[int, int]  # line, counted from 1, and column


class _Edit(NamedTuple):
    start: _Place
    end: _Place
    text: str


def in_older_words(source: str | bytes) -> str | None:
    """Return the source without the syntax of PEP 695, None if it has none, or cannot be divided into tokens."""
    try:
        if isinstance(source, bytes):
            encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            source = io.StringIO(source.decode(encoding), newline=None).read()
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError, LookupError):
        return None
    edits = list(_edits(tokens))
    if not edits:
        return None
    lines = source.splitlines(keepends=True)
    offsets = [0, *accumulate(len(line) for line in lines)]
    for edit in reversed(edits):
        start, end = (offsets[line - 1] + column for line, column in (edit.start, edit.end))
        # A backslash joins lines, and keeps their number.
        source = source[:start] + edit.text + "\\\n" * (edit.end[0] - edit.start[0]) + source[end:]
    return source


def _edits(tokens: Sequence[_Token]) -> Iterator[_Edit]:
    begins = True  # a statement does
    for place, token in enumerate(tokens):
        if begins and token.type == tokenize.NAME and token.string in ("def", "class", "type"):
            yield from _statement(tokens, place)
        if token.type == tokenize.NEWLINE or (token.type == tokenize.OP and token.string in (":", ";")):
            begins = True
        elif token.type not in _LAYOUT and token.string != "async":
            begins = False


def _statement(tokens: Sequence[_Token], place: int) -> Iterator[_Edit]:
    word, name, following = tokens[place], *tokens[place + 1 : place + 3]
    if name.type != tokenize.NAME:
        return
    close = _closing(tokens, place + 2) if following.string == "[" else place + 1
    after = tokens[close + 1] if close + 1 < len(tokens) else word
    if word.string == "type":
        if after.string == "=":
            yield _Edit(word.start, tokens[close].end, f"{name.string}: TypeAlias")
    elif following.string == "[":
        if word.string == "def":
            yield _Edit(following.start, tokens[close].end, "")
            return
        generic = f"(Generic[{', '.join(_names(tokens[place + 3 : close]))}]"
        is_alone = after.string != "(" or tokens[close + 2].string == ")"
        end = after.end if after.string == "(" else tokens[close].end
        yield _Edit(following.start, end, generic + (", " if not is_alone else ")" if after.string != "(" else ""))


def _closing(tokens: Sequence[_Token], place: int) -> int:
    depth = 0
    for index in range(place, len(tokens)):
        depth += (tokens[index].string in "([{") - (tokens[index].string in ")]}") if tokens[index].string else 0
        if not depth:
            return index
    return len(tokens) - 1


def _names(tokens: Sequence[_Token]) -> Iterator[str]:
    """Yield the parameters without their bounds and defaults."""
    depth, begins = 0, True
    for token in tokens:
        if begins and not depth and token.type == tokenize.NAME:
            yield token.string
            begins = False
        elif token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            begins = begins or (not depth and token.string == ",")
