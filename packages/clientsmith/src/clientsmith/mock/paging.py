"""Lists that really go on: three pages, cut in the way that `pair_pagers` found.

A page is the usual answer with its items, its link or token, and its counts replaced. The pages of a list differ in
their items and nothing has to be remembered between requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from clientsmith.model.ir import Paging, PagingScheme
from clientsmith.openapi.data import is_array, is_object

from .description import Described, Media
from .exchange import Request
from .parameters import Kinds
from .schemas import Schema
from .values import ValueMaker

__all__ = ["PAGES", "Cut", "PageMaker", "value_at", "with_value"]

PAGES: Final = 3
_USUAL_SIZE: Final = 2


class Cut(NamedTuple):
    """One page: its body, and the header fields that lead to the next one."""

    body: Any
    headers: Mapping[str, str]


class PageMaker:
    """Cuts the answers of list operations into pages."""

    def __init__(self, maker: ValueMaker, kinds: Kinds) -> None:
        self._maker, self._kinds = maker, kinds
        self._items: dict[tuple[str, int], Any] = {}

    def cut(self, described: Described, media: Media, body: Any, request: Request, sent: Any) -> Cut:
        """Return the page that ``request`` asks for; ``sent`` is its JSON body."""
        paging = described.operation.paging
        if paging is None:
            return Cut(body, {})

        def item(schema: Schema, variation: int) -> Any:
            key = described.place, variation
            if key not in self._items:
                self._items[key] = self._maker.make(schema, variation=variation)
            return self._items[key]

        def make(schema: Schema, variation: int) -> Any:
            return self._maker.make(schema, variation=variation)

        listing = _Listing(item, make, self._kinds, paging, media, body)
        if paging.scheme is PagingScheme.SINGLE:  # an example may have forgotten its list
            has_list = is_array(value_at(body, paging.items_path))
            return Cut(body if has_list else with_value(body, paging.items_path, listing.items(0, _USUAL_SIZE)), {})
        page, size = listing.asked_for(request, sent)
        items = listing.items(page, size)
        made = with_value(body, paging.items_path, items)
        if paging.more_path:
            made = with_value(made, paging.more_path, page < PAGES - 1)
        if paging.total_path:
            made = with_value(made, paging.total_path, PAGES * size)
        headers = {paging.total_header: str(PAGES * size)} if paging.total_header else {}
        if paging.more_header:
            headers[paging.more_header] = "true" if page < PAGES - 1 else "false"
        return listing.linked(Cut(made, headers), page, request)


class _Listing:
    """The list of one operation."""

    def __init__(
        self,
        item: Callable[[Schema, int], Any],
        make: Callable[[Schema, int], Any],
        kinds: Kinds,
        paging: Paging,
        media: Media,
        body: Any,
    ) -> None:
        self._item, self._make, self._kinds, self._paging, self._body = item, make, kinds, paging, body
        self._schema = media.schema

    def asked_for(self, request: Request, sent: Any) -> tuple[int, int]:
        """Return which page is asked for, from 0, and how many items it is to have."""
        size = _number(self._sent(self._paging.size, request, sent)) if self._paging.size else None
        array = self._at(self._paging.items_path)
        limits = [part.get("maxItems", _USUAL_SIZE) for part in self._kinds.parts(array)]
        count = max(1, min(size or _USUAL_SIZE, _USUAL_SIZE, *limits))
        count = max(count, *(part.get("minItems", 0) for part in self._kinds.parts(array)))
        return self._page(request, sent, count), count

    def _page(self, request: Request, sent: Any, size: int) -> int:
        paging = self._paging
        if paging.scheme in (PagingScheme.NEXT_LINK, PagingScheme.NEXT_LINK_HEADER):
            return _number(request.own("__page")) or 0
        said = self._sent(paging.parameter, request, sent)
        match paging.scheme:
            case PagingScheme.PAGE_NUMBER:
                number = _number(said)
                return 0 if number is None else max(0, number - paging.first_page)
            case PagingScheme.OFFSET:
                first = paging.first_page if said else 0
                return max(0, (_number(said) or 0) - first) // size
            case PagingScheme.LAST_ID:
                ends = [_id_of(self.items(page, size), paging.next_path or ("id",)) for page in range(PAGES)]
                return next((page + 1 for page, end in enumerate(ends) if said and end == said), 0)
            case _:
                return next((page for page in range(1, PAGES) if said and self._token(page) == said), 0)

    def _sent(self, name: str, request: Request, sent: Any) -> str:
        """Return what the request has for a parameter, as text."""
        if self._paging.location == "body":
            value = value_at(sent, (*self._paging.body_path, name)) if sent is not None else None
            return "" if value is None else str(value)
        if self._paging.location == "header" and name == self._paging.parameter:
            return request.headers.get(name.lower(), "")
        return next((unquote(text) for key, text in request.query if key == name), "")

    def items(self, page: int, size: int) -> list[Any]:
        """Return the items of a page; the first one has those of the example."""
        if page >= PAGES:
            return []
        given = value_at(self._body, self._paging.items_path)
        known: list[Any] = given[:size] if page == 0 and is_array(given) else []
        schema = self._kinds.items(self._at(self._paging.items_path))
        made = [*known, *(self._item(schema, page * size + n + 1) for n in range(len(known), size))]
        if self._paging.scheme is PagingScheme.LAST_ID and made:
            made[-1] = self._with_own_id(schema, made[-1], page)
        return made

    def _with_own_id(self, schema: Schema, last: Any, page: int) -> Any:
        """Return an item with an id that no other page ends with: it is what the next page is asked for with."""
        path = self._paging.next_path or ("id",)
        if value_at(last, path) is None:
            return last
        for name in path:
            schema = self._kinds.properties(schema).get(name, {})
        made = [self._make(schema, 1000 + number) for number in range(12)]
        distinct = list(dict.fromkeys(one for one in made if isinstance(one, str | int)))
        return with_value(last, path, distinct[page]) if page < len(distinct) else last

    def linked(self, cut: Cut, page: int, request: Request) -> Cut:
        """Return a page with what leads to the next one, or without it on the last one."""
        paging, is_last = self._paging, page >= PAGES - 1
        match paging.scheme:
            case PagingScheme.NEXT_LINK:
                return cut._replace(body=self._next(cut.body, None if is_last else _link(request, page + 1)))
            case PagingScheme.NEXT_LINK_HEADER:
                link = _link(request, page + 1)
                text = f'<{link}>; rel="next"' if paging.header.lower() == "link" else link
                return cut if is_last else cut._replace(headers={**cut.headers, paging.header: text})
            case PagingScheme.TOKEN if paging.header:
                own = {} if is_last else {paging.header: self._token(page + 1)}
                return cut._replace(headers={**cut.headers, **own})
            case PagingScheme.TOKEN:
                token = None if is_last else self._typed_token(page + 1)
                return cut._replace(body=self._next(cut.body, token))
            case PagingScheme.PAGE_NUMBER if paging.header:
                return cut._replace(headers={**cut.headers, paging.header: str(PAGES)})
            case PagingScheme.PAGE_NUMBER if paging.next_path:
                return cut._replace(body=with_value(cut.body, paging.next_path, PAGES))
            case PagingScheme.OFFSET if paging.next_path and not paging.total_path:
                size = len(self.items(0, _USUAL_SIZE))
                return cut._replace(body=with_value(cut.body, paging.next_path, PAGES * size))
            case _:
                return cut

    def _next(self, body: Any, value: object) -> Any:
        """Set the link or token; on the last page it is missing, or null where it is required."""
        path = self._paging.next_path
        if value is not None:
            return with_value(body, path, value)
        holder = self._at(path[:-1])
        is_required = any(path[-1] in part.get("required", ()) for part in self._kinds.parts(holder))
        if not is_required:
            return _without(body, path)
        allowed = self._kinds.of(self._at(path))
        return with_value(body, path, None if "null" in allowed or not allowed <= {"string"} else "")

    def _token(self, page: int) -> str:
        return str(self._typed_token(page))

    def _typed_token(self, page: int) -> Any:
        allowed = self._kinds.of(self._at(self._paging.next_path)) if self._paging.next_path else set[str]()
        return page * 1000 if "integer" in allowed else f"page-{page + 1}"

    def _at(self, path: tuple[str, ...]) -> Schema:
        schema = self._schema
        for name in path:
            schema = self._kinds.properties(schema).get(name, {})
        return schema


def _link(request: Request, page: int) -> str:
    """Return the request's own URL, with the page to give."""
    path, _, query = request.url.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("__page=")]
    return f"{path}?{'&'.join([*kept, f'__page={page}'])}"


def _number(text: object) -> int | None:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else None


def _id_of(items: list[Any], path: tuple[str, ...]) -> str:
    found = value_at(items[-1], path) if items else None
    return "" if found is None else str(found)


def value_at(value: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path of names, None where nothing does."""
    for name in path:
        value = value.get(name) if is_object(value) else None
    return value


def with_value(value: Any, path: tuple[str, ...], leaf: Any) -> Any:
    """Return ``value`` with ``leaf`` at a path of names; the empty path is the value itself."""
    if not path:
        return leaf
    known = value if is_object(value) else {}
    return {**known, path[0]: with_value(known.get(path[0]), path[1:], leaf)}


def _without(value: Any, path: tuple[str, ...]) -> Any:
    if not is_object(value) or path[0] not in value:
        return value
    if len(path) == 1:
        return {name: part for name, part in value.items() if name != path[0]}
    return {**value, path[0]: _without(value[path[0]], path[1:])}
