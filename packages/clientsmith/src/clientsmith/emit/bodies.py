"""How a body is written and how an answer is read, as the runtime's descriptors, by media type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, assert_never

from clientsmith.emit.code import NONE, Code, Symbol, call, dictionary, value
from clientsmith.emit.types import View
from clientsmith.model.ir import (
    AnyShape,
    Array,
    Body,
    Content,
    Encoding,
    Map,
    Nullable,
    Response,
    Scalar,
    ScalarKind,
    Shape,
    Union,
)
from clientsmith.model.lookup import properties_of
from clientsmith.model.media import Format, essence, format_of

__all__ = ["PLAIN_JSON", "answer_code", "body_code", "has_choice", "needs_codec"]

_OPERATIONS: Final = "clientsmith.core.operations"
_STRING: Final = Scalar(ScalarKind.STRING)
# JSON whose wire value is the Python value. `None` would say that there is no body.
PLAIN_JSON: Final = Symbol(_OPERATIONS, "JSON").code


def needs_codec(shape: Shape) -> bool:
    """Whether the shape alone says how a value is spelt; models and enums know that themselves."""
    match shape:
        case Scalar():
            return shape.kind not in (ScalarKind.STRING, ScalarKind.INTEGER, ScalarKind.NUMBER, ScalarKind.BOOLEAN)
        case Array():
            return needs_codec(shape.item)
        case Map():
            return needs_codec(shape.value)
        case Nullable():
            return needs_codec(shape.shape)
        case Union():
            return any(map(needs_codec, shape.members))
        case _:
            return False


# --- what is sent ----------------------------------------------------------------------------------------------------


def has_choice(body: Body) -> bool:
    """Whether the caller says which media type the body has."""
    return len(body.contents) > 1 or body.media_type.endswith("*")


def body_code(body: Body, view: View) -> Code:
    """How a body becomes bytes; of several forms each by its media type."""
    if not has_choice(body):
        return _form(body.contents[0], body, view)
    return dictionary({form.media_type: _form(form, body, view) for form in body.contents})


def _form(form: Content, body: Body, view: View) -> Code:
    keywords: dict[str, Code] = {}
    usual = ""
    match format_of(form.media_type, form.shape):
        case Format.JSON:
            kind, usual = "json_body", "application/json"
            if needs_codec(form.shape) and (codec := view.codec(form.shape)) is not None:
                keywords["codec"] = codec
            keywords |= _always(body)
        case Format.FORM:
            kind, usual = "form_body", form.media_type
            keywords |= _encodings(form, view) | _always(body)
        case Format.MULTIPART:
            kind, usual = "multipart_body", form.media_type
            keywords |= _encodings(form, view) | _always(body)
        case Format.XML:
            kind, usual = "xml_body", "application/xml"
            keywords["codec"] = view.codec(form.shape) or NONE
        case Format.LINES:
            kind = "lines_body"
            item = form.shape.item if isinstance(form.shape, Array) else form.shape
            if needs_codec(item) and (codec := view.codec(item)) is not None:
                keywords["codec"] = codec
        case Format.BINARY:
            kind, usual = "binary_body", "application/octet-stream"
        case Format.TEXT | Format.EVENTS:
            kind = "text_body"
        case _:
            assert_never(format_of(form.media_type, form.shape))
    if form.media_type != usual:
        keywords["media_type"] = value(form.media_type)
    return call(Symbol(_OPERATIONS, kind).code, **keywords)


def _always(body: Body) -> dict[str, Code]:
    return {"always": dictionary({name: value(sent) for name, sent in body.always})} if body.always else {}


def _encodings(form: Content, view: View) -> dict[str, Code]:
    """How single fields are written that are not written as usual: by the document's word, or by their shape's."""
    parts = properties_of(form.shape, view.shapes)
    said = {one.field: one for one in form.encodings}
    found: dict[str | int, Code] = {}
    for name in dict.fromkeys((*said, *parts)):
        keywords = _encoding(said.get(name), form)
        shape = parts[name].shape if name in parts else None
        if shape is not None and needs_codec(shape) and (codec := view.codec(shape)) is not None:
            keywords["codec"] = codec
        if keywords:
            found[name] = call(Symbol(_OPERATIONS, "Encoding").code, **keywords)
    return {"encoding": dictionary(found)} if found else {}


def _encoding(encoding: Encoding | None, form: Content) -> dict[str, Code]:
    if encoding is None:
        return {}
    keywords: dict[str, Code] = {}
    if format_of(form.media_type, form.shape) is Format.FORM:
        # A field for each item is the usual way; with brackets, or in one field, it has a style of its own.
        if encoding.style and (encoding.style != "form" or not encoding.explode):
            keywords["style"] = value(encoding.style)
        if not encoding.explode:
            keywords["explode"] = value(False)
        if encoding.allow_reserved:
            keywords["allow_reserved"] = value(True)
    if encoding.media_type:
        keywords["media_type"] = value(encoding.media_type)
    if encoding.headers and format_of(form.media_type, form.shape) is Format.MULTIPART:
        keywords["headers"] = value(dict(encoding.headers))
    return keywords


# --- what is answered ------------------------------------------------------------------------------------------------


def answer_code(
    response: Response, view: View, around: Callable[[Code, Content], Code] = lambda reader, _form: reader
) -> Code:
    """How a body is read; of several forms as the answer says which one it has.

    ``around`` makes of each reader what stands for it.
    """
    if response.shape is None:
        return NONE
    readers: dict[str | int, Code] = {
        essence(form.media_type): around(_reader(form, view), form) for form in response.contents
    }
    if len(set(readers.values())) == 1:
        return next(iter(readers.values()))
    return dictionary(readers)


def _reader(form: Content, view: View) -> Code:
    match format_of(form.media_type, form.shape):
        case Format.JSON if essence(form.media_type) == "*/*" and form.shape in (_STRING, AnyShape()):
            return Symbol(_OPERATIONS, "TEXT_OR_JSON").code
        case Format.JSON | Format.MULTIPART:
            return view.codec(form.shape) or PLAIN_JSON
        case Format.FORM:
            codec = view.codec(form.shape)
            return call(Symbol(_OPERATIONS, "FORM").code, *([codec] if codec is not None else []))
        case Format.XML:
            codec = view.codec(form.shape)
            return Symbol(_OPERATIONS, "TEXT").code if codec is None else call(Symbol(_OPERATIONS, "XML").code, codec)
        case Format.BINARY:
            return Symbol(_OPERATIONS, "BYTES_BODY").code
        case Format.TEXT | Format.EVENTS | Format.LINES:
            return Symbol(_OPERATIONS, "TEXT").code
        case _:
            assert_never(format_of(form.media_type, form.shape))
