"""Schemas to shapes.

A schema becomes a named shape where a person would give it a name: an object with known properties is a `Model`, a
choice of words an `Enum`. Everything else (lists, maps, aliases of a string) is written out where it is used. Named
shapes are built from a queue, not by recursion, so that schemas may refer to each other in circles.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from clientsmith.findings import Finding, InputError, note, warning
from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.pointer import split
from clientsmith.openapi.resolve import Node, Resolver, split_place

from .constraints import constraints_of
from .flatten import Flat, flatten, is_structural
from .inheritance import Inheritance
from .ir import (
    AnyShape,
    Array,
    Binary,
    Enum,
    EnumMember,
    Literal,
    Map,
    Model,
    NamedShape,
    Nullable,
    Property,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
    Spelling,
    Union,
)
from .words import vocabulary
from .xml import xml_of_model, xml_of_property

__all__ = ["ShapeBuilder", "component_key", "nullable", "union_of"]

_FORMATS: Final[dict[str, ScalarKind]] = {
    "date-time": ScalarKind.DATETIME,
    "date": ScalarKind.DATE,
    "time": ScalarKind.TIME,
    "duration": ScalarKind.DURATION,
    "byte": ScalarKind.BYTES,
    "base64": ScalarKind.BYTES,
    "base64url": ScalarKind.BYTES,
    "uuid": ScalarKind.UUID,
    "http-date": ScalarKind.DATETIME,
    "date-time-rfc1123": ScalarKind.DATETIME,
    "date-time-rfc7231": ScalarKind.DATETIME,
    "decimal": ScalarKind.DECIMAL,
    # Integers as text, as Google's services have them and the registry of formats knows them.
    "int64": ScalarKind.INTEGER,
    "uint64": ScalarKind.INTEGER,
}
_SPELLINGS: Final[dict[str, Spelling]] = {
    "base64url": Spelling.BASE64URL,
    "http-date": Spelling.HTTP_DATE,
    "date-time-rfc1123": Spelling.HTTP_DATE,
    "date-time-rfc7231": Spelling.HTTP_DATE,
    "int64": Spelling.TEXT,
    "uint64": Spelling.TEXT,
}
# A number with one of these formats; a Unix time is so called by Stripe, Azure and the registry of formats.
_NUMBERS: Final[dict[str, Scalar]] = {
    "unix-time": Scalar(ScalarKind.DATETIME, "unix-time", Spelling.UNIX_SECONDS),
    "unixtime": Scalar(ScalarKind.DATETIME, "unixtime", Spelling.UNIX_SECONDS),
    "decimal": Scalar(ScalarKind.DECIMAL, "decimal", Spelling.NUMBER),
}
_KINDS: Final[dict[str, ScalarKind]] = {
    "string": ScalarKind.STRING,
    "integer": ScalarKind.INTEGER,
    "number": ScalarKind.NUMBER,
    "boolean": ScalarKind.BOOLEAN,
}
_RESTRICTIONS: Final = vocabulary("required not if dependentRequired minProperties maxProperties")
# What is no model is written out where it is used. `B2: anyOf: [B1, {items: B1}]`, `B3: anyOf: [B2, …]` doubles with
# each line; the largest schema of 1,300 real documents has 44 parts.
_MOST_PARTS: Final = 1_000
# All that is written out, and all properties that `allOf` copies, grow with the square of a document that wants it.
# The largest real one, Microsoft Graph with its 23,000 operations, has 390,000.
_MOST_PARTS_IN_ALL: Final = 1_000_000
# Inline schemas nested deeper than this have never been seen; the deepest of 47 real documents is 23.
_DEEPEST: Final = 60


class ShapeBuilder:
    """Builds shapes on demand, and every named shape that they lead to (`build_named`)."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.shapes: dict[str, NamedShape] = {}
        self.findings: list[Finding] = []
        self._inheritance = Inheritance(resolver)
        self._queue: deque[Flat] = deque()
        self._known: dict[str, Shape] = {}
        self._open: set[str] = set()
        self._properties: dict[tuple[str, str, bool], Property] = {}
        self._parts: dict[str, int] = {}  # of each known shape, written out
        self._parts_in_all = 0

    def shape(self, node: Node) -> Shape:
        """Return the shape of a schema, or of a reference to one."""
        if node.place in self._known:
            return self._used(node.place)
        if node.place in self._open or len(self._open) > _DEEPEST:
            why = "refers to itself without a model between" if node.place in self._open else "is nested too deeply"
            self.findings.append(note("recursive-schema", f"the schema {why}; any value is allowed there", node.place))
            return AnyShape()
        self._open.add(node.place)
        try:
            made = self._make(node)
        finally:
            self._open.discard(node.place)
        parts = _parts_of(made)
        if parts > _MOST_PARTS and not _is_flat(made):
            message = f"the schema has {parts:,} parts when it is written out; any value is allowed there"
            hint = "give its parts `properties`, which makes them models"
            self.findings.append(warning("schema-too-large", message, node.place, hint))
            made, parts = AnyShape(), 1
        self._known[node.place], self._parts[node.place] = made, parts
        return self._used(node.place)

    def _used(self, place: str) -> Shape:
        self._count(self._parts[place])
        return self._known[place]

    def _count(self, parts: int) -> None:
        """Stop before a small document fills the memory."""
        self._parts_in_all += parts
        if self._parts_in_all > _MOST_PARTS_IN_ALL:
            name = self.resolver.document.name
            message = f"{name} has more than {_MOST_PARTS_IN_ALL:,} parts when its schemas are written out"
            raise InputError(message, "let schemas refer to models in place of repeating large unions and `allOf`s")

    def build_named(self) -> dict[str, NamedShape]:
        """Build the models that are still waiting, and return all named shapes by place."""
        while self._queue:
            flat = self._queue.popleft()
            self.shapes[flat.place] = self._model(flat)
        return self.shapes

    # --- which kind of shape ---

    def _make(self, node: Node) -> Shape:
        if not is_object(node.value):
            if not isinstance(node.value, (bool, type(None))):
                message = f"a schema is an object, not {type(node.value).__name__}; any value is allowed there"
                self.findings.append(warning("not-a-schema", message, node.place))
            return AnyShape()
        alias = self._alias(node)
        if alias is not None:
            return self.shape(alias)
        flat = flatten(node, self.resolver)
        shape = self._of_flat(flat)
        return nullable(shape) if flat.nullable and not isinstance(shape, AnyShape) else shape

    def _alias(self, node: Node) -> Node | None:
        """Return the one schema that ``node`` only refers to or comments on."""
        rest = {key: value for key, value in node.mapping.items() if key not in ("$ref", "allOf")}
        has_own = is_structural(Node(rest, node.place))
        if isinstance(node.mapping.get("$ref"), str):
            if has_own:
                return None
            return self.resolver.follow(node) or Node(None, f"{node.place}/$ref")
        members = [member for member in node.child("allOf").items if is_structural(member)]
        comments = Node({key: value for key, value in rest.items() if key != "type"}, node.place)
        only_says_object = rest.get("type") == "object" and not is_structural(comments)
        if len(members) != 1 or (has_own and not only_says_object) or self._inheritance.is_child(node):
            return None
        return members[0]

    def _of_flat(self, flat: Flat) -> Shape:
        keywords = flat.keywords
        if "const" in keywords:
            return _literal(keywords["const"])
        if is_array(keywords.get("enum")):
            return self._enum(flat, keywords["enum"])
        if flat.properties or flat.base is not None:
            return self._queued(flat)
        alternatives = self._alternatives(flat)
        if alternatives:
            return self._union(flat, alternatives)
        if flat.only_null:
            return Scalar(ScalarKind.NULL)
        if len(flat.types) > 1:
            return union_of(self._of_type(flat, name) for name in flat.types)
        return self._of_type(flat, flat.types[0] if flat.types else _implied_type(flat))

    def _of_type(self, flat: Flat, name: str) -> Shape:
        if name == "array":
            return Array(self._item(flat))
        if name == "object":
            if flat.keywords.get("format") == "file":
                return Binary()  # what Swagger 2.0 calls `type: file`, by writers who had to have an object
            return Map(self._value(flat))
        if name == "string":
            return _string(flat)
        if name in _KINDS:
            text_format = str(flat.keywords.get("format", ""))
            of_format = _NUMBERS.get(text_format) if name != "boolean" else None
            return of_format or Scalar(_KINDS[name], text_format)
        if name:
            message = f"there is no type {name!r:.40}; any value is allowed there"
            self.findings.append(warning("unknown-type", message, flat.place, "use one of JSON Schema's types"))
        return AnyShape()

    def _item(self, flat: Flat) -> Shape:
        """What a list holds; of a tuple, which Python's lists are not, anything that one of its places may hold."""
        items = flat.children.get("items")
        places = items.items if items is not None and is_array(items.value) else []  # before 2020-12
        places = [*places, *(flat.children["prefixItems"].items if "prefixItems" in flat.children else ())]
        if not places:
            return self.shape(items) if items is not None else AnyShape()
        rest = [items] if items is not None and is_object(items.value) else []
        return union_of((self.shape(place) for place in [*places, *rest]), self.shapes)

    def _value(self, flat: Flat) -> Shape:
        """What the members of an object are that has no named ones; which names they have is for the service to say."""
        patterns = flat.children.get("patternProperties")
        values = [patterns.child(name) for name in patterns.mapping] if patterns is not None else []
        more = flat.children.get("additionalProperties") or flat.children.get("unevaluatedProperties")
        if more is not None and (is_object(more.value) or (more.value is not False and not values)):
            values.append(more)
        return union_of((self.shape(value) for value in values), self.shapes) if values else AnyShape()

    def _alternatives(self, flat: Flat) -> list[Node]:
        """The members of ``oneOf`` or ``anyOf`` that say more than which properties are required."""
        if flat.types and not {"object", "array"} & set(flat.types):
            return []  # `type: string` with alternative formats or patterns
        members = [member for key in ("oneOf", "anyOf") if key in flat.children for member in flat.children[key].items]
        # `{required: [a]}` restricts the object that stands beside it; `{}` allows everything, and so does the union.
        return [member for member in members if is_structural(member) or not member.mapping.keys() & _RESTRICTIONS]

    # --- named shapes ---

    def _queued(self, flat: Flat) -> Ref:
        if flat.place not in self.shapes:
            self._count(len(flat.properties))
            self.shapes[flat.place] = Model(flat.place, "", ())  # keeps its place in the order
            self._queue.append(flat)
        return Ref(flat.place)

    def _model(self, flat: Flat) -> Model:
        for child in self._inheritance.children_of(flat.place):
            self.shape(child)
        nodes = dict(flat.properties)
        for member in self._alternatives(flat):
            for name, node in self._properties_of(member).items():
                nodes.setdefault(name, node)
        own = [self._property(name, node, name in flat.required) for name, node in nodes.items()]
        base = self.shape(flat.base) if flat.base is not None else None
        return Model(
            pointer=flat.place,
            wire_name=component_key(flat.place) or flat.title,
            properties=tuple(own),
            description=flat.description,
            base=base if isinstance(base, Ref) else None,
            tag=self._inheritance.tag_of(flat.place),
            tag_value=self._inheritance.tag_value_of(flat.place),
            additional=self._additional(flat),
            xml=xml_of_model(flat.xml, component_key(flat.place)),
        )

    def _additional(self, flat: Flat) -> Shape | None:
        """What the members beside the named ones are; ``true`` and ``{}`` say nothing that is not so anyway."""
        node = flat.children.get("additionalProperties")
        shape = self.shape(node) if node is not None and node.mapping else AnyShape()
        return None if isinstance(shape, AnyShape) else shape

    def _properties_of(self, member: Node) -> dict[str, Node]:
        """The properties of one alternative beside a model's own; they are optional in the model."""
        target = self.resolver.follow(member)
        if target is None or target.place in self._open or self._inheritance.is_child(target):
            return {}
        return flatten(target, self.resolver).properties

    def _property(self, name: str, node: Node, required: bool) -> Property:
        """Read a property; one that several models take over from one place is read once."""
        key = (node.place, name, required)
        if key not in self._properties:
            self._properties[key] = self._read_property(name, node, required)
        return self._properties[key]

    def _read_property(self, name: str, node: Node, required: bool) -> Property:
        target = self.resolver.follow(node) or node
        parts = (node.mapping, target.mapping)

        def flag(key: str) -> bool:
            return any(part.get(key) is True for part in parts)

        default = next((part["default"] for part in parts if "default" in part), None)
        return Property(
            wire_name=name,
            shape=self.shape(node),
            required=required,
            read_only=flag("readOnly"),
            write_only=flag("writeOnly"),
            deprecated=flag("deprecated"),
            description=node.text("description") or target.text("description"),
            default=default,
            has_default=default is not None,
            constraints=constraints_of(node, self.resolver),
            called=node.text("x-ms-client-name") or target.text("x-ms-client-name"),
            xml=xml_of_property(name, node, self.resolver),
        )

    def _enum(self, flat: Flat, values: list[Any]) -> Shape:
        if flat.types == ("string",):
            values = [_as_string(value) for value in values]
        has_null = None in values
        values = list(dict.fromkeys(value for value in values if isinstance(value, (str, int, float))))
        if has_null and not values:
            return Scalar(ScalarKind.NULL)
        shape = self._enum_of(flat, values)
        return nullable(shape) if has_null else shape

    def _enum_of(self, flat: Flat, values: list[Any]) -> Shape:
        if not values or any(isinstance(value, (bool, float)) for value in values):
            if len(values) == 1:
                return _literal(values[0])
            kinds = {ScalarKind.BOOLEAN if isinstance(value, bool) else ScalarKind.NUMBER for value in values}
            return Scalar(kinds.pop()) if len(kinds) == 1 else AnyShape()
        if len({isinstance(value, str) for value in values}) > 1:
            return Union((Scalar(ScalarKind.STRING), Scalar(ScalarKind.INTEGER)))
        if len(values) == 1 and not component_key(flat.place) and not _given_name(flat):
            return _literal(values[0])
        return self._add_enum(flat, tuple(_members(values, flat.keywords.get("x-ms-enum"))))

    def _add_enum(self, flat: Flat, members: tuple[EnumMember, ...]) -> Ref:
        kind = ScalarKind.STRING if isinstance(members[0].wire_value, str) else ScalarKind.INTEGER
        name = _given_name(flat) or component_key(flat.place) or flat.title
        self.shapes.setdefault(flat.place, Enum(flat.place, name, kind, members, flat.description))
        return Ref(flat.place)

    # --- unions ---

    def _union(self, flat: Flat, alternatives: list[Node]) -> Shape:
        if (members := self._constants(alternatives)) is not None:
            return self._add_enum(flat, members)
        shapes = [self.shape(member) for member in alternatives]
        tag, mapping = self._inheritance.mapping_of(flat.keywords.get("discriminator"), alternatives, flat.place)
        made = union_of(shapes, self.shapes)
        inner = made.shape if isinstance(made, Nullable) else made
        if not tag or not isinstance(inner, Union):
            return made
        tagged = Union(inner.members, tag, tuple((value, self.shape(node)) for value, node in mapping))
        return nullable(tagged) if isinstance(made, Nullable) else tagged

    def _constants(self, alternatives: list[Node]) -> tuple[EnumMember, ...] | None:
        """``oneOf`` of constants is an enum with described members (JSON Schema 2020-12, annotated enumeration)."""
        values = [member.mapping.get("const") for member in alternatives]
        is_enum = all(isinstance(value, str) for value in values) or all(type(value) is int for value in values)
        if len(values) < 2 or not is_enum:
            return None
        return tuple(
            EnumMember(member.mapping["const"], member.text("description"), member.text("title"))
            for member in alternatives
        )


def _parts_of(shape: Shape) -> int:
    match shape:
        case Array():
            return 1 + _parts_of(shape.item)
        case Map():
            return 1 + _parts_of(shape.value)
        case Nullable():
            return 1 + _parts_of(shape.shape)
        case Union():
            return 1 + sum(map(_parts_of, shape.members))
        case _:
            return 1


def _is_flat(shape: Shape) -> bool:
    """A choice among a thousand models is long, but does not double."""
    shape = shape.shape if isinstance(shape, Nullable) else shape
    return isinstance(shape, Union) and all(_parts_of(member) == 1 for member in shape.members)


def component_key(place: str) -> str:
    """Return the key of a schema that has one of its own, "" for an inline schema."""
    _, pointer = split_place(place)
    tokens = split(pointer)
    named = tokens[:-1] in (["components", "schemas"], ["definitions"], ["$defs"], ["schemas"])
    return tokens[-1] if named else ""


def nullable(shape: Shape) -> Shape:
    return shape if isinstance(shape, (Nullable, AnyShape)) or shape == Scalar(ScalarKind.NULL) else Nullable(shape)


def union_of(shapes: Iterable[Shape], named: dict[str, NamedShape] | None = None) -> Shape:
    """Join shapes into the simplest one that allows them all."""
    shapes = tuple(dict.fromkeys(shapes))
    if len(shapes) == 1:
        return shapes[0]
    members: dict[Shape, None] = {}
    has_null = False
    for shape in shapes:
        if isinstance(shape, Nullable):
            has_null, shape = True, shape.shape  # the inner shape takes its place
        if shape == Scalar(ScalarKind.NULL):
            has_null = True
        elif isinstance(shape, AnyShape):
            return shape
        else:
            members.update(dict.fromkeys(shape.members if isinstance(shape, Union) and not shape.tag else (shape,)))
    kept = _without_covered(list(members), named or {})
    made = kept[0] if len(kept) == 1 else Union(tuple(kept)) if kept else Scalar(ScalarKind.NULL)
    return nullable(made) if has_null else made


def _without_covered(members: list[Shape], named: dict[str, NamedShape]) -> list[Shape]:
    """Leave out what another member allows already: a plain string beside an open enum, an integer beside a number."""
    enums = {
        shape.kind
        for member in members
        if isinstance(member, Ref) and isinstance(shape := named.get(member.pointer), Enum)
    }
    kinds = {member.kind for member in members if isinstance(member, Scalar)}

    def is_covered(member: Shape) -> bool:
        if not isinstance(member, Scalar):
            return False
        return member.kind in enums or (member.kind is ScalarKind.INTEGER and ScalarKind.NUMBER in kinds)

    kept = [member for member in members if not is_covered(member)]
    plain: dict[Shape, None] = {}
    for member in kept:  # formats do not tell two strings apart
        twin = any(
            isinstance(other, Scalar) and isinstance(member, Scalar) and other.kind is member.kind for other in plain
        )
        if not twin:
            plain[member] = None
    return list(plain)


def _given_name(flat: Flat) -> str:
    """Return what `x-ms-enum` calls an enum, "" if it says nothing of that."""
    extension = flat.keywords.get("x-ms-enum")
    name = extension.get("name") if is_object(extension) else None
    return name if isinstance(name, str) else ""


def _literal(value: Any) -> Shape:
    if value is None:
        return Scalar(ScalarKind.NULL)
    return Literal(value) if isinstance(value, (str, int, float)) else AnyShape()


def _implied_type(flat: Flat) -> str:
    if "items" in flat.children or "prefixItems" in flat.children:
        return "array"
    if {"additionalProperties", "patternProperties", "unevaluatedProperties"} & flat.children.keys():
        return "object"
    text_format = flat.keywords.get("format")
    if text_format in ("int64", "uint64"):
        return "integer"
    return "string" if text_format in (*_FORMATS, "binary") else ""


def _string(flat: Flat) -> Shape:
    text_format = str(flat.keywords.get("format", ""))
    if flat.keywords.get("contentEncoding") in ("base64", "base64url"):
        spelling = Spelling.BASE64URL if flat.keywords["contentEncoding"] == "base64url" else Spelling.USUAL
        return Scalar(ScalarKind.BYTES, text_format, spelling)
    if text_format in ("binary", "file") or flat.keywords.get("contentMediaType") == "application/octet-stream":
        return Binary()
    kind = _FORMATS.get(text_format, ScalarKind.STRING)
    return Scalar(kind, text_format, _SPELLINGS.get(text_format, Spelling.USUAL))


def _as_string(value: Any) -> Any:
    """YAML reads `1` and `true` in an enum of strings as a number and a boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _members(values: list[Any], extension: Any) -> Iterable[EnumMember]:
    described = extension.get("values") if is_object(extension) else None
    by_value = (
        {
            entry.get("value"): entry
            for entry in described or []
            if is_object(entry) and isinstance(entry.get("value"), (str, int))
        }
        if is_array(described)
        else {}
    )
    for value in values:
        entry = by_value.get(value, {})
        name, description = entry.get("name", ""), entry.get("description", "")
        yield EnumMember(
            value, description if isinstance(description, str) else "", name if isinstance(name, str) else ""
        )
