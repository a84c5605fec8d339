"""What of a model goes into a request: all that a client may set, at every depth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..serialization._codecs import BuiltIn
from ._fields import Shape

__all__ = ["without_read_only"]


def without_read_only(shape: Shape, wire: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the read-only fields of its model and of those in it: the same one if there are none."""
    sent = {name: value for name, value in wire.items() if name not in shape.read_only}
    is_less = len(sent) < len(wire)
    for name, codec in _nested(shape, sent):
        value = sent[name]
        if value is not None:
            sent[name] = codec.sendable(value)
            is_less = is_less or sent[name] is not value
    return sent if is_less else wire


def _nested(shape: Shape, wire: dict[str, Any]) -> Iterable[tuple[str, BuiltIn]]:
    """Yield the members that may hold models."""
    for each in shape.nested:
        if each.wire_name in wire:
            yield each.wire_name, each.codec
    if shape.additional is not None:
        for name in wire.keys() - shape.by_wire_name.keys():
            yield name, shape.additional.item
