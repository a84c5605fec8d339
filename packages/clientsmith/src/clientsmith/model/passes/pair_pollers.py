"""Which operations take long, how their progress is watched, and what they end with.

Evidence: the extension `x-ms-long-running-operation`, or an answer 202 (201) whose header says where to look. A job
without such a header looks the same as a message that was accepted, so it stays a plain method, and the plan says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from clientsmith.findings import Finding, note
from clientsmith.openapi.data import is_object

from ..ir import AnyShape, Api, LongRunning, Operation, Shape
from ..lookup import Shapes, properties_of, template_names, with_operations, word_values
from ..verbs import own_words, path_words
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
_CANCEL: Final = frozenset({"cancel", "abort"})
# As `clientsmith.core.polling` and autorest know them; a test compares them.
_FINAL_STATES: Final = frozenset(
    {"azure-async-operation", "custom-link", "location", "operation-location", "original-uri"}
)
_STATUS_FIELDS: Final = ("status", "state", "provisioningState", "phase", "job_status", "jobStatus")


def pair_pollers(api: Api) -> tuple[Api, list[Finding]]:
    """Give each operation that starts a job the way to watch it."""
    findings: list[Finding] = []
    operations: list[Operation] = []
    for operation in api.operations:
        evidence = _evidence(operation)
        watcher = _watcher(operation, api) if evidence or _is_accepted(operation) else None
        if evidence:
            running = _long_running(operation, watcher, evidence, api.shapes)
            running = _cancellable(replace(running, final=_final(operation)), operation, watcher, api)
            operations.append(replace(operation, long_running=running, returns=running.result))
            continue
        if watcher is not None:
            findings.append(_job_note(operation, watcher))
        operations.append(operation)
    return with_operations(api, operations), findings


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
    for other in api.operations:
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


def _final(operation: Operation) -> str:
    """Where the result is, if the document says so: ``final-state-via`` has the words that the runtime has."""
    options = operation.extensions.get("x-ms-long-running-operation-options")
    said = options.get("final-state-via") if is_object(options) else None
    return said if isinstance(said, str) and said in _FINAL_STATES else "auto"


def _cancellable(running: LongRunning, operation: Operation, watcher: Operation | None, api: Api) -> LongRunning:
    """Find the operation that cancels the job: beside the place where it is watched, or with an id that it answers."""
    answers = properties_of(_accepted_shape(operation), api.shapes)
    for other in api.operations:
        if other.method not in ("POST", "DELETE", "PUT") or not _cancels(other):
            continue
        names = template_names(other.path)
        tail = other.path.removeprefix(watcher.path) if watcher is not None else other.path
        # `POST {}:cancel` is asked of wherever the job is watched, `DELETE` of that place itself.
        by_place = tail != other.path and "{" not in tail and (not tail or tail[0] in "/:")
        # An `id` may be anybody's; a `job_id` is the job's wherever it stands.
        is_ours = other.path.startswith(f"{operation.path.rstrip('/')}/") or "id" not in map(letters_of, names)
        by_id = bool(names) and is_ours and all(name in answers for name in names)
        if by_id:
            cancel = f"{other.method} {other.path}"
        elif by_place:
            cancel = f"{other.method} {{}}{tail}" if tail else other.method
        else:
            continue
        return replace(running, cancel=cancel, evidence=f"{running.evidence}; cancelled by {other.method} {other.path}")
    return running


def _cancels(operation: Operation) -> bool:
    verb, _noun, _said = own_words(operation)
    last = "".join(path_words(operation.path)[-1:][0]) if path_words(operation.path) else ""
    return verb in _CANCEL or (last in _CANCEL and operation.method != "DELETE")


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
