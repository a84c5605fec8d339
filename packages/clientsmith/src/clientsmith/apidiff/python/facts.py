"""What a module says, as values: its definitions and imports, before any name is looked up elsewhere.

Expressions are kept as syntax trees, which nobody changes. Definitions are compared by identity: two modules of the
same bytes are read once, and what is one object in both versions has not changed.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = [
    "Attribute",
    "Class",
    "Definition",
    "Function",
    "Import",
    "Member",
    "Module",
    "Parameter",
    "ParameterKind",
    "Signature",
    "SubmoduleOf",
]


class ParameterKind(Enum):
    """How an argument can be passed; the value is what messages say."""

    POSITIONAL_ONLY = "positional-only"
    NORMAL = "positional or keyword"
    VAR_POSITIONAL = "variadic positional"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "variadic keyword"

    @property
    def takes_position(self) -> bool:
        return self in (ParameterKind.POSITIONAL_ONLY, ParameterKind.NORMAL)

    @property
    def takes_keyword(self) -> bool:
        return self in (ParameterKind.KEYWORD_ONLY, ParameterKind.NORMAL)

    @property
    def is_variadic(self) -> bool:
        return self in (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    name: str
    kind: ParameterKind
    annotation: ast.expr | None
    default: ast.expr | None
    line: int

    @property
    def is_required(self) -> bool:
        return self.default is None and not self.kind.is_variadic


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """Parameters (with ``self``) and what comes back."""

    parameters: tuple[Parameter, ...]
    returns: ast.expr | None
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function, a method or a property."""

    name: str
    path: str
    module: str
    line: int
    signature: Signature
    is_async: bool
    decorators: tuple[str, ...]
    overloads: tuple[Signature, ...]
    docstring: str
    has_setter: bool
    deprecation: str | None  # what its deprecation says, "" if it only says that it is; None for what is not deprecated
    type_parameters: tuple[str, ...] = ()
    is_method: bool = False

    @property
    def is_property(self) -> bool:
        return any(name in _PROPERTIES or name.endswith("property") for name in self.decorators)

    @property
    def is_abstract(self) -> bool:
        return any(name.rpartition(".")[2].startswith("abstract") for name in self.decorators)

    @property
    def binding(self) -> str:
        """``static``, ``class`` or ``instance``."""
        if "staticmethod" in self.decorators:
            return "static"
        return "class" if "classmethod" in self.decorators or self.name in _CLASS_METHODS else "instance"


_PROPERTIES = frozenset({"property", "cached_property", "functools.cached_property", "abc.abstractproperty"})
_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """A variable, a constant, a type alias, or a field of a class."""

    name: str
    path: str
    module: str
    line: int
    annotation: ast.expr | None
    value: ast.expr | None
    docstring: str = ""
    is_instance: bool = False  # set on ``self`` by the constructor


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    name: str
    path: str
    module: str
    line: int
    bases: tuple[ast.expr, ...]
    keywords: Mapping[str, ast.expr]
    decorators: tuple[str, ...]
    decorator_keywords: Mapping[str, ast.expr]
    members: Mapping[str, Member]
    docstring: str
    deprecation: str | None
    type_parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Import:
    """A name that another module gives: ``from module import attribute as name``; no attribute for a whole module."""

    name: str
    module: str
    attribute: str
    line: int
    is_explicit: bool  # ``import x as x``, ``from m import x as x`` (PEP 484), or by ``from m import *``


@dataclass(frozen=True, slots=True, eq=False)
class SubmoduleOf:
    """A module as a member of its package."""

    name: str


Member = Function | Attribute | Class | Import
Definition = Function | Attribute | Class


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One file. ``exports`` is its ``__all__``, None where there is none or it cannot be told without running it."""

    name: str
    file: str
    is_package: bool
    members: Mapping[str, Member]
    exports: tuple[str, ...] | None = None
    stars: tuple[str, ...] = ()
    docstring: str = ""
    problem: str = ""  # why it could not be read
    problem_line: int | None = None
    export_line: int | None = None
    submodule_exports: tuple[str, ...] = field(default=())  # modules whose __all__ is added to this one's
