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

import json
import os
import threading
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias, cast

from ..errors import TransportError
from ..rest import HttpRequest, HttpResponse
from .answers import Answer
from .clock import VirtualClock
from .exchanges import (
    BODY_KEYS,
    Exchange,
    answer_of,
    error_of,
    scrubbed,
    written_error,
    written_request,
    written_response,
)
from .redaction import Redaction
from .taping import AsyncCassetteTransport, CassetteTransport

if TYPE_CHECKING:
    from ..transport.base import AsyncTransport, Transport

__all__ = ["Cassette", "CassetteError", "Mode"]

Mode: TypeAlias = Literal["none", "once", "all"]

_FORMAT: Final = 1


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
        self._match = [name for part in match for name in (BODY_KEYS if part == "body" else (part,))]
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
            document = scrubbed({"format": _FORMAT, "exchanges": self._exchanges}, self._redaction)
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
        with self._mutex:
            exchange: Exchange = {"request": written_request(request, content, self._redaction)}
            self._exchanges.append(exchange)
        return exchange

    def complete(self, exchange: Exchange, response: HttpResponse, content: bytes) -> None:
        """Write down the answer."""
        with self._mutex:
            exchange["response"] = written_response(response, content, self._redaction)

    def fail(self, exchange: Exchange, error: TransportError) -> None:
        """Write down that there was no whole answer."""
        with self._mutex:
            exchange["error"] = written_error(error)

    # --- playing ---

    def play(self, request: HttpRequest, content: bytes) -> Answer | Exception:
        """Return what the service said to this request.

        Raises:
            CassetteError: The cassette does not have it.
        """
        with self._mutex:
            wanted = written_request(request, content, self._redaction)
            places = self._left[:1] if self._in_order else self._left
            for place in places:
                if self._fits(wanted, self._exchanges[place]["request"]):
                    self._left.remove(place)
                    return self._said(self._exchanges[place], request)
            raise CassetteError(self.path, self._missing(wanted, places))

    def _fits(self, wanted: dict[str, Any], recorded: dict[str, Any]) -> bool:
        # As it is as well: a key of a test, "petstore" say, hides more of a request than the real one did.
        return not self._differences(wanted, recorded) or not self._differences(
            scrubbed(wanted, self._redaction), recorded
        )

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
        error = error_of(told, request) if told is not None else None
        if said is None:
            return error or CassetteError(self.path, "a request was recorded without its answer; record it anew")
        return answer_of(said, error)

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


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
