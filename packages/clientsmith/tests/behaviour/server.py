"""The loopback service that the probe document describes. It answers what real services answer, and remembers what it got.

Nothing here waits for time to pass: the event stream goes on when the test says so.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

ITEM: Mapping[str, Any] = {"id": "1", "status": "active"}
ITEMS: Mapping[str, Mapping[str, Any]] = {
    "newenum": {**ITEM, "status": "frozen"},
    "extra": {**ITEM, "surprise": 7},
    "null": {**ITEM, "note": None},
    "date": {**ITEM, "created_at": "2024-05-06T07:08:09.123456789Z", "class": "k"},
}
SHAPES: Mapping[str, Mapping[str, Any]] = {"1": {"kind": "square", "side": 2.5}, "2": {"kind": "hexagon", "n": 6}}
# What a cursor means: the page's number, and the cursor of the next.
PAGES: Mapping[str, tuple[int, str | None]] = {"": (1, "c2"), "c2": (2, "c3"), "c3": (3, None)}
EVENTS = 3
LONGEST_WAIT = 10.0  # seconds; a client that reads the stream to its end before it gives the first event ends here


@dataclass(frozen=True, slots=True)
class Received:
    """A request as the service saw it; ``target`` is the path with its query, not decoded."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ProbeServer(ThreadingHTTPServer):
    """One service on a port of its own, in a thread of its own; a context manager."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Received] = []
        self.asked: Counter[str] = Counter()  # how often for each target
        self.first_event_read = Event()
        self.was_waited_for = False
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def last(self) -> Received:
        return self.received[-1]

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ProbeServer

    def log_message(self, format: str, *args: object) -> None:
        """Tests speak for themselves."""

    def do_GET(self) -> None:
        self._remember()
        path, _, query = self.path.partition("?")
        _, kind, *rest = path.split("/")
        match kind:
            case "items" if not rest:
                self._page(parse_qs(query).get("cursor", [""])[0])
            case "items":
                self._item(rest[0])
            case "shapes":
                self._answer(200, SHAPES[rest[0]])
            case "events":
                self._events()
            case _:
                self._answer(404, {"code": "unknown"})

    def do_POST(self) -> None:
        self._remember()
        self._answer(201 if self.path == "/items" else 200, ITEM)

    def do_PATCH(self) -> None:
        self._remember()
        self._answer(200, ITEM)

    def _remember(self) -> None:
        body = b"".join(self._body())
        self.server.asked[self.path] += 1
        self.server.received.append(Received(self.command, self.path, dict(self.headers), body))

    def _body(self) -> Iterable[bytes]:
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _page(self, cursor: str) -> None:
        number, after = PAGES[cursor]
        self._answer(200, {"items": [{**ITEM, "id": f"{number}{letter}"} for letter in "ab"], "next_cursor": after})

    def _item(self, name: str) -> None:
        if name == "404":
            self._answer(404, {"code": "gone", "detail": "no such item"})
        elif name == "flaky" and self.server.asked[self.path] % 3:
            self._answer(503, {"code": "busy"}, {"Retry-After": "0"})
        else:
            self._answer(200, ITEMS.get(name, ITEM))

    def _events(self) -> None:
        """Tell the first event, and the others when it was read."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(EVENTS):
            self.wfile.write(f'id: {number}\ndata: {{"n": {number}}}\n\n'.encode())
            self.wfile.flush()
            if number == 0:
                self.server.was_waited_for = self.server.first_event_read.wait(LONGEST_WAIT)
        self.close_connection = True
