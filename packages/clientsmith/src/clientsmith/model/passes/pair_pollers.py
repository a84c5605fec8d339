"""Which operations take long, how their progress is watched, and what they end with (`model/polling` reads the
evidence).

A job whose first answer does not say where to look has the same shape as a thing that has a status, so it stays a plain
method, and the plan says which line of configuration makes it a poller.
"""

from __future__ import annotations

from dataclasses import replace

from clientsmith.configuration import Configuration, PollingSettings
from clientsmith.findings import Change, Finding, Severity, note

from ..decided import place_of, said_of
from ..ir import Api, LongRunning, Operation
from ..lookup import with_operations
from ..polling import Watcher, cancellable, configured, find_tellers, find_watcher, looks_like_a_job, marked, running_of

__all__ = ["pair_pollers"]


def pair_pollers(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Give each operation that starts a job the way to watch it."""
    findings: list[Finding] = []
    operations: list[Operation] = []
    tellers = find_tellers(api)
    for operation in api.operations:
        said = said_of(operation, configuration).polling
        evidence = marked(operation, api.shapes) if said is not False and not operation.variant else ""
        is_asked = said is True or isinstance(said, PollingSettings)
        may_begin = operation.method != "GET" or evidence or is_asked
        watcher = find_watcher(operation, tellers, api.shapes) if may_begin else None
        running = None
        if evidence or is_asked:
            running = cancellable(running_of(operation, watcher, evidence, api.shapes), operation, watcher, api)
        if isinstance(said, PollingSettings) and running is not None:
            running = configured(said, running, api)
        if running is not None and is_asked:
            running = replace(running, evidence=running.evidence.removeprefix(", ") or "by configuration")
            findings += _doubts(operation, running, configuration)
        if running is None:
            if said is None and watcher is not None and looks_like_a_job(operation, watcher):
                findings.append(_job_note(operation, watcher))
            operations.append(operation)
            continue
        operations.append(replace(operation, long_running=running, returns=running.result))
    return with_operations(api, operations), findings


def _job_note(operation: Operation, watcher: Watcher) -> Finding:
    ends = ", ".join((*watcher.status.succeeded, *watcher.status.failed))
    message = (
        f"{operation.method} {operation.path} begins something of which GET {watcher.operation.path} tells a status "
        f"that ends ({ends}), but no header says where to look; it stays a plain method"
    )
    value = "true" if watcher.template else '{ poll = "…" }'
    change = Change(("operations", operation.key), "polling", value)
    hint = f"describe the response header `Operation-Location`, or configure {change}"
    return note("job-without-header", message, operation.pointer, hint, change)


def _doubts(operation: Operation, running: LongRunning, configuration: Configuration) -> list[Finding]:
    """A poller that was asked for, where nothing says where to look: then the service has to, in a header field."""
    has_header = any(
        name.lower() in ("operation-location", "azure-asyncoperation", "location")
        for response in operation.responses
        for name in response.headers
    )
    if running.poll_path or has_header or operation.method in ("PUT", "PATCH", "DELETE"):
        return []
    message = (
        f"{operation.method} {operation.path} is to be a poller, but the document has no GET that would tell its "
        "status from what the first answer has"
    )
    hint = 'say where to look: polling = { poll = "/jobs/{id}" }'
    key = place_of("polling", operation, configuration)
    return [configuration.source.finding(Severity.WARNING, "polling-configured", message, key, hint)]
