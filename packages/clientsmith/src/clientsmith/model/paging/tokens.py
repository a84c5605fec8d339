"""Tokens: the answer has a value that the request takes back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..ir import Paging, PagingScheme, Scalar, Shape
from ..lookup import Shapes, bare
from .parts import Asked, Parts, Told, is_flag, is_number, is_text
from .signs import may_be_flag, named
from .vocabulary import CURSORS, LINK_WORDS, NEXT_TOKENS, OFFSETS, PAGES, PLAIN_TOKENS, TOKEN_HEADER, TOKENS

__all__ = ["by_token", "pair_of"]


def by_token(parts: Parts, _shapes: Shapes) -> Paging | None:
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
        evidence=f"strong: {named(asked)} with {field.shown}",
    )


def _is_whole(shape: Shape) -> bool:
    shape = bare(shape) or shape
    return isinstance(shape, Scalar) and is_number(shape)


def _pairs(field: Told, parts: Parts) -> Iterator[tuple[Asked, int]]:
    if not field.header and (not (is_text(field.shape) or is_number(field.shape)) or may_be_flag(field)):
        return
    if field.letters.startswith(("prev", "before", "last")) or field.around.startswith("prev"):
        return
    for asked in parts.asked:
        if not asked.required and _takes_token(asked, parts) and (rank := _fit(field, asked)):
            yield asked, rank


def pair_of(field: Told, parts: Parts) -> bool:
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
    return 1 if is_text(asked.shape) and not field.says(LINK_WORDS) else 0


def _is_secret(asked: Asked) -> bool:
    return asked.says(r"\b(auth\w*|api|access|credential|key|secret|oauth|login)\b")
