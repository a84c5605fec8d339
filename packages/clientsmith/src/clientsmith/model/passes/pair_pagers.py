"""Which operations return a list, and how the list goes on.

Evidence is *certain* (an extension says it), *strong* (a request parameter and a response field of one scheme, or a
header with a link), or *weak* (a parameter alone). Weak evidence changes nothing but the plan: the method is a pager of
one page, and the parameter stays an argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from clientsmith.findings import Finding, note
from clientsmith.openapi.data import is_object

from ..ir import (
    AnyShape,
    Api,
    Array,
    Literal,
    Location,
    Model,
    Operation,
    Paging,
    PagingScheme,
    Property,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
    Union,
)
from ..lookup import Shapes, array_item, bare, properties_of
from ..verbs import own_words, path_words
from ..words import is_plural, letters_of, singular, vocabulary

__all__ = ["pair_pagers"]

_PAGE: Final = frozenset(["page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage"])
_OFFSET: Final = frozenset(["offset", "skip", "startindex", "start"])
_TOKEN: Final = vocabulary(
    """
    cursor pagetoken pagecursor nexttoken nextpagetoken nextcursor continuationtoken token marker after
    startcursor continue next starttoken startingafter
    """
)
_SIZE: Final = vocabulary("limit perpage pagesize maxresults count top size first take maxitems")
_COUNT_OF_PAGES: Final = frozenset(["pages", "totalpages", "pagecount", "lastpage", "numpages", "numberofpages"])
_COUNT_OF_ITEMS: Final = vocabulary("total totalcount totalresults count totalitems totalrows totalhits")
_NEXT_LINK: Final = vocabulary("nextlink odatanextlink nexturl nextpageurl nexthref nexturi nextpage nextpagelink")
_NEXT_TOKEN: Final = vocabulary(
    """
    nextpagetoken nexttoken nextcursor nextpagecursor continuationtoken nextcontinuationtoken nextmarker
    endcursor nextpageoffset continue cursor marker nextstarttoken
    """
)
_SIGNS_OF_A_LIST: Final = _COUNT_OF_ITEMS | {"hasmore", "more", "next", "nextcursor", "pagination"}
_ENVELOPES: Final = vocabulary(
    "pagination paging page pageinfo meta metadata links responsemetadata cursors cursor pagemetadata"
)
_ITEMS: Final = (
    "value",
    "items",
    "data",
    "results",
    "entries",
    "objects",
    "values",
    "records",
    "list",
    "elements",
    "rows",
)
_READ_VERBS: Final = vocabulary("get list find show fetch retrieve read query index return view all describe") | {""}


class _Field(NamedTuple):
    path: tuple[str, ...]
    property: Property


def pair_pagers(api: Api) -> tuple[Api, list[Finding]]:
    """Give each operation that returns a list its `Paging`, and take the pager's own parameter off it."""
    findings: list[Finding] = []
    operations: list[Operation] = []
    for operation in api.root.operations:
        paging = _certain(operation, api.shapes) or _inferred(operation, api.shapes)
        if paging is None:
            operations.append(operation)
            continue
        weak = _weak_parameter(operation, paging)
        if weak:
            paging = replace(
                paging, evidence=f"{paging.evidence}; weak: the parameter {weak!r} alone, it stays an argument"
            )
            findings.append(_weak_note(operation, weak))
        operations.append(_paged(operation, paging))
    return replace(api, root=replace(api.root, operations=tuple(operations))), findings


def _paged(operation: Operation, paging: Paging) -> Operation:
    owned = {paging.parameter} - {""}
    if paging.scheme is PagingScheme.NEXT_LINK_HEADER:
        owned = {p.wire_name for p in operation.parameters if letters_of(p.wire_name) in _PAGE}
    kept = tuple(p for p in operation.parameters if p.location is not Location.QUERY or p.wire_name not in owned)
    return replace(operation, paging=paging, parameters=kept, returns=paging.item)


def _weak_parameter(operation: Operation, paging: Paging) -> str:
    if paging.scheme is not PagingScheme.SINGLE:
        return ""
    names = [p.wire_name for p in operation.parameters if p.location is Location.QUERY]
    return next((name for name in names if letters_of(name) in _PAGE | _OFFSET | (_TOKEN - {"next", "token"})), "")


def _weak_note(operation: Operation, parameter: str) -> Finding:
    message = (
        f"{operation.method} {operation.path} takes {parameter!r}, but its response does not say how the list goes on; "
        "the pager gives one page"
    )
    hint = "describe a page count, a next link or a next token in the response"
    return note("paging-weak", message, operation.pointer, hint)


# --- evidence --------------------------------------------------------------------------------------------------------


def _certain(operation: Operation, shapes: Shapes) -> Paging | None:
    extension = operation.extensions.get("x-ms-pageable")
    if not is_object(extension):
        return None
    name = extension.get("itemName") or "value"
    path = tuple(str(name).split(".")) if str(name) not in properties_of(operation.returns, shapes) else (str(name),)
    item = array_item(_shape_at(operation.returns, path, shapes))
    link = extension.get("nextLinkName")
    scheme = PagingScheme.NEXT_LINK if isinstance(link, str) and link else PagingScheme.SINGLE
    return Paging(
        scheme=scheme,
        item=item or AnyShape(),
        items_path=path,
        next_path=_dotted(str(link), operation.returns, shapes) if scheme is PagingScheme.NEXT_LINK else (),
        evidence="certain: x-ms-pageable",
    )


def _dotted(name: str, shape: Shape | None, shapes: Shapes) -> tuple[str, ...]:
    return (name,) if name in properties_of(shape, shapes) or "." not in name else tuple(name.split("."))


def _inferred(operation: Operation, shapes: Shapes) -> Paging | None:
    if operation.method != "GET":
        return None
    found = _items(operation, shapes)
    if found is None:
        return None
    path, item = found
    by_header = _link_header(operation)
    if by_header:
        evidence = f"strong: the response header {by_header!r}"
        return Paging(PagingScheme.NEXT_LINK_HEADER, item, path, header=by_header, evidence=evidence)
    strong = _strong(operation, item, path, shapes) if path else None
    if strong is not None:
        return strong
    why = _why_a_list(operation, path, item, shapes)
    return Paging(PagingScheme.SINGLE, item, path, evidence=why) if why else None


def _strong(operation: Operation, item: Shape, items_path: tuple[str, ...], shapes: Shapes) -> Paging | None:
    """Match the query's parameters with the fields of the response, scheme by scheme."""
    query = {letters_of(p.wire_name): p for p in operation.parameters if p.location is Location.QUERY}
    fields = {letters_of(field.path[-1]): field for field in reversed(_scalar_fields(operation.returns, shapes))}
    if link := _next_link(fields, query):
        return Paging(
            PagingScheme.NEXT_LINK, item, items_path, link, evidence=f"strong: the field {'.'.join(link)!r} is a link"
        )
    rules = (
        (PagingScheme.TOKEN, _TOKEN, _NEXT_TOKEN | {"next", "after"}),
        (PagingScheme.PAGE_NUMBER, _PAGE, _COUNT_OF_PAGES),
        (PagingScheme.OFFSET, _OFFSET, _COUNT_OF_ITEMS | {"offset"}),
    )
    for scheme, parameters, responses in rules:
        name, field = _first(query, parameters), _first(fields, responses)
        if (
            not name
            or not field
            or query[name].required
            or (query[name].default == 0 and scheme is PagingScheme.PAGE_NUMBER)
        ):
            continue
        wire_name, path = query[name].wire_name, fields[field].path
        evidence = f"strong: the parameter {wire_name!r} with the field {'.'.join(path)!r}"
        next_path = path if scheme is not PagingScheme.OFFSET or field in _COUNT_OF_ITEMS else ()
        return Paging(scheme, item, items_path, next_path, wire_name, evidence=evidence)
    page, total = _first(query, _PAGE), _first(fields, _COUNT_OF_ITEMS)
    if page and total and _first(query, _SIZE) and query[page].default != 0:
        evidence = f"strong: the parameter {query[page].wire_name!r} with the field {'.'.join(fields[total].path)!r}"
        return Paging(PagingScheme.PAGE_NUMBER, item, items_path, (), query[page].wire_name, evidence=evidence)
    return None


def _next_link(fields: dict[str, _Field], query: Iterable[str]) -> tuple[str, ...]:
    for name, field in fields.items():
        if name in _NEXT_LINK and _is_text(field.property.shape) and not (name == "nextpage" and _says(field, "token")):
            return field.path
    found = fields.get("next") or fields.get("href")
    if found is None or "next" not in [letters_of(part) for part in found.path]:
        return ()
    field = found
    in_links = len(field.path) > 1 and "link" in letters_of(field.path[0])
    has_counter = bool(set(query) & (_OFFSET | _PAGE))
    return field.path if in_links or has_counter or _says(field, "ur", "link") else ()


def _says(field: _Field, *words: str) -> bool:
    shape = bare(field.property.shape)
    text = f"{field.property.description} {shape.format if isinstance(shape, Scalar) else ''}".lower()
    return any(re.search(rf"\b{word}", text) for word in words)


def _is_text(shape: Shape) -> bool:
    shape = bare(shape) or shape
    is_text_union = isinstance(shape, Union) and any(_is_text(member) for member in shape.members)
    return is_text_union or (isinstance(shape, Scalar) and shape.kind is ScalarKind.STRING)


def _link_header(operation: Operation) -> str:
    for response in operation.responses:
        for name in response.headers:
            if name.lower() == "link" or re.fullmatch(r"(?i)(x-)?next(-(link|page|url))?", name):
                return name
    return ""


def _why_a_list(operation: Operation, path: tuple[str, ...], item: Shape, shapes: Shapes) -> str:
    verb, noun, _said = own_words(operation)
    if verb not in _READ_VERBS:
        return ""
    segments = path_words(operation.path)
    noun = noun or (tuple(segments[-1]) if segments else ())
    sounds_plural = bool(noun) and any(is_plural(word) for word in noun)
    if not path:
        is_matrix = isinstance(bare(item), (Array, Scalar, Literal)) and not sounds_plural and verb != "list"
        return "" if is_matrix else "the response is an array"
    if verb == "list":
        return f"its own verb is 'list', the items are in {'.'.join(path)!r}"
    last = segments[-1] if segments else []
    if operation.path.endswith("}") or not sounds_plural:
        return ""
    if "".join(last) == letters_of(path[-1]):
        return f"the field {path[-1]!r} is called like the path"
    signs = [name for name in properties_of(operation.returns, shapes) if letters_of(name) in _SIGNS_OF_A_LIST]
    return f"the field {path[-1]!r} stands beside {signs[0]!r}" if signs else ""


# --- the items of a response -----------------------------------------------------------------------------------------


def _items(operation: Operation, shapes: Shapes) -> tuple[tuple[str, ...], Shape] | None:
    """Return where the items of a list are in the response, and what they are."""
    if (item := array_item(operation.returns)) is not None:
        return (), item
    arrays = {
        name: item
        for name, part in properties_of(operation.returns, shapes).items()
        if (item := array_item(part.shape)) is not None
    }
    if len(arrays) == 1:
        return next(((name,), item) for name, item in arrays.items())
    noun = {word for words in path_words(operation.path)[-1:] for word in ("".join(words), singular("".join(words)))}
    preferred = [name for name in arrays if letters_of(name) in noun or name in _ITEMS]
    return ((preferred[0],), arrays[preferred[0]]) if preferred else None


def _scalar_fields(shape: Shape | None, shapes: Shapes) -> list[_Field]:
    """Fields of the response, then those of its envelopes (`pagination`, `meta`, `links` …), two levels down."""
    found: list[_Field] = []
    for name, part in properties_of(shape, shapes).items():
        found.append(_Field((name,), part))
        if letters_of(name) not in _ENVELOPES:
            continue
        for inner_name, inner in properties_of(part.shape, shapes).items():
            found.append(_Field((name, inner_name), inner))
            if inner_name in ("next", "cursors"):
                found += [_Field((name, inner_name, key), it) for key, it in properties_of(inner.shape, shapes).items()]
    return [field for field in found if not _is_nested(field.property.shape, shapes)]


def _is_nested(shape: Shape, shapes: Shapes) -> bool:
    shape = bare(shape) or shape
    return isinstance(shape, Array) or (isinstance(shape, Ref) and isinstance(shapes.get(shape.pointer), Model))


def _shape_at(shape: Shape | None, path: tuple[str, ...], shapes: Shapes) -> Shape | None:
    for name in path:
        part = properties_of(shape, shapes).get(name)
        if part is None:
            return None
        shape = part.shape
    return shape


def _first(names: Iterable[str], wanted: frozenset[str]) -> str:
    return next((name for name in names if name in wanted), "")
