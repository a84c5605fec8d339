"""The OpenAPI document: valid, stable, complete, and true."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # its stubs are a package of their own
from naas import __version__
from naas.api.app import app_description
from naas.api.routes import ROUTES, submission_is_there
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = app_description()
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (method, path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
]


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["version"] == __version__


def test_every_run_gives_the_same_bytes() -> None:
    """Also under another hash seed, which reorders sets."""
    command = [sys.executable, "-c", "import json, naas.api.document as d; print(json.dumps(d.openapi_document()))"]
    printed = {subprocess.check_output(command, env={"PYTHONHASHSEED": seed}) for seed in ("0", "1", "2")}
    assert printed == {json.dumps(DOCUMENT).encode() + b"\n"}


def test_a_caller_cannot_change_the_document() -> None:
    app_description()["paths"].clear()
    assert app_description() == DOCUMENT


def test_operations_have_the_names_that_clients_are_made_from() -> None:
    names = {operation["operationId"] for _, _, operation in OPERATIONS}
    assert names == {
        "sendCommand", "getSendCommand", "sendConfig", "getSendConfig", "listJobs", "cancelJob", "getHealth",
    }  # fmt: skip


def test_components_have_clean_names() -> None:
    expected = {
        "SendCommandRequest", "SendConfigRequest", "JobResponse", "JobResult", "JobSummary", "ListJobsResponse", "Pagination",
        "HealthReport", "ErrorResponse", "ValidationErrorItem", "JobStatus", "ErrorCode",
    }  # fmt: skip
    assert expected <= set(DOCUMENT["components"]["schemas"])
    assert DOCUMENT["components"]["schemas"]["JobStatus"]["enum"] == [
        "queued",
        "started",
        "finished",
        "failed",
        "canceled",
    ]


def test_every_path_belongs_to_v2() -> None:
    assert all(path.startswith("/v2/") for path in DOCUMENT["paths"])


def test_the_document_names_exactly_the_routes_there_are() -> None:
    """But for the aliases of old, what is left of a liveness check, and the document itself."""
    served = {
        (method.lower(), path.replace(":str", ""))
        for route in ROUTES
        for path in route.paths
        for method in route.http_methods
        if path.startswith("/v2/") and route is not submission_is_there
    }
    assert served == {(method, path) for method, path, _ in OPERATIONS}


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS]
)
def test_everything_is_described(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    for response in operation["responses"].values():
        assert response["description"]
        assert "X-API-Version" in response["headers"]
    for parameter in operation.get("parameters", []):
        assert resolve(parameter)["description"]


def test_every_field_is_described() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["description"], name
        for field, rules in schema.get("properties", {}).items():
            assert rules.get("description") or "$ref" in rules, f"{name}.{field}"


def test_submissions_document_how_to_follow_the_job() -> None:
    for name in ("Command", "Config"):
        accepted = DOCUMENT["paths"][f"/v2/send-{name.lower()}"]["post"]["responses"]["202"]
        assert {"Operation-Location", "Retry-After", "X-Request-ID"} <= set(accepted["headers"])
        assert accepted["links"][f"getSend{name}"]["operationId"] == f"getSend{name}"


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def check_against_document(method: str, path: str, response: Any) -> None:
    """The shared assertion: the answer is one that the document promises."""
    documented = DOCUMENT["paths"][path][method]["responses"]
    assert str(response.status_code) in documented, f"{method} {path} answers {response.status_code}, undocumented"
    promised = documented[str(response.status_code)]
    assert {name.lower() for name in promised["headers"]} - {"retry-after"} <= set(response.headers)
    if "content" not in promised:
        assert response.content == b""
        return
    schema = promised["content"][response.headers["content-type"].partition(";")[0]]["schema"]
    resource = Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
    validator = Draft202012Validator(
        {"$ref": f"urn:naas{schema['$ref']}"}
        if "$ref" in schema
        else {**schema, "items": {"$ref": f"urn:naas{schema['items']['$ref']}"}},
        registry=Registry().with_resource("urn:naas", resource),
    )
    validator.validate(response.json())


JOB = "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"
GOOD = {"host": "192.0.2.1", "commands": ["show version"], "tags": {"site": "lab"}}


@pytest.mark.parametrize(
    ("method", "path", "url", "json", "authenticated"),
    [
        pytest.param("post", "/v2/send-command", "/v2/send-command", GOOD, True, id="202"),
        pytest.param("post", "/v2/send-config", "/v2/send-config", GOOD, True, id="202 configuration"),
        pytest.param("post", "/v2/send-command", "/v2/send-command", GOOD, False, id="401"),
        pytest.param("post", "/v2/send-command", "/v2/send-command", {}, True, id="400"),
        pytest.param("post", "/v2/send-command", "/v2/send-command", None, True, id="415"),
        pytest.param("post", "/v2/send-command", "/v2/send-command", {"host": 1, "platform": "x"}, True, id="422"),
        pytest.param("post", "/v2/send-command", "/v2/send-command", {"host": "a", "commands": ["b"], "platform": "x"}, True, id="422 platform"),
        pytest.param("get", "/v2/jobs", "/v2/jobs", None, True, id="list"),
        pytest.param("get", "/v2/jobs", "/v2/jobs?page=0", None, True, id="list 422"),
        pytest.param("get", "/v2/send-command/{job_id}", f"/v2/send-command/{JOB}", None, True, id="403"),
        pytest.param("get", "/v2/send-command/{job_id}", "/v2/send-command/x", None, True, id="get 400"),
        pytest.param("get", "/v2/send-command/{job_id}", f"/v2/send-command/{JOB}?wait=99", None, True, id="get 422"),
        pytest.param("delete", "/v2/jobs/{job_id}", f"/v2/jobs/{JOB}", None, True, id="404"),
        pytest.param("get", "/v2/healthcheck", "/v2/healthcheck", None, False, id="health"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
async def test_answers_are_as_documented(
    client: httpx.AsyncClient, method: str, path: str, url: str, json: Any, authenticated: bool, accept: str
) -> None:
    client.auth = httpx.BasicAuth("ann", "secret") if authenticated else httpx.Auth()
    response = await client.request(method, url, json=json, headers={"accept": accept})
    check_against_document(method, path, response)


async def test_a_job_is_as_documented_from_start_to_end(client: httpx.AsyncClient) -> None:
    accepted = await client.post("/v2/send-command", json=GOOD)
    finished = await client.get(accepted.headers["operation-location"])
    too_late = await client.delete(f"/v2/jobs/{accepted.json()['job_id']}")
    check_against_document("get", "/v2/send-command/{job_id}", finished)
    check_against_document("delete", "/v2/jobs/{job_id}", too_late)
    check_against_document("get", "/v2/jobs", await client.get("/v2/jobs"))


async def test_the_service_serves_its_document(client: httpx.AsyncClient) -> None:
    assert (await client.get("/apidoc/openapi.json")).json() == DOCUMENT
