"""Values that are declared like a dataclass, and whose classes cost next to nothing to make.

Every client imports them. ``@dataclass`` writes and compiles code for each class, 0.7 ms, and imports `inspect` to do
so, 4 ms; here the annotations and the defaults in the class are all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self, dataclass_transform

__all__ = ["Declared"]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Declared:
    """A value that never changes: an annotation is a keyword argument, what stands in the class is its default.

    The fields of a class made with ``kw_only=False`` may also be given by position.
    """

    def __init_subclass__(cls, *, kw_only: bool = True) -> None:
        super().__init_subclass__()
        if not kw_only:
            type.__setattr__(cls, "__match_args__", tuple(cls.__annotations__))

    def __init__(self, *values: Any, **given: Any) -> None:
        kind = type(self)
        by_position: tuple[str, ...] = getattr(kind, "__match_args__", ())
        if len(values) > len(by_position):
            raise TypeError(f"{kind.__name__} takes {len(by_position)} values by position, the others by name")
        for name, value in zip(by_position, values, strict=False):
            if name in given:
                raise TypeError(f"{kind.__name__} got {name!r} twice, by position and by name")
            given[name] = value
        known = list(dict.fromkeys(_names(kind)))
        unknown = next((name for name in given if name not in known), None)
        if unknown is not None:
            raise TypeError(f"{kind.__name__} has no {unknown!r}; it takes {', '.join(known)}")
        missing = [name for name in known if name not in given and not hasattr(kind, name)]
        if missing:
            raise TypeError(f"{kind.__name__} lacks {', '.join(missing)}")
        for name, value in given.items():
            if isinstance(value, str) and isinstance(getattr(kind, name, None), tuple):
                # It would be taken letter by letter, and nothing be found.
                raise TypeError(
                    f"{name} of {kind.__name__} is a tuple, and was given a string; write {name}=({value!r},)"
                )
        vars(self).update(given)
        self._check()

    def _check(self) -> None:
        """Raise ValueError if what was given cannot be."""

    def replaced(self, **changes: Any) -> Self:
        """Return the value with these fields instead."""
        return type(self)(**{**vars(self), **changes})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} never changes; make another one with the {name} that you want")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _parts(self) == _parts(other)

    def __hash__(self) -> int:
        return hash((type(self), tuple(_parts(self).items())))

    def __repr__(self) -> str:
        given = (f"{name}={value!r}" for name, value in _parts(self).items() if value != getattr(type(self), name, ...))
        return f"{type(self).__name__}({', '.join(given)})"


def _names(kind: type) -> Iterator[str]:
    """Yield the names of the fields, those of the base first."""
    for base in reversed(kind.__mro__):
        yield from getattr(base, "__annotations__", ())


def _parts(value: Declared) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _names(type(value))}
