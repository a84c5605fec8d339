"""From elements to wire forms and models."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from ..models import Model
from ._documents import XmlError
from ._tree import NIL, Element
from ._types import ANY, AnyType, ListType, MapType, ModelType, Slot, TextType, Type, slots_of

__all__ = ["model_of_element"]


def model_of_element(kind: type[Model], element: Element) -> Model:
    """Return the model that an element holds.

    Raises:
        XmlError: The element is another one than the model's.
    """
    xml = kind._xml
    if xml is not None and xml.name is not None and element.name != xml.name:
        raise XmlError(f"the document is <{element.name[:80]}>, wanted <{xml.name}>, which {kind.__name__} can read")
    if xml is not None and xml.namespace is not None and element.namespace not in ("", xml.namespace):
        raise XmlError(
            f"<{element.name[:80]}> is in the namespace {element.namespace[:200]!r}, wanted {xml.namespace!r}"
        )
    return kind.from_dict(_read_model(kind, element))


def _read_model(kind: type[Model], element: Element) -> dict[str, Any]:
    wire = _read_fields(kind, element)
    child = kind._child(wire)
    # Once more, if the tag says so: the child has fields of its own.
    return wire if child is kind else _read_fields(child, element)


def _read_fields(kind: type[Model], element: Element) -> dict[str, Any]:
    wire: dict[str, Any] = {}
    children, attributes = element.children, dict(element.attributes)
    attributes.pop(NIL, None)
    slots = slots_of(kind)
    for slot in slots:
        match slot.place:
            case "attribute":
                key = _attribute_key(slot, attributes)
                if key is not None:
                    wire[slot.wire_name] = _from_text(slot.type, attributes.pop(key))
            case "text":
                wire[slot.wire_name] = _from_text(slot.type, element.text)
            case "element":
                mine = [child for child in children if _is_of(slot, child)]
                if mine:
                    children = [child for child in children if not _is_of(slot, child)]
                    wire[slot.wire_name] = _read_slot(slot, mine)
                elif isinstance(slot.type, ListType) and not slot.xml.wrapped:
                    continue  # no items, or no list: XML cannot tell
    wire.update({f"@{name}": value for (_, name), value in attributes.items()})
    _keep(wire, children, {slot.wire_name for slot in slots})
    if element.text.strip() and not any(slot.place == "text" for slot in slots):
        wire["#text"] = element.text
    return wire


def _attribute_key(slot: Slot, attributes: dict[tuple[str, str], str]) -> tuple[str, str] | None:
    wanted = slot.xml.namespace
    for namespace, name in attributes:
        if name == slot.name and wanted in (None, namespace):
            return namespace, name
    return None


def _is_of(slot: Slot, child: Element) -> bool:
    return child.name == slot.name and slot.xml.namespace in (None, child.namespace)


def _read_slot(slot: Slot, elements: list[Element]) -> Any:
    if not isinstance(slot.type, ListType):
        return _read(slot.type, elements[-1])
    if not slot.xml.wrapped:
        return [_read(slot.type.item, each) for each in elements]
    wrapper = elements[-1]
    return None if wrapper.is_nil else [_read(slot.type.item, each) for each in wrapper.children]


def _read(content: Type, element: Element) -> Any:
    if element.is_nil:
        return None
    match content:
        case TextType():
            return _from_text(content, element.text)
        case ModelType():
            return _read_model(content.kind, element)
        case ListType():  # a list in a list, which only a wrapper can tell apart
            return [_read(content.item, child) for child in element.children]
        case MapType():
            return {child.name: _read(content.item, child) for child in element.children}
        case AnyType():
            return _read_any(element)


def _from_text(content: Type, text: str) -> Any:
    return content.convert(text) if isinstance(content, TextType) else text


def _read_any(element: Element) -> Any:
    if not element.children and not element.attributes:
        return element.text
    wire: dict[str, Any] = {f"@{name}": value for (_, name), value in element.attributes.items()}
    _keep(wire, element.children, ())
    if element.text.strip():
        wire["#text"] = element.text
    return wire


def _keep(wire: dict[str, Any], children: list[Element], taken: Collection[str]) -> None:
    """Keep elements that nobody knows, under their names; several of one name become a list.

    A name that is ``taken`` belongs to a field with another name in XML, whose value it would be mistaken for.
    """
    found: dict[str, list[Any]] = {}
    for child in children:
        found.setdefault(child.name, []).append(_read(ANY, child))
    for name, values in found.items():
        if name not in wire and name not in taken:
            wire[name] = values[0] if len(values) == 1 else cast("Any", values)
