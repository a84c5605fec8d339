"""A package index on loopback (the Simple API, PEP 503 and PEP 691), over files that are at hand.

It has several views, each its own base URL with its own files: so two wheels of one name and version, one released,
one of the working tree, can both be there. A view also knows names without any file. For an installer that takes the
first index that knows a name, these are names that nobody else can give it.

The path of a view holds a digest of its files, since installers remember what a URL gave them.
"""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

__all__ = ["LoopbackIndex", "project_of", "serving"]

_JSON: Final = "application/vnd.pypi.simple.v1+json"
_HTML: Final = "text/html; charset=utf-8"


@contextmanager
def serving(folder: Path, *, names: Iterable[str] = ()) -> Generator[str]:
    """Serve the wheels and sdists of a folder until the block ends; gives the URL of the index.

    ``names`` are those that the index knows even if there is no file of them.
    """
    with LoopbackIndex() as index:
        yield index.view(sorted(path for path in folder.iterdir() if project_of(path)), names=names)


def project_of(path: Path) -> str:
    """Return the normalised name of the project that a wheel or an sdist is of, "" for any other file."""
    try:
        if path.suffix == ".whl":
            return str(parse_wheel_filename(path.name)[0])
        return str(parse_sdist_filename(path.name)[0])
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""


class LoopbackIndex:
    """An index that serves until its block ends.

    Attributes:
        requests: The path of each request so far.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._views: dict[str, Mapping[str, Mapping[str, Path]]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def view(self, files: Iterable[Path], *, names: Iterable[str] = ()) -> str:
        """Serve these files together; return the URL of their index.

        Raises:
            ValueError: A file is neither a wheel nor an sdist.
        """
        projects: dict[str, dict[str, Path]] = {name: {} for name in names}
        digest = sha256()
        for path in files:
            if not (project := project_of(path)):
                raise ValueError(f"{path} is neither a wheel nor an sdist")
            projects.setdefault(project, {})[path.name] = path
            digest.update(f"{path.name} {_sha256(path)}\n".encode())
        digest.update(" ".join(sorted(projects)).encode())
        key = digest.hexdigest()[:20]
        self._views[key] = projects
        return f"http://127.0.0.1:{self._server.server_address[1]}/{key}/simple/"

    def answer(self, path: str, accept: str) -> tuple[str, bytes] | None:
        """Return the type and the body that ``path`` has, None if there is nothing."""
        match path.partition("?")[0].strip("/").split("/"):
            case [key, "simple"] if key in self._views:
                return _page({"projects": [{"name": name} for name in sorted(self._views[key])]}, accept)
            case [key, "simple", name] if name in self._views.get(key, {}):
                return _page({"name": name, "files": _entries(self._views[key][name])}, accept)
            case [key, "simple", name, file] if file in self._views.get(key, {}).get(name, {}):
                return "application/octet-stream", self._views[key][name][file].read_bytes()
            case _:
                return None


def _entries(files: Mapping[str, Path]) -> list[dict[str, Any]]:
    return [
        {"filename": name, "url": name, "hashes": {"sha256": _sha256(path)}, "size": path.stat().st_size}
        for name, path in sorted(files.items())
    ]


def _page(data: dict[str, Any], accept: str) -> tuple[str, bytes]:
    if _JSON in accept:
        versions = {"versions": _versions(data["files"])} if "files" in data else {}
        return _JSON, json.dumps({"meta": {"api-version": "1.1"}, **data, **versions}).encode()
    links = [(f"{project['name']}/", project["name"]) for project in data.get("projects", ())]
    links += [(f"{file['url']}#sha256={file['hashes']['sha256']}", file["filename"]) for file in data.get("files", ())]
    anchors = "\n".join(f'<a href="{html.escape(url)}">{html.escape(text)}</a><br>' for url, text in links)
    return _HTML, f"<!DOCTYPE html>\n<html><body>\n{anchors}\n</body></html>\n".encode()


def _versions(files: Iterable[Mapping[str, Any]]) -> list[str]:
    names = [str(file["filename"]) for file in files]
    parsed = (parse_wheel_filename(one)[1] if one.endswith(".whl") else parse_sdist_filename(one)[1] for one in names)
    return sorted({str(version) for version in parsed})


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _handler(index: LoopbackIndex) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            index.requests.append(self.path)
            answer = index.answer(self.path, self.headers.get("Accept", ""))
            kind, body = answer or (_HTML, b"there is nothing here")
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Vary", "Accept")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: `requests` keeps what was asked."""

    return Handler
