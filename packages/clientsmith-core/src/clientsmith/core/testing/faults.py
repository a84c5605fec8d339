"""Faults on the road, made on purpose: what happens to a client when the network does what networks do.

    transport = FaultyTransport(ScriptedTransport(Answer(json=1), repeat=True), Reset(), None, Status(503))

A fault is data; `_Road` carries it out as steps without I/O, so both colours meet the same. Faults stand between the
policies and the transport: retries, budgets and deadlines see them as they would see the real thing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from random import Random
from typing import TYPE_CHECKING, ClassVar, Generic, TypeAlias, TypeVar

from ..errors import ServiceRequestError, ServiceResponseError, ServiceResponseTimeoutError
from ..pipeline import IO, AsyncIO, Flow, Sleep, Steps, drive, drive_async
from ..rest import Call, HttpRequest, HttpResponse
from ..settings import Setting
from ..streaming.responses import AsyncStreamedResponse, StreamedResponse
from ..streaming.source import ReadSome
from ..transport.base import TRANSPORT_SETTINGS, timeouts_of
from .clock import VirtualClock

if TYPE_CHECKING:
    from ..transport.base import AsyncTransport, Transport

__all__ = [
    "AsyncFaultyTransport",
    "Drip",
    "Fault",
    "FaultyTransport",
    "Latency",
    "LostAnswer",
    "Reset",
    "Status",
    "Truncate",
]

TransportT = TypeVar("TransportT", bound="Transport | AsyncTransport")


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is gone before the request is sent: the service has not seen it."""


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """The service gets the request and acts on it, and the connection is gone before its answer comes."""


@dataclass(frozen=True, slots=True)
class Latency:
    """So many seconds pass before the header comes; longer than ``read_timeout``, it never comes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """A proxy answers instead of the service: a storm of 429 or 503 for example."""

    status_code: int = 503
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Truncate:
    """The body breaks off after so many bytes. A shorter body comes whole."""

    after: int


@dataclass(frozen=True, slots=True)
class Drip:
    """The body comes in pieces of so many bytes, so many seconds apart."""

    size: int
    seconds: float

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"a body comes in pieces of at least 1 byte, not of {self.size}")


Fault: TypeAlias = Reset | LostAnswer | Latency | Status | Truncate | Drip


class _Road(Generic[TransportT]):
    """Decides what happens to which request.

    Args:
        inner: The transport below; its time is the time.
        *script: What happens to the first request, the second one …; None: nothing. After the last one all is well.
        rates: Fault → how often it happens, from 0 to 1, instead of a script.
        seed: Which accidents these are: the same ones for the same number.
        repeat: Whether to begin again after the last one of the script.

    Attributes:
        happened: What happened to each request so far, in order; None where all went well.
    """

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    def __init__(
        self,
        inner: TransportT,
        *script: Fault | None,
        rates: Mapping[Fault, float] | None = None,
        seed: int = 0,
        repeat: bool = False,
    ) -> None:
        total = fsum((rates or {}).values())
        if total > 1 or any(rate < 0 for rate in (rates or {}).values()):
            raise ValueError(f"the rates add up to {total:g}; none is below 0, and together they are at most 1")
        if script and rates:
            raise ValueError("faults come from a script or by their rates, not both")
        self._script: Sequence[Fault | None] = script
        self._rates = dict(rates or {})
        self._random = Random(seed)  # to be repeatable is the point
        self._repeat = repeat
        self._mutex = threading.Lock()
        self._inner = inner
        # Silence is not a sleep: on a scripted transport it must not show among the waits of the policies.
        clock = getattr(inner, "clock", None)
        self._clock: VirtualClock | None = clock if isinstance(clock, VirtualClock) else None
        self.happened: list[Fault | None] = []

    def monotonic(self) -> float:
        """Return the time of the transport below."""
        return self._inner.monotonic()

    def _next(self) -> Fault | None:
        with self._mutex:
            fault = self._by_rate() if self._rates else self._by_script()
            self.happened.append(fault)
        return fault

    def _by_script(self) -> Fault | None:
        place = len(self.happened)
        if self._repeat and self._script:
            place %= len(self._script)
        return self._script[place] if place < len(self._script) else None

    def _by_rate(self) -> Fault | None:
        drawn = self._random.random()
        for fault, rate in self._rates.items():
            drawn -= rate
            if drawn < 0:
                return fault
        return None

    def _exchange(self, request: HttpRequest, fault: Fault | None) -> Flow:
        """Send a request over a road with this fault; yields what has to be sent and waited."""
        if isinstance(fault, Reset):
            raise ServiceRequestError("the connection was reset (injected)", request=request, is_unsent=True)
        if isinstance(fault, Status):
            headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
            return HttpResponse(request, fault.status_code, headers, b"")
        if isinstance(fault, Latency):
            yield from _silence(fault.seconds, request, request.call)
        response = yield request
        if isinstance(fault, LostAnswer):
            response.abandon()
            raise ServiceResponseError("the connection was closed without an answer (injected)", request=request)
        if isinstance(fault, Truncate | Drip) and response.body is None:
            yield from _whole(response, fault)
        return response


def _silence(seconds: float, request: HttpRequest, call: Call) -> Steps[None]:
    """Wait, for no longer than a transport listens."""
    _, patience = timeouts_of(request)
    yield Sleep(min(seconds, patience), call)
    if seconds > patience:
        message = f"nothing came within read_timeout={patience:g} s (injected)"
        raise ServiceResponseTimeoutError(message, request=request)


def _whole(response: HttpResponse, fault: Truncate | Drip) -> Steps[None]:
    """Let a body that is read by the transport meet its fault."""
    size = len(response.content)
    if isinstance(fault, Drip):
        for _ in range(size // fault.size):
            yield from _silence(fault.seconds, response.request, response.request.call)
    elif fault.after < size:
        raise _cut_off(response, fault)


def _cut_off(response: HttpResponse, fault: Truncate) -> ServiceResponseError:
    message = f"the answer broke off after {fault.after} bytes (injected)"
    return ServiceResponseError(message, request=response.request)


class _FaultyBody:
    """A streamed body on a road with a fault."""

    def __init__(self, response: HttpResponse, fault: Truncate | Drip) -> None:
        self._response, self._fault = response, fault
        self._done = 0
        call = response.request.call
        self._call = Call(call.settings, clock=call.clock)  # while a body is streamed, no deadline counts

    def steps(self, size: int) -> Steps[bytes]:
        chunk = (
            yield from self._cut(size, self._fault)
            if isinstance(self._fault, Truncate)
            else self._drip(size, self._fault)
        )
        self._done += len(chunk)
        return chunk

    def _cut(self, size: int, fault: Truncate) -> Steps[bytes]:
        left = fault.after - self._done
        chunk = yield from ReadSome(self._response, min(size, left) or 1)
        if chunk and not left:  # there is more, and the road ends here
            self.abandon()
            raise _cut_off(self._response, fault)
        return chunk

    def _drip(self, size: int, fault: Drip) -> Steps[bytes]:
        if self._done:
            try:
                yield from _silence(fault.seconds, self._response.request, self._call)
            except ServiceResponseTimeoutError:
                self.abandon()
                raise
        return (yield from ReadSome(self._response, min(size, fault.size)))

    def abandon(self) -> None:
        self._response.abandon()


class _SyncBody(_FaultyBody):
    def __init__(self, response: HttpResponse, fault: Truncate | Drip, io: IO) -> None:
        super().__init__(response, fault)
        self._io = io

    def read(self, size: int, /) -> bytes:
        return drive(self.steps(size), self._io)


class _AsyncBody(_FaultyBody):
    def __init__(self, response: HttpResponse, fault: Truncate | Drip, io: AsyncIO) -> None:
        super().__init__(response, fault)
        self._io = io

    async def read(self, size: int, /) -> bytes:
        return await drive_async(self.steps(size), self._io)


class _Wire:
    """What the steps of a fault are carried out with."""

    def __init__(self, inner: Transport, clock: VirtualClock | None) -> None:
        self.send = inner.send
        self.sleep = inner.sleep if clock is None else clock.advance


class FaultyTransport(_Road["Transport"]):
    """A sync transport with faults on its road."""

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Send the request, and let happen what happens."""
        fault, wire = self._next(), _Wire(self._inner, self._clock)
        response = drive(self._exchange(request, fault), wire)
        if not isinstance(fault, Truncate | Drip) or response.body is None:
            return response
        body = _SyncBody(response, fault, wire)
        return StreamedResponse(request, response.status_code, response.headers, reason=response.reason, body=body)

    def sleep(self, seconds: float, /) -> None:
        """Wait as the transport below does."""
        self._inner.sleep(seconds)

    def close(self) -> None:
        """Close the transport below."""
        self._inner.close()


class _AsyncWire:
    """The async twin of `_Wire`."""

    def __init__(self, inner: AsyncTransport, clock: VirtualClock | None) -> None:
        self.send = inner.send
        self._inner, self._clock = inner, clock

    async def sleep(self, seconds: float, /) -> None:
        if self._clock is None:
            await self._inner.sleep(seconds)
        else:
            self._clock.advance(seconds)


class AsyncFaultyTransport(_Road["AsyncTransport"]):
    """The async twin of `FaultyTransport`."""

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Send the request, and let happen what happens."""
        fault, wire = self._next(), _AsyncWire(self._inner, self._clock)
        response = await drive_async(self._exchange(request, fault), wire)
        if not isinstance(fault, Truncate | Drip) or response.body is None:
            return response
        body = _AsyncBody(response, fault, wire)
        return AsyncStreamedResponse(request, response.status_code, response.headers, reason=response.reason, body=body)

    async def sleep(self, seconds: float, /) -> None:
        """Wait as the transport below does."""
        await self._inner.sleep(seconds)

    async def close(self) -> None:
        """Close the transport below."""
        await self._inner.close()
