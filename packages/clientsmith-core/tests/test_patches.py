"""Patches: only what was changed, and whoever applies it gets what the model is now."""

from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from typing import Any

import json_merge_patch
import jsonpatch
import pytest
from clientsmith.core.models import UNSET, Model, additional, field
from clientsmith.core.patches import json_patch, mark_saved, merge_patch, patch_fields
from clientsmith.core.serialization import DATETIME, dumps, list_of, loads, map_of, merge_fields, sendable
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


class Owner(Model):
    name: str = field("name")
    since: datetime.datetime | None = field("since", DATETIME, default=UNSET)
    id: str | None = field("id", default=UNSET, read_only=True)


class Pet(Model):
    name: str = field("petName")
    tags: list[str] | None = field("tags", default=UNSET)
    labels: dict[str, Any] | None = field("labels", default=UNSET)
    owner: Owner | None = field("owner", Owner, default=UNSET)
    friends: list[Pet] | None = field("friends", list_of(lambda: Pet), default=UNSET)
    homes: dict[str, Owner] | None = field("homes", map_of(Owner), default=UNSET)
    weight: float | None = field("weight", default=UNSET)
    id: int | None = field("id", default=UNSET, read_only=True)


def rex() -> dict[str, Any]:
    return {
        "petName": "Rex",
        "tags": ["a", "b", "c"],
        "labels": {"x": "1", "deep": {"y": [1]}},
        "owner": {"name": "Ann", "since": "2020-01-01t00:00:00z", "id": "o1"},
        "friends": [{"petName": "Tom", "id": 2}, {"petName": "Kit", "id": 3}],
        "homes": {"here": {"name": "Ann", "id": "o1"}},
        "weight": 1,
        "id": 1,
        "unheardOf": {"deep": [1]},
    }


def edits() -> list[Any]:
    def row(edit: Callable[[Any], object], merge: Any, patch: list[Any], name: str) -> Any:
        return pytest.param(edit, merge, patch, id=name)

    def replace(path: str, value: Any) -> dict[str, Any]:
        return {"op": "replace", "path": path, "value": value}

    def add(path: str, value: Any) -> dict[str, Any]:
        return {"op": "add", "path": path, "value": value}

    def drop(path: str) -> dict[str, Any]:
        return {"op": "remove", "path": path}

    tom, kit = {"petName": "Tom"}, {"petName": "Kit"}
    return [
        row(lambda pet: None, {}, [], "nothing"),
        row(lambda pet: setattr(pet, "name", "Rex"), {}, [], "the same value"),
        row(lambda pet: setattr(pet, "name", "Max"), {"petName": "Max"}, [replace("/petName", "Max")], "a field"),
        row(lambda pet: setattr(pet, "weight", True), {"weight": True}, [replace("/weight", True)], "1 is not true"),
        row(lambda pet: setattr(pet, "name", None), {"petName": None}, [replace("/petName", None)], "null"),
        row(lambda pet: delattr(pet, "weight"), {"weight": None}, [drop("/weight")], "removed"),
        row(lambda pet: setattr(pet, "tags", UNSET), {"tags": None}, [drop("/tags")], "UNSET"),
        row(lambda pet: pet.tags.append("d"), {"tags": ["a", "b", "c", "d"]}, [add("/tags/3", "d")], "append"),
        row(lambda pet: pet.tags.pop(0), {"tags": ["b", "c"]}, [drop("/tags/0")], "taken from the front"),
        row(lambda pet: pet.tags.insert(1, "n"), {"tags": ["a", "n", "b", "c"]}, [add("/tags/1", "n")], "insert"),
        row(lambda pet: pet.tags.clear(), {"tags": []}, [drop("/tags/2"), drop("/tags/1"), drop("/tags/0")], "cleared"),
        row(lambda pet: pet.labels.update(z="2"), {"labels": {"z": "2"}}, [add("/labels/z", "2")], "a key"),
        row(lambda pet: pet.labels.pop("x"), {"labels": {"x": None}}, [drop("/labels/x")], "a key less"),
        row(
            lambda pet: pet.labels["deep"]["y"].append(2),
            {"labels": {"deep": {"y": [1, 2]}}},
            [add("/labels/deep/y/1", 2)],
            "deep in plain values",
        ),
        row(lambda pet: pet.labels.update({"a/b~": 1}), {"labels": {"a/b~": 1}}, [add("/labels/a~1b~0", 1)], "pointer"),
        row(
            lambda pet: setattr(pet.owner, "name", "Bob"),
            {"owner": {"name": "Bob"}},
            [replace("/owner/name", "Bob")],
            "a nested model",
        ),
        row(
            lambda pet: setattr(pet.owner, "since", NOON),
            {"owner": {"since": "2026-11-21T12:00:00Z"}},
            [replace("/owner/since", "2026-11-21T12:00:00Z")],
            "a converted value",
        ),
        row(
            lambda pet: (setattr(pet.owner, "name", "Bob"), setattr(pet, "owner", Owner(name="Ann"))),
            {"owner": {"since": None}},
            [drop("/owner/since")],
            "edited, then replaced",
        ),
        row(
            lambda pet: setattr(pet.friends[1], "name", "Cat"),
            {"friends": [tom, {"petName": "Cat"}]},
            [replace("/friends/1/petName", "Cat")],
            "an item",
        ),
        row(
            lambda pet: (setattr(pet.friends[0], "name", "x"), pet.friends.pop(0)),
            {"friends": [kit]},
            [drop("/friends/0")],
            "an item edited, then removed",
        ),
        row(
            lambda pet: setattr(pet.homes["here"], "name", "Bob"),
            {"homes": {"here": {"name": "Bob"}}},
            [replace("/homes/here/name", "Bob")],
            "a value of a map",
        ),
        row(
            lambda pet: pet["unheardOf"]["deep"].append(2),
            {"unheardOf": {"deep": [1, 2]}},
            [add("/unheardOf/deep/1", 2)],
            "a field that the class does not know",
        ),
        row(
            lambda pet: pet.labels.update(when=NOON, who=Owner(name="Ann")),
            {"labels": {"when": "2026-11-21T12:00:00Z", "who": {"name": "Ann"}}},
            [add("/labels/when", "2026-11-21T12:00:00Z"), add("/labels/who", {"name": "Ann"})],
            "typed values in a plain dict",
        ),
        row(lambda pet: setattr(pet, "id", 9), {}, [], "a read-only field"),
    ]


@pytest.mark.parametrize(("edit", "merge", "patch"), edits())
def test_a_patch_says_what_was_changed(edit: Callable[[Pet], None], merge: Any, patch: Any) -> None:
    """RFC 7396 and RFC 6902; and nothing but that."""
    pet = Pet.from_dict(rex())
    edit(pet)
    assert merge_patch(pet) == merge
    assert json_patch(pet) == patch
    assert loads(dumps(merge_patch(pet))) == merge


@pytest.mark.parametrize(
    "twin",
    [copy.copy, copy.deepcopy, lambda pet: pickle.loads(pickle.dumps(pet))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies_know_what_was_changed(twin: Callable[[Pet], Pet]) -> None:
    """Also a constructed one stays what it is: new."""
    pet = Pet.from_dict(rex())
    pet.name = "Max"
    assert merge_patch(twin(pet)) == {"petName": "Max"}
    assert merge_patch(twin(Pet(name="Max", weight=None))) == {"petName": "Max", "weight": None}
    assert merge_patch(twin(Pet.from_dict(rex()))) == {}


def test_a_constructed_model_is_new() -> None:
    """All that it was given is its patch, nulls included."""
    pet = Pet(name="Rex", owner=Owner(name="Ann"), weight=None)
    assert merge_patch(pet) == {"petName": "Rex", "owner": {"name": "Ann"}, "weight": None}
    assert [each["path"] for each in json_patch(pet)] == ["/petName", "/owner", "/weight"]


def test_after_saving_the_next_patch_starts_anew() -> None:
    """And goes on seeing what is edited through values that were read before."""
    pet = Pet.from_dict(rex())
    assert pet.owner
    assert pet.tags
    pet.owner.name = "Bob"
    pet.tags.append("d")
    mark_saved(pet)
    assert merge_patch(pet) == {}
    pet.owner.name = "Cid"
    pet.tags.append("e")
    assert merge_patch(pet) == {"owner": {"name": "Cid"}, "tags": ["a", "b", "c", "d", "e"]}


@pytest.mark.parametrize(
    ("body", "patch"),
    [
        (None, {"petName": "Max", "weight": None}),
        ({"tags": []}, {"tags": [], "petName": "Max", "weight": None}),
        (Pet.from_dict(rex()), {"petName": "Max", "weight": None}),
        (Pet(name="Tom", tags=[]), {"petName": "Max", "weight": None, "tags": []}),
    ],
    ids=["none", "mapping", "loaded", "constructed"],
)
def test_single_fields_are_written_over_the_changes_of_a_body(body: Any, patch: dict[str, Any]) -> None:
    """Guideline client-flatten-args, for a method that patches."""
    assert patch_fields(Pet, body, {"name": "Max", "weight": None, "labels": UNSET}) == patch


def test_a_read_only_field_is_kept_and_not_sent() -> None:
    """At every depth; a mapping is sent as it is."""
    pet = Pet.from_dict(rex())
    sent = sendable(pet)
    assert sent == {
        **{name: value for name, value in rex().items() if name != "id"},
        "owner": {"name": "Ann", "since": "2020-01-01t00:00:00z"},
        "friends": [{"petName": "Tom"}, {"petName": "Kit"}],
        "homes": {"here": {"name": "Ann"}},
    }
    assert pet.id == 1
    assert pet == rex()
    assert sendable([pet, rex()]) == [sent, rex()]
    assert merge_fields(Pet, pet, {"name": "Max"}) == {**sent, "petName": "Max"}
    assert merge_fields(Pet, rex(), {"name": "Max"}) == {**rex(), "petName": "Max"}


def test_additional_members_are_sent_without_what_is_read_only() -> None:
    """And may be given among the single fields of a body."""

    class Zoo(Model):
        pets: dict[str, Pet] = additional(Pet, default=UNSET)

    zoo = Zoo.from_dict({"a": {"petName": "Rex", "id": 1}, "b": None})
    assert sendable(zoo) == {"a": {"petName": "Rex"}, "b": None}
    assert zoo["a"] == {"petName": "Rex", "id": 1}
    assert merge_fields(Zoo, None, {"pets": {"c": Pet(name="Kit")}}) == {"c": {"petName": "Kit"}}


def test_a_body_without_read_only_fields_is_not_copied() -> None:
    """Only who has them pays for them."""
    pet = Pet.from_dict({"petName": "Rex", "owner": {"name": "Ann"}, "tags": ["a"]})
    assert sendable(pet) is pet._flush()


# No nulls: a merge patch cannot carry them, and an object in one means "patch", whatever was there before.
SCALARS = st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "/", "~"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab/~"), inner, max_size=3)
)
DOCUMENTS = st.dictionaries(st.sampled_from(["petName", "tags", "labels", "weight", "other", "a/b"]), VALUES)


@given(DOCUMENTS, DOCUMENTS)
def test_applying_a_merge_patch_gives_the_new_document(old: dict[str, Any], new: dict[str, Any]) -> None:
    """By an implementation that is not ours."""
    pet = Pet.from_dict(old)
    become(pet, new)
    assert json_merge_patch.merge(copy.deepcopy(old), merge_patch(pet)) == new


@given(DOCUMENTS, DOCUMENTS)
def test_applying_a_json_patch_gives_the_new_document(old: dict[str, Any], new: dict[str, Any]) -> None:
    """By an implementation that is not ours."""
    pet = Pet.from_dict(old)
    become(pet, new)
    before = copy.deepcopy(old)
    assert jsonpatch.apply_patch(before, json_patch(pet)) == new
    assert old == before, "and what came is untouched"


def become(pet: Pet, new: dict[str, Any]) -> None:
    """Edit in place what can be, replace what cannot."""
    for name in list(pet):
        if name not in new:
            del pet[name]
    for name, value in new.items():
        there = pet[name] if name in pet else None  # noqa: SIM401 - a model has no `get` of its own
        if isinstance(there, list) and isinstance(value, list):
            there[:] = copy.deepcopy(value)
        elif isinstance(there, dict) and isinstance(value, dict):
            there.clear()
            there.update(copy.deepcopy(value))
        else:
            pet[name] = copy.deepcopy(value)


class Days(Model):
    by_name: dict[str, datetime.datetime] | None = field("byName", map_of(DATETIME), default=UNSET)
    all: list[datetime.datetime] | None = field("all", list_of(DATETIME), default=UNSET)


def test_what_is_added_leaves_its_neighbours_as_they_came() -> None:
    """A date keeps the spelling of the service, and is not in the patch, when a list or map gets one more."""
    days = Days.from_dict({"byName": {"a": "2026-01-01T00:00:00.000Z"}, "all": ["2026-01-01T00:00:00.000Z"]})
    days.by_name["b"] = NOON  # type: ignore[index]
    days.all.append(NOON)  # type: ignore[union-attr]
    assert json_patch(days) == [
        {"op": "add", "path": "/byName/b", "value": "2026-11-21T12:00:00Z"},
        {"op": "add", "path": "/all/1", "value": "2026-11-21T12:00:00Z"},
    ]
    del days.all[1:], days.by_name["b"]  # type: ignore[index,union-attr]
    assert merge_patch(days) == {}


def test_what_is_added_and_does_not_fit_is_named() -> None:
    days = Days.from_dict({"byName": {}, "all": ["2026-01-01T00:00:00Z"]})
    days.all.append("tomorrow")  # type: ignore[union-attr,arg-type]
    with pytest.raises(TypeError, match=r"\[1\]: wanted datetime"):
        merge_patch(days)
