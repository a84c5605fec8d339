"""What goes wrong between versions. Every error says what was found, what is supported, where it was said, what to do.

    ApiVersionError
    ├── MalformedVersionError            a text that is no version (also a ValueError)
    ├── UnsupportedApiVersionError       the two sides have no version in common
    │   └── ApiVersionRefusedError         the service said so, to a request (also an HttpResponseError)
    ├── FeatureNotSupportedError         an operation that the version spoken does not have: nothing was sent
    ├── VersionMismatchError             the service did it in another version than asked (also an HttpResponseError)
    └── ApiRetiredError                  the version, or what was called, is gone for good (also an HttpResponseError)

To catch all of them is to catch `ApiVersionError`; those that came as an answer have its status, header and body too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ClientsmithError, HttpResponseError
from ..redaction import redact_url

if TYPE_CHECKING:
    from ..rest import HttpResponse
    from .model import Advertised

__all__ = [
    "ApiRetiredError",
    "ApiVersionError",
    "ApiVersionRefusedError",
    "ApiVersionWarning",
    "FeatureNotSupportedError",
    "MalformedVersionError",
    "NewerApiVersionWarning",
    "UnsupportedApiVersionError",
    "VersionMismatchError",
]


class ApiVersionWarning(UserWarning):
    """Something about the versions of a service that whoever runs the program should know. Told once."""


class NewerApiVersionWarning(ApiVersionWarning):
    """The service speaks a newer minor version than this client knows: what is new in it is not seen (PEP 629).

    Attributes:
        found, supported: The version that the service says, and the newest that this client understands.
        source, url: Where it was said, the URL redacted.
    """

    def __init__(self, found: str, supported: str, source: str = "", url: str = "") -> None:
        shown = redact_url(url) if url else ""
        super().__init__(found, supported, source, shown)
        self.found, self.supported, self.source, self.url = found, supported, source, shown

    def __str__(self) -> str:
        return (
            f"{_place(self.source, self.url) or 'the service'} says version {self.found}, newer than the "
            f"{self.supported} that this client understands; what is new in it is not seen: upgrade the client for it"
        )


class ApiVersionError(ClientsmithError):
    """Client and service do not agree about the version of the API."""


def _place(source: str, url: str) -> str:
    """Return where something was said, for a message."""
    return " of ".join(part for part in (source, redact_url(url) if url else "") if part)


class MalformedVersionError(ApiVersionError, ValueError):
    """What should be a version is none.

    Attributes:
        found: What was said, shortened.
        wanted: What a version looks like here.
        source, url: Where it was said; "" where a program gave it.
    """

    def __init__(self, found: str, *, wanted: str, source: str = "", url: str = "") -> None:
        super().__init__(found, wanted)
        self.found, self.wanted, self.source, self.url = found[:80], wanted, source, redact_url(url) if url else ""

    def __str__(self) -> str:
        where = _place(self.source, self.url)
        said = f"{where} says {self.found!r}" if where else f"{self.found!r} is no version of this API"
        return f"{said}; it has to be {self.wanted}"


class UnsupportedApiVersionError(ApiVersionError):
    """The version found is none that this side speaks.

    Attributes:
        found: What the service offers or answered in, or the pinned version that it does not have.
        supported: What the other side of the disagreement speaks, in words: ``1.0 to 1.4``.
        source, url: Where ``found`` or ``supported`` was said.
        advice: What to do next.
    """

    url: str

    def __init__(
        self, found: str, supported: str, *, source: str = "", url: str = "", advice: str = "", by: str = ""
    ) -> None:
        super().__init__(found, supported)
        self.found, self.supported, self.source, self.url = found, supported, source, redact_url(url) if url else ""
        self.advice, self._by = advice, by or "this client"

    def __str__(self) -> str:
        where = _place(self.source, self.url)
        said = f"{where} says version {self.found}" if where else f"the version is {self.found}"
        return f"{said}, and {self._by} speaks {self.supported}" + (f"; {self.advice}" if self.advice else "")


def _told(error: HttpResponseError, said: str) -> str:
    """Return what an error that came as an answer says, with the facts of the answer."""
    facts = f" (request id {error.request_id})" if error.request_id else ""
    return f"{error.method} {error.url} answered {error.status_code} {error.reason}".rstrip() + f": {said}{facts}"


class ApiVersionRefusedError(UnsupportedApiVersionError, HttpResponseError):
    """The service refused the version that the request asked for.

    Attributes:
        found: The version that was sent.
        supported: What the service says that it speaks, "" if it does not.
        advertised: The same as values, to negotiate with; None if it does not say.
    """

    def __init__(
        self, found: str, supported: str, *, response: HttpResponse, advertised: Advertised | None = None
    ) -> None:
        HttpResponseError.__init__(self, response=response)
        self.args = (found, supported)
        self.found, self.supported, self.advertised = found, supported, advertised
        self.source = "" if advertised is None else advertised.source
        self.advice = (
            "pass one of these as `api_version`, or upgrade the older side"
            if supported
            else "ask the service's documentation which versions there are, and pass one as `api_version`"
        )
        self._by = "the service"

    def __str__(self) -> str:
        offer = f", it speaks {self.supported}" if self.supported else ""
        words = f" ({' '.join(self.service_message.split())})" if self.service_message else ""
        return _told(self, f"the service does not take API version {self.found}{offer}{words}; {self.advice}")


class FeatureNotSupportedError(ApiVersionError):
    """An operation that the API has only in other versions than the one spoken; nothing was sent.

    Attributes:
        operation: What was called, ``GET /resource_providers/{uuid}``.
        needs: The versions that have it, in words: ``1.36 or later``.
        have: The version spoken, "no version" if the service has none.
    """

    def __init__(self, operation: str, needs: str, have: str, *, why: str = "") -> None:
        super().__init__(operation, needs, have)
        self.operation, self.needs, self.have, self._why = operation, needs, have, why

    def __str__(self) -> str:
        return (
            f"{self.operation} needs API version {self.needs}, and this client speaks {self.have} with the service"
            + (f" ({self._why})" if self._why else "")
            + "; nothing was sent"
        )


class VersionMismatchError(ApiVersionError, HttpResponseError):
    """The service carried the request out in another version than it asked for, so its answer may mean anything.

    Attributes:
        sent, executed: The two versions.
    """

    def __init__(self, sent: str, executed: str, *, source: str, response: HttpResponse) -> None:
        HttpResponseError.__init__(self, response=response)
        self.args = (sent, executed)
        self.sent, self.executed, self.source = sent, executed, source

    def __str__(self) -> str:
        return _told(
            self,
            f"version {self.sent} was asked for, and {self.source} says that version {self.executed} was executed; "
            "something between client and service drops or changes the version",
        )


class ApiRetiredError(ApiVersionError, HttpResponseError):
    """The service does not offer this any more, and says that it is for good; trying again is useless.

    Attributes:
        since: When it was retired, an ISO date; "" if the service does not say.
        link: Where the service says what to do, "" if it does not.
    """

    def __init__(self, said: str = "", *, response: HttpResponse, since: str = "", link: str = "") -> None:
        HttpResponseError.__init__(self, response=response)
        self.args = (said,)
        self.since, self.link = since, link

    def __str__(self) -> str:
        gone = f"retired{f' since {self.since}' if self.since else ''}"
        words = " ".join(str(self.args[0] or self.service_message).split())
        return _told(
            self,
            f"this is {gone}{f': {words}' if words else ''}; upgrade the client"
            + (f", see {redact_url(self.link)}" if self.link else ""),
        )
