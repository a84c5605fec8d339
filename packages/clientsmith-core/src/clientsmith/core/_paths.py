"""Paths into a JSON document: tuples of wire names from its root, () for the document itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

__all__ = ["Path", "lists_in", "shown", "value_at"]

Path: TypeAlias = tuple[str, ...]


def value_at(document: object, path: Path) -> Any:
    """Return the value at the path, None if there is nothing."""
    value = document
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, object]", value).get(name)
    return value


def lists_in(document: object, depth: int) -> Iterator[Path]:
    """Yield the paths of this many names that lead to a list with something in it."""
    if depth == 0:
        if isinstance(document, list) and document:
            yield ()
    elif isinstance(document, Mapping):
        for name, value in cast("Mapping[str, object]", document).items():
            for rest in lists_in(value, depth - 1):
                yield (name, *rest)


def shown(path: Path) -> str:
    """Return the path as a message names it."""
    return f"{'.'.join(path)!r} in the body" if path else "the body"
