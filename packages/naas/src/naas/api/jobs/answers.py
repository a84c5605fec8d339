"""What is said of a job on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from naas import __version__
from naas.api.answers import moment, moment_or_none
from naas.api.jobs.reports import FailedJobSummary, JobResponse, JobResult, JobSummary, JobTimings
from naas.driver.base import ErrorCode
from naas.jobs import JobKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from naas.jobs import Job
    from naas.services.orders import Accepted

__all__ = ["accepted_body", "accepted_headers", "failed_summary", "job_result", "job_summary"]

# How long the poll that `Operation-Location` names waits, in seconds: a caller that follows the header hears of the
# end at once, and none has to keep a read open for long.
POLL_WAIT: Final = 2

# What the existing service calls the function that carries a job out; clients show it.
_FUNCTIONS: Final[Mapping[JobKind, str]] = {
    JobKind.SEND_COMMAND: "naas.library.netmiko_lib.netmiko_send_command",
    JobKind.SEND_COMMAND_STRUCTURED: "naas.library.netmiko_lib.netmiko_send_command_structured",
    JobKind.SEND_CONFIG: "naas.library.netmiko_lib.netmiko_send_config",
    JobKind.BACKUP: "naas.conversation.backup",
}


def accepted_body(accepted: Accepted, message: str = "Job enqueued") -> JobResponse:
    """Return the body of a 202."""
    receipt = accepted.receipt
    return JobResponse(
        job_id=accepted.job_id,
        message=message,
        queue_position=accepted.queue_position,
        enqueued_at=moment(accepted.enqueued_at),
        timeout=accepted.time_limit,
        idempotent=receipt.reused,
        deduplicated=receipt.deduplicated,
        cached=receipt.cached,
        app="naas",
        version=__version__,
    )


def accepted_headers(accepted: Accepted) -> dict[str, str]:
    """Return the headers of a 202: the id, and where and when to ask."""
    kind = JobKind.SEND_COMMAND if accepted.kind == JobKind.BACKUP else accepted.kind
    return {
        "X-Request-ID": accepted.job_id,
        "Operation-Location": f"/v2/{kind}/{accepted.job_id}?wait={POLL_WAIT}",
        "Retry-After": "0",
    }


def job_result(job: Job) -> JobResult:
    """Return everything there is to say of a job."""
    outcome, failure = job.outcome, job.outcome.failure
    return JobResult(
        job_id=job.id,
        status=job.state,
        results=None if outcome.results is None else dict(outcome.results),
        error=failure.message if failure else None,
        error_code=failure.code if failure else None,
        error_retryable=failure.retryable if failure else None,
        detected_platform=outcome.detected_platform,
        tags=dict(job.tags) or None,
        needs_review=job.needs_review,
        partial_results=None if outcome.partial is None else dict(outcome.partial),
        diff=outcome.diff,
        kind=job.kind,
        host=job.device.host,
        port=job.device.port,
        platform=job.device.platform,
        context=job.context,
        batch_id=job.batch_id,
        replay_of=job.replay_of,
        worker=job.worker,
        created_at=moment(job.created_at),
        started_at=moment_or_none(job.started_at),
        ended_at=moment_or_none(job.ended_at),
        timings=JobTimings(
            queued=_seconds(job.created_at, job.started_at), running=_seconds(job.started_at, job.ended_at)
        ),
        app="naas",
        version=__version__,
    )


def _seconds(began: datetime | None, ended: datetime | None) -> float | None:
    if began is None or ended is None:
        return None
    return round(max(0.0, (ended - began).total_seconds()), 6)


def job_summary(job: Job) -> JobSummary:
    """Return one line of a list."""
    failure = job.outcome.failure
    return JobSummary(
        job_id=job.id,
        status=job.state,
        created_at=moment(job.created_at),
        ended_at=moment_or_none(job.ended_at),
        tags=dict(job.tags) or None,
        kind=job.kind,
        host=job.device.host,
        port=job.device.port,
        platform=job.device.platform,
        context=job.context,
        batch_id=job.batch_id,
        error_code=failure.code if failure else None,
        needs_review=job.needs_review,
        submitter=job.submitter or None,
    )


def failed_summary(job: Job) -> FailedJobSummary:
    """Return one line of the list of failed jobs."""
    failure = job.outcome.failure
    return FailedJobSummary(
        job_id=job.id,
        host=job.device.host,
        platform=job.device.platform,
        port=job.device.port,
        failed_at=moment_or_none(job.ended_at),
        error=failure.message if failure else None,
        error_code=failure.code if failure else ErrorCode.UNKNOWN,
        error_retryable=failure.retryable if failure else False,
        func=_FUNCTIONS[job.kind],
        needs_review=job.needs_review,
    )
