"""Sends again what failed for a reason that passes, and only what is safe to send again.

Rules:

- Safe to repeat are GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110, section 9.2.2), what the caller declares safe
  (``retry_methods``) and whatever carries an ``Idempotency-Key``. Anything else is sent again only when the service did
  not act on it: it never got through, the service said 429 or 503 and when to come back, or ``x-should-retry: true``.
- ``x-should-retry: false`` ends the trying, whatever the status.
- The server's ``Retry-After`` wins over our own backoff. One longer than the cap ends the trying: coming back sooner
  would be rude, later useless to the caller.
- Waits grow exponentially with full jitter, so that clients that failed together do not come back together.
- All calls of a client share a budget, so that retries cannot multiply the load on a service that is down.
- No wait goes past the call's deadline: the caller rather gets the answer that we have.
- What is raised or returned in the end remembers how the attempts before it ended (`ClientsmithError.previous`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from itertools import count
from typing import ClassVar, Final, NamedTuple, cast

from .._hints import parse_retry_after, retry_after_of
from ..errors import DeadlineExceededError, HttpResponseError, TransportError
from ..pipeline import Flow, Sleep
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting, duration, names
from ..settings import count as not_negative

__all__ = ["Backoff", "Outcome", "RetryBudget", "RetryPolicy", "outcome_of", "parse_retry_after", "retry_after_of"]

_IDEMPOTENT: Final = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")
_TRANSIENT: Final = (408, 429, 500, 502, 503, 504)
_REFUSED: Final = frozenset({429, 503})  # with Retry-After: the service turned the request away before acting on it


class Outcome(NamedTuple):
    """What an attempt came to, as far as trying again is concerned."""

    is_transient: bool
    retry_after: float | None = None


class Backoff(NamedTuple):
    """When to try again, in seconds, before jitter."""

    base: float
    cap: float

    def wait_after(self, outcome: Outcome, attempt: int, max_retries: int) -> float | None:
        """Seconds to wait before the next attempt, or None to give up. Attempts count from 1."""
        if attempt > max_retries or not outcome.is_transient:
            return None
        if outcome.retry_after is not None:  # 0.0 is an answer too: the server says "now"
            return outcome.retry_after if outcome.retry_after <= self.cap else None
        # 2 to the 64th times anything is beyond every cap, and far beyond that a float overflows.
        return min(self.cap, self.base * 2.0 ** min(attempt - 1, 64))


class RetryBudget:
    """Tokens that retries spend and successes bring back, shared by all calls of a client.

    500 tokens, 5 a retry and 1 back a success are the numbers of the AWS SDKs' standard mode: about a hundred retries
    in a row, then one in five calls.
    """

    def __init__(self, capacity: int = 500, cost: int = 5, refund: int = 1) -> None:
        self._capacity, self._cost, self._refund = capacity, cost, refund
        self._left = capacity
        self._mutex = threading.Lock()

    def spend(self) -> bool:
        """Take the tokens of one retry; False if there are too few."""
        with self._mutex:
            if self._left < self._cost:
                return False
            self._left -= self._cost
            return True

    def give_back(self) -> None:
        """Return tokens after a success."""
        if self._left < self._capacity:  # unguarded on purpose: a full budget, the usual case, takes no lock
            with self._mutex:
                self._left = min(self._capacity, self._left + self._refund)


def _methods(value: object) -> str:
    problem = names(value)
    if problem or all(name == name.upper() for name in cast("Collection[str]", value)):
        return problem
    return "names of methods in upper case"


def _statuses(value: object) -> str:
    if not isinstance(value, Collection) or isinstance(value, str | bytes):
        return "a collection of error statuses, 400 to 599"
    for item in cast("Collection[object]", value):
        if not isinstance(item, int) or not 400 <= item <= 599:
            what = repr(item) if isinstance(item, int) else f"a {type(item).__name__}"
            return f"a collection of error statuses, 400 to 599, and {what} is none"
    return ""


class RetryPolicy:
    """Tries up to ``max_retries`` times more, see the rules of this module.

    Args:
        budget: Shared by all calls through this policy; one of its own by default.
        jitter: Which part of a wait to wait, 0 to 1; at random by default.
    """

    # Three retries, 0.8 s and 60 s are azure-core's published numbers; unlike there, the first retry waits as well.
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("max_retries", 3, "attempts after the first one; 0 tries once", check=not_negative),
        Setting("backoff_base", 0.8, "seconds before the first retry, at most; they double each time", check=duration),
        Setting("backoff_cap", 60.0, "seconds before any retry, at most; a longer Retry-After ends it", check=duration),
        Setting("retry_methods", _IDEMPOTENT, "methods that may be sent twice, in upper case", check=_methods),
        Setting("retry_statuses", _TRANSIENT, "error statuses that may pass by themselves", check=_statuses),
    )

    def __init__(self, budget: RetryBudget | None = None, jitter: Callable[[], float] | None = None) -> None:
        self.budget = budget or RetryBudget()
        self._jitter = jitter or _jitter

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request and the waits until there is an answer to keep."""
        for attempt in count(1):
            failure: TransportError | None = None
            response: HttpResponse | None = None
            try:
                response = yield request
            except TransportError as error:
                failure = error
            if response is not None and not _may_pass(response, request):
                self.budget.give_back()
                return response
            # Outside the except: else every attempt's error would chain onto the one before.
            wait = self._wait_after(request, response, failure, attempt)
            if wait is not None:
                _remember(request, response, failure)
                yield Sleep(wait, request.call)
            elif response is not None:
                return response
            elif failure is not None:
                failure.previous = request.call.previous
                raise failure
        raise AssertionError("count() does not end")

    def _wait_after(
        self, request: HttpRequest, response: HttpResponse | None, failure: TransportError | None, attempt: int
    ) -> float | None:
        settings = request.call.settings
        outcome = outcome_of(request, response, failure)
        backoff = Backoff(settings["backoff_base"], settings["backoff_cap"])
        wait = backoff.wait_after(outcome, attempt, settings["max_retries"])
        if wait is None:
            return None
        if outcome.retry_after is None:
            wait *= self._jitter()
        left = request.call.remaining()
        if left is not None and wait >= left:
            return None
        return wait if self.budget.spend() else None


def _may_pass(response: HttpResponse, request: HttpRequest) -> bool:
    """Whether the answer stands for a trouble that may be over in a while."""
    status = response.status_code
    if status < 400:  # nearly all; reads no header
        return False
    said = response.headers.get("x-should-retry", "").lower()
    return said == "true" or (said != "false" and status in request.call.settings["retry_statuses"])


def outcome_of(request: HttpRequest, response: HttpResponse | None, failure: TransportError | None) -> Outcome:
    """Judge an attempt by its failure, or by its response that tells of a passing trouble; one of the two is given."""
    settings = request.call.settings
    key = settings.get("idempotency_header", "Idempotency-Key")
    may_repeat = request.method in settings["retry_methods"] or key in request.headers
    if not request.is_replayable or isinstance(failure, DeadlineExceededError):
        return Outcome(is_transient=False)
    if response is None:
        if failure is None or not failure.is_transient:
            return Outcome(is_transient=False)
        return Outcome(is_transient=may_repeat or failure.is_unsent)
    retry_after = retry_after_of(response)
    refused = response.status_code in _REFUSED and retry_after is not None
    invited = response.headers.get("x-should-retry", "").lower() == "true"
    return Outcome(is_transient=may_repeat or refused or invited, retry_after=retry_after)


def _remember(request: HttpRequest, response: HttpResponse | None, failure: TransportError | None) -> None:
    error = failure or HttpResponseError.from_response(cast("HttpResponse", response))
    error.__traceback__ = None  # it would keep the frames of the attempt, and with them its body, for no reader
    request.call.previous = (*request.call.previous, error)


def _jitter() -> float:
    from random import random  # only who retries needs it

    return random()
