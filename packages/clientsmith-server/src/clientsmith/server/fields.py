"""Header fields: checked when they are made, and merged into the application's by one rule.

**The rule.** What the application says wins: a field that it set is left alone. Two are lists and are added to:
``Vary``, one field with everything that either side names, and ``Link``, a field more for each link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from .values import Field

__all__ = ["RawField", "checked_name", "checked_uri", "checked_value", "decoded", "encoded", "merged"]

# RFC 9110, section 5.1, and what section 5.5 leaves without obsolete octets; a space at either end would be cut off.
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
# The characters of a URI reference (RFC 3986, appendix A): no quote, no angle bracket, no space, nothing to encode.
_URI: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")

RawField: TypeAlias = tuple[bytes, bytes]
"""A header field as ASGI has it."""


def checked_name(name: str) -> str:
    """Return the name of a header field.

    Raises:
        ValueError: It is none.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header field: letters, digits and hyphens")
    return name


def checked_value(value: str, what: str) -> str:
    """Return the value of a header field: visible ASCII, so that nothing can begin another field.

    Raises:
        ValueError: It has other characters.
    """
    if not _VALUE.fullmatch(value):
        raise ValueError(f"{what} {value!r} cannot stand in a header field: visible ASCII characters only")
    return value


def checked_uri(uri: str, what: str) -> str:
    """Return an address for a ``Link`` field.

    Raises:
        ValueError: It has characters that have to be percent-encoded.
    """
    if not _URI.fullmatch(uri):
        raise ValueError(f"{what} {uri!r} is no address: percent-encode what is not ASCII, and spaces and quotes")
    return uri


# What a service adds is the same few combinations again and again.
@lru_cache(maxsize=1024)
def encoded(fields: tuple[Field, ...]) -> tuple[RawField, ...]:
    """Return fields as ASGI wants them: bytes, names in lower case.

    Raises:
        ValueError: One cannot be a field: a scheme of somebody's own let a request's text into it.
    """
    return tuple(
        (checked_name(name).lower().encode(), checked_value(value, f"the value of {name},").encode())
        for name, value in fields
    )


def decoded(fields: Iterable[RawField]) -> list[Field]:
    """Return fields as WSGI wants them: each byte as a character."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]


def merged(present: Iterable[Sequence[bytes]], additions: Sequence[RawField]) -> list[RawField]:
    """Return the application's fields with ours, by the rule above."""
    fields = [(name, value) for name, value in present]
    names = {name.lower() for name, _ in fields}
    for name, value in additions:
        if name not in names or name == b"link":
            fields.append((name, value))
        elif name == b"vary":
            _vary_too(fields, value)
    return fields


def _vary_too(fields: list[RawField], wanted: bytes) -> None:
    """Name what the answer depends on in the last ``Vary`` field, unless one of them names it or everything."""
    places = [index for index, (name, _) in enumerate(fields) if name.lower() == b"vary"]
    named = {part.strip().lower() for index in places for part in fields[index][1].split(b",")}
    missing = [part for part in wanted.split(b", ") if part.lower() not in named]
    if missing and b"*" not in named:
        name, value = fields[places[-1]]
        fields[places[-1]] = (name, b", ".join([*filter(None, (value.strip(),)), *missing]))
