"""JSON lines and text sequences as clients read them."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core import Model, field
from clientsmith.core.errors import DecodeError, ResourceNotFoundError, ServiceResponseError, UsageError
from clientsmith.core.operations import EVENTS, LINES, Operation
from clientsmith.core.testing import Answer, Piece


class Row(Model):
    name: str = field("name")


ROWS = Operation[Any]("GET", "/rows", responses={200: LINES(lambda: Row)})
VALUES = Operation[Any]("GET", "/rows", responses={200: LINES()})


def lines(*pieces: Piece, kind: str = "application/x-ndjson") -> Answer:
    return Answer(chunks=pieces, headers={"Content-Type": kind})


def test_lines_come_one_by_one_as_models(colour: Any) -> None:
    """Each with its number; the request says what it wants."""
    client = colour.client(lines(b'{"name": "a"}\n{"na', b'me": "b"}\n\n', b'{"name": "c"}'))
    rows = client._lines(ROWS, {}, options={})
    assert rows.position == 0
    assert colour.next(rows).name == "a"
    assert rows.position == 1
    assert [row.name for row in colour.items(rows)] == ["b", "c"]
    assert rows.position == 4
    assert client.transport.sent[0].headers["Accept"].startswith("application/x-ndjson")


def test_a_sequence_is_known_by_its_media_type(colour: Any) -> None:
    """RFC 7464; a text may have lines in it."""
    client = colour.client(lines(b'\x1e{"name":\n"a"}\n\x1e{"name": "b"}\n', kind="application/json-seq"))
    assert [row.name for row in colour.items(client._lines(ROWS, {}, options={}))] == ["a", "b"]


def test_a_number_at_the_end_of_a_sequence_is_not_trusted(colour: Any) -> None:
    """It may be half of one."""
    client = colour.client(lines(b"\x1e1\n\x1e12", kind="application/json-seq"))
    values = client._lines(VALUES, {}, options={})
    assert colour.next(values) == 1
    with pytest.raises(DecodeError, match="line 2 cannot be read: it is cut off"):
        colour.next(values)


def test_a_bad_line_is_an_error_with_its_number_and_not_the_end(colour: Any) -> None:
    client = colour.client(lines(b'{"name": "a"}\n\n{oops\n{"name": "d"}\n'))
    rows = client._lines(ROWS, {}, options={})
    colour.next(rows)
    with pytest.raises(DecodeError, match=r"GET .*/rows answered 200 .*line 3 cannot be read: ") as caught:
        colour.next(rows)
    assert (caught.value.position, caught.value.body) == (3, b"{oops")
    assert colour.next(rows).name == "d"


def test_a_body_that_breaks_off_is_an_error(colour: Any) -> None:
    """What came before it has been given; half a line is none."""
    client = colour.client(lines(b'{"name": "a"}\n{"name": ', ServiceResponseError("the body broke off")))
    rows = client._lines(ROWS, {}, options={})
    assert colour.next(rows).name == "a"
    with pytest.raises(ServiceResponseError, match="broke off"):
        colour.next(rows)
    assert colour.items(rows) == []
    client.transport.assert_finished()


def test_a_line_without_end_is_an_error(colour: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "clientsmith.core.streaming.decoders.LineDecoder.__init__.__kwdefaults__", {"sequence": False, "limit": 100}
    )
    client = colour.client(lines(b"[1]\n", *[b"x" * 50] * 9))
    values = client._lines(VALUES, {}, options={})
    assert colour.next(values) == [1]
    with pytest.raises(DecodeError, match="line 2 cannot be read: it is longer than 100 bytes"):
        colour.next(values)
    client.transport.assert_finished()


def test_leaving_gives_the_connection_up(colour: Any) -> None:
    client = colour.client(lines(b"1\n", b"2\n"), Answer(404))
    assert colour.inside(client._lines(VALUES, {}, options={}), lambda values: values.response.status_code) == 200
    client.transport.clock.advance(1)
    with pytest.raises(ResourceNotFoundError):
        colour.inside(client._lines(VALUES, {}, options={}))
    client.transport.assert_finished()


def test_closed_lines_do_not_look_like_all_of_them(colour: Any) -> None:
    """What was read to its end is at its end still."""
    client = colour.client(lines(b"1\n2\n"), lines(b"1\n"))
    values = client._lines(VALUES, {}, options={})
    colour.next(values)
    colour.run(values.close())
    with pytest.raises(RuntimeError, match="the lines are closed; read them inside the `with` block"):
        colour.next(values)
    values = client._lines(VALUES, {}, options={})
    assert colour.items(values) == [1]
    colour.run(values.close())
    assert colour.items(values) == []


def test_an_answer_without_a_body_has_no_lines(colour: Any) -> None:
    client = colour.client(Answer(204))
    assert colour.items(client._lines(VALUES, {}, options={})) == []
    client.transport.assert_finished()


def test_whole_answers_of_the_same_operation_are_lists(colour: Any) -> None:
    client = colour.client(lines(b"1\n2"))
    assert colour.run(client._call(VALUES, {}, options={})) == [1, 2]


def test_an_operation_of_another_kind_is_told_at_once(colour: Any) -> None:
    events = Operation[Any]("GET", "/events", responses={200: EVENTS()})
    with pytest.raises(UsageError, match=r"GET /events cannot be streamed like this: declare .*LINES"):
        colour.client()._lines(events, {}, options={})
