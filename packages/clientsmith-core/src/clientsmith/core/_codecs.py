"""Codecs: how a Python value is read from its wire form, and written back.

A *wire form* is what `json.loads` gives and `json.dumps` takes. None is the wire form of None for every codec.

The codecs of this module are built from two plain functions, a reader and a writer, that never see None; a model's
field calls the reader directly, so a read costs one call. What is converted lazily and may be edited in place (lists,
maps, models) is merged back into the wire form on its way out, see `BuiltIn.merge`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from operator import is_
from typing import Any, Final, Protocol, TypeAlias, TypeGuard, TypeVar, cast, overload

from ._place import ModelDecodeError, Place

__all__ = [
    "IDENTITY",
    "BuiltIn",
    "Codec",
    "CodecLike",
    "Text",
    "WireObject",
    "as_built_in",
    "as_codec",
    "enum_of",
    "list_of",
    "map_of",
    "model_of",
    "union_of",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ModelT = TypeVar("ModelT", bound="WireObject")
EnumT = TypeVar("EnumT", bound=Enum)

Reader: TypeAlias = Callable[[Any], Any]
Writer: TypeAlias = Callable[[Any], Any]


class Codec(Protocol[T_co]):
    """How values of one type travel. Write your own with these two methods and give it to `field`."""

    def decode(self, wire: Any, /) -> T_co:
        """Return the value of a wire form. May raise anything: a model then gives the wire form itself."""
        ...

    def encode(self, value: Any, /) -> Any:
        """Return the wire form of a value.

        Raises:
            TypeError: The value is not of a type that this codec takes.
        """
        ...


# What stands for a codec wherever one is asked for: see `as_codec`.
CodecLike: TypeAlias = Codec[T] | type[T] | Callable[[], type[T] | Codec[T]]


def _not_whole(kind: type, method: str) -> TypeError:
    return TypeError(f"{kind.__name__} lacks {method}(), which every class of its kind has to bring")


class WireObject:
    """What a model is to the codecs: an object that holds its own wire form. `Model` is the only one."""

    __slots__ = ()

    @classmethod
    def _reader(cls) -> Reader:
        """Return the function that makes an instance of this class, or of a child of it, from a dict."""
        raise _not_whole(cls, "_reader")

    @classmethod
    def _check(cls, wire: Any, place: Place) -> None:
        """Raise `ModelDecodeError` for the first value that does not fit."""
        raise _not_whole(cls, "_check")

    @classmethod
    def _write_fields(cls, wire: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Write values, given by the Python names of fields, into a wire form."""
        raise _not_whole(cls, "_write_fields")

    @classmethod
    def _start(cls) -> dict[str, Any]:
        """Return the wire form that a new instance begins with."""
        raise _not_whole(cls, "_start")

    def _flush(self) -> dict[str, Any]:
        """Return the wire form, with all edits in it."""
        raise _not_whole(type(self), "_flush")


def _wrong(wanted: str, value: object) -> TypeError:
    # The type only: the value may be a secret.
    return TypeError(f"wanted {wanted}, got {type(value).__name__}")


class BuiltIn:
    """A codec of this module."""

    # Whether a value can be edited in place, so that the wire form has to hear of it.
    editable: bool = True

    @property
    def wanted(self) -> str:
        """What the codec takes, in words for an error message."""
        raise _not_whole(type(self), "wanted")

    def target(self) -> BuiltIn:
        """Return the codec that does the work: this one, unless it only leads to another."""
        return self

    def reader(self) -> Reader:
        """Return the function from wire form to value. Neither is None."""
        raise _not_whole(type(self), "reader")

    def quick_reader(self) -> Reader:
        """Return a reader that may refuse, by raising, spellings that the reader takes."""
        return self.reader()

    def writer(self) -> Writer:
        """Return the function from value to wire form. Neither is None."""
        raise _not_whole(type(self), "writer")

    def decode(self, wire: Any, /) -> Any:
        """Return the value of a wire form."""
        return None if wire is None else self.reader()(wire)

    def encode(self, value: Any, /) -> Any:
        """Return the wire form of a value."""
        return None if value is None else self.writer()(value)

    def accept(self, value: Any) -> Any:
        """Return what a read gives after ``value`` was assigned: the same object, unless it is written by hand.

        A Mapping stands in for a model and a string for an enum's member. The value is not None.
        """
        return value

    def merge(self, value: Any, wire: Any) -> Any:
        """Return the wire form of a value that was read from ``wire`` and perhaps edited.

        Whatever was not edited stays as it came: the same object, and a date in the spelling of the service. The value
        is not None, ``wire`` may be.
        """
        if wire is not None and self.reader()(wire) == value:
            return wire
        return self.encode(value)

    def check(self, wire: Any, place: Place) -> None:
        """Raise `ModelDecodeError` if the value cannot be read."""
        try:
            self.decode(wire)
        except Exception as error:  # noqa: BLE001 - a codec may raise anything; all of it means "cannot be read"
            # The cause may quote the value.
            raise ModelDecodeError.at(place, wire, self.wanted) from (None if place.is_secret else error)


class _Identity(BuiltIn):
    """What needs no conversion: strings, numbers, booleans, and lists and dicts of them."""

    editable = False

    @property
    def wanted(self) -> str:
        return "a JSON value"

    def reader(self) -> Reader:
        return _same

    def writer(self) -> Writer:
        return _same


def _same(value: Any) -> Any:
    return value


IDENTITY: Final = _Identity()


class Text(BuiltIn):
    """A type that travels as text. Its functions are imported when they are first needed, see `_formats`."""

    editable = False

    def __init__(self, type_name: str) -> None:
        self._type_name = type_name

    @property
    def wanted(self) -> str:
        return self._type_name

    def reader(self) -> Reader:
        from ._formats import FORMATS

        return FORMATS[self._type_name].read

    def quick_reader(self) -> Reader:
        from ._formats import FORMATS

        return FORMATS[self._type_name].read_usual

    def writer(self) -> Writer:
        from ._formats import FORMATS

        return FORMATS[self._type_name].write


class _EnumOf(BuiltIn):
    """An open enum: what it does not know passes through as it is."""

    editable = False

    def __init__(self, kind: type[Enum]) -> None:
        self._kind = kind
        self._members: Mapping[Any, Enum] = {member.value: member for member in kind.__members__.values()}

    @property
    def wanted(self) -> str:
        return f"{self._kind.__name__}, str or int"

    def reader(self) -> Reader:
        members = self._members

        def read_enum(wire: Any) -> Any:
            try:
                return members[wire]
            except (KeyError, TypeError):  # unknown, or not hashable
                return wire

        return read_enum

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, str | int):
            return value
        raise _wrong(self.wanted, value)

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, Enum) else self.decode(value)


class _ListOf(BuiltIn):
    def __init__(self, item: BuiltIn) -> None:
        self._item = item

    @property
    def wanted(self) -> str:
        return f"a list of {self._item.wanted}"

    def reader(self) -> Reader:
        read = self._item.reader()

        def read_list(wire: Any) -> Any:
            if wire.__class__ is not list:
                raise _wrong("a list", wire)
            return [None if item is None else read(item) for item in wire]

        return read_list

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if not _is_sequence(value):
            raise _wrong(self.wanted, value)
        return [_at(index, self._item.encode, item) for index, item in enumerate(value)]

    def accept(self, value: Any) -> Any:
        accept = self._item.accept
        items: list[Any] = [None if item is None else accept(item) for item in value]
        return value if value.__class__ is list and _all_same(items, value) else items

    def merge(self, value: Any, wire: Any) -> Any:
        if wire.__class__ is not list or len(wire) != len(value):
            return self._write(value)
        merge = self._item.target().merge
        items = [None if new is None else merge(new, old) for new, old in zip(value, wire, strict=True)]
        return wire if _all_same(items, wire) else items

    def check(self, wire: Any, place: Place) -> None:
        if wire is None:
            return
        if wire.__class__ is not list:
            raise ModelDecodeError.at(place, wire, self.wanted)
        for index, item in enumerate(wire):
            self._item.check(item, place.at(index))


class _MapOf(BuiltIn):
    def __init__(self, item: BuiltIn) -> None:
        self._item = item

    @property
    def wanted(self) -> str:
        return f"a mapping to {self._item.wanted}"

    def reader(self) -> Reader:
        read = self._item.reader()

        def read_map(wire: Any) -> Any:
            if wire.__class__ is not dict:
                raise _wrong("a mapping", wire)
            return {key: None if item is None else read(item) for key, item in wire.items()}

        return read_map

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _wrong(self.wanted, value)
        return {key: _at(key, self._item.encode, item) for key, item in cast("Mapping[str, Any]", value).items()}

    def accept(self, value: Any) -> Any:
        accept = self._item.accept
        items = {key: None if item is None else accept(item) for key, item in value.items()}
        return value if value.__class__ is dict and _all_same(items.values(), value.values()) else items

    def merge(self, value: Any, wire: Any) -> Any:
        if wire.__class__ is not dict or list(wire) != list(value):
            return self._write(value)
        merge = self._item.target().merge
        items = {key: None if item is None else merge(item, wire[key]) for key, item in value.items()}
        return wire if _all_same(items.values(), wire.values()) else items

    def check(self, wire: Any, place: Place) -> None:
        if wire is None:
            return
        if wire.__class__ is not dict:
            raise ModelDecodeError.at(place, wire, self.wanted)
        for key, item in wire.items():
            self._item.check(item, place.at(key))


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


class _ModelOf(BuiltIn):
    def __init__(self, kind: type[WireObject]) -> None:
        self._kind = kind

    @property
    def wanted(self) -> str:
        return f"{self._kind.__name__} or a mapping"

    def reader(self) -> Reader:
        return self._kind._reader()

    def writer(self) -> Writer:
        return self._write

    def _write(self, value: Any) -> Any:
        if isinstance(value, WireObject):
            return value._flush()
        if isinstance(value, dict):
            return cast("dict[str, Any]", value)
        if isinstance(value, Mapping):
            return dict(cast("Mapping[str, Any]", value))
        raise _wrong(self.wanted, value)

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, WireObject) else self.decode(self._write(value))

    def merge(self, value: Any, wire: Any) -> Any:
        return value._flush() if isinstance(value, WireObject) else self.encode(value)

    def check(self, wire: Any, place: Place) -> None:
        if wire is not None:
            self._kind._check(wire, place)


class _UnionOf(BuiltIn):
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
        return self.encode(value)

    def check(self, wire: Any, place: Place) -> None:
        if wire is None:
            return
        if wire.__class__ is not dict:
            raise ModelDecodeError.at(place, wire, self.wanted)
        self._member(wire).check(wire, place)


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
        return target.reader() if isinstance(target, _ModelOf | _EnumOf | Text) else target.decode

    def writer(self) -> Writer:
        return self.target().encode

    def accept(self, value: Any) -> Any:
        return self.target().accept(value)

    def merge(self, value: Any, wire: Any) -> Any:
        return self.target().merge(value, wire)

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
        return self._codec.decode

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
            return _ModelOf(like)
        if issubclass(like, Enum):
            return _EnumOf(like)
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
    return IDENTITY if codec is IDENTITY else _ListOf(codec)


@overload
def map_of(item: None) -> Codec[dict[str, Any]]: ...
@overload
def map_of(item: CodecLike[T]) -> Codec[dict[str, T]]: ...
def map_of(item: CodecLike[Any] | None) -> Codec[dict[str, Any]]:
    """Return the codec of an object with arbitrary keys. If its values need no conversion it is the wire's own dict."""
    codec = as_built_in(item)
    return IDENTITY if codec is IDENTITY else _MapOf(codec)


def enum_of(kind: type[EnumT]) -> Codec[EnumT | Any]:
    """Return the codec of an open enum: members for the values it knows, other values as they are."""
    return _EnumOf(kind)


def model_of(kind: type[ModelT]) -> Codec[ModelT]:
    """Return the codec of a model. A Mapping of the same shape is taken in place of an instance."""
    return _ModelOf(kind)


def union_of(tag: str, members: Mapping[str, CodecLike[T]]) -> Codec[T]:
    """Return the codec of one of several models.

    Args:
        tag: Wire name of the property that tells them apart.
        members: The model for each value of the tag. A dict with another value is read as it is.
    """
    return _UnionOf(tag, {value: as_built_in(member) for value, member in members.items()})
