"""OpenStack's bare metal service, live: microversions negotiated in every way, and operations that take their time.

The client is made from a small document that was written for this (`specs/openstack-ironic-small.yaml`) and from
`ironic.toml`, which says how its long running operations are watched. The hardware is fake: it does nothing, in a second.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core.errors import HttpResponseError, OperationFailedError, ResourceExistsError
from clientsmith.core.openstack import fetch_endpoint
from clientsmith.core.openstack.aio import fetch_endpoint as fetch_endpoint_async
from clientsmith.core.operations import Operation
from clientsmith.core.rest import HttpRequest
from clientsmith.core.versioning import (
    ApiVersionRefusedError,
    FeatureNotSupportedError,
    MalformedVersionError,
    UnsupportedApiVersionError,
)
from clientsmith.core.versioning.schemes import microversion

from .conftest import HERE, Colour, Generate, Package, document

pytestmark = pytest.mark.xdist_group("ironic")  # one server for all of them

# What a client understands whose service is older.
NEWER = microversion("baremetal", "1.999", "1.1", older_headers=["X-OpenStack-Ironic-API-Version"])


@pytest.fixture(scope="session")
def package(generate: Generate) -> Package:
    spec, decided = document("openstack-ironic-small.yaml"), (HERE / "ironic.toml").read_text()
    return generate(spec, "ironic_client", "IronicClient", configuration=decided)


@pytest.fixture
async def client(colour: Colour, package: Package, ironic: str) -> AsyncIterator[Any]:
    async with colour.client(package, ironic, None) as client:
        yield client


@pytest.fixture
async def node(colour: Colour, client: Any) -> AsyncIterator[Any]:
    """A node that no other test knows."""
    made = await colour.done(client.create_node({"name": f"node-{uuid4()}", "driver": "fake-hardware"}))
    yield made
    await colour.done(client.delete_node(made.uuid))


def executed(headers: Any) -> str:
    """Return the version that the service says that an answer is in."""
    return str(headers["X-OpenStack-Ironic-API-Version"])


# --- versions --------------------------------------------------------------------------------------------------------


async def test_the_newest_version_of_both_is_spoken(colour: Colour, package: Package, ironic: str) -> None:
    """Asked for once, before the first call, and then said with every request."""
    asked: list[str] = []
    versions: list[str] = []
    async with colour.client(package, ironic, None, transport=colour.counting(asked)) as client:
        for _ in range(2):
            await colour.all(client.list_drivers(response_hook=lambda _, headers: versions.append(executed(headers))))
    assert asked == ["GET /", "GET /v1/drivers", "GET /v1/drivers"]
    assert versions == ["1.115", "1.115"]


async def test_a_newer_client_speaks_as_its_service_does(colour: Colour, ironic: str) -> None:
    """And says which version an operation would need that the service has not, before it is sent."""
    asked: list[str] = []
    coming = Operation("GET", "/v1/coming", responses={200: None}, since="1.900")
    async with colour.service(ironic, api_version=NEWER, transport=colour.counting(asked)) as client:
        answer = await colour.done(client.send_request(HttpRequest("GET", "/v1/drivers")))
        with pytest.raises(
            FeatureNotSupportedError, match=r"GET /v1/coming needs API version 1\.900 or later"
        ) as caught:
            await colour.done(client._call(coming, {}, options={}))
    assert executed(answer.headers) == "1.115"
    assert asked == ["GET /", "GET /v1/drivers"]
    assert (caught.value.needs, caught.value.have) == ("1.900 or later", "1.115")


async def test_a_pinned_version_is_spoken_as_it_is(colour: Colour, package: Package, ironic: str) -> None:
    """An operation of a later one fails before it is sent."""
    asked: list[str] = []
    versions: list[str] = []
    transport = colour.counting(asked)
    async with colour.client(package, ironic, None, api_version="1.36", transport=transport) as client:
        await colour.all(client.list_drivers(response_hook=lambda _, headers: versions.append(executed(headers))))
        with pytest.raises(FeatureNotSupportedError) as caught:
            await colour.done(client.add_node_trait("any", "CUSTOM_A"))
    assert versions == ["1.36"]
    assert asked == ["GET /", "GET /v1/drivers"]
    assert "PUT /v1/nodes/{node_ident}/traits/{trait} needs API version 1.37 or later" in str(caught.value)
    assert "pinned with api_version" in str(caught.value)


async def test_a_pinned_version_that_the_service_has_not_is_told_before_the_request(
    colour: Colour, package: Package, ironic: str
) -> None:
    """Both ranges are named."""
    asked: list[str] = []
    transport = colour.counting(asked)
    async with colour.client(package, ironic, None, api_version="1.999", transport=transport) as client:
        with pytest.raises(UnsupportedApiVersionError, match=r"1\.999") as caught:
            await colour.all(client.list_drivers())
    assert asked == ["GET /"]
    assert "1.1 to 1.115" in str(caught.value)


def test_what_is_no_version_is_told_by_the_constructor(package: Package, ironic: str) -> None:
    """``latest`` too: what it means changes with every release of the service."""
    for wrong in ("bad", "latest", "1", "1.80.1"):
        with pytest.raises(MalformedVersionError, match=f"{wrong!r} is no version of this API"):
            package.sync.IronicClient(ironic, None, api_version=wrong)


async def test_a_refusal_teaches_where_nothing_was_asked(colour: Colour, ironic: str) -> None:
    """The version document is behind something that hides it: the 406 names the range in header fields."""
    asked: list[str] = []
    versions: list[str] = []
    scheme = NEWER.replaced(discovery=None)
    async with colour.service(ironic, api_version=scheme, transport=colour.counting(asked)) as client:
        for _ in range(2):
            answer = await colour.done(client.send_request(HttpRequest("GET", "/v1/drivers")))
            versions.append(executed(answer.headers))
    assert versions == ["1.115", "1.115"]
    assert asked == ["GET /v1/drivers"] * 3  # refused, in a version that it has, and so from then on


async def test_a_pinned_version_that_is_refused_is_not_replaced(colour: Colour, ironic: str) -> None:
    """R7: what a caller chose is his."""
    scheme = NEWER.replaced(discovery=None).at("1.900")
    async with colour.service(ironic, api_version=scheme) as client:
        with pytest.raises(ApiVersionRefusedError, match=r"does not take API version 1\.900, it speaks 1\.1 to 1\.115"):
            await colour.done(client.send_request(HttpRequest("GET", "/v1/drivers")))


@pytest.mark.parametrize(
    ("field", "value", "executes"),
    [
        ("OpenStack-API-Version", "compute 2.95", "1.1"),
        ("OpenStack-API-Version", "baremetal 1.80", "1.80"),
        ("X-OpenStack-Ironic-API-Version", "1.80", "1.80"),
        ("X-Unrelated", "1.80", "1.1"),
    ],
    ids=["of another service", "the common field", "its own field", "none"],
)
async def test_what_the_service_makes_of_header_fields(
    colour: Colour, ironic: str, field: str, value: str, executes: str
) -> None:
    """That of another service is ignored, and no version is the oldest one."""
    async with colour.service(ironic) as client:
        answer = await colour.done(client.send_request(HttpRequest("GET", "/v1/drivers", headers={field: value})))
    assert executed(answer.headers) == executes


@pytest.mark.parametrize(
    ("value", "said"),
    [("baremetal bad", "Invalid value for X-OpenStack-Ironic-API-Version header"), ("baremetal 2.1", "[1.1, 1.115]")],
    ids=["malformed: 406 without a range", "another major version"],
)
async def test_a_version_of_the_callers_own_is_refused_in_the_services_words(
    colour: Colour, package: Package, ironic: str, value: str, said: str
) -> None:
    """Its words are JSON in a text in JSON."""
    async with colour.client(package, ironic, None, headers={"OpenStack-API-Version": value}) as client:
        with pytest.raises(HttpResponseError) as caught:
            await colour.all(client.list_drivers())
    assert caught.value.status_code == 406
    assert said in str(caught.value)


async def test_its_version_document_says_where_a_version_is(colour: Colour, ironic: str) -> None:
    fetch = fetch_endpoint_async if colour.is_async else fetch_endpoint
    assert await colour.done(fetch(ironic, 1)) == f"{ironic}/v1"


# --- what it does ----------------------------------------------------------------------------------------------------


@pytest.mark.takes_long
async def test_a_node_is_switched_on(colour: Colour, client: Any, node: Any) -> None:
    """202, a place to look, and the end of what is aimed at: a long running operation."""
    assert (node.power_state, node.provision_state) == (None, "enroll")
    poller = await colour.done(client.begin_set_node_power(node.uuid, {"target": "power on"}, polling_interval=0.1))
    await colour.done(poller.poll())
    assert (poller.status(), poller.done()) == ("power on", False)  # not yet: this is what it is becoming
    states = await colour.done(poller.result(timeout=20))
    assert (states.power_state, states.target_power_state) == ("power on", None)


@pytest.mark.takes_long
async def test_what_fails_later_is_told_with_the_reason(colour: Colour, client: Any, node: Any) -> None:
    poller = await colour.done(client.begin_set_node_provision(node.uuid, {"target": "manage"}, polling_interval=0.1))
    await colour.done(poller.result(timeout=20))
    steps = [{"interface": "deploy", "step": "nonesuch"}]
    poller = await colour.done(
        client.begin_set_node_provision(node.uuid, {"target": "clean", "clean_steps": steps}, polling_interval=0.1)
    )
    with pytest.raises(OperationFailedError, match="the operation ended as 'clean failed'") as caught:
        await colour.done(poller.result(timeout=20))
    assert caught.value.status == "clean failed"
    assert "node does not support this clean step" in caught.value.error.last_error
    poller = await colour.done(client.begin_set_node_provision(node.uuid, {"target": "manage"}, polling_interval=0.1))
    assert (await colour.done(poller.result(timeout=20))).provision_state == "manageable"  # led out of it again


@pytest.mark.takes_long
async def test_watching_goes_on_in_another_process(colour: Colour, package: Package, ironic: str, node: Any) -> None:
    """From a token, with a client that negotiates anew."""
    target = {"target": "manage"}
    async with colour.client(package, ironic, None) as begun:
        token = (await colour.done(begun.begin_set_node_provision(node.uuid, target))).continuation_token()
    async with colour.client(package, ironic, None) as later:
        poller = await colour.done(
            later.begin_set_node_provision(node.uuid, target, continuation_token=token, polling_interval=0.1)
        )
        assert (await colour.done(poller.result(timeout=20))).provision_state == "manageable"


async def test_nodes_are_listed_page_by_page(colour: Colour, client: Any) -> None:
    """Its next links are absolute addresses."""
    names = sorted(f"listed-{uuid4()}" for _ in range(3))
    for name in names:
        await colour.done(client.create_node({"name": name, "driver": "fake-hardware"}))
    listed = await colour.all(client.list_nodes(results_per_page=1, fields=["uuid", "name"]))
    assert set(names) <= {one.name for one in listed}
    for name in names:
        await colour.done(client.delete_node(name))


async def test_traits_are_of_a_version_that_both_have(colour: Colour, client: Any, node: Any) -> None:
    await colour.done(client.add_node_trait(node.uuid, "CUSTOM_GOLD"))
    assert await colour.all(client.list_node_traits(node.uuid)) == ["CUSTOM_GOLD"]


async def test_what_is_refused_is_told_in_the_services_words(colour: Colour, client: Any, node: Any) -> None:
    with pytest.raises(ResourceExistsError, match=f"A node with name {node.name} already exists"):
        await colour.done(client.create_node({"name": node.name, "driver": "fake-hardware"}))
    with pytest.raises(HttpResponseError, match="No valid host was found"):
        await colour.done(client.create_node({"driver": "nonesuch"}))
