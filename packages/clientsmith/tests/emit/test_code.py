"""The code model: imports follow from what is used, and names never collide."""

from __future__ import annotations

import pytest
from clientsmith.emit.code import (
    ANY,
    NONE,
    Code,
    Symbol,
    attribute,
    builtin,
    call,
    dictionary,
    formatted,
    indexed,
    local,
    thunk,
    tuple_of,
    union,
    value,
)
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.imports import import_lines, local_names
from clientsmith.emit.statements import Argument, Assign, Class, Evaluate, Function, Module, return_

PET = Symbol(".models", "Pet").code


def rendered(code: Code) -> str:
    return code.render({symbol: symbol.local for symbol in code.symbols})


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (call(local("f"), value(1), key=value("a'b")), 'f(1, key="a\'b")'),
        (indexed(builtin("dict"), builtin("str"), ANY), "dict[str, Any]"),
        (union(NONE, PET, PET), "Pet | None"),
        (union(PET, ANY), "Any"),
        (union(NONE), "None"),
        (dictionary({"a": value(1), 404: thunk(PET)}), "{'a': 1, 404: lambda: Pet}"),
        (tuple_of([value(1)]), "(1,)"),
        (tuple_of([]), "()"),
        (attribute(PET, "name"), "Pet.name"),
        (formatted("petstore/", local("VERSION")), 'f"petstore/{VERSION}"'),
    ],
    ids=[
        "call",
        "index",
        "None last, once",
        "Any swallows",
        "None alone",
        "dict",
        "one-tuple",
        "empty",
        "attribute",
        "f",
    ],
)
def test_expressions(code: Code, text: str) -> None:
    assert rendered(code) == text


@pytest.mark.parametrize("prefix", ['"', "{x}", "\\", "\n", "'"])
def test_the_constant_part_of_an_f_string_has_no_syntax_in_it(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot be the constant part"):
        formatted(prefix, local("x"))


def module(*statements: Assign | Class | Function) -> str:
    return Module(Docstring("Test"), statements).render()


def test_a_module_imports_what_it_uses_and_no_more() -> None:
    """In the sections and the order of ``ruff check --select I``."""
    lines = import_lines(
        local_names(
            [
                Symbol("..", "models", "_models"),
                Symbol("clientsmith.core.models", "field"),
                Symbol("clientsmith.core.models", "UNSET"),
                Symbol("clientsmith.core.models", "Model"),
                Symbol("builtins", "str"),
                Symbol("uuid"),
                Symbol("collections.abc", "Mapping"),
                Symbol("workshop", "models"),
                Symbol("._client", "Level10"),
                Symbol("._client", "Level2"),
                Symbol("._client", "LONG"),
            ],
            bound=["Mapping"],
        )
    )
    assert list(lines) == [
        "import uuid",
        "from collections.abc import Mapping as _Mapping",
        "",
        "from clientsmith.core.models import UNSET, Model, field",
        "",
        "from workshop import models",
        "",
        "from .. import models as _models",
        "from ._client import LONG, Level2, Level10",
    ]


def test_a_property_never_hides_a_type() -> None:
    """An attribute called ``str`` would break the annotations below it, so the type is imported by another name."""
    text = module(
        Class(
            "Thing",
            (Symbol("clientsmith.core.models", "Model").code,),
            (
                Assign("str", value(1), builtin("str")),
                Assign("uuid", value(2), attribute(Symbol("uuid").code, "UUID")),
            ),
            Docstring("A thing"),
        )
    )
    assert "from builtins import str as _str" in text
    assert "import uuid as _uuid" in text
    assert "str: _str = 1" in text
    assert "uuid: _uuid.UUID = 2" in text


def test_an_argument_hides_only_what_the_body_needs() -> None:
    """An annotation is read outside of the function; the body is read inside."""
    uuid = Symbol("uuid")
    annotated = Function("f", (Argument("uuid", attribute(uuid.code, "UUID")),), NONE, (Evaluate(local("uuid")),))
    used = Function("g", (Argument("uuid", builtin("str")),), builtin("str"), (return_(attribute(uuid.code, "x")),))
    assert "def f(uuid: uuid.UUID) -> None" in module(annotated)
    assert "import uuid as _uuid" in module(used)


def test_two_arguments_of_one_name_are_refused() -> None:
    function = Function("f", (Argument("a"), Argument("a")), NONE, (Evaluate(NONE),))
    with pytest.raises(ValueError, match=r"two arguments of f\(\) are called 'a'"):
        module(function)


@pytest.mark.parametrize("name", ["a b", "x); import os; f(", "class"])
def test_no_statement_takes_a_name_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a Python name"):
        module(Assign(name, NONE))
    with pytest.raises(ValueError, match="cannot be a Python name"):
        module(Function("f", (Argument(name),), NONE, (Evaluate(NONE),)))
    with pytest.raises(ValueError, match="cannot be a Python name"):
        local(name)
