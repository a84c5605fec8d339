"""The mock as a server on this machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, cast

from clientsmith.configuration import Configuration
from clientsmith.findings import InputError
from clientsmith.model.ir import Api
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import Reading, load, read_document
from clientsmith.openapi.source import Source, is_url

from .exchange import Reply, Request, problem
from .service import Service

__all__ = ["Exchange", "MockServer"]

_LARGEST_BODY: Final = 256 * 1024 * 1024
_IN_A_ROW: Final = 2  # how often in a row a request fails at most: whoever tries three times gets through
_LOOK_SECONDS: Final = 0.5  # between looks at the document's file


class Exchange(NamedTuple):
    """A request and what was said to it, for a log.

    Attributes:
        method: ``GET``, ``POST`` …
        target: Path and query.
        status: Of the answer.
        operation: Name of the client's method for it, "" if there is none.
        findings: What was wrong with the request, or with the document's example.
        seconds: How long it took.
    """

    method: str
    target: str
    status: int
    operation: str
    findings: tuple[str, ...]
    seconds: float


class MockServer:
    """The service that a document describes, on this machine, for as long as the ``with`` block.

    Args:
        spec: A file, a URL, ``module:app``, or the document itself as a mapping.
        host: Address to listen on; by default nobody else can reach it.
        port: 0 takes any that is free.
        seed: Other seeds give other values.
        latency: Seconds before every answer.
        fail: Share of the requests, from 0 to 1, that are answered with 503 and ``Retry-After: 0``; the same ones each
            time, and never more than two in a row.
        refuse_unknown: Whether query parameters that the document does not name are refused.
        cors: Whether pages of any origin may call it from a browser.
        reload: Whether the document is read again when its file has changed.
        reading: Overlays, and how far references may lead.
        configuration: What is decided about the document: how a list is cut into pages, for example.
        log: Is called with every exchange.

    Attributes:
        service: What decides about the answers.
        exchanges: What was said, the latest thousand.
        findings: What was noticed about the document.

    Raises:
        InputError: ``spec`` cannot be read, or is no OpenAPI document.
        OSError: The port is taken.
    """

    def __init__(
        self,
        spec: str | Path | Mapping[str, Any],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        latency: float = 0.0,
        fail: float = 0.0,
        refuse_unknown: bool = False,
        cors: bool = False,
        reload: bool = False,
        reading: Reading | None = None,
        configuration: Configuration | None = None,
        log: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._spec, self._reading, self._configuration = spec, reading, configuration
        self._seed, self._refuse_unknown = seed, refuse_unknown
        self.service = self._read()
        self.exchanges: list[Exchange] = []
        self._latency, self._cors, self._log = latency, cors, log
        self._failures = _Failures(fail, seed)
        self._watched = _Watched(spec) if reload else None
        self._mutex = threading.Lock()
        self._http = _HttpServer((host, port), self._handle)
        self._host = host
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where a client finds it: with the path of the document's first server."""
        return f"{self.origin}{self.service.base}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = "127.0.0.1" if self._host in ("", "0.0.0.0") else f"[{self._host}]" if ":" in self._host else self._host  # noqa: S104
        return f"http://{host}:{self._http.server_port}"

    @property
    def api(self) -> Api:
        """The document's IR."""
        return self.service.api

    def start(self) -> Self:
        """Listen, in a thread of its own; `close` ends it."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Listen in this thread, until it is interrupted."""
        try:
            self._http.serve_forever(0.2)
        finally:
            self._http.end()

    def close(self) -> None:
        """End it, with all connections."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.end()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # --- a request ---

    def _handle(self, request: Request) -> Reply:
        started = time.monotonic()
        if self._watched is not None and self._watched.has_changed():
            self._renew()
        if self._latency:
            time.sleep(self._latency)
        reply = self._answer(request)
        if self._cors:
            reply = replace(reply, headers={**reply.headers, **_cors_headers(request)})
        self._remember(
            Exchange(
                request.method,
                request.target,
                reply.status,
                reply.operation,
                reply.findings,
                time.monotonic() - started,
            )
        )
        return reply

    def _answer(self, request: Request) -> Reply:
        if self._cors and request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            return Reply(204, operation="preflight")
        if self._failures.next():
            detail = "this request fails because the mock was started with a rate of failures; try again"
            return problem(503, "Service Unavailable", detail, headers={"Retry-After": "0"})
        try:
            return self.service.answer(request)
        except Exception as error:  # noqa: BLE001 - one request must not end the server; the log says what happened
            detail = f"the mock failed: {type(error).__name__}: {error}"
            return problem(500, "Internal Server Error", detail)

    def _remember(self, exchange: Exchange) -> None:
        with self._mutex:
            self.exchanges.append(exchange)
            del self.exchanges[:-1000]
        if self._log is not None:
            self._log(exchange)

    # --- the document ---

    def _read(self) -> Service:
        spec = self._spec
        if isinstance(spec, Mapping):
            document, _ = read_document(Source("document", data=dict(spec)), self._reading)
        else:
            document, _ = load(str(spec), self._reading)
        api, resolver, self.findings = model(document, self._configuration)
        return Service(api, resolver, seed=self._seed, refuse_unknown=self._refuse_unknown)

    def _renew(self) -> None:
        """Read the document again; one that cannot be read leaves the old one in place."""
        try:
            self.service = self._read()
            finding = f"{self._spec} has changed and was read again"
        except InputError as error:
            finding = f"{self._spec} has changed and cannot be read, so nothing changes here: {error.message}"
        self._remember(Exchange("", "", 0, "", (finding,), 0.0))


class _Failures:
    """Which requests fail: decided by a seed, never more than two in a row."""

    def __init__(self, rate: float, seed: int) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"fail is {rate!r}; it is a share of the requests, from 0 to 1")
        self._rate, self._random = rate, Random(seed)
        self._in_a_row = 0
        self._mutex = threading.Lock()

    def next(self) -> bool:
        """Whether the next request fails."""
        with self._mutex:
            fails = self._random.random() < self._rate and self._in_a_row < _IN_A_ROW
            self._in_a_row = self._in_a_row + 1 if fails else 0
            return fails


class _Watched:
    """A document's file; URLs and applications never change."""

    def __init__(self, spec: object) -> None:
        text = str(spec) if isinstance(spec, str | Path) else ""
        self._path = Path(text) if text and not is_url(text) and Path(text).is_file() else None
        self._seen = self._stamp()
        self._next_look = 0.0

    def _stamp(self) -> tuple[int, int]:
        try:
            stat = self._path.stat() if self._path is not None else None
        except OSError:  # being replaced
            return self._seen
        return (stat.st_mtime_ns, stat.st_size) if stat is not None else (0, 0)

    def has_changed(self) -> bool:
        """Whether it has changed since the last call."""
        now = time.monotonic()
        if self._path is None or now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        before, self._seen = self._seen, self._stamp()
        return self._seen != before


def _cors_headers(request: Request) -> dict[str, str]:
    asked = request.headers
    return {
        "Access-Control-Allow-Origin": asked.get("origin", "*"),
        "Access-Control-Allow-Methods": asked.get("access-control-request-method", "*"),
        "Access-Control-Allow-Headers": asked.get("access-control-request-headers", "*"),
        "Access-Control-Expose-Headers": "*",
        "Vary": "Origin",
    }


# --- the wire --------------------------------------------------------------------------------------------------------


class _HttpServer(ThreadingHTTPServer):
    """A thread for each connection; ending it ends the connections too."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handle: Callable[[Request], Reply]) -> None:
        self.handle = handle
        self._open: set[socket.socket] = set()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever goes away before the end has his reasons."""

    def end(self) -> None:
        self.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is closed already
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read one request of any method, and answer it."""
        self.raw_requestline = self.rfile.readline(65537)
        if len(self.raw_requestline) > 65536:
            self.requestline = self.request_version = self.command = ""
            self.send_error(414)
            return
        if not self.raw_requestline:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        content = self._content()
        if content is None:
            return
        headers: dict[str, str] = {}
        for name, text in self.headers.items():
            key = name.lower()
            separator = "; " if key == "cookie" else ", "
            headers[key] = f"{headers[key]}{separator}{text}" if key in headers else text
        origin = f"http://{headers.get('host', '127.0.0.1')}"
        server = cast("_HttpServer", self.server)
        self._send(server.handle(Request(self.command, self.path, headers, content, origin)))

    def _content(self) -> bytes | None:
        """Return the request's body, None if it cannot be read; then the answer is sent."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self.send_error(413 if length.isdigit() else 400)
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes | None:
        chunks: list[bytes] = []
        size = total = -1
        while size:
            try:
                size = int(self.rfile.readline(1024).split(b";")[0], 16)
            except ValueError:
                size = -1
            total += size
            if size < 0 or total > _LARGEST_BODY:
                self.close_connection = True
                self.send_error(400)
                return None
            chunks.append(self.rfile.read(size))
            if size:
                self.rfile.readline(8)
        while self.rfile.readline(65537) not in (b"\r\n", b"\n", b""):  # trailers
            pass
        return b"".join(chunks)

    def _send(self, reply: Reply) -> None:
        has_body = self.command != "HEAD" and reply.status not in (204, 304)
        is_piecewise = has_body and bool(reply.pieces) and self.request_version == "HTTP/1.1"
        self.send_response(reply.status)
        for name, text in reply.headers.items():
            self.send_header(name, text)
        if is_piecewise:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        if is_piecewise:
            for piece in reply.pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        elif has_body:
            self.wfile.write(reply.content)
        self.wfile.flush()

    def version_string(self) -> str:
        return "clientsmith-mock"

    def log_message(self, format: str, *args: object) -> None:  # the name is the base class's
        """Say nothing here; the server's own log has what people want to know."""
