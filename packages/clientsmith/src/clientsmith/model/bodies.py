"""The forms of a body, as a ``content`` map has them: which there are, what each holds, which is preferred.

What a caller could not tell apart is one form: ``text/json`` beside ``application/json``, ``*/*`` beside any other, a
charset. The schema that two forms share is one shape, also where the document has written it out twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from clientsmith.findings import Finding, note, warning
from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node

from .ir import AnyShape, Array, Binary, Content, Encoding, Map, Model, Nullable, Ref, Scalar, ScalarKind, Shape, Union
from .media import (
    Format,
    charset_free,
    essence,
    format_of,
    is_events,
    is_foreign,
    is_json,
    is_lines,
    is_text,
    is_usable,
    is_xml,
    rank,
    spelling,
)
from .schemas import ShapeBuilder

__all__ = ["ContentReader"]

_WILD: Final = ("*/*", "application/*", "*")
_STRING: Final = Scalar(ScalarKind.STRING)


class ContentReader:
    """Reads ``content`` maps of requests and answers. What it noticed is in `findings`."""

    def __init__(self, shapes: ShapeBuilder) -> None:
        self.shapes = shapes
        self.findings: list[Finding] = []

    def sent(self, content: Node) -> list[Content]:
        """Return the forms in which a request may have its body, the preferred one first."""
        forms = (_by_names(self._with_lines(form, content)) for form in self._forms(content))
        return [Content(_sendable(form), form.shape, form.encodings) for form in forms]

    def _with_lines(self, form: Content, content: Node) -> Content:
        """JSON lines are given as what stands in them, and not as their text."""
        if not is_lines(form.media_type):
            return form
        key = next(key for key in content.mapping if charset_free(key) == form.media_type)
        media = self.shapes.resolver.follow(content.child(key)) or content.child(key)
        shape = self.shapes.shape(media.child("itemSchema" if "itemSchema" in media.mapping else "schema"))
        inner = shape.shape if isinstance(shape, Nullable) else shape
        is_text = isinstance(inner, (Scalar, Binary))
        item = AnyShape() if is_text else inner
        return replace(form, shape=item if isinstance(item, Array) else Array(item))

    def answered(self, content: Node) -> list[Content]:
        """Return the forms in which an answer can be asked for, the preferred one first.

        Beside JSON, notations that say the same and that Python has no reader for are left out.
        """
        forms = self._forms(content)
        if not forms or format_of(forms[0].media_type, forms[0].shape) is not Format.JSON:
            return forms
        foreign = [form.media_type for form in forms[1:] if is_foreign(form.media_type)]
        if foreign:
            message = f"the answer is read as {forms[0].media_type}; {', '.join(foreign)} would say the same"
            hint = "`headers={'Accept': …}` and `response_hook=` get it as it comes"
            self.findings.append(note("answer-media-types", message, content.place, hint))
        return [form for form in forms if form.media_type not in foreign]

    def _forms(self, content: Node) -> list[Content]:
        found: dict[tuple[str, Shape], Content] = {}
        known: list[tuple[Any, Shape]] = []
        for key in sorted(self._usable(content), key=rank):  # a stable sort: the document's order within a rank
            media = self.shapes.resolver.follow(content.child(key)) or content.child(key)
            form = self._form(key, media, known)
            same = (spelling(form.media_type), form.shape)
            if essence(key) in _WILD and found:
                continue
            found.setdefault(same, form)
        return _by_rank(found.values())

    def _usable(self, content: Node) -> list[str]:
        keys = list(content.mapping)
        usable = [key for key in keys if is_usable(key)]
        strange = [key for key in keys if key not in usable]
        if strange and (usable or not all(is_object(content.mapping[key]) for key in strange)):
            message = f"{', '.join(repr(key) for key in strange[:5])} is no media type; it is left out"
            hint = "a media type has a slash, as in application/json"
            self.findings.append(warning("media-type-unknown", message, content.place, hint))
            return usable
        return usable or strange[:1]  # one without a slash is better than no body

    def _form(self, key: str, media: Node, known: list[tuple[Any, Shape]]) -> Content:
        schema = media.child("schema")
        if schema.value is None and "itemSchema" in media.mapping:  # OpenAPI 3.2, a stream
            schema = media.child("itemSchema")
        media_type = charset_free(key) if is_usable(key) else "application/json"
        if is_events(media_type) or (is_text(media_type) and not (is_xml(media_type) or is_json(media_type))):
            return Content(media_type, _STRING)
        shape = next((shape for value, shape in known if value == schema.value), None)
        if shape is None:
            shape = self.shapes.shape(schema)
            known.append((schema.value, shape))
        encodings = tuple(self._encodings(media)) if format_of(media_type, shape) in _FIELDS else ()
        return Content(media_type, self._fitting(media_type, shape), encodings)

    def _fitting(self, media_type: str, shape: Shape) -> Shape:
        """What is read or written: of XML a model, else the text; of what is neither JSON nor a form the bytes."""
        if is_xml(media_type):
            inner = shape.shape if isinstance(shape, Nullable) else shape
            is_model = isinstance(inner, Ref) and isinstance(self.shapes.shapes.get(inner.pointer), Model)
            return shape if is_model or isinstance(shape, Binary) else _STRING
        if is_json(media_type) or format_of(media_type, shape) in _FIELDS:
            return shape
        is_structured = isinstance(shape, (Ref, Array, Map, Union, Nullable))
        return shape if is_structured and media_type.startswith("application/") else Binary()

    # --- encodings ---

    def _encodings(self, media: Node) -> Iterable[Encoding]:
        resolver = self.shapes.resolver
        for name in media.child("encoding").mapping:
            node = resolver.follow(media.child("encoding").child(name))
            if node is None:
                continue
            explode = node.mapping.get("explode")
            style = node.text("style")
            yield Encoding(
                field=name,
                style=style,
                explode=explode if isinstance(explode, bool) else style in ("", "form", "deepObject"),
                allow_reserved=node.mapping.get("allowReserved") is True,
                media_type=_one_type(node.text("contentType")),
                headers=tuple(self._fixed_headers(node)),
            )

    def _fixed_headers(self, node: Node) -> Iterable[tuple[str, str]]:
        """Header fields of a part that have one value; the caller gives others with a `Part`."""
        for name in node.child("headers").mapping:
            header = self.shapes.resolver.follow(node.child("headers").child(name))
            schema = header.child("schema").mapping if header is not None else {}
            values = [schema["const"]] if "const" in schema else schema.get("enum")
            if is_array(values) and len(values) == 1 and name.lower() not in ("content-type",):
                yield name, str(values[0])


_FIELDS: Final = (Format.FORM, Format.MULTIPART)


def _by_rank(forms: Iterable[Content]) -> list[Content]:
    return sorted(forms, key=lambda form: rank(form.media_type))


def _one_type(given: str) -> str:
    """Return the media type of a part, "" where the document allows several: then the file tells it."""
    return charset_free(given) if given and "," not in given and "*" not in given else ""


def _by_names(form: Content) -> Content:
    """Return a form with names for its fields: of a list or a file alone nobody can know what its field is called."""
    is_form = format_of(form.media_type, AnyShape()) in (Format.FORM, Format.MULTIPART)
    inner = form.shape.shape if isinstance(form.shape, Nullable) else form.shape
    return replace(form, shape=Map(AnyShape())) if is_form and isinstance(inner, (Array, Scalar, Binary)) else form


def _sendable(form: Content) -> str:
    """Return the media type that a request says; ``*/*`` can only be asked for."""
    if form.media_type not in _WILD:
        return spelling(form.media_type) if is_json(form.media_type) and "*" in form.media_type else form.media_type
    match form.shape:
        case Binary():
            return "application/octet-stream"
        case Scalar(kind=ScalarKind.STRING):
            return "text/plain"
        case _:
            return "application/json"
