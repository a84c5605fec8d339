"""How a part of an API comes to its end: announced by ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594) and links.

Deprecated means: it works, do not build on it any more. Sunset means: from then on it may be gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property
from typing import Final

from clientsmith.core.versioning import ApiVersion

from .fields import checked_uri
from .values import Field, Refusal, RequestFacts

__all__ = ["Lifecycle", "lifecycle_fields", "retirement", "route_pattern"]


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The end of an API, of one of its versions, or of a route: dates with their time zone, and where to read on.

    Without ``version``, ``route`` and ``applies`` it is said of everything; with several of them, of what fits all.

    Attributes:
        deprecated: Since when, or from when on, it should not be used any more (RFC 9745).
        sunset: When it is expected to stop working (RFC 8594).
        link: Page that tells people about it: ``rel="deprecation"`` where there is a date of deprecation, else
            ``rel="sunset"``.
        sunset_link: Page about the sunset alone (``rel="sunset"``).
        successor: Address of what replaces it (``rel="successor-version"``, RFC 5829).
        version: The version that it is about.
        route: The requests that it is about: ``/pets/{id}``, ``DELETE /pets/{id}``, ``/v1/*``. A part in braces is one
            segment of the path, whatever type it names; ``{rest:path}`` and a star at the end are the rest of it.
        applies: A test of one's own.
        refuse_after_sunset: Whether requests are answered with 410 from then on.

    Raises:
        ValueError: There is nothing to say, a date is none or has no time zone, the sunset is before the deprecation,
            an address has characters that need percent-encoding, a route matches nothing, or requests are to be
            refused after no date.
    """

    deprecated: datetime | None = None
    sunset: datetime | None = None
    link: str = ""
    sunset_link: str = ""
    successor: str = ""
    version: str = ""
    route: str = ""
    applies: Callable[[RequestFacts], bool] | None = None
    refuse_after_sunset: bool = False

    def __post_init__(self) -> None:
        for name in ("deprecated", "sunset"):
            moment: object = getattr(self, name)
            if moment is not None and not isinstance(moment, datetime):
                raise ValueError(f"{name}={moment!r} is no moment; say datetime(2026, 7, 1, tzinfo=UTC)")
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"{name}={moment} has no time zone; say datetime(..., tzinfo=UTC)")
        if self.deprecated is None and self.sunset is None:
            raise ValueError("a Lifecycle says when: give `deprecated`, `sunset`, or both")
        if self.deprecated is not None and self.sunset is not None and self.sunset < self.deprecated:
            raise ValueError(
                f"the sunset, {self.sunset}, is before the deprecation, {self.deprecated} (RFC 9745, section 4): "
                "move one of the dates"
            )
        if self.refuse_after_sunset and self.sunset is None:
            raise ValueError("refuse_after_sunset needs a `sunset` to count from")
        for name in ("link", "sunset_link", "successor"):
            if address := getattr(self, name):
                checked_uri(address, name)
        if self.route:
            route_pattern(self.route)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return route_pattern(self.route) if self.route else None

    def concerns(self, request: RequestFacts, version: ApiVersion | None) -> bool:
        """Whether a request is of the kind that this is about."""
        if self.version and (version is None or version.text != self.version):
            return False
        if self._pattern is not None and not self._pattern.fullmatch(f"{request.method} {request.path}"):
            return False
        return self.applies is None or self.applies(request)

    def is_over(self, now: datetime) -> bool:
        """Whether requests are to be refused."""
        return self.refuse_after_sunset and self.sunset is not None and self.sunset <= now


_METHOD: Final = re.compile(r"(?:([A-Z]+) )?(/.*)", re.DOTALL)


def route_pattern(route: str) -> re.Pattern[str]:
    """Return what matches ``METHOD path`` of the requests that a route means.

    Raises:
        ValueError: The route is none.
    """
    found = _METHOD.fullmatch(route)
    if found is None:
        raise ValueError(f"{route!r} is no route; write `/pets/{{id}}`, `DELETE /pets/{{id}}` or `/v1/*`")
    path, is_open = found[2].removesuffix("*"), found[2].endswith("*")
    parts = re.split(r"\{([^{}/]*)\}", path)  # texts and names in turn
    if strange := re.search(r"[<>{}*]", "".join(parts[::2])):
        raise ValueError(
            f"{route!r} matches no path, because of its {strange[0]!r}; write a segment that varies as `{{id}}`, and a "
            "star at the end only"
        )
    source = "".join(_varying(part) if index % 2 else re.escape(part) for index, part in enumerate(parts))
    method = found[1] or "[A-Z]+"
    return re.compile(f"{'(?:GET|HEAD)' if method == 'GET' else method} {source}{'.*' if is_open else ''}", re.DOTALL)


def _varying(name: str) -> str:
    """Return what matches a part in braces; frameworks write ``{rest:path}`` for one with slashes in it."""
    return ".*" if name.endswith(":path") else "[^/]+"


def lifecycle_fields(applying: Sequence[Lifecycle]) -> tuple[Field, ...]:
    """Return what an answer says where all of these apply: the earliest of the dates, and every link once."""
    deprecated = min((each.deprecated for each in applying if each.deprecated), default=None)
    sunset = min((each.sunset for each in applying if each.sunset), default=None)
    if deprecated is not None and sunset is not None:
        deprecated = min(deprecated, sunset)  # each is in order by itself, two together need not be
    fields: list[Field] = []
    if deprecated is not None:
        fields.append(("Deprecation", f"@{int(deprecated.timestamp())}"))
    if sunset is not None:
        fields.append(("Sunset", _http_date(sunset)))
    return (*fields, *(("Link", link) for link in dict.fromkeys(_links(applying))))


def _links(applying: Iterable[Lifecycle]) -> Iterable[str]:
    for each in applying:
        about = "deprecation" if each.deprecated is not None else "sunset"
        said = ((about, each.link), ("sunset", each.sunset_link), ("successor-version", each.successor))
        yield from (f'<{address}>; rel="{relation}"' for relation, address in said if address)


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def retirement(
    over: Lifecycle, applying: Sequence[Lifecycle], said: tuple[Field, ...] = (), others: Sequence[str] = ()
) -> Refusal:
    """Return the refusal of what is past its sunset: 410, which tells caches and clients that it stays gone.

    Args:
        over: What is over.
        applying: All that is to be said of the request.
        said: Header fields that every answer has.
        others: The versions that there still are, where a version is over.
    """
    subject = f"API version {over.version}" if over.version else over.route or "this API"
    assert over.sunset is not None  # nothing else is ever over
    day = over.sunset.astimezone(UTC).date().isoformat()
    instead = over.successor or ", ".join(others)
    advice = f"; use {instead}" if instead else "; upgrade the client"
    more = f", see {over.link}" if over.link else ""
    members: dict[str, object] = {"sunset": over.sunset.astimezone(UTC).isoformat()}
    members |= {name: value for name, value in (("successor", over.successor), ("link", over.link)) if value}
    members |= {"supported_versions": list(others)} if others else {}
    detail = f"{subject} was retired on {day}{advice}{more}"
    return Refusal(410, "ApiRetired", detail, members, (*said, *lifecycle_fields(applying)))
