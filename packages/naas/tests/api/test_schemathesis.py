"""Requests that nobody wrote by hand: schemathesis makes them from the document, right ones and wrong ones, and every
answer must be one that the document promises. None may be a 5xx, and no wrong one may be accepted.

A short run belongs to the ordinary suite; the slow one makes many more examples of each operation.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from naas.api.app import app_description
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.errors import SchemathesisError
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

ADMIN_SECRET = "the secret of the operator"


def description() -> dict[str, Any]:
    """The document, without what would make the service talk to hosts that chance names, and without credentials:
    these are ours here (`test_auth.py` looks at wrong ones)."""
    document = app_description()
    del document["security"], document["components"]["securitySchemes"]
    for item in document["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    for schema in document["components"]["schemas"].values():
        for name in ("webhook_url", "webhook_secret"):
            schema.get("properties", {}).pop(name, None)
    return document


def is_endless(operation: dict[str, Any]) -> bool:
    """Whether it answers with a stream of events, which ends in five minutes."""
    return any("text/event-stream" in response.get("content", {}) for response in operation["responses"].values())


# By what a wrong request may be refused: also by its size, before anybody looks at its fields.
REFUSALS = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "429"]
CONFIG = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}})
SCHEMA = schemathesis.openapi.from_dict(description(), config=CONFIG)
# The name of an entry stands in the path; one that a body repeats is not looked at.
NAMED_BY_PATH = {"putDevice", "putGroup", "putCredential", "putSchedule"}
OPERATIONS = [
    pytest.param(path, method, id=operation["operationId"])
    for path, item in description()["paths"].items()
    for method, operation in item.items()
    if not is_endless(operation)
]


@pytest.fixture(scope="module")
def service(start_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a real server, and an admin's key: nobody gets further."""
    with start_server(tmp_path_factory.mktemp("fuzz"), NAAS_ADMIN_SECRET=ADMIN_SECRET) as running:
        connection = http.client.HTTPConnection(running.url.removeprefix("http://"))
        manager = base64.b64encode(f"anybody:{ADMIN_SECRET}".encode()).decode()
        headers = {"Authorization": f"Basic {manager}", "Content-Type": "application/json"}
        connection.request("POST", "/v2/api-keys", json.dumps({"role": "admin"}), headers)
        token: str = json.loads(connection.getresponse().read())["token"]
        connection.close()
        yield running.url, token


CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def ask(path: str, method: str, service: tuple[str, str], *, examples: int) -> None:
    operation = SCHEMA[path][method]
    ask_all(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), CHECKS, service, examples)
    if operation.definition.raw["operationId"] in NAMED_BY_PATH:
        return
    # Nothing can be wrong with a request that has no parts, or only headers that may hold anything.
    with contextlib.suppress(SchemathesisError, Unsatisfiable):
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        ask_all(wrong, [*CHECKS, negative_data_rejection], service, examples)


def ask_all(strategy: Any, checks: Any, service: tuple[str, str], examples: int) -> None:
    url, token = service

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one(case: Any) -> None:
        case.call_and_validate(base_url=url, headers={"X-API-Key": token}, checks=checks, timeout=20)

    cast("Callable[[], None]", one)()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_documented(path: str, method: str, service: tuple[str, str]) -> None:
    ask(path, method, service, examples=2)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_documented_at_length(path: str, method: str, service: tuple[str, str]) -> None:
    ask(path, method, service, examples=25)
