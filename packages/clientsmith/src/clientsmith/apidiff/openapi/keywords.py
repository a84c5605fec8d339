"""What single keywords of a schema say to its view: types, values, bounds, and words that are taken as they are."""

from __future__ import annotations

import math
from typing import Any, Final

from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node

from .view import BOUNDS, OPAQUE, Bound, View, Word, canonical

__all__ = [
    "implied_types",
    "listed_values",
    "read_bounds",
    "read_values",
    "read_words",
    "type_of_value",
    "types_of_both",
    "types_said",
]

_WORDS: Final = (
    "title", "default", "deprecated", "readOnly", "writeOnly", "pattern", "multipleOf", "uniqueItems",
    "discriminator", "x-sunset", *OPAQUE,
)  # fmt: skip
# Of these, several parts mean all of them; of the others the first part's is taken.
_ALL_COUNT: Final = frozenset({"pattern", *OPAQUE})
_STRUCTURE: Final = {
    "object": frozenset({"properties", "additionalProperties", "patternProperties", "unevaluatedProperties"}),
    "array": frozenset({"items", "prefixItems"}),
}
_INTEGERS: Final = frozenset({"integer"})


def types_said(said: Any) -> frozenset[str] | None:
    """Return what `type` says, None for what is no type."""
    if isinstance(said, str):
        return frozenset({said})
    return frozenset(one for one in said if isinstance(one, str)) if is_array(said) and said else None


def types_of_both(some: frozenset[str] | None, others: frozenset[str]) -> frozenset[str]:
    """Return the types that are in both; an integer is a number."""
    if some is None:
        return frozenset(others - {"integer"}) if "number" in others else others
    common = some & others
    if "integer" in some | others and "number" in some | others:
        common |= {"integer"} if not {"number"} <= common else frozenset[str]()
    return common


def implied_types(value: dict[str, Any]) -> frozenset[str] | None:
    """Structure says of which type a value is, as every generator reads it."""
    if value.keys() & {"anyOf", "oneOf"}:
        return None
    return next((frozenset({name}) for name, words in _STRUCTURE.items() if value.keys() & words), None)


def type_of_value(value: Any) -> str:
    """Return the JSON type of a value."""
    names = ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (dict, "object"), (list, "array"))
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def listed_values(value: dict[str, Any]) -> list[Any] | None:
    """Return the values of `const` or `enum`, None where any value is allowed."""
    if "const" in value:
        return [value["const"]]
    return value["enum"] if is_array(value.get("enum")) else None


def read_values(view: View, node: Node) -> None:
    """Take over an enumeration, open or closed; of several only what is in all."""
    value = node.mapping
    values = listed_values(value)
    said = value.get("x-extensible-enum")
    is_open = is_object(value.get("x-ms-enum")) and value["x-ms-enum"].get("modelAsString") is True
    if is_array(said):
        view.open_enum, view.enum_place = tuple(said), f"{node.place}/x-extensible-enum"
    if values is None:
        return
    found = tuple(one for one in values if one is not None)
    place = f"{node.place}/{'const' if 'const' in value else 'enum'}"
    if is_open:
        view.open_enum, view.enum_place = found, place
    elif found or None not in values:
        kept = {canonical(one) for one in found}
        view.enum = found if view.enum is None else tuple(one for one in view.enum if canonical(one) in kept)
        view.enum_place = view.enum_place or place


def read_words(view: View, node: Node, *, is_wrapper: bool) -> None:
    """Take over words and the format; in a wrapper of one alternative the discriminator tells nothing apart."""
    value = node.mapping
    for word in _WORDS:
        if word not in value or (is_wrapper and word == "discriminator"):
            continue
        known = view.words.get(word)
        if known is None:
            view.words[word] = Word(value[word], f"{node.place}/{word}")
        elif word in _ALL_COUNT and canonical(known.value) != canonical(value[word]):
            both = sorted((canonical(known.value), canonical(value[word])))
            view.words[word] = Word(" and ".join(both), known.place)
    if isinstance(text := value.get("description"), str) and text.strip():
        view.descriptions.setdefault(text.strip(), f"{node.place}/description")
    if view.format is None and (said := _format(node)) is not None:
        view.format = said


def _format(node: Node) -> Word | None:
    """Return the format; OpenAPI 3.1 says `byte` and `binary` of 3.0 by the words of JSON Schema."""
    value = node.mapping
    if isinstance(value.get("format"), str) and value["format"]:
        return Word(value["format"], f"{node.place}/format")
    if str(value.get("contentEncoding")).lower() in ("base64", "base64url"):
        is_url = str(value["contentEncoding"]).lower() == "base64url"
        return Word("base64url" if is_url else "byte", f"{node.place}/contentEncoding")
    if value.get("contentMediaType") == "application/octet-stream":
        return Word("binary", f"{node.place}/contentMediaType")
    return None


def read_bounds(view: View, node: Node) -> None:
    """Take over the tightest bounds; the types have to be read before."""
    for name, word, exclusive, is_lower in BOUNDS:
        for key, is_exclusive in ((word, False), (exclusive, True)):
            limit = node.mapping.get(key) if key else None
            if not isinstance(limit, int | float) or isinstance(limit, bool):
                continue
            bound = _as_inclusive(Bound(limit, is_exclusive, f"{node.place}/{key}"), view, is_lower=is_lower)
            if name.startswith("min-") and bound.value <= 0:
                continue  # what is not said at all
            known = view.bounds.get(name)
            if known is None or _is_tighter(bound, known, is_lower=is_lower):
                view.bounds[name] = bound


def _as_inclusive(bound: Bound, view: View, *, is_lower: bool) -> Bound:
    """Of integers, "more than 0" is "at least 1"."""
    if not bound.is_exclusive or view.types != _INTEGERS:
        return bound
    value = math.floor(bound.value) + 1 if is_lower else math.ceil(bound.value) - 1
    return Bound(value, False, bound.place)


def _is_tighter(bound: Bound, known: Bound, *, is_lower: bool) -> bool:
    if bound.value == known.value:
        return bound.is_exclusive and not known.is_exclusive
    return (bound.value > known.value) == is_lower
