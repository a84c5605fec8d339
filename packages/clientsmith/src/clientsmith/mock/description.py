"""What the document says of each operation, as the mock needs it: all parameters, media types, examples, credentials.

The IR knows what a client sends and reads. A server has to answer in every form, so this reads the document itself;
what the IR alone knows (how a list is cut into pages, how a job is watched) comes from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from clientsmith.model.ir import Api, Operation, Stream
from clientsmith.model.lookup import template_names
from clientsmith.model.media import is_json
from clientsmith.openapi.convert import METHODS
from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node, Resolver

from .schemas import ANYTHING, Schema, Schemas

__all__ = ["Described", "Media", "ParameterRule", "Requirement", "ResponseRule", "described_operations"]

# OpenAPI 3.1, 4.8.12.1: header parameters of these names mean nothing; media types and security say it.
_IGNORED_HEADERS: Final = frozenset({"accept", "content-type", "content-length", "authorization", "host"})
_STYLES: Final[Mapping[str, tuple[str, bool]]] = {
    "path": ("simple", False),
    "header": ("simple", False),
    "query": ("form", True),
    "cookie": ("form", True),
}


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """A parameter: where it is, how it is spelt, and what it may be."""

    name: str
    location: str
    schema: Schema
    required: bool
    style: str
    explode: bool
    as_json: bool
    place: str


@dataclass(frozen=True, slots=True)
class Media:
    """A body in one media type; ``examples`` by name, "" is the one without a name."""

    media_type: str
    schema: Schema
    item: Schema | None = None
    examples: Mapping[str, Any] = field(default_factory=dict[str, Any])
    encodings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_described: bool = True


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """What one status answers: a number, ``4XX`` or ``default``."""

    status: str
    contents: tuple[Media, ...]
    headers: Mapping[str, Schema]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One credential: ``kind`` is ``key``, ``basic``, ``bearer``, or "" for one that a mock cannot look for."""

    kind: str
    location: str = ""
    name: str = ""


class Described:
    """An operation as the document has it; its parts are read when they are first asked for."""

    def __init__(
        self,
        path: str,
        operation: Operation,
        stream: Stream | None,
        item: Node,
        node: Node,
        resolver: Resolver,
        schemas: Schemas,
    ) -> None:
        self.path = path  # the document's own: parameters of the IR may have other names
        self.operation, self.stream, self.place = operation, stream, node.place
        self._item, self._node, self._resolver, self._schemas = item, node, resolver, schemas

    @property
    def method(self) -> str:
        return self.operation.method.upper()

    @cached_property
    def parameters(self) -> tuple[ParameterRule, ...]:
        found: dict[tuple[str, str], ParameterRule] = {}
        for reference in [*self._item.child("parameters").items, *self._node.child("parameters").items]:
            target = self._resolver.follow(reference)
            rule = self._parameter(target) if target is not None else None
            if rule is not None:
                found[rule.name, rule.location] = rule
        in_template = template_names(self.path)
        for name in in_template:  # what nobody describes is a string
            found.setdefault(
                (name, "path"), ParameterRule(name, "path", ANYTHING, True, "simple", False, False, self.place)
            )
        return tuple(rule for rule in found.values() if rule.location != "path" or rule.name in in_template)

    def _parameter(self, node: Node) -> ParameterRule | None:
        name, location = node.text("name"), node.text("in")
        if not name or location not in _STYLES or (location == "header" and name.lower() in _IGNORED_HEADERS):
            return None
        content = next(iter(node.child("content").mapping), "")
        schema = node.child("content").child(content).child("schema") if content else node.child("schema")
        style, explode = _STYLES[location]
        given = node.text("style") or style
        explode = explode and given in ("form", "deepObject")
        own = node.mapping.get("explode")
        return ParameterRule(
            name=name,
            location=location,
            schema=ANYTHING if content and not is_json(content) else self._schemas.of(schema),
            required=node.mapping.get("required") is True or location == "path",
            style=given,
            explode=own if isinstance(own, bool) else explode,
            as_json=is_json(content) if content else False,
            place=node.place,
        )

    # --- bodies ---

    @cached_property
    def body_is_required(self) -> bool:
        request = self._resolver.follow(self._node.child("requestBody"))
        return request is not None and request.mapping.get("required") is True

    @cached_property
    def bodies(self) -> tuple[Media, ...]:
        request = self._resolver.follow(self._node.child("requestBody"))
        return tuple(self._contents(request)) if request is not None else ()

    @cached_property
    def responses(self) -> Mapping[str, ResponseRule]:
        statuses = self._node.child("responses")
        found: dict[str, ResponseRule] = {}
        for key in statuses.mapping:
            target = self._resolver.follow(statuses.child(key))
            status = key if key == "default" else key.upper()
            if target is not None and re.fullmatch(r"[1-5](\d\d|XX)|default", status):
                found[status] = ResponseRule(status, tuple(self._contents(target)), self._headers(target))
        return found

    def _headers(self, node: Node) -> dict[str, Schema]:
        headers = node.child("headers")
        targets = {name: self._resolver.follow(headers.child(name)) for name in headers.mapping}
        return {
            name: self._schemas.of(target.child("schema")) for name, target in targets.items() if target is not None
        }

    def _contents(self, node: Node) -> Iterator[Media]:
        content = node.child("content")
        for media_type in content.mapping:
            media = self._resolver.follow(content.child(media_type)) or content.child(media_type)
            item = media.child("itemSchema")
            yield Media(
                media_type=media_type.strip(),
                schema=self._schemas.of(media.child("schema")),
                item=self._schemas.of(item) if item.value is not None else None,
                examples=self._examples(media),
                encodings=media.child("encoding").mapping,
                is_described=media.child("schema").value is not None,
            )

    def _examples(self, media: Node) -> dict[str, Any]:
        found: dict[str, Any] = {"": media.value["example"]} if "example" in media.mapping else {}
        for name in media.child("examples").mapping:
            target = self._resolver.follow(media.child("examples").child(name))
            if target is None:
                continue
            for word in ("dataValue", "value"):
                if word in target.mapping:
                    found[name] = target.mapping[word]
                    break
        return found

    # --- credentials ---

    @cached_property
    def security(self) -> tuple[tuple[Requirement, ...], ...]:
        """The alternatives; each is all the credentials that it takes. () needs none."""
        own = self._node.mapping.get("security")
        requirements = (self._node if is_array(own) else self._resolver.root()).child("security")
        return tuple(tuple(map(self._requirement, one.mapping)) for one in requirements.items if is_object(one.value))

    def _requirement(self, key: str) -> Requirement:
        schemes = self._resolver.root().child("components").child("securitySchemes")
        scheme = self._resolver.follow(schemes.child(key))
        if scheme is None:
            return Requirement("")
        match scheme.text("type"):
            case "apiKey" if scheme.text("in") in ("header", "query", "cookie"):
                return Requirement("key", scheme.text("in"), scheme.text("name"))
            case "http" if scheme.text("scheme").lower() in ("basic", "bearer"):
                return Requirement(scheme.text("scheme").lower())
            case "oauth2" | "openIdConnect":
                return Requirement("bearer")
            case _:
                return Requirement("")


def described_operations(api: Api, resolver: Resolver, schemas: Schemas) -> list[Described]:
    """Return every operation of the document, in its order."""
    known: dict[tuple[str, str], Operation] = {}
    streams: dict[tuple[str, str], Stream] = {}
    for one in api.operations:
        key = one.method.upper(), one.pointer
        if not one.variant:  # one that is answered in another kind too is two operations of a client
            known[key] = one
        if one.stream is not None:
            streams.setdefault(key, one.stream)
    found: list[Described] = []
    paths = resolver.root().child("paths")
    for path in paths.mapping:
        item = resolver.follow(paths.child(path))
        if path.startswith("x-") or item is None:
            continue
        for method, node in _methods(item):
            key = method.upper(), node.place
            if key in known:
                own = path if path.startswith("/") else f"/{path}"
                found.append(Described(own, known[key], streams.get(key), item, node, resolver, schemas))
    return found


def _methods(item: Node) -> Iterator[tuple[str, Node]]:
    yield from ((key, item.child(key)) for key in item.mapping if key.lower() in METHODS)
    more = item.child("additionalOperations")  # OpenAPI 3.2
    yield from ((key, more.child(key)) for key in more.mapping)
