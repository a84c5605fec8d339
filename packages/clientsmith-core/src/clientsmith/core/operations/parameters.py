"""Where the arguments of a method go, and how their values become text (OpenAPI 3.1, ``style`` and ``explode``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias, TypeGuard, cast
from urllib.parse import quote

from ..serialization import Codec, as_codec, dumps, to_wire

__all__ = [
    "Parameter",
    "cookie",
    "escaped",
    "header",
    "joined",
    "path",
    "path_text",
    "query",
    "query_pairs",
    "several",
    "text_of",
]

Style: TypeAlias = Literal["form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "label", "matrix"]
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*").fullmatch  # RFC 3986, section 2.3
_DELIMITERS: Final[Mapping[str, str]] = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """Where one argument of a method goes, under which name, and in which spelling."""

    wire_name: str
    location: Literal["path", "query", "header", "cookie"]
    codec: Codec[Any] | None = None
    style: Style = "form"
    explode: bool = True

    def wire(self, value: Any) -> Any:
        """Return the JSON-ready form of the value."""
        if self.codec is not None:
            return self.codec.encode(value)
        return value if value.__class__ is str or value.__class__ is int else to_wire(value)


def path(wire_name: str, codec: Any = None, style: Style = "simple", explode: bool = False) -> Parameter:
    """Return a parameter of the URL's path; it is always required."""
    return Parameter(wire_name, "path", codec and as_codec(codec), style, explode)


def query(wire_name: str, codec: Any = None, style: Style = "form", explode: bool = True) -> Parameter:
    """Return a query parameter."""
    return Parameter(wire_name, "query", codec and as_codec(codec), style, explode)


def header(wire_name: str, codec: Any = None) -> Parameter:
    """Return a parameter that travels as a header field."""
    return Parameter(wire_name, "header", codec and as_codec(codec), "simple", False)


def cookie(wire_name: str, codec: Any = None) -> Parameter:
    """Return a parameter that travels as a cookie."""
    return Parameter(wire_name, "cookie", codec and as_codec(codec))


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def escaped(value: Any) -> str:
    text = text_of(value)
    # Most values are ids and numbers, and quoting costs several times as much as looking.
    return text if _UNRESERVED(text) else quote(text, safe="")


@cache
def _escaped_name(wire_name: str) -> str:
    return quote(wire_name, safe="")


def several(value: object) -> list[Any]:
    return value if _is_list(value) else [value]


def text_of(value: Any) -> str:
    """Return one wire value as text: as JSON would spell it, without the quotes."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, dict | list):  # OpenAPI gives nesting no spelling; JSON is what services that take it expect
        return dumps(cast("object", value)).decode()
    return "" if value is None else str(value)


def joined(value: Any, escape: Callable[[Any], str], separator: str = ",", *, explode: bool = False) -> str:
    """Return a value in ``simple`` style (RFC 6570, section 3.2.2): ``1``, ``1,2``, ``a,1,b,2`` or ``a=1,b=2``."""
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        mark = "=" if explode else separator
        return separator.join(f"{escape(key)}{mark}{escape(item)}" for key, item in pairs)
    return separator.join(escape(item) for item in several(value))


def _deep(prefix: str, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from _deep(f"{prefix}%5B{escaped(key)}%5D", item)
    else:
        for item in several(value):
            yield prefix, escaped(item)


def query_pairs(parameter: Parameter, value: Any) -> Iterable[tuple[str, str]]:
    """Yield the percent-encoded fields that one query parameter becomes (OpenAPI 3.1, section 4.8.12.3)."""
    name, items = _escaped_name(parameter.wire_name), parameter.wire(value)
    if isinstance(items, dict):
        wire = cast("dict[str, Any]", items)
        if parameter.style == "deepObject":
            return _deep(name, wire)
        if parameter.explode:
            return ((escaped(k), escaped(v)) for k, v in wire.items())
        items = [part for pair in wire.items() for part in pair]
    elif not _is_list(items):
        return ((name, escaped(items)),)
    texts = [escaped(item) for item in several(items)]
    if parameter.explode:
        return ((name, text) for text in texts)
    return ((name, _DELIMITERS.get(parameter.style, ",").join(texts)),)


def path_text(name: str, parameter: Parameter, value: Any) -> str:
    if value is None or value == "":
        # An empty segment would address another resource, often the whole collection (params-client-validation).
        raise ValueError(f"{name} is {value!r}; it is part of the URL and must not be empty")
    text = _STYLED[parameter.style](parameter.wire_name, parameter.wire(value), parameter.explode)
    if not text:
        raise ValueError(f"{name} is {value!r}, which is empty in the URL; give it at least one value")
    # Dot segments would be resolved away by everything on the way and so address another resource.
    return text.replace(".", "%2E") if text in (".", "..") else text


def _simple(_name: str, wire: Any, explode: bool) -> str:
    return joined(wire, escaped, explode=explode)


def _label(_name: str, wire: Any, explode: bool) -> str:
    return "." + joined(wire, escaped, "." if explode else ",", explode=explode)


def _matrix(name: str, wire: Any, explode: bool) -> str:
    if not explode or not isinstance(wire, dict | list):
        return f";{_escaped_name(name)}={joined(wire, escaped)}"
    if isinstance(wire, dict):
        return ";" + joined(cast("object", wire), escaped, ";", explode=True)
    return "".join(f";{_escaped_name(name)}={escaped(item)}" for item in several(cast("object", wire)))


# The styles that a part of the path can have (OpenAPI 3.1, section 4.8.12.3).
_STYLED: Final[Mapping[str, Callable[[str, Any, bool], str]]] = {"simple": _simple, "label": _label, "matrix": _matrix}
