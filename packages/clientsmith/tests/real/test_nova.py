"""OpenStack's compute service, live: signed in at keystone, found in the catalog, and a hundred microversions.

The client is made from a small document that was written for this (`specs/openstack-nova-small.yaml`). Nothing here runs
a machine: flavors and groups are all that there is without a hypervisor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core.errors import HttpResponseError, ResourceNotFoundError
from clientsmith.core.openstack import KeystonePasswordCredential, fetch_catalog, fetch_endpoint
from clientsmith.core.openstack.aio import fetch_endpoint as fetch_endpoint_async
from clientsmith.core.rest import HttpRequest
from clientsmith.core.versioning import (
    ApiLifecycleNotice,
    ApiLifecycleWarning,
    ApiVersionError,
    ApiVersionRefusedError,
    FeatureNotSupportedError,
    UnsupportedApiVersionError,
    negotiation_of,
)
from clientsmith.core.versioning.schemes import microversion

from .conftest import HERE, X_AUTH_TOKEN, Colour, Generate, Package, administrator, document

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("keystone")]


@pytest.fixture(scope="session")
def package(generate: Generate) -> Package:
    spec, decided = document("openstack-nova-small.yaml"), (HERE / "nova.toml").read_text()
    return generate(spec, "nova_client", "NovaClient", configuration=decided)


@pytest.fixture(scope="session")
def admin(keystone: str) -> KeystonePasswordCredential:
    return administrator(keystone)


@pytest.fixture(scope="session")
def endpoint(nova: str, admin: KeystonePasswordCredential) -> str:
    """Where the catalog says that it is."""
    found = fetch_catalog(admin).endpoint("compute")
    assert found == nova
    return found


@pytest.fixture
async def client(
    colour: Colour, package: Package, endpoint: str, admin: KeystonePasswordCredential
) -> AsyncIterator[Any]:
    async with colour.client(package, endpoint, admin) as client:
        yield client


def flavor(**more: Any) -> dict[str, Any]:
    return {"flavor": {"name": f"small-{uuid4()}", "ram": 512, "vcpus": 1, "disk": 1, **more}}


def executed(headers: Any) -> str:
    return str(headers["OpenStack-API-Version"])


# --- versions --------------------------------------------------------------------------------------------------------


async def test_the_newest_version_of_both_is_spoken(
    colour: Colour, package: Package, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    """The version document of the endpoint says 2.1 to 2.104; that of the service has a 2.0 without microversions too."""
    asked: list[str] = []
    headers: list[Any] = []
    async with colour.client(package, endpoint, admin, transport=colour.counting(asked)) as client:
        await colour.done(client.get_limits(response_hook=lambda _, got: headers.append(got)))
    assert executed(headers[0]) == "compute 2.104"
    assert asked[-2:] == ["GET /v2.1/", "GET /v2.1/limits"]


@pytest.mark.parametrize(
    ("version", "has"),
    [("2.1", ()), ("2.55", ("description",)), ("2.61", ("description", "extra_specs"))],
)
async def test_what_an_answer_has_depends_on_the_version(
    colour: Colour,
    package: Package,
    endpoint: str,
    admin: KeystonePasswordCredential,
    version: str,
    has: tuple[str, ...],
) -> None:
    """Any step may add, change or take away: that is why none is taken that the caller did not choose."""
    async with colour.client(package, endpoint, admin, api_version=version) as client:
        made = (await colour.done(client.create_flavor(flavor()))).flavor
        assert {name for name in ("description", "extra_specs") if name in made} == set(has)
        await colour.done(client.delete_flavor(made.id))


async def test_operations_begin_and_end_with_a_version(
    colour: Colour, package: Package, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    """Before its first and after its last version an operation fails before it is sent."""
    asked: list[str] = []
    transport = colour.counting(asked)
    async with colour.client(package, endpoint, admin, api_version="2.54", transport=transport) as client:
        with pytest.raises(
            FeatureNotSupportedError, match=r"PUT /flavors/\{flavor_id\} needs API version 2\.55 or later"
        ):
            await colour.done(client.update_flavor("1", {"flavor": {"description": "x"}}))
        with pytest.raises(FeatureNotSupportedError, match=r"search needs API version 2\.52 or earlier"):
            await colour.done(client.search_hypervisors("h"))
    assert not [line for line in asked if "flavors" in line or "hypervisors" in line]
    async with colour.client(package, endpoint, admin, api_version="2.52") as older:
        with pytest.raises(ResourceNotFoundError, match="No hypervisor matching 'h' could be found"):
            await colour.done(older.search_hypervisors("h"))


async def test_a_pinned_version_that_the_service_has_not_is_told_before_the_request(
    colour: Colour, package: Package, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    async with colour.client(package, endpoint, admin, api_version="2.999") as client:
        with pytest.raises(UnsupportedApiVersionError, match=r"2\.999") as caught:
            await colour.done(client.get_limits())
    assert "2.1 to 2.104" in str(caught.value)


async def test_a_refusal_in_words_teaches_the_range(
    colour: Colour, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    """406 has the range in its words alone, and repeats the refused version in the field of the executed one."""
    asked: list[str] = []
    scheme = microversion("compute", "2.999", "2.1").replaced(discovery=None)
    options = {"credential": admin, "authentication": X_AUTH_TOKEN}
    async with colour.service(endpoint, api_version=scheme, transport=colour.counting(asked), **options) as newer:
        answers = [await colour.done(newer.send_request(HttpRequest("GET", "/limits"))) for _ in range(2)]
    assert [(answer.status_code, executed(answer.headers)) for answer in answers] == [(200, "compute 2.104")] * 2
    assert [line for line in asked if "limits" in line] == ["GET /v2.1/limits"] * 3
    async with colour.service(endpoint, api_version=scheme.at("2.105"), **options) as pinned:
        with pytest.raises(ApiVersionRefusedError, match=r"does not take API version 2\.105, it speaks 2\.1 to 2\.104"):
            await colour.done(pinned.send_request(HttpRequest("GET", "/limits")))


async def test_a_client_between_both_ends_is_not_led_to_one_of_them(
    colour: Colour, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    """What the words of a refusal name is a range and no list: 2.90 lies in it, and is spoken after as before."""
    scheme = microversion("compute", "2.90", "2.1").replaced(discovery=None)
    too_new = {"OpenStack-API-Version": "compute 2.105"}  # a caller's own; its refusal teaches as well
    async with colour.service(endpoint, api_version=scheme, credential=admin, authentication=X_AUTH_TOKEN) as client:
        with pytest.raises(ApiVersionRefusedError, match=r"2\.105, it speaks 2\.1 to 2\.104") as caught:
            await colour.done(client.send_request(HttpRequest("GET", "/limits", headers=too_new)))
        answer = await colour.done(client.send_request(HttpRequest("GET", "/limits")))
    assert executed(answer.headers) == "compute 2.90"
    assert (caught.value.found, caught.value.status_code) == ("2.105", 406)


@pytest.mark.parametrize(
    ("field", "value", "status", "executes"),
    [
        ("OpenStack-API-Version", "compute 2.90", 200, "compute 2.90"),
        ("X-OpenStack-Nova-API-Version", "2.90", 200, "compute 2.90"),
        ("OpenStack-API-Version", "image 2.5", 200, "compute 2.1"),
        ("X-Unrelated", "2.90", 200, "compute 2.1"),
        ("OpenStack-API-Version", "compute 2.105", 406, "compute 2.105"),
        ("OpenStack-API-Version", "compute bad", 400, ""),
    ],
    ids=["the common field", "its own field", "of another service", "none", "refused, and repeated", "malformed"],
)
async def test_what_the_service_makes_of_header_fields(
    colour: Colour, endpoint: str, admin: KeystonePasswordCredential, field: str, value: str, status: int, executes: str
) -> None:
    """What a refusal repeats was not executed: it is never believed."""
    async with colour.service(endpoint, credential=admin, authentication=X_AUTH_TOKEN) as client:
        answer = await colour.done(client.send_request(HttpRequest("GET", "/limits", headers={field: value})))
    assert (answer.status_code, answer.headers.get("OpenStack-API-Version", "")) == (status, executes)


async def test_what_the_service_does_no_more_is_told(colour: Colour, client: Any) -> None:
    """410 without a word about versions, which no version would bring back."""
    with pytest.raises(HttpResponseError, match="This resource is no longer available") as caught:
        await colour.all(client.list_cells())
    assert (caught.value.status_code, isinstance(caught.value, ApiVersionError)) == (410, False)


async def test_its_version_document_says_where_a_version_is(colour: Colour, endpoint: str) -> None:
    """The current one of two of the same major version."""
    fetch = fetch_endpoint_async if colour.is_async else fetch_endpoint
    assert await colour.done(fetch(endpoint, 2)) == endpoint
    with pytest.raises(UnsupportedApiVersionError, match=r"says version v2\.0, v2\.1, and this client speaks v3"):
        await colour.done(fetch(endpoint, 3))


async def test_an_endpoint_without_microversions_is_sent_none_and_told_to_be_old(
    colour: Colour, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    """The service's 2.0: the version document of that endpoint has no range, and calls itself deprecated."""
    notices: list[ApiLifecycleNotice] = []
    scheme = microversion("compute", "2.104", "2.0", path="/v2")
    options = {"credential": admin, "authentication": X_AUTH_TOKEN, "settings": {"lifecycle_hook": notices.append}}
    async with colour.service(endpoint.replace("/v2.1", "/v2"), api_version=scheme, **options) as client:
        with pytest.warns(ApiLifecycleWarning, match=r"API version v2\.0 is deprecated"):
            answer = await colour.done(client.send_request(HttpRequest("GET", "/limits")))
        spoken = negotiation_of(client).decision
    assert answer.status_code == 200
    assert (spoken.send, "OpenStack-API-Version" in answer.request.headers) == (None, False)
    assert [(notice.kind, notice.source) for notice in notices] == [("deprecated", "the version document")]


# --- what it does ----------------------------------------------------------------------------------------------------


async def test_flavors_are_made_described_listed_and_deleted(colour: Colour, client: Any) -> None:
    made = [(await colour.done(client.create_flavor(flavor(description=str(n))))).flavor for n in range(3)]
    changed = await colour.done(client.update_flavor(made[0].id, {"flavor": {"description": "the smallest"}}))
    assert changed.flavor.description == "the smallest"
    listed = {one.id: one for one in await colour.all(client.list_flavors(results_per_page=1))}
    assert {one.id for one in made} <= set(listed)
    assert listed[made[0].id].description == "the smallest"
    for one in made:
        await colour.done(client.delete_flavor(one.id))
    with pytest.raises(ResourceNotFoundError, match=rf"Flavor {made[0].id} could not be found"):
        await colour.done(client.get_flavor(made[0].id))


async def test_a_group_of_servers_has_the_policy_of_its_version(
    colour: Colour, client: Any, package: Package, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    """One policy since 2.64, a list before: the same name would mean two things to a client that follows blindly."""
    group = {"server_group": {"name": "apart", "policy": "anti-affinity"}}
    made = (await colour.done(client.create_server_group(group))).server_group
    assert (made.policy, "policies" in made) == ("anti-affinity", False)
    async with colour.client(package, endpoint, admin, api_version="2.63") as older:
        (seen,) = [one for one in await colour.all(older.list_server_groups()) if one.id == made.id]
        assert (list(seen.policies), "policy" in seen) == (["anti-affinity"], False)
    await colour.done(client.delete_server_group(made.id))


async def test_what_is_refused_is_told_in_the_services_words(colour: Colour, client: Any) -> None:
    """Below a name for its kind, whatever that is."""
    with pytest.raises(HttpResponseError, match="Invalid input for field/attribute ram") as caught:
        await colour.done(client.create_flavor(flavor(ram=-1)))
    assert caught.value.status_code == 400


async def test_a_wrong_token_is_refused(colour: Colour, package: Package, endpoint: str, keystone: str) -> None:
    """By keystone, before the service is asked, where there is a password; by the service, where there is none."""
    async with colour.client(package, endpoint, None) as nobody:
        with pytest.raises(HttpResponseError, match="answered 401"):
            await colour.done(nobody.get_limits())
