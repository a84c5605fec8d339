"""The JSON Schema of the configuration (draft 2020-12), for editors: made from the same settings that are read."""

from __future__ import annotations

import tomllib
from typing import Any, Final

from .says import ANY_TEXT, Says
from .settings import Configuration
from .shape import Choice, Flag, Items, Number, Part, Setting, String, Table, Tree, settings_of

__all__ = ["schema_of_configuration"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of_configuration() -> dict[str, Any]:
    """Return the schema: it accepts what is read without a finding, and says of each key what it means."""
    definitions: dict[str, Any] = {}
    root = _object(Configuration, definitions)
    return {
        "$schema": _DIALECT,
        "title": "clientsmith.toml",
        "description": "What is decided about a client library that clientsmith generates.",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(kind: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    settings = settings_of(kind)
    return {
        "type": "object",
        "properties": {name: _setting(setting, definitions) for name, setting in settings.items()},
        "additionalProperties": False,
    }


def _setting(setting: Setting, definitions: dict[str, Any]) -> dict[str, Any]:
    ways = [_part(part, setting.says, definitions) for part in setting.parts]
    schema = dict(ways[0]) if len(ways) == 1 else {"anyOf": ways}
    described = {"description": setting.says.meaning, **schema}
    if setting.says.example:
        described["examples"] = [tomllib.loads(f"value = {setting.says.example}")["value"]]
    return described


def _part(part: Part, says: Says, definitions: dict[str, Any]) -> dict[str, Any]:
    match part:
        case Flag(None):
            return {"type": "boolean"}
        case Flag(only):
            return {"const": only}
        case Number():
            return {"type": "integer"}
        case String():
            return _text(says)
        case Choice(words):
            return {"enum": list(words)}
        case Items():
            return {"type": "array", "items": _text(says)}
        case Tree(kind):
            return _reference(kind, definitions)
        case Table(kind):
            return {"type": "object", "additionalProperties": _reference(kind, definitions) if kind else _text(says)}


def _text(says: Says) -> dict[str, Any]:
    if says.text is ANY_TEXT or not says.text.pattern:
        return {"type": "string"}
    # "" says the same as leaving the key out.
    return {"type": "string", "pattern": f"^$|{says.text.pattern}"}


def _reference(kind: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{_define(kind, definitions)}"}


def _define(kind: type[Any], definitions: dict[str, Any]) -> str:
    name = kind.__name__.removesuffix("Settings").lower()
    if name not in definitions:
        definitions[name] = {}  # a place, so that settings may hold themselves
        first = (kind.__doc__ or "").partition("\n")[0]
        definitions[name] = {"description": first, **_object(kind, definitions)}
    return name
