"""Scripted transports: lines, routes, streams, virtual time, and what was sent."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core import HttpRequest
from clientsmith.core.errors import DeadlineExceededError, ServiceResponseError, ServiceResponseTimeoutError
from clientsmith.core.operations import LINES, Operation, binary_body, form_body, json_body, query
from clientsmith.core.testing import Answer, VirtualClock

PETS = Operation[Any](
    "POST", "/pets", parameters={"tag": query("tag")}, body=json_body(), responses={200: None}
)  # fmt: skip
ROWS = Operation[Any]("GET", "/rows", responses={200: LINES()})


def get(colour: Any, client: Any, url: str = "/", **options: Any) -> Any:
    return colour.run(client.send_request(HttpRequest("GET", url), **options))


def test_what_was_sent_is_told_in_the_words_of_an_assertion(colour: Any) -> None:
    """Path and parameters decoded, the body parsed."""
    client = colour.client(Answer())
    colour.run(client._call(PETS, {"tag": ["a b", "ü"]}, body={"name": "Rex"}, options={}))
    sent = client.transport.sent[0]
    assert (sent.method, sent.path, sent.query) == ("POST", "/pets", {"tag": ["a b", "ü"]})
    assert sent.json() == {"name": "Rex"}
    assert sent.param("other") is None
    with pytest.raises(AssertionError, match="'tag' was sent 2 times"):
        sent.param("tag")
    assert repr(sent) == "<SentRequest POST /pets>"


def test_a_form_is_told_by_its_fields(colour: Any) -> None:
    login = Operation[Any]("POST", "/login", body=form_body(), responses={200: None})
    client = colour.client(Answer())
    colour.run(client._call(login, {}, body={"user": "ü", "scope": ["a", "b"]}, options={}))
    assert client.transport.sent[0].form() == {"user": ["ü"], "scope": ["a", "b"]}


def test_a_body_is_read_as_a_real_transport_reads_it(colour: Any) -> None:
    """Iterables and files to their end; of async clients also async iterables."""
    put = Operation[Any]("PUT", "/", body=binary_body(), responses={200: None})

    async def later() -> Any:
        yield b"a"
        yield b"b"

    client = colour.client(Answer())
    colour.run(client._call(put, {}, body=later() if colour.is_async else iter([b"a", b"b"]), options={}))
    assert client.transport.sent[0].content == b"ab"


def test_lines_that_nobody_asked_for_are_told(colour: Any) -> None:
    """By `assert_finished`, and by the end of a ``with`` block."""
    client = colour.client(Answer(), Answer(), Answer())
    get(colour, client)
    with pytest.raises(AssertionError, match="lines that nobody asked for: line 2 of 3, line 3 of 3"):
        client.transport.assert_finished()
    with pytest.raises(AssertionError, match="nobody asked for"):
        colour.inside(client.transport)
    with pytest.raises(KeyError):  # the first trouble is the one to show
        colour.inside(client.transport, lambda transport: {}["no"])


def test_a_request_beyond_the_script_says_how_long_it_is(colour: Any) -> None:
    client = colour.client(Answer(), routes={"GET /pets": Answer()})
    get(colour, client)
    with pytest.raises(
        AssertionError, match=r"GET .*/other> is request 2, the script has 1 lines and the routes GET /pets"
    ):
        get(colour, client, "/other")


def test_routes_answer_by_method_and_path(colour: Any) -> None:
    """A line for all requests, a list for one after the other, a function; the rest takes the next line."""
    client = colour.client(
        Answer(json="line"),
        routes={
            "GET /pets/{id}": lambda request: Answer(json=request.url[-1]),
            "GET /jobs": [Answer(json=1), Answer(json=2)],
            "GET /pets": Answer(json="all"),
        },
    )
    said = [
        get(colour, client, url).json() for url in ("/pets/7", "/jobs", "/pets?limit=1", "/other", "/jobs", "/pets/8")
    ]
    assert said == ["7", 1, "all", "line", 2, "8"]
    client.transport.assert_finished()
    with pytest.raises(AssertionError, match="no more lines for GET /jobs"):
        get(colour, client, "/jobs")


def test_a_route_with_lines_left_is_told(colour: Any) -> None:
    client = colour.client(routes={"GET /jobs": [Answer(), Answer()]})
    get(colour, client, "/jobs")
    with pytest.raises(AssertionError, match=r"GET /jobs \(1 more\)"):
        client.transport.assert_finished()


def test_the_body_of_a_success_is_streamed_where_that_was_asked_for(colour: Any) -> None:
    """In the pieces that it was written in, with its length; a body left open is told."""
    client = colour.client(Answer(chunks=[b"1\n2", b"\n3\n"]))
    rows = client._lines(ROWS, {}, options={})
    assert colour.next(rows) == 1
    assert client.transport.open_bodies == 1
    with pytest.raises(AssertionError, match="1 streamed bodies were not closed"):
        client.transport.assert_finished()
    colour.run(rows.close())
    assert client.transport.open_bodies == 0


def test_a_streamed_answer_says_its_length_if_it_knows_it(colour: Any) -> None:
    client = colour.client(Answer(content=b"0123"), Answer(chunks=[b"01"]), Answer(404, content=b"no"))
    known = get(colour, client, stream=True)
    assert known.headers["Content-Length"] == "4"
    assert colour.run(known.read()) == b"0123"
    assert "Content-Length" not in get(colour, client, stream=True).headers
    assert get(colour, client, stream=True, max_retries=0).content == b"no", "errors are always read"


def test_a_body_that_is_not_streamed_has_its_troubles_inside_the_call(colour: Any) -> None:
    """So a cut is retried like any attempt."""
    client = colour.client(Answer(chunks=[b"ha", ServiceResponseError("cut")]), Answer(chunks=[b"wh", 1.0, b"ole"]))
    assert get(colour, client).content == b"whole"


def test_silence_lasts_as_long_as_a_transport_would_listen(colour: Any) -> None:
    """On the virtual clock: `read_timeout`, or what the deadline leaves."""
    client = colour.client(Answer(delay=3.0), Answer(delay=61.0), Answer(delay=61.0), Answer(chunks=[b"", 5.0, b"x"]))
    assert get(colour, client).status_code == 200
    assert client.transport.now == 3.0
    with pytest.raises(ServiceResponseTimeoutError, match=r"GET .*: nothing came within read_timeout=60 s"):
        get(colour, client, max_retries=0)
    with pytest.raises(DeadlineExceededError, match="timeout"):
        get(colour, client, timeout=10.0)
    with pytest.raises(DeadlineExceededError):
        get(colour, client, timeout=5.0)
    assert client.transport.now == 3.0 + 60.0 + 10.0 + 5.0
    assert client.transport.waits == [], "silence is no sleep"


def test_one_clock_may_serve_several_transports(colour: Any) -> None:
    clock = VirtualClock()
    one, other = colour.client(Answer(delay=2.0), clock=clock), colour.client(Answer(delay=3.0), clock=clock)
    get(colour, one)
    get(colour, other)
    assert clock.now == one.transport.monotonic() == 5.0


async def test_a_virtual_clock_is_time_for_any_code() -> None:
    """Sleeps are over at once and remembered; other time passes by itself."""
    clock = VirtualClock()
    clock.sleep(2.0)
    await clock.sleep_async(3.0)
    clock.advance(10.0)
    assert (clock.waits, clock.monotonic(), repr(clock)) == ([2.0, 3.0], 15.0, "<VirtualClock at 15 s>")


def test_an_escaped_slash_is_part_of_an_id(colour: Any) -> None:
    client = colour.client(routes={"GET /pets/{id}": Answer(json=1)})
    assert get(colour, client, "/pets/a%2Fb").json() == 1


@pytest.mark.parametrize("pattern", ["/pets", "GET", "GET pets"])
def test_a_route_is_a_method_and_a_path(colour: Any, pattern: str) -> None:
    with pytest.raises(ValueError, match=f"the route '{pattern}' is no method and path"):
        colour.client(routes={pattern: Answer()})


def test_lines_that_repeat_do_not_excuse_a_route_that_nobody_asked_for(colour: Any) -> None:
    client = colour.client(Answer(), repeat=True, routes={"GET /pets": [Answer()]})
    get(colour, client)
    with pytest.raises(AssertionError, match=r"GET /pets \(1 more\)"):
        client.transport.assert_finished()
