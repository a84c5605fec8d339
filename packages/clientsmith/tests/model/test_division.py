"""How operations can be divided, and which way is the best."""

from __future__ import annotations

import pytest
from clientsmith.model.division import best_division, divisions, labels_of_paths, segments
from clientsmith.model.ir import Operation, Tag


def operation(path: str, tag: str = "", operation_id: str = "", method: str = "GET") -> Operation:
    return Operation(operation_id, method, path, f"{method} {path}", tags=(tag,) if tag else ())


def crud(path: str, tag: str = "", prefix: str = "") -> list[Operation]:
    """Five operations on a collection and its items."""
    verbs = [("GET", path, "list"), ("POST", path, "create")]
    verbs += [
        (method, f"{path}/{{id}}", verb) for method, verb in (("GET", "get"), ("PATCH", "update"), ("DELETE", "delete"))
    ]
    return [operation(where, tag, f"{prefix}{verb}" if prefix else "", method) for method, where, verb in verbs]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", ()),
        ("/pets/{petId}", ("pets", "{}")),
        ("/Accounts/{Sid}.json", ("Accounts", "{}")),
        ("/jobs/{id}:cancel", ("jobs", "{}", ":cancel")),
        ("/compare/{base}...{head}", ("compare", "{}...{}")),
        ("/search?kind=all", ("search",)),
    ],
)
def test_a_path_in_segments(path: str, expected: tuple[str, ...]) -> None:
    assert segments(path) == expected


def test_tags_are_taken_before_what_is_about_as_good() -> None:
    """Their author chose them for this very purpose."""
    operations = [*crud("/pets", "Pets"), *crud("/orders", "Orders"), *crud("/users", "Users")]
    best = best_division(divisions(operations, ()))
    assert best is not None
    assert (best.kind, best.label(operations[0])) == ("tags", ("Pets",))
    assert best.evidence.startswith("tags 0.8")


def test_one_tag_for_all_tells_nothing() -> None:
    operations = [*crud("/pets", "default"), *crud("/orders", "default"), *crud("/users", "default")]
    best = best_division(divisions(operations, ()))
    assert best is not None
    assert (best.kind, best.label(operations[0])) == ("paths", ("pets",))


@pytest.mark.parametrize("form", ["{}/", "{}_", "{}."])
def test_ids_have_prefixes_in_several_forms(form: str) -> None:
    names = ("Pets", "Orders", "Users")
    operations = [one for name in names for one in crud("/rpc", prefix=form.format(name))]
    operations = [
        Operation(one.operation_id.replace("_l", "_L").replace("_c", "_C").replace("_g", "_G").replace("_u", "_U")
                  .replace("_d", "_D"), one.method, one.path, f"{one.pointer} {index}")
        for index, one in enumerate(operations)
    ]  # fmt: skip
    best = best_division(divisions(operations, ()))
    assert best is not None
    assert (best.kind, best.label(operations[-1])) == ("ids", ("Users",))


def test_what_nearly_all_paths_begin_with_tells_nothing() -> None:
    operations = [*crud("/2010-04-01/Accounts/{AccountSid}/Calls"), *crud("/2010-04-01/Accounts/{AccountSid}/Messages")]
    labels = labels_of_paths([*operations, operation("/2010-04-01/Accounts")])
    assert set(labels.values()) == {("Calls",), ("Messages",)}


def test_a_badge_is_no_group() -> None:
    """OpenAPI 3.2: a tag of another kind than `nav` marks operations, wherever they belong."""
    operations = [operation("/pets", "beta")]
    operations[0] = Operation("", "GET", "/pets", "p", tags=("beta", "Pets"))
    tags = next(one for one in divisions(operations, [Tag("beta", is_badge=True)]) if one.kind == "tags")
    assert tags.label(operations[0]) == ("Pets",)


def test_tags_below_tags_are_groups_below_groups() -> None:
    operations = [*crud("/pets", "Pets"), *crud("/stores", "Stores"), *crud("/users", "Users")]
    tags = [Tag("Pets", parent="Shop"), Tag("Stores", parent="Shop"), Tag("Users", parent="People")]
    division = next(one for one in divisions(operations, tags) if one.kind == "tags")
    assert division.label(operations[0]) == ("Shop", "Pets")


def test_parents_of_tags_may_go_round_in_circles() -> None:
    operations = [*crud("/pets", "Pets"), *crud("/stores", "Stores")]
    tags = [Tag("Pets", parent="Stores"), Tag("Stores", parent="Pets")]
    division = next(one for one in divisions(operations, tags) if one.kind == "tags")
    assert division.label(operations[0]) == ("Stores", "Pets")


def test_nothing_divides_what_has_nothing_to_tell() -> None:
    operations = [
        operation("/rpc", operation_id=f"call{index}", method=method) for index, method in enumerate("ABCDEF")
    ]
    assert best_division(divisions(operations, ())) is None
