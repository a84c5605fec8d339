"""The tables of the SQLite store, and the one place that turns rows into jobs and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from naas.driver.base import ErrorCode
from naas.jobs import CommandWork, ConfigWork, Device, Failure, Job, JobState, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Row

__all__ = ["COLUMNS", "SCHEMA", "SCHEMA_VERSION", "job_from_row", "job_values", "outcome_values", "seconds"]

# Raised with every change of SCHEMA; kept in the database as `PRAGMA user_version`.
SCHEMA_VERSION: Final = 1

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    sequence          INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of arrival
    id                TEXT NOT NULL UNIQUE,
    owner             TEXT NOT NULL,
    state             TEXT NOT NULL,
    context           TEXT NOT NULL,
    work              BLOB NOT NULL,    -- JSON: device, work, timeouts
    tags              TEXT,             -- JSON object
    sealed_login      BLOB,             -- encrypted; NULL once the job has ended
    created_at        REAL NOT NULL,    -- seconds since 1970, UTC, as all times here
    started_at        REAL,
    ended_at          REAL,
    worker            TEXT,             -- the lease: who runs the job, and until when
    lease_until       REAL,
    cancel_requested  INTEGER NOT NULL DEFAULT 0,
    needs_review      INTEGER NOT NULL DEFAULT 0,
    results           BLOB,             -- JSON object
    error             TEXT,
    error_code        TEXT,
    detected_platform TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_owner ON jobs (owner, sequence);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, ended_at);
CREATE TABLE IF NOT EXISTS tags (
    owner    TEXT NOT NULL,
    tag      TEXT NOT NULL,             -- key:value, neither holds a second meaning for the colon
    sequence INTEGER NOT NULL REFERENCES jobs (sequence),
    PRIMARY KEY (owner, tag, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_job ON tags (sequence);
CREATE TABLE IF NOT EXISTS idempotency (
    key         TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    job_id      TEXT NOT NULL,
    expires_at  REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""

COLUMNS: Final = (
    "id, owner, state, context, work, tags, sealed_login, created_at, started_at, ended_at, "
    "cancel_requested, needs_review, results, error, error_code, detected_platform"
)


class _Work(msgspec.Struct, frozen=True):
    """What the ``work`` column holds."""

    device: Device
    work: CommandWork | ConfigWork
    read_timeout: float
    conn_timeout: float


_work_encoder = msgspec.json.Encoder()
_work_decoder = msgspec.json.Decoder(_Work)
_results_decoder = msgspec.json.Decoder(dict[str, str])


def job_values(job: Job) -> tuple[Any, ...]:
    """Return the values of a new row: id, owner, state, context, work, tags, sealed_login, created_at."""
    work = _work_encoder.encode(_Work(job.device, job.work, job.read_timeout, job.conn_timeout))
    tags = json.dumps(dict(job.tags)) if job.tags else None
    return (job.id, job.owner, job.state.value, job.context, work, tags, job.sealed_login, job.created_at.timestamp())


def outcome_values(outcome: Outcome | None) -> tuple[Any, ...]:
    """Return results, error, error_code, detected_platform."""
    if outcome is None:
        return (None, None, None, None)
    results = None if outcome.results is None else _work_encoder.encode(dict(outcome.results))
    failure = outcome.failure
    if failure is None:
        return (results, None, None, outcome.detected_platform)
    return (results, failure.message, failure.code.value, outcome.detected_platform)


def job_from_row(row: Row | Mapping[str, Any]) -> Job:
    """Return the job that a row of `COLUMNS` holds."""
    work = _work_decoder.decode(row["work"])
    return Job(
        id=row["id"],
        owner=row["owner"],
        device=work.device,
        work=work.work,
        read_timeout=work.read_timeout,
        conn_timeout=work.conn_timeout,
        context=row["context"],
        tags=json.loads(row["tags"]) if row["tags"] else {},
        state=JobState(row["state"]),
        sealed_login=row["sealed_login"],
        created_at=_time(row["created_at"]),
        started_at=_time_or_none(row["started_at"]),
        ended_at=_time_or_none(row["ended_at"]),
        outcome=_outcome(row),
        cancel_requested=bool(row["cancel_requested"]),
        needs_review=bool(row["needs_review"]),
    )


def _outcome(row: Row | Mapping[str, Any]) -> Outcome:
    results = None if row["results"] is None else _results_decoder.decode(row["results"])
    if row["error"] is None:
        return Outcome(results, row["detected_platform"])
    failure = Failure(ErrorCode(row["error_code"]), row["error"])
    return Outcome(results, row["detected_platform"], failure)


def seconds(moment: datetime | None) -> float | None:
    """Return a time as the database keeps it."""
    return None if moment is None else moment.timestamp()


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _time_or_none(stamp: float | None) -> datetime | None:
    return None if stamp is None else _time(stamp)
