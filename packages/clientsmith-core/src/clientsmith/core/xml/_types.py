"""What a model is in XML: for each field its place, its name, and the type of what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin
from weakref import WeakKeyDictionary

from ..models import Model
from ..models._fields import Field
from ..models._strict import hint_of
from ..serialization._classes import EnumOf, ModelOf
from ..serialization._codecs import IDENTITY, BuiltIn
from ..serialization._containers import ListOf, MapOf
from ..serialization._making import as_built_in
from ..serialization._times import checked_number
from ._documents import Xml

__all__ = ["ANY", "AnyType", "ListType", "MapType", "ModelType", "Slot", "TextType", "Type", "model_class", "slots_of"]

_USUAL: Final = Xml()


@dataclass(frozen=True, slots=True)
class TextType:
    """A text, and how it becomes what the wire form of JSON would have in its place."""

    convert: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class ModelType:
    """A model: an element with attributes and children."""

    kind: type[Model]


@dataclass(frozen=True, slots=True)
class ListType:
    """A list: an element for each item."""

    item: Type


@dataclass(frozen=True, slots=True)
class MapType:
    """An object with arbitrary keys: an element for each, under its name."""

    item: Type


@dataclass(frozen=True, slots=True)
class AnyType:
    """Nobody said: text, or a dict of whatever is inside."""


Type: TypeAlias = TextType | ModelType | ListType | MapType | AnyType
ANY: Final = AnyType()


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a model in XML."""

    wire_name: str
    place: Literal["attribute", "text", "element"]
    name: str
    xml: Xml
    type: Type
    # For a list that is wrapped.
    item_name: str = ""


def slots_of(kind: type[Model]) -> tuple[Slot, ...]:
    """Return the fields of a model, in the order in which they are written."""
    found = _SLOTS.get(kind)
    if found is None:
        _SLOTS[kind] = found = tuple(_slot(kind, each) for each in kind._shape.fields.values())
    return found


# Not by `functools.cache`, which would keep classes alive that nobody else does.
_SLOTS: Final[WeakKeyDictionary[type[Model], tuple[Slot, ...]]] = WeakKeyDictionary()


def _slot(kind: type[Model], each: Field) -> Slot:
    xml = each.xml or _USUAL
    place: Literal["attribute", "text", "element"] = "attribute" if xml.attribute else "text" if xml.text else "element"
    content = _type_of(each.codec, lambda: hint_of(kind, each.name))
    name = xml.name or each.wire_name
    return Slot(each.wire_name, place, name, xml, content, xml.item or _item_name(content) or name)


def _item_name(content: Type) -> str | None:
    model = content.item.kind if isinstance(content, ListType) and isinstance(content.item, ModelType) else None
    return model._xml.name if model is not None and model._xml is not None else None


def model_class(like: Any) -> type[Model]:
    """Return the model class that something stands for.

    Raises:
        TypeError: It stands for none.
    """
    codec = as_built_in(like).target()
    if isinstance(codec, ModelOf) and issubclass(codec.kind, Model):
        return codec.kind
    raise TypeError(f"{like!r} is no model; the root of a document is read as one")


def _type_of(codec: BuiltIn, hint: Callable[[], Any]) -> Type:
    codec = codec.target()
    if codec is IDENTITY:
        return _type_of_hint(hint())
    match codec:
        case ModelOf() if issubclass(codec.kind, Model):
            return ModelType(codec.kind)
        case ListOf():
            return ListType(_type_of(codec.item, lambda: Any))
        case MapOf():
            return MapType(_type_of(codec.item, lambda: Any))
        case EnumOf():
            return TextType(_enum_reader(codec.kind))
        case _ if codec.editable:
            return ANY
        case _:
            return TextType(_plain)


def _type_of_hint(hint: Any) -> Type:
    """Return the type that an annotation names: of those that a union allows, the one that says most."""
    found = list(_flat(hint))
    for one in found:
        arguments = get_args(one)
        if (get_origin(one) or one) is list:
            return ListType(_type_of_hint(arguments[0]) if arguments else ANY)
        if (get_origin(one) or one) is dict:
            return MapType(_type_of_hint(arguments[1]) if arguments else ANY)
    for type_, convert in _CONVERSIONS.items():
        if type_ in found:
            return TextType(convert)
    return TextType(_plain) if str in found or any(get_origin(one) is Literal for one in found) else ANY


def _flat(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, UnionType):
        for argument in get_args(hint):
            yield from _flat(argument)
    elif hint is not NoneType:
        yield hint


def _plain(text: str) -> str:
    return text


def _boolean(text: str) -> bool | str:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip(), text)


def _integer(text: str) -> int | str:
    try:
        return int(checked_number(text))
    except ValueError:  # it stays as it came, like everything that cannot be read
        return text


def _float(text: str) -> float | str:
    try:
        return float(checked_number(text))
    except ValueError:
        return text


_CONVERSIONS: Final[dict[type, Callable[[str], Any]]] = {bool: _boolean, int: _integer, float: _float}


def _enum_reader(kind: type[Enum]) -> Callable[[str], Any]:
    has_numbers = any(isinstance(member.value, int) for member in kind)
    return _integer if has_numbers else _plain
