"""Operations as data: what a client method sends and how its answer is read, shared by both colours.

A generated client holds one constant for each operation of its service; a method is one line that names it. Values are
turned into text as OpenAPI 3.1 says (parameter ``style`` and ``explode``), bodies by their media type.
"""

from __future__ import annotations

from .answers import BYTES_BODY, EVENTS, FORM, HEADERS, JSON, LINES, TEXT, TEXT_OR_JSON, XML, raised_as
from .bodies import (
    BodyKind,
    Encoding,
    binary_body,
    form_body,
    json_body,
    lines_body,
    multipart_body,
    text_body,
    xml_body,
)
from .operation import ListOperation, LongRunningOperation, Operation
from .parameters import Parameter, cookie, header, path, query

__all__ = [
    "BYTES_BODY",
    "EVENTS",
    "FORM",
    "HEADERS",
    "JSON",
    "LINES",
    "TEXT",
    "TEXT_OR_JSON",
    "XML",
    "BodyKind",
    "Encoding",
    "ListOperation",
    "LongRunningOperation",
    "Operation",
    "Parameter",
    "binary_body",
    "cookie",
    "form_body",
    "header",
    "json_body",
    "lines_body",
    "multipart_body",
    "path",
    "query",
    "raised_as",
    "text_body",
    "xml_body",
]
