"""Where a request goes and what it carries, taken apart for the libraries below."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from functools import partial
from typing import Final, Self, cast
from urllib.parse import quote

from .._origin import Origin, origin_of
from ..errors import UsageError
from ..rest import Content

__all__ = ["AsyncChunks", "Chunks", "checked_origin", "field_text", "sendable", "split_url"]

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
    return origin


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


# --- bodies ----------------------------------------------------------------------------------------------------------


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(content, str):
        raise UsageError("the content of a request is bytes or an iterable of bytes; encode the string first")
    read = getattr(content, "read", None)  # a file: by blocks, for its lines are no use to anybody
    return iter(content) if read is None else iter(partial(read, _BLOCK), b"")


class Chunks:
    """The body of a request in pieces.

    Attributes:
        failure: What went wrong in the caller's own iterator, which is the error to show; None as long as it is well.
    """

    __slots__ = ("_pieces", "failure")

    def __init__(self, content: Content) -> None:
        if isinstance(content, AsyncIterable):
            raise UsageError("the content is an async iterable, which only an async client can send")
        self._pieces = _pieces(cast("Iterable[bytes]", content))
        self.failure: Exception | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise


class AsyncChunks:
    """The async twin of `Chunks`; a sync iterable is taken too, and read on the event loop."""

    __slots__ = ("_pieces", "_source", "failure")

    def __init__(self, content: Content) -> None:
        self._source: AsyncIterator[bytes] | None = None
        if isinstance(content, AsyncIterable):
            self._source = aiter(content)
        else:
            self._pieces = _pieces(cast("Iterable[bytes]", content))
        self.failure: Exception | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return next(self._pieces) if self._source is None else await anext(self._source)
        except StopIteration:
            raise StopAsyncIteration from None
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.failure = error
            raise
