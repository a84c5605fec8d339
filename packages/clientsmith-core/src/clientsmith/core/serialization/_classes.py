"""Codecs of the classes that a client declares: models and open enums."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

from ._codecs import BuiltIn, Fit, Reader, WireObject, Writer, wrong_type
from ._place import Place
from ._wire import thawed

__all__ = ["EnumOf", "ModelOf"]


class EnumOf(BuiltIn):
    """An open enum: what it does not know passes through as it is."""

    editable = False

    def __init__(self, kind: type[Enum]) -> None:
        self.kind = kind
        self._members: Mapping[Any, Enum] = {member.value: member for member in kind.__members__.values()}

    @property
    def wanted(self) -> str:
        return f"{self.kind.__name__}, str or int"

    def reader(self) -> Reader:
        members = self._members

        def read_enum(wire: Any) -> Any:
            try:
                return members[wire]
            except (KeyError, TypeError):  # unknown, or not hashable
                return thawed(wire)

        return read_enum

    def quick_reader(self) -> Reader:
        return self._members.__getitem__

    def fit(self, wire: Any) -> Fit:
        if wire.__class__ is str or wire.__class__ is int:
            return (1,) if wire in self._members else (0,)
        return ()

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, str | int):
            return value
        raise wrong_type(self.wanted, value)

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, Enum) else self.decode(value)


class ModelOf(BuiltIn):
    """An instance of a model class; a mapping of the same shape is taken in its place."""

    def __init__(self, kind: type[WireObject]) -> None:
        self.kind = kind

    @property
    def wanted(self) -> str:
        return f"{self.kind.__name__} or a mapping"

    def reader(self) -> Reader:
        return self.kind._reader()

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if isinstance(value, WireObject):
            return value._flush()
        if isinstance(value, dict):
            return cast("dict[str, Any]", value)
        if isinstance(value, Mapping):
            return dict(cast("Mapping[str, Any]", value))
        raise wrong_type(self.wanted, value)

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, WireObject) else self.decode(self._write(value))

    def merge(self, value: Any, wire: Any) -> Any:
        return value._flush() if isinstance(value, WireObject) else self.encode(value)

    def sendable(self, wire: Any) -> Any:
        return self.kind._sendable(cast("dict[str, Any]", wire)) if wire.__class__ is dict else wire

    def fit(self, wire: Any) -> Fit:
        return self.kind._fit(cast("dict[str, Any]", wire)) if wire.__class__ is dict else ()

    def check(self, wire: Any, place: Place) -> None:
        if wire is not None:
            self.kind._check(wire, place)
