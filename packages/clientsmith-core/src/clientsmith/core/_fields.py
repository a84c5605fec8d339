"""The fields of a model: descriptors that convert when they are read, and what a class knows about all of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ._codecs import IDENTITY, BuiltIn, CodecLike, Reader, as_built_in
from ._unset import UNSET

if TYPE_CHECKING:
    import inspect

    from .models import Model

__all__ = ["RESERVED_NAMES", "ConvertedField", "Field", "LazyShape", "LazySignature", "Shape", "field"]

# What the class itself is made of: a field of such a name would break it, so the generator renames it.
RESERVED_NAMES: Final = frozenset({"as_dict", "from_dict"})

# The default of a field that the constructor insists on.
_REQUIRED: Final[Any] = object()


class Field:
    """A field of a model; made by `field`.

    A non-data descriptor: the first read converts and puts the result into the instance's ``__dict__``, where later
    reads find it without coming here.
    """

    __slots__ = ("codec", "default", "is_init", "is_secret", "name", "owner", "wire_name")

    def __init__(self, wire_name: str, codec: BuiltIn, default: Any, *, is_init: bool, is_secret: bool) -> None:
        self.wire_name, self.codec, self.default = wire_name, codec, default
        self.is_init, self.is_secret = is_init, is_secret

    def __set_name__(self, owner: type[Model], name: str) -> None:
        if name in RESERVED_NAMES:
            raise TypeError(f"{owner.__name__}.{name}: the name belongs to Model; give the field another Python name")
        self.owner, self.name = owner.__name__, name

    def __get__(self, model: Model | None, owner: object = None) -> Any:
        if model is None:
            return self
        value = model.__dict__[self.name] = model._data.get(self.wire_name)
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

    def assign(self, model: Model, value: Any) -> None:
        """Set the field of a model."""
        model._data[self.wire_name] = self.encode(value)
        model.__dict__[self.name] = None if value is None else self.codec.accept(value)


class ConvertedField(Field):
    """A field whose value differs from its wire form."""

    __slots__ = ("_read",)

    def __init__(self, wire_name: str, codec: BuiltIn, default: Any, *, is_init: bool, is_secret: bool) -> None:
        super().__init__(wire_name, codec, default, is_init=is_init, is_secret=is_secret)
        self._read: Reader = self._first_read

    def __get__(self, model: Model | None, owner: object = None) -> Any:
        if model is None:
            return self
        value = model._data.get(self.wire_name)
        if value is not None:
            try:
                value = self._read(value)
            except Exception as error:  # noqa: BLE001 - whatever a codec raises means that the value cannot be read
                value = self._unreadable(value, error)
        model.__dict__[self.name] = value
        return value

    def _first_read(self, wire: Any) -> Any:
        # Only now, as the codec may name a class that did not exist when this field was made.
        self._read = self.codec.quick_reader()
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
            return wire


def field(
    wire_name: str,
    codec: CodecLike[Any] | None = None,
    *,
    default: Any = _REQUIRED,
    init: bool = True,
    secret: bool = False,
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
    """
    built_in = as_built_in(codec)
    kind = Field if built_in is IDENTITY else ConvertedField
    return kind(wire_name, built_in, default, is_init=init, is_secret=secret)


class Shape:
    """What a model class is made of, gathered when it is first needed: most classes of a client never are."""

    __slots__ = ("by_wire_name", "defaults", "editable", "fields", "required")

    def __init__(self, kind: type[Model]) -> None:
        found: dict[str, Any] = {}
        for ancestor in reversed(kind.__mro__):
            found.update(vars(ancestor))
        self.fields: dict[str, Field] = {name: value for name, value in found.items() if isinstance(value, Field)}
        fields = self.fields.values()
        self.by_wire_name = {each.wire_name: each for each in fields}
        self.required = frozenset(each.name for each in fields if each.is_required)
        self.defaults = [each for each in fields if each.default is not UNSET and each.default is not _REQUIRED]
        self.editable = [each for each in fields if each.codec.editable]

    def field(self, model: str, name: str) -> Field:
        """Return the field of a name that a constructor was given.

        Raises:
            TypeError: There is none, or it is not for the constructor.
        """
        found = self.fields.get(name)
        if found is None:
            raise TypeError(f"{model} has no field {name!r}{self.hint(name)}")
        if not found.is_init:
            raise TypeError(f"{model} sets its field {name!r} itself; leave the argument out")
        return found

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
                for each in kind._shape.fields.values()
                if each.is_init
            ]
        )
