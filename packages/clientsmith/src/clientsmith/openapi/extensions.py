"""What vendors' extensions say of paging, of groups and of versions, in one form each.

Extensions are evidence, never law: a name that the operation or the document does not have is for the caller to find
out. Everything here is a pure reading of values that a document may have filled with anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .data import is_array, is_object

__all__ = ["PagingHint", "TagHint", "VersionRange", "paging_hint", "tag_hints", "version_range"]


@dataclass(frozen=True, slots=True)
class PagingHint:
    """How an extension says that a list goes on.

    Attributes:
        scheme: ``next-link``, ``token``, ``last-id``, ``page-number``, ``offset``, ``single`` for a list of one page.
        parameter: Wire name of the request's parameter, "" where the next link has all of it.
        location: Where that parameter is: ``query``, or ``body`` for a field of the body.
        items_path: Where the items are in the body, () for the extension's own default.
        next_path: Where the link or token is in the body, or for pages the number of pages; of ``last-id`` where
            an item has its id.
        size: Wire name of the parameter for the size of a page.
        operation: Id of the operation that gives the next pages, "" for the operation itself.
        first: The number of the first page, or of the first item; None where the extension does not say.
        evidence: The extension, for people.
    """

    scheme: str
    parameter: str = ""
    location: str = "query"
    items_path: tuple[str, ...] = ()
    next_path: tuple[str, ...] = ()
    size: str = ""
    operation: str = ""
    first: int | None = None
    evidence: str = ""


def paging_hint(extensions: Mapping[str, Any], document: Mapping[str, Any] | None = None) -> PagingHint | None:
    """Return what the extensions of an operation say of paging, None if nothing.

    ``document`` is the root: ``x-fern-pagination: true`` means what stands there.
    """
    for name, read in _READERS.items():
        extension = extensions.get(name)
        if extension is True and document is not None:
            extension = document.get(name)
        if is_object(extension) and (hint := read(extension)) is not None:
            return hint
    return None


def _pageable(extension: dict[str, Any]) -> PagingHint:
    """Azure's ``x-ms-pageable``; the items are under ``value`` unless it says otherwise."""
    items = _path(extension.get("itemName") or "value")
    link = extension.get("nextLinkName")
    if not isinstance(link, str) or not link:
        return PagingHint("single", items_path=items, evidence="x-ms-pageable")
    operation = _text(extension, "operationName")
    return PagingHint(
        "next-link", items_path=items, next_path=_path(link), operation=operation, evidence="x-ms-pageable"
    )


_SPEAKEASY_SCHEMES: Final = {"page": "page-number", "offset": "offset", "cursor": "token"}


def _speakeasy(extension: dict[str, Any]) -> PagingHint | None:
    """``type``, a list of ``inputs`` and JSONPaths as ``outputs``."""
    outputs = extension.get("outputs")
    outputs = outputs if is_object(outputs) else {}
    items, evidence = _path(outputs.get("results")), "x-speakeasy-pagination"
    if extension.get("type") == "url":
        return PagingHint("next-link", items_path=items, next_path=_path(outputs.get("nextUrl")), evidence=evidence)
    inputs = [one for one in _as_list(extension.get("inputs")) if is_object(one) and isinstance(one.get("name"), str)]
    driving = next((one for one in inputs if one.get("type") in _SPEAKEASY_SCHEMES), None)
    if driving is None:
        return None
    scheme, following = _SPEAKEASY_SCHEMES[driving["type"]], _path(outputs.get("nextCursor") or outputs.get("numPages"))
    last = _OF_LAST_ITEM.fullmatch(str(outputs.get("nextCursor")))
    if scheme == "token" and last is not None:  # the cursor is a field of the last item
        scheme, items, following = "last-id", _path(last["items"]) or items, _path(last["field"])
    return PagingHint(
        scheme=scheme,
        parameter=driving["name"],
        location="body" if driving.get("in") == "requestBody" else "query",
        items_path=items,
        next_path=following,
        size=next((one["name"] for one in inputs if one.get("type") == "limit"), ""),
        evidence=evidence,
    )


_OF_LAST_ITEM: Final = re.compile(r"(?P<items>\$[\w.\[\]'\"-]*?)\[(?:-1|-1:|\(@\.length ?- ?1\))\]\.(?P<field>[\w.-]+)")


def _fern(extension: dict[str, Any]) -> PagingHint | None:
    """``$request.x`` and ``$response.y``; an ``offset`` counts pages unless ``step`` says how many items one has."""
    items, evidence = _path(extension.get("results")), "x-fern-pagination"
    if (link := extension.get("next_uri") or extension.get("next_path")) is not None:
        return PagingHint("next-link", items_path=items, next_path=_path(link), evidence=evidence)
    if parameter := _path(extension.get("cursor")):
        token = _path(extension.get("next_cursor"))
        return PagingHint("token", ".".join(parameter), "query", items, token, evidence=evidence)
    if parameter := _path(extension.get("offset")):
        scheme = "offset" if "step" in extension else "page-number"
        size = ".".join(_path(extension.get("step")))
        return PagingHint(scheme, ".".join(parameter), items_path=items, size=size, evidence=evidence)
    return None


_READERS: Final = {"x-ms-pageable": _pageable, "x-speakeasy-pagination": _speakeasy, "x-fern-pagination": _fern}


def _path(expression: Any) -> tuple[str, ...]:
    """Return the wire names of ``$.a.b``, ``$response.a.b`` or ``a.b``; () for what is more than names."""
    if not isinstance(expression, str):
        return ()
    names = re.sub(r"^\$(request|response)?\.?(body\.)?", "", expression)
    names = re.sub(r"\[['\"]([^'\"]+)['\"]\]", r".\1", names).removesuffix("[*]").removesuffix(".*").lstrip(".")
    return tuple(names.split(".")) if names and not re.search(r"[\[\]*?()]", names) else ()


# --- tags ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TagHint:
    """What a document says of a tag beside its name.

    Attributes:
        display_name: What people call it: ``summary`` of OpenAPI 3.2, or ``x-displayName``.
        parent: The tag above it (OpenAPI 3.2), or the name of its ``x-tagGroups`` group.
        kind: ``nav``, ``badge`` and the like (OpenAPI 3.2); only ``nav`` and "" say how operations belong together.
        description: For people.
    """

    display_name: str = ""
    parent: str = ""
    kind: str = ""
    description: str = ""


def tag_hints(root: Mapping[str, Any]) -> dict[str, TagHint]:
    """Return what the document says of its tags, by name."""
    groups: dict[str, str] = {}
    for group in _as_list(root.get("x-tagGroups")):
        if is_object(group) and isinstance(name := group.get("name"), str):
            groups |= {tag: name for tag in _as_list(group.get("tags")) if isinstance(tag, str) and tag not in groups}
    hints = {tag: TagHint(parent=group) for tag, group in groups.items()}
    for tag in _as_list(root.get("tags")):
        if is_object(tag) and isinstance(name := tag.get("name"), str):
            hints[name] = TagHint(
                display_name=_text(tag, "x-displayName") or _text(tag, "summary"),
                parent=_text(tag, "parent") or groups.get(name, ""),
                kind=_text(tag, "kind"),
                description=_text(tag, "description"),
            )
    return hints


def _text(part: dict[str, Any], key: str) -> str:
    value = part.get(key)
    return value if isinstance(value, str) else ""


def _as_list(value: Any) -> list[Any]:
    return value if is_array(value) else []


# --- versions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VersionRange:
    """The versions of the API that have something, "" where that is open.

    Attributes:
        since, until: The ends, which belong to it.
        evidence: The extension, for people.
        is_number: Whether an end stands there as a number: 2.10 is 2.1 then, and nobody knows which one was meant.
    """

    since: str = ""
    until: str = ""
    evidence: str = ""
    is_number: bool = False


def version_range(extensions: Mapping[str, Any]) -> VersionRange:
    """Return what ``x-clientsmith-since`` and ``-until``, or OpenStack's ``min-ver`` and ``max-ver``, say."""
    own = extensions.get("x-clientsmith-since"), extensions.get("x-clientsmith-until")
    if own != (None, None):
        return _range(*own, "x-clientsmith-since" if own[0] is not None else "x-clientsmith-until")
    said = extensions.get("x-openstack")
    if not is_object(said):
        return VersionRange()
    return _range(said.get("min-ver"), said.get("max-ver"), "x-openstack")


def _range(since: Any, until: Any, evidence: str) -> VersionRange:
    is_number = isinstance(since, float) or isinstance(until, float)
    return VersionRange(_as_version(since), _as_version(until), evidence, is_number)


def _as_version(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
