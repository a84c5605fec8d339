"""The query of a URL that a service gave: all of it stays as it is, character by character, but for one field."""

from __future__ import annotations

from urllib.parse import quote, unquote_plus

__all__ = ["with_field"]


def with_field(url: str, name: str, value: str | int) -> str:
    """Return the URL with one field of the query set; fields of that name are replaced."""
    base, _, query = url.partition("?")
    fields = [text for text in query.split("&") if text and unquote_plus(text.partition("=")[0]) != name]
    fields.append(f"{quote(name, safe='')}={quote(str(value), safe='')}")
    return f"{base}?{'&'.join(fields)}"
