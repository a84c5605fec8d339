"""Changes of known effect, at random places of any document: an operator for each sort of change.

An operator finds the places where it applies, changes one of them in place, and says what has to be found: one of some
rules, at or below a pointer. Both are those of the document as its author wrote it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from clientsmith.openapi.pointer import join, look_up

__all__ = ["OPERATORS", "Mutation", "mutated", "mutations"]

Document = dict[str, Any]
METHODS: Final = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Mutation:
    """What was done: by which operator, where, and the rules of which one has to be found at or below there."""

    operator: str
    pointer: str
    rules: frozenset[str]


@dataclass(frozen=True)
class Site:
    """A place where an operator applies: the part, its pointer, and the name of what is changed in it."""

    part: Any
    pointer: str
    key: Any = ""


@dataclass(frozen=True)
class Operator:
    sites: Callable[[Document], Iterator[Site]]
    change: Callable[[Site], None]
    rules: tuple[str, ...]
    is_of_key: bool = True  # whether what is changed is a member of the part, and not the part itself


def _operations(document: Document) -> Iterator[Site]:
    for url, path in document.get("paths", {}).items():
        for method in METHODS:
            if method in path:
                yield Site(path[method], join("/paths", url, method), method)


def _paths(document: Document) -> Iterator[Site]:
    for url, path in document.get("paths", {}).items():
        yield from (Site(path, join("/paths", url), method) for method in METHODS if method in path)


def _resolved(document: Document, part: Any, pointer: str) -> tuple[Any, str]:
    """Follow a reference in the document itself, a few times."""
    for _ in range(5):
        if not isinstance(part, dict) or "$ref" not in part:
            return part, pointer
        if not part["$ref"].startswith("#/"):
            return {}, pointer
        pointer = part["$ref"][1:]
        part = look_up(document, pointer)
    return {}, pointer


def _query_parameters(document: Document) -> Iterator[Site]:
    for operation in _operations(document):
        for index, parameter in enumerate(operation.part.get("parameters", [])):
            if parameter.get("in") == "query":
                yield Site(parameter, f"{operation.pointer}/parameters/{index}", index)


def _optional(document: Document) -> Iterator[Site]:
    return (site for site in _query_parameters(document) if not site.part.get("required"))


def _typed(document: Document) -> Iterator[Site]:
    for site in _query_parameters(document):
        if isinstance(site.part.get("schema"), dict) and site.part["schema"].get("type") in ("string", "integer"):
            yield Site(site.part["schema"], f"{site.pointer}/schema")


def _lists_of_parameters(document: Document) -> Iterator[Site]:
    for site in _query_parameters(document):
        operation = look_up(document, site.pointer.rpartition("/parameters/")[0])
        yield Site(operation["parameters"], site.pointer.rpartition("/")[0], site.key)


def _responses(document: Document) -> Iterator[Site]:
    for operation in _operations(document):
        responses = operation.part.get("responses", {})
        yield from (Site(responses, join(operation.pointer, "responses"), status) for status in responses)


def _success(document: Document) -> Iterator[Site]:
    for site in _responses(document):
        others = {str(status) for status in site.part} - {str(site.key)}
        # Under a range or `default` alone nothing is lost: what is left still describes the answer.
        is_alone = "default" in others and not any(one.startswith("2") for one in others)
        if str(site.key).startswith("2") and "2XX" not in others and not is_alone:
            yield site


def _received(document: Document) -> Iterator[Site]:
    """The plain objects that operations answer with."""
    for site in _responses(document):
        response, pointer = _resolved(document, site.part[site.key], join(site.pointer, str(site.key)))
        for media_type, media in response.get("content", {}).items():
            place = join(pointer, "content", media_type, "schema")
            schema, place = _resolved(document, media.get("schema", {}), place)
            is_plain = schema.get("type") == "object" and not schema.keys() & {"allOf", "anyOf", "oneOf"}
            if str(site.key).startswith("2") and is_plain and schema.get("properties"):
                yield Site(schema, place)


def _received_properties(document: Document) -> Iterator[Site]:
    for site in _received(document):
        for name, schema in site.part["properties"].items():
            if not schema.get("writeOnly") and "$ref" not in schema and _is_plain(schema):
                yield Site(schema, join(site.pointer, "properties", name), name)


def _is_plain(schema: Document) -> bool:
    return isinstance(schema.get("type"), str) and not schema.keys() & {"allOf", "anyOf", "oneOf"}


def _of_properties(document: Document) -> Iterator[Site]:
    for site in _received(document):
        for name, schema in site.part["properties"].items():
            if not schema.get("writeOnly") and "$ref" not in schema:
                yield Site(site.part["properties"], f"{site.pointer}/properties", name)


def _required(document: Document) -> Iterator[Site]:
    for site in _received(document):
        for index, name in enumerate(site.part.get("required", [])):
            schema = site.part["properties"].get(name, {})
            if name in site.part["properties"] and not schema.get("writeOnly") and "$ref" not in schema:
                yield Site(site.part["required"], f"{site.pointer}/required", index)


def _enums(document: Document) -> Iterator[Site]:
    for site in _received_properties(document):
        if isinstance(site.part.get("enum"), list) and len(site.part["enum"]) > 1:
            yield Site(site.part["enum"], f"{site.pointer}/enum")


def _delete(site: Site) -> None:
    del site.part[site.key]


def _set(key: str, value: Any) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        site.part[key] = value(site.part.get(key)) if callable(value) else value

    return change


def _add_parameter(site: Site) -> None:
    site.part.append({"name": "new-one", "in": "query", "required": True, "schema": {"type": "string"}})


def _retype(site: Site) -> None:
    kept = {key: value for key, value in site.part.items() if key in ("description", "default", "nullable")}
    other = "boolean" if site.part["type"] != "boolean" else "string"
    site.part.clear()
    site.part.update(kept | {"type": other})


_GONE: Final = ("response-required-property-removed", "response-optional-property-removed")
OPERATORS: Final[dict[str, Operator]] = {
    "remove an operation": Operator(
        _paths, _delete, ("api-removed-without-deprecation", "api-removed-with-deprecation")
    ),
    "deprecate an operation": Operator(
        lambda document: (site for site in _operations(document) if not site.part.get("deprecated")),
        _set("deprecated", True),
        ("endpoint-deprecated",),
        is_of_key=False,
    ),
    "rename an operation": Operator(
        lambda document: (site for site in _operations(document) if site.part.get("operationId")),
        _set("operationId", lambda old: f"{old}_renamed"),
        ("api-operation-id-changed",),
        is_of_key=False,
    ),
    "remove a parameter": Operator(
        _lists_of_parameters, _delete, ("request-parameter-removed", "request-parameter-removed-with-deprecation")
    ),
    "require a parameter": Operator(
        _optional, _set("required", True), ("request-parameter-became-required",), is_of_key=False
    ),
    "add a required parameter": Operator(
        _lists_of_parameters, _add_parameter, ("new-required-request-parameter",), is_of_key=False
    ),
    "retype a parameter": Operator(_typed, _retype, ("request-parameter-type-changed",), is_of_key=False),
    "remove an answer": Operator(
        _success, _delete, ("response-success-status-removed",)
    ),
    "remove a property that is received": Operator(_of_properties, _delete, _GONE),
    "make a received property optional": Operator(_required, _delete, ("response-property-became-optional",)),
    "retype a received property": Operator(
        _received_properties, _retype, ("response-property-type-changed",), is_of_key=False
    ),
    "add a received value": Operator(
        _enums, lambda site: site.part.append("a-new-value"), ("response-property-enum-value-added",), is_of_key=False
    ),
    "describe otherwise": Operator(
        lambda document: (site for site in _operations(document) if site.part.get("description")),
        _set("description", "Something else."),
        ("description-changed",),
        is_of_key=False,
    ),
}  # fmt: skip


def mutated(document: Document, operator: str, chance: random.Random) -> tuple[Document, Mutation] | None:
    """Return a copy with one change, and what it was; None if the operator applies nowhere."""
    changed = copy.deepcopy(document)
    done = mutations(changed, operator, chance, 1)
    return (changed, done[0]) if done else None


def mutations(document: Document, operator: str, chance: random.Random, count: int) -> list[Mutation]:
    """Change ``document`` in place, up to ``count`` times at places apart from each other."""
    how = OPERATORS[operator]
    done: list[Mutation] = []
    for _ in range(count):
        sites = list(how.sites(document))
        if not sites:
            break
        site = chance.choice(sites)
        pointer = join(site.pointer, str(site.key)) if how.is_of_key else site.pointer
        how.change(site)
        done.append(Mutation(operator, pointer, frozenset(how.rules)))
    return done
