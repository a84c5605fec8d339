"""Versions: how a service says and takes the version of its API, and in which versions an operation exists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clientsmith.core.versioning import VersionFormat

from .messages import Location

__all__ = ["ALL_VERSIONS", "HEADER_OF_OURS", "ApiVersionIn", "Lifetime", "VersionScheme"]


class VersionScheme(StrEnum):
    """The ready-made schemes of `clientsmith.core.versioning.schemes`, as the configuration calls them."""

    MICROVERSION = "microversion"
    DATE_HEADER = "date-header"
    DATE_QUERY = "date-query"
    SEMVER = "semver"
    PATH = "path"
    MEDIA_TYPE = "media-type"
    CAPABILITIES = "capabilities"
    HEADER = "header"
    QUERY = "query"

    @property
    def is_fixed(self) -> bool:
        """Whether the version is sent as it is, and nothing is known about what the service speaks."""
        return self in (VersionScheme.HEADER, VersionScheme.QUERY, VersionScheme.MEDIA_TYPE)


_FORMATS: Final = {
    VersionScheme.MICROVERSION: VersionFormat.MICROVERSION,
    VersionScheme.DATE_HEADER: VersionFormat.DATE,
    VersionScheme.DATE_QUERY: VersionFormat.DATE,
    VersionScheme.SEMVER: VersionFormat.SEMVER,
    VersionScheme.PATH: VersionFormat.NAMED,
    VersionScheme.MEDIA_TYPE: VersionFormat.OPAQUE,
}
_LOCATIONS: Final = {
    VersionScheme.DATE_QUERY: Location.QUERY,
    VersionScheme.QUERY: Location.QUERY,
    VersionScheme.PATH: Location.PATH,
    VersionScheme.CAPABILITIES: None,
}


@dataclass(frozen=True, slots=True)
class ApiVersionIn:
    """How this API says, sends and refuses versions.

    Attributes:
        scheme: Which of the ready-made schemes it is.
        wire_name: Of the header field or the query parameter; of the first segment of the path, or of the media type,
            the text around the version: ``api/{}``, ``application/vnd.acme.{}+json``.
        default: The newest final version that the document describes, "" where it says none.
        evidence: How the scheme was found, for `clientsmith plan`.
        oldest: The oldest version that the client understands, "" for the default alone.
        versions: All of them, where they are a list.
        service_type: What a service with microversions calls itself in their header.
        older_headers: Its own headers from before the common one.
        echo: The header field in which answers say the version that they are in, "" if none is documented.
        document: The path of the document that lists versions.
        variable: Wire name of the server's variable that is the version: ``api_version`` fills it.
        written: The version that stands in the paths, or at the end of the endpoint: another one takes its place.
        ordered: How versions are compared where the scheme alone does not say it.
    """

    scheme: VersionScheme = VersionScheme.HEADER
    wire_name: str = "API-Version"
    default: str = ""
    evidence: str = ""
    oldest: str = ""
    versions: tuple[str, ...] = ()
    service_type: str = ""
    older_headers: tuple[str, ...] = ()
    echo: str = ""
    document: str = ""
    variable: str = ""
    written: str = ""
    ordered: VersionFormat = VersionFormat.OPAQUE

    @property
    def location(self) -> Location | None:
        """Where a request says it, None where no request does."""
        return _LOCATIONS.get(self.scheme, Location.HEADER)

    @property
    def format(self) -> VersionFormat:
        """How its versions are written and compared."""
        return _FORMATS.get(self.scheme, self.ordered)

    @property
    def is_asked_for(self) -> bool:
        """Whether the client asks the service before its first call."""
        return self.scheme in (VersionScheme.MICROVERSION, VersionScheme.CAPABILITIES)


HEADER_OF_OURS: Final = ApiVersionIn()  # a service that does not know the field ignores it


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The versions in which an operation exists; the ends belong to it, "" is open."""

    since: str = ""
    until: str = ""
    evidence: str = ""

    def __bool__(self) -> bool:
        return bool(self.since or self.until)

    def __str__(self) -> str:
        if not self.since:
            return f"until {self.until}"
        return f"since {self.since}" + (f" until {self.until}" if self.until else "")


ALL_VERSIONS: Final = Lifetime()
