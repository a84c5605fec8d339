"""The fields of a model: descriptors that convert when they are read, and what a class knows about all of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..serialization._codecs import IDENTITY, BuiltIn, CodecLike, Reader
from ..serialization._making import as_built_in
from ..serialization._unset import UNSET
from ..serialization._wire import CONTAINERS, thawed, unless_edited
from ._additional import AdditionalFields
from ._names import check_name

if TYPE_CHECKING:
    import inspect

    from ..xml import Xml
    from ._model import Model

__all__ = ["ConvertedField", "Field", "LazyShape", "LazySignature", "Shape", "field"]

# The default of a field that the constructor insists on.
_REQUIRED: Final[Any] = object()


class Field:
    """A field of a model; made by `field`.

    A non-data descriptor: the first read converts and puts the result into the instance's ``__dict__``, where later
    reads find it without coming here.
    """

    __slots__ = ("codec", "default", "is_init", "is_read_only", "is_secret", "name", "owner", "wire_name", "xml")

    def __init__(
        self,
        wire_name: str,
        codec: BuiltIn,
        default: Any,
        *,
        is_init: bool,
        is_secret: bool,
        is_read_only: bool = False,
        xml: Xml | None = None,
    ) -> None:
        self.wire_name, self.codec, self.default = wire_name, codec, default
        self.is_init, self.is_secret, self.is_read_only, self.xml = is_init, is_secret, is_read_only, xml

    def __set_name__(self, owner: type[Model], name: str) -> None:
        check_name(owner, name)
        self.owner, self.name = owner.__name__, name

    def __get__(self, model: Model | None, owner: object = None) -> Any:
        if model is None:
            return self
        value = model._data.get(self.wire_name)
        if type(value) is list or type(value) is dict:
            # A copy, as it may be edited, and what came may not. The first thread's, or edits of the others are lost.
            return model.__dict__.setdefault(self.name, thawed(value))
        model.__dict__[self.name] = value
        return value

    @property
    def is_required(self) -> bool:
        """Whether the constructor insists on it."""
        return self.is_init and self.default is _REQUIRED

    def encode(self, value: Any) -> Any:
        """Return the wire form of a value, which a caller has given.

        Raises:
            TypeError: It is of the wrong type.
        """
        try:
            return self.codec.encode(value)
        except TypeError as error:
            raise TypeError(f"{self.owner}.{self.name}: {error}") from None

    def write(self, wire: dict[str, Any], value: Any) -> None:
        """Write a value, which a caller has given, into a wire form."""
        wire[self.wire_name] = self.encode(value)

    def merge(self, value: Any, wire: Any) -> Any:
        """Return the wire form of a value that was read from ``wire`` and perhaps edited.

        Raises:
            TypeError: What it was edited to is of the wrong type.
        """
        return unless_edited(value, wire)

    def assign(self, model: Model, value: Any) -> None:
        """Set the field of a model."""
        wire = self.encode(value)  # before anything changes, as it may be refused
        model._own()[self.wire_name] = wire
        model.__dict__[self.name] = None if value is None else self.codec.accept(value)


class ConvertedField(Field):
    """A field whose value differs from its wire form."""

    __slots__ = ("_can_be_edited", "_read")

    def __init__(self, wire_name: str, codec: BuiltIn, default: Any, **traits: Any) -> None:
        super().__init__(wire_name, codec, default, **traits)
        self._read: Reader = self._first_read
        self._can_be_edited = True

    def __get__(self, model: Model | None, owner: object = None) -> Any:
        if model is None:
            return self
        value = model._data.get(self.wire_name)
        if value is not None:
            try:
                value = self._read(value)
            except Exception as error:  # noqa: BLE001 - whatever a codec raises means that the value cannot be read
                value = self._unreadable(value, error)
        if self._can_be_edited:
            # Two threads that read it for the first time get one value, or the edits of one would be lost.
            return model.__dict__.setdefault(self.name, value)
        model.__dict__[self.name] = value
        return value

    def merge(self, value: Any, wire: Any) -> Any:
        codec = self.codec.target()
        if not codec.editable:  # only what could not be read can have been edited, see `_unreadable`
            return unless_edited(value, wire) if value.__class__ in CONTAINERS else wire
        try:
            return codec.merge(value, wire)
        except Exception:
            if self._reads(wire):
                raise
            return unless_edited(value, wire)  # it could not be read, and so it is a copy of what came

    def _reads(self, wire: Any) -> bool:
        try:
            self.codec.decode(wire)
        except Exception:  # noqa: BLE001 - whatever a codec raises means that the value cannot be read
            return False
        return True

    def _first_read(self, wire: Any) -> Any:
        # Only now, as the codec may name a class that did not exist when this field was made.
        self._read = self.codec.quick_reader()
        self._can_be_edited = self.codec.target().editable
        return self._read(wire)

    def _unreadable(self, wire: Any, error: Exception) -> Any:
        """Return the value of a field whose quick reader raised."""
        if self._read == self._first_read:
            # The codec itself is wrong, a misspelt class for example. Not as AttributeError, which Python would take
            # for "there is no such field".
            raise TypeError(f"{self.owner}.{self.name}: its codec cannot be used: {error}") from error
        try:
            return self.codec.decode(wire)
        except Exception as final:  # noqa: BLE001 - whatever a codec raises means that the value cannot be read
            import logging  # here, as it costs more than all the rest and is hardly ever needed

            # Not the message: it may quote the value.
            logging.getLogger(__name__).debug(
                "%s.%s cannot be read and stays as it came: %s", self.owner, self.name, type(final).__name__
            )
            self._can_be_edited = True  # what came may be a list or a dict
            return thawed(wire)


def field(
    wire_name: str,
    codec: CodecLike[Any] | None = None,
    *,
    default: Any = _REQUIRED,
    init: bool = True,
    secret: bool = False,
    read_only: bool = False,
    xml: Xml | None = None,
) -> Any:
    """Declare a field of a model.

    Args:
        wire_name: Its name in JSON.
        codec: How it is converted: a codec, a model or enum class, or a function without arguments that returns one
            of them, for what is defined later. None for strings, numbers, booleans, and lists and dicts of them.
        default: What the constructor takes when the argument is missing; UNSET sends nothing. Without it the argument
            is required. Reading a field that is not there gives None, whatever the default.
        init: Whether it is an argument of the constructor.
        secret: Whether `repr` and errors hide its value.
        read_only: Whether only the service sets it: it is kept in the model and left out of requests.
        xml: How it is written in XML, where that is not an element of the same name; see `clientsmith.core.xml`.
    """
    built_in = as_built_in(codec)
    kind = Field if built_in is IDENTITY else ConvertedField
    return kind(wire_name, built_in, default, is_init=init, is_secret=secret, is_read_only=read_only, xml=xml)


class Shape:
    """What a model class is made of, gathered when it is first needed: most classes of a client never are."""

    __slots__ = ("additional", "by_wire_name", "defaults", "fields", "hints", "nested", "read_only", "required")

    def __init__(self, kind: type[Model]) -> None:
        found: dict[str, Any] = {}
        for ancestor in reversed(kind.__mro__):
            found.update(vars(ancestor))
        self.fields: dict[str, Field] = {name: value for name, value in found.items() if isinstance(value, Field)}
        self.additional = next((each for each in found.values() if isinstance(each, AdditionalFields)), None)
        fields = self.fields.values()
        self.by_wire_name = {each.wire_name: each for each in fields}
        self.required = frozenset(each.name for each in fields if each.is_required)
        self.defaults = [each for each in fields if each.default is not UNSET and each.default is not _REQUIRED]
        self.nested = [each for each in fields if each.codec.editable and each.codec is not IDENTITY]
        self.read_only = frozenset(each.wire_name for each in fields if each.is_read_only)
        self.hints: dict[str, Any] = {}  # annotations by name, resolved when strict reading first asks

    def field(self, model: str, name: str) -> Field | AdditionalFields:
        """Return the field of a name that a constructor was given.

        Raises:
            TypeError: There is none, or it is not for the constructor.
        """
        found = self.fields.get(name)
        if self.additional is not None and name == self.additional.name:
            return self.additional
        if found is None:
            raise TypeError(f"{model} has no field {name!r}{self.hint(name)}")
        if not found.is_init:
            raise TypeError(f"{model} sets its field {name!r} itself; leave the argument out")
        return found

    def arguments(self) -> list[Field | AdditionalFields]:
        """Return what the constructor takes."""
        named: list[Field | AdditionalFields] = [each for each in self.fields.values() if each.is_init]
        return named if self.additional is None else [*named, self.additional]

    def hint(self, name: str) -> str:
        """Return a hint at what was meant by a name that does not exist."""
        if name in self.by_wire_name:
            return f"; in Python it is {self.by_wire_name[name].name!r}"
        import difflib

        nearest = difflib.get_close_matches(name, self.fields, n=1)
        if nearest:
            return f"; did you mean {nearest[0]!r}?"
        return f"; fields: {', '.join(self.fields)}" if self.fields else ""


class LazyShape:
    """Makes the `Shape` of a class when it is first asked for, and leaves it in its own place."""

    def __get__(self, model: Model | None, kind: type[Model]) -> Shape:
        kind._shape = shape = Shape(kind)
        return shape


class LazySignature:
    """Makes `inspect.signature` and `help` show the constructor's real arguments."""

    def __get__(self, model: Model | None, kind: type[Model]) -> inspect.Signature:
        from inspect import Parameter, Signature

        hints = {
            name: hint
            for each in reversed(kind.__mro__)
            for name, hint in vars(each).get("__annotations__", {}).items()
        }
        return Signature(
            [
                Parameter(
                    each.name,
                    Parameter.KEYWORD_ONLY,
                    default=Parameter.empty if each.is_required else each.default,
                    annotation=hints.get(each.name, Parameter.empty),
                )
                for each in kind._shape.arguments()
            ]
        )
