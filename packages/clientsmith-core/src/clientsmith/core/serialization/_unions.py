"""Codecs of values that may be of one of several types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ._codecs import IDENTITY, BuiltIn, Fit, Reader, WireObject, Writer, wrong_type
from ._place import ModelDecodeError, Place

__all__ = ["AnyOf", "UnionOf"]


class UnionOf(BuiltIn):
    """One of several models, told apart by the property ``tag``. What it does not know passes through as it is."""

    def __init__(self, tag: str, members: Mapping[str, BuiltIn]) -> None:
        self._tag, self._members = tag, members

    @property
    def wanted(self) -> str:
        return f"a mapping whose {self._tag!r} is one of {', '.join(map(repr, self._members))}"

    def _member(self, wire: Any) -> BuiltIn:
        kind: Any = cast("dict[str, Any]", wire).get(self._tag) if isinstance(wire, dict) else None
        return self._members.get(kind, IDENTITY) if isinstance(kind, str) else IDENTITY

    def reader(self) -> Reader:
        return lambda wire: self._member(wire).decode(wire)

    def writer(self) -> Writer:
        return lambda value: value._flush() if isinstance(value, WireObject) else value

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, WireObject) else self.decode(value)

    def merge(self, value: Any, wire: Any) -> Any:
        if isinstance(value, WireObject):
            return value._flush()
        return IDENTITY.merge(value, wire)

    def sendable(self, wire: Any) -> Any:
        return self._member(wire).sendable(wire)

    def fit(self, wire: Any) -> Fit:
        member = self._member(wire)
        return () if member is IDENTITY else member.fit(wire)

    def check(self, wire: Any, place: Place) -> None:
        if wire is None:
            return
        if wire.__class__ is not dict:
            raise ModelDecodeError.at(place, wire, self.wanted)
        self._member(wire).check(wire, place)


class AnyOf(BuiltIn):
    """One of several types that nothing tells apart: the one that a value fits best. What fits none stays as it is."""

    def __init__(self, members: Sequence[BuiltIn]) -> None:
        self._members = tuple(members)
        # Plain values come last: they take anything, and leave it to the other members' usual form.
        self._writers = sorted(self._members, key=lambda member: member is IDENTITY)

    @property
    def wanted(self) -> str:
        return " or ".join(member.wanted for member in self._members)

    def _member(self, wire: Any) -> BuiltIn:
        fits = [member.fit(wire) for member in self._members]
        best = max(fits)
        return self._members[fits.index(best)] if best else IDENTITY

    def reader(self) -> Reader:
        return lambda wire: self._member(wire).decode(wire)

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if isinstance(value, WireObject):
            return value._flush()
        for member in self._writers:
            try:
                return member.encode(value)
            except TypeError:
                continue
        raise wrong_type(self.wanted, value)

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, WireObject) else self.decode(self._write(value))

    def merge(self, value: Any, wire: Any) -> Any:
        return value._flush() if isinstance(value, WireObject) else super().merge(value, wire)

    def sendable(self, wire: Any) -> Any:
        return self._member(wire).sendable(wire)

    def fit(self, wire: Any) -> Fit:
        return max(member.fit(wire) for member in self._members)

    def check(self, wire: Any, place: Place) -> None:
        if wire is not None and not any(member.fit(wire) for member in self._members):
            raise ModelDecodeError.at(place, wire, self.wanted)
