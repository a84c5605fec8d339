"""Faults on the road, and what a client makes of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from clientsmith.core import HttpRequest
from clientsmith.core.errors import (
    DeadlineExceededError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from clientsmith.core.testing import Answer, Drip, Fault, Latency, LostAnswer, Reset, Status, Truncate

ONCE = {"max_retries": 0}


def client_with(colour: Any, *faults: Fault | None, answer: Answer | None = None, **options: Any) -> Any:
    return colour.faulty(answer or Answer(content=b"0123456789"), *faults, **options)


def send(colour: Any, client: Any, method: str = "GET", **options: Any) -> Any:
    return colour.run(client.send_request(HttpRequest(method, "/"), **options))


def test_without_a_fault_nothing_happens(colour: Any) -> None:
    client = client_with(colour, None)
    assert send(colour, client).content == b"0123456789"
    assert send(colour, client).content == b"0123456789"
    assert client.transport.happened == [None, None]


def test_a_reset_before_sending_is_safe_to_repeat(colour: Any) -> None:
    """The service has not seen it, so even a POST is sent again."""
    client = client_with(colour, Reset())
    assert send(colour, client, "POST").status_code == 200
    assert len(client.service.requests) == 1
    client = client_with(colour, Reset())
    with pytest.raises(ServiceRequestError, match=r"GET .*: the connection was reset \(injected\)") as caught:
        send(colour, client, **ONCE)
    assert caught.value.is_unsent


def test_a_lost_answer_is_not_safe_to_repeat(colour: Any) -> None:
    """The service has acted: a GET is sent again, a POST is not."""
    client = client_with(colour, LostAnswer())
    assert send(colour, client, "GET").status_code == 200
    with pytest.raises(ServiceResponseError, match="closed without an answer"):
        send(colour, client_with(colour, LostAnswer()), "POST")
    assert len(client.service.requests) == 2


def test_a_storm_is_waited_out(colour: Any) -> None:
    """As the proxy asks."""
    client = client_with(colour, Status(503, retry_after=2), Status(429, retry_after=3))
    assert send(colour, client).status_code == 200
    assert client.service.waits == [2.0, 3.0]
    assert len(client.service.requests) == 1


def test_latency_counts_against_the_limits(colour: Any) -> None:
    """And shows among no waits."""
    client = client_with(colour, Latency(5.0), Latency(61.0), Latency(5.0))
    send(colour, client)
    assert client.service.now == 5.0
    with pytest.raises(ServiceResponseTimeoutError, match="read_timeout=60"):
        send(colour, client, **ONCE)
    with pytest.raises(DeadlineExceededError):
        send(colour, client, timeout=3.0)
    assert client.service.waits == []


def test_a_cut_body_is_an_error_and_retried(colour: Any) -> None:
    client = client_with(colour, Truncate(4), Truncate(100), Truncate(4))
    assert send(colour, client).content == b"0123456789"
    assert client.transport.happened == [Truncate(4), Truncate(100)]
    with pytest.raises(ServiceResponseError, match=r"broke off after 4 bytes \(injected\)"):
        send(colour, client, **ONCE)


def test_a_dripping_body_meets_the_deadline(colour: Any) -> None:
    client = client_with(colour, Drip(2, 1.0), Drip(2, 1.0))
    assert send(colour, client).content == b"0123456789"
    assert client.service.now == 5.0
    with pytest.raises(DeadlineExceededError):
        send(colour, client, timeout=3.0)


def test_a_streamed_body_meets_its_fault_while_it_is_read(colour: Any) -> None:
    client = client_with(colour, Truncate(4), Drip(4, 1.0), Drip(4, 61.0))
    cut = send(colour, client, stream=True)
    with pytest.raises(ServiceResponseError, match="after 4 bytes"):
        colour.run(cut.read())
    dripping = send(colour, client, stream=True, timeout=0.5)
    assert colour.run(dripping.read_some(100)) == b"0123"
    assert colour.run(dripping.read()) == b"456789"
    silent = send(colour, client, stream=True)
    with pytest.raises(ServiceResponseTimeoutError):
        colour.run(silent.read())
    assert client.service.open_bodies == 0


def test_the_same_seed_makes_the_same_accidents(colour: Any) -> None:
    """At the rates that were asked for, roughly."""
    rates = {Status(503): 0.2, LostAnswer(): 0.1}

    def run(seed: int) -> list[Fault | None]:
        client = client_with(colour, rates=rates, seed=seed)
        for _ in range(300):
            with suppress(ServiceResponseError):
                send(colour, client, **ONCE)
        return list(client.transport.happened)

    first, second, other = run(7), run(7), run(8)
    assert first == second != other
    assert 40 <= first.count(Status(503)) <= 80
    assert 15 <= first.count(LostAnswer()) <= 50


def test_a_script_can_begin_again(colour: Any) -> None:
    client = client_with(colour, Reset(), None, repeat=True)
    for _ in range(3):
        send(colour, client)
    assert client.transport.happened == [Reset(), None] * 3


def test_rates_that_cannot_be_are_told(colour: Any) -> None:
    with pytest.raises(ValueError, match=r"rates add up to 1\.5"):
        client_with(colour, rates={Reset(): 0.7, LostAnswer(): 0.8})
    with pytest.raises(ValueError, match="a script or by their rates"):
        client_with(colour, Reset(), rates={Reset(): 0.7})


@pytest.mark.parametrize("stream", [False, True], ids=["read whole", "streamed"])
def test_a_body_that_is_not_longer_comes_whole(colour: Any, stream: bool) -> None:
    """Of exactly so many bytes as well."""
    response = send(colour, client_with(colour, Truncate(10)), stream=stream)
    assert (b"".join(colour.items(response.iter_bytes())) if stream else response.content) == b"0123456789"


def test_faults_that_cannot_be_are_refused(colour: Any) -> None:
    with pytest.raises(ValueError, match="pieces of at least 1 byte, not of 0"):
        Drip(0, 1)
    with pytest.raises(ValueError, match="none is below 0"):
        client_with(colour, rates={Reset(): -0.5})
