"""Last ids: the next page begins behind the last item of this one."""

from __future__ import annotations

import re

from ..ir import Paging, PagingScheme, Ref, Shape
from ..lookup import Shapes, bare
from .answers import parts_of
from .items import item_properties
from .parts import COMMON_FORMATS, Asked, Parts, format_word, is_number, is_text
from .signs import has_size, more_sign, named
from .vocabulary import AFTER_ID, LAST_IDS

__all__ = ["by_last_id"]


def by_last_id(parts: Parts, shapes: Shapes) -> Paging | None:
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
                evidence=f"strong: {named(asked)} with {why}",
            )
    return None


def _why_an_id(asked: Asked, parts: Parts, shapes: Shapes, *, is_before: bool) -> str:
    more, last = more_sign(parts), next((field for field in parts.fields(text=True) if field.letters in LAST_IDS), None)
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
    return "an 'id' of the same format" if has_format and has_size(parts) else ""


def _is_shape_of_id(asked: Shape, item: Shape, shapes: Shapes) -> bool:
    """Whether the parameter is of the kind that ids are, and only the item's id is of that kind."""
    wanted = bare(asked) or asked
    if not isinstance(wanted, Ref) and format_word(wanted) in COMMON_FORMATS | {"date-time", "date"}:
        return False
    alike = [name for name, part in parts_of(item, shapes).items() if bare(part.shape) == wanted]
    return "id" in alike and not any(re.search(r"(?i)user|member", name) for name in alike)
