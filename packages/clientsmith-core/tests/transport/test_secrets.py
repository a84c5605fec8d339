"""A key in the query stays out of tracebacks and logs, those of the libraries below included."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable

import pytest
from clientsmith.core import KeyCredential, aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyInQuery
from clientsmith.core.errors import ServiceResponseError, TransportError
from clientsmith.core.operations import TEXT, Operation

from .conftest import CLOSE, Server

SECRET = "s3cr3t-key"
READ: Operation[str] = Operation("GET", "/x", responses={200: TEXT})

BROKEN_ANSWERS = {
    "no HTTP": b"HELLO WORLD\r\n\r\n",
    "status": b"HTTP/1.1 abc\r\n\r\n",
    "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc",
    "chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    "encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "header line": b"HTTP/1.1 200 OK\r\nno field at all\r\nContent-Length: 0\r\n\r\n",
    "header of 100 KB": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
}


def read_sync(url: str) -> str:
    options = {"max_retries": 0}
    with ServiceClient(url, KeyCredential(SECRET), authentication=[KeyInQuery("key")], settings=options) as client:
        return client._call(READ, {}, options={})


def read_async(url: str) -> str:
    async def read() -> str:
        options = {"max_retries": 0}
        schemes = [KeyInQuery("key")]
        async with aio.ServiceClient(url, KeyCredential(SECRET), authentication=schemes, settings=options) as client:
            return await client._call(READ, {}, options={})

    return asyncio.run(read())


def all_words(error: BaseException | None) -> str:
    """Everything that a traceback, a debugger or an error tracker would show of an error and of its causes."""
    text = "".join(traceback.format_exception(error)) if error else ""
    while error is not None:
        text += f"{error!r} {error} {error.args!r}"
        error = error.__cause__
    return text


@pytest.mark.parametrize("read", [read_sync, read_async], ids=["sync", "async"])
@pytest.mark.parametrize("answer", BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS.keys())
def test_a_broken_answer_is_an_error_that_shows_no_key(
    answer: bytes, read: Callable[[str], str], serve: Callable[..., Server], caplog: pytest.LogCaptureFixture
) -> None:
    """aiohttp's errors quote the whole URL, and so does urllib3's log."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TransportError) as caught:
        read(serve([[answer, CLOSE]]).url)
    assert SECRET not in all_words(caught.value)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("read", [read_sync, read_async], ids=["sync", "async"])
def test_a_call_that_goes_well_logs_no_key(
    read: Callable[[str], str], serve: Callable[..., Server], caplog: pytest.LogCaptureFixture
) -> None:
    """It is sent all the same."""
    caplog.set_level(logging.DEBUG)
    server = serve([[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]])
    assert read(server.url) == "ok"
    assert server.requests[0].target == f"/x?key={SECRET}"
    assert SECRET not in caplog.text


def test_a_header_with_a_line_that_is_no_field_is_refused(serve: Callable[..., Server]) -> None:
    """http.client ends the header there, and would take the fields below it for the body."""
    with pytest.raises(ServiceResponseError, match="a line of the header is not a field"):
        read_sync(serve([[BROKEN_ANSWERS["header line"], CLOSE]]).url)
