"""What users write about versions, as the type checkers see it. Checked, never run."""

from __future__ import annotations

from typing import assert_type

from clientsmith.core import ApiLifecycleNotice, ServiceClient, UnsupportedApiVersionError
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.versioning import (
    Advertised,
    ApiVersion,
    Decision,
    Discovery,
    Known,
    Negotiator,
    Policy,
    Scheme,
    VersionFormat,
    decide,
    negotiation_of,
)
from clientsmith.core.versioning.schemes import microversion
from clientsmith.core.versioning.senders import InHeader
from clientsmith.core.versioning.sources import BodyPointer, ResponseHeader


class Cookie:
    """A sender of one's own."""

    def put(self, request: HttpRequest, version: str, endpoint: str, *, again: bool = False) -> bool:
        if again or "Cookie" not in request.headers:
            request.headers["Cookie"] = f"v={version}"
        return self.said(request, endpoint) == version

    def said(self, request: HttpRequest, endpoint: str) -> str | None:
        return request.headers.get("Cookie", "").removeprefix("v=") or None


class Server:
    """A source of one's own."""

    @property
    def fields(self) -> tuple[str, ...]:
        return ("Server",)

    def read(self, response: HttpResponse) -> Advertised | None:
        name, _, version = response.headers.get("Server", "").partition("/")
        return Advertised.of(version, VersionFormat.SEMVER, source="the Server header") if name == "acme" else None


version = ApiVersion("1.4", VersionFormat.MAJOR_MINOR)
known = Known(newest=version, oldest=ApiVersion("1.0", VersionFormat.MAJOR_MINOR))
assert_type(decide(known, None, Policy(absent=version), pinned=version), Decision)
assert_type(decide(known, None, Policy()).use, ApiVersion | None)

acme = Scheme(
    name="Acme",
    known=known,
    sender=Cookie(),
    answers=(Server(), ResponseHeader("V", VersionFormat.MAJOR_MINOR)),
    discovery=Discovery(paths=("/versions",), source=BodyPointer("/version", VersionFormat.MAJOR_MINOR)),
)
assert_type(acme.at("1.2"), Scheme)
assert_type(acme.replaced(sender=InHeader("V")), Scheme)


def hear(notice: ApiLifecycleNotice) -> None:
    assert_type(notice.link, str)


client = ServiceClient(
    "https://acme.test", api_version=microversion("depot", "1.30"), settings={"lifecycle_hook": hear}
)
client.send_request(HttpRequest("GET", "/a"), lifecycle_hook=hear)
negotiator = negotiation_of(client)
assert_type(negotiator, Negotiator | None)
if negotiator is not None:
    assert_type(negotiator.version, ApiVersion | None)
    assert_type(negotiator.judge(None, subject="json"), Decision)

try:
    client.send_request(HttpRequest("GET", "/a"))
except UnsupportedApiVersionError as error:
    assert_type((error.found, error.supported, error.source, error.url, error.advice), tuple[str, str, str, str, str])
