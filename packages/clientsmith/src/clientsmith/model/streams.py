"""Bodies that are read piece by piece: server-sent events, JSON lines, and bytes.

The media type is the evidence. What one piece is, the schema says: of an event the schema of its ``data``, or of the
event with a property ``data`` (as OpenAPI 3.2 has it, with the data's own schema in ``contentSchema``); of lines the
schema of a line, or of the list of all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from clientsmith.openapi.resolve import Node, Resolver

from .ir import AnyShape, Array, Binary, Response, Scalar, Shape, Stream, StreamKind
from .media import is_events, is_json, is_lines, is_text
from .schemas import ShapeBuilder

__all__ = ["one_stream", "stream_of"]

_DONE: Final = "[DONE]"


def stream_of(media_type: str, media: Node, response: Node, shapes: ShapeBuilder) -> Stream | None:
    """Return how the body of a success is read piece by piece, None if it is one value."""
    if is_events(media_type):
        item = _data_of(_piece(media), shapes)
        done = _DONE if _DONE in json.dumps(response.value, default=str) else ""
        return Stream(StreamKind.EVENTS, item, done, f"certain: {media_type}")
    if is_lines(media_type):
        item = shapes.shape(_piece(media)) if _piece(media).value is not None else AnyShape()
        return Stream(StreamKind.LINES, item.item if isinstance(item, Array) else item, "", f"certain: {media_type}")
    if media_type and not is_json(media_type) and not is_text(media_type):
        return Stream(StreamKind.BYTES, None, "", f"certain: {media_type} is neither JSON nor text")
    return None


def one_stream(responses: Iterable[Response]) -> Stream | None:
    """Return the stream that every success with a body is, None where one of them is a value."""
    streams = [response.stream for response in responses if response.shape is not None]
    return streams[0] if streams and all(stream == streams[0] for stream in streams) else None


def _piece(media: Node) -> Node:
    return media.child("itemSchema") if "itemSchema" in media.mapping else media.child("schema")


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
