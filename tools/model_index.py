"""A package index that does everything that the standards ask for, on loopback; or, on request, what they forbid.

It is what other indexes stand before (a proxy needs something to be a proxy of), what clients are compared on, and what
the rules of `simple-repository check` find nothing wrong with.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import threading
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5, sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

__all__ = ["HTML_V1", "JSON_V1", "Distribution", "ModelIndex", "Says", "distributions", "write_to"]

JSON_V1: Final = "application/vnd.pypi.simple.v1+json"
HTML_V1: Final = "application/vnd.pypi.simple.v1+html"
EPOCH: Final = (2026, 1, 1, 0, 0, 0)


# --- what is in it ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Distribution:
    """A file of a project, made here: small, installable, and the same bytes every time.

    Attributes:
        project: Its name as its author writes it.
        version: Normalized.
        is_wheel: Else it is a source distribution.
        requires_python: "" for any.
        yanked: The reason, "" if it is not.
    """

    project: str
    version: str
    is_wheel: bool = True
    requires_python: str = ""
    yanked: str = ""

    @property
    def normalized(self) -> str:
        return self.project.lower().replace("_", "-").replace(".", "-")

    @property
    def filename(self) -> str:
        stem = f"{self.normalized.replace('-', '_')}-{self.version}"
        return f"{stem}-py3-none-any.whl" if self.is_wheel else f"{stem}.tar.gz"

    @property
    def metadata(self) -> bytes:
        requires = f"Requires-Python: {self.requires_python}\n" if self.requires_python else ""
        summary = "Of the tests"
        text = f"Metadata-Version: 2.1\nName: {self.project}\nVersion: {self.version}\nSummary: {summary}\n{requires}"
        return text.encode()

    @property
    def content(self) -> bytes:
        return self._wheel() if self.is_wheel else self._sdist()

    def _wheel(self) -> bytes:
        module, stem = self.normalized.replace("-", "_"), self.filename.removesuffix("-py3-none-any.whl")
        files = {
            f"{module}.py": f'VERSION = "{self.version}"\n'.encode(),
            f"{stem}.dist-info/METADATA": self.metadata,
            f"{stem}.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
        files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n".encode()
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, EPOCH), data)
        return buffer.getvalue()

    def _sdist(self) -> bytes:
        stem = self.filename.removesuffix(".tar.gz")
        buffer = io.BytesIO()
        with (
            gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as zipped,
            tarfile.open(fileobj=zipped, mode="w") as archive,
        ):
            member = tarfile.TarInfo(f"{stem}/PKG-INFO")
            member.size = len(self.metadata)
            archive.addfile(member, io.BytesIO(self.metadata))
        return buffer.getvalue()


def _digest(data: bytes) -> str:
    return urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()


def distributions() -> tuple[Distribution, ...]:
    """Return three small projects: one with wheels and a source distribution, one with an odd name, one yanked."""
    return (
        Distribution("HolyGrail", "1.0", is_wheel=False),
        Distribution("HolyGrail", "1.0"),
        Distribution("HolyGrail", "1.1", requires_python=">=3.8"),
        Distribution("spam.Eggs", "2.0"),
        Distribution("parrot", "0.1", yanked="it is no more"),
        Distribution("parrot", "0.2"),
    )


def write_to(folder: Path, files: Iterable[Distribution], *, by_project: bool = False) -> None:
    """Write files to a folder, each into one of its project's where asked."""
    for file in files:
        home = folder / file.normalized if by_project else folder
        home.mkdir(parents=True, exist_ok=True)
        (home / file.filename).write_bytes(file.content)


# --- what it says ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Says:
    """How an index presents itself; as it stands, by the book.

    Attributes:
        json, html: The version that pages of each serialization say; None says none.
        json_type, html_type: What they are called in ``Content-Type``.
        serializations: Which there are, ``json``, ``html`` or both.
        status: Of every page.
        spoilt: Put into every JSON page, and into every file of it: ``{"files": {"size": "4"}}`` and so on.
    """

    json: str | None = "1.4"
    html: str | None = "1.4"
    json_type: str = JSON_V1
    html_type: str = HTML_V1
    serializations: tuple[str, ...] = ("json", "html")
    status: int = 200
    spoilt: Mapping[str, Any] = field(default_factory=dict[str, Any])


class ModelIndex:
    """Serves files as an index, on a free port of loopback, until its block ends.

    Attributes:
        files: What is in it.
        says: How it presents itself; may be changed while it runs.
        asked: Method, path and ``Accept`` of each request.
        credential: What ``Authorization`` has to say, "" for nothing.
    """

    def __init__(self, files: Sequence[Distribution] | None = None, says: Says | None = None) -> None:
        self.files = tuple(distributions() if files is None else files)
        self.says = says or Says()
        self.asked: list[tuple[str, str, str]] = []
        self.credential = ""
        self._by_name = {file.filename: file for file in self.files}
        index = self

        class Handler(_Handler):
            home = index

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where the list of projects is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/simple/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # --- pages ---

    def file(self, name: str) -> Distribution | None:
        """Return a file by its name."""
        return self._by_name.get(name)

    def page(self, project: str, kind: str) -> bytes | None:
        """Return the page of a project, or of the list for "", None for a project that is not there."""
        files = [file for file in self.files if file.normalized == project]
        if project and not files:
            return None
        return self._json(project, files) if kind == "json" else self._html(project, files)

    def _json(self, project: str, files: Sequence[Distribution]) -> bytes:
        spoilt = dict(self.says.spoilt)
        of_files: Mapping[str, Any] = spoilt.pop("files", {})
        page: dict[str, Any] = {"meta": {} if self.says.json is None else {"api-version": self.says.json}}
        if not project:
            names = dict.fromkeys(file.project for file in self.files)
            page["projects"] = [{"name": name} for name in names]
        else:
            page |= {"name": project, "versions": list(dict.fromkeys(file.version for file in files))}
            page["files"] = [_entry(file) | dict(of_files) for file in files]
        return json.dumps(page | spoilt).encode()

    def _html(self, project: str, files: Sequence[Distribution]) -> bytes:
        version = self.says.html
        meta = "" if version is None else f'<meta name="pypi:repository-version" content="{escape(version)}">'
        names = dict.fromkeys((file.normalized, file.project) for file in self.files)
        links = (
            [_link(file) for file in files] if project else [f'<a href="{path}/">{name}</a>' for path, name in names]
        )
        body = "<br>\n".join(links)
        return f"<!DOCTYPE html>\n<html><head>{meta}</head><body>\n{body}\n</body></html>\n".encode()


def _entry(file: Distribution) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.filename,
        "url": f"../../files/{file.filename}",
        "hashes": {"sha256": sha256(file.content).hexdigest()},
        "size": len(file.content),
        "upload-time": "2026-01-01T00:00:00.000000Z",
        "yanked": file.yanked or False,
    }
    if file.requires_python:
        entry["requires-python"] = file.requires_python
    if file.is_wheel:
        entry["core-metadata"] = {"sha256": sha256(file.metadata).hexdigest()}
    return entry


def _link(file: Distribution) -> str:
    attributes = [f'href="../../files/{quote(file.filename)}#sha256={sha256(file.content).hexdigest()}"']
    if file.requires_python:
        attributes.append(f'data-requires-python="{escape(file.requires_python)}"')
    if file.yanked:
        attributes.append(f'data-yanked="{escape(file.yanked)}"')
    if file.is_wheel:
        attributes.append(f'data-core-metadata="sha256={sha256(file.metadata).hexdigest()}"')
    return f"<a {' '.join(attributes)}>{file.filename}</a>"


# --- how it answers --------------------------------------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    home: ModelIndex
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one segment: two would wait for each other's acknowledgement

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        self.home.asked.append((self.command, self.path, self.headers.get("Accept", "")))
        if self.home.credential and self.headers.get("Authorization") != self.home.credential:
            self._answer(401, b"who are you?", {"WWW-Authenticate": 'Basic realm="index"'})
            return
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/files/"):
            self._send_file(path.removeprefix("/files/"))
        elif path == "/simple" or path.startswith("/simple/"):
            self._send_page(path)
        else:
            self._answer(404)

    do_HEAD = do_GET

    def _send_file(self, name: str) -> None:
        is_metadata = name.endswith(".metadata")
        file = self.home.file(name.removesuffix(".metadata"))
        if file is None or (is_metadata and not file.is_wheel):
            self._answer(404)
            return
        content = file.metadata if is_metadata else file.content
        kind = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes", "ETag": _tag(content)}
        begin = self.headers.get("Range", "").removeprefix("bytes=").partition("-")[0]
        if begin.isdigit() and self.headers.get("If-Range", kind["ETag"]) == kind["ETag"] and int(begin) < len(content):
            total = len(content)
            self._answer(206, content[int(begin) :], kind | {"Content-Range": f"bytes {begin}-{total - 1}/{total}"})
        else:
            self._answer(200, content, kind)

    def _send_page(self, path: str) -> None:
        project = path.removeprefix("/simple").strip("/")
        normalized = project.lower().replace("_", "-").replace(".", "-")
        home = f"/simple/{normalized}/" if normalized else "/simple/"
        if path != home:
            self._answer(301, b"", {"Location": home})
            return
        says = self.home.says
        kind = self._kind()
        if not kind:
            self._answer(406, b"", {"Vary": "Accept"})
            return
        body = self.home.page(project, kind)
        if body is None:
            self._answer(404)
            return
        headers = {
            "Content-Type": says.json_type if kind == "json" else says.html_type,
            "Vary": "Accept",
            "ETag": _tag(body),
            "Cache-Control": "no-cache",
        }
        is_same = self.headers.get("If-None-Match") == headers["ETag"]
        self._answer(304 if is_same else says.status, b"" if is_same else body, headers)

    def _kind(self) -> str:
        """Return which serialization is asked for, "" for one that is not there; of equals, JSON."""
        wanted = parse_qs(urlsplit(self.path).query).get("format")
        accept = wanted[0] if wanted else self.headers.get("Accept", "*/*")
        names = {
            "json": (JSON_V1, "application/vnd.pypi.simple.latest+json", "application/*", "*/*"),
            "html": (HTML_V1, "text/html", "application/vnd.pypi.simple.latest+html", "text/*", "*/*"),
        }
        quality = {kind: max((_quality(accept, name) for name in names[kind]), default=0.0) for kind in names}
        kinds = [kind for kind in ("json", "html") if kind in self.home.says.serializations and quality[kind] > 0]
        return max(kinds, key=lambda kind: quality[kind], default="")

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(body)


def _quality(accept: str, name: str) -> float:
    for part in accept.split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        if kind.lower() == name:
            return next((float(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
    return 0.0


def _tag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'
