"""Conditional requests: the header fields of RFC 9110, section 13.1, become ``etag`` and ``match_condition``.

A header parameter of one of these names is evidence enough where its values can be entity tags: the name is a
standard's. One that wants a number (a version of the service's own) stays an argument. Where the tag comes from, the
plan says: a response header, or a property of a model, which is then asked where the caller gives no etag.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding, note

from ..ir import AnyShape, Api, Conditions, Location, Operation, Parameter, Scalar, ScalarKind, Shape, Union
from ..lookup import Shapes, bare, properties_of, with_operations

__all__ = ["ETAG_PROPERTIES", "find_conditions"]

# Under which names models carry the tag; `clientsmith.core.conditions` looks for the same ones.
ETAG_PROPERTIES: Final = frozenset({"etag", "eTag", "ETag", "@odata.etag", "_etag"})
_BY_ETAG: Final = frozenset({"if-match", "if-none-match"})
_BY_TIME: Final = frozenset({"if-modified-since", "if-unmodified-since"})


def find_conditions(api: Api, _configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Give each operation that reads conditions its `Conditions`, and take the header parameters off it."""
    findings: list[Finding] = []
    tagged = {one.path for one in api.operations if _answers_etag(one)}
    operations: list[Operation] = []
    for operation in api.operations:
        taken = [parameter for parameter in operation.parameters if _is_condition(parameter)]
        if not taken:
            operations.append(operation)
            continue
        findings += [_finding(parameter) for parameter in taken]
        conditions = Conditions(
            headers=tuple(sorted({_spelled(parameter) for parameter in taken})),
            required=tuple(sorted({_spelled(parameter) for parameter in taken if parameter.required})),
            evidence=_evidence(operation, taken, api.shapes, has_header=operation.path in tagged),
        )
        kept = tuple(parameter for parameter in operation.parameters if parameter not in taken)
        operations.append(replace(operation, parameters=kept, conditions=conditions))
    return with_operations(api, operations), findings


def _is_condition(parameter: Parameter) -> bool:
    if parameter.location is not Location.HEADER:
        return False
    name = parameter.wire_name.lower()
    return name in _BY_TIME or (name in _BY_ETAG and _can_be_text(parameter.shape))


def _can_be_text(shape: Shape | None) -> bool:
    shape = bare(shape)
    if isinstance(shape, Union):
        return any(_can_be_text(member) for member in shape.members)
    return isinstance(shape, AnyShape) or (isinstance(shape, Scalar) and shape.kind is ScalarKind.STRING)


def _spelled(parameter: Parameter) -> str:
    """The name as the standard spells it; header names have no case of their own."""
    return "-".join(word.capitalize() for word in parameter.wire_name.split("-"))


def _answers_etag(operation: Operation) -> bool:
    return any(name.lower() == "etag" for response in operation.responses for name in response.headers)


def _evidence(operation: Operation, taken: Iterable[Parameter], shapes: Shapes, *, has_header: bool) -> str:
    names = ", ".join(parameter.wire_name for parameter in taken)
    sources = ["the response header ETag"] if has_header else []
    body = operation.body.shape if operation.body is not None else None
    for shape, where in ((body, "body"), (operation.returns, "answer")):
        found = next((name for name in properties_of(shape, shapes) if name in ETAG_PROPERTIES), "")
        sources += [f"the field {found!r} of the {where}"] if found else []
    known = f"; etags come from {' and '.join(sources)}" if sources else "; the document does not say who gives etags"
    return f"certain: the header parameter {names}{known}"


def _finding(parameter: Parameter) -> Finding:
    name = parameter.wire_name.lower()
    instead = "`etag` and `match_condition` send" if name in _BY_ETAG else f"`{name.replace('-', '_')}` sends"
    message = f"the header parameter {parameter.wire_name!r} is no argument of its own: {instead} it"
    return note("conditional-request", message, parameter.pointer)
