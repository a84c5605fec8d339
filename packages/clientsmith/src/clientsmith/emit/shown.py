"""The models that somebody can use: not the body of a form that a method takes by its fields alone."""

from __future__ import annotations

from dataclasses import replace

from clientsmith.emit.layout import references
from clientsmith.emit.methods import Method
from clientsmith.model.ir import Api, Model, Operation
from clientsmith.model.lookup import lineage

__all__ = ["with_shown_shapes"]


def with_shown_shapes(api: Api) -> Api:
    """Return ``api`` without the shapes that no method takes or gives back, and no other shape needs."""
    hidden = [one.body for one in api.operations if one.body is not None and Method(api, one).gives_fields]
    if not hidden:
        return api
    children: dict[str, list[str]] = {}
    for pointer, shape in api.shapes.items():
        if isinstance(shape, Model):
            for above in lineage(shape, api.shapes)[1:]:
                children.setdefault(above.pointer, []).append(pointer)
    found: dict[str, None] = {}
    waiting = [*references(api.webhooks), *references(tuple(_used(api, one) for one in api.operations))]
    while waiting:
        pointer = waiting.pop()
        if pointer not in found and pointer in api.shapes:
            found[pointer] = None
            waiting += [*references(api.shapes[pointer]), *children.get(pointer, ())]
    # What nothing refers to was never needed, and stands there because somebody wanted it.
    possible = set(references(tuple(body.shape for body in hidden)))
    shapes = {pointer: shape for pointer, shape in api.shapes.items() if pointer in found or pointer not in possible}
    return replace(api, shapes=shapes)


def _used(api: Api, operation: Operation) -> Operation:
    """The operation as its method shows it: of such a body the fields are left, which stand beside it."""
    return replace(operation, body=None) if Method(api, operation).gives_fields else operation
