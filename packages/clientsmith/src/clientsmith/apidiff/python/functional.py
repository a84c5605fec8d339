"""Classes that are made by a call: ``namedtuple("Point", "x y")``, ``Enum("Level", "LOW HIGH")``, ``TypedDict(…)``."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

__all__ = ["class_made_by"]

_TUPLES: Final = frozenset({"namedtuple", "NamedTuple"})
_ENUMS: Final = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})


def class_made_by(node: ast.Assign | ast.AnnAssign) -> ast.ClassDef | None:
    """Return the class statement that a call says in other words; None for what is no such call, or not all text."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[ast.Constant(), fields]) as call):
            maker = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        case _:
            return None
    body: list[ast.stmt] | None = None
    keywords = {one.arg: one.value for one in call.keywords if one.arg}
    if maker in _TUPLES and not keywords.keys() - {"module", "defaults"}:
        body = _tuple(fields, keywords.pop("defaults", None))
    elif maker in _ENUMS:
        body = _enumeration(fields)
    elif maker == "TypedDict":
        body = _typed_dict(fields)
    if body is None:
        return None
    base = call.func
    if maker == "namedtuple":  # it is `typing.NamedTuple` whose types nobody says
        base = ast.Name("NamedTuple", ast.Load())
    total = [ast.keyword("total", keywords["total"])] if "total" in keywords else []
    made = ast.ClassDef(name, [base], total, body or [ast.Pass()], [])
    for one in ast.walk(made):
        if not hasattr(one, "lineno"):
            ast.copy_location(one, node)
    return made


def _tuple(fields: ast.expr, defaults: ast.expr | None) -> list[ast.stmt] | None:
    named: list[tuple[str, ast.expr]] = []
    for one in _elements(fields):
        match one:
            case ast.Constant(value=str(name)):
                named.append((name, ast.Name("Any", ast.Load())))
            case ast.Tuple(elts=[ast.Constant(value=str(name)), type_]):
                named.append((name, type_))
            case _:
                return None
    given = list(_elements(defaults)) if defaults is not None else []
    if not named or len(given) > len(named) or (defaults is not None and not given):
        return None
    values = [*[None] * (len(named) - len(given)), *given]
    return [_field(name, type_, value) for (name, type_), value in zip(named, values, strict=True)]


def _enumeration(fields: ast.expr) -> list[ast.stmt] | None:
    members: list[ast.stmt] = []
    pairs = zip(fields.keys, fields.values, strict=True) if isinstance(fields, ast.Dict) else ()
    found: list[ast.expr] = [ast.Tuple([key, value], ast.Load()) for key, value in pairs if key]
    found += _elements(fields)
    for number, one in enumerate(found, 1):
        match one:
            case ast.Constant(value=str(name)):
                value: ast.expr = ast.Constant(number)
            case ast.Tuple(elts=[ast.Constant(value=str(name)), value]):
                pass
            case _:
                return None
        members.append(ast.Assign([ast.Name(name, ast.Store())], value))
    return members or None


def _typed_dict(fields: ast.expr) -> list[ast.stmt] | None:
    if not isinstance(fields, ast.Dict):
        return None
    body: list[ast.stmt] = []
    for key, type_ in zip(fields.keys, fields.values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            return None
        body.append(_field(key.value, type_, None))
    return body


def _field(name: str, type_: ast.expr, value: ast.expr | None) -> ast.stmt:
    return ast.AnnAssign(ast.Name(name, ast.Store()), type_, value, 1)


def _elements(expression: ast.expr) -> Iterable[ast.expr]:
    """Return the elements of a list; of a text its words, as `namedtuple` and `Enum` divide it."""
    match expression:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return elements
        case ast.Constant(value=str(text)):
            return [ast.Constant(word) for word in text.replace(",", " ").split()]
        case _:
            return []
