"""Arguments for functions that nobody described: out of annotations, docstrings and names, the smallest that fit."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import decimal
import enum
import inspect
import io
import os
import re
import sys
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["ENDPOINT", "Maker", "NoValue", "hints_of"]

ENDPOINT: Final = "https://service.test"
_DEEPEST: Final = 4
_MOST_NAMES: Final = 20  # of one signature are looked for
_PLAIN: Final[Mapping[Any, Callable[[], Any]]] = {
    str: lambda: "sample",
    int: lambda: 1,
    float: lambda: 1.0,
    bool: lambda: True,
    bytes: lambda: b"sample",
    bytearray: lambda: bytearray(b"sample"),
    object: lambda: "sample",
    uuid.UUID: lambda: uuid.UUID(int=1),
    datetime.datetime: lambda: datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),  # noqa: UP017 - Python 3.10
    datetime.date: lambda: datetime.date(2026, 1, 2),
    datetime.time: lambda: datetime.time(1, 2, 3),
    datetime.timedelta: lambda: datetime.timedelta(seconds=1),
    decimal.Decimal: lambda: decimal.Decimal(1),
    Path: lambda: Path("sample"),
    os.PathLike: lambda: Path("sample"),
    dict: dict,
    list: list,
    tuple: tuple,
    set: set,
    type(None): lambda: None,
}
_NAMED_TYPES: Final[Mapping[str, Any]] = {
    "str": str, "string": str, "int": int, "integer": int, "float": float, "bool": bool, "boolean": bool,
    "bytes": bytes,
    "dict": dict, "list": list, "datetime": datetime.datetime, "date": datetime.date, "timedelta": datetime.timedelta,
    "uuid": uuid.UUID, "mapping": dict, "sequence": list, "iterable": list, "typedict": dict,
}  # fmt: skip
_PARAMETERS: Final = re.compile(r"(Params|Options|Dict|Input)$")
_ADDRESS: Final = re.compile(r"(^|_)(endpoint|url|uri|host|address)$")
_DOCUMENTED: Final = (
    r"^\s*:(?:param|keyword|paramtype|type)\s+(?:(?P<type>[^:\n]*?)\s+)?\*{{0,2}}{name}\s*:(?P<rest>[^\n]*)"
)


class NoValue(Exception):
    """No argument of the type could be made."""


def hints_of(function: Any) -> dict[str, Any]:
    """Return the annotations of a function as types, as text where they cannot be resolved.

    A name that is only imported for type checkers is looked for in the other modules of the package.
    """
    place = str(getattr(function, "__module__", ""))
    known: dict[str, Any] = {}
    for _ in range(_MOST_NAMES):
        try:
            return typing.get_type_hints(function, localns=known or None)
        except NameError as error:
            known[error.name or ""] = _class_somewhere(place, error.name or "")
        except Exception:  # noqa: BLE001 - whatever a name in an annotation leads to, the text of it says something too
            break
    return dict(getattr(function, "__annotations__", None) or {})


def _class_somewhere(place: str, name: str) -> Any:
    """Return what a module of the package, or a well-known one, calls so; else what stands for a type nobody knows.

    ``place`` is the module that asks: what stands near it comes first, for both halves have classes of one name.
    """
    top = place.split(".")[0]
    own = [path for path in list(sys.modules) if path.split(".")[0] == top]
    own.sort(key=lambda path: -_shared(path.split("."), place.split(".")))
    for module in [*(sys.modules[path] for path in own), typing, collections.abc, datetime, uuid]:
        if (found := vars(module).get(name)) is not None:
            return found
    return type(name, (UnknownType,), {})


def _shared(one: list[str], other: list[str]) -> int:
    """Return how many parts two dotted names have in common, from their beginning."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class UnknownType:
    """A type that was imported for type checkers only, from a place that is not known."""


class Maker:
    """Makes arguments; ``fill`` is the text that stands in every text field of a model."""

    def __init__(self, fill: str = "sample") -> None:
        self.fill = fill

    def argument(self, name: str, hint: Any, docstring: str = "", depth: int = 0) -> Any:
        """Return a value for a parameter, by its annotation, else by what the docstring says, else by its name."""
        if hint is inspect.Parameter.empty:
            hint = _documented(name, docstring)
        value = self.value(hint, depth)
        if value == "sample" and _ADDRESS.search(name.lower()):
            return ENDPOINT
        return value

    def value(self, hint: Any, depth: int = 0) -> Any:
        """Return the smallest value of a type; of several the first that can be made, a mapping before a model."""
        if depth > _DEEPEST:
            raise NoValue("models within models without an end")
        if isinstance(hint, str):
            hint = _of_text(hint)
        if isinstance(hint, typing.ForwardRef):
            hint = _of_text(hint.__forward_arg__)
        if hint is inspect.Parameter.empty or hint is Any or hint is None or isinstance(hint, typing.TypeVar):
            return None if hint is None else self.fill
        if hint is str:
            return self.fill
        if hint in _PLAIN:
            return _PLAIN[hint]()
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is not None:
            return self._of_generic(hint, origin, arguments, depth)
        if isinstance(hint, type):
            return self._of_class(hint, depth)
        if (inner := getattr(hint, "__supertype__", None)) is not None:
            return self.value(inner, depth + 1)
        raise NoValue(f"a value of {hint!r}")

    def _of_generic(self, hint: Any, origin: Any, arguments: tuple[Any, ...], depth: int) -> Any:
        if origin is typing.Union or origin is getattr(types, "UnionType", None):
            return self._first_of(arguments, depth)
        name = getattr(origin, "__name__", str(origin))
        if name == "Literal":
            return arguments[0]
        if name in ("Annotated", "Required", "NotRequired", "Unpack", "Final", "ClassVar"):
            return self.value(arguments[0], depth + 1)
        if isinstance(origin, type) and issubclass(origin, typing.IO | io.IOBase):
            return io.BytesIO(b"sample")
        if origin is collections.abc.Callable:
            return lambda *_arguments, **_options: None
        if isinstance(origin, type):
            return self._of_class(origin, depth, arguments)
        raise NoValue(f"a value of {hint!r}")

    def _first_of(self, choices: tuple[Any, ...], depth: int) -> Any:
        """Mappings first: they are taken wherever a model is, and say nothing that could be wrong."""
        real = [choice for choice in choices if choice is not type(None)]
        plain = sorted(real, key=lambda choice: (not _is_mapping(choice), not _is_plain(choice)))
        problem = NoValue("none of several types")
        for choice in plain:
            try:
                return self.value(choice, depth)
            except NoValue as error:
                problem = error
        if len(real) < len(choices):
            return None
        raise problem

    def _of_class(self, cls: type[Any], depth: int, arguments: tuple[Any, ...] = ()) -> Any:
        if issubclass(cls, UnknownType):
            if _PARAMETERS.search(cls.__name__):
                return {}  # a typed dictionary, by the custom of its name
            raise NoValue(f"a {cls.__name__}, which only type checkers import")
        if issubclass(cls, enum.Enum):
            return next(iter(cls))
        if _is_typed_dict(cls):
            hints = hints_of(cls)
            return {name: self.argument(name, hints.get(name), depth=depth + 1) for name in cls.__required_keys__}
        if cls in (collections.abc.Mapping, collections.abc.MutableMapping) or cls in (dict, collections.OrderedDict):
            return {}
        if cls in (set, frozenset) or issubclass(cls, collections.abc.Set):
            return set() if cls is not frozenset else frozenset()
        if cls is tuple:
            return tuple(self.value(each, depth + 1) for each in arguments if each is not Ellipsis)
        if cls in (
            list,
            collections.abc.Sequence,
            collections.abc.Iterable,
            collections.abc.Collection,
            collections.abc.MutableSequence,
        ):
            return [self.value(arguments[0], depth + 1)] if arguments else []
        if cls.__module__ in ("typing", "collections.abc", "io", "_io"):
            if issubclass(cls, io.IOBase) or "IO" in cls.__name__:
                return io.BytesIO(b"sample")
            raise NoValue(f"a value of {cls.__name__}")
        return self.instance(cls, depth)

    def instance(self, cls: type[Any], depth: int = 0) -> Any:
        """Return an instance of a class of the package: made with what its constructor cannot do without.

        Raises:
            NoValue: Its constructor refuses what we can give it.
        """
        if inspect.isabstract(cls) or getattr(cls, "_is_protocol", False):
            raise NoValue(f"a {cls.__name__}, which is only a protocol")
        try:
            if hasattr(cls, "from_dict") and hasattr(cls, "_shape"):
                return cls.from_dict({})
            hints = hints_of(cls) if dataclasses.is_dataclass(cls) else {}
            function = cls.__init__ if cls.__init__ is not object.__init__ else None
            if function is None:
                return cls()
            return cls(**self._of_constructor(cls, hints, depth))
        except NoValue:
            raise
        except Exception as error:
            raise NoValue(f"a {cls.__name__}: {type(error).__name__}: {error}"[:200]) from error

    def _of_constructor(self, cls: type[Any], hints: Mapping[str, Any], depth: int) -> dict[str, Any]:
        types_of = {**hints_of(cls.__init__), **hints}
        text = f"{inspect.getdoc(cls) or ''}\n{inspect.getdoc(cls.__init__) or ''}"
        return {
            name: self.argument(name, types_of.get(name, parameter.annotation), text, depth + 1)
            for name, parameter in inspect.signature(cls).parameters.items()
            if parameter.default is parameter.empty and parameter.kind.name in ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY")
        }


def _is_typed_dict(cls: type[Any]) -> bool:
    return isinstance(cls, type) and issubclass(cls, dict) and hasattr(cls, "__required_keys__")


def _is_mapping(hint: Any) -> bool:
    origin = typing.get_origin(hint) or hint
    return isinstance(origin, type) and issubclass(origin, collections.abc.Mapping) and not _is_typed_dict(origin)


def _is_plain(hint: Any) -> bool:
    return hint in _PLAIN if isinstance(hint, collections.abc.Hashable) else False


def _documented(name: str, docstring: str) -> Any:
    """Return the type that a Sphinx docstring gives a parameter, ``Parameter.empty`` if it says nothing."""
    for found in re.finditer(_DOCUMENTED.format(name=re.escape(name)), docstring, re.MULTILINE):
        words = found["type"] or found["rest"]
        for word in re.findall(r"[A-Za-z_.]+", words or ""):
            if word.rpartition(".")[2].lower() in _NAMED_TYPES:
                return _NAMED_TYPES[word.rpartition(".")[2].lower()]
    return inspect.Parameter.empty


def _of_text(text: str) -> Any:
    """Return the type that the text of an annotation names, as far as its first known word says."""
    for word in re.findall(r"[A-Za-z_.]+", text):
        last = word.rpartition(".")[2]
        if last.lower() in _NAMED_TYPES:
            return _NAMED_TYPES[last.lower()]
    if text.strip("'\" ") in ("", "Any", "typing.Any"):
        return Any
    raise NoValue(f"a value of {text!r}")
