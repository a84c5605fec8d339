"""Names that are meant to collide, to be read as something else, or to be none: each thing keeps one of its own."""

from __future__ import annotations

import ast
import json
import keyword
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

Tree = dict[str, Any]

FAMILIES = {
    "dunders": ["__init__", "__class__", "__getattr__", "__slots__", "__dict__", "__init_subclass__", "__all__", "__name__", "_", "__"],
    "keywords": [*keyword.kwlist, *keyword.softkwlist],
    "builtins": ["list", "dict", "str", "int", "type", "object", "super", "print", "bytes", "property", "None", "Ellipsis", "Exception"],
    "the runtime's": ["self", "cls", "options", "body", "kwargs", "client", "field", "Model", "UNSET", "from_dict", "as_dict", "send_request",
                      "close", "timeout", "headers", "endpoint", "credential", "transport", "api_version", "ServiceClient", "Operation"],
    "modules": ["datetime", "uuid", "enum", "typing", "models", "aio", "_client", "_operations", "_models", "_patch", "_version", "asyncio"],
    "equal when normalized": ["foo-bar", "foo_bar", "fooBar", "FooBar", "foo bar", "FOO_BAR", "foo.bar", "foo/bar", "foo  bar", "_foo_bar_"],
    "different in case": ["thing", "Thing", "THING", "tHING", "thinG"],
    "compatibility characters": ["ﬁeld", "field", "ｆｉｅｌｄ", "K", "K", "k", "ſize", "size", "①", "1", "x²", "x2", "Ⅷ", "VIII"],
    "confusable": ["scope", "ѕсоре", "a", "а", "ɑ", "o", "о", "0", "l", "1", "I"],
    "no letters": ["", " ", "-", "+", "+1", "-1", "1", "01", "🦀", "$", "$$", "@", "<", ">", "\u200b", "\u202e", "\x00", "\n", "'", '"', "\\"],
    "numbers": ["a", "a_2", "a2", "a-2", "a_1", "2", "2a", "a_2_2"],
    "other scripts": ["名前", "имя", "اسم", "नाम", "ชื่อ", "e\u0301", "é", "İ", "i̇", "ß", "ss", "SS"],
    "long": ["x" * 5000, "x" * 4999 + "y", ("word " * 900).strip()],
}  # fmt: skip


def as_everything(names: list[str], api_with: Callable[..., Tree], an_operation: Callable[..., Tree]) -> Tree:
    """Call properties, schemas, enum members, parameters, operations, tags, headers and schemes all so."""
    text = {"type": "string"}
    schemas: Tree = {name: {"properties": dict.fromkeys(names, text)} for name in names}
    schemas["TheEnum"] = {"enum": list(dict.fromkeys(names))}
    places = [place for place in ("query", "header", "cookie") for _ in names]
    parameters = [{"name": name, "in": place, "schema": text} for name, place in zip(names * 3, places, strict=True)]
    paths: Tree = {}
    for index, name in enumerate(names):
        answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/" + pointed(name)}}}}
        paths[f"/p{index}/{{id}}"] = {
            "post": an_operation(
                operationId=name,
                tags=[name],
                parameters=[*parameters, {"name": "id", "in": "path", "required": True, "schema": text}],
                requestBody={"content": {"application/json": {"schema": {"properties": dict.fromkeys(names, text)}}}},
                responses={"200": answer},
            )
        }
    paths["/enum"] = {
        "get": an_operation(
            parameters=[{"name": "e", "in": "query", "schema": {"$ref": "#/components/schemas/TheEnum"}}]
        )
    }
    schemes = {name: {"type": "apiKey", "in": "query", "name": name} for name in names if name}
    return api_with(paths, components={"schemas": schemas, "securitySchemes": schemes})  # fmt: skip


def pointed(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("%", "%25").replace("#", "%23")


FAST = ("no letters",)


@pytest.mark.parametrize(
    "family", [pytest.param(name, marks=[] if name in FAST else [pytest.mark.slow]) for name in FAMILIES]
)
def test_everything_keeps_a_name_of_its_own(
    family: str,
    generate: Callable[..., Any],
    watch: Callable[..., Any],
    api_with: Callable[..., Tree],
    an_operation: Callable[..., Tree],
) -> None:
    names = list(dict.fromkeys(FAMILIES[family]))
    plain = generate(api_with(), "tame")
    made = generate(as_everything(names, api_with, an_operation), "family")
    assert made.lost == []
    assert len(made.api.operations) == len(names) + 1
    models = [shape for shape in made.api.shapes.values() if hasattr(shape, "properties")]
    components = [model for model in models if model.pointer.count("/") == 3]
    assert len(components) == len(names)
    for model in models:
        fields = [part.name for part in model.properties]
        assert len({field.casefold() for field in fields}) == len(names)
    for one in (one for one in made.api.operations if one.method == "POST"):
        arguments = [part.name for part in one.parameters] + ([one.body.name] if one.body else [])
        assert len(set(arguments)) == len(arguments) > len(names)
    for path in made.source.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                assert unicodedata.normalize("NFKC", node.name) == node.name
                assert len(node.name) < 300
    report = watch([plain, made])
    assert report["failed"] == []
    assert report["noted"] == []


def test_the_wire_names_are_the_documents(
    generate: Callable[..., Any], api_with: Callable[..., Tree], an_operation: Callable[..., Tree]
) -> None:
    """Whatever they are called in Python."""
    names = list(dict.fromkeys(name for family in FAMILIES.values() for name in family if len(name) < 100))
    schemas = {"Thing": {"properties": {name: {"type": "integer"} for name in names}}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    paths = {"/x": {"get": an_operation(responses={"200": {"content": content}})}}
    made = generate(api_with(paths, schemas), "wire")
    [model] = made.api.shapes.values()
    assert [part.wire_name for part in model.properties] == json.loads(json.dumps(names))
