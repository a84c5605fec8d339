"""Media types, servers, credentials and messages of a hostile document: they stay text, whatever stands in them.

What a package of hostile words defines, calls and imports is compared with what one of harmless words does.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from clientsmith.emit.check import check_files
from clientsmith.emit.package import render_package
from clientsmith.model.ir import (
    Api,
    Body,
    BodyField,
    Content,
    Encoding,
    Flow,
    Group,
    Model,
    Operation,
    Property,
    Ref,
    Requirement,
    Response,
    Scalar,
    ScalarKind,
    SecurityScheme,
    Server,
    ServerVariable,
    Webhook,
    Xml,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STRING = Scalar(ScalarKind.STRING)
HOSTILE = (
    '"); import os; os.system("true"); ("',
    '"""\nimport os\n"""',
    "'''\\",
    "\n    import os\n",
    "{__import__('os')}",
    "`os`",
    "application/json\r\nX: y",
    "\\N{DASH}\x00\u2028",
    "${jndi:x}",
)
evil = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=20))
Word = Callable[[], str]


def api_of(word: Word) -> Api:
    """An API in which every place that a document fills holds a word."""
    pet = Model("#/pet", word(), (Property("a", STRING, name="a", xml=Xml(name=word(), namespace=word())),), name="Pet")
    field = Property(word(), STRING, required=True, name="field")
    form = Model("#/form", word(), (field,), name="Form")
    forms = (Content(f"text/{word()}", STRING), Content(f"application/xml;{word()}", Ref("#/pet")))
    send = Operation(
        "", "POST", "/a", "#/1", name="send_pet", verb="send",
        body=Body("application/json", Ref("#/pet"), name="pet", others=forms, always=((word(), True),)),
        responses=(Response("200", word(), "application/json", Ref("#/pet"), others=forms),),
        errors=(Response("404", word(), "application/json", Ref("#/pet"), others=forms),),
        server=f"https://{'a' * len(word())}.test", returns=Ref("#/pet"),
        security=(Requirement(("key", "odd")),),
    )  # fmt: skip
    fill = Operation(
        "", "POST", "/b", "#/2", name="fill_form", verb="fill", security=(), body_fields=(BodyField(field, "field"),),
        body=Body(
            "multipart/form-data", Ref("#/form"),
            encodings=(Encoding(word(), media_type=word(), headers=((word(), word()),)),),
        ),
        responses=(Response("204"),), header_fields=(word(),),
    )  # fmt: skip
    return Api(
        "Evil",
        "1",
        Group("EvilClient", (send, fill)),
        shapes={"#/pet": pet, "#/form": form},
        endpoint="https://eu.test",
        servers=(
            Server("https://{region}.test", word(), (ServerVariable("region", "eu", (word(),), word(), "region"),)),
            Server(f"https://test/{word()}", word()),
        ),
        security_schemes=(
            SecurityScheme("key", "key", wire_name=word(), description=word()),
            SecurityScheme("odd", "signature", wire_name=word()),
            SecurityScheme("token", "bearer", flows=(Flow("password", word(), word(), (word(),)),), scopes=(word(),)),
        ),
        security=(Requirement(("key", "odd")), Requirement(("token",), (word(),))),
        webhooks=(
            Webhook(
                word(), "POST", "#/w", word(), Ref("#/pet"), word(), word(), signature="stripe", name="parse_pet",
                event=(word(), (word(),)),
            ),
        ),
        package="evil",
        distribution="evil-client",
    )  # fmt: skip


def skeleton(files: dict[str, bytes]) -> dict[str, list[str]]:
    """What each module does, without what it says."""
    found: dict[str, list[str]] = {}
    for path, content in files.items():
        if not path.startswith("src/") or not path.endswith(".py"):
            continue
        found[path] = [
            ast.unparse(node.func)
            if isinstance(node, ast.Call)
            else node.name
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            else ast.unparse(node)
            for node in ast.walk(ast.parse(content))
            if isinstance(node, ast.Call | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import)
        ]
    return found


@pytest.fixture(scope="module")
def harmless() -> dict[str, list[str]]:
    numbers = iter(range(1000))
    return skeleton(render_package(api_of(lambda: f"word{next(numbers)}")))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(evil, min_size=8, max_size=8))
def test_words_of_a_document_stay_words(harmless: dict[str, list[str]], words: list[str]) -> None:
    # Numbers, so that no two places hold the same: then there would be a choice less.
    numbered = (f"{words[number % len(words)]}{number}" for number in range(1000))
    files = render_package(api_of(lambda: next(numbered)))
    check_files(files)
    assert {path: sorted(done) for path, done in skeleton(files).items()} == {
        path: sorted(done) for path, done in harmless.items()
    }
