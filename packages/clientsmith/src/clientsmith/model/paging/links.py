"""Links: the answer has the address of the next page, in a header field or in its body."""

from __future__ import annotations

import re
from dataclasses import replace

from ..ir import Paging, PagingScheme, Scalar
from ..lookup import Shapes, array_item, bare
from .parts import Parts, Told, is_number, is_text
from .signs import may_be_flag
from .tokens import pair_of
from .vocabulary import LINK_HEADER, LINK_WORDS, NEXT_LINKS, OFFSETS, PAGE_SIZES, PAGES, TOKENS

__all__ = ["by_doubtful_link", "by_link_header", "by_link_list", "by_sure_link"]


def by_link_header(parts: Parts, _shapes: Shapes) -> Paging | None:
    for field in parts.told:
        if field.header and (field.header.lower() == "link" or LINK_HEADER.fullmatch(field.header)):
            if field.letters in ("next", "nextpage") and pair_of(field, parts):
                continue  # the number of the next page
            return Paging(
                PagingScheme.NEXT_LINK_HEADER,
                parts.items.item,
                parts.items.path,
                header=field.header,
                evidence=f"strong: {field.shown}",
            )
    return None


def by_sure_link(parts: Parts, _shapes: Shapes) -> Paging | None:
    """A field whose name or description says that it is the next page's address."""
    for field in parts.fields(text=True):
        if not field.path or not is_text(field.shape) or field.says(r"\btoken\b|\bcursor to\b"):
            continue
        if not _may_be_followed(parts):
            return None
        is_named = field.letters in NEXT_LINKS or _is_next_of_links(field)
        is_next = field.letters in ("next", "nextpage")
        if is_named or (is_next and (field.says(LINK_WORDS) or _is_among_links(field, parts))):
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


def by_doubtful_link(parts: Parts, _shapes: Shapes) -> Paging | None:
    """``next`` beside an offset or a page number that it is no value of: an address."""
    counters = [one for one in parts.asked if one.is_called(PAGES | OFFSETS)]
    for field in parts.fields(text=True):
        is_next = field.path and field.letters in ("next", "nextpage") and is_text(field.shape)
        if is_next and not is_number(field.shape) and counters and not may_be_flag(field):
            return _linked(parts, field)
    return None


def by_link_list(parts: Parts, _shapes: Shapes) -> Paging | None:
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
