"""Limits that a service announces: how they are read, and who waits for them."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import DeadlineExceededError
from clientsmith.core.policies.rate_limit import Allowance, RateLimitPolicy, allowance_of
from clientsmith.core.rest import Headers, HttpRequest
from clientsmith.core.testing import Answer, Line, ScriptedTransport
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, None),
        ({"RateLimit": '"default";r=50;t=30'}, Allowance(50, 30.0)),
        ({"RateLimit": '"minute";r=5;t=60, "day";r=0;t=7200'}, Allowance(0, 7200.0)),
        ({"RateLimit": '"a";r=0;t=5, "b";r=0;t=60'}, Allowance(0, 60.0)),
        ({"RateLimit": '"default"; r=1; pk=:cHsdsRa894==:; t=30'}, Allowance(1, 30.0)),
        ({"RateLimit": '"default";r=1'}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "12"}, Allowance(0, 12.0)),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": f"{NOW + 40:.0f}"}, Allowance(3, 40.0)),
        ({"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": f"{(NOW + 40) * 1000:.0f}"}, Allowance(0, 40.0)),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{NOW - 40:.0f}"}, Allowance(0, 0.0)),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1.5"}, Allowance(0, 1.5)),
        ({"X-RateLimit-Remaining": "none", "X-RateLimit-Reset": "5"}, None),
        ({"X-RateLimit-Remaining": "0"}, None),
        ({"X-RateLimit-Remaining": "9" * 5000, "X-RateLimit-Reset": "5"}, None),
    ],
    ids=[
        "nothing", "draft", "the one that is exhausted", "the one that lasts longest", "other parameters",
        "no time", "earlier draft", "seconds since the epoch", "milliseconds since the epoch", "a time that is past",
        "a fraction", "no number", "no reset", "more digits than Python reads",
    ],
)  # fmt: skip
def test_what_services_say_about_their_limits(headers: dict[str, str], said: Allowance | None) -> None:
    """All spellings come to the same two numbers."""
    assert allowance_of(Headers(headers), NOW) == said


@given(
    st.dictionaries(st.sampled_from(["RateLimit", "RateLimit-Remaining", "X-RateLimit-Reset"]), st.text(max_size=60))
)
def test_no_header_of_a_service_can_break_a_call(fields: dict[str, str]) -> None:
    """What cannot be read says nothing."""
    allowance = allowance_of(Headers.received(fields), NOW)
    assert allowance is None or (allowance.remaining >= 0 and allowance.seconds >= 0.0)


def client_of(*lines: Line, **limits: Any) -> tuple[ServiceClient, ScriptedTransport]:
    service = ScriptedTransport(*lines)
    policy = RateLimitPolicy(clock=lambda: NOW + service.now, **limits)
    return ServiceClient("https://shop.test", transport=service, policies=[policy]), service


USED_UP = Answer(headers={"RateLimit": '"default";r=0;t=7'})


def test_the_next_request_waits_until_there_is_more() -> None:
    """Seven seconds, less what has passed by itself."""
    client, service = client_of(USED_UP, Answer(), Answer())
    for _ in range(3):
        client.send_request(HttpRequest("GET", "/a"))
        service.clock.advance(2.0)
    assert service.waits == [5.0]


def test_a_limit_that_is_not_used_up_holds_nobody_back() -> None:
    """There is something left."""
    client, service = client_of(Answer(headers={"RateLimit": '"default";r=1;t=7'}), Answer())
    for _ in range(2):
        client.send_request(HttpRequest("GET", "/a"))
    assert service.waits == []


def test_a_429_holds_all_calls_back() -> None:
    """Not only the one that it was the answer to."""
    client, service = client_of(Answer(429, headers={"Retry-After": "3"}), Answer())
    for _ in range(2):
        client.send_request(HttpRequest("GET", "/a"))
    assert service.waits == [3.0]


def test_each_origin_has_its_own_limit() -> None:
    """Another service knows nothing of it."""
    client, service = client_of(USED_UP, Answer())
    client.send_request(HttpRequest("GET", "/a"))
    client.send_request(HttpRequest("GET", "https://other.test/a"))
    assert service.waits == []


def test_a_wait_beyond_the_deadline_fails_at_once() -> None:
    """Sleeping first and failing then would be no use to anybody."""
    client, service = client_of(USED_UP, Answer())
    client.send_request(HttpRequest("GET", "/a"))
    with pytest.raises(DeadlineExceededError, match="due in 7 s"):
        client.send_request(HttpRequest("GET", "/a"), timeout=5.0)
    assert len(service.requests) == 1


def test_a_limit_that_lasts_too_long_is_left_to_the_service() -> None:
    """It may say itself that it is too early."""
    client, service = client_of(USED_UP, Answer(429), max_wait=5.0)
    statuses = [client.send_request(HttpRequest("GET", "/a")).status_code for _ in range(2)]
    assert (statuses, service.waits) == ([200, 429], [])


def test_one_call_can_do_without() -> None:
    """A setting like any other."""
    client, service = client_of(USED_UP, Answer())
    client.send_request(HttpRequest("GET", "/a"))
    client.send_request(HttpRequest("GET", "/a"), rate_limit_enabled=False)
    assert service.waits == []
