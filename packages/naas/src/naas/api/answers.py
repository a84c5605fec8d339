"""How handlers answer: structures become JSON, with an ETag where a caller may ask "has it changed?"."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import msgspec
from litestar import MediaType, Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from naas.api.asking import HttpRequest

__all__ = ["answer", "cacheable", "encode", "moment", "moment_or_none", "next_page_link", "no_content"]

encode: Final = msgspec.json.Encoder().encode

# Answers belong to one caller and change when jobs do: a cache may keep them, and must ask before it uses them.
_CACHE_CONTROL: Final = "private, no-cache"
_ETAG_BYTES: Final = 16


def answer(
    body: msgspec.Struct,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """Answer with a structure."""
    return Response(encode(body), status_code=status, headers=dict(headers or {}), media_type=MediaType.JSON)


def no_content() -> Response[None]:
    """Answer that it is done, and nothing more."""
    return Response(None, status_code=HTTPStatus.NO_CONTENT)


def cacheable(
    request: HttpRequest,
    body: msgspec.Struct,
    headers: Mapping[str, str] | None = None,
    *,
    tagged: msgspec.Struct | None = None,
) -> Response[bytes]:
    """Answer with a structure and its ETag, or 304 if the caller has it already (RFC 9110, section 13.1.2).

    ``tagged`` is what the ETag speaks for if not for every byte; the ETag is a weak one then.
    """
    content = encode(body)
    etag = _etag(content) if tagged is None else f"W/{_etag(encode(tagged))}"
    fields = {**(headers or {}), "ETag": etag, "Cache-Control": _CACHE_CONTROL}
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=fields, media_type=MediaType.JSON)
    return Response(content, headers=fields, media_type=MediaType.JSON)


def _etag(content: bytes) -> str:
    # A hash of what is sent: about 1 ms for a megabyte, and right by itself whatever an answer is made of.
    return f'"{hashlib.blake2b(content, digest_size=_ETAG_BYTES).hexdigest()}"'


def _matches(if_none_match: str, etag: str) -> bool:
    """Whether one of the tags is ours, by the weak comparison that If-None-Match asks for."""
    if not if_none_match:
        return False
    ours = etag.removeprefix("W/")
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or ours in tags


def next_page_link(request: HttpRequest, parameters: Mapping[str, str | None]) -> dict[str, str]:
    """Return the Link header (RFC 8288) that leads to the next page: this address with other query parameters, None
    for those that it goes without."""
    query = {name: value for name, value in request.query_params.dict().items() if name not in parameters}
    merged = {name: str(value[-1]) for name, value in query.items()}
    merged |= {name: value for name, value in parameters.items() if value is not None}
    return {"Link": f'<{request.url.path}?{urlencode(merged, quote_via=quote)}>; rel="next"'}


def moment(time: datetime) -> str:
    """Return a time as the wire has it: ISO 8601 with its zone."""
    return time.isoformat()


def moment_or_none(time: datetime | None) -> str | None:
    """Return a time as the wire has it, if there is one."""
    return None if time is None else time.isoformat()
