"""Serves the files of the page. All of them are known when the service starts; nothing else is ever read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from litestar import Response, get
from litestar.exceptions import NotFoundException

from naas.api.asking import HttpRequest, runtime_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

__all__ = ["ROUTES"]

_MEDIA_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_PAGE: Final = "index.html"
# A new version of the service brings new files: browsers ask each time, and hear "not modified".
_CACHE_CONTROL: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    etag: str


@get(["/ui", "/ui/"])
async def page(request: HttpRequest) -> Response[bytes]:
    """Return the page."""
    return _answer(request, _PAGE)


@get("/ui/{path:path}")
async def page_file(request: HttpRequest) -> Response[bytes]:
    """Return a file that the page is made of."""
    return _answer(request, str(request.path_params["path"]).removeprefix("/"))


ROUTES: Final = (page, page_file)


def _answer(request: HttpRequest, name: str) -> Response[bytes]:
    file = _files().get(name) if runtime_of(request).settings.ui_enabled else None
    if file is None:
        raise NotFoundException
    headers = {"ETag": file.etag, "Cache-Control": _CACHE_CONTROL}
    if request.headers.get("if-none-match") == file.etag:
        return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)


@cache
def _files() -> Mapping[str, _File]:
    return dict(_walk(resources.files("naas.api.ui") / "static", ""))


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, _File]]:
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
            continue
        media_type = _MEDIA_TYPES.get(name.rpartition(".")[2])
        if media_type is not None:
            content = entry.read_bytes()
            yield name, _File(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
