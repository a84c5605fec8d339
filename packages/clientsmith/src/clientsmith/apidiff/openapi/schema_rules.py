"""The rules about schemas. One change of a schema has six rules: for each place where values are sent or received.

What is sent may not be narrowed: yesterday's values are refused. What is received may not be widened: yesterday's code
gets values that it does not know (contravariance and covariance). Where oasdiff has a rule of that meaning, the id is
the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from clientsmith.apidiff.difference import Kind, RuleInfo

__all__ = ["PROPERTY_RULES", "SCHEMA_RULES", "Position", "SchemaRule", "schema_rule_infos"]

_B, _A = Kind.BREAKING, Kind.ADDITION


class Position(StrEnum):
    """Where the values of a schema travel. In webhooks and callbacks the client is the one who receives requests."""

    PARAMETER = "request-parameter"
    REQUEST_BODY = "request-body"
    REQUEST_PROPERTY = "request-property"
    RESPONSE_BODY = "response-body"
    RESPONSE_PROPERTY = "response-property"
    RESPONSE_HEADER = "response-header"

    @property
    def is_sent(self) -> bool:
        return self.value.startswith("request")

    @property
    def words(self) -> str:
        return {
            "request-parameter": "a parameter",
            "request-body": "a request body",
            "request-property": "something in what is sent",
            "response-body": "a response body",
            "response-property": "something in what is received",
            "response-header": "a response header",
        }[self.value]


class SchemaRule(NamedTuple):
    """What one change of a schema is where values are sent, and where they are received."""

    sent: Kind
    received: Kind
    meaning: str
    example: tuple[str, str]
    sent_advice: str = ""
    received_advice: str = ""

    def kind(self, position: Position) -> Kind:
        return self.sent if position.is_sent else self.received

    def advice(self, position: Position) -> str:
        said = self.sent_advice if position.is_sent else self.received_advice
        return said or (_ADVICE[position.is_sent] if self.kind(position) is _B else "")


_ADVICE: Final = {
    True: "accept what was accepted before, or offer the change as a new operation or API version",
    False: "send what was sent before, or offer the change as a new operation or API version",
}
_TOLERANT: Final = (
    "clients that know the old values only must cope with new ones: announce it, or offer a new API version; enums of "
    "our generated clients take unknown values"
)
_RETYPED: Final = "the JSON may be the same, but generated clients have another Python type: release them as breaking"
_DEFAULT: Final = "who leaves it out gets the other value: keep the old default, or offer a new parameter"

# Narrower for who sends, wider for who receives; and the other way round.
_NARROWER, _WIDER, _OTHER = (_B, _A), (_A, _B), (_B, _B)


def _bound_rules() -> Iterator[tuple[str, SchemaRule]]:
    lower = {"set": _NARROWER, "removed": _WIDER, "increased": _NARROWER, "decreased": _WIDER}
    upper = {"set": _NARROWER, "removed": _WIDER, "increased": _WIDER, "decreased": _NARROWER}
    did = {
        "set": ("was set", "{{}}", "{{{0}: 5}}"),
        "removed": ("is no more", "{{{0}: 5}}", "{{}}"),
        "increased": ("was raised", "{{{0}: 5}}", "{{{0}: 9}}"),
        "decreased": ("was lowered", "{{{0}: 9}}", "{{{0}: 5}}"),
    }
    names = {
        "min": ("least value", "minimum"), "max": ("greatest value", "maximum"),
        "min-length": ("least length", "minLength"), "max-length": ("greatest length", "maxLength"),
        "min-items": ("least number of items", "minItems"), "max-items": ("greatest number of items", "maxItems"),
        "min-properties": ("least number of properties", "minProperties"),
        "max-properties": ("greatest number of properties", "maxProperties"),
    }  # fmt: skip
    for name, (words, keyword) in names.items():
        for what, kinds in (lower if name.startswith("min") else upper).items():
            verb, before, after = did[what]
            example = (before.format(keyword), after.format(keyword))
            yield f"{name}-{what}", SchemaRule(*kinds, f"The {words} of {{}} {verb}.", example)


SCHEMA_RULES: Final[dict[str, SchemaRule]] = {
    "type-changed": SchemaRule(
        *_OTHER, "The type of {} is another one.", ("{type: integer}", "{type: string}"),
    ),
    "type-generalized": SchemaRule(
        *_WIDER, "The type of {} allows more values.", ("{type: integer}", "{type: number}"),
    ),
    "type-specialized": SchemaRule(
        *_NARROWER, "The type of {} allows fewer values.", ("{type: number}", "{type: integer}"),
    ),
    "became-nullable": SchemaRule(*_WIDER, "The value of {} may be null.", ("{type: string}",
        "{type: [string, 'null']}")),
    "became-not-nullable": SchemaRule(
        *_NARROWER, "The value of {} may be null no more.", ("{type: [string, 'null']}", "{type: string}"),
    ),
    "format-changed": SchemaRule(
        *_OTHER, "The format of {} is another one, and with it the type that clients have.",
        ("{type: string}", "{type: string, format: date-time}"), _RETYPED, _RETYPED,
    ),
    "format-added": SchemaRule(
        *_NARROWER, "The values of {} have a format now.", ("{type: string}", "{type: string, format: email}")
    ),
    "format-removed": SchemaRule(
        *_WIDER, "The values of {} have no format any more.", ("{type: string, format: email}", "{type: string}")
    ),
    "format-generalized": SchemaRule(
        *_WIDER, "The numbers of {} have a larger range.",
        ("{type: integer, format: int32}", "{type: integer, format: int64}"), "",
        "Python's numbers have no such limits; clients in other languages must change a type",
    ),
    "format-specialized": SchemaRule(
        *_NARROWER, "The numbers of {} have a smaller range.",
        ("{type: integer, format: int64}", "{type: integer, format: int32}"),
    ),
    "became-enum": SchemaRule(
        *_NARROWER, "Only some values are allowed for {}.", ("{type: string}", "{type: string, enum: [a, b]}"),
    ),
    "became-not-enum": SchemaRule(
        *_WIDER, "Any value is allowed for {}.", ("{type: string, enum: [a, b]}", "{type: string}"),
        "", _TOLERANT,
    ),
    "enum-value-added": SchemaRule(
        *_WIDER, "The enum of {} has more values.", ("{enum: [a]}", "{enum: [a, b]}"), "", _TOLERANT
    ),
    "enum-value-removed": SchemaRule(*_NARROWER, "The enum of {} has fewer values.", ("{enum: [a, b]}", "{enum: [a]}")),
    "const-changed": SchemaRule(*_OTHER, "The one value of {} is another one.", ("{const: a}", "{const: b}")),
    "extensible-enum-value-added": SchemaRule(
        _A, _A, "The enum of {}, which says that there may be others, has more values.",
        ("{x-extensible-enum: [a]}", "{x-extensible-enum: [a, b]}"),
    ),
    "extensible-enum-value-removed": SchemaRule(
        *_NARROWER, "The enum of {}, which says that there may be others, has fewer values.",
        ("{x-extensible-enum: [a, b]}", "{x-extensible-enum: [a]}"),
    ),
    "pattern-added": SchemaRule(*_NARROWER, "The text of {} must match a pattern.", ("{type: string}",
        "{pattern: ^a}")),
    "pattern-removed": SchemaRule(*_WIDER, "The text of {} has no pattern any more.", ("{pattern: ^a}",
        "{type: string}")),
    "pattern-changed": SchemaRule(*_OTHER, "The pattern of {} is another one.", ("{pattern: ^a}", "{pattern: ^b}")),
    "pattern-generalized": SchemaRule(
        *_WIDER, "The pattern of {} allows any text.", ("{pattern: ^a}", "{pattern: .*}")
    ),
    "multiple-of-set": SchemaRule(
        *_NARROWER, "The number of {} must be a multiple of one.", ("{type: integer}", "{multipleOf: 5}")
    ),
    "multiple-of-removed": SchemaRule(
        *_WIDER, "The number of {} need not be a multiple any more.", ("{multipleOf: 5}", "{type: integer}")
    ),
    "multiple-of-changed": SchemaRule(
        *_OTHER, "The number of {} must be a multiple of another one.", ("{multipleOf: 5}", "{multipleOf: 3}")
    ),
    "unique-items-set": SchemaRule(
        *_NARROWER, "The items of {} must differ.", ("{type: array}", "{type: array, uniqueItems: true}")
    ),
    "unique-items-removed": SchemaRule(
        *_WIDER, "The items of {} may be equal.", ("{type: array, uniqueItems: true}", "{type: array}")
    ),
    "default-value-added": SchemaRule(
        _A, Kind.FIX, "{} has a default.", ("{type: integer}", "{type: integer, default: 10}")
    ),
    "default-value-changed": SchemaRule(
        _B, Kind.FIX, "The default of {} is another value.", ("{default: 10}", "{default: 50}"), _DEFAULT
    ),
    "default-value-removed": SchemaRule(
        _B, Kind.FIX, "{} has no default any more.", ("{default: 10}", "{type: integer}"), _DEFAULT
    ),
    "deprecated": SchemaRule(
        _A, _A, "{} is deprecated.", ("{type: string}", "{type: string, deprecated: true}"),
    ),
    "reactivated": SchemaRule(
        _A, _A, "{} is deprecated no more.", ("{type: string, deprecated: true}", "{type: string}")
    ),
    "additional-properties-forbidden": SchemaRule(
        *_NARROWER, "The object of {} may have no properties that are not described.",
        ("{type: object}", "{type: object, additionalProperties: false}"),
    ),
    "additional-properties-allowed": SchemaRule(
        _A, _A, "The object of {} may have properties that are not described.",
        ("{type: object, additionalProperties: false}", "{type: object}"),
    ),
    "additional-properties-removed": SchemaRule(
        *_OTHER, "The object of {} is a map no more.",
        ("{additionalProperties: {type: string}}", "{additionalProperties: false}"),
    ),
    "one-of-added": SchemaRule(*_WIDER, "There is another alternative for {}.", ("{oneOf: [A, B]}",
        "{oneOf: [A, B, C]}")),
    "one-of-removed": SchemaRule(
        *_NARROWER, "An alternative for {} is no more.", ("{oneOf: [A, B, C]}", "{oneOf: [A, B]}")
    ),
    "any-of-added": SchemaRule(*_WIDER, "There is another alternative for {}.", ("{anyOf: [A, B]}",
        "{anyOf: [A, B, C]}")),
    "any-of-removed": SchemaRule(
        *_NARROWER, "An alternative for {} is no more.", ("{anyOf: [A, B, C]}", "{anyOf: [A, B]}")
    ),
    "constraint-added": SchemaRule(
        *_NARROWER, "The value of {} must meet one more condition.", ("{type: string}",
            "{type: string, not: {const: a}}")
    ),
    "constraint-removed": SchemaRule(
        *_WIDER, "The value of {} need not meet a condition any more.",
        ("{type: string, not: {const: a}}", "{type: string}"),
    ),
    "constraint-changed": SchemaRule(
        *_OTHER, "The value of {} must meet another condition.", ("{not: {const: a}}", "{not: {const: b}}")
    ),
    "discriminator-added": SchemaRule(
        _A, _A, "A property tells the alternatives of {} apart.", ("{oneOf: […]}", "{oneOf: […], discriminator: …}")
    ),
    "discriminator-removed": SchemaRule(
        *_OTHER, "No property tells the alternatives of {} apart any more.",
        ("{oneOf: […], discriminator: …}", "{oneOf: […]}"),
        "generated clients lose what they tell the classes by: keep the discriminator",
        "generated clients lose what they tell the classes by: keep the discriminator",
    ),
    "discriminator-property-name-changed": SchemaRule(
        *_OTHER, "Another property tells the alternatives of {} apart.",
        ("discriminator: {propertyName: kind}", "discriminator: {propertyName: type}"),
    ),
    "discriminator-mapping-added": SchemaRule(
        _A, _A, "The discriminator of {} has another value.", ("mapping: {a: A}", "mapping: {a: A, b: B}")
    ),
    "discriminator-mapping-deleted": SchemaRule(
        *_OTHER, "The discriminator of {} has a value no more.", ("mapping: {a: A, b: B}", "mapping: {a: A}")
    ),
    "discriminator-mapping-changed": SchemaRule(
        *_OTHER, "A value of the discriminator of {} means another schema.", ("mapping: {a: A}", "mapping: {a: B}")
    ),
    **dict(_bound_rules()),
}  # fmt: skip

_GONE: Final = "the attribute of generated models goes with it: deprecate it first, and keep it until the next major"

# Of properties, whose rules have a name of their own: id, kind, meaning, advice, example.
PROPERTY_RULES: Final[dict[tuple[bool, str], RuleInfo]] = {
    (is_sent, what): RuleInfo(id_, kind, meaning, advice, example)
    for is_sent, what, id_, kind, meaning, advice, example in (
        (True, "new-required", "new-required-request-property", _B,
         "What is sent must have a property that was not there.", "make it optional, with a default on the server",
         ("required: []", "required: [name]")),
        (True, "new-optional", "new-optional-request-property", _A, "What is sent may have a property more.", "",
         ("properties: {}", "properties: {name: …}")),
        (True, "removed", "request-property-removed", _B, "A property of what is sent is no more.", _GONE,
         ("properties: {name: …}", "properties: {}")),
        (True, "became-required", "request-property-became-required", _B,
         "A property of what is sent must be there now.", "keep it optional, with a default on the server",
         ("required: []", "required: [name]")),
        (True, "became-optional", "request-property-became-optional", _A,
         "A property of what is sent may be left out.", "", ("required: [name]", "required: []")),
        (True, "became-hidden", "request-property-became-read-only", _B,
         "A property is sent by the server only.", "accept and ignore it, if clients send it",
         ("{type: string}", "{type: string, readOnly: true}")),
        (True, "became-visible", "request-property-became-not-read-only", _A, "A property may be sent by the client.",
         "", ("{type: string, readOnly: true}", "{type: string}")),
        (False, "new-required", "response-required-property-added", _A, "What is received has a property more.", "",
         ("properties: {}", "properties: {name: …}")),
        (False, "new-optional", "response-optional-property-added", _A,
         "What is received may have a property more.", "", ("properties: {}", "properties: {name: …}")),
        (False, "removed-required", "response-required-property-removed", _B,
         "A property that was always received is no more.", _GONE, ("properties: {name: …}", "properties: {}")),
        (False, "removed", "response-optional-property-removed", _B,
         "A property that may have been received is no more.", _GONE, ("properties: {name: …}", "properties: {}")),
        (False, "became-required", "response-property-became-required", _A,
         "A property is always received.", "", ("required: []", "required: [name]")),
        (False, "became-optional", "response-property-became-optional", _B,
         "A property may be missing in what is received.", "send it always, or offer the change as a new API version",
         ("required: [name]", "required: []")),
        (False, "became-hidden", "response-property-became-write-only", _B,
         "A property is sent by the client only.", "keep sending it, or offer the change as a new API version",
         ("{type: string}", "{type: string, writeOnly: true}")),
        (False, "became-visible", "response-property-became-not-write-only", _A,
         "A property is received, too.", "", ("{type: string, writeOnly: true}", "{type: string}")),
    )
}  # fmt: skip


def schema_rule_infos() -> Iterator[RuleInfo]:
    """Yield every rule about schemas."""
    yield from PROPERTY_RULES.values()
    for position in Position:
        for what, rule in SCHEMA_RULES.items():
            meaning = rule.meaning.format(position.words)
            meaning = meaning[0].upper() + meaning[1:]
            yield RuleInfo(f"{position}-{what}", rule.kind(position), meaning, rule.advice(position), rule.example)
