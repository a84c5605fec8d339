"""What every store promises about webhooks that have to be delivered, on every database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from naas.jobs import Job, JobState
from naas.store.base import Move, Store, WebhookDelivery

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


def delivery(delivery_id: str, seconds: int = 0, job_id: str = "j1", **fields: Any) -> WebhookDelivery:
    at = NOW + timedelta(seconds=seconds)
    defaults: dict[str, Any] = {"body": b"{}", "sealed_secret": b"sealed", "next_at": at, "created_at": at}
    return WebhookDelivery(delivery_id, job_id, "ann", "https://hooks.example/x", **{**defaults, **fields})


async def test_a_delivery_is_read_as_it_was_added(store: Store) -> None:
    added = delivery("d1", body=b'{"job_id": "j1"}')
    await store.deliveries.add(added)
    await store.deliveries.add(replace(added, body=b"another"))
    assert list(await store.deliveries.of_job("j1")) == [added]
    assert list(await store.deliveries.of_job("j2")) == []


async def test_what_is_due_comes_oldest_first(store: Store) -> None:
    for number in (3, 1, 2):
        await store.deliveries.add(delivery(f"d{number}", seconds=number))
    assert [each.id for each in await store.deliveries.due(NOW)] == []
    assert [each.id for each in await store.deliveries.due(NOW + timedelta(seconds=2))] == ["d1", "d2"]
    assert [each.id for each in await store.deliveries.due(SOON, limit=1)] == ["d1"]


async def test_a_failed_attempt_is_tried_again_later(store: Store) -> None:
    added = delivery("d1")
    await store.deliveries.add(added)
    tried = replace(added, attempts=1, next_at=SOON, last_error="503")
    await store.deliveries.record(tried)
    assert list(await store.deliveries.due(NOW)) == []
    assert list(await store.deliveries.due(SOON)) == [tried]


async def test_an_ended_delivery_forgets_its_secret(store: Store, make_job: Callable[..., Job]) -> None:
    """Here and in the job, once the job has ended and needs it no more."""
    job = make_job(sealed_webhook_secret=b"sealed")
    await store.jobs.add(job)
    for number in (1, 2):
        await store.deliveries.add(delivery(f"d{number}", job_id=job.id))
    await store.deliveries.record(delivery("d1", job_id=job.id, attempts=1, next_at=None, delivered_at=NOW))
    running = await store.jobs.get(job.id)
    await store.jobs.move(Move(job.id, JobState.CANCELED, NOW))
    await store.deliveries.record(delivery("d2", job_id=job.id, attempts=4, next_at=None, last_error="503"))
    ended = await store.jobs.get(job.id)
    assert running is not None
    assert ended is not None
    assert (running.sealed_webhook_secret, ended.sealed_webhook_secret) == (b"sealed", None)
    first, second = await store.deliveries.of_job(job.id)
    assert (first.sealed_secret, first.delivered_at, first.attempts) == (None, NOW, 1)
    assert (second.sealed_secret, second.delivered_at, second.last_error) == (None, None, "503")
    assert list(await store.deliveries.due(SOON)) == []


async def test_a_delivery_that_somebody_holds_is_not_due_for_others(store: Store) -> None:
    """Two services on one database must not both deliver it; if the first one dies, it is due again."""
    for number in range(3):
        await store.deliveries.add(delivery(f"d{number}", seconds=number))
    mine = await store.deliveries.due(SOON, limit=2, hold_until=SOON + timedelta(seconds=30))
    theirs = await store.deliveries.due(SOON, hold_until=SOON + timedelta(seconds=30))
    assert [each.id for each in mine] == ["d0", "d1"]
    assert [each.id for each in theirs] == ["d2"]
    assert len(await store.deliveries.due(SOON + timedelta(seconds=30))) == 3


async def test_ended_deliveries_are_forgotten_in_time(store: Store) -> None:
    for number in range(3):
        await store.deliveries.add(delivery(f"d{number}"))
    await store.deliveries.record(delivery("d0", next_at=None, delivered_at=NOW))
    await store.deliveries.record(delivery("d1", next_at=None, delivered_at=SOON))
    assert await store.deliveries.purge(SOON) == 1
    assert [each.id for each in await store.deliveries.of_job("j1")] == ["d1", "d2"]
