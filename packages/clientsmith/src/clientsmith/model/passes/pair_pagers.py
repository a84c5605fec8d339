"""Which operations return a list, and how the list goes on (`model/paging` reads the evidence).

Evidence is *certain* (a person, an extension or a link says it), *strong* (a request parameter and a response field of
one scheme, or a link), or *weak* (a parameter alone). Weak evidence changes nothing but the plan: the method is a pager
of one page, the parameter stays an argument, and a note says which line of configuration would make it drive the pager.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from clientsmith.configuration import Configuration
from clientsmith.findings import Change, Finding, Severity, note
from clientsmith.findings.changes import as_toml

from ..decided import place_of, said_of
from ..ir import Api, Location, Operation, Paging, PagingScheme, Scalar, ScalarKind
from ..lookup import array_item, bare, with_operations
from ..media import Format, format_of
from ..paging import completed, configured, find_items, find_scheme, known_parts, stated, weak_parameter, why_a_list
from ..paging.answers import answer_of
from ..paging.lists import READING_VERBS, SEARCHES
from ..paging.stated import shape_at
from ..paging.vocabulary import OFFSETS, PAGE_SIZES, PAGES, TOKENS, spellings
from ..verbs import own_words, path_words

__all__ = ["pair_pagers"]

# So many operations of one document with a page number and a header `Link` show how all of them go on.
_HABIT: Final = 10


def pair_pagers(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Give each operation that returns a list its `Paging`, and take the pager's own parameters off it."""
    findings: list[Finding] = []
    found = [_paging(operation, api) for operation in api.operations]
    has_habit = sum(_is_linked_and_numbered(one, paging) for one, paging in zip(api.operations, found, strict=True))
    operations: list[Operation] = []
    for operation, paging in zip(api.operations, found, strict=True):
        if paging is not None and has_habit >= _HABIT:
            paging = _as_the_others(operation, paging)
        said = said_of(operation, configuration).paging
        if said is False:
            paging = None
        elif said is not None:
            paging = configured(said, paging, operation, api.shapes)
            findings += _doubts(operation, paging, api, configuration)
        if paging is None:
            operations.append(operation)
            continue
        if said is None and (weak := _weak(operation, paging, api)):
            paging = replace(paging, evidence=f"{paging.evidence}; weak: {weak!r} alone, it stays an argument")
            findings.append(_weak_note(operation, weak))
        operations.append(_paged(operation, paging))
    return with_operations(api, operations), findings


def _paging(operation: Operation, api: Api) -> Paging | None:
    if operation.stream is not None or operation.variant or operation.method not in ("GET", "POST", "QUERY"):
        return None
    if any(format_of(one.media_type, one.shape) is Format.XML for one in operation.responses if one.shape is not None):
        return None  # pagers read JSON
    items = find_items(operation, api.shapes)
    parts = known_parts(operation, items, api.shapes) if items is not None else None
    certain = stated(operation, api, items, parts)
    if certain is not None or parts is None:
        return completed(certain, parts) if certain is not None and parts is not None else certain
    strong = find_scheme(parts, api.shapes)
    if strong is not None and _may_page(operation, strong):
        return strong
    why = why_a_list(operation, parts, api.shapes)
    return Paging(PagingScheme.SINGLE, parts.items.item, parts.items.path, evidence=why) if why else None


def _may_page(operation: Operation, paging: Paging) -> bool:
    """A POST lists where it says so, and where its next page is asked for with a POST too, not with a link."""
    verb, _noun, _said = own_words(operation)
    if operation.method == "GET":
        # To compare, say, gives more than the list in its answer.
        return not paging.items_path or verb in READING_VERBS | SEARCHES
    last = path_words(operation.path)[-1:]
    searches = verb in SEARCHES or bool(last and SEARCHES & set(last[0])) or operation.method == "QUERY"
    is_link = paging.scheme in (PagingScheme.NEXT_LINK, PagingScheme.NEXT_LINK_HEADER)
    return searches and not is_link


def _paged(operation: Operation, paging: Paging) -> Operation:
    owned = {paging.parameter, paging.size} - {""} if paging.location != "body" else set[str]()
    if paging.scheme is PagingScheme.NEXT_LINK_HEADER and not paging.keep:
        owned |= {p.wire_name for p in operation.parameters if p.wire_name not in owned and _is_page(p.wire_name)}
    owned |= _switched(operation, paging)
    places = {Location.QUERY, Location.HEADER} if paging.location == "header" else {Location.QUERY}
    # A place that has to be given is where the list begins.
    kept = tuple(p for p in operation.parameters if p.location not in places or p.wire_name not in owned or p.required)
    size = [
        replace(p, name="results_per_page")
        for p in operation.parameters
        if p.location is Location.QUERY and p.wire_name == paging.size and paging.location != "body"
    ]
    by_option = (*operation.runtime_parameters, *size)
    return replace(operation, paging=paging, parameters=kept, runtime_parameters=by_option, returns=paging.item)


def _switched(operation: Operation, paging: Paging) -> set[str]:
    """`use_marker` and `marker` beside a pager of offsets: to switch half-way would never end."""
    if paging.scheme not in (PagingScheme.OFFSET, PagingScheme.PAGE_NUMBER):
        return set()
    tokens = {p.wire_name for p in operation.parameters if set(spellings(p.wire_name)) & TOKENS}
    switches = {
        p.wire_name: token
        for p in operation.parameters
        for token in tokens
        if isinstance(shape := bare(p.shape), Scalar)
        and shape.kind is ScalarKind.BOOLEAN
        and re.fullmatch(rf"(use|with|enable|by){spellings(token)[-1]}s?", spellings(p.wire_name)[-1])
    }
    return set(switches) | set(switches.values())


# --- what a document does elsewhere ----------------------------------------------------------------------------------


def _is_page(wire_name: str) -> bool:
    return bool(set(spellings(wire_name)) & PAGES)


def _is_numbered(operation: Operation) -> bool:
    names = [spellings(p.wire_name) for p in operation.parameters if p.location is Location.QUERY]
    return any(set(words) & PAGES for words in names) and any(set(words) & PAGE_SIZES for words in names)


def _is_linked_and_numbered(operation: Operation, paging: Paging | None) -> bool:
    if paging is None or paging.scheme is not PagingScheme.NEXT_LINK_HEADER:
        return False
    return paging.header.lower() == "link" and _is_numbered(operation)


def _as_the_others(operation: Operation, paging: Paging) -> Paging:
    """A document that forgot the header here: without it there is one page, so nothing is lost by looking."""
    if paging.scheme is not PagingScheme.SINGLE or operation.method != "GET" or not _is_numbered(operation):
        return paging
    sizes = [p.wire_name for p in operation.parameters if set(spellings(p.wire_name)) & PAGE_SIZES and not p.required]
    evidence = "strong: page and size as in the operations of this document that answer with the header 'Link'"
    size = sizes[0] if sizes else ""
    scheme = PagingScheme.NEXT_LINK_HEADER
    return Paging(scheme, paging.item, paging.items_path, header="Link", size=size, evidence=evidence)


# --- findings --------------------------------------------------------------------------------------------------------


def _weak(operation: Operation, paging: Paging, api: Api) -> str:
    items = find_items(operation, api.shapes) if paging.scheme is PagingScheme.SINGLE else None
    return weak_parameter(known_parts(operation, items, api.shapes)) if items is not None else ""


def _weak_note(operation: Operation, parameter: str) -> Finding:
    message = (
        f"{operation.method} {operation.path} takes {parameter!r}, but its response does not say how the list goes on; "
        "the pager gives one page"
    )
    words = spellings(parameter)
    is_page, is_offset = bool(set(words) & PAGES), bool(set(words) & OFFSETS)
    scheme = "page-number" if is_page else "offset" if is_offset else "token"
    parts = {"scheme": scheme, "parameter": parameter} | ({} if is_page or is_offset else {"next": "…"})
    change = Change(("operations", operation.key), "paging", as_toml(parts))
    hint = f"describe it in the response, or configure {change}"
    return note("paging-weak", message, operation.pointer, hint, change)


def _doubts(operation: Operation, paging: Paging, api: Api, configuration: Configuration) -> list[Finding]:
    """What was configured, and the document does not have."""
    key = place_of("paging", operation, configuration)
    what = f"{operation.method} {operation.path}"
    problems: list[str] = []
    if array_item(shape_at(answer_of(operation), paging.items_path, api.shapes)) is None:
        place = ".".join(paging.items_path) or "the body itself"
        problems.append(f"{what}: the document has no list at {place!r}, so the items have no type")
    names = {p.wire_name for p in operation.parameters}
    if paging.parameter and paging.location != "body" and paging.parameter not in names:
        problems.append(f"{what} has no parameter {paging.parameter!r}; it is sent all the same")
    if _lacks_way(paging):
        problems.append(f"{what}: scheme {paging.scheme.value!r} does not say what leads on, so there is one page")
    hint = "look at the paths in `clientsmith ir`"
    return [configuration.source.finding(Severity.WARNING, "paging-configured", one, key, hint) for one in problems]


def _lacks_way(paging: Paging) -> bool:
    match paging.scheme:
        case PagingScheme.NEXT_LINK:
            return not paging.next_path
        case PagingScheme.NEXT_LINK_HEADER:
            return not paging.header
        case PagingScheme.TOKEN:
            return not paging.parameter or not (paging.next_path or paging.header)
        case PagingScheme.LAST_ID | PagingScheme.PAGE_NUMBER | PagingScheme.OFFSET:
            return not paging.parameter
        case PagingScheme.SINGLE:
            return False
