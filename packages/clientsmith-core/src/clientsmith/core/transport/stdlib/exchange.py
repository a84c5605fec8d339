"""One request and its answer on a connection, without the I/O: how long it may take, how far it came, what went wrong.

Both transports of the standard library carry an `Http1Exchange` out; how far it came tells what an error means.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, TypeVar

from ...errors import TransportError
from ...rest import HttpRequest, HttpResponse, OpenBody
from .. import _failures as failures
from .._deadline import Exchange
from .._decompression import DecompressError
from ..base import KEEP_ALIVE_SECONDS, timeouts_of
from .bodies import Answer, AnswerBody
from .http1 import AnswerError, CutError, Fields, Head, asks_to_close
from .route import Route

__all__ = ["CONNECTION_ENDED", "LOWER_ERRORS", "Http1Exchange", "Opening", "Phase", "is_refusal"]

S = TypeVar("S", bound=HttpResponse)

# What goes wrong on the road: the system's errors, and those of our own reading.
LOWER_ERRORS: Final = (OSError, AnswerError, CutError, DecompressError)

# The other side has closed the connection, in one way or another.
CONNECTION_ENDED: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class Http1Exchange(Exchange):
    """One request and its answer.

    Attributes:
        request: What is sent.
        answer: What comes back, as far as it came.
        place: ``host:port``, for messages.
        is_ours: Whether it was us who closed the connection: then nothing follows about what the service has seen.
        is_last: Whether the connection cannot serve another request, whatever the answer says.
    """

    __slots__ = ("answer", "is_last", "is_ours", "place", "request")

    def __init__(self, request: HttpRequest, place: str) -> None:
        super().__init__(request.call, *timeouts_of(request))
        self.request = request
        self.place = place
        self.answer = Answer(request.method)
        self.is_ours = False
        self.is_last = "connection" in request.headers and asks_to_close(request.headers["connection"])

    def patience(self) -> float:
        """Return how many seconds the other side may take to take or to send something; errors as `within`."""
        return self.within(self.read_timeout)

    def feed(self, data: bytes) -> AnswerBody | None:
        """Take what came, b"" for the end of the connection; return the body once the final head is there."""
        if data:
            self.has_answer = True
        body = self.answer.feed(data)
        if body is not None and self.request.call.as_stored and self.is_streamed(body.head):
            body.leave_packed()
        return body

    # --- the answer ---

    def is_streamed(self, head: Head) -> bool:
        """Whether the caller reads the body of this answer."""
        return self.request.call.stream and 200 <= head.status < 300

    def response(self, head: Head, content: bytes) -> HttpResponse:
        """Return the response whose body has been read."""
        return HttpResponse(self.request, head.status, Fields(head), content, reason=head.reason)

    def streamed(self, kind: Callable[..., S], head: Head, body: OpenBody) -> S:
        """Return the response whose body the caller reads; from now on only silence is too late."""
        self.deadline = None
        return kind(self.request, head.status, Fields(head), reason=head.reason, body=body)

    def idle_seconds(self, body: AnswerBody) -> float:
        """Return how long the connection may wait for its next request, 0.0 if it can serve none."""
        if self.is_last or not body.is_reusable:
            return 0.0
        announced = body.head.idle_seconds
        # A second less than the server says: it closes when its own clock says so, our request may be on its way then.
        return KEEP_ALIVE_SECONDS if announced is None else min(KEEP_ALIVE_SECONDS, announced - 1.0)

    # --- errors ---

    def translated(self, error: Exception) -> TransportError:
        """Return what an error means at this point of the exchange."""
        request, place = self.request, self.place
        if isinstance(error, TransportError):
            return error
        if isinstance(error, AnswerError):
            return failures.no_http(request, place, error)
        if isinstance(error, DecompressError):
            return failures.cannot_decompress(request, place, error)
        if isinstance(error, TimeoutError):
            return self._timed_out()
        is_cut = isinstance(error, (*CONNECTION_ENDED, CutError))
        if is_cut and not self.has_answer:
            return failures.closed_without_answer(request, place, error, is_reused=self.is_reused and not self.is_ours)
        if not self.is_sent:
            return failures.not_sent(request, place, error)
        return failures.broke_off(request, place, error)

    def _timed_out(self) -> TransportError:
        if self.is_last_wait:
            return failures.deadline_passed(self.request, self.place)
        if not self.is_sent:
            return failures.not_sent(self.request, self.place, f"it took nothing for {self.read_timeout:g} s")
        return failures.answer_timed_out(self.request, self.place, self.read_timeout)


# --- opening a connection --------------------------------------------------------------------------------------------


class Phase(Enum):
    """How far the opening of a connection has come."""

    CONNECT = auto()
    TUNNEL = auto()
    TLS = auto()


class Opening:
    """A connection that is being opened for an exchange: how long that may take, and what an error means.

    ``connect_timeout`` is for all of it: name, addresses, the proxy's answer, TLS.
    """

    __slots__ = ("_ends_at", "exchange", "phase", "route")

    def __init__(self, route: Route, exchange: Http1Exchange) -> None:
        self.route = route
        self.exchange = exchange
        self.phase = Phase.CONNECT
        self._ends_at = time.monotonic() + exchange.connect_timeout

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: There are none.
        """
        left = self._ends_at - time.monotonic()
        if left <= 0.0:
            raise TimeoutError
        return self.exchange.within(left)

    def tunnel_opened(self, body: AnswerBody) -> None:
        """Look at what the proxy said to ``CONNECT``.

        Raises:
            OSError: It would not.
        """
        if body.head.status >= 300:
            raise OSError(f"it answered {body.head.status} {body.head.reason}")
        if body.has_surplus:  # TLS begins with us: whatever this is, it is not the service
            raise OSError("it sent something of its own into the tunnel")

    def translated(self, error: Exception) -> TransportError:
        """Return what an error means at this point."""
        request, place = self.exchange.request, self.exchange.place
        if isinstance(error, TransportError):
            return error
        if isinstance(error, TimeoutError):
            if self.exchange.is_last_wait:
                return failures.deadline_passed(request, place)
            return failures.connect_timed_out(request, place, self.exchange.connect_timeout)
        if self.phase is Phase.TLS:
            is_untrusted = isinstance(error, ssl.SSLCertVerificationError)
            return (failures.not_verified if is_untrusted else failures.tls_failed)(request, place, error)
        if self.route.is_proxied:
            return failures.no_proxy(request, place, error)
        if isinstance(error, socket.gaierror):
            return failures.not_resolved(request, place, error)
        return failures.not_connected(request, place, error)


def is_refusal(received: bytes) -> bool:
    """Whether what came while a body is being sent is a refusal, so that sending the rest is no use.

    RFC 9112, section 9.5: the client "SHOULD immediately cease transmitting the body". After any other answer the body
    goes on: an interim one asks for it, and a service may well begin to answer what it has not read to its end.
    """
    while received[9:10] == b"1" and b"\r\n\r\n" in received:
        received = received.partition(b"\r\n\r\n")[2]
    return received[9:10] in (b"4", b"5")
