"""Pollers that follow an operation by its server-sent events: sooner than polling, and never otherwise."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import (
    OperationFailedError,
    PollTimeoutError,
    ServiceRequestError,
    ServiceResponseError,
)
from clientsmith.core.operations import LongRunningOperation
from clientsmith.core.polling import Polling, StatusEvents, steps
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport, VirtualClock
from hypothesis import given
from hypothesis import strategies as st

HOST: Final = "https://example.test"
BY_PATH: Final = StatusEvents(path="/jobs/{job_id}/events")
JOBS: Final[dict[str, Any]] = {
    "succeeded": ("finished",),
    "failed": ("failed",),
    "poll_path": "/jobs/{job_id}",
    "cancel": "DELETE /jobs/{job_id}",
}
QUEUED: Final = Answer(202, json={"job_id": "7", "status": "queued"})
HEARTBEAT: Final = b": still here\n\n"


def event(status: str, name: str = "", id: str = "") -> bytes:
    lines = [f"event: {name}"] * bool(name) + [f"id: {id}"] * bool(id)
    return "\n".join([*lines, f"data: {json.dumps({'status': status})}", "", ""]).encode()


def stream(*chunks: Any, **options: Any) -> Answer:
    return Answer(chunks=chunks, headers={"Content-Type": "text/event-stream; charset=utf-8"}, **options)


class Job:
    """A scripted service with one job, which ends at a time on the virtual clock.

    Attributes:
        looks: When somebody looked.
        opened: When somebody opened the event stream.
    """

    def __init__(self, ends_at: float, *streams: Any, first: Answer = QUEUED, how: str = "finished") -> None:
        self.clock = VirtualClock()
        self.ends_at, self.first, self.how = ends_at, first, how
        self.streams = list(streams)
        self.looks: list[float] = []
        self.opened: list[float] = []
        self.requests: list[Any] = []
        self.transport: Any = None

    def say(self, request: Any) -> Answer:
        self.requests.append(request)
        path = request.url.removeprefix(HOST)
        if request.method != "GET":
            return self.first if request.method == "POST" else Answer(204)
        if path == "/jobs/7":
            self.looks.append(self.clock.now)
            over = self.clock.now >= self.ends_at - 1e-9
            return Answer(json={"job_id": "7", "status": self.how if over else "started"})
        self.opened.append(self.clock.now)
        said = self.streams.pop(0) if len(self.streams) > 1 else self.streams[0]
        if isinstance(said, Exception):
            raise said
        return said


class Side:
    """One of the two colours, driven in the same words."""

    def __init__(self, colour: str) -> None:
        self.is_async = colour == "async"

    def client(self, job: Job) -> Any:
        kind: Any = AsyncScriptedTransport if self.is_async else ScriptedTransport
        job.transport = kind(job.say, repeat=True, clock=job.clock)
        return (aio.ServiceClient if self.is_async else ServiceClient)(HOST, transport=job.transport)

    def begin(self, job: Job, events: StatusEvents | None = BY_PATH, **options: Any) -> Any:
        operation: LongRunningOperation[Any] = LongRunningOperation(
            "POST", "/jobs", responses={}, polling=Polling(**JOBS, events=events)
        )
        return self.run(self.client(job)._begin(operation, {}, options=options))

    def run(self, value: Any) -> Any:
        async def awaited() -> Any:
            return await value

        return asyncio.run(awaited()) if inspect.isawaitable(value) else value


@pytest.fixture(params=["sync", "async"])
def side(request: pytest.FixtureRequest) -> Side:
    """The same test in both colours."""
    return Side(request.param)


# --- hearing of the end ----------------------------------------------------------------------------------------------


def test_the_end_is_seen_when_it_is_told(side: Side) -> None:
    """No pause is slept: the poller listens, looks once early on, and once when the event says so."""
    job = Job(20.0, stream(event("started"), 20.0, event("finished")))
    assert side.run(side.begin(job).result()) == {"job_id": "7", "status": "finished"}
    assert job.clock.now == pytest.approx(20.0)
    assert (job.opened, job.transport.waits) == ([0.0], [])
    assert job.looks == [pytest.approx(0.5, abs=0.1), pytest.approx(20.0)]
    assert job.transport.open_bodies == 0


def test_a_failure_is_told_like_any_end(side: Side) -> None:
    """The error is made of what the ordinary place says."""
    job = Job(7.0, stream(event("started"), 7.0, event("failed")), how="failed")
    with pytest.raises(OperationFailedError) as caught:
        side.run(side.begin(job).result())
    assert (caught.value.status, job.clock.now) == ("failed", pytest.approx(7.0))


@pytest.mark.parametrize(
    ("events", "said"),
    [
        pytest.param(BY_PATH, event("FINISHED"), id="word in the data, without case"),
        pytest.param(StatusEvents(path="{}/events", names=("state",)), event("finished", "state"), id="named"),
        pytest.param(StatusEvents(path="{}/events", status=()), b"data: finished\n\n", id="the data is the word"),
        pytest.param(StatusEvents(path="{}/events", status=()), b'data: "finished"\n\n', id="as JSON"),
        pytest.param(
            StatusEvents(path="{}/events", status=("job", "state")),
            b'data: {"job": {"state": "finished"}}\n\n',
            id="deep",
        ),
        pytest.param(StatusEvents(path="{}/events", ending=("end",)), b"event: end\ndata: bye\n\n", id="ending"),
        pytest.param(BY_PATH, HEARTBEAT, id="the end of the stream"),
    ],
)
def test_what_says_the_end(side: Side, events: StatusEvents, said: bytes) -> None:
    job = Job(25.0, stream(HEARTBEAT, 25.0, said, *([] if said == HEARTBEAT else [600.0])))
    side.run(side.begin(job, events).result())
    assert job.clock.now == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("headers", "events"),
    [
        ({"Job-Events": "/streams/9"}, StatusEvents(header="Job-Events", path="/jobs/{job_id}/events")),
        ({"Link": '</streams/9>; rel="events monitor"'}, StatusEvents(relation="events")),
        ({"Link": f"<{HOST}/streams/9#now>; rel=Events"}, StatusEvents(header="Job-Events", relation="events")),
    ],
    ids=["header field", "link", "link, where the field is missing"],
)
def test_the_first_answer_may_say_where_the_events_are(
    side: Side, headers: dict[str, str], events: StatusEvents
) -> None:
    first = Answer(202, json={"job_id": "7", "status": "queued"}, headers=headers)
    job = Job(3.0, stream(event("started"), 3.0, event("finished")), first=first)
    side.run(side.begin(job, events).result())
    assert [r.url for r in job.requests if "stream" in r.url] == [f"{HOST}/streams/9"]
    assert job.clock.now == pytest.approx(3.0)


def test_what_happened_before_the_stream_was_there_is_not_missed(side: Side) -> None:
    """A stream tells what changes from now on, perhaps: the first look is where it would have been anyway."""
    job = Job(0.2, stream(HEARTBEAT, *[15.0, HEARTBEAT] * 40))
    side.run(side.begin(job).result())
    assert job.clock.now < 0.6


# --- never worse than polling ----------------------------------------------------------------------------------------


def test_a_stream_that_says_nothing_changes_nothing(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy may hold it back until its end: looks come as if it were not there."""
    monkeypatch.setattr(steps, "_jitter", lambda: 1.0)
    job = Job(40.0, stream(600.0, event("finished")))
    side.run(side.begin(job).result())
    plain = Job(40.0, Answer(404))
    side.run(side.begin(plain, None).result())
    assert job.looks == pytest.approx(plain.looks)
    assert job.opened == [0.0]


def test_a_stream_that_lives_and_does_not_tell_is_not_believed_for_ever(side: Side) -> None:
    """Half a minute after the last look comes another one."""
    job = Job(40.0, stream(event("started"), *[15.0, HEARTBEAT] * 100))
    side.run(side.begin(job).result())
    assert job.clock.now == pytest.approx(60.5, abs=0.2)
    assert len(job.looks) == 3


@pytest.mark.parametrize(
    ("said", "openings"),
    [
        pytest.param(Answer(404), 1, id="404"),
        pytest.param(Answer(405), 1, id="405"),
        pytest.param(Answer(406), 1, id="406"),
        pytest.param(Answer(501), 1, id="501"),
        pytest.param(Answer(401), 1, id="401"),
        pytest.param(Answer(204), 1, id="204"),
        pytest.param(Answer(json={"status": "finished"}), 1, id="no events"),
        pytest.param(Answer(503), 3, id="503"),
        pytest.param(Answer(429, headers={"Retry-After": "600"}), 3, id="429"),
        pytest.param(ServiceRequestError("refused", is_unsent=True), 3, id="no connection"),
        pytest.param(
            ServiceRequestError("not trusted", is_unsent=True, is_transient=False), 1, id="never a connection"
        ),
        pytest.param(stream(), 3, id="empty"),
        pytest.param(stream(ServiceResponseError("cut")), 3, id="cut"),
        pytest.param(stream(event("started"), ServiceResponseError("cut")), 3, id="cut after an event"),
        pytest.param(stream(event("finished")), 3, id="an end that is none"),
        pytest.param(stream(event("started")), 3, id="ends always"),
        pytest.param(stream(b"\xff\x00data:\r\r\n{", 0.01, b"\n\n"), 3, id="garbage"),
        pytest.param(stream(b"data: x\n\n", delay=600.0), 3, id="a header that does not come"),
    ],
)
def test_what_cannot_be_followed_is_polled(side: Side, said: Any, openings: int) -> None:
    """The end is seen as polling sees it, and the stream costs a few requests at most."""
    job = Job(60.0, said)
    assert side.run(side.begin(job).result())["status"] == "finished"
    assert len(job.opened) == openings
    assert job.clock.now <= 60.0 + 5.5
    assert job.transport.open_bodies == 0


def test_a_break_now_and_then_is_no_reason_to_give_up(side: Side) -> None:
    """The stream is opened again where it broke off, however often, as long as it lived for a while."""
    alive = [event("started", id="4"), *[15.0, HEARTBEAT] * 4, ServiceResponseError("cut")]
    job = Job(320.0, *[stream(*alive)] * 5, stream(event("started"), 20.0, event("finished")))
    side.run(side.begin(job).result(timeout=900.0))
    assert job.clock.now == pytest.approx(320.0)
    assert job.opened == [pytest.approx(60.0 * n) for n in range(6)]
    assert [r.headers.get("Last-Event-ID") for r in job.requests if r.url.endswith("events")][1:] == ["4"] * 5


def test_an_address_that_must_not_be_followed_is_not(side: Side) -> None:
    """Events over plain http would be read and changed by anybody; the operation is watched all the same."""
    first = Answer(202, json={"job_id": "7", "status": "queued"}, headers={"Job-Events": "http://example.test/e"})
    job = Job(3.0, stream(event("finished")), first=first)
    assert side.run(side.begin(job, StatusEvents(header="Job-Events")).result())["status"] == "finished"
    assert job.opened == []


def test_a_look_that_fails_after_the_end_was_told_is_made_again_in_its_time(side: Side) -> None:
    """The event brings a look forward once; a service that is down then is not hammered."""
    job = Job(5.0, stream(event("started"), 5.0, event("finished")))
    down: list[float] = []
    say = job.say

    def unwell(request: Any) -> Answer:
        if request.url.endswith("/jobs/7") and 4.9 < job.clock.now < 7.0:
            down.append(job.clock.now)
            return Answer(503)
        return say(request)

    job.say = unwell  # type: ignore[method-assign]
    assert side.run(side.begin(job, max_retries=2, backoff_base=0.1).result())["status"] == "finished"
    assert len(down) <= 12


def test_both_at_once_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="`events` and `wait_parameter`"):
        Polling(events=BY_PATH, wait_parameter="wait")


@pytest.mark.parametrize("wrong", [{}, {"path": "jobs/events"}], ids=["nowhere", "no path"])
def test_events_have_a_place(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="path"):
        StatusEvents(**wrong)


# --- waiting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chunks",
    [(600.0,), (event("started"), 600.0), (event("started"), *[1.0, HEARTBEAT] * 600)],
    ids=["silent", "then silent", "lively"],
)
def test_waiting_ends_in_time(side: Side, chunks: tuple[Any, ...]) -> None:
    """Exactly, and the connection is not kept."""
    job = Job(900.0, stream(*chunks))
    poller = side.begin(job)
    assert side.run(poller.wait(12.25)) is False
    assert job.clock.now == pytest.approx(12.25)
    assert job.transport.open_bodies == 0
    with pytest.raises(PollTimeoutError):
        side.run(poller.result(timeout=7.5))
    assert job.clock.now == pytest.approx(19.75)


def test_waiting_in_slices_opens_no_stream_for_each(side: Side) -> None:
    """At most one between two looks, as many as there are looks."""
    job = Job(10.0, stream(event("started"), 600.0))
    poller = side.begin(job)
    while not side.run(poller.wait(0.1)):
        pass
    assert len(job.opened) <= len(job.looks) + 1 < 15


def test_who_resumes_follows(side: Side) -> None:
    """The token says where the events are; it leads to no other host."""
    job = Job(30.0, stream(event("started"), 30.0, event("finished")))
    token = side.begin(job).continuation_token()
    assert json.loads(token)["events_url"] == "/jobs/7/events"
    again = side.begin(job, continuation_token=token)
    side.run(again.result())
    assert job.clock.now == pytest.approx(30.0)
    foreign = token.replace("/jobs/7/events", "https://elsewhere.test/e")
    fresh = Job(3.0, stream(event("finished")))
    side.run(side.begin(fresh, continuation_token=foreign).result())
    assert fresh.opened == []


def test_cancelling_and_callbacks_are_as_ever(side: Side) -> None:
    job = Job(8.0, *[stream(event("started"), seconds, event("finished")) for seconds in (8.0, 7.0)])
    poller = side.begin(job)
    told: list[float] = []
    poller.add_done_callback(lambda _poller: told.append(job.clock.now))
    assert side.run(poller.wait(1.0)) is False
    side.run(poller.cancel())
    side.run(poller.wait())
    assert told == [pytest.approx(8.0)]


def test_listeners_leave_connections_for_calls() -> None:
    """An async client has so many: a quarter of them may listen, others poll. None of them waits for another's."""

    async def main() -> list[Any]:
        job = Job(20.0, stream(event("started"), 20.0, event("finished")))
        transport = AsyncScriptedTransport(job.say, repeat=True, clock=job.clock)
        transport.max_connections = 4  # type: ignore[attr-defined]  # as the real ones have
        client = aio.ServiceClient(HOST, transport=transport)
        operation: LongRunningOperation[Any] = LongRunningOperation(
            "POST", "/jobs", responses={}, polling=Polling(**JOBS, events=BY_PATH)
        )
        pollers = [await client._begin(operation, {}, options={}) for _ in range(3)]
        await asyncio.gather(*(poller.result() for poller in pollers))
        assert client._core.listeners_left == 1
        return job.opened

    assert len(asyncio.run(main())) >= 1


# --- whatever it says ------------------------------------------------------------------------------------------------

PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(["queued", "started", "finished", "failed", "nonsense"]).map(event),
    st.sampled_from([HEARTBEAT, b"data: {\n\n", b"retry: 1\n\n", b"\n", b"data: null\n\n", b"data: [1]\n\n"]),
    st.floats(0.01, 100.0),
    st.builds(ServiceResponseError, st.just("cut")),
)
STREAMS = st.one_of(
    st.lists(PIECES, max_size=12).map(lambda pieces: stream(*pieces)),
    st.sampled_from([200, 204, 404, 429, 500, 503]).map(Answer),
    st.builds(ServiceRequestError, st.just("refused")),
)


@given(st.lists(STREAMS, min_size=1, max_size=5), st.floats(0.0, 200.0), st.sampled_from(["finished", "failed"]))
def test_whatever_the_stream_does_the_end_is_that_of_polling(streams: list[Any], ends_at: float, how: str) -> None:
    """The same end, at most half a minute later than it happened, for few requests more."""
    side = Side("sync")
    job = Job(ends_at, *streams, how=how)
    poller = side.begin(job)
    side.run(poller.wait())
    assert poller.status() == how
    assert job.clock.now <= ends_at + 36.0
    plain = Job(ends_at, Answer(404), how=how)
    Side("sync").begin(plain, None).wait()
    assert len(job.looks) + len(job.opened) <= 2 * len(plain.looks) + 2 * 3 + 2
    assert job.transport.open_bodies == 0


# --- over sockets ----------------------------------------------------------------------------------------------------


class Live(BaseHTTPRequestHandler):
    """A job that ends 1.2 s after it was begun, and tells so."""

    protocol_version = "HTTP/1.1"
    began: ClassVar[float] = 0.0
    looks: ClassVar[list[float]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Live.began = time.monotonic()
        self.looks.clear()
        self.answer(202, {"job_id": "7", "status": "queued"})

    def do_GET(self) -> None:
        if self.path.endswith("/events"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.chunk(event("started"))
            time.sleep(max(0.0, 1.2 - self.age()))
            self.chunk(event("finished"))
            self.chunk(b"")
        else:
            self.looks.append(self.age())
            self.answer(200, {"job_id": "7", "status": "finished" if self.age() >= 1.2 else "started"})

    def age(self) -> float:
        return time.monotonic() - Live.began

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def chunk(self, data: bytes) -> None:
        try:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    """A live service on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Live)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _kinds() -> list[Any]:
    from clientsmith.core.transport.aiohttp import AioHttpTransport
    from clientsmith.core.transport.requests import RequestsTransport
    from clientsmith.core.transport.stdlib import AsyncStdlibTransport, StdlibTransport

    return [RequestsTransport, StdlibTransport, AioHttpTransport, AsyncStdlibTransport]


@pytest.mark.parametrize("kind", _kinds())
def test_over_sockets_the_times_are_the_same(endpoint: str, kind: Callable[[], Any]) -> None:
    """The end is seen when it is told, and a wait that ends before is over in its time."""
    operation: LongRunningOperation[Any] = LongRunningOperation(
        "POST", "/jobs", responses={}, polling=Polling(**JOBS, events=BY_PATH)
    )

    async def run() -> tuple[float, float, Any]:
        async def done(value: Any) -> Any:
            return await value if inspect.isawaitable(value) else value

        transport = kind()
        is_async = inspect.iscoroutinefunction(transport.send)
        client = (aio.ServiceClient if is_async else ServiceClient)(endpoint, transport=transport)
        poller = await done(client._begin(operation, {}, options={"polling_interval": 0.6}))
        began = time.monotonic()
        assert not await done(poller.wait(0.3))
        first = time.monotonic() - began
        result = await done(poller.result(timeout=10.0))
        ended = time.monotonic() - began
        await done(transport.close())
        return first, ended, result

    first, ended, result = asyncio.run(run())
    assert result["status"] == "finished"
    assert first == pytest.approx(0.3, abs=0.15)
    assert ended == pytest.approx(1.2, abs=0.2)


def test_who_has_no_events_imports_nothing_of_streams() -> None:
    """Following costs those who do not follow nothing."""
    code = """
import sys
from clientsmith.core import LongRunningOperation, ServiceClient
from clientsmith.core.polling import Polling
from clientsmith.core.testing import Answer, ScriptedTransport
jobs = LongRunningOperation("POST", "/jobs", responses={}, polling=Polling(poll_path="/jobs/{id}"))
lines = Answer(202, json={"id": "7", "status": "queued"}), Answer(json={"id": "7", "status": "Succeeded"})
ServiceClient("https://example.test", transport=ScriptedTransport(*lines))._begin(jobs, {}, options={}).result()
print([name for name in sys.modules if "core.streaming" in name or name.endswith(("polling.events", "following"))])
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
