"""Documents that would take all time or memory, or end in no end: each is read, or refused with one clear error, soon."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tree = dict[str, Any]
MIB = 1024**2
# Of address space, for the command and ruff together; Python alone takes 40, and all real documents but one fit in.
MEMORY = 1500
SECONDS = 60  # most take one; the machine that runs this may be busy

HEAD = '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": '


def with_schemas(schemas: Tree, root: str = "A0", **parts: Any) -> str:
    answer = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{root}"}}}}
    paths = {"/x": {"get": {"responses": {"200": answer}}}}
    return json.dumps(
        {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, "components": {"schemas": schemas}}
        | parts
    )


def to(name: str) -> Tree:
    return {"$ref": f"#/components/schemas/{name}"}


def chain(length: int, link: Callable[[Tree, int], Tree], end: Tree) -> Tree:
    """``A0`` leads to ``A1``, and so on; the last one is ``end``."""
    return {f"A{index}": link(to(f"A{index + 1}"), index) for index in range(length)} | {f"A{length}": end}


MODEL = {"properties": {"a": {"type": "string"}}}
WIDE = {"properties": {f"p{index}": {"type": "string"} for index in range(2000)}}

BOMBS: dict[str, Callable[[], str]] = {
    # that never end
    "a reference to itself": lambda: with_schemas({"A0": to("A0")}),
    "references in a circle": lambda: with_schemas(chain(3000, lambda to_next, _: to_next, to("A0"))),
    "a circle of allOf": lambda: with_schemas(chain(500, lambda to_next, _: {"allOf": [to_next]}, {"allOf": [to("A0")]})),
    "a circle of oneOf": lambda: with_schemas(chain(50, lambda to_next, _: {"oneOf": [to_next, MODEL]}, {"oneOf": [to("A0")]})),
    "a circle of lists": lambda: with_schemas(chain(50, lambda to_next, _: {"items": to_next}, {"items": to("A0")})),
    "bases in a circle": lambda: with_schemas(
        chain(50, lambda to_next, _: {"allOf": [to_next], "discriminator": {"propertyName": "a"}, **MODEL}, {"allOf": [to("A0")], "discriminator": {"propertyName": "a"}, **MODEL})
    ),
    "a path item in itself": lambda: '{"openapi": "3.1.0", "paths": {"/x": {"$ref": "#/paths/~1x"}}}',
    "an alias in itself": lambda: "openapi: 3.1.0\npaths: &a\n  /x: *a\n",
    # that nest
    "10,000 levels of JSON": lambda: HEAD + '{"responses":' * 10_000 + "1" + "}" * 10_000 + "}}}",
    "10,000 levels of YAML": lambda: "openapi: 3.1.0\npaths: {}\nx: " + "[" * 10_000 + "]" * 10_000,
    "10,000 levels of YAML blocks": lambda: "openapi: 3.1.0\npaths: {}\nx: " + "- " * 10_000 + "1",
    "400 levels of schemas": lambda: with_schemas({"A0": json.loads('{"items":' * 400 + "{}" + "}" * 400)}),
    "400 levels of models": lambda: with_schemas({"A0": json.loads('{"properties":{"p":' * 400 + "{}" + "}}" * 400)}),
    "a chain of 20,000 references": lambda: with_schemas(
        {**chain(20_000, lambda to_next, _: to_next, MODEL), "Root": {"properties": {f"p{n}": to(f"A{n * 100}") for n in range(200)}}}, "Root"
    ),
    "a chain of 3,000 allOf": lambda: with_schemas(chain(3000, lambda to_next, _: {"allOf": [to_next, MODEL]}, MODEL)),
    "a chain of 5,000 children": lambda: with_schemas(
        {f"A{n}": {"allOf": [to(f"A{n + 1}")]} for n in range(5000)} | {"A5000": {**MODEL, "discriminator": {"propertyName": "a"}}}, "A5000"
    ),
    # that double
    "billion laughs": lambda: "openapi: 3.1.0\npaths: {}\na0: &a0 [x]\n"
    + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
    "lists of unions of lists": lambda: with_schemas(
        chain(60, lambda to_next, _: {"anyOf": [{"items": to_next}, {"additionalProperties": to_next}]}, {"type": "string"})
    ),
    "allOf of allOf, twice": lambda: with_schemas(chain(60, lambda to_next, _: {"allOf": [to_next, to_next, MODEL]}, MODEL)),
    "oneOf of oneOf, twice": lambda: with_schemas(chain(60, lambda to_next, n: {"oneOf": [to_next, to_next, {"const": f"c{n}"}]}, MODEL)),
    "a base of 2,000 fields, 2,000 times": lambda: with_schemas(
        {"Base": WIDE, "A0": {"properties": {f"q{n}": {"allOf": [to("Base"), {"properties": {f"x{n}": {}}}]} for n in range(2000)}}}
    ),
    "a union of 3,000, 3,000 times": lambda: with_schemas(
        {"U": {"oneOf": [{"const": index} if index % 2 else {"const": str(index)} for index in range(3000)]},
         "A0": {"properties": {f"p{n}": {"items": to("U")} for n in range(3000)}}}
    ),
    # that are large
    "an enum of 50,000": lambda: with_schemas({"A0": {"enum": [f"value-{n}" for n in range(50_000)]}}),
    "an integer of 100,000 digits": lambda: with_schemas({"A0": {"type": "integer"}}).replace('"integer"', f'"integer", "maximum": {"9" * 100_000}'),
    "integers of 4,000 digits": lambda: with_schemas({"A0": {"properties": {"p": {"type": "integer", "default": 10**3999, "maximum": 10**3999, "enum": [10**3999, 1]}}}}),
    "a float without end": lambda: with_schemas({"A0": {"properties": {"p": {"type": "number"}}}}).replace('"number"', '"number", "maximum": 1e999999, "default": 1e99999'),
    "a text of 20 MB": lambda: with_schemas({"A0": MODEL | {"description": "word " * 4_000_000}}),
    "a word of 5 MB": lambda: with_schemas({"A0": MODEL | {"description": "w" * 5_000_000, "title": "t" * 1_000_000}}),
    "a name of 1 MB": lambda: with_schemas({"A0": {"properties": {"n" * 1_000_000: {"type": "string"}}}}),
    "a path of 20,000 parameters": lambda: json.dumps({"openapi": "3.1.0", "paths": {"/" + "/".join(f"{{p{n}}}" for n in range(20_000)): {"get": {}}}}),
    "a regular expression that backtracks": lambda: with_schemas(
        {"A0": {"properties": {"p": {"type": "string", "pattern": "(a+)+$" * 50, "default": "a" * 5000 + "!", "example": "a" * 5000 + "!"}}}}
    ),
    "spaces": lambda: with_schemas({"A0": MODEL | {"description": " " * 3_000_000 + "x" + "\n" * 3_000_000}}),
    "one key 100,000 times": lambda: "openapi: 3.1.0\npaths: {}\n" + "\n".join(f"k: {n}" for n in range(100_000)),
    "50,000 references to nothing": lambda: with_schemas({"A0": {"properties": {f"p{n}": to(f"B{n}") for n in range(50_000)}}}),
}  # fmt: skip
FAST = ("lists of unions of lists", "references in a circle")

COMMAND = textwrap.dedent("""
    import resource, sys
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[3]), int(sys.argv[3])))
    from clientsmith.cli.main import cli
    cli(["generate", sys.argv[1], "-o", sys.argv[2]], prog_name="clientsmith")
""")


@pytest.mark.parametrize(
    "bomb", [pytest.param(name, marks=[] if name in FAST else [pytest.mark.slow]) for name in BOMBS]
)
def test_a_bomb_is_read_or_refused_soon(bomb: str, tmp_path: Path) -> None:
    """With the command itself, in bounded memory; there is no traceback and no way to lose an operation in silence."""
    (tmp_path / "api").write_text(BOMBS[bomb]())
    arguments = [sys.executable, "-c", COMMAND, str(tmp_path / "api"), str(tmp_path / "client"), str(MEMORY * MIB)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert "Traceback" not in done.stderr, done.stderr[-1500:]
    assert done.returncode in (0, 1, 2)
    if done.returncode == 2:
        assert done.stderr.startswith("error: ")
        assert "bug of clientsmith" not in done.stderr
        assert "memory" not in done.stderr.lower()
        assert not (tmp_path / "client").exists()
    if bomb == "lists of unions of lists":
        assert "schema-too-large" in done.stderr
