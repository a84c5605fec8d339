"""Requests and responses: what travels, without any I/O.

`HttpRequest` and `HttpResponse` are the only types that policies see. A response whose body is still on the wire
holds it as `HttpResponse.body`; who owns such an open body is the chain's business (see `clientsmith.core.pipeline`).
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar, cast, final, overload
from urllib.parse import quote, urlencode

from .serialization import dumps, loads

if TYPE_CHECKING:
    from os import PathLike
    from typing import IO

    from ._origin import Home
    from .errors import ArgumentError, ClientsmithError
    from .multipart import Part
    from .versioning.negotiator import Lifetime

__all__ = [
    "NO_CALL",
    "AsyncBinaryContent",
    "AsyncFilePart",
    "BinaryContent",
    "Call",
    "Content",
    "FilePart",
    "Headers",
    "HttpRequest",
    "HttpResponse",
    "OpenBody",
    "with_query",
]

T = TypeVar("T")
Fields: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
Content: TypeAlias = bytes | Iterable[bytes] | AsyncIterable[bytes] | None
# What methods take for the bytes of a body, and for a file in a multipart body: names for signatures.
BinaryContent: TypeAlias = "bytes | bytearray | memoryview | IO[bytes] | PathLike[str] | Iterable[bytes]"
AsyncBinaryContent: TypeAlias = "BinaryContent | AsyncIterable[bytes]"
FilePart: TypeAlias = "BinaryContent | Part | tuple[str, BinaryContent] | tuple[str, BinaryContent, str | None]"
AsyncFilePart: TypeAlias = "FilePart | AsyncIterable[bytes] | tuple[str, AsyncBinaryContent]"


@final
class Headers(MutableMapping[str, str]):
    """Header fields: names compare without case and keep the case they were given (RFC 9110, section 5.1).

    A field that came several times reads as one value joined by ", ".
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Fields | None = None) -> None:
        self._fields: dict[str, tuple[str, str]] = {}
        if fields is None:
            return
        if isinstance(fields, Headers):
            self._fields = fields._fields.copy()
            return
        for name, value in _pairs(fields):
            self[name] = value

    @classmethod
    def received(cls, fields: Fields) -> Headers:
        """Return the fields of an answer: several of one name are joined, folded lines unfolded, nothing is refused."""
        headers = cls()
        known = headers._fields
        for name, value in _pairs(fields):
            key = name.lower()
            text = " ".join(value.split()) if "\n" in value else value
            known[key] = (name, f"{known[key][1]}, {text}" if key in known else text)
        return headers

    def copy(self) -> Headers:
        """Return a copy that can be changed without changing this one."""
        twin: Headers = Headers.__new__(Headers)
        twin._fields = self._fields.copy()
        return twin

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __setitem__(self, name: str, value: str) -> None:
        if value.__class__ is not str and not isinstance(cast("object", value), str):
            raise _unusable(
                name, f"the value of header {name!r} is a {type(value).__name__}; header fields are strings"
            )
        if "\r" in value or "\n" in value or "\0" in value:
            # Header injection (RFC 9110, section 5.5). The value may be a secret, so the message does not show it.
            raise _unusable(
                name, f"the value of header {name!r} contains a line break or NUL; remove it before sending"
            )
        self._fields[_key(name)] = (name, value)

    def __delitem__(self, name: str) -> None:
        del self._fields[name.lower()]

    # The next two stand in the way of every request; what `MutableMapping` has for them asks twice and raises once.

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, /, default: str | T) -> str | T: ...
    def get(self, name: str, /, default: str | T | None = None) -> str | T | None:
        """Return the value of a field, or the default."""
        field = self._fields.get(name.lower())
        return default if field is None else field[1]

    def setdefault(self, name: str, value: str, /) -> str:
        """Set a field that is not there yet, and return its value."""
        present = self._fields.get(name.lower())
        if present is not None:
            return present[1]
        self[name] = value
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        theirs = cast("Mapping[object, object]", other).items()
        mine = {key: value for key, (_, value) in self._fields.items()}
        return mine == {name.lower() if isinstance(name, str) else name: value for name, value in theirs}

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def as_dict(self) -> dict[str, str]:
        """Return the fields as a plain dict, names in the case they were given."""
        return dict(self._fields.values())

    def __repr__(self) -> str:
        # Names only: a header's value may be a credential.
        return f"Headers({', '.join(self)})"


@lru_cache(maxsize=256)
def _key(name: str) -> str:
    """Return the name that a field is kept under; the few that a program has are checked once."""
    if not _TOKEN(name):
        raise _unusable(name, f"{name!r} is no name of a header field (RFC 9110, section 5.1)")
    return name.lower()


def _unusable(name: str, why: str) -> ArgumentError:
    from .errors import ArgumentError  # nobody else here needs errors

    return ArgumentError(name, why)


_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch


def _pairs(fields: Fields) -> Iterable[tuple[str, str]]:
    if fields.__class__ is dict or isinstance(fields, Mapping):  # an ABC's isinstance is slow
        return cast("Mapping[str, str]", fields).items()
    return fields


class OpenBody(Protocol):
    """A body that is still on the wire."""

    def abandon(self) -> None:
        """Give the connection up at once, without waiting and without raising. Safe to call twice."""


@final
class Call:
    """What belongs to one call of a client method, shared by every request that it makes.

    Attributes:
        settings: The client's settings with those of this call over them.
        deadline: When the call has to be over, on ``clock``; None means never.
        clock: Seconds that only go forward; tests pass their own.
        attempts: Requests handed to the transport so far.
        previous: How the attempts ended that were made again, the first one first.
        stream: Whether the caller wants the body of a successful answer unread.
        as_stored: Whether such a body is wanted byte by byte as the service has it, whatever ``Content-Encoding`` says:
            some say ``gzip`` of a file that ends in ``.gz``, and mean the file.
        read_until: When a read of such a body gives up, on ``clock``; None, as nearly always: only silence ends it.
        template: The path of the operation with its placeholders, "" for a request of the caller's own.
        server: The origin that the operation has for itself, beside the client's own; None, as nearly always: none.
        is_anonymous: Whether the operation is called without a credential, also where the client has one.
        lifetime: The versions of the API that have the operation; None, as nearly always: all.
        version: The version of the API that the client asked for; None if it says none, or the request said its own.
        through: What the chain yields instead of a request that it wants sent: a question to the driver that sends it
            and does something around that. None: the request itself.
    """

    __slots__ = (
        "as_stored",
        "attempts",
        "clock",
        "deadline",
        "is_anonymous",
        "lifetime",
        "previous",
        "read_until",
        "server",
        "settings",
        "stream",
        "template",
        "through",
        "version",
    )

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        deadline: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        stream: bool = False,
        template: str = "",
        server: Home | None = None,
        is_anonymous: bool = False,
        lifetime: Lifetime | None = None,
    ) -> None:
        self.server, self.is_anonymous, self.lifetime = server, is_anonymous, lifetime
        self.settings = settings
        self.deadline = deadline
        self.clock = clock
        self.attempts = 0
        self.previous: tuple[ClientsmithError, ...] = ()
        self.stream = stream
        self.as_stored = False
        self.read_until: float | None = None
        self.template = template
        self.version: str | None = None
        self.through: Callable[[HttpRequest], Any] | None = None

    def remaining(self) -> float | None:
        """Seconds left before the deadline, never negative; None without a deadline."""
        return None if self.deadline is None else max(0.0, self.deadline - self.clock())


# Of a request that no client sends yet. A chain gives it the call that it is made in.
NO_CALL: Final = Call({})


@final
class HttpRequest:
    """One HTTP request.

    Args:
        method: ``GET``, ``POST`` …, sent in upper case.
        url: Absolute, or relative to the endpoint of the client that sends it.
        params: Query parameters, appended to the URL percent-encoded; a list repeats the parameter, None leaves it out.
        headers: Header fields.
        json: Any value that `clientsmith.core.serialization.dumps` accepts; sets ``Content-Type``.
        form: Fields of an ``application/x-www-form-urlencoded`` body.
        content: The raw body. Bytes can be sent again by a retry or a redirect, an iterable cannot, unless it has an
            attribute ``is_replayable`` that says so; one with a ``length`` (bytes) is sent with ``Content-Length``.
    """

    __slots__ = ("call", "content", "headers", "method", "sent_at", "url")

    sent_at: float
    """When it was handed to the transport, on the clock of its call; not there before."""

    def __init__(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, object] | None = None,
        content: Content = None,
    ) -> None:
        self.method = method.upper()
        query = urlencode(_texts(params), quote_via=quote) if params else ""
        self.url = with_query(url, query) if query else url
        self.headers = Headers(headers)
        self.content: Content = content
        self.call = NO_CALL
        if (content is not None and (json is not None or form is not None)) or (json is not None and form is not None):
            raise ValueError("a request has one body: give json, form or content")
        if json is not None:
            self.content = dumps(json)
            self.headers.setdefault("Content-Type", "application/json")
        elif form is not None:
            self.content = urlencode(_texts(form)).encode()
            self.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif isinstance(content, bytearray | memoryview):
            self.content = bytes(content)  # a copy: a retry must not send what was changed meanwhile
        elif content is not None and content.__class__ is not bytes:
            length = getattr(content, "length", None)
            if length is not None:
                self.headers.setdefault("Content-Length", str(length))

    def copy(self) -> HttpRequest:
        """Return a copy whose headers can change without changing this one; the call is shared."""
        twin: HttpRequest = HttpRequest.__new__(HttpRequest)
        twin.method, twin.url, twin.content, twin.call = self.method, self.url, self.content, self.call
        twin.headers = self.headers.copy()
        return twin

    def with_headers(self, headers: Mapping[str, str]) -> HttpRequest:
        """Return a copy with these header fields set."""
        twin = self.copy()
        twin.headers.update(headers)
        return twin

    @property
    def is_replayable(self) -> bool:
        """Whether the body can be sent a second time."""
        return self.content is None or isinstance(self.content, bytes) or getattr(self.content, "is_replayable", False)

    def __repr__(self) -> str:
        from .redaction import redact_url  # only for people: not worth an import on every start

        return f"<HttpRequest {self.method} {redact_url(self.url)}>"


def with_query(url: str, fields: str) -> str:
    """Return the URL with fields, percent-encoded, at the end of its query."""
    url, joint, fragment = url.partition("#")
    mark = "" if url.endswith("?") else "&" if "?" in url else "?"
    return f"{url}{mark}{fields}{joint}{fragment}"


def _texts(fields: Mapping[str, object]) -> list[tuple[str, object]]:
    """Return fields with lists taken apart, None left out, and booleans as JSON spells them."""
    pairs = [
        (name, item)
        for name, value in fields.items()
        for item in (cast("Iterable[object]", value) if isinstance(value, list | tuple) else (value,))
    ]
    return [(name, str(item).lower() if isinstance(item, bool) else item) for name, item in pairs if item is not None]


class HttpResponse:
    """An HTTP response.

    Attributes:
        request: The request that was answered, as it was sent.
        status_code: 100 to 599.
        reason: The reason phrase, "" if the server sent none.
        body: The open body while it is still on the wire, None once it has been read.
    """

    __slots__ = ("_content", "_headers", "_raw_headers", "body", "reason", "request", "status_code")

    def __init__(
        self,
        request: HttpRequest,
        status_code: int,
        headers: Fields = (),
        content: bytes | None = b"",
        *,
        reason: str = "",
        body: OpenBody | None = None,
    ) -> None:
        self.request = request
        self.status_code = status_code
        self.reason = reason
        self.body = body
        # Most calls read no header, so the fields are only put in order when somebody asks.
        self._raw_headers = headers
        self._headers: Headers | None = headers if isinstance(headers, Headers) else None
        self._content = content

    @property
    def headers(self) -> Headers:
        """The header fields."""
        if self._headers is None:
            self._headers = Headers.received(self._raw_headers)
        return self._headers

    @property
    def content(self) -> bytes:
        """The whole body as bytes, decompressed.

        Raises:
            RuntimeError: The body is still on the wire (the call was made with ``stream=True``).
        """
        if self._content is None:
            raise RuntimeError("the body has not been read; read the stream first, or call without stream=True")
        return self._content

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status_code < 300

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" if there is none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        """Return the body decoded by the charset of ``Content-Type``, UTF-8 by default; bad bytes become U+FFFD."""
        charset = "utf-8"
        for parameter in self.headers.get("Content-Type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                charset = value.strip().strip('"')
        try:
            return self.content.decode(charset, "replace")
        except (LookupError, UnicodeError):  # a charset that Python does not know, or one that cannot replace
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body parsed as JSON.

        Raises:
            ValueError: The body is not JSON.
        """
        return loads(self.content)

    def abandon(self) -> None:
        """Give an open body up; does nothing once the body has been read."""
        if self.body is not None:
            self.body.abandon()
            self.body = None

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status_code} of {self.request.method}>"
