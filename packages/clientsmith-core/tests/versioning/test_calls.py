"""Versions in lists, long-running operations, operations of some versions, child clients and clients put together."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core import ServiceClient
from clientsmith.core.client import default_policies
from clientsmith.core.operations import ListOperation, LongRunningOperation, Operation, path
from clientsmith.core.paging import NextLink
from clientsmith.core.polling import Polling
from clientsmith.core.testing import Answer, ScriptedTransport
from clientsmith.core.versioning import FeatureNotSupportedError, Negotiator, VersionFormat, negotiation_of
from clientsmith.core.versioning.schemes import fixed_header, fixed_query, microversion, path_prefix

DEPOT = microversion("depot", "1.30", "1.1")
GET: Operation[Any] = Operation("GET", "/jobs/{id}", parameters={"id": path("id")}, responses={200: None})
LIST: ListOperation[Any] = ListOperation("GET", "/jobs", responses={200: None}, paging=NextLink(items=("value",)))


def offers(newest: str = "1.30") -> Answer:
    return Answer(json={"versions": [{"id": "v1", "status": "CURRENT", "min_version": "1.1", "max_version": newest}]})


# --- lists and long-running operations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "link", "asked"),
    [
        (fixed_query("v", "2"), "/jobs?v=1&page=2", "https://example.test/jobs?v=2&page=2"),
        (fixed_query("v", "2"), "https://example.test/jobs?page=2", "https://example.test/jobs?page=2&v=2"),
        (path_prefix("v2"), "https://example.test/v2/jobs?page=2", "https://example.test/v2/jobs?page=2"),
        (path_prefix("v2"), "https://example.test/v1/jobs?page=2", "https://example.test/v2/jobs?page=2"),
        (fixed_query("v", "2"), "https://files.test/jobs?v=1", "https://files.test/jobs?v=1"),
    ],
)
def test_the_next_page_is_asked_for_in_our_version(scheme: Any, link: str, asked: str, colour: Any) -> None:
    """Whatever the service wrote into its link, if it is its own."""
    transport = colour.client(Answer(json={"value": [1], "nextLink": link}), Answer(json={"value": [2]})).transport
    client = colour.over(transport, api_version=scheme)
    assert colour.items(client._list(LIST, {}, options={})) == [1, 2]
    assert transport.sent[1].url == asked


def test_the_version_may_change_between_pages_and_nobody_asks_twice(colour: Any) -> None:
    """Discovery belongs to the first page."""
    first = Answer(json={"value": [1], "nextLink": "/jobs?page=2"}, headers={"OpenStack-API-Version": "depot 1.4"})
    second = Answer(json={"value": [2]}, headers={"OpenStack-API-Version": "depot 1.4"})
    transport = colour.client(offers("1.4"), first, second).transport
    client = colour.over(transport, api_version=DEPOT)
    assert colour.items(client._list(LIST, {}, options={})) == [1, 2]
    assert [sent.headers.get("OpenStack-API-Version") for sent in transport.sent] == [None, "depot 1.4", "depot 1.4"]


BEGIN: LongRunningOperation[Any] = LongRunningOperation(
    "POST", "/jobs", responses={202: None}, polling=Polling(), since="1.5"
)
NEW: Operation[Any] = Operation("GET", "/racks", responses={200: None}, since="1.5", until="1.20")
NEW_LIST: ListOperation[Any] = ListOperation(
    "GET", "/racks", responses={200: None}, paging=NextLink(items=("value",)), since="1.5"
)


def test_polls_say_the_version(colour: Any) -> None:
    """And an operation that the service has is begun."""
    version = {"OpenStack-API-Version": "depot 1.30"}
    transport = colour.client(
        offers(), Answer(202, json={"status": "Running"}, headers={"Operation-Location": "/operations/1", **version}),
        Answer(json={"status": "Succeeded"}, headers=version), repeat=False,
    ).transport  # fmt: skip
    client = colour.over(transport, api_version=DEPOT)
    poller = colour.run(client._begin(BEGIN, {}, options={}))
    colour.run(poller.result())
    assert {sent.headers.get("OpenStack-API-Version") for sent in transport.sent[1:]} == {"depot 1.30"}


# --- since and until -------------------------------------------------------------------------------------------------

NEEDS = (
    r"^{} needs API version {}, and this client speaks {} with the service \(the service offers 1\.1 to {}, "
    r"this client understands 1\.1 to 1\.30\); nothing was sent$"
)


@pytest.mark.parametrize(
    ("method", "operation", "newest", "words"),
    [
        ("_call", NEW, "1.4", NEEDS.format("GET /racks", r"1\.5 to 1\.20", r"1\.4", r"1\.4")),
        ("_call", NEW, "1.30", NEEDS.format("GET /racks", r"1\.5 to 1\.20", r"1\.30", r"1\.30")),
        ("_list", NEW_LIST, "1.4", NEEDS.format("GET /racks", r"1\.5 or later", r"1\.4", r"1\.4")),
        ("_begin", BEGIN, "1.4", NEEDS.format("POST /jobs", r"1\.5 or later", r"1\.4", r"1\.4")),
    ],
    ids=["too new", "too old", "a list", "a long-running one"],
)
def test_an_operation_that_the_version_does_not_have(
    method: str, operation: Any, newest: str, words: str, colour: Any
) -> None:
    """No request but the one for the document (R10)."""
    transport = colour.client(offers(newest)).transport
    client = colour.over(transport, api_version=DEPOT)
    calls = {
        "_list": lambda: colour.items(client._list(operation, {}, options={})),
        "_begin": lambda: colour.run(client._begin(operation, {}, options={})),
        "_call": lambda: colour.run(client._call(operation, {}, options={})),
    }
    with pytest.raises(FeatureNotSupportedError, match=words) as caught:
        calls[method]()
    assert [sent.path for sent in transport.sent] == ["/"]
    assert caught.value.operation == f"{operation.method} {operation.path}"


def test_a_pinned_version_has_an_operation_or_not(colour: Any) -> None:
    """Nothing at all is sent where nothing has to be asked."""
    scheme = fixed_header("V", "1.30", format=VersionFormat.MAJOR_MINOR)
    old, new = (colour.over(colour.client(Answer()).transport, api_version=scheme.at(text)) for text in ("1.4", "1.5"))
    with pytest.raises(
        FeatureNotSupportedError, match=r"speaks 1\.4 with the service \(it was pinned with api_version\); nothing"
    ):
        colour.run(old._call(NEW, {}, options={}))
    assert old.transport.requests == []
    colour.run(new._call(NEW, {}, options={}))


def test_one_operation_serves_clients_of_several_formats(colour: Any) -> None:
    """What its ends mean is each client's; where versions are only equal or not, nothing speaks against it."""
    for format, text in (
        (VersionFormat.MAJOR_MINOR, "1.5"),
        (VersionFormat.NAMED, "v1.9"),
        (VersionFormat.OPAQUE, "1.10"),
    ):
        scheme = fixed_header("V", text, format=format)
        client = colour.over(colour.client(Answer()).transport, api_version=scheme)
        colour.run(client._call(NEW, {}, options={}))
        assert len(client.transport.requests) == 1


def test_a_service_without_versions_has_no_newer_operation(colour: Any) -> None:
    """It says none, so it has none of the operations that came with one."""
    document = Answer(json={"versions": [{"id": "v1", "status": "CURRENT"}]})
    client = colour.over(colour.client(document).transport, api_version=DEPOT)
    with pytest.raises(
        FeatureNotSupportedError, match=r"needs API version 1\.5 to 1\.20, and this client speaks no version with"
    ):
        colour.run(client._call(NEW, {}, options={}))


def test_a_client_without_a_scheme_calls_what_it_has(colour: Any) -> None:
    """It knows of no version, so nothing speaks against it."""
    client = colour.client(Answer())
    colour.run(client._call(NEW, {}, options={}))
    assert len(client.transport.requests) == 1


def test_a_refusal_that_leads_to_a_version_without_the_operation(colour: Any) -> None:
    """It is checked again before it is sent again."""
    refusal = Answer(406, json={"min_version": "1.1", "max_version": "1.4"})
    transport = colour.client(offers("1.10"), refusal).transport
    client = colour.over(transport, api_version=DEPOT)
    with pytest.raises(FeatureNotSupportedError, match=r"speaks 1\.4"):
        colour.run(client._call(NEW, {}, options={}))


# --- clients put together otherwise --------------------------------------------------------------------------------------


class JobsClient(ServiceClient):
    """As the generator makes them."""

    def get_job(self, id: str) -> Any:
        return self._call(GET, {"id": id}, options={})


def test_a_child_speaks_with_its_parent() -> None:
    """One negotiation for both: the document is asked for once."""
    service = ScriptedTransport(offers("1.4"), *[Answer(headers={"OpenStack-API-Version": "depot 1.4"})] * 2)
    parent = JobsClient("https://api.test", transport=service, api_version=DEPOT)
    child = parent._child(JobsClient, project="p1")
    child.get_job("1")
    parent.get_job("2")
    assert negotiation_of(child) is negotiation_of(parent)
    assert [sent.path for sent in service.sent] == ["/", "/jobs/1", "/jobs/2"]


def test_policies_of_ones_own(scripted: Any) -> None:
    """The policy among them speaks, and can be asked."""
    negotiator = Negotiator(fixed_header("X-Version", "7"), "https://api.test")
    service = scripted(Answer(), policies=default_policies("mine/1.0", "https://api.test", negotiator=negotiator))
    service.send("GET", "/a")
    assert service.requests[0].headers["X-Version"] == "7"
    assert negotiation_of(service.client) is negotiator


@pytest.mark.parametrize(
    ("scheme", "asked"),
    [(path_prefix("v2"), ["/v2/a"]), (DEPOT, ["/", "/a"])],
    ids=["a version in the path", "a document to ask for"],
)
def test_a_negotiator_without_an_endpoint_has_its_clients(scheme: Any, asked: list[str], scripted: Any) -> None:
    """What stands below it and where its document is would not be known otherwise, and no version be said."""
    negotiator = Negotiator(scheme)
    own = default_policies("mine/1.0", "https://api.test", negotiator=negotiator)
    service = scripted(*[offers("1.4"), Answer()][-len(asked) :], policies=own)
    service.send("GET", "/a")
    assert [sent.path for sent in service.service.sent] == asked
    assert negotiator.endpoint == "https://api.test"


def test_policies_without_one_say_and_hear_nothing(scripted: Any, recwarn: pytest.WarningsRecorder) -> None:
    """Who takes them apart has his reasons."""
    service = scripted(Answer(headers={"Deprecation": "true"}), policies=[])
    service.send("GET", "/a")
    assert list(recwarn) == []
    assert negotiation_of(service.client) is None
