"""Transports for tests: no network, no waiting, everything that was sent at hand.

transport = ScriptedTransport(Answer(503, headers={"Retry-After": "2"}), Answer(json={"id": 7}))
client = PetstoreClient("https://example.test", transport=transport)
assert client.get_pet("7").id == 7
assert transport.waits == [2.0]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, TypeAlias

from .rest import HttpRequest, HttpResponse
from .serialization import dumps
from .settings import Setting
from .transport.base import TRANSPORT_SETTINGS

__all__ = ["Answer", "AsyncScriptedTransport", "ScriptedTransport"]


class Answer:
    """What a scripted service says: a status, header fields, and a body as JSON or as bytes."""

    def __init__(
        self,
        status_code: int = 200,
        *,
        json: object = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status_code = status_code
        self.headers = dict(headers or {})
        self.content = content
        if json is not None:
            self.content = dumps(json)
            self.headers.setdefault("Content-Type", "application/json")

    def to(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request."""
        return HttpResponse(request, self.status_code, self.headers, self.content)


Line: TypeAlias = Answer | Exception | Callable[[HttpRequest], "Answer | Exception"]


class _Script:
    """The lines of a scripted service, a virtual clock, and what happened.

    Attributes:
        requests: Everything that was sent, in order, as it was sent.
        waits: Every sleep, in seconds; time passes by that much and by nothing else.
    """

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    def __init__(self, *lines: Line, repeat: bool = False) -> None:
        self._lines = list(lines)
        self._repeat = repeat
        self.requests: list[HttpRequest] = []
        self.waits: list[float] = []
        self.now = 0.0
        self.is_closed = False

    def monotonic(self) -> float:
        """Return the virtual time in seconds."""
        return self.now

    def _answer(self, request: HttpRequest) -> HttpResponse:
        index = len(self.requests)
        self.requests.append(request)
        if self._repeat and self._lines:
            index %= len(self._lines)
        if index >= len(self._lines):
            raise AssertionError(f"{request!r} is request {index + 1}, the script has {len(self._lines)} lines")
        line = self._lines[index]
        said = line if isinstance(line, Answer | Exception) else line(request)
        if isinstance(said, Exception):
            raise said
        return said.to(request)

    def _pass(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class ScriptedTransport(_Script):
    """A sync transport that answers line by line; an exception among the lines is raised, a function is asked.

    ``repeat=True`` begins again after the last line. A request beyond the script is an `AssertionError`.
    """

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Record the request and return the next answer."""
        return self._answer(request)

    def sleep(self, seconds: float, /) -> None:
        """Let virtual time pass."""
        self._pass(seconds)

    def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True


class AsyncScriptedTransport(_Script):
    """The async twin of `ScriptedTransport`."""

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Record the request and return the next answer."""
        return self._answer(request)

    async def sleep(self, seconds: float, /) -> None:
        """Let virtual time pass."""
        self._pass(seconds)

    async def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True
