"""How a long running operation is watched, and what it ends with: from evidence, and from configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from clientsmith.configuration import PollingSettings
from clientsmith.openapi.data import is_object

from ..ir import AnyShape, Api, LongRunning, Operation, Ref, Shape
from ..lookup import Shapes, bare, properties_of
from .marks import accepted_shape, is_google_operation
from .status_words import FAILED, SUCCEEDED
from .watching import Watcher

__all__ = ["configured", "running_of"]

# As `clientsmith.core.polling` and autorest know them; a test compares them.
_FINAL_STATES: Final = frozenset(
    {"azure-async-operation", "custom-link", "location", "operation-location", "original-uri"}
)


def running_of(operation: Operation, watcher: Watcher | None, evidence: str, shapes: Shapes) -> LongRunning:
    """Return how an operation is watched that is long running for a reason."""
    if watcher is None:
        final = next((r.shape for r in operation.responses if r.status in ("200", "201") and r.shape is not None), None)
        result = _final_shape(operation, shapes) or final or accepted_shape(operation) or AnyShape()
        return LongRunning(
            result, evidence=evidence, resource_status_path=_own_state(result, shapes), final=_final(operation)
        )
    status, seen = watcher.status, watcher.operation
    ends = ", ".join((*status.succeeded, *status.failed))
    of_google = is_google_operation(seen.returns, shapes)
    result_path = ("response",) if of_google else ()
    return LongRunning(
        result=_at(seen.returns, result_path, shapes) or AnyShape(),
        status_path=status.path,
        succeeded=status.succeeded or tuple(sorted(SUCCEEDED)),
        failed=status.failed or (() if of_google else tuple(sorted(FAILED))),
        poll_path=watcher.template,
        result_path=result_path,
        error_path=("error",) if of_google else (),
        final=_final(operation),
        evidence=f"{evidence}, watched by GET {seen.path}; {'.'.join(status.path)!r} ends in {ends}",
    )


def _final(operation: Operation) -> str:
    """Where the result is, if the document says so: ``final-state-via`` has the words that the runtime has."""
    options = operation.extensions.get("x-ms-long-running-operation-options")
    said = options.get("final-state-via") if is_object(options) else None
    return said if isinstance(said, str) and said in _FINAL_STATES else "auto"


def _final_shape(operation: Operation, shapes: Shapes) -> Shape | None:
    """Return what the result looks like, if the document says so: ``final-state-schema`` names a schema."""
    options = operation.extensions.get("x-ms-long-running-operation-options")
    said = options.get("final-state-schema") if is_object(options) else None
    if not isinstance(said, str):
        return None
    # Documents are converted up, extensions are not.
    pointer = said.removeprefix("#").replace("/definitions/", "/components/schemas/")
    return Ref(pointer) if pointer in shapes else None


def _own_state(resource: Shape, shapes: Shapes) -> tuple[str, ...]:
    """Return where a resource tells how far its own making is, as those of Azure's Resource Manager do."""
    properties = properties_of(resource, shapes)
    if "provisioningState" in properties:
        return ("provisioningState",)
    inner = properties.get("properties")
    has_state = inner is not None and "provisioningState" in properties_of(inner.shape, shapes)
    return ("properties", "provisioningState") if has_state else ()


def configured(said: PollingSettings, running: LongRunning, api: Api) -> LongRunning:
    """Return what a person said of watching, with what was found where nothing is said."""
    path = running.poll_path if said.poll is None else said.poll
    seen = next((one for one in api.operations if one.method == "GET" and one.path == said.poll), None)
    result_path = _steps(said.result, running.result_path)
    whole = seen.returns if seen is not None else None if running.result_path else running.result
    result = _at(whole, result_path, api.shapes) if whole is not None else running.result
    parts: dict[str, Any] = {
        "status_path": _steps(said.status, running.status_path),
        "succeeded": running.succeeded if said.succeeded is None else said.succeeded,
        "failed": running.failed if said.failed is None else said.failed,
        "error_path": _steps(said.error, running.error_path),
        "final": said.final or running.final,
        "cancel": running.cancel if said.cancel is None else said.cancel,
    }
    return replace(
        running,
        poll_path=path,
        result_path=result_path,
        result=result or AnyShape(),
        **parts,
        evidence=f"by configuration; {running.evidence}",
    )


def _steps(said: str | tuple[str, ...] | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    if said is None:
        return otherwise
    return tuple(step for step in said.split(".") if step) if isinstance(said, str) else said


def _at(shape: Shape | None, path: tuple[str, ...], shapes: Shapes) -> Shape | None:
    for name in path:
        part = properties_of(shape, shapes).get(name)
        if part is None:
            return None
        shape = bare(part.shape)
    return shape
