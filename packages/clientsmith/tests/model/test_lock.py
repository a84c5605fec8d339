"""Published names: they stay while a document grows, shrinks and is reordered."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from clientsmith.configuration import (
    Configuration,
    GroupsSettings,
    Lock,
    ModelSettings,
    OperationSettings,
    read_lock,
)
from clientsmith.findings import Finding, InputError
from clientsmith.model.ir import Api
from clientsmith.model.lock import lock_of
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source
from hypothesis import given, settings
from hypothesis import strategies as st

FLAT = GroupsSettings(mode="flat")


def built(root: dict[str, Any], lock: Lock | None = None, **decided: Any) -> tuple[Api, list[Finding]]:
    document, _ = read_document(Source("test", data=root))
    api, _, findings = model(document, Configuration(lock=lock or Lock(), **decided))
    return api, findings


def document(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.test"}],
        "paths": paths or {"/": {}},
        "components": {"schemas": schemas or {}},
    }


def answer(schema: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


def names_of(api: Api) -> dict[str, Any]:
    return {one.key: one.name for one in api.operations}


def told(findings: list[Finding]) -> list[str]:
    return [finding.message for finding in findings if finding.rule == "name-gone"]


# --- by example ------------------------------------------------------------------------------------------------------


def test_a_new_operation_that_wants_a_published_name_gets_another() -> None:
    old = {"/v2/shops/{id}/pets": {"get": {"operationId": "listPets", "responses": answer({})}}}
    new = {"/pets": {"get": {"responses": answer({"type": "array", "items": {"type": "string"}})}}}
    published = lock_of(built(document(old))[0])
    api, findings = built(document(old | new), published)
    assert names_of(api)["GET /v2/shops/{id}/pets"] == published.operations["GET /v2/shops/{id}/pets"].name
    assert told(findings) == []


def test_what_is_gone_frees_its_name_and_is_told() -> None:
    ok = {"200": {"description": ""}}
    old = {"/pets": {"post": {"operationId": "createPet", "responses": ok}}, "/x": {"get": {"responses": ok}}}
    published = lock_of(built(document(old))[0])
    new = {"/animals": {"post": {"operationId": "createPet", "responses": ok}}, "/x": {"get": {"responses": ok}}}
    api, findings = built(document(new), published)
    assert names_of(api)["POST /animals"] == "create_pet"
    assert told(findings) == ["the published method `create_pet` is gone: the document has no 'POST /pets' any more"]
    [finding] = [one for one in findings if one.rule == "name-gone"]
    assert (finding.severity, finding.file) == ("warning", "clientsmith.lock")


def test_every_kind_of_name_that_is_gone_is_told() -> None:
    pet = {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"enum": ["cat", "dog"]}}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}

    def shop(schemas: dict[str, Any], *parameters: Any) -> dict[str, Any]:
        operation = {
            "operationId": "findPet",
            "parameters": list(parameters),
            "responses": answer(next(iter(schemas.values()))),
        }
        reference = {"$ref": f"#/components/schemas/{next(iter(schemas))}"}
        return document({"/pet": {"post": {**operation, "responses": answer(reference)}}}, schemas)

    published = lock_of(built(shop({"Pet": pet}, limit))[0])
    poorer = {"type": "object", "properties": {"kind": {"enum": ["cat", "cow"]}}}
    assert sorted(told(built(shop({"Pet": poorer}), published)[1])) == [
        "the published argument of `find_pet` `limit` is gone: the document has no 'query limit' any more",
        "the published field of `Pet` `name` is gone: the document has no 'name' any more",
        "the published member of `PetKind` `DOG` is gone: the document has no 'dog' any more",
    ]
    assert "the published class `Pet` is gone: the document has no 'Pet' any more" in told(
        built(shop({"Animal": pet}, limit), published)[1]
    )


def test_a_rename_is_one_line_and_told() -> None:
    paths = {"/pets": {"post": {"operationId": "createPet", "responses": answer({"$ref": "#/components/schemas/Pet"})}}}
    root = document(paths, {"Pet": {"properties": {"a": {"type": "string"}}}})
    published = lock_of(built(root)[0])
    api, findings = built(
        root,
        published,
        operations={"POST /pets": OperationSettings(name="adopt")},
        models={"Pet": ModelSettings(name="Animal")},
    )
    assert names_of(api) == {"POST /pets": "adopt"}
    assert told(findings) == [
        "the published method `create_pet` is `adopt` now",
        "the published class `Pet` is `Animal` now",
    ]


def test_an_operation_that_takes_long_from_now_on_is_called_so() -> None:
    """Its callers have to change in any case: an old name that gives a poller would only hide it."""
    started = {"202": {"description": "", "headers": {"Operation-Location": {"schema": {"type": "string"}}}}}
    plain = document({"/pets": {"post": {"operationId": "importPets", "responses": {"200": {"description": ""}}}}})
    slow = document({"/pets": {"post": {"operationId": "importPets", "responses": started}}})
    api, findings = built(slow, lock_of(built(plain)[0]))
    assert names_of(api) == {"POST /pets": "begin_import_pets"}
    assert told(findings) == ["the published method `import_pets` is `begin_import_pets` now"]


def test_a_class_of_several_places_stays_when_its_first_place_goes() -> None:
    card = {"type": "object", "title": "Card", "properties": {"number": {"type": "string"}}}
    body = {"type": "object", "properties": {"card": card}}
    send = {
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"204": {"description": ""}},
    }
    paths = {path: {"post": {"operationId": f"pay{path[1:].title()}", **send}} for path in ("/a", "/b", "/c")}
    published = lock_of(built(document(paths))[0])
    [key] = [key for key, one in published.models.items() if "number" in one.fields]
    left = {path: item for path, item in paths.items() if path.replace("/", "~1") not in key}
    api, findings = built(document(left), published)
    assert len(left) == 2
    assert "Card" in {shape.name for shape in api.shapes.values()}
    assert not any("`Card`" in message for message in told(findings))


def test_the_order_of_parameters_means_nothing() -> None:
    def shop(*names: str) -> dict[str, Any]:
        parameters = [{"name": name, "in": "query", "schema": {"enum": [name, "other"]}} for name in names]
        return document(
            {"/pets": {"post": {"operationId": "findPets", "parameters": parameters, "responses": answer({})}}}
        )

    published = lock_of(built(shop("size", "mode"))[0])
    assert len(published.models) == 2
    assert told(built(shop("new", "mode", "size"), published)[1]) == []


# --- any history -----------------------------------------------------------------------------------------------------

# Names that want to be the same in Python, so that who comes first matters.
PATHS = [
    f"{prefix}/{noun}{item}"
    for prefix in ("", "/v2", "/shops/{shop}")
    for noun in ("pet", "pets", "Pets")
    for item in ("", "/{id}")
]
KEYS = ["Pet", "pet", "PET", "Pet.1a2b3c4", "shop.models.Pet", "Pets", "Animal"]
FIELDS = ["name", "Name", "NAME", "@name", "na-me", "na me", "class", "id", "_id", "+1", "-1"]


@st.composite
def shops(draw: st.DrawFn) -> dict[str, Any]:
    """A document of some of a few operations and schemas, in any order."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=4))
    schemas = {key: draw(schemas_of(keys)) for key in keys}
    paths: dict[str, Any] = {}
    for path in draw(st.lists(st.sampled_from(PATHS), unique=True, min_size=1, max_size=6)):
        methods = draw(st.lists(st.sampled_from(["get", "post", "put", "delete"]), unique=True, min_size=1, max_size=3))
        paths[path] = {method: operation(path, draw(st.sampled_from(keys)), draw(fields)) for method in methods}
    return document(paths, schemas)


fields = st.lists(st.sampled_from(FIELDS), unique=True, min_size=1, max_size=4)


def strings(names: list[str]) -> dict[str, Any]:
    return {name: {"type": "string"} for name in names}


def schemas_of(keys: list[str]) -> Any:
    inline = st.builds(lambda names: {"type": "object", "properties": strings(names)}, fields)
    words = st.builds(lambda names: {"enum": names}, fields)
    return st.builds(
        lambda names, inner: {
            "type": "object",
            "properties": strings(names) | {"inner": inner},
        },
        fields,
        st.one_of(inline, words, st.sampled_from([{"$ref": f"#/components/schemas/{key}"} for key in keys])),
    )


def operation(path: str, key: str, names: list[str]) -> dict[str, Any]:
    here = [
        {"name": one, "in": "path", "required": True, "schema": {"type": "string"}}
        for one in ("shop", "id")
        if f"{{{one}}}" in path
    ]
    asked = [{"name": name, "in": "query", "schema": {"enum": ["a", "A"]}} for name in names]
    return {"parameters": [*here, *asked], "responses": answer({"$ref": f"#/components/schemas/{key}"})}


@settings(max_examples=12, deadline=None)
@given(st.lists(shops(), min_size=2, max_size=4))
def test_a_published_name_never_moves(history: list[dict[str, Any]]) -> None:
    """Whatever is added, removed and reordered: what is in two documents that follow each other keeps its name."""
    lock = Lock()
    for root in history:
        api, findings = built(root, lock, groups=FLAT)
        assert not [message for message in told(findings) if message.endswith("` now")]
        after = lock_of(api)
        for key, one in lock.operations.items():
            if (now := after.operations.get(key)) is not None:
                assert now.name == one.name
                assert now.arguments.items() >= {(k, v) for k, v in one.arguments.items() if k in now.arguments}
        lock = after


@settings(max_examples=12, deadline=None)
@given(shops(), st.randoms(use_true_random=False))
def test_names_do_not_depend_on_the_order_without_a_lock_either(root: dict[str, Any], random: Any) -> None:
    before = lock_of(built(root)[0])
    for part in (root["paths"], root["components"]["schemas"]):
        items = list(part.items())
        random.shuffle(items)
        part.clear()
        part.update(items)
    assert lock_of(built(root)[0]) == before


# --- the file --------------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(shops())
def test_the_file_says_all_that_the_lock_says(root: dict[str, Any]) -> None:
    lock = lock_of(built(root)[0])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "clientsmith.lock").write_bytes(lock.dump())
        assert read_lock(Path(folder)) == lock
    assert json.loads(lock.dump())["format"] == 1


def test_no_file_is_an_empty_lock(tmp_path: Path) -> None:
    assert read_lock(tmp_path) == Lock()


GOOD = {
    "format": 1,
    "client": {"class": "A", "package": "a", "distribution": "a-client"},
    "groups": {},
    "operations": {"GET /": {"method": "b.get_root"}},
    "models": {"M": {"class": "M"}},
}


def test_a_lock_by_hand_is_read(tmp_path: Path) -> None:
    (tmp_path / "clientsmith.lock").write_text(json.dumps(GOOD))
    lock = read_lock(tmp_path)
    assert (lock.operations["GET /"].group, lock.operations["GET /"].name) == ("b", "get_root")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a lock of format 1"),
        ('{"format": 2}', "is not a lock of format 1 (found 2)"),
        ('{"format": 1}', "is damaged"),
        (json.dumps(GOOD | {"models": {"M": {"class": "M(object)"}}}), "is damaged"),
        (json.dumps(GOOD | {"operations": {"GET /": {"method": "a; import os"}}}), "is damaged"),
        (json.dumps(GOOD | {"operations": {"GET /": {"method": "x", "arguments": {"a": "b=1"}}}}), "is damaged"),
        (json.dumps(GOOD | {"client": {"class": "A", "package": "../a", "distribution": "a"}}), "is damaged"),
    ],
)
def test_a_file_that_we_did_not_write_is_refused(content: str, message: str, tmp_path: Path) -> None:
    """Names reach code, so nothing but names is taken from the file."""
    (tmp_path / "clientsmith.lock").write_text(content)
    with pytest.raises(InputError) as raised:
        read_lock(tmp_path)
    assert message in raised.value.message
    assert raised.value.hint.startswith("restore it from version control")


# --- groups ----------------------------------------------------------------------------------------------------------


def shop_of(*tags: str, paths: int = 10) -> dict[str, Any]:
    """A document whose tags divide it; with enough operations there are groups."""
    return document(
        {
            f"/{tag}/{number}/{noun}": {
                "get": {"operationId": f"{tag}-{noun}-{number}", "tags": [tag], "responses": answer({"type": "string"})}
            }
            for tag in tags
            for number, noun in enumerate(["size", "colour", "price", "weight", "owner", "name", "age", "kind", "home", "food"][:paths])
        }
    )  # fmt: skip


def test_a_published_method_stays_in_its_client() -> None:
    """An operation that gets another tag is divided otherwise; who calls it must not notice."""
    root = shop_of("pets", "shops", "orders")
    published = lock_of(built(root)[0])
    [key] = [key for key in published.operations if key.startswith("GET /pets/3/")]
    path = key.partition(" ")[2]
    assert published.operations[key].group == "pets"
    root["paths"][path]["get"]["tags"] = ["orders"]
    api, findings = built(root, published)
    assert lock_of(api).operations[key] == published.operations[key]
    assert told(findings) == []
    assert lock_of(built(root)[0]).operations[key].group == "orders"


def test_a_group_that_evidence_no_longer_gives_is_made_again() -> None:
    root = shop_of("pets", "shops", "orders")
    published = lock_of(built(root)[0])
    for item in root["paths"].values():
        item["get"]["tags"] = ["all"]
    api, findings = built(root, published)
    assert lock_of(api) == published
    assert told(findings) == []


def test_the_configuration_may_still_move_it() -> None:
    root = shop_of("pets", "shops", "orders")
    published = lock_of(built(root)[0])
    [key] = [key for key in published.operations if key.startswith("GET /pets/3/")]
    api, findings = built(root, published, operations={key: OperationSettings(group="shops")})
    assert lock_of(api).operations[key].group == "shops"
    assert len(told(findings)) == 1


def test_a_client_that_is_bound_to_something_stays() -> None:
    def item(path: str) -> dict[str, Any]:
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in ("shop", "id")
            if f"{{{name}}}" in path
        ]
        return {
            method: {"parameters": parameters, "responses": answer({"type": "string"})}
            for method in ("get", "put", "delete")
        }

    nouns = ["pets", "orders", "users", "stock", "carts"]
    paths = [
        "/shops/{shop}",
        *(f"/shops/{{shop}}/{noun}/{{id}}" for noun in nouns),
        *(f"/{noun}/{{id}}" for noun in nouns),
    ]
    root = document({path: item(path) for path in paths})
    published = lock_of(built(root)[0])
    bound = {key for key, group in published.groups.items() if group.bound == ("shop",)}
    assert bound, published.groups
    # What is left would not be worth a client of its own.
    less = document({path: item(path) for path in ["/shops/{shop}/pets/{id}", *paths[-5:]]})
    api, findings = built(less, published)
    assert not [message for message in told(findings) if message.endswith("` now")]
    now = lock_of(api).operations["GET /shops/{shop}/pets/{id}"]
    assert now == published.operations["GET /shops/{shop}/pets/{id}"]
