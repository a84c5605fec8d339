"""From models to documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ..models import Model
from ..serialization import to_wire
from ..serialization._codecs import WireObject
from ._documents import Xml
from ._tree import SCHEMA_INSTANCE
from ._types import ANY, ListType, MapType, ModelType, Slot, Type, slots_of

__all__ = ["document"]

_NAME: Final = re.compile(r"[^\W\d][\w.\-]*").fullmatch  # an NCName, but for a few marks that nobody uses
# What XML 1.0 cannot hold, not even escaped (section 2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
# A carriage return would be read as a line feed, and in an attribute any white space as a space (sections 2.11, 3.3.3).
_IN_TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE: Final = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
_USUAL: Final = Xml()


@dataclass(frozen=True, slots=True)
class _Scope:
    """The namespaces that are declared where an element stands, by prefix; "" is the default one."""

    prefixes: Mapping[str, str]

    def element(self, name: str, xml: Xml) -> tuple[str, list[tuple[str, str]], _Scope]:
        """Return the name of an element as it is written, the declarations that it needs, and the scope inside it."""
        if xml.namespace is None:
            return _checked(name), [], self
        prefix = xml.prefix or ""
        written = f"{_checked(prefix)}:{_checked(name)}" if prefix else _checked(name)
        if self.prefixes.get(prefix) == xml.namespace:
            return written, [], self
        declaration = f"xmlns:{prefix}" if prefix else "xmlns"
        return written, [(declaration, xml.namespace)], _Scope({**self.prefixes, prefix: xml.namespace})


def document(model: object) -> bytes:
    """Return a model as a document."""
    if not isinstance(model, Model):
        raise TypeError(f"wanted a model, got {type(model).__name__}; the root of a document is one")
    out = ['<?xml version="1.0" encoding="utf-8"?>']
    kind = type(model)
    xml = kind._xml or _USUAL
    wire = to_wire(model._sendable(model._flush()))
    _write(out, xml.name or kind.__name__, xml, ModelType(kind), wire, _Scope({}))
    return "".join(out).encode()


def _write(out: list[str], name: str, xml: Xml, content: Type, wire: Any, scope: _Scope) -> None:
    """Write one element."""
    written, declared, scope = scope.element(name, xml)
    if wire is None:
        declared = [*declared, ("xmlns:xsi", SCHEMA_INSTANCE), ("xsi:nil", "true")]
        out.append(f"<{written}{_attributes(declared)}/>")
    elif isinstance(wire, dict):
        members = cast("dict[str, Any]", wire)
        slots = slots_of(content.kind._child(members)) if isinstance(content, ModelType) else ()
        _write_object(out, written, declared, slots, members, _member_type(content), scope)
    elif isinstance(wire, list):  # a list in a list
        out.append(f"<{written}{_attributes(declared)}>")
        for item in cast("list[object]", wire):
            _write(out, "item", _USUAL, content.item if isinstance(content, ListType) else ANY, item, scope)
        out.append(f"</{written}>")
    else:
        out.append(f"<{written}{_attributes(declared)}>{_text(wire).translate(_IN_TEXT)}</{written}>")


def _member_type(content: Type) -> Type:
    return content.item if isinstance(content, MapType) else ANY


def _write_object(
    out: list[str],
    written: str,
    declared: list[tuple[str, str]],
    slots: Iterable[Slot],
    wire: dict[str, Any],
    member: Type,
    scope: _Scope,
) -> None:
    """Write an element with what is known about its inside, and then the rest as it was kept."""
    left = dict(wire)
    known = [(slot, left.pop(slot.wire_name)) for slot in slots if slot.wire_name in left]
    text = "".join(_text(value) for slot, value in known if slot.place == "text" and value is not None)
    attributes = [*declared, *_own_attributes(known, scope)]
    attributes += [(_checked(name[1:]), _text(left.pop(name))) for name in list(left) if name.startswith("@")]
    text += _text(left.pop("#text", ""))
    out.append(f"<{written}{_attributes(attributes)}>{text.translate(_IN_TEXT)}")
    for slot, value in known:
        if slot.place == "element":
            _write_slot(out, slot, value, scope)
    for name, value in left.items():
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            _write(out, name, _USUAL, member, item, scope)
    out.append(f"</{written}>")


def _own_attributes(known: list[tuple[Slot, Any]], scope: _Scope) -> Iterable[tuple[str, str]]:
    for slot, value in known:
        if slot.place != "attribute" or value is None:  # an attribute cannot be null
            continue
        if slot.xml.namespace is None:
            yield _checked(slot.name), _text(value)
            continue
        if not slot.xml.prefix:  # the default namespace is not for attributes (Namespaces in XML, section 6.2)
            raise ValueError(f"the attribute {slot.name!r} has a namespace and no prefix; give Xml(prefix=...)")
        written, declared, _ = scope.element(slot.name, slot.xml)
        yield from declared
        yield written, _text(value)


def _write_slot(out: list[str], slot: Slot, value: Any, scope: _Scope) -> None:
    if not isinstance(slot.type, ListType) or not isinstance(value, list):
        _write(out, slot.name, slot.xml, slot.type, value, scope)
        return
    items = cast("list[object]", value)
    if not slot.xml.wrapped:
        for item in items:
            _write(out, slot.name, slot.xml, slot.type.item, item, scope)
        return
    written, declared, inside = scope.element(slot.name, slot.xml)
    out.append(f"<{written}{_attributes(declared)}>")
    for item in items:
        _write(out, slot.item_name, slot.xml if slot.xml.prefix else _USUAL, slot.type.item, item, inside)
    out.append(f"</{written}>")


def _attributes(pairs: Iterable[tuple[str, str]]) -> str:
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)  # two attributes may ask for one declaration
    return "".join(f' {name}="{value.translate(_IN_ATTRIBUTE)}"' for name, value in found.items())


def _text(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    if not isinstance(value, str | int | float) or isinstance(value, WireObject):
        raise TypeError(f"a {type(value).__name__} has no form in XML where a text stands")
    text = str(value)
    found = _FORBIDDEN(text)
    if found:
        raise ValueError(f"XML cannot hold the character U+{ord(found[0]):04X}; remove it, or send base64")
    return text


def _checked(name: str) -> str:
    if not _NAME(name):
        raise ValueError(f"{name[:80]!r} is no name of an element or attribute in XML")
    return name
