"""Bodies of requests as values that a schema can be held against."""

from __future__ import annotations

import json
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from clientsmith.model.media import is_json, is_lines
from clientsmith.openapi.data import is_array, is_object

from .description import Media, ParameterRule
from .exchange import Request
from .parameters import MISSING, Given, Kinds, parameter_value, typed

__all__ = ["FORM", "OPAQUE", "BodyError", "body_value"]

OPAQUE: Final = object()  # bytes, and whatever else no schema speaks of
FORM: Final = "application/x-www-form-urlencoded"


class BodyError(ValueError):
    """A body is not what its media type says."""


def body_value(request: Request, media: Media, kinds: Kinds) -> Any:
    """Return the value of a body, `OPAQUE` where there is none to speak of.

    Raises:
        BodyError: It is not of its media type.
    """
    kind = request.media_type
    if is_json(kind) and not is_lines(kind):
        return _json(request.content)
    if kind == FORM:
        return _form(request.content, media, kinds)
    if kind.startswith("multipart/"):
        return _multipart(request, media, kinds)
    if kind.endswith(("/xml", "+xml")):
        _check_xml(request.content)
        return OPAQUE
    if kind.startswith("text/"):
        try:
            text = request.content.decode("utf-8")
        except UnicodeDecodeError as problem:
            raise BodyError(f"it is not UTF-8: {problem.reason}") from problem
        return text if kinds.of(media.schema) <= {"string"} else OPAQUE
    return OPAQUE


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as problem:
        raise BodyError(f"it is not JSON: {problem}") from problem
    except RecursionError as problem:
        raise BodyError("it is nested too deeply") from problem


# --- forms -----------------------------------------------------------------------------------------------------------


def _form(content: bytes, media: Media, kinds: Kinds) -> dict[str, Any]:
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as problem:
        raise BodyError("a form is ASCII, with everything else percent-encoded") from problem
    query = Request("POST", f"/?{text}").query
    given = Given({}, query, {}, {})
    schemas = kinds.properties(media.schema)
    found: dict[str, Any] = {}
    for name, schema in schemas.items():
        encoding = media.encodings.get(name)
        said = encoding if is_object(encoding) else {}
        style = str(said.get("style", "form"))
        explode = said.get("explode", style in ("form", "deepObject")) is True
        as_json = is_json(str(said.get("contentType", "")))
        # Without an encoding an object is one field of JSON, and not its members beside the others.
        plain = "style" not in said and "object" in kinds.of(schema) and not as_json
        rule = ParameterRule(name, "query", schema, False, style, explode and not plain, as_json, "")
        value = _plain(rule, query, kinds) if plain else parameter_value(rule, given, kinds)
        if value is not MISSING:
            found[name] = value
    values = kinds.values(media.schema)
    others = {name: text for name, text in query if name.partition("[")[0] not in schemas}
    return found | {name: typed(_decoded(text), values, kinds) for name, text in others.items()}


def _plain(rule: ParameterRule, query: list[tuple[str, str]], kinds: Kinds) -> Any:
    own = [_decoded(text) for name, text in query if name == rule.name]
    if not own:
        deep = ParameterRule(rule.name, "query", rule.schema, False, "deepObject", True, False, "")
        return parameter_value(deep, Given({}, query, {}, {}), kinds)
    return typed(own[0], rule.schema, kinds)


def _decoded(text: str) -> str:
    return Request("GET", f"/?a={text}").own("a")


# --- multipart -------------------------------------------------------------------------------------------------------


def _multipart(request: Request, media: Media, kinds: Kinds) -> dict[str, Any]:
    """Return the parts by name; those that come twice, or are a list by their schema, as a list."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + request.content)
    parts = message.get_payload()
    if not message.is_multipart() or not is_array(parts):
        raise BodyError("it has no parts; is the boundary right?")
    schemas = kinds.properties(media.schema)
    found: dict[str, Any] = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise BodyError("a part has no name (RFC 7578, section 4.2)")
        schema = schemas.get(name, kinds.values(media.schema))
        is_list = "array" in kinds.of(schema)
        value = _part(part, kinds.items(schema) if is_list else schema, kinds)
        if is_list and is_array(value):
            found[name] = value
        else:
            found[name] = [*found.get(name, []), value] if is_list else value
    return found


def _part(part: Message, schema: Any, kinds: Kinds) -> Any:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    if "content-type" in part and is_json(part.get_content_type()):
        return _json(content)
    if part.get_filename() is not None:
        return content.decode("latin-1")
    return typed(content.decode("utf-8", "replace"), schema, kinds)


def _check_xml(content: bytes) -> None:
    """Refuse what is not well-formed, and any DTD: its entities could be anything."""
    parser = expat.ParserCreate()

    def refuse(*_declaration: object) -> None:
        raise BodyError("it has a document type declaration, which is not read")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ParseError) as problem:
        raise BodyError(f"it is not XML: {problem}") from problem
