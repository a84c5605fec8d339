"""Where the arguments of a method go, and how their values become text (OpenAPI 3.1, ``style`` and ``explode``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias, TypeGuard, cast
from urllib.parse import quote

from ..errors import ArgumentError
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
# What RFC 3986 lets stand in a path besides: what ends a path (`?`, `#`) never does.
_RESERVED_IN_PATH: Final = ":/@!$&'()*,;=+"
# What RFC 3986 lets stand in a query besides, but for what separates its fields or would be read as a space.
_RESERVED_IN_QUERY: Final = ":/?@!$'()*,;"
_DELIMITERS: Final[Mapping[str, str]] = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}


class Parameter(NamedTuple):
    """Where one argument of a method goes, under which name, and in which spelling."""

    wire_name: str
    location: Literal["path", "query", "header", "cookie"]
    codec: Codec[Any] | None = None
    style: Style = "form"
    explode: bool = True
    allow_reserved: bool = False
    as_json: bool = False

    def wire(self, value: Any) -> Any:
        """Return the JSON-ready form of the value."""
        if self.codec is not None:
            value = self.codec.encode(value)
        if self.as_json:
            return dumps(value).decode()
        return value if value.__class__ is str or value.__class__ is int else to_wire(value)


def path(
    wire_name: str,
    codec: Any = None,
    style: Style = "simple",
    explode: bool = False,
    *,
    allow_reserved: bool = False,
    as_json: bool = False,
) -> Parameter:
    """Return a parameter of the URL's path; it is always required.

    Args:
        wire_name: Its name in the template.
        codec: How values are converted, None for what JSON has.
        style: How it is spelt.
        explode: Whether lists and objects are spelt in full.
        allow_reserved: Whether characters like ``/`` and ``:`` stay readable, so that a value may be several steps of
            the path (OpenAPI 3.2): ``/subscriptions/1/groups/2``. It cannot lead out of where it stands: no step of it
            is ``..``.
        as_json: Whether the value travels as JSON text.
    """
    resolved = codec and as_codec(codec)
    return Parameter(wire_name, "path", resolved, style, explode, allow_reserved=allow_reserved, as_json=as_json)


def query(
    wire_name: str,
    codec: Any = None,
    style: Style = "form",
    explode: bool = True,
    *,
    allow_reserved: bool = False,
    as_json: bool = False,
) -> Parameter:
    """Return a query parameter.

    Args:
        wire_name: Its name in the URL.
        codec: How values are converted, None for what JSON has.
        style: How lists and objects are spelt; ``deepObject`` nests to any depth.
        explode: Whether every item of a list, or member of an object, is a field of its own.
        allow_reserved: Whether characters like ``/`` and ``:`` stay readable. Those that end a value never do.
        as_json: Whether the value travels as JSON text (OpenAPI: ``content: application/json``).
    """
    resolved = codec and as_codec(codec)
    return Parameter(wire_name, "query", resolved, style, explode, allow_reserved=allow_reserved, as_json=as_json)


def header(wire_name: str, codec: Any = None, explode: bool = False, *, as_json: bool = False) -> Parameter:
    """Return a parameter that travels as a header field.

    Items are joined by commas and not escaped (OpenAPI 3.1): a text with a comma in it reads as two.
    """
    return Parameter(wire_name, "header", codec and as_codec(codec), "simple", explode, as_json=as_json)


def cookie(wire_name: str, codec: Any = None, *, as_json: bool = False) -> Parameter:
    """Return a parameter that travels as a cookie, percent-encoded; lists and objects are joined by commas."""
    return Parameter(wire_name, "cookie", codec and as_codec(codec), explode=False, as_json=as_json)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def escaped(value: Any) -> str:
    """Return a value as text in which nothing but unreserved characters is left as it is (RFC 3986, section 2.3)."""
    text = text_of(value)
    # Most values are ids and numbers, and quoting costs several times as much as looking.
    return text if _UNRESERVED(text) else quote(text, safe="")


def _readable(value: Any) -> str:
    return quote(text_of(value), safe=_RESERVED_IN_QUERY)


@cache
def _escaped_name(wire_name: str) -> str:
    return quote(wire_name, safe="")


def several(value: object) -> list[Any]:
    """Return the items of a list, or the one value that is none."""
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


def _deep(prefix: str, value: Any, escape: Callable[[Any], str]) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in _given(cast("dict[str, Any]", value)):
            yield from _deep(f"{prefix}%5B{escaped(key)}%5D", item, escape)
    elif _is_list(value):
        for index, item in enumerate(value):
            yield from _deep(f"{prefix}%5B{index}%5D", item, escape)
    else:
        yield prefix, escape(value)


def _given(wire: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Return the members of an object that have a value: null has no spelling in a URL."""
    return [(key, value) for key, value in wire.items() if value is not None]


def query_pairs(parameter: Parameter, value: Any) -> Iterable[tuple[str, str]]:
    """Yield the percent-encoded fields that one query parameter becomes (OpenAPI 3.1, section 4.8.12.3).

    An empty list or object is none at all (RFC 6570, section 2.3), and neither is null. OpenAPI leaves open how a list
    is spelt in ``deepObject``: its items have numbers, ``items[0][price]``, which every server that reads brackets
    understands, and which alone tells the members of one item from those of the next.
    """
    name, items = _escaped_name(parameter.wire_name), parameter.wire(value)
    escape = _readable if parameter.allow_reserved else escaped
    if parameter.style == "deepObject" and isinstance(items, dict | list):
        return _deep(name, cast("object", items), escape)
    if isinstance(items, dict):
        wire = cast("dict[str, Any]", items)
        if parameter.explode:
            return ((escaped(key), escape(item)) for key, each in _given(wire) for item in several(each))
        items = [part for pair in _given(wire) for part in pair]
    elif not _is_list(items):
        return () if items is None else ((name, escape(items)),)
    if parameter.allow_reserved and not parameter.explode:
        escape = _readable_item
    texts = [escape(item) for item in several(items)]
    if parameter.explode:
        return ((name, text) for text in texts)
    return ((name, _DELIMITERS.get(parameter.style, ",").join(texts)),) if texts else ()


def _readable_item(value: Any) -> str:
    return _readable(value).replace(",", "%2C")  # where a comma separates


def path_text(name: str, parameter: Parameter, value: Any) -> str:
    """Return what stands in the URL for a parameter of its path.

    Raises:
        ArgumentError: It would be empty: another resource, often the whole collection (params-client-validation).
    """
    if value is None or value == "":
        raise ArgumentError(name, f"{name} is {value!r}; it is part of the URL and must not be empty")
    wire = parameter.wire(value)
    if wire in ([], {}):
        text = ""
    elif parameter.allow_reserved:
        text = joined(wire, _steps, explode=parameter.explode)
    else:
        text = _STYLED[parameter.style](parameter.wire_name, wire, parameter.explode)
    if not text:
        raise ArgumentError(name, f"{name} is {value!r}, which is empty in the URL; give it at least one value")
    # Dot segments would be resolved away by everything on the way and so address another resource.
    return _no_dots(text)


def _steps(value: Any) -> str:
    # An id such as `/subscriptions/1` begins with the slash that the template has already.
    return "/".join(_no_dots(quote(step, safe=_RESERVED_IN_PATH)) for step in text_of(value).lstrip("/").split("/"))


def _no_dots(step: str) -> str:
    return step.replace(".", "%2E") if step in (".", "..") else step


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
