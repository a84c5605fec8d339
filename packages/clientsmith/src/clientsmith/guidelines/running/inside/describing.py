"""Results and exceptions as plain data: what of them can be told through a pipe."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["described_error", "described_result", "plain"]

_LONGEST: Final = 600  # characters of a text
_MOST: Final = 300  # attributes of an exception, those of what it holds included
_DEEPEST: Final = 3
_LEAST_NOTICE: Final = frozenset(
    {"args", "request", "connection", "cookies", "history", "raw", "session", "app", "client"}
)


def plain(value: Any, depth: int = 0) -> Any:
    """Return what JSON can say of a value; anything else is its type's name in pointed brackets."""
    if isinstance(value, enum.Enum):
        return plain(value.value, depth)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)[:_LONGEST]
    if isinstance(value, bytes):
        return value[:_LONGEST].decode("utf-8", "replace")
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {str(key): plain(each, depth + 1) for key, each in list(value.items())[:50]}
    if depth < _DEEPEST and isinstance(value, list | tuple | set):
        return [plain(each, depth + 1) for each in list(value)[:50]]
    return f"<{_name_of(type(value))}>"


def described_result(value: Any) -> dict[str, Any]:
    """Return what a rule may ask about a result."""
    cls = type(value)
    return {
        "type": _name_of(cls),
        "lineage": [_name_of(each) for each in cls.__mro__],
        "members": sorted(name for name in _names_of(value) if not name.startswith("_")),
        "plain": plain(value),
    }


def described_error(error: BaseException) -> dict[str, Any]:
    """Return what a rule may ask about an exception; of a group that holds one, about that one."""
    inner = getattr(error, "exceptions", None)
    if isinstance(inner, tuple) and len(inner) == 1:
        return described_error(inner[0])
    try:
        message = str(error)
    except Exception as broken:  # noqa: BLE001 - an exception that cannot tell itself tells nothing
        message = f"<str() raised {type(broken).__name__}>"
    return {
        "type": _name_of(type(error)),
        "lineage": [_name_of(each) for each in type(error).__mro__],
        "message": message[:_LONGEST],
        "attributes": dict(_attributes_of(error)),
    }


def _name_of(cls: type[Any]) -> str:
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _names_of(value: Any) -> list[str]:
    try:
        return dir(value)
    except Exception:  # noqa: BLE001 - a class that hides its names has none to tell
        return []


def _attributes_of(error: BaseException) -> Iterator[tuple[str, Any]]:
    """Yield the attributes, and those of what they hold, each with its dotted path."""
    waiting: list[tuple[str, Any, int]] = [("", error, 0)]
    seen: set[int] = set()
    told = 0
    while waiting and told < _MOST:
        path, holder, depth = waiting.pop(0)
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        for name, value in _parts_of(holder):
            place = f"{path}.{name}" if path else name
            said = plain(value, _DEEPEST)
            told += 1
            yield place, said
            if isinstance(said, str) and said.startswith("<") and depth + 1 < _DEEPEST:
                waiting.append((place, value, depth + 1))


def _parts_of(holder: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(holder, Mapping):
        yield from ((str(key), value) for key, value in list(holder.items())[:50])
        return
    if isinstance(holder, list | tuple):
        yield from ((str(index), value) for index, value in enumerate(holder[:10]))
        return
    for name in _names_of(holder):
        if name.startswith("_") or name in _LEAST_NOTICE:
            continue
        try:
            value = getattr(holder, name)
        except Exception:  # noqa: BLE001, S112 - a property that cannot be read tells nothing
            continue
        if not callable(value):
            yield name, value
