"""Where the parts of a page stand: in the body, in a header field, in the query of a request."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal, NamedTuple, TypeAlias, cast
from urllib.parse import unquote_plus

from .._paths import Path, value_at
from .._query import with_field
from ..rest import HttpRequest, HttpResponse
from ..serialization import dumps, loads

__all__ = ["InHeader", "Location", "Place", "found_at", "place_name", "value_in", "with_value"]


class InHeader(NamedTuple):
    """A header field of the answer, ``InHeader("X-Total-Count")``, where a scheme would else look into the body."""

    name: str


Place: TypeAlias = "Path | InHeader"  # where something is in an answer; () where it is not told
Location: TypeAlias = Literal["query", "header", "body"]  # where a request has a parameter


def found_at(place: Place, response: HttpResponse, body: object) -> Any:
    """Return what an answer has at a place, None if there is nothing."""
    if isinstance(place, InHeader):
        return response.headers.get(place.name)
    return value_at(body, place) if place else None


def place_name(place: Place) -> str:
    """Return the place as a message names it."""
    return f"the header {place.name!r}" if isinstance(place, InHeader) else f"{'.'.join(place)!r} in the body"


def with_value(request: HttpRequest, location: Location, parameter: str | Path, value: str | int) -> HttpRequest:
    """Return a copy of the request with the parameter set, everything else as it is.

    Raises:
        ValueError: The parameter goes into a body, and the request's is not a JSON object.
    """
    twin = request.copy()
    if location == "body":
        path = (parameter,) if isinstance(parameter, str) else parameter
        twin.content = dumps(_with_member(_json_object(request), path, value))
        twin.headers.setdefault("Content-Type", "application/json")
        return twin
    name = parameter if isinstance(parameter, str) else ".".join(parameter)
    if location == "header":
        twin.headers[name] = str(value)
        return twin
    twin.url = with_field(request.url, name, value)
    return twin


def value_in(request: HttpRequest, location: Location, parameter: str | Path) -> Any:
    """Return the parameter's value in a request, None if it has none."""
    if location == "body":
        return value_at(_json_object(request), (parameter,) if isinstance(parameter, str) else parameter)
    name = parameter if isinstance(parameter, str) else ".".join(parameter)
    if location == "header":
        return request.headers.get(name)
    fields = (text.partition("=") for text in request.url.partition("?")[2].split("&"))
    found = [unquote_plus(value) for key, _, value in fields if unquote_plus(key) == name]
    return found[-1] if found else None


def _json_object(request: HttpRequest) -> dict[str, Any]:
    content = request.content
    document: object = None
    if content is None or content == b"":
        document = {}
    elif isinstance(content, bytes):
        with suppress(ValueError):
            document = loads(content)
    if not isinstance(document, dict):
        raise ValueError("the pages of this list are asked for in the body, so the body has to be a JSON object")
    return cast("dict[str, Any]", document)


def _with_member(document: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """Return a copy of the document with the member at the path set; objects on the way are made where they lack."""
    name, *rest = path
    inner: object = document.get(name)
    known = cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}
    return {**document, name: _with_member(known, tuple(rest), value) if rest else value}
