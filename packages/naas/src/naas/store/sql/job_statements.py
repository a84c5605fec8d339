"""The statements of the job store, built once for a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import and_, delete, exists, func, literal_column, or_, select, text, update

from naas.jobs import MOVES, JobState
from naas.store.sql.job_rows import JOB_COLUMNS, WITHOUT_OUTCOME
from naas.store.sql.statements import Statement, compile_statement, given, given_all
from naas.store.sql.tables import changes, idempotency, job_counts, jobs, tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ClauseElement, ColumnElement

    from naas.store.base import Move
    from naas.store.sql.databases import Database

__all__ = ["FORGET_AT_ONCE", "JobStatements", "MoveShape"]

# A purge holds up every other write, so it goes in steps: this many jobs take some milliseconds.
FORGET_AT_ONCE: Final = 500

_NEW: Final = (
    *("id", "owner", "state", "kind", "context", "host", "address", "batch_id", "reuse_key", "created_at"),
    *("sealed_login", "sealed_webhook_secret", "body"),
)

# Written out, since SQLite uses a partial index only where it can read the condition.
_is_change_ahead: Final[ColumnElement[bool]] = literal_column(
    "changes_ahead.kind = 'send-config' AND changes_ahead.ended_at IS NULL"
)

# What a query of `MoveShape` returns behind the columns of the job.
MOVED: Final = (*WITHOUT_OUTCOME, jobs.c.moved_from, jobs.c.kind, jobs.c.address)


class MoveShape:
    """Which UPDATE a move needs: equal for moves that differ only in their values."""

    @staticmethod
    def of(move: Move) -> tuple[JobState, JobState | None, bool]:
        """Return the target, the only state before, and whether one worker must hold the job."""
        return (move.to, move.only_from, move.only_worker is not None)


class JobStatements:
    """Compiled for one dialect. Their values are named as the columns that they go to, unless said otherwise."""

    _of_kind: ClassVar[dict[type[Database], JobStatements]] = {}

    @classmethod
    def of(cls, database: Database) -> JobStatements:
        """Return those for this kind of database, compiled once a process: nothing in them is of one database."""
        kind = type(database)
        if kind not in cls._of_kind:
            cls._of_kind[kind] = cls(database)
        return cls._of_kind[kind]

    def __init__(self, database: Database) -> None:
        self._database = database
        self._moves: dict[tuple[JobState, JobState | None, bool], Statement] = {}
        insert = database.insert
        self.insert = self._compile(insert(jobs).values(given_all(_NEW)).on_conflict_do_nothing())
        new_tag = select(given("owner", jobs.c.owner.type), given("tag", tags.c.tag.type), jobs.c.created_at)
        new_tag = new_tag.add_columns(jobs.c.sequence).where(jobs.c.id == given("id"))
        self.insert_tag = self._compile(insert(tags).from_select(["owner", "tag", "created_at", "sequence"], new_tag))
        self.state_of = self._compile(select(jobs.c.state).where(jobs.c.id == given("id")))
        self.get = self._compile(select(*JOB_COLUMNS).where(jobs.c.id == given("id")))
        self.get_all = self._compile(select(*JOB_COLUMNS).where(database.is_one_of(jobs.c.id, "ids")))
        self.known_ids = self._compile(select(jobs.c.id).where(database.is_one_of(jobs.c.id, "ids")))
        self._compile_idempotency()
        self._compile_reuse()
        self._compile_running()
        self._compile_counts()
        self._compile_purge()

    def move(self, move: Move) -> Statement:
        """Return the UPDATE that makes the move only from a state that `MOVES` allows, and returns `MOVED`."""
        shape = MoveShape.of(move)
        statement = self._moves.get(shape)
        if statement is None:
            statement = self._moves[shape] = self._compile(_move_update(*shape))
        return statement

    def _compile(self, clause: ClauseElement) -> Statement:
        return compile_statement(clause, self._database.dialect)

    def _compile_idempotency(self) -> None:
        key = idempotency.c.key == given("key")
        found = select(idempotency.c.job_id, idempotency.c.fingerprint)
        self.earlier = self._compile(found.where(key, idempotency.c.expires_at >= given("now")))
        names = ("key", "fingerprint", "job_id", "expires_at")
        new = self._database.insert(idempotency).values(given_all(names))
        values = {name: new.excluded[name] for name in names[1:]}
        # A key that is there and has expired is taken over; one that has not is a race that was lost.
        claim = new.on_conflict_do_update(
            index_elements=[idempotency.c.key], set_=values, where=idempotency.c.expires_at < given("now")
        )
        self.claim = self._compile(claim.returning(idempotency.c.key))

    def _compile_reuse(self) -> None:
        """Both need ``reuse_key`` and ``address``. A configuration job that waits or runs makes the device another
        one for whoever asks after it: neither a result from before it nor a job ahead of it will do."""
        ahead = jobs.alias("changes_ahead")
        changes_ahead = and_(ahead.c.address == given("address"), _is_change_ahead)
        same = jobs.c.reuse_key == given("reuse_key")
        self.waiting_twin = self._compile(
            select(jobs.c.id)
            .where(same, jobs.c.state.in_([JobState.QUEUED.value, JobState.STARTED.value]))
            .where(jobs.c.cancel_requested == literal_column("0"))
            .where(~exists().where(changes_ahead, ahead.c.sequence > jobs.c.sequence))
            .limit(1)
        )
        changed_at = select(changes.c.changed_at).where(changes.c.address == given("address")).scalar_subquery()
        self.finished_twin = self._compile(
            select(jobs.c.id)
            .where(same, jobs.c.state == JobState.FINISHED.value, jobs.c.ended_at >= given("finished_after"))
            .where(jobs.c.ended_at > func.coalesce(changed_at, literal_column("0.0")))
            .where(jobs.c.error_code.is_(None), ~exists().where(changes_ahead))
            .order_by(jobs.c.ended_at.desc())
            .limit(1)
        )
        new = self._database.insert(changes).values(given_all(("address", "changed_at")))
        later = new.excluded.changed_at
        self.note_change = self._compile(
            new.on_conflict_do_update(
                index_elements=[changes.c.address], set_={"changed_at": later}, where=changes.c.changed_at < later
            )
        )

    def _compile_running(self) -> None:
        is_started = jobs.c.state == JobState.STARTED.value
        is_live = jobs.c.state.in_([JobState.QUEUED.value, JobState.STARTED.value])
        self.request_cancel = self._compile(
            update(jobs).where(jobs.c.id == given("id"), is_live).values(cancel_requested=literal_column("1"))
        )
        self.renew = self._compile(
            update(jobs).where(is_started, jobs.c.worker == given("worker")).values(given_all(("lease_until",)))
        )
        oldest_first = select(*WITHOUT_OUTCOME).order_by(jobs.c.created_at, jobs.c.sequence)
        self.queued = self._compile(oldest_first.where(jobs.c.state == JobState.QUEUED.value))
        self.started = self._compile(oldest_first.where(is_started))
        run_out = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= given("now"))
        self.started_without_lease = self._compile(oldest_first.where(is_started, run_out))

    def _compile_counts(self) -> None:
        self.counts = self._compile(
            select(job_counts.c.state, func.sum(job_counts.c.jobs)).group_by(job_counts.c.state)
        )
        self.to_review = self._compile(select(func.count()).select_from(jobs).where(text("needs_review = 1")))
        new = self._database.insert(job_counts).values(given_all(("owner", "state", "shard", "jobs")))
        key = [job_counts.c.owner, job_counts.c.state, job_counts.c.shard]
        self.count = self._compile(
            new.on_conflict_do_update(index_elements=key, set_={"jobs": job_counts.c.jobs + new.excluded.jobs})
        )
        taken = delete(job_counts).returning(job_counts.c.owner, job_counts.c.state, job_counts.c.jobs)
        self.take_counts = self._compile(taken)

    def _compile_purge(self) -> None:
        some: ColumnElement[int] = literal_column(str(FORGET_AT_ONCE))
        expired = select(idempotency.c.key).where(idempotency.c.expires_at < given("now")).limit(some)
        self.forget_keys = self._compile(delete(idempotency).where(idempotency.c.key.in_(expired)))
        ended = select(jobs.c.sequence).where(jobs.c.state == given("state"), jobs.c.ended_at < given("before"))
        self.forget_old = self._compile(_forget(ended.limit(some)))
        # Tells SQLite what it cannot know of a given state: that the partial index has every such job.
        failed = select(jobs.c.sequence).where(jobs.c.state == JobState.FAILED.value, jobs.c.ended_at.is_not(None))
        newest_first = failed.order_by(jobs.c.ended_at.desc(), jobs.c.sequence.desc())
        self.forget_beyond = self._compile(_forget(newest_first.limit(some).offset(given("kept"))))
        key = (tags.c.owner, tags.c.tag, tags.c.created_at, tags.c.sequence)
        self.forget_tag = self._compile(delete(tags).where(*[column == given(column.name) for column in key]))
        self.forget_changes = self._compile(delete(changes).where(changes.c.changed_at < given("before")))


def _forget(which: Any) -> ClauseElement:
    gone = delete(jobs).where(jobs.c.sequence.in_(which))
    return gone.returning(*WITHOUT_OUTCOME, jobs.c.sequence)


_STATES_BEFORE: Final[Mapping[JobState, tuple[JobState, ...]]] = {
    after: tuple(before for before in JobState if after in MOVES[before]) for after in JobState
}

_LEASE: Final = ("started_at", "worker", "lease_until")
_ENDED: Final = ("ended_at", "needs_review", "outcome", "error_code", "error", "detected_platform")


def _move_update(to: JobState, only_from: JobState | None, is_of_worker: bool) -> ClauseElement:
    before = _STATES_BEFORE[to] if only_from is None else (only_from,)
    values: dict[str, Any] = {"state": to.value, "moved_from": jobs.c.state} | given_all(_set_by(to))
    if to is JobState.QUEUED:
        values |= dict.fromkeys(_LEASE)
    if to.is_final:
        # The login has served its purpose: what is not kept cannot leak.
        values |= dict.fromkeys(("sealed_login", "lease_until"))
    moved = update(jobs).where(jobs.c.id == given("id"), jobs.c.state.in_([state.value for state in before]))
    if is_of_worker:
        moved = moved.where(jobs.c.worker == given("only_worker"))
    return moved.values(values).returning(*MOVED)


def _set_by(to: JobState) -> Iterable[str]:
    if to is JobState.STARTED:
        return _LEASE
    return _ENDED if to.is_final else ()
