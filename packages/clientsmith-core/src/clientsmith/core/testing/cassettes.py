"""Cassettes: exchanges with a real service, recorded once and played back in every test after.

    with Cassette("tests/cassettes/pets.json", mode="once") as cassette:
        client = PetstoreClient(endpoint, key, transport=cassette.transport())
        client.get_pet("7")

Rules:

- A cassette is JSON for people to read: one exchange after the other, in the order in which they began, bodies as JSON
  or text where they are such. The same recording gives the same file.
- No secret is written, see `clientsmith.core.testing.redaction`.
- ``mode``: ``"none"`` plays and never records; ``"once"`` records if there is no file yet, and plays else; ``"all"``
  records anew. A request that the cassette does not have is an error, never a request to the network.
- Requests are compared as they would be written. In order, each has to be the next one recorded; with
  ``in_order=False``, for programs with several threads or tasks, each takes the first one that fits and is left.
- While it plays, time is virtual: waits are over at once.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Self, TypeAlias, TypeVar, cast

from .. import errors
from ..errors import TransportError
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting
from ..streaming.responses import AsyncStreamedResponse, StreamedResponse
from ..transport.base import TRANSPORT_SETTINGS
from .answers import Answer
from .clock import VirtualClock
from .redaction import Redaction
from .scripted import AsyncScriptedTransport, ScriptedTransport, read_content, read_content_async

if TYPE_CHECKING:
    from ..transport.base import AsyncTransport, Transport

__all__ = ["AsyncCassetteTransport", "Cassette", "CassetteError", "CassetteTransport", "Mode"]

TransportT = TypeVar("TransportT", bound="Transport | AsyncTransport")

Mode: TypeAlias = Literal["none", "once", "all"]
Exchange: TypeAlias = "dict[str, dict[str, Any]]"
"""``request``, and ``response``, ``error``, or both of a body that broke off, as they are written."""

_FORMAT: Final = 1

# What a transport says about the way of the bytes; the body is written as it was read.
_ROAD_HEADERS: Final = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}
)


class CassetteError(AssertionError):
    """A request that the cassette does not have, or a cassette that cannot be read.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(path, message)
        self.path = path

    def __str__(self) -> str:
        return f"cassette {self.path}: {self.args[1]}"


class Cassette:
    """A file with exchanges, see the rules of this module. Leaving its ``with`` block without an error writes it.

    Any number of threads and tasks may use it.

    Args:
        path: The file; its folder is made when it is written.
        mode: Whether to record.
        in_order: Whether requests have to come in the order in which they were recorded.
        match: What of a request has to be the same: ``"method"``, ``"url"``, ``"body"``.
        redaction: What else is secret, and what is not.

    Attributes:
        is_recording: Whether requests go to the service.

    Raises:
        CassetteError: The file is not there, or is no cassette.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        mode: Mode = "none",
        in_order: bool = True,
        match: Collection[str] = ("method", "url", "body"),
        redaction: Redaction | None = None,
    ) -> None:
        self.path = Path(path)
        self.is_recording = mode == "all" or (mode == "once" and not self.path.exists())
        self._redaction = redaction or Redaction()
        self._match = [name for part in match for name in (_BODY_KEYS if part == "body" else (part,))]
        self._in_order = in_order
        self._mutex = threading.Lock()
        self._exchanges: list[Exchange] = [] if self.is_recording else self._load()
        self._left = list(range(len(self._exchanges)))
        self.clock = VirtualClock()

    def transport(self, inner: Transport | None = None) -> CassetteTransport:
        """Return a transport that records what goes over ``inner``, or that plays.

        Without ``inner`` a `RequestsTransport` is made when there is something to record.
        """
        if inner is None and self.is_recording:
            from ..transport.requests import RequestsTransport  # only where requests are sent

            inner = RequestsTransport()
        return CassetteTransport(self, inner)

    def async_transport(self, inner: AsyncTransport | None = None) -> AsyncCassetteTransport:
        """Return the async twin of `transport`, by default over an `AioHttpTransport`."""
        if inner is None and self.is_recording:
            from ..transport.aiohttp import AioHttpTransport  # only where requests are sent

            inner = AioHttpTransport()
        return AsyncCassetteTransport(self, inner)

    @property
    def unused(self) -> list[str]:
        """The requests that were recorded and have not been played, by method and URL."""
        requests = [self._exchanges[place]["request"] for place in self._left]
        return [f"{request['method']} {request['url']}" for request in requests]

    def save(self) -> None:
        """Write what was recorded; does nothing if nothing was to be recorded."""
        if not self.is_recording:
            return
        with self._mutex:
            # Only now, for a secret may have shown itself as one late: in the answer to the last request.
            document = _scrubbed({"format": _FORMAT, "exchanges": self._exchanges}, self._redaction)
        text = json.dumps(document, indent=2, ensure_ascii=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.save()

    # --- recording ---

    def begin(self, request: HttpRequest, content: bytes) -> Exchange:
        """Write a request down before it is sent; `complete` or `fail` says how it went."""
        exchange: Exchange = {"request": self._written(request, content)}
        with self._mutex:
            self._exchanges.append(exchange)
        return exchange

    def complete(self, exchange: Exchange, response: HttpResponse, content: bytes) -> None:
        """Write down the answer."""
        with self._mutex:
            fields = {n: v for n, v in response.headers.items() if n.lower() not in _ROAD_HEADERS}
            exchange["response"] = {
                "status": response.status_code,
                **({"reason": response.reason} if response.reason else {}),
                "headers": _sorted(self._redaction.headers(fields, is_request=False)),
                **self._body(content, response.content_type),
            }

    def fail(self, exchange: Exchange, error: TransportError) -> None:
        """Write down that there was no whole answer."""
        exchange["error"] = {
            "type": type(error).__name__,
            "message": str(error.args[0]),
            "is_unsent": error.is_unsent,
            "is_transient": error.is_transient,
        }

    def _written(self, request: HttpRequest, content: bytes) -> dict[str, Any]:
        with self._mutex:
            kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return {
                "method": request.method,
                "url": self._redaction.url(request.url),
                "headers": _sorted(self._redaction.headers(request.headers, is_request=True)),
                **self._body(content, kind),
            }

    def _body(self, content: bytes, kind: str) -> dict[str, Any]:
        """Return a body in the form that people read best."""
        if not content:
            return {}
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(content).decode()}
        if kind == "application/x-www-form-urlencoded":
            return {"text": self._redaction.form(text)}
        if kind == "application/json" or kind.endswith("+json"):
            try:
                return {"json": self._redaction.json(json.loads(text))}
            except ValueError:
                return {"text": text}
        return {"text": text}

    # --- playing ---

    def play(self, request: HttpRequest, content: bytes) -> Answer | Exception:
        """Return what the service said to this request.

        Raises:
            CassetteError: The cassette does not have it.
        """
        wanted = _scrubbed(self._written(request, content), self._redaction)
        with self._mutex:
            places = self._left[:1] if self._in_order else self._left
            for place in places:
                if not self._differences(wanted, self._exchanges[place]["request"]):
                    self._left.remove(place)
                    return self._said(self._exchanges[place], request)
            raise CassetteError(self.path, self._missing(wanted, places))

    def _differences(self, wanted: dict[str, Any], recorded: dict[str, Any]) -> list[str]:
        return [name for name in self._match if wanted.get(name) != recorded.get(name)]

    def _missing(self, wanted: dict[str, Any], places: list[int]) -> str:
        asked = f"{wanted['method']} {wanted['url']}"
        hint = "record it anew (mode='all', --record=all)"
        if not places:
            return f"{asked} was sent, and all {len(self._exchanges)} recorded requests were played; {hint}"
        # Of several candidates the nearest one is shown.
        nearest = min(places, key=lambda place: len(self._differences(wanted, self._exchanges[place]["request"])))
        recorded = self._exchanges[nearest]["request"]
        shown = [
            f"{name} is {_short(wanted.get(name))}, recorded is {_short(recorded.get(name))}"
            for name in self._differences(wanted, recorded)
        ]
        return f"{asked} is not what was recorded as request {nearest + 1}: {'; '.join(shown)}; {hint}"

    def _said(self, exchange: Exchange, request: HttpRequest) -> Answer | Exception:
        said, told = exchange.get("response"), exchange.get("error")
        error = _error_of(told, request) if told is not None else None
        if said is None:
            return error or CassetteError(self.path, "a request was recorded without its answer; record it anew")
        content = _content_of(said)
        return Answer(
            said["status"],
            content=content,
            chunks=None if error is None else [content, error],
            headers=said["headers"],
            reason=said.get("reason", ""),
        )

    def _load(self) -> list[Exchange]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CassetteError(
                self.path, "there is no such file; record it (mode='once', pytest --record=once)"
            ) from None
        except ValueError as error:
            raise CassetteError(self.path, f"it is no JSON: {error}") from error
        if not isinstance(document, dict) or cast("dict[str, Any]", document).get("format") != _FORMAT:
            raise CassetteError(self.path, f"it is no cassette of format {_FORMAT}; record it anew (mode='all')")
        return cast("list[Exchange]", document["exchanges"])


_BODY_KEYS: Final = ("json", "text", "base64")


def _sorted(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): headers[name] for name in sorted(headers, key=str.lower)}


def _content_of(written: dict[str, Any]) -> bytes:
    if "json" in written:
        return json.dumps(written["json"], ensure_ascii=False).encode()
    if "base64" in written:
        return base64.b64decode(written["base64"])
    return str(written.get("text", "")).encode()


def _error_of(told: dict[str, Any], request: HttpRequest) -> TransportError:
    kind = getattr(errors, told["type"], None)
    if not (isinstance(kind, type) and issubclass(kind, TransportError)):
        kind = TransportError
    return kind(told["message"], request=request, is_unsent=told["is_unsent"], is_transient=told["is_transient"])


def _scrubbed(value: Any, redaction: Redaction) -> Any:
    """Return a JSON value without anything that was found to be a secret."""
    if isinstance(value, str):
        return redaction.everywhere(value)
    if isinstance(value, list):
        return [_scrubbed(item, redaction) for item in cast("Iterable[Any]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if "base64" in fields and isinstance(fields["base64"], str):
            fields = {**fields, "base64": _scrubbed_bytes(fields["base64"], redaction)}
        return {redaction.everywhere(name): _scrubbed(item, redaction) for name, item in fields.items()}
    return value


def _scrubbed_bytes(encoded: str, redaction: Redaction) -> str:
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
    except ValueError:  # a field of some JSON that only has this name
        return encoded
    return base64.b64encode(redaction.everywhere(text).encode("utf-8", "surrogateescape")).decode()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


# --- transports ------------------------------------------------------------------------------------------------------


class _Recorder:
    """A body that is written down while it is read; as far as it was read, if it is given up."""

    def __init__(self, cassette: Cassette, exchange: Exchange, response: HttpResponse) -> None:
        self._cassette, self._exchange, self._response = cassette, exchange, response
        self._pieces: list[bytes] = []
        self._is_written = False

    def keep(self, chunk: bytes) -> bytes:
        self._pieces.append(chunk)
        if not chunk:
            self._write()
        return chunk

    def broke_off(self, error: TransportError) -> None:
        self._write()
        self._cassette.fail(self._exchange, error)

    def abandon(self) -> None:
        self._response.abandon()
        self._write()

    def _write(self) -> None:
        if not self._is_written:
            self._is_written = True
            self._cassette.complete(self._exchange, self._response, b"".join(self._pieces))


class _Tape(Generic[TransportT]):
    """What both colours share: a cassette, and a transport below while it records."""

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    def __init__(self, cassette: Cassette, inner: TransportT | None) -> None:
        self.cassette = cassette
        self._inner = inner if cassette.is_recording else None

    def monotonic(self) -> float:
        """Return the time: the real one while it records, a virtual one while it plays."""
        return self.cassette.clock.now if self._inner is None else self._inner.monotonic()

    def _line(self, request: HttpRequest) -> Answer | Exception:
        return self.cassette.play(request, cast("bytes | None", request.content) or b"")


class _SyncRecorder(_Recorder):
    def read(self, size: int, /) -> bytes:
        try:
            return self.keep(cast(StreamedResponse, self._response).read_some(size))
        except TransportError as error:
            self.broke_off(error)
            raise


class CassetteTransport(_Tape["Transport"]):
    """A sync transport that records or plays a cassette; see `Cassette.transport`."""

    def __init__(self, cassette: Cassette, inner: Transport | None) -> None:
        super().__init__(cassette, inner)
        self._player = ScriptedTransport(self._line, repeat=True, clock=cassette.clock)

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Send the request and write down what happens, or say what was recorded."""
        content = read_content(request.content)
        request.content = content or None
        if self._inner is None:
            return self._player.send(request)
        exchange = self.cassette.begin(request, content)
        try:
            response = self._inner.send(request)
        except TransportError as error:
            self.cassette.fail(exchange, error)
            raise
        if response.body is None:
            self.cassette.complete(exchange, response, response.content)
            return response
        body = _SyncRecorder(self.cassette, exchange, response)
        return StreamedResponse(request, response.status_code, response.headers, reason=response.reason, body=body)

    def sleep(self, seconds: float, /) -> None:
        """Wait, really or virtually."""
        (self._inner or self._player).sleep(seconds)

    def close(self) -> None:
        """Close the transport below."""
        (self._inner or self._player).close()


class _AsyncRecorder(_Recorder):
    async def read(self, size: int, /) -> bytes:
        try:
            return self.keep(await cast(AsyncStreamedResponse, self._response).read_some(size))
        except TransportError as error:
            self.broke_off(error)
            raise


class AsyncCassetteTransport(_Tape["AsyncTransport"]):
    """The async twin of `CassetteTransport`."""

    def __init__(self, cassette: Cassette, inner: AsyncTransport | None) -> None:
        super().__init__(cassette, inner)
        self._player = AsyncScriptedTransport(self._line, repeat=True, clock=cassette.clock)

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Send the request and write down what happens, or say what was recorded."""
        content = await read_content_async(request.content)
        request.content = content or None
        if self._inner is None:
            return await self._player.send(request)
        exchange = self.cassette.begin(request, content)
        try:
            response = await self._inner.send(request)
        except TransportError as error:
            self.cassette.fail(exchange, error)
            raise
        if response.body is None:
            self.cassette.complete(exchange, response, response.content)
            return response
        body = _AsyncRecorder(self.cassette, exchange, response)
        return AsyncStreamedResponse(request, response.status_code, response.headers, reason=response.reason, body=body)

    async def sleep(self, seconds: float, /) -> None:
        """Wait, really or virtually."""
        await (self._inner or self._player).sleep(seconds)

    async def close(self) -> None:
        """Close the transport below."""
        await (self._inner or self._player).close()
