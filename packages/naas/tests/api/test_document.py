"""The OpenAPI document: valid, stable, complete, and true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from naas import __version__
from naas.api.app import app_description
from naas.api.jobs.routes import submission_is_there
from naas.api.resources import ROUTES
from openapi_spec_validator import validate

DOCUMENT = app_description()
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (method, path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
]


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["version"] == __version__


def test_every_run_gives_the_same_bytes() -> None:
    """Also under other hash seeds, which reorder sets; this process has one of its own."""
    command = [sys.executable, "-c", "import json, naas.api.document as d; print(json.dumps(d.openapi_document()))"]
    printed = {subprocess.check_output(command, env={"PYTHONHASHSEED": seed}) for seed in ("0", "1")}
    assert printed == {json.dumps(DOCUMENT).encode() + b"\n"}


def test_a_caller_cannot_change_the_document() -> None:
    app_description()["paths"].clear()
    assert app_description() == DOCUMENT


def test_operations_have_the_names_that_clients_are_made_from() -> None:
    names = {operation["operationId"] for _, _, operation in OPERATIONS}
    assert names >= {
        "sendCommand", "getSendCommand", "sendCommandStructured", "getSendCommandStructured", "sendConfig",
        "getSendConfig", "getJob", "listJobs", "listFailedJobs", "cancelJob", "replayJob", "streamJob",
        "sendCommandBatch", "sendCommandStructuredBatch", "sendConfigBatch", "getBatch", "listBatches", "cancelBatch",
        "retryBatch", "streamBatch", "listContexts", "getHealth",
    }  # fmt: skip
    assert len(names) == len(OPERATIONS)


def test_components_have_clean_names() -> None:
    expected = {
        "SendCommandRequest", "SendConfigRequest", "JobResponse", "JobResult", "JobSummary", "ListJobsResponse", "Pagination",
        "HealthReport", "ErrorResponse", "ValidationErrorItem", "JobStatus", "ErrorCode",
    }  # fmt: skip
    assert expected <= set(DOCUMENT["components"]["schemas"])
    assert DOCUMENT["components"]["schemas"]["JobStatus"]["enum"] == [
        "deferred",
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


JOB = "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"
GOOD = {"host": "192.0.2.1", "commands": ["show version"], "tags": {"site": "lab"}}


@pytest.mark.parametrize(
    ("method", "url", "json", "status"),
    [
        pytest.param("post", "/v2/send-command", GOOD, 202, id="202"),
        pytest.param("post", "/v2/send-config", GOOD, 202, id="202 configuration"),
        pytest.param("post", "/v2/send-command-structured", GOOD, 202, id="202 structured"),
        pytest.param("post", "/v2/send-command", {}, 400, id="400"),
        pytest.param("post", "/v2/send-command", None, 415, id="415"),
        pytest.param("post", "/v2/send-command", {"host": 1, "platform": "x"}, 422, id="422"),
        pytest.param("post", "/v2/send-command", {**GOOD, "platform": "x"}, 422, id="422 platform"),
        pytest.param("get", "/v2/jobs", None, 200, id="list"),
        pytest.param("get", "/v2/jobs?page=0", None, 422, id="list 422"),
        pytest.param("get", "/v2/jobs/failed", None, 200, id="failed"),
        pytest.param("get", f"/v2/send-command/{JOB}", None, 403, id="403"),
        pytest.param("get", "/v2/send-command/x", None, 400, id="get 400"),
        pytest.param("get", f"/v2/send-command/{JOB}?wait=99", None, 422, id="get 422"),
        pytest.param("get", f"/v2/jobs/{JOB}/stream", None, 404, id="stream 404"),
        pytest.param("post", f"/v2/jobs/{JOB}/replay", None, 404, id="replay 404"),
        pytest.param("delete", f"/v2/jobs/{JOB}", None, 404, id="404"),
        pytest.param("post", "/v2/send-command/batch", {"devices": []}, 422, id="batch 422"),
        pytest.param("get", "/v2/batches", None, 200, id="batches"),
        pytest.param("get", "/v2/batches/batch-000000000000", None, 404, id="batch 404"),
        pytest.param("get", "/v2/contexts", None, 200, id="contexts"),
        pytest.param("get", "/v2/healthcheck", None, 200, id="health"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
@pytest.mark.asyncio(loop_scope="module")
async def test_answers_are_as_documented(
    shared: httpx.AsyncClient, method: str, url: str, json: Any, status: int, accept: str
) -> None:
    """The client of these tests compares every answer with the document; here are those that others do not ask for."""
    response = await shared.request(method, url, json=json, headers={"accept": accept})
    assert response.status_code == status


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, operation in OPERATIONS if operation.get("security") != []]
)
@pytest.mark.asyncio(loop_scope="module")
async def test_every_guarded_operation_documents_its_401(shared: httpx.AsyncClient, method: str, path: str) -> None:
    url = path.replace("{job_id}", JOB).replace("{batch_id}", "batch-000000000000")
    response = await shared.request(method, re.sub(r"\{\w+\}", "x", url), auth=httpx.Auth())
    assert response.status_code == 401


async def test_the_service_serves_its_document(client: httpx.AsyncClient) -> None:
    assert (await client.get("/apidoc/openapi.json")).json() == DOCUMENT


def unbounded(rules: dict[str, Any], where: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield where a value that a caller sends may be as large as they like."""
    if (reference := rules.get("$ref")) is not None:
        if reference not in seen:
            yield from unbounded(resolve(rules), where, seen | {reference})
        return
    shared = {name: value for name, value in rules.items() if name.startswith("max")}
    for option in rules.get("anyOf", ()):
        yield from unbounded({**shared, **option}, where, seen)
    bounds: dict[str, set[str]] = {
        "string": {"maxLength", "pattern", "enum", "format", "const"},
        "array": {"maxItems"},
        "integer": {"maximum", "enum"},
        "number": {"maximum"},
    }
    kind = rules.get("type")
    if isinstance(kind, str) and kind in bounds and not bounds[kind] & set(rules):
        yield f"{where}: {kind}"
    if kind == "object" and "properties" not in rules and "maxProperties" not in rules:
        yield f"{where}: object"
    for name, field in rules.get("properties", {}).items():
        yield from unbounded(field, f"{where}.{name}", seen)
    if isinstance(rules.get("items"), dict):
        yield from unbounded(rules["items"], f"{where}[]", seen)


def test_everything_that_a_caller_sends_has_a_bound() -> None:
    """Headers are bounded by the server, and the body as a whole by its size."""
    found: list[str] = []
    for _, _, operation in OPERATIONS:
        for parameter in map(resolve, operation.get("parameters", [])):
            if parameter["in"] != "header":
                found += unbounded(parameter["schema"], f"{operation['operationId']}?{parameter['name']}")
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            found += unbounded(schema, operation["operationId"])
    assert found == []
