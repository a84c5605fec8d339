"""The document as pages for people: whole by themselves, and closed to everything else."""

from __future__ import annotations

import re

import httpx
import pytest
from naas.api.app import app_description

PARTS = [("swagger", "text/html"), ("redoc", "text/html"), ("page.js", "text/javascript"), ("page.css", "text/css")]


@pytest.mark.parametrize(("name", "media_type"), PARTS)
@pytest.mark.asyncio(loop_scope="module")
async def test_the_pages_need_no_other_host(shared: httpx.AsyncClient, name: str, media_type: str) -> None:
    response = await shared.get(f"/apidoc/{name}", auth=httpx.Auth())
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert not re.search(r"(?:https?:)?//[a-z]", response.text.replace("// ", "")), "it asks another host"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "<script>" not in response.text
    assert "style=" not in response.text


@pytest.mark.asyncio(loop_scope="module")
async def test_the_page_reads_the_document_beside_it(shared: httpx.AsyncClient) -> None:
    page, script = (await shared.get("/apidoc/redoc")).text, (await shared.get("/apidoc/page.js")).text
    assert 'src="page.js"' in page
    assert 'fetch("openapi.json")' in script
    assert (await shared.get("/apidoc/openapi.json", auth=httpx.Auth())).json() == app_description()
