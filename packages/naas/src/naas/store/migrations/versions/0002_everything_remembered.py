"""Everything that the service remembers since 2.4: jobs with columns for what lists ask for, counts, records, audit,
configurations and webhooks."""

from __future__ import annotations

import ipaddress
import json
from typing import Any, cast

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SECONDS = cast("Any", sa.DOUBLE_PRECISION()).with_variant(sa.REAL(), "sqlite")
NUMBER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True}
STRICT_WITHOUT_ROWID: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}

# How many jobs are carried over at a time.
STEP = 500


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    for index, table in (("jobs_by_owner", "jobs"), ("jobs_by_state", "jobs"), ("tags_by_job", "tags")):
        op.drop_index(index, table)
    op.rename_table("jobs", "old_jobs")
    op.drop_table("tags")  # made again from the jobs
    _make_jobs()
    _make_the_rest()
    op.create_index("idempotency_by_expiry", "idempotency", ["expires_at"])
    _carry_over()
    op.drop_table("old_jobs")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA user_version = 2")  # what an older service looks at, and leaves the database alone


def downgrade() -> None:
    raise NotImplementedError("an older naas cannot read what this one wrote; restore the copy made before the upgrade")


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("moved_from", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text()),
        sa.Column("reuse_key", sa.Text()),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("started_at", SECONDS),
        sa.Column("ended_at", SECONDS),
        sa.Column("worker", sa.Text()),
        sa.Column("lease_until", SECONDS),
        sa.Column("cancel_requested", sa.Integer(), server_default="0", nullable=False),
        sa.Column("needs_review", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_code", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("detected_platform", sa.Text()),
        sa.Column("sealed_login", sa.LargeBinary()),
        sa.Column("sealed_webhook_secret", sa.LargeBinary()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("sequence", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        **STRICT,
    )
    op.create_index(
        "changes_ahead", "jobs", ["address", "sequence"], **where("kind = 'send-config' AND ended_at IS NULL")
    )
    op.create_index("jobs_by_owner", "jobs", ["owner", "created_at", "sequence", "kind", "context", "host"])
    op.create_index("jobs_by_owner_and_state", "jobs", ["owner", "state", "created_at", "sequence"])
    op.create_index("jobs_by_state", "jobs", ["state", "created_at", "sequence"])
    op.create_index("jobs_by_time", "jobs", ["created_at", "sequence", "kind", "context", "host"])
    op.create_index("jobs_of_batch", "jobs", ["batch_id", "created_at", "sequence"], **where("batch_id IS NOT NULL"))
    op.create_index("jobs_that_ended", "jobs", ["state", "ended_at"], **where("ended_at IS NOT NULL"))
    op.create_index("jobs_to_reuse", "jobs", ["reuse_key", "state", "ended_at"], **where("reuse_key IS NOT NULL"))
    op.create_index("jobs_to_review", "jobs", ["created_at", "sequence"], **where("needs_review = 1"))
    op.create_table(
        "tags",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("sequence", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("owner", "tag", "created_at", "sequence", name="pk_tags"),
        **STRICT_WITHOUT_ROWID,
    )
    op.create_index("tags_of_everybody", "tags", ["tag", "created_at", "sequence"])
    op.create_table(
        "job_counts",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("jobs", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("owner", "state", "shard", name="pk_job_counts"),
        **STRICT_WITHOUT_ROWID,
    )
    op.create_table(
        "changes",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("changed_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_changes"),
        **STRICT_WITHOUT_ROWID,
    )


def _make_the_rest() -> None:
    op.create_table(
        "records",
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("updated_at", SECONDS, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("collection", "id", name="pk_records"),
        **STRICT_WITHOUT_ROWID,
    )
    op.create_table(
        "audit",
        sa.Column("sequence", NUMBER, autoincrement=False, nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("at", SECONDS, nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
        **STRICT,
    )
    op.create_index("audit_by_principal", "audit", ["principal", "sequence"])
    op.create_index("audit_by_time", "audit", ["at", "sequence"])
    op.create_index("audit_by_type", "audit", ["event_type", "sequence"])
    op.create_table(
        "audit_ends",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_audit_ends"),
        **STRICT_WITHOUT_ROWID,
    )
    op.create_table(
        "snapshots",
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_startup", sa.Integer(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("taken_at", SECONDS, nullable=False),
        sa.Column("last_seen_at", SECONDS, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_snapshots"),
        sa.UniqueConstraint("id", name="uq_snapshots_id"),
        **STRICT,
    )
    op.create_index("snapshots_by_address", "snapshots", ["address", "sequence"])
    op.create_index("snapshots_by_owner", "snapshots", ["owner", "sequence"])
    op.create_index("snapshots_of_device", "snapshots", ["owner", "address", "is_startup", "sequence"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", SECONDS),
        sa.Column("delivered_at", SECONDS),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("ended_at", SECONDS),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        **STRICT,
    )
    op.create_index("deliveries_due", "deliveries", ["next_at"], **where("next_at IS NOT NULL"))
    op.create_index("deliveries_of_job", "deliveries", ["job_id", "created_at"])
    op.create_index("deliveries_that_ended", "deliveries", ["ended_at"], **where("ended_at IS NOT NULL"))


def _carry_over() -> None:
    connection = op.get_bind()
    # The service may have been upgraded with many jobs in it, so they are read piece by piece.
    read = sa.text("SELECT * FROM old_jobs WHERE sequence > :after ORDER BY sequence LIMIT :step")
    after = 0
    while rows := connection.execute(read, {"after": after, "step": STEP}).mappings().all():
        connection.execute(sa.insert(_JOBS), [_new_job(row) for row in rows])
        tags = [tag for row in rows for tag in _new_tags(row)]
        if tags:
            connection.execute(sa.insert(_TAGS), tags)
        after = rows[-1]["sequence"]
    connection.execute(
        sa.text("INSERT INTO job_counts SELECT owner, state, 0, count(*) FROM jobs GROUP BY owner, state")
    )
    if connection.dialect.name == "postgresql":
        serial = "SELECT setval(pg_get_serial_sequence('jobs', 'sequence'), max(sequence)) FROM jobs"
        connection.execute(sa.text(serial))


def _column(name: str) -> sa.ColumnClause[Any]:
    return sa.column(name)


_KEPT = (
    *("sequence", "id", "owner", "state", "context", "created_at", "started_at", "ended_at", "worker", "lease_until"),
    *("cancel_requested", "needs_review", "error_code", "error", "detected_platform", "sealed_login"),
)
_JOBS = sa.table("jobs", *[_column(name) for name in (*_KEPT, "kind", "host", "address", "body", "outcome")])
_TAGS = sa.table("tags", *[_column(name) for name in ("owner", "tag", "created_at", "sequence")])


def _new_job(row: Any) -> dict[str, Any]:
    body = json.loads(row["work"])
    if row["tags"]:
        body["tags"] = json.loads(row["tags"])
    device = body["device"]
    outcome = None
    if row["results"] is not None:
        outcome = json.dumps({"results": json.loads(row["results"])}).encode()
    return {
        **{name: row[name] for name in _KEPT},
        "kind": body["work"]["kind"],
        "host": device["host"],
        "address": _address_of(device["host"], device["port"]),
        "body": json.dumps(body).encode(),
        "outcome": outcome,
    }


def _new_tags(row: Any) -> list[dict[str, Any]]:
    tags: dict[str, str] = json.loads(row["tags"]) if row["tags"] else {}
    same = {name: row[name] for name in ("owner", "created_at", "sequence")}
    return [{**same, "tag": f"{key}:{value}"} for key, value in tags.items()]


def _address_of(host: str, port: int) -> str:
    # As `naas.driver.base.address_of` was when this was written.
    return f"[{ipaddress.IPv6Address(host)}]:{port}" if ":" in host else f"{host.lower()}:{port}"
