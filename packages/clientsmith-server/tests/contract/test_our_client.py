"""Our own client, in either colour, against the middleware over loopback: the two halves of every scheme fit."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Callable
from contextlib import aclosing, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from clientsmith.core import HttpRequest, HttpResponse, HttpResponseError, Operation, ServiceClient
from clientsmith.core import aio as core_aio
from clientsmith.core.transport.stdlib import AsyncStdlibTransport, StdlibTransport
from clientsmith.core.versioning import (
    ApiLifecycleNotice,
    ApiLifecycleWarning,
    ApiRetiredError,
    ApiVersionRefusedError,
    FeatureNotSupportedError,
    Negotiator,
    NewerApiVersionWarning,
    Scheme,
    UnsupportedApiVersionError,
    VersionFormat,
)
from clientsmith.core.versioning import schemes as client_schemes
from clientsmith.core.versioning.sources import BodyPointer, HtmlMeta
from clientsmith.server import (
    ApiVersions,
    Lifecycle,
    api_version_of,
    capability_list,
    fixed_version,
    header_versions,
    media_type_of,
    microversions,
    path_versions,
    query_versions,
    semver_floor,
    simple_api,
    simple_meta,
    simple_meta_tag,
)

PutOn = Callable[..., Any]


@dataclass
class Caller:
    """A client of one colour that asks once, or several times in a row."""

    colour: str

    def get(self, url: str, scheme: Scheme, *paths: str, **settings: Any) -> list[str]:
        """Return the bodies of the answers."""
        requests = [HttpRequest("GET", path) for path in paths or ("/pets",)]
        if self.colour == "async":
            return asyncio.run(self._get(url, scheme, requests, settings))
        with closing(StdlibTransport()) as transport:
            client = ServiceClient(
                url, api_version=scheme, transport=transport, settings={"max_retries": 0, **settings}
            )
            return [_text(client.send_request(request)) for request in requests]

    @staticmethod
    async def _get(url: str, scheme: Scheme, requests: list[HttpRequest], settings: dict[str, Any]) -> list[str]:
        async with aclosing(_Closing()) as transport:
            client = core_aio.ServiceClient(
                url, api_version=scheme, transport=transport, settings={"max_retries": 0, **settings}
            )
            return [_text(await client.send_request(request)) for request in requests]


class _Closing(AsyncStdlibTransport):
    aclose = AsyncStdlibTransport.close


def _text(response: HttpResponse) -> str:
    if not response.is_success:
        raise HttpResponseError(response=response)
    return response.text()


@pytest.fixture(params=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


DATES = ["2025-01-01", "2025-09-01", "2026-06-01"]


@pytest.mark.parametrize(
    ("server", "client", "executed"),
    [
        pytest.param(
            header_versions("X-API-Version", versions=DATES),
            client_schemes.date_header("X-API-Version", "2026-06-01"), "2026-06-01", id="date header: same",
        ),
        pytest.param(
            header_versions("X-API-Version", versions=DATES),
            client_schemes.date_header("X-API-Version", "2025-01-01"), "2025-01-01", id="date header: older client",
        ),
        pytest.param(
            header_versions("X-API-Version", versions=DATES),
            client_schemes.date_header("X-API-Version", "2031-01-01", versions=["2025-09-01", "2031-01-01"]),
            "2025-09-01", id="date header: learnt from the refusal",
        ),
        pytest.param(
            query_versions(versions=DATES),
            client_schemes.date_query(newest="2025-09-01"), "2025-09-01", id="date query: older client",
        ),
        pytest.param(
            query_versions(versions=DATES),
            client_schemes.date_query(newest="2031-01-01", versions=["2025-09-01", "2031-01-01"]),
            "2025-09-01", id="date query: learnt from the refusal",
        ),
        pytest.param(
            microversions("compute", oldest="2.1", newest="2.95"),
            client_schemes.microversion("compute", "2.95", "2.1"), "2.95", id="microversion: same",
        ),
        pytest.param(
            microversions("compute", oldest="2.1", newest="2.95"),
            client_schemes.microversion("compute", "2.30", "2.1"), "2.30", id="microversion: older client",
        ),
        pytest.param(
            microversions("compute", oldest="2.1", newest="2.9"),
            client_schemes.microversion("compute", "2.30", "2.1"), "2.9", id="microversion: newer client",
        ),
        pytest.param(
            microversions("compute", oldest="2.1", newest="2.9", discovery=""),
            client_schemes.microversion("compute", "2.30", "2.1"), "2.9", id="microversion: learnt from the refusal",
        ),
        pytest.param(
            microversions("compute", oldest="2.1", newest="2.95", older_headers=("X-OpenStack-Nova-API-Version",)),
            client_schemes.microversion("compute", "2.30", "2.1", older_headers=("X-OpenStack-Nova-API-Version",)),
            "2.30", id="microversion: the older header as well",
        ),
        pytest.param(
            path_versions(["v1", "v2"]), client_schemes.path_prefix("v2", header="API-Version"), "v2", id="path",
        ),
        pytest.param(
            semver_floor("x-prefect-api-version", "0.8.0"),
            client_schemes.semver_floor("x-prefect-api-version", "0.8.4"), "0.8.4", id="floor: newer client",
        ),
        pytest.param(
            capability_list(["r0.6.1", "v1.1", "v1.15"], path="/client/versions"),
            client_schemes.capability_list("/client/versions", "v1.15", "v1.1"), "None", id="capability list",
        ),
        pytest.param(
            header_versions("API-Version", versions=["v1", "v2"]),
            client_schemes.fixed_header("API-Version", "v2"), "v2", id="fixed header",
        ),
        pytest.param(
            fixed_version("registry/2.0", "Docker-Distribution-Api-Version"),
            client_schemes.fixed_header("Docker-Distribution-Api-Version", "registry/2.0"), "registry/2.0", id="one version",
        ),
        pytest.param(simple_api(under="/"), client_schemes.simple_api(), "1.4", id="Simple API"),
    ],
)  # fmt: skip
def test_client_and_service_agree(stage: PutOn, caller: Caller, server: Any, client: Scheme, executed: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert caller.get(stage(server).url, client) == [executed]


@pytest.mark.parametrize(
    ("server", "client", "status", "supported"),
    [
        pytest.param(
            header_versions("X-API-Version", versions=DATES),
            client_schemes.date_header("X-API-Version", "2031-01-01"), 400, "2025-01-01, 2025-09-01, 2026-06-01",
            id="date header: newer client",
        ),
        pytest.param(
            header_versions("X-API-Version", versions=DATES, supported=""),
            client_schemes.date_header("X-API-Version", "2031-01-01"), 400, "2025-01-01, 2025-09-01, 2026-06-01",
            id="date header: from the body",
        ),
        pytest.param(
            query_versions(versions=DATES),
            client_schemes.date_query(newest="2019-01-01"), 400, "2025-01-01, 2025-09-01, 2026-06-01", id="date query",
        ),
        pytest.param(
            microversions("compute", oldest="2.1", newest="2.9", discovery=""),
            client_schemes.microversion("compute", "2.30", "2.1").at("2.30"), 406, "2.1 to 2.9",
            id="microversion: pinned",
        ),
        pytest.param(
            path_versions(["v1", "v2"]), client_schemes.path_prefix("v3"), 404, "v1, v2", id="path",
        ),
        pytest.param(
            semver_floor("x-prefect-api-version", "0.8.0"),
            client_schemes.semver_floor("x-prefect-api-version", "0.1.0"), 400, "0.8.0 or newer", id="floor",
        ),
        pytest.param(
            header_versions("API-Version", versions=["v1", "v2"]),
            client_schemes.fixed_header("API-Version", "v9", format=VersionFormat.NAMED), 400, "v1, v2",
            id="fixed header",
        ),
        pytest.param(
            header_versions("API-Version", oldest="1.0", newest="1.4"),
            client_schemes.fixed_header("API-Version", "1.9", format=VersionFormat.MAJOR_MINOR), 400, "1.0 to 1.4",
            id="range",
        ),
    ],
)  # fmt: skip
def test_a_refusal_tells_the_client_what_there_is(
    stage: PutOn, caller: Caller, server: Any, client: Scheme, status: int, supported: str
) -> None:
    with pytest.raises(ApiVersionRefusedError) as caught:
        caller.get(stage(server).url, client)
    assert (caught.value.status_code, caught.value.supported) == (status, supported)


def test_a_range_that_the_client_does_not_reach_is_told_before_the_request(stage: PutOn, caller: Caller) -> None:
    """The version document says enough."""
    with pytest.raises(
        UnsupportedApiVersionError, match=r"the version document .* says version 3\.0 to 3\.70"
    ) as caught:
        caller.get(
            stage(microversions("volume", oldest="3.0", newest="3.70")).url,
            client_schemes.microversion("volume", "2.30", "2.1"),
        )
    assert not isinstance(caught.value, ApiVersionRefusedError)


def test_a_version_list_without_the_clients_is_told_before_the_request(stage: PutOn, caller: Caller) -> None:
    with pytest.raises(UnsupportedApiVersionError, match=r"v1\.15"):
        caller.get(
            stage(capability_list(["v1.15"], path="/versions")).url, client_schemes.capability_list("/versions", "v1.1")
        )


def test_what_the_list_of_features_lacks_is_known_before_the_request(stage: PutOn, caller: Caller) -> None:
    """An operation with `since` is judged by the version that the list of versions allows."""
    peek: Operation[None] = Operation("GET", "/pets", responses={200: None}, since="v1.11")
    url = stage(capability_list(["v1.1"], path="/versions")).url
    scheme = client_schemes.capability_list("/versions", "v1.15", "v1.1")

    def ask() -> None:
        with closing(StdlibTransport()) as transport:
            ServiceClient(url, api_version=scheme, transport=transport)._call(peek, {}, options={})

    async def ask_async() -> None:
        async with aclosing(_Closing()) as transport:
            await core_aio.ServiceClient(url, api_version=scheme, transport=transport)._call(peek, {}, options={})

    with pytest.raises(FeatureNotSupportedError, match=r"needs API version v1\.11 or later"):
        ask() if caller.colour == "sync" else asyncio.run(ask_async())


def test_a_page_in_no_type_that_the_index_serves_is_406(stage: PutOn, caller: Caller) -> None:
    scheme = client_schemes.simple_api()
    url = stage(simple_api(under="/", html="")).url
    with pytest.raises(HttpResponseError) as caught:
        caller.get(url, scheme, headers={"Accept": "text/html"})
    assert caught.value.status_code == 406
    assert "application/vnd.pypi.simple.v1+json" in str(caught.value)


# --- an index ---


async def index(scope: Any, receive: Any, send: Any) -> None:
    """A project page in the type that was negotiated, with the version of that serialization in its body."""
    kind, version = media_type_of(scope), api_version_of(scope)
    if kind.endswith("json"):
        body = json.dumps({"meta": simple_meta(version or ""), "name": "pets", "files": []})
    else:
        body = f"<!DOCTYPE html><html><head>{simple_meta_tag(version or '')}</head><body></body></html>"
    fields = [(b"content-type", kind.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": body.encode()})


JSON_PAGE = "application/vnd.pypi.simple.v1+json"


@pytest.mark.parametrize(
    ("json_version", "html_version", "accept", "used", "warns"),
    [
        ("1.4", "1.4", JSON_PAGE, "1.4", False),
        ("1.0", "1.4", JSON_PAGE, "1.0", False),
        ("1.10", "1.4", JSON_PAGE, "1.4", True),
        ("1.10", "1.4", "text/html", "1.4", False),
    ],
    ids=["same", "older index", "newer index", "each serialization by itself"],
)
def test_an_index_says_the_version_of_each_serialization(
    asgi_stage: Any, caller: Caller, json_version: str, html_version: str, accept: str, used: str, warns: bool
) -> None:
    asgi_stage.app = ApiVersions(index, simple_api(json=json_version, html=html_version))
    scheme = client_schemes.simple_api()
    (page,) = caller.get(asgi_stage.url, scheme, "/simple/pets/", headers={"Accept": accept})
    source = HtmlMeta("pypi:repository-version", VersionFormat.MAJOR_MINOR)
    pointer = BodyPointer("/meta/api-version", VersionFormat.MAJOR_MINOR)
    said = (
        pointer.read_document(json.loads(page), asgi_stage.url)
        if accept == JSON_PAGE
        else source.read_document(page, asgi_stage.url)
    )
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        decision = Negotiator(scheme).judge(said)
    assert str(decision.use) == used
    assert [each.category for each in warned] == ([NewerApiVersionWarning] if warns else [])


# --- the end of things ---

EVERY_SCHEME = [
    pytest.param(
        header_versions("X-API-Version", versions=DATES), client_schemes.date_header("X-API-Version", "2025-01-01"),
        id="date header",
    ),
    pytest.param(query_versions(versions=DATES), client_schemes.date_query(newest="2025-01-01"), id="date query"),
    pytest.param(
        microversions("compute", oldest="2.1", newest="2.9"), client_schemes.microversion("compute", "2.9", "2.1"),
        id="microversion",
    ),
    pytest.param(path_versions(["v1", "v2"]), client_schemes.path_prefix("v1"), id="path"),
    pytest.param(semver_floor("x-api-version", "1.0.0"), client_schemes.semver_floor("x-api-version", "1.0.0"), id="floor"),
    pytest.param(
        capability_list(["v1.1"], path="/versions"), client_schemes.capability_list("/versions", "v1.1"),
        id="capability list",
    ),
    pytest.param(simple_api(under="/"), client_schemes.simple_api(), id="Simple API"),
    pytest.param(fixed_version("v1"), client_schemes.fixed_header("API-Version", "v1"), id="one version"),
]  # fmt: skip


@pytest.mark.parametrize(("server", "client"), EVERY_SCHEME)
def test_a_deprecation_is_told_once(stage: PutOn, caller: Caller, server: Any, client: Scheme) -> None:
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    lifecycle = Lifecycle(deprecated=since, sunset=until, link="https://example.test/why", successor="/v2")
    url = stage(server, lifecycle=lifecycle).url
    heard: list[ApiLifecycleNotice] = []
    with pytest.warns(ApiLifecycleWarning) as warned:
        caller.get(url, client, "/pets", "/pets", "/pets", lifecycle_hook=heard.append)
    assert len(warned) == len(heard) == 1
    (notice,) = heard
    assert (notice.kind, notice.since, notice.until) == ("deprecated", since, until)
    assert notice.link == "https://example.test/why"


@pytest.mark.parametrize(("server", "client"), EVERY_SCHEME)
def test_what_is_retired_is_an_error_of_its_own(stage: PutOn, caller: Caller, server: Any, client: Scheme) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    lifecycle = Lifecycle(sunset=yesterday, link="https://example.test/why", refuse_after_sunset=True)
    with pytest.raises(ApiRetiredError) as caught:
        caller.get(stage(server, lifecycle=lifecycle).url, client)
    assert caught.value.status_code == 410
    assert caught.value.since == f"{yesterday:%Y-%m-%d}"
    assert caught.value.link == "https://example.test/why"


def test_an_oldest_version_that_will_rise_is_told(stage: PutOn, caller: Caller) -> None:
    """OpenStack says it in the version document."""
    scheme = microversions(
        "compute", oldest="2.1", newest="2.95", next_oldest="2.53", not_before=date(2027, 4, 1), status="SUPPORTED"
    )
    with pytest.warns(ApiLifecycleWarning) as warned:
        caller.get(stage(scheme).url, client_schemes.microversion("compute", "2.95", "2.1"))
    (notice,) = [each.message.notice for each in warned]
    assert (notice.kind, notice.subject) == ("min_version_rising", "API version 2.53")
    assert notice.since == datetime(2027, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("server", "client"),
    [
        pytest.param(
            header_versions("X-API-Version", versions=DATES), client_schemes.date_header("X-API-Version", "2031-01-01"),
            id="date header",
        ),
        pytest.param(
            header_versions("X-API-Version", versions=DATES, supported=""),
            client_schemes.date_header("X-API-Version", "2031-01-01"), id="date header: from the body",
        ),
        pytest.param(query_versions(versions=DATES), client_schemes.date_query(newest="2031-01-01"), id="date query"),
    ],
)  # fmt: skip
def test_what_a_refusal_teaches_can_be_asked_for(stage: PutOn, caller: Caller, server: Any, client: Scheme) -> None:
    """A program that catches the refusal has the versions as values."""
    url = stage(server).url
    with pytest.raises(ApiVersionRefusedError) as caught:
        caller.get(url, client)
    assert caught.value.advertised is not None
    newest = max(caught.value.advertised.versions)
    assert caller.get(url, client.at(str(newest))) == ["2026-06-01"]
