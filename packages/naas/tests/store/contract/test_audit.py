"""What every store promises about the audit trail, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from naas.store.base import AuditEvent, AuditQuery, Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

Tamper = Callable[[str], None]


async def write(store: Store, count: int) -> None:
    """Line 1 is of now, each further one a second later; lines with an even number are Bob's."""
    for number in range(1, count + 1):
        name = "ann" if number % 2 else "bob"
        event = AuditEvent(f"job.{name}", NOW + timedelta(seconds=number - 1), name, f"user:{name}", {"job_id": number})
        await store.audit.append(event)


async def numbers(store: Store, query: AuditQuery) -> list[int]:
    return [event.sequence for event in await store.audit.page(query)]


async def test_a_line_is_read_as_it_was_written(store: Store) -> None:
    event = AuditEvent("key.made", NOW, "ann", "user:ann", {"key_id": "k1", "contexts": ["lab"], "at": None})
    await store.audit.append(event)
    (read,) = await store.audit.page(AuditQuery())
    assert (read.event_type, read.at, read.principal, read.subject) == ("key.made", NOW, "ann", "user:ann")
    assert read.fields == {"key_id": "k1", "contexts": ["lab"], "at": None}
    assert (read.sequence, len(read.chain)) == (1, 64)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param(AuditQuery(), [6, 5, 4, 3, 2, 1], id="newest first"),
        pytest.param(AuditQuery(oldest_first=True, limit=2), [1, 2], id="oldest first"),
        pytest.param(AuditQuery(event_type="job.ann"), [5, 3, 1], id="type"),
        pytest.param(AuditQuery(principal="bob", before=6), [4, 2], id="principal, before a line"),
        pytest.param(AuditQuery(after=4, oldest_first=True), [5, 6], id="after a line"),
        pytest.param(AuditQuery(since=NOW + timedelta(seconds=4)), [6, 5], id="since"),
        pytest.param(AuditQuery(until=NOW + timedelta(seconds=1)), [2, 1], id="until"),
    ],
)
async def test_lines_are_listed(store: Store, query: AuditQuery, found: list[int]) -> None:
    await write(store, 6)
    assert await numbers(store, query) == found


async def test_lines_are_numbered_in_the_order_of_the_calls(store: Store) -> None:
    events = [AuditEvent("x", NOW, fields={"n": number}) for number in range(50)]
    await asyncio.gather(*(store.audit.append(event) for event in events))
    lines = await store.audit.page(AuditQuery(oldest_first=True))
    assert [(line.sequence, line.fields["n"]) for line in lines] == [(number + 1, number) for number in range(50)]
    assert await store.audit.verify() is None


async def test_an_empty_trail_is_whole(store: Store) -> None:
    assert await store.audit.verify() is None


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        pytest.param("UPDATE audit SET fields = '{\"job_id\":9}' WHERE sequence = 3", 3, id="content"),
        pytest.param("UPDATE audit SET at = at + 1 WHERE sequence = 2", 2, id="time"),
        pytest.param("UPDATE audit SET principal = 'eve' WHERE sequence = 5", 5, id="who"),
        pytest.param("DELETE FROM audit WHERE sequence = 4", 4, id="a line in the middle"),
        pytest.param("DELETE FROM audit WHERE sequence <= 2", 1, id="the oldest lines"),
        pytest.param("DELETE FROM audit WHERE sequence = 5", 5, id="the newest line"),
        pytest.param("DELETE FROM audit", 1, id="everything"),
        pytest.param("UPDATE audit_ends SET sequence = 4 WHERE name = 'last'", 1, id="an end that was not sealed"),
        pytest.param("UPDATE audit SET sequence = 7 WHERE sequence = 5", 5, id="number"),
    ],
)
async def test_a_change_behind_the_service_shows(store: Store, tamper: Tamper, statement: str, first_bad: int) -> None:
    await write(store, 5)
    tamper(statement)
    assert await store.audit.verify() == first_bad


async def test_the_trail_goes_on_after_a_change_and_still_shows_it(store: Store, tamper: Tamper) -> None:
    await write(store, 3)
    tamper("DELETE FROM audit WHERE sequence = 3")
    await write(store, 2)
    assert await store.audit.verify() == 3


async def test_old_lines_are_dropped_and_the_rest_stays_whole(store: Store) -> None:
    await write(store, 6)
    assert await store.audit.purge(NOW + timedelta(seconds=3)) == 3
    assert await numbers(store, AuditQuery()) == [6, 5, 4]
    assert await store.audit.verify() is None
    assert await store.audit.purge(NOW + timedelta(days=1)) == 3
    assert await store.audit.verify() is None
    await write(store, 1)
    assert await numbers(store, AuditQuery()) == [7]
    assert await store.audit.verify() is None


async def test_a_late_line_of_an_earlier_time_stays_with_its_neighbours(store: Store) -> None:
    """Lines are dropped from the front only: a hole would look like tampering."""
    for seconds in (0, 5, 1):
        await store.audit.append(AuditEvent("x", NOW + timedelta(seconds=seconds)))
    assert await store.audit.purge(NOW + timedelta(seconds=3)) == 1
    assert await numbers(store, AuditQuery()) == [3, 2]
    assert await store.audit.verify() is None
