"""The version of the wire: said below /v2/ by every answer, refused where it is none of ours, ready to end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
from clientsmith.server import Lifecycle
from naas.api.app import create_app
from naas.config import Settings
from naas.runtime import Runtime
from naas.testing import ScriptedDriver


@pytest.mark.parametrize("path", ["/v2/healthcheck", "/v2/jobs", "/v2/nothing", "/v2"])
async def test_every_answer_below_v2_says_its_version(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers.get_list("x-api-version") == ["v2"]
    assert answer.headers["api-supported-versions"] == "v2"


@pytest.mark.parametrize("path", ["/", "/healthcheck", "/apidoc/openapi.json", "/elsewhere"])
async def test_other_paths_have_none(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert "x-api-version" not in answer.headers
    assert "api-supported-versions" not in answer.headers


@pytest.mark.parametrize("version", ["v1", "v3"])
async def test_another_version_is_404_in_the_shapes_of_the_wire(client: httpx.AsyncClient, version: str) -> None:
    told = f"this service does not speak API version '{version}'; it speaks v2"
    answer = await client.get(f"/{version}/jobs")
    assert (answer.status_code, answer.json()) == (404, {"message": told})
    assert answer.headers["api-supported-versions"] == "v2"
    problem = await client.get(f"/{version}/jobs", headers={"accept": "application/problem+json"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json() == {"type": "about:blank", "title": "Not Found", "status": 404, "detail": told}


async def test_a_part_of_the_wire_can_come_to_its_end(settings: Settings, driver: ScriptedDriver) -> None:
    """Announced first; after its sunset it is gone, in the shapes of the wire."""
    announced = Lifecycle(route="/v2/jobs", deprecated=datetime(2026, 1, 1, tzinfo=UTC))
    gone = Lifecycle(route="/v2/send-config/*", sunset=datetime(2020, 1, 1, tzinfo=UTC), refuse_after_sunset=True)
    async with Runtime(settings, lambda: driver) as runtime:
        transport = httpx.ASGITransport(app=cast("Any", create_app(runtime, lifecycle=[announced, gone])))
        async with httpx.AsyncClient(transport=transport, base_url="http://naas", auth=("ann", "secret")) as client:
            deprecated = await client.get("/v2/jobs")
            assert (deprecated.status_code, deprecated.headers["deprecation"]) == (200, "@1767225600")
            retired = await client.get("/v2/send-config/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11")
            assert retired.status_code == 410
            assert retired.json() == {"message": "/v2/send-config/* was retired on 2020-01-01; upgrade the client"}
            assert "deprecation" not in (await client.get("/v2/healthcheck")).headers
