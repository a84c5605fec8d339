"""Streams of events: what they give, when they are over, when they are opened again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import pytest
from clientsmith.core import Model, ServiceClient, aio, field
from clientsmith.core.errors import (
    DecodeError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceResponseError,
    UnknownSettingError,
    UsageError,
)
from clientsmith.core.operations import EVENTS, Operation, json_body, path
from clientsmith.core.rest import HttpRequest
from clientsmith.core.streaming import ServerSentEvent
from clientsmith.core.streaming._patience import Patience
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Piece, ScriptedTransport
from hypothesis import given, settings
from hypothesis import strategies as st


class Progress(Model):
    percent: int = field("percent")


class Job(Model):
    id: str = field("id")
    state: str = field("state")


def watch(method: str = "GET", **keywords: Any) -> Operation[Any]:
    return Operation(method, "/jobs/events", responses={200: EVENTS(**keywords)})


RAW = watch()


def stream(*pieces: Piece, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(chunks=pieces, headers={"Content-Type": "text/event-stream; charset=utf-8", **(headers or {})})


def cut() -> ServiceResponseError:
    return ServiceResponseError("the body broke off")


OVER = Answer(204)


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are what the service asks for, and nothing at random."""
    monkeypatch.setattr("clientsmith.core.streaming._patience._jitter", lambda: 0.0)
    monkeypatch.setattr("clientsmith.core.policies.retry._jitter", lambda: 1.0)


# --- what a stream gives ---------------------------------------------------------------------------------------------


def test_without_a_codec_events_come_as_they_are(colour: Any) -> None:
    """And the request says what it wants."""
    client = colour.client(stream(b"event: a\nid: 1\ndata: x\n\nda", b"ta: y\n\n"), OVER)
    events = client._events(RAW, {}, options={})
    assert colour.items(events) == [ServerSentEvent("x", "a", "1"), ServerSentEvent("y", "message", "1")]
    sent = client.transport.sent[0]
    assert (sent.headers["Accept"], sent.headers["Cache-Control"]) == ("text/event-stream", "no-cache")
    assert "Last-Event-ID" not in sent.headers


def test_events_are_what_their_name_says(colour: Any) -> None:
    """A map of names to models, a model for the others; the event itself is at hand."""
    client = colour.client(
        stream(b'event: progress\ndata: {"percent": 7}\n\ndata: {"id": "1", "state": "done"}\n\n'),
    )
    events = client._events(watch(codec=lambda: Job, events={"progress": lambda: Progress}), {}, options={})
    first, second = colour.items(events)
    assert isinstance(first, Progress)
    assert first.percent == 7
    assert isinstance(second, Job)
    assert second.state == "done"
    assert events.last_event == ServerSentEvent('{"id": "1", "state": "done"}')


def test_an_event_of_an_unknown_name_is_not_lost(colour: Any) -> None:
    """A service may grow new ones; without a model they come as they are."""
    client = colour.client(stream(b"event: new\ndata: ?\n\n"))
    events = client._events(watch(events={"progress": lambda: Progress}), {}, options={})
    assert colour.items(events) == [ServerSentEvent("?", "new")]


def test_nothing_is_sent_before_it_is_asked_for(colour: Any) -> None:
    client = colour.client(stream(b"data: x\n\n"))
    events = client._events(RAW, {}, options={})
    assert client.transport.requests == []
    assert events.response is None
    colour.next(events)
    assert events.response.status_code == 200


def test_a_bad_argument_is_told_by_the_method(colour: Any) -> None:
    """Not by the first ``next()``, far from the mistake."""
    one = Operation[Any]("GET", "/jobs/{id}/events", parameters={"id": path("id")}, responses={200: EVENTS()})
    client = colour.client()
    with pytest.raises(ValueError, match="id"):
        client._events(one, {"id": ""}, options={})
    with pytest.raises(UnknownSettingError, match="did you mean"):
        client._events(RAW, {}, options={"read_timeot": 1})
    with pytest.raises(UsageError, match=r"GET /jobs cannot be streamed like this: declare responses=\{200: EVENTS"):
        client._events(Operation[Any]("GET", "/jobs", responses={200: None}), {}, options={})


def test_an_event_that_is_not_what_it_should_be_does_not_end_the_stream(colour: Any) -> None:
    """The error says which one, and holds it; the next one comes next."""
    client = colour.client(stream(b'data: {"percent": 1}\n\ndata: {oops\n\ndata: {"percent": 3}\n\n'))
    events = client._events(watch(codec=lambda: Progress), {}, options={})
    assert colour.next(events).percent == 1
    with pytest.raises(DecodeError, match=r"GET .*/jobs/events answered 200 .*event 2 cannot be read: ") as caught:
        colour.next(events)
    assert (caught.value.position, caught.value.body) == (2, b"{oops")
    assert colour.next(events).percent == 3
    assert colour.items(events) == []


def test_whole_answers_of_the_same_operation_are_lists(colour: Any) -> None:
    """`_call` reads to the end."""
    client = colour.client(stream(b'data: {"percent": 1}\n\ndata: {"percent": 2}\n\ndata: [DONE]\n\n'))
    items = colour.run(client._call(watch(codec=lambda: Progress, done_data="[DONE]"), {}, options={}))
    assert [item.percent for item in items] == [1, 2]


@pytest.mark.parametrize("headers", [{"Content-Type": "text/html"}, {}], ids=["another", "none"])
def test_an_answer_of_another_media_type_is_no_stream(colour: Any, headers: dict[str, str]) -> None:
    """A login page has lines too. The connection is given up."""
    client = colour.client(Answer(chunks=[b"data: x\n\n"], headers=headers))
    with pytest.raises(DecodeError, match="the answer is no stream of events"):
        colour.items(client._events(RAW, {}, options={}))
    client.transport.assert_finished()


def test_errors_of_the_service_are_raised_with_their_model(colour: Any) -> None:
    client = colour.client(Answer(404, json={"error": {"code": "NoJob", "message": "no such job"}}))
    with pytest.raises(ResourceNotFoundError, match="NoJob: no such job"):
        colour.items(client._events(RAW, {}, options={}))


# --- when it is over -------------------------------------------------------------------------------------------------


def test_status_204_means_that_there_is_nothing_more(colour: Any) -> None:
    client = colour.client(OVER)
    assert colour.items(client._events(RAW, {}, options={})) == []


@pytest.mark.parametrize(
    ("how", "body", "expected"),
    [
        pytest.param({"done_data": "[DONE]"}, b"id: 1\ndata: 1\n\ndata: [DONE]\n\ndata: 2\n\n", ["1"], id="a marker, which is no item"),
        pytest.param({"done_events": ["end"]}, b"id: 1\ndata: 1\n\nevent: end\ndata: 2\n\ndata: 3\n\n", ["1", "2"], id="an event, which is one"),
    ],
)  # fmt: skip
def test_a_declared_ending_ends_the_stream(colour: Any, how: Any, body: bytes, expected: list[str]) -> None:
    """Whatever the service sends after it, and although there are ids to go on from; the connection is given up."""
    client = colour.client(stream(body))
    events = client._events(watch(**how), {}, options={})
    assert [event.data for event in colour.items(events)] == expected
    assert colour.items(events) == []
    client.transport.assert_finished()


def test_an_end_before_the_declared_one_is_an_error(colour: Any) -> None:
    """A completion that stops in the middle must not look finished."""
    client = colour.client(stream(b"data: 1\n\n"))
    events = client._events(watch("POST", done_data="[DONE]"), {}, options={})
    with pytest.raises(ServiceResponseError, match="the stream of POST /jobs/events ended before the service said so"):
        colour.items(events)
    assert colour.items(events) == [], "an error ends it"


def test_the_last_event_needs_its_empty_line(colour: Any) -> None:
    """What broke off in the middle is no event, as the standard says."""
    client = colour.client(stream(b"data: 1\n\ndata: 2\n"))
    assert [event.data for event in colour.items(client._events(RAW, {}, options={}))] == ["1"]


@pytest.mark.parametrize("leave", ["with", "close"])
def test_leaving_gives_the_connection_up(colour: Any, leave: str) -> None:
    """And nothing is opened again."""
    client = colour.client(stream(b"id: 1\ndata: 1\n\n", b"data: 2\n\n"))
    events = client._events(RAW, {}, options={})
    if leave == "with":
        colour.inside(events)
    else:
        colour.next(events)
        colour.run(events.close())
        colour.run(events.close())
    assert colour.items(events) == []
    client.transport.assert_finished()


def test_a_with_block_opens_the_stream_at_once(colour: Any) -> None:
    """So its errors are raised where it begins, and its header is at hand."""
    client = colour.client(stream(b"data: 1\n\n", headers={"X-Job": "7"}), Answer(404))
    status = colour.inside(client._events(RAW, {}, options={}), lambda events: events.response.headers["X-Job"])
    assert status == "7"
    with pytest.raises(ResourceNotFoundError):
        colour.inside(client._events(RAW, {}, options={}))


# --- when it is opened again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [(), (cut(),)], ids=["the body ends", "the body breaks off"])
def test_with_ids_a_stream_goes_on_where_it_was(colour: Any, ending: tuple[Exception, ...]) -> None:
    """After a second, with `Last-Event-ID`; half an event is asked for again."""
    client = colour.client(
        stream(b"id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: ha", *ending),
        stream(b"id: 3\ndata: 3\n\n"),
        OVER,
    )
    events = client._events(RAW, {}, options={})
    assert [event.data for event in colour.items(events)] == ["1", "2", "3"]
    assert [sent.headers.get("Last-Event-ID") for sent in client.transport.sent] == [None, "2", "3"]
    assert client.transport.waits == [1.0, 1.0]
    assert events.last_event_id == "3"
    client.transport.assert_finished()


def test_the_service_says_how_long_to_wait(colour: Any) -> None:
    """``retry`` in milliseconds, for all openings to come."""
    client = colour.client(stream(b"retry: 250\nid: 1\ndata: 1\n\n"), stream(b"data: 2\n\n"), OVER)
    colour.items(client._events(RAW, {}, options={}))
    assert client.transport.waits == [0.25, 0.25]


def test_silence_is_a_broken_stream(colour: Any) -> None:
    """`read_timeout` is how long to listen; the call's `timeout` ended with the header."""
    client = colour.client(
        stream(b"id: 1\ndata: 1\n\n", 50.0, b": still here\n", 50.0, b"data: 2\n\n", 61.0, b"data: late\n\n"),
        OVER,
    )
    events = client._events(RAW, {}, options={"timeout": 10.0})
    assert [event.data for event in colour.items(events)] == ["1", "2"]
    assert client.transport.now == 50.0 + 50.0 + 60.0 + 1.0


@pytest.mark.parametrize(
    ("how", "first", "is_again"),
    [
        pytest.param({}, [b"data: 1\n\n"], False, id="an end without ids: nothing to go on from"),
        pytest.param({}, [b"data: 1\n\n", cut()], None, id="a break without ids: something may be lost"),
        pytest.param({}, [b": hello\n\n", cut()], True, id="a break before any event: nothing to lose"),
        pytest.param({}, [], False, id="an end before any event"),
        pytest.param({"method": "POST"}, [b"id: 1\ndata: 1\n\n", cut()], None, id="POST: it would begin something new"),
        pytest.param(
            {"reconnect": "always"},
            [b"id: 1\ndata: 1\n\n", ServiceResponseError("it broke off for good", is_transient=False)],
            None,
            id="what will not pass by itself",
        ),
        pytest.param({"reconnect": "never"}, [b"id: 1\ndata: 1\n\n", cut()], None, id="never: a break"),
        pytest.param({"reconnect": "never"}, [b"id: 1\ndata: 1\n\n"], False, id="never: an end"),
        pytest.param({"reconnect": "always"}, [b"data: 1\n\n"], True, id="always: an end"),
        pytest.param({"reconnect": "always"}, [b"data: 1\n\n", cut()], True, id="always: a break"),
    ],
)
def test_a_stream_is_opened_again_only_where_that_is_right(
    colour: Any, how: dict[str, Any], first: list[Piece], is_again: bool | None
) -> None:
    """None: it is an error."""
    client = colour.client(stream(*first), OVER)
    events = client._events(watch(**how), {}, options={})
    if is_again is None:
        with pytest.raises(ServiceResponseError, match="broke off"):
            colour.items(events)
    else:
        colour.items(events)
    assert len(client.transport.requests) == (2 if is_again else 1)


def test_too_many_openings_in_vain_are_an_error_to_go_on_from(colour: Any) -> None:
    """`max_retries` in a row without a byte; the waits grow at random, and the error says where to go on."""
    client = colour.client(stream(b"id: 7\ndata: 1\n\n", cut()), *[stream(cut()) for _ in range(3)])
    events = client._events(RAW, {}, options={})
    colour.next(events)
    with pytest.raises(ServiceResponseError, match="broke off") as caught:
        colour.next(events)
    assert caught.value.continuation_token == "7"
    assert len(client.transport.requests) == 4
    assert colour.items(events) == []


def test_a_byte_is_enough_to_begin_counting_anew(colour: Any) -> None:
    """A heartbeat says that the service is there."""
    client = colour.client(*[stream(b"id: 7\n: beat\n\n", cut()) for _ in range(9)], OVER)
    assert colour.items(client._events(RAW, {}, options={"max_retries": 1})) == []


def test_a_finished_stream_with_ids_that_never_says_204_ends_too(colour: Any) -> None:
    """It answers with nothing, again and again: it has nothing."""
    client = colour.client(stream(b"id: 7\ndata: 1\n\n"), *[stream() for _ in range(3)])
    assert len(colour.items(client._events(RAW, {}, options={}))) == 1
    client.transport.assert_finished()


def test_where_an_end_is_never_the_end_an_empty_service_is_an_error(colour: Any) -> None:
    client = colour.client(*[stream() for _ in range(4)])
    with pytest.raises(ServiceResponseError, match="GET /jobs/events ended, and max_retries=3 allows no more openings"):
        colour.items(client._events(watch(reconnect="always"), {}, options={}))


def test_openings_in_vain_spend_the_budget_of_the_client(colour: Any) -> None:
    """So that a thousand streams do not knock down a service that is coming up."""
    client = colour.client(stream(b"id: 7\ndata: 1\n\n", cut()), stream(cut()))
    budget = client._core._budget
    while budget.spend():
        pass
    events = client._events(RAW, {}, options={})
    colour.next(events)
    with pytest.raises(ServiceResponseError):
        colour.next(events)
    assert len(client.transport.requests) == 2, "the first is free: something had come"


def test_an_opening_is_a_call_like_any_other(colour: Any) -> None:
    """The policies retry it, and wait as the service says."""
    client = colour.client(
        stream(b"id: 1\ndata: 1\n\n"), Answer(503, headers={"Retry-After": "5"}), stream(b"data: 2\n\n"), OVER
    )
    assert len(colour.items(client._events(RAW, {}, options={}))) == 2
    assert client.transport.waits == [1.0, 5.0, 1.0]


def test_an_error_of_a_later_opening_says_where_to_go_on(colour: Any) -> None:
    """The stream is over; another call goes on, in another process too."""
    client = colour.client(stream(b"id: 7\ndata: 1\n\n"), Answer(410), stream(b"data: 2\n\n"), OVER)
    events = client._events(RAW, {}, options={})
    colour.next(events)
    with pytest.raises(HttpResponseError) as caught:
        colour.next(events)
    assert caught.value.continuation_token == "7"
    again = client._events(RAW, {}, options={"last_event_id": caught.value.continuation_token})
    assert [(event.data, event.id) for event in colour.items(again)] == [("2", "7")]
    assert client.transport.sent[2].headers["Last-Event-ID"] == "7"


def test_a_service_that_wants_us_back_next_week_is_told_to_the_caller(colour: Any) -> None:
    """A wait beyond a minute is nothing to sleep through."""
    client = colour.client(stream(b"retry: 604800000\nid: 1\ndata: 1\n\n"))
    events = client._events(RAW, {}, options={})
    colour.next(events)
    with pytest.raises(ServiceResponseError, match="asked for again in 604800 s; that is too long"):
        colour.next(events)


def test_a_body_is_sent_again_with_every_opening(colour: Any) -> None:
    """Made anew each time from the arguments."""
    query = Operation[Any]("POST", "/query", body=json_body(), responses={200: EVENTS(reconnect="always")})
    client = colour.client(stream(b"data: 1\n\n"), OVER)
    colour.items(client._events(query, {}, body={"q": 1}, options={}))
    assert [sent.json() for sent in client.transport.sent] == [{"q": 1}, {"q": 1}]


def test_an_event_without_end_is_an_error(colour: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the connection is given up."""
    monkeypatch.setattr("clientsmith.core.streaming.decoders.ITEM_LIMIT", 100)
    monkeypatch.setattr("clientsmith.core.streaming.decoders.EventDecoder.__init__.__kwdefaults__", {"limit": 100})
    client = colour.client(stream(*[b"data: " + b"x" * 50 + b"\n"] * 10))
    with pytest.raises(DecodeError, match="event 1 cannot be read: it is longer than 100 bytes, and has not ended"):
        colour.items(client._events(RAW, {}, options={}))
    client.transport.assert_finished()


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(0, 20), st.integers(1, 50))
@settings(max_examples=80)
def test_whatever_breaks_every_event_comes_once(breaks: list[int], count: int, piece: int) -> None:
    """Events have ids, the service goes on behind the one it is told, and bodies break off anywhere."""
    remaining = list(breaks)

    def service(request: HttpRequest) -> Answer:
        last = int(request.headers.get("Last-Event-ID", "0"))
        if last == count:
            return Answer(204)
        body = b"".join(b": \nid: %d\ndata: %d\n\n" % (n, n) for n in range(last + 1, count + 1))
        if remaining:
            body = body[: remaining.pop(0)]
        return stream(*[body[n : n + piece] for n in range(0, len(body), piece)], cut())

    client = ServiceClient("https://example.test", transport=ScriptedTransport(service, repeat=True))
    events = client._events(RAW, {}, options={"max_retries": 20})
    assert [event.data for event in events] == [str(n) for n in range(1, count + 1)]


async def test_a_cancelled_wait_loses_nothing() -> None:
    """`asyncio.timeout` around one event; the stream goes on where it was."""
    started = asyncio.Event()

    class Slow(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> Any:
            response: Any = await super().send(request)
            take = response._source.read

            async def read(size: int) -> bytes:
                if not started.is_set():
                    started.set()
                    await asyncio.sleep(60)
                return cast(bytes, await take(size))

            response._source.read = read
            return response

    client = aio.ServiceClient("https://example.test", transport=Slow(stream(b"data: 1\n\n")))
    events = client._events(RAW, {}, options={})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await anext(events)
    assert [event.data async for event in events] == ["1"]


# --- waits -----------------------------------------------------------------------------------------------------------


class Settings:
    """A source with settings, a name and a budget: what patience looks at."""

    settings: ClassVar = {"max_retries": 10}
    name = "GET /"
    call = HttpRequest("GET", "https://example.test").call

    def may_retry(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("asked", "jitter", "waits"),
    [
        pytest.param(1.0, 0.0, [1.0, 1.0, 1.0], id="never sooner than asked"),
        pytest.param(1.0, 1.0, [2.0, 3.0, 5.0, 9.0, 17.0, 33.0, 60.0, 60.0], id="growing, up to a minute"),
        pytest.param(0.0, 1.0, [0.0, 0.0], id="at once, if the service says so"),
    ],
)
def test_waits_are_at_least_what_the_service_asks(asked: float, jitter: float, waits: list[float]) -> None:
    """And grow at random with every opening in vain."""
    patience = Patience(Settings(), lambda: jitter)  # type: ignore[arg-type]  # a part of a source
    patience.wait = asked
    found = [step.seconds for _ in waits for step in patience.pause(None)]  # type: ignore[union-attr]
    assert found == waits
