"""Reading and writing whole documents, and what a field says about its place in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from ..serialization._codecs import CodecLike

__all__ = ["Xml", "XmlError", "read_xml", "write_xml"]

T = TypeVar("T")


class XmlError(ValueError):
    """A document that is no XML, is not the XML expected, or that is not safe to read."""


@dataclass(frozen=True, slots=True)
class Xml:
    """How a field or a model is written in XML (OpenAPI 3.1, XML Object).

    Attributes:
        name: Of the element or attribute. The default is the wire name of a field, the name of a model's class.
        namespace: Its URI. Elements without one stand in the namespace of the element around them, if that has no
            prefix. Reading does not ask for the namespace of a field that names none.
        prefix: Under which the namespace is declared; without one it is declared as the default.
        attribute: Whether the field is an attribute of its model's element.
        text: Whether the field is the text of its model's element.
        wrapped: Whether a list stands in an element of its own.
        item: The name of the items of a list that is wrapped; the default is their model's, else the list's own.
    """

    name: str | None = None
    namespace: str | None = None
    prefix: str | None = None
    attribute: bool = False
    text: bool = False
    wrapped: bool = False
    item: str | None = None


def read_xml(like: CodecLike[T], content: bytes | str) -> T:
    """Return the model that a document holds.

    Args:
        like: A model class, or a function without arguments that returns one.
        content: The document; its encoding is what it says itself, UTF-8 if it does not.

    Raises:
        XmlError: It is not well-formed, has a DTD, is nested more than 200 deep, or its root is another element.
        TypeError: ``like`` stands for no model.
    """
    from ._reading import model_of_element
    from ._tree import parse
    from ._types import model_class

    kind = model_class(like)
    return cast("T", model_of_element(kind, parse(content)))


def write_xml(model: object) -> bytes:
    """Return a model as a document in UTF-8, without read-only fields. Null is an element with ``xsi:nil``.

    Raises:
        TypeError: It is no model, or holds something that has no form in XML.
        ValueError: A text has a character, or a field a name, that XML cannot hold.
    """
    from ._writing import document

    return document(model)
