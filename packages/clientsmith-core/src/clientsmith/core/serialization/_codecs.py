"""Codecs: how a Python value is read from its wire form, and written back.

A *wire form* is what `json.loads` gives and `json.dumps` takes. None is the wire form of None for every codec.

Built-in codecs are made of two plain functions, a reader and a writer, that never see None; a model's field calls the
reader directly, so a read costs one call. A wire form is never changed: what a reader returns is either immutable or a
copy, and what was edited in place is merged into a new wire form on its way out, see `BuiltIn.merge`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from ._place import ModelDecodeError, Place
from ._wire import thawed, unless_edited

__all__ = ["IDENTITY", "BuiltIn", "Codec", "CodecLike", "Fit", "Scalar", "WireObject", "wrong_type"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Reader: TypeAlias = Callable[[Any], Any]
Writer: TypeAlias = Callable[[Any], Any]
# How well a value fits a codec: the greater the better, and () not at all.
Fit: TypeAlias = tuple[int, ...]


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
    def _fit(cls, wire: dict[str, Any]) -> Fit:
        """Return how well an object fits this class."""
        raise _not_whole(cls, "_fit")

    @classmethod
    def _sendable(cls, wire: dict[str, Any]) -> dict[str, Any]:
        """Return an object without the read-only fields of this class: the same one if it has none."""
        raise _not_whole(cls, "_sendable")

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

    def _origin(self) -> dict[str, Any] | None:
        """Return the wire form that this object was loaded from, unedited; None if it was constructed."""
        raise _not_whole(type(self), "_origin")

    def _set_origin(self, wire: dict[str, Any]) -> None:
        """Take a wire form, which nobody else holds, for the one that this object was loaded from."""
        raise _not_whole(type(self), "_set_origin")


def wrong_type(wanted: str, value: object) -> TypeError:
    """Return the error for a value that a codec does not take."""
    # The type only: the value may be a secret.
    return TypeError(f"wanted {wanted}, got {type(value).__name__}")


class BuiltIn:
    """A codec of this package."""

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

    def sendable(self, wire: Any) -> Any:
        """Return the wire form without read-only fields: the same object if there are none. It is not None."""
        return wire

    def fit(self, wire: Any) -> Fit:
        """Return how well a value fits, to choose between the members of a union."""
        try:
            self.check(wire, Place(""))
        except ModelDecodeError:
            return ()
        return (1,)

    def check(self, wire: Any, place: Place) -> None:
        """Raise `ModelDecodeError` if the value cannot be read."""
        try:
            self.decode(wire)
        except Exception as error:  # noqa: BLE001 - a codec may raise anything; all of it means "cannot be read"
            # The cause may quote the value.
            raise ModelDecodeError.at(place, wire, self.wanted) from (None if place.is_secret else error)


class _Identity(BuiltIn):
    """What needs no conversion: strings, numbers, booleans, and lists and dicts of them."""

    @property
    def wanted(self) -> str:
        return "a JSON value"

    def reader(self) -> Reader:
        return thawed

    def writer(self) -> Writer:
        return _itself

    def merge(self, value: Any, wire: Any) -> Any:
        return unless_edited(value, wire)

    def fit(self, wire: Any) -> Fit:
        return (0,)  # anything fits, so that everything that says more about itself is better


def _itself(value: Any) -> Any:
    return value


IDENTITY: Final = _Identity()


class Scalar(BuiltIn):
    """An immutable value that travels as a text or a number.

    Its functions are imported when they are first needed, see `_formats`: a client without dates does not pay for
    `datetime`.
    """

    editable = False

    def __init__(self, type_name: str, form: str = "") -> None:
        self._type_name, self._form = type_name, form or type_name

    @property
    def wanted(self) -> str:
        return self._type_name

    def reader(self) -> Reader:
        from ._formats import FORMATS

        return FORMATS[self._form].read

    def quick_reader(self) -> Reader:
        from ._formats import FORMATS

        return FORMATS[self._form].read_usual

    def writer(self) -> Writer:
        from ._formats import FORMATS

        return FORMATS[self._form].write

    def __repr__(self) -> str:
        return f"<Codec {self._form}>"
