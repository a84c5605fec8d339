"""Operations as data: what a client method sends and how its answer is read, shared by both colours.

A generated client holds one constant for each operation of its service; a method is one line that names it. Values are
turned into text as OpenAPI 3.1 says (parameter ``style`` and ``explode``), bodies by their media type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from os import urandom
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeAlias, TypeGuard, TypeVar, cast
from urllib.parse import quote, urlencode

from .errors import DecodeError, HttpResponseError
from .rest import Content, HttpRequest, HttpResponse
from .serialization import Codec, as_codec, dumps, to_wire

if TYPE_CHECKING:
    from .paging import Paging
    from .polling import Polling

__all__ = [
    "BYTES_BODY",
    "JSON",
    "TEXT",
    "BodyKind",
    "ListOperation",
    "LongRunningOperation",
    "Operation",
    "Parameter",
    "binary_body",
    "cookie",
    "form_body",
    "header",
    "json_body",
    "multipart_body",
    "path",
    "query",
    "text_body",
]

T = TypeVar("T")
Style: TypeAlias = Literal["form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "label", "matrix"]
_File: TypeAlias = tuple[str | None, Any, str | None]  # file name, content, media type
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*").fullmatch  # RFC 3986, section 2.3
_DELIMITERS: Final[Mapping[str, str]] = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}

# --- parameters ------------------------------------------------------------------------------------------------------


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


def _escaped(value: Any) -> str:
    text = _text(value)
    # Most values are ids and numbers, and quoting costs several times as much as looking.
    return text if _UNRESERVED(text) else quote(text, safe="")


@cache
def _escaped_name(wire_name: str) -> str:
    return quote(wire_name, safe="")


def _several(value: object) -> list[Any]:
    return value if _is_list(value) else [value]


def _text(value: Any) -> str:
    """Return one wire value as text: as JSON would spell it, without the quotes."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, dict | list):  # OpenAPI gives nesting no spelling; JSON is what services that take it expect
        return dumps(cast("object", value)).decode()
    return "" if value is None else str(value)


def _joined(value: Any, escape: Callable[[Any], str], separator: str = ",", *, explode: bool = False) -> str:
    """Return a value in ``simple`` style (RFC 6570, section 3.2.2): ``1``, ``1,2``, ``a,1,b,2`` or ``a=1,b=2``."""
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        mark = "=" if explode else separator
        return separator.join(f"{escape(key)}{mark}{escape(item)}" for key, item in pairs)
    return separator.join(escape(item) for item in _several(value))


def _deep(prefix: str, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from _deep(f"{prefix}%5B{_escaped(key)}%5D", item)
    else:
        for item in _several(value):
            yield prefix, _escaped(item)


def _query_pairs(parameter: Parameter, value: Any) -> Iterable[tuple[str, str]]:
    """Yield the percent-encoded fields that one query parameter becomes (OpenAPI 3.1, section 4.8.12.3)."""
    name, items = _escaped_name(parameter.wire_name), parameter.wire(value)
    if isinstance(items, dict):
        wire = cast("dict[str, Any]", items)
        if parameter.style == "deepObject":
            return _deep(name, wire)
        if parameter.explode:
            return ((_escaped(k), _escaped(v)) for k, v in wire.items())
        items = [part for pair in wire.items() for part in pair]
    elif not _is_list(items):
        return ((name, _escaped(items)),)
    texts = [_escaped(item) for item in _several(items)]
    if parameter.explode:
        return ((name, text) for text in texts)
    return ((name, _DELIMITERS.get(parameter.style, ",").join(texts)),)


def _path_text(name: str, parameter: Parameter, value: Any) -> str:
    if value is None or value == "":
        # An empty segment would address another resource, often the whole collection (params-client-validation).
        raise ValueError(f"{name} is {value!r}; it is part of the URL and must not be empty")
    text = _STYLED[parameter.style](parameter.wire_name, parameter.wire(value), parameter.explode)
    if not text:
        raise ValueError(f"{name} is {value!r}, which is empty in the URL; give it at least one value")
    # Dot segments would be resolved away by everything on the way and so address another resource.
    return text.replace(".", "%2E") if text in (".", "..") else text


def _simple(_name: str, wire: Any, explode: bool) -> str:
    return _joined(wire, _escaped, explode=explode)


def _label(_name: str, wire: Any, explode: bool) -> str:
    return "." + _joined(wire, _escaped, "." if explode else ",", explode=explode)


def _matrix(name: str, wire: Any, explode: bool) -> str:
    if not explode or not isinstance(wire, dict | list):
        return f";{_escaped_name(name)}={_joined(wire, _escaped)}"
    if isinstance(wire, dict):
        return ";" + _joined(cast("object", wire), _escaped, ";", explode=True)
    return "".join(f";{_escaped_name(name)}={_escaped(item)}" for item in _several(cast("object", wire)))


# The styles that a part of the path can have (OpenAPI 3.1, section 4.8.12.3).
_STYLED: Final[Mapping[str, Callable[[str, Any, bool], str]]] = {"simple": _simple, "label": _label, "matrix": _matrix}


# --- bodies ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BodyKind:
    """How a body becomes bytes: ``encode`` returns the content and its media type."""

    encode: Callable[[Any], tuple[Content, str]]


def json_body(codec: Any = None, media_type: str = "application/json") -> BodyKind:
    """Return a JSON body."""
    resolved = codec and as_codec(codec)

    def encode(value: Any) -> tuple[Content, str]:
        return dumps(value if resolved is None else resolved.encode(value)), media_type

    return BodyKind(encode)


def form_body(codec: Any = None) -> BodyKind:
    """Return an ``application/x-www-form-urlencoded`` body; a list repeats its field."""
    resolved = codec and as_codec(codec)

    def encode(value: Any) -> tuple[Content, str]:
        wire = to_wire(value if resolved is None else resolved.encode(value))
        fields = [(name, _text(item)) for name, field in wire.items() for item in _several(field)]
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"

    return BodyKind(encode)


def multipart_body() -> BodyKind:
    """Return a ``multipart/form-data`` body (RFC 7578) of a mapping.

    A value is a string, a number, bytes, or a tuple of file name, bytes and media type.
    """

    def encode(value: Any) -> tuple[Content, str]:
        boundary = urandom(16).hex()
        # A plain mapping may hold bytes and tuples, which are no JSON.
        fields = cast("dict[str, Any]", value if isinstance(value, dict) else to_wire(value))
        parts = [_part(boundary, name, field) for name, field in fields.items() if field is not None]
        return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"

    return BodyKind(encode)


def _part(boundary: str, name: str, field: Any) -> bytes:
    file_name, content, media_type = cast("_File", field if isinstance(field, tuple) else (None, field, None))
    if isinstance(content, bytes) and file_name is None:
        file_name = name
    data = content if isinstance(content, bytes) else _text(to_wire(content)).encode()
    disposition = f'form-data; name="{_quoted(name)}"' + (f'; filename="{_quoted(file_name)}"' if file_name else "")
    media_type = media_type or ("application/octet-stream" if file_name else None)
    type_line = f"Content-Type: {media_type}\r\n" if media_type else ""
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\n{type_line}\r\n".encode() + data + b"\r\n"


def _quoted(text: str) -> str:
    # RFC 7578, section 4.2: percent-encode what would end the quoted string or the line.
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def text_body(media_type: str = "text/plain; charset=utf-8") -> BodyKind:
    """Return a body of text."""
    return BodyKind(lambda value: (str(value).encode(), media_type))


def binary_body(media_type: str = "application/octet-stream") -> BodyKind:
    """Return a body of raw bytes: ``bytes``, or an iterable of them."""
    return BodyKind(lambda value: (value, media_type))


# --- answers ---------------------------------------------------------------------------------------------------------


class _Raw:
    """A body that is not JSON."""

    __slots__ = ("name", "read")

    def __init__(self, name: str, read: Callable[[HttpResponse], Any]) -> None:
        self.name, self.read = name, read

    def __repr__(self) -> str:
        return self.name


JSON: Final[Codec[Any]] = as_codec(None)
"""Any JSON value, as it is."""
TEXT: Final = _Raw("TEXT", HttpResponse.text)
BYTES_BODY: Final = _Raw("BYTES_BODY", lambda response: response.content)


def _reader(like: Any) -> Callable[[HttpResponse], Any]:
    if like is None:
        return lambda _response: None
    if isinstance(like, _Raw):
        return like.read
    codec: Codec[Any] = as_codec(like)
    return lambda response: codec.decode(response.json())


class Operation(Generic[T]):
    """One operation of a service; ``T`` is what its method returns.

    Args:
        method: ``GET``, ``POST`` …
        path: URL template below the endpoint, ``/pets/{petId}``.
        parameters: Python argument name → `Parameter`.
        body: How the body becomes bytes, None if there is none.
        responses: Status → codec, model, enum or thunk of the JSON body; `TEXT`, `BYTES_BODY` or None.
        errors: The same for documented errors; a key is a status, ``"4XX"``, ``"5XX"`` or ``"default"``.
        accept: The ``Accept`` header.
        missing_is_success: Whether 404 means that the work is done already (``delete_`` methods).
    """

    def __init__(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, Parameter] | None = None,
        body: BodyKind | None = None,
        responses: Mapping[int, Any],
        errors: Mapping[int | str, Any] | None = None,
        accept: str = "application/json",
        missing_is_success: bool = False,
    ) -> None:
        self.method, self.path, self.accept = method, path, accept
        self.parameters = dict(parameters or {})
        self.body = body
        self._readers = {status: _reader(like) for status, like in responses.items()}
        self._error_readers = {status: _reader(like) for status, like in (errors or {}).items()}
        self._missing_is_success = missing_is_success
        self._pieces = _split(path, self.parameters)

    def request(self, arguments: Mapping[str, Any], body: Any = None) -> HttpRequest:
        """Return the request for these arguments; None means "not given".

        Raises:
            ValueError: A part of the URL's path is None or empty (params-client-validation).
        """
        pairs: list[tuple[str, str]] = []
        headers: dict[str, str] = {"Accept": self.accept}
        for name, value in arguments.items():
            parameter = self.parameters[name]
            if value is None or parameter.location == "path":
                continue
            if parameter.location == "query":
                pairs.extend(_query_pairs(parameter, value))
            elif parameter.location == "header":
                headers[parameter.wire_name] = _joined(parameter.wire(value), _text)
            else:
                own = f"{parameter.wire_name}={_joined(parameter.wire(value), _escaped)}"
                headers["Cookie"] = f"{headers['Cookie']}; {own}" if "Cookie" in headers else own
        url = self._url(arguments)
        if pairs:
            url = f"{url}?{'&'.join(f'{name}={text}' for name, text in pairs)}"
        content: Content = None
        if self.body is not None and body is not None:
            content, headers["Content-Type"] = self.body.encode(body)
        return HttpRequest(self.method, url, headers=headers, content=content)

    def _url(self, arguments: Mapping[str, Any]) -> str:
        pieces = [
            piece if name is None else _path_text(name, self.parameters[name], arguments.get(name))
            for piece, name in self._pieces
        ]
        return "".join(pieces)

    def read(self, response: HttpResponse) -> T:
        """Return what the method returns.

        Raises:
            HttpResponseError: The status is not a success; ``model`` holds the documented error.
            DecodeError: The status is a success, its body cannot be read.
        """
        self.raise_for_error(response)
        reader = self._readers.get(response.status_code)
        if self.method == "HEAD":  # never has a body, whatever the document says (RFC 9110, section 9.3.2)
            return None  # type: ignore[return-value]
        if reader is None:
            if response.status_code == 404 or not response.content:
                return None  # type: ignore[return-value]  # an undocumented success without a body
            # A success that the document does not list is read like the first one that it does.
            reader = next(iter(self._readers.values()), _reader(None))
        try:
            result: T = reader(response)
        except ValueError as error:
            kind = response.content_type or "no media type"
            raise DecodeError(f"the body ({kind}) is not the JSON expected: {error}", response=response) from error
        return result

    def raise_for_error(self, response: HttpResponse) -> None:
        """Raise the error that the status stands for; return if it is a success.

        Raises:
            HttpResponseError: Or the subclass for the status.
        """
        status = response.status_code
        if 200 <= status < 300 or (status == 404 and self._missing_is_success):
            return
        readers = self._error_readers
        reader = readers.get(status) or readers.get(f"{status // 100}XX") or readers.get("default")
        model: Any = None
        if reader is not None:
            try:
                model = reader(response)
            except ValueError:  # a proxy's HTML page where the service documents JSON: the status still tells
                model = None
        raise HttpResponseError.from_response(response, model)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.method} {self.path}>"


def _split(template: str, parameters: Mapping[str, Parameter]) -> list[tuple[str, str | None]]:
    """Return the template as literal pieces and the names of the arguments between them."""
    names = {p.wire_name: name for name, p in parameters.items() if p.location == "path"}
    pieces: list[tuple[str, str | None]] = []
    for part in template.split("{"):
        wire_name, closed, rest = part.partition("}")
        if not closed:
            pieces.append((part, None))
            continue
        pieces.append(("", names[wire_name]))
        pieces.append((rest, None))
    return [piece for piece in pieces if piece != ("", None)]


class ListOperation(Operation[T]):
    """An operation that answers with items, page by page; ``T`` is the item."""

    def __init__(self, method: str, path: str, *, paging: Paging[T], **rest: Any) -> None:
        super().__init__(method, path, **rest)
        self.paging = paging


class LongRunningOperation(Operation[T]):
    """An operation that goes on after its first answer; ``T`` is what it ends with."""

    def __init__(self, method: str, path: str, *, polling: Polling[T], **rest: Any) -> None:
        super().__init__(method, path, **rest)
        self.polling = polling
