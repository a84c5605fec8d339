"""Clients of either colour on a scripted index, and the index that scripts them."""

from __future__ import annotations

import asyncio
import hashlib
import html
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Line, ScriptedTransport
from simple_repository_client import ProjectFile, SimpleRepositoryClient, aio

INDEX = "https://index.test/simple/"
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"


class Colour:
    """Does in one colour what a test asks for."""

    def __init__(self, name: str, runner: asyncio.Runner) -> None:
        self.is_async = name == "async"
        self.client_class: Any = aio.SimpleRepositoryClient if self.is_async else SimpleRepositoryClient
        self.transport_class: Any = AsyncScriptedTransport if self.is_async else ScriptedTransport
        self._runner = runner

    def client(self, *lines: Line, url: str = INDEX, credential: Any = None, routes: Any = None, **options: Any) -> Any:
        """Return a client on a scripted transport, which is its ``transport``."""
        transport = self.transport_class(*lines, routes=routes)
        return self.over(transport, url=url, credential=credential, **options)

    def over(self, transport: Any, *, url: str = INDEX, credential: Any = None, **options: Any) -> Any:
        """Return a client on this transport."""
        client = self.client_class(url, credential, transport=transport, **options)
        client.__dict__["transport"] = transport
        return client

    def run(self, value: Any) -> Any:
        """Return what a call of either colour gives."""
        return self._runner.run(_finished(value)) if inspect.isawaitable(value) else value


async def _finished(value: Any) -> Any:
    return await value


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    """Either colour."""
    with asyncio.Runner() as runner:
        yield Colour(request.param, runner)


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are nothing at random."""
    monkeypatch.setattr("clientsmith.core.streaming._patience._jitter", lambda: 0.0)


# --- pages -----------------------------------------------------------------------------------------------------------


class Pages:
    """Makes the answers of an index."""

    def json(self, *files: dict[str, Any], version: object = "1.4", content_type: str = JSON, **more: Any) -> Answer:
        """Return a page in JSON; a ``version`` of None leaves it out."""
        meta = {} if version is None else {"api-version": version}
        body = {"meta": meta, "name": "foo", "versions": ["1.0"], "files": list(files), **more}
        headers = {"Content-Type": content_type, "Vary": "Accept"}
        return Answer(json=body, headers=headers)

    def html(self, *links: str, version: object = "1.4", content_type: str = HTML, **headers: str) -> Answer:
        """Return a page in HTML; a ``version`` of None leaves it out."""
        meta = "" if version is None else f'<meta name="pypi:repository-version" content="{html.escape(str(version))}">'
        anchors = "".join(f'<a href="{link}">{link.rpartition("/")[2].partition("#")[0]}</a>' for link in links)
        body = f"<!DOCTYPE html><html><head>{meta}</head><body>{anchors}</body></html>"
        return Answer(content=body.encode(), headers={"Content-Type": content_type, "Vary": "Accept", **headers})


@pytest.fixture
def pages() -> Pages:
    """Makes answers."""
    return Pages()


# --- files -----------------------------------------------------------------------------------------------------------


class FileStore:
    """A server of one file that knows ranges, and whose bodies break off after so many bytes, one number an answer.

    A callable line of a script.
    """

    def __init__(self, content: bytes, *breaks: int, etag: str = '"1"', knows_ranges: bool = True) -> None:
        self.content, self.breaks, self.etag, self.knows_ranges = content, list(breaks), etag, knows_ranges

    def __call__(self, request: HttpRequest) -> Answer:
        from clientsmith.core.errors import ServiceResponseError

        wanted, condition = request.headers.get("Range"), request.headers.get("If-Range")
        headers = {"ETag": self.etag} if self.etag else {}
        status, first, size = 200, 0, len(self.content)
        if wanted is not None and self.knows_ranges and condition in (None, self.etag):
            first = int(wanted.removeprefix("bytes=").partition("-")[0])
            if first >= size:
                return Answer(416, headers={"Content-Range": f"bytes */{size}"})
            status = 206
            headers["Content-Range"] = f"bytes {first}-{size - 1}/{size}"
        headers["Content-Length"] = str(size - first)
        body = self.content[first:]
        if not self.breaks:
            return Answer(status, chunks=[body], headers=headers)
        cut = ServiceResponseError("the body broke off")
        return Answer(status, chunks=[body[: self.breaks.pop(0)], cut], headers=headers)


@pytest.fixture
def file_store() -> type[FileStore]:
    """Makes servers of files."""
    return FileStore


CONTENT = bytes(range(256)) * 1000  # more than one piece


@pytest.fixture
def content() -> bytes:
    """The bytes of a file."""
    return CONTENT


@pytest.fixture
def a_file() -> Any:
    """Makes a file as a page has it: of ``CONTENT``, unless it is told another."""

    def make(filename: str = "foo-1.0.tar.gz", content: bytes = CONTENT, **parts: Any) -> ProjectFile:
        parts.setdefault("hashes", {"sha256": hashlib.sha256(content).hexdigest()})
        parts.setdefault("size", len(content))
        parts.setdefault("url", f"https://files.test/{filename}")
        return ProjectFile(filename, **parts)

    return make
