"""The operations of jobs, as the document describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from naas.api import wire
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, not_modified, refused
from naas.api.jobs import reports
from naas.api.jobs import wire as jobs
from naas.api.streams import EVENT_STREAM
from naas.principals import Role

if TYPE_CHECKING:
    import msgspec

__all__ = ["OPERATIONS", "TAG", "accepted"]

TAG: Final = TagDoc("jobs", "Work on devices.")

_LIMITS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def _camel(kind: str) -> str:
    return "".join(word.title() for word in kind.split("-"))


def accepted(kind: str, description: str) -> ResponseDoc:
    poll = f"get{_camel(kind)}"
    links = {poll: {"operationId": poll, "parameters": {"job_id": "$response.body#/job_id"}}}
    headers = ("Operation-Location", "Retry-After", "X-Request-ID", *_LIMITS)
    return ResponseDoc(description, reports.JobResponse, headers, links)


def _submission(kind: str, summary: str, description: str, body: type[msgspec.Struct]) -> OperationDoc:
    name = _camel(kind)
    return OperationDoc(
        method="post",
        path=f"/v2/{kind}",
        operation_id=name[0].lower() + name[1:],
        tag=TAG.name,
        summary=summary,
        description=description,
        responses={
            202: accepted(kind, "The job is on disk and waits for its device."),
            **refused(400, 401, 403, 413, 415, 422, 429, 503),
        },
        header_parameters=("X-Request-ID", "Idempotency-Key"),
        body=body,
        role=Role.OPERATOR,
    )


def _poll(path: str, operation_id: str, summary: str, description: str) -> OperationDoc:
    found = ResponseDoc(
        "The job. `Retry-After` comes while it has not ended.", reports.JobResult, ("ETag", "Retry-After")
    )
    return OperationDoc(
        method="get",
        path=path,
        operation_id=operation_id,
        tag=TAG.name,
        summary=summary,
        description=description,
        responses={200: found, **not_modified(), **refused(400, 401, 403, 422, 503)},
        query=reports.GetJobParameters,
        header_parameters=("If-None-Match",),
    )


_FINISHED: Final = "A failure that the device reported is `finished` with `results` null and `error` set."

OPERATIONS: Final = (
    _submission(
        "send-command",
        "Run commands on a device",
        "Queue a job that runs commands on one device. The answer names the job; ask for its result with "
        "`getSendCommand`. Jobs for one device run one after the other, in the order of their submission.",
        jobs.SendCommandRequest,
    ),
    _poll(
        "/v2/send-command/{job_id}",
        "getSendCommand",
        "Get a command job",
        f"Read how far a command job got, and its results once it has finished. {_FINISHED}",
    ),
    _submission(
        "send-command-structured",
        "Run commands on a device and parse their output",
        "Queue a job that runs commands on one device and turns what they print into records: by the given template, "
        "or by the one of ntc-templates. Output that no template knows stays text. The answer names the job; ask for "
        "its result with `getSendCommandStructured`.",
        jobs.SendCommandStructuredRequest,
    ),
    _poll(
        "/v2/send-command-structured/{job_id}",
        "getSendCommandStructured",
        "Get a structured command job",
        f"Read how far a structured command job got, and its records once it has finished. {_FINISHED}",
    ),
    _submission(
        "send-config",
        "Change the configuration of a device",
        "Queue a job that enters configuration lines on one device. The answer names the job; ask for its result with "
        "`getSendConfig`. A configuration job is never repeated by the service itself.",
        jobs.SendConfigRequest,
    ),
    _poll(
        "/v2/send-config/{job_id}",
        "getSendConfig",
        "Get a configuration job",
        f"Read how far a configuration job got, and what the device printed once it has finished. {_FINISHED}",
    ),
    OperationDoc(
        method="get",
        path="/v2/jobs",
        operation_id="listJobs",
        tag=TAG.name,
        summary="List jobs",
        description=(
            "List the caller's jobs, and an admin everybody's, newest first, page by page; filters narrow the list "
            "together. The `Link` header leads to the next page without missing or repeating a job."
        ),
        responses={
            200: ResponseDoc("One page of jobs.", reports.ListJobsResponse, ("ETag", "Link")),
            **not_modified(),
            **refused(401, 403, 422, 503),
        },
        query=reports.ListJobsParameters,
        header_parameters=("If-None-Match",),
    ),
    OperationDoc(
        method="get",
        path="/v2/jobs/failed",
        operation_id="listFailedJobs",
        tag=TAG.name,
        summary="List failed jobs",
        description=(
            "List the newest jobs, up to 500, that the service could not carry out: each may be replayed. What a "
            "device reported is no such failure."
        ),
        responses={
            200: ResponseDoc("The failed jobs.", reports.FailedJobsResponse, ("ETag",)),
            **not_modified(),
            **refused(401, 403, 503),
        },
        header_parameters=("If-None-Match",),
        role=Role.OPERATOR,
    ),
    _poll(
        "/v2/jobs/{job_id}",
        "getJob",
        "Get a job",
        f"Read how far a job of any kind got, and its results once it has finished. {_FINISHED}",
    ),
    OperationDoc(
        method="delete",
        path="/v2/jobs/{job_id}",
        operation_id="cancelJob",
        tag=TAG.name,
        summary="Cancel a job",
        description=(
            "Cancel a job: at once if it waits; if it runs, it stops before its next command and then becomes "
            "`canceled`, or `finished` if it was done already. Cancelling a canceled job changes nothing."
        ),
        responses={
            204: ResponseDoc("The job is canceled, or was asked to stop."),
            **refused(400, 401, 403, 404, 409, 503),
        },
        role=Role.OPERATOR,
    ),
    OperationDoc(
        method="post",
        path="/v2/jobs/{job_id}/replay",
        operation_id="replayJob",
        tag=TAG.name,
        summary="Replay a failed job",
        description=(
            "Submit the work of a `failed` job again as a new job, with the device login of this request. Look at the "
            "device first if the job has `needs_review`."
        ),
        responses={
            202: accepted("send-command", "The new job is on disk and waits for its device."),
            **refused(400, 401, 403, 413, 415, 422, 429, 503),
            404: ResponseDoc("There is no such job.", wire.JobLookupError),
            409: ResponseDoc("The job has not failed.", wire.JobLookupError),
        },
        body=jobs.ReplayRequest,
        body_required=False,
        role=Role.OPERATOR,
    ),
    OperationDoc(
        method="get",
        path="/v2/jobs/{job_id}/stream",
        operation_id="streamJob",
        tag=TAG.name,
        summary="Watch a job",
        description=(
            "Tell what happens to a job as server-sent events: `status` for each state, `progress` if asked for, "
            "`result` with the whole job at the end, `timeout` after 300 seconds."
        ),
        responses={
            200: ResponseDoc("The events; the stream ends with the job.", str, media_type=EVENT_STREAM),
            204: ResponseDoc("The caller has seen the last event: `Last-Event-ID` is `end`."),
            **refused(400, 401, 403, 404, 422, 503),
            429: ResponseDoc("Too many streams are open; poll instead.", wire.MessageError),
        },
        query=reports.StreamParameters,
        header_parameters=("Last-Event-ID",),
    ),
)  # fmt: skip
