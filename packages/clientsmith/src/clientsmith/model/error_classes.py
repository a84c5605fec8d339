"""Which class stands for an error: the runtime's for its status, and a package's own where that was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .ir import Api, Content, ErrorClass, Model, Operation, Shape
from .lookup import model_of
from .media import Format, format_of

__all__ = ["BASE", "STATUS_CLASSES", "classes_of", "error_models", "is_read_as_model", "kinds_of", "raised_for"]

# What `clientsmith.core.errors` raises for a status; for all others, and as the base of these, `BASE`.
BASE: Final = "HttpResponseError"
STATUS_CLASSES: Final[Mapping[str, str]] = {
    "401": "ClientAuthenticationError",
    "404": "ResourceNotFoundError",
    "409": "ResourceExistsError",
    "412": "ResourceModifiedError",
    "429": "RateLimitedError",
}
# What 412 means depends on the condition that did not hold (`clientsmith.core.conditions`).
_UNMET: Final[Mapping[str, tuple[str, ...]]] = {
    "If-Match": ("ResourceNotFoundError",),
    "If-None-Match": ("ResourceExistsError", "ResourceNotModifiedError"),
}
_OF_MODELS: Final = (Format.JSON, Format.FORM, Format.MULTIPART, Format.XML)


def classes_of(api: Api, shape: Shape | None) -> tuple[ErrorClass, ...]:
    """Return the classes of errors that have a shape as their ``error``, the base of the others first; () if none."""
    model = model_of(shape, api.shapes)
    return () if model is None else tuple(one for one in api.error_classes if one.model.pointer == model.pointer)


def raised_for(api: Api, operation: Operation, status: str) -> tuple[ErrorClass, ...]:
    """Return the classes that a documented status of an operation is raised as; () where it is the runtime's."""
    if not api.error_classes:
        return ()
    forms = (form for documented, form, _ in error_models(api, operation) if documented == status)
    return tuple(one for form in forms for one in classes_of(api, form.shape))


def is_read_as_model(form: Content) -> bool:
    """Whether a body whose shape is a model is read as one; in a text format it is a text."""
    return format_of(form.media_type, form.shape) in _OF_MODELS


def error_models(api: Api, operation: Operation) -> Iterator[tuple[str, Content, Model]]:
    """Each form of a documented error that is read as a model, with its status; an answer to HEAD has no body."""
    for response in operation.errors if operation.method != "HEAD" else ():
        for form in response.contents:
            model = model_of(form.shape, api.shapes)
            if model is not None and is_read_as_model(form):
                yield response.status, form, model


def kinds_of(operation: Operation, status: str) -> set[str]:
    """Return what the runtime raises for a documented status; of a range, for those that are not documented alone."""
    if status.isdigit():
        return {STATUS_CLASSES.get(status, BASE), *(_unmet(operation) if status == "412" else ())}
    documented = {response.status for response in operation.errors}
    if status == "5XX" or (status == "default" and "4XX" in documented):  # all that has a class is below 500
        return {BASE}
    alone = documented | {"404"} if operation.missing_is_success else documented
    statuses = STATUS_CLASSES.keys() - alone
    return {BASE, *(STATUS_CLASSES[one] for one in statuses), *(_unmet(operation) if "412" in statuses else ())}


def _unmet(operation: Operation) -> set[str]:
    headers = operation.conditions.headers if operation.conditions is not None else ()
    return {name for header in headers for name in _UNMET.get(header, ())}
