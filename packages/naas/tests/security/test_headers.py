"""Security headers are on every answer, and what an answer says of itself stays."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from naas.security.headers import API_POLICY, PAGE_POLICY, SecurityHeaders


async def ask(path: str, *, under_tls: bool = False, headers: list[tuple[bytes, bytes]] | None = None) -> httpx.Headers:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": headers or []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(app=SecurityHeaders(app, under_tls=under_tls))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://naas") as client:
        return (await client.get(path)).headers


@pytest.mark.parametrize(
    ("path", "policy"),
    [("/v2/jobs", API_POLICY), ("/ui", PAGE_POLICY), ("/ui/app.js", PAGE_POLICY), ("/uix", API_POLICY)],
)
async def test_every_answer_has_them(path: str, policy: str) -> None:
    headers = await ask(path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == policy
    assert "unsafe" not in policy
    assert "strict-transport-security" not in headers


async def test_https_is_asked_for_only_where_it_is_spoken() -> None:
    assert (await ask("/v2/jobs", under_tls=True))["strict-transport-security"] == "max-age=31536000"


async def test_what_an_answer_says_of_itself_stays() -> None:
    theirs = [(b"Cache-Control", b"private, no-cache"), (b"Content-Security-Policy", b"default-src 'self'")]
    headers = await ask("/v2/jobs", headers=theirs)
    assert headers.get_list("cache-control") == ["private, no-cache"]
    assert headers.get_list("content-security-policy") == ["default-src 'self'"]
