"""Answers and arguments that somebody made to hurt: each ends in the error that says so."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import DecodeError, HttpResponseError
from clientsmith.core.operations import JSON, Operation, path
from clientsmith.core.policies.retry import parse_retry_after
from clientsmith.core.rest import Headers, HttpRequest
from clientsmith.core.testing import Answer, ScriptedTransport

READ: Operation[Any] = Operation("GET", "/x", responses={200: JSON})
BRACKETS = b"[" * 200_000


def read(*lines: Any, **options: Any) -> ScriptedTransport:
    service = ScriptedTransport(*lines)
    client = ServiceClient("https://example.test", transport=service, settings={"headers": {"X-Team": "a"}})
    client._call(READ, {}, options=options)
    return service


def test_an_error_body_of_brackets_does_not_hide_the_status() -> None:
    """Reading it fails for lack of stack, which is not what the caller has to hear of."""
    with pytest.raises(HttpResponseError, match="answered 400 Bad Request"):
        read(Answer(400, content=BRACKETS))


def test_a_body_of_brackets_cannot_be_decoded() -> None:
    """The error quotes the body's own words, so it must not stumble over them either."""
    with pytest.raises(DecodeError, match="nested too deeply"):
        read(Answer(200, content=BRACKETS))


def test_a_transport_that_runs_out_of_script_ends_the_call() -> None:
    """A StopIteration passed for the answer None, and the call went round for ever."""
    with pytest.raises(RuntimeError, match="generator raised StopIteration"):
        read(StopIteration())


def test_a_date_beyond_time_is_no_retry_after() -> None:
    """The library below raises OverflowError, which no caller expects."""
    with pytest.raises(ValueError, match="which is no date"):
        parse_retry_after("Wed, 21 Oct 99999999999 07:28:00 GMT")


@pytest.mark.parametrize("headers", [{}, None], ids=["empty", "None"])
def test_no_headers_in_a_call_leave_those_of_the_client(headers: dict[str, str] | None) -> None:
    """Nothing to add is not something to take away."""
    assert read(Answer(200, json=1), headers=headers).requests[0].headers["X-Team"] == "a"


@pytest.mark.parametrize("name", ["A\r\nEvil", "A b", "A:", "", "Ä"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    """A line break in it would add a field of somebody else's making."""
    with pytest.raises(ValueError, match="is no name of a header field"):
        Headers({name: "1"})


def test_a_value_that_is_no_string_is_told_by_its_name() -> None:
    """Not by what the library below makes of it."""
    with pytest.raises(TypeError, match="the value of header 'X-Count' is a int; header fields are strings"):
        Headers({"X-Count": 1})  # type: ignore[dict-item]  # the mistake under test


def test_params_and_forms_are_spelt_as_operations_spell_them() -> None:
    """None is left out, booleans are JSON's."""
    fields = {"a": True, "b": None, "c": [1, None]}
    assert HttpRequest("GET", "/x", params=fields).url == "/x?a=true&c=1"
    assert HttpRequest("POST", "/x", form=fields).content == b"a=true&c=1"


@pytest.mark.parametrize(("value", "url"), [([".."], "/x/%2E%2E"), (["a", "b"], "/x/a,b")], ids=["dots", "list"])
def test_a_list_in_the_path_addresses_what_it_says(value: list[str], url: str) -> None:
    """Dot segments in a list of one would be resolved away like any other."""
    assert (
        Operation("GET", "/x/{p}", parameters={"p": path("p")}, responses={200: None}).request({"p": value}).url == url
    )


def test_an_empty_list_in_the_path_is_refused() -> None:
    """It would address the collection."""
    operation: Operation[None] = Operation("DELETE", "/x/{p}", parameters={"p": path("p")}, responses={200: None})
    with pytest.raises(ValueError, match="give it at least one value"):
        operation.request({"p": []})
