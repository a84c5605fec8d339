"""Which operations take long, how their progress is watched, and what they end with.

Evidence: the extension `x-ms-long-running-operation`, or an answer 202 (201) whose header says where to look. A job
without such a header looks the same as a message that was accepted, so it stays a plain method, and the plan says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from clientsmith.findings import Finding, note

from ..ir import AnyShape, Api, LongRunning, Operation, Shape
from ..lookup import Shapes, properties_of, template_names, word_values
from ..words import letters_of, vocabulary

__all__ = ["pair_pollers"]

_HEADERS: Final = ("operation-location", "azure-asyncoperation", "location")
_SUCCEEDED: Final = vocabulary(
    "succeeded success successful finished completed complete done ok ready processed fulfilled"
)
_FAILED: Final = vocabulary(
    """
    failed failure failing error errored canceled cancelled aborted terminated expired rejected killed
    timedout timeout incomplete
    """
)
_STATUS_FIELDS: Final = ("status", "state", "provisioningState", "phase", "job_status", "jobStatus")


def pair_pollers(api: Api) -> tuple[Api, list[Finding]]:
    """Give each operation that starts a job the way to watch it."""
    findings: list[Finding] = []
    operations: list[Operation] = []
    for operation in api.root.operations:
        evidence = _evidence(operation)
        watcher = _watcher(operation, api) if evidence or _is_accepted(operation) else None
        if evidence:
            running = _long_running(operation, watcher, evidence, api.shapes)
            operations.append(replace(operation, long_running=running, returns=running.result))
            continue
        if watcher is not None:
            findings.append(_job_note(operation, watcher))
        operations.append(operation)
    return replace(api, root=replace(api.root, operations=tuple(operations))), findings


def _evidence(operation: Operation) -> str:
    if operation.extensions.get("x-ms-long-running-operation") is True:
        return "certain: x-ms-long-running-operation"
    if operation.method in ("GET", "HEAD"):
        return ""
    for response in operation.responses:
        names = {name.lower(): name for name in response.headers}
        # A 201 with a Location alone is a plain creation (RFC 9110, section 15.3.2).
        wanted = _HEADERS if response.status == "202" else _HEADERS[:2] if response.status == "201" else ()
        if found := next((names[name] for name in wanted if name in names), ""):
            return f"{response.status} with the header {found}"
    return ""


def _is_accepted(operation: Operation) -> bool:
    return operation.method != "GET" and any(response.status == "202" for response in operation.responses)


def _watcher(operation: Operation, api: Api) -> Operation | None:
    """Return the GET that reports the progress: the operation's path and an id, or the only one with a matching id."""
    answers = properties_of(_accepted_shape(operation), api.shapes)
    candidates: list[Operation] = []
    for other in api.root.operations:
        if other.method != "GET" or not _status(other.returns, api.shapes)[0]:
            continue
        head, _, tail = other.path.rpartition("/")
        if head == operation.path.rstrip("/") and re.fullmatch(r"{[^{}]+}", tail):
            return other
        names = template_names(other.path)
        if len(names) == 1 and names[0] in answers and tail == f"{{{names[0]}}}":
            candidates.append(other)
    return candidates[0] if len(candidates) == 1 else None


def _accepted_shape(operation: Operation) -> Shape | None:
    return next((response.shape for response in operation.responses if response.status in ("202", "201")), None)


def _long_running(operation: Operation, watcher: Operation | None, evidence: str, shapes: Shapes) -> LongRunning:
    if watcher is None:
        final = next((r.shape for r in operation.responses if r.status in ("200", "201") and r.shape is not None), None)
        return LongRunning(result=final or _accepted_shape(operation) or AnyShape(), evidence=evidence)
    field, words = _status(watcher.returns, shapes)
    succeeded = tuple(word for word in words if letters_of(word) in _SUCCEEDED)
    failed = tuple(word for word in words if letters_of(word) in _FAILED)
    known = f"; {field!r} ends in {', '.join((*succeeded, *failed))}" if words else ""
    return LongRunning(
        result=watcher.returns or AnyShape(),
        status_path=(field,),
        succeeded=succeeded or tuple(sorted(_SUCCEEDED)),
        failed=failed or tuple(sorted(_FAILED)),
        poll_path=_template(operation, watcher, shapes),
        evidence=f"{evidence}, watched by GET {watcher.path}{known}",
    )


def _template(operation: Operation, watcher: Operation, shapes: Shapes) -> str:
    """Return the watcher's path, if the first answer holds all that it needs."""
    answers = properties_of(_accepted_shape(operation), shapes)
    return watcher.path if all(name in answers for name in template_names(watcher.path)) else ""


def _status(shape: Shape | None, shapes: Shapes) -> tuple[str, tuple[str, ...]]:
    """Return the field that says how far the job is, and its words: "" if none of them is an end."""
    properties = properties_of(shape, shapes)
    for name in _STATUS_FIELDS:
        if name in properties:
            words = word_values(properties[name].shape, shapes)
            if any(letters_of(word) in _SUCCEEDED | _FAILED for word in words):
                return name, words
    return "", ()


def _job_note(operation: Operation, watcher: Operation) -> Finding:
    message = (
        f"{operation.method} {operation.path} answers 202 and GET {watcher.path} reports a status, but no header says "
        "where to look; it stays a plain method"
    )
    hint = "describe the response header `Operation-Location`, or set `x-ms-long-running-operation: true`"
    return note("job-without-header", message, operation.pointer, hint)
