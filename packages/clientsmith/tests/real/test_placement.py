"""OpenStack Placement, live: a document that leaves much out, an overlay that says it, and every kind of conflict.

The document is the published one, in which most success statuses are wrong and no shape has a field. The first half uses
the client that it makes with `placement-overlay.yaml` and `placement.toml`, the second one the client that it makes alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core import HttpRequest, KeyCredential, KeyInHeader
from clientsmith.core.errors import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from clientsmith.core.versioning import ApiVersionRefusedError, FeatureNotSupportedError, UnsupportedApiVersionError
from clientsmith.core.versioning.schemes import microversion

from .conftest import HERE, Colour, Generate, Package, document

pytestmark = pytest.mark.xdist_group("placement")  # one server for all of them
ADMIN = KeyCredential("admin")


@pytest.fixture(scope="session")
def package(generate: Generate) -> Package:
    overlay, configuration = (HERE / name for name in ("placement-overlay.yaml", "placement.toml"))
    spec = document("openstack-placement.yaml")
    return generate(
        spec,
        "placement_client",
        "PlacementClient",
        overlay=overlay.read_text(),
        configuration=configuration.read_text(),
    )


@pytest.fixture
async def client(colour: Colour, package: Package, placement: str) -> AsyncIterator[Any]:
    async with colour.client(package, placement, ADMIN) as client:
        yield client


@pytest.fixture
async def provider(colour: Colour, client: Any) -> AsyncIterator[Any]:
    """A resource provider with 8 VCPU and 1024 MB of memory, which no other test knows."""
    made = await colour.done(client.create_resource_provider({"name": f"host-{uuid4()}"}))
    stock = {"VCPU": {"total": 8}, "MEMORY_MB": {"total": 1024, "step_size": 64}}
    stocked = {"resource_provider_generation": made.generation, "inventories": stock}
    await colour.done(client.get_resource_provider_client(str(made.uuid)).replace_inventories(stocked))
    yield await colour.done(client.get_resource_provider_client(str(made.uuid)).get())
    await colour.done(client.get_resource_provider_client(str(made.uuid)).delete_inventories())
    await colour.done(client.get_resource_provider_client(str(made.uuid)).delete())


def consumer(provider: Any, generation: int | None = None, **resources: int) -> dict[str, Any]:
    return {
        "allocations": {str(provider.uuid): {"resources": resources}},
        "project_id": "physics",
        "user_id": "marie",
        "consumer_generation": generation,
        "consumer_type": "INSTANCE",
    }


# --- with what the overlay says --------------------------------------------------------------------------------------


async def test_a_provider_is_made_read_changed_and_deleted(colour: Colour, client: Any, package: Package) -> None:
    """With a typed model each time; deleting it again succeeds, reading it does not."""
    made = await colour.done(client.create_resource_provider(package.models.ResourceProvider(name=f"rack-{uuid4()}")))
    assert (made.generation, made.parent_provider_uuid, made.root_provider_uuid) == (0, None, made.uuid)
    found = await colour.all(client.list_resource_providers(name=made.name))
    assert [(one.uuid, one.name) for one in found] == [(made.uuid, made.name)]
    changed = await colour.done(
        client.get_resource_provider_client(str(made.uuid)).replace({"name": f"{made.name} renamed"})
    )
    assert (changed.uuid, changed.name) == (made.uuid, f"{made.name} renamed")
    assert await colour.done(client.get_resource_provider_client(str(made.uuid)).delete()) is None
    assert await colour.done(client.get_resource_provider_client(str(made.uuid)).delete()) is None
    with pytest.raises(ResourceNotFoundError, match=f"No resource provider with uuid {made.uuid} found") as caught:
        await colour.done(client.get_resource_provider_client(str(made.uuid)).get())
    (details,) = caught.value.error.errors
    assert (details.status, details.title, details.code) == (404, "Not Found", "placement.undefined_code")
    assert caught.value.request_id == details.request_id  # the service's own, to be told to its operators


async def test_a_name_that_is_taken_is_told_with_its_code(colour: Colour, client: Any, provider: Any) -> None:
    with pytest.raises(ResourceExistsError, match="answered 409 Conflict") as caught:
        await colour.done(client.create_resource_provider({"name": provider.name}))
    assert caught.value.error_code == caught.value.error.errors[0].code == "placement.duplicate_name"


async def test_a_tree_of_providers_is_found_by_its_root(colour: Colour, client: Any, provider: Any) -> None:
    """And its root cannot be deleted before it."""
    disk = await colour.done(
        client.create_resource_provider({"name": f"disk-{uuid4()}", "parent_provider_uuid": str(provider.uuid)})
    )
    tree = await colour.all(client.list_resource_providers(in_tree=str(disk.uuid)))
    assert {one.uuid for one in tree} == {provider.uuid, disk.uuid}
    with pytest.raises(ResourceExistsError) as caught:
        await colour.done(client.get_resource_provider_client(str(provider.uuid)).delete())
    assert caught.value.error_code == "placement.resource_provider.cannot_delete_parent"
    await colour.done(client.get_resource_provider_client(str(disk.uuid)).delete())


async def test_a_change_of_what_somebody_else_changed_is_refused(colour: Colour, client: Any, provider: Any) -> None:
    """Placement's etag is a number in the body: read, change, send back."""
    stock = await colour.done(client.get_resource_provider_client(str(provider.uuid)).get_inventories())
    assert {name: one.total for name, one in stock.inventories.items()} == {"VCPU": 8, "MEMORY_MB": 1024}
    stock.inventories["VCPU"].total = 16
    changed = await colour.done(client.get_resource_provider_client(str(provider.uuid)).replace_inventories(stock))
    assert changed.inventories["VCPU"].total == 16
    assert changed.resource_provider_generation == stock.resource_provider_generation + 1
    with pytest.raises(ResourceExistsError, match="generation conflict") as caught:
        await colour.done(client.get_resource_provider_client(str(provider.uuid)).replace_inventories(stock))
    assert caught.value.error_code == "placement.concurrent_update"


async def test_many_writers_lose_no_change_of_each_other(
    colour: Colour, client: Any, provider: Any, package: Package
) -> None:
    """Six at a time, each with a trait of its own, each until its generation was the last one."""
    names = [f"CUSTOM_RACE_{number}" for number in range(6)]
    for name in names:
        await colour.done(client.traits.set_trait(name))

    async def add(name: str) -> int:
        attempts = 0
        while True:
            attempts += 1
            there = await colour.done(client.get_resource_provider_client(str(provider.uuid)).get_traits())
            there.traits.append(name)
            try:
                await colour.done(client.get_resource_provider_client(str(provider.uuid)).replace_traits(there))
            except ResourceExistsError as error:
                if error.error_code != "placement.concurrent_update":
                    raise
            else:
                return attempts

    def in_a_thread(name: str) -> int:
        return asyncio.run(add(name))

    racing = [add(name) if colour.is_async else asyncio.to_thread(in_a_thread, name) for name in names]
    await asyncio.wait_for(asyncio.gather(*racing), 60)
    after = await colour.done(client.get_resource_provider_client(str(provider.uuid)).get_traits())
    assert sorted(after.traits) == names


async def test_resources_are_claimed_counted_and_given_back(colour: Colour, client: Any, provider: Any) -> None:
    """A scheduler's day: candidates, a claim, usages, what is too much, the end."""
    wanted = "VCPU:2,MEMORY_MB:256"
    candidates = await colour.done(client.get_allocation_candidates(resources=wanted, limit=50))
    offers = [one for one in candidates["allocation_requests"] if str(provider.uuid) in one["allocations"]]
    assert [one["allocations"][str(provider.uuid)]["resources"] for one in offers] == [{"VCPU": 2, "MEMORY_MB": 256}]
    server = str(uuid4())
    claim = consumer(provider, VCPU=2, MEMORY_MB=256)
    assert await colour.done(client.allocations.replace_allocation(server, claim)) is None
    claimed = await colour.done(client.allocations.get_allocation(server))
    assert claimed.allocations[str(provider.uuid)].resources == {"VCPU": 2, "MEMORY_MB": 256}
    assert (claimed.project_id, claimed.consumer_generation) == ("physics", 1)
    used = await colour.done(client.get_resource_provider_client(str(provider.uuid)).get_usages())
    assert used.usages == {"VCPU": 2, "MEMORY_MB": 256}
    assert (await colour.done(client.get_usages(project_id="physics")))["usages"]["INSTANCE"]["VCPU"] >= 2
    with pytest.raises(ResourceExistsError, match="The requested amount would exceed the capacity"):
        await colour.done(client.allocations.replace_allocation(str(uuid4()), consumer(provider, VCPU=7)))
    # In use: its inventory cannot go.
    with pytest.raises(ResourceExistsError, match="in use"):
        await colour.done(client.get_resource_provider_client(str(provider.uuid)).delete_inventory("VCPU"))
    await colour.done(client.allocations.delete_allocation(server))
    assert (await colour.done(client.allocations.get_allocation(server))).allocations == {}


async def test_allocations_move_between_consumers_in_one_step(colour: Colour, client: Any, provider: Any) -> None:
    old, new = str(uuid4()), str(uuid4())
    await colour.done(client.allocations.replace_allocation(old, consumer(provider, VCPU=8)))
    moved = {old: {**consumer(provider, 1), "allocations": {}}, new: consumer(provider, VCPU=8)}
    assert await colour.done(client.allocations.manage_allocations(moved)) is None
    assert (await colour.done(client.allocations.get_allocation(old))).allocations == {}
    assert (await colour.done(client.allocations.get_allocation(new))).allocations[str(provider.uuid)].resources == {
        "VCPU": 8
    }
    with pytest.raises(ResourceExistsError) as caught:  # both are of a generation before
        await colour.done(client.allocations.manage_allocations(moved))
    assert caught.value.error_code == "placement.concurrent_update"
    await colour.done(client.allocations.delete_allocation(new))


async def test_inventory_and_what_stands_on_it_move_to_a_child(colour: Colour, client: Any, provider: Any) -> None:
    """``POST /reshaper``: six maps deep, answered with nothing."""
    server = str(uuid4())
    await colour.done(client.allocations.replace_allocation(server, consumer(provider, VCPU=2)))
    child = await colour.done(
        client.create_resource_provider({"name": f"numa-{uuid4()}", "parent_provider_uuid": str(provider.uuid)})
    )
    root = await colour.done(client.get_resource_provider_client(str(provider.uuid)).get())
    await colour.done(
        client.reshape(
            {
                "inventories": {
                    str(root.uuid): {
                        "inventories": {"MEMORY_MB": {"total": 1024}},
                        "resource_provider_generation": root.generation,
                    },
                    str(child.uuid): {"inventories": {"VCPU": {"total": 8}}, "resource_provider_generation": 0},
                },
                "allocations": {server: consumer(child, 1, VCPU=2)},
            }
        )
    )
    assert list(
        (await colour.done(client.get_resource_provider_client(str(child.uuid)).get_inventories())).inventories
    ) == ["VCPU"]
    assert list((await colour.done(client.allocations.get_allocation(server))).allocations) == [str(child.uuid)]
    await colour.done(client.allocations.delete_allocation(server))
    await colour.done(client.get_resource_provider_client(str(child.uuid)).delete())


async def test_what_is_put_twice_is_there_once(colour: Colour, client: Any) -> None:
    """201, then 204, both without a body where the document promises 200 with one."""
    name = f"CUSTOM_{uuid4().hex.upper()}"
    for _ in range(2):
        assert await colour.done(client.traits.set_trait(name)) is None
        assert await colour.done(client.resource_classes.set_resource_class(name)) is None
    assert await colour.done(client.traits.get_trait(name)) is None  # 204: it is there
    assert name in (await colour.done(client.traits.get_traits()))["traits"]
    assert (await colour.done(client.resource_classes.get_resource_class(name)))["name"] == name
    for _ in range(2):
        await colour.done(client.traits.delete_trait(name))
        await colour.done(client.resource_classes.delete_resource_class(name))
    with pytest.raises(ResourceNotFoundError):
        await colour.done(client.traits.get_trait(name))


@pytest.mark.parametrize("name", ["CUSTOM A/B", "..", "CUSTOM?x=1", "größe", "%2F", "a;b"])
async def test_a_name_is_one_segment_of_the_path_whatever_is_in_it(colour: Colour, client: Any, name: str) -> None:
    """The service sees the name, and says that it has no such thing or that it is no name."""
    with pytest.raises(HttpResponseError) as caught:
        await colour.done(client.traits.set_trait(name))
    assert caught.value.status_code in (400, 404)
    with pytest.raises(ResourceNotFoundError):
        await colour.done(client.traits.get_trait(name))


# --- versions --------------------------------------------------------------------------------------------------------


def executed(headers: Any) -> str:
    """Return the version that the service says that an answer is in."""
    return str(headers["OpenStack-API-Version"])


async def test_the_version_of_the_document_is_asked_for_and_executed(
    colour: Colour, package: Package, placement: str
) -> None:
    """``OpenStack-API-Version: placement 1.39``, as the overlay says; what the service offers is asked once."""
    asked: list[str] = []
    headers: list[Any] = []
    async with colour.client(package, placement, ADMIN, transport=colour.counting(asked)) as client:
        for _ in range(2):
            await colour.done(client.traits.get_traits(response_hook=lambda _, got: headers.append(got)))
        (version,) = (await colour.done(client.get_root()))["versions"]
    assert [executed(one) for one in headers] == ["placement 1.39", "placement 1.39"]
    assert asked == ["GET /", "GET /traits", "GET /traits", "GET /"]
    assert (version["min_version"], version["max_version"]) == ("1.0", "1.39")


async def test_an_older_version_is_what_the_caller_asks_for(colour: Colour, package: Package, placement: str) -> None:
    """Before 1.20 a provider is made with 201 and no body: done, so no error, and nothing to return."""
    async with colour.client(package, placement, ADMIN, api_version="1.0") as old:
        name = f"old-{uuid4()}"
        assert await colour.done(old.create_resource_provider({"name": name})) is None
        (made,) = [one for one in await colour.all(old.list_resource_providers()) if one.name == name]
        assert made.parent_provider_uuid is None  # of 1.14
        assert "parent_provider_uuid" not in made
        await colour.done(old.get_resource_provider_client(str(made.uuid)).delete())


async def test_an_operation_of_a_later_version_fails_before_it_is_sent(
    colour: Colour, package: Package, placement: str
) -> None:
    """Traits came with 1.6; the service itself would say that there is no such page."""
    asked: list[str] = []
    transport = colour.counting(asked)
    async with colour.client(package, placement, ADMIN, api_version="1.5", transport=transport) as old:
        with pytest.raises(FeatureNotSupportedError, match=r"GET /traits needs API version 1\.6 or later") as caught:
            await colour.done(old.traits.get_traits())
        assert not [line for line in asked if "traits" in line]
        assert (caught.value.have, caught.value.needs) == ("1.5", "1.6 or later")
        assert isinstance(await colour.all(old.list_resource_providers()), list)


async def test_a_version_that_the_service_has_not_is_told_before_it_is_asked_for(
    colour: Colour, package: Package, placement: str
) -> None:
    asked: list[str] = []
    transport = colour.counting(asked)
    async with colour.client(package, placement, ADMIN, api_version="1.99", transport=transport) as newer:
        with pytest.raises(UnsupportedApiVersionError, match=r"1\.99") as caught:
            await colour.done(newer.traits.get_traits())
    assert asked == ["GET /"]
    assert "1.0 to 1.39" in str(caught.value)


async def test_what_is_said_when_a_version_is_refused_is_learnt(colour: Colour, placement: str) -> None:
    """406 names the range in its body: a client that could not ask before speaks the newest of both from then on."""
    asked: list[str] = []
    scheme = microversion("placement", "1.99", "1.0").replaced(discovery=None)
    options = {"credential": ADMIN, "authentication": [KeyInHeader("X-Auth-Token")]}
    async with colour.service(placement, api_version=scheme, transport=colour.counting(asked), **options) as newer:
        answers = [await colour.done(newer.send_request(HttpRequest("GET", "/traits"))) for _ in range(2)]
    assert [(answer.status_code, executed(answer.headers)) for answer in answers] == [(200, "placement 1.39")] * 2
    assert asked == ["GET /traits"] * 3
    async with colour.service(placement, api_version=scheme.at("1.99"), **options) as pinned:
        with pytest.raises(
            ApiVersionRefusedError, match=r"does not take API version 1\.99, it speaks 1\.0 to 1\.39"
        ) as e:
            await colour.done(pinned.send_request(HttpRequest("GET", "/traits")))
    assert (e.value.status_code, str(e.value.advertised.newest)) == (406, "1.39")


@pytest.mark.parametrize(
    ("value", "status", "executes"),
    [
        ("placement 1.39", 200, "placement 1.39"),
        ("compute 2.95", 200, "placement 1.0"),
        ("compute 2.95, placement 1.20", 200, "placement 1.20"),
        ("", 200, "placement 1.0"),
        ("placement 1.40", 406, ""),
        ("placement 0.9", 406, ""),
        ("placement bad", 400, ""),
    ],
    ids=["its own", "of another service", "of several services", "none", "too new", "too old", "malformed"],
)
async def test_what_the_service_makes_of_the_header_field(
    colour: Colour, placement: str, value: str, status: int, executes: str
) -> None:
    """That of another service is ignored, and no version is the oldest one."""
    headers = {"OpenStack-API-Version": value} if value else {}
    async with colour.service(placement, credential=ADMIN, authentication=[KeyInHeader("X-Auth-Token")]) as client:
        answer = await colour.done(client.send_request(HttpRequest("GET", "/resource_providers", headers=headers)))
    assert answer.status_code == status
    assert answer.headers.get("OpenStack-API-Version", "") == executes


async def test_a_version_of_the_callers_own_is_refused_in_the_services_words(
    colour: Colour, package: Package, placement: str
) -> None:
    """400 for what is no version, with its own error model."""
    async with colour.client(package, placement, ADMIN, headers={"OpenStack-API-Version": "placement bad"}) as client:
        with pytest.raises(HttpResponseError, match="invalid version string: bad") as caught:
            await colour.done(client.traits.get_traits())
    assert caught.value.status_code == 400


# --- who may do what -------------------------------------------------------------------------------------------------


async def test_who_is_calling_decides(colour: Colour, package: Package, placement: str) -> None:
    """No token, and one that may do nothing; neither stands in the error."""
    async with colour.client(package, placement, None) as nobody:
        with pytest.raises(ClientAuthenticationError, match="could not verify that you are authorized"):
            await colour.done(nobody.traits.get_traits())
    async with colour.client(package, placement, KeyCredential("somebody-else")) as somebody:
        with pytest.raises(
            HttpResponseError, match=r"answered 403 Forbidden: .*Policy does not allow placement:traits:list"
        ) as caught:
            await colour.done(somebody.traits.get_traits())
    assert "somebody-else" not in f"{caught.value!r} {caught.value}"


async def test_a_query_is_sent_as_the_service_reads_it(colour: Colour, client: Any, provider: Any) -> None:
    """A list joined by commas, in one parameter."""
    await colour.done(
        client.get_resource_provider_client(str(provider.uuid)).replace_traits(
            {"traits": ["HW_CPU_X86_AVX", "HW_CPU_X86_SSE"], "resource_provider_generation": provider.generation},
        )
    )
    wanted = {"resources": "VCPU:1,MEMORY_MB:64", "required": ["HW_CPU_X86_AVX", "HW_CPU_X86_SSE"]}
    assert provider.uuid in {one.uuid for one in await colour.all(client.list_resource_providers(**wanted))}
    with pytest.raises(HttpResponseError, match="No such trait"):
        await colour.all(client.list_resource_providers(required=["NOT_A_TRAIT"]))


# --- with the document alone -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def bare(generate: Generate) -> Package:
    spec, names = document("openstack-placement.yaml"), (HERE / "placement.toml").read_text()
    return generate(spec, "bare_placement_client", "PlacementClient", configuration=names)


async def test_the_published_document_alone_makes_a_client_that_works(
    colour: Colour, bare: Package, placement: str
) -> None:
    """Bodies are mappings, the version is a header of the caller's, and no wrong status in the document does harm."""
    headers = {"OpenStack-API-Version": "placement 1.39"}
    name = f"bare-{uuid4()}"
    async with colour.client(bare, placement, ADMIN, headers=headers) as client:
        made = await colour.done(client.create_resource_provider(resource_provider={"name": name}))  # 200, says 201
        assert made["name"] == name
        uuid, generation = made["uuid"], made["generation"]
        stock = {"VCPU": {"total": 4}}
        provider = client.get_resource_provider_client(uuid)
        stocked = {"resource_provider_generation": generation, "inventories": stock}
        await colour.done(provider.set_inventories(inventories=stocked))
        listed = (await colour.done(client.get_resource_providers()))["resource_providers"]
        assert name in [one["name"] for one in listed]
        assert (
            await colour.done(client.traits.set_trait("CUSTOM_BARE")) is None
        )  # 201 without a body, says 200 with one
        server = str(uuid4())
        claim = {
            "allocations": {uuid: {"resources": {"VCPU": 4}}},
            "project_id": "p",
            "user_id": "u",
            "consumer_generation": None,
            "consumer_type": "INSTANCE",
        }
        assert await colour.done(client.allocations.set_allocation(server, allocation=claim)) is None  # 204
        with pytest.raises(ResourceExistsError, match="Unable to delete resource provider"):
            await colour.done(provider.delete())
        await colour.done(client.allocations.delete_allocation(server))
        await colour.done(provider.delete())
        with pytest.raises(ResourceNotFoundError) as caught:
            await colour.done(provider.get())
    assert caught.value.error is None  # the document has no shape for it
