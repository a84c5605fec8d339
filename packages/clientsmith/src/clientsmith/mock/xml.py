"""Values as XML, by the ``xml`` hints of their schemas (OpenAPI 3.1, section 4.8.26)."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from clientsmith.openapi.data import is_array, is_object

from .parameters import Kinds
from .schemas import Schema

__all__ = ["write_xml"]


def write_xml(value: object, schema: Schema, kinds: Kinds) -> bytes:
    """Return a document with one element for ``value``; what is no XML name becomes one."""
    hints = _hints(schema, kinds)
    place = next((part["$ref"] for part in kinds.parts(schema) if "$ref" in part), "")
    root = Element(_name(str(hints.get("name") or place.rpartition("/")[2] or "value")))
    if is_array(value):
        items = kinds.items(schema)
        for item in value:
            _fill(SubElement(root, _item_name(items, root.tag, kinds)), item, items, kinds)
    else:
        _fill(root, value, schema, kinds)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _fill(element: Element, value: object, schema: Schema, kinds: Kinds) -> None:
    if not is_object(value):
        element.text = _text(value)
        return
    properties = kinds.properties(schema)
    for name, part in value.items():
        inner = properties.get(name, kinds.values(schema))
        hints = _hints(inner, kinds)
        tag = _name(str(hints.get("name") or name))
        if hints.get("attribute") is True:
            element.set(tag, _text(part))
        elif is_array(part):
            holder = SubElement(element, tag) if hints.get("wrapped") is True else element
            items = kinds.items(inner)
            for item in part:
                _fill(SubElement(holder, _item_name(items, tag, kinds)), item, items, kinds)
        elif part is not None:
            _fill(SubElement(element, tag), part, inner, kinds)


def _item_name(items: Schema, otherwise: str, kinds: Kinds) -> str:
    return _name(str(_hints(items, kinds).get("name") or otherwise))


def _hints(schema: Schema, kinds: Kinds) -> dict[str, Any]:
    return next((part["xml"] for part in kinds.parts(schema) if "xml" in part), dict[str, Any]())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _name(text: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in text)
    return kept if kept[:1].isalpha() or kept[:1] == "_" else f"_{kept}"
