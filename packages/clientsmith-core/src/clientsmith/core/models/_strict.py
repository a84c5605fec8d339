"""Strict reading: every value of a document is held against its model. Imported when somebody asks for it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import NoneType, SimpleNamespace, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from ..serialization._codecs import IDENTITY, Fit
from ..serialization._place import ModelDecodeError, Place

if TYPE_CHECKING:
    from ._model import Model

__all__ = ["check_model", "fit_of", "hint_of"]

_ABSENT: Final = object()


def check_model(kind: type[Model], wire: Mapping[str, Any], place: Place) -> None:
    """Raise `ModelDecodeError` for the first value that does not fit its field.

    Codecs check what they convert; what needs no conversion is held against the annotation.
    """
    for each in kind._shape.fields.values():
        value = wire.get(each.wire_name, _ABSENT)
        if value is _ABSENT and not each.is_required:
            continue
        hint = hint_of(kind, each.name) if each.codec is IDENTITY else None
        if hint is not None and value is not _ABSENT and _fits(value, hint):
            continue
        inner = Place(kind.__name__, place.at(each.wire_name).path, each.name, each.is_secret or place.is_secret)
        if value is _ABSENT:
            raise ModelDecodeError(kind.__name__, each.name, inner.path, "missing", "a value")
        if hint is not None:
            raise ModelDecodeError.at(inner, value, getattr(hint, "__name__", str(hint)))
        each.codec.check(value, inner)
    if kind._shape.additional is not None:
        kind._shape.additional.check(wire, place, kind._shape.by_wire_name)


def fit_of(kind: type[Model], wire: Mapping[str, Any]) -> Fit:
    """Return how well an object fits a model: whether every value does, how many fields it knows, how few it lacks."""
    try:
        check_model(kind, wire, Place(kind.__name__))
        rank = 2
    except ModelDecodeError:
        required = (each.wire_name for each in kind._shape.fields.values() if each.is_required)
        rank = 1 if all(name in wire for name in required) else 0
    known = sum(name in kind._shape.by_wire_name for name in wire)
    return (rank, known, known - len(wire)) if rank or known else ()


def hint_of(kind: type[Model], name: str) -> Any:
    """Return the type that a field is annotated with, Any if it cannot be resolved at run time."""
    hints = kind._shape.hints
    if name not in hints:
        hints[name] = _resolved(kind, name)
    return hints[name]


def _resolved(kind: type[Model], name: str) -> Any:
    for ancestor in kind.__mro__:
        annotations = vars(ancestor).get("__annotations__", {})
        if name in annotations:
            one = SimpleNamespace(__annotations__={name: annotations[name]})
            module = sys.modules.get(ancestor.__module__)  # None for a class that `exec` made
            try:
                return get_type_hints(one, vars(module) if module is not None else {})[name]
            except NameError:  # imported for type checkers only
                return Any
    return Any


def _fits(wire: Any, hint: Any) -> bool:
    if wire.__class__ is hint and (hint is str or hint is bool):  # nearly every field there is
        return True
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union or origin is UnionType:
        return any(_fits(wire, argument) for argument in arguments)
    if origin is Literal:
        return wire in arguments
    if hint is list or origin is list:
        return wire.__class__ is list and all(_fits(item, arguments[0]) for item in wire if arguments)
    if hint is dict or origin is dict:
        return wire.__class__ is dict and all(_fits(item, arguments[1]) for item in wire.values() if arguments)
    if hint is int:
        # JSON has one kind of number: 1.0 is an integer (JSON Schema, section 6.1.1).
        return not isinstance(wire, bool) and (isinstance(wire, int) or (isinstance(wire, float) and wire.is_integer()))
    if hint is float:
        return isinstance(wire, int | float) and not isinstance(wire, bool)
    return isinstance(wire, hint) if hint in (str, bool, NoneType) else True
