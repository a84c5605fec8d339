"""Sources that nobody writes, or that somebody writes on purpose: one difference or a clear error, never a crash."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clientsmith.apidiff.difference import Difference

Compare = Callable[[str, str], list[Difference]]

_GOOD = "def f(a): ..."


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "x = 1\n  y = 2",
        "def f():\n\treturn 1\n        return 2",
        "x = '\0'",
        "# -*- coding: nonsense -*-\nx = 1",
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "-" * 200_000 + "1",
        "try:\n    x = 1\nexcept (A, *B) as C, D:\n    pass",  # as some later Python may allow
    ],
    ids=["syntax", "indentation", "tabs", "null", "encoding", "brackets", "signs", "newer Python"],
)
def test_a_module_that_cannot_be_read_is_one_difference(text: str, compared: Compare) -> None:
    """Nothing is said of what was in it, in either direction; the others are compared."""
    other = "\n# file: p/other.py\n"
    found = compared(_GOOD + other + "X: int", text + other + "X: str")
    assert [(one.rule, one.subject) for one in found if one.rule == "source-unreadable"] == [("source-unreadable", "p")]
    assert {one.rule for one in found} <= {"source-unreadable", "attribute-type-changed", "object-removed"}
    assert "attribute-type-changed" in {one.rule for one in found}
    assert all(one.rule != "object-added" for one in compared(text + other, _GOOD + other))


@pytest.mark.parametrize(
    "text",
    [
        "from p import *\nfrom .a import *\n# file: p/a.py\nfrom p import *\nfrom .a import *\nX = 1",
        "from .a import x as x\n# file: p/a.py\nfrom p import x as x",
        "from . import p as p\nfrom . import __init__ as q",
        "class A(B): ...\nclass B(A): ...",
        "class A(A): ...",
        "A = B\nB = A\ndef f(a: A) -> B: ...",
        'from typing import Union\nJson = Union[int, list["Json"], dict[str, "Json"]]\ndef f(a: Json) -> Json: ...',
        "def f(a: " + "list[" * 90 + "int" + "]" * 90 + "): ...",
        "def f(a: 'not a type at all'): ...\ndef g(a: (1, 2)): ...\ndef h(a: lambda: 1): ...",
        "__all__ = [name for name in dir()]\n__all__ += other\ndef f(): ...",
        "__all__ = ['gone', 'f']\ndef f(): ...",
        "class C:\n    __slots__ = 'a'\n    C = 1\n    def __init__(): ...\n    def a(): ...\n    b = a",
        "from ... import x\nfrom .... import *\nimport p.p.p",
        "def f(a, /, b, *args, c, **kwargs): ...\nf = property(f)\ndel f\ndef f(): ...",
        "x: 'int' = 1\nx += 1\n(x) = 2\nfor y in x: z = 1\nwith x as y: w = 1\nif x: pass\nelif y: v = 1\nelse: u = 1",
        "@a.b(c)[0]\n@(lambda f: f)\ndef f(): ...\n@x\nclass C(metaclass=M, **k): ...",
        "\n".join(f"class C{i}(C{i + 1}): ..." for i in range(300)) + "\nclass C300: ...",
        "X = " + "1 + " * 400 + "1\ndef f(a: " + "int | " * 400 + "str = " + "1 + " * 400 + "1): ...",
        "if 1:\n" + "\n".join(" " * i + "if 1:" for i in range(1, 60)) + "\n" + " " * 60 + "x = 1",
    ],
    ids=[
        "stars in a circle", "imports in a circle", "imports itself", "bases in a circle", "own base", "aliases in a circle",
        "recursive alias", "deep type", "no types", "computed exports", "missing export", "odd class", "beyond the top",
        "renamed by hand", "statements", "decorators", "deep bases", "long sums", "deep blocks",
    ],
)  # fmt: skip
def test_odd_sources_are_no_change_to_themselves(text: str, compared: Compare) -> None:
    """Whatever it is, it is what it was; and beside another text there is an answer."""
    assert compared(text, text) == []
    assert isinstance(compared(text, _GOOD), list)
    assert isinstance(compared(_GOOD, text), list)
