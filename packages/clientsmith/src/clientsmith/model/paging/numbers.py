"""Numbers: the caller counts pages, or items."""

from __future__ import annotations

from typing import Final

from ..ir import Paging, PagingScheme, Shape
from ..lookup import Shapes
from .parts import COMMON_FORMATS, Asked, Parts, format_word, is_number, is_text
from .signs import end_sign, has_size, hinted_sign, is_count, more_sign, named, total_sign
from .vocabulary import OFFSETS, PAGES, is_page_count

__all__ = ["by_offset", "by_page_number"]


def by_page_number(parts: Parts, _shapes: Shapes) -> Paging | None:
    asked = _counter(parts, PAGES)
    first = _first_page(asked) if asked is not None else None
    if asked is None or first is None:
        return None
    pages = next((f for f in parts.fields(number=True) if is_page_count(f.name) and is_count(f)), None)
    told = pages or total_sign(parts) or more_sign(parts) or end_sign(parts) or hinted_sign(asked, parts, PAGES)
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
        evidence=f"strong: {named(asked)} with {told.shown}",
    )


def by_offset(parts: Parts, _shapes: Shapes) -> Paging | None:
    asked = _counter(parts, OFFSETS)
    if asked is None or asked.says(r"\bpages? (number|index)\b|\bdate\b|date-time"):
        return None
    total = total_sign(parts)
    told = total or more_sign(parts) or end_sign(parts) or hinted_sign(asked, parts, OFFSETS)
    # `start` and `from` may be a time or a place: then only a size beside them makes them an offset.
    if told is None or (asked.words[-1] in ("start", "from") and not has_size(parts)):
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
        evidence=f"strong: {named(asked)} with {told.shown}",
    )


def _counter(parts: Parts, names: frozenset[str]) -> Asked | None:
    """Return the parameter that counts; of several the one with the plainest name."""
    found = [one for one in parts.asked if one.is_called(names) and one.location != "header"]
    return next((one for one in found if _may_count(one.shape)), None)


def _may_count(shape: Shape) -> bool:
    return is_number(shape) or (is_text(shape) and format_word(shape) in COMMON_FORMATS)


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
