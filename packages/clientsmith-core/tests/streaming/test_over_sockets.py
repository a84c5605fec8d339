"""The same over real sockets: what a script cannot show about connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from clientsmith.core import ServiceClient, aio
from clientsmith.core.operations import BYTES_BODY, EVENTS, LINES, Operation, binary_body
from clientsmith.core.streaming import Upload
from clientsmith.core.transport.stdlib import AsyncStdlibTransport, StdlibTransport

CONTENT = bytes(range(256)) * 4096  # 1 MiB
JOBS = Operation[Any]("GET", "/jobs", responses={200: EVENTS()})
ROWS = Operation[Any]("GET", "/rows", responses={200: LINES()})
BACKUP = Operation[bytes]("GET", "/backup", responses={200: BYTES_BODY})
PUT = Operation[Any]("PUT", "/backup", body=binary_body(), responses={200: None})


class Service(BaseHTTPRequestHandler):
    """Breaks off in the middle of everything that is longer than a line, the first time."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str | None]]] = []
    received: ClassVar[list[bytes]] = []

    def do_GET(self) -> None:
        getattr(self, self.path.strip("/"))()

    def do_PUT(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.head(200, {"Content-Length": "0"})

    def jobs(self) -> None:
        last = self.headers.get("Last-Event-ID")
        self.asked.append(("jobs", last))
        if last == "2":
            self.head(204, {})
            return
        self.head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        self.chunk(b"retry: 10\nid: %d\ndata: %d\n\n" % ((1, 1) if last is None else (2, 2)))
        self.close_connection = True  # without the last chunk: cut

    def rows(self) -> None:
        self.head(200, {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"})
        for row in (b'{"a"', b": 1}\n", b'{"a": 2}'):
            self.chunk(row)
        self.chunk(b"")

    def backup(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append(("backup", wanted))
        if wanted is None:
            self.head(200, {"Content-Length": str(len(CONTENT)), "ETag": '"1"'})
            self.wfile.write(CONTENT[: len(CONTENT) // 2])
            self.close_connection = True
            return
        first = int(wanted.removeprefix("bytes=").partition("-")[0])
        span = f"bytes {first}-{len(CONTENT) - 1}/{len(CONTENT)}"
        self.head(206, {"Content-Length": str(len(CONTENT) - first), "ETag": '"1"', "Content-Range": span})
        self.wfile.write(CONTENT[first:])

    def head(self, status: int, fields: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    """A live service on loopback."""
    Service.asked.clear()
    Service.received.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of a second are too long here."""
    monkeypatch.setattr("clientsmith.core.streaming._patience.DEFAULT_WAIT", 0.01)


@pytest.fixture(params=[False, True], ids=["default transport", "stdlib"])
def live(colour: Any, endpoint: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of either colour, on either kind of transport."""
    bare = AsyncStdlibTransport() if colour.is_async else StdlibTransport()
    client: Any = (aio.ServiceClient if colour.is_async else ServiceClient)(
        endpoint, transport=bare if request.param else None
    )
    yield client
    colour.run(client.close())
    colour.run(bare.close())


def test_events_go_on_over_a_cut_connection(colour: Any, live: Any) -> None:
    """A chunked body that just stops is a break; the service ends the stream with 204."""
    assert [event.data for event in colour.items(live._events(JOBS, {}, options={}))] == ["1", "2"]
    assert Service.asked == [("jobs", None), ("jobs", "1"), ("jobs", "2")]


def test_lines_come_over_chunks(colour: Any, live: Any) -> None:
    assert colour.items(live._lines(ROWS, {}, options={})) == [{"a": 1}, {"a": 2}]


def test_a_download_goes_on_over_a_cut_connection(colour: Any, live: Any, tmp_path: Path) -> None:
    """And the file is whole."""
    assert colour.run(live._download(BACKUP, {}, options={}).write_to(tmp_path / "file")) == len(CONTENT)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert Service.asked[0] == ("backup", None)
    assert len(Service.asked) == 2


def test_an_upload_has_its_length(colour: Any, live: Any, tmp_path: Path) -> None:
    """The service reads by `Content-Length`."""
    (tmp_path / "file").write_bytes(CONTENT)
    colour.run(live._call(PUT, {}, body=Upload(tmp_path / "file"), options={}))
    assert Service.received == [CONTENT]
