"""Leaves a service alone that is down, instead of asking it again and again.

The states are the field's: *closed*, everything passes; *open*, nothing does, for a while; *half open*, one request
tries whether the service is back, and its outcome decides.

A failure is no answer at all or one that says that the service is not itself: 500, 502, 503, 504. What the caller did
wrong (4xx) proves that the service works. Each origin is judged by itself.
"""

from __future__ import annotations

import threading
from typing import ClassVar, Final

from .._origin import Origin, origin_of
from ..errors import CircuitOpenError, TransportError
from ..pipeline import Flow
from ..rest import HttpRequest
from ..settings import Setting

__all__ = ["CircuitBreakerPolicy"]

_DOWN: Final = frozenset({500, 502, 503, 504})


class CircuitBreakerPolicy:
    """Fails at once with `CircuitOpenError` while a service is down. It belongs below retries: each attempt counts.

    Args:
        max_failures: Failures in a row that open the circuit.
        rest_seconds: How long the service is left alone before one request tries again.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("circuit_breaker_enabled", True, "whether a service that is down is left alone for a while"),
    )

    # Five in a row is what a single call with its three retries does not reach by itself.
    def __init__(self, max_failures: int = 5, rest_seconds: float = 30.0) -> None:
        self._max_failures = max_failures
        self._rest_seconds = rest_seconds
        self._circuits: dict[Origin, _Circuit] = {}

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request if its service is not known to be down.

        Raises:
            CircuitOpenError: It is, and nothing was sent.
        """
        if not request.call.settings["circuit_breaker_enabled"]:
            return (yield request)
        origin = origin_of(request.url)
        circuit = self._circuits.get(origin) or self._circuits.setdefault(origin, _Circuit())
        wait = circuit.enter(request.call.clock())
        if wait > 0.0:
            raise CircuitOpenError(
                f"{origin.host}:{origin.port} failed {self._max_failures} times in a row and is left alone for "
                f"{wait:.3g} s more; nothing was sent",
                request=request,
                retry_after=wait,
            )
        try:
            response = yield request
        except TransportError:
            circuit.failed(self._max_failures, request.call.clock() + self._rest_seconds)
            raise
        except BaseException:
            circuit.gave_up()  # cancelled, or a mistake of the caller's: that says nothing about the service
            raise
        if response.status_code in _DOWN:
            circuit.failed(self._max_failures, request.call.clock() + self._rest_seconds)
        else:
            circuit.succeeded()
        return response


class _Circuit:
    """How one service stands. ``_tries_at`` is when the next request may try, on the call's clock; None is closed."""

    # While the request that tries is on its way the others wait for it; they are told to come back after this.
    _TRYING: Final = 1.0

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._failures = 0
        self._tries_at: float | None = None
        self._is_trying = False

    def enter(self, now: float) -> float:
        """Return 0.0 if the request may pass, else in how many seconds one may."""
        if self._tries_at is None:  # unguarded on purpose: closed, the usual case, takes no lock
            return 0.0
        with self._mutex:
            return self._wait(now)

    def _wait(self, now: float) -> float:
        if self._tries_at is None:
            return 0.0
        if now < self._tries_at:
            return self._tries_at - now
        if self._is_trying:
            return self._TRYING
        self._is_trying = True
        return 0.0

    def failed(self, max_failures: int, tries_at: float) -> None:
        with self._mutex:
            self._failures += 1
            if self._is_trying or self._failures >= max_failures:
                self._tries_at = tries_at
            self._is_trying = False

    def succeeded(self) -> None:
        if self._failures == 0 and self._tries_at is None:
            return
        with self._mutex:
            self._failures = 0
            self._tries_at = None
            self._is_trying = False

    def gave_up(self) -> None:
        with self._mutex:
            self._is_trying = False
