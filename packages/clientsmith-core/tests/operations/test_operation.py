"""What is wrong with an operation or its arguments is told at once, and by name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core import ServiceClient
from clientsmith.core.errors import ArgumentError, ClientsmithError, UsageError
from clientsmith.core.models import Model, field
from clientsmith.core.operations import (
    ListOperation,
    LongRunningOperation,
    Operation,
    binary_body,
    header,
    json_body,
    path,
    query,
)
from clientsmith.core.paging import SinglePage
from clientsmith.core.polling import Polling
from clientsmith.core.serialization import UUID
from clientsmith.core.testing import Answer, ScriptedTransport

PET = {"pet_id": path("petId")}


# --- as it is declared -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Operation[None]("GET", "/pets/{id}", parameters={"pet": path("idd")}, responses={}),
            "GET /pets/{id}: no parameter fills {id}; of the path there are: path('idd')",
        ),
        (
            lambda: Operation[None]("GET", "/pets/{id}", responses={}),
            "GET /pets/{id}: no parameter fills {id}; of the path there are: none",
        ),
        (
            lambda: Operation[None]("GET", "/pets", parameters=PET, responses={}),
            "GET /pets: the parameter 'pet_id' is path('petId'), and the template has no {petId}",
        ),
        (
            lambda: Operation[None]("GET", "/pets", responses={"2XX": None}),  # type: ignore[dict-item]
            "GET /pets: responses has the key '2XX'; write the number, 200",
        ),
        (
            lambda: Operation[None]("GET", "/pets", responses={}, errors={"404": None}),
            "GET /pets: errors has the key '404'; it is a status as a number, '4XX', '5XX' or 'default'",
        ),
    ],
    ids=["misspelt", "not there", "too many", "range of successes", "number as text"],
)
def test_a_declaration_that_does_not_fit_is_refused(make: Callable[[], object], message: str) -> None:
    """When the operation is made, not when somebody calls it."""
    with pytest.raises(UsageError, match=re.escape(message)):
        make()


def test_a_range_of_statuses_is_read_in_either_case() -> None:
    """Documents have both."""
    operation = Operation[None]("GET", "/pets", responses={}, errors={"4xx": None, "default": None})
    assert set(operation._error_readers) == {"4XX", "default"}


def test_lists_and_long_operations_need_no_responses() -> None:
    """Paging and polling read their answers."""
    pets = ListOperation[int]("GET", "/pets", paging=SinglePage())
    backup = LongRunningOperation[Any]("POST", "/backups", polling=Polling())
    service = ScriptedTransport(Answer(json=[1, 2]), Answer(201, json={"id": 7}))
    client = ServiceClient("https://example.test", transport=service)
    assert list(client._list(pets, {}, options={})) == [1, 2]
    assert client._begin(backup, {}, options={}).result() == {"id": 7}


@pytest.mark.parametrize(
    ("kind", "own"),
    [(ListOperation, {"paging": SinglePage()}), (LongRunningOperation, {"polling": Polling()})],
    ids=["list", "long running"],
)
def test_a_misspelt_argument_of_an_operation_is_told(kind: Any, own: dict[str, Any]) -> None:
    """By Python itself, and by type checkers."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'response'"):
        kind("GET", "/pets", **own, response={200: None})


# --- as it is called -------------------------------------------------------------------------------------------------


FIND = Operation[None](
    "GET",
    "/pets/{petId}",
    parameters={"pet_id": path("petId", UUID), "owner_id": query("owner", UUID), "note": header("X-Note")},
    responses={204: None},
)
SOME_ID = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("arguments", "name", "message"),
    [
        ({"pet_id": 7}, "pet_id", "pet_id of GET /pets/{petId} cannot be sent: "),
        ({"pet_id": None}, "pet_id", "pet_id is None; it is part of the URL and must not be empty"),
        ({"pet_id": SOME_ID, "owner_id": 7}, "owner_id", "owner_id of GET /pets/{petId} cannot be sent: "),
        ({"pet_id": SOME_ID, "note": "a\nb"}, "X-Note", "the value of header 'X-Note' contains a line break or NUL"),
    ],
    ids=["path", "empty", "query", "header"],
)
def test_an_argument_that_cannot_be_sent_is_named(arguments: dict[str, Any], name: str, message: str) -> None:
    """As the caller's mistake, and as the error that Python has for it."""
    with pytest.raises(ArgumentError, match=re.escape(message)) as caught:
        FIND.request(arguments)
    assert caught.value.name == name
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, ClientsmithError)


def test_an_argument_that_nobody_declared_is_told() -> None:
    """With those that are."""
    message = "GET /pets/{petId} has no parameter 'b'; those declared: 'pet_id', 'owner_id', 'note'"
    with pytest.raises(UsageError, match=re.escape(message)):
        FIND.request({"pet_id": SOME_ID, "b": 1})


def test_a_body_that_nobody_declared_is_not_left_behind_in_silence() -> None:
    """The service would have got nothing."""
    message = "POST /pets was given a body, which would not be sent: declare how, as in body=json_body()"
    with pytest.raises(UsageError, match=re.escape(message)):
        Operation[None]("POST", "/pets", responses={201: None}).request({}, {"name": "Rex"})


def test_a_body_that_cannot_be_written_is_named() -> None:
    """JSON has no sets."""
    operation = Operation[None]("POST", "/pets", body=json_body(), responses={201: None})
    with pytest.raises(ArgumentError, match="body of POST /pets cannot be sent: "):
        operation.request({}, {"names": {1, 2}})


def test_a_header_of_the_call_that_cannot_be_sent_is_the_callers_mistake() -> None:
    """Not a bare ValueError."""
    client = ServiceClient("https://example.test", transport=ScriptedTransport())
    with pytest.raises(ArgumentError, match="'X A' is no name of a header field"):
        client._call(Operation[None]("GET", "/", responses={}), {}, options={"headers": {"X A": "1"}})


def test_a_file_is_sent_by_its_path(tmp_path: Path) -> None:
    """As `Upload` takes one; a string is no path here, for it is no bytes either."""
    file = tmp_path / "backup.bin"
    file.write_bytes(b"abc")
    operation = Operation[None]("PUT", "/backup", body=binary_body(), responses={204: None})
    service = ScriptedTransport(Answer(204), Answer(204))
    client = ServiceClient("https://example.test", transport=service)
    client._call(operation, {}, body=file, options={})
    client._call(operation, {}, body=b"abc", options={})
    assert [each.content for each in service.sent] == [b"abc", b"abc"]
    with pytest.raises(ArgumentError, match=re.escape("a string is no bytes; give a pathlib.Path of a file")):
        client._call(operation, {}, body=str(file), options={})


class Pet(Model):
    name: str = field("name")


def test_an_undocumented_success_without_a_body_gives_none() -> None:
    """204 where the document has 200 only."""
    operation = Operation[Pet]("GET", "/pets/7", responses={200: Pet})
    client = ServiceClient("https://example.test", transport=ScriptedTransport(Answer(204)))
    assert client._call(operation, {}, options={}) is None


@pytest.mark.parametrize(
    ("arguments", "target"),
    [({}, "/blob?comp=lease"), ({"id": "a&b"}, "/blob?comp=lease&id=a%26b")],
    ids=["alone", "with a parameter"],
)
def test_a_fixed_query_in_the_path_stays_in_front(arguments: dict[str, str], target: str) -> None:
    """Some services tell operations apart by it."""
    lease = Operation[None]("PUT", "/blob?comp=lease", parameters={"id": query("id")}, responses={})
    assert lease.request(arguments).url == target


def test_a_fragment_of_the_path_is_not_sent() -> None:
    """Some documents tell two operations of one path apart by it; it would swallow the query."""
    share = Operation[None]("PUT", "/files/{id}#share", parameters={"id": path("id"), "n": query("n")}, responses={})
    assert share.request({"id": "7", "n": "1"}).url == "/files/7?n=1"
