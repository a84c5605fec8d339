"""Finding a service in the catalog of a cloud."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from clientsmith.core.errors import EndpointNotFoundError, UsageError
from clientsmith.core.openstack import Catalog
from clientsmith.core.openstack.service_types import names_of
from hypothesis import given, settings
from hypothesis import strategies as st


def service(kind: str, *urls: str, interface: str = "public", region: str | None = "RegionOne") -> dict[str, Any]:
    endpoints = [{"interface": interface, "url": url, "region_id": region, "id": "1"} for url in urls]
    return {"type": kind, "name": f"the {kind}", "endpoints": endpoints}


def catalog(*services: Any) -> Catalog:
    return Catalog.from_token({"catalog": list(services)})


CLOUD = catalog(
    service("identity", "https://cloud.test/identity/v3"),
    service("compute", "https://cloud.test/compute/v2.1"),
    service("compute", "https://inside.test:8774/v2.1", interface="internal"),
    service("volumev2", "https://cloud.test/volume/v2/p1"),
    service("volumev3", "https://cloud.test/volume/v3/p1"),
    service("image", "https://cloud.test/image/"),
    service("object-store", "https://a.test/v1/AUTH_p1", region="A"),
    service("object-store", "https://b.test/v1/AUTH_p1", region="B"),
)


@pytest.mark.parametrize(
    ("service_type", "options", "url"),
    [
        ("compute", {}, "https://cloud.test/compute/v2.1"),
        ("compute", {"interface": "internal"}, "https://inside.test:8774/v2.1"),
        ("compute", {"interface": "internalURL"}, "https://inside.test:8774/v2.1"),
        ("image", {}, "https://cloud.test/image"),
        ("block-storage", {}, "https://cloud.test/volume/v3/p1"),
        ("block_storage", {}, "https://cloud.test/volume/v3/p1"),
        ("Block-Storage", {}, "https://cloud.test/volume/v3/p1"),
        ("volume", {}, "https://cloud.test/volume/v3/p1"),
        ("volumev2", {}, "https://cloud.test/volume/v2/p1"),
        ("object-store", {"region": "B"}, "https://b.test/v1/AUTH_p1"),
        ("compute", {"is_versioned": False}, "https://cloud.test/compute"),
        ("identity", {"is_versioned": False}, "https://cloud.test/identity"),
        ("volumev3", {"is_versioned": False}, "https://cloud.test/volume"),
        ("image", {"is_versioned": False}, "https://cloud.test/image"),
    ],
)
def test_a_service_is_found(service_type: str, options: dict[str, Any], url: str) -> None:
    """By its official name or an older one, for an interface and a region, with its version or without."""
    assert CLOUD.endpoint(service_type, **options) == url


@pytest.mark.parametrize(
    ("cloud", "service_type", "options", "message"),
    [
        (CLOUD, "dns", {}, r"no public endpoint of 'dns' can be chosen: the catalog has compute, identity, image, obj"),
        (
            CLOUD,
            "image",
            {"interface": "admin"},
            "no admin endpoint of 'image' can be chosen: it has public in RegionOne",
        ),
        (CLOUD, "image", {"region": "C"}, "of 'image' in region 'C' can be chosen: it has public in RegionOne"),
        (CLOUD, "object-store", {}, r"it is in the regions A, B; say which with region=…"),
        (CLOUD, "volumev1", {}, "the catalog has"),
        (catalog(), "compute", {}, r"the catalog is empty; the token has no scope, so say project_name=…"),
        (catalog(service("compute", "nova:8774")), "compute", {}, "the catalog says 'nova:8774', which is no URL"),
        (catalog(service("image", "file:///etc")), "image", {}, "which is no URL"),
        (catalog(service("image", "https://[::1")), "image", {}, "which is no URL"),
    ],
    ids=[
        "no such service",
        "interface",
        "region",
        "several regions",
        "a version",
        "empty",
        "no URL",
        "no web",
        "half a host",
    ],
)
def test_what_cannot_be_chosen_is_told_with_what_there_is(
    cloud: Catalog, service_type: str, options: dict[str, Any], message: str
) -> None:
    """The first region of several would be the wrong one for half of all users."""
    with pytest.raises(EndpointNotFoundError, match=message) as caught:
        cloud.endpoint(service_type, **options)
    error = caught.value
    assert isinstance(error, UsageError)
    assert isinstance(error, LookupError)
    assert (error.service_type, error.region) == (service_type, options.get("region"))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.interface) == (str(error), options.get("interface", "public"))


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://v2/compute", "https://v2/compute"),
        ("https://v3", "https://v3"),
        ("https://v3/v3/", "https://v3"),
        ("https://cloud.test/dev2/v2.1", "https://cloud.test/dev2"),
        ("https://cloud.test/v2.1/p1/x", "https://cloud.test"),
        ("https://cloud.test/volume", "https://cloud.test/volume"),
    ],
)
def test_a_version_is_a_segment_of_the_path(url: str, root: str) -> None:
    """And neither a host nor a part of a word."""
    assert catalog(service("image", url)).endpoint("image", is_versioned=False) == root


def test_a_region_without_a_name_is_no_other_region() -> None:
    """Clouds of one place leave it out."""
    assert catalog(service("image", "https://a.test", region=None)).endpoint("image") == "https://a.test"


def test_an_older_catalog_says_the_region_in_another_field() -> None:
    old = {"type": "image", "endpoints": [{"interface": "public", "url": "https://a.test", "region": "A"}]}
    assert [one.region for one in catalog(old)] == ["A"]


def test_all_endpoints_are_there_to_look_at() -> None:
    """For whoever chooses in another way."""
    assert len(CLOUD) == 8
    first = next(iter(CLOUD))
    assert (first.service_type, first.service_name, first.interface) == ("identity", "the identity", "public")
    assert repr(CLOUD) == "Catalog(compute, identity, image, object-store, volumev2, volumev3)"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("compute", ("compute",)),
        ("bare-metal", ("bare-metal", "baremetal")),
        ("baremetal", ("baremetal", "bare-metal")),
        ("volumev2", ("volumev2", "block-storage")),
        ("volume", ("volume", "block-storage", "volumev3", "volumev2", "block-store")),
        ("application_deployment", ("application-deployment",)),
        ("of our own", ("of our own",)),
    ],
)
def test_a_kind_of_service_has_several_names(asked: str, names: tuple[str, ...]) -> None:
    assert names_of(asked) == names


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("public"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["catalog", "endpoints", "type", "url", "interface", "region", "name"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_whatever_a_catalog_is_it_is_read(value: Any) -> None:
    """What is no endpoint is left out."""
    read = Catalog.from_token({"catalog": value})
    assert all(isinstance(one.url, str) and isinstance(one.service_type, str) for one in read)
