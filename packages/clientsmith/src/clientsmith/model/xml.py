"""Where a schema's value stands in XML: the ``xml`` keyword (OpenAPI 3.1, XML Object; 3.2's ``nodeType``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from clientsmith.openapi.data import is_object
from clientsmith.openapi.resolve import Node, Resolver

from .ir import Api, Content, Model, Xml
from .media import Format, format_of

__all__ = ["with_xml_where_spoken", "xml_of_model", "xml_of_property"]


def xml_of_property(name: str, node: Node, resolver: Resolver) -> Xml | None:
    """Return what is said about a property's place, None if it is an element called like the property."""
    target = resolver.follow(node) or node
    said = node.child("xml") if is_object(node.mapping.get("xml")) else target.child("xml")
    items = resolver.follow(target.child("items"))
    if not said.mapping and (items is None or "xml" not in items.mapping):  # nearly always
        return None
    made = _xml(said, name)
    item = items.child("xml").text("name") if items is not None else ""
    if items is not None and item and not made.wrapped:
        # Without a wrapper the items' own name is what stands in the document, and the list's is ignored.
        made = Xml(item, made.namespace, made.prefix)
    elif made.wrapped:
        made = Xml(made.name, made.namespace, made.prefix, wrapped=True, item=item)
    return None if made == Xml() else made


def xml_of_model(said: Node | None, key: str) -> Xml | None:
    """Return how a model's element is called, None if its schema does not say: then it is the schema's key."""
    made = Xml() if said is None else _xml(said, "")
    made = Xml(made.name or key, made.namespace, made.prefix)
    return None if made == Xml() else made


def _xml(said: Node, name: str) -> Xml:
    kind = said.text("nodeType")  # OpenAPI 3.2
    own = said.text("name")
    return Xml(
        name=own if own != name else "",
        namespace=said.text("namespace"),
        prefix=said.text("prefix"),
        attribute=said.mapping.get("attribute") is True or kind == "attribute",
        text=said.mapping.get("x-ms-text") is True or kind == "text",
        wrapped=said.mapping.get("wrapped") is True or kind == "element",
    )


def with_xml_where_spoken(api: Api) -> Api:
    """Return ``api``; where no body and no answer is XML, without what its shapes say about XML."""
    if any(format_of(form.media_type, form.shape) is Format.XML for form in _contents(api)):
        return api
    shapes = {
        pointer: replace(shape, xml=None, properties=tuple(replace(part, xml=None) for part in shape.properties))
        if isinstance(shape, Model)
        and (shape.xml is not None or any(part.xml is not None for part in shape.properties))
        else shape
        for pointer, shape in api.shapes.items()
    }
    return replace(api, shapes=shapes)


def _contents(api: Api) -> Iterator[Content]:
    for operation in api.operations:
        for holder in (operation.body, *operation.responses, *operation.errors):
            if holder is not None:
                yield from holder.contents
