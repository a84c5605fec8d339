"""Real sockets with a script, and every operation of a client called over them, in both colours."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from clientsmith.core import ServiceClient, aio
from clientsmith.core.errors import ClientsmithError, HttpResponseError
from clientsmith.core.models import Model, field
from clientsmith.core.operations import EVENTS, ListOperation, Operation, path
from clientsmith.core.paging import NextLink
from clientsmith.core.testing import SURPRISE, Answer, Case, ScriptedServer, Service, errors_of, surprising


class Colour(StrEnum):
    RED = "red"


class Pet(Model):
    id: int = field("id")
    name: str = field("name")
    colour: Colour = field("colour", Colour)


class Pets(ServiceClient):
    """As a generated client takes its settings."""

    def __init__(self, endpoint: str, **options: Any) -> None:
        super().__init__(endpoint, settings=options)


class AsyncPets(aio.ServiceClient):
    def __init__(self, endpoint: str, **options: Any) -> None:
        super().__init__(endpoint, settings=options)


REX = {"id": 1, "name": "Rex", "colour": "red"}
GET = Operation[Pet]("GET", "/pets/{id}", parameters={"pet": path("id")}, responses={200: Pet}, errors={404: None})
LIST = ListOperation[Pet]("GET", "/pets", paging=NextLink(items=("items",), next=("next",), item=Pet))
WATCH = Operation[Any]("GET", "/news", responses={200: EVENTS()}, accept="text/event-stream")
SSE = {"Content-Type": "text/event-stream"}
CASES = (
    Case("get", "GET", "/pets/{id}", lambda client: client._call(GET, {"pet": "a/b"}, options={}), Answer(json=REX), errors={404: None}),
    Case(
        "list", "GET", "/pets", lambda client: client._list(LIST, {}, options={}),
        Answer(json={"items": [REX], "next": "/elsewhere"}), Answer(json={"items": [REX]}), items=2,
    ),
    Case(
        "watch", "GET", "/news", lambda client: client._events(WATCH, {}, options={}),
        Answer(chunks=[b"data: 1\n\n", b"data: 2\n\n"], headers=SSE), items=2,
    ),
)  # fmt: skip


@pytest.fixture(scope="module", params=[Pets, AsyncPets], ids=["sync", "async"])
def service(request: pytest.FixtureRequest) -> Any:
    with Service(request.param) as service:
        yield service


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operation_is_sent_and_read_to_its_end(service: Service, case: Case) -> None:
    given = service.call(case)
    assert case.is_sent_as(service.sent[0])
    assert case.items is None or len(given) == case.items


def test_documented_errors_are_raised(service: Service) -> None:
    (failure,) = errors_of(CASES)
    with pytest.raises(HttpResponseError) as raised:
        service.call(failure.case, failure.answer, retry=False)
    assert (str(failure), raised.value.status_code) == ("get-404", 404)


@pytest.mark.parametrize("case", CASES[:2], ids=str)
def test_surprises_are_put_where_the_models_were(service: Service, case: Case) -> None:
    for model in service.surprise(case):
        assert (model[SURPRISE], model["colour"], model["name"], model["id"]) == (True, SURPRISE_WORD, None, 1)


SURPRISE_WORD = surprising(Pet.from_dict(REX))["colour"]


def test_a_busy_service_is_asked_again_however_often(service: Service) -> None:
    """More often than one client has retries to spend."""
    for _ in range(120):
        service.call_while_busy(CASES[0])
    assert [sent.path for sent in service.sent] == ["/pets/a/b"] * 2


def test_a_stream_is_cut(service: Service) -> None:
    with pytest.raises(ClientsmithError):
        service.call(CASES[2], CASES[2].cut(), retry=False)


def test_the_server_tells_what_was_not_asked_for_and_what_was_beyond() -> None:
    with ScriptedServer(Answer(204)) as server:
        client = Pets(server.url, max_retries=0)
        with pytest.raises(AssertionError, match="1 lines that nobody asked for"):
            server.assert_finished()
        client._call(Operation[None]("DELETE", "/it", responses={}), {}, options={})
        server.assert_finished()
        with pytest.raises(HttpResponseError):
            client._call(Operation[None]("DELETE", "/it", responses={}), {}, options={})
        with pytest.raises(AssertionError, match="1 requests came when the script was over"):
            server.assert_finished()
        client.close()
