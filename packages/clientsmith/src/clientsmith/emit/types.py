"""Shapes as Python: how they are annotated, and which codec reads and writes them.

Where a shape is written down decides how its named parts are reached: `View` says so. What is *given* to a client is
typed generously (a mapping where a model is wanted, any sequence where a list is), what comes back is typed exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from clientsmith.emit.code import (
    ANY,
    NONE,
    Code,
    Symbol,
    attribute,
    builtin,
    call,
    dictionary,
    indexed,
    thunk,
    union,
    value,
)
from clientsmith.emit.text import public_name
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

__all__ = ["View", "through"]

_SERIALIZATION: Final = "clientsmith.core.serialization"

_SCALARS: Final[Mapping[ScalarKind, Code]] = {
    ScalarKind.STRING: builtin("str"),
    ScalarKind.INTEGER: builtin("int"),
    ScalarKind.NUMBER: builtin("float"),
    ScalarKind.BOOLEAN: builtin("bool"),
    ScalarKind.NULL: NONE,
    ScalarKind.DATETIME: attribute(Symbol("datetime").code, "datetime"),
    ScalarKind.DATE: attribute(Symbol("datetime").code, "date"),
    ScalarKind.TIME: attribute(Symbol("datetime").code, "time"),
    ScalarKind.DURATION: attribute(Symbol("datetime").code, "timedelta"),
    ScalarKind.BYTES: builtin("bytes"),
    ScalarKind.UUID: attribute(Symbol("uuid").code, "UUID"),
    ScalarKind.DECIMAL: attribute(Symbol("decimal").code, "Decimal"),
}
_SCALAR_CODECS: Final[Mapping[ScalarKind, Code]] = {
    kind: Symbol(_SERIALIZATION, name).code
    for kind, name in (
        (ScalarKind.DATETIME, "DATETIME"),
        (ScalarKind.DATE, "DATE"),
        (ScalarKind.TIME, "TIME"),
        (ScalarKind.DURATION, "DURATION"),
        (ScalarKind.BYTES, "BYTES"),
        (ScalarKind.UUID, "UUID"),
        (ScalarKind.DECIMAL, "DECIMAL"),
    )
}
_SPELLING_CODECS: Final[Mapping[Spelling, Code]] = {
    spelling: Symbol(_SERIALIZATION, name).code
    for spelling, name in (
        (Spelling.HTTP_DATE, "HTTP_DATE"),
        (Spelling.UNIX_SECONDS, "UNIX_SECONDS"),
        (Spelling.BASE64URL, "BYTES_FOR_URLS"),
        (Spelling.NUMBER, "DECIMAL_NUMBER"),
        (Spelling.TEXT, "INTEGER_TEXT"),
    )
}
_MAPPING: Final = Symbol("collections.abc", "Mapping").code
_SEQUENCE: Final = Symbol("collections.abc", "Sequence").code
_MAPPING_OF_ANYTHING: Final = indexed(_MAPPING, builtin("str"), ANY)


@dataclass(frozen=True, slots=True)
class View:
    """The named shapes of an API as one module sees them.

    ``reach`` gives the expression for a named shape; ``is_lazy`` says that it must not be evaluated when the module
    is imported, as when it stands in another module that is loaded on first use, or further down in the same one.
    """

    shapes: Mapping[str, NamedShape]
    reach: Callable[[NamedShape], Code]
    is_lazy: Callable[[NamedShape], bool] = lambda shape: True

    def named(self, ref: Ref) -> NamedShape | None:
        return self.shapes.get(ref.pointer)

    def annotation(self, shape: Shape | None, *, given: bool = False, optional: bool = False) -> Code:
        """The type of a value of this shape; no shape is no value.

        ``given`` is for what callers pass in, ``optional`` for what may be None whatever its shape.
        """
        return union(*self._alternatives(shape, given=given), *([NONE] if optional else []))

    def _alternatives(self, shape: Shape | None, *, given: bool) -> Iterator[Code]:
        match shape:
            case None:
                yield NONE
            case Scalar():
                yield _SCALARS[shape.kind]
            case Ref():
                yield from self._reference(shape, given=given)
            case Array():
                yield indexed(_SEQUENCE if given else builtin("list"), self.annotation(shape.item, given=given))
            case Map():
                container = _MAPPING if given else builtin("dict")
                yield indexed(container, builtin("str"), self.annotation(shape.value, given=given))
            case Nullable():
                yield from self._alternatives(shape.shape, given=given)
                yield NONE
            case Union() if shape.members:
                for member in shape.members:
                    yield from self._alternatives(member, given=given)
            case Union() | AnyShape():
                yield ANY
            case Literal():
                yield _constant(shape.value)
            case Binary():
                yield builtin("bytes")
            case _:
                assert_never(shape)

    def codec(self, shape: Shape | None) -> Code | None:
        """The codec of a JSON value of this shape, None where the wire value is the Python value already."""
        match shape:
            case Scalar():
                return _SPELLING_CODECS.get(shape.spelling) or _SCALAR_CODECS.get(shape.kind)
            case Ref():
                named = self.named(shape)
                if named is None:
                    return None
                return thunk(self.reach(named)) if self.is_lazy(named) else self.reach(named)
            case Array():
                return self._container("list_of", shape.item)
            case Map():
                return self._container("map_of", shape.value)
            case Nullable():
                return self.codec(shape.shape)
            case Union():
                return self._tagged(shape) if shape.tag else self._best_match(shape)
            case _:
                return None

    def _reference(self, ref: Ref, *, given: bool) -> Iterator[Code]:
        named = self.named(ref)
        match named:
            case None:  # the front end has reported it; any value will do
                yield ANY
            case Model():
                yield self.reach(named)
                if given:
                    yield _MAPPING_OF_ANYTHING
            case Enum():
                yield self.reach(named)
                yield _SCALARS[named.kind]
            case _:
                assert_never(named)

    def _container(self, function: str, inner: Shape) -> Code | None:
        codec = self.codec(inner)
        return None if codec is None else call(Symbol(_SERIALIZATION, function).code, codec)

    def _tagged(self, shape: Union) -> Code | None:
        codecs: dict[str | int, dict[Code, None]] = {}
        for tag_value, member in _told_apart(shape, shape.tag):
            if (codec := self.codec(member)) is not None:
                codecs.setdefault(tag_value, {})[codec] = None
        if not codecs:
            return None
        # Of several members with one value of the tag that one is read which fits best.
        any_of = Symbol(_SERIALIZATION, "any_of").code
        members = {
            name: next(iter(those)) if len(those) == 1 else call(any_of, *those) for name, those in codecs.items()
        }
        return call(Symbol(_SERIALIZATION, "union_of").code, value(shape.tag), dictionary(members))

    def _best_match(self, shape: Union) -> Code | None:
        """``any_of``: what fits best. Beside plain text no text is taken for a date, an id or bytes."""
        has_text = any(isinstance(one, Scalar) and one.kind is ScalarKind.STRING for one in shape.members)
        codecs = [None if has_text and isinstance(one, Scalar) else self.codec(one) for one in shape.members]
        if not any(codecs):
            return None
        # A date reads as a time too, at midnight: who is stricter comes first.
        codecs.sort(key=lambda codec: codec == _SCALAR_CODECS[ScalarKind.DATETIME])
        # Once is enough to say that plain values are meant too.
        members = [
            *(codec for codec in dict.fromkeys(codecs) if codec is not None),
            *([NONE] if None in codecs else []),
        ]
        return call(Symbol(_SERIALIZATION, "any_of").code, *members)


def _told_apart(shape: Union, tag: str) -> Iterator[tuple[str, Shape]]:
    """The members by their values of a tag; of a union in it with the same tag its members."""
    known = {value for value, member in shape.mapping if not _is_union(member, tag)}
    for tag_value, member in shape.mapping:
        inner = member.shape if isinstance(member, Nullable) else member
        if isinstance(inner, Union) and inner.tag == tag:
            yield from ((name, one) for name, one in _told_apart(inner, tag) if name not in known)
        else:
            yield tag_value, member


def _is_union(shape: Shape, tag: str) -> bool:
    inner = shape.shape if isinstance(shape, Nullable) else shape
    return isinstance(inner, Union) and inner.tag == tag


def _constant(constant: object) -> Code:
    if constant is None:
        return NONE
    if isinstance(constant, str | int):
        return indexed(Symbol("typing", "Literal").code, value(constant))
    return ANY


def through(module: Symbol) -> Callable[[NamedShape], Code]:
    """Reach named shapes as attributes of a module: ``_models.Pet``."""
    return lambda shape: attribute(module.code, public_name(shape.name))
