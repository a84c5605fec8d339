"""Conditional requests (RFC 9110, section 13): change only what nobody else has changed, fetch only what is new.

A method that takes ``etag`` and ``match_condition`` is an `Operation` with ``conditional=True``. What the two mean
together becomes header fields here; what the service makes of them is an error of its own kind:

    condition         sends                   if it does not hold
    Unconditionally   nothing                 -
    IfNotModified     If-Match: "etag"        412, ResourceModifiedError
    IfModified        If-None-Match: "etag"   304, and 412 where something would change, ResourceNotModifiedError
    IfPresent         If-Match: *             412, ResourceNotFoundError
    IfMissing         If-None-Match: *        412, ResourceExistsError

The etag is the one that is given, else the one that the model has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, cast

from .errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["MatchConditions", "condition_headers", "etag_of", "http_date", "quoted", "split_conditions"]


class MatchConditions(Enum):
    """When a service may do what it is asked to."""

    Unconditionally = "unconditionally"
    """Always."""
    IfNotModified = "if not modified"
    """The resource still is what the etag stands for: nobody's change gets lost."""
    IfModified = "if modified"
    """The resource is another one by now: nothing is fetched twice."""
    IfPresent = "if present"
    """The resource exists."""
    IfMissing = "if missing"
    """The resource does not exist: nothing is overwritten."""


_NEEDS_ETAG: Final = {MatchConditions.IfNotModified: "If-Match", MatchConditions.IfModified: "If-None-Match"}
_STAR: Final = {MatchConditions.IfPresent: "If-Match", MatchConditions.IfMissing: "If-None-Match"}

# An entity tag between its quotes: visible characters but the quote itself (RFC 9110, section 8.8.3).
_TAG: Final = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*"').fullmatch

# Under which names models carry the tag: most, OData, Cosmos DB.
_PROPERTIES: Final = ("etag", "eTag", "ETag", "@odata.etag", "_etag")

# What a conditional operation takes beside its own parameters.
_ARGUMENTS: Final = ("etag", "match_condition", "if_modified_since", "if_unmodified_since")


def condition_headers(
    etag: str | None = None,
    match_condition: MatchConditions | None = None,
    *,
    model: object = None,
    if_modified_since: datetime | None = None,
    if_unmodified_since: datetime | None = None,
) -> dict[str, str]:
    """Return the header fields that ask for this condition.

    Args:
        etag: What the service called the version of the resource, with or without its quotes.
        match_condition: When to do what is asked; None is `MatchConditions.Unconditionally`.
        model: What is sent, a model or a mapping: its own etag counts where none is given.
        if_modified_since: Fetch only what changed after this time, which must have a time zone; for services without
            etags, as the next.
        if_unmodified_since: Change only what did not change after this time.

    Raises:
        UsageError: The arguments contradict each other, or the condition needs an etag that nobody has.
        ValueError: The etag is none, or a time has no time zone.
    """
    headers: dict[str, str] = {}
    condition = match_condition or MatchConditions.Unconditionally
    if condition in _NEEDS_ETAG:
        tag = etag if etag is not None else etag_of(model)
        if tag is None:
            raise UsageError(
                f"match_condition={condition} compares etags, but there is none; pass etag=, or a model that has one"
            )
        headers[_NEEDS_ETAG[condition]] = quoted(tag)
    elif etag is not None:
        hint = "IfNotModified to change only what you have seen, IfModified to fetch only what you have not"
        told = f"match_condition={condition}" if match_condition else "no match_condition"
        raise UsageError(f"etag was given with {told}, so it would mean nothing; pass MatchConditions.{hint}")
    elif condition in _STAR:
        headers[_STAR[condition]] = "*"
    if if_modified_since is not None:
        headers["If-Modified-Since"] = http_date(if_modified_since)
    if if_unmodified_since is not None:
        headers["If-Unmodified-Since"] = http_date(if_unmodified_since)
    return headers


def split_conditions(arguments: Mapping[str, Any], body: object) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the arguments of a conditional operation without those of its condition, and the header fields of these.

    Where what is sent is made of the model that the caller gave, a patch of it for example, the argument ``etag_of`` is
    that model: its etag counts then.

    Raises:
        UsageError, ValueError: As `condition_headers`.
    """
    conditions = {name: arguments[name] for name in _ARGUMENTS if name in arguments}
    rest = {name: value for name, value in arguments.items() if name not in conditions and name != "etag_of"}
    return rest, condition_headers(**conditions, model=arguments.get("etag_of", body))


def etag_of(model: object) -> str | None:
    """Return the etag that a model or a mapping carries, None if it has none."""
    own = getattr(model, "etag", None)
    if isinstance(own, str):
        return own
    wire = cast("Mapping[str, object]", model if isinstance(model, Mapping) else getattr(model, "as_dict", dict)())
    found = next((wire[name] for name in _PROPERTIES if name in wire), None)
    return found if isinstance(found, str) else None


def quoted(etag: str) -> str:
    """Return an etag as it has to stand in a header field: quoted, ``W/`` in front if it is a weak one.

    A weak one is sent although If-Match compares strongly (RFC 9110, section 13.1.1) and could refuse each: services
    that speak OData have no others, and mean them.

    Raises:
        ValueError: It is no entity tag (RFC 9110, section 8.8.3).
    """
    text = etag.strip()
    if text == "*":
        raise ValueError("etag is '*', which is every version; pass MatchConditions.IfPresent or IfMissing instead")
    tag = text if text.endswith('"') and text.startswith(('"', 'W/"')) else f'"{text}"'
    if not text or not _TAG(tag):
        raise ValueError(f"etag is {etag!r}; an entity tag is one string without quotes and spaces in it")
    return tag


_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(time: datetime) -> str:
    """Return a time as header fields have it, ``Sat, 21 Nov 2026 12:00:00 GMT`` (RFC 9110, section 5.6.7).

    Raises:
        ValueError: The time has no time zone.
    """
    from datetime import UTC

    if time.tzinfo is None:
        raise ValueError(f"the time {time.isoformat()} has no time zone; use datetime.now(UTC) and its like")
    # By hand: strftime writes days and months in the language of the machine.
    utc = time.astimezone(UTC)
    day = f"{_DAYS[utc.weekday()]}, {utc.day:02} {_MONTHS[utc.month - 1]} {utc.year:04}"
    return f"{day} {utc.hour:02}:{utc.minute:02}:{utc.second:02} GMT"
