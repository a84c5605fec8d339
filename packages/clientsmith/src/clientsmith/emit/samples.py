"""Sample values for documentation and generated tests: plausible, small, the same every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, assert_never

from clientsmith.emit.code import NONE, Code, Symbol, attribute, call, value
from clientsmith.model.ir import (
    AnyShape,
    Array,
    Binary,
    Enum,
    Literal,
    Map,
    Model,
    NamedShape,
    Nullable,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
    Spelling,
    Union,
)
from clientsmith.model.lookup import all_properties, tag_of

__all__ = ["sample_argument", "sample_wire"]

_WIRE: Final[Mapping[ScalarKind, Any]] = {
    ScalarKind.STRING: "sample",
    ScalarKind.INTEGER: 1,
    ScalarKind.NUMBER: 1.5,
    ScalarKind.BOOLEAN: True,
    ScalarKind.NULL: None,
    ScalarKind.DATETIME: "2026-01-31T12:30:00Z",
    ScalarKind.DATE: "2026-01-31",
    ScalarKind.TIME: "12:30:00",
    ScalarKind.DURATION: "PT90S",
    ScalarKind.BYTES: "c2FtcGxl",
    ScalarKind.UUID: "6744a0da-4121-49cd-8479-f8cc20526495",
    ScalarKind.DECIMAL: "1.50",
}
_SPELT: Final[Mapping[Spelling, Any]] = {
    Spelling.HTTP_DATE: "Sat, 31 Jan 2026 12:30:00 GMT",
    Spelling.UNIX_SECONDS: 1769862600,
    Spelling.NUMBER: 1.5,
    Spelling.TEXT: "1",
}
_DATETIME: Final = Symbol("datetime").code
_PYTHON: Final[Mapping[ScalarKind, Code]] = {
    ScalarKind.DATETIME: call(
        attribute(_DATETIME, "datetime"),
        *(value(part) for part in (2026, 1, 31, 12, 30)),
        tzinfo=attribute(_DATETIME, "UTC"),
    ),
    ScalarKind.DATE: call(attribute(_DATETIME, "date"), value(2026), value(1), value(31)),
    ScalarKind.TIME: call(attribute(_DATETIME, "time"), value(12), value(30)),
    ScalarKind.DURATION: call(attribute(_DATETIME, "timedelta"), seconds=value(90)),
    ScalarKind.BYTES: Code(('b"sample"',)),
    ScalarKind.UUID: call(attribute(Symbol("uuid").code, "UUID"), value(_WIRE[ScalarKind.UUID])),
    ScalarKind.DECIMAL: call(attribute(Symbol("decimal").code, "Decimal"), value(_WIRE[ScalarKind.DECIMAL])),
}


def sample_wire(shape: Shape | None, shapes: Mapping[str, NamedShape], inside: frozenset[str] = frozenset()) -> Any:
    """A JSON value of the shape: required properties only, so recursion ends as soon as the document lets it.

    ``inside`` holds the models that are being made; a required cycle, which no value can satisfy, ends in ``{}``.
    """
    match shape:
        case None | AnyShape() | Binary():
            return None if shape is None else "sample"
        case Scalar():
            return _SPELT.get(shape.spelling, _WIRE[shape.kind])
        case Literal():
            return shape.value
        case Array():
            return [sample_wire(shape.item, shapes, inside)]
        case Map():
            return {"key": sample_wire(shape.value, shapes, inside)}
        case Nullable():
            return sample_wire(shape.shape, shapes, inside)
        case Union():
            return sample_wire(shape.members[0], shapes, inside) if shape.members else "sample"
        case Ref():
            return _sample_named(shapes.get(shape.pointer), shapes, inside)
        case _:
            assert_never(shape)


def sample_argument(shape: Shape, shapes: Mapping[str, NamedShape]) -> Code:
    """An expression that a caller might pass for the shape."""
    match shape:
        case Scalar():
            return _PYTHON.get(shape.kind, NONE if shape.kind is ScalarKind.NULL else value(_WIRE[shape.kind]))
        case Binary():
            return Code(('b"sample"',))
        case Array():
            return Code(("[",)) + sample_argument(shape.item, shapes) + "]"
        case Map():
            return Code(('{"key": ',)) + sample_argument(shape.value, shapes) + "}"
        case Nullable():
            return sample_argument(shape.shape, shapes)
        case Union() if shape.members:
            return sample_argument(shape.members[0], shapes)
        case _:
            return value(sample_wire(shape, shapes))


def _sample_named(named: NamedShape | None, shapes: Mapping[str, NamedShape], inside: frozenset[str]) -> Any:
    match named:
        case None:
            return "sample"
        case Enum():
            return named.members[0].wire_value if named.members else "sample"
        case Model():
            if named.pointer in inside:
                return {}
            inside |= {named.pointer}
            properties = all_properties(named, shapes).values()
            # An object without required properties shows one all the same, so that it does not look like a mistake.
            scalars = [item for item in properties if isinstance(item.shape, Scalar) and not item.read_only]
            required = [item for item in properties if item.required] or scalars[:1]
            sample = {item.wire_name: sample_wire(item.shape, shapes, inside) for item in required}
            tag = tag_of(named, shapes)
            return {**sample, tag: named.tag_value} if tag and named.tag_value else sample
        case _:
            assert_never(named)
