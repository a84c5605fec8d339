"""Schemas become the shapes that a person would write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.findings import InputError
from clientsmith.model.ir import (
    AnyShape,
    Array,
    Binary,
    Enum,
    Literal,
    Map,
    Model,
    Nullable,
    Ref,
    Scalar,
    ScalarKind,
    Union,
)

STRING = Scalar(ScalarKind.STRING)
INTEGER = Scalar(ScalarKind.INTEGER)
PET = {"type": "object", "properties": {"name": {"type": "string"}}}
PETS = {"Pet": PET, "Color": {"type": "string", "enum": ["red", "blue"]}, "Id": {"type": "string", "format": "uuid"}}
A_PET = Ref("/components/schemas/Pet")
A_COLOR = Ref("/components/schemas/Color")


def to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        pytest.param({"type": "string"}, STRING, id="string"),
        pytest.param({"type": "string", "format": "date-time"}, Scalar(ScalarKind.DATETIME, "date-time"), id="date-time"),
        pytest.param({"type": "string", "format": "byte"}, Scalar(ScalarKind.BYTES, "byte"), id="base64"),
        pytest.param({"type": "string", "contentEncoding": "base64"}, Scalar(ScalarKind.BYTES), id="base64 of 3.1"),
        pytest.param({"type": "string", "format": "binary"}, Binary(), id="binary"),
        pytest.param({"type": "string", "format": "made-up"}, Scalar(ScalarKind.STRING, "made-up"), id="unknown format"),
        pytest.param({"type": "integer", "format": "int64"}, Scalar(ScalarKind.INTEGER, "int64"), id="integer"),
        pytest.param({"type": "number"}, Scalar(ScalarKind.NUMBER), id="number"),
        pytest.param({"type": "boolean", "enum": [True]}, Literal(True), id="always true"),
        pytest.param({"const": "x"}, Literal("x"), id="constant"),
        pytest.param({"type": "string", "enum": ["only"]}, Literal("only"), id="enum of one"),
        pytest.param({"type": "string", "enum": ["only"], "x-ms-enum": {"modelAsString": False}}, Literal("only"), id="enum of one that has no name"),
        pytest.param({"type": "object", "format": "file"}, Binary(), id="file"),
        pytest.param({}, AnyShape(), id="anything"),
        pytest.param(True, AnyShape(), id="true"),
        pytest.param({"type": "array", "items": {"type": "string"}}, Array(STRING), id="list"),
        pytest.param({"type": "array"}, Array(AnyShape()), id="list of anything"),
        pytest.param({"items": {"type": "string"}}, Array(STRING), id="list without a type"),
        pytest.param({"type": "object"}, Map(AnyShape()), id="object"),
        pytest.param({"type": "object", "patternProperties": {"^x-": {"type": "integer"}}}, Map(INTEGER), id="names of a pattern"),
        pytest.param({"patternProperties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}}, Map(Union((INTEGER, STRING))), id="patterns and others"),
        pytest.param({"patternProperties": {"a": {"type": "integer"}}, "additionalProperties": False}, Map(INTEGER), id="patterns and no others"),
        pytest.param({"unevaluatedProperties": {"type": "integer"}}, Map(INTEGER), id="unevaluated members"),
        pytest.param({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, Array(Union((STRING, INTEGER))), id="tuple"),
        pytest.param({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, Array(STRING), id="tuple and no more"),
        pytest.param({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]}, Array(Union((STRING, INTEGER))), id="tuple of old"),
        pytest.param({"oneOf": [to("Pet"), {"enum": [None]}]}, Nullable(A_PET), id="or the enum of null"),
        pytest.param({"type": "object", "additionalProperties": {"type": "integer"}}, Map(INTEGER), id="map"),
        pytest.param({"type": ["string", "null"]}, Nullable(STRING), id="or null"),
        pytest.param({"type": ["string", "integer"]}, Union((STRING, INTEGER)), id="two types"),
        pytest.param({"type": "null"}, Scalar(ScalarKind.NULL), id="null"),
        pytest.param({"enum": ["a", "b", None]}, Nullable(Ref("/paths/~1x/post/responses/200/content/application~1json/schema")), id="enum with null"),
        pytest.param(to("Pet"), A_PET, id="reference"),
        pytest.param({**to("Pet"), "description": "mine"}, A_PET, id="reference with a comment"),
        pytest.param({"allOf": [to("Pet")], "description": "mine"}, A_PET, id="allOf of one"),
        pytest.param({"allOf": [to("Pet"), {"description": "mine"}]}, A_PET, id="allOf of one and a comment"),
        pytest.param({"type": "object", "allOf": [to("Pet")]}, A_PET, id="allOf of one and a type"),
        pytest.param(to("Id"), Scalar(ScalarKind.UUID, "uuid"), id="alias of a string"),
        pytest.param({"oneOf": [to("Pet"), {"type": "null"}]}, Nullable(A_PET), id="oneOf with null"),
        pytest.param({"anyOf": [to("Color"), {"type": "string"}]}, A_COLOR, id="open enum, said twice"),
        pytest.param({"anyOf": [{"type": "integer"}, {"type": "number"}]}, Scalar(ScalarKind.NUMBER), id="numbers"),
        pytest.param({"anyOf": [to("Pet"), to("Pet")]}, A_PET, id="the same twice"),
        pytest.param({"anyOf": [to("Pet"), {}]}, AnyShape(), id="or anything"),
        pytest.param({"oneOf": [to("Pet"), {"oneOf": [to("Color"), {"type": "integer"}]}]}, Union((A_PET, A_COLOR, INTEGER)), id="nested"),
        pytest.param({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}, STRING, id="formats"),
        pytest.param({"enum": [1.5, 2.5]}, Scalar(ScalarKind.NUMBER), id="enum of floats"),
        pytest.param({"type": "tuple"}, AnyShape(), id="unknown type"),
    ],
)  # fmt: skip
def test_a_schema_has_a_shape(describe_schema: Callable[..., Any], schema: Any, shape: object) -> None:
    assert describe_schema(schema, PETS).operation().returns == shape


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        pytest.param({"type": "string", "nullable": True}, Nullable(STRING), id="nullable"),
        pytest.param({"nullable": True, "allOf": [to("Pet")]}, Nullable(A_PET), id="nullable reference"),
        pytest.param({**to("Pet"), "nullable": True}, Nullable(A_PET), id="nullable beside a reference"),
    ],
)
def test_3_0_says_null_in_its_own_way(describe_schema: Callable[..., Any], schema: Any, shape: object) -> None:
    assert describe_schema(schema, PETS, openapi="3.0.3").operation().returns == shape


# --- models ----------------------------------------------------------------------------------------------------------


def test_a_model_knows_its_properties(describe_schema: Callable[..., Any]) -> None:
    schema = {
        "type": "object",
        "description": "A pet.",
        "required": ["petId"],
        "properties": {
            "petId": {"type": "string", "readOnly": True},
            "class": {**to("Color"), "description": "How it looks", "deprecated": True},
            "age": {"type": "integer", "default": 3},
        },
        "additionalProperties": {"type": "string"},
    }
    made = describe_schema(to("Cat"), {**PETS, "Cat": schema}).shape("Cat")
    assert isinstance(made, Model)
    identifier, look, age = made.properties
    assert (identifier.name, identifier.required, identifier.read_only) == ("pet_id", True, True)
    assert (look.name, look.wire_name, look.shape, look.deprecated) == ("class_", "class", A_COLOR, True)
    assert look.description == "How it looks"
    assert (age.default, age.has_default, age.required) == (3, True, False)
    assert made.description == "A pet."


def test_all_of_is_one_model(describe_schema: Callable[..., Any]) -> None:
    """Properties add up, required names too, and a later word on a property wins if it says something."""
    schemas = {
        **PETS,
        "Cat": {
            "allOf": [to("Pet"), {"required": ["name"], "properties": {"lives": {"type": "integer"}}}],
            "properties": {"name": {"description": "of the cat"}},
        },
    }
    made = describe_schema(to("Cat"), schemas).shape("Cat")
    assert isinstance(made, Model)
    assert [(part.wire_name, part.shape, part.required) for part in made.properties] == [
        ("name", STRING, True),
        ("lives", INTEGER, False),
    ]
    assert made.base is None


def test_models_may_refer_to_each_other_in_circles(describe_schema: Callable[..., Any]) -> None:
    schemas = {
        "A": {"properties": {"b": to("B"), "more": {"type": "array", "items": to("A")}}},
        "B": {"properties": {"a": to("A")}},
    }
    api = describe_schema(to("A"), schemas)
    assert [shape.name for shape in api.api.shapes.values()] == ["A", "B"]
    assert api.findings == []


def test_a_circle_without_a_model_is_a_finding(describe_schema: Callable[..., Any]) -> None:
    api = describe_schema(to("Value"), {"Value": {"type": "array", "items": to("Value")}})
    assert api.operation().returns == Array(AnyShape())
    assert api.rules == ["recursive-schema"]


def test_only_required_alternatives_do_not_make_a_union(describe_schema: Callable[..., Any]) -> None:
    """GitHub's `anyOf: [{required: [a]}, {required: [b]}]` beside properties."""
    schema = {**PET, "anyOf": [{"required": ["name"]}, {"required": ["other"]}]}
    assert isinstance(describe_schema(to("A"), {"A": schema}).shape("A"), Model)


def test_alternatives_beside_properties_add_optional_ones(describe_schema: Callable[..., Any]) -> None:
    schema = {**PET, "oneOf": [{"required": ["lives"], "properties": {"lives": {"type": "integer"}}}]}
    made = describe_schema(to("A"), {"A": schema}).shape("A")
    assert isinstance(made, Model)
    assert [(part.wire_name, part.required) for part in made.properties] == [("name", False), ("lives", False)]


def test_a_schema_that_doubles_ends_at_a_thousand_parts(describe_schema: Callable[..., Any]) -> None:
    """`B2: anyOf: [[B1], {…: B1}]` is twice as large as `B1`; what is no model is written out wherever it is used."""
    schemas: dict[str, Any] = {"B0": {"type": "string"}}
    for index in range(15):
        below = to(f"B{index}")
        schemas[f"B{index + 1}"] = {"anyOf": [{"items": below}, {"additionalProperties": below}]}
    api = describe_schema(to("B15"), schemas)
    assert set(api.rules) == {"schema-too-large"}
    assert len(repr(api.operation().returns)) < 100_000


def test_what_all_of_copies_is_bounded(describe_schema: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte that would be gigabytes is refused with one error."""
    monkeypatch.setattr("clientsmith.model.schemas._MOST_PARTS_IN_ALL", 10_000)
    wide = {"properties": {f"p{index}": {"type": "string"} for index in range(200)}}
    copies = {f"q{index}": {"allOf": [to("Wide"), {"properties": {"x": {}}}]} for index in range(200)}
    with pytest.raises(InputError, match="more than 10,000 parts"):
        describe_schema(to("A"), {"Wide": wide, "A": {"properties": copies}})


def test_a_chain_of_children_in_any_order_is_found(describe_schema: Callable[..., Any]) -> None:
    """Each extends the next; the last one has the discriminator."""
    schemas: dict[str, Any] = {f"A{index}": {"allOf": [to(f"A{index + 1}")]} for index in range(300)}
    schemas["A300"] = {"properties": {"kind": {"type": "string"}}, "discriminator": {"propertyName": "kind"}}
    api = describe_schema(to("A300"), schemas).api
    assert {shape.base for shape in api.shapes.values() if isinstance(shape, Model)} == {
        None,
        Ref("/components/schemas/A300"),
    }


def test_a_document_may_say_what_code_calls_a_property(describe_schema: Callable[..., Any]) -> None:
    """Azure's `x-ms-client-name`; where two want the same name, both have one."""
    schema = {
        "properties": {
            "@type": {"type": "string", "x-ms-client-name": "typeName"},
            "kind": {"type": "string", "x-ms-client-name": "theName"},
            "name": {"type": "string", "x-ms-client-name": "theName"},
        }
    }
    made = describe_schema(to("A"), {"A": schema}).shape("A")
    assert isinstance(made, Model)
    names = {part.wire_name: part.name for part in made.properties}
    assert names["@type"] == "type_name"
    assert sorted((names["kind"], names["name"])) == ["name", "the_name"]


# --- discriminators --------------------------------------------------------------------------------------------------

SHAPES = {
    "Shape": {
        "properties": {"kind": {"type": "string"}},
        "discriminator": {"propertyName": "kind", "mapping": {"round": "#/components/schemas/Circle"}},
    },
    "Circle": {"allOf": [to("Shape"), {"properties": {"radius": {"type": "number"}}}]},
    "Square": {"allOf": [to("Shape")], "x-ms-discriminator-value": "sq"},
    "RedSquare": {"allOf": [to("Square"), {"properties": {"red": {"type": "integer"}}}]},
}


def test_a_base_with_a_discriminator_has_children(describe_schema: Callable[..., Any]) -> None:
    api = describe_schema(to("Shape"), SHAPES)
    base = Ref("/components/schemas/Shape")
    found = {
        shape.name: (shape.base, shape.tag, shape.tag_value, [part.wire_name for part in shape.properties])
        for shape in api.api.shapes.values()
        if isinstance(shape, Model)
    }
    assert found == {
        "Shape": (None, "kind", "", ["kind"]),
        "Circle": (base, "", "round", ["radius"]),
        "Square": (base, "", "sq", []),
        "RedSquare": (base, "", "RedSquare", ["red"]),
    }


def test_a_union_with_a_discriminator_knows_its_values(describe_schema: Callable[..., Any]) -> None:
    schemas = {
        "Cat": {"properties": {"type": {"type": "string", "enum": ["cat"]}}},
        "Dog": {"properties": {"bark": {"type": "string"}}},
        "Cow": {"properties": {"milk": {"type": "string"}}},
    }
    schema = {
        "oneOf": [to("Cat"), to("Dog"), to("Cow")],
        "discriminator": {"propertyName": "type", "mapping": {"hound": "Dog"}},
    }
    members = tuple(Ref(f"/components/schemas/{name}") for name in schemas)
    mapping = (("hound", members[1]), ("cat", members[0]), ("Cow", members[2]))
    assert describe_schema(schema, schemas).operation().returns == Union(members, "type", mapping)


# --- enums -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "kind", "members"),
    [
        pytest.param({"type": "string", "enum": ["a-b", "c d"]}, ScalarKind.STRING, {"A_B": "a-b", "C_D": "c d"}, id="words"),
        pytest.param({"type": "integer", "enum": [1, 2]}, ScalarKind.INTEGER, {"VALUE_1": 1, "VALUE_2": 2}, id="numbers"),
        pytest.param({"type": "string", "enum": [".", "X"]}, ScalarKind.STRING, {"DOT": ".", "X": "X"}, id="symbols"),
        pytest.param({"type": "string", "enum": ["+1", "-1"]}, ScalarKind.STRING, {"PLUS_1": "+1", "MINUS_1": "-1"}, id="signs"),
        pytest.param({"type": "string", "enum": ["", "a"]}, ScalarKind.STRING, {"EMPTY": "", "A": "a"}, id="empty"),
        pytest.param({"type": "string", "enum": ["asc", "ASC"]}, ScalarKind.STRING, {"ASC_LOWERCASE": "asc", "ASC": "ASC"}, id="case"),
        pytest.param(
            {"type": "string", "enum": ["GMT+0", "GMT-0", "GMT0"]}, ScalarKind.STRING,
            {"GMT_PLUS_0": "GMT+0", "GMT_MINUS_0": "GMT-0", "GMT0": "GMT0"}, id="one sign each",
        ),
        pytest.param({"type": "string", "enum": [True, 1, "off"]}, ScalarKind.STRING, {"TRUE": "true", "VALUE_1": "1", "OFF": "off"}, id="YAML's values"),
        pytest.param(
            {"oneOf": [{"const": 0, "title": "NONE"}, {"const": 1, "title": "ALL", "description": "everything"}]},
            ScalarKind.INTEGER, {"NONE": 0, "ALL": 1}, id="constants with titles",
        ),
        pytest.param(
            {"type": "string", "enum": ["a", "b"], "x-ms-enum": {"name": "Letter", "values": [{"value": "b", "name": "second"}]}},
            ScalarKind.STRING, {"A": "a", "SECOND": "b"}, id="x-ms-enum",
        ),
    ],
)  # fmt: skip
def test_an_enum_names_its_members(
    describe_schema: Callable[..., Any], schema: Any, kind: ScalarKind, members: dict[str, object]
) -> None:
    [enum] = describe_schema(to("E"), {"E": schema}).api.shapes.values()
    assert isinstance(enum, Enum)
    assert enum.kind is kind
    assert {member.name: member.wire_value for member in enum.members} == members
