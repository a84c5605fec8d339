"""Who should own which partition: pure decisions, without a connection.

The partitions of a context are shared out evenly among the living workers that serve it. With the names in order, the
first workers get one more where it does not come out even, so the shares add up and everybody works out the same.
A worker that has too many gives some up; one that has too few takes those that nobody living owns. Nothing is taken
from the living, so a conversation is never cut short by a worker that joins.

A worker is dead when it was silent for a lease *while we could have heard it*: after a restart of the NATS server
everybody looks silent, and nobody may be robbed for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from naas.engine.nats.state import Partition

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from naas.engine.nats.state import Snapshot

__all__ = ["Change", "change_of", "living"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a worker should do: partitions to take and to give up."""

    take: tuple[Partition, ...] = ()
    give: tuple[Partition, ...] = ()


def living(snapshot: Snapshot, *, lease_seconds: float, listening_since: float) -> frozenset[str]:
    """Return the names of the workers that must be taken for alive.

    ``listening_since`` is when we came, or came back, by the server's clock.
    """
    return frozenset(
        name for name, seen in snapshot.workers.items() if snapshot.now - max(seen.at, listening_since) <= lease_seconds
    )


def change_of(
    me: str, partitions: Mapping[str, int], snapshot: Snapshot, alive: Collection[str], *, may_take: bool = True
) -> Change:
    """Return what to change. ``partitions`` says how many each context has that I serve."""
    take: list[Partition] = []
    give: list[Partition] = []
    for context, count in partitions.items():
        every = [Partition(context, number) for number in range(count)]
        mine = [each for each in every if snapshot.owned(each).record.worker == me]
        quota = _quota(me, count, _takers(context, snapshot, alive))
        free = [each for each in every if _is_free(each, snapshot, alive)]
        # Who was there before me begins with its own; that I begin elsewhere saves both a vain attempt.
        offset = int(quota.first * len(free) / count) if free else 0
        wanted = (free[offset:] + free[:offset])[: max(0, quota.size - len(mine))]
        take += wanted if may_take else []
        give += mine[quota.size :] if len(mine) > quota.size else []
    return Change(tuple(take), tuple(give))


@dataclass(frozen=True, slots=True)
class _Quota:
    first: int
    size: int


def _takers(context: str, snapshot: Snapshot, alive: Collection[str]) -> list[str]:
    """Return who shares the partitions of a context, in order."""
    return sorted(
        name
        for name in alive
        if (record := snapshot.workers[name].record) and context in record.contexts and not record.closing
    )


def _quota(me: str, count: int, takers: list[str]) -> _Quota:
    if me not in takers:
        return _Quota(0, 0)
    rank, (each, rest) = takers.index(me), divmod(count, len(takers))
    return _Quota(rank * each + min(rank, rest), each + (rank < rest))


def _is_free(partition: Partition, snapshot: Snapshot, alive: Collection[str]) -> bool:
    owner = snapshot.owned(partition).record.worker
    return not owner or owner not in alive
