"""The circuit breaker: what opens it, who passes then, what closes it."""

from __future__ import annotations

import pickle

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import CircuitOpenError, DeadlineExceededError, ServiceRequestError
from clientsmith.core.pipeline import Chain, Flow
from clientsmith.core.policies import RetryPolicy
from clientsmith.core.policies.circuit_breaker import CircuitBreakerPolicy
from clientsmith.core.policies.rate_limit import RateLimitPolicy
from clientsmith.core.rest import Call, HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, Line, ScriptedTransport

DOWN = Answer(503)


def client_of(*lines: Line) -> tuple[ServiceClient, ScriptedTransport]:
    """A client whose circuit opens after two failures and rests for ten seconds."""
    service = ScriptedTransport(*lines)
    policy = CircuitBreakerPolicy(max_failures=2, rest_seconds=10.0)
    return ServiceClient("https://shop.test", transport=service, policies=[policy]), service


def ask(client: ServiceClient, url: str = "/a", **options: bool) -> int:
    return client.send_request(HttpRequest("GET", url), **options).status_code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "failure",
    [Answer(500), Answer(502), DOWN, Answer(504), ServiceRequestError("refused")],
    ids=["500", "502", "503", "504", "no answer"],
)
def test_failures_in_a_row_open_the_circuit(failure: Line) -> None:
    """Then nothing is sent, and the error says for how long."""
    client, service = client_of(failure, failure)
    for _ in range(2):
        try:
            ask(client)
        except ServiceRequestError as error:
            assert not isinstance(error, CircuitOpenError)  # noqa: PT017
    service.clock.now = 4.0
    with pytest.raises(
        CircuitOpenError, match=r"shop\.test:443 failed 2 times in a row and is left alone for 6 s more; nothing was"
    ) as caught:
        ask(client)
    assert len(service.requests) == 2
    assert (caught.value.is_unsent, caught.value.is_transient, caught.value.retry_after) == (True, False, 6.0)
    assert pickle.loads(pickle.dumps(caught.value)).retry_after == 6.0


def test_what_the_caller_did_wrong_is_no_failure_of_the_service() -> None:
    """Any answer in between begins the count anew."""
    client, _ = client_of(DOWN, Answer(404), DOWN, Answer(400), DOWN)
    assert [ask(client) for _ in range(5)] == [503, 404, 503, 400, 503]


def test_after_the_rest_one_request_tries_and_its_success_closes_the_circuit() -> None:
    """While it is on its way the others are still told to wait."""
    seen: list[type[BaseException]] = []

    def slow(_request: HttpRequest) -> Answer:
        try:
            ask(client)
        except CircuitOpenError as error:
            seen.append(type(error))
        return Answer(200)

    client, service = client_of(DOWN, DOWN, slow, Answer(200))
    ask(client), ask(client)
    service.clock.now = 10.0
    assert [ask(client), ask(client)] == [200, 200]
    assert seen == [CircuitOpenError]


def test_a_failed_trial_opens_the_circuit_for_another_rest() -> None:
    """One failure is enough then."""
    client, service = client_of(DOWN, DOWN, DOWN)
    ask(client), ask(client)
    service.clock.now = 10.0
    assert ask(client) == 503
    service.clock.now = 19.0
    with pytest.raises(CircuitOpenError, match="for 1 s more"):
        ask(client)


def test_a_trial_that_is_cancelled_leaves_the_place_to_another() -> None:
    """It says nothing about the service."""
    policy = CircuitBreakerPolicy(max_failures=1, rest_seconds=10.0)
    now = 0.0

    def request() -> HttpRequest:
        made = HttpRequest("GET", "https://shop.test/a")
        made.call = Call({"circuit_breaker_enabled": True}, clock=lambda: now)
        return made

    first = policy.send(request())
    next(first).call.attempts += 1  # type: ignore[union-attr]
    with pytest.raises(ServiceRequestError):
        first.throw(ServiceRequestError("refused"))
    now = 10.0
    trial = policy.send(request())
    next(trial)
    trial.close()
    assert isinstance(next(policy.send(request())), HttpRequest)


def test_each_origin_has_a_circuit_of_its_own() -> None:
    """Another service is not down because this one is."""
    client, _ = client_of(DOWN, DOWN, Answer(200))
    ask(client), ask(client)
    assert ask(client, "https://other.test/a") == 200


def test_one_call_can_do_without() -> None:
    """To see for oneself; the call then says nothing to the others either."""
    client, _ = client_of(DOWN, DOWN, Answer(200))
    ask(client), ask(client)
    assert ask(client, circuit_breaker_enabled=False) == 200
    with pytest.raises(CircuitOpenError):
        ask(client)


def test_below_retries_each_attempt_counts_and_an_open_circuit_ends_the_trying() -> None:
    """No further wait, no further attempt."""
    service = ScriptedTransport(DOWN, DOWN)
    chain = [RetryPolicy(jitter=lambda: 1.0), CircuitBreakerPolicy(max_failures=2)]
    client = ServiceClient("https://shop.test", transport=service, policies=chain)
    with pytest.raises(CircuitOpenError):
        ask(client)
    assert len(service.requests) == 2
    assert isinstance(Chain(chain), Chain)


class Trial:
    """Requests through one breaker, by hand: each is a generator that is told what became of it."""

    def __init__(self, max_failures: int = 1) -> None:
        self.policy = CircuitBreakerPolicy(max_failures=max_failures, rest_seconds=10.0)
        self.now = 0.0

    def begin(self) -> Flow:
        """Send a request; raises CircuitOpenError if it may not be."""
        request = HttpRequest("GET", "https://shop.test/a")
        request.call = Call({"circuit_breaker_enabled": True}, clock=lambda: self.now)
        flow = self.policy.send(request)
        next(flow)
        request.call.attempts += 1
        return flow

    @staticmethod
    def end(flow: Flow, status: int) -> None:
        with pytest.raises(StopIteration):
            flow.send(HttpResponse(HttpRequest("GET", "https://shop.test/a"), status))


def test_who_was_sent_before_the_circuit_opened_is_not_the_trial() -> None:
    """Cancelled or failed while another request tries, it lets no second one through and begins no new rest."""
    trial = Trial()
    early, late, fatal = trial.begin(), trial.begin(), trial.begin()
    trial.end(fatal, 503)
    trial.now = 10.0
    probe = trial.begin()
    early.close()
    with pytest.raises(CircuitOpenError):
        trial.begin()
    trial.end(late, 503)
    with pytest.raises(CircuitOpenError, match="for 1 s more"):
        trial.begin()
    trial.end(probe, 200)
    trial.end(trial.begin(), 200)


def test_late_failures_do_not_make_the_rest_longer() -> None:
    """A hundred requests may be under way when the circuit opens; the error said ten seconds."""
    trial = Trial()
    first, late = trial.begin(), trial.begin()
    trial.end(first, 503)
    trial.now = 9.0
    trial.end(late, 503)
    trial.now = 10.0
    trial.end(trial.begin(), 200)


def test_a_wait_that_was_too_long_is_no_failure_of_the_service() -> None:
    """Nothing was sent: it was a limit below that held the request back."""
    service = ScriptedTransport(Answer(429, headers={"Retry-After": "50"}), Answer(200))
    chain = [CircuitBreakerPolicy(max_failures=1), RateLimitPolicy()]
    client = ServiceClient("https://shop.test", transport=service, policies=chain)
    assert ask(client) == 429
    for _ in range(3):
        with pytest.raises(DeadlineExceededError):
            client.send_request(HttpRequest("GET", "/a"), timeout=1.0)
    assert client.send_request(HttpRequest("GET", "/a"), timeout=60.0).status_code == 200


def test_only_services_that_failed_are_remembered() -> None:
    """A client that meets thousands of hosts does not grow."""
    policy = CircuitBreakerPolicy()
    service = ScriptedTransport(DOWN, *[Answer(200)] * 4)
    client = ServiceClient("https://shop.test", transport=service, policies=[policy])
    for url in ("https://a.test/", "https://b.test/", "https://c.test/", "https://d.test/"):
        ask(client, url)
    assert [origin.host for origin in policy._circuits] == ["a.test"]
    ask(client, "https://a.test/")
    assert not policy._circuits
