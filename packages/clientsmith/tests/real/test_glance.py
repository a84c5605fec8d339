"""OpenStack's image service, live: a published document, a version document with sixteen entries, bytes both ways."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core.errors import HttpResponseError, ResourceNotFoundError
from clientsmith.core.openstack import KeystonePasswordCredential, fetch_catalog, fetch_endpoint
from clientsmith.core.openstack.aio import fetch_endpoint as fetch_endpoint_async
from clientsmith.core.operations import Operation
from clientsmith.core.rest import HttpRequest
from clientsmith.core.versioning import FeatureNotSupportedError, negotiation_of
from clientsmith.core.versioning.schemes import microversion

from .conftest import X_AUTH_TOKEN, Colour, Generate, Package, administrator, document

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("keystone")]


@pytest.fixture(scope="session")
def package(generate: Generate) -> Package:
    return generate(document("openstack-image.yaml"), "glance_client", "GlanceClient")


@pytest.fixture(scope="session")
def admin(keystone: str) -> KeystonePasswordCredential:
    return administrator(keystone)


@pytest.fixture(scope="session")
def endpoint(glance: str, admin: KeystonePasswordCredential) -> str:
    """Where the catalog says that it is: without a version, which the operations have in their paths."""
    found = fetch_catalog(admin).endpoint("image", is_versioned=False)
    assert found == glance
    return found


@pytest.fixture
async def client(
    colour: Colour, package: Package, endpoint: str, admin: KeystonePasswordCredential
) -> AsyncIterator[Any]:
    async with colour.client(package, endpoint, admin) as client:
        yield client


async def test_an_image_is_made_filled_read_and_deleted(colour: Colour, client: Any) -> None:
    """200 kB there and back, the same; the document calls them a file."""
    content = os.urandom(200_000)
    wanted = {"name": f"disk-{uuid4()}", "disk_format": "raw", "container_format": "bare"}
    made = await colour.done(client.create_image(image=wanted))
    image = client.get_image_client(str(made["id"]))
    assert await colour.done(image.set_file(content=content)) is None
    shown = await colour.done(image.get_image())
    assert (shown["status"], shown["size"], shown["name"]) == ("active", 200_000, wanted["name"])
    download = image.get_file()
    assert await colour.done(download.read()) == content
    found = await colour.all(client.list_images(name=wanted["name"]))
    assert [str(one["id"]) for one in found] == [str(made["id"])]
    await colour.done(image.delete_image())
    with pytest.raises(ResourceNotFoundError):
        await colour.done(image.get_image())


async def test_images_are_listed_page_by_page(colour: Colour, client: Any) -> None:
    """Its next links are paths."""
    names = {f"listed-{uuid4()}" for _ in range(3)}
    made = [await colour.done(client.create_image(image={"name": name, "disk_format": "raw"})) for name in names]
    assert names <= {one["name"] for one in await colour.all(client.list_images(results_per_page=1))}
    for one in made:
        await colour.done(client.get_image_client(str(one["id"])).delete_image())


async def test_its_version_document_says_where_a_version_is(colour: Colour, endpoint: str) -> None:
    """300, and an entry for each minor version, all at the same address."""
    fetch = fetch_endpoint_async if colour.is_async else fetch_endpoint
    assert await colour.done(fetch(endpoint, 2)) == f"{endpoint}/v2"


async def test_its_minor_versions_are_known_though_none_is_asked_for(
    colour: Colour, endpoint: str, admin: KeystonePasswordCredential
) -> None:
    """It has no microversions: nothing is read from a header field, and what is new needs the version document."""
    asked: list[str] = []
    scheme = microversion("image", "2.99", "2.0")
    async with colour.service(
        endpoint,
        api_version=scheme,
        credential=admin,
        authentication=X_AUTH_TOKEN,
        transport=colour.counting(asked),
    ) as client:
        answer = await colour.done(client.send_request(HttpRequest("GET", "/v2/images")))
        spoken = negotiation_of(client).decision.use
        coming = Operation("GET", "/v2/coming", responses={200: None}, since="2.98")
        with pytest.raises(
            FeatureNotSupportedError, match=rf"needs API version 2\.98 or later, and .* speaks {spoken}"
        ):
            await colour.done(client._call(coming, {}, options={}))
    assert answer.status_code == 200
    assert str(spoken) == "2.17"
    assert not [line for line in asked if "coming" in line]


async def test_what_is_refused_is_told(colour: Colour, client: Any) -> None:
    with pytest.raises(HttpResponseError, match="answered 400"):
        await colour.done(client.create_image(image={"name": "x", "disk_format": "nonesuch"}))
