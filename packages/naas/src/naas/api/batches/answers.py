"""What is said of a batch on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from naas import __version__
from naas.api.answers import moment, moment_or_none
from naas.api.batches.wire import BatchJob, BatchResponse, BatchSubmitResponse, BatchSummary
from naas.batches import state_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naas.jobs import Job
    from naas.services.batches import AcceptedBatch, BatchView

__all__ = [
    "accepted_body",
    "accepted_headers",
    "batch_job",
    "batch_response",
    "batch_summary",
    "ended_since",
    "revision_of",
]

# As for a single job: who follows `Operation-Location` hears of the end at once.
_POLL_WAIT: Final = 2

# Ends are written in the order in which the store gets to them, which is not quite that of their times: who asks for
# what is new since an answer gets the last moments before it again.
_OVERLAP: Final = timedelta(seconds=2)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def accepted_body(accepted: AcceptedBatch) -> BatchSubmitResponse:
    """Return the body of a 202."""
    return BatchSubmitResponse(
        batch_id=accepted.batch_id,
        job_ids=list(accepted.job_ids),
        total=len(accepted.job_ids),
        idempotent=accepted.reused,
        app="naas",
        version=__version__,
    )


def accepted_headers(accepted: AcceptedBatch) -> dict[str, str]:
    """Return the headers of a 202: where and when to ask."""
    return {"Operation-Location": f"/v2/batches/{accepted.batch_id}?wait={_POLL_WAIT}", "Retry-After": "0"}


def batch_summary(view: BatchView) -> BatchSummary:
    """Return a batch without its jobs."""
    return BatchSummary(**_summary(view))


def batch_response(view: BatchView, detailed: Mapping[str, Job]) -> BatchResponse:
    """Return a batch with its jobs; those in ``detailed`` with what came of them."""
    return BatchResponse(
        **_summary(view),
        jobs=[batch_job(detailed.get(job.id, job), with_results=job.id in detailed) for job in view.jobs],
        revision=revision_of(view),
        app="naas",
        version=__version__,
    )


def _summary(view: BatchView) -> dict[str, Any]:
    record, counts = view.record, view.counts
    limit = record.most_failures
    return {
        "batch_id": record.id,
        "status": state_of(counts),
        "kind": record.kind,
        "created_at": moment(record.created_at),
        "submitter": record.submitter or None,
        "tags": dict(record.tags) or None,
        "waves": list(record.waves),
        "stopped": limit is not None and counts.failures > limit,
        "retry_of": record.retry_of,
        "total": counts.total,
        "completed": counts.finished,
        "pending": counts.unfinished,
        "failed": counts.failed,
        "succeeded": counts.succeeded,
        "errors": counts.errors,
        "running": counts.running,
        "queued": counts.queued,
        "deferred": counts.deferred,
        "canceled": counts.canceled,
        "forgotten": counts.forgotten,
    }


def batch_job(job: Job, *, with_results: bool) -> BatchJob:
    """Return one job of a batch."""
    outcome, failure = job.outcome, job.outcome.failure
    detailed: dict[str, Any] = {}
    if with_results:
        detailed = {
            "results": None if outcome.results is None else dict(outcome.results),
            "partial_results": None if outcome.partial is None else dict(outcome.partial),
            "diff": outcome.diff,
            "detected_platform": outcome.detected_platform,
        }
    return BatchJob(
        job_id=job.id,
        host=job.device.host,
        port=job.device.port,
        status=job.state,
        wave=job.wave,
        error=failure.message if failure else None,
        error_code=failure.code if failure else None,
        error_retryable=failure.retryable if failure else None,
        needs_review=job.needs_review,
        ended_at=moment_or_none(job.ended_at),
        **detailed,
    )


def revision_of(view: BatchView) -> str:
    """Return what `since` takes: how many jobs had ended, and when the last of them did, in microseconds."""
    last = view.last_end
    micros = 0 if last is None else (last - _EPOCH) // timedelta(microseconds=1)
    return f"{view.ended}-{micros}"


def ended_since(view: BatchView, revision: str | None) -> Sequence[Job]:
    """Return the jobs that ended since an earlier revision; without one, all that ended."""
    ended = [job for job in view.jobs if job.ended_at is not None]
    micros = 0 if revision is None else int(revision.partition("-")[2])
    if not micros:
        return ended
    since = _EPOCH + timedelta(microseconds=micros) - _OVERLAP
    return [job for job in ended if job.ended_at is not None and job.ended_at >= since]
