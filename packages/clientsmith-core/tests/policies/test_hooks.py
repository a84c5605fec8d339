"""The small policies: request id, user agent, idempotency key, logging."""

from __future__ import annotations

import logging
import re
import uuid
from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInQuery
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, ScriptedTransport


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


def test_every_attempt_is_logged_without_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Method, redacted URL, status, attempt and request id; header values only if they are known to be harmless."""
    with caplog.at_level(logging.DEBUG, logger="clientsmith.core.http"):
        sent(answers=(Answer(503, headers={"Set-Cookie": "sid=SECRET"}), Answer(200)), client_request_id="r-1")
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    url = "https://example.test/pets?limit=5&color=***&sig=***"
    assert told == [
        f"GET {url} (attempt 1)",
        f"GET {url} answered 503 (request id r-1)",
        f"GET {url} (attempt 2)",
        f"GET {url} answered 200 (request id r-1)",
    ]
    assert "SECRET" not in caplog.text
    assert re.search(r"'X-Own': '\*\*\*'", caplog.text)
    assert {record.http_status for record in caplog.records if hasattr(record, "http_status")} == {503, 200}


def test_logging_can_be_switched_off_for_a_call(caplog: pytest.LogCaptureFixture) -> None:
    """`logging_enabled=False`."""
    with caplog.at_level(logging.DEBUG, logger="clientsmith.core.http"):
        sent(logging_enabled=False)
    assert caplog.records == []
