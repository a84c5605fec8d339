"""How a type relates to what it was: the same, narrower, wider, another one; or nobody can tell.

Guessing is worse than saying so: where it hangs on classes of other packages, on protocols or on type variables, the
answer is UNKNOWN, and the difference is told as neutral.
"""

from __future__ import annotations

import builtins
import collections.abc
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .facts import Class
from .library import External
from .types import ANY, Literal, Named, Reader, Type, Union, Unknown, Variable

__all__ = ["Relation", "Variance", "is_only_more_literals"]


class Relation(Enum):
    SAME = "the same"
    NARROWER = "narrower"  # every value of the new type is one of the old
    WIDER = "wider"
    OTHER = "another"
    UNKNOWN = "unknown"


# Bases of Python's own classes that no `issubclass` tells: names of types that are only in `typing`, and the numeric
# tower that type checkers assume (PEP 484).
_ABOVE: Final = {
    "int": ("float", "complex", "SupportsInt", "SupportsFloat", "SupportsIndex"), "float": ("complex", "SupportsFloat"),
    "bool": ("int",), "LiteralString": ("str",), "OrderedDict": ("dict",), "defaultdict": ("dict",),
    "Path": ("PathLike", "PurePath"), "IntEnum": ("int", "Enum"), "StrEnum": ("str", "Enum"),
    "Awaitable": (), "Coroutine": ("Awaitable",), "TextIO": ("IO",), "BinaryIO": ("IO",), "str": ("Hashable",),
    "datetime": ("date",),
}  # fmt: skip
_ABSTRACT: Final[dict[str, type]] = {
    ("Set_" if name == "Set" else name): value
    for name, value in vars(collections.abc).items()
    if isinstance(value, type)
}
_CONCRETE: Final[dict[str, type]] = {name: value for name, value in vars(builtins).items() if isinstance(value, type)}
_PYTHONS_OWN: Final[dict[str, type]] = {**_ABSTRACT, **_CONCRETE}
# Abstract classes with these names are satisfied by any class that has the method.
_STRUCTURAL: Final = frozenset({
    "Awaitable", "Coroutine", "Iterable", "Iterator", "AsyncIterable", "AsyncIterator", "Hashable", "Sized",
    "Container", "Collection", "Callable", "Generator", "AsyncGenerator", "Reversible", "Buffer", "SupportsInt",
    "SupportsFloat", "SupportsIndex", "PathLike", "AbstractContextManager", "AbstractAsyncContextManager",
    "Mapping", "Sequence", "MutableMapping", "IO", "TextIO", "BinaryIO",
})  # fmt: skip
_MANAGERS: Final = frozenset({"AbstractContextManager", "AbstractAsyncContextManager"})
_DEEPEST: Final = 30


@dataclass(slots=True)
class Variance:
    """Compares types of two versions of a library."""

    old: Reader
    new: Reader

    def relation(self, old: Type, new: Type) -> Relation:
        """Return what ``new`` is to ``old``."""
        if old == new:
            return Relation.SAME
        down, up = self.is_part(new, old), self.is_part(old, new)
        if down and up:
            return Relation.UNKNOWN  # ``Any`` is in it: any type goes with it, both ways
        if down and up is False:
            return Relation.NARROWER
        if up and down is False:
            return Relation.WIDER
        # An alternative less is less, also where nobody can tell what it has to do with the others.
        was, now = _members(old), _members(new)
        if now < was and down:
            return Relation.NARROWER
        if was < now and up:
            return Relation.WIDER
        return Relation.UNKNOWN if down is None or up is None else Relation.OTHER

    def is_part(self, small: Type, large: Type, depth: int = 0) -> bool | None:
        """Whether every value of one type is a value of another; None if that cannot be told."""
        if small == large or ANY in (small, large) or large == Named("object") or small == Named("Never"):
            return True
        if depth > _DEEPEST:
            return None
        if isinstance(small, Union):
            # Of two long lists of literals most are in both.
            left = small.members - large.members if isinstance(large, Union) else small.members
            return _all(self.is_part(one, large, depth + 1) for one in left)
        if isinstance(large, Union):
            return _any(self.is_part(small, one, depth + 1) for one in large.members)
        if isinstance(small, Unknown | Variable) or isinstance(large, Unknown | Variable):
            return None
        if isinstance(large, Literal):
            return False
        if isinstance(small, Literal):
            return self.is_part(Named(small.type), large, depth + 1)
        return self._is_part_named(small, large, depth)

    def _is_part_named(self, small: Named, large: Named, depth: int) -> bool | None:
        if small.key == large.key:
            return self._arguments(small, large, depth)
        if small.key == "Self" and small.arguments:
            return self.is_part(small.arguments[0], large, depth + 1)
        if large.key == "Self":
            return False  # an object of the class is none of whoever inherits
        known = self._inherits(small.key, large.key)
        if not known:
            return known
        if not large.arguments or not small.arguments:
            return True if not large.arguments or all(one == ANY for one in large.arguments) else None
        if small.key in ("dict", "Mapping", "MutableMapping", "tuple") and len(large.arguments) < len(small.arguments):
            small = Named(small.key, small.arguments[: len(large.arguments)]) if small.key != "tuple" else small
        if small.key == "tuple":
            items = [one for one in small.arguments if one != Named("...")]
            return _all(self.is_part(one, large.arguments[0], depth + 1) for one in items)
        return self._arguments(small, large, depth)

    def _arguments(self, small: Named, large: Named, depth: int) -> bool | None:
        """Compare arguments one by one. To those who read, ``list[bool]`` is a narrower ``list[int]``."""
        if not small.arguments or not large.arguments:
            # Without arguments they may be anything.
            return True
        if small.key == "Callable":
            return self._callables(small, large, depth)
        if small.key == "tuple":
            return self._tuples(small, large, depth)
        if len(small.arguments) != len(large.arguments):
            return None if small.key not in _PYTHONS_OWN else False
        pairs = zip(small.arguments, large.arguments, strict=True)
        return _all(self.is_part(one, other, depth + 1) for one, other in pairs)

    def _tuples(self, small: Named, large: Named, depth: int) -> bool | None:
        endless = Named("...")
        if large.arguments[-1] == endless:
            items = [one for one in small.arguments if one != endless]
            return _all(self.is_part(one, large.arguments[0], depth + 1) for one in items)
        if small.arguments[-1] == endless or len(small.arguments) != len(large.arguments):
            return False
        pairs = zip(small.arguments, large.arguments, strict=True)
        return _all(self.is_part(one, other, depth + 1) for one, other in pairs)

    def _callables(self, small: Named, large: Named, depth: int) -> bool | None:
        if len(small.arguments) != 2 or len(large.arguments) != 2:
            return None
        returns = self.is_part(small.arguments[1], large.arguments[1], depth + 1)
        takes, gives = small.arguments[0], large.arguments[0]
        if Named("...") in (takes, gives):
            return returns
        if not (isinstance(takes, Named) and isinstance(gives, Named) and takes.key == gives.key == "[]"):
            return None
        if len(takes.arguments) != len(gives.arguments):
            return False
        pairs = zip(gives.arguments, takes.arguments, strict=True)
        return _all((returns, *(self.is_part(one, other, depth + 1) for one, other in pairs)))

    # --- classes ---

    def _inherits(self, key: str, other: str) -> bool | None:
        for reader in (self.new, self.old):
            if (cls := reader.classes.get(key)) is not None:
                return self._class_inherits(reader, cls, other)
        if other in self.new.classes or other in self.old.classes:
            above = self.new.classes.get(other) or self.old.classes[other]
            return None if _is_structural(self.new if other in self.new.classes else self.old, above) else False
        return _python_inherits(key, other)

    def _class_inherits(self, reader: Reader, cls: Class, other: str) -> bool | None:
        is_closed = True
        for one in reader.library.line_of(cls)[1:]:
            if isinstance(one, Class):
                if reader.key_of(one) == other:
                    return True
                continue
            key = one.path.rpartition(".")[2]
            if key == other:
                return True
            known = _python_inherits(key, other)
            if known:
                return True
            is_closed = is_closed and (known is not None or key in ("Generic", "Protocol", "ABC", "TypedDict"))
        above = self.new.classes.get(other) or self.old.classes.get(other)
        if above is not None and _is_structural(reader, above):
            return None
        return False if is_closed and other not in _STRUCTURAL else None


def is_only_more_literals(old: Type, new: Type) -> bool:
    """Whether the new type only has more literal values, or any of their type: an open enumeration that has grown.

    Who compares with a value still can; who has listed all of them was told that the service may have more.
    """
    if isinstance(old, Named) and isinstance(new, Named):
        pairs = list(zip(old.arguments, new.arguments, strict=False))
        same = old.key == new.key and len(old.arguments) == len(new.arguments)
        return same and old != new and all(one == other or is_only_more_literals(one, other) for one, other in pairs)
    was, now = _members(old), _members(new)
    types = {one.type for one in was if isinstance(one, Literal)}
    left = [one for one in was - now if not (isinstance(one, Literal) and Named(one.type) in now)]
    more = [
        one
        for one in now - was
        if not (types and (isinstance(one, Literal) or (isinstance(one, Named) and one.key in types)))
    ]
    if not left and not more:
        return bool(types) and was != now
    return len(left) == len(more) == 1 and isinstance(left[0], Named) and is_only_more_literals(left[0], more[0])


def _members(type_: Type) -> frozenset[Type]:
    return type_.members if isinstance(type_, Union) else frozenset({type_})


def _is_structural(reader: Reader, cls: Class) -> bool:
    bases = {one.path.rpartition(".")[2] for one in reader.library.line_of(cls) if isinstance(one, External)}
    return bool(bases & {"Protocol", "TypedDict"})


def _python_inherits(key: str, other: str) -> bool | None:
    if key == "None" or other == "None":
        return other == "Hashable"
    if (key in _MANAGERS and other in _ABSTRACT) or (other in _MANAGERS and key in _ABSTRACT):
        return False
    above = _ABOVE.get(key, ())
    if other in above or any(_python_inherits(one, other) for one in above):
        return True
    small, large = _PYTHONS_OWN.get(key), _PYTHONS_OWN.get(other)
    if small is None or large is None:
        # Two classes that are not each other's kin as far as is known; of others' classes nothing is.
        return False if key in _ABOVE and (other in _ABOVE or large is not None) else _known_unrelated(key, other)
    return issubclass(small, large)


_VALUES: Final = frozenset({
    "str", "bytes", "bytearray", "int", "float", "bool", "complex", "list", "dict", "set", "frozenset", "tuple",
    "None", "datetime", "date", "time", "timedelta", "Decimal", "UUID", "Path",
})  # fmt: skip


def _known_unrelated(key: str, other: str) -> bool | None:
    plain = {key.removeprefix("~"), other.removeprefix("~")}
    return False if plain <= _VALUES else None


def _all(answers: collections.abc.Iterable[bool | None]) -> bool | None:
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        result = result if answer else None
    return result


def _any(answers: collections.abc.Iterable[bool | None]) -> bool | None:
    result: bool | None = False
    for answer in answers:
        if answer:
            return True
        result = result if answer is False else None
    return result
