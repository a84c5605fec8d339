"""The document that says which versions there are: where it may be, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .._error_bodies import json_object
from .._origin import leads_home
from .model import Advertised
from .sources import without_version

if TYPE_CHECKING:
    from ..rest import HttpResponse
    from .scheme import Discovery

__all__ = ["addresses", "read"]


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
            url = f"{without_version(endpoint)}/"
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
    document = json_object(response.content)
    return None if document is None else discovery.source.read_document(document, response.request.url, endpoint)
