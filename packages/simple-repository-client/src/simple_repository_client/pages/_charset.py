"""From the bytes of an HTML page to text (HTML standard, 13.2.3.2): byte order mark, Content-Type, meta, UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from ._values import Notes
from .findings import shown

__all__ = ["pieces"]

_PIECE: Final = 65_536  # as large as what arrives at once
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META: Final = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
# Python knows codecs that no browser takes for a charset: unicode_escape, idna, rot13.
_CHARSETS: Final = re.compile(r"utf-?(8|16)|ascii|iso8859|latin|cp\d|windows|koi8|gb|big5|shift_jis|euc_|mac-")


def pieces(content: bytes, charset: str, notes: Notes) -> Iterator[str]:
    """Yield the text of a page, piece by piece. What is no text in its charset becomes U+FFFD, and is noted."""
    name, start = _charset(content, charset, notes)
    decoder = codecs.getincrementaldecoder(name)("strict")
    is_strict = True
    for place in range(start, len(content), _PIECE):
        piece = content[place : place + _PIECE]
        is_last = place + _PIECE >= len(content)
        state = decoder.getstate()
        try:
            yield decoder.decode(piece, is_last)
        except UnicodeError:
            assert is_strict  # the other decoder replaces
            notes.note("the page", f"has bytes that are not {name}; each reads as \ufffd", "HTML")
            is_strict = False
            decoder = codecs.getincrementaldecoder(name)("replace")
            decoder.setstate(state)
            yield decoder.decode(piece, is_last)


def _charset(content: bytes, said: str, notes: Notes) -> tuple[str, int]:
    """Return the charset, and where the text begins."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name, len(mark)
    if said and (known := _known(said, "Content-Type", notes)):
        return known, 0
    found = _META.search(content, 0, 1024)
    if found is not None and (known := _known(found[1].decode("ascii", "replace"), "<meta charset>", notes)):
        # A meta that can be read is in no charset of two bytes a letter, whatever it says (HTML standard).
        return "utf-8" if known.startswith("utf-16") else known, 0
    return "utf-8", 0


def _known(name: str, place: str, notes: Notes) -> str | None:
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):  # the latter for a NUL in it
        known = ""
    if _CHARSETS.match(known):
        return "utf-16-le" if known == "utf-16" else known  # without a mark there is one order (Encoding standard)
    notes.note(place, f"names the charset {shown(name)}, which is unknown; read as if it named none", "HTML")
    return None
