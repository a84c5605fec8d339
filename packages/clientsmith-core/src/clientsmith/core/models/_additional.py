"""Additional properties: the members of an object that its class does not name, as one typed field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..serialization._codecs import BuiltIn, CodecLike
from ..serialization._containers import MapOf
from ..serialization._making import as_built_in
from ..serialization._place import Place
from ..serialization._unset import UNSET
from ..serialization._wire import thawed
from ._names import check_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._model import Model

__all__ = ["AdditionalFields", "additional"]


class AdditionalFields:
    """A field that holds all members which no other field of the class names; made by `additional`.

    A data descriptor, unlike `Field`: there is at most one in a class, and it is read rarely.
    """

    is_init = True
    is_required = False

    def __init__(self, item: BuiltIn, default: Any) -> None:
        self.item, self.default = item, default
        self.codec = MapOf(item)

    def __set_name__(self, owner: type[Model], name: str) -> None:
        check_name(owner, name)
        self.owner, self.name = owner.__name__, name

    def __get__(self, model: Model | None, owner: object = None) -> Any:
        if model is None:
            return self
        kept = model.__dict__
        if self.name not in kept:
            kept[self.name] = {key: self._read(value) for key, value in self.wire(model._data, model).items()}
        return kept[self.name]

    def _read(self, wire: Any) -> Any:
        try:
            return self.item.decode(wire)
        except Exception:  # noqa: BLE001 - whatever a codec raises means that the value cannot be read
            return thawed(wire)

    def __set__(self, model: Model, value: Any) -> None:
        self.assign(model, {} if value is UNSET or value is None else value)

    def __delete__(self, model: Model) -> None:
        self.assign(model, {})

    def assign(self, model: Model, value: Any) -> None:
        """Let a mapping take the place of all members that are not named.

        Raises:
            TypeError: It is no mapping, a value is of the wrong type, or a name belongs to another field.
        """
        self._replace(model, self._encode(value, model))
        model.__dict__[self.name] = self.codec.accept(value)

    def write(self, wire: dict[str, Any], value: Any) -> None:
        """Write members, which a caller has given, into a wire form."""
        wire.update(self.codec.encode(value))

    def _encode(self, value: Any, model: Model) -> dict[str, Any]:
        try:
            wire = cast("dict[str, Any]", self.codec.encode(value))
        except TypeError as error:
            raise TypeError(f"{self.owner}.{self.name}: {error}") from None
        self._refuse_named(wire, model)
        return wire

    def _refuse_named(self, wire: Mapping[str, Any], model: Model) -> None:
        for key in wire:
            taken = model._shape.by_wire_name.get(key)
            if taken is not None:
                raise TypeError(f"{self.owner}.{self.name}: {key!r} is the field {taken.name!r}; set that")

    def _replace(self, model: Model, wire: Mapping[str, Any]) -> None:
        data = model._own()
        for key in self.wire(data, model):
            if key not in wire:
                del data[key]
        data.update(wire)

    @staticmethod
    def wire(data: Mapping[str, Any], model: Model) -> dict[str, Any]:
        """Return the members that no field names, in their wire form."""
        named = model._shape.by_wire_name
        return {key: value for key, value in data.items() if key not in named}

    def flush(self, model: Model) -> None:
        """Merge what was edited into the wire form."""
        value: Any = model.__dict__.get(self.name)
        if value is None:
            return
        old = self.wire(model._data, model)
        new = {key: self._merge(item, old.get(key)) for key, item in value.items()}
        if list(new) != list(old) or any(new[key] is not old[key] for key in new):
            self._refuse_named(new, model)
            self._replace(model, new)

    def _merge(self, value: Any, wire: Any) -> Any:
        if value is None or value is wire:
            return value
        try:
            return self.item.target().merge(value, wire)
        except Exception:
            if wire is not None and self._read(wire) == wire == value:
                return wire  # it could not be read, and so it is a copy of what came
            raise

    def check(self, data: Mapping[str, Any], place: Place, named: Mapping[str, object]) -> None:
        """Raise `ModelDecodeError` for the first member that cannot be read."""
        for key, value in data.items():
            if key not in named:
                self.item.check(value, Place(place.model, place.at(key).path, self.name, place.is_secret))


def additional(codec: CodecLike[Any] | None = None, *, default: Any = UNSET) -> Any:
    """Declare the one field that holds every member which no other field names (OpenAPI, ``additionalProperties``).

    It reads as a dict of the values by their names in JSON, empty if there are none; edits reach the wire.

    Args:
        codec: How the values are converted.
        default: What the constructor takes when the argument is missing: UNSET. Give it, and type checkers know that
            the argument may be left out.
    """
    return AdditionalFields(as_built_in(codec), default)
