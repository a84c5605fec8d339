"""A server on this machine that answers from a script: real sockets, for whoever tests a client with its transport."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self, cast

from ..rest import HttpRequest
from .answers import Answer
from .scripted import SentRequest

__all__ = ["ScriptedServer"]

_LOOK_SECONDS: Final = 0.01  # how often it looks whether it is to end


class ScriptedServer:
    """Answers request by request, on a free port of this machine.

        with ScriptedServer(Answer(503, headers={"Retry-After": "0"}), Answer(json={"id": 7})) as server:
            client = PetstoreClient(server.url)
            assert client.get_pet("7").id == 7
            assert [sent.path for sent in server.sent] == ["/pets/7", "/pets/7"]

    Delays and silences of an `Answer` really pass; an exception among its chunks cuts the connection. A request beyond
    the script is answered with 500, and told by `assert_finished`.

    Args:
        *lines: What is said to the first request, the second one …
    """

    def __init__(self, *lines: Answer) -> None:
        self._mutex = threading.Lock()
        self._http = _HttpServer(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(_LOOK_SECONDS,), daemon=True)
        self.play(*lines)

    def play(self, *lines: Answer) -> None:
        """Begin a new script; what was sent until now is forgotten."""
        with self._mutex:
            self._lines = list(lines)
            self._sent: list[SentRequest] = []
            self._beyond = 0

    @property
    def url(self) -> str:
        """What a client takes for its endpoint."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def sent(self) -> list[SentRequest]:
        """Everything that was sent, in order."""
        with self._mutex:
            return list(self._sent)

    def assert_finished(self) -> None:
        """Check that the script was played to its end, and not beyond.

        Raises:
            AssertionError: Lines were not used, or there were more requests than lines.
        """
        with self._mutex:
            if self._lines:
                raise AssertionError(f"the script has {len(self._lines)} lines that nobody asked for")
            if self._beyond:
                raise AssertionError(f"{self._beyond} requests came when the script was over: {self._sent}")

    def start(self) -> Self:
        """Listen, in a thread of its own."""
        self._thread.start()
        return self

    def close(self) -> None:
        """End it, with all connections."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def next_line(self, request: SentRequest) -> Answer:
        """Return what is said to a request."""
        with self._mutex:
            self._sent.append(request)
            if self._lines:
                return self._lines.pop(0)
            self._beyond += 1
            return Answer(500, content=b"the script is over")


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, script: ScriptedServer) -> None:
        self.script = script
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read one request of any method, and answer it."""
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        url = f"http://{self.headers.get('Host', '127.0.0.1')}{self.path}"
        content = self._content()
        request = HttpRequest(self.command, url, headers=dict(self.headers.items()), content=content)
        script = cast("_HttpServer", self.server).script
        self._say(script.next_line(SentRequest(request, content)))

    def _content(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _say(self, answer: Answer) -> None:
        time.sleep(answer.delay)
        has_body = self.command != "HEAD" and answer.status_code not in (204, 304)
        self.send_response(answer.status_code, answer.reason or None)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        if answer.pieces is not None:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status_code not in (204, 304):
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if has_body and answer.pieces is None:
            self.wfile.write(answer.content)
        elif has_body:
            self._say_pieces(answer)

    def _say_pieces(self, answer: Answer) -> None:
        for piece in answer.pieces or ():
            if isinstance(piece, Exception):
                self.close_connection = True
                return
            if isinstance(piece, bytes):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            else:
                time.sleep(piece)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # the name is the base class's
        """Say nothing; what was sent is in `ScriptedServer.sent`."""
