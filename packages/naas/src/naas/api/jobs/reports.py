"""The shapes in which jobs are reported: one, several, those that failed; and what may be asked of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from naas.api.wire import App, ContextName, JobId, Page, PerPage, Tags, Time, Version, Wait
from naas.driver.base import ErrorCode
from naas.jobs import JobKind, JobState

__all__ = [
    "FailedJobSummary",
    "FailedJobsResponse",
    "GetJobParameters",
    "JobResponse",
    "JobResult",
    "JobSummary",
    "JobTimings",
    "ListJobsParameters",
    "ListJobsResponse",
    "Pagination",
    "StreamParameters",
]


class JobResponse(Struct, kw_only=True, frozen=True):
    """A job was accepted and is on disk."""

    job_id: JobId
    message: Annotated[str, Meta(description="For people.", examples=["Job enqueued"])]
    queue_position: Annotated[int, Meta(ge=0, description="Jobs waiting after this one was queued; 0 if reused.")]
    enqueued_at: Annotated[Time, Meta(description="When the job was queued.")]
    timeout: Annotated[int, Meta(ge=1, description="How long the job may run, in seconds.")]
    idempotent: Annotated[
        bool, Meta(description="Whether an earlier request with the same idempotency key had made this job.")
    ]
    deduplicated: Annotated[bool, Meta(description="Whether an equal job that was waiting is used instead.")]
    cached: Annotated[bool, Meta(description="Whether an equal job that has finished is used instead.")] = False
    app: App
    version: Version


class JobTimings(Struct, kw_only=True, frozen=True):
    """How long what took, in seconds."""

    queued: Annotated[float | None, Meta(description="From the submission until a worker took the job.")]
    running: Annotated[float | None, Meta(description="From then until the end.")]


class JobResult(Struct, kw_only=True, frozen=True):
    """A job, how far it got and what came of it.

    A failure that the device reported is `finished` with `results` null and `error` set; `failed` means that the
    service could not carry the job out. The keys with defaults came with version 2.3 of the service.
    """

    job_id: JobId
    status: Annotated[JobState, Meta(description="How far the job got.")]
    results: Annotated[
        dict[str, Any] | None,
        Meta(
            description=(
                "The device's output by command: text, or the records that a template made of it. For configuration "
                "jobs text under the one key `config_set_output`. Null until the job has finished, and if it failed."
            )
        ),
    ]
    error: Annotated[str | None, Meta(description="What went wrong, for people.")]
    error_code: Annotated[ErrorCode | None, Meta(description="What went wrong, for programs.")]
    error_retryable: Annotated[bool | None, Meta(description="Whether the same job may succeed if submitted again.")]
    detected_platform: Annotated[str | None, Meta(description="The platform that was found for `autodetect`.")]
    tags: Annotated[Tags | None, Meta(description="The labels given at submission.")]
    needs_review: Annotated[
        bool,
        Meta(
            description=(
                "Whether a person must look at the device: the job may have reached it in part and is never repeated "
                "by the service itself."
            )
        ),
    ] = False
    partial_results: Annotated[
        dict[str, Any] | None,
        Meta(description="What had come when the job failed or was canceled, as `results`."),
    ] = None
    diff: Annotated[str | None, Meta(description="What configuration changed, or in a dry run would change.")] = None
    kind: Annotated[JobKind | None, Meta(description="What the job does.")] = None
    host: Annotated[str | None, Meta(description="The device: address or host name.")] = None
    port: Annotated[int | None, Meta(description="Its TCP port.")] = None
    platform: Annotated[str | None, Meta(description="Its platform, as submitted.")] = None
    context: Annotated[str | None, Meta(description="Which group of workers runs the job.")] = None
    batch_id: Annotated[str | None, Meta(description="The batch that the job belongs to.")] = None
    replay_of: Annotated[str | None, Meta(description="The job whose work this one repeats.")] = None
    worker: Annotated[str | None, Meta(description="The worker that ran the job.")] = None
    created_at: Annotated[Time | None, Meta(description="When the job was queued.")] = None
    started_at: Annotated[Time | None, Meta(description="When a worker took the job.")] = None
    ended_at: Annotated[Time | None, Meta(description="When the job ended.")] = None
    timings: Annotated[JobTimings | None, Meta(description="How long what took.")] = None
    app: App
    version: Version


class JobSummary(Struct, kw_only=True, frozen=True):
    """One line of the list of jobs."""

    job_id: JobId
    status: Annotated[JobState, Meta(description="How far the job got.")]
    created_at: Annotated[Time, Meta(description="When the job was queued.")]
    ended_at: Annotated[Time | None, Meta(description="When the job ended.")]
    tags: Annotated[Tags | None, Meta(description="The labels given at submission.")]
    kind: Annotated[JobKind | None, Meta(description="What the job does.")] = None
    host: Annotated[str | None, Meta(description="The device: address or host name.")] = None
    port: Annotated[int | None, Meta(description="Its TCP port.")] = None
    platform: Annotated[str | None, Meta(description="Its platform.")] = None
    context: Annotated[str | None, Meta(description="Which group of workers runs the job.")] = None
    batch_id: Annotated[str | None, Meta(description="The batch that the job belongs to.")] = None
    error_code: Annotated[ErrorCode | None, Meta(description="What went wrong, for programs.")] = None
    needs_review: Annotated[bool, Meta(description="Whether a person must look at the device.")] = False
    submitter: Annotated[str | None, Meta(description="Who submitted the job.")] = None


class Pagination(Struct, kw_only=True, frozen=True):
    """Where this page stands in the whole list, filters applied."""

    page: Annotated[int, Meta(ge=1, description="The number of this page, from 1.")]
    per_page: Annotated[int, Meta(ge=1, le=100, description="Jobs on a full page.")]
    total: Annotated[int, Meta(ge=0, description="Jobs in the whole list.")]
    pages: Annotated[int, Meta(ge=0, description="Pages in the whole list.")]


class ListJobsResponse(Struct, kw_only=True, frozen=True):
    """One page of the caller's jobs, newest first."""

    jobs: Annotated[list[JobSummary], Meta(description="The jobs of this page.")]
    pagination: Pagination
    app: App
    version: Version


class FailedJobSummary(Struct, kw_only=True, frozen=True):
    """A job that the service could not carry out."""

    job_id: JobId
    host: Annotated[str, Meta(description="The device: address or host name.")]
    platform: Annotated[str, Meta(description="Its platform.")]
    port: Annotated[int, Meta(description="Its TCP port.")]
    failed_at: Annotated[Time | None, Meta(description="When the job ended.")]
    error: Annotated[str | None, Meta(description="What went wrong, for people.")]
    error_code: Annotated[ErrorCode, Meta(description="What went wrong, for programs.")]
    error_retryable: Annotated[bool, Meta(description="Whether the same job may succeed if submitted again.")]
    func: Annotated[str, Meta(description="What the job does, in the words of earlier versions.")]
    needs_review: Annotated[bool, Meta(description="Whether a person must look at the device before a replay.")] = False


class FailedJobsResponse(Struct, kw_only=True, frozen=True):
    """The newest jobs that the service could not carry out; each can be replayed."""

    jobs: Annotated[list[FailedJobSummary], Meta(description="The jobs, newest first.")]
    total: Annotated[int, Meta(ge=0, description="How many there are in all.")]
    app: App
    version: Version


Moment = Annotated[datetime, Meta(tz=True)]


class ListJobsParameters(Struct, kw_only=True, frozen=True):
    """The query of the list; only used to check and to document it."""

    page: Page = 1
    per_page: PerPage = 20
    before: Annotated[
        Annotated[str, Meta(min_length=1, max_length=64)] | None,
        Meta(
            description=(
                "Only jobs that were submitted before this one: the cursor that the `Link` header of a page holds. "
                "Pages stay apart while jobs are added. `page` is ignored."
            )
        ),
    ] = None
    status: Annotated[JobState | None, Meta(description="Only jobs in this state.")] = None
    tag: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9_\-:]{1,64}:[A-Za-z0-9_\-:]{1,64}$")] | None,
        Meta(
            description="Only jobs with this label, written `key:value`.",
            examples=["site:lab"],
        ),
    ] = None
    kind: Annotated[JobKind | None, Meta(description="Only jobs that do this.")] = None
    host: Annotated[
        Annotated[str, Meta(min_length=1, max_length=253)] | None,
        Meta(description="Only jobs for the device with exactly this address or host name."),
    ] = None
    context: Annotated[ContextName | None, Meta(description="Only jobs of this context.")] = None
    batch_id: Annotated[
        Annotated[str, Meta(pattern=r"^batch-[0-9a-f]{12}$")] | None, Meta(description="Only jobs of this batch.")
    ] = None
    needs_review: Annotated[bool | None, Meta(description="Only jobs that do, or do not, need a person.")] = None
    since: Annotated[Moment | None, Meta(description="Only jobs that were submitted then or later.")] = None
    until: Annotated[Moment | None, Meta(description="Only jobs that were submitted then or before.")] = None


class GetJobParameters(Struct, kw_only=True, frozen=True):
    """The query of one job; only used to check and to document it."""

    wait: Annotated[
        Wait,
        Meta(
            description=(
                "Answer when the job has ended, or after this many seconds, whichever comes first. 0 answers at once."
            )
        ),
    ] = 0.0


class StreamParameters(Struct, kw_only=True, frozen=True):
    """The query of a stream of events; only used to check and to document it."""

    progress: Annotated[bool, Meta(description="Whether to tell, too, how many commands are answered.")] = False
