"""How the mock says which versions it speaks, and refuses the others, in the way of each scheme."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clientsmith.configuration import Configuration, read_settings
from clientsmith.mock import Reply, Request, Service
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source

TEXT = {"type": "string"}


def operation(*parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    content = {
        "application/json": {"schema": {"type": "object", "properties": {"id": {"const": 7}}, "required": ["id"]}}
    }
    responses = {"200": {"description": "", "content": content, "headers": more.pop("headers", {})}}
    return {"get": {"parameters": list(parameters), "responses": responses, **more}}


def service_of(paths: dict[str, Any], api_version: Any = None, server: str = "", **root: Any) -> Service:
    info = {"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": paths}
    servers = {"servers": [{"url": server}]} if server else {}
    document, _ = read_document(Source("tiny", data=info | servers | root))
    configuration, mistakes = read_settings({"api_version": api_version} if api_version else {})
    assert mistakes == []
    api, resolver, _ = model(document, configuration or Configuration())
    return Service(api, resolver)


def get(service: Service, target: str = "/it", **headers: str) -> Reply:
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return service.answer(Request("GET", target, fields, b"", "http://mock.test"))


def body_of(reply: Reply) -> Any:
    return json.loads(reply.content)


# --- microversions ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compute() -> Service:
    version = {"name": "OpenStack-API-Version", "in": "header", "schema": {**TEXT, "default": "compute 2.90"}}
    older = {"name": "X-OpenStack-Nova-API-Version", "in": "header", "schema": TEXT}
    newer = {"x-openstack": {"min-ver": "2.72"}}
    paths = {"/it": operation(version, older), "/new": operation(version, **newer)}
    root: dict[str, Any] = {"x-openstack": {"min-ver": "2.1"}}
    return service_of(paths, **root)


def test_the_version_document_stands_at_the_root(compute: Service) -> None:
    """Whoever asks for it needs no version for that, and no operation of the document."""
    [entry] = body_of(get(compute, "/"))["versions"]
    assert (entry["id"], entry["status"], entry["min_version"], entry["max_version"]) == (
        "v2.1",
        "CURRENT",
        "2.1",
        "2.90",
    )


@pytest.mark.parametrize(
    ("said", "executed"),
    [
        pytest.param({"openstack_api_version": "compute 2.72"}, "2.72", id="asked for"),
        pytest.param({"openstack_api_version": "volume 3.1, compute 2.72"}, "2.72", id="among others"),
        pytest.param({"openstack_api_version": "volume 3.1"}, "2.1", id="of another service"),
        pytest.param({"openstack_api_version": "compute latest"}, "2.90", id="latest"),
        pytest.param({"x_openstack_nova_api_version": "2.5"}, "2.5", id="own header"),
        pytest.param({}, "2.1", id="none: the oldest"),
    ],
)
def test_an_answer_says_the_microversion_that_was_executed(
    compute: Service, said: dict[str, str], executed: str
) -> None:
    reply = get(compute, **said)
    assert reply.status == 200
    assert reply.headers["OpenStack-API-Version"] == f"compute {executed}"
    assert reply.headers["X-OpenStack-Nova-API-Version"] == executed
    assert reply.headers["Vary"] == "OpenStack-API-Version"


def test_a_microversion_out_of_range_is_not_acceptable(compute: Service) -> None:
    reply = get(compute, openstack_api_version="compute 2.91")
    assert reply.status == 406
    [error] = body_of(reply)["errors"]
    assert (error["min_version"], error["max_version"]) == ("2.1", "2.90")
    assert reply.headers["OpenStack-API-Minimum-Version"] == "2.1"
    assert reply.headers["X-OpenStack-Nova-API-Maximum-Version"] == "2.90"
    assert get(compute, openstack_api_version="compute new").status == 400


def test_an_operation_that_the_version_does_not_have_is_not_found(compute: Service) -> None:
    assert get(compute, "/new", openstack_api_version="compute 2.72").status == 200
    reply = get(compute, "/new", openstack_api_version="compute 2.71")
    assert reply.status == 404
    assert body_of(reply)["detail"] == "GET /new exists since 2.72, and the request asks for API version 2.71"


# --- the other schemes -----------------------------------------------------------------------------------------------


DATES = {"enum": ["2025-06-01", "2026-01-31"]}


@pytest.mark.parametrize("place", ["query", "header"])
def test_a_date_that_is_not_known_is_refused_with_the_list(place: str) -> None:
    name = {"query": "api-version", "header": "x-api-version"}[place]
    service = service_of({"/it": operation({"name": name, "in": place, "schema": DATES})})

    def asked(date: str) -> Reply:
        return get(service, f"/it?api-version={date}") if place == "query" else get(service, x_api_version=date)

    assert [asked(date).status for date in ("2025-06-01", "2026-01-31")] == [200, 200]
    reply = asked("2026-12-31")
    assert (reply.status, reply.headers["api-supported-versions"]) == (400, "2025-06-01, 2026-01-31")
    assert body_of(reply)["code"] == "UnsupportedApiVersion"
    assert get(service).status == 200


def test_a_header_of_dates_is_repeated_where_that_is_documented() -> None:
    version = {"name": "x-ms-version", "in": "header", "schema": DATES}
    service = service_of({"/it": operation(version, headers={"x-ms-version": {"schema": TEXT}})})
    assert get(service, x_ms_version="2025-06-01").headers["x-ms-version"] == "2025-06-01"
    assert get(service).headers["x-ms-version"] == "2026-01-31"


def test_a_semantic_version_has_a_floor() -> None:
    service = service_of(
        {"/it": operation()}, {"scheme": "semver", "name": "x-v", "newest": "0.9.0", "oldest": "0.8.0"}
    )
    assert [get(service, x_v=text).status for text in ("0.8.0", "1.2.0", "0.7.9", "x")] == [200, 200, 400, 400]
    assert "requires 0.8.0 or higher" in body_of(get(service, x_v="0.1.0"))["detail"]


@pytest.mark.parametrize(
    ("path", "server", "known", "other"),
    [
        pytest.param("/v2/it", "", "/v2/it", "/v3/it", id="paths"),
        pytest.param("/api/v2/it", "", "/api/v2/it", "/api/v1/it", id="paths behind a segment"),
        pytest.param("/it", "https://example.com/api/v2", "/api/v2/it", "/api/v9/it", id="server"),
    ],
)
def test_a_path_of_another_version_is_not_found(path: str, server: str, known: str, other: str) -> None:
    headers = {"X-API-Version": {"schema": {"const": "v2"}}}
    service = service_of({path: operation(headers=headers)}, server=server)
    assert (get(service, known).status, get(service, known).headers["X-API-Version"]) == (200, "v2")
    reply = get(service, other)
    assert (reply.status, reply.headers["api-supported-versions"]) == (404, "v2")
    assert body_of(reply)["code"] == "UnsupportedApiVersion"


def test_a_list_of_versions_stands_at_its_path() -> None:
    settings = {"scheme": "capabilities", "document": "/_acme/versions", "newest": "v1.5"}
    service = service_of({"/it": operation()}, settings)
    assert body_of(get(service, "/_acme/versions")) == {"versions": ["v1.5"], "unstable_features": {}}
    described = service_of({"/it": operation()}, settings | {"document": "/it"})
    assert body_of(get(described)) == {"id": 7, "versions": ["v1.5"], "unstable_features": {}}


def test_a_version_that_is_sent_as_it_is_means_nothing() -> None:
    assert get(service_of({"/it": operation()}), api_version="anything").status == 200
