"""No statement that runs while somebody waits reads a whole table: SQLite's own plans say so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from naas.jobs import JobState
from naas.store import migrations
from naas.store.base import Move
from naas.store.sql.job_listing import Shape, count_of, page_of
from naas.store.sql.job_statements import JobStatements
from naas.store.sql.sqlite import SqliteDatabase
from naas.store.sql.statements import Statement

TWO_STATES = ("queued", "started")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "naas.db"
    migrations.upgrade(path)
    return path


@pytest.fixture
def database(path: Path) -> Iterator[SqliteDatabase]:
    database = SqliteDatabase(path)
    yield database
    database.close()


def plan(path: Path, statement: Statement) -> list[str]:
    """The lines of the plan that read the tables of jobs."""
    connection = sqlite3.connect(path)
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", [None] * len(statement.names)).fetchall()
    connection.close()
    return [line for *_, line in rows]


@pytest.mark.parametrize(
    ("shape", "index"),
    [
        (Shape(), "jobs_by_time"),
        (Shape(before=True), "jobs_by_time"),
        (Shape(since=True, until=True), "jobs_by_time"),
        (Shape(owner=True), "jobs_by_owner"),
        (Shape(owner=True, before=True), "jobs_by_owner"),
        (Shape(states=("failed",)), "jobs_by_state"),
        (Shape(states=TWO_STATES), "jobs_by_state"),
        (Shape(owner=True, states=("failed",)), "jobs_by_owner_and_state"),
        (Shape(owner=True, states=TWO_STATES, before=True), "jobs_by_owner_and_state"),
        (Shape(kind=True), "COVERING INDEX jobs_by_time"),
        (Shape(host=True), "COVERING INDEX jobs_by_time"),
        (Shape(owner=True, kind=True, context=True, host=True), "COVERING INDEX jobs_by_owner"),
        (Shape(batch=True), "jobs_of_batch"),
        (Shape(needs_review=True), "jobs_to_review"),
        (Shape(tag=True), "tags_of_everybody"),
        (Shape(tag=True, owner=True), "PRIMARY KEY"),
        (Shape(tag=True, owner=True, states=TWO_STATES), "PRIMARY KEY"),
    ],
)
def test_a_list_is_read_from_an_index_in_its_order(
    path: Path, database: SqliteDatabase, shape: Shape, index: str
) -> None:
    """One index walk a state, one look-up a job on the page; nothing is sorted but the page, or a merge of pages."""
    steps = plan(path, page_of(shape, database.dialect))
    walks = [step for step in steps if "USING" in step and "rowid=?" not in step]
    assert len(walks) == max(1, len(shape.states) if shape.is_merged else 1), steps
    assert all(index in walk for walk in walks), steps
    assert not [step for step in steps if step.startswith("SCAN jobs") and "USING" not in step], steps


@pytest.mark.parametrize(
    "shape",
    [
        Shape(owner=True, kind=True),
        Shape(owner=True, host=True, states=TWO_STATES),
        Shape(kind=True, states=TWO_STATES, since=True),
        Shape(owner=True, batch=True, needs_review=False),
        Shape(owner=True, context=True, until=True),
    ],
)
def test_a_list_with_several_filters_is_read_from_some_index(
    path: Path, database: SqliteDatabase, shape: Shape
) -> None:
    steps = plan(path, page_of(shape, database.dialect))
    assert not [step for step in steps if step.startswith("SCAN jobs") and "USING" not in step], steps


@pytest.mark.parametrize(
    "shape", [Shape(), Shape(owner=True), Shape(states=TWO_STATES), Shape(owner=True, before=True)]
)
def test_totals_of_owners_and_states_are_not_counted(path: Path, database: SqliteDatabase, shape: Shape) -> None:
    steps = plan(path, count_of(shape, database.dialect))
    assert len(steps) == 1
    assert "job_counts" in steps[0]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("earlier", "PRIMARY KEY"),
        ("waiting_twin", "jobs_to_reuse"),
        ("waiting_twin", "changes_ahead"),
        ("finished_twin", "jobs_to_reuse"),
        ("finished_twin", "changes_ahead"),
        ("request_cancel", "INDEX"),
        ("renew", "jobs_by_state"),
        ("queued", "jobs_by_state"),
        ("started_without_lease", "jobs_by_state"),
        ("to_review", "jobs_to_review"),
        ("forget_old", "jobs_that_ended"),
        ("forget_beyond", "jobs_that_ended"),
        ("forget_keys", "idempotency_by_expiry"),
        ("forget_tag", "tags_of_everybody"),
    ],
)
def test_every_other_statement_has_its_index(path: Path, database: SqliteDatabase, name: str, index: str) -> None:
    steps = plan(path, getattr(JobStatements(database), name))
    assert any(index in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN jobs") and "USING" not in step], steps


def test_a_move_finds_its_job_by_id(path: Path, database: SqliteDatabase) -> None:
    for state in JobState:
        move = Move("x", state, None)  # type: ignore[arg-type]
        assert plan(path, JobStatements(database).move(move))[0].startswith("SEARCH jobs USING INDEX"), state
