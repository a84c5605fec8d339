"""The document that says which versions there are: where it may be, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from .._origin import leads_home
from .model import Advertised

if TYPE_CHECKING:
    from ..rest import HttpResponse
    from .scheme import Discovery

__all__ = ["addresses", "read"]

_VERSION_SEGMENT = re.compile(r"v[0-9]+(?:\.[0-9]+)?(?:/.*)?$")


def addresses(discovery: Discovery, endpoint: str) -> Iterator[str]:
    """Yield where the document may be, all of the endpoint's own origin: no link of the service's is followed (R12)."""
    parts = urlsplit(endpoint)
    seen: set[str] = set()
    for path in discovery.paths:
        if path == "":
            url = f"{endpoint}/"
        elif path == "/":
            url = f"{parts.scheme}://{parts.netloc}/"
        elif path == "..":
            url = f"{parts.scheme}://{parts.netloc}{_VERSION_SEGMENT.sub('', parts.path).rstrip('/')}/"
        else:
            url = f"{endpoint}{path}"
        if url not in seen:
            seen.add(url)
            yield url


def read(discovery: Discovery, response: HttpResponse, endpoint: str) -> Advertised | None:
    """Return what the document says: something without versions where the service has none, None where it is none.

    A 300 is an answer: some services give the list with it. What another origin answers, after a redirect, is none.
    """
    if not leads_home(response.request.url, endpoint):
        return None
    if not (response.is_success or response.status_code == 300):
        return None
    try:
        document: object = response.json()
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return discovery.source.read_document(cast(object, document), response.request.url, endpoint)
