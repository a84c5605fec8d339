"""Fields of classes that are made of them: dataclasses, attrs, NamedTuple, TypedDict, pydantic's models."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .comparison import Side
from .facts import Attribute, Class, Function
from .library import External, Target, parsed
from .types import qualifiers_of

__all__ = ["Field", "Style", "fields_of", "is_set", "style_of"]


class Style(Enum):
    """What a class is made by."""

    PLAIN = "class"
    ENUM = "enumeration"
    PROTOCOL = "protocol"
    DATACLASS = "dataclass"  # and attrs
    NAMED_TUPLE = "NamedTuple"
    TYPED_DICT = "TypedDict"
    MODEL = "model"  # pydantic's

    @property
    def has_fields(self) -> bool:
        return self in (Style.DATACLASS, Style.NAMED_TUPLE, Style.TYPED_DICT, Style.MODEL)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field: whether it must be given, and whether it can be given by position."""

    attribute: Attribute
    owner: Class
    is_required: bool
    takes_position: bool
    is_given: bool = True  # the constructor takes it


_DATACLASSES = frozenset({"dataclass", "define", "frozen", "mutable", "attrs", "attributes", "s"})
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"})


def style_of(side: Side, cls: Class) -> Style:
    """Return what a class is made by, as its bases and decorators say."""
    line = side.library.line_of(cls)
    names = {one.path.rpartition(".")[2] for one in line if isinstance(one, External)}
    if names & _ENUMS:
        return Style.ENUM
    if "TypedDict" in names:
        return Style.TYPED_DICT
    if "NamedTuple" in names:
        return Style.NAMED_TUPLE
    if any(
        isinstance(one, External) and one.path.startswith("pydantic") and one.path.endswith("BaseModel") for one in line
    ):
        return Style.MODEL
    if _is_dataclass(side, cls):
        return Style.DATACLASS
    if any(ast.unparse(base).split("[")[0].rpartition(".")[2] == "Protocol" for base in cls.bases):
        return Style.PROTOCOL
    return Style.PLAIN


def _dataclass_decorator(cls: Class) -> str:
    for name in cls.decorators:
        last = name.rpartition(".")[2]
        if last in _DATACLASSES and (last != "s" or name.startswith("attr")):
            return name
    return ""


def _is_dataclass(side: Side, cls: Class) -> bool:
    return bool(_dataclass_decorator(cls)) or _transformer(side, cls) is not None


def _is_keyword_only(side: Side, cls: Class) -> bool:
    maker = _transformer(side, cls)
    return isinstance(maker, Class) and is_set(maker, "kw_only_default")


def _transformer(side: Side, cls: Class) -> Class | Function | None:
    """Return what makes a dataclass of it by ``@dataclass_transform`` (PEP 681): a base, a metaclass, a decorator."""
    makers: list[Target | None] = []
    for one in side.library.line_of(cls):
        if isinstance(one, Class):
            makers += [one] if one is not cls else []
            if (metaclass := one.keywords.get("metaclass")) is not None:
                makers.append(side.library.resolve(one.module, metaclass))
    for name in cls.decorators:
        if (expression := parsed(name)) is not None:
            makers.append(side.library.resolve(cls.module, expression))
    for maker in makers:
        if isinstance(maker, Class | Function) and any(
            name.rpartition(".")[2] == "dataclass_transform" for name in maker.decorators
        ):
            return maker
    return None


def is_set(cls: Class, word: str) -> bool:
    """Whether a dataclass is made ``frozen=True``, ``kw_only=True``, ``order=True``."""
    value = cls.decorator_keywords.get(word) or cls.keywords.get(word)
    if word == "frozen" and _dataclass_decorator(cls).rpartition(".")[2] == "frozen":
        return True
    return isinstance(value, ast.Constant) and value.value is True


def fields_of(side: Side, cls: Class, style: Style) -> dict[str, Field]:
    """Return the fields of a class in the order of its constructor, those of its bases first."""
    found: dict[str, Field] = {}
    for owner in reversed([one for one in side.library.line_of(cls) if isinstance(one, Class)]):
        if style is Style.DATACLASS and not _is_dataclass(side, owner):
            continue
        is_keyword_only = style is Style.MODEL or is_set(owner, "kw_only") or _is_keyword_only(side, owner)
        for member in owner.members.values():
            if isinstance(member, Attribute) and not member.is_instance:
                if member.annotation is not None and _name(member.annotation) == "KW_ONLY":
                    is_keyword_only = True
                    continue
                made = _field(member, owner, style, is_keyword_only=is_keyword_only)
                if made is not None:
                    found[member.name] = made
    return {name: one for name, one in found.items() if not name.startswith("_")}


def _field(member: Attribute, owner: Class, style: Style, *, is_keyword_only: bool) -> Field | None:
    is_attrs = member.annotation is None and isinstance(member.value, ast.Call) and _name(member.value.func) in _MAKERS
    if (member.annotation is None and not is_attrs) or member.name == "model_config":
        return None
    words = qualifiers_of(member.annotation) if member.annotation is not None else frozenset[str]()
    if "ClassVar" in words:
        return None
    if style is Style.TYPED_DICT:
        total = owner.keywords.get("total")
        is_total = not (isinstance(total, ast.Constant) and total.value is False)
        return Field(member, owner, "Required" in words or (is_total and "NotRequired" not in words), False)
    options = _options(member.value)
    given = not _is(options.get("init"), False)
    by_position = not is_keyword_only and not _is(options.get("kw_only"), True)
    return Field(member, owner, _is_required(member.value, options), by_position and given, given)


_MAKERS = frozenset({"ib", "attrib", "field", "Field"})


def _options(value: ast.expr | None) -> Mapping[str, ast.expr]:
    if isinstance(value, ast.Call) and _name(value.func) in _MAKERS:
        return {one.arg: one.value for one in value.keywords if one.arg}
    return {}


def _is_required(value: ast.expr | None, options: Mapping[str, ast.expr]) -> bool:
    if value is None:
        return True
    if not (isinstance(value, ast.Call) and _name(value.func) in _MAKERS):
        return False
    if "default" in options or "default_factory" in options or "factory" in options:
        return _is(options.get("default"), ...)
    if not value.args:
        return True
    return _is(value.args[0], ...) or _name(value.func) == "field"


def _is(expression: ast.expr | None, value: object) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is value


def _name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
