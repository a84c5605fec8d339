"""What a class is to others: whom it inherits from, its type parameters, its slots, its members as an enumeration."""

from __future__ import annotations

import ast
import builtins

from .comparison import Side
from .facts import Attribute, Class, Definition, Function
from .fields import is_set
from .library import External

__all__ = [
    "PLAIN_BASES",
    "class_key",
    "direct_keys",
    "enum_members",
    "has_decorator",
    "is_private",
    "is_slotted",
    "kind_of",
    "line_keys",
    "type_parameters_of",
    "values_differ",
]

# Bases that say how a class is made, and not what its objects are to others.
_MACHINERY = frozenset({"object", "Generic", "Protocol", "ABC", "TypedDict", "NamedTuple", "BaseModel"})
PLAIN_BASES = frozenset(
    {"builtins.object", "abc.ABC", "typing.Generic", "typing_extensions.Generic", "typing.Protocol"}
)


def line_keys(side: Side, cls: Class) -> dict[str, str]:
    keys: dict[str, str] = {}
    for one in side.library.line_of(cls)[1:]:
        keys[class_key(side, one)] = shown_base(side, one)
        if isinstance(one, External) and one.path.startswith("builtins."):
            known = getattr(builtins, class_key(side, one), object)
            above = known.__mro__ if isinstance(known, type) else ()
            keys |= {other.__name__: other.__name__ for other in above if other.__name__ not in keys}
    return keys


def direct_keys(side: Side, cls: Class) -> list[str]:
    """Return the keys of the bases that are written there, of private ones those of their bases."""
    keys: list[str] = []
    for base in cls.bases:
        target = side.library.resolve(cls.module, base.value if isinstance(base, ast.Subscript) else base)
        if isinstance(target, Class):
            key = class_key(side, target)
            keys += [key] if not is_private(key) else direct_keys(side, target) if target is not cls else []
        elif isinstance(target, External):
            keys.append(class_key(side, target))
    return keys


def class_key(side: Side, one: Class | External) -> str:
    if isinstance(one, Class):
        return side.reader.key_of(one)
    path = one.path
    return path.rpartition(".")[2]


def is_private(key: str) -> bool:
    return key.startswith(("~", "_")) or key in _MACHINERY


def shown_base(side: Side, one: Class | External) -> str:
    if isinstance(one, Class):
        return side.surface.path_of(one) or one.name
    return one.path.removeprefix("builtins.")


def has_decorator(cls: Class, decorator: str) -> bool:
    return any(name.rpartition(".")[2] == decorator for name in cls.decorators)


def is_slotted(side: Side, cls: Class) -> bool:
    """Whether objects of a class have no dictionary: it and all its bases have slots."""
    for one in side.library.line_of(cls):
        if isinstance(one, External):
            if one.path not in PLAIN_BASES:
                return False
            continue
        slots = one.members.get("__slots__")
        if is_set(one, "slots"):
            continue
        if not isinstance(slots, Attribute) or (slots.value is not None and "__dict__" in ast.unparse(slots.value)):
            return False
    return True


def type_parameters_of(cls: Class) -> tuple[str, ...] | None:
    """Return the type parameters of a class, None if that cannot be told."""
    if cls.type_parameters:
        return cls.type_parameters
    for base in cls.bases:
        if isinstance(base, ast.Subscript) and ast.unparse(base.value).rpartition(".")[2] in ("Generic", "Protocol"):
            inner = base.slice
            return tuple(ast.unparse(one) for one in (inner.elts if isinstance(inner, ast.Tuple) else [inner]))
    return () if not any(isinstance(base, ast.Subscript) for base in cls.bases) else None


def enum_members(side: Side, cls: Class) -> dict[str, Attribute]:
    return {
        name: member
        for name, (member, _) in side.library.members_of(cls).items()
        if isinstance(member, Attribute)
        and not name.startswith("_")
        and not member.is_instance
        and member.value is not None
        and member.annotation is None
    }


def values_differ(was: ast.expr | None, now: ast.expr | None) -> bool:
    return was is not None and now is not None and ast.dump(was) != ast.dump(now)


def kind_of(definition: Definition) -> str:
    match definition:
        case Class():
            return "a class"
        case Function():
            if definition.is_property:
                return "a property"
            return "a method" if definition.is_method else "a function"
        case Attribute():
            return "an attribute"
