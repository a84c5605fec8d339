"""Annotations as types: what two ways to write one type have in common, and names that mean the same in two versions.

``Optional[X]``, ``Union[X, None]`` and ``X | None`` are one type; so are ``List[int]``, ``list[int]`` and a quoted one,
``typing.Sequence`` and that of ``collections.abc``. Aliases of the package stand for what they mean.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from .facts import Attribute, Class, Function, Module
from .library import External, Library, Target, parsed

__all__ = [
    "ANY",
    "NONE",
    "Literal",
    "Named",
    "Qualified",
    "Reader",
    "Type",
    "Union",
    "Unknown",
    "Variable",
    "qualifiers_of",
    "united",
]


@dataclass(frozen=True, slots=True)
class Named:
    """A class, by its key, with arguments. Without arguments these may be anything."""

    key: str
    arguments: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class Union:
    members: frozenset[Type]


@dataclass(frozen=True, slots=True)
class Literal:
    """One value; several are a union."""

    value: str  # as Python writes it
    type: str  # the key of its type


@dataclass(frozen=True, slots=True)
class Variable:
    """A type variable, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is not understood; it is only equal to the same text."""

    text: str


Type = Named | Union | Literal | Variable | Unknown

ANY: Final = Named("Any")
NONE: Final = Named("None")


@dataclass(frozen=True, slots=True)
class Qualified:
    """A type and the words around it: ``Final``, ``ClassVar``, ``Required``, ``NotRequired``, ``ReadOnly``."""

    type: Type
    words: frozenset[str] = frozenset()


def united(*types: Type) -> Type:
    """Return the union of types; a union in a union is no other union."""
    members: set[Type] = set()
    for one in types:
        members.update(one.members if isinstance(one, Union) else (one,))
    if ANY in members:
        return ANY
    return members.pop() if len(members) == 1 else Union(frozenset(members))


_QUALIFIERS: Final = frozenset({"Final", "ClassVar", "Required", "NotRequired", "ReadOnly"})
_VARIABLES: Final = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})
_MODULES: Final = ("typing.", "typing_extensions.", "builtins.", "collections.abc.", "types.", "_typeshed.", "numbers.")
_RENAMED: Final = {
    "List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple", "Type": "type",
    "AbstractSet": "Set_", "Text": "str", "NoneType": "None", "DefaultDict": "defaultdict", "Deque": "deque",
    "ContextManager": "AbstractContextManager", "AsyncContextManager": "AbstractAsyncContextManager",
    "Match": "Match", "Pattern": "Pattern", "NoReturn": "Never", "IOError": "OSError", "EnvironmentError": "OSError",
}  # fmt: skip
_ELSEWHERE: Final = {
    "collections.defaultdict": "defaultdict", "collections.deque": "deque", "collections.OrderedDict": "OrderedDict",
    "contextlib.AbstractContextManager": "AbstractContextManager", "re.Match": "Match", "re.Pattern": "Pattern",
    "contextlib.AbstractAsyncContextManager": "AbstractAsyncContextManager", "os.PathLike": "PathLike",
    "collections.abc.Set": "Set_", "pathlib.Path": "Path", "enum.Enum": "Enum", "enum.IntEnum": "IntEnum",
}  # fmt: skip
_SELF: Final = ("typing.Self", "typing_extensions.Self")
_DEEPEST: Final = 40  # brackets in brackets, and aliases of aliases


@dataclass(slots=True)
class Reader:
    """Reads the annotations of one library. ``key_of`` names its classes so that both versions agree."""

    library: Library
    key_of: Callable[[Target], str]
    classes: dict[str, Class] = field(default_factory=dict[str, Class])  # by key: those that were met
    _aliases: list[int] = field(default_factory=list[int])

    def read(self, expression: ast.expr | None, module: str, scope: Class | None = None) -> Qualified:
        """Return the type that an annotation says; ``Any`` for none."""
        if expression is None:
            return Qualified(ANY)
        inner, words = _unqualified(expression)
        return Qualified(self._type(inner, module, scope, 0) if inner is not None else ANY, words)

    def alias(self, attribute: Attribute) -> Type | None:
        """Return what a type alias stands for, None for what is none."""
        if attribute.value is None or not _may_be_type(attribute.value):
            return None
        is_said = attribute.annotation is not None and _last(_unquoted(attribute.annotation)) == "TypeAlias"
        if attribute.annotation is not None and not is_said:
            return None
        if id(attribute) in self._aliases or len(self._aliases) > _DEEPEST:
            return Unknown(attribute.name)  # it means itself: ``Json = list["Json"]``
        self._aliases.append(id(attribute))
        try:
            return self._type(attribute.value, attribute.module, None, 0)
        finally:
            self._aliases.pop()

    def _type(self, expression: ast.expr, module: str, scope: Class | None, depth: int) -> Type:
        if depth > _DEEPEST:
            return Unknown("…")
        expression = _unquoted(expression)
        match expression:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=value) if value is ...:
                return Named("...")
            case ast.BinOp(op=ast.BitOr()):
                return united(*(self._type(one, module, scope, depth + 1) for one in _alternatives(expression)))
            case ast.Subscript(value=head, slice=inner):
                return self._subscript(head, inner, module, scope, depth)
            case ast.Name() | ast.Attribute():
                return self._name(expression, module, scope)
            case ast.List(elts=elements):
                return Named("[]", tuple(self._type(one, module, scope, depth + 1) for one in elements))
            case ast.Starred(value=value):
                return Named("Unpack", (self._type(value, module, scope, depth + 1),))
            case _:
                return Unknown(ast.unparse(expression))

    def _subscript(self, head: ast.expr, inner: ast.expr, module: str, scope: Class | None, depth: int) -> Type:
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        key = self._name(head, module, scope)
        name = key.key if isinstance(key, Named) else ""
        if name == "Literal":
            return united(*(self._literal(part, module, scope) for part in parts)) if parts else Unknown("Literal[]")
        if (name in _QUALIFIERS or name == "Annotated") and parts:
            return self._type(parts[0], module, scope, depth + 1)
        types = tuple(self._type(part, module, scope, depth + 1) for part in parts)
        if name == "Optional" and types:
            return united(types[0], NONE)
        if name == "Union" and types:
            return united(*types)
        target = self.library.resolve(module, head, scope)
        if isinstance(target, Attribute) and (variables := _variables(key)):
            # A generic alias: ``Expandable = Union[str, T]`` and ``Expandable[Card]``.
            return _replaced(key, dict(zip(variables, types, strict=False)))
        if isinstance(key, Named):
            return Named(key.key, types)
        return Unknown(f"{ast.unparse(head)}[{ast.unparse(inner)}]")

    def _name(self, expression: ast.expr, module: str, scope: Class | None) -> Type:
        target = self.library.resolve(module, expression, scope)
        match target:
            case None:
                return Named(_plain(ast.unparse(expression)))
            case External(path=path) if scope is not None and path in _SELF:
                # Of whoever inherits it is a narrower type than the class in which it stands.
                return Named("Self", (self._of_class(scope),))
            case External(path=path):
                return Named(_plain(path)) if _plain(path) != "Any" else ANY
            case Class():
                return self._of_class(target)
            case Attribute():
                return self._variable(target)
            case Function() | Module():
                return Unknown(ast.unparse(expression))

    def _of_class(self, cls: Class) -> Named:
        key = self.key_of(cls)
        self.classes.setdefault(key, cls)
        return Named(key)

    def _variable(self, attribute: Attribute) -> Type:
        if isinstance(attribute.value, ast.Call):
            made_by = _last(attribute.value.func)
            if made_by in _VARIABLES:
                return Variable(attribute.name)
            return Named(self.key_of(attribute))  # NewType, namedtuple(…): a class of its own
        meant = self.alias(attribute)
        return meant if meant is not None else Named(self.key_of(attribute))

    def _literal(self, expression: ast.expr, module: str, scope: Class | None) -> Type:
        match expression:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=value):
                return Literal(repr(value), type(value).__name__)
            case ast.UnaryOp(operand=ast.Constant(value=int() as value)):
                return Literal(ast.unparse(expression), type(value).__name__)
            case ast.Attribute(value=value):  # a member of an enum
                of = self._name(value, module, scope)
                return Literal(f"{_last(value)}.{expression.attr}", of.key if isinstance(of, Named) else "?")
            case _:
                return self._type(expression, module, scope, 0)  # an alias of other literals


def _variables(type_: Type) -> list[str]:
    """Return the type variables in a type; with several, which argument is whose cannot be told from a union."""
    match type_:
        case Variable(name=name):
            return [name]
        case Named(arguments=arguments):
            return list(dict.fromkeys(name for one in arguments for name in _variables(one)))
        case Union(members=members):
            names = {name for one in members for name in _variables(one)}
            return list(names) if len(names) == 1 else []
        case _:
            return []


def _replaced(type_: Type, values: Mapping[str, Type]) -> Type:
    match type_:
        case Variable(name=name):
            return values.get(name, type_)
        case Named(key=key, arguments=arguments):
            return Named(key, tuple(_replaced(one, values) for one in arguments))
        case Union(members=members):
            return united(*(_replaced(one, values) for one in members))
        case _:
            return type_


def qualifiers_of(annotation: ast.expr) -> frozenset[str]:
    """Return the words around a type: ``Required``, ``ClassVar``, …"""
    return _unqualified(annotation)[1]


def _unqualified(expression: ast.expr) -> tuple[ast.expr | None, frozenset[str]]:
    """Take the words off a type; of ``Final`` alone no type is left."""
    words: set[str] = set()
    for _ in range(_DEEPEST):
        expression = _unquoted(expression)
        head = expression.value if isinstance(expression, ast.Subscript) else expression
        name = _last(head)
        if name not in _QUALIFIERS and name != "Annotated":
            break
        words.update({name} & _QUALIFIERS)
        if not isinstance(expression, ast.Subscript):
            return None, frozenset(words)
        inner = expression.slice
        expression = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
    return expression, frozenset(words)


def _plain(path: str) -> str:
    """Return the key of what is defined elsewhere: places in other packages move, names seldom."""
    if path in _ELSEWHERE:
        return _ELSEWHERE[path]
    last = path.rpartition(".")[2]
    if path.startswith(_MODULES) or "." not in path:
        return _RENAMED.get(last, last)
    return f"~{last}"


def _unquoted(expression: ast.expr) -> ast.expr:
    """Return what a quoted annotation says."""
    for _ in range(3):
        if not (isinstance(expression, ast.Constant) and isinstance(expression.value, str)):
            break
        inner = parsed(expression.value)
        if inner is None:
            break
        expression = inner
    return expression


def _alternatives(expression: ast.expr) -> list[ast.expr]:
    """Return what stands between the bars of ``A | B | C``, which is as deep as it is long."""
    found: list[ast.expr] = []
    while isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.BitOr):
        found.append(expression.right)
        expression = expression.left
    return [expression, *reversed(found)]


def _last(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def _may_be_type(value: ast.expr) -> bool:
    match value:
        case ast.Subscript() | ast.Name() | ast.Attribute() | ast.Constant(value=None):
            return True
        case ast.Constant(value=str(text)):
            return text.isidentifier() or "[" in text or "|" in text
        case ast.BinOp(op=ast.BitOr()):
            return all(_may_be_type(one) for one in _alternatives(value))
        case _:
            return False
