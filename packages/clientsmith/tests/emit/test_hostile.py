"""A hostile document can at worst give an ugly client: nothing of it becomes code, and no name that was not allocated."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from clientsmith.emit.check import check_files
from clientsmith.emit.package import render_package
from clientsmith.model.ir import (
    Api,
    Body,
    Enum,
    EnumMember,
    Group,
    Location,
    Model,
    Operation,
    Paging,
    PagingScheme,
    Parameter,
    Property,
    Ref,
    Response,
    Scalar,
    ScalarKind,
    SecurityScheme,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STRING = Scalar(ScalarKind.STRING)

WORDS = [
    '"""',
    "'''",
    '"',
    "\\",
    '\\"""\nimport os\n',
    '"""\n__import__("os").system("true")\n"""',
    "x\n\nclass Evil: ...",
    "\\N{BULLET}\\x41\\u0041",
    "\u202e\u2066gnp.js",
    "a\x00\x07\x1b[31mb",
    "line\r\u2028\u2029\x85\x0cend",
    "__import__('os').system('true')",
    "{__import__('os')}",
    "coding: utf-7",
    "# ruff: noqa",
    ">>> __import__('os')",
    "\ud800",
    "]]>\n[tool.evil]\nx = 1",
    "```\n</details><script>alert(1)</script>",
    "🦀 café",
]
evil = st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=()), max_size=20))


@st.composite
def hostile_apis(draw: st.DrawFn) -> Api:
    """An API whose every word is hostile; the names are what the naming pass would have made of them."""

    def word() -> str:
        """Drawn anew in every place."""
        return draw(evil)

    enum = Enum("#/e", word(), ScalarKind.STRING, (EnumMember(word(), word(), "ONE"),), word(), "Kind")
    fields = (
        Property(word(), STRING, required=True, description=word(), name="first"),
        Property(word(), Ref("#/e"), default=word(), has_default=True, description=word(), name="second"),
        Property(word(), Ref("#/m"), name="third"),
    )
    model = Model("#/m", word(), fields, word(), tag=word(), name="Thing")
    child = Model("#/c", word(), (), word(), base=Ref("#/m"), tag_value=word(), name="Child")
    text = draw(evil.filter(lambda text: not set(text) & set("{}")))
    operation = Operation(
        word(),
        "get",
        f"/{text}/{{{text}}}",
        word(),
        name="get_thing",
        summary=word(),
        description=word(),
        parameters=(
            Parameter(text, Location.PATH, STRING, required=True, description=word(), name="key"),
            Parameter(word(), Location.QUERY, Ref("#/e"), default=word(), has_default=True, name="kind"),
            Parameter(word(), Location.HEADER, STRING, required=True, description=word(), name="rate"),
        ),
        body=Body("application/json", Ref("#/m"), description=word(), name="thing"),
        responses=(Response("200", word(), word(), Ref("#/c")),),
        errors=(Response("404", word(), "application/json", Ref("#/m")), Response("default", word(), word(), STRING)),
        returns=Ref("#/c"),
    )
    listing = replace(
        operation,
        name="list_things",
        body=None,
        paging=Paging(PagingScheme.TOKEN, Ref("#/c"), (word(),), (word(),), word()),
    )
    return Api(
        word(),
        word(),
        Group("EvilClient", (operation, listing)),
        shapes={"#/e": enum, "#/m": model, "#/c": child},
        description=word(),
        endpoint=word(),
        security_schemes=(SecurityScheme(word(), "key", Location.QUERY, word(), description=word()),),
        security_optional=draw(st.booleans()),
        package="evil",
        distribution="evil-client",
    )


def definitions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


ALLOCATED = {
    "AUTHENTICATION", "EvilClient", "__init__", "get_thing", "list_things", "GET_THING", "LIST_THINGS",
    "Kind", "ONE", "Thing", "Child", "first", "second", "third", "VERSION", "__all__", "__getattr__", "__dir__",
    # of the generated tests, which are the same for every API
    "CASES", "SAMPLES", "case", "chosen", "given", "model", "name", "pytest_generate_tests", "raised", "service",
    "test_a_service_that_is_busy_is_asked_again", "test_each_documented_error_is_raised",
    "test_each_operation_is_sent_and_its_answer_read", "test_what_the_document_does_not_know_is_read_too",
    "transport", "client", "result", "items", "item",
}  # fmt: skip
IMPORTED_FROM = {"clientsmith", "evil", "typing", "collections", "asyncio", "enum", "pytest", "__future__", ""}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_apis())
def test_hostile_text_defines_and_imports_nothing(api: Api) -> None:
    """Every file parses, defines allocated names only, imports our own modules only and calls nothing at odds."""
    files = render_package(api)
    check_files(files)
    for path, content in files.items():
        if path.endswith(".py"):
            tree = ast.parse(content)
            assert set(definitions(tree)) <= ALLOCATED, path
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    assert (node.module or "").partition(".")[0] in IMPORTED_FROM or node.level
                elif isinstance(node, ast.Import):
                    assert {alias.name for alias in node.names} <= IMPORTED_FROM
                elif isinstance(node, ast.Call):
                    assert ast.unparse(node.func) != "__import__"
            lines = content.decode().split("\n")
            assert all(line.isprintable() for line in lines), path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_apis())
def test_hostile_text_does_not_reach_the_project_file(api: Api) -> None:
    """The description is one string of ours; no table and no key is added."""
    project = tomllib.loads(render_package(api)["pyproject.toml"].decode())
    assert set(project) == {"project", "dependency-groups", "build-system", "tool"}
    assert set(project["tool"]) == {"hatch", "pytest", "ruff"}
    assert project["project"]["name"] == "evil-client"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_apis())
def test_hostile_text_stays_text_in_the_readme(api: Api) -> None:
    """No HTML and no fence of its own: outside of our fences every special character is escaped."""
    text = render_package(api)["README.md"].decode()
    outside = re.sub(r"^(`{3,})\w+\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "<script>" not in outside
    assert "```" not in outside


@pytest.mark.parametrize("name", ["evil name", "__class__", "x = 1", "class", "_thing", "ﬁeld"])
def test_a_name_that_was_not_allocated_stops_the_generation(petstore: Api, name: str) -> None:
    """Wherever it stands: as method, parameter, property, model or enum member."""
    operation = replace(petstore.root.operations[0], name=name)
    parameter = replace(operation, name="get", parameters=(Parameter("x", Location.QUERY, STRING, name=name),))
    shapes = (
        Model("#", "x", (), name=name),
        Model("#", "x", (Property("x", STRING, name=name),), name="X"),
        Enum("#", "x", ScalarKind.STRING, (EnumMember("x", name=name),), name="X"),
        Enum("#", "x", ScalarKind.STRING, (), name=name),
    )
    apis = [replace(petstore, root=Group("Client", (item,))) for item in (operation, parameter)]
    apis += [replace(petstore, shapes={**petstore.shapes, "#": shape}) for shape in shapes]
    for api in apis:
        with pytest.raises(ValueError, match=r"cannot be a Python name|are reserved"):
            render_package(api)
