"""What a document is made of, said in a way that type checkers understand: objects have string keys (see `parse`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeGuard

__all__ = ["described_parts", "is_array", "is_object"]

# What stands under these is data, not description: a `$ref` in an example is an example…
_DATA: Final = frozenset({"example", "examples", "default", "enum", "const", "value"})
# …unless the key is a name that the author chose: a property may be called `value`.
_NAMED: Final = frozenset(
    {
        "$defs", "callbacks", "definitions", "dependentSchemas", "headers", "parameters", "pathItems", "paths",
        "patternProperties", "properties", "requestBodies", "responses", "schemas", "securitySchemes",
    }
)  # fmt: skip


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def described_parts(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Yield the parts of ``value`` that may describe something, each with its key; ``key`` is the one of ``value``."""
    if is_object(value):
        skipped = frozenset[str]() if key in _NAMED else _DATA
        yield from ((name, part) for name, part in value.items() if name not in skipped)
    elif is_array(value):
        yield from ((str(index), part) for index, part in enumerate(value))
