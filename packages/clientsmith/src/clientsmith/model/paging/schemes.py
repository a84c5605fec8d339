"""Which scheme request and answer speak of: one rule a scheme, the surest first.

A rule answers None where one side is silent. What it finds is *strong* evidence: both sides name parts of one scheme,
or the answer has a link, which needs nothing of the request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from ..ir import Paging, PagingScheme
from ..lookup import Shapes
from .last_ids import by_last_id
from .links import by_doubtful_link, by_link_header, by_link_list, by_sure_link
from .numbers import by_offset, by_page_number
from .parts import Asked, Parts, is_flag, is_number, is_text
from .signs import more_sign, total_sign
from .tokens import by_token
from .vocabulary import OFFSETS, PAGE_SIZES, PAGES, PLAIN_TOKENS, SIZES

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


def completed(paging: Paging, parts: Parts) -> Paging:
    """Add what every scheme may have beside its own parts: "more", the number of all items, the size of a page."""
    if paging.scheme is PagingScheme.SINGLE:
        return paging
    more, total, size = more_sign(parts), total_sign(parts), _size(paging, parts)
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
    by_link_header,
    by_sure_link,
    by_token,
    by_doubtful_link,
    by_last_id,
    by_page_number,
    by_offset,
    by_link_list,
)
