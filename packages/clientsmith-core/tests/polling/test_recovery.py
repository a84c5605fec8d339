"""What pollers survive, how they are cancelled, and how they go on in another process."""

from __future__ import annotations

import asyncio
import email.utils
import json
import pickle
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInQuery
from clientsmith.core.errors import (
    CircuitOpenError,
    ClientsmithError,
    HttpResponseError,
    OperationFailedError,
    PollTimeoutError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
    UnknownSettingError,
    UsageError,
)
from clientsmith.core.operations import LongRunningOperation
from clientsmith.core.polling import LROPoller, Polling, steps
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from hypothesis import given
from hypothesis import strategies as st

HOST: Final = "https://example.test"
JOBS: Final[Polling[Any]] = Polling(
    succeeded=("finished",), failed=("failed", "canceled"), poll_path="/jobs/{job_id}", cancel="DELETE /jobs/{job_id}"
)
MONITOR: Final[Polling[Any]] = Polling()
QUEUED: Final = Answer(202, json={"job_id": "7", "status": "queued"})
STARTED: Final = Answer(json={"job_id": "7", "status": "started"})
FINISHED: Final = Answer(json={"job_id": "7", "status": "finished"})
CANCELED: Final = Answer(json={"job_id": "7", "status": "canceled"})
DOWN: Final = Answer(503)


def operation_of(polling: Polling[Any], method: str = "POST") -> LongRunningOperation[Any]:
    return LongRunningOperation(method, "/jobs", responses={}, polling=polling)


class Side:
    """One of the two colours, driven in the same words."""

    def __init__(self, colour: str) -> None:
        self.is_async = colour == "async"
        self.service: ScriptedTransport | AsyncScriptedTransport = ScriptedTransport()

    def client(self, *lines: Any, **settings: Any) -> Any:
        if self.is_async:
            self.service = AsyncScriptedTransport(*lines)
            return aio.ServiceClient(HOST, transport=self.service, **settings)
        self.service = ScriptedTransport(*lines)
        return ServiceClient(HOST, transport=self.service, **settings)

    def begin(
        self, polling: Polling[Any], *lines: Any, method: str = "POST", client: Any = None, **options: Any
    ) -> Any:
        """Begin an operation of a scripted service and return its poller."""
        made = self.client(*lines, **(client or {}))
        return self.run(made._begin(operation_of(polling, method), {}, options=options))

    def run(self, value: Any) -> Any:
        async def awaited(it: Awaitable[Any]) -> Any:
            return await it

        return asyncio.run(awaited(value)) if self.is_async else value

    @property
    def sent(self) -> Sequence[str]:
        return [f"{request.method} {request.url.removeprefix(HOST)}" for request in self.service.requests]

    @property
    def waits(self) -> Sequence[float]:
        return self.service.waits


@pytest.fixture(params=["sync", "async"])
def side(request: pytest.FixtureRequest) -> Side:
    """The same test in both colours."""
    return Side(request.param)


# --- pauses ----------------------------------------------------------------------------------------------------------


def test_pauses_vary_a_little(side: Side) -> None:
    """Clients that began together do not look together for ever."""
    poller = side.begin(JOBS, QUEUED, *[STARTED] * 5, FINISHED, polling_interval=2.0)
    side.run(poller.result())
    for wait, plain in zip(side.waits, [2.0, 3.0, 4.5, 6.75, 10.125, 15.1875], strict=True):
        assert 0.9 * plain <= wait <= 1.1 * plain
    assert side.waits != [2.0, 3.0, 4.5, 6.75, 10.125, 15.1875]


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "86400"}, 600.0, 600.0),
        ({"Retry-After": 86400.0}, 600.0, 600.0),
        ({"Retry-After": 30.0}, 20.0, 30.0),
        ({"retry-after-ms": "1500"}, 1.5, 1.5),
        ({"Retry-After": "0"}, 0.0, 0.0),
    ],
    ids=["a day", "tomorrow", "half a minute from now", "milliseconds", "now"],
)
def test_the_service_says_when_to_look_again_within_reason(
    side: Side, headers: dict[str, str | float], least: float, most: float
) -> None:
    """Seconds and dates count, exactly and up to ten minutes: a clock that is wrong does not put us to sleep for days."""
    # A number stands for the date so many seconds from now.
    sent = {
        name: value if isinstance(value, str) else email.utils.formatdate(time.time() + value, usegmt=True)
        for name, value in headers.items()
    }
    first = Answer(202, json={"job_id": "7", "status": "queued"}, headers=sent)
    side.run(side.begin(JOBS, first, FINISHED).result())
    assert least <= sum(side.waits) <= most


def test_no_pause_goes_past_the_end_of_the_waiting(side: Side) -> None:
    """Whatever the service asks for."""
    first = Answer(202, json={"job_id": "7", "status": "queued"}, headers={"Retry-After": "500"})
    poller = side.begin(JOBS, first)
    with pytest.raises(PollTimeoutError):
        side.run(poller.result(timeout=3.0))
    assert (side.waits, side.sent) == ([3.0], ["POST /jobs"])


# --- looks that fail -------------------------------------------------------------------------------------------------


@pytest.fixture
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are what they would be without chance."""
    monkeypatch.setattr(steps, "_jitter", lambda: 1.0)


def failing(times: int, problem: Any) -> list[Any]:
    """Return the answers of looks that fail, each with the one retry that the tests below leave a call."""
    return [problem] * 2 * times


@pytest.mark.parametrize(
    "problem",
    [DOWN, Answer(429), ServiceRequestError("refused", is_unsent=True), ServiceResponseError("cut off")],
    ids=["503", "429", "no connection", "cut off"],
)
def test_an_outage_does_not_end_the_waiting(side: Side, problem: Any) -> None:
    """A service that restarts says nothing about an operation that may have run for hours."""
    poller = side.begin(JOBS, QUEUED, *failing(1, problem), STARTED, *failing(1, problem), FINISHED, max_retries=1)
    assert side.run(poller.result())["status"] == "finished"


def test_a_circuit_that_is_open_is_waited_for(side: Side) -> None:
    """The service is left alone for a while, the operation is not given up."""
    resting = CircuitOpenError("left alone", retry_after=30.0)
    poller = side.begin(JOBS, QUEUED, resting, FINISHED)
    assert side.run(poller.result())["status"] == "finished"
    assert side.waits[-1] == 30.0


def test_an_outage_that_lasts_ends_it_with_all_errors(side: Side) -> None:
    """The last error, those before it, and the token to go on with; the poller itself can go on as well."""
    poller = side.begin(JOBS, QUEUED, *failing(2, DOWN), FINISHED, max_retries=1)
    with pytest.raises(HttpResponseError) as caught:
        side.run(poller.result())
    error = caught.value
    assert error.status_code == 503
    assert error.continuation_token == poller.continuation_token()
    assert [type(earlier) for earlier in error.previous][:1] == [HttpResponseError]
    again = pickle.loads(pickle.dumps(error))
    assert len(again.previous) == len(error.previous)
    assert error.__context__ is None
    assert side.run(poller.result())["status"] == "finished"


def test_time_may_run_out_while_the_service_is_down(side: Side) -> None:
    """Then the error says so: the looks that failed are attached."""
    poller = side.begin(JOBS, QUEUED, *[DOWN] * 40, max_retries=3, polling_interval=4.0)
    with pytest.raises(PollTimeoutError) as caught:
        side.run(poller.result(timeout=12.0))
    statuses = [error.status_code for error in caught.value.previous if isinstance(error, HttpResponseError)]
    assert statuses == [503] * len(caught.value.previous) != []
    assert "resume later with continuation_token" in str(pickle.loads(pickle.dumps(caught.value)))


@pytest.mark.usefixtures("no_jitter")
def test_pauses_grow_while_the_service_is_down(side: Side) -> None:
    """And what a 503 asks for counts here too; a good answer begins anew."""
    busy = Answer(503, headers={"Retry-After": "100"})  # longer than a retry waits
    options = {"max_retries": 3, "polling_interval": 1.0}
    poller = side.begin(JOBS, QUEUED, busy, busy, STARTED, busy, FINISHED, **options)
    side.run(poller.result())
    assert side.waits == [1.0, 100.0, 100.0, 1.5, 100.0]


@pytest.mark.parametrize(
    ("problem", "kind"),
    [(Answer(404), ResourceNotFoundError), (Answer(400), HttpResponseError), (Answer(content=b"<"), HttpResponseError)],
    ids=["404", "400", "unreadable"],
)
def test_what_does_not_pass_is_raised_at_once(side: Side, problem: Any, kind: type[ClientsmithError]) -> None:
    """With the token: the operation itself may well go on."""
    poller = side.begin(JOBS, QUEUED, problem, FINISHED)
    with pytest.raises(kind) as caught:
        side.run(poller.result())
    assert (caught.value.previous, caught.value.continuation_token) == ((), poller.continuation_token())
    assert side.sent == ["POST /jobs", "GET /jobs/7"]


def test_a_look_of_ones_own_fails_at_once(side: Side) -> None:
    """`poll` looks once, so it does not put up with anything."""
    poller = side.begin(JOBS, QUEUED, DOWN, FINISHED, max_retries=0)
    with pytest.raises(HttpResponseError):
        side.run(poller.poll())
    assert side.run(poller.poll())


def test_a_result_that_cannot_be_fetched_can_be_fetched_later(side: Side) -> None:
    """The operation is over; only the last GET is asked again."""
    polling: Polling[Any] = Polling(final="original-uri")
    first = Answer(202, headers={"Operation-Location": "/ops/1"})
    done = Answer(json={"status": "Succeeded"})
    poller = side.begin(polling, first, done, Answer(403), Answer(json={"id": 9}), method="PUT")
    with pytest.raises(HttpResponseError) as caught:
        side.run(poller.result())
    assert caught.value.continuation_token == poller.continuation_token()
    assert side.run(poller.result()) == {"id": 9}
    assert side.sent == ["PUT /jobs", "GET /ops/1", "GET /jobs", "GET /jobs"]


# --- cancelling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cancel", "first", "sent"),
    [
        ("DELETE /jobs/{job_id}", {}, "DELETE /jobs/a%2Fb"),
        ("DELETE", {"Operation-Location": "/ops/1?v=2"}, "DELETE /ops/1?v=2"),
        ("POST {}:cancel", {"Operation-Location": "/ops/1?v=2"}, "POST /ops/1:cancel?v=2"),
        ("POST {}/cancel", {"Operation-Location": f"{HOST}/ops/1"}, "POST /ops/1/cancel"),
    ],
    ids=["a path of the service", "the monitor itself", "a verb after it", "a path below it"],
)
def test_cancelling_asks_the_service(side: Side, cancel: str, first: dict[str, str], sent: str) -> None:
    """And the next look, at once, tells what came of it."""
    polling: Polling[Any] = Polling(
        succeeded=("finished",), failed=("canceled",), cancel=cancel, poll_path="" if first else "/jobs/{job_id}"
    )
    begun = Answer(202, json={"job_id": "a/b", "status": "queued"}, headers=first)
    poller = side.begin(polling, begun, Answer(204), CANCELED)
    assert side.run(poller.cancel()) is None
    assert side.sent[1] == sent
    assert not poller.done()
    with pytest.raises(OperationFailedError) as caught:
        side.run(poller.result())
    assert (caught.value.status, poller.status(), side.waits) == ("canceled", "canceled", [])


def test_an_operation_may_end_before_it_is_cancelled(side: Side) -> None:
    """The service decides; its refusal is told, and the result is not lost."""
    poller = side.begin(JOBS, QUEUED, Answer(409, json={"message": "already finished"}), FINISHED)
    with pytest.raises(ResourceExistsError, match="already finished"):
        side.run(poller.cancel())
    assert side.run(poller.result())["status"] == "finished"
    assert side.run(poller.cancel()) is None
    assert len(side.sent) == 3


@pytest.mark.parametrize(
    ("polling", "first", "why"),
    [
        (MONITOR, Answer(202, headers={"Operation-Location": "/ops/1"}), "no way is declared"),
        (
            Polling(cancel="DELETE /jobs/{job_id}"),
            Answer(202, headers={"Operation-Location": "/ops/1"}),
            "the service's first answer did not say where",
        ),
    ],
    ids=["not declared", "not told"],
)
def test_what_cannot_be_cancelled_says_so(side: Side, polling: Polling[Any], first: Answer, why: str) -> None:
    """Nothing is sent, and the message says what else there is to do."""
    poller = side.begin(polling, first)
    with pytest.raises(UsageError) as caught:
        side.run(poller.cancel())
    expected = f"the operation POST /jobs cannot be cancelled: {why}; it goes on, `wait` for its end"
    assert str(caught.value) == expected
    assert len(side.sent) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"final": "resource"}, "final is 'resource'; it is one of auto, operation-location, azure-async-operation"),
        ({"cancel": "/jobs/{id}"}, "cancel is '/jobs/{id}'; it looks like 'DELETE', 'POST {}:cancel' or"),
        ({"cancel": "POST :cancel"}, "cancel is 'POST :cancel'"),
    ],
    ids=["final", "no method", "neither a path nor the place"],
)
def test_a_wrong_declaration_is_told_when_it_is_made(given: dict[str, Any], message: str) -> None:
    """Not when an operation has run for an hour."""
    with pytest.raises(ValueError) as caught:
        Polling(**given)
    assert message in str(caught.value)


# --- callbacks -------------------------------------------------------------------------------------------------------


def test_every_callback_is_called_whatever_the_others_raise(side: Side) -> None:
    """One error comes out as it is, several come out together."""
    heard: list[str] = []

    def failing_with(error: Exception) -> Callable[[Any], None]:
        def callback(_poller: Any) -> None:
            raise error

        return callback

    poller = side.begin(JOBS, QUEUED, FINISHED)
    poller.add_done_callback(failing_with(ZeroDivisionError("first")))
    poller.add_done_callback(lambda which: heard.append(which.status()))
    poller.add_done_callback(failing_with(LookupError("third")))
    with pytest.raises(ExceptionGroup, match="2 callbacks of the operation POST /jobs failed") as caught:
        side.run(poller.wait())
    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError, LookupError]
    assert heard == ["finished"]
    assert side.run(poller.result())["status"] == "finished"


def test_what_a_callback_raises_is_no_failed_look(side: Side) -> None:
    """A callback may use a client too; its error is not taken for one of the service that is being watched."""

    def failing(_poller: Any) -> None:
        raise ServiceRequestError("another service is down")

    poller = side.begin(JOBS, QUEUED, FINISHED)
    poller.add_done_callback(failing)
    with pytest.raises(ServiceRequestError, match="another service is down"):
        side.run(poller.wait())
    assert side.run(poller.wait())
    assert len(side.sent) == 2


# --- elsewhere -------------------------------------------------------------------------------------------------------


def resumed(side: Side, client: Any, token: str, **options: Any) -> Any:
    kind: Any = aio.LROPoller if side.is_async else LROPoller
    return kind.from_continuation_token(token, client, operation_of(JOBS), **options)


def test_a_poller_is_made_from_its_token(side: Side) -> None:
    """The doorway that the guidelines name; nothing is sent, also not in the async twin, which needs no await."""
    token = side.begin(JOBS, QUEUED).continuation_token()
    client = side.client(Answer(204), CANCELED)
    poller = resumed(side, client, token, polling_interval=3.0)
    assert (type(poller).__name__, poller.status(), poller.last_response, side.sent) == (
        "LROPoller",
        "queued",
        None,
        [],
    )
    side.run(poller.cancel())
    with pytest.raises(OperationFailedError):
        side.run(poller.result())
    assert side.sent == ["DELETE /jobs/7", "GET /jobs/7"]
    assert poller.last_response.json()["status"] == "canceled"


def test_options_of_a_resumed_poller_are_checked(side: Side) -> None:
    """Like those of the method."""
    token = side.begin(JOBS, QUEUED).continuation_token()
    with pytest.raises(UnknownSettingError, match="did you mean 'polling_interval'"):
        resumed(side, side.client(), token, poling_interval=3.0)


@pytest.mark.parametrize("given", ["/ops/1?key=s3cret&v=2", f"{HOST}/ops/1?v=2&key=s3cret"])
def test_a_key_that_the_service_repeats_is_in_no_token(side: Side, given: str) -> None:
    """Neither where we look nor where the operation is cancelled; the client adds its key again."""
    client = {"credential": KeyCredential("s3cret"), "authentication": [KeyInQuery("key")]}
    polling: Polling[Any] = Polling(cancel="POST {}:cancel", final="original-uri")
    poller = side.begin(
        polling, Answer(202, headers={"Operation-Location": given}), Answer(204), client=client, method="PUT"
    )
    token = json.loads(poller.continuation_token())
    assert token["url"].removeprefix(HOST) == "/ops/1?v=2"
    assert token["cancel_url"].removeprefix(HOST) == "/ops/1:cancel?v=2"
    assert "s3cret" not in json.dumps(token)
    side.run(poller.cancel())
    assert side.sent[1].count("key=s3cret") == 1


def test_pollers_are_not_pickled_and_say_what_to_do(side: Side) -> None:
    """Their token is what travels."""
    poller = side.begin(JOBS, QUEUED)
    with pytest.raises(TypeError, match=r"is not pickled; pass on its continuation_token\(\) and resume from there"):
        pickle.dumps(poller)


WORDS: Final = st.lists(st.sampled_from(["queued", "started", "paused", "Started"]), max_size=6)
PLACES: Final = st.sampled_from(["monitor", "location", "resource"])


@given(words=WORDS, place=PLACES, end=st.sampled_from(["finished", "failed"]), data=st.data())
def test_whoever_resumes_sees_the_same_end(words: list[str], place: str, end: str, data: st.DataObject) -> None:
    """At whatever point the token was taken, and wherever the operation is watched."""
    polling: Polling[Any] = Polling(succeeded=("finished",), failed=("failed",), final="original-uri")
    headers = {"monitor": {"Operation-Location": "/ops/1"}, "location": {"Location": "/ops/1"}, "resource": {}}[place]
    begun = Answer(202, json={"status": "queued"}, headers=headers)
    looks = [Answer(json={"status": word}) for word in [*words, end]]
    final = [Answer(json={"id": 9})] if place != "resource" else []
    taken_at = data.draw(st.integers(0, len(words)))
    for side in (Side("sync"), Side("async")):
        poller = side.begin(polling, begun, *looks, *final, method="PUT")
        for _ in range(taken_at):
            side.run(poller.poll())
        kind: Any = aio.LROPoller if side.is_async else LROPoller
        token = poller.continuation_token()
        client = side.client(*looks[taken_at:], *final)
        again = kind.from_continuation_token(token, client, operation_of(polling, "PUT"))
        assert again.status() == poller.status()
        if end == "failed":
            with pytest.raises(OperationFailedError):
                side.run(again.result())
        else:
            assert side.run(again.result()) == ({"status": "finished"} if place == "resource" else {"id": 9})
        assert len(side.sent) == len(words) + 1 - taken_at + (len(final) if end == "finished" else 0)


OTHER_PROCESS: Final = textwrap.dedent("""
    import sys
    from clientsmith.core import LROPoller, LongRunningOperation, ServiceClient
    from clientsmith.core.polling import Polling
    from clientsmith.core.testing import Answer, ScriptedTransport

    service = ScriptedTransport(Answer(json={"job_id": "7", "status": "finished", "answer": 42}))
    client = ServiceClient("https://example.test", transport=service)
    polling = Polling(succeeded=("finished",), poll_path="/jobs/{job_id}", result=("answer",))
    operation = LongRunningOperation("POST", "/jobs", responses={}, polling=polling)
    poller = LROPoller.from_continuation_token(sys.stdin.read(), client, operation)
    print(poller.result(), [f"{request.method} {request.url}" for request in service.requests])
""")


def test_another_process_goes_on(side: Side) -> None:
    """From the token alone: nothing is submitted again, and who comes back looks at once."""
    token = side.begin(JOBS, QUEUED).continuation_token()
    run = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS], input=token, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.stderr, run.stdout.strip()) == ("", "42 ['GET https://example.test/jobs/7']")
