"""What is said outright: by an extension, by an OpenAPI link that leads to the same operation, or by a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from clientsmith.configuration import PagingSettings
from clientsmith.openapi.extensions import PagingHint, paging_hint

from ..ir import AnyShape, Api, Link, Location, Operation, Paging, PagingScheme, Shape
from ..lookup import Shapes, array_item, properties_of, template_names
from .answers import answer_of, parts_of
from .items import Items
from .parts import Asked, Parts
from .vocabulary import OFFSETS, PAGES, TOKENS

__all__ = ["configured", "shape_at", "stated"]


def stated(operation: Operation, api: Api, items: Items | None, parts: Parts | None) -> Paging | None:
    """Return what an extension, or else a link, says of paging; None if nothing, or what the operation has not."""
    hint = paging_hint(operation.extensions, api.extensions)
    found = _of_hint(hint, operation, api, items) if hint is not None else None
    return found or (_of_links(operation, parts) if parts is not None else None)


# --- extensions ------------------------------------------------------------------------------------------------------


def _of_hint(hint: PagingHint, operation: Operation, api: Api, items: Items | None) -> Paging | None:
    shapes = api.shapes
    location = _location(hint, operation, shapes)
    if hint.parameter and not location:
        return None  # the extension speaks of something that the operation does not have
    path = _path(hint.items_path, answer_of(operation), shapes)
    item = array_item(shape_at(answer_of(operation), path, shapes))
    if item is None and items is not None:
        path, item = items.path, items.item
    next_path = _path(hint.next_path, answer_of(operation), shapes)
    if hint.scheme in ("token", "next-link") and not next_path:
        return None
    found = Paging(
        scheme=PagingScheme(hint.scheme),
        item=item or AnyShape(),
        items_path=path,
        next_path=next_path,
        parameter=hint.parameter,
        location=location or "query",
        first_page=hint.first if hint.first is not None else (0 if hint.scheme == "offset" else 1),
        size=hint.size if hint.size in _names(operation, shapes) else "",
        evidence=f"certain: {hint.evidence}",
    )
    return _through(hint.operation, found, operation, api) if hint.operation else found


def _location(hint: PagingHint, operation: Operation, shapes: Shapes) -> str:
    """Return where the request has the parameter, "" if nowhere."""
    in_query = any(p.wire_name == hint.parameter for p in operation.parameters if p.location is Location.QUERY)
    if in_query and hint.location == "query":
        return "query"
    body = properties_of(operation.body.shape, shapes) if operation.body is not None else {}
    return "body" if hint.parameter in body else ""


def _names(operation: Operation, shapes: Shapes) -> set[str]:
    body = properties_of(operation.body.shape, shapes) if operation.body is not None else {}
    return {p.wire_name for p in operation.parameters if p.location is Location.QUERY} | set(body)


def _path(names: tuple[str, ...], shape: Shape | None, shapes: Shapes) -> tuple[str, ...]:
    """A name may have dots in it (`odata.nextLink`), where the answer has a property of that name."""
    whole = ".".join(names)
    return (whole,) if whole and whole in parts_of(shape, shapes) else names


def _through(name: str, paging: Paging, operation: Operation, api: Api) -> Paging:
    """The next page is asked of another operation: its path takes the link, or it wants parameters that links lack."""
    onward = next((one for one in api.operations if one.operation_id == name), None)
    if onward is None:
        return paging
    head, _, tail = onward.path.partition("?")[0].rpartition("/")
    takes_link = re.fullmatch(r"{[^{}]+}", tail) is not None and len(template_names(onward.path)) > 0
    is_below = takes_link and head == operation.path.partition("?")[0]
    ours = {p.wire_name for p in operation.parameters if p.location is Location.QUERY}
    wanted = [p.wire_name for p in onward.parameters if p.location is Location.QUERY and p.required]
    return replace(
        paging,
        below=is_below,
        keep=tuple(wire_name for wire_name in wanted if wire_name in ours),
        evidence=f"{paging.evidence}; the next page is that of {onward.method} {onward.path}",
    )


# --- links -----------------------------------------------------------------------------------------------------------

_EXPRESSION: Final = re.compile(r"\$response\.(?:body#/(?P<pointer>.+)|header\.(?P<header>[\w-]+))")
_BACKWARDS: Final = re.compile(r"(?i)prev|first|last|self|back")


def _of_links(operation: Operation, parts: Parts) -> Paging | None:
    """A link to the operation itself, with a parameter from the answer: that is a token for the next page."""
    for link in _own_links(operation):
        for key, expression in link.parameters:
            found = _EXPRESSION.fullmatch(expression)
            asked = _of_link(key, parts)
            if found is None or asked is None or _BACKWARDS.search(link.name):
                continue
            pointer = tuple(name.replace("~1", "/").replace("~0", "~") for name in (found["pointer"] or "").split("/"))
            # A link with the number of this very page would never end.
            if not asked.is_called(TOKENS | PAGES | OFFSETS) or (
                asked.is_called(PAGES | OFFSETS) and asked.name in pointer
            ):
                continue
            return Paging(
                PagingScheme.TOKEN,
                parts.items.item,
                parts.items.path,
                pointer if found["pointer"] else (),
                asked.name,
                asked.location,
                header=found["header"] or "",
                evidence=f"certain: the link {link.name!r} leads to the same operation",
            )
    return None


def _own_links(operation: Operation) -> Iterator[Link]:
    tail = operation.pointer.rpartition("#")[2]
    for response in operation.responses:
        for link in response.links:
            is_own = bool(operation.operation_id) and link.operation_id == operation.operation_id
            if is_own or (link.operation_ref and link.operation_ref.endswith(f"#{tail}")):
                yield link


def _of_link(key: str, parts: Parts) -> Asked | None:
    place, _, name = key.partition(".")
    known = place in ("query", "header", "path") and bool(name)
    return next((one for one in parts.asked if one.name in (key, name if known else key)), None)


# --- configuration ---------------------------------------------------------------------------------------------------


def configured(said: PagingSettings, found: Paging | None, operation: Operation, shapes: Shapes) -> Paging:
    """Return what a person said of paging, with what was found where nothing is said."""
    base = found or Paging(PagingScheme.SINGLE, AnyShape())
    scheme = PagingScheme(said.scheme) if said.scheme is not None else base.scheme
    if scheme is not base.scheme:  # what belongs to another scheme does not carry over
        first = 0 if scheme is PagingScheme.OFFSET else 1
        base = Paging(scheme, base.item, base.items_path, first_page=first, size=base.size)
    items = _steps(said.items, base.items_path)
    item = array_item(shape_at(answer_of(operation), items, shapes))
    parts: dict[str, Any] = {
        "next_path": _steps(said.next, base.next_path),
        "parameter": base.parameter if said.parameter is None else said.parameter,
        "location": said.location or base.location,
        "header": base.header if said.header is None else said.header,
        "first_page": base.first_page if said.first_page is None else said.first_page,
        "more_path": _steps(said.more, base.more_path),
        "total_path": _steps(said.total, base.total_path),
        "size": base.size if said.size is None else said.size,
    }
    return replace(base, items_path=items, item=item or AnyShape(), **parts, evidence="by configuration")


def _steps(said: str | tuple[str, ...] | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    if said is None:
        return otherwise
    return tuple(step for step in said.split(".") if step) if isinstance(said, str) else said


def shape_at(shape: Shape | None, path: tuple[str, ...], shapes: Shapes) -> Shape | None:
    """Return the shape at a path of wire names, None where there is none."""
    for name in path:
        part = parts_of(shape, shapes).get(name)
        if part is None:
            return None
        shape = part.shape
    return shape
