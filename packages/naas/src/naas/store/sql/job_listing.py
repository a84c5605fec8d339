"""Listing jobs: which statement a `JobQuery` needs.

A page is found in an index first, as keys of jobs, and only the jobs on it are read. Jobs in one of several states are
taken from the index of each state, newest first, and merged: sorting them all would cost more with every job.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import func, literal_column, select, tuple_, union_all

from naas.store.base import JobPage
from naas.store.sql.job_rows import WITHOUT_OUTCOME, job_from_row
from naas.store.sql.statements import Statement, compile_statement, given
from naas.store.sql.tables import job_counts, jobs, tags

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import Dialect

    from naas.store.base import JobQuery
    from naas.store.sql.transactions import Rows

__all__ = ["Shape", "count_of", "keys_before", "page_of", "read_page"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a query narrows by; the values are given when it runs."""

    owner: bool = False
    states: tuple[str, ...] = ()
    kind: bool = False
    tag: bool = False
    host: bool = False
    context: bool = False
    batch: bool = False
    needs_review: bool | None = None
    since: bool = False
    until: bool = False
    before: bool = False

    @classmethod
    def of(cls, query: JobQuery) -> Self:
        """Return the shape of a query."""
        return cls(
            owner=query.owner is not None,
            states=tuple(sorted({state.value for state in query.states})),
            kind=query.kind is not None,
            tag=query.tag is not None,
            host=query.host is not None,
            context=query.context is not None,
            batch=query.batch_id is not None,
            needs_review=query.needs_review,
            since=query.since is not None,
            until=query.until is not None,
            before=query.before is not None,
        )

    @property
    def is_counted(self) -> bool:
        """Whether ``job_counts`` knows the total."""
        return not (self.kind or self.tag or self.host or self.context or self.batch or self.since or self.until) and (
            self.needs_review is None
        )

    @property
    def is_merged(self) -> bool:
        """Whether each state is looked up by itself. A tag or a batch names few jobs, and so does a person's review:
        these are filtered."""
        return len(self.states) > 1 and not (self.tag or self.batch or self.host or self.needs_review)


def read_page(rows: Rows, dialect: Dialect, query: JobQuery) -> JobPage:
    """Return the page that the query asks for."""
    shape, values = Shape.of(query), _values(query)
    total = int((rows.one(count_of(shape, dialect), values) or (0,))[0] or 0) if query.want_total else None
    if query.before is not None:
        edge = rows.one(keys_before(dialect), {"id": query.before})
        if edge is None:  # forgotten meanwhile, and so, but for failed ones, is what came before it
            return JobPage([], total)
        values |= {"before_time": edge[0], "before_sequence": edge[1]}
    found = rows.all(page_of(shape, dialect), values)
    page = [job_from_row(row) for row in found[: query.per_page]]
    return JobPage(page, total, page[-1].id if len(found) > query.per_page else None)


def _values(query: JobQuery) -> dict[str, Any]:
    offset = 0 if query.before is not None else (query.page - 1) * query.per_page
    return {
        "owner": query.owner,
        "kind": query.kind and query.kind.value,
        "tag": query.tag and ":".join(query.tag),
        "host": query.host,
        "context": query.context,
        "batch_id": query.batch_id,
        "since": query.since and query.since.timestamp(),
        "until": query.until and query.until.timestamp(),
        "offset": offset,
        "limit": query.per_page + 1,  # one more, which tells whether there is a next page
        "reach": offset + query.per_page + 1,
    }


# A few dozen shapes are in use; a caller could ask for thousands, one after the other.
_SHAPES_KEPT: Final = 256


@lru_cache(maxsize=4)
def keys_before(dialect: Dialect) -> Statement:
    """Return the statement that finds where the job ``id`` stands in a listing."""
    return compile_statement(select(jobs.c.created_at, jobs.c.sequence).where(jobs.c.id == given("id")), dialect)


@lru_cache(maxsize=_SHAPES_KEPT)
def count_of(shape: Shape, dialect: Dialect) -> Statement:
    """Return the statement that counts the whole list, whatever page is asked for."""
    if not shape.is_counted:
        return compile_statement(_filtered(select(func.count()), shape, shape.states, with_edge=False), dialect)
    counted = select(func.sum(job_counts.c.jobs))
    if shape.owner:
        counted = counted.where(job_counts.c.owner == given("owner"))
    if shape.states:
        counted = counted.where(job_counts.c.state.in_(shape.states))
    return compile_statement(counted, dialect)


@lru_cache(maxsize=_SHAPES_KEPT)
def page_of(shape: Shape, dialect: Dialect) -> Statement:
    """Return the statement that reads a page and one job more."""
    if shape.is_merged:
        parts = [_newest(shape, (state,)).limit(given("reach")).subquery() for state in shape.states]
        merged = union_all(*[select(part.c.created_at, part.c.sequence) for part in parts]).subquery("merged")
        keys = select(merged.c.created_at, merged.c.sequence)
        keys = keys.order_by(merged.c.created_at.desc(), merged.c.sequence.desc())
    else:
        keys = _newest(shape, shape.states)
    page = keys.limit(given("limit")).offset(given("offset")).subquery("keys")
    full = select(*WITHOUT_OUTCOME).select_from(page.join(jobs, jobs.c.sequence == page.c.sequence))
    return compile_statement(full.order_by(page.c.created_at.desc(), page.c.sequence.desc()), dialect)


def _newest(shape: Shape, states: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    ordered = tags if shape.tag else jobs
    keys = _filtered(select(ordered.c.created_at, ordered.c.sequence), shape, states, with_edge=True)
    return keys.order_by(ordered.c.created_at.desc(), ordered.c.sequence.desc())


def _filtered(
    wanted: Select[*tuple[Any, ...]], shape: Shape, states: tuple[str, ...], *, with_edge: bool
) -> Select[*tuple[Any, ...]]:
    ordered = tags if shape.tag else jobs
    wanted = wanted.select_from(tags.join(jobs, jobs.c.sequence == tags.c.sequence) if shape.tag else jobs)
    filters: list[tuple[bool, ColumnElement[bool]]] = [
        (shape.tag, tags.c.tag == given("tag")),
        (shape.owner, ordered.c.owner == given("owner")),
        (shape.kind, jobs.c.kind == given("kind")),
        (shape.host, jobs.c.host == given("host")),
        (shape.context, jobs.c.context == given("context")),
        (shape.batch, jobs.c.batch_id == given("batch_id")),
        (shape.since, ordered.c.created_at >= given("since")),
        (shape.until, ordered.c.created_at <= given("until")),
    ]
    if len(states) == 1:
        filters.append((True, jobs.c.state == states[0]))
    elif states:
        filters.append((True, jobs.c.state.in_(states)))
    if shape.needs_review is not None:
        filters.append((True, literal_column(f"jobs.needs_review = {int(shape.needs_review)}")))
    if shape.before and with_edge:
        edge = tuple_(given("before_time", jobs.c.created_at.type), given("before_sequence", jobs.c.sequence.type))
        filters.append((True, tuple_(ordered.c.created_at, ordered.c.sequence) < edge))
    return wanted.where(*[condition for is_wanted, condition in filters if is_wanted])
