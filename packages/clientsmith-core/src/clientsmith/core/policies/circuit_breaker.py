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
from ..settings import Setting, flag

__all__ = ["CircuitBreakerPolicy"]

_DOWN: Final = frozenset({500, 502, 503, 504})


class CircuitBreakerPolicy:
    """Fails at once with `CircuitOpenError` while a service is down. It belongs below retries: each attempt counts.

    Args:
        max_failures: Failures in a row that open the circuit.
        rest_seconds: How long the service is left alone before one request tries again.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "circuit_breaker_enabled", True, "whether a service that is down is left alone for a while", check=flag
        ),
    )

    # Five in a row is what a single call with its three retries does not reach by itself.
    def __init__(self, max_failures: int = 5, rest_seconds: float = 30.0) -> None:
        self._max_failures = max_failures
        self._rest_seconds = rest_seconds
        # Of those that failed lately, each as good as forgotten when it answers: a client may meet any number of hosts.
        self._circuits: dict[Origin, _Circuit] = {}

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request if its service is not known to be down.

        Raises:
            CircuitOpenError: It is, and nothing was sent.
        """
        call = request.call
        if not call.settings["circuit_breaker_enabled"]:
            return (yield request)
        origin = origin_of(request.url)
        circuit = self._circuits.get(origin)
        is_trial = circuit is not None and self._passes_as_trial(circuit, request, origin)
        sent_before = call.attempts
        try:
            response = yield request
        except BaseException as error:
            # Cancelled, a mistake of the caller's, a wait below that was too long: that says nothing about the service.
            if isinstance(error, TransportError) and call.attempts > sent_before:
                self._failed(origin, is_trial, call.clock())
            elif circuit is not None and is_trial:
                circuit.give_up()
            raise
        if response.status_code in _DOWN:
            self._failed(origin, is_trial, call.clock())
        else:
            self._circuits.pop(origin, None)
        return response

    def _passes_as_trial(self, circuit: _Circuit, request: HttpRequest, origin: Origin) -> bool:
        wait, is_trial = circuit.enter(request.call.clock())
        if wait > 0.0:
            raise CircuitOpenError(
                f"{origin.host}:{origin.port} failed {self._max_failures} times in a row and is left alone for "
                f"{wait:.3g} s more; nothing was sent",
                request=request,
                retry_after=wait,
            )
        return is_trial

    def _failed(self, origin: Origin, is_trial: bool, now: float) -> None:
        circuit = self._circuits.get(origin) or self._circuits.setdefault(origin, _Circuit())
        circuit.fail(is_trial, self._max_failures, now + self._rest_seconds)


class _Circuit:
    """How one service stands. ``_tries_at`` is when the next request may try, on the call's clock; None is closed."""

    # While the request that tries is on its way the others wait for it; they are told to come back after this.
    _TRYING: Final = 1.0

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._failures = 0
        self._tries_at: float | None = None
        self._is_trying = False

    def enter(self, now: float) -> tuple[float, bool]:
        """Return in how many seconds a request may pass, 0.0 for at once, and whether it is the one that tries."""
        with self._mutex:
            if self._tries_at is None:
                return 0.0, False
            if now < self._tries_at:
                return self._tries_at - now, False
            if self._is_trying:
                return self._TRYING, False
            self._is_trying = True
            return 0.0, True

    def fail(self, is_trial: bool, max_failures: int, tries_at: float) -> None:
        with self._mutex:
            if is_trial:
                self._is_trying = False
            elif self._tries_at is not None:  # sent before the circuit opened: no news, and no longer rest
                return
            self._failures += 1
            if is_trial or self._failures >= max_failures:
                self._tries_at = tries_at

    def give_up(self) -> None:
        """Leave the trying to another request."""
        with self._mutex:
            self._is_trying = False
