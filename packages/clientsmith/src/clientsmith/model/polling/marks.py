"""What marks an operation as long running, whoever it is watched by."""

from __future__ import annotations

from typing import Final

from ..ir import Operation, Shape
from ..lookup import Shapes, properties_of
from ..verbs import own_words
from .status_words import status_of

__all__ = ["accepted_shape", "is_accepted", "is_google_operation", "marked"]

_HEADERS: Final = ("operation-location", "azure-asyncoperation", "location")
# Of an operation, not operations of their own.
_ABOUT_JOBS: Final = frozenset({"wait", "cancel", "get", "list", "delete"})


def marked(operation: Operation, shapes: Shapes) -> str:
    """Return why the operation is surely long running, "" if nothing says so."""
    said = operation.extensions.get("x-ms-long-running-operation")
    if said is True:
        return "certain: x-ms-long-running-operation"
    if said is False or operation.method in ("GET", "HEAD", "OPTIONS"):
        return ""
    for response in operation.responses:
        names = {name.lower(): name for name in response.headers}
        # A 201 with a Location alone is a plain creation (RFC 9110, section 15.3.2).
        wanted = _HEADERS if response.status == "202" else _HEADERS[:2] if response.status == "201" else ()
        if found := next((names[name] for name in wanted if name in names), ""):
            return f"strong: {response.status} with the header {found}"
    verb, _noun, _said = own_words(operation)
    is_about = verb in _ABOUT_JOBS or operation.path.endswith((":wait", ":cancel"))
    if is_google_operation(accepted_shape(operation), shapes) and not is_about:
        return "strong: the answer is an operation (AIP-151: `name`, `done`, `error` or `response`)"
    return ""


def is_google_operation(shape: Shape | None, shapes: Shapes) -> bool:
    """Whether an answer is what Google's API guidelines call an operation."""
    parts = properties_of(shape, shapes)
    status = status_of(shape, shapes) if {"name", "done", "error", "response"} <= parts.keys() else None
    return status is not None and status.path == ("done",)


def is_accepted(operation: Operation) -> bool:
    """Whether an operation answers 202: that it was heard, not that it is done."""
    return operation.method != "GET" and any(response.status == "202" for response in operation.responses)


def accepted_shape(operation: Operation) -> Shape | None:
    """Return what the first answer looks like."""
    by_status = {response.status: response.shape for response in operation.responses if response.shape is not None}
    return next((by_status[status] for status in ("202", "201", "200", "2XX", "default") if status in by_status), None)
