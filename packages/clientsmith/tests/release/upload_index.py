"""An index on loopback that takes uploads as all indexes do (the "legacy" form), and can be told to misbehave."""

from __future__ import annotations

import html
import threading
from base64 import b64encode
from collections.abc import Sequence
from email.parser import BytesParser
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.request import Request, urlopen

from clientsmith.workspace.index import project_of

PASSWORD: Final = "of-a-test-3f9c"
HEADER: Final = f"Basic {b64encode(f'__token__:{PASSWORD}'.encode()).decode()}"


class UploadIndex:
    """Serves and takes files until its block ends.

    Attributes:
        files: What it has, by name.
        uploads: The names of what was sent, in order, also if it was refused.
        refuses: How many of the uploads that come next are answered with 503.
        garbles: Whether it gives other bytes than it took.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.uploads: list[str] = []
        self.refuses = 0
        self.garbles = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._base = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self._base}/simple/"

    @property
    def publish_url(self) -> str:
        return f"{self._base}/legacy/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hashes(self) -> dict[str, str]:
        return {name: sha256(content).hexdigest() for name, content in sorted(self.files.items())}

    def take(self, content_type: str, body: bytes) -> int:
        """Take an upload; return the status."""
        message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        (part,) = [one for one in message.get_payload() if one.get_filename()]  # type: ignore[union-attr]
        name, content = str(part.get_filename()), part.get_payload(decode=True)
        self.uploads.append(name)
        if self.refuses:
            self.refuses -= 1
            return 503
        if name in self.files:
            return 400
        self.files[name] = content
        return 200

    def page(self, path: str) -> bytes | None:
        """Return the body at a path."""
        match path.strip("/").split("/"):
            case ["simple"]:
                names = sorted({project_of(Path(file)) for file in self.files})
                return _links([(f"{name}/", name) for name in names])
            case ["simple", project]:
                mine = {name: one for name, one in self.files.items() if project_of(Path(name)) == project}
                links = [
                    (f"/files/{name}#sha256={sha256(self._given(one)).hexdigest()}", name) for name, one in mine.items()
                ]
                return _links(links) if mine else None
            case ["files", name] if name in self.files:
                return self._given(self.files[name])
            case _:
                return None

    def _given(self, content: bytes) -> bytes:
        return content + b"garbled" if self.garbles else content


def send(files: Sequence[Path], publish_url: str) -> None:
    """Upload as uv does, without starting it."""
    for path in files:
        head = f'--x\r\nContent-Disposition: form-data; name="content"; filename="{path.name}"\r\n\r\n'
        body = head.encode() + path.read_bytes() + b"\r\n--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        request = Request(publish_url, body, {"Content-Type": kind, "Authorization": HEADER})
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200


def _links(links: list[tuple[str, str]]) -> bytes:
    anchors = "".join(f'<a href="{html.escape(url)}">{html.escape(text)}</a>' for url, text in links)
    return f"<!DOCTYPE html><html><body>{anchors}</body></html>".encode()


def _handler(index: UploadIndex) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(404 if (body := index.page(self.path)) is None else 200, body or b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Authorization") != HEADER:
                # As a careless index would: what it was sent stands in what it says.
                self._answer(403, f"wrong credentials: {self.headers.get('Authorization')}".encode())
                return
            self._answer(index.take(self.headers["Content-Type"], body), b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header(
                "Content-Type", "text/html" if not self.path.startswith("/files") else "application/octet-stream"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
