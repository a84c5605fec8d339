"""How requests and answers are framed: one reading of where each ends, and none that is guessed at."""

from __future__ import annotations

import io
from contextlib import suppress
from http.client import HTTPException, IncompleteRead
from typing import Any

import pytest
from clientsmith.core.errors import ServiceResponseError, TransportError, UsageError
from clientsmith.core.rest import HttpRequest
from clientsmith.core.transport import AioHttpTransport, RequestsTransport
from clientsmith.core.transport._body import framing_of
from clientsmith.core.transport.requests.answer import read_fields
from hypothesis import given
from hypothesis import strategies as st

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


# --- requests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        pytest.param(HttpRequest("GET", "/"), None, id="nothing to send"),
        pytest.param(HttpRequest("POST", "/"), ("Content-Length", "0"), id="nothing, where something was expected"),
        pytest.param(HttpRequest("GET", "/", content=b"ab"), ("Content-Length", "2"), id="bytes"),
        pytest.param(HttpRequest("POST", "/", content=iter([b""])), ("Transfer-Encoding", "chunked"), id="an iterable"),
        pytest.param(
            HttpRequest("PUT", "/", content=iter([b"ab"]), headers={"content-length": "2"}),
            None,
            id="a promised length",
        ),
    ],
)
def test_field_that_tells_where_a_body_ends(request_: HttpRequest, field: tuple[str, str] | None) -> None:
    """At most one (RFC 9112, section 6.3)."""
    assert framing_of(request_) == field


@pytest.mark.parametrize(
    ("content", "headers", "message"),
    [
        pytest.param(
            b"abc", {"Content-Length": "2"}, r"says Content-Length: 2, but its content has 3 bytes", id="short"
        ),
        pytest.param(None, {"Content-Length": "5"}, r"Content-Length: 5, but its content has 0 bytes", id="nothing"),
        pytest.param(b"abc", {"transfer-encoding": "chunked"}, r"Transfer-Encoding is for the transport", id="chunked"),
        pytest.param([b"a"], {"Content-Length": "+1"}, r"which is not a number of bytes", id="no number"),
        pytest.param([b"abc"], {"Content-Length": "2"}, r"longer than its Content-Length", id="longer"),
        pytest.param([b"abc"], {"Content-Length": "9"}, r"ended 6 bytes before its Content-Length", id="shorter"),
        pytest.param(["abc"], {}, r"yielded a str; only bytes can be sent", id="strings"),
    ],
)
def test_request_that_would_be_misread_is_refused(
    wire: Any, serve: Any, content: Any, headers: dict[str, str], message: str
) -> None:
    """What is too much would be taken for another request, and what is too little be waited for."""
    server = serve([OK], [OK])
    with pytest.raises(UsageError, match=message):
        wire.send("POST", server.url, content=content, headers=headers)
    assert wire.get(server.url).content == b"ok"


def test_promised_length_is_sent_as_such(wire: Any, serve: Any) -> None:
    """Some services take no chunks; who knows the length says it."""
    server = serve([OK])
    wire.send("POST", server.url, content=iter([b"ab", b"", b"c"]), headers={"Content-Length": "3"})
    assert server.requests[0].body == b"abc"
    assert "transfer-encoding" not in server.requests[0].headers


@pytest.mark.parametrize("method", ["GE T", "GET\r\nX: 1", "", "GÉT", "GET:"])
def test_method_that_is_no_token_is_refused(wire: Any, method: str) -> None:
    """It would be read as a part of something else."""
    with pytest.raises(UsageError, match="is no HTTP method"):
        wire.send(method, "http://localhost:1/")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://[::1", id="an open bracket"),
        pytest.param("http://localhost:99999/", id="a port beyond all ports"),
        pytest.param("http://localhost:port/", id="a port that is no number"),
        pytest.param("http:///path", id="no host"),
        pytest.param("//localhost/", id="no scheme"),
        pytest.param(f"http://{'ä' * 70}.test/", id="a label that is too long"),
    ],
)
def test_url_that_leads_nowhere_is_refused_in_both_colours(url: str, clean_environment: Any) -> None:
    """With the same words."""
    import asyncio

    with pytest.raises(UsageError) as sync:
        RequestsTransport().send(HttpRequest("GET", url))

    async def send() -> None:
        transport = AioHttpTransport()
        try:
            await transport.send(HttpRequest("GET", url))
        finally:
            await transport.close()

    with pytest.raises(UsageError) as awaited:
        asyncio.run(send())
    assert str(sync.value) == str(awaited.value)


def test_international_host_travels_in_ascii(wires: Any, serve: Any, clean_environment: pytest.MonkeyPatch) -> None:
    """In the Host field and to the proxy; the name itself never resolves here."""
    proxy = serve([OK])
    wires(proxy=f"http://localhost:{proxy.port}").get("http://bücher.test/x")
    assert proxy.requests[0].headers["host"] == "xn--bcher-kva.test"


# --- answers ---------------------------------------------------------------------------------------------------------


def test_long_header_is_read(road: Any) -> None:
    """Cookies and policies of 16 KiB exist."""
    server = road.to([b"HTTP/1.1 200 OK\r\nX-Policy: " + b"a" * 20_000 + b"\r\nContent-Length: 2\r\n\r\nok"])
    assert len(road.wire.get(server.url).headers["X-Policy"]) == 20_000


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(b"X: " + b"a" * 200_000 + b"\r\n", id="a line without an end"),
        pytest.param(b"X: 1\r\n" * 100_000, id="fields without an end"),
    ],
)
def test_header_without_an_end_is_refused(road: Any, fields: bytes) -> None:
    """Long before memory is short."""
    server = road.to([[b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n", "close"]])
    with pytest.raises(TransportError):
        road.wire.get(server.url, timeout=10.0)


@pytest.mark.parametrize(
    "kind",
    [pytest.param(b"HTTP/1.1 204 No Content\r\n", id="204"), pytest.param(b"HTTP/1.1 304 Not Modified\r\n", id="304")],
)
def test_answers_without_a_body_take_nothing_of_the_next(road: Any, kind: bytes) -> None:
    """Whatever their header says (RFC 9112, section 6.3)."""
    server = road.to([kind + b"Content-Length: 2\r\n\r\n", OK])
    assert road.wire.get(server.url).content == b""
    assert road.wire.get(server.url).content == b"ok"


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        pytest.param(b"A: 1\r\nb:2\r\n\r\n", [("A", "1"), ("b", "2")], id="two"),
        pytest.param(b"A: 1 \t\r\n\r\n", [("A", "1")], id="white space around a value"),
        pytest.param(b"A:\r\n\r\n", [("A", "")], id="empty"),
        pytest.param(b"A: 1\r\n 2\r\n\t3\r\n\r\n", [("A", "1 2 3")], id="folded"),
        pytest.param(b"A: 1\n\n", [("A", "1")], id="bare line feeds"),
        pytest.param(b"\r\n", [], id="none"),
    ],
)
def test_fields_are_read(lines: bytes, fields: list[tuple[str, str]]) -> None:
    """RFC 9112, section 5."""
    assert read_fields(io.BufferedReader(io.BytesIO(lines))) == fields  # type: ignore[arg-type]  # raw enough


@pytest.mark.parametrize(
    "line",
    [b"no field", b"A b: 1", b"A : 1", b": 1", b" folded first", b"A: 1\rB: 2", b"A: \0", "Ä: 1".encode()],
    ids=repr,
)
def test_line_that_is_no_field_is_an_error(line: bytes) -> None:
    """Guessing what was meant is how one answer becomes two."""
    with pytest.raises(HTTPException, match="a line of the header is not a field"):
        read_fields(io.BufferedReader(io.BytesIO(line + b"\r\n\r\n")))  # type: ignore[arg-type]  # raw enough


@given(st.binary(max_size=200))
def test_any_bytes_are_fields_or_an_error(data: bytes) -> None:
    """Nothing else comes out, and no value ever holds a line break."""
    try:
        fields = read_fields(io.BufferedReader(io.BytesIO(data)))  # type: ignore[arg-type]  # raw enough
    except (HTTPException, IncompleteRead):
        return
    assert not any(forbidden in name + value for name, value in fields for forbidden in "\r\n\0")


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True),
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
        ),
        max_size=20,
    )
)
def test_fields_come_back_as_they_were_written(fields: list[tuple[str, str]]) -> None:
    """In their order and case, several of a name apart."""
    written = "".join(f"{name}: {value}\r\n" for name, value in fields).encode() + b"\r\n"
    assert read_fields(io.BufferedReader(io.BytesIO(written))) == fields  # type: ignore[arg-type]  # raw enough


def test_length_in_two_ways_ends_the_connection(wire: Any, serve: Any) -> None:
    """Chunked wins, and nobody trusts what comes behind (RFC 9112, section 6.1)."""
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    server = serve([both, OK], [OK])
    with suppress(ServiceResponseError):  # to refuse it is right as well, and what some parsers do
        assert wire.get(server.url).content == b"ok"
    assert wire.get(server.url).content == b"ok"
    assert len(server.connections) == 2
