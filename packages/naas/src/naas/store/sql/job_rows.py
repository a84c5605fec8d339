"""The one place that turns jobs into rows of the ``jobs`` table and back."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from naas.driver.base import ErrorCode
from naas.jobs import Device, Failure, Job, JobState, Outcome, Priority, Work
from naas.store.sql.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column

__all__ = ["JOB_COLUMNS", "WITHOUT_OUTCOME", "deflated", "inflated", "job_from_row", "job_values", "outcome_values"]
__all__ += ["moment", "seconds"]

# In the order in which `job_from_row` reads them; the last ones may be left out of a SELECT.
_NAMES: Final = (
    *("body", "id", "owner", "state", "context", "batch_id", "reuse_key", "created_at", "started_at", "ended_at"),
    *("worker", "cancel_requested", "needs_review", "error_code", "error", "detected_platform"),
    *("sealed_webhook_secret", "sealed_login", "outcome"),
)
JOB_COLUMNS: Final[tuple[Column[Any], ...]] = tuple(jobs.c[name] for name in _NAMES)
WITHOUT_OUTCOME: Final = JOB_COLUMNS[:-1]


class _Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the ``body`` column holds: whatever is never asked for in a query."""

    device: Device
    work: Work
    read_timeout: float
    conn_timeout: float
    job_timeout: float | None = None
    priority: Priority = Priority.NORMAL
    tags: dict[str, str] | None = None
    submitter: str = ""
    wave: int = 0
    replay_of: str | None = None
    webhook_url: str | None = None
    trace: str | None = None


class _Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the ``outcome`` column holds."""

    results: dict[str, Any] | None = None
    partial: dict[str, Any] | None = None
    diff: str | None = None


_encoder: Final = msgspec.json.Encoder()
_body_decoder: Final = msgspec.json.Decoder(_Body)
_outcome_decoder: Final = msgspec.json.Decoder(_Outcome)


def job_values(job: Job) -> dict[str, Any]:
    """Return the values of a new row by column."""
    body = _Body(
        job.device,
        job.work,
        job.read_timeout,
        job.conn_timeout,
        job.job_timeout,
        job.priority,
        dict(job.tags) if job.tags else None,
        job.submitter,
        job.wave,
        job.replay_of,
        job.webhook_url,
        job.trace,
    )
    return {
        "id": job.id,
        "owner": job.owner,
        "state": job.state.value,
        "kind": job.kind.value,
        "context": job.context,
        "host": job.device.host,
        "address": job.device.address,
        "batch_id": job.batch_id,
        "reuse_key": job.reuse_key,
        "created_at": job.created_at.timestamp(),
        "sealed_login": job.sealed_login,
        "sealed_webhook_secret": job.sealed_webhook_secret,
        "body": _encoder.encode(body),
    }


def outcome_values(outcome: Outcome) -> dict[str, Any]:
    """Return the values of the columns that say what came of a job."""
    failure = outcome.failure
    content: bytes | None = None
    if outcome.results is not None or outcome.partial is not None or outcome.diff is not None:
        kept = _Outcome(_dict(outcome.results), _dict(outcome.partial), outcome.diff)
        content = deflated(_encoder.encode(kept))
    return {
        "outcome": content,
        "error_code": None if failure is None else failure.code.value,
        # PostgreSQL keeps no NUL in a text, and a device may send one.
        "error": None if failure is None else failure.message.replace("\0", "\ufffd"),
        "detected_platform": outcome.detected_platform,
    }


def _dict(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else dict(values)


def job_from_row(row: tuple[Any, ...], *, with_login: bool = False, outcome: Outcome | None = None) -> Job:
    """Return the job that a row of `JOB_COLUMNS` or of `WITHOUT_OUTCOME` holds; ``outcome`` if it is known already."""
    body = _body_decoder.decode(row[0])
    return Job(
        id=row[1],
        owner=row[2],
        device=body.device,
        work=body.work,
        created_at=datetime.fromtimestamp(row[7], UTC),
        read_timeout=body.read_timeout,
        conn_timeout=body.conn_timeout,
        job_timeout=body.job_timeout,
        priority=body.priority,
        context=row[4],
        tags=body.tags or {},
        submitter=body.submitter,
        batch_id=row[5],
        wave=body.wave,
        replay_of=body.replay_of,
        webhook_url=body.webhook_url,
        sealed_webhook_secret=row[16],
        reuse_key=row[6],
        trace=body.trace,
        state=JobState(row[3]),
        sealed_login=row[17] if with_login else None,
        started_at=moment(row[8]),
        ended_at=moment(row[9]),
        worker=row[10],
        outcome=outcome or _outcome(row),
        cancel_requested=bool(row[11]),
        needs_review=bool(row[12]),
    )


def _outcome(row: tuple[Any, ...]) -> Outcome:
    failure = None if row[13] is None else Failure(ErrorCode(row[13]), row[14])
    if len(row) < len(_NAMES) or row[18] is None:
        return Outcome(None, row[15], failure) if failure is not None or row[15] is not None else _NOTHING
    kept = _outcome_decoder.decode(inflated(row[18]))
    return Outcome(kept.results, row[15], failure, kept.partial, kept.diff)


_NOTHING: Final = Outcome()

# Output of devices deflates to a fifth or less, but below a database page nothing is gained (bytes).
_DEFLATE_FROM: Final = 4096
# The first byte of a zlib stream with the usual window (RFC 1950); JSON objects begin with a brace.
_ZLIB: Final = 0x78


def deflated(content: bytes) -> bytes:
    """Return the content as it is kept: compressed if it is long. It must not begin with the byte ``x``."""
    return zlib.compress(content, 1) if len(content) >= _DEFLATE_FROM else content


def inflated(content: bytes) -> bytes:
    """Return what `deflated` was given."""
    return zlib.decompress(content) if content[0] == _ZLIB else content


def seconds(time: datetime | None) -> float | None:
    """Return a time as the database keeps it."""
    return None if time is None else time.timestamp()


def moment(stamp: float | None) -> datetime | None:
    """Return the time that `seconds` kept."""
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)
