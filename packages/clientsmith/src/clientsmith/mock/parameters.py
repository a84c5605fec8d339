"""Texts of a URL or a header as the values that they spell (OpenAPI 3.1, ``style`` and ``explode``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from clientsmith.openapi.data import is_array, is_object

from .description import ParameterRule
from .schemas import ANYTHING, Schema, Schemas

__all__ = ["MISSING", "Given", "Kinds", "parameter_value", "typed"]

MISSING: Final = object()
_SEPARATORS: Final[Mapping[str, str]] = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "form": ","}
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


class Given(NamedTuple):
    """What a request brings, still as it was written: names decoded, values percent-encoded."""

    path: Mapping[str, str]
    query: list[tuple[str, str]]
    headers: Mapping[str, str]  # names in lower case
    cookies: Mapping[str, str]


class Kinds:
    """Which kinds of values a schema allows, through references, parts and alternatives."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def of(self, schema: Schema) -> set[str]:
        """Return JSON Schema's names of the kinds; {} says nothing, and allows all."""
        return {name for part in self.parts(schema) for name in _named(part)}

    def parts(self, schema: Schema, seen: frozenset[str] = frozenset()) -> Iterable[Schema]:
        """Yield a schema and all that it is made of, but not what it contains."""
        yield schema
        place = schema.get("$ref")
        if place is not None and place not in seen:
            yield from self.parts(self._schemas.at(place), seen | {place})
        for word in ("allOf", "anyOf", "oneOf"):
            for member in schema.get(word, ()):
                yield from self.parts(member, seen)

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """Return the properties that some part of a schema names."""
        return {
            name: part
            for owner in reversed(list(self.parts(schema)))
            for name, part in owner.get("properties", {}).items()
        }

    def items(self, schema: Schema) -> Schema:
        """Return what a list holds."""
        return next((part["items"] for part in self.parts(schema) if "items" in part), ANYTHING)

    def values(self, schema: Schema) -> Schema:
        """Return what stands under the names of an object that are not properties."""
        return next(
            (part["additionalProperties"] for part in self.parts(schema) if "additionalProperties" in part), ANYTHING
        )


def _named(part: Schema) -> list[str]:
    if "type" in part:
        return list(part["type"])
    if "properties" in part:
        return ["object"]
    if "items" in part:
        return ["array"]
    return [_KIND_OF[type(value)] for value in part.get("enum", ()) if type(value) in _KIND_OF]


_KIND_OF: Final[Mapping[type, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def typed(text: str, schema: Schema, kinds: Kinds) -> Any:
    """Return the value that ``text`` spells; text stays what no other kind that the schema allows can read."""
    allowed = kinds.of(schema)
    if allowed & {"integer", "number"} and _NUMBER.fullmatch(text):
        number = float(text)
        return int(text) if re.fullmatch(r"-?\d+", text) else number
    if "boolean" in allowed and text in ("true", "false"):
        return text == "true"
    if "null" in allowed and "string" not in allowed and text in ("", "null"):
        return None
    if allowed & {"object", "array"} and text[:1] in ("{", "["):  # nesting has no spelling; JSON is what is used
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def parameter_value(rule: ParameterRule, given: Given, kinds: Kinds) -> Any:
    """Return the value of a parameter, `MISSING` where the request has none."""
    match rule.location:
        case "query":
            return _from_query(rule, given.query, kinds)
        case "path":
            raw = given.path.get(rule.name)
        case "header":
            raw = given.headers.get(rule.name.lower())
            return MISSING if raw is None else _simple(rule, raw, kinds, decode=False)
        case _:
            raw = given.cookies.get(rule.name)
    if raw is None:
        return MISSING
    if rule.as_json:
        return _json(unquote(raw))
    return _simple(rule, _unstyled(rule, raw), kinds)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _unstyled(rule: ParameterRule, raw: str) -> str:
    """Take off what ``label`` and ``matrix`` put before the value."""
    if rule.style == "label":
        raw = raw.removeprefix(".")
        return raw.replace(".", ",") if rule.explode else raw
    if rule.style == "matrix":
        raw = raw.removeprefix(";").removeprefix(f"{rule.name}=")
        return raw.replace(f";{rule.name}=", ",").replace(";", ",") if rule.explode else raw
    return raw


def _simple(rule: ParameterRule, raw: str, kinds: Kinds, *, decode: bool = True) -> Any:
    """Read ``simple`` style: ``1``, ``1,2``, ``a,1,b,2`` or ``a=1,b=2``."""
    if rule.as_json:
        return _json(raw)
    allowed = kinds.of(rule.schema)
    read = unquote if decode else str.strip
    if "array" in allowed and not (allowed & {"string"} and "," not in raw):
        items = kinds.items(rule.schema)
        return [typed(read(part), items, kinds) for part in raw.split(",")] if raw else []
    if "object" in allowed and "string" not in allowed:
        return _members(list(map(read, raw.split(","))), rule, kinds)
    return typed(read(raw), rule.schema, kinds)


def _members(parts: list[str], rule: ParameterRule, kinds: Kinds) -> dict[str, Any]:
    if rule.explode:
        pairs = [part.partition("=")[::2] for part in parts]
    else:
        pairs = list(zip(parts[::2], parts[1::2], strict=False))
    return {name: typed(text, _member(rule.schema, name, kinds), kinds) for name, text in pairs if name}


def _member(schema: Schema, name: str, kinds: Kinds) -> Schema:
    return kinds.properties(schema).get(name, kinds.values(schema))


# --- queries ---------------------------------------------------------------------------------------------------------


def _from_query(rule: ParameterRule, query: list[tuple[str, str]], kinds: Kinds) -> Any:
    own = [text for name, text in query if name == rule.name]
    if rule.as_json:
        return _json(unquote(own[0])) if own else MISSING
    allowed = kinds.of(rule.schema)
    if "object" in allowed or rule.style == "deepObject":
        found = _object_from_query(rule, query, own, kinds)
        if found is not MISSING or allowed <= {"object", "null"}:
            return found
    if not own:
        return MISSING
    if "array" in allowed and (len(own) > 1 or allowed <= {"array", "null"} or "," in own[0]):
        items = kinds.items(rule.schema)
        texts = own if rule.explode else _split(own[0], rule.style)
        return [typed(unquote(text), items, kinds) for text in texts]
    if "array" in allowed and "string" not in allowed:
        return [typed(unquote(own[0]), kinds.items(rule.schema), kinds)]
    return typed(unquote(own[0]), rule.schema, kinds)


def _split(text: str, style: str) -> list[str]:
    separator = _SEPARATORS.get(style, ",")
    return re.split(re.escape(separator) + ("|\\|" if style == "pipeDelimited" else ""), text, flags=re.IGNORECASE)


def _object_from_query(rule: ParameterRule, query: list[tuple[str, str]], own: list[str], kinds: Kinds) -> Any:
    if rule.style == "deepObject":
        return _deep(rule, query, kinds)
    if rule.explode:
        names = kinds.properties(rule.schema)
        found = {name: typed(unquote(text), names[name], kinds) for name, text in query if name in names}
        if not names or kinds.values(rule.schema):
            values = kinds.values(rule.schema)
            found |= {name: typed(unquote(text), values, kinds) for name, text in query if name not in names}
        return found or MISSING
    return _members([unquote(text) for text in own[0].split(",")], rule, kinds) if own else MISSING


def _deep(rule: ParameterRule, query: list[tuple[str, str]], kinds: Kinds) -> Any:
    """Read ``filter[owner][name]=x`` and ``filter[tags][0]=y``; a name that comes twice is a list."""
    tree: dict[str, Any] = {}
    for name, text in query:
        match = re.fullmatch(re.escape(rule.name) + r"((?:\[[^\[\]]*\])+)", name)
        if match is not None:
            holder = tree
            *keys, last = re.findall(r"\[([^\[\]]*)\]", match[1])
            for key in keys:
                inner = holder.setdefault(key, {})
                holder = inner if is_object(inner) else {}
            known = holder.get(last)
            holder[last] = [*(known if is_array(known) else []), text]
    return _grown(tree, rule.schema, kinds) if tree else MISSING


def _grown(tree: Any, schema: Schema, kinds: Kinds) -> Any:
    """Return the value of a branch: names that are numbers, or nothing, are the places of a list."""
    allowed = kinds.of(schema)
    if is_array(tree):
        items = [typed(unquote(text), kinds.items(schema), kinds) for text in tree]
        return items if "array" in allowed or len(tree) > 1 else typed(unquote(tree[0]), schema, kinds)
    if "array" in allowed and all(key.isdigit() or not key for key in tree):
        found = [_grown(tree[key], kinds.items(schema), kinds) for key in sorted(tree, key=lambda key: (len(key), key))]
        return [one for part in found for one in part] if "" in tree and all(map(is_array, found)) else found
    return {key: _grown(part, _member(schema, key, kinds), kinds) for key, part in tree.items()}
