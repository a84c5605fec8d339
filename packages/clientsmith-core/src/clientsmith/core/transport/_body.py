"""Where a request goes and what it carries, taken apart for the libraries below."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Final, Self, cast
from urllib.parse import quote

from .._origin import Origin, origin_of
from ..errors import UsageError
from ..rest import HttpRequest

__all__ = [
    "AsyncChunks",
    "Chunks",
    "checked_method",
    "checked_origin",
    "field_text",
    "fields_of",
    "head_of",
    "host_field",
    "sendable",
    "split_url",
]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

# Files are sent in blocks of this size.
_BLOCK: Final = 64 * 1024


# --- URLs ------------------------------------------------------------------------------------------------------------


def split_url(url: str) -> tuple[str, str]:
    """Return what stands before the path of an absolute URL, and path and query without the fragment."""
    url = url.partition("#")[0] if "#" in url else url
    start = url.find("/", 8)  # behind "https://"
    if start > 0 and "?" not in url[:start]:
        return url[:start], url[start:]
    origin, mark, query = url.partition("?")  # no path: a slash, if any, belongs to the query
    return origin, f"/{mark}{query}"


def sendable(target: str) -> str:
    """Return path and query as they are; quoted only if they hold what cannot stand in a request line."""
    if target.isascii() and target.isprintable() and " " not in target:
        return target
    return quote(target, safe="/?%:@!$&'()*+,;=~[]\"<>^`{|}")


# RFC 3986, section 3.2.2: what may stand in a host, brackets aside. It ends up in a line of the request.
_HOST: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=%]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9\-._~]+)?").fullmatch


def checked_origin(url: str) -> Origin:
    """Return the origin of an absolute URL that a transport can connect to.

    This is the reading of a URL that credentials go by as well: were there two, ``http://evil\\@good`` could take a
    secret to another place than it was meant for.

    Raises:
        UsageError: The URL is not absolute, not http or https, or holds user info.
    """
    try:
        origin = origin_of(url)
    except ValueError as error:
        raise UsageError(f"the request's URL cannot be used: {error}") from error
    if origin.scheme not in ("http", "https"):
        raise UsageError(
            f"{origin.scheme}://{origin.host} is not a place that this client can go to; use https or http"
        )
    if "@" in url or "\\" in url:  # not shown: it may hold a password
        raise UsageError(
            f"the URL for {origin.host} holds user info or a backslash; put name and password into a BasicCredential"
        )
    host = ascii_host(origin.host)
    if not _HOST(host) or not all(0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
        raise UsageError(f"{host!r} is no name of a host; check how the endpoint is spelt")
    return origin._replace(host=host)


def ascii_host(host: str) -> str:
    """Return a host name as it travels: an international one in its ASCII form (RFC 5891).

    Raises:
        UsageError: There is no such form.
    """
    if host.isascii():
        return host
    try:
        import idna  # of today's rules, and there whenever requests or aiohttp is
    except ImportError:
        encode: Callable[[str], bytes] = partial(str.encode, encoding="idna")
    else:
        encode = partial(idna.encode, uts46=True)
    try:
        return encode(host).decode()
    except UnicodeError as error:
        raise UsageError(f"the host name {host!r} cannot be used: {error}") from error


def host_field(scheme: str, host: str, port: int) -> str:
    """Return the value of ``Host`` (RFC 9110, section 7.2)."""
    name = f"[{host}]" if ":" in host else host
    return name if port == _DEFAULT_PORTS[scheme] else f"{name}:{port}"


# --- methods ---------------------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch

# What asks for something; anything else acts on a body and says so when there is none (RFC 9110, section 8.6).
_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})


def checked_method(request: HttpRequest) -> str:
    """Return the method of a request.

    Raises:
        UsageError: It is no token, so that it would be read as something else (RFC 9110, section 9.1).
    """
    method = request.method
    if method == "CONNECT":
        raise UsageError("CONNECT makes a tunnel of a connection, which is for proxies; name one with `proxy`")
    if method not in _BODILESS and not _TOKEN(method):
        raise UsageError(f"{method!r} is no HTTP method; a method is one word of letters, as in GET")
    return method


def framing_of(request: HttpRequest) -> tuple[str, str] | None:
    """Return the header field that tells where the body ends, None if the request has one or needs none.

    Raises:
        UsageError: The request's own header would tell it wrong: the receiver would take what is too much for another
            request (RFC 9112, section 11.2).
    """
    content, headers = request.content, request.headers
    if "transfer-encoding" in headers:
        raise UsageError(
            "Transfer-Encoding is for the transport to say; leave it out: content of unknown length is sent in chunks"
        )
    length = headers.get("content-length")
    if content is None or isinstance(content, bytes):
        size = str(len(content or b""))
        if length is None:
            return None if content is None and request.method in _BODILESS else ("Content-Length", size)
        if length != size:
            raise UsageError(
                f"the request says Content-Length: {length}, but its content has {size} bytes; leave it out"
            )
        return None
    if length is not None:
        expected_length(request)
        return None
    return ("Transfer-Encoding", "chunked")


def expected_length(request: HttpRequest) -> int | None:
    """Return how long the caller says that an iterable is, None if nothing is said.

    Raises:
        UsageError: What is said is no length.
    """
    length = request.headers.get("content-length")
    if length is None:
        return None
    if not (length.isascii() and length.isdigit()):
        raise UsageError(f"the request says Content-Length: {length}, which is not a number of bytes")
    return int(length)


# --- header fields ---------------------------------------------------------------------------------------------------


def field_text(value: str, encoding: str) -> str:
    """Return the value of a received header field as UTF-8 says, else as Latin-1 (RFC 9110, section 5.5: opaque bytes).

    ``encoding`` is how the library below decoded it: ``latin-1``, or ``utf-8`` with surrogates for what it could not.
    """
    if value.isascii():
        return value
    raw = value.encode(encoding, "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def fields_of(request: HttpRequest, host: str, accept_encoding: str) -> dict[str, str]:
    """Return all header fields to send, the host first (RFC 9110, section 7.2).

    Raises:
        UsageError: The request frames its body in a way that would be misread.
    """
    given = request.headers
    fields = {} if "host" in given else {"Host": host}
    if "accept-encoding" not in given:
        fields["Accept-Encoding"] = accept_encoding
    framing = framing_of(request)
    if framing is not None:
        fields[framing[0]] = framing[1]
    fields.update(given.as_dict())
    return fields


# What may not stand in a field's value (RFC 9110, section 5.5; tabs may), and what UTF-8 cannot say.
_UNSENDABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]").search


def head_of(method: str, target: str, fields: Mapping[str, str]) -> bytes:
    """Return request line and header as they travel. Nothing in them can begin a line of its own.

    `Headers` checks what is set, but not what was received; this is the last place before the wire.

    Raises:
        UsageError: A field cannot be sent.
    """
    values = fields.values()
    text = "".join(values)
    if not text.isprintable() and _UNSENDABLE(text):  # which of them is not shown, it may be a secret
        raise UsageError("a header field holds a line break or another control character; remove it before sending")
    return (_head_template(tuple(fields)) % (method, target, *values)).encode()


@lru_cache(maxsize=256)
def _head_template(names: tuple[str, ...]) -> str:
    """Return a head with ``%s`` for method, target and values: a client sends the same names over and over."""
    for name in names:
        if not _TOKEN(name):
            raise UsageError(f"{name!r} is no name of a header field (RFC 9110, section 5.1)")
    lines = "".join(f"{name.replace('%', '%%')}: %s\r\n" for name in names)
    return f"%s %s HTTP/1.1\r\n{lines}\r\n"


# --- bodies ----------------------------------------------------------------------------------------------------------


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(content, str):
        raise UsageError("the content of a request is bytes or an iterable of bytes; encode the string first")
    read = getattr(content, "read", None)  # a file: by blocks, for its lines are no use to anybody
    return iter(content) if read is None else iter(partial(read, _BLOCK), b"")


class _Pieces:
    """What both colours share: the length that the caller promised, and what went wrong in his own iterator.

    Attributes:
        length: How many bytes were promised, None if nothing was said.
        failure: What went wrong, which is the error to show; None as long as it is well.
    """

    __slots__ = ("_left", "failure", "length")

    def __init__(self, request: HttpRequest) -> None:
        self.length = self._left = expected_length(request)
        self.failure: Exception | None = None

    def _counted(self, piece: object) -> bytes:
        if not isinstance(piece, bytes | bytearray | memoryview):
            raise UsageError(
                f"the content of the request yielded a {type(piece).__name__}; only bytes can be sent, encode it first"
            )
        # The length of a view may count items, not bytes.
        data = piece if isinstance(piece, bytes) else bytes(cast("bytearray", piece))
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise UsageError("the content of the request is longer than its Content-Length; leave that header out")
        return data

    def _check_end(self) -> None:
        if self._left:
            raise UsageError(
                f"the content of the request ended {self._left} bytes before its Content-Length; leave that header out"
            )


class Chunks(_Pieces):
    """The body of a request in pieces."""

    __slots__ = ("_pieces",)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        content = request.content
        if isinstance(content, AsyncIterable):
            raise UsageError("the content is an async iterable, which only an async client can send")
        self._pieces = _pieces(cast("Iterable[bytes]", content))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            try:
                return self._counted(next(self._pieces))
            except StopIteration:
                self._check_end()
                raise
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise


class AsyncChunks(_Pieces):
    """The async twin of `Chunks`; a sync iterable is taken too, and read on the event loop."""

    __slots__ = ("_pieces", "_source")

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        content = request.content
        self._source: AsyncIterator[bytes] | None = None
        if isinstance(content, AsyncIterable):
            self._source = aiter(content)
        else:
            self._pieces = _pieces(cast("Iterable[bytes]", content))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            try:
                return self._counted(next(self._pieces) if self._source is None else await anext(self._source))
            except (StopIteration, StopAsyncIteration):
                self._check_end()
                raise StopAsyncIteration from None
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.failure = error
            raise
