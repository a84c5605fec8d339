"""Rate limits: how many jobs a caller may submit in a moving window, in all and for one device.

A batch of N devices costs N. What is refused costs nothing, so that a client which tries again too early is not kept
out for ever. Limits hold for one process of the service. The window counts in sixtieths (`naas.security.windows`);
`limits`, the usual library for this, keeps one entry a request and any number of keys, and starts a timer thread for
each burst of them.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naas.errors import RateLimited
from naas.principals import Role
from naas.security.windows import MovingWindow, MovingWindows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from naas.principals import Principal

__all__ = ["RateLimitRules", "RateLimitState", "RateLimits", "headers_of"]

# A key of a caller and a device with its window is about 1 kB.
MOST_CALLERS: Final = 10_000
MOST_PAIRS: Final = 50_000


@dataclass(frozen=True, slots=True)
class RateLimitRules:
    """How many jobs ``per_caller`` and ``per_caller_device`` are allowed in ``window`` seconds, and for whom not."""

    per_caller: int = 1000
    per_caller_device: int = 20
    window: int = 60
    exempt: frozenset[Role] = frozenset({Role.ADMIN})
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """Where a caller stands against the tighter of the two limits. ``reset_at`` is in seconds since 1970."""

    limit: int
    remaining: int
    reset_at: int
    window: int
    policy: str
    now: float


class RateLimits:
    """Counts submissions. Lives in one event loop."""

    def __init__(self, rules: RateLimitRules, now: Callable[[], float] = time.time) -> None:
        self._rules, self._now = rules, now
        self._callers = MovingWindows(rules.window, MOST_CALLERS)
        self._pairs = MovingWindows(rules.window, MOST_PAIRS)

    def take(self, principal: Principal, devices: Sequence[str] = (), jobs: int | None = None) -> RateLimitState | None:
        """Count ``jobs`` jobs of the caller, one for each of the devices unless told otherwise; None for the exempt.

        Raises:
            RateLimited: Not all of them fit; then none is counted.
        """
        rules = self._rules
        if not rules.enabled or principal.role in rules.exempt:
            return None
        now, wanted = self._now(), len(devices) if jobs is None else jobs
        # A caller is a subject; who guesses passwords is a new one each time, but lockouts count those.
        caller = self._callers.of(principal.subject)
        checks = [_Check("caller", rules.per_caller, wanted, caller)]
        for device, each in Counter(devices).items():
            pair = self._pairs.of(f"{principal.subject} {device}")
            checks.append(_Check("caller-device", rules.per_caller_device, each, pair))
        for check in checks:
            check.refuse_excess(now, rules.window)
        for check in checks:
            check.counted.add(now, check.wanted)
        return min((check.state(now, rules.window) for check in checks), key=lambda state: state.remaining)


@dataclass(frozen=True, slots=True)
class _Check:
    """One limit that a submission has to pass."""

    policy: str
    limit: int
    wanted: int
    counted: MovingWindow

    def refuse_excess(self, now: float, window: int) -> None:
        used = self.counted.count(now)
        if used + self.wanted > self.limit:
            after = max(1, math.ceil(self.counted.room_at(now, self.limit, self.wanted) - now))
            remaining = max(0, self.limit - used)
            raise RateLimited(self.limit, window, self.wanted, remaining, after, math.ceil(now) + after)

    def state(self, now: float, window: int) -> RateLimitState:
        remaining = self.limit - self.counted.count(now)
        reset_at = math.ceil(self.counted.room_at(now, self.limit, self.limit))
        return RateLimitState(self.limit, remaining, reset_at, window, self.policy, now)


def headers_of(state: RateLimitState | RateLimited | None) -> Mapping[str, str]:
    """Return the headers of an answer: those of v2, and those of the standard to come
    (draft-ietf-httpapi-ratelimit-headers-10)."""
    if state is None:
        return {}
    headers = {
        "X-RateLimit-Limit": str(state.limit),
        "X-RateLimit-Remaining": str(state.remaining),
        "X-RateLimit-Reset": str(state.reset_at),
    }
    if isinstance(state, RateLimited):
        return {**headers, "Retry-After": str(state.retry_after)}
    left = max(0, math.ceil(state.reset_at - state.now))
    headers["RateLimit-Policy"] = f'"{state.policy}";q={state.limit};w={state.window}'
    headers["RateLimit"] = f'"{state.policy}";r={state.remaining};t={left}'
    return headers
