"""XML documents as trees: expat without anything that reaches beyond the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from ._documents import XmlError

__all__ = ["NIL", "SCHEMA_INSTANCE", "Element", "parse"]

SCHEMA_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
NIL: Final = (SCHEMA_INSTANCE, "nil")

# Deep enough for any service, and far from the end of Python's stack.
_DEPTH_LIMIT: Final = 200

QName = tuple[str, str]  # namespace, "" if none, and local name


@dataclass(slots=True)
class Element:
    """One element of a document."""

    namespace: str
    name: str
    attributes: dict[QName, str]
    children: list[Element] = field(default_factory=list["Element"])
    text: str = ""

    @property
    def is_nil(self) -> bool:
        """Whether it says of itself that it is null (XML Schema, section 2.6.2)."""
        return self.attributes.get(NIL) in ("true", "1")


def parse(content: bytes | str) -> Element:
    """Return the root element of a document.

    Raises:
        XmlError: The document is not well-formed, has a DTD, or is nested too deeply.
    """
    builder = _Builder()
    try:
        builder.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise XmlError(f"not well-formed XML: {error}") from error
    except XmlError:
        raise
    except (LookupError, ValueError) as error:  # what the document says about its encoding
        raise XmlError(f"XML in an encoding that cannot be read: {error}") from error
    return builder.root


class _Builder:
    """Puts a tree together from the events of the parser."""

    root: Element

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        # A space cannot stand in a name; a URI with one is taken apart at the last.
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.StartDoctypeDeclHandler = _refuse_dtd

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) == _DEPTH_LIMIT:
            raise XmlError(f"the document is nested more than {_DEPTH_LIMIT} elements deep")
        namespace, local = _split(name)
        element = Element(namespace, local, {_split(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def _end(self, _name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def _data(self, text: str) -> None:
        self._texts[-1].append(text)


def _split(name: str) -> QName:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


def _refuse_dtd(name: str, *_rest: object) -> None:
    # Entities come from there: those that name files, and those that grow (CWE-611, CWE-776). Without a DTD there are
    # only the five of the standard.
    raise XmlError(f"the document has a DTD (<!DOCTYPE {name[:40]}>), which is refused: it can name files and entities")
