"""Nothing of a document becomes code, wherever in it the text stands."""

from __future__ import annotations

import ast
import builtins
import itertools
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

WORDS = [
    '"""',
    "'''",
    '"',
    "\\",
    '\\"""\nimport os\n',
    '"""\n__import__("os").system("true")\n"""',
    "'''\n__import__('os').system('true')\n'''",
    '")\nexec("raise SystemExit(7)")\n("',
    "x\n\nclass Evil: ...\n",
    "x = open('pwned', 'w').write('x')",
    "\\N{BULLET}\\x41\\u0041\\",
    "\u202e\u2066gnp.js\u2069",
    "a\x00\x07\x1b[31mb",
    "line\r\u2028__import__('os').system('true')\u2029\x85\x0cend",
    "{__import__('os').system('true')}",
    "%(x)s {x} {0.__class__} ${x}",
    "# -*- coding: utf-7 -*-\n+AGkAbQBwAG8AcgB0ACAAbwBz-",
    "# type: ignore\n# noqa\n# fmt: off",
    ">>> __import__('os').system('true')",
    "\ud800\udfff",
    "]]>\n[tool.evil]\nx = 1\n[[",
    "```\n</details><script>alert(1)</script>\n```python\nraise SystemExit(7)\n```",
    "=== a\n:role:`x`\n.. raw:: html",
    "lambda: __import__('os').system('true')",
]


def tame() -> Iterator[str]:
    return (f"word{number}" for number in itertools.count())


def hostile(start: int) -> Iterator[str]:
    """Every word in turn, from one of them on; a number keeps those that are keys apart."""
    words = itertools.cycle(WORDS[start:] + WORDS[:start])
    return (f"{word}{number}" if number % 3 else word for number, word in enumerate(words))


def full_of(words: Iterator[str]) -> dict[str, Any]:
    """A document with a text of ``words`` in every place where OpenAPI allows one."""

    def word() -> str:
        return next(words)

    def key() -> str:
        return f"{word()}{next(unique)}"

    def said(**parts: Any) -> dict[str, Any]:
        return {"description": word(), **parts, f"x-{word()}": {word(): [word(), {word(): word()}]}}

    unique = itertools.count(1000)
    text = {"type": "string"}
    enum = said(
        type="string",
        title=word(),
        enum=[word(), key(), key()],
        default=word(),
        **{"x-enum-varnames": [word(), word(), word()]},
    )
    reference = {"$ref": "#/components/schemas/Thing"}
    fields = {
        key(): said(type="string", default=word(), example=word(), examples=[word()], pattern=word(), format=word()),
        key(): said(const=word(), title=word()),
        key(): said(type="array", items=said(title=word(), properties={key(): text, key(): enum}), deprecated=True),
        key(): said(oneOf=[{"const": key(), "title": word(), "description": word()}, {"const": key(), "title": word()}]),
        key(): said(type=["integer", "null"], enum=[1, 2, None], **{"x-ms-enum": {"name": word(), "values": [{"value": 1, "name": word(), "description": word()}]}}),
        key(): {"$ref": "#/components/schemas/Thing", "description": word()},
        "kind": text,
    }  # fmt: skip
    placeholder = word().translate({ord(char): None for char in "{}/"}) or "p"
    parameters = [
        said(name=placeholder, **{"in": "path"}, required=True, schema=text),
        said(name=key(), **{"in": "query"}, schema=enum, example=word(), style="form"),
        said(name=key(), **{"in": "header"}, schema=said(type="string", default=word())),
        said(name=key(), **{"in": "cookie"}, schema=text, deprecated=True),
        said(name=key(), **{"in": "query"}, content={"application/json": {"schema": reference}}),
    ]
    media = {"schema": reference, "example": word(), "examples": {word(): said(summary=word(), value={word(): word()})}}
    answers = {
        "200": said(content={"application/json": media, f"text/{key()}": {"schema": text}}, headers={key(): said(schema=text)}, links={word(): said(operationId=word())}),
        "404": said(content={"application/json": {"schema": said(title=word(), properties={key(): text})}}),
        "default": said(content={f"application/{key()}": media}),
    }  # fmt: skip

    def operation(**parts: Any) -> dict[str, Any]:
        return said(operationId=key(), summary=word(), tags=[word(), word()], parameters=parameters, responses=answers, externalDocs=said(url=word()), **parts)  # fmt: skip

    form = {"multipart/form-data": {"schema": {"properties": {key(): {"type": "string", "format": "binary"}, key(): text}}, "encoding": {key(): {"contentType": word()}}}}  # fmt: skip
    path = f"/{word()}/{{{placeholder}}}"
    return {
        "openapi": "3.1.0",
        "info": said(title=word(), version=word(), summary=word(), termsOfService=word(), contact={"name": word(), "url": word(), "email": word()}, license={"name": word(), "identifier": word()}),
        "servers": [said(url=f"https://{{{placeholder}}}.test/{word()}", variables={placeholder: said(default=word(), enum=[word()])}), {"url": word()}],
        "tags": [said(name=word(), **{"x-displayName": word()})],
        "x-tagGroups": [{"name": word(), "tags": [word()]}],
        "paths": {
            path: {
                "summary": word(),
                "get": operation(security=[{word(): [word()]}]),
                "post": operation(requestBody=said(content={"application/json": media, word(): media}), callbacks={word(): {word(): {"post": {}}}}),
                "patch": operation(requestBody=said(content={"application/merge-patch+json": {"schema": reference}})),
                "put": operation(requestBody=said(content=form)),
            },
            f"/{key()}": {"get": operation(**{"x-ms-pageable": {"nextLinkName": word(), "itemName": word()}}), "delete": operation()},
            f"/{key()}/events": {"get": operation() | {"responses": {"200": said(content={"text/event-stream": {"itemSchema": reference}})}}},
        },
        "webhooks": {key(): {"post": operation(requestBody=said(content={"application/json": media}))}},
        "components": {
            "schemas": {
                "Thing": said(title=word(), type="object", properties=fields, required=[word(), *fields], additionalProperties=text),
                key(): said(enum=[word(), key()]),
                key(): said(allOf=[reference, {"properties": {key(): {"$ref": "#/components/schemas/Kinds"}}}]),
                "Kinds": said(oneOf=[{"$ref": "#/components/schemas/One"}], discriminator={"propertyName": "kind", "mapping": {word(): "One", word(): word()}}),
                "One": said(properties={"kind": text}, discriminator={"propertyName": "kind"}),
                key(): said(allOf=[{"$ref": "#/components/schemas/One"}], **{"x-ms-discriminator-value": word()}),
            },
            "securitySchemes": {
                key(): said(type="apiKey", name=word(), **{"in": "header"}),
                key(): said(type="apiKey", name=word(), **{"in": "query"}),
                key(): said(type="oauth2", flows={"implicit": {"authorizationUrl": word(), "scopes": {word(): word()}}}),
                key(): said(type="http", scheme="bearer", bearerFormat=word()),
            },
        },
    }  # fmt: skip


def what_it_uses(source: Path) -> set[str]:
    """The builtins, imported modules, kinds of syntax and special attributes that a package's code has."""
    used: set[str] = set()
    for path in source.rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        bound = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            used.add(type(node).__name__)
            if (
                isinstance(node, ast.Name)
                and node.id in dir(builtins)
                and isinstance(node.ctx, ast.Load)
                and node.id not in bound
            ):
                used.add(f"builtin {node.id}")
            elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
                used.add(f"attribute {node.attr}")
            elif isinstance(node, ast.Import):
                used.update(f"module {alias.name}" for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                used.add(f"module {(node.module or '').partition('.')[0]}")
    return used  # fmt: skip


FAST = 1
STARTS = [pytest.param(start, marks=[pytest.mark.slow] if start >= FAST else []) for start in range(len(WORDS))]


@pytest.mark.parametrize("start", STARTS)
def test_hostile_text_becomes_no_code_and_does_nothing(
    start: int, generate: Callable[..., Any], watch: Callable[..., Any]
) -> None:
    """Its package has the syntax, builtins and modules of a tame one, and importing all of it does nothing else."""
    plain = generate(full_of(tame()), "tame")
    made = generate(full_of(hostile(start)), "evil")
    assert made.lost == []
    assert len({(one.method, one.path) for one in made.api.operations}) == 7
    # A version that cannot be sent is none: the client sends one `if` its caller says it.
    allowed = what_it_uses(plain.source) | {"attribute __init__", "IfExp"}
    assert what_it_uses(made.source) - allowed == set()
    report = watch([plain, made])
    assert report["failed"] == []
    assert report["noted"] == []
    for path in made.folder.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8")
            assert all(line.isprintable() for line in text.replace("\t", " ").split("\n")), path
    project = tomllib.loads((made.folder / "pyproject.toml").read_text())
    assert "evil" not in project["tool"]
