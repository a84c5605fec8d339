"""What users write with streams and testing helpers, as the type checkers see it. Checked, never run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

from clientsmith.core import HttpRequest, ServiceClient, aio
from clientsmith.core.models import Model, field
from clientsmith.core.operations import BYTES_BODY, EVENTS, LINES, Operation
from clientsmith.core.settings import DownloadOptions, EventOptions
from clientsmith.core.streaming import (
    ByteRange,
    ByteStream,
    EventDecoder,
    EventStream,
    JsonLines,
    ServerSentEvent,
    Upload,
)
from clientsmith.core.streaming import aio as streams
from clientsmith.core.testing import (
    Answer,
    AsyncFaultyTransport,
    AsyncScriptedTransport,
    Cassette,
    Fault,
    FaultyTransport,
    Line,
    Redaction,
    Reset,
    ScriptedTransport,
    SentRequest,
    Status,
    VirtualClock,
)


class Progress(Model):
    percent: int = field("percent")


WATCH: Operation[Progress] = Operation("GET", "/events", responses={200: EVENTS(lambda: Progress, done_events=["end"])})
ROWS: Operation[Progress] = Operation("GET", "/rows", responses={200: LINES(lambda: Progress)})
BACKUP: Operation[bytes] = Operation("GET", "/backup", responses={200: BYTES_BODY})


class Client(ServiceClient):
    def watch(self, options: EventOptions) -> EventStream[Progress]:
        return self._events(WATCH, {}, options=options)

    def rows(self) -> JsonLines[Progress]:
        return self._lines(ROWS, {}, options={})

    def download(self, options: DownloadOptions) -> ByteStream:
        return self._download(BACKUP, {}, options=options)


class AsyncClient(aio.ServiceClient):
    def watch(self) -> streams.EventStream[Progress]:
        return self._events(WATCH, {}, options={})

    def rows(self) -> streams.JsonLines[Progress]:
        return self._lines(ROWS, {}, options={})

    def download(self) -> streams.ByteStream:
        return self._download(BACKUP, {}, options={})


def show(done: int, total: int | None) -> None: ...


def use(client: Client) -> None:
    with client.watch({"last_event_id": "7", "max_retries": 9}) as events:
        for event in events:
            assert_type(event, Progress)
        assert_type(events.last_event, ServerSentEvent | None)
    for row in client.rows():
        assert_type(row.percent, int)
    with client.download({"byte_range": ByteRange(-100)}) as body:
        assert_type(body.read(10), bytes)
        assert_type(body.write_to("file", progress=show, resume=True), int)
        assert_type(list(body.iter_bytes(10)), list[bytes])
    assert_type(EventDecoder().feed(b""), list[ServerSentEvent])
    Upload("file", progress=show)


async def use_async(client: AsyncClient) -> None:
    async with client.watch() as events:
        async for event in events:
            assert_type(event, Progress)
    async for row in client.rows():
        assert_type(row, Progress)
    async with client.download() as body:
        assert_type(await body.read(), bytes)
        async for chunk in body:
            assert_type(chunk, bytes)


def say(request: HttpRequest) -> Answer:
    return Answer(json=request.url)


def script(lines: Sequence[Line], fault: Fault | None) -> None:
    clock = VirtualClock()
    inner = ScriptedTransport(Answer(chunks=[b"", 1.0, ValueError()]), say, KeyError(), *lines, clock=clock)
    ScriptedTransport(routes={"GET /": say, "GET /pets": [Answer(), Answer()], "GET /jobs": lines})
    assert_type(inner.sent, list[SentRequest])
    Client("https://example.test", transport=FaultyTransport(inner, Reset(), None, fault))
    later = AsyncFaultyTransport(AsyncScriptedTransport(), rates={Status(503): 0.1})
    AsyncClient("https://example.test", transport=later)
    cassette = Cassette("pets.json", mode="once", redaction=Redaction(secrets=["x"]))
    Client("https://example.test", transport=cassette.transport(inner))
    AsyncClient("https://example.test", transport=cassette.async_transport(later))
