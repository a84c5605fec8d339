"""What is sent again, after how long, and what never is."""

from __future__ import annotations

import contextlib
import math
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import (
    ClientsmithError,
    DeadlineExceededError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
    TransportError,
)
from clientsmith.core.operations import Operation
from clientsmith.core.pipeline import Policy
from clientsmith.core.policies import IdempotencyKeyPolicy, RetryBudget, RetryPolicy
from clientsmith.core.policies.retry import Backoff, Outcome, parse_retry_after
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, Line, ScriptedTransport
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

GET: Operation[Any] = Operation("GET", "/x", responses={200: None})


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


@pytest.mark.parametrize("header", ["nan", "inf", "soon", "-1"])
def test_unreadable_milliseconds_are_no_wait_at_all(header: str) -> None:
    """A wait is a finite number, and never negative."""
    _, service = call(Answer(503, headers={"retry-after-ms": header}), Answer(200))
    assert service.waits == [0.0 if header == "-1" else 0.8]


@pytest.mark.parametrize(
    ("status", "said", "method", "sent"),
    [
        (503, "false", "GET", 1),
        (409, "true", "GET", 2),
        (409, "true", "POST", 2),
        (503, "TRUE", "POST", 2),
        (409, "perhaps", "GET", 1),
        (503, "perhaps", "GET", 2),
    ],
    ids=["no", "yes", "yes, even a POST", "yes, in any case", "neither: final", "neither: transient"],
)
def test_the_service_may_say_whether_to_retry(status: int, said: str, method: str, sent: int) -> None:
    """`x-should-retry` knows better than any table of statuses."""
    _, service = call(Answer(status, headers={"x-should-retry": said}), Answer(200), method=method)
    assert len(service.requests) == sent


def test_the_numbers_are_settings() -> None:
    """For one call, or for all."""
    lines = [Answer(503) for _ in range(4)]
    assert call(*lines, backoff_base=0.1)[1].waits == [0.1, 0.2, 0.4]
    assert call(*lines, backoff_base=2.0, backoff_cap=3.0)[1].waits == [2.0, 3.0, 3.0]
    assert call(Answer(503), retry_statuses=[429])[1].waits == []
    assert call(Answer(423), Answer(200), retry_statuses={423})[1].waits == [0.8]


def test_the_error_in_the_end_remembers_those_before_it() -> None:
    """An answer or a failure, in their order, without the frames that made them; they survive pickling."""
    reset, late = ServiceResponseError("reset"), ServiceResponseError("late")
    service = ScriptedTransport(Answer(503, json={"code": "Busy"}), reset, late)
    client = ServiceClient("https://example.test", transport=service, settings={"max_retries": 2})
    with pytest.raises(ServiceResponseError, match="late") as caught:
        client._call(GET, {}, options={})
    first, second = caught.value.previous
    assert isinstance(first, HttpResponseError)
    assert (first.status_code, first.error_code, first.attempts) == (503, "Busy", 1)
    assert second is reset
    assert [error.__traceback__ for error in caught.value.previous] == [None, None]
    assert [str(error) for error in pickle.loads(pickle.dumps(caught.value)).previous] == [str(first), str(second)]


def test_an_answer_in_the_end_remembers_as_well() -> None:
    """The last 503 is an error of the operation, not of the retrying."""
    service = ScriptedTransport(ServiceResponseError("reset"), Answer(503))
    client = ServiceClient("https://example.test", transport=service, settings={"max_retries": 1})
    with pytest.raises(HttpResponseError, match="answered 503") as caught:
        client._call(GET, {}, options={})
    assert [str(error) for error in caught.value.previous] == ["reset"]


def test_a_single_attempt_has_nothing_to_remember() -> None:
    """No history, no attribute to carry it."""
    client = ServiceClient("https://example.test", transport=ScriptedTransport(Answer(404)))
    with pytest.raises(HttpResponseError) as caught:
        client._call(GET, {}, options={})
    assert caught.value.previous == ()


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
        ("POST", ServiceResponseError("reset"), {"retry_methods": ["POST"]}, 2),
        ("PUT", ServiceResponseError("reset"), {"retry_methods": ["POST"]}, 1),
        ("POST", ServiceResponseError("closed", is_unsent=True), {}, 2),
        ("POST", ServiceRequestError("refused", is_unsent=True), {}, 2),
        ("GET", DeadlineExceededError("late"), {}, 1),
        ("GET", ServiceRequestError("not trusted", is_unsent=True, is_transient=False), {}, 1),
    ],
    ids=[
        "GET", "PUT", "DELETE", "POST is not", "PATCH is not", "POST with an idempotency key",
        "POST that is declared safe", "PUT that is not any more",
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


@given(st.text(max_size=40))
def test_no_retry_after_makes_the_parser_fail_otherwise(value: str) -> None:
    """A finite number of seconds, or the one error that callers expect."""
    try:
        seconds = parse_retry_after(value, now=datetime(2026, 11, 21, tzinfo=UTC))
    except ValueError:
        return
    assert seconds >= 0.0
    assert math.isfinite(seconds)


# --- for whatever happens --------------------------------------------------------------------------------------------

HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Retry-After": st.sampled_from(["0", "0.5", "3", "59", "3600", "soon", "Sat, 21 Nov 2026 12:00:30 GMT", "-1"]),
        "retry-after-ms": st.sampled_from(["0", "20", "90000", "nan", "inf"]),
        "x-should-retry": st.sampled_from(["true", "false", "maybe"]),
    },
)
ANSWERS = st.builds(
    lambda status, headers: Answer(status, headers=headers),
    st.sampled_from([200, 204, 304, 400, 404, 408, 409, 425, 429, 500, 501, 502, 503, 504]),
    HEADERS,
)
FAILURES = st.one_of(
    st.builds(ServiceRequestError, st.just("refused"), is_unsent=st.booleans(), is_transient=st.booleans()),
    st.builds(ServiceResponseError, st.just("reset"), is_unsent=st.booleans()),
    st.builds(DeadlineExceededError, st.just("late")),
)
LINES = st.lists(st.one_of(ANSWERS, FAILURES), min_size=12, max_size=12)
SETTINGS = st.fixed_dictionaries(
    {"max_retries": st.integers(0, 8), "timeout": st.sampled_from([None, 0.05, 0.1, 1.0, 30.0])},
    optional={"backoff_base": st.sampled_from([0.0, 0.1, 5.0]), "backoff_cap": st.sampled_from([0.0, 2.0, 60.0])},
)


def _is_safe(method: str, options: dict[str, Any], line: Line) -> bool:
    """Whether sending again after this could not do anything twice: the rules in other words."""
    if method not in ("POST", "PATCH") or "idempotency_key" in options:
        return True
    if isinstance(line, TransportError):
        return line.is_unsent
    assert isinstance(line, Answer)
    said = {name.lower(): value for name, value in line.headers.items()}
    has_wait = any(said.get(name, "soon") not in ("soon", "nan", "inf") for name in ("retry-after", "retry-after-ms"))
    return said.get("x-should-retry") == "true" or (line.status_code in (429, 503) and has_wait)


@effort(max_examples=400)
@given(
    lines=LINES,
    settings=SETTINGS,
    jitter=st.floats(0.0, 1.0),
    method=st.sampled_from(["GET", "PUT", "POST", "PATCH"]),
    key=st.booleans(),
    is_replayable=st.booleans(),
)
def test_whatever_happens_the_rules_hold(
    lines: list[Any], settings: dict[str, Any], jitter: float, method: str, key: bool, is_replayable: bool
) -> None:
    """Never too often, too long, past the deadline, or twice where once was all that is safe."""
    options = {**settings, **({"idempotency_key": "k"} if key else {})}
    policy, ended = RetryPolicy(jitter=lambda: jitter), None
    policies: list[Policy] = [IdempotencyKeyPolicy(), policy]
    service = ScriptedTransport(*lines)
    client = ServiceClient("https://example.test", transport=service, policies=policies)
    request = HttpRequest(method, "/", content=b"x" if is_replayable else iter([b"x"]))
    try:
        client.send_request(request, **options)
    except TransportError as error:
        ended = error
    sent = len(service.requests)
    assert 1 <= sent <= settings["max_retries"] + 1
    assert len(service.waits) == sent - 1
    assert all(0.0 <= wait <= settings.get("backoff_cap", 60.0) for wait in service.waits)
    assert settings["timeout"] is None or sum(service.waits) <= settings["timeout"]
    assert is_replayable or sent == 1
    assert all(_is_safe(method, options, line) for line in lines[: sent - 1])
    assert not [line for line in lines[: sent - 1] if isinstance(line, DeadlineExceededError)]
    if ended is not None:
        assert ended is lines[sent - 1]
        assert len(ended.previous) == sent - 1
        assert all(isinstance(error, ClientsmithError) for error in ended.previous)
    ended = None


@given(
    base=st.floats(0.0, 1e6),
    cap=st.floats(0.0, 1e6),
    attempt=st.integers(1, 10_000),
    asked=st.none() | st.floats(0.0, 1e9),
)
def test_a_wait_is_never_longer_than_the_cap(base: float, cap: float, attempt: int, asked: float | None) -> None:
    """After any number of attempts, whatever the server asks for."""
    wait = Backoff(base, cap).wait_after(Outcome(is_transient=True, retry_after=asked), attempt, 10_000)
    assert wait is None or 0.0 <= wait <= cap
    assert wait is None or asked is None or wait == asked
