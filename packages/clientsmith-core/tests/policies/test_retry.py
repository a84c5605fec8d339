"""What is sent again, after how long, and what never is."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import (
    DeadlineExceededError,
    ServiceRequestError,
    ServiceResponseError,
    TransportError,
)
from clientsmith.core.pipeline import Policy
from clientsmith.core.policies import IdempotencyKeyPolicy, RetryBudget, RetryPolicy
from clientsmith.core.policies.retry import parse_retry_after
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, Line, ScriptedTransport


def call(
    *lines: Line, method: str = "GET", policy: RetryPolicy | None = None, content: Any = None, **options: Any
) -> tuple[HttpResponse, ScriptedTransport]:
    service = ScriptedTransport(*lines)
    policies: list[Policy] = [IdempotencyKeyPolicy(), policy or RetryPolicy(jitter=lambda: 1.0)]
    client = ServiceClient("https://example.test", transport=service, policies=policies)
    return client.send_request(HttpRequest(method, "/", content=content), **options), service


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_transient_status_is_tried_again_with_growing_waits(status: int) -> None:
    """Three retries by default: 0.8, 1.6, 3.2 seconds before jitter."""
    response, service = call(Answer(status), Answer(status), Answer(status), Answer(200))
    assert response.status_code == 200
    assert service.waits == [0.8, 1.6, 3.2]


@pytest.mark.parametrize("status", [200, 304, 400, 401, 404, 409, 501])
def test_any_other_status_is_final(status: int) -> None:
    """Asking again would not change the answer."""
    response, service = call(Answer(status))
    assert (response.status_code, service.waits) == (status, [])


def test_the_last_answer_is_returned_when_retries_run_out() -> None:
    """The caller gets what the service said, not an error about retrying."""
    response, service = call(Answer(503), Answer(503), max_retries=1)
    assert response.status_code == 503
    assert len(service.requests) == 2


def test_max_retries_zero_tries_once() -> None:
    """A setting of the call replaces the client's."""
    _, service = call(Answer(503), max_retries=0)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ({"Retry-After": "2"}, [2.0]),
        ({"Retry-After": "0"}, [0.0]),
        ({"Retry-After": "soon"}, [0.8]),
        ({"retry-after-ms": "250"}, [0.25]),
        ({"x-ms-retry-after-ms": "250", "Retry-After": "9"}, [0.25]),
    ],
    ids=["seconds", "now", "unreadable: own backoff", "milliseconds", "milliseconds before seconds"],
)
def test_the_servers_wait_wins_over_backoff(header: dict[str, str], waits: list[float]) -> None:
    """A readable Retry-After replaces our own backoff and is not jittered."""
    _, service = call(Answer(503, headers=header), Answer(200), policy=RetryPolicy(jitter=lambda: 1.0))
    assert service.waits == waits


def test_a_longer_wait_than_the_cap_ends_the_trying() -> None:
    """Coming back sooner than asked would be rude."""
    response, service = call(Answer(503, headers={"Retry-After": "3600"}), timeout=None)
    assert (response.status_code, service.waits) == (503, [])


@pytest.mark.parametrize(
    ("method", "failure", "options", "sent"),
    [
        ("GET", ServiceResponseError("reset"), {}, 2),
        ("PUT", ServiceResponseError("reset"), {}, 2),
        ("DELETE", ServiceResponseError("reset"), {}, 2),
        ("POST", ServiceResponseError("reset"), {}, 1),
        ("PATCH", ServiceResponseError("reset"), {}, 1),
        ("POST", ServiceResponseError("reset"), {"idempotency_key": "k"}, 2),
        ("POST", ServiceResponseError("closed", is_unsent=True), {}, 2),
        ("POST", ServiceRequestError("refused", is_unsent=True), {}, 2),
        ("GET", DeadlineExceededError("late"), {}, 1),
        ("GET", ServiceRequestError("not trusted", is_unsent=True, is_transient=False), {}, 1),
    ],
    ids=[
        "GET", "PUT", "DELETE", "POST is not", "PATCH is not", "POST with an idempotency key",
        "POST that was not seen", "POST that did not get through", "nothing after the deadline", "nothing that will not pass",
    ],
)  # fmt: skip
def test_only_what_is_safe_is_sent_again(
    method: str, failure: TransportError, options: dict[str, Any], sent: int
) -> None:
    """RFC 9110, section 9.2.2: a request that may have had its effect is not repeated."""
    service = ScriptedTransport(failure, Answer(200))
    policies: list[Policy] = [IdempotencyKeyPolicy(), RetryPolicy()]
    client = ServiceClient("https://example.test", transport=service, policies=policies)
    with contextlib.suppress(type(failure)):
        client.send_request(HttpRequest(method, "/"), **options)
    assert len(service.requests) == sent


@pytest.mark.parametrize(
    ("answer", "sent"),
    [(Answer(503), 1), (Answer(500), 1), (Answer(503, headers={"Retry-After": "1"}), 2), (Answer(429, headers={"Retry-After": "1"}), 2)],
    ids=["503", "500", "503 with Retry-After", "429 with Retry-After"],
)  # fmt: skip
def test_a_post_is_repeated_only_if_the_service_turned_it_away(answer: Answer, sent: int) -> None:
    """429 and 503 that say when to come back were refused before they had an effect."""
    _, service = call(answer, Answer(200), method="POST")
    assert len(service.requests) == sent


def test_a_body_that_cannot_be_sent_twice_is_sent_once() -> None:
    """An iterable is used up by the first attempt."""
    _, service = call(Answer(503), method="PUT", content=iter([b"a", b"b"]))
    assert len(service.requests) == 1


def test_no_wait_goes_past_the_deadline() -> None:
    """The caller rather gets the answer that we have."""
    response, service = call(Answer(503), timeout=0.5)
    assert (response.status_code, service.waits) == (503, [])


def test_jitter_spreads_the_waits_over_the_whole_interval() -> None:
    """Full jitter: between nothing and the backoff."""
    _, service = call(Answer(503), Answer(503), Answer(200), policy=RetryPolicy(jitter=lambda: 0.25))
    assert service.waits == [0.2, 0.4]


def test_a_client_that_fails_all_the_time_runs_out_of_budget() -> None:
    """All calls share it, so retries cannot multiply the load on a service that is down."""
    policy = RetryPolicy(budget=RetryBudget(capacity=10, cost=5, refund=1), jitter=lambda: 0.0)
    sent = [len(call(Answer(503), Answer(503), policy=policy, max_retries=1)[1].requests) for _ in range(3)]
    assert sent == [2, 2, 1]


def test_successes_fill_the_budget_again() -> None:
    """One token a success, never above the capacity."""
    budget = RetryBudget(capacity=5, cost=5, refund=1)
    assert budget.spend()
    assert not budget.spend()
    for _ in range(9):
        budget.give_back()
    assert budget.spend()
    assert not budget.spend()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0), ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0), ("-4", 0.0)],
    ids=["seconds", "now", "a fraction", "date", "past date", "negative"],
)  # fmt: skip
def test_retry_after_is_read_in_all_its_forms(value: str, seconds: float) -> None:
    """RFC 9110, section 10.2.3."""
    assert parse_retry_after(value, now=datetime(2026, 11, 21, 12, tzinfo=UTC)) == seconds


@pytest.mark.parametrize("value", ["soon", "", "nan", "inf"])
def test_an_unreadable_retry_after_is_refused(value: str) -> None:
    """The caller falls back to its own backoff."""
    with pytest.raises(ValueError, match=r".*"):
        parse_retry_after(value, now=datetime.now(UTC))
