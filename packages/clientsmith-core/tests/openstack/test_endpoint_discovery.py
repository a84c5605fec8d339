"""Asking a service where a version of its API is, and how little of its answer is believed."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core import ServiceRequestError, UnsupportedApiVersionError
from clientsmith.core.errors import DecodeError, HttpResponseError
from clientsmith.core.openstack import fetch_endpoint
from clientsmith.core.openstack.aio import fetch_endpoint as fetch_endpoint_async
from clientsmith.core.openstack.discovery import trusted_address
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport


def entry(id: str, href: str, status: str = "CURRENT", **more: Any) -> dict[str, Any]:
    return {"id": id, "status": status, "links": [{"rel": "self", "href": href}], **more}


def fetch(colour: Any, url: str, major: int, *lines: Any) -> tuple[str, Any]:
    """Return the address found, and what was asked."""
    make, function = (
        (AsyncScriptedTransport, fetch_endpoint_async) if colour.is_async else (ScriptedTransport, fetch_endpoint)
    )
    service: Any = make(*lines)
    return colour.run(function(url, major, transport=service)), service.requests


# --- the shapes that services have -----------------------------------------------------------------------------------

NOVA = {"versions": [entry("v2.0", "http://n/v2/", "DEPRECATED"), entry("v2.1", "http://n/v2.1/", version="2.104")]}
GLANCE = {"versions": [entry(f"v2.{minor}", "http://g/v2/", "SUPPORTED") for minor in (15, 13, 12)]}
KEYSTONE = {"versions": {"values": [entry("v3.14", "http://k/v3/", "stable")]}}
PLACEMENT = {"versions": [entry("v1.0", "", min_version="1.0", max_version="1.39")]}
IRONIC = {"default_version": {}, "versions": [entry("v1", "http://i/v1/", min_version="1.1", version="1.115")]}


@pytest.mark.parametrize(
    ("status", "document", "major", "path"),
    [
        (200, NOVA, 2, "/v2.1"),
        (300, GLANCE, 2, "/v2"),
        (300, KEYSTONE, 3, "/v3"),
        (200, PLACEMENT, 1, ""),
        (200, IRONIC, 1, "/v1"),
        (200, {"version": entry("v3.14", "http://k/v3/")}, 3, "/v3"),
        (200, {"versions": [entry("v2.1", "/v2.1/")]}, 2, "/v2.1"),
        (200, {"versions": [entry("v2.1", "v2.1/")]}, 2, "/v2.1"),
        (200, {"versions": [{"id": "v2.1", "links": [{"rel": "describedby", "href": "http://d/"}]}]}, 2, ""),
    ],
    ids=["nova", "glance", "keystone", "placement", "ironic", "one version", "a path", "a relative one", "no link"],
)
def test_a_version_is_found(colour: Any, status: int, document: Any, major: int, path: str) -> None:
    """The current one where a service has several of a major version."""
    found, requests = fetch(colour, "https://cloud.test", major, Answer(status, json=document))
    assert found == f"https://cloud.test{path}"
    assert [(request.method, request.url) for request in requests] == [("GET", "https://cloud.test/")]


def test_it_is_asked_for_above_the_version_that_is_known(colour: Any) -> None:
    """A catalog often names a version; nobody has to sign in to ask for another."""
    document = {"versions": [entry("v2.1", "http://n/compute/v2.1/")]}
    found, requests = fetch(colour, "https://cloud.test/compute/v2/p1/", 2, Answer(json=document))
    assert found == "https://cloud.test/compute/v2.1"
    assert requests[0].url == "https://cloud.test/compute/"
    assert not {"X-Auth-Token", "Authorization"} & set(requests[0].headers)


# --- what is not believed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "link", "trusted"),
    [
        ("https://cloud.test", "http://cloud.test/v2/", "https://cloud.test/v2"),
        ("https://cloud.test", "https://evil.test/v2/", "https://cloud.test/v2"),
        ("https://cloud.test", "http://10.0.0.7:9292/v2", "https://cloud.test/v2"),
        ("https://cloud.test:9292", "https://cloud.test/v2/", "https://cloud.test:9292/v2"),
        ("https://cloud.test", "//evil.test/v2", "https://cloud.test/v2"),
        ("https://cloud.test", "https://user:word@evil.test/v2?x=1#y", "https://cloud.test/v2"),
        ("https://cloud.test", "https://cloud.test@evil.test/v2", "https://cloud.test/v2"),
        ("https://cloud.test", "javascript:alert(1)", "https://cloud.test/alert(1)"),
        ("https://cloud.test/image", "v2", "https://cloud.test/image/v2"),
        ("https://cloud.test/image/", "", "https://cloud.test/image"),
        ("http://127.0.0.1:9292", "https://cloud.test/v2", "http://127.0.0.1:9292/v2"),
    ],
    ids=[
        "http instead of https", "another host", "an address inside", "another port", "a host without a scheme",
        "user info, query, fragment", "a host that looks like ours", "no web address", "a relative path", "nothing",
        "https where there is none",
    ],
)  # fmt: skip
def test_a_link_gives_only_a_path(known: str, link: str, trusted: str) -> None:
    """A service behind a proxy does not know its address, and one that lies must not get a token to another host."""
    assert trusted_address(known, link) == trusted


def test_a_redirect_is_not_followed(colour: Any) -> None:
    """It would be another way to say a host."""
    moved = Answer(301, headers={"Location": "https://evil.test/"})
    with pytest.raises(HttpResponseError, match="answered 301"):
        fetch(colour, "https://cloud.test", 2, moved)


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_version_that_is_not_there_is_told_with_those_that_are(colour: Any) -> None:
    with pytest.raises(
        UnsupportedApiVersionError, match=r"says version v2\.0, v2\.1, and this client speaks v3"
    ) as told:
        fetch(colour, "https://cloud.test", 3, Answer(json=NOVA))
    assert (told.value.found, told.value.url) == ("v2.0, v2.1", "https://cloud.test/")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, content=b"<html>"),
        Answer(200, json=[1]),
        Answer(200, json={"versions": "all"}),
        Answer(200),
        Answer(200, content=b"[" * 200_000),
    ],
    ids=["a web page", "a list", "no list", "nothing", "brackets"],
)
def test_what_is_no_version_document_is_told(colour: Any, answer: Answer) -> None:
    with pytest.raises(DecodeError, match="this is no version document"):
        fetch(colour, "https://cloud.test", 2, answer)


@pytest.mark.parametrize("url", ["image.example", "/v2", "ftp://image.example", "https://user:word@image.example"])
def test_an_address_that_is_none_is_told_before_anything_is_sent(colour: Any, url: str) -> None:
    with pytest.raises(ValueError, match=r"not absolute|clients speak https and http|holds user info"):
        fetch(colour, url, 2)


def test_a_link_that_is_no_url_is_told(colour: Any) -> None:
    with pytest.raises(DecodeError, match="the link of the version cannot be read as a URL"):
        fetch(colour, "https://cloud.test", 2, Answer(json={"versions": [entry("v2", "https://[::1")]}))


def test_a_service_that_cannot_be_reached_is_told(colour: Any) -> None:
    with pytest.raises(ServiceRequestError):
        fetch(colour, "https://cloud.test", 2, *[ServiceRequestError("no road")] * 4)
