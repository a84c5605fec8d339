"""What AutoRest's test server taught, each lesson in its smallest case, without that server."""

from __future__ import annotations

import datetime
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import HttpResponseError, OperationFailedError
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("clientsmith_generator_tests_driving", HERE.parent / "driving.py")
assert _SPEC is not None
assert _SPEC.loader is not None
DRIVING: Any = sys.modules.setdefault(_SPEC.name, importlib.util.module_from_spec(_SPEC))
if not hasattr(DRIVING, "Generated"):
    _SPEC.loader.exec_module(DRIVING)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    package = DRIVING.Generated(HERE / "lessons.yaml", tmp_path_factory.mktemp("lessons"), "behaviour_lessons")
    yield package
    package.forget()


class Service:
    """A client of one colour over a script of answers."""

    def __init__(self, generated: Any, colour: str) -> None:
        self._generated, self._colour = generated, colour
        self.transport: Any = None

    def answering(self, *answers: Answer) -> Any:
        kind = ScriptedTransport if self._colour == "sync" else AsyncScriptedTransport
        self.transport = kind(*answers)
        return self._generated.client(self._colour, "https://lessons.example", transport=self.transport)

    @property
    def targets(self) -> list[str]:
        return [request.url.removeprefix("https://lessons.example") for request in self.transport.requests]

    @property
    def asked(self) -> list[str]:
        """The targets without the client's version."""
        return [target.removesuffix("?api-version=1.0.0").removesuffix("&api-version=1.0.0") for target in self.targets]

    @property
    def request(self) -> Any:
        return self.transport.requests[-1]


@pytest.fixture(params=["sync", "async"])
def service(request: pytest.FixtureRequest, generated: Any) -> Service:
    return Service(generated, request.param)


async def test_a_body_is_written_in_the_spelling_of_its_shape(service: Service) -> None:
    await service.answering(Answer(200)).call(
        "putDates", [datetime.datetime(2000, 12, 1, 0, 0, 1, tzinfo=datetime.UTC)]
    )
    assert service.request.content == b'["Fri, 01 Dec 2000 00:00:01 GMT"]'


async def test_bytes_are_sent_as_they_are_where_the_type_is_one_of_bytes(service: Service) -> None:
    client = service.answering(Answer(json="pdf"))
    assert await client.call("analyzeDocument", b"PDF", content_type="application/pdf") == "pdf"
    assert (service.request.headers["Content-Type"], service.request.content) == ("application/pdf", b"PDF")


async def test_a_file_is_sent_as_it_is_whatever_it_is_called(service: Service) -> None:
    await service.answering(Answer(200)).call("uploadAttachment", b'{"more": "cowbell"}')
    assert service.request.content == b'{"more": "cowbell"}'


async def test_nobody_has_to_give_what_can_have_one_value_only(service: Service) -> None:
    await service.answering(Answer(200)).call("putConstants")
    assert (service.asked, service.request.headers["flag"]) == (["/constants/here?comp=list"], "true")


async def test_nobody_has_to_give_it_in_a_body_either(service: Service, generated: Any) -> None:
    client = service.answering(Answer(200), Answer(200))
    await client.call("putProduct", generated.models.Product(name="a"))
    assert json.loads(service.request.content) == {"kind": "product", "name": "a"}
    await client.call("createToken", service="s")
    assert service.request.content == b"grant_type=access_token&service=s"


async def test_an_id_of_several_steps_stays_readable_and_where_it_is(service: Service) -> None:
    client = service.answering(Answer(json="a"), Answer(json="b"))
    await client.call("getLock", "subscriptions/1/groups/a b")
    await client.call("getLock", "a/../../b?c#d")
    assert service.asked == ["/scopes/subscriptions/1/groups/a%20b/locks", "/scopes/a/%2E%2E/%2E%2E/b%3Fc%23d/locks"]


async def test_what_the_path_says_is_not_said_twice(service: Service) -> None:
    await service.answering(Answer(json="acl")).call("getAcl")
    assert service.asked == ["/container?restype=container&comp=acl"]


async def test_a_version_that_one_operation_has_for_itself_is_its_argument(service: Service) -> None:
    """The others would be refused with a parameter that they do not know; the shared one is the client's."""
    await service.answering(Answer(json="thing")).call("getThing", "t", **{one_argument(service, "getThing"): "1.6"})
    assert service.targets == ["/tenants/t/things?apiVersion=1.6&api-version=1.0.0"]


def one_argument(service: Service, operation: str) -> str:
    [name] = service._generated.methods[operation].keyword
    return str(name)


async def test_the_next_page_is_asked_for_in_the_clients_version(service: Service) -> None:
    client = service.answering(
        Answer(json={"value": [{"id": "a"}], "nextLink": "https://lessons.example/resources?Api-Version=9&skip=1"}),
        Answer(json={"value": [{"id": "b"}]}),
    )
    assert [one.id for one in await client.call("listResources")] == ["a", "b"]
    assert service.targets == ["/resources?api-version=1.0.0", "/resources?api-version=1.0.0&skip=1"]


def state(word: str) -> dict[str, Any]:
    return {"id": "r", "properties": {"provisioningState": word}}


async def test_a_resource_tells_how_far_it_is(service: Service) -> None:
    client = service.answering(Answer(201, json=state("Creating")), *map(in_state, ("Updating", "Succeeded")))
    made = await client.call("createResource", "r", {})
    assert made.properties.provisioning_state == "Succeeded"
    assert service.targets == ["/resources/r?api-version=1.0.0"] * 3


def in_state(word: str) -> Answer:
    return Answer(json=state(word))


async def test_a_resource_that_could_not_be_made_is_an_error(service: Service) -> None:
    client = service.answering(Answer(201, json=state("Creating")), in_state("Failed"))
    with pytest.raises(OperationFailedError):
        await client.call("createResource", "r", {})


async def test_an_error_that_is_no_model_is_an_error_all_the_same(service: Service) -> None:
    """300 Multiple Choices with a list of them, where the document has an object."""
    with pytest.raises(HttpResponseError) as caught:
        await service.answering(Answer(400, json=["a", "b"])).call("getLock", "x")
    assert caught.value.error is None


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        pytest.param(Answer(json={"a": 1}), {"a": 1}, id="json"),
        pytest.param(Answer(content=b"<pre>", headers={"Content-Type": "text/html"}), "<pre>", id="a page"),
        pytest.param(Answer(200), None, id="nothing"),
    ],
)
async def test_what_no_document_describes_is_read_as_what_it_says_it_is(
    service: Service, answer: Answer, read: object
) -> None:
    assert await service.answering(answer).call("readLogs") == read
