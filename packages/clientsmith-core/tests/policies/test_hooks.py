"""The small policies: request id, user agent, idempotency key, raw hooks."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInHeader, KeyInQuery
from clientsmith.core.errors import ServiceResponseError
from clientsmith.core.pipeline import HookPolicy
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport


def sent(method: str = "GET", *, answers: tuple[Answer, ...] = (Answer(200),), **options: Any) -> ScriptedTransport:
    service = ScriptedTransport(*answers)
    client = ServiceClient(
        "https://example.test", KeyCredential("SECRET"), authentication=[KeyInQuery("sig")], transport=service
    )
    client.send_request(HttpRequest(method, "/pets?limit=5&color=red", headers={"X-Own": "SECRET"}), **options)
    return service


def test_a_request_id_is_a_random_uuid() -> None:
    """Version 4, and another one for each request."""
    ids = {sent().requests[0].headers["X-Request-ID"] for _ in range(50)}
    assert len(ids) == 50
    assert {uuid.UUID(text).version for text in ids} == {4}
    assert {uuid.UUID(text).variant for text in ids} == {uuid.RFC_4122}


def test_retries_keep_the_request_id() -> None:
    """It names the request, not the attempt."""
    service = sent(answers=(Answer(503), Answer(200)))
    assert len({request.headers["X-Request-ID"] for request in service.requests}) == 1


@pytest.mark.parametrize(("method", "has_key"), [("POST", True), ("PATCH", True), ("GET", False), ("DELETE", False)])
def test_an_idempotency_key_is_for_what_changes_things(method: str, has_key: bool) -> None:
    """Reads are repeatable by themselves."""
    assert ("Idempotency-Key" in sent(method, idempotency_key="k").requests[0].headers) is has_key


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_raw_hooks_see_every_attempt(colour: str) -> None:
    """Redirects and retries included; what a hook changes is for that attempt alone, and is there before the key."""
    seen: list[str] = []

    def before(request: HttpRequest) -> None:
        seen.append(f"{request.method} {request.url} {'X-Attempt' in request.headers} {'api-key' in request.headers}")
        request.headers["X-Attempt"] = str(request.call.attempts + 1)

    def after(response: HttpResponse) -> None:
        seen.append(str(response.status_code))

    lines = (Answer(503), Answer(307, headers={"Location": "/there"}), Answer(200))
    hooks: dict[str, Any] = {"raw_request_hook": before, "raw_response_hook": after}
    keywords: dict[str, Any] = {"authentication": [KeyInHeader("api-key")]}
    service: ScriptedTransport | AsyncScriptedTransport
    if colour == "sync":
        service = ScriptedTransport(*lines)
        ServiceClient("https://e.test", KeyCredential("k"), transport=service, **keywords).send_request(
            HttpRequest("GET", "/here"), **hooks
        )
    else:
        service = AsyncScriptedTransport(*lines)
        twin = aio.ServiceClient("https://e.test", KeyCredential("k"), transport=service, **keywords)
        asyncio.run(twin.send_request(HttpRequest("GET", "/here"), **hooks))
    here, there = "GET https://e.test/here False False", "GET https://e.test/there False False"
    assert seen == [here, "503", here, "307", there, "200"]
    assert [request.headers["X-Attempt"] for request in service.requests] == ["1", "2", "3"]
    assert {request.headers["api-key"] for request in service.requests} == {"k"}


def test_a_hook_that_raises_ends_the_call() -> None:
    """Its error comes out as it is, and nothing is sent again."""

    def refuse(request: HttpRequest) -> None:
        raise LookupError("not today")

    service = ScriptedTransport(Answer(200))
    with pytest.raises(LookupError, match="not today"):
        ServiceClient("https://e.test", transport=service).send_request(
            HttpRequest("GET", "/"), raw_request_hook=refuse
        )
    assert service.requests == []


def test_a_policy_may_see_that_the_transport_failed() -> None:
    """`on_error` in the order of responses; when it was handed over is known."""
    log: list[str] = []

    class Seeing(HookPolicy):
        def __init__(self, name: str) -> None:
            self.name = name

        def on_error(self, request: HttpRequest, error: Exception, /) -> None:
            log.append(f"{self.name} {error} after {request.call.clock() - request.sent_at}")

    service = ScriptedTransport(ServiceResponseError("reset"))
    client = ServiceClient("https://e.test", transport=service, policies=[Seeing("a"), Seeing("b")])
    with pytest.raises(ServiceResponseError):
        client.send_request(HttpRequest("GET", "/"))
    assert log == ["b reset after 0.0", "a reset after 0.0"]
