"""What a document writes out again and again is one class, if it is equal and called the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.model.ir import Api, Array, Model, Nullable, Ref, Shape, Union

STRING = {"type": "string"}
ADDRESS = {"title": "address", "properties": {"city": STRING, "street": STRING}}
COLOR = {"type": "string", "enum": ["red", "green"]}


def names_of(modelled: Any) -> list[str]:
    return sorted(shape.name for shape in modelled.api.shapes.values())


def body(**properties: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}


def answer(schema: Any, status: str = "200") -> dict[str, Any]:
    return {status: {"description": "d", "content": {"application/json": {"schema": schema}}}}


def posting(path: str, operation_id: str, **parts: Any) -> dict[str, Any]:
    return {path: {"post": {"operationId": operation_id, "responses": {"204": {"description": "d"}}, **parts}}}


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        pytest.param({"home": ADDRESS}, {"home": ADDRESS}, 1, id="one title, one property"),
        pytest.param({"home": ADDRESS}, {"work": ADDRESS}, 1, id="one title"),
        pytest.param({"color": COLOR}, {"color": COLOR}, 1, id="one property"),
        pytest.param({"color": COLOR}, {"colors": {"type": "array", "items": COLOR}}, 2, id="another property"),
        pytest.param({"color": COLOR}, {"color": {**COLOR, "enum": ["red", "blue"]}}, 2, id="another value"),
        pytest.param({"color": COLOR}, {"color": {**COLOR, "enum": ["green", "red"]}}, 1, id="another order"),
        pytest.param({"color": COLOR}, {"color": {**COLOR, "description": "How it looks."}}, 1, id="another comment"),
        pytest.param({"home": ADDRESS}, {"home": {**ADDRESS, "required": ["city"]}}, 2, id="required"),
        pytest.param({"home": ADDRESS}, {"home": {**ADDRESS, "title": "place"}}, 2, id="another title"),
        pytest.param({"home": ADDRESS}, {"home": {**ADDRESS, "additionalProperties": STRING}}, 2, id="more is allowed"),
        pytest.param(
            {"x": {"properties": {"color": COLOR}}}, {"x": {"properties": {"color": COLOR}}}, 2, id="with all inside"
        ),
        pytest.param(
            {"x": {"properties": {"n": {"type": "integer", "minimum": 1}}}},
            {"x": {"properties": {"n": {"type": "integer", "minimum": 2}}}},
            2,
            id="another bound",
        ),
    ],
)
def test_equal_schemas_of_one_name_are_one_class(
    describe: Callable[..., Any], one: Any, other: Any, count: int
) -> None:
    paths = posting("/a", "createA", requestBody=body(**one)) | posting("/b", "createB", requestBody=body(**other))
    api = describe(paths).api
    assert len([shape for shape in api.shapes.values() if not shape.pointer.endswith("/schema")]) == count


def test_a_title_of_several_meanings_names_nothing(describe: Callable[..., Any]) -> None:
    """Stripe calls fifteen things `payment_method_options_param`; there the property decides."""
    other = {"title": "address", "properties": {"ip": STRING}}
    paths = posting("/a", "createA", requestBody=body(home=ADDRESS, net=other))
    paths |= posting("/b", "createB", requestBody=body(home=ADDRESS, work=ADDRESS, net=other))
    places = sorted(1 + len(shape.places) for shape in describe(paths).api.shapes.values())
    assert places == [1, 1, 1, 2, 2]  # two bodies, `work`; `home` and `net` of both


def test_schemas_with_a_key_stay_what_their_author_made_them(describe: Callable[..., Any]) -> None:
    text = {"properties": {"text": STRING}}
    paths = {"/a": {"get": {"responses": answer({"properties": {"one": ref("One"), "two": ref("Two")}})}}}
    assert {"One", "Two"} <= set(names_of(describe(paths, {"One": text, "Two": text})))


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_request_bodies_belong_to_their_operations(describe: Callable[..., Any]) -> None:
    paths = posting("/a", "createA", requestBody=body(ids=STRING))
    paths |= posting("/b", "createB", requestBody=body(ids=STRING))
    assert len(describe(paths).api.shapes) == 2


def test_one_error_body_for_all_operations(describe: Callable[..., Any]) -> None:
    """One class to catch, in place of one for each operation."""
    problem = {"properties": {"code": {"type": "string", "enum": ["a", "b"]}, "message": STRING}}
    paths = {f"/{name}": {"get": {"responses": answer(STRING) | answer(problem, "400")}} for name in "abc"}
    api = describe(paths).api
    [error] = [shape for shape in api.shapes.values() if isinstance(shape, Model)]
    assert len(error.places) == 2
    assert {one.errors[0].shape for one in api.operations} == {Ref(error.pointer)}


def test_circles_are_compared_as_a_whole(describe: Callable[..., Any]) -> None:
    """A tree that is written out twice, each referring to itself by a path into its own operation."""

    def tree(path: str) -> dict[str, Any]:
        own = f"#/paths/~1{path}/get/responses/200/content/application~1json/schema/properties/tree"
        return {"properties": {"tree": {"properties": {"children": {"type": "array", "items": {"$ref": own}}}}}}

    paths = {f"/{name}": {"get": {"operationId": f"get_{name}", "responses": answer(tree(name))}} for name in "ab"}
    trees = [shape for shape in describe(paths).api.shapes.values() if shape.pointer.endswith("/tree")]
    [one] = trees
    assert isinstance(one, Model)
    assert one.properties[0].shape == Array(Ref(one.pointer))
    assert len(one.places) == 1


def test_members_of_a_union_that_become_one_are_one(describe: Callable[..., Any]) -> None:
    shape = describe(posting("/a", "createA", requestBody=body(x={"oneOf": [ADDRESS, {**ADDRESS, "type": "object"}]})))
    [holder] = [
        one for one in shape.api.shapes.values() if isinstance(one, Model) and one.properties[0].wire_name == "x"
    ]
    assert isinstance(holder.properties[0].shape, Ref)


def test_nothing_refers_to_what_was_merged(describe: Callable[..., Any]) -> None:
    paths: dict[str, Any] = {}
    for name in "abc":
        fields = {"home": ADDRESS, "maybe": {"anyOf": [ADDRESS, {"type": "null"}]}, "many": {"items": COLOR}}
        paths |= posting(f"/{name}", f"create_{name}", requestBody=body(**fields))
    api: Api = describe(paths).api
    assert len(api.shapes) == 5  # three bodies, an address, a color
    for model in api.shapes.values():
        for part in model.properties if isinstance(model, Model) else ():
            assert set(references(part.shape)) <= api.shapes.keys()


def references(shape: Shape) -> list[str]:
    match shape:
        case Ref():
            return [shape.pointer]
        case Array():
            return references(shape.item)
        case Nullable():
            return references(shape.shape)
        case Union():
            return [found for member in shape.members for found in references(member)]
        case _:
            return []


# --- what they are called --------------------------------------------------------------------------------------------


def test_a_shared_class_is_called_after_what_its_places_have_in_common(describe: Callable[..., Any]) -> None:
    paths: dict[str, Any] = {}
    for verb in ("create", "update"):
        paths |= posting(f"/{verb}", f"{verb}Invoice", requestBody=body(tax_behavior=COLOR))
    assert "InvoiceTaxBehavior" in names_of(describe(paths))


def test_two_shared_classes_do_not_fight_for_one_name(describe: Callable[..., Any]) -> None:
    """Neither is the status; each is called after its first place."""
    paths: dict[str, Any] = {}
    for name, values in (("a", "xy"), ("b", "xy"), ("c", "zw"), ("d", "zw")):
        state = {"type": "string", "enum": list(values)}
        paths |= posting(f"/{name}", f"open{name.upper() * 3}", requestBody=body(status=state))
    assert {"OpenAaaRequestStatus", "OpenCccRequestStatus"} <= set(names_of(describe(paths)))


def test_a_shared_parameter_is_called_after_it(describe: Callable[..., Any]) -> None:
    direction = {"name": "direction", "in": "query", "schema": {"type": "string", "enum": ["asc", "desc"]}}
    paths = {
        f"/{name}": {"get": {"operationId": f"get{name}", "parameters": [direction], "responses": answer(STRING)}}
        for name in ("Cats", "Dogs")
    }
    assert names_of(describe(paths)) == ["Direction"]
