"""Keeps to the limits that a service announces, instead of running into its 429.

A 429 with ``Retry-After`` holds everybody back as well, not only the call that it was the answer to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import ClassVar

from .._hints import Allowance, allowance_of, retry_after_of
from .._origin import Origin, origin_of
from ..pipeline import Flow, Sleep
from ..rest import HttpRequest
from ..settings import Setting, flag

__all__ = ["Allowance", "RateLimitPolicy", "allowance_of"]


class RateLimitPolicy:
    """Waits where a service said that there is nothing left for now; each origin by itself.

    It belongs below retries. A wait that would end after the call's deadline fails at once, as any other.

    Args:
        max_wait: Seconds to hold a request back at most; after that the service may say itself that it is too early.
        clock: Seconds since the epoch, for limits that name a time.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "rate_limit_enabled",
            True,
            "whether requests wait where the service announced that its limit is used up",
            check=flag,
        ),
    )

    # A minute is the window of most limits; one of an hour is for the caller to know about.
    def __init__(self, max_wait: float = 60.0, clock: Callable[[], float] = time.time) -> None:
        self._max_wait = max_wait
        self._clock = clock
        self._mutex = threading.Lock()
        self._resumes_at: dict[Origin, float] = {}

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the wait that the service asked for, then the request."""
        if not request.call.settings["rate_limit_enabled"]:
            return (yield request)
        origin = origin_of(request.url)
        wait = self._resumes_at.get(origin, 0.0) - request.call.clock()
        if 0.0 < wait <= self._max_wait:
            yield Sleep(wait, request.call)
        response = yield request
        allowance = allowance_of(response.headers, self._clock())
        pause = allowance.seconds if allowance is not None and allowance.remaining == 0 else 0.0
        if response.status_code == 429:
            pause = max(pause, retry_after_of(response) or 0.0)
        if pause > 0.0:
            resumes_at = request.call.clock() + pause
            with self._mutex:
                self._resumes_at[origin] = max(resumes_at, self._resumes_at.get(origin, 0.0))
        return response
