"""XML: models read from elements and written as elements.

    class Blob(Model, xml=Xml("Blob")):
        name: str = field("Name")
        tier: str | None = field("tier", default=UNSET, xml=Xml(attribute=True))
        changed: datetime.datetime | None = field("Last-Modified", HTTP_DATE, default=UNSET)
        tags: list[str] | None = field("Tags", default=UNSET, xml=Xml(wrapped=True, item="Tag"))

    read_xml(Blob, content)
    write_xml(blob)

Between the two stands the model's wire form, the same as in JSON: an element without fields of its own is its text,
read as the number or boolean that the annotation asks for. What a class does not know is kept: an element under its
name, an attribute under ``@name``, text under ``#text``, and is written back, without its namespace.

Documents with a DTD are refused: nothing of a service's answer may name a file to be read or an entity to be blown up.
This module and what stands below it are imported by clients that speak XML and by nobody else.
"""

from __future__ import annotations

from ._documents import (
    Xml,
    XmlError,
    read_xml,
    write_xml,
)

__all__ = [
    "Xml",
    "XmlError",
    "read_xml",
    "write_xml",
]
