"""What every store promises about records, on every database."""

from __future__ import annotations

import asyncio

import pytest
from naas.errors import RevisionMismatch
from naas.store.base import RecordValue, Store


class Basket(RecordValue, frozen=True):
    collection = "baskets"

    fruits: tuple[str, ...] = ()


class Crate(RecordValue, frozen=True):
    collection = "crates"


async def test_a_record_is_read_as_it_was_put(store: Store) -> None:
    basket = Basket(id="b1", fruits=("apple", "pear"))
    assert await store.records.put(basket) == 1
    found = await store.records.get(Basket, "b1")
    assert found is not None
    assert (found.value, found.revision) == (basket, 1)
    assert found.created_at == found.updated_at


async def test_every_change_counts_the_revision_up(store: Store) -> None:
    await store.records.put(Basket(id="b1"))
    assert await store.records.put(Basket(id="b1", fruits=("apple",))) == 2
    assert await store.records.put(Basket(id="b1"), expected=2) == 3
    found = await store.records.get(Basket, "b1")
    assert found is not None
    assert found.revision == 3
    assert found.updated_at > found.created_at


@pytest.mark.parametrize(
    ("present", "expected", "message"),
    [
        pytest.param(1, 0, "b1 is at revision 1, and none was expected; read it again", id="must be new"),
        pytest.param(2, 1, "b1 is at revision 2, and revision 1 was expected; read it again", id="somebody was faster"),
        pytest.param(0, 3, "b1 does not exist, and revision 3 was expected; read it again", id="somebody deleted it"),
    ],
)
async def test_an_editor_who_is_behind_changes_nothing(store: Store, present: int, expected: int, message: str) -> None:
    for _ in range(present):
        await store.records.put(Basket(id="b1"))
    with pytest.raises(RevisionMismatch, match=message) as caught:
        await store.records.put(Basket(id="b1", fruits=("mine",)), expected=expected)
    assert caught.value.present == present
    with pytest.raises(RevisionMismatch):
        await store.records.delete(Basket, "b1", expected=expected)
    found = await store.records.get(Basket, "b1")
    assert (0 if found is None else found.revision) == present


async def test_of_two_who_make_the_same_record_one_wins(store: Store) -> None:
    puts = [store.records.put(Basket(id="b1", fruits=(name,)), expected=0) for name in "abc"]
    outcomes = await asyncio.gather(*puts, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["int", "RevisionMismatch", "RevisionMismatch"]


async def test_collections_are_apart(store: Store) -> None:
    await store.records.put(Basket(id="same"))
    await store.records.put(Crate(id="same"))
    assert await store.records.delete(Basket, "same") is True
    assert await store.records.delete(Basket, "same") is False
    assert [record.value.id for record in await store.records.all(Crate)] == ["same"]


async def test_records_are_listed_by_id(store: Store) -> None:
    for number in (3, 1, 2, 5, 4):
        await store.records.put(Basket(id=f"b{number}"))
    everything = await store.records.all(Basket)
    page = await store.records.page(Basket, after="b1", limit=3)
    assert [record.value.id for record in everything] == ["b1", "b2", "b3", "b4", "b5"]
    assert [record.value.id for record in page] == ["b2", "b3", "b4"]
    assert list(await store.records.page(Basket, after="b5")) == []
