"""When to come back, as a service hints at it: how long to wait, how much is left of its limit.

The spellings of a limit that are in use, each a number of requests that are left and when there will be more:

- ``RateLimit: "default";r=0;t=30`` (draft-ietf-httpapi-ratelimit-headers), seconds from now;
- ``RateLimit-Remaining`` and ``RateLimit-Reset`` (its earlier versions), seconds from now;
- ``X-RateLimit-Remaining`` and ``X-RateLimit-Reset``, and with a hyphen more, ``X-Rate-Limit-…``: seconds from now, or
  seconds or milliseconds since the epoch; as a time since the epoch is ten digits or more, they cannot be mistaken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from .rest import Headers, HttpResponse

__all__ = ["Allowance", "allowance_of", "parse_retry_after", "retry_after_of"]

# --- how long to wait -------------------------------------------------------------------------------------------------

# More exact than Retry-After, so they come first: OpenAI's and others', Azure's.
_MILLISECONDS: Final = ("retry-after-ms", "x-ms-retry-after-ms")


def retry_after_of(response: HttpResponse) -> float | None:
    """Return the seconds that an answer asks us to wait, in whichever spelling; None if it does not, or unreadably."""
    headers = response.headers
    for name in _MILLISECONDS:
        try:
            return _number(headers[name]) / 1000.0
        except (KeyError, ValueError):
            continue
    try:
        return parse_retry_after(headers["Retry-After"])
    except (KeyError, ValueError):
        return None


def parse_retry_after(value: str, *, now: datetime | None = None) -> float:
    """Return how long the server asks us to wait: seconds, never negative.

    ``value`` is the raw header, seconds or an HTTP date (RFC 9110, section 10.2.3). A date already past means "now"
    and gives 0.0. ``now`` must carry a time zone; by default it is now.

    Raises:
        ValueError: ``value`` is neither form. Callers usually fall back to their own backoff.
    """
    try:
        return _number(value)
    except ValueError:
        if not value.strip()[:3].isalpha():  # no date either: spares the import of its parser
            raise
    from datetime import UTC, datetime  # 5 ms to import with the next, and hardly any server sends a date
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(value.strip())
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - (now or datetime.now(UTC))).total_seconds())
    except (OverflowError, TypeError) as error:  # a year of ten digits, a zone beyond a day
        raise ValueError(f"Retry-After is {value!r}, which is no date") from error


def _number(value: str) -> float:
    seconds = float(value)
    if seconds != seconds or seconds == float("inf"):
        raise ValueError(f"Retry-After is {value!r}, which is not a number of seconds")
    return max(0.0, seconds)


# --- how much is left -------------------------------------------------------------------------------------------------

_PAIRS: Final = tuple(
    (f"{prefix}Remaining", f"{prefix}Reset") for prefix in ("RateLimit-", "X-RateLimit-", "X-Rate-Limit-")
)
_ITEM: Final = r";\s*(?P<name>[rt])\s*=\s*(?P<number>\d{1,15})(?![\d.])"
_SINCE_THE_EPOCH: Final = 1e9  # 2001; as a number of seconds to wait it would be 31 years
_IN_MILLISECONDS: Final = 1e11


class Allowance(NamedTuple):
    """What a service still allows: ``remaining`` requests until ``seconds`` have passed."""

    remaining: int
    seconds: float


def allowance_of(headers: Headers, now: float) -> Allowance | None:
    """Return what an answer says about its service's limit, None if that is nothing that can be understood.

    ``now`` is in seconds since the epoch. Of several limits the one that is exhausted for the longest time counts.
    """
    listed = headers.get("RateLimit")
    if listed is not None:
        found = [_listed(item) for item in listed.split(",")]
        return min((item for item in found if item is not None), key=_severity, default=None)
    for remaining, reset in _PAIRS:
        left, until = headers.get(remaining, ""), headers.get(reset, "")
        if _is_number(left) and _is_number(until.replace(".", "", 1)):
            return Allowance(int(left), _seconds_until(float(until), now))
    return None


def _is_number(digits: str) -> bool:
    return digits.isdecimal() and len(digits) <= 32  # Python refuses to read thousands of them


def _listed(item: str) -> Allowance | None:
    parts = {match["name"]: int(match["number"]) for match in re.finditer(_ITEM, item)}
    return Allowance(parts["r"], float(parts["t"])) if parts.keys() == {"r", "t"} else None


def _severity(allowance: Allowance) -> tuple[bool, float]:
    return allowance.remaining > 0, -allowance.seconds


def _seconds_until(reset: float, now: float) -> float:
    if reset < _SINCE_THE_EPOCH:
        return reset
    return max(0.0, (reset / 1000.0 if reset > _IN_MILLISECONDS else reset) - now)
