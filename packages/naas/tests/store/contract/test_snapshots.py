"""What every store promises about configurations of devices, on every database."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from naas.store.base import Snapshot, Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def snapshot(text: str, hours: int = 0, owner: str = "ann", address: str = "192.0.2.1:22", **fields: Any) -> Snapshot:
    at = NOW + timedelta(hours=hours)
    digest = hashlib.sha256(text.encode()).hexdigest()
    defaults: dict[str, Any] = {"id": str(uuid.uuid4()), "job_id": "j1", "size": len(text), "text": text}
    return Snapshot(address=address, taken_at=at, last_seen_at=at, sha256=digest, owner=owner, **{**defaults, **fields})


async def listed(store: Store, **query: Any) -> list[str]:
    return [found.id for found in await store.snapshots.page(**{"owner": None, **query})]


async def test_a_snapshot_is_read_as_it_was_added(store: Store) -> None:
    taken = snapshot("hostname r1\n" * 1000, context="lab", is_startup=True)
    assert await store.snapshots.add(taken) == replace(taken, text=None)
    assert await store.snapshots.get(taken.id) == taken
    assert list(await store.snapshots.page(owner=None)) == [replace(taken, text=None)]
    assert await store.snapshots.get("nothing") is None


async def test_a_configuration_that_stays_is_kept_once(store: Store) -> None:
    first = await store.snapshots.add(snapshot("a"))
    again = await store.snapshots.add(snapshot("a", hours=1))
    changed = await store.snapshots.add(snapshot("b", hours=2))
    back = await store.snapshots.add(snapshot("a", hours=3))
    assert again == replace(first, last_seen_at=NOW + timedelta(hours=1))
    assert await listed(store) == [back.id, changed.id, first.id]


async def test_devices_owners_and_kinds_have_histories_of_their_own(store: Store) -> None:
    taken = [
        await store.snapshots.add(each)
        for each in (
            snapshot("a"),
            snapshot("a", owner="bob"),
            snapshot("a", address="192.0.2.2:22"),
            snapshot("a", is_startup=True),
        )
    ]
    assert len({each.id for each in taken}) == 4
    assert await listed(store, owner="ann") == [taken[3].id, taken[2].id, taken[0].id]
    assert await listed(store, address="192.0.2.1:22") == [taken[3].id, taken[1].id, taken[0].id]
    assert await listed(store, owner="bob", address="192.0.2.2:22") == []


async def test_a_cursor_leads_through_the_history(store: Store) -> None:
    ids = [(await store.snapshots.add(snapshot(str(number)))).id for number in range(5)]
    first = await listed(store, limit=2)
    second = await listed(store, limit=2, before=first[-1])
    third = await listed(store, limit=2, before=second[-1])
    assert first + second + third == ids[::-1]
    assert await listed(store, before="gone") == []


async def test_only_the_newest_of_each_device_are_kept(store: Store) -> None:
    mine = [await store.snapshots.add(snapshot(str(number))) for number in range(4)]
    theirs = await store.snapshots.add(snapshot("x", owner="bob"))
    assert await store.snapshots.purge(keep=2) == 2
    assert await listed(store) == [theirs.id, mine[3].id, mine[2].id]
    assert await store.snapshots.purge(keep=2) == 0
