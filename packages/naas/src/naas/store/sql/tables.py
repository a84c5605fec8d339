"""The tables, once for both databases; `naas.store.migrations` makes them, a test holds the two together.

A job is one row. What is never asked for in a query is one JSON text (``body``, and ``outcome`` for what came of it);
what is asked for is a column. Times are seconds since 1970, UTC. Listings go newest first, by ``created_at`` and, for
jobs of the same moment, by ``sequence``: so every index that serves one ends with these two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import (
    DOUBLE_PRECISION,
    REAL,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

__all__ = [
    "METADATA",
    "audit",
    "audit_ends",
    "changes",
    "deliveries",
    "idempotency",
    "job_counts",
    "jobs",
    "records",
    "snapshots",
    "tags",
]

METADATA: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"})

# SQLite checks what is written only in STRICT tables, and these know five types.
_STRICT: Final[dict[str, Any]] = {"sqlite_strict": True}
_STRICT_WITHOUT_ROWID: Final[dict[str, Any]] = {"sqlite_strict": True, "sqlite_with_rowid": False}

_Seconds: Final = cast("TypeEngine[float]", DOUBLE_PRECISION().with_variant(REAL, "sqlite"))
_Number: Final = cast("TypeEngine[int]", BigInteger().with_variant(Integer, "sqlite"))


def _where(condition: str) -> dict[str, Any]:
    """The options of a partial index: only rows that meet the condition are in it."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


jobs: Final = Table(
    "jobs",
    METADATA,
    Column("sequence", _Number, primary_key=True),  # the order of arrival
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    # The state before this one. An UPDATE can return only what is there after it, and the counts need both.
    Column("moved_from", Text),
    Column("kind", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("batch_id", Text),
    Column("reuse_key", Text),
    Column("created_at", _Seconds, nullable=False),
    Column("started_at", _Seconds),
    Column("ended_at", _Seconds),
    Column("worker", Text),  # the lease: who runs the job, and until when
    Column("lease_until", _Seconds),
    Column("cancel_requested", Integer, nullable=False, server_default="0"),
    Column("needs_review", Integer, nullable=False, server_default="0"),
    Column("error_code", Text),
    Column("error", Text),
    Column("detected_platform", Text),
    Column("sealed_login", LargeBinary),  # encrypted; NULL once the job has ended
    Column("sealed_webhook_secret", LargeBinary),  # encrypted; NULL once the webhook is delivered
    Column("body", LargeBinary, nullable=False),  # JSON: device, work, timeouts, tags and the rest
    Column(
        "outcome", LargeBinary
    ),  # JSON: results, partial results, difference; deflated if long. Last: it may be long
    **_STRICT,
)

# Lists of one host, kind or context are read from these two: a job that does not match costs a tenth of a microsecond,
# 10 ms for 100,000. An index of hosts would take a page to disk for nearly every new job, ten kilobytes each.
_FILTERED: Final = (jobs.c.created_at, jobs.c.sequence, jobs.c.kind, jobs.c.context, jobs.c.host)
Index("jobs_by_time", *_FILTERED)
Index("jobs_by_owner", jobs.c.owner, *_FILTERED)
Index("jobs_by_state", jobs.c.state, jobs.c.created_at, jobs.c.sequence)
Index("jobs_by_owner_and_state", jobs.c.owner, jobs.c.state, jobs.c.created_at, jobs.c.sequence)
Index("jobs_of_batch", jobs.c.batch_id, jobs.c.created_at, jobs.c.sequence, **_where("batch_id IS NOT NULL"))
Index("jobs_to_review", jobs.c.created_at, jobs.c.sequence, **_where("needs_review = 1"))
Index("jobs_to_reuse", jobs.c.reuse_key, jobs.c.state, jobs.c.ended_at, **_where("reuse_key IS NOT NULL"))
Index("jobs_that_ended", jobs.c.state, jobs.c.ended_at, **_where("ended_at IS NOT NULL"))
Index("changes_ahead", jobs.c.address, jobs.c.sequence, **_where("kind = 'send-config' AND ended_at IS NULL"))

tags: Final = Table(
    "tags",
    METADATA,
    Column("owner", Text, nullable=False),
    Column("tag", Text, nullable=False),  # key:value, neither holds a second meaning for the colon
    Column("created_at", _Seconds, nullable=False),  # that of the job
    Column("sequence", _Number, nullable=False),
    PrimaryKeyConstraint("owner", "tag", "created_at", "sequence"),
    **_STRICT_WITHOUT_ROWID,
)
Index("tags_of_everybody", tags.c.tag, tags.c.created_at, tags.c.sequence)

# How many jobs an owner has in a state: the sum over the shards. A count by index would cost milliseconds at 100,000
# jobs. Each service writes to its own shard, or several services on one database would wait for each other's commits.
job_counts: Final = Table(
    "job_counts",
    METADATA,
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("shard", Integer, nullable=False),
    Column("jobs", _Number, nullable=False),
    PrimaryKeyConstraint("owner", "state", "shard"),
    **_STRICT_WITHOUT_ROWID,
)

# When a configuration job last started or ended at a device. Older results of this device are not used again.
changes: Final = Table(
    "changes",
    METADATA,
    Column("address", Text, primary_key=True),
    Column("changed_at", _Seconds, nullable=False),
    **_STRICT_WITHOUT_ROWID,
)

idempotency: Final = Table(
    "idempotency",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("expires_at", _Seconds, nullable=False),
    **_STRICT_WITHOUT_ROWID,
)
Index("idempotency_by_expiry", idempotency.c.expires_at)

records: Final = Table(
    "records",
    METADATA,
    Column("collection", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", _Seconds, nullable=False),
    Column("updated_at", _Seconds, nullable=False),
    Column("value", LargeBinary, nullable=False),  # JSON
    PrimaryKeyConstraint("collection", "id"),
    **_STRICT_WITHOUT_ROWID,
)

audit: Final = Table(
    "audit",
    METADATA,
    Column("sequence", _Number, primary_key=True, autoincrement=False),
    Column("event_type", Text, nullable=False),
    Column("at", _Seconds, nullable=False),
    Column("principal", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON object
    Column("chain", Text, nullable=False),
    **_STRICT,
)
Index("audit_by_time", audit.c.at, audit.c.sequence)
Index("audit_by_type", audit.c.event_type, audit.c.sequence)
Index("audit_by_principal", audit.c.principal, audit.c.sequence)

# Where the trail begins and ends: the last line that was dropped, and the last one that was written. Each is sealed
# with the key, so that a cut at either end shows as a gap does.
audit_ends: Final = Table(
    "audit_ends",
    METADATA,
    Column("name", Text, primary_key=True),  # "first" or "last"
    Column("sequence", _Number, nullable=False),
    Column("chain", Text, nullable=False),
    Column("seal", Text, nullable=False),
    **_STRICT_WITHOUT_ROWID,
)

snapshots: Final = Table(
    "snapshots",
    METADATA,
    Column("sequence", _Number, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("is_startup", Integer, nullable=False),
    Column("context", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("taken_at", _Seconds, nullable=False),
    Column("last_seen_at", _Seconds, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("text", LargeBinary, nullable=False),  # UTF-8 of what came in, which is sealed
    **_STRICT,
)
Index("snapshots_of_device", snapshots.c.owner, snapshots.c.address, snapshots.c.is_startup, snapshots.c.sequence)
Index("snapshots_by_address", snapshots.c.address, snapshots.c.sequence)
Index("snapshots_by_owner", snapshots.c.owner, snapshots.c.sequence)

deliveries: Final = Table(
    "deliveries",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sealed_secret", LargeBinary),
    Column("attempts", Integer, nullable=False),
    Column("next_at", _Seconds),  # NULL once it has ended
    Column("delivered_at", _Seconds),
    Column("last_error", Text),
    Column("created_at", _Seconds, nullable=False),
    Column("ended_at", _Seconds),
    **_STRICT,
)
Index("deliveries_due", deliveries.c.next_at, **_where("next_at IS NOT NULL"))
Index("deliveries_that_ended", deliveries.c.ended_at, **_where("ended_at IS NOT NULL"))
Index("deliveries_of_job", deliveries.c.job_id, deliveries.c.created_at)
