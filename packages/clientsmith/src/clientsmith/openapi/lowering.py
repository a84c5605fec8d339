"""Words that say what other words say too, in the one form that the model reads.

- OpenAPI 3.2's ``querystring`` parameter of form fields is an exploded object in the query.
- The names and descriptions of enum members have five spellings beside ``x-ms-enum``, which is the one that stays.

Only documents that mention one of these are walked; parts without one are not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from .data import described_parts, is_array, is_object

__all__ = ["lower_words"]

_MENTIONS: Final = ("querystring", "x-enum", "x-fern-enum", "x-speakeasy-enum")
_FORM: Final = "application/x-www-form-urlencoded"


def lower_words(root: dict[str, Any], text: str) -> dict[str, Any]:
    """Return ``root`` with these words replaced; ``text`` is what it was read from, "" where there is none."""
    return _lowered(root, "") if not text or any(word in text for word in _MENTIONS) else root


def _lowered(value: Any, key: str) -> Any:
    changed = {name: new for name, part in described_parts(value, key) if (new := _lowered(part, name)) is not part}
    if is_array(value):
        return [changed.get(str(index), part) for index, part in enumerate(value)] if changed else value
    if not is_object(value):
        return value
    made = {name: changed.get(name, part) for name, part in value.items()} if changed else value
    if made.get("in") == "querystring":
        return _query_parameter(made)
    return _with_members(made) if is_array(made.get("enum")) else made


# --- querystring -----------------------------------------------------------------------------------------------------


def _query_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """``?a=1&b=2`` is what an exploded object in the style `form` makes, too (OpenAPI 3.2, "Style Values")."""
    content = parameter.get("content")
    if not is_object(content) or not is_object(media := content.get(_FORM)):
        return parameter
    rest = {key: value for key, value in parameter.items() if key != "content"}
    return {**rest, "in": "query", "style": "form", "explode": True, "schema": media.get("schema", {})}


# --- members of enums ------------------------------------------------------------------------------------------------


def _with_members(schema: dict[str, Any]) -> dict[str, Any]:
    values: list[Any] = schema["enum"]
    if values[-1:] == [None]:  # the up-conversion's word for nullable; it has no name
        values = values[:-1]
    if "x-ms-enum" in schema or len(values) < 2:
        return schema
    names = _first(_NAMES, schema, values)
    descriptions = _first(_DESCRIPTIONS, schema, values)
    if not names and not descriptions:
        return schema
    members = [
        {"value": value}
        | ({"name": names[index]} if index in names else {})
        | ({"description": descriptions[index]} if index in descriptions else {})
        for index, value in enumerate(values)
    ]
    return {**schema, "x-ms-enum": {"values": members}}


def _first(readers: Iterable[Reader], schema: dict[str, Any], values: list[Any]) -> dict[int, str]:
    """Return what the first extension that is there says, by the index of the value."""
    return next((found for read in readers if (found := read(schema, values))), dict[int, str]())


Reader = Callable[[dict[str, Any], list[Any]], dict[int, str]]


def _beside(extension: str) -> Reader:
    """A list as long as ``enum``, or a map from the value."""

    def read(schema: dict[str, Any], values: list[Any]) -> dict[int, str]:
        found = schema.get(extension)
        if is_object(found):
            pairs = enumerate(found.get(str(value)) for value in values)
        elif is_array(found) and len(found) in (len(values), len(values) + 1):
            pairs = enumerate(found[: len(values)])
        else:
            return {}
        return {index: text for index, text in pairs if isinstance(text, str) and text}

    return read


def _in_fern(part: str) -> Reader:
    """``x-fern-enum``: a map from the value to its ``name`` and ``description``."""

    def read(schema: dict[str, Any], values: list[Any]) -> dict[int, str]:
        extension = schema.get("x-fern-enum")
        members = [extension.get(str(value)) if is_object(extension) else None for value in values]
        pairs = ((index, member.get(part)) for index, member in enumerate(members) if is_object(member))
        return {index: text for index, text in pairs if isinstance(text, str) and text}

    return read


_NAMES: Final = (
    _beside("x-enum-varnames"),  # OpenAPI Generator
    _beside("x-enumNames"),  # NSwag
    _beside("x-enum-names"),
    _beside("x-speakeasy-enums"),
    _in_fern("name"),
)
_DESCRIPTIONS: Final = (
    _beside("x-enum-descriptions"),
    _beside("x-enumDescriptions"),
    _beside("x-speakeasy-enum-descriptions"),
    _in_fern("description"),
)
