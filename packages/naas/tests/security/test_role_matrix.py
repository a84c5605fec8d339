"""Every operation of the document against every kind of caller: nobody gets in where they do not belong.

Made from the operations themselves, so that a new one is in it from the first day.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from naas.api.app import create_app
from naas.api.describe import OperationDoc
from naas.api.resources import OPERATIONS
from naas.config import Settings
from naas.principals import Role
from naas.runtime import Runtime
from naas.testing import ScriptedDriver

ADMIN_SECRET = "correct horse battery staple"

# What a stranger gets out of these is part of what they are for.
PUBLIC = {"/v2/healthcheck"}
MANAGED = ("/v2/api-keys", "/v2/audit")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, Any]]]:
    """One service for the whole matrix, and how each kind of caller comes."""
    folder: Path = tmp_path_factory.mktemp("matrix")
    settings = replace(
        Settings(database=folder / "naas.db", worker_threads=2), admin_secret=ADMIN_SECRET, lockout_threshold=0
    )
    async with Runtime(settings, ScriptedDriver) as runtime:
        transport = httpx.ASGITransport(app=cast("Any", create_app(runtime)))
        async with httpx.AsyncClient(transport=transport, base_url="http://naas") as client:
            callers: dict[str, Any] = {
                "nobody": {},
                "basic": {"auth": ("ann", "secret")},
                "manager": {"auth": ("anybody", ADMIN_SECRET)},
                "wrong key": {"headers": {"X-API-Key": "naas_k-000000000000_x"}},
            }
            for role in Role:
                made = await client.post("/v2/api-keys", json={"role": role.value}, auth=("anybody", ADMIN_SECRET))
                callers[role.value] = {"headers": {"X-API-Key": made.json()["token"]}}
            yield client, callers


def address(operation: OperationDoc) -> str:
    """A path of the operation; what it names does not exist."""
    ids = {
        "job_id": "00000000-0000-4000-8000-000000000000",
        "batch_id": "batch-000000000000",
        "key_id": "k-000000000000",
    }
    return re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], "none-such"), operation.path)


def is_managed(operation: OperationDoc) -> bool:
    return operation.path.startswith(MANAGED)


def streams(operation: OperationDoc) -> bool:
    return any(doc.media_type == "text/event-stream" for doc in operation.responses.values())


every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}"
)
in_one_loop = pytest.mark.asyncio(loop_scope="module")


def test_what_needs_no_credentials_is_known() -> None:
    assert {operation.path for operation in OPERATIONS if operation.role is None} == PUBLIC


@in_one_loop
@every_operation
async def test_strangers_stay_outside(operation: OperationDoc, service: Any) -> None:
    if operation.role is None:
        return
    client, callers = service
    for caller in ("nobody", "wrong key"):
        response = await client.request(operation.method.upper(), address(operation), **callers[caller])
        assert response.status_code == 401, f"{caller}: {response.text}"
        assert "www-authenticate" in response.headers


@in_one_loop
@every_operation
async def test_a_role_that_is_too_low_stays_outside(operation: OperationDoc, service: Any) -> None:
    if operation.role is None:
        return
    client, callers = service
    for role in Role:
        if role.includes(operation.role):
            continue
        response = await client.request(operation.method.upper(), address(operation), **callers[role.value])
        assert response.status_code == 403, f"{role}: {response.text}"
        assert response.json()["message"] == f"this needs the role {operation.role}, and the caller has the role {role}"


@in_one_loop
@every_operation
async def test_a_role_that_is_high_enough_gets_in(operation: OperationDoc, service: Any) -> None:
    """What they ask for does not exist, so they get no further."""
    if operation.role is None or streams(operation):
        return
    client, callers = service
    for role in Role:
        if not role.includes(operation.role):
            continue
        response = await client.request(operation.method.upper(), address(operation), **callers[role.value])
        assert response.status_code != 401, f"{role}: {response.text}"
        assert response.status_code < 500, f"{role}: {response.text}"
        assert "this needs the role" not in response.text


@in_one_loop
@every_operation
async def test_pass_through_callers_are_operators_at_most(operation: OperationDoc, service: Any) -> None:
    if operation.role is not Role.ADMIN:
        return
    client, callers = service
    response = await client.request(operation.method.upper(), address(operation), **callers["basic"])
    assert response.status_code == (401 if is_managed(operation) else 403), response.text


@in_one_loop
@every_operation
async def test_the_admin_secret_opens_keys_and_audit_and_nothing_else(operation: OperationDoc, service: Any) -> None:
    if operation.role is None:
        return
    client, callers = service
    response = await client.request(operation.method.upper(), address(operation), **callers["manager"])
    if is_managed(operation):
        assert response.status_code not in (401, 403), response.text
    else:
        assert response.status_code == 403, response.text
