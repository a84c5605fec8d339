"""Paths into a JSON document: tuples of wire names from its root, () for the document itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

__all__ = ["Path", "shown", "value_at"]

Path: TypeAlias = tuple[str, ...]


def value_at(document: object, path: Path) -> Any:
    """Return the value at the path, None if there is nothing."""
    value = document
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, object]", value).get(name)
    return value


def shown(path: Path) -> str:
    """Return the path as a message names it."""
    return f"{'.'.join(path)!r} in the body" if path else "the body"
