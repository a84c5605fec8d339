"""Transports that answer from a script."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self, TypeAlias, cast
from urllib.parse import parse_qs, unquote, urlsplit

from ..errors import UsageError
from ..rest import Content, HttpRequest, HttpResponse
from ..serialization import loads
from ..settings import Setting
from ..transport.base import TRANSPORT_SETTINGS
from .answers import Answer, AsyncBody, ScriptedBody, SyncBody, let_pass
from .clock import VirtualClock

__all__ = ["AsyncScriptedTransport", "Line", "ScriptedTransport", "SentRequest", "read_content", "read_content_async"]

Line: TypeAlias = Answer | Exception | Callable[[HttpRequest], "Answer | Exception"]
Routes: TypeAlias = Mapping[str, "Line | Sequence[Line]"]


class SentRequest:
    """A request as it was sent, in the words that an assertion needs.

    Attributes:
        method: ``GET``, ``POST`` …
        url: The whole URL.
        headers: The header fields.
        content: The body as bytes, b"" if there was none; an iterable was read to its end.
    """

    def __init__(self, request: HttpRequest, content: bytes) -> None:
        self.method, self.url, self.headers, self.content = request.method, request.url, request.headers, content

    @property
    def path(self) -> str:
        """The path of the URL, decoded."""
        return unquote(urlsplit(self.url).path)

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the URL, decoded, each with all its values."""
        return parse_qs(urlsplit(self.url).query, keep_blank_values=True)

    def param(self, name: str) -> str | None:
        """Return a query parameter, None if it was not sent.

        Raises:
            AssertionError: It was sent more than once; look at ``query``.
        """
        values = self.query.get(name, [])
        if len(values) > 1:
            raise AssertionError(f"the query parameter {name!r} was sent {len(values)} times: {values}")
        return values[0] if values else None

    def json(self) -> Any:
        """Return the body parsed as JSON.

        Raises:
            ValueError: The body is not JSON.
        """
        return loads(self.content)

    def form(self) -> dict[str, list[str]]:
        """Return the fields of an ``application/x-www-form-urlencoded`` body, each with all its values."""
        return parse_qs(self.content.decode(), keep_blank_values=True)

    def __repr__(self) -> str:
        return f"<SentRequest {self.method} {self.path}>"


class _Script:
    """The lines of a scripted service, its time, and what happened.

    Attributes:
        clock: The time.
        requests: Everything that was sent, in order, as it was sent.
        is_closed: Whether `close` was called.
    """

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    def __init__(
        self, *lines: Line, repeat: bool = False, routes: Routes | None = None, clock: VirtualClock | None = None
    ) -> None:
        self._lines = list(lines)
        self._repeat = repeat
        self._routes = [_Route(pattern, line) for pattern, line in (routes or {}).items()]
        self._used = 0
        self._mutex = threading.Lock()
        self._bodies: list[ScriptedBody] = []
        self.clock = clock or VirtualClock()
        self.requests: list[HttpRequest] = []
        self._contents: list[bytes] = []
        self.is_closed = False

    @property
    def sent(self) -> list[SentRequest]:
        """Everything that was sent, in the words that an assertion needs."""
        return [SentRequest(*pair) for pair in zip(self.requests, self._contents, strict=False)]

    @property
    def now(self) -> float:
        """The virtual time in seconds."""
        return self.clock.now

    @property
    def waits(self) -> list[float]:
        """Every sleep, in seconds."""
        return self.clock.waits

    @property
    def open_bodies(self) -> int:
        """How many streamed bodies were neither read to their end nor closed; each would hold a connection."""
        return sum(body.is_open for body in self._bodies)

    def monotonic(self) -> float:
        """Return the virtual time in seconds."""
        return self.clock.now

    def assert_finished(self) -> None:
        """Check that nothing is left.

        Raises:
            AssertionError: Lines were not used, or a streamed body was left open.
        """
        is_over = self._repeat and self._used
        left = (
            [] if is_over else [f"line {n} of {len(self._lines)}" for n in range(self._used + 1, len(self._lines) + 1)]
        )
        left += [f"{route.pattern} ({route.left} more)" for route in self._routes if route.left]
        if left:
            raise AssertionError(f"the script has lines that nobody asked for: {', '.join(left)}")
        if self.open_bodies:
            raise AssertionError(f"{self.open_bodies} streamed bodies were not closed; use `with`, or read to the end")

    def _said(self, request: HttpRequest, content: bytes) -> Answer:
        with self._mutex:
            self.requests.append(request)
            self._contents.append(content)
            line = self._line_for(request)
        said = line if isinstance(line, Answer | Exception) else line(request)
        if isinstance(said, Exception):
            raise said
        if said.delay:
            let_pass(said.delay, request, self.clock)
        return said

    def _line_for(self, request: HttpRequest) -> Line:
        if self._routes:
            sent = SentRequest(request, b"")
            for route in self._routes:
                if route.matches(sent):
                    return route.take()
        if self._repeat and self._lines:
            self._used += 1
            return self._lines[(self._used - 1) % len(self._lines)]
        if self._used >= len(self._lines):
            routes = f" and the routes {', '.join(route.pattern for route in self._routes)}" if self._routes else ""
            raise AssertionError(
                f"{request!r} is request {len(self.requests)}, the script has {len(self._lines)} lines{routes}"
            )
        self._used += 1
        return self._lines[self._used - 1]

    def _is_streamed(self, request: HttpRequest, answer: Answer) -> bool:
        return request.call.stream and 200 <= answer.status_code < 300

    def _whole(self, request: HttpRequest, answer: Answer) -> HttpResponse:
        """Return the answer with its body read, as the contract of transports says."""
        if answer.has_only_bytes:
            return answer.to(request)
        body = ScriptedBody(answer, request, self.clock, is_streamed=False)
        content = b"".join(iter(lambda: body.take(_ALL), b""))
        return HttpResponse(request, answer.status_code, answer.headers, content, reason=answer.reason)

    def _fields(self, answer: Answer) -> dict[str, str]:
        """Return the header of a streamed answer: a service says how long a body is, if it knows."""
        length = {} if answer.pieces is not None else {"Content-Length": str(len(answer.content))}
        return {**length, **answer.headers}


_ALL = 2**62


class _Route:
    """A method and a path, and what is said to requests that fit: one line for all of them, or one after the other."""

    def __init__(self, pattern: str, line: Line | Sequence[Line]) -> None:
        self.pattern = pattern
        self._method, space, path = pattern.partition(" ")
        if not space or not path.startswith("/"):
            raise ValueError(f"the route {pattern!r} is no method and path, such as 'GET /pets/{{id}}'")
        self._path = path.split("/")
        self._lines: list[Line] | None = None
        self._line: Line | None = None
        if isinstance(line, Sequence):
            self._lines = list(cast("Iterable[Line]", line))
        else:
            self._line = line

    @property
    def left(self) -> int:
        return len(self._lines or ())

    def matches(self, sent: SentRequest) -> bool:
        parts = list(map(unquote, urlsplit(sent.url).path.split("/")))  # a slash in an id is %2F, and part of it
        return sent.method == self._method and len(parts) == len(self._path) and all(map(_fits, self._path, parts))

    def take(self) -> Line:
        if self._line is not None:
            return self._line
        if not self._lines:
            raise AssertionError(f"the script has no more lines for {self.pattern}")
        return self._lines.pop(0)


def _fits(wanted: str, part: str) -> bool:
    return wanted == part or (wanted.startswith("{") and wanted.endswith("}") and part != "")


class ScriptedTransport(_Script):
    """A sync transport that answers line by line; an exception among the lines is raised, a function is asked.

    A request beyond the script is an `AssertionError`. In a ``with`` block, so is a line that nobody asked for.

    Args:
        *lines: What is said to the first request, the second one …
        repeat: Whether to begin again after the last line.
        routes: ``"GET /pets/{id}"`` → what is said to such requests: a line for all of them, or a list of lines, one
            after the other. What no route fits takes the next of ``lines``.
        clock: The time, by default one of its own.
    """

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Record the request and return the next answer."""
        answer = self._said(request, read_content(request.content))
        if not self._is_streamed(request, answer):
            return self._whole(request, answer)
        from ..streaming.responses import StreamedResponse  # for tests that stream

        body = SyncBody(answer, request, self.clock, is_streamed=True)
        self._bodies.append(body)
        return StreamedResponse(request, answer.status_code, self._fields(answer), reason=answer.reason, body=body)

    def sleep(self, seconds: float, /) -> None:
        """Let virtual time pass."""
        self.clock.sleep(seconds)

    def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.assert_finished()


class AsyncScriptedTransport(_Script):
    """The async twin of `ScriptedTransport`."""

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Record the request and return the next answer."""
        answer = self._said(request, await read_content_async(request.content))
        if not self._is_streamed(request, answer):
            return self._whole(request, answer)
        from ..streaming.responses import AsyncStreamedResponse  # for tests that stream

        body = AsyncBody(answer, request, self.clock, is_streamed=True)
        self._bodies.append(body)
        return AsyncStreamedResponse(request, answer.status_code, self._fields(answer), reason=answer.reason, body=body)

    async def sleep(self, seconds: float, /) -> None:
        """Let virtual time pass."""
        await self.clock.sleep_async(seconds)

    async def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.assert_finished()


def read_content(content: Content) -> bytes:
    """Read a body to its end, as a transport that sends it.

    Raises:
        UsageError: It is for an async client.
    """
    if content is None or isinstance(content, bytes):
        return content or b""
    if isinstance(content, AsyncIterable):
        raise UsageError("the body is an async iterable, which a sync client cannot send; use the async client")
    read: Callable[[], bytes] | None = getattr(content, "read", None)
    return b"".join(content) if read is None else read()


async def read_content_async(content: Content) -> bytes:
    """The async twin of `read_content`."""
    if isinstance(content, AsyncIterable):
        return b"".join([piece async for piece in content])
    return read_content(content)
