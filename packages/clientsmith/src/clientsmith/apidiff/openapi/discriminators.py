"""Which schema a discriminator's value stands for, and what has become of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clientsmith.openapi.data import is_object

__all__ = ["mapping_changes"]


def mapping_changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what became of each value in two discriminators, ``added``, ``deleted`` or ``changed``, and the value."""
    before, after = _mapping(old), _mapping(new)
    # Some write down what goes without saying, that the value is the schema's name: that is no change.
    implied = {*before.values(), *after.values()}
    for value in sorted(before.keys() | after.keys()):
        was, is_ = before.get(value), after.get(value)
        if was == is_ or (value in implied and value == (was or is_)):
            continue
        yield ("added" if was is None else "deleted" if is_ is None else "changed"), value


def _mapping(discriminator: dict[str, Any]) -> dict[str, str]:
    said = discriminator.get("mapping")
    return {str(key): str(value).rpartition("/")[2] for key, value in said.items()} if is_object(said) else {}
