"""Codecs of lists, maps and tuples: what holds values of another codec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import is_
from typing import Any, TypeGuard, cast

from ._codecs import BuiltIn, Fit, Reader, Writer, wrong_type
from ._place import ModelDecodeError, Place
from ._wire import thawed

__all__ = ["ListOf", "MapOf", "TupleOf"]


class ListOf(BuiltIn):
    """A list of values of one type."""

    def __init__(self, item: BuiltIn) -> None:
        self.item = item

    @property
    def wanted(self) -> str:
        return f"a list of {self.item.wanted}"

    def reader(self) -> Reader:
        read = self.item.reader()

        def read_list(wire: Any) -> Any:
            if wire.__class__ is not list:
                raise wrong_type("a list", wire)
            return [None if item is None else read(item) for item in wire]

        return read_list

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if not _is_sequence(value):
            raise wrong_type(self.wanted, value)
        return [_at(index, self.item.encode, item) for index, item in enumerate(value)]

    def accept(self, value: Any) -> Any:
        accept = self.item.accept
        items: list[Any] = [None if item is None else accept(item) for item in value]
        return value if value.__class__ is list and _all_same(items, value) else items

    def merge(self, value: Any, wire: Any) -> Any:
        if wire.__class__ is not list:
            return self._write(value)
        merge = self.item.target().merge
        items = [None if new is None else merge(new, old) for new, old in zip(value, wire, strict=False)]
        if len(items) == len(wire) == len(value):
            return wire if _all_same(items, wire) else items
        added = value[len(items) :]
        return items + [_at(index, self.item.encode, item) for index, item in enumerate(added, len(items))]

    def sendable(self, wire: Any) -> Any:
        if wire.__class__ is not list:
            return wire
        sendable = self.item.target().sendable
        items = [None if item is None else sendable(item) for item in wire]
        return wire if _all_same(items, wire) else items

    def fit(self, wire: Any) -> Fit:
        if wire.__class__ is not list:
            return ()
        return min((self.item.fit(item) for item in wire), default=(1,))

    def check(self, wire: Any, place: Place) -> None:
        if wire is None:
            return
        if wire.__class__ is not list:
            raise ModelDecodeError.at(place, wire, self.wanted)
        for index, item in enumerate(wire):
            self.item.check(item, place.at(index))


class MapOf(BuiltIn):
    """An object with arbitrary keys and values of one type."""

    def __init__(self, item: BuiltIn) -> None:
        self.item = item

    @property
    def wanted(self) -> str:
        return f"a mapping to {self.item.wanted}"

    def reader(self) -> Reader:
        read = self.item.reader()

        def read_map(wire: Any) -> Any:
            if wire.__class__ is not dict:
                raise wrong_type("a mapping", wire)
            return {key: None if item is None else read(item) for key, item in wire.items()}

        return read_map

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise wrong_type(self.wanted, value)
        return {key: _at(key, self.item.encode, item) for key, item in cast("Mapping[str, Any]", value).items()}

    def accept(self, value: Any) -> Any:
        accept = self.item.accept
        items = {key: None if item is None else accept(item) for key, item in value.items()}
        return value if value.__class__ is dict and _all_same(items.values(), value.values()) else items

    def merge(self, value: Any, wire: Any) -> Any:
        if wire.__class__ is not dict:
            return self._write(value)
        items = {key: self._merge_item(key, item, wire) for key, item in value.items()}
        return wire if list(items) == list(wire) and _all_same(items.values(), wire.values()) else items

    def _merge_item(self, key: str, item: Any, wire: Mapping[str, Any]) -> Any:
        if item is None or key not in wire:
            return _at(key, self.item.encode, item)
        return self.item.target().merge(item, wire[key])

    def sendable(self, wire: Any) -> Any:
        if wire.__class__ is not dict:
            return wire
        sendable = self.item.target().sendable
        items = {key: None if item is None else sendable(item) for key, item in wire.items()}
        return wire if _all_same(items.values(), wire.values()) else items

    def check(self, wire: Any, place: Place) -> None:
        if wire is None:
            return
        if wire.__class__ is not dict:
            raise ModelDecodeError.at(place, wire, self.wanted)
        for key, item in wire.items():
            self.item.check(item, place.at(key))


def _is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _all_same(left: Any, right: Any) -> bool:
    return all(map(is_, left, right))


def _at(key: object, encode: Writer, item: Any) -> Any:
    """Encode an item; an error says which one it was."""
    try:
        return encode(item)
    except TypeError as error:
        raise TypeError(f"[{key!r}]: {error}") from None


class TupleOf(BuiltIn):
    """A list whose items have their own types, by position (JSON Schema, ``prefixItems``)."""

    # The tuple cannot be edited, what is in it may.
    def __init__(self, items: Sequence[BuiltIn]) -> None:
        self._items = tuple(items)

    @property
    def wanted(self) -> str:
        return f"a list of {', '.join(item.wanted for item in self._items)}"

    def reader(self) -> Reader:
        return self._read

    def _read(self, wire: Any) -> Any:
        if wire.__class__ is not list or len(wire) < len(self._items):
            raise wrong_type(self.wanted, wire)
        read = [item.decode(value) for item, value in zip(self._items, wire, strict=False)]
        return (*read, *thawed(wire[len(read) :]))  # more than is known stays, as it came

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if not _is_sequence(value):
            raise wrong_type(self.wanted, value)
        if len(value) < len(self._items):
            raise TypeError(f"wanted {len(self._items)} items, got {len(value)}")
        items = [_at(index, item.encode, value[index]) for index, item in enumerate(self._items)]
        return [*items, *value[len(items) :]]

    def accept(self, value: Any) -> Any:
        known = [None if given is None else item.accept(given) for item, given in zip(self._items, value, strict=False)]
        return (*known, *value[len(known) :])

    def check(self, wire: Any, place: Place) -> None:
        if wire is None:
            return
        if wire.__class__ is not list or len(wire) < len(self._items):
            raise ModelDecodeError.at(place, wire, self.wanted)
        for index, item in enumerate(self._items):
            item.check(wire[index], place.at(index))

    def sendable(self, wire: Any) -> Any:
        if wire.__class__ is not list:
            return wire
        known = [value and item.sendable(value) for item, value in zip(self._items, wire, strict=False)]
        return [*known, *wire[len(known) :]]
