"""The store of NAAS 2.3: SQLite only, known by ``PRAGMA user_version = 1``."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SECONDS = cast("Any", sa.DOUBLE_PRECISION()).with_variant(sa.REAL(), "sqlite")
NUMBER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("work", sa.LargeBinary, nullable=False),
        sa.Column("tags", sa.Text),
        sa.Column("sealed_login", sa.LargeBinary),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("started_at", SECONDS),
        sa.Column("ended_at", SECONDS),
        sa.Column("worker", sa.Text),
        sa.Column("lease_until", SECONDS),
        sa.Column("cancel_requested", sa.Integer, nullable=False, server_default="0"),
        sa.Column("needs_review", sa.Integer, nullable=False, server_default="0"),
        sa.Column("results", sa.LargeBinary),
        sa.Column("error", sa.Text),
        sa.Column("error_code", sa.Text),
        sa.Column("detected_platform", sa.Text),
        # Names of their own: on PostgreSQL they outlive the renaming of their table.
        sa.PrimaryKeyConstraint("sequence", name="pk_first_jobs"),
        sa.UniqueConstraint("id", name="uq_first_jobs_id"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("jobs_by_owner", "jobs", ["owner", "sequence"])
    op.create_index("jobs_by_state", "jobs", ["state", "ended_at"])
    op.create_table(
        "tags",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Column("sequence", NUMBER, primary_key=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("tags_by_job", "tags", ["sequence"])
    op.create_table(
        "idempotency",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("expires_at", SECONDS, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first store")
