"""Bodies that are read piece by piece: server-sent events, JSON lines, and bytes.

The media type is the evidence. What one piece is, the schema says: of an event the schema of its ``data``, or of the
event with a property ``data`` (as OpenAPI 3.2 has it, with the data's own schema in ``contentSchema``), or of several
events, each an object of its name and its data; of lines the
schema of a line, or of the list of all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from clientsmith.openapi.data import is_array
from clientsmith.openapi.resolve import Node, Resolver

from .ir import AnyShape, Array, Binary, Content, Ref, Response, Scalar, Shape, Stream, StreamKind, Union
from .media import Format, format_of
from .schemas import ShapeBuilder

__all__ = ["one_stream", "stream_of"]

_DONE: Final = "[DONE]"
_DEEPEST: Final = 8  # unions of events in unions of events; the deepest that was seen is 3


def stream_of(form: Content, media: Node, response: Node, shapes: ShapeBuilder) -> Stream | None:
    """Return how the body of a success is read piece by piece, None if it is one value."""
    media_type = form.media_type
    match format_of(media_type, form.shape):
        case Format.EVENTS:
            named = _named_events(_piece(media), shapes)
            item = named or _data_of(_piece(media), shapes)
            done = (
                _DONE
                if any(_DONE in json.dumps(value, default=str) for value in _all(_piece(media), response, shapes))
                else ""
            )
            return Stream(StreamKind.EVENTS, item, done, f"certain: {media_type}", envelope=named is not None)
        case Format.LINES:
            item = shapes.shape(_piece(media)) if _piece(media).value is not None else AnyShape()
            return Stream(
                StreamKind.LINES, item.item if isinstance(item, Array) else item, "", f"certain: {media_type}"
            )
        case Format.BINARY if media_type:
            why = "is neither JSON nor text" if media_type != "*/*" else "with a binary schema is a file"
            return Stream(StreamKind.BYTES, None, "", f"certain: {media_type} {why}")
        case _:
            return None


def one_stream(responses: Iterable[Response]) -> Stream | None:
    """Return the stream that every success with a body is, None where one of them is a value."""
    streams = [response.stream for response in responses if response.shape is not None]
    return streams[0] if streams and all(stream == streams[0] for stream in streams) else None


def _piece(media: Node) -> Node:
    return media.child("itemSchema") if "itemSchema" in media.mapping else media.child("schema")


def _all(schema: Node, response: Node, shapes: ShapeBuilder) -> Iterator[object]:
    """What is said about a stream, in one place or in the schemas of its events."""
    yield response.value
    yield from (event.value for event in _alternatives(schema, shapes.resolver))


def _alternatives(schema: Node, resolver: Resolver, depth: int = 0) -> Iterator[Node]:
    """The schemas of a ``oneOf``, and of those in it."""
    target = resolver.follow(schema)
    if target is None or depth > _DEEPEST:
        return
    members = [member for key in ("oneOf", "anyOf") for member in target.child(key).items]
    if not members:
        yield target
    for member in members:
        yield from _alternatives(member, resolver, depth + 1)


def _named_events(schema: Node, shapes: ShapeBuilder) -> Shape | None:
    """Return the events that are objects of a name and of data, told apart by the name; None if they are not."""
    found: list[tuple[str, Shape]] = []
    for event in _alternatives(schema, shapes.resolver):
        parts = event.child("properties")
        name = shapes.resolver.follow(parts.child("event"))
        data = shapes.resolver.follow(parts.child("data"))
        if name is None or data is None:
            return None
        values = [name.mapping["const"]] if "const" in name.mapping else name.child("enum").value
        if not is_array(values) or not values or not all(isinstance(value, str) for value in values):
            return None
        if _DONE in json.dumps(data.value, default=str):
            continue
        if "contentSchema" in data.mapping:
            return None
        found += [(value, shapes.shape(event)) for value in values]
    members = tuple(dict.fromkeys(shape for _, shape in found))
    if not members or not all(isinstance(member, Ref) for member in members):
        return None
    return members[0] if len(members) == 1 else Union(members, "event", tuple(found))


def _data_of(schema: Node, shapes: ShapeBuilder) -> Shape | None:
    """Return what the data of an event is, None where it is plain text or the document does not say."""
    if schema.value is None:
        return None
    resolver: Resolver = shapes.resolver
    event = resolver.follow(schema) or schema
    data = event.child("properties").child("data")
    if data.value is not None and {"event", "id", "retry"} & event.child("properties").mapping.keys():
        schema = (resolver.follow(data) or data).child("contentSchema")
        if schema.value is None:
            return None
    shape = shapes.shape(schema)
    return None if isinstance(shape, Scalar | AnyShape | Binary) else shape
