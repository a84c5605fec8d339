"""The shapes of the v2 wire, exactly as clients know them; also the source of the OpenAPI document.

Requests carry their rules (`msgspec.Meta`), so that what is checked and what is documented cannot differ. In
responses every key is always present, null where there is nothing to say.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from naas.driver.base import ErrorCode
from naas.jobs import JobState

__all__ = [
    "Base",
    "ComponentHealth",
    "ErrorCode",
    "ErrorResponse",
    "HealthComponents",
    "HealthReport",
    "HealthStatus",
    "JobLookupError",
    "JobResponse",
    "JobResult",
    "JobSummary",
    "ListJobsResponse",
    "MessageError",
    "Pagination",
    "ProblemDetails",
    "QueueHealth",
    "SendCommandRequest",
    "SendConfigRequest",
    "ValidationErrorItem",
    "WorkersHealth",
]

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
App = Annotated[str, Meta(description="The name of the service: `naas`.")]
Version = Annotated[str, Meta(description="The version of the service, for example `2.3.0`.")]
JobId = Annotated[
    str,
    Meta(
        description="The id of the job: a UUID.",
        examples=["5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"],
        extra_json_schema={"format": "uuid"},
    ),
]
Tags = dict[str, str]
Lines = Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1)]

# An hour holds the longest commands there are, such as copying an image; ten minutes the slowest login. The existing
# service cut every job off at 120 seconds, so no request of its clients is refused by these.
LONGEST_READ: Final = 3600
LONGEST_CONNECT: Final = 600


class _Target(Struct, kw_only=True, frozen=True):
    """What every submission has in common."""

    host: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=253,
            description="IPv4 address, IPv6 address or host name of the device.",
            examples=["192.0.2.10", "core-1.example.net"],
        ),
    ]
    port: Annotated[int, Meta(ge=1, le=65535, description="TCP port of the device's SSH server.")] = 22
    platform: Annotated[
        str,
        Meta(
            max_length=64,
            description=(
                "Netmiko platform name of the device, or `autodetect`. An unknown name is refused with the nearest "
                "known names."
            ),
            examples=["cisco_ios", "juniper_junos"],
        ),
    ] = "cisco_ios"
    read_timeout: Annotated[
        float,
        Meta(ge=1.0, le=LONGEST_READ, description="Longest wait for the answer to one command, in seconds."),
    ] = 30.0
    conn_timeout: Annotated[
        float,
        Meta(ge=1.0, le=LONGEST_CONNECT, description="Longest wait for the connection to the device, in seconds."),
    ] = 10.0
    context: Annotated[str, Meta(min_length=1, max_length=64, description="Which group of workers runs the job.")] = (
        "default"
    )
    tags: Annotated[
        Tags | None,
        Meta(
            description=(
                "Labels to find the job by: at most 10, keys and values of 1 to 64 letters, digits, `_`, `-` and `:`."
            ),
            examples=[{"site": "lab"}],
            extra_json_schema={"maxProperties": 10},
        ),
    ] = None
    enable: Annotated[
        str | None,
        Meta(
            description=(
                "Password of privileged mode. If it is given, commands run in that mode. Configuration always does; "
                "its default is the password of the caller."
            ),
            extra_json_schema={"format": "password", "writeOnly": True},
        ),
    ] = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self.host!r}, port={self.port}, platform={self.platform!r})"


class SendCommandRequest(_Target, kw_only=True, frozen=True):
    """Commands to run on one device, in order."""

    commands: Annotated[
        Lines,
        Meta(
            description="The commands, each as it would be typed: one line, not blank, without control characters.",
            examples=[["show version"]],
        ),
    ]
    expect_string: Annotated[
        Annotated[str, Meta(max_length=512)] | None,
        Meta(description="Regular expression that ends the output of each command; by default the device's prompt."),
    ] = None


class SendConfigRequest(_Target, kw_only=True, frozen=True):
    """Configuration lines to enter on one device, as one set. One of `config` and `commands` is required."""

    config: Annotated[
        Lines | None,
        Meta(
            description=(
                "The configuration lines, in order: at least one, none blank, none with line ends inside or other "
                "control characters but tabs."
            ),
            examples=[["interface Loopback0", "description made by naas"]],
        ),
    ] = None
    commands: Annotated[Lines | None, Meta(description="Another name for `config`; `config` wins.")] = None
    save_config: Annotated[
        bool, Meta(description="Whether to save the configuration so that it survives a restart of the device.")
    ] = False
    commit: Annotated[
        bool, Meta(description="Whether to commit the candidate configuration, on platforms that have one.")
    ] = False


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
    app: App
    version: Version


class JobResult(Struct, kw_only=True, frozen=True):
    """A job, how far it got and what came of it.

    A failure that the device reported is `finished` with `results` null and `error` set; `failed` means that the
    service could not carry the job out. The keys with defaults came with version 2.3 of the service.
    """

    job_id: JobId
    status: Annotated[JobState, Meta(description="How far the job got.")]
    results: Annotated[
        Tags | None,
        Meta(
            description=(
                "The device's output by command; for configuration jobs under the one key `config_set_output`. "
                "Null until the job has finished, and if it failed."
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
    created_at: Annotated[Time | None, Meta(description="When the job was queued.")] = None
    started_at: Annotated[Time | None, Meta(description="When a worker took the job.")] = None
    ended_at: Annotated[Time | None, Meta(description="When the job ended.")] = None
    app: App
    version: Version


class JobSummary(Struct, kw_only=True, frozen=True):
    """One line of the list of jobs."""

    job_id: JobId
    status: Annotated[JobState, Meta(description="How far the job got.")]
    created_at: Annotated[Time, Meta(description="When the job was queued.")]
    ended_at: Annotated[Time | None, Meta(description="When the job ended.")]
    tags: Annotated[Tags | None, Meta(description="The labels given at submission.")]


class Base(Struct, kw_only=True, frozen=True):
    """What most answers hold beside their own: who answers."""

    app: App
    version: Version


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


class ListJobsParameters(Struct, kw_only=True, frozen=True):
    """The query of the list; only used to check and to document it."""

    page: Annotated[int, Meta(ge=1, le=1_000_000, description="Which page, from 1.")] = 1
    per_page: Annotated[int, Meta(ge=1, le=100, description="How many jobs a page holds.")] = 20
    status: Annotated[JobState | None, Meta(description="Only jobs in this state.")] = None
    tag: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9_\-:]{1,64}:[A-Za-z0-9_\-:]{1,64}$")] | None,
        Meta(
            description="Only jobs with this label, written `key:value`.",
            examples=["site:lab"],
        ),
    ] = None


class GetJobParameters(Struct, kw_only=True, frozen=True):
    """The query of one job; only used to check and to document it."""

    wait: Annotated[
        float,
        Meta(
            ge=0,
            le=30,
            description=(
                "Answer when the job has ended, or after this many seconds, whichever comes first. 0 answers at once."
            ),
        ),
    ] = 0.0


class HealthStatus(StrEnum):
    """How a part of the service is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    NO_WORKERS = "no_workers"


class ComponentHealth(Struct, kw_only=True, frozen=True):
    """How one part of the service is."""

    status: HealthStatus


class QueueHealth(Struct, kw_only=True, frozen=True):
    """How the queue is."""

    status: HealthStatus
    depth: Annotated[int, Meta(ge=0, description="Jobs that wait.")]


class WorkersHealth(Struct, kw_only=True, frozen=True):
    """How the workers are."""

    status: HealthStatus
    count: Annotated[int, Meta(ge=0, description="Workers that are alive.")]
    active_jobs: Annotated[int, Meta(ge=0, description="Jobs that run now.")]


class HealthComponents(Struct, kw_only=True, frozen=True):
    """The parts of the service."""

    redis: Annotated[
        ComponentHealth,
        Meta(description="The store of jobs. The name is kept for clients of earlier versions; no Redis is used."),
    ]
    queue: QueueHealth
    workers: WorkersHealth
    failed_jobs: Annotated[int, Meta(ge=0, description="Jobs that the service could not carry out.")]


class HealthReport(Struct, kw_only=True, frozen=True):
    """How the service is, as a whole and in parts. The HTTP status is 200 also when it is not healthy."""

    status: HealthStatus
    version: Version
    uptime_seconds: Annotated[float, Meta(ge=0, description="Seconds since the service started.")]
    components: HealthComponents


class ErrorResponse(Struct, kw_only=True, frozen=True):
    """The request was refused."""

    message: Annotated[str, Meta(description="What went wrong, for people.")]
    status: Annotated[int, Meta(description="The HTTP status code again.")]
    error: Annotated[str, Meta(description="One of a few fixed texts.")]
    app: App
    version: Version


class MessageError(Struct, kw_only=True, frozen=True):
    """The request was refused; only a message says why."""

    message: Annotated[str, Meta(description="What went wrong, for people.")]


class JobLookupError(Struct, kw_only=True, frozen=True):
    """There is no such job."""

    job_id: JobId
    status: Annotated[str, Meta(description="What was wrong with the job: `not_found`.")]
    app: App
    version: Version


class ValidationErrorItem(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One rule that the request broke. Submitted secrets and commands are never repeated."""

    kind: Annotated[str, Meta(description="Which rule, for programs.", examples=["missing"])] = field(name="type")
    loc: Annotated[list[str | int], Meta(description="The way to the field.", examples=[["commands", 0]])]
    msg: Annotated[str, Meta(description="The rule, for people.")]
    input: Annotated[
        str | int | float | None, Meta(description="The submitted value, where repeating it is harmless.")
    ] = None
    suggestions: Annotated[list[str] | None, Meta(description="Known values close to the submitted one.")] = None


class ProblemDetails(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The same refusal as problem details (RFC 9457), for callers whose `Accept` names them."""

    kind: Annotated[str, Meta(description="Always `about:blank`.")] = field(name="type")
    title: Annotated[str, Meta(description="The name of the HTTP status.")]
    status: Annotated[int, Meta(description="The HTTP status code.")]
    detail: Annotated[str, Meta(description="What went wrong, for people.")]
    errors: Annotated[list[ValidationErrorItem] | None, Meta(description="Every rule that was broken.")] = None
    job_id: Annotated[str | None, Meta(description="The job in question.")] = None
