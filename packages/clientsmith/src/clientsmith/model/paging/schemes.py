"""Which scheme request and answer speak of: one rule a scheme, the surest first.

A rule answers None where one side is silent. What it finds is *strong* evidence: both sides name parts of one scheme,
or the answer has a link, which needs nothing of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from ..ir import AnyShape, Paging, PagingScheme, Ref, Scalar, Shape, Union
from ..lookup import Shapes, array_item, bare
from .answers import parts_of
from .items import item_properties
from .parts import Asked, Parts, Told, is_flag, is_number, is_text
from .vocabulary import (
    AFTER_ID,
    COUNTED_PAGES,
    CURSORS,
    LAST_IDS,
    LINK_HEADER,
    NEXT_LINKS,
    NEXT_TOKENS,
    OFFSETS,
    PAGE_SIZES,
    PAGES,
    PLAIN_TOKENS,
    SIZES,
    TOKEN_HEADER,
    TOKENS,
    is_last_flag,
    is_more,
    is_page_count,
    is_total,
)

__all__ = ["completed", "find_scheme", "weak_parameter"]

Rule: TypeAlias = Callable[[Parts, Shapes], Paging | None]


def find_scheme(parts: Parts, shapes: Shapes) -> Paging | None:
    """Return how the list goes on, None where only one side speaks of it, or none."""
    found = next((paging for rule in _RULES if (paging := rule(parts, shapes)) is not None), None)
    if found is None or (found.scheme is PagingScheme.NEXT_LINK_HEADER and not _may_be_linked(parts)):
        return None
    return completed(found, parts)


def _may_be_linked(parts: Parts) -> bool:
    """A header field `Link` beside one thing, which has a list in it, leads elsewhere."""
    return not parts.items.path or (parts.items.is_plain and not parts.is_of_one)


def weak_parameter(parts: Parts) -> str:
    """Return the parameter that would drive a pager, if the answer said how the list goes on."""
    known = PAGES | OFFSETS | PLAIN_TOKENS | {"after"} - {"from", "start"}
    return next((one.name for one in parts.asked if one.location == "query" and one.is_called(known)), "")


# --- links -----------------------------------------------------------------------------------------------------------


def _link_header(parts: Parts, _shapes: Shapes) -> Paging | None:
    for field in parts.told:
        if field.header and (field.header.lower() == "link" or LINK_HEADER.fullmatch(field.header)):
            if field.letters in ("next", "nextpage") and _pair_of(field, parts):
                continue  # the number of the next page
            return Paging(
                PagingScheme.NEXT_LINK_HEADER,
                parts.items.item,
                parts.items.path,
                header=field.header,
                evidence=f"strong: {field.shown}",
            )
    return None


_LINK: Final = r"\b(ur[lin]s?|links?|href|uri-reference)\b"


def _sure_link(parts: Parts, _shapes: Shapes) -> Paging | None:
    """A field whose name or description says that it is the next page's address."""
    for field in parts.fields(text=True):
        if not field.path or not is_text(field.shape) or field.says(r"\btoken\b|\bcursor to\b"):
            continue
        if not _may_be_followed(parts):
            return None
        is_named = field.letters in NEXT_LINKS or _is_next_of_links(field)
        is_next = field.letters in ("next", "nextpage")
        if is_named or (is_next and (field.says(_LINK) or _is_among_links(field, parts))):
            return _linked(parts, field)
    return None


def _may_be_followed(parts: Parts) -> bool:
    """Links stand on answers of all kinds: where nothing of the request speaks of pages, the list has to be one."""
    if any(one.is_called(PAGES | OFFSETS | TOKENS | PAGE_SIZES) for one in parts.asked):
        return True
    of_objects = not isinstance(bare(parts.items.item), Scalar)
    return parts.items.is_usual or (of_objects and not parts.is_of_one)


def _is_among_links(field: Told, parts: Parts) -> bool:
    """`next` beside `first`, `last` or `self`, or where the operation's description speaks of the `next` link."""
    beside = {other.path[-1].lower() for other in parts.told if other.path and other.path[:-1] == field.path[:-1]}
    is_all_of_rest = {"count", "next", "previous"} <= beside
    is_linked = re.search(rf"\b{re.escape(field.name)}\W{{1,3}}(link|url)\b", parts.description) is not None
    return is_linked or is_all_of_rest or bool(beside & {"first", "last", "self"} and is_text(field.shape))


def _is_next_of_links(field: Told) -> bool:
    """``links.next``, ``_links.next.href``, ``paging.next.link``, ``links.pages.next``."""
    *around, name = (part.strip("_$@").lower() for part in field.path)
    in_links = any("link" in part for part in around)
    if name in ("next", "next_page", "nextpage") and in_links:
        return True
    return name in ("href", "link", "url", "uri") and bool(around) and around[-1] in ("next", "next_page", "nextpage")


def _doubtful_link(parts: Parts, _shapes: Shapes) -> Paging | None:
    """``next`` beside an offset or a page number that it is no value of: an address."""
    counters = [one for one in parts.asked if one.is_called(PAGES | OFFSETS)]
    for field in parts.fields(text=True):
        is_next = field.path and field.letters in ("next", "nextpage") and is_text(field.shape)
        if is_next and not is_number(field.shape) and counters and not _may_be_flag(field):
            return _linked(parts, field)
    return None


def _link_list(parts: Parts, _shapes: Shapes) -> Paging | None:
    """``links: [{rel: "next", href: …}]`` beside a parameter that such links carry."""
    for field in parts.told:
        if field.path and array_item(field.shape) is not None and _carried(parts):
            evidence = f"strong: {field.shown} is a list of links by their relation"
            return replace(_linked(parts, field), evidence=evidence)
    return None


def _carried(parts: Parts) -> bool:
    return any(one.is_called(TOKENS | OFFSETS | PAGES | {"limit"}) for one in parts.asked)


def _linked(parts: Parts, field: Told) -> Paging:
    evidence = f"strong: {field.shown} is a link"
    return Paging(PagingScheme.NEXT_LINK, parts.items.item, parts.items.path, field.path, evidence=evidence)


def _may_be_flag(field: Told) -> bool:
    """A `next_page` of which the document says that it is true or false, in text."""
    return field.says(r"^\W*(true|false|whether|flag|indicates (whether|if))\b|\btrue if\b")


# --- tokens ----------------------------------------------------------------------------------------------------------


def _token(parts: Parts, _shapes: Shapes) -> Paging | None:
    """A token of the answer that a parameter takes: paired by their names."""
    pairs = [(rank, field, asked) for field in parts.told for asked, rank in _pairs(field, parts)]
    if not pairs:
        return None
    # Names that fit each other win; of equals the first that the document has.
    _rank, field, asked = min(pairs, key=lambda pair: pair[0])
    may_be_number = bool(field.path) and is_number(field.shape) and is_text(field.shape)
    return Paging(
        PagingScheme.TOKEN,
        parts.items.item,
        parts.items.path,
        field.path,
        asked.name,
        asked.location,
        header=field.header,
        body_path=asked.body_path,
        number_tokens=asked.location == "body" and (may_be_number or _is_whole(field.shape)),
        evidence=f"strong: {_named(asked)} with {field.shown}",
    )


def _is_whole(shape: Shape) -> bool:
    shape = bare(shape) or shape
    return isinstance(shape, Scalar) and is_number(shape)


def _pairs(field: Told, parts: Parts) -> Iterator[tuple[Asked, int]]:
    if not field.header and (not (is_text(field.shape) or is_number(field.shape)) or _may_be_flag(field)):
        return
    if field.letters.startswith(("prev", "before", "last")) or field.around.startswith("prev"):
        return
    for asked in parts.asked:
        if not asked.required and _takes_token(asked, parts) and (rank := _fit(field, asked)):
            yield asked, rank


def _pair_of(field: Told, parts: Parts) -> bool:
    return any(True for _ in _pairs(field, parts))


def _takes_token(asked: Asked, parts: Parts) -> bool:
    if not (is_text(asked.shape) or is_number(asked.shape)) or is_flag(asked.shape):
        return False
    # `use_marker=true`: without it there are no markers, and the other way of paging is the usual one.
    return not any(is_flag(other.shape) and _is_switch_of(other, asked) for other in parts.asked)


def _is_switch_of(switch: Asked, asked: Asked) -> bool:
    return re.fullmatch(rf"(use|with|enable|by){asked.words[-1]}s?(paging|pagination)?", switch.words[-1]) is not None


def _fit(field: Told, asked: Asked) -> int:
    """Return how well the names of a token and a parameter fit: 1 best, 0 not at all."""
    told, words = field.letters, asked.words
    if field.header:
        is_token = TOKEN_HEADER.fullmatch(field.header) is not None
        if is_token and field.header.lower() == asked.name.lower():
            return 1
        takers = TOKENS if is_token else PAGES if told in ("nextpage", "nextpagenumber") else frozenset[str]()
        return 2 if asked.is_called(takers) else 0
    if asked.is_called(PAGES | OFFSETS):
        # A number of a page is not made of a token, but `next_page` is one for `page`.
        return _fit_of_counter(field, asked)
    if field.around in ("next", "nextpage") and told in words:
        return 1  # paging.next.after
    if any(told in (f"next{word}", f"{word}next") for word in words if word):
        return 1
    if field.around in CURSORS and told in ("after", "next", "end") and asked.is_called(TOKENS):
        return 1  # paging.cursors.after
    if told in words and told in PLAIN_TOKENS:
        return 1
    is_next_token = told in NEXT_TOKENS and bool(asked.is_called(TOKENS - {"token"}))
    if is_next_token or (told in ("next", "after") and asked.is_called(TOKENS - {"token"})):
        return 2
    return 3 if told in NEXT_TOKENS and "token" in words and not _is_secret(asked) else 0


def _fit_of_counter(field: Told, asked: Asked) -> int:
    told = field.letters
    by_name = any(told in (f"next{word}", f"next{word}number", f"nextpage{word}") for word in asked.words)
    in_next = field.around in ("next", "nextpage") and told in asked.words
    is_next_number = told == "next" and is_number(field.shape) and not is_text(field.shape)
    if not (by_name or in_next or is_next_number):
        return 0
    if is_number(field.shape):
        return 1
    # Text for a counter that is a number is an address; for one that is text itself it is a token.
    return 1 if is_text(asked.shape) and not field.says(_LINK) else 0


def _is_secret(asked: Asked) -> bool:
    return asked.says(r"\b(auth\w*|api|access|credential|key|secret|oauth|login)\b")


# --- ids -------------------------------------------------------------------------------------------------------------


def _last_id(parts: Parts, shapes: Shapes) -> Paging | None:
    """The id of the last item, where the answer says that there are more, or the parameter that it is an id."""
    if "id" not in item_properties(parts.items.item, shapes):
        return None
    for asked in parts.asked:
        name = asked.is_called(AFTER_ID)
        is_before = not name and asked.words[-1] == "before" and not any(o.is_called(AFTER_ID) for o in parts.asked)
        if (not name and not is_before) or asked.required or asked.location == "header":
            continue
        why = _why_an_id(asked, parts, shapes, is_before=is_before)
        if why:
            return Paging(
                PagingScheme.LAST_ID,
                parts.items.item,
                parts.items.path,
                ("id",),
                asked.name,
                asked.location,
                body_path=asked.body_path,
                evidence=f"strong: {_named(asked)} with {why}",
            )
    return None


def _why_an_id(asked: Asked, parts: Parts, shapes: Shapes, *, is_before: bool) -> str:
    more, last = _more(parts), next((field for field in parts.fields(text=True) if field.letters in LAST_IDS), None)
    if asked.says(r"\b(time|timestamp|date|day|seconds)\b|date-time") or not (
        is_text(asked.shape) or is_number(asked.shape)
    ):
        return ""
    has_format = _is_shape_of_id(asked.shape, parts.items.item, shapes)
    # A list that goes backwards is told by more than one sign.
    if is_before:
        return f"{more.shown}, and ids of the same format" if more is not None and has_format else ""
    if more is not None:
        return more.shown
    if last is not None:
        return last.shown
    is_text_id = is_text(asked.shape) and asked.words[-1] != "sinceid"
    if is_text_id and re.search(r"\b(id|ID|identifier)\b", asked.description) is not None:
        return "items that have an 'id'"
    return "an 'id' of the same format" if has_format and _has_size(parts) else ""


def _format(shape: Shape) -> str:
    shape = bare(shape) or shape
    return shape.format if isinstance(shape, Scalar) else ""


_COMMON_FORMATS: Final = frozenset(
    {"", "int32", "int64", "string", "integer", "int", "long", "number", "double", "float"}
)


def _is_shape_of_id(asked: Shape, item: Shape, shapes: Shapes) -> bool:
    """Whether the parameter is of the kind that ids are, and only the item's id is of that kind."""
    wanted = bare(asked) or asked
    if not isinstance(wanted, Ref) and _format(wanted) in _COMMON_FORMATS | {"date-time", "date"}:
        return False
    alike = [name for name, part in parts_of(item, shapes).items() if bare(part.shape) == wanted]
    return "id" in alike and not any(re.search(r"(?i)user|member", name) for name in alike)


# --- numbers ---------------------------------------------------------------------------------------------------------


def _page_number(parts: Parts, _shapes: Shapes) -> Paging | None:
    asked = _counter(parts, PAGES)
    first = _first_page(asked) if asked is not None else None
    if asked is None or first is None:
        return None
    pages = next((f for f in parts.fields(number=True) if is_page_count(f.name) and _is_count(f)), None)
    told = pages or _total(parts) or _more(parts) or _end(parts) or _hinted(asked, parts, PAGES)
    if told is None:
        return None
    return Paging(
        PagingScheme.PAGE_NUMBER,
        parts.items.item,
        parts.items.path,
        pages.path if pages is not None else (),
        asked.name,
        asked.location,
        header=pages.header if pages is not None else "",
        first_page=first,
        body_path=asked.body_path,
        evidence=f"strong: {_named(asked)} with {told.shown}",
    )


def _is_count(field: Told) -> bool:
    """A `last_page` of text is a link, and a `pages` of no type may be anything."""
    return bool(field.header) or (is_number(field.shape) and not isinstance(bare(field.shape), AnyShape | Union))


def _offset(parts: Parts, _shapes: Shapes) -> Paging | None:
    asked = _counter(parts, OFFSETS)
    if asked is None or asked.says(r"\bpages? (number|index)\b|\bdate\b|date-time"):
        return None
    total = _total(parts)
    told = total or _more(parts) or _end(parts) or _hinted(asked, parts, OFFSETS)
    # `start` and `from` may be a time or a place: then only a size beside them makes them an offset.
    if told is None or (asked.words[-1] in ("start", "from") and not _has_size(parts)):
        return None
    return Paging(
        PagingScheme.OFFSET,
        parts.items.item,
        parts.items.path,
        total.path if total is not None else (),
        asked.name,
        asked.location,
        first_page=_first_offset(asked),
        body_path=asked.body_path,
        evidence=f"strong: {_named(asked)} with {told.shown}",
    )


def _counter(parts: Parts, names: frozenset[str]) -> Asked | None:
    """Return the parameter that counts; of several the one with the plainest name."""
    found = [one for one in parts.asked if one.is_called(names) and one.location != "header"]
    return next((one for one in found if _may_count(one.shape)), None)


def _may_count(shape: Shape) -> bool:
    return is_number(shape) or (is_text(shape) and _format(shape) in _COMMON_FORMATS)


def _first_page(asked: Asked) -> int | None:
    """Pages are counted from 1, from 0 where the document says so; None where 0 is allowed and no more is said."""
    if asked.default in (0, "0") or asked.says(_BEGINS.format("0|zero", 0)):
        return 0
    said = asked.default is not None or asked.says(_BEGINS.format("1|one", 1))
    return None if asked.minimum == 0 and not said else 1


# "0-based", "(0..N)", "starts at 0", "first page is 0".
_BEGINS: Final = (
    r"\b({0})[ -](based|indexed)\b|\({1}\s*\.\."
    r"|\b(start\w*|begin\w*|index\w*|first( page)?) ?(at|from|with|is)? ?({0})\b"
)


def _first_offset(asked: Asked) -> int:
    is_one = asked.default in (1, "1") or (asked.default is None and asked.minimum == 1)
    return 1 if is_one or (asked.default is None and asked.says(_BEGINS.format("1|one", 1))) else 0


# --- signs -----------------------------------------------------------------------------------------------------------


def _total(parts: Parts) -> Told | None:
    """The number of all items, where it is surely that."""
    fields = (field for field in parts.fields(number=True) if _is_count(field))
    return next((field for field in fields if is_total(field.name, parts.items.nouns)), None)


def _hinted(asked: Asked, parts: Parts, names: frozenset[str]) -> Told | None:
    """A count that may be of this page alone, or the place of the page: signs where the list is called like one."""
    if not parts.items.is_usual or parts.is_of_one:
        return None
    return _counted(parts) or _echo(asked, parts, names)


def _counted(parts: Parts) -> Told | None:
    counts = COUNTED_PAGES | {f"{noun}count" for noun in parts.items.nouns}
    return next((field for field in parts.fields(number=True) if field.letters in counts and _is_count(field)), None)


def _more(parts: Parts) -> Told | None:
    return next((field for field in parts.fields(flag=True) if is_more(field.name)), None)


def _end(parts: Parts) -> Told | None:
    return next((field for field in parts.fields(flag=True) if is_last_flag(field.name)), None)


def _echo(asked: Asked, parts: Parts, names: frozenset[str]) -> Told | None:
    """The answer repeats where the page begins, and the request also says how long it is."""
    if not _has_size(parts):
        return None
    words = {*asked.words, *names} - {"start", "from"} | set(asked.words)
    return next((field for field in parts.fields(number=True) if field.path and field.letters in words), None)


def _has_size(parts: Parts) -> bool:
    return any(one.is_called(SIZES) and not is_flag(one.shape) for one in parts.asked)


def _named(asked: Asked) -> str:
    name = ".".join((*asked.body_path, asked.name))
    return f"the body's {name!r}" if asked.location == "body" else f"the {asked.location} parameter {name!r}"


# --- what every scheme may have beside its own parts ------------------------------------------------------------------


def completed(paging: Paging, parts: Parts) -> Paging:
    """Add what every scheme may have beside its own parts: "more", the number of all items, the size of a page."""
    if paging.scheme is PagingScheme.SINGLE:
        return paging
    more, total, size = _more(parts), _total(parts), _size(paging, parts)
    # A link, or a page number that counts up to a last page, says "more" itself.
    says_more = more is not None and (
        paging.scheme in (PagingScheme.TOKEN, PagingScheme.LAST_ID, PagingScheme.OFFSET)
        or (paging.scheme is PagingScheme.PAGE_NUMBER and not paging.next_path and not paging.header)
    )
    by_option = [f"`results_per_page` sends {size.name!r}"] if size is not None else []
    until = [f"{more.shown} says whether there are more"] if more is not None and says_more else []
    return replace(
        paging,
        more_path=more.path if more is not None and says_more else (),
        more_header=more.header if more is not None and says_more else "",
        total_path=total.path if total is not None else (),
        total_header=total.header if total is not None else "",
        size=size.name if size is not None else "",
        evidence="; ".join([paging.evidence, *until, *by_option]),
    )


def _size(paging: Paging, parts: Parts) -> Asked | None:
    is_counted = paging.scheme in (PagingScheme.PAGE_NUMBER, PagingScheme.OFFSET)
    place = "body" if paging.location == "body" else "query"
    if said := next((one for one in parts.asked if paging.size and one.name == paging.size), None):
        return said
    for names in (PAGE_SIZES, SIZES if is_counted else frozenset[str]()):
        for one in parts.asked:
            # A size that has to be given is an argument.
            fits = one.location == place and one.body_path == paging.body_path and not one.required
            if fits and one.is_called(names) and _is_size(one):
                return one
    return None


def _is_size(asked: Asked) -> bool:
    is_named = bool(asked.is_called(PAGE_SIZES - {"limit", "pagecount"}))
    return (is_number(asked.shape) and not is_flag(asked.shape)) or (is_named and is_text(asked.shape))


_RULES: Final[tuple[Rule, ...]] = (
    _link_header,
    _sure_link,
    _token,
    _doubtful_link,
    _last_id,
    _page_number,
    _offset,
    _link_list,
)
