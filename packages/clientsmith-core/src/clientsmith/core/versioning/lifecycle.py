"""What a service says about the end of something: one notice, whichever of its dialects the service speaks.

====================================  ==================================================================================
``Deprecation`` (RFC 9745)            do not begin with this any more: ``@`` and seconds since the epoch; the drafts had
                                      ``true`` or an HTTP date
``Sunset`` (RFC 8594)                 from this date it may be gone
``Link`` with ``rel``                 ``deprecation``, ``sunset``, ``successor-version``: where it is told what to do
``Warning: 299``                      Kubernetes: a text
``Alert``                             Kinto: JSON with ``soft-eol`` before, ``hard-eol`` with a 410 after
``azure-deprecating``                 Azure: a text, a date and an address
a discovery document                  OpenStack: ``next_min_version`` with ``not_before``, ``status: DEPRECATED``
a project page                        PEP 792: ``archived``, ``deprecated``, ``quarantined``
====================================  ==================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urljoin

from ..redaction import redact_url
from .errors import ApiVersionWarning

if TYPE_CHECKING:
    from .model import Advertised

__all__ = ["ApiLifecycleNotice", "ApiLifecycleWarning", "LifecycleKind", "notices_of", "read_lifecycle"]

LifecycleKind: TypeAlias = Literal[
    "deprecated", "sunset", "min_version_rising", "soft_eol", "hard_eol", "project_status", "warning"
]


class ApiLifecycleNotice(NamedTuple):
    """Something that the service offers is on its way out.

    Attributes:
        kind: What happens to it.
        subject: What it happens to: ``GET /jobs/{id}``, ``API version 2.1``, ``project left-pad``.
        since: From when on, None if the service does not say.
        until: When it may be gone, None if the service does not say.
        link: Where the service tells more, "" if it does not.
        message: The service's own words, "" if there are none.
        source: Where it was said: ``Deprecation header``.
        url: Of which address, redacted.
    """

    kind: LifecycleKind
    subject: str
    since: datetime | None = None
    until: datetime | None = None
    link: str = ""
    message: str = ""
    source: str = ""
    url: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two of them the same, so that nobody hears one twice."""
        return self.kind, self.subject, self.since, self.until, self.message

    def __str__(self) -> str:
        text = f"{self.subject} {_VERBS[self.kind]}"
        if self.since is not None:
            text += f"{' from' if self.kind == 'min_version_rising' else ' as of'} {self.since:%Y-%m-%d}"
        if self.until is not None:
            text += (
                f", and may be gone from {self.until:%Y-%m-%d}" if self.kind != "sunset" else f" {self.until:%Y-%m-%d}"
            )
        if self.message:
            text += f": {self.message}"
        if self.link:
            text += f"; see {redact_url(self.link)}"
        return f"{text} ({self.source})" if self.source else text


_VERBS: Final[Mapping[str, str]] = {
    "deprecated": "is deprecated",
    "sunset": "may be gone from",
    "min_version_rising": "will be the oldest version that the service takes",
    "soft_eol": "is at the end of its life",
    "hard_eol": "is retired",
    "project_status": "is not active",
    "warning": "came with a warning of the service",
}


class ApiLifecycleWarning(ApiVersionWarning):
    """A notice, told as a warning. ``notice`` has its parts."""

    def __init__(self, notice: ApiLifecycleNotice) -> None:
        super().__init__(notice)
        self.notice = notice

    def __str__(self) -> str:
        return str(self.notice)


def notices_of(said: Advertised) -> tuple[ApiLifecycleWarning, ...]:
    """Return what a discovery document says about the end of versions."""
    found: list[ApiLifecycleNotice] = []
    if said.status.upper() == "DEPRECATED":
        found.append(ApiLifecycleNotice("deprecated", f"API version {said.id or said}"))
    if said.next_oldest is not None:
        since = _date(said.not_before)
        found.append(ApiLifecycleNotice("min_version_rising", f"API version {said.next_oldest}", since=since))
    url = redact_url(said.url) if said.url else ""
    return tuple(ApiLifecycleWarning(notice._replace(source=said.source, url=url)) for notice in found)


def read_lifecycle(headers: Mapping[str, str], *, subject: str, url: str = "") -> list[ApiLifecycleNotice]:
    """Return what an answer's header fields say about the end of what was asked for.

    What cannot be read is taken for what it means least: a ``Deprecation`` without a date is one since some time, a
    ``Sunset`` that is no date says nothing.
    """
    found = [
        *_deprecation(headers, _links(headers.get("Link", "")), subject),
        *_alert(headers.get("Alert", ""), subject),
        *_azure(headers.get("azure-deprecating", ""), subject),
        *_warnings(headers.get("Warning", ""), subject),
    ]
    shown = redact_url(url) if url else ""
    return [notice._replace(url=shown, link=_absolute(notice.link, url)) for notice in found]


def _deprecation(headers: Mapping[str, str], links: Mapping[str, str], subject: str) -> list[ApiLifecycleNotice]:
    deprecation, until = headers.get("Deprecation"), _http_date(headers.get("Sunset", ""))
    link = links.get("deprecation") or links.get("sunset") or links.get("successor-version") or ""
    if deprecation is not None and deprecation.strip().lower() not in ("", "false", "?0"):
        source = "Deprecation header" if until is None else "Deprecation and Sunset headers"
        return [ApiLifecycleNotice("deprecated", subject, _date(deprecation), until, link, source=source)]
    if until is not None:
        return [ApiLifecycleNotice("sunset", subject, until=until, link=link, source="Sunset header")]
    return []


def _alert(value: str, subject: str) -> list[ApiLifecycleNotice]:
    if not value.lstrip().startswith("{"):
        return []
    from .._error_bodies import json_object

    alert = json_object(value.encode()) or {}
    code, message, link = (alert.get(name) for name in ("code", "message", "url"))
    kind = _END_OF_LIFE.get(code) if isinstance(code, str) else None
    if kind is None:
        return []
    told_at = link if isinstance(link, str) else ""
    return [ApiLifecycleNotice(kind, subject, link=told_at, message=_clean(message), source="Alert header")]


_END_OF_LIFE: Final[Mapping[str, LifecycleKind]] = {"soft-eol": "soft_eol", "hard-eol": "hard_eol"}


def _azure(value: str, subject: str) -> list[ApiLifecycleNotice]:
    if not value.strip():
        return []
    parts = [part.strip() for part in value.split("|")]
    link = next((part for part in parts if part.startswith("https://")), "")
    until = next((date for part in parts if (date := _date(part)) is not None), None)
    message = _clean(next((part for part in parts if part != link and _date(part) is None), ""))
    source = "azure-deprecating header"
    return [ApiLifecycleNotice("deprecated", subject, until=until, link=link, message=message, source=source)]


# RFC 9111 has dropped `Warning`; Kubernetes and others go on to send 299, "miscellaneous persistent warning". Those of
# other numbers are read too, so that what they quote is not taken for one.
_WARNING: Final = re.compile(r'(?<![0-9])([0-9]{3}) \S{1,80} "((?:[^"\\]|\\.){0,1000})"')


def _warnings(value: str, subject: str) -> list[ApiLifecycleNotice]:
    found = _WARNING.findall(value[:8000])
    texts = [_clean(re.sub(r"\\(.)", r"\1", text)) for number, text in found if number == "299"]
    return [ApiLifecycleNotice("warning", subject, message=text, source="Warning header") for text in texts if text]


# --- dates and links -------------------------------------------------------------------------------------------------


def _date(text: str) -> datetime | None:
    """Return ``@1688169599``, an HTTP date or an ISO date as a time; None for anything else."""
    text = text.strip()
    if text.startswith("@"):
        number = re.fullmatch(r"@(-?[0-9]{1,11})(?:;.*)?", text)
        try:
            return None if number is None else datetime.fromtimestamp(int(number[1]), UTC)
        except (ValueError, OverflowError, OSError):  # no year that there is
            return None
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return _http_date(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _links(field: str) -> dict[str, str]:
    """Return the addresses of a ``Link`` field by their relation; only those that a browser would open."""
    if not field:
        return {}
    from .._links import read_links

    found: dict[str, str] = {}
    for link in read_links(field):
        if link.target.startswith(("https://", "http://", "/")):
            for relation in link.relations:
                found.setdefault(relation, link.target)
    return found


def _absolute(link: str, url: str) -> str:
    """Return an address that a person can open, "" for what is none."""
    try:
        whole = urljoin(url, link) if link else ""
    except ValueError:
        return ""
    return whole if whole.startswith(("https://", "http://")) else ""


def _clean(text: object) -> str:
    """Return a service's words as one short line: they stand in warnings and logs."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split()) if isinstance(text, str) else ""
    return words if len(words) <= 300 else f"{words[:299]}…"
