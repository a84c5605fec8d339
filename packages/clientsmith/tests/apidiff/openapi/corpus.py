"""Labelled pairs of documents: what is changed in `base.yaml`, and exactly what has to be found.

A label is a rule and the pointer of the deeper of its two places, of equally deep ones the new one. Labels were
written by hand, from what the specification says clients may rely on, and never taken from what the tool printed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from clientsmith.apidiff.difference import Difference
from clientsmith.openapi.parse import parse
from clientsmith.openapi.pointer import split

__all__ = ["CORPUS", "Pair", "base", "edited", "label"]

GONE: Final = object()
Edits = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """Edits of the base document (``before`` makes the old one of it, too), and the labels."""

    name: str
    edits: Edits
    found: frozenset[tuple[str, str]] = frozenset()
    before: Edits = field(default_factory=dict[str, Any])

    @property
    def old(self) -> dict[str, Any]:
        return edited(base(), self.before)

    @property
    def new(self) -> dict[str, Any]:
        return edited(self.old, self.edits)


def base() -> dict[str, Any]:
    """Return the base document, to be changed at will."""
    return copy.deepcopy(_parsed())


@cache
def _parsed() -> dict[str, Any]:
    return parse((Path(__file__).parent / "base.yaml").read_text(encoding="utf-8"), "base.yaml")[0]


def edited(document: dict[str, Any], edits: Edits) -> dict[str, Any]:
    """Return a copy of ``document`` in which each pointer has its new value; `GONE` takes a part away, ``/-`` appends."""
    document = copy.deepcopy(document)
    for pointer, value in edits.items():
        *above, last = split(pointer)
        parent: Any = document
        for token in above:
            parent = parent[int(token)] if isinstance(parent, list) else parent.setdefault(token, {})
        if isinstance(parent, list) and last == "-":
            parent.append(copy.deepcopy(value))
        elif value is GONE:
            del parent[int(last) if isinstance(parent, list) else last]
        else:
            parent[int(last) if isinstance(parent, list) else last] = copy.deepcopy(value)
    return document


def label(difference: Difference) -> tuple[str, str]:
    """Return the rule and the pointer of the deeper place."""
    places = [place.pointer for place in (difference.new, difference.old) if place is not None]
    return difference.rule, max(places, key=lambda pointer: pointer.count("/"), default="")


def _pair(name: str, edits: Edits, *found: tuple[str, str], before: Edits | None = None) -> Pair:
    return Pair(name, edits, frozenset(found), before or {})


_LIST, _CREATE, _GET = "/paths/~1pets/get", "/paths/~1pets/post", "/paths/~1pets~1{pet_id}/get"
_PUT, _DELETE = "/paths/~1pets~1{pet_id}/put", "/paths/~1pets~1{pet_id}/delete"
_ORDER = "/paths/~1orders/post"
_JSON = "content/application~1json/schema"
_SENT = f"{_ORDER}/requestBody/{_JSON}"
_RECEIVED = f"{_ORDER}/responses/202/{_JSON}"
_SCHEMAS = "/components/schemas"
_PET, _ANIMAL, _EVENT = f"{_SCHEMAS}/Pet", f"{_SCHEMAS}/Animal", f"{_SCHEMAS}/Event"
_LIMIT, _STATUS, _TAGS, _TRACE = (f"{_LIST}/parameters/{index}" for index in range(4))
_OK = f"{_LIST}/responses/200"
_SERVER = "/servers/0"

_PATHS: Final = (
    _pair("an operation is removed", {_GET: GONE}, ("api-removed-without-deprecation", _GET)),
    _pair("a deprecated operation is removed", {_DELETE: GONE}, ("api-removed-with-deprecation", _DELETE)),
    _pair(
        "a deprecated operation is removed before its sunset",
        {_DELETE: GONE},
        ("api-removed-before-sunset", _DELETE),
        before={f"{_DELETE}/x-sunset": "2031-01-01"},
    ),
    _pair(
        "a path is removed",
        {"/paths/~1orders": GONE},
        ("api-removed-without-deprecation", _ORDER),
    ),
    _pair(
        "an operation is added",
        {"/paths/~1pets/head": {"responses": {"200": {"description": "Yes"}}}},
        ("endpoint-added", "/paths/~1pets/head"),
    ),
    _pair(
        "a path is added",
        {"/paths/~1health": {"get": {"responses": {"200": {"description": "Well"}}}}},
        ("endpoint-added", "/paths/~1health/get"),
    ),
    _pair(
        "an operation moves with its id",
        {
            "/paths/~1orders": GONE,
            "/paths/~1purchases/post": {"operationId": "order", "responses": {"202": {"description": "It is ordered"}}},
        },
        ("api-moved", "/paths/~1purchases/post"),
        ("request-body-removed", f"{_ORDER}/requestBody"),
        ("response-body-removed", f"{_ORDER}/responses/202/content"),
        ("callback-removed", f"{_ORDER}/callbacks/done"),
    ),
    _pair(
        "another operationId",
        {f"{_GET}/operationId": "fetch_pet", f"{_OK}/links/first/operationId": "fetch_pet"},
        ("api-operation-id-changed", f"{_GET}/operationId"),
        ("response-link-changed", f"{_OK}/links/first"),
    ),
    _pair(
        "an operationId in other letters",
        {f"{_PUT}/operationId": "replacePet"},
        ("api-operation-id-respelled", f"{_PUT}/operationId"),
    ),
    _pair(
        "an operationId is left out", {f"{_PUT}/operationId": GONE}, ("api-operation-id-changed", f"{_PUT}/operationId")
    ),
    _pair("an operation is deprecated", {f"{_PUT}/deprecated": True}, ("endpoint-deprecated", f"{_PUT}/deprecated")),
    _pair(
        "an operation is deprecated with a date",
        {f"{_PUT}/deprecated": True, f"{_PUT}/x-sunset": "2031-01-01"},
        ("endpoint-deprecated-with-sunset", f"{_PUT}/deprecated"),
    ),
    _pair(
        "an operation is deprecated with a date that is near",
        {f"{_PUT}/deprecated": True, f"{_PUT}/x-sunset": "2030-01-10"},
        ("endpoint-deprecated-with-sunset", f"{_PUT}/deprecated"),
        ("api-sunset-date-too-small", f"{_PUT}/x-sunset"),
    ),
    _pair(
        "an operation is taken back", {f"{_DELETE}/deprecated": GONE}, ("endpoint-reactivated", f"{_DELETE}/deprecated")
    ),
    _pair(
        "a sunset is moved up",
        {f"{_DELETE}/x-sunset": "2030-06-01"},
        ("api-sunset-date-changed-too-small", f"{_DELETE}/x-sunset"),
        before={f"{_DELETE}/x-sunset": "2031-01-01"},
    ),
    _pair(
        "a sunset is put off",
        {f"{_DELETE}/x-sunset": "2031-06-01"},
        before={f"{_DELETE}/x-sunset": "2031-01-01"},
    ),
    _pair(
        "a sunset is left out",
        {f"{_DELETE}/x-sunset": GONE},
        ("sunset-deleted", f"{_DELETE}/x-sunset"),
        before={f"{_DELETE}/x-sunset": "2031-01-01"},
    ),
    _pair(
        "a sunset that is no date",
        {f"{_DELETE}/x-sunset": "next year"},
        ("api-deprecated-sunset-parse", f"{_DELETE}/x-sunset"),
    ),
    _pair(
        "a lower stability",
        {f"{_GET}/x-stability-level": "beta"},
        ("api-stability-decreased", f"{_GET}/x-stability-level"),
    ),
    _pair(
        "a higher stability",
        {f"{_GET}/x-stability-level": "stable"},
        ("api-stability-increased", f"{_GET}/x-stability-level"),
        before={f"{_GET}/x-stability-level": "alpha"},
    ),
    _pair("a tag is added", {f"{_GET}/tags/-": "cats"}, ("api-tag-added", f"{_GET}/tags")),
    _pair("a tag is removed", {f"{_GET}/tags": GONE}, ("api-tag-removed", f"{_GET}/tags")),
    _pair("a summary", {f"{_LIST}/summary": "Lists them"}, ("description-changed", f"{_LIST}/summary")),
    _pair(
        "a list is said to have pages",
        {f"{_LIST}/x-ms-pageable": {"nextLinkName": "next", "itemName": "items"}},
        ("paging-added", f"{_LIST}/x-ms-pageable"),
    ),
    _pair(
        "pages are linked by another name",
        {f"{_LIST}/x-ms-pageable/nextLinkName": "nextLink"},
        ("paging-changed", f"{_LIST}/x-ms-pageable"),
        before={f"{_LIST}/x-ms-pageable": {"nextLinkName": "next"}},
    ),
    _pair(
        "an operation is said to take long",
        {f"{_ORDER}/x-ms-long-running-operation": True},
        ("polling-added", f"{_ORDER}/x-ms-long-running-operation"),
    ),
    _pair(
        "a callback is removed",
        {f"{_ORDER}/callbacks": GONE},
        ("callback-removed", f"{_ORDER}/callbacks/done"),
    ),
    _pair(
        "what a callback sends has a value more",
        {f"{_EVENT}/properties/name/enum/-": "lost"},
        ("response-property-enum-value-added", f"{_EVENT}/properties/name/enum"),
    ),
    _pair(
        "what a callback sends has a property less",
        {f"{_EVENT}/properties/at": GONE},
        ("response-optional-property-removed", f"{_EVENT}/properties/at"),
    ),
)

_PARAMETERS: Final = (
    _pair("a parameter is removed", {_STATUS: GONE}, ("request-parameter-removed", _STATUS)),
    _pair(
        "a deprecated parameter is removed",
        {_STATUS: GONE},
        ("request-parameter-removed-with-deprecation", _STATUS),
        before={f"{_STATUS}/deprecated": True},
    ),
    _pair(
        "an optional parameter is added",
        {f"{_LIST}/parameters/-": {"name": "sort", "in": "query", "schema": {"type": "string"}}},
        ("new-optional-request-parameter", f"{_LIST}/parameters/4"),
    ),
    _pair(
        "a required parameter is added",
        {f"{_LIST}/parameters/-": {"name": "sort", "in": "query", "required": True, "schema": {"type": "string"}}},
        ("new-required-request-parameter", f"{_LIST}/parameters/4"),
    ),
    _pair(
        "a required parameter is added to a path",
        {
            "/paths/~1orders/parameters": [
                {"name": "shop", "in": "query", "required": True, "schema": {"type": "string"}}
            ]
        },
        ("new-required-request-parameter", "/paths/~1orders/parameters/0"),
    ),
    _pair(
        "a parameter becomes required",
        {f"{_LIMIT}/required": True},
        ("request-parameter-became-required", f"{_LIMIT}/required"),
    ),
    _pair(
        "a parameter becomes optional",
        {f"{_TRACE}/required": False},
        ("request-parameter-became-optional", f"{_TRACE}/required"),
    ),
    _pair(
        "a parameter is retyped",
        {f"{_LIMIT}/schema": {"type": "string", "default": 20}},
        ("request-parameter-type-changed", f"{_LIMIT}/schema"),
    ),
    _pair(
        "a parameter takes any number",
        {f"{_LIMIT}/schema": {"type": "number", "minimum": 1, "maximum": 100, "default": 20}},
        ("request-parameter-type-generalized", f"{_LIMIT}/schema"),
        ("request-parameter-format-removed", f"{_LIMIT}/schema/format"),
    ),
    _pair(
        "a parameter of larger numbers",
        {f"{_LIMIT}/schema/format": "int64"},
        ("request-parameter-format-generalized", f"{_LIMIT}/schema/format"),
    ),
    _pair(
        "a lower maximum",
        {f"{_LIMIT}/schema/maximum": 50},
        ("request-parameter-max-decreased", f"{_LIMIT}/schema/maximum"),
    ),
    _pair(
        "a higher maximum",
        {f"{_LIMIT}/schema/maximum": 500},
        ("request-parameter-max-increased", f"{_LIMIT}/schema/maximum"),
    ),
    _pair(
        "a lower minimum",
        {f"{_LIMIT}/schema/minimum": 0},
        ("request-parameter-min-decreased", f"{_LIMIT}/schema/minimum"),
    ),
    _pair(
        "no minimum", {f"{_LIMIT}/schema/minimum": GONE}, ("request-parameter-min-removed", f"{_LIMIT}/schema/minimum")
    ),
    _pair(
        "a shorter text",
        {f"{_TRACE}/schema/maxLength": 8},
        ("request-parameter-max-length-decreased", f"{_TRACE}/schema/maxLength"),
    ),
    _pair(
        "a least length",
        {f"{_TRACE}/schema/minLength": 4},
        ("request-parameter-min-length-set", f"{_TRACE}/schema/minLength"),
    ),
    _pair(
        "a pattern",
        {f"{_TRACE}/schema/pattern": "^[0-9a-f]*$"},
        ("request-parameter-pattern-added", f"{_TRACE}/schema/pattern"),
    ),
    _pair("a least length of nothing", {f"{_TRACE}/schema/minLength": 0}),
    _pair(
        "fewer items",
        {f"{_TAGS}/schema/maxItems": 3},
        ("request-parameter-max-items-decreased", f"{_TAGS}/schema/maxItems"),
    ),
    _pair(
        "items of another type",
        {f"{_TAGS}/schema/items/type": "integer"},
        ("request-property-type-changed", f"{_TAGS}/schema/items"),
    ),
    _pair(
        "a value less",
        {f"{_STATUS}/schema/enum": ["free"]},
        ("request-parameter-enum-value-removed", f"{_STATUS}/schema/enum"),
    ),
    _pair(
        "a value more",
        {f"{_STATUS}/schema/enum/-": "lost"},
        ("request-parameter-enum-value-added", f"{_STATUS}/schema/enum"),
    ),
    _pair(
        "any value", {f"{_STATUS}/schema/enum": GONE}, ("request-parameter-became-not-enum", f"{_STATUS}/schema/enum")
    ),
    _pair(
        "values of a header",
        {f"{_TRACE}/schema/enum": ["a", "b"]},
        ("request-parameter-became-enum", f"{_TRACE}/schema/enum"),
    ),
    _pair(
        "another default",
        {f"{_LIMIT}/schema/default": 50},
        ("request-parameter-default-value-changed", f"{_LIMIT}/schema/default"),
    ),
    _pair(
        "no default",
        {f"{_LIMIT}/schema/default": GONE},
        ("request-parameter-default-value-removed", f"{_LIMIT}/schema/default"),
    ),
    _pair(
        "a default",
        {f"{_STATUS}/schema/default": "free"},
        ("request-parameter-default-value-added", f"{_STATUS}/schema/default"),
    ),
    _pair("lists with commas", {f"{_TAGS}/explode": False}, ("request-parameter-serialization-changed", _TAGS)),
    _pair("a scalar that is not exploded", {f"{_LIMIT}/explode": False}),
    _pair("a default that is written down", {f"{_TAGS}/explode": True, f"{_TAGS}/style": "form"}),
    _pair("a parameter moves", {f"{_TRACE}/in": "query"}, ("request-parameter-location-changed", f"{_TRACE}/in")),
    _pair(
        "a parameter may be empty",
        {f"{_STATUS}/allowEmptyValue": True},
        ("request-parameter-allow-empty-value-set", f"{_STATUS}/allowEmptyValue"),
    ),
    _pair(
        "a parameter is deprecated",
        {f"{_STATUS}/deprecated": True},
        ("request-parameter-deprecated", f"{_STATUS}/deprecated"),
    ),
    _pair("a header in other letters", {f"{_TRACE}/name": "Trace"}),
    _pair(
        "a header that the specification ignores",
        {f"{_LIST}/parameters/-": {"name": "Accept", "in": "header", "required": True, "schema": {"type": "string"}}},
    ),
    _pair(
        "a path parameter is renamed",
        {
            "/paths/~1pets~1{pet_id}~1photo": GONE,
            "/paths/~1pets~1{id}~1photo": {
                "put": {
                    "operationId": "put_photo",
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "requestBody": {
                        "required": True,
                        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
                    },
                    "responses": {"204": {"description": "It is stored"}},
                }
            },
        },
        ("path-parameter-renamed", "/paths/~1pets~1{id}~1photo/put/parameters/0/name"),
    ),
)

_SENT_PAIRS: Final = (
    _pair("the body becomes required", {f"{_PUT}/requestBody/required": True}, ("request-body-became-required", f"{_PUT}/requestBody/required")),
    _pair("the body becomes optional", {f"{_CREATE}/requestBody/required": False}, ("request-body-became-optional", f"{_CREATE}/requestBody/required")),
    _pair("the body is removed", {f"{_PUT}/requestBody": GONE}, ("request-body-removed", f"{_PUT}/requestBody")),
    _pair(
        "a required body is added",
        {f"{_DELETE}/requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "string"}}}}},
        ("request-body-added-required", f"{_DELETE}/requestBody"),
    ),
    _pair(
        "an optional body is added",
        {f"{_DELETE}/requestBody": {"content": {"application/json": {"schema": {"type": "string"}}}}},
        ("request-body-added-optional", f"{_DELETE}/requestBody"),
    ),
    _pair(
        "a form less",
        {f"{_CREATE}/requestBody/content/application~1x-www-form-urlencoded": GONE},
        ("request-body-media-type-removed", f"{_CREATE}/requestBody/content/application~1x-www-form-urlencoded"),
    ),
    _pair(
        "a form more",
        {f"{_CREATE}/requestBody/content/text~1csv": {"schema": {"type": "string"}}},
        ("request-body-media-type-added", f"{_CREATE}/requestBody/content/text~1csv"),
    ),
    _pair(
        "one form of a range",
        {"/paths/~1pets~1{pet_id}~1photo/put/requestBody/content/image~1png": {"schema": {"type": "string", "format": "binary"}}},
    ),
    _pair(
        "a required property more",
        {f"{_SENT}/properties/shop": {"type": "string"}, f"{_SENT}/required/-": "shop"},
        ("new-required-request-property", f"{_SENT}/properties/shop"),
    ),
    _pair(
        "an optional property more",
        {f"{_SENT}/properties/shop": {"type": "string"}},
        ("new-optional-request-property", f"{_SENT}/properties/shop"),
    ),
    _pair("a property less", {f"{_SENT}/properties/gift": GONE}, ("request-property-removed", f"{_SENT}/properties/gift")),
    _pair("a property that is sent becomes required", {f"{_SENT}/required/-": "gift"}, ("request-property-became-required", f"{_SENT}/required/2")),
    _pair("a property that is sent becomes optional", {f"{_SENT}/required": ["animal"]}, ("request-property-became-optional", f"{_SENT}/required/1")),
    _pair("null is sent no more", {f"{_SENT}/properties/note/nullable": GONE}, ("request-property-became-not-nullable", f"{_SENT}/properties/note")),
    _pair("null may be sent", {f"{_SENT}/properties/gift/nullable": True}, ("request-property-became-nullable", f"{_SENT}/properties/gift")),
    _pair("another pattern", {f"{_SENT}/properties/note/pattern": "^[a-z]+$"}, ("request-property-pattern-changed", f"{_SENT}/properties/note/pattern")),
    _pair("no pattern", {f"{_SENT}/properties/note/pattern": GONE}, ("request-property-pattern-removed", f"{_SENT}/properties/note/pattern")),
    _pair("a pattern of anything", {f"{_SENT}/properties/note/pattern": ".*"}, ("request-property-pattern-generalized", f"{_SENT}/properties/note/pattern")),
    _pair("items may be equal", {f"{_SENT}/properties/colors/uniqueItems": GONE}, ("request-property-unique-items-removed", f"{_SENT}/properties/colors/uniqueItems")),
    _pair("a color less", {f"{_SENT}/properties/colors/items/enum": ["red"]}, ("request-property-enum-value-removed", f"{_SENT}/properties/colors/items/enum")),
    _pair("a map is closed", {f"{_SENT}/properties/labels/additionalProperties": False}, ("request-property-additional-properties-removed", f"{_SENT}/properties/labels/additionalProperties")),
    _pair("an object is closed", {f"{_SENT}/additionalProperties": False}, ("request-body-additional-properties-forbidden", f"{_SENT}/additionalProperties")),
    _pair("an object is opened", {f"{_SENT}/additionalProperties": True}, ("request-body-additional-properties-allowed", f"{_SENT}/additionalProperties"), before={f"{_SENT}/additionalProperties": False}),
    _pair("an object is said to be open", {f"{_SENT}/additionalProperties": True}),
    _pair("a map of other values", {f"{_SENT}/properties/labels/additionalProperties/type": "integer"}, ("request-property-type-changed", f"{_SENT}/properties/labels/additionalProperties")),
    _pair("multiples", {f"{_SENT}/properties/amount/multipleOf": 5}, ("request-property-multiple-of-set", f"{_SENT}/properties/amount/multipleOf")),
    _pair("multiples of a divisor", {f"{_SENT}/properties/amount/multipleOf": 5}, ("request-property-multiple-of-removed", f"{_SENT}/properties/amount/multipleOf"), before={f"{_SENT}/properties/amount/multipleOf": 10}),
    _pair(
        "one bound in another word",
        {f"{_SENT}/properties/amount": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}},
    ),
    _pair(
        "a minimum that is left out",
        {f"{_SENT}/properties/amount": {"type": "integer", "minimum": 1, "exclusiveMinimum": True}},
        ("request-property-min-increased", f"{_SENT}/properties/amount/exclusiveMinimum"),
    ),
    _pair("what is inherited becomes required", {f"{_SCHEMAS}/Named/required/-": "nick"}, ("request-property-became-required", f"{_SCHEMAS}/Named/required/1")),
    _pair("what is inherited is repeated", {f"{_SCHEMAS}/NewPet/allOf/1/required": ["name"]}),
    _pair(
        "what was inherited is written out",
        {f"{_SCHEMAS}/NewPet": {
            "type": "object", "required": ["name"],
            "properties": {"age": {"type": "number"}, "nick": {"type": "string"}, "name": {"type": "string"}},
        }},
    ),
)  # fmt: skip

_SHARED: Final = (
    _pair(
        "a property that is sent and received has another type",
        {f"{_PET}/properties/age": {"type": "string"}},
        ("request-property-type-changed", f"{_PET}/properties/age"),
        ("response-property-type-changed", f"{_PET}/properties/age"),
    ),
    _pair(
        "a property that is sent and received has fewer values",
        {f"{_PET}/properties/age": {"type": "integer"}},
        ("request-property-type-specialized", f"{_PET}/properties/age"),
        ("response-property-type-specialized", f"{_PET}/properties/age"),
    ),
    _pair(
        "only what is received loses a property",
        {f"{_PET}/properties/id": GONE, f"{_PET}/required": ["name"]},
        ("response-required-property-removed", f"{_PET}/properties/id"),
    ),
    _pair(
        "only what is sent loses a property",
        {f"{_PET}/properties/secret": GONE},
        ("request-property-removed", f"{_PET}/properties/secret"),
    ),
    _pair(
        "a property becomes the server's",
        {f"{_PET}/properties/tag/readOnly": True},
        ("request-property-became-read-only", f"{_PET}/properties/tag"),
    ),
    _pair(
        "a property becomes the client's",
        {f"{_PET}/properties/tag/writeOnly": True},
        ("response-property-became-write-only", f"{_PET}/properties/tag"),
    ),
    _pair(
        "a property is the server's no more",
        {f"{_PET}/properties/id/readOnly": GONE},
        ("new-required-request-property", f"{_PET}/properties/id"),
    ),
    _pair(
        "a description of a property",
        {f"{_PET}/properties/name/description": "How it is called"},
        ("description-changed", f"{_PET}/properties/name/description"),
    ),
    _pair(
        "a property is deprecated",
        {f"{_PET}/properties/tag/deprecated": True},
        ("request-property-deprecated", f"{_PET}/properties/tag/deprecated"),
        ("response-property-deprecated", f"{_PET}/properties/tag/deprecated"),
    ),
    _pair(
        "an alternative more",
        {
            f"{_ANIMAL}/oneOf/-": {"$ref": "#/components/schemas/Bird"},
            f"{_ANIMAL}/discriminator/mapping/bird": "#/components/schemas/Bird",
            f"{_SCHEMAS}/Bird": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
        },
        ("request-property-one-of-added", f"{_ANIMAL}/oneOf"),
        ("request-property-discriminator-mapping-added", f"{_ANIMAL}/discriminator"),
        ("response-property-one-of-added", f"{_ANIMAL}/oneOf"),
        ("response-property-discriminator-mapping-added", f"{_ANIMAL}/discriminator"),
    ),
    _pair(
        "an alternative less",
        {
            f"{_ANIMAL}/oneOf": [{"$ref": "#/components/schemas/Cat"}],
            f"{_ANIMAL}/discriminator/mapping": {"cat": "#/components/schemas/Cat"},
        },
        ("request-property-one-of-removed", f"{_ANIMAL}/oneOf"),
        ("response-property-one-of-removed", f"{_ANIMAL}/oneOf"),
    ),
    _pair("alternatives in another order", {f"{_ANIMAL}/oneOf": [{"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}]}),
    _pair(
        "another discriminator",
        {f"{_ANIMAL}/discriminator/propertyName": "type"},
        ("request-property-discriminator-property-name-changed", f"{_ANIMAL}/discriminator"),
        ("response-property-discriminator-property-name-changed", f"{_ANIMAL}/discriminator"),
    ),
    _pair(
        "no discriminator",
        {f"{_ANIMAL}/discriminator": GONE},
        ("request-property-discriminator-removed", f"{_ANIMAL}/discriminator"),
        ("response-property-discriminator-removed", f"{_ANIMAL}/discriminator"),
    ),
    _pair(
        "one of a kind has a property more",
        {f"{_SCHEMAS}/Cat/properties/color": {"type": "string"}},
        ("new-optional-request-property", f"{_SCHEMAS}/Cat/properties/color"),
        ("response-optional-property-added", f"{_SCHEMAS}/Cat/properties/color"),
    ),
    _pair(
        "a schema is renamed",
        {
            f"{_SCHEMAS}/Problem": GONE,
            f"{_SCHEMAS}/Trouble": {
                "type": "object", "required": ["message"],
                "properties": {"message": {"type": "string"}, "code": {"type": "integer"}},
            },
            f"{_LIST}/responses/default/{_JSON}/$ref": "#/components/schemas/Trouble",
        },
        ("schema-renamed", f"{_SCHEMAS}/Trouble"),
    ),
    _pair(
        "a reference is written out",
        {f"{_LIST}/responses/default/{_JSON}": {
            "type": "object", "required": ["message"],
            "properties": {"message": {"type": "string"}, "code": {"type": "integer"}},
        }},
    ),
    _pair(
        "a reference that leads nowhere",
        {f"{_LIST}/responses/default/{_JSON}/$ref": "#/components/schemas/Nobody"},
        ("reference-missing", f"{_LIST}/responses/default/{_JSON}"),
    ),
    _pair("an extension that nobody reads", {f"{_PET}/x-internal": "yes", f"{_GET}/x-team": "pets"}),
    _pair("an example", {f"{_PET}/example": {"id": 1, "name": "Tom"}, f"{_PET}/properties/name/example": "Tom"}),
    _pair("a schema that nobody uses", {f"{_SCHEMAS}/Unused": {"type": "object"}}),
    _pair("required in another order", {f"{_PET}/required": ["name", "id"]}),
)  # fmt: skip

_RECEIVED_PAIRS: Final = (
    _pair("an answer less", {f"{_ORDER}/responses/200": {"description": "It is done"}, f"{_ORDER}/responses/202": GONE},
          ("response-success-status-removed", f"{_ORDER}/responses/202"),
          ("response-success-status-added", f"{_ORDER}/responses/200")),
    _pair("an answer of success more", {f"{_GET}/responses/204": {"description": "Nothing"}},
          ("response-success-status-added", f"{_GET}/responses/204")),
    _pair("an error more", {f"{_GET}/responses/403": {"description": "No"}},
          ("response-non-success-status-added", f"{_GET}/responses/403")),
    _pair("an error less", {f"{_GET}/responses/404": GONE}, ("response-non-success-status-removed", f"{_GET}/responses/404")),
    _pair("other errors are described no more", {f"{_LIST}/responses/default": GONE},
          ("response-default-removed", f"{_LIST}/responses/default")),
    _pair("other errors are described", {f"{_GET}/responses/default": {"description": "A problem"}},
          ("response-default-added", f"{_GET}/responses/default")),
    _pair("a range of statuses", {f"{_GET}/responses/4XX": {"description": "There is none"}, f"{_GET}/responses/404": GONE},
          ("response-non-success-status-removed", f"{_GET}/responses/404"),
          ("response-non-success-status-added", f"{_GET}/responses/4XX")),
    _pair("an answer has no body", {f"{_GET}/responses/200/content": GONE}, ("response-body-removed", f"{_GET}/responses/200/content")),
    _pair("an answer has a body", {f"{_DELETE}/responses/204/content": {"application/json": {"schema": {"type": "string"}}}},
          ("response-body-added", f"{_DELETE}/responses/204/content")),
    _pair("a form of an answer less", {f"{_OK}/content/text~1csv": GONE}, ("response-media-type-removed", f"{_OK}/content/text~1csv")),
    _pair("a form of an answer more", {f"{_OK}/content/text~1html": {"schema": {"type": "string"}}},
          ("response-media-type-added", f"{_OK}/content/text~1html")),
    _pair("the character set of a form", {
        f"{_OK}/content/text~1csv": GONE, f"{_OK}/content/text~1csv; charset=utf-8": {"schema": {"type": "string"}}}),
    _pair("a required header less", {f"{_OK}/headers/X-Total": GONE}, ("required-response-header-removed", f"{_OK}/headers/X-Total")),
    _pair("an optional header less", {f"{_OK}/headers/X-Hint": GONE}, ("optional-response-header-removed", f"{_OK}/headers/X-Hint")),
    _pair("a header more", {f"{_OK}/headers/ETag": {"schema": {"type": "string"}}}, ("response-header-added", f"{_OK}/headers/ETag")),
    _pair("a header becomes optional", {f"{_OK}/headers/X-Total/required": False}, ("response-header-became-optional", f"{_OK}/headers/X-Total/required")),
    _pair("a header of another type", {f"{_OK}/headers/X-Total/schema/type": "string"}, ("response-header-type-changed", f"{_OK}/headers/X-Total/schema")),
    _pair("a link less", {f"{_OK}/links/first": GONE}, ("response-link-removed", f"{_OK}/links/first")),
    _pair("a required property less", {f"{_RECEIVED}/properties/id": GONE, f"{_RECEIVED}/required": ["state"]},
          ("response-required-property-removed", f"{_RECEIVED}/properties/id")),
    _pair("an optional property less", {f"{_RECEIVED}/properties/until": GONE},
          ("response-optional-property-removed", f"{_RECEIVED}/properties/until")),
    _pair("a property more", {f"{_RECEIVED}/properties/price": {"type": "number"}},
          ("response-optional-property-added", f"{_RECEIVED}/properties/price")),
    _pair("a property becomes optional", {f"{_RECEIVED}/required": ["id"]},
          ("response-property-became-optional", f"{_RECEIVED}/required/1")),
    _pair("a property becomes required", {f"{_RECEIVED}/required/-": "until"},
          ("response-property-became-required", f"{_RECEIVED}/required/2")),
    _pair("null is received", {f"{_RECEIVED}/properties/state/nullable": True, f"{_RECEIVED}/properties/state/enum/-": None},
          ("response-property-became-nullable", f"{_RECEIVED}/properties/state")),
    _pair("null is received no more", {f"{_RECEIVED}/properties/until/nullable": GONE},
          ("response-property-became-not-nullable", f"{_RECEIVED}/properties/until")),
    _pair("a state more", {f"{_RECEIVED}/properties/state/enum/-": "lost"},
          ("response-property-enum-value-added", f"{_RECEIVED}/properties/state/enum")),
    _pair("a state less", {f"{_RECEIVED}/properties/state/enum": ["done"]},
          ("response-property-enum-value-removed", f"{_RECEIVED}/properties/state/enum")),
    _pair("states in another order", {f"{_RECEIVED}/properties/state/enum": ["done", "waiting"]}),
    _pair("any state", {f"{_RECEIVED}/properties/state/enum": GONE},
          ("response-property-became-not-enum", f"{_RECEIVED}/properties/state/enum")),
    _pair("a kind more, as was said", {f"{_RECEIVED}/properties/kind/x-extensible-enum/-": "huge"},
          ("response-property-extensible-enum-value-added", f"{_RECEIVED}/properties/kind/x-extensible-enum")),
    _pair("an id is any text", {f"{_RECEIVED}/properties/id/format": GONE},
          ("response-property-format-changed", f"{_RECEIVED}/properties/id/format")),
    _pair("a time", {f"{_RECEIVED}/properties/until/format": "date-time"},
          ("response-property-format-changed", f"{_RECEIVED}/properties/until/format")),
    _pair("an address", {f"{_RECEIVED}/properties/until/format": "email"},
          ("response-property-format-added", f"{_RECEIVED}/properties/until/format")),
    _pair("a longer text", {f"{_RECEIVED}/properties/until/maxLength": 20},
          ("response-property-max-length-increased", f"{_RECEIVED}/properties/until/maxLength"),
          before={f"{_RECEIVED}/properties/until/maxLength": 10}),
    _pair("a text of any length", {f"{_RECEIVED}/properties/until/maxLength": GONE},
          ("response-property-max-length-removed", f"{_RECEIVED}/properties/until/maxLength"),
          before={f"{_RECEIVED}/properties/until/maxLength": 10}),
    _pair("a list where one thing was", {f"{_GET}/responses/200/{_JSON}": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}},
          ("response-body-type-changed", f"{_GET}/responses/200/{_JSON}")),
    _pair("one of several where one thing was", {f"{_GET}/responses/200/{_JSON}": {
              "anyOf": [{"$ref": "#/components/schemas/Pet"}, {"$ref": "#/components/schemas/Problem"}]}},
          ("response-body-any-of-added", f"{_GET}/responses/200/{_JSON}/anyOf")),
    _pair("anything", {f"{_GET}/responses/200/{_JSON}": {}},
          ("response-body-type-generalized", f"{_GET}/responses/200/{_JSON}")),
    _pair("one alternative is none", {f"{_GET}/responses/200/{_JSON}": {"oneOf": [{"$ref": "#/components/schemas/Pet"}]}}),
)  # fmt: skip

_SCHEMES = "/components/securitySchemes"
_DOCUMENT: Final = (
    _pair("another scheme is asked for", {"/security": [{"oauth": ["read"]}]}, ("api-security-removed", "/security"), ("api-security-added", "/security")),
    _pair("another scheme is accepted, too", {"/security/-": {"oauth": ["read"]}}, ("api-security-added", "/security")),
    _pair("both schemes are asked for", {"/security": [{"key": [], "oauth": ["read"]}]}, ("api-security-removed", "/security")),
    _pair("nothing is asked for", {"/security": []}, ("api-security-became-optional", "/security")),
    _pair("something is asked for", {"/security": [{"key": []}]}, ("api-security-became-required", "/security"), before={"/security": [{}]}),
    _pair("an operation asks for nothing", {f"{_GET}/security": []}, ("api-security-became-optional", f"{_GET}/security")),
    _pair("an operation says what goes without saying", {f"{_GET}/security": [{"key": []}]}),
    _pair("an operation needs a scope more", {f"{_CREATE}/security/1/oauth/-": "read"}, ("api-security-scope-added", f"{_CREATE}/security")),
    _pair("an operation needs a scope less", {f"{_CREATE}/security/1/oauth": []}, ("api-security-scope-removed", f"{_CREATE}/security")),
    _pair("an operation accepts a scheme less", {f"{_CREATE}/security": [{"key": []}]}, ("api-security-removed", f"{_CREATE}/security")),
    _pair("ways in another order", {f"{_CREATE}/security": [{"oauth": ["write"]}, {"key": []}]}),
    _pair("a key is sent elsewhere", {f"{_SCHEMES}/key/in": "query"}, ("api-security-component-changed", f"{_SCHEMES}/key")),
    _pair("a scheme more", {f"{_SCHEMES}/basic": {"type": "http", "scheme": "basic"}}, ("api-security-component-added", f"{_SCHEMES}/basic")),
    _pair("tokens are had elsewhere", {f"{_SCHEMES}/oauth/flows/clientCredentials/tokenUrl": "https://id.example.test/token"},
          ("api-security-component-oauth-url-changed", f"{_SCHEMES}/oauth/flows/clientCredentials/tokenUrl")),
    _pair("a scope more", {f"{_SCHEMES}/oauth/flows/clientCredentials/scopes/admin": "All"},
          ("api-security-component-oauth-scope-added", f"{_SCHEMES}/oauth/flows/clientCredentials/scopes/admin")),
    _pair("a scope less", {f"{_SCHEMES}/oauth/flows/clientCredentials/scopes/read": GONE},
          ("api-security-component-oauth-scope-removed", f"{_SCHEMES}/oauth/flows/clientCredentials/scopes/read")),
    _pair("a scheme is renamed", {
        f"{_SCHEMES}/key": GONE, f"{_SCHEMES}/api_key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "/security": [{"api_key": []}], f"{_CREATE}/security/0": {"api_key": []}}),
    _pair("another server", {"/servers": [{"url": "https://other.example.test"}]}, ("server-changed", "/servers/0")),
    _pair("a server more", {"/servers/-": {"url": "https://two.example.test"}}, ("server-added", "/servers/1")),
    _pair("a server less", {"/servers": [{"url": "https://one.example.test"}]}, ("server-removed", "/servers/1"),
          before={"/servers": [{"url": "https://one.example.test"}, {"url": "https://two.example.test"}]}),
    _pair("another region", {f"{_SERVER}/variables/region/default": "us"}, ("server-variable-changed", f"{_SERVER}/variables/region")),
    _pair("a region more", {f"{_SERVER}/variables/region/enum/-": "asia"}),
    _pair("another version", {"/info/version": "1.1.0"}, ("info-version-changed", "/info/version")),
    _pair("another title", {"/info/title": "The pet shop"}, ("api-title-changed", "/info/title")),
    _pair("another description", {"/info/description": "Pets."}, ("description-changed", "/info/description")),
    _pair("the description of a tag", {"/tags/0/description": "On pets"}, ("tag-description-changed", "/tags/0/description")),
    _pair("a webhook more", {"/x-webhooks": {"sold": {"post": {"responses": {"200": {"description": "Heard"}}}}}}, ("webhook-added", "/x-webhooks/sold")),
    _pair("a webhook less", {"/x-webhooks": GONE}, ("webhook-removed", "/x-webhooks/sold"),
          before={"/x-webhooks": {"sold": {"post": {"responses": {"200": {"description": "Heard"}}}}}}),
    _pair("a webhook sends less", {f"/x-webhooks/sold/post/requestBody/{_JSON}/required": GONE},
          ("response-property-became-optional", f"/x-webhooks/sold/post/requestBody/{_JSON}/required/0"),
          before={"/x-webhooks": {"sold": {"post": {
              "requestBody": {"content": {"application/json": {"schema": {
                  "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}}},
              "responses": {"200": {"description": "Heard"}}}}}}),
)  # fmt: skip

CORPUS: Final = (*_PATHS, *_PARAMETERS, *_SENT_PAIRS, *_SHARED, *_RECEIVED_PAIRS, *_DOCUMENT)
