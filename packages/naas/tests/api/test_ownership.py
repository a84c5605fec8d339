"""What belongs to somebody is nobody else's: every operation that names a job or a batch, asked by a stranger of the
same role. Made from the document, so that a new operation is in it from the first day. (Roles: `test_role_matrix.py`.)"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from naas.api.app import app_description

OWNED = [
    pytest.param(method, path, id=operation["operationId"])
    for path, item in app_description()["paths"].items()
    for method, operation in item.items()
    if "{job_id}" in path or "{batch_id}" in path
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anns(shared: httpx.AsyncClient) -> AsyncIterator[dict[str, str]]:
    """A job and a batch of Ann, both over."""
    job = (await shared.post("/v2/send-command", json={"host": "r1", "commands": ["show version"]})).json()
    body = {"devices": [{"host": "r2", "platform": "cisco_ios"}], "commands": ["show version"]}
    batch = (await shared.post("/v2/send-command/batch", json=body)).json()
    await shared.get(f"/v2/jobs/{job['job_id']}?wait=5")
    await shared.get(f"/v2/batches/{batch['batch_id']}?wait=5")
    yield {"job_id": job["job_id"], "batch_id": batch["batch_id"]}


@pytest.mark.parametrize(("method", "path"), OWNED)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_stranger_gets_403(method: str, path: str, shared: httpx.AsyncClient, anns: dict[str, str]) -> None:
    response = await shared.request(method, path.format(**anns), auth=("bob", "secret"))
    assert response.status_code == 403, response.text
    assert anns["job_id"] not in response.text


@pytest.mark.parametrize("url", ["/v2/jobs", "/v2/jobs/failed", "/v2/batches"])
@pytest.mark.asyncio(loop_scope="module")
async def test_lists_hold_ones_own(url: str, shared: httpx.AsyncClient, anns: dict[str, str]) -> None:
    body: dict[str, Any] = (await shared.get(url, auth=("bob", "secret"))).json()
    assert body.get("jobs", body.get("batches")) == []
    assert anns["job_id"] not in str(body)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_filter_does_not_open_what_is_somebody_elses(shared: httpx.AsyncClient, anns: dict[str, str]) -> None:
    for query in (f"batch_id={anns['batch_id']}", f"before={anns['job_id']}", "host=r1"):
        body = (await shared.get(f"/v2/jobs?{query}", auth=("bob", "secret"))).json()
        assert (body["jobs"], body["pagination"]["total"]) == ([], 0)
