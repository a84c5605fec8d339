"""Labelled pairs: two small packages, and exactly what changed between them.

A text is a package ``p`` of one module; lines ``# file: NAME`` divide it into files. `EXPECTED` was written by hand from
the meaning of the change, before any tool was asked. What stands behind `missed by griffe` is from the research note.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAIRS", "Pair", "write"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One change. ``expected`` are rule and subject of all that is to be told."""

    name: str
    old: str
    new: str
    expected: frozenset[tuple[str, str]]

    @property
    def breaks(self) -> bool:
        """Whether code that was right is right no more."""
        told = _EXCEPTIONS.get(self.name.partition(": ")[2])
        return told if told is not None else any(rule not in _HARMLESS for rule, _ in self.expected)


# Rules whose changes break nobody, and pairs where the weight hangs on more than the rule.
_HARMLESS = frozenset({
    "object-added", "deprecated", "source-unreadable", "parameter-swallowed", "parameter-added",
    "parameter-became-optional", "parameter-kind-widened", "parameter-default-changed", "parameter-type-widened",
    "variadic-added", "return-type-narrowed", "return-value-added", "type-changed", "overload-added", "raises-added",
    "raises-removed", "base-added", "enum-member-added", "field-added", "field-became-optional",
    "attribute-type-narrowed", "attribute-type-widened", "literal-value-added", "api-version-changed",
    "alias-type-widened", "requires-python-raised", "dependency-added", "dependency-narrowed", "dependency-removed",
    "extra-added", "command-added", "entry-point-added", "typing-added",
})  # fmt: skip
_EXCEPTIONS = {
    "instance became class method": False,  # objects can still call it
    "default setting's value": False,
    "list of values has grown": False,
    "TypedDict key may be missing in what comes back": True,
    "extra of developers removed": False,
}


def write(text: str, folder: Path) -> Path:
    """Write a package out of a corpus text, and return its project's folder."""
    file, lines = "p/__init__.py", list[str]()
    files: dict[str, list[str]] = {file: lines}
    for line in text.splitlines():
        if line.startswith("# file: "):
            file = line.removeprefix("# file: ")
            lines = files.setdefault(file, [])
        else:
            lines.append(line)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(content) + "\n", encoding="utf-8")
    return folder


def _pair(name: str, old: str, new: str, *expected: str) -> Pair:
    """``expected`` are ``rule subject``; subjects begin after ``p.``."""
    split = (one.split(" ", 1) for one in expected)
    return Pair(name, old, new, frozenset((rule, subject) for rule, subject in split))


def _method(text: str) -> str:
    return f"class C:\n    {text}"


_ENUM = "from enum import Enum\nclass Colour(str, Enum):\n    "
_DATA = "from dataclasses import dataclass, field\n@dataclass\nclass D:\n    "
_TYPED = "from typing import TypedDict, NotRequired, Required\nclass T(TypedDict):\n    "
_TUPLE = "from typing import NamedTuple\nclass N(NamedTuple):\n    "
_MODEL = "from pydantic import BaseModel, Field\nclass M(BaseModel):\n    "
_T = "from typing import *\nfrom collections.abc import Sequence, Iterable, Mapping\n"
_PROJECT = '# file: pyproject.toml\n[project]\nname = "p"\nversion = "1.0"\n'
_OVER = "from typing import overload\n"
_NOTE = "def run(): ...\n"

NAMES = (
    _pair("nothing", "def f(a): ...", "def f(a): ..."),
    _pair("function removed", "def f(): ...\ndef g(): ...", "def g(): ...", "object-removed p.f"),
    _pair("class removed: its members are not told", _method("def a(self): ...") + "\ndef g(): ...", "def g(): ...", "object-removed p.C"),
    _pair("constant removed", "X = 1\ndef g(): ...", "def g(): ...", "object-removed p.X"),
    _pair("method removed", _method("def a(self): ...\n    def b(self): ..."), _method("def b(self): ..."), "object-removed p.C.a"),
    _pair("property removed", _method("@property\n    def a(self): ...\n    b: int"), _method("b: int"), "object-removed p.C.a"),
    _pair("class attribute removed", _method("a = 1\n    b = 2"), _method("b = 2"), "object-removed p.C.a"),
    _pair("instance attribute removed", _method("def __init__(self): self.a = 1"), _method("def __init__(self): pass"), "object-removed p.C.a"),
    _pair("private instance attribute removed", _method("def __init__(self): self._a = 1"), _method("def __init__(self): pass")),
    _pair("function added", "", "def f(): ...", "object-added p.f"),
    _pair("class added: its members are not told", "", _method("def a(self): ..."), "object-added p.C"),
    _pair("method added", _method("pass"), _method("def a(self): ..."), "object-added p.C.a"),
    _pair("private function removed", "def _f(): ...\nX = 1", "X = 1"),
    _pair("private class changed", "class _C:\n    def a(self): ...", "class _C:\n    def b(self): ..."),
    _pair("private method removed", _method("def _a(self): ..."), _method("pass")),
    _pair("dunder method removed", _method("def __len__(self): return 1"), _method("pass"), "object-removed p.C.__len__"),
    _pair("repr removed: object has one", _method("def __repr__(self): return ''"), _method("pass")),
    _pair("module removed", "# file: p/a.py\nX = 1", "", "object-removed p.a"),
    _pair("module added", "", "# file: p/a.py\nX = 1", "object-added p.a"),
    _pair("private module removed", "# file: p/_a.py\nX = 1", ""),
    _pair("module became private", "# file: p/a.py\nX = 1", "# file: p/_a.py\nX = 1", "object-removed p.a"),
    _pair("function in __all__ removed", '__all__ = ["f", "g"]\ndef f(): ...\ndef g(): ...', '__all__ = ["g"]\ndef g(): ...', "object-removed p.f"),
    _pair("left out of __all__", '__all__ = ["f", "g"]\ndef f(): ...\ndef g(): ...', '__all__ = ["g"]\ndef f(): ...\ndef g(): ...', "export-removed p.f"),
    _pair("not in __all__: not public", '__all__ = ["f"]\ndef f(): ...\ndef g(): ...', '__all__ = ["f"]\ndef f(): ...'),
    _pair("added to __all__", '__all__ = ["f"]\ndef f(): ...\ndef g(): ...', '__all__ = ["f", "g"]\ndef f(): ...\ndef g(): ...', "object-added p.g"),
    _pair("__all__ in steps", '__all__ = ["f"]\n__all__ += ["g"]\ndef f(): ...\ndef g(): ...', '__all__ = ["f", "g"]\ndef f(): ...\ndef g(): ...'),
    _pair("moved, and still where it was", "class C: ...", "from ._c import C as C\n# file: p/_c.py\nclass C: ..."),
    _pair("moved behind a plain import of the package's own", "class C: ...", "from ._c import C\n# file: p/_c.py\nclass C: ..."),
    _pair("moved behind a star", "class C: ...", "from ._c import *\n# file: p/_c.py\nclass C: ..."),
    _pair("moved and changed on the way", "def f(a): ...", "from ._c import f as f\n# file: p/_c.py\ndef f(b): ...", "parameter-renamed p.f(a)"),
    _pair("moved to another public module", "# file: p/a.py\nclass C: ...\nX = 1\n# file: p/b.py\nY = 1", "# file: p/a.py\nX = 1\n# file: p/b.py\nY = 1\nclass C: ...", "object-moved p.a.C", "object-added p.b.C"),
    _pair("re-export removed", "from .a import C as C\n# file: p/a.py\nclass C: ...", "# file: p/a.py\nclass C: ...", "path-removed p.C"),
    _pair("re-export added", "# file: p/a.py\nclass C: ...", "from .a import C as C\n# file: p/a.py\nclass C: ...", "object-added p.C"),
    _pair("import of others is no API", "import os\nfrom typing import Any\nX = 1", "X = 1"),
    _pair("import of a sibling in a module is no API", "# file: p/a.py\nfrom .b import f\nX = 1\n# file: p/b.py\ndef f(): ...", "# file: p/a.py\nX = 1\n# file: p/b.py\ndef f(): ..."),
    _pair("class became function", "class f:\n    def __init__(self, a): ...", "def f(a): ...", "object-kind-changed p.f"),
    _pair("second name of a class", "class C: ...\nD = C", "class C: ...", "path-removed p.D"),
    _pair("inherited method removed", "class _B:\n    def a(self): ...\nclass C(_B): ...", "class _B: ...\nclass C(_B): ...", "object-removed p.C.a"),
    _pair("method moved to a base", _method("def a(self): ..."), "class _B:\n    def a(self): ...\nclass C(_B): ..."),
    _pair("method of a public base removed: told once", "class B:\n    def a(self): ...\nclass C(B): ...\nclass D(B): ...", "class B: ...\nclass C(B): ...\nclass D(B): ...", "object-removed p.B.a"),
    _pair("inherited method changed: told where it is", "class B:\n    def a(self, x): ...\nclass A(B): ...", "class B:\n    def a(self): ...\nclass A(B): ...", "parameter-removed p.B.a(x)"),
    _pair("deprecated by decorator", "def f(): ...", 'from typing_extensions import deprecated\n@deprecated("use g")\ndef f(): ...', "deprecated p.f"),
    _pair("deprecated by docstring", _method('"""C."""'), _method('"""C.\n\n    .. deprecated:: 2.0\n       Use D.\n    """'), "deprecated p.C"),
    _pair("deprecated by warning", "def f(): return 1", 'import warnings\ndef f():\n    warnings.warn("no", DeprecationWarning, stacklevel=2)\n    return 1', "deprecated p.f"),
    _pair("a warning under a condition is none", "def f(a): return 1", 'import warnings\ndef f(a):\n    if a: warnings.warn("no", DeprecationWarning)\n    return 1'),
    _pair("removed after a deprecation", 'def f():\n    """F.\n\n    .. deprecated:: 1.4\n    """\nX = 1', "X = 1", "object-removed p.f"),
    _pair("type-checking imports are what is promised", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ._a import f as f\n# file: p/_a.py\ndef f(a): ...", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ._a import f as f\n# file: p/_a.py\ndef f(a, b): ...", "parameter-added-required p.f(b)"),
    _pair("a stub says more than its module", "# file: p/a.py\ndef f(a): ...\n# file: p/a.pyi\ndef f(a: int) -> int: ...", "# file: p/a.py\ndef f(a): ...\n# file: p/a.pyi\ndef f(a: int) -> str: ...", "return-type-changed p.a.f"),
    _pair("test modules are no API", "# file: p/tests/test_a.py\nX = 1", ""),
)  # fmt: skip

PARAMETERS = (
    _pair("removed", "def f(a, b=1): ...", "def f(a): ...", "parameter-removed p.f(b)"),
    _pair("keyword removed", "def f(*, a=1, b=1): ...", "def f(*, a=1): ...", "parameter-removed p.f(b)"),
    _pair("keyword swallowed", "def f(*, a=1, **kwargs): ...", "def f(**kwargs): ...", "parameter-swallowed p.f(a)"),
    _pair("positional removed, kwargs stay", "def f(a=1, **kwargs): ...", "def f(**kwargs): ...", "parameter-removed p.f(a)"),
    _pair("renamed", "def f(a, b): ...", "def f(a, c): ...", "parameter-renamed p.f(b)"),
    _pair("positional-only renamed", "def f(a, /): ...", "def f(b, /): ..."),
    _pair("renamed and retyped is another one", "def f(a: int): ...", "def f(b: bytes): ...", "parameter-removed p.f(a)", "parameter-added-required p.f(b)"),
    _pair("added at the end", "def f(a): ...", "def f(a, b=1): ...", "parameter-added p.f(b)"),
    _pair("added keyword-only", "def f(a): ...", "def f(a, *, b=None): ...", "parameter-added p.f(b)"),
    _pair("added and required", "def f(a): ...", "def f(a, b): ...", "parameter-added-required p.f(b)"),
    _pair("added, keyword-only and required", "def f(a): ...", "def f(a, *, b): ...", "parameter-added-required p.f(b)"),
    _pair("inserted before others", "def f(a, b=1): ...", "def f(a, c=1, b=1): ...", "parameter-inserted p.f(c)"),
    _pair("became required", "def f(a=1): ...", "def f(a): ...", "parameter-became-required p.f(a)"),
    _pair("became optional", "def f(a): ...", "def f(a=1): ...", "parameter-became-optional p.f(a)"),
    _pair("became keyword-only", "def f(a, b=1): ...", "def f(a, *, b=1): ...", "parameter-kind-changed p.f(b)"),
    _pair("became positional-only", "def f(a): ...", "def f(a, /): ...", "parameter-kind-changed p.f(a)"),
    _pair("keyword-only became normal", "def f(*, a): ...", "def f(a): ...", "parameter-kind-widened p.f(a)"),
    _pair("keyword-only changed order", "def f(*, a=1, b=2): ...", "def f(*, b=2, a=1): ..."),
    _pair("swapped", "def f(a, b): ...", "def f(b, a): ...", "parameter-moved p.f(a)", "parameter-moved p.f(b)"),
    _pair("default changed", "def f(a=1): ...", "def f(a=2): ...", "parameter-default-changed p.f(a)"),
    _pair("default written in another way", "def f(a='x', b=0x10): ...", 'def f(a="x", b=16): ...'),
    _pair("default became a marker", "def f(a=None): ...", "_U = object()\ndef f(a=_U): ...", "parameter-default-changed p.f(a)"),
    _pair("kwargs removed", "def f(**kwargs): ...", "def f(): ...", "variadic-removed p.f(kwargs)"),
    _pair("args removed", "def f(*args): ...", "def f(): ...", "variadic-removed p.f(args)"),
    _pair("args renamed", "def f(*args, **kwargs): ...", "def f(*a, **kw): ..."),
    _pair("kwargs added", "def f(): ...", "def f(**kwargs): ...", "variadic-added p.f(kwargs)"),
    _pair("self is no parameter", _method("def a(self, x): ..."), _method("def a(this, x): ...")),
    _pair("constructor's parameter removed", _method("def __init__(self, a, b=1): ..."), _method("def __init__(self, a): ..."), "parameter-removed p.C(b)"),
    _pair("constructor added", "class C: ...", _method("def __init__(self, a): ..."), "parameter-added-required p.C(a)"),
    _pair("private parameter removed", "def f(a, _b=1): ...", "def f(a): ..."),
    _pair("method's parameter required", _method("def a(self, x=1): ..."), _method("def a(self, x): ..."), "parameter-became-required p.C.a(x)"),
    _pair("classmethod's parameter removed", _method("@classmethod\n    def a(cls, x): ..."), _method("@classmethod\n    def a(cls): ..."), "parameter-removed p.C.a(x)"),
    _pair("staticmethod's first parameter removed", _method("@staticmethod\n    def a(x): ..."), _method("@staticmethod\n    def a(): ..."), "parameter-removed p.C.a(x)"),
)  # fmt: skip

TYPES = (
    _pair("parameter narrowed", "def f(a: int | str): ...", "def f(a: int): ...", "parameter-type-narrowed p.f(a)"),
    _pair("parameter widened", "def f(a: int): ...", "def f(a: int | str): ...", "parameter-type-widened p.f(a)"),
    _pair("parameter of another type", "def f(a: int): ...", "def f(a: bytes): ...", "parameter-type-changed p.f(a)"),
    _pair("None not taken any more", _T + "def f(a: Optional[int]): ...", _T + "def f(a: int): ...", "parameter-type-narrowed p.f(a)"),
    _pair("None taken", "def f(a: int): ...", _T + "def f(a: Optional[int]): ...", "parameter-type-widened p.f(a)"),
    _pair("Optional by its default", "def f(a: int = None): ...", "def f(a: int | None = None): ..."),
    _pair("Union spelt new", _T + "def f(a: Union[int, str]): ...", "def f(a: int | str): ..."),
    _pair("order in a Union", "def f(a: int | str): ...", "def f(a: str | int): ..."),
    _pair("Optional spelt new", _T + "def f(a: Optional[int]): ...", "def f(a: int | None): ..."),
    _pair("List spelt new", _T + "def f(a: List[int]) -> Dict[str, int]: ...", "def f(a: list[int]) -> dict[str, int]: ..."),
    _pair("annotation put in quotes", "class C: ...\ndef f(a: C) -> C: ...", 'class C: ...\ndef f(a: "C") -> "C": ...'),
    _pair("typing.Sequence and that of collections.abc", "import typing\ndef f(a: typing.Sequence[int]): ...", "import collections.abc\ndef f(a: collections.abc.Sequence[int]): ..."),
    _pair("list to Sequence: more is taken", _T + "def f(a: list[int]): ...", _T + "def f(a: Sequence[int]): ...", "parameter-type-widened p.f(a)"),
    _pair("Iterable to list: less is taken", _T + "def f(a: Iterable[int]): ...", _T + "def f(a: list[int]): ...", "parameter-type-narrowed p.f(a)"),
    _pair("dict to Mapping", _T + "def f(a: dict[str, int]): ...", _T + "def f(a: Mapping[str, int]): ...", "parameter-type-widened p.f(a)"),
    _pair("int to float: the tower of PEP 484", "def f(a: int): ...", "def f(a: float): ...", "parameter-type-widened p.f(a)"),
    _pair("float to int", "def f(a: float): ...", "def f(a: int): ...", "parameter-type-narrowed p.f(a)"),
    _pair("Literal to str", _T + 'def f(a: Literal["x"]): ...', _T + "def f(a: str): ...", "parameter-type-widened p.f(a)"),
    _pair("str to Literal", _T + "def f(a: str): ...", _T + 'def f(a: Literal["x", "y"]): ...', "parameter-type-narrowed p.f(a)"),
    _pair("one more literal taken", _T + 'def f(a: Literal["x"]): ...', _T + 'def f(a: Literal["x", "y"]): ...', "parameter-type-widened p.f(a)"),
    _pair("one literal less taken", _T + 'def f(a: Literal["x", "y"]): ...', _T + 'def f(a: Literal["x"]): ...', "parameter-type-narrowed p.f(a)"),
    _pair("one more literal comes back", _T + 'def f() -> Literal["x"]: ...', _T + 'def f() -> Literal["x", "y"]: ...', "literal-value-added p.f"),
    _pair("str to LiteralString", _T + "def f(a: str): ...", _T + "def f(a: LiteralString): ...", "parameter-type-narrowed p.f(a)"),
    _pair("bytes join str in a list", "def f(a: list[str]): ...", "def f(a: list[str | bytes]): ...", "parameter-type-widened p.f(a)"),
    _pair("annotated now", "def f(a): ...", "def f(a: int): ...", "type-changed p.f(a)"),
    _pair("Any became a type", _T + "def f() -> Any: ...", _T + "def f() -> int: ...", "type-changed p.f"),
    _pair("class to its base", "class A: ...\nclass B(A): ...\ndef f(a: B): ...", "class A: ...\nclass B(A): ...\ndef f(a: A): ...", "parameter-type-widened p.f(a)"),
    _pair("base to its subclass comes back", "class A: ...\nclass B(A): ...\ndef f() -> A: ...", "class A: ...\nclass B(A): ...\ndef f() -> B: ...", "return-type-narrowed p.f"),
    _pair("subclass to its base comes back", "class A: ...\nclass B(A): ...\ndef f() -> B: ...", "class A: ...\nclass B(A): ...\ndef f() -> A: ...", "return-type-changed p.f"),
    _pair("return of another type (missed by griffe)", "def f() -> str: ...", "def f() -> bytes: ...", "return-type-changed p.f"),
    _pair("list became dict (missed by griffe)", "def f() -> list[int]: ...", "def f() -> dict[str, int]: ...", "return-type-changed p.f"),
    _pair("None may come back", "def f() -> int: ...", "def f() -> int | None: ...", "return-type-changed p.f"),
    _pair("None comes back no more", "def f() -> int | None: ...", "def f() -> int: ...", "return-type-narrowed p.f"),
    _pair("something comes back where nothing did", "def f() -> None: ...", "def f() -> int: ...", "return-value-added p.f"),
    _pair("list instead of Sequence comes back", _T + "def f() -> Sequence[int]: ...", _T + "def f() -> list[int]: ...", "return-type-narrowed p.f"),
    _pair("iterator instead of list comes back", _T + "def f() -> list[int]: ...", _T + "def f() -> Iterable[int]: ...", "return-type-changed p.f"),
    _pair("items of another type come back", "def f() -> list[int]: ...", "def f() -> list[str]: ...", "return-type-changed p.f"),
    _pair("tuple of another length comes back", "def f() -> tuple[int, str]: ...", "def f() -> tuple[int, str, bytes]: ...", "return-type-changed p.f"),
    _pair("type variables are not judged", _T + 'T = TypeVar("T")\ndef f(a: T) -> T: ...', _T + 'T = TypeVar("T")\ndef f(a: T) -> int: ...', "type-changed p.f"),
    _pair("classes of others are not judged", "import x\ndef f(a: x.A): ...", "import x\ndef f(a: x.B): ...", "type-changed p.f(a)"),
    _pair("a class that moved is the same", "class C: ...\ndef f() -> C: ...", "from ._c import C as C\ndef f() -> C: ...\n# file: p/_c.py\nclass C: ..."),
    _pair("alias instead of its meaning", _T + "def f(a: Union[int, str]): ...", _T + "Name = Union[int, str]\ndef f(a: Name): ...", "object-added p.Name"),
    _pair("private alias narrower", _T + "_N = Union[int, str]\ndef f(a: Union[int, str]): ...", _T + "_N = int\ndef f(a: _N): ...", "parameter-type-narrowed p.f(a)"),
    _pair("alias wider", _T + "Name = Union[int, str]", _T + "Name = Union[int, str, bytes]", "alias-type-widened p.Name"),
    _pair("alias narrower", _T + "Name = Union[int, str]", _T + "Name = Union[int, bool]", "alias-type-changed p.Name"),
    _pair("generic alias", _T + 'T = TypeVar("T")\nE = Union[str, T]\nclass C: ...\ndef f() -> str: ...', _T + 'T = TypeVar("T")\nE = Union[str, T]\nclass C: ...\ndef f() -> E[C]: ...', "return-type-changed p.f"),
    _pair("an alternative of others left out", "import x\ndef f(a: x.A | int | None): ...", "import x\ndef f(a: int | None): ...", "parameter-type-narrowed p.f(a)"),
    _pair("one of sixty left out", "def f(a: " + " | ".join(f"C{i}" for i in range(60)) + "): ...", "def f(a: " + " | ".join(f"C{i}" for i in range(59)) + "): ...", "parameter-type-narrowed p.f(a)"),
    _pair("callback takes more", _T + "def f(a: Callable[[int], None]): ...", _T + "def f(a: Callable[[int, int], None]): ...", "parameter-type-changed p.f(a)"),
)  # fmt: skip

FUNCTIONS = (
    _pair("asynchronous generator is not awaited", "from typing import AsyncIterator\nasync def f() -> AsyncIterator[int]:\n    yield 1", "from typing import AsyncIterator\ndef f() -> AsyncIterator[int]: ..."),
    _pair("asynccontextmanager gives a manager", "from contextlib import asynccontextmanager\nfrom typing import AsyncIterator\n@asynccontextmanager\nasync def f() -> AsyncIterator[int]:\n    yield 1", "from contextlib import AbstractAsyncContextManager\ndef f() -> AbstractAsyncContextManager[int]: ..."),
    _pair("contextmanager around a generator", "import contextlib\nfrom typing import Generator\n@contextlib.contextmanager\ndef f() -> Generator[int, None, None]: ...", "import contextlib\nfrom typing import Iterator\n@contextlib.contextmanager\ndef f() -> Iterator[int]: ..."),
    _pair("contextmanager taken off", "import contextlib\nfrom typing import Iterator\n@contextlib.contextmanager\ndef f() -> Iterator[int]: ...", "from typing import Iterator\ndef f() -> Iterator[int]: ...", "return-type-changed p.f"),
    _pair("the class instead of Self", "from typing import Self\nclass C:\n    def f(self) -> Self: ...", "class C:\n    def f(self) -> 'C': ...", "return-type-changed p.C.f"),
    _pair("two underscores are positional-only", "def f(__x): ...", "def f(__y): ..."),
    _pair("type parameters of Python 3.12", "from typing import Generic, TypeVar\n_T = TypeVar('_T')\nclass B: ...\nclass C(B, Generic[_T]):\n    def f(self, a: int) -> int: ...", "class B: ...\nclass C[\n    T: (int, str) = int,\n](B):\n    def f[U](self, a: int, b: U = None) -> int: ...", "parameter-added p.C.f(b)"),
    _pair("type statement means what it says", "type Name = str\ndef f(a: Name): ...\nasync def g[**P, *Ts](): ...\nclass E[T](): ...", "type Name = int\ndef f(a: Name): ...\nasync def g[**P, *Ts](): ...\nclass E[T](): ...", "alias-type-changed p.Name"),
    _pair("became async (missed by griffe)", "def f() -> int: ...", "async def f() -> int: ...", "became-async p.f"),
    _pair("became sync", "async def f() -> int: ...", "def f() -> int: ...", "became-sync p.f"),
    _pair("awaitable all the same", "from typing import Awaitable\ndef f() -> Awaitable[int]: ...", "async def f() -> int: ..."),
    _pair("property became method", _method("@property\n    def a(self) -> int: ..."), _method("def a(self) -> int: ..."), "property-became-method p.C.a"),
    _pair("method became property", _method("def a(self) -> int: ..."), _method("@property\n    def a(self) -> int: ..."), "method-became-property p.C.a"),
    _pair("property became cached", _method("@property\n    def a(self) -> int: ..."), "from functools import cached_property\n" + _method("@cached_property\n    def a(self) -> int: ...")),
    _pair("property of another type", _method("@property\n    def a(self) -> int: ..."), _method("@property\n    def a(self) -> str: ..."), "return-type-changed p.C.a"),
    _pair("setter removed", _method("@property\n    def a(self): ...\n    @a.setter\n    def a(self, v): ..."), _method("@property\n    def a(self): ..."), "setter-removed p.C.a"),
    _pair("attribute became property", _method("a: int = 1"), _method("@property\n    def a(self) -> int: ..."), "attribute-became-read-only p.C.a"),
    _pair("attribute became property with setter", _method("a: int = 1"), _method("@property\n    def a(self) -> int: ...\n    @a.setter\n    def a(self, v): ...")),
    _pair("static became instance method", _method("@staticmethod\n    def a(): ..."), _method("def a(self): ..."), "method-kind-changed p.C.a"),
    _pair("instance became class method", _method("def a(self): ..."), _method("@classmethod\n    def a(cls): ..."), "method-kind-changed p.C.a"),
    _pair("overload removed", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a): ...", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: bytes) -> bytes: ...\ndef f(a): ...", "parameter-type-changed p.f(a)", "return-type-changed p.f"),
    _pair("one of three overloads removed", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\n@overload\ndef f(a: bytes) -> bytes: ...\ndef f(a): ...", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: bytes) -> bytes: ...\ndef f(a): ...", "overload-removed p.f"),
    _pair("overload added", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a): ...", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\n@overload\ndef f(a: bytes) -> bytes: ...\ndef f(a): ...", "overload-added p.f"),
    _pair("parameter added to all overloads: told once", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a): ...", _OVER + "@overload\ndef f(a: int, b: int = ...) -> int: ...\n@overload\ndef f(a: str, b: int = ...) -> str: ...\ndef f(a, b=1): ...", "parameter-added p.f(b)"),
    _pair("overloads in another order", _OVER + "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a): ...", _OVER + "@overload\ndef f(a: str) -> str: ...\n@overload\ndef f(a: int) -> int: ...\ndef f(a): ..."),
    _pair("raises, Google", 'def f():\n    """F."""', 'def f():\n    """F.\n\n    Raises:\n        KeyError: None.\n    """', "raises-added p.f"),
    _pair("raises, Sphinx", 'def f():\n    """F.\n\n    :raises KeyError: None.\n    :raises ~p.X: None.\n    """', 'def f():\n    """F.\n\n    :raises ~p.X: None.\n    """', "raises-removed p.f"),
    _pair("final added to a method", _method("def a(self): ..."), "from typing import final\n" + _method("@final\n    def a(self): ..."), "final-added p.C.a"),
)  # fmt: skip

CLASSES = (
    _pair("namedtuple by a call", "from collections import namedtuple\nE = namedtuple('E', 'a b')", "from collections import namedtuple\nE = namedtuple('E', 'a')", "field-removed p.E.b"),
    _pair("namedtuple by a call, and by a class", "from collections import namedtuple\nE = namedtuple('E', ['a', 'b'], defaults=(1,))", "from typing import Any, NamedTuple\nclass E(NamedTuple):\n    a: Any\n    b: Any = 1"),
    _pair("NamedTuple by a call", "from typing import NamedTuple\nE = NamedTuple('E', [('a', int)])", "from typing import NamedTuple\nE = NamedTuple('E', [('a', str)])", "attribute-type-changed p.E.a"),
    _pair("enumeration by a call", "from enum import Enum\nE = Enum('E', 'A B')", "from enum import Enum\nE = Enum('E', ['A'])", "enum-member-removed p.E.B"),
    _pair("enumeration by a call of a dictionary", "from enum import Enum\nE = Enum('E', {'A': 'a'})", "from enum import Enum\nE = Enum('E', {'A': 'b'})", "enum-member-value-changed p.E.A"),
    _pair("TypedDict by a call", "from typing import TypedDict\nE = TypedDict('E', {'a': int, 'b-c': int})\ndef f() -> E: ...", "from typing import TypedDict\nE = TypedDict('E', {'a': int})\ndef f() -> E: ...", "field-removed p.E.b-c"),
    _pair("field of a class that a base makes a dataclass", "from typing import dataclass_transform\n@dataclass_transform()\nclass B: ...\nclass M(B):\n    a: int", "from typing import dataclass_transform\n@dataclass_transform()\nclass B: ...\nclass M(B):\n    a: int\n    b: int", "field-added-required p.M.b"),
    _pair("field of a class that a metaclass makes a dataclass", "from typing import dataclass_transform\n@dataclass_transform(kw_only_default=True)\nclass T(type): ...\nclass M(metaclass=T):\n    a: int", "from typing import dataclass_transform\n@dataclass_transform(kw_only_default=True)\nclass T(type): ...\nclass M(metaclass=T):\n    b: int = 1\n    a: int", "field-added p.M.b"),
    _pair("field of a class that a decorator makes a dataclass", "from typing import dataclass_transform\n@dataclass_transform()\ndef model(cls): ...\n@model\nclass M:\n    a: int", "from typing import dataclass_transform\n@dataclass_transform()\ndef model(cls): ...\n@model\nclass M:\n    a: int\n    b: int", "field-added-required p.M.b"),
    _pair("base removed", "class E(ValueError): ...", "class E(Exception): ...", "base-removed p.E"),
    _pair("base put lower", "class A: ...\nclass B(A): ...", "class A: ...\nclass _M(A): ...\nclass B(_M): ..."),
    _pair("base added", "class E(Exception): ...", "class E(Exception, ValueError): ...", "base-added p.E"),
    _pair("private base removed", "class _B: ...\nclass C(_B): ...", "class C: ..."),
    _pair("public base removed with what it gave", "class B:\n    def a(self): ...\nclass C(B): ...", "class B:\n    def a(self): ...\nclass C: ...", "base-removed p.C"),
    _pair("final class", "class C: ...", "from typing import final\n@final\nclass C: ...", "final-added p.C"),
    _pair("abstract method added", "from abc import ABC\nclass C(ABC): ...", "from abc import ABC, abstractmethod\nclass C(ABC):\n    @abstractmethod\n    def a(self): ...", "abstract-method-added p.C.a"),
    _pair("method became abstract", _method("def a(self): ..."), "from abc import abstractmethod\n" + _method("@abstractmethod\n    def a(self): ..."), "became-abstract p.C.a"),
    _pair("protocol member added", "from typing import Protocol\nclass P(Protocol):\n    def a(self) -> int: ...", "from typing import Protocol\nclass P(Protocol):\n    def a(self) -> int: ...\n    def b(self) -> int: ...", "protocol-member-added p.P.b"),
    _pair("protocol member removed", "from typing import Protocol\nclass P(Protocol):\n    def a(self) -> int: ...\n    def b(self) -> int: ...", "from typing import Protocol\nclass P(Protocol):\n    def a(self) -> int: ...", "object-removed p.P.b"),
    _pair("slots added", _method("def __init__(self): self.a = 1"), _method('__slots__ = ("a",)\n    def __init__(self): self.a = 1'), "slots-added p.C"),
    _pair("type parameter added", _T + 'T = TypeVar("T")\nU = TypeVar("U")\nclass C(Generic[T]): ...', _T + 'T = TypeVar("T")\nU = TypeVar("U")\nclass C(Generic[T, U]): ...', "type-parameters-changed p.C"),
    _pair("enum member removed", _ENUM + 'RED = "r"\n    BLUE = "b"', _ENUM + 'RED = "r"', "enum-member-removed p.Colour.BLUE"),
    _pair("enum value changed (missed by griffe)", _ENUM + 'RED = "red"', _ENUM + 'RED = "crimson"', "enum-member-value-changed p.Colour.RED"),
    _pair("enum member added", _ENUM + 'RED = "r"', _ENUM + 'RED = "r"\n    BLUE = "b"', "enum-member-added p.Colour.BLUE"),
    _pair("enum is no str any more", _ENUM + 'RED = "r"', 'from enum import Enum\nclass Colour(Enum):\n    RED = "r"', "base-removed p.Colour"),
    _pair("dataclass field removed", _DATA + "a: int\n    b: int = 0", _DATA + "a: int", "field-removed p.D.b"),
    _pair("dataclass field added", _DATA + "a: int", _DATA + "a: int\n    b: int = 0", "field-added p.D.b"),
    _pair("dataclass field added and required", _DATA + "a: int", _DATA + "a: int\n    b: int", "field-added-required p.D.b"),
    _pair("dataclass field became required", _DATA + "a: int\n    b: int = 0", _DATA + "a: int\n    b: int", "field-became-required p.D.b"),
    _pair("dataclass field with a factory", _DATA + "a: list = field(default_factory=list)", _DATA + "a: list", "field-became-required p.D.a"),
    _pair("dataclass fields swapped", _DATA + "a: int\n    b: int", _DATA + "b: int\n    a: int", "field-moved p.D"),
    _pair("dataclass field inserted", _DATA + "a: int\n    b: int = 0", _DATA + "a: int\n    c: int = 0\n    b: int = 0", "field-moved p.D", "field-added p.D.c"),
    _pair("dataclass field of another type", _DATA + "a: int", _DATA + "a: str", "attribute-type-changed p.D.a"),
    _pair("dataclass frozen", _DATA + "a: int", _DATA.replace("@dataclass", "@dataclass(frozen=True)") + "a: int", "became-frozen p.D"),
    _pair("dataclass keyword-only", _DATA + "a: int", _DATA.replace("@dataclass", "@dataclass(kw_only=True)") + "a: int", "became-keyword-only p.D", "became-keyword-only p.D.a"),
    _pair("dataclass cannot be sorted", _DATA.replace("@dataclass", "@dataclass(order=True)") + "a: int", _DATA + "a: int", "ordering-removed p.D"),
    _pair("dataclass became a class with the same constructor", _DATA + "a: int", "class D:\n    def __init__(self, a: int): self.a = a"),
    _pair("class variable is no field", _DATA + "a: int", "from typing import ClassVar\n" + _DATA + "a: int\n    B: ClassVar[int] = 1", "object-added p.D.B"),
    _pair("NamedTuple field added", _TUPLE + "a: int", _TUPLE + "a: int\n    b: int = 0", "tuple-length-changed p.N.b"),
    _pair("TypedDict key removed", _TYPED + "a: int\n    b: int\ndef f() -> T: ...", _TYPED + "a: int\ndef f() -> T: ...", "field-removed p.T.b"),
    _pair("TypedDict key that may be left out", _TYPED + "a: int\ndef f(t: T): ...", _TYPED + "a: int\n    b: NotRequired[int]\ndef f(t: T): ...", "field-added p.T.b"),
    _pair("TypedDict key that must be given", _TYPED + "a: int\ndef f(t: T): ...", _TYPED + "a: int\n    b: int\ndef f(t: T): ...", "field-added-required p.T.b"),
    _pair("TypedDict key that only comes back", _TYPED + "a: int\ndef f() -> T: ...", _TYPED + "a: int\n    b: int\ndef f() -> T: ...", "field-added p.T.b"),
    _pair("TypedDict key may be missing in what comes back", _TYPED + "a: int\ndef f() -> T: ...", _TYPED + "a: NotRequired[int]\ndef f() -> T: ...", "field-became-optional p.T.a"),
    _pair("TypedDict total", "from typing import TypedDict\nclass T(TypedDict, total=False):\n    a: int\ndef f(t: T): ...", _TYPED + "a: int\ndef f(t: T): ...", "field-became-required p.T.a"),
    _pair("TypedDict key takes more", _TYPED + "a: int\ndef f(t: T): ...", _TYPED + "a: int | str\ndef f(t: T): ...", "attribute-type-widened p.T.a"),
    _pair("model field added to what is given", _MODEL + "a: int\ndef f(m: M): ...", _MODEL + "a: int\n    b: int\ndef f(m: M): ...", "field-added-required p.M.b"),
    _pair("model field added to what comes back", _MODEL + "a: int\ndef f() -> M: ...", _MODEL + "a: int\n    b: int\ndef f() -> M: ...", "field-added p.M.b"),
    _pair("model field with a default in Field", _MODEL + "a: int = Field(1)\ndef f(m: M): ...", _MODEL + "a: int = Field(...)\ndef f(m: M): ...", "field-became-required p.M.a"),
    _pair("model field: any str, beside known ones", _T + _MODEL + 'a: list[Literal["x"]]', _T + _MODEL + 'a: list[Literal["x"] | str]', "literal-value-added p.M.a"),
    _pair("model field may be None", _MODEL + "a: int", _MODEL + "a: int | None", "attribute-type-changed p.M.a"),
)  # fmt: skip

VALUES = (
    _pair("constant's value (missed by griffe)", 'KIND = "a"', 'KIND = "b"', "attribute-value-changed p.KIND"),
    _pair("default setting's value", "DEFAULT_TIMEOUT = 5", "DEFAULT_TIMEOUT = 10", "attribute-value-changed p.DEFAULT_TIMEOUT"),
    _pair("own version", '__version__ = "1"\nVERSION = "1"', '__version__ = "2"\nVERSION = "2"'),
    _pair("API version", 'DEFAULT_API_VERSION = "2024-01-01"', 'DEFAULT_API_VERSION = "2025-01-01"', "api-version-changed p.DEFAULT_API_VERSION"),
    _pair("list of values has grown", 'KINDS = ["a"]', 'KINDS = ["a", "b"]', "attribute-value-changed p.KINDS"),
    _pair("computed values are not judged", "X = len('a')", "X = len('ab')"),
    _pair("annotation of an attribute (missed by griffe)", "x: int = 1", 'x: str = "1"', "attribute-type-changed p.x", "attribute-value-changed p.x"),
    _pair("annotation of a class attribute", _method("a: int"), _method("a: str"), "attribute-type-changed p.C.a"),
    _pair("attribute narrower", _method("a: int | None"), _method("a: int"), "attribute-type-narrowed p.C.a"),
    _pair("instance attribute's type from its parameter", _method("def __init__(self, a: int): self.a = a"), _method("def __init__(self, a: int): self.a: str = str(a)"), "attribute-type-changed p.C.a"),
)  # fmt: skip

PROJECT = (
    _pair("newer Python", _PROJECT + 'requires-python = ">=3.9"', _PROJECT + 'requires-python = ">=3.10"', "requires-python-raised requires-python"),
    _pair("older Python too", _PROJECT + 'requires-python = ">=3.10"', _PROJECT + 'requires-python = ">=3.9"'),
    _pair("dependency added", _PROJECT, _PROJECT + 'dependencies = ["idna"]', "dependency-added dependencies.idna"),
    _pair("lower bound raised", _PROJECT + 'dependencies = ["idna>=2,<4"]', _PROJECT + 'dependencies = ["idna>=3,<4"]', "dependency-narrowed dependencies.idna"),
    _pair("upper bound raised", _PROJECT + 'dependencies = ["idna>=2,<4"]', _PROJECT + 'dependencies = ["idna>=2,<5"]'),
    _pair("dependency removed", _PROJECT + 'dependencies = ["idna"]', _PROJECT, "dependency-removed dependencies.idna"),
    _pair("extra removed", _PROJECT + '[project.optional-dependencies]\naio = ["aiohttp"]', _PROJECT, "extra-removed [aio]"),
    _pair("extra of developers removed", _PROJECT + '[project.optional-dependencies]\ntests = ["pytest"]', _PROJECT, "extra-removed [tests]"),
    _pair("extra added", _PROJECT, _PROJECT + '[project.optional-dependencies]\naio = ["aiohttp"]', "extra-added [aio]"),
    _pair("command removed", _PROJECT + '[project.scripts]\nrun = "p:run"', _PROJECT, "command-removed run"),
    _pair("entry point added", _PROJECT, _PROJECT + '[project.entry-points.plug]\na = "p:run"', "entry-point-added plug.a"),
    _pair("py.typed removed", "# file: p/py.typed\n\n# file: p/a.py\nX = 1", "# file: p/a.py\nX = 1", "typing-removed p/py.typed"),
)  # fmt: skip

PAIRS = tuple(
    Pair(f"{group}: {pair.name}", pair.old, pair.new, pair.expected)
    for group, pairs in (
        ("names", NAMES), ("parameters", PARAMETERS), ("types", TYPES), ("functions", FUNCTIONS), ("classes", CLASSES),
        ("values", VALUES), ("project", PROJECT),
    )
    for pair in pairs
)  # fmt: skip
