"""Signs that there is more than one page: totals, flags, echoes, and how evidence names what it saw."""

from __future__ import annotations

from ..ir import AnyShape, Union
from ..lookup import bare
from .parts import Asked, Parts, Told, is_flag, is_number
from .vocabulary import COUNTED_PAGES, SIZES, is_last_flag, is_more, is_total

__all__ = ["end_sign", "has_size", "hinted_sign", "is_count", "may_be_flag", "more_sign", "named", "total_sign"]


def is_count(field: Told) -> bool:
    """A `last_page` of text is a link, and a `pages` of no type may be anything."""
    return bool(field.header) or (is_number(field.shape) and not isinstance(bare(field.shape), AnyShape | Union))


def total_sign(parts: Parts) -> Told | None:
    """The number of all items, where it is surely that."""
    fields = (field for field in parts.fields(number=True) if is_count(field))
    return next((field for field in fields if is_total(field.name, parts.items.nouns)), None)


def hinted_sign(asked: Asked, parts: Parts, names: frozenset[str]) -> Told | None:
    """A count that may be of this page alone, or the place of the page: signs where the list is called like one."""
    if not parts.items.is_usual or parts.is_of_one:
        return None
    return _counted(parts) or _echo(asked, parts, names)


def _counted(parts: Parts) -> Told | None:
    counts = COUNTED_PAGES | {f"{noun}count" for noun in parts.items.nouns}
    return next((field for field in parts.fields(number=True) if field.letters in counts and is_count(field)), None)


def more_sign(parts: Parts) -> Told | None:
    return next((field for field in parts.fields(flag=True) if is_more(field.name)), None)


def end_sign(parts: Parts) -> Told | None:
    return next((field for field in parts.fields(flag=True) if is_last_flag(field.name)), None)


def _echo(asked: Asked, parts: Parts, names: frozenset[str]) -> Told | None:
    """The answer repeats where the page begins, and the request also says how long it is."""
    if not has_size(parts):
        return None
    words = {*asked.words, *names} - {"start", "from"} | set(asked.words)
    return next((field for field in parts.fields(number=True) if field.path and field.letters in words), None)


def has_size(parts: Parts) -> bool:
    return any(one.is_called(SIZES) and not is_flag(one.shape) for one in parts.asked)


def named(asked: Asked) -> str:
    name = ".".join((*asked.body_path, asked.name))
    return f"the body's {name!r}" if asked.location == "body" else f"the {asked.location} parameter {name!r}"


def may_be_flag(field: Told) -> bool:
    """A `next_page` of which the document says that it is true or false, in text."""
    return field.says(r"^\W*(true|false|whether|flag|indicates (whether|if))\b|\btrue if\b")
