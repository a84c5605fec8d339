"""Classes: their bases, their members with the inherited ones, how they are made, and what a style of them promises."""

from __future__ import annotations

import ast

from ..difference import Kind
from .comparison import Comparison, Side, shown, written, written_type
from .facts import Attribute, Class, Definition, Function, Parameter, ParameterKind, Signature
from .fields import Field, Style, fields_of, is_set, style_of
from .functions import compare_functions
from .lineage import (
    PLAIN_BASES,
    class_key,
    direct_keys,
    enum_members,
    has_decorator,
    is_private,
    is_slotted,
    kind_of,
    line_keys,
    type_parameters_of,
    values_differ,
)
from .signatures import Callee, compare_signatures
from .surface import is_public_member
from .usage import Usage
from .values import compare_attribute_types, compare_values

__all__ = ["ClassComparer"]


class ClassComparer:
    """Compares classes of two libraries."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.old, self.new = comparison.old, comparison.new
        self.usage = Usage(comparison.new.surface)

    def compare(self, subject: str, old: Class, new: Class) -> None:
        """Tell what is other about a class, under the name that users have for it."""
        if not self.comparison.is_new("class", old, new) or self._is_same(old, new):
            return
        styles = style_of(self.old, old), style_of(self.new, new)
        gone = self._bases(subject, old, new)
        self._declaration(subject, old, new)
        if styles == (Style.ENUM, Style.ENUM):
            self._enum(subject, old, new)
        elif styles[0] is styles[1] and styles[0].has_fields:
            self._fields(subject, old, new, styles[0])
        else:
            self._constructor(subject, old, new, styles)
        self._members(subject, old, new, styles, gone)

    def _is_same(self, old: Class, new: Class) -> bool:
        """Whether a class and all that it inherits from are the same text; most classes of two releases are."""
        return old is new and self.old.library.line_of(old) == self.new.library.line_of(new)

    # --- what it is ---

    def _bases(self, subject: str, old: Class, new: Class) -> set[str]:
        """Tell which bases are gone or new; return the keys of those that are gone, private ones too."""
        was, now = line_keys(self.old, old), line_keys(self.new, new)
        places = self.comparison.places(old, new)
        gone = {key: name for key, name in was.items() if key not in now}
        for key in direct_keys(self.old, old):
            if key in gone and not is_private(key):
                self.comparison.tell("base-removed", subject, f"does not inherit from {gone[key]} any more", *places)
        for key in direct_keys(self.new, new):
            if key not in was and not is_private(key):
                self.comparison.tell("base-added", subject, f"inherits from {now[key]}", *places)
        return set(gone)

    def _declaration(self, subject: str, old: Class, new: Class) -> None:
        tell, places = self.comparison.tell, self.comparison.places(old, new)
        if has_decorator(new, "final") and not has_decorator(old, "final"):
            tell("final-added", subject, "cannot be inherited from any more", *places)
        for word, rule, message in (
            ("frozen", "became-frozen", "its objects cannot be changed any more"),
            ("kw_only", "became-keyword-only", "its fields cannot be given by position any more"),
        ):
            if is_set(new, word) and not is_set(old, word):
                tell(rule, subject, message, *places)
        if is_set(old, "order") and not is_set(new, "order"):
            tell("ordering-removed", subject, "its objects cannot be sorted any more", *places)
        if is_slotted(self.new, new) and not is_slotted(self.old, old):
            tell("slots-added", subject, "its objects take no other attributes any more", *places)
        was, now = type_parameters_of(old), type_parameters_of(new)
        if was and now is not None and was != now and len(was) != len(now):
            message = (
                f"took {len(was)} type arguments ({', '.join(was)}), takes {len(now)} ({', '.join(now) or 'none'})"
            )
            tell("type-parameters-changed", subject, message, *places)
        if new.deprecation is not None and old.deprecation is None:
            said = f": {' '.join(new.deprecation.split())}" if new.deprecation else ""
            tell("deprecated", subject, f"is deprecated{said}", *places)

    # --- how it is made ---

    def _constructor(self, subject: str, old: Class, new: Class, styles: tuple[Style, Style]) -> None:
        before, after = self._made_by(self.old, old, styles[0]), self._made_by(self.new, new, styles[1])
        if before is None or after is None:
            return
        if isinstance(before, tuple) and isinstance(after, tuple):
            (was, was_in), (now, now_in) = before, after
            if was.name == now.name:
                compare_functions(self.comparison, subject, was, now, (was_in, now_in))
                return
        (one, one_callee), (other, other_callee) = _as_call(subject, before, old), _as_call(subject, after, new)
        if one is not other:
            compare_signatures(self.comparison, one, other, one_callee, other_callee)

    def _made_by(self, side: Side, cls: Class, style: Style) -> tuple[Function, Class] | Signature | None:
        """Return the constructor, or what stands for it; None where other distributions decide."""
        if style.has_fields:
            own = cls.members.get("__init__")
            if isinstance(own, Function):
                return own, cls
            return _signature_of(fields_of(side, cls, style), cls) if style is not Style.TYPED_DICT else None
        members = side.library.members_of(cls)
        for name in ("__init__", "__new__"):
            if name in members and isinstance(members[name][0], Function):
                function, owner = members[name]
                return (function, owner) if isinstance(function, Function) else None
        is_plain = all(isinstance(one, Class) or one.path in PLAIN_BASES for one in side.library.line_of(cls))
        return Signature((), None, cls.line) if is_plain else None

    # --- enumerations ---

    def _enum(self, subject: str, old: Class, new: Class) -> None:
        was, now = enum_members(self.old, old), enum_members(self.new, new)
        for name, member in was.items():
            path = f"{subject}.{name}"
            if name not in now:
                after = self.new.library.members_of(new).get(name)
                if after is None:
                    self._gone("enum-member-removed", path, member, new)
                continue
            places = self.comparison.places(member, now[name])
            if values_differ(member.value, now[name].value):
                message = f"its value was {shown(member.value)}, is {shown(now[name].value)}"
                self.comparison.tell("enum-member-value-changed", path, message, *places)
        for name, member in now.items():
            if name not in was and name not in self.old.library.members_of(old):
                self._came("enum-member-added", f"{subject}.{name}", member, old, shown(member.value))

    # --- fields ---

    def _fields(self, subject: str, old: Class, new: Class, style: Style) -> None:
        was, now = fields_of(self.old, old, style), fields_of(self.new, new, style)
        members = self.new.library.members_of(new)
        explicit = old.members.get("__init__"), new.members.get("__init__")
        if isinstance(explicit[0], Function) and isinstance(explicit[1], Function):
            compare_functions(self.comparison, subject, explicit[0], explicit[1], (old, new))
        for name, one in was.items():
            path = f"{subject}.{name}"
            if name in now:
                self._field(path, one, now[name], style, new)
            elif name not in members or style is Style.TYPED_DICT:
                self._gone("field-removed", path, one.attribute, new)
            elif one.is_given and style is not Style.MODEL:
                message = "is no field any more: the constructor does not take it"
                where = self.comparison.places(one.attribute, members[name][0])
                self.comparison.tell("field-removed", path, message, *where)
        for name, one in now.items():
            if name not in was and self.comparison.is_new("added", one.attribute):
                self._new_field(f"{subject}.{name}", one, style, old, new)
        self._order(subject, was, now, old, new)

    def _field(self, path: str, one: Field, other: Field, style: Style, cls: Class) -> None:
        if one.attribute is other.attribute or not self.comparison.is_new("field", one.attribute, other.attribute):
            return
        places = self.comparison.places(one.attribute, other.attribute)
        if other.is_required and not one.is_required:
            if style is Style.DATACLASS or style is Style.NAMED_TUPLE or self.usage.is_given(cls):
                self.comparison.tell("field-became-required", path, "must be given now", *places)
        elif one.is_required and not other.is_required and one.is_given:
            is_lost = style is Style.TYPED_DICT and not self.usage.is_given(cls)
            kind = Kind.BREAKING if is_lost else None
            message = "may be missing now" if is_lost else "may be left out"
            self.comparison.tell("field-became-optional", path, message, *places, kind=kind)
        if one.takes_position and not other.takes_position and other.is_given:
            self.comparison.tell("became-keyword-only", path, "cannot be given by position any more", *places)
        if style is not Style.TYPED_DICT:
            self._field_default(path, one, other)
        if written_type(one.attribute.annotation) != written_type(other.attribute.annotation):
            only_given = style is Style.TYPED_DICT and self.usage.only_given(cls)
            scopes = one.owner, other.owner
            compare_attribute_types(
                self.comparison, path, one.attribute, other.attribute, scopes, is_only_given=only_given
            )

    def _field_default(self, path: str, one: Field, other: Field) -> None:
        was, now = one.attribute.value, other.attribute.value
        if one.is_required or other.is_required or was is None or now is None or written(was) == written(now):
            return
        is_plain = isinstance(was, ast.Constant) and isinstance(now, ast.Constant)
        places = self.comparison.places(one.attribute, other.attribute)
        message = f"its default was {shown(was)}, is {shown(now)}"
        if is_plain:
            self.comparison.tell("parameter-default-changed", path, message, *places)

    def _new_field(self, path: str, one: Field, style: Style, old: Class, new: Class) -> None:
        where = self.old.place(old.module, old.line), self.new.place(one.attribute.module, one.attribute.line)
        if style is Style.NAMED_TUPLE:
            self.comparison.tell("tuple-length-changed", path, "is one more item of the tuple", *where)
        if one.is_required and one.is_given and (style in _MADE_BY_CALLERS or self.usage.is_given(new)):
            self.comparison.tell("field-added-required", path, "is new and must be given", *where)
        elif style is not Style.NAMED_TUPLE:
            self.comparison.tell("field-added", path, "is new", *where)

    def _order(self, subject: str, was: dict[str, Field], now: dict[str, Field], old: Class, new: Class) -> None:
        before = [name for name, one in was.items() if one.takes_position]
        after = [name for name, one in now.items() if one.takes_position]
        kept = [name for name in before if name in after]
        moved = [name for name in after if name in before] != kept
        inserted = [
            name
            for place, name in enumerate(after)
            if name not in was and any(other in before for other in after[place + 1 :])
        ]
        places = self.comparison.places(old, new)
        if moved or inserted:
            if not self.comparison.is_new("order", old, new):
                return
            message = f"their order was {', '.join(before)}, is {', '.join(after)}"
            self.comparison.tell("field-moved", subject, message, *places)

    # --- members ---

    def _members(self, subject: str, old: Class, new: Class, styles: tuple[Style, Style], gone: set[str]) -> None:
        was, now = self.old.library.members_of(old), self.new.library.members_of(new)
        special = self._told_elsewhere(old, new, styles)
        for name, (member, owner) in was.items():
            if name in special or not is_public_member(name, member):
                continue
            if name in now:
                self._member(f"{subject}.{name}", member, now[name][0], (owner, now[name][1]), styles)
            elif not self._went_with_base(owner, old, gone) and (
                self.new.library.is_closed(new) or not isinstance(member, Function) or owner is old
            ):
                self._gone("object-removed", f"{subject}.{name}", member, new)
        for name, (member, _) in now.items():
            if name not in was and name not in special and is_public_member(name, member):
                self._new_member(f"{subject}.{name}", member, old, styles)

    def _went_with_base(self, owner: Class, cls: Class, gone: set[str]) -> bool:
        """Whether a member came from a public base that is gone: that is told once, and not for all its members."""
        key = class_key(self.old, owner)
        return owner is not cls and key in gone and not is_private(key)

    def _told_elsewhere(self, old: Class, new: Class, styles: tuple[Style, Style]) -> set[str]:
        if styles == (Style.ENUM, Style.ENUM):
            return {*enum_members(self.old, old), *enum_members(self.new, new)}
        if styles[0] is styles[1] and styles[0].has_fields:
            return {*fields_of(self.old, old, styles[0]), *fields_of(self.new, new, styles[1])}
        return set()

    def _member(
        self, path: str, old: Definition, new: Definition, owners: tuple[Class, Class], styles: tuple[Style, Style]
    ) -> None:
        if old is new and not isinstance(old, Class):
            return
        match old, new:
            case Function(), Function():
                compare_functions(self.comparison, path, old, new, owners)
            case Class(), Class():
                self.compare(path, old, new)
            case Attribute(), Attribute():
                if self.comparison.is_new("attribute", old, new):
                    compare_attribute_types(self.comparison, path, old, new, owners)
                    if Style.MODEL not in styles:
                        compare_values(self.comparison, path, old, new)
            case Attribute(), Function() if new.is_property:
                self._now_property(path, old, new)
            case Function(), Attribute() if old.is_property:
                return
            case Function(), Attribute() if new.value is not None or new.annotation is not None:
                return  # ``get = _make_get()``: what is called is not known
            case _:
                if self.comparison.is_new("kind", old, new):
                    message = f"was {kind_of(old)}, is {kind_of(new)}"
                    self.comparison.tell("object-kind-changed", path, message, *self.comparison.places(old, new))

    def _now_property(self, path: str, old: Attribute, new: Function) -> None:
        if new.has_setter or not self.comparison.is_new("property", old, new):
            return
        if old.annotation is not None and "Final" in self.old.read(old.annotation, old.module).words:
            return
        message = "could be set, is a property without setter"
        self.comparison.tell("attribute-became-read-only", path, message, *self.comparison.places(old, new))

    def _new_member(self, path: str, member: Definition, old: Class, styles: tuple[Style, Style]) -> None:
        if styles[1] is Style.PROTOCOL:
            self._came("protocol-member-added", path, member, old, "who satisfies the protocol needs it")
        elif isinstance(member, Function) and member.is_abstract:
            self._came("abstract-method-added", path, member, old, "who inherits has to define it")
        else:
            self._came("object-added", path, member, old, kind_of(member))

    def _gone(self, rule: str, path: str, member: Definition, cls: Class) -> None:
        if self.comparison.is_new("removed", member):
            where = self.old.place(member.module, member.line), self.new.place(cls.module, cls.line)
            self.comparison.tell(rule, path, f"is gone{since(member)}", *where)

    def _came(self, rule: str, path: str, member: Definition, cls: Class, what: str) -> None:
        if self.comparison.is_new("added", member):
            where = self.old.place(cls.module, cls.line), self.new.place(member.module, member.line)
            self.comparison.tell(rule, path, f"is new ({what})", *where)


_MADE_BY_CALLERS = (Style.DATACLASS, Style.NAMED_TUPLE)


def since(member: Definition) -> str:
    """Return what a message says of a deprecation that went before."""
    if isinstance(member, Attribute) or member.deprecation is None:
        return ""
    said = " ".join(member.deprecation.split())
    return f"; it was deprecated ({said})" if said else "; it was deprecated"


def _as_call(subject: str, made_by: tuple[Function, Class] | Signature, cls: Class) -> tuple[Signature, Callee]:
    if isinstance(made_by, Signature):
        return made_by, Callee(subject, cls.module, cls)
    function, owner = made_by
    return function.signature, Callee(subject, function.module, owner, skip_first=True)


def _signature_of(fields: dict[str, Field], cls: Class) -> Signature:
    """Return the constructor that fields make."""
    parameters: list[Parameter] = []
    for name, one in fields.items():
        if one.is_given:
            kind = ParameterKind.NORMAL if one.takes_position else ParameterKind.KEYWORD_ONLY
            default = None if one.is_required else one.attribute.value or ast.Constant(None)
            parameters.append(Parameter(name, kind, one.attribute.annotation, default, one.attribute.line))
    parameters.sort(key=lambda one: one.kind is ParameterKind.KEYWORD_ONLY)
    return Signature(tuple(parameters), None, cls.line)
