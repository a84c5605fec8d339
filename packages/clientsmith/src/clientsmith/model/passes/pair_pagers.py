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
from clientsmith.openapi.extensions import paging_hint

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
    Parameter,
    Property,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
    Union,
)
from ..lookup import Shapes, array_item, bare, properties_of, with_operations
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
# What is surely the size of a page. `top`, `first`, `take` and `count` may be a limit for the whole list.
_PAGE_SIZE: Final = vocabulary(
    "limit perpage pagesize maxresults resultsperpage itemsperpage maxpagesize pagelimit maxitems"
)
_LAST_ID: Final = vocabulary("startingafter afterid lastid sinceid after")
_MORE: Final = vocabulary("hasmore hasnext hasnextpage more moreavailable istruncated")
_TOKEN_HEADERS: Final = re.compile(
    r"(?i)(x-(ms-)?)?(next-?(page-?)?|continuation-?)(token|cursor|marker)|x-ms-continuation"
)
_SEARCHES: Final = frozenset(["search", "query", "list", "find", "scroll"])
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
    for operation in api.operations:
        is_stream = operation.stream is not None
        paging = None if is_stream else _certain(operation, api.shapes) or _inferred(operation, api.shapes)
        if paging is None:
            operations.append(operation)
            continue
        weak = _weak_parameter(operation, paging)
        if weak:
            paging = replace(
                paging, evidence=f"{paging.evidence}; weak: the parameter {weak!r} alone, it stays an argument"
            )
            findings.append(_weak_note(operation, weak))
        operations.append(_paged(operation, _sized(paging, operation, api.shapes)))
    return with_operations(api, operations), findings


def _paged(operation: Operation, paging: Paging) -> Operation:
    owned = {paging.parameter, paging.size} - {""}
    if paging.scheme is PagingScheme.NEXT_LINK_HEADER:
        owned |= {p.wire_name for p in operation.parameters if letters_of(p.wire_name) in _PAGE}
    places = {Location.QUERY, Location.HEADER} if paging.location == "header" else {Location.QUERY}
    kept = tuple(p for p in operation.parameters if p.location not in places or p.wire_name not in owned)
    size = [replace(p, name="results_per_page") for p in operation.parameters if p.wire_name == paging.size]
    by_option = (*operation.runtime_parameters, *size)
    return replace(operation, paging=paging, parameters=kept, runtime_parameters=by_option, returns=paging.item)


def _sized(paging: Paging, operation: Operation, shapes: Shapes) -> Paging:
    """What every scheme may have beside its own parts: "more", the number of all items, the size of a page."""
    if paging.scheme is PagingScheme.SINGLE:
        return paging
    fields = _scalar_fields(operation.returns, shapes)
    more = next((f for f in fields if letters_of(f.path[-1]) in _MORE and _is(f, ScalarKind.BOOLEAN)), None)
    total = next((f for f in fields if letters_of(f.path[-1]) in _COUNT_OF_ITEMS and _is(f, ScalarKind.INTEGER)), None)
    headers = [name for response in operation.responses for name in response.headers]
    in_header = next((name for name in headers if letters_of(name.removeprefix("X-")) in _COUNT_OF_ITEMS), "")
    size = next((p for p in operation.parameters if _is_page_size(p)), None)
    # A count that says how many items this page has is no total.
    has_total = total is not None and letters_of(total.path[-1]) != "count"
    # A link, or a page number that counts up to a last page, says "more" itself.
    says_more = more is not None and paging.scheme in (PagingScheme.TOKEN, PagingScheme.LAST_ID, PagingScheme.OFFSET)
    by_option = [f"`results_per_page` sends {size.wire_name!r}"] if size is not None else []
    until = [f"{'.'.join(more.path)!r} says whether there are more"] if more is not None and says_more else []
    return replace(
        paging,
        more_path=more.path if more is not None and says_more else (),
        total_path=total.path if total is not None and has_total else (),
        total_header="" if has_total else in_header,
        size=size.wire_name if size is not None else "",
        evidence="; ".join([paging.evidence, *until, *by_option]),
    )


def _is_page_size(parameter: Parameter) -> bool:
    shape = bare(parameter.shape)
    is_number = isinstance(shape, Scalar) and shape.kind in (ScalarKind.INTEGER, ScalarKind.NUMBER)
    in_query = parameter.location is Location.QUERY and not parameter.required
    return in_query and is_number and letters_of(parameter.wire_name) in _PAGE_SIZE


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
    hint = paging_hint(operation.extensions)
    if hint is None:
        return None
    in_query = {p.wire_name for p in operation.parameters if p.location is Location.QUERY}
    if hint.parameter and hint.location == "query" and hint.parameter not in in_query:
        return None  # the extension speaks of something that the operation does not have
    path = _dotted(".".join(hint.items_path), operation.returns, shapes)
    item = array_item(_shape_at(operation.returns, path, shapes))
    return Paging(
        scheme=PagingScheme(hint.scheme),
        item=item or AnyShape(),
        items_path=path,
        next_path=_dotted(".".join(hint.next_path), operation.returns, shapes),
        parameter=hint.parameter,
        location=hint.location,
        evidence=f"certain: {hint.evidence}",
    )


def _dotted(name: str, shape: Shape | None, shapes: Shapes) -> tuple[str, ...]:
    if not name:
        return ()
    return (name,) if name in properties_of(shape, shapes) or "." not in name else tuple(name.split("."))


def _inferred(operation: Operation, shapes: Shapes) -> Paging | None:
    found = _items(operation, shapes)
    if found is None:
        return None
    path, item = found
    if operation.method != "GET":
        return _search(operation, item, path, shapes)
    by_header = _link_header(operation)
    if by_header:
        evidence = f"strong: the response header {by_header!r}"
        return Paging(PagingScheme.NEXT_LINK_HEADER, item, path, header=by_header, evidence=evidence)
    strong = _token_header(operation, item, path)
    if strong is None and path:
        strong = _strong(operation, item, path, shapes)
    if strong is None:
        strong = _last_id(operation, item, path, shapes)
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
        first = _first_page(query[name]) if name and scheme is PagingScheme.PAGE_NUMBER else 1
        if not name or not field or query[name].required or first is None:
            continue
        wire_name, path = query[name].wire_name, fields[field].path
        evidence = f"strong: the parameter {wire_name!r} with the field {'.'.join(path)!r}"
        next_path = path if scheme is not PagingScheme.OFFSET or field in _COUNT_OF_ITEMS else ()
        return Paging(scheme, item, items_path, next_path, wire_name, first_page=first, evidence=evidence)
    page, total = _first(query, _PAGE), _first(fields, _COUNT_OF_ITEMS)
    first = _first_page(query[page]) if page else None
    if page and total and _first(query, _SIZE) and first is not None:
        evidence = f"strong: the parameter {query[page].wire_name!r} with the field {'.'.join(fields[total].path)!r}"
        name = query[page].wire_name
        return Paging(PagingScheme.PAGE_NUMBER, item, items_path, (), name, first_page=first, evidence=evidence)
    return None


def _first_page(parameter: Parameter) -> int | None:
    """Pages are counted from 1, from 0 where that is the default; None where 0 is allowed and no default said."""
    if parameter.default == 0:
        return 0
    return None if parameter.constraints.minimum == 0 and parameter.default is None else 1


def _token_header(operation: Operation, item: Shape, items_path: tuple[str, ...]) -> Paging | None:
    """A token in a response header, which goes back in a query parameter or in a header."""
    names = (name for response in operation.responses for name in response.headers)
    header = next((name for name in names if _TOKEN_HEADERS.fullmatch(name)), "")
    places = (Location.QUERY, Location.HEADER)
    asked = next(
        (
            p
            for p in operation.parameters
            if p.location in places and not p.required and (p.wire_name.lower() == header.lower() or _is_token(p))
        ),
        None,
    )
    if not header or asked is None:
        return None
    place = asked.location.value
    return Paging(
        PagingScheme.TOKEN,
        item,
        items_path,
        parameter=asked.wire_name,
        location=place,
        header=header,
        evidence=f"strong: the {place} parameter {asked.wire_name!r} with the response header {header!r}",
    )


def _is_token(parameter: Parameter) -> bool:
    return letters_of(parameter.wire_name.lower().removeprefix("x-")) in _TOKEN and _is_text(parameter.shape)


def _last_id(operation: Operation, item: Shape, items_path: tuple[str, ...], shapes: Shapes) -> Paging | None:
    """The id of the last item, where the answer says that there are more, or the parameter that it is an id."""
    if "id" not in properties_of(item, shapes):
        return None
    asked = next(
        (
            p
            for p in operation.parameters
            if p.location is Location.QUERY and not p.required and letters_of(p.wire_name) in _LAST_ID
        ),
        None,
    )
    if asked is None:
        return None
    fields = _scalar_fields(operation.returns, shapes)
    more = next((f for f in fields if letters_of(f.path[-1]) in _MORE and _is(f, ScalarKind.BOOLEAN)), None)
    # `since_id` and a bare `after` may also be a filter, or a time.
    says_id = re.search(r"\b(id|ID|identifier)\b", asked.description) is not None and _is_text(asked.shape)
    if more is None and not (says_id and letters_of(asked.wire_name) not in ("sinceid",)):
        return None
    why = f"the field {'.'.join(more.path)!r}" if more is not None else "items that have an 'id'"
    evidence = f"strong: the parameter {asked.wire_name!r} with {why}"
    return Paging(PagingScheme.LAST_ID, item, items_path, ("id",), asked.wire_name, evidence=evidence)


def _search(operation: Operation, item: Shape, items_path: tuple[str, ...], shapes: Shapes) -> Paging | None:
    """A list that is asked for with a body, which holds the token too."""
    verb, _noun, _said = own_words(operation)
    last = path_words(operation.path)[-1:]
    is_search = operation.method == "POST" and (verb in _SEARCHES or bool(last and _SEARCHES & set(last[0])))
    if not is_search or operation.body is None or not items_path:
        return None
    asked = {letters_of(name): part for name, part in properties_of(operation.body.shape, shapes).items()}
    fields = {letters_of(field.path[-1]): field for field in reversed(_scalar_fields(operation.returns, shapes))}
    name, field = _first(asked, _TOKEN), _first(fields, _NEXT_TOKEN)
    if not name or not field or asked[name].required or not _is_text(asked[name].shape):
        return None
    wire_name, path = asked[name].wire_name, fields[field].path
    evidence = f"strong: the body's {wire_name!r} with the field {'.'.join(path)!r}"
    return Paging(PagingScheme.TOKEN, item, items_path, path, wire_name, "body", evidence=evidence)


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


def _is(field: _Field, kind: ScalarKind) -> bool:
    shape = bare(field.property.shape)
    return isinstance(shape, Scalar) and shape.kind is kind


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
