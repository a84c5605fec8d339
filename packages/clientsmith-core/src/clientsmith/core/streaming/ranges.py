"""Byte ranges (RFC 9110, section 14): asked for, answered, and gone on with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

__all__ = ["ByteRange", "ContentRange", "strong_validator"]

_CONTENT_RANGE: Final = re.compile(r"bytes\s+(?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)


class ByteRange(str):
    """Some of the bytes of a resource. It is the text of a ``Range`` header field, so a parameter takes it too.

    Args:
        first: Number of the first byte, from 0. If negative, the last so many bytes, and ``last`` has to be None.
        last: Number of the last byte, which is included as in the header field; None is the end.

    Raises:
        ValueError: There can be no such bytes.
    """

    __slots__ = ("first", "last")

    first: int
    last: int | None

    def __new__(cls, first: int = 0, last: int | None = None) -> Self:
        """Make the text."""
        if last is not None and not 0 <= first <= last:
            raise ValueError(f"there are no bytes from {first} to {last}; count from 0, the last one included")
        end = "" if last is None else str(last)
        made = super().__new__(cls, f"bytes={first}" if first < 0 else f"bytes={first}-{end}")
        made.first, made.last = first, last
        return made

    def __reduce__(self) -> tuple[type[ByteRange], tuple[int, int | None]]:
        return type(self), (self.first, self.last)

    def __repr__(self) -> str:
        return f"ByteRange({self.first}, {self.last})"


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Which bytes a 206 or a 416 is about: from ``first`` up to, not including, ``stop``, of ``size``.

    Attributes:
        first, stop: Both 0 where none could be given (416).
        size: Of the whole resource, None if the service does not know.
    """

    first: int
    stop: int
    size: int | None

    @classmethod
    def parse(cls, value: str) -> ContentRange:
        """Return what a ``Content-Range`` header field says (RFC 9110, section 14.4).

        Raises:
            ValueError: It is none, not of bytes, or contradicts itself.
        """
        found = _CONTENT_RANGE.fullmatch(value.strip())
        if found is None:
            raise ValueError(f"Content-Range is {value!r}, which names no bytes")
        first, last, total = found.groups()
        size = None if total == "*" else int(total)
        if first is None:
            return cls(0, 0, size)
        here = cls(int(first), int(last) + 1, size)
        if here.first >= here.stop or (size is not None and here.stop > size):
            raise ValueError(f"Content-Range is {value!r}, which contradicts itself")
        return here


def strong_validator(headers: Mapping[str, str]) -> str | None:
    """Return what an ``If-Range`` can hold: it tells for sure whether the bytes are still the same ones.

    That is a strong entity tag, or a date of last change that was over when the answer was made (RFC 9110, sections
    8.8.2.2 and 13.1.5). None if the answer has neither.
    """
    etag = headers.get("ETag", "").strip()
    if etag:
        return etag if etag.startswith('"') else None
    modified, date = headers.get("Last-Modified"), headers.get("Date")
    if modified is None or date is None:
        return None
    from email.utils import parsedate_to_datetime  # 5 ms to import, for services without entity tags

    try:
        age = parsedate_to_datetime(date) - parsedate_to_datetime(modified)
    except (ValueError, TypeError):
        return None
    return modified if age.total_seconds() >= 1 else None
