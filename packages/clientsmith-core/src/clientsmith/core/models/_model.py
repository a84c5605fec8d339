"""`Model`: the dict that came from the wire, and typed attributes over it.

The dict that came is never changed: the first edit of a model copies it (`Model._own`), lists and dicts are copied when
they are read, and on every way out one rule puts together what was edited and what was not (`Model._flush`). So a model
always knows what it was, and a patch is a comparison of two dicts that share whatever is equal.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast, dataclass_transform

from ..serialization import to_wire
from ..serialization._codecs import IDENTITY, Fit, Reader, WireObject
from ..serialization._place import ModelDecodeError, Place
from ..serialization._unset import UNSET
from ..serialization._wire import CONTAINERS, thawed
from ._additional import additional
from ._fields import LazyShape, LazySignature, Shape, field
from ._names import RESERVED_NAMES

if TYPE_CHECKING:
    from ..xml import Xml

__all__ = ["RESERVED_NAMES", "UNSET", "Model", "ModelDecodeError", "additional", "field"]

_new: Final = object.__new__

_FIRST_EDIT: Final = Lock()

# What a constructed model was before: nothing.
_NOTHING: Final[dict[str, Any]] = {}


@dataclass_transform(kw_only_default=True, field_specifiers=(field, additional))
class Model(WireObject):
    """Base of all models: a JSON object with typed attributes.

    ``model["wireName"]``, ``in``, ``len`` and iteration see the object as it travels, fields that the class does not
    know included. Models compare by content, also with dicts; they pickle and copy.

    Class keywords for a hierarchy that a property tells apart: the base has ``tag="kind"``, the name of the property in
    JSON, each child ``value="bolt"``. Reading the base then gives the child, or the base if the value is unknown.
    ``xml`` names the element in XML, see `clientsmith.core.xml`.
    """

    __slots__ = ("__dict__", "__weakref__", "_data", "_was")

    if TYPE_CHECKING:
        _shape: ClassVar[Shape]
    else:
        _shape = LazyShape()
        __signature__ = LazySignature()

    # The wire form. Not to be changed but by way of `_own`, nor what is in it: it may be somebody else's.
    _data: dict[str, Any]
    # The wire form as it came; not there before the first edit, so that loading costs less.
    _was: dict[str, Any]
    _xml: ClassVar[Xml | None] = None
    _tag: ClassVar[str | None] = None
    _children: ClassVar[dict[str, type[Model]]] = {}
    _constants: ClassVar[dict[str, Any]] = {}  # what the constructor writes by itself: the values of the tags

    def __init_subclass__(cls, *, tag: str | None = None, value: str | None = None, xml: Xml | None = None) -> None:
        super().__init_subclass__()
        if xml is not None:
            cls._xml = xml
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

    # Hidden from type checkers: with the first they would accept any argument, with the others any attribute. There is
    # no `__getattr__`: every read would be slower for a hint that Python gives by itself.
    if not TYPE_CHECKING:

        def __init__(self, /, **values: Any) -> None:
            shape = self._shape
            data = self._start()
            _set_data(self, data)
            _set_was(self, _NOTHING)
            for name, value in values.items():
                each = shape.fields.get(name)
                if each is None or not each.is_init:
                    each = shape.field(type(self).__name__, name)
                if value is UNSET:
                    continue
                if each.codec is IDENTITY and value.__class__ not in CONTAINERS:
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
            if each is None and hasattr(getattr(type(self), name, None), "__delete__"):
                object.__delattr__(self, name)
                return
            if each is None:
                raise AttributeError(f"{type(self).__name__} has no field {name!r}{self._shape.hint(name)}")
            self._own().pop(each.wire_name, None)
            self.__dict__.pop(name, None)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Return a model over a JSON object. A dict is neither copied nor ever changed; do not change it either.

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
        value = self._flush()[wire_name]
        if value.__class__ in CONTAINERS:
            each = self._shape.by_wire_name.get(wire_name)
            if each is not None and each.codec is IDENTITY:
                return getattr(self, each.name)
            if each is not None or self._shape.additional is not None:
                return thawed(value)  # what a codec reads is edited through its attribute
            if (self._origin() or _NOTHING).get(wire_name) is value:
                value = self._own()[wire_name] = thawed(value)
        return value

    def __setitem__(self, wire_name: str, value: Any) -> None:
        self._forget(wire_name)
        self._own()[wire_name] = value
        each = self._shape.by_wire_name.get(wire_name)
        if each is not None and each.codec is IDENTITY:
            self.__dict__[each.name] = value  # the very object, as after an assignment

    def __delitem__(self, wire_name: str) -> None:
        self._forget(wire_name)
        del self._own()[wire_name]

    def _forget(self, wire_name: str) -> None:
        """Drop the converted value of a field whose wire form changes."""
        each = self._shape.by_wire_name.get(wire_name)
        if each is not None:
            self.__dict__.pop(each.name, None)
        elif self._shape.additional is not None:
            self._shape.additional.flush(self)
            self.__dict__.pop(self._shape.additional.name, None)

    def _members(self) -> dict[str, Any]:
        """Return the wire form with the right names; values that were edited may be missing."""
        return self._data if self._shape.additional is None else self._flush()

    def __contains__(self, wire_name: object) -> bool:
        return wire_name in self._members()

    def __iter__(self) -> Iterator[str]:
        return iter(self._members())

    def __len__(self) -> int:
        return len(self._members())

    def __bool__(self) -> bool:
        return True  # `if pet:` asks whether there is one, not whether it has fields

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Model):
            return type(self) is type(other) and self._flush() == other._flush()
        if isinstance(other, Mapping):
            return self._flush() == dict(cast("Mapping[str, Any]", other))
        return NotImplemented

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._restore, (self._flush(), self._before())

    def __copy__(self) -> Self:
        for each in self._shape.fields.values():
            # Read now: both copies have to hold the same nested values, or an edit by one would be unseen by the other.
            getattr(self, each.name)
        if self._shape.additional is not None:
            getattr(self, self._shape.additional.name)
        data, before = self._flush(), self._before()
        twin = self._load(data) if before is None else self._restore(data.copy(), before)
        twin.__dict__.update(self.__dict__)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # What it was is never changed and so may be shared.
        return self._restore(copy.deepcopy(self._flush(), memo), self._before())

    @classmethod
    def _restore(cls, data: dict[str, Any], was: dict[str, Any] | None) -> Self:
        """Return a model with all that it knows: ``was`` is what it was before it was edited, None if it was not."""
        self = cls._load(data)
        if was is not None:
            _set_was(self, was or _NOTHING)  # pickling made another empty dict of it
        return self

    def __repr__(self) -> str:
        from ._showing import shown  # for people: not worth an import on every start

        return shown(self)

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
                each.write(wire, value)

    @classmethod
    def _check(cls, wire: Any, place: Place) -> None:
        from ._strict import check_model

        if not isinstance(wire, Mapping):
            raise ModelDecodeError.at(place, wire, f"an object that {cls.__name__} can read")
        data = cast("Mapping[str, Any]", wire)
        check_model(cls._child(data), data, place)

    @classmethod
    def _fit(cls, wire: dict[str, Any]) -> Fit:
        from ._strict import fit_of

        return fit_of(cls._child(wire), wire)

    @classmethod
    def _sendable(cls, wire: dict[str, Any]) -> dict[str, Any]:
        from ._sending import without_read_only

        return without_read_only(cls._child(wire)._shape, wire)

    def _before(self) -> dict[str, Any] | None:
        """Return the wire form as it came, None if it has not been edited since."""
        try:
            return cast("dict[str, Any]", _get_was(self))
        except AttributeError:
            return None

    def _origin(self) -> dict[str, Any] | None:
        before = self._before()
        return self._data if before is None else None if before is _NOTHING else before

    def _set_origin(self, wire: dict[str, Any]) -> None:
        self._own()
        _set_was(self, wire)

    def _own(self) -> dict[str, Any]:
        """Return the wire form for a change: a copy, unless it is our own already."""
        try:
            _get_was(self)
        except AttributeError:
            with _FIRST_EDIT:  # two threads that write a model out both merge what was edited
                if self._before() is None:
                    came = self._data
                    _set_data(self, came.copy())
                    _set_was(self, came)
        return self._data

    def _flush(self) -> dict[str, Any]:
        """Merge what was edited into the wire form and return it. Every way out of a model leads here."""
        data, fields = self._data, self._shape.fields
        for name, value in self.__dict__.copy().items():  # another thread may read a field for the first time
            if value.__class__ in _IMMUTABLE:
                continue
            each = fields.get(name)
            if each is None or not (each.codec.editable or value.__class__ in CONTAINERS):
                continue
            wire = data.get(each.wire_name)
            if value is not wire:
                merged = each.merge(value, wire)
                if merged is not wire:
                    data = self._own()
                    data[each.wire_name] = merged
        if self._shape.additional is not None:
            self._shape.additional.flush(self)
        return self._data


# Whose values cannot be edited in place; the usual ones are told by a look.
_IMMUTABLE: Final = frozenset({str, int, float, bool, type(None)})

# The slots, past our own __setattr__.
_set_data: Final = Model._data.__set__  # type: ignore[attr-defined]
_set_was: Final = Model._was.__set__  # type: ignore[attr-defined]
_get_was: Final = Model._was.__get__  # type: ignore[attr-defined]
