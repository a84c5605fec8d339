"""Polling: where pollers look, when they end, how they wait, and what they survive."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.errors import (
    ClientAuthenticationError,
    DeadlineExceededError,
    DecodeError,
    HttpResponseError,
    InsecureTransportError,
    OperationFailedError,
    PollTimeoutError,
    ResourceNotFoundError,
    ServiceResponseError,
)
from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.operations import LongRunningOperation
from clientsmith.core.polling import Polling, PollState, steps
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Line, ScriptedTransport

HOST: Final = "https://example.test"


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are what they would be without chance."""
    monkeypatch.setattr(steps, "_jitter", lambda: 1.0)


class Job(Model):
    job_id: str = field("job_id")
    status: str = field("status")
    error_code: str | None = field("error_code", default=UNSET)


class Side:
    """One of the two colours, driven in the same words."""

    def __init__(self, colour: str) -> None:
        self.is_async = colour == "async"
        self.service: ScriptedTransport | AsyncScriptedTransport = ScriptedTransport()

    def begin(
        self,
        polling: Polling[Any],
        *lines: Line,
        method: str = "POST",
        missing_is_success: bool = False,
        client: Any = None,
        **options: Any,
    ) -> Any:
        """Begin an operation of a scripted service and return its poller."""
        operation: LongRunningOperation[Any] = LongRunningOperation(
            method, "/jobs", responses={202: None}, polling=polling, missing_is_success=missing_is_success
        )
        if self.is_async:
            self.service = AsyncScriptedTransport(*lines)
            twin = aio.ServiceClient(HOST, transport=self.service, **(client or {}))
            return self.run(twin._begin(operation, {}, options=options))
        self.service = ScriptedTransport(*lines)
        return ServiceClient(HOST, transport=self.service, **(client or {}))._begin(operation, {}, options=options)

    def run(self, value: Any) -> Any:
        async def awaited(it: Awaitable[Any]) -> Any:
            return await it

        return asyncio.run(awaited(value)) if self.is_async else value

    @property
    def urls(self) -> Sequence[str]:
        return [request.url.removeprefix(HOST) for request in self.service.requests]

    @property
    def waits(self) -> Sequence[float]:
        return self.service.waits


@pytest.fixture(params=["sync", "async"])
def side(request: pytest.FixtureRequest) -> Side:
    """The same test in both colours."""
    return Side(request.param)


JOBS: Final[Polling[Job]] = Polling(
    succeeded=("finished",), failed=("failed", "canceled"), poll_path="/jobs/{job_id}", codec=Job
)
MONITOR: Final[Polling[Any]] = Polling()


def job(status: str, code: int = 200, **rest: Any) -> Answer:
    headers = rest.pop("headers", None)
    return Answer(code, json={"job_id": "7", "status": status, **rest}, headers=headers)


QUEUED: Final = job("queued", 202)

# --- where to look ---------------------------------------------------------------------------------------------------

DONE: Final = Answer(json={"status": "Succeeded"})


@pytest.mark.parametrize(
    ("polling", "method", "first", "last", "url"),
    [
        pytest.param(JOBS, "POST", QUEUED, job("finished"), "/jobs/7", id="path filled from the body"),
        pytest.param(
            JOBS, "POST", Answer(202, json={"job_id": "a/b"}), job("finished"), "/jobs/a%2Fb", id="path is quoted"
        ),
        pytest.param(
            JOBS, "POST", Answer(202, json={"job_id": ".."}), job("finished"), "/jobs/%2E%2E", id="dots are quoted"
        ),
        pytest.param(
            JOBS,
            "POST",
            Answer(202, json={"job_id": 7}, headers={"Location": "/elsewhere"}),
            job("finished"),
            "/jobs/7",
            id="path wins over Location",
        ),
        pytest.param(
            JOBS,
            "POST",
            Answer(202, json={"job_id": 7}, headers={"Operation-Location": "/jobs/7?wait=2"}),
            job("finished"),
            "/jobs/7?wait=2",
            id="Operation-Location wins over path",
        ),
        pytest.param(
            MONITOR, "POST", Answer(202, headers={"Operation-Location": "/ops/1?t=2"}), DONE, "/ops/1?t=2", id="header"
        ),
        pytest.param(
            MONITOR,
            "POST",
            Answer(202, headers={"Operation-Location": "/ops/1", "Azure-AsyncOperation": f"{HOST}/ops/2"}),
            DONE,
            "/ops/1",
            id="first of the headers",
        ),
        pytest.param(
            MONITOR, "POST", Answer(202, headers={"Location": "ops/1"}), Answer(json={"a": 1}), "/ops/1", id="Location"
        ),
        pytest.param(
            MONITOR, "PUT", Answer(201, json={"status": "Creating"}), DONE, "/jobs", id="the resource itself, for PUT"
        ),
        pytest.param(
            MONITOR, "POST", Answer(202, content=b"Accepted", headers={"Location": "/ops/1"}), Answer(204), "/ops/1",
            id="first answer in plain text",
        ),
    ],
)  # fmt: skip
def test_where_a_poller_looks(
    side: Side, polling: Polling[Any], method: str, first: Answer, last: Answer, url: str
) -> None:
    """The path of the specification, else the first header field there is, else the resource."""
    poller = side.begin(polling, first, last, method=method)
    side.run(poller.result())
    assert side.urls == ["/jobs", url]
    assert side.service.requests[1].method == "GET"


@pytest.mark.parametrize(
    ("polling", "first", "message"),
    [
        (
            JOBS,
            Answer(202, json={"status": "queued"}),
            "its first answer lacks a value for the address '/jobs/{job_id}'",
        ),
        (MONITOR, Answer(202), "none of the header fields Operation-Location, Azure-AsyncOperation, Location"),
        (MONITOR, Answer(200, json={"status": "Running"}), "none of the header fields"),
    ],
    ids=["path cannot be filled", "no header", "a word that goes on"],
)
def test_nowhere_to_look_is_an_error(side: Side, polling: Polling[Any], first: Answer, message: str) -> None:
    """The operation runs, and nobody could ever tell how it ended."""
    with pytest.raises(DecodeError) as caught:
        side.begin(polling, first)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("polling", "first", "result"),
    [
        pytest.param(JOBS, job("finished"), Job(job_id="7", status="finished"), id="status says so"),
        pytest.param(MONITOR, Answer(200, json={"a": 1}), {"a": 1}, id="200 and nowhere to look"),
        pytest.param(MONITOR, Answer(204), None, id="204"),
    ],
)
def test_an_operation_may_be_over_at_once(side: Side, polling: Polling[Any], first: Answer, result: object) -> None:
    """Then nothing is asked, and the first answer is the result."""
    poller = side.begin(polling, first)
    assert poller.done()
    assert side.run(poller.poll())
    assert side.run(poller.result()) == result
    assert side.urls == ["/jobs"]


def test_a_location_beside_a_monitor_is_not_where_to_look(side: Side) -> None:
    """While the operation runs, a monitor may already say where the result will be."""
    running = Answer(json={"status": "Running"}, headers={"Location": "/things/9"})
    moved = Answer(json={"status": "Running"}, headers={"Operation-Location": "/ops/2", "Location": "/things/9"})
    side.run(side.begin(MONITOR, Answer(202, headers={"Operation-Location": "/ops/1"}), running, moved, DONE).result())
    assert side.urls == ["/jobs", "/ops/1", "/ops/1", "/ops/2"]


def test_a_place_that_moves_is_followed(side: Side) -> None:
    """An answer on the way may name another place; a Location on the last one means something else."""
    poller = side.begin(
        MONITOR,
        Answer(202, headers={"Location": "/ops/1"}),
        Answer(202, headers={"Location": "/ops/2"}),
        Answer(200, headers={"Location": "/things/9"}, json={"id": 9}),
    )
    assert side.run(poller.result()) == {"id": 9}
    assert side.urls == ["/jobs", "/ops/1", "/ops/2"]


def test_another_origin_gets_no_secret(side: Side) -> None:
    """The service may send us elsewhere; key and headers stay at home."""
    poller = side.begin(
        MONITOR,
        Answer(202, headers={"Operation-Location": "https://ops.test/1"}),
        DONE,
        client={"credential": KeyCredential("s3cret"), "authentication": [KeyInHeader("api-key")]},
        headers={"X-Secret": "h"},
    )
    side.run(poller.result())
    assert "api-key" in side.service.requests[0].headers
    assert not {"api-key", "x-secret"} & {name.lower() for name in side.service.requests[1].headers}


def test_polling_never_leaves_https(side: Side) -> None:
    """What answers over http could say anything."""
    poller = side.begin(MONITOR, Answer(202, headers={"Operation-Location": "http://example.test/1"}))
    with pytest.raises(InsecureTransportError, match="was not followed: the client's endpoint is https"):
        side.run(poller.result())


# --- when it ends ----------------------------------------------------------------------------------------------------


def test_words_compare_without_case_and_unknown_words_go_on(side: Side) -> None:
    """A service may add words for being on the way."""
    poller = side.begin(JOBS, QUEUED, job("Warming-Up"), job("FINISHED"))
    assert (poller.status(), poller.done()) == ("queued", False)
    assert repr(poller) == "<LROPoller of POST /jobs: queued>"
    assert not side.run(poller.poll())
    assert poller.status() == "Warming-Up"
    assert side.run(poller.poll())
    assert (poller.status(), poller.done()) == ("FINISHED", True)
    assert side.run(poller.result()).job_id == "7"
    assert side.waits == []


def test_a_status_may_be_a_boolean(side: Side) -> None:
    """``{"done": true}`` is what Google's services say."""
    polling: Polling[Any] = Polling(status=("done",), succeeded=("true",), result=("response",))
    first = Answer(200, json={"done": False}, headers={"Location": "/ops/1"})
    poller = side.begin(polling, first, Answer(json={"done": True, "response": {"id": 1}}))
    assert side.run(poller.result()) == {"id": 1}


def test_a_monitor_that_tells_no_status_is_an_error(side: Side) -> None:
    """Any 200 would else pass for a success. The poller can go on."""
    poller = side.begin(JOBS, QUEUED, Answer(json={"state": "ok"}), Answer(content=b"<html>"), job("finished"))
    for _ in range(2):
        with pytest.raises(
            DecodeError, match="should tell the operation's status at 'status' in the body and does not"
        ):
            side.run(poller.result())
    assert side.run(poller.result()).status == "finished"


@pytest.mark.parametrize("word", ["failed", "Canceled"])
def test_a_failed_operation_raises_with_its_last_answer(side: Side, word: str) -> None:
    """The service's word, its reason, and the documented model."""
    poller = side.begin(JOBS, QUEUED, job(word, error_code="DEVICE", message="no route to host"))
    with pytest.raises(OperationFailedError) as caught:
        side.run(poller.result())
    error = caught.value
    assert (error.status, error.error_code, error.error.error_code) == (word, "DEVICE", "DEVICE")
    assert "GET https://example.test/jobs/7 answered 200 OK" in str(error)
    assert f"the operation ended as {word!r}" in str(error)
    assert pickle.loads(pickle.dumps(error)).status == word
    assert poller.done()
    assert side.run(poller.wait())


class Strict:
    """A codec that only reads what succeeded."""

    def decode(self, wire: Any, /) -> str:
        if "job_id" not in wire:
            raise ValueError("no job_id")
        return str(wire["job_id"])

    def encode(self, value: Any, /) -> Any:
        return value


@pytest.mark.parametrize(
    ("polling", "rest", "model"),
    [
        (Polling(codec=Strict()), {"job_id": "7"}, "7"),
        (Polling(codec=Strict()), {}, None),
        (Polling(codec=Strict(), result=("job_id",)), {"job_id": "7"}, None),
        (Polling(codec=Strict(), final="original-uri"), {"job_id": "7"}, None),
        (Polling(), {"job_id": "7"}, None),
    ],
    ids=["whole body", "does not fit", "part of the body", "elsewhere", "no codec"],
)
def test_a_failure_has_an_error_where_it_looks_like_a_result(
    side: Side, polling: Polling[Any], rest: Any, model: object
) -> None:
    """The failure is told in any case; its code and message are read from the body."""
    first = Answer(202, headers={"Operation-Location": "/ops/1"})
    last = Answer(json={"status": "Failed", "error": {"code": "E1"}} | rest)
    with pytest.raises(OperationFailedError) as caught:
        side.run(side.begin(polling, first, last).result())
    assert (caught.value.error, caught.value.error_code) == (model, "E1")


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_failure_at_a_location_has_an_error_too(side: Side, method: str) -> None:
    """What would be the result of a good end is the error of a bad one."""
    first, last = Answer(202, headers=LOCATED), Answer(json={"status": "Failed", "job_id": "7"})
    with pytest.raises(OperationFailedError) as caught:
        side.run(side.begin(Polling(codec=Strict()), first, last, method=method).result())
    assert caught.value.error == "7"


def test_a_reason_is_a_failure_where_no_word_is_left(side: Side) -> None:
    """OpenStack's bare metal service: what is aimed at is the status, and at the end there is none, good or bad."""
    polling: Polling[Any] = Polling(status=("target",), error=("last_error",))
    first = Answer(202, headers={"Location": "/ops/1"})
    on_its_way, bad = {"target": "power on", "last_error": None}, {"target": None, "last_error": "no  such\nbus"}
    with pytest.raises(OperationFailedError, match="the operation ended as 'failed': no such bus") as caught:
        side.run(side.begin(polling, first, Answer(json=on_its_way), Answer(json=bad)).result())
    assert caught.value.status == "failed"
    good = {"target": None, "last_error": None}
    assert side.run(side.begin(polling, first, Answer(json=on_its_way), Answer(json=good)).result()) == good


MONITORED: Final = {"Operation-Location": "/ops/1"}
BOTH: Final = {"Operation-Location": "/ops/1", "Location": "/things/9"}
LOCATED: Final = {"Location": "/ops/1"}
LINKED: Final = {"resourceLocation": "/things/8"}


@pytest.mark.parametrize(
    ("final", "method", "first", "last", "urls"),
    [
        # What service descriptions say in ``final-state-via``.
        pytest.param("operation-location", "POST", BOTH, {}, ["/ops/1"], id="operation-location"),
        pytest.param("azure-async-operation", "PUT", BOTH, {}, ["/ops/1"], id="azure-async-operation"),
        pytest.param("location", "POST", BOTH, {}, ["/ops/1", "/things/9"], id="location"),
        pytest.param("location", "POST", LOCATED, {}, ["/ops/1"], id="location is where we look"),
        pytest.param("original-uri", "POST", BOTH, {}, ["/ops/1", "/jobs"], id="original-uri"),
        pytest.param("original-uri", "PUT", LOCATED, {}, ["/ops/1", "/jobs"], id="original-uri after a location"),
        pytest.param("original-uri", "PUT", {}, {}, ["/jobs"], id="original-uri is where we look"),
        pytest.param("custom-link", "POST", BOTH, LINKED, ["/ops/1", "/things/8"], id="custom-link"),
        pytest.param("custom-link", "POST", BOTH, {}, ["/ops/1"], id="custom-link that is not there"),
        # What they do where the description says nothing.
        pytest.param("auto", "PUT", BOTH, {}, ["/ops/1", "/jobs"], id="PUT: the original URL"),
        pytest.param("auto", "PATCH", MONITORED, {}, ["/ops/1", "/jobs"], id="PATCH: the original URL"),
        pytest.param("auto", "POST", BOTH, {}, ["/ops/1", "/things/9"], id="POST with a Location: there"),
        pytest.param("auto", "POST", MONITORED, {}, ["/ops/1"], id="POST: the last answer"),
        pytest.param("auto", "DELETE", BOTH, {}, ["/ops/1"], id="DELETE: nothing more is asked"),
        pytest.param("auto", "PUT", BOTH, LINKED, ["/ops/1", "/things/8"], id="the monitor links to it"),
        pytest.param("auto", "PUT", LOCATED, {}, ["/ops/1"], id="PUT at a location: the last answer"),
        pytest.param("auto", "PUT", {}, {}, ["/jobs"], id="PUT at the resource: the last answer"),
    ],
)
def test_where_the_result_is(side: Side, final: Any, method: str, first: Any, last: Any, urls: list[str]) -> None:
    """One more GET fetches it where it is elsewhere, once."""
    polling: Polling[Any] = Polling(final=final, codec=lambda: ID)
    answers = [Answer(202, headers=first)] + [Answer(json={"status": "Succeeded", "id": 9} | last)] * len(urls)
    poller = side.begin(polling, *answers, method=method)
    assert side.run(poller.result()) == 9
    assert side.run(poller.result()) == 9
    assert side.urls == ["/jobs", *urls]
    assert {request.method for request in side.service.requests[1:]} == {"GET"}


class _Id:
    """A codec of the one member."""

    def decode(self, wire: Any, /) -> Any:
        return wire["id"]

    def encode(self, value: Any, /) -> Any:
        return value


ID: Final = _Id()


@pytest.mark.parametrize(
    "polling",
    [Polling(poll_path="/ops/{id}", codec=ID), Polling(result=("properties",), codec=ID)],
    ids=["a declared path", "a declared result"],
)
def test_what_is_declared_wins_over_what_services_usually_do(side: Side, polling: Polling[Any]) -> None:
    """A job that is watched below a path of the service has its result in it, whatever else the first answer names."""
    first = Answer(202, json={"id": 9}, headers={"Location": "/things/9"} | ({} if polling.poll_path else MONITORED))
    last = Answer(json={"status": "Succeeded", "id": 9, "properties": {"id": 9}})
    assert side.run(side.begin(polling, first, last).result()) == 9
    assert len(side.urls) == 2


def test_a_location_that_ends_without_a_body_leaves_the_resource(side: Side) -> None:
    """204 says that the work is over; what PUT made is at its own URL."""
    poller = side.begin(MONITOR, Answer(202, headers=LOCATED), Answer(204), Answer(json={"id": 9}), method="PUT")
    assert side.run(poller.result()) == {"id": 9}
    assert side.urls == ["/jobs", "/ops/1", "/jobs"]


def test_a_resource_may_tell_its_status_elsewhere_than_a_monitor(side: Side) -> None:
    """``status`` of the operation, ``properties.provisioningState`` of the resource."""
    polling: Polling[Any] = Polling(resource_status=("properties", "provisioningState"))

    def resource(word: str, code: int = 200) -> Answer:
        return Answer(code, json={"status": "open", "properties": {"provisioningState": word}})

    poller = side.begin(polling, resource("Creating", 201), resource("Updating"), resource("Succeeded"), method="PUT")
    assert side.run(poller.result())["status"] == "open"
    assert side.urls == ["/jobs", "/jobs", "/jobs"]
    poller = side.begin(polling, resource("Failed"), method="PUT")
    with pytest.raises(OperationFailedError, match="ended as 'Failed'"):
        side.run(poller.result())


IN_STATE: Final[Polling[Any]] = Polling(resource_status=("properties", "provisioningState"))


def a_resource(word: str, code: int = 200, **headers: str) -> Answer:
    return Answer(code, json={"id": 9, "properties": {"provisioningState": word}}, headers=headers)


@pytest.mark.parametrize(
    ("code", "word", "urls"),
    [(200, "Succeeded", ["/jobs"]), (200, "Updating", ["/jobs", "/ops/1", "/jobs"]), (202, "Succeeded", ["/jobs", "/ops/1", "/jobs"])],
    ids=["200 and done", "200 and not done", "202"],
)  # fmt: skip
def test_a_patch_that_was_done_at_once_is_not_watched(side: Side, code: int, word: str, urls: list[str]) -> None:
    """Azure's Resource Manager says 202 where there is something to watch, whatever the header fields."""
    first = a_resource(word, code, **{"Azure-AsyncOperation": "/ops/1"})
    answers = [Answer(json={"status": "Succeeded"}), a_resource("Succeeded")]
    poller = side.begin(IN_STATE, first, *answers[: len(urls) - 1], method="PATCH")
    assert side.run(poller.result())["id"] == 9
    assert side.urls == urls


def test_a_location_that_ends_with_a_resource_is_read_as_one(side: Side) -> None:
    poller = side.begin(IN_STATE, Answer(202, headers=LOCATED), a_resource("Failed"), method="POST")
    with pytest.raises(OperationFailedError, match="ended as 'Failed'"):
        side.run(poller.result())


# --- deleting --------------------------------------------------------------------------------------------------------


def test_a_deleted_resource_answers_404_and_that_is_success(side: Side) -> None:
    """Where the service names no monitor, the resource itself tells: it is there until it is gone."""
    there = [{"id": 9, "status": "Deleting"}, {"id": 9}, {"id": 9, "status": "Succeeded"}]
    for gone in (404, 410):
        poller = side.begin(MONITOR, Answer(202), *[Answer(json=body) for body in there], Answer(gone), method="DELETE")
        assert side.run(poller.result()) is None
        assert (poller.status(), side.urls) == ("succeeded", ["/jobs"] * 5)


def test_a_resource_may_refuse_to_be_deleted(side: Side) -> None:
    """Its word says so."""
    poller = side.begin(MONITOR, Answer(202), Answer(json={"id": 9, "status": "Failed"}), method="DELETE")
    with pytest.raises(OperationFailedError, match="ended as 'Failed'"):
        side.run(poller.result())


@pytest.mark.parametrize("missing_is_success", [False, True])
def test_a_monitor_that_is_gone_is_an_error(side: Side, missing_is_success: bool) -> None:
    """It cannot tell whether the thing is deleted; the poller can go on."""
    first = Answer(202, headers=MONITORED)
    poller = side.begin(MONITOR, first, Answer(404), DONE, method="DELETE", missing_is_success=missing_is_success)
    with pytest.raises(ResourceNotFoundError):
        side.run(poller.result())
    assert side.run(poller.result()) is None


def test_what_is_gone_already_need_not_be_deleted(side: Side) -> None:
    """404 where that is a success ends the operation without a result."""
    poller = side.begin(MONITOR, Answer(404, json={"error": "gone"}), method="DELETE", missing_is_success=True)
    assert poller.done()
    assert side.run(poller.result()) is None


def test_the_result_is_the_same_object_each_time(side: Side) -> None:
    """Asking twice reads once."""
    poller = side.begin(JOBS, QUEUED, job("finished"))
    assert side.run(poller.result()) is side.run(poller.result())


def test_a_result_that_cannot_be_read_is_an_error(side: Side) -> None:
    """Not None, which would look like an answer."""
    poller = side.begin(MONITOR, Answer(200, content=b"<html>"))
    with pytest.raises(DecodeError, match="the result, the body, cannot be read"):
        side.run(poller.result())


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_pauses_grow_up_to_ten_times_the_interval(side: Side) -> None:
    """By half each time."""
    poller = side.begin(JOBS, QUEUED, *[job("started")] * 8, job("finished"), polling_interval=2.0)
    side.run(poller.result())
    assert [round(wait, 2) for wait in side.waits] == [2.0, 3.0, 4.5, 6.75, 10.12, 15.19, 20.0, 20.0, 20.0]


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [("3", "0", [3.0, 1.5 * 0.5 * 1.5]), ("soon", "7", [0.5, 7.0, 1.125])],
    ids=["seconds and zero", "unreadable: our own interval"],
)
def test_the_service_may_say_when_to_look_again(side: Side, first: str, second: str, waits: list[float]) -> None:
    """Retry-After wins over the interval for one pause, and does not change how the others grow."""
    poller = side.begin(
        JOBS,
        job("queued", 202, headers={"Retry-After": first}),
        job("started", headers={"Retry-After": second}),
        job("started"),
        job("finished"),
    )
    side.run(poller.result())
    assert side.waits == waits


def test_waiting_for_a_while(side: Side) -> None:
    """It takes the whole time, so that a loop around it does not spin, and goes on where the last one ended."""
    poller = side.begin(JOBS, job("queued", 202, headers={"Retry-After": "10"}), job("finished"))
    assert [side.run(poller.wait(timeout=4.0)) for _ in range(3)] == [False, False, True]
    assert side.waits == [4.0, 4.0, 2.0]
    assert side.run(poller.wait(timeout=0.0))


def test_running_out_of_time_says_how_to_go_on(side: Side) -> None:
    """The error has what another process needs; this one can simply ask again."""
    poller = side.begin(JOBS, QUEUED, job("started"), job("finished"), polling_interval=2.0)
    with pytest.raises(PollTimeoutError) as caught:
        side.run(poller.result(timeout=4.0))
    error = caught.value
    assert (error.seconds, error.status) == (4.0, "started")
    assert error.continuation_token == poller.continuation_token()
    assert str(error).startswith("the operation was still 'started' after 4 s; call result() again")
    assert side.service.now == pytest.approx(4.0)
    assert side.run(poller.result()).status == "finished"


def test_each_look_is_a_call_with_a_deadline_of_its_own(side: Side) -> None:
    """The begin method's timeout counts for each, an operation may take longer; the end of the waiting is sooner."""
    poller = side.begin(JOBS, QUEUED, *[job("started")] * 3, job("finished"), timeout=5.0, polling_interval=4.0)
    assert not side.run(poller.wait(timeout=11.0))
    side.run(poller.result())
    deadlines = [request.call.deadline for request in side.service.requests]
    assert deadlines == [5.0, 9.0, 11.0, 24.0, 37.5]


def out_of_time_after(side: Side, seconds: float) -> Callable[[HttpRequest], Exception]:
    def answer(request: HttpRequest) -> Exception:
        side.service.clock.advance(seconds)
        return DeadlineExceededError("no answer in time", request=request)

    return answer


def test_a_look_that_hangs_ends_with_the_waiting(side: Side) -> None:
    """The waiting ends in time even if the service does not answer; that is no failure of the operation."""
    poller = side.begin(JOBS, QUEUED, out_of_time_after(side, 9.5), job("finished"))
    assert side.run(poller.wait(timeout=10.0)) is False
    assert side.run(poller.result()).status == "finished"


def test_a_look_that_takes_longer_than_its_own_timeout_is_an_error(side: Side) -> None:
    """The caller said how long one call may take."""
    poller = side.begin(JOBS, QUEUED, out_of_time_after(side, 1.0), job("finished"), timeout=1.0)
    with pytest.raises(DeadlineExceededError):
        side.run(poller.wait(timeout=10.0))
    assert side.run(poller.result()).status == "finished"


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (ServiceResponseError("cut off"), ServiceResponseError),
        (Answer(404), ResourceNotFoundError),
        (Answer(401), ClientAuthenticationError),
        (Answer(500), HttpResponseError),
    ],
    ids=["transport", "404", "401", "500"],
)
def test_an_error_while_looking_leaves_the_poller_usable(side: Side, problem: Line, error: type[Exception]) -> None:
    """State and token are as before; the next look goes on."""
    poller = side.begin(JOBS, QUEUED, problem, job("finished"), max_retries=0)
    token = poller.continuation_token()
    with pytest.raises(error):
        side.run(poller.result())
    assert (poller.status(), poller.done(), poller.continuation_token()) == ("queued", False, token)
    assert side.run(poller.result()).status == "finished"


async def test_a_cancelled_wait_loses_nothing() -> None:
    """The poller is as it was, and goes on when asked again."""
    operation: LongRunningOperation[Job] = LongRunningOperation("POST", "/jobs", responses={}, polling=JOBS)
    service = AsyncScriptedTransport(QUEUED, job("started"), job("finished"))
    pausing = asyncio.Event()

    async def sleep(seconds: float, /) -> None:
        if not pausing.is_set():
            pausing.set()
            await asyncio.sleep(60.0)
        service.clock.advance(seconds)

    service.sleep = sleep  # type: ignore[method-assign]  # real waiting, so that there is something to cancel
    poller = await aio.ServiceClient(HOST, transport=service)._begin(operation, {}, options={})
    waiting = asyncio.create_task(poller.wait())
    await pausing.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await poller.result()).status == "finished"


# --- long poll -------------------------------------------------------------------------------------------------------

HELD: Final[Polling[Job]] = Polling(
    succeeded=("finished",), failed=("failed",), poll_path="/jobs/{job_id}", codec=Job, wait_parameter="wait"
)


def held(side: Side, seconds: float, answer: Answer) -> Callable[[HttpRequest], Answer]:
    def line(_request: HttpRequest) -> Answer:
        side.service.clock.advance(seconds)
        return answer

    return line


def test_where_the_service_holds_its_answer_nobody_sleeps(side: Side) -> None:
    """Waiting costs no polling delay: the end is known when it happens."""
    poller = side.begin(HELD, QUEUED, held(side, 20.0, job("started")), held(side, 3.0, job("finished")))
    side.run(poller.result())
    assert side.urls == ["/jobs", "/jobs/7?wait=20", "/jobs/7?wait=20"]
    assert side.waits == []


def test_a_service_that_does_not_hold_is_not_stormed(side: Side) -> None:
    """An answer that comes at once is followed by the interval; one with Retry-After by what it says."""
    poller = side.begin(
        HELD,
        QUEUED,
        job("started"),
        held(side, 0.2, job("started")),
        job("started", headers={"Retry-After": "3"}),
        job("finished"),
    )
    side.run(poller.result())
    assert side.waits == [0.5, pytest.approx(0.3), 3.0]


@pytest.mark.parametrize(
    ("options", "timeout", "url"),
    [
        ({}, 10.0, "/jobs/7?wait=9"),
        ({"read_timeout": 6.0}, None, "/jobs/7?wait=5"),
        ({"timeout": 3.0}, None, "/jobs/7?wait=2"),
        ({"timeout": 0.5}, None, "/jobs/7"),
    ],
    ids=["waiting", "read_timeout", "timeout of the call", "no time to hold"],
)
def test_the_service_holds_no_longer_than_we_listen(side: Side, options: Any, timeout: float | None, url: str) -> None:
    """One second less than what would cut the answer off."""
    poller = side.begin(HELD, QUEUED, job("finished"), **options)
    side.run(poller.result(timeout))
    assert side.urls[1] == url


def test_a_wish_that_is_in_the_address_already_is_replaced(side: Side) -> None:
    """A service that can hold its answer may have put one there."""
    started = Answer(202, headers={"Operation-Location": "/o/1?wait=2&sig=a%2Fb"})
    poller = side.begin(HELD, started, job("finished"))
    side.run(poller.result())
    assert side.urls[1] == "/o/1?sig=a%2Fb&wait=20"


# --- callbacks, then -------------------------------------------------------------------------------------------------


def test_callbacks_are_called_once_at_the_end(side: Side) -> None:
    """With the poller; at once if it is over; not if they were taken back."""
    heard: list[tuple[str, Any]] = []
    poller = side.begin(JOBS, QUEUED, job("started"), job("finished"))

    def forgotten(which: Any) -> None:
        heard.append(("forgotten", which))

    poller.add_done_callback(lambda which: heard.append(("first", which)))
    poller.add_done_callback(forgotten)
    poller.remove_done_callback(forgotten)
    side.run(poller.poll())
    assert heard == []
    side.run(poller.wait())
    side.run(poller.result())
    poller.add_done_callback(lambda which: heard.append(("late", which)))
    assert heard == [("first", poller), ("late", poller)]


def test_what_a_callback_raises_comes_out_and_harms_nothing(side: Side) -> None:
    """The operation is over all the same."""
    poller = side.begin(JOBS, QUEUED, job("finished"))
    poller.add_done_callback(lambda _which: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        side.run(poller.wait())
    assert side.run(poller.result()).status == "finished"


def judged(result: Job) -> str:
    if result.error_code:
        raise PermissionError(result.error_code)
    return result.job_id


def test_then_judges_or_changes_the_result(side: Side) -> None:
    """The new poller watches the same operation; tokens and callbacks are the same."""
    poller = side.begin(JOBS, QUEUED, job("finished"))
    heard: list[str] = []
    mapped = poller.then(judged).then(lambda job_id: f"job {job_id}")
    mapped.add_done_callback(lambda which: heard.append(which.status()))
    assert mapped.continuation_token() == poller.continuation_token()
    assert side.run(mapped.result()) == "job 7"
    assert poller.done()
    assert heard == ["finished"]


def test_then_may_raise(side: Side) -> None:
    """Each time, and only where the result is asked for."""
    poller = side.begin(JOBS, QUEUED, job("finished", error_code="AUTH")).then(judged)
    assert side.run(poller.wait())
    for _ in range(2):
        with pytest.raises(PermissionError, match="AUTH"):
            side.run(poller.result())


def test_the_decisions_are_values() -> None:
    """A state moves to a state; nothing is sent, nothing sleeps."""
    request = HttpRequest("POST", f"{HOST}/jobs")
    state = JOBS.begin(request, QUEUED.to(request))
    assert state == PollState("/jobs/7", "queued", source="monitor")
    look = JOBS.request(state)
    following = JOBS.advance(state, job("started", headers={"Retry-After": "2"}).to(look))
    assert following == PollState("/jobs/7", "started", source="monitor", polls=1, retry_after=2.0)
    assert (state.pause(0.5), state.pause(0.5, jitter=0.9), following.pause(0.5, jitter=0.9)) == (0.5, 0.45, 2.0)
