"""How codecs are asked for: by a class, a function to be called later, or one of the functions below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar, cast, overload

from ._classes import EnumOf, ModelOf
from ._codecs import IDENTITY, BuiltIn, Codec, CodecLike, Fit, Reader, Scalar, WireObject, Writer
from ._containers import ListOf, MapOf, TupleOf
from ._place import Place
from ._wire import thawed

__all__ = [
    "any_of",
    "as_built_in",
    "as_codec",
    "enum_of",
    "list_of",
    "map_of",
    "model_of",
    "tuple_of",
    "union_of",
]

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound="WireObject")
EnumT = TypeVar("EnumT", bound=Enum)


class _Deferred(BuiltIn):
    """A codec that is looked up at its first use: what it names may stand further down, or in a module to come."""

    def __init__(self, thunk: Callable[[], Any]) -> None:
        self._thunk = thunk
        self._resolved: BuiltIn | None = None

    def target(self) -> BuiltIn:
        if self._resolved is None:
            self._resolved = as_built_in(self._thunk())
        return self._resolved

    @property
    def wanted(self) -> str:
        return self.target().wanted

    def reader(self) -> Reader:
        target = self.target()
        # A container may contain itself by way of this codec: it is asked for its reader value by value.
        return target.reader() if isinstance(target, ModelOf | EnumOf | Scalar) else target.decode

    def writer(self) -> Writer:
        return self.target().encode

    def accept(self, value: Any) -> Any:
        return self.target().accept(value)

    def merge(self, value: Any, wire: Any) -> Any:
        return self.target().merge(value, wire)

    def sendable(self, wire: Any) -> Any:
        return self.target().sendable(wire)

    def fit(self, wire: Any) -> Fit:
        return self.target().fit(wire)

    def check(self, wire: Any, place: Place) -> None:
        self.target().check(wire, place)


class _Custom(BuiltIn):
    """Somebody else's codec. Whether its values can be edited is not known, so they are looked at on the way out."""

    def __init__(self, codec: Codec[Any]) -> None:
        self._codec = codec

    @property
    def wanted(self) -> str:
        return f"what {type(self._codec).__name__} takes"

    def reader(self) -> Reader:
        decode = self._codec.decode
        # A copy, as it may return what it was given.
        return lambda wire: decode(thawed(wire))

    def writer(self) -> Writer:
        return self._codec.encode


def as_codec(like: CodecLike[Any] | None) -> Codec[Any]:
    """Return the codec that something stands for.

    None is the codec that changes nothing, a model class `model_of`, an enum class `enum_of`, and a codec itself. A
    function without arguments is called at the first use and its result taken in its place.

    Raises:
        TypeError: It is none of these.
    """
    if like is None:
        return IDENTITY
    if isinstance(like, type):
        if issubclass(like, WireObject):
            return ModelOf(like)
        if issubclass(like, Enum):
            return EnumOf(like)
    elif hasattr(like, "decode") and hasattr(like, "encode"):
        return cast("Codec[Any]", like)
    elif callable(like):
        return _Deferred(like)
    raise TypeError(
        f"{like!r} is no codec; give a model class, an enum class, an object with decode and encode, "
        "or a function without arguments that returns one of these"
    )


def as_built_in(like: CodecLike[Any] | None) -> BuiltIn:
    """Return the codec that something stands for as one of this module."""
    codec = as_codec(like)
    return codec if isinstance(codec, BuiltIn) else _Custom(codec)


@overload
def list_of(item: None) -> Codec[list[Any]]: ...
@overload
def list_of(item: CodecLike[T]) -> Codec[list[T]]: ...
def list_of(item: CodecLike[Any] | None) -> Codec[list[Any]]:
    """Return the codec of a list. A list whose items need no conversion is the wire's own list."""
    codec = as_built_in(item)
    return IDENTITY if codec is IDENTITY else ListOf(codec)


@overload
def map_of(item: None) -> Codec[dict[str, Any]]: ...
@overload
def map_of(item: CodecLike[T]) -> Codec[dict[str, T]]: ...
def map_of(item: CodecLike[Any] | None) -> Codec[dict[str, Any]]:
    """Return the codec of an object with arbitrary keys. If its values need no conversion it is the wire's own dict."""
    codec = as_built_in(item)
    return IDENTITY if codec is IDENTITY else MapOf(codec)


def enum_of(kind: type[EnumT]) -> Codec[EnumT | Any]:
    """Return the codec of an open enum: members for the values it knows, other values as they are."""
    return EnumOf(kind)


def model_of(kind: type[ModelT]) -> Codec[ModelT]:
    """Return the codec of a model. A Mapping of the same shape is taken in place of an instance."""
    return ModelOf(kind)


def tuple_of(*items: CodecLike[Any] | None) -> Codec[tuple[Any, ...]]:
    """Return the codec of a list whose items have their own types, by position (JSON Schema, ``prefixItems``).

    It reads as a tuple. Items beyond those named here stay as they are; a list that is too short is not read.
    """
    return TupleOf([as_built_in(item) for item in items])


def union_of(tag: str, members: Mapping[str, CodecLike[T]]) -> Codec[T]:
    """Return the codec of one of several models.

    Args:
        tag: Wire name of the property that tells them apart.
        members: The model for each value of the tag. A dict with another value is read as it is.
    """
    from ._unions import UnionOf

    return UnionOf(tag, {value: as_built_in(member) for value, member in members.items()})


def any_of(*members: CodecLike[Any] | None) -> Codec[Any]:
    """Return the codec of one of several types that no property tells apart.

    A value is read by the member that it fits best: an object by the model with all required fields there, no value of
    a wrong type, most fields known and fewest unknown, and among equals by the first. What fits none is read as it is;
    a member None says that plain values are meant too.
    """
    from ._unions import AnyOf

    return AnyOf([as_built_in(member) for member in members])
