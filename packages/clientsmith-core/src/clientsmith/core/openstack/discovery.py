"""Where one version of a service's API is: what its version document says, and how little of that is believed.

A service often does not know its own address: behind a proxy it names a host that nobody outside can reach, or plain
http where the proxy speaks https. So scheme, host and port stay those that the caller or the catalog named, and a link
gives nothing but a path. A token can never be led to another host in this way, and https never becomes http.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from .._error_bodies import json_object
from .._origin import home_of
from ..errors import DecodeError, HttpResponseError
from ..pipeline import Steps
from ..policies.authentication.token_requests import TokenRequests
from ..rest import Call, HttpRequest
from ..versioning.errors import UnsupportedApiVersionError
from ..versioning.sources import major_of, rank_of, version_entries, without_version

__all__ = ["endpoint_of", "trusted_address"]


def trusted_address(known: str, link: str) -> str:
    """Return the address that a link of a service leads to, on the scheme, host and port of the one that is known.

    Args:
        known: The address that the catalog or the caller named.
        link: What the service says: absolute, or relative to ``known``; "" is ``known`` itself.

    Raises:
        ValueError: The link is no URL.
    """
    home, there = urlsplit(known), urlsplit(urljoin(f"{known.rstrip('/')}/", link))
    path = there.path if there.path.startswith("/") else f"/{there.path}"
    return f"{home.scheme}://{home.netloc}{path}".rstrip("/")


def endpoint_of(url: str, major: int, call: Call) -> Steps[str]:
    """Return the address of a major version of the service at an address, which may be that of another version.

    Raises:
        ValueError: The address is no absolute URL.
        UnsupportedApiVersionError: The service has no such version.
        HttpResponseError: It has no version document.
        TransportError: It could not be asked.
    """
    home_of(url)
    root = f"{without_version(url)}/"
    request = HttpRequest("GET", root, headers={"Accept": "application/json"})
    # Nobody has to sign in for it, so nobody does.
    response = yield from TokenRequests().send(request, call, (), is_repeatable=False)
    if not response.is_success and response.status_code != 300:
        raise HttpResponseError.from_response(response)
    entries = list(version_entries(json_object(response.content)))
    if not entries:
        raise DecodeError("this is no version document", response=response)
    fitting = [entry for entry in entries if major_of(entry) == major]
    if not fitting:
        there = ", ".join(str(entry.get("id")) for entry in entries)
        raise UnsupportedApiVersionError(there, f"v{major}", source="the version document", url=root)
    try:
        return trusted_address(root, _link_of(max(fitting, key=rank_of)))
    except ValueError as error:  # not shown: it may be anything
        raise DecodeError("the link of the version cannot be read as a URL", response=response) from error


def _link_of(entry: Mapping[str, Any]) -> str:
    links = entry.get("links")
    for link in cast("list[object]", links) if isinstance(links, list) else []:
        if isinstance(link, Mapping):
            known = cast("Mapping[str, object]", link)
            if known.get("rel") == "self" and isinstance(href := known.get("href"), str):
                return href
    return ""
