"""A request names its version in a header field or in the query, and gets that version or an error.

Stripe, GitHub, Azure, ASP.NET: versions are equal or not, and every answer says which one it is in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol
from urllib.parse import parse_qsl

from clientsmith.core.versioning import ApiVersion, MalformedVersionError, VersionFormat

from ..fields import checked_name
from ..offer import Offer, offer
from ..refusals import problem_details
from ..values import Field, PassOn, Refusal, Render, RequestFacts

__all__ = ["SUPPORTED", "AskedVersions", "Place", "fixed_version", "header_versions", "query_versions"]

SUPPORTED: Final = "api-supported-versions"
"""The header field in which ASP.NET and Azure list versions."""


class Place(Protocol):
    """Where a request says its version."""

    @property
    def vary(self) -> str:
        """The request's header field that answers depend on, "" for none."""
        ...

    def texts(self, request: RequestFacts, /) -> tuple[str, ...]:
        """Return what the request says there, each different text once."""
        ...

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class InHeader:
    """In a header field of its own."""

    name: str

    def __post_init__(self) -> None:
        checked_name(self.name)

    @property
    def vary(self) -> str:
        return self.name

    def text(self, request: RequestFacts) -> str:
        """Return what the field says, "" for none."""
        return request.field(self.name.lower())

    def texts(self, request: RequestFacts, /) -> tuple[str, ...]:
        value = self.text(request)
        return (value,) if value else ()

    def __str__(self) -> str:
        return f"the header {self.name}"


@dataclass(frozen=True, slots=True)
class InQuery:
    """In a parameter of the query; its name in capitals is the same, as with the services that have it."""

    name: str
    vary: str = ""

    def texts(self, request: RequestFacts, /) -> tuple[str, ...]:
        if not request.query:
            return ()
        wanted = self.name.lower()
        pairs = parse_qsl(request.query, keep_blank_values=True, errors="replace")
        return tuple(dict.fromkeys(value for name, value in pairs if name.lower() == wanted))

    def __str__(self) -> str:
        return f"the query parameter {self.name}"


@dataclass(frozen=True)
class AskedVersions:
    """The scheme of `header_versions` and `query_versions`."""

    offer: Offer
    place: Place
    echo: str
    supported: str = SUPPORTED
    render: Render = problem_details

    def __post_init__(self) -> None:
        for name in filter(None, (self.echo, self.supported)):
            checked_name(name)

    @cached_property
    def _always(self) -> tuple[Field, ...]:
        """What every answer says, a refusal too."""
        vary = (("Vary", self.place.vary),) if self.place.vary else ()
        return self.offer.fields(self.supported, self.echo) + vary

    @cached_property
    def _passed_on(self) -> dict[str, PassOn]:
        """What becomes of the versions of a list, put together once."""
        return {version.text: self._told(version) for version in self.offer.known.versions}

    def judge(self, request: RequestFacts, /) -> PassOn | Refusal:
        texts = self.place.texts(request)
        if not texts:
            if self.offer.default is None:
                return self.offer.refuse_absent(where=str(self.place), headers=self._always)
            return self._pass(self.offer.default)
        text = ", ".join(texts)
        try:
            if len(texts) > 1:
                raise MalformedVersionError(text, wanted="one version")
            version = self.offer.find(text)
        except MalformedVersionError as error:
            return self.offer.refuse_malformed(error, where=str(self.place), headers=self._always)
        return self.offer.refuse(text, headers=self._always) if version is None else self._pass(version)

    def _pass(self, version: ApiVersion) -> PassOn:
        return self._passed_on.get(version.text) or self._told(version)

    def _told(self, version: ApiVersion) -> PassOn:
        return PassOn(version, ((self.echo, version.text), *self._always) if self.echo else self._always)


def header_versions(
    name: str = "API-Version",
    *,
    versions: Iterable[str] = (),
    oldest: str = "",
    newest: str = "",
    default: str = "",
    required: bool = False,
    format: VersionFormat | None = None,
    supported: str = SUPPORTED,
    render: Render = problem_details,
) -> AskedVersions:
    """Return the scheme of a version in a header field: ``X-API-Version: 2026-06-01``.

    An answer says its version in a field of the same name.

    Args:
        name: The header field.
        versions, oldest, newest, default, required, format: See `clientsmith.server.offer.offer`.
        supported: Header field of every answer that lists the versions, "" for none. The ends of a range are told in
            ``…-Minimum-Version`` and ``…-Maximum-Version``.
        render: How a refusal is worded.

    Raises:
        ValueError: What is offered cannot be used; the text says why.
    """
    offered = offer(versions, oldest=oldest, newest=newest, default=default, required=required, format=format)
    return AskedVersions(offered, InHeader(name), name, supported, render)


def query_versions(
    name: str = "api-version",
    *,
    versions: Iterable[str] = (),
    oldest: str = "",
    newest: str = "",
    default: str = "",
    required: bool = False,
    format: VersionFormat | None = None,
    echo: str = "API-Version",
    supported: str = SUPPORTED,
    render: Render = problem_details,
) -> AskedVersions:
    """Return the scheme of a version in the query: ``?api-version=2026-06-01``.

    Args:
        name: The query parameter.
        versions, oldest, newest, default, required, format: See `clientsmith.server.offer.offer`.
        echo: Header field in which an answer says its version, "" for none.
        supported: Header field of every answer that lists the versions, "" for none.
        render: How a refusal is worded.

    Raises:
        ValueError: What is offered cannot be used; the text says why.
    """
    offered = offer(versions, oldest=oldest, newest=newest, default=default, required=required, format=format)
    return AskedVersions(offered, InQuery(name), echo, supported, render)


@dataclass(frozen=True, slots=True)
class FixedVersion:
    """The scheme of `fixed_version`."""

    passed: PassOn
    render: Render = problem_details

    def judge(self, request: RequestFacts, /) -> PassOn:
        return self.passed


def fixed_version(version: str, header: str = "API-Version", *, format: VersionFormat | None = None) -> FixedVersion:
    """Return the scheme of a service with one version, which its answers say and its requests need not.

    For an application that is mounted below its version, ``/v2``, and for registries (``registry/2.0``).

    Raises:
        ValueError: The version is none.
    """
    found = offer((version,), format=format).known.newest
    return FixedVersion(PassOn(found, ((checked_name(header), found.text),)))
