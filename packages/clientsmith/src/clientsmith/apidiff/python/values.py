"""Variables, constants, type aliases: their types and what they are set to."""

from __future__ import annotations

import ast
import re
from typing import Final

from ..difference import Kind
from .comparison import Comparison, contrasted, written, written_type
from .facts import Attribute, Class
from .variance import Relation, is_only_more_literals

__all__ = ["compare_aliases", "compare_attribute_types", "compare_values"]

_API_VERSION: Final = re.compile(r"(default_)?(api|service)_?version|latest_(api_)?version", re.IGNORECASE)
_OWN_VERSION: Final = re.compile(r"_*version(_*info|_tuple)?_*|_*(build|release|commit|revision|date)_*", re.IGNORECASE)
_SETTING: Final = re.compile(
    r"default|timeout|retries|max|min|size|limit|interval|delay|user_agent|url|host", re.IGNORECASE
)


def compare_attribute_types(
    comparison: Comparison,
    subject: str,
    old: Attribute,
    new: Attribute,
    scopes: tuple[Class | None, Class | None] = (None, None),
    *,
    is_only_given: bool = False,
) -> None:
    """Tell what is other about a type: what is read must not be wider, what is only handed over not be narrower."""
    if old.annotation is None or written_type(old.annotation) == written_type(new.annotation):
        return
    was = comparison.old.read(old.annotation, old.module, scopes[0]).type
    now = comparison.new.read(new.annotation, new.module, scopes[1]).type
    places = comparison.places(old, new)
    texts = contrasted(written_type(old.annotation), written_type(new.annotation))
    message = f"its type was {texts[0]}, is {texts[1]}"
    match comparison.variance.relation(was, now):
        case Relation.NARROWER:
            rule = "attribute-type-changed" if is_only_given else "attribute-type-narrowed"
            comparison.tell(rule, subject, message, *places)
        case Relation.WIDER if is_only_given:
            comparison.tell("attribute-type-widened", subject, message, *places)
        case Relation.WIDER if is_only_more_literals(was, now):
            comparison.tell("literal-value-added", subject, message, *places)
        case Relation.WIDER | Relation.OTHER:
            comparison.tell("attribute-type-changed", subject, message, *places)
        case Relation.UNKNOWN:
            comparison.tell("type-changed", subject, message, *places)
        case Relation.SAME:
            pass


def compare_values(comparison: Comparison, subject: str, old: Attribute, new: Attribute) -> None:
    """Tell that a constant has another value; of what is computed nothing is known."""
    if old.value is None or new.value is None or _OWN_VERSION.fullmatch(old.name):
        return
    try:
        was, now = ast.literal_eval(old.value), ast.literal_eval(new.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return
    if type(was) is type(now) and was == now:
        return
    places = comparison.places(old, new)
    texts = contrasted(written(old.value), written(new.value))
    message = f"its value was {texts[0]}, is {texts[1]}"
    if _API_VERSION.search(old.name):
        comparison.tell("api-version-changed", subject, message, *places)
    elif _has_grown(was, now) or not old.name.isupper() or _SETTING.search(old.name):
        # A setting of the library, or a list with more in it: who reads it finds what it is now.
        comparison.tell("attribute-value-changed", subject, message, *places, kind=Kind.ADDITION, advice="")
    else:
        comparison.tell("attribute-value-changed", subject, message, *places)


def _has_grown(was: object, now: object) -> bool:
    match was, now:
        case (dict(), dict()):
            return was.items() <= now.items()  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
        case (list() | tuple() | set() | frozenset(), list() | tuple() | set() | frozenset()):
            return all(one in now for one in was)  # pyright: ignore[reportUnknownVariableType]
        case _:
            return False


def compare_aliases(comparison: Comparison, subject: str, old: Attribute, new: Attribute) -> bool:
    """Tell what is other about a type alias, and return whether both are aliases of types."""
    was, now = comparison.old.reader.alias(old), comparison.new.reader.alias(new)
    if was is None or now is None or (isinstance(old.value, ast.Constant) and isinstance(new.value, ast.Constant)):
        return False
    if written(old.value) == written(new.value):
        return True
    places = comparison.places(old, new)
    texts = contrasted(written(old.value), written(new.value))
    message = f"stood for {texts[0]}, stands for {texts[1]}"
    match comparison.variance.relation(was, now):
        case Relation.WIDER:
            comparison.tell("alias-type-widened", subject, message, *places)
        case Relation.NARROWER | Relation.OTHER:
            comparison.tell("alias-type-changed", subject, message, *places)
        case Relation.UNKNOWN:
            comparison.tell("type-changed", subject, message, *places)
        case Relation.SAME:
            pass
    return True
