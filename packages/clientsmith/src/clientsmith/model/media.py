"""Which media type a client prefers, of those that a document offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["choose_media_type", "is_events", "is_json", "is_lines", "is_text"]

_PREFERENCE: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_LINES: Final = frozenset(
    {
        "application/jsonl",
        "application/x-ndjson",
        "application/ndjson",
        "application/x-jsonlines",
        "application/jsonlines",
        "application/json-seq",
    }
)
_TEXT: Final = (
    "text/",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/jsonl",
    "application/x-ndjson",
)


def choose_media_type(offered: Iterable[str]) -> str:
    """Return the type that we send or ask for: JSON, a form, multipart, text, then the first; "" of none.

    Among JSON types plain `application/json` wins over `application/problem+json` and the like.
    """
    return min(offered, key=_rank, default="")


def is_json(media_type: str) -> bool:
    name = media_type.partition(";")[0].strip().lower()
    return name in ("application/json", "text/json", "*/*") or name.endswith("+json")


def is_events(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() == "text/event-stream"


def is_lines(media_type: str) -> bool:
    """Whether the body is one JSON value after the other: a line each, or a text sequence (RFC 7464)."""
    return media_type.partition(";")[0].strip().lower() in _LINES


def is_text(media_type: str) -> bool:
    return media_type.lower().startswith(_TEXT) or media_type.partition(";")[0].endswith("+xml")


def _rank(media_type: str) -> int:
    name = media_type.partition(";")[0].strip().lower()
    if name == "application/json":
        return 0
    if is_json(name):
        return 1 if name != "*/*" else 5
    if name in _PREFERENCE:
        return 2 + _PREFERENCE.index(name)
    return 4 if is_text(name) and not name.startswith("text/event-stream") else 6
