"""Who should own which partition: a table, without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from naas.engine.nats.balance import Change, change_of, living
from naas.engine.nats.state import Owned, Partition, Seen, Snapshot
from naas.engine.nats.wire import OwnerRecord, WorkerRecord

NOW = 1000.0


def snapshot(workers: Mapping[str, float], owners: Sequence[str] = (), *, closing: Sequence[str] = ()) -> Snapshot:
    """Workers of the default context with the age of their last sign of life; the owner of each partition."""
    return Snapshot(
        {
            name: Seen(WorkerRecord(name, ("default",), closing=name in closing), NOW - age)
            for name, age in workers.items()
        },
        {
            Partition("default", number): Owned(OwnerRecord(owner, generation=1), revision=number + 1)
            for number, owner in enumerate(owners)
        },
        NOW,
    )


def numbers(change: Change) -> tuple[list[int], list[int]]:
    return sorted(each.number for each in change.take), sorted(each.number for each in change.give)


@pytest.mark.parametrize(
    ("workers", "owners", "take", "give"),
    [
        ("a", "    ", [0, 1, 2, 3], []),
        ("a", "aaaa", [], []),
        ("ab", "    ", [0, 1], []),
        ("ab", "bb  ", [2, 3], []),
        ("ab", "aaaa", [], [2, 3]),
        ("ab", "bbbb", [], []),
        ("abc", "aa  ", [], []),
        ("abc", "a   ", [1], []),
        ("a", "xxxx", [0, 1, 2, 3], []),
        ("ab", "xabx", [0], []),
        ("abcdef", "bcde", [], []),
    ],
    ids=[
        "alone",
        "alone, with everything",
        "two begin: half each",
        "two, the other was first",
        "one joins: the surplus is given up",
        "one joins: nothing is taken from the living",
        "four among three: the first has two",
        "four among three: one is missing",
        "the dead one's are free",
        "the dead one's are shared",
        "more workers than partitions",
    ],
)
def test_what_worker_a_does(workers: str, owners: str, take: list[int], give: list[int]) -> None:
    """Partitions 0 to 3; a space is nobody, x is dead."""
    seen = snapshot(dict.fromkeys(workers, 0.0), [owner.strip() for owner in owners])
    assert numbers(change_of("a", {"default": 4}, seen, frozenset(workers))) == (take, give)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 31, 32, 33])
@pytest.mark.parametrize("partitions", [1, 4, 32])
def test_shares_add_up_however_many_workers_begin_at_once(count: int, partitions: int) -> None:
    """After everybody has done what it should, without anybody in its way, nothing is left and nothing changes."""
    names = [f"worker-{number}" for number in range(count)]
    owners = [""] * partitions
    for name in names:
        change = change_of(name, {"default": partitions}, snapshot(dict.fromkeys(names, 0.0), owners), names)
        for partition in change.take:
            owners[partition.number] = name
    assert all(owners)
    settled = snapshot(dict.fromkeys(names, 0.0), owners)
    assert [change_of(name, {"default": partitions}, settled, names) for name in names] == [Change()] * count


def test_a_worker_that_closes_gives_everything_up_and_others_take_it() -> None:
    seen = snapshot({"a": 0.0, "b": 0.0}, ["a", "a", "b", "b"], closing=["a"])
    assert numbers(change_of("a", {"default": 4}, seen, {"a", "b"})) == ([], [0, 1])
    freed = snapshot({"a": 0.0, "b": 0.0}, ["", "", "b", "b"], closing=["a"])
    assert numbers(change_of("b", {"default": 4}, freed, {"a", "b"})) == ([0, 1], [])


def test_only_workers_of_the_context_share_it() -> None:
    seen = Snapshot(
        {"a": Seen(WorkerRecord("a", ("lab",)), NOW), "b": Seen(WorkerRecord("b", ("default",)), NOW)}, {}, NOW
    )
    change = change_of("a", {"lab": 2}, seen, {"a", "b"})
    assert change.take == (Partition("lab", 0), Partition("lab", 1))


@pytest.mark.parametrize(
    ("age", "listening", "lives"),
    [(0.0, 100.0, True), (9.9, 100.0, True), (10.1, 100.0, False), (500.0, 9.0, True), (500.0, 10.1, False)],
    ids=["now", "within the lease", "silent for a lease", "we have just come", "we came a lease ago"],
)
def test_who_is_taken_for_dead(age: float, listening: float, lives: bool) -> None:
    """Silent for a lease of ten seconds, while we could have heard it."""
    seen = snapshot({"a": age})
    assert living(seen, lease_seconds=10.0, listening_since=NOW - listening) == ({"a"} if lives else set())
