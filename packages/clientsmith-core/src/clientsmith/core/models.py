"""Models: typed views of JSON objects.

    class Widget(Model):
        name: str = field("name")
        made: datetime.datetime | None = field("madeAt", DATETIME, default=UNSET)
        parts: list[Part] | None = field("parts", list_of(lambda: Part), default=UNSET)

An instance holds the dict that came from the wire, and that dict is the truth: fields that the class does not know
stay in it and travel back. An attribute is converted when it is first read and then kept, so loading a thousand
models costs little more than `json.loads`.

- A service may add values and leave things out. A missing field reads None; a value that cannot be converted reads as
  it came (`Model.from_dict` with ``strict=True`` reports it instead).
- Absent and null differ: ``"madeAt" in widget`` tells them apart, ``widget.made = None`` sends null, ``del
  widget.made`` removes the field, and an argument that is UNSET is not sent.
- Edits in place reach the wire. Plain lists and dicts are the wire's own objects and nested models share their dict
  with it; lists and dicts of converted values are copies, merged back by one rule on every way out (`Model._flush`).

A model is no Mapping, since ``items``, ``keys`` and ``get`` are ordinary names of fields; it has a Mapping's operators.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast, dataclass_transform

from ._codecs import IDENTITY, Reader, WireObject
from ._fields import RESERVED_NAMES, LazyShape, LazySignature, Shape, field
from ._place import ModelDecodeError, Place
from ._unset import UNSET
from .serialization import to_wire

__all__ = ["RESERVED_NAMES", "UNSET", "Model", "ModelDecodeError", "field"]

_REPR_LIMIT: Final = 1024  # guideline models-repr-length

_new: Final = object.__new__


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Model(WireObject):
    """Base of all models: a JSON object with typed attributes.

    ``model["wireName"]``, ``in``, ``len`` and iteration see the object as it travels, fields that the class does not
    know included. Models compare by content, also with dicts; they pickle and copy.

    Class keywords for a hierarchy that a property tells apart: the base has ``tag="kind"``, the name of the property in
    JSON, each child ``value="bolt"``. Reading the base then gives the child, or the base if the value is unknown.
    """

    __slots__ = ("__dict__", "__weakref__", "_data")

    if TYPE_CHECKING:
        _shape: ClassVar[Shape]
    else:
        _shape = LazyShape()
        __signature__ = LazySignature()

    _data: dict[str, Any]
    _tag: ClassVar[str | None] = None
    _children: ClassVar[dict[str, type[Model]]] = {}
    _constants: ClassVar[dict[str, Any]] = {}  # what the constructor writes by itself: the values of the tags

    def __init_subclass__(cls, *, tag: str | None = None, value: str | None = None) -> None:
        super().__init_subclass__()
        if not TYPE_CHECKING:
            cls._shape = LazyShape()
        if value is not None:
            cls._register(value)
        if tag is not None:
            cls._tag = tag
        cls._children = {}

    @classmethod
    def _register(cls, value: str) -> None:
        """Let the classes above this one know the value of their tag that stands for it."""
        if cls._tag is None:
            raise TypeError(f"{cls.__name__} has value={value!r}, but no class above it has a tag")
        cls._constants = {**cls._constants, cls._tag: value}
        for ancestor in cls.__mro__[1:]:
            if issubclass(ancestor, Model) and ancestor._tag == cls._tag:
                ancestor._children[value] = cls

    # Hidden from type checkers: with the first they would accept any argument, with the others any attribute.
    if not TYPE_CHECKING:

        def __init__(self, /, **values: Any) -> None:
            shape = self._shape
            data = self._start()
            _set_data(self, data)
            for name, value in values.items():
                each = shape.fields.get(name)
                if each is None or not each.is_init:
                    each = shape.field(type(self).__name__, name)
                if value is UNSET:
                    continue
                if each.codec is IDENTITY:
                    data[each.wire_name] = value
                else:
                    each.assign(self, value)
            if not shape.required <= values.keys():
                missing = ", ".join(repr(name) for name in shape.fields if name in shape.required - values.keys())
                raise TypeError(f"{type(self).__name__} needs the argument {missing}")
            for each in shape.defaults:
                if each.name not in values:
                    each.assign(self, copy.deepcopy(each.default))

        def __setattr__(self, name: str, value: Any) -> None:
            each = self._shape.fields.get(name)
            if each is not None and value is not UNSET:
                each.assign(self, value)
            elif each is not None:
                self.__delattr__(name)
            elif hasattr(getattr(type(self), name, None), "__set__"):
                object.__setattr__(self, name, value)  # a property of a hand-written child
            else:
                raise AttributeError(f"{type(self).__name__} has no field {name!r}{self._shape.hint(name)}")

        def __delattr__(self, name: str) -> None:
            each = self._shape.fields.get(name)
            if each is None:
                raise AttributeError(f"{type(self).__name__} has no field {name!r}{self._shape.hint(name)}")
            self._data.pop(each.wire_name, None)
            self.__dict__.pop(name, None)

        def __getattr__(self, name: str) -> Any:
            # Only for names that do not exist; Python's own protocols ask for many that start like this.
            hint = "" if name.startswith("__") else self._shape.hint(name)
            raise AttributeError(f"{type(self).__name__} has no field {name!r}{hint}")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Return a model over a JSON object. A dict is not copied: the model is a view of it.

        Args:
            data: What `json.loads` gave, by the names in JSON.
            strict: Convert everything now and report the first value that does not fit.

        Raises:
            TypeError: ``data`` is not a Mapping.
            ModelDecodeError: With ``strict``: a required field is missing, or a value cannot be converted.
        """
        if strict:
            cls._check(data, Place(cls.__name__))
        return cast("Self", cls._reader()(data))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object as new dicts and lists of plain values, which can be edited freely."""
        return cast("dict[str, Any]", to_wire(self._flush()))

    # --- the object as it travels -------------------------------------------------------------------------------------

    def __getitem__(self, wire_name: str) -> Any:
        return self._flush()[wire_name]

    def __setitem__(self, wire_name: str, value: Any) -> None:
        self._forget(wire_name)
        self._data[wire_name] = value

    def __delitem__(self, wire_name: str) -> None:
        del self._data[wire_name]
        self._forget(wire_name)

    def _forget(self, wire_name: str) -> None:
        """Drop the converted value of a field whose wire form changes."""
        each = self._shape.by_wire_name.get(wire_name)
        if each is not None:
            self.__dict__.pop(each.name, None)

    def __contains__(self, wire_name: object) -> bool:
        return wire_name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        return True  # `if pet:` asks whether there is one, not whether it has fields

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Model):
            return type(self) is type(other) and self._flush() == other._flush()
        if isinstance(other, Mapping):
            return self._flush() == dict(cast("Mapping[str, Any]", other))
        return NotImplemented

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._load, (self._flush(),)

    def __copy__(self) -> Self:
        for each in self._shape.editable:
            # Read now: both copies have to hold the same nested values, or an edit by one would be unseen by the other.
            getattr(self, each.name)
        twin = self._load(self._flush().copy())
        twin.__dict__.update(self.__dict__)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._load(copy.deepcopy(self._flush(), memo))

    def __repr__(self) -> str:
        text = f"{type(self).__name__}("
        separator = ""
        for each in self._shape.fields.values():
            if each.wire_name in self._data:
                shown = "'***'" if each.is_secret else repr(_cut(getattr(self, each.name)))
                text += f"{separator}{each.name}={shown}"
                separator = ", "
            if len(text) >= _REPR_LIMIT:
                return text[: _REPR_LIMIT - 1] + "…"
        return text + ")"

    # --- the wire form ----------------------------------------------------------------------------------------------

    @classmethod
    def _reader(cls) -> Reader:
        return cls._load if cls._tag is None else cls._load_tagged

    @classmethod
    def _load(cls, data: Any) -> Self:
        if data.__class__ is not dict and not isinstance(data, dict):
            if not isinstance(data, Mapping):
                raise TypeError(f"{cls.__name__} is read from a mapping, got {type(data).__name__}")
            data = dict(cast("Mapping[str, Any]", data))
        self = _new(cls)
        _set_data(self, data)
        return self

    @classmethod
    def _load_tagged(cls, data: Any) -> Self:
        kind = cls._child(cast("Mapping[str, Any]", data)) if isinstance(data, Mapping) else cls
        return kind._load(data)

    @classmethod
    def _child(cls, data: Mapping[str, Any]) -> type[Self]:
        """Return the class that the tag of the data names, this class if it names none that is known."""
        value = data.get(cls._tag) if cls._tag is not None else None
        child = cls._children.get(value) if isinstance(value, str) else None
        # Once more from the child's point of view, which may have a tag of its own.
        return cls if child is None else cast("type[Self]", child._child(data))

    @classmethod
    def _start(cls) -> dict[str, Any]:
        return cls._constants.copy()

    @classmethod
    def _write_fields(cls, wire: dict[str, Any], values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            each = cls._shape.field(cls.__name__, name)
            if value is not UNSET:
                wire[each.wire_name] = each.encode(value)

    @classmethod
    def _check(cls, wire: Any, place: Place) -> None:
        from ._strict import check_model

        if not isinstance(wire, Mapping):
            raise ModelDecodeError.at(place, wire, f"an object that {cls.__name__} can read")
        data = cast("Mapping[str, Any]", wire)
        check_model(cls._child(data), data, place)

    def _flush(self) -> dict[str, Any]:
        """Merge edits of converted values into the wire form and return it. Every way out of a model leads here."""
        data = self._data
        kept = self.__dict__
        if kept:
            for each in self._shape.editable:
                value = kept.get(each.name)
                wire = data.get(each.wire_name)
                # The wire's own object was kept where it could not be read.
                if value is not None and value is not wire:
                    data[each.wire_name] = each.codec.merge(value, wire)
        return data


def _cut(value: Any) -> Any:
    """Return a value without what a repr has no room for, so that a large one is not written out to be thrown away."""
    if isinstance(value, str | bytes | list):
        return cast("str", value)[:_REPR_LIMIT]
    if isinstance(value, dict):
        return dict(islice(cast("dict[str, Any]", value).items(), _REPR_LIMIT))
    return value


_set_data: Final = Model._data.__set__  # type: ignore[attr-defined]  # the slot, past our own __setattr__
