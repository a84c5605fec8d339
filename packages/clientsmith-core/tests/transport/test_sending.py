"""What goes out on the wire: exactly the request, and as little as possible besides."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import TransportError, UsageError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_header_fields_are_those_given_and_four_that_http_needs(road: Any) -> None:
    """No User-Agent of a library, no Accept, no Content-Type that nobody asked for; names keep their case."""
    server = road.to([OK])
    road.wire.send("POST", server.url + "/x", headers={"X-Key": "1", "x-lower": "2", "ETag": "3"}, content=b"{}")
    sent = server.requests[0]
    names = {name for name, _ in sent.fields}
    assert {"X-Key", "x-lower", "ETag"} <= names
    assert names - {"X-Key", "x-lower", "ETag"} == {"Host", "Content-Length", "Accept-Encoding"}
    assert sent.headers["host"] == f"localhost:{server.port}"
    assert len(sent.fields) == len(names), "no field twice"


def test_own_header_fields_win(road: Any) -> None:
    """What the caller says about encoding, agent and host stands."""
    server = road.to([OK])
    own = {"accept-encoding": "identity", "User-Agent": "mine/1", "Host": "virtual.test"}
    road.wire.get(server.url, headers=own)
    assert server.requests[0].headers | {k.lower(): v for k, v in own.items()} == server.requests[0].headers
    assert len(server.requests[0].fields) == 3


@pytest.mark.parametrize(
    ("path", "target"),
    [
        pytest.param("", "/", id="no path"),
        pytest.param("?a=/b", "/?a=/b", id="a query and no path"),
        pytest.param("/a/b?c=d&e=%20f+g#fragment", "/a/b?c=d&e=%20f+g", id="a fragment stays here"),
        pytest.param("/a%2Fb/%2E%2E/c%7E~", "/a%2Fb/%2E%2E/c%7E~", id="percent-encoded stays so"),
        pytest.param("/a b?q=ä", "/a%20b?q=%C3%A4", id="what cannot be sent is encoded"),
        pytest.param("/x?a=1;b=(c)&d='e'!*", "/x?a=1;b=(c)&d='e'!*", id="what may stand there stands"),
    ],
)
def test_target_is_sent_as_it_is(road: Any, path: str, target: str) -> None:
    """A signature may depend on every character of it."""
    server = road.to([OK])
    road.wire.get(server.url + path)
    assert server.requests[0].target == target


def test_line_break_in_a_url_does_not_become_a_header(road: Any) -> None:
    """Request splitting needs a raw line break, which never gets out."""
    server = road.to([OK])
    try:
        road.wire.get(server.url + "/a\r\nX-Evil: 1")
    except (TransportError, ValueError):
        return
    assert "x-evil" not in server.requests[0].headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
def test_methods_are_sent_as_given(road: Any, method: str) -> None:
    """Any method goes; one that may have a body announces that it has none, if it says anything."""
    server = road.to([OK])
    road.wire.send(method, server.url)
    assert server.requests[0].method == method
    assert server.requests[0].headers.get("content-length", "0") == "0"
    assert "transfer-encoding" not in server.requests[0].headers


@pytest.mark.parametrize("size", [0, 1, 100_000, 3_000_000])
def test_bytes_are_sent_with_their_length(road: Any, size: int) -> None:
    """From nothing to more than any buffer holds."""
    server = road.to([OK])
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    road.wire.send("POST", server.url, content=body, timeout=20.0)
    assert server.requests[0].body == body
    assert server.requests[0].headers["content-length"] == str(size)


def test_iterables_and_files_are_sent_in_chunks(road: Any, tmp_path: Path) -> None:
    """Their length is not known; a file is sent in blocks, and nothing is said about its name."""
    file = tmp_path / "firmware.bin"
    file.write_bytes(b"0123456789" * 20_000)
    server = road.to([OK, OK, OK])
    road.wire.send("POST", server.url, content=(part for part in (b"one", b"", b"two")))
    road.wire.send("POST", server.url, content=io.BytesIO(b"three\nfour"))
    with file.open("rb") as stream:
        road.wire.send("POST", server.url, content=stream)
    assert [received.body for received in server.requests] == [b"onetwo", b"three\nfour", file.read_bytes()]
    for received in server.requests:
        assert received.headers["transfer-encoding"] == "chunked"
        assert not {"content-length", "content-disposition", "content-type"} & set(received.headers)


def test_async_iterables_are_for_async_clients(wire: Any, serve: Any) -> None:
    """The sync transport says so instead of sending something else."""

    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    server = serve([OK])
    if wire.is_async:
        wire.send("POST", server.url, content=parts())
        assert server.requests[0].body == b"ab"
    else:
        with pytest.raises(UsageError, match="only an async client can send"):
            wire.send("POST", server.url, content=parts())


def test_string_as_content_is_refused(wire: Any, serve: Any) -> None:
    """It would be sent character by character."""
    with pytest.raises(UsageError, match="encode the string"):
        wire.send("POST", serve([OK]).url, content="text")


@pytest.mark.parametrize("error", [LookupError("mine"), OSError("mine"), TimeoutError("mine")])
def test_error_of_the_callers_own_iterator_comes_out_unchanged(road: Any, error: Exception) -> None:
    """It is not the network's fault, so it is no TransportError; the connection is not used again."""

    def parts() -> Iterator[bytes]:
        yield b"first"
        raise error

    server = road.to([OK], [OK])
    with pytest.raises(type(error), match="mine") as caught:
        road.wire.send("POST", server.url, content=parts(), timeout=5.0)
    assert caught.value is error
    assert road.wire.get(server.url).content == b"ok"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("/relative", "not absolute", id="relative"),
        pytest.param("ftp://localhost/x", "use https or http", id="another scheme"),
        pytest.param("http://user:secret@localhost/x", "BasicCredential", id="user info"),
        pytest.param("http://evil.test\\@localhost/x", "backslash", id="two readings of the host"),
    ],
)
def test_url_that_cannot_be_sent_to_is_a_usage_error(wire: Any, url: str, message: str) -> None:
    """Nothing was sent, nothing is tried again, and no secret is shown."""
    with pytest.raises(UsageError, match=message) as caught:
        wire.get(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["connect_timeout", "read_timeout"])
def test_timeout_of_no_time_is_a_usage_error(wire: Any, name: str) -> None:
    """Zero means "forever" in some libraries and "fail" in others; None is how to say forever."""
    with pytest.raises(UsageError, match=f"{name}=0.*None for no limit"):
        wire.get("http://localhost:1", **{name: 0})


def test_none_is_no_limit(road: Any) -> None:
    """An endless wait is possible, but has to be asked for."""
    server = road.to([[0.05, OK]])
    assert road.wire.get(server.url, connect_timeout=None, read_timeout=None).content == b"ok"
