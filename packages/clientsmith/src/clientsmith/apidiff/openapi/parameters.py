"""Parameters: query, path, header and cookie."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .contents import compare_contents, first_media
from .lifecycle import PARAMETERS, compare_lifecycles, removal_rule
from .schema_rules import Position
from .sides import Both, Side
from .uses import Use

__all__ = ["compare_parameters"]

# OpenAPI says of these that a parameter of that name "shall be ignored" (3.1, "Parameter Object").
_IGNORED: Final = frozenset({"accept", "content-type", "authorization"})
_TEMPLATE: Final = re.compile(r"\{([^{}]*)\}")


class _Key(NamedTuple):
    location: str
    name: str


class _Parameter(NamedTuple):
    """What a parameter says, and where the operation or its path has it, perhaps as a reference."""

    node: Node
    site: Node


def compare_parameters(
    comparison: Comparison, paths: Both, operations: Both, subject: str, urls: tuple[str, str]
) -> None:
    """Compare the parameters of an operation with those of its path; ``urls`` are the templates of both paths."""
    before = _parameters(comparison.old, paths.old, operations.old, urls[0])
    after = _parameters(comparison.new, paths.new, operations.new, urls[1])
    for key in sorted(before.keys() | after.keys()):
        here, there = before.get(key), after.get(key)
        if here is not None and there is not None:
            _compare(comparison, Both(here.node, there.node), key, subject)
    gone = {key: before[key] for key in sorted(before.keys() - after.keys())}
    come = {key: after[key] for key in sorted(after.keys() - before.keys())}
    for key, parameter in gone.items():
        _gone(comparison, key, parameter, come, operations.new, subject)
    for key, parameter in come.items():
        _come(comparison, key, parameter, operations.old, subject)


def _parameters(side: Side, path: Node, operation: Node, url: str) -> dict[_Key, _Parameter]:
    """Return the parameters by what they are on the wire: in a path only the position counts."""
    found: dict[_Key, _Parameter] = {}
    order = {name: f"#{index}" for index, name in enumerate(_TEMPLATE.findall(url))}
    for item in (*path.child("parameters").items, *operation.child("parameters").items):
        node = side.follow(item)
        location, name = node.text("in"), node.text("name")
        if location == "header":
            name = name.lower()
        if not name or (location == "header" and name in _IGNORED):
            continue
        found[_Key(location, order.get(name, name) if location == "path" else name)] = _Parameter(node, item)
    return found


def _called(node: Node) -> str:
    return f"{node.text('in')} parameter `{node.text('name')}`"


def _compare(comparison: Comparison, both: Both, key: _Key, subject: str) -> None:
    what = _called(both.new)
    old_name, new_name = both.texts("name")
    if key.location == "path" and old_name != new_name:
        comparison.add("path-parameter-renamed", subject, f"{{{old_name}}} → {{{new_name}}}", both.child("name"))
    was, is_ = both.flags("required")
    if was != is_ and key.location != "path":
        rule, said = ("required", "is required now") if is_ else ("optional", "may be left out")
        comparison.add(f"request-parameter-became-{rule}", subject, f"{what} {said}", both.child("required"))
    _compare_spelling(comparison, both, what, subject)
    compare_lifecycles(comparison, both, subject, PARAMETERS, f"{what}: ")
    if both.old.text("description").strip() != both.new.text("description").strip():
        message = f"{what}: its description is another one"
        comparison.add("description-changed", subject, message, both.child("description"))
    use = Use(subject, what, Position.PARAMETER)
    if "content" in both.old.mapping and "content" in both.new.mapping:
        compare_contents(comparison, both, use, is_sent=True)
    else:
        schemas = Both(_schema(comparison.old, both.old), _schema(comparison.new, both.new))
        comparison.compare_schemas(schemas, use)


def _schema(side: Side, node: Node) -> Node:
    return node.child("schema") if "schema" in node.mapping else first_media(side, node).child("schema")


def _compare_spelling(comparison: Comparison, both: Both, what: str, subject: str) -> None:
    before, after = _spelling(comparison.old, both.old), _spelling(comparison.new, both.new)
    if before != after:
        message = f"{what}: written as {before} → {after}"
        comparison.add("request-parameter-serialization-changed", subject, message, both)
    was, is_ = both.flags("allowEmptyValue")
    if was != is_:
        rule, said = ("set", "may be empty") if is_ else ("removed", "may not be empty")
        rule = f"request-parameter-allow-empty-value-{rule}"
        comparison.add(rule, subject, f"{what} {said}", both.child("allowEmptyValue"))
    was, is_ = both.flags("allowReserved")
    if was != is_:
        rule, said = "request-parameter-allow-reserved-changed", "are not escaped" if is_ else "are escaped"
        comparison.add(rule, subject, f"{what}: reserved characters {said}", both.child("allowReserved"))


def _spelling(side: Side, parameter: Node) -> str:
    """Return how values are written; a scalar is one text in most styles, exploded or not."""
    value: dict[str, Any] = parameter.mapping
    if "content" in value:
        return first_media(side, parameter).place.rpartition("/")[2].replace("~1", "/")
    is_form = parameter.text("in") in ("query", "cookie")
    style = parameter.text("style") or ("form" if is_form else "simple")
    explode = value.get("explode")
    explode = style == "form" if not isinstance(explode, bool) else explode
    schema = side.follow(parameter.child("schema"))
    if schema.mapping.get("type") in ("string", "integer", "number", "boolean"):
        return style if style in ("label", "matrix") else "text"
    return f"{style}, {'exploded' if explode else 'not exploded'}"


def _gone(
    comparison: Comparison,
    key: _Key,
    parameter: _Parameter,
    come: dict[_Key, _Parameter],
    operation: Node,
    subject: str,
) -> None:
    node = parameter.node
    moved = next((one for one in come if one.name == key.name and one.location != key.location), None)
    if moved is not None:
        message = f"`{node.text('name')}` is sent in the {moved.location}, and not in the {key.location}"
        comparison.add("request-parameter-location-changed", subject, message, Both(node, come[moved].node).child("in"))
        del come[moved]
        return
    rule = removal_rule(node, PARAMETERS, comparison.today)
    comparison.add(rule, subject, f"{_called(node)} is no more", Both(parameter.site, operation))


def _come(comparison: Comparison, key: _Key, parameter: _Parameter, operation: Node, subject: str) -> None:
    is_required = parameter.node.mapping.get("required") is True
    rule = "new-required-request-parameter" if is_required else "new-optional-request-parameter"
    if key.location == "path":
        rule = "new-request-path-parameter"
    said = "is new, and required" if is_required else "is new"
    comparison.add(rule, subject, f"{_called(parameter.node)} {said}", Both(operation, parameter.site))
