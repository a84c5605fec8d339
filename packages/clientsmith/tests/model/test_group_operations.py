"""The operations in groups: by tags, by paths, in child clients that are bound to a thing, and as a person says."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.configuration import Configuration, GroupSettings, GroupsSettings, OperationSettings
from clientsmith.findings import Finding
from clientsmith.model.ir import Api, Group
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source
from hypothesis import given, settings
from hypothesis import strategies as st

Paths = dict[str, dict[str, Any]]


def operation(path: str, tag: str = "") -> dict[str, Any]:
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {"tags": [tag] if tag else [], "parameters": parameters, "responses": {"204": {"description": "Done."}}}


def crud(path: str, tag: str = "", key: str = "id") -> Paths:
    """Five operations on a collection and its items."""
    item = f"{path}/{{{key}}}"
    return {
        path: {method: operation(path, tag) for method in ("get", "post")},
        item: {method: operation(item, tag) for method in ("get", "patch", "delete")},
    }


def shop(*more: Paths) -> Paths:
    """Thirty operations in six tags, and what is given."""
    paths: Paths = {}
    for one in ("pets", "orders", "users", "stores", "carts", "coupons"):
        paths |= crud(f"/v1/{one}", one.title())
    for part in more:
        paths |= part
    return paths


def repositories() -> Paths:
    """A thing with much below it: `/repos/{owner}/{repo}`."""
    root = "/repos/{owner}/{repo}"
    paths: Paths = {root: {method: operation(root, "Repos") for method in ("get", "patch", "delete")}}
    paths |= crud(f"{root}/issues", "Issues", "number") | crud(f"{root}/labels", "Issues", "name")
    paths |= crud(f"{root}/hooks", "Repos", "hook_id")
    fork = "/repos/{template_owner}/{template_repo}/generate"
    return paths | {fork: {"post": operation(fork, "Repos")}, "/repos": {"get": operation("/repos", "Repos")}}


def grouped(paths: Paths, configuration: Configuration | None = None, **parts: Any) -> tuple[Api, list[Finding]]:
    root = {"openapi": "3.2.0", "info": {"title": "Shop", "version": "1"}, "paths": paths, **parts}
    document, _ = read_document(Source("test", data=root))
    api, _, findings = model(document, configuration)
    return api, findings


def tree(group: Group) -> dict[str, Any]:
    """Attributes down the tree, with the number of operations of each."""
    names = {f"{one.attribute}({', '.join(item.name for item in one.bound)})" if one.bound else one.attribute: one
             for one in group.groups}  # fmt: skip
    found = {name: tree(one) if one.groups else len(one.operations) for name, one in names.items()}
    return {"": len(group.operations), **found}


def keys(api: Api) -> list[str]:
    return [group.key for group in api.root.walk() if group.key]


# --- by evidence -----------------------------------------------------------------------------------------------------


def test_a_small_api_is_one_client() -> None:
    api, _ = grouped(crud("/pets", "Pets") | crud("/orders", "Orders") | crud("/users", "Users"))
    assert tree(api.root) == {"": 15}
    assert api.root.evidence == "one client: 15 operations, and up to 27 need no groups"


def test_each_tag_is_a_group() -> None:
    api, _ = grouped(shop())
    assert tree(api.root) == {"": 0, "carts": 5, "coupons": 5, "orders": 5, "pets": 5, "stores": 5, "users": 5}
    assert [group.name for group in api.root.groups][:2] == ["CartsClient", "CouponsClient"]
    assert api.root.groups[0].evidence == "tag 'Carts'"
    assert api.root.evidence.startswith("divided by tags: tags 0.")


def test_what_the_document_says_of_a_tag_is_said_of_the_group() -> None:
    tags = [{"name": "Pets", "description": "Everything about pets.", "summary": "Furry friends"}]
    api, _ = grouped(shop(), tags=tags)
    group = next(one for one in api.root.groups if one.key == "furry_friends")
    assert (group.attribute, group.description) == ("furry_friends", "Everything about pets.")


def test_tags_that_differ_in_spelling_are_one_group() -> None:
    api, _ = grouped(shop({"/v1/pets/extra": {"get": operation("/v1/pets/extra", "pets")}}))
    assert tree(api.root)["pets"] == 6


def test_a_tag_below_another_is_a_group_below_another() -> None:
    tags = [
        *({"name": name, "parent": "Sales"} for name in ("Orders", "Carts", "Coupons")),
        *({"name": name, "parent": "World"} for name in ("Pets", "Users", "Stores")),
    ]
    api, _ = grouped(shop(), tags=tags)
    assert tree(api.root)["sales"] == {"": 0, "carts": 5, "coupons": 5, "orders": 5}
    assert next(one.name for one in api.root.walk() if one.key == "sales.carts") == "SalesCartsClient"


def test_groups_that_hold_nothing_but_one_of_the_same_name_keep_their_own() -> None:
    """`Sales: {Global}` and `World: {Global}`: only one of them can become `global`."""
    tags = [
        {"name": "Orders", "parent": "Sales", "x-displayName": "Global"},
        {"name": "Pets", "parent": "World", "x-displayName": "Global"},
    ]
    api, _ = grouped(shop(), tags=tags)
    assert {"global", "world"} < set(keys(api))
    assert len(set(keys(api))) == len(keys(api)) == 6


def test_a_tag_group_of_redocly_is_a_parent_too() -> None:
    groups = [{"name": "Sales", "tags": ["Orders", "Carts"]}, {"name": "World", "tags": ["Pets", "Users", "Stores"]}]
    api, _ = grouped(shop(), **{"x-tagGroups": groups})
    assert tree(api.root)["sales"] == {"": 0, "carts": 5, "orders": 5}


def test_too_small_a_group_joins_the_one_like_it_or_the_client() -> None:
    """`/v1/pets/…` belongs to the pets whatever its tag; `/health` belongs to nobody."""
    paths = shop(
        {"/v1/pets/food": {"get": operation("/v1/pets/food", "Food")}},
        {"/health": {"get": operation("/health", "Ops")}},
    )
    api, _ = grouped(paths)
    assert (tree(api.root)["pets"], tree(api.root)[""]) == (6, 1)


def test_too_large_a_group_is_divided_by_its_paths() -> None:
    large = {key: value for index in range(13) for key, value in crud(f"/v1/admin/part{index}", "Admin").items()}
    api, _ = grouped(shop(large))
    assert list(tree(api.root)["admin"])[1:3] == ["part0", "part1"]
    assert "65 operations are too many" in next(one.evidence for one in api.root.walk() if one.key == "admin.part0")


def test_a_thing_with_much_below_it_is_a_child_client() -> None:
    """Made with its parameters; its name is the singular of the path, or what that is short for in its model."""
    api, _ = grouped(shop(repositories()))
    child = next(one for one in api.root.groups if one.bound)
    assert (child.attribute, child.name, [item.name for item in child.bound]) == (
        "get_repo_client", "RepoClient", ["owner", "repo"],
    )  # fmt: skip
    assert child.evidence == "/repos/{}/{} is a thing of its own, with 19 operations on it and on 4 kinds below it"
    assert len(child.operations) == 19


def test_a_path_is_spelt_as_its_client_spells_it() -> None:
    """The name of a path parameter does not travel; what configuration and lock call the operation stays as it was."""
    api, _ = grouped(shop(repositories()))
    one = next(one for one in api.operations if one.path.endswith("/generate"))
    assert one.path == "/repos/{owner}/{repo}/generate"
    assert one.key == "POST /repos/{template_owner}/{template_repo}/generate"
    assert [item.name for item in one.parameters] == ["owner", "repo"]


def test_an_operation_that_wants_a_number_is_not_bound_to_a_text() -> None:
    """`{projectId}` is a number where the others take `{projectIdOrKey}`: the key would be refused."""
    paths = repositories()
    fork = next(path for path in paths if path.endswith("/generate"))
    for parameter in paths[fork]["post"]["parameters"]:
        parameter["schema"] = {"type": "integer"}
    api, _ = grouped(shop(paths))
    assert fork in {one.path for one in api.operations}


@pytest.mark.parametrize("missing", ["the thing itself", "other kinds of things"])
def test_a_parameter_alone_makes_no_child_client(missing: str) -> None:
    root = "/tenants/{tenant}"
    paths: Paths = {key: value for one in ("a", "b", "c") for key, value in crud(f"{root}/{one}", "Tenants").items()}
    if missing == "other kinds of things":
        paths = crud(f"{root}/a", "Tenants") | {root: {"get": operation(root, "Tenants")}}
    api, _ = grouped(shop(paths))
    assert not [one for one in api.root.walk() if one.bound]


def test_a_child_client_is_given_where_its_group_is() -> None:
    """Nearly all of it is of one tag, which has operations elsewhere too."""
    paths = {
        key: {method: {**one, "tags": ["Repos"]} for method, one in item.items()}
        for key, item in repositories().items()
    }
    paths |= {path: {"get": operation(path, "Repos")} for path in ("/repos/trending", "/my-repos", "/all-repos")}
    api, _ = grouped(shop(paths))
    assert tree(api.root)["repos"] == {"": 4, "get_repo_client(owner, repo)": 19}


def test_names_of_groups_stay_clear_of_what_every_client_has() -> None:
    """`close` closes a client, `import` is no name in Python, `list` would hide the type."""
    paths: Paths = {}
    for tag in ("close", "import", "list", "models", "aio", "service", "send_request"):
        paths |= crud(f"/{tag}", tag)
    api, _ = grouped(paths)
    assert [one.attribute for one in api.root.groups] == [
        "aio", "close_", "import_", "list_", "models", "send_request_", "service",
    ]  # fmt: skip
    # `ServiceClient` is the runtime's.
    assert next(one.name for one in api.root.groups if one.key == "service") == "ShopServiceClient"


def test_a_method_gives_way_to_a_group_of_its_name() -> None:
    paths = shop(
        {"/v1/search": {"post": operation("/v1/search") | {"operationId": "search"}}},
        crud("/v1/search/saved", "Search"),
    )
    api, _ = grouped(paths)
    names = [one.name for one in api.root.operations]
    assert "search" in [one.attribute for one in api.root.groups]
    assert "search" not in names
    assert len(names) == 1


def test_tags_in_other_scripts_are_called_as_their_paths_begin() -> None:
    names = {"用户": "users", "订单": "orders", "商品": "products", "仓库": "stores", "优惠": "coupons", "***": "stars"}
    paths = {key: value for tag, path in names.items() for key, value in crud(f"/v1/{path}", tag).items()}
    api, _ = grouped(paths)
    assert [one.attribute for one in api.root.groups if one.attribute.isascii()] == [
        one.attribute for one in api.root.groups
    ]
    assert {"users", "orders", "products"} <= {one.attribute for one in api.root.groups}


# --- by configuration ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("flat", []),
        ("tags", ["carts", "coupons", "orders", "pets", "stores", "users"]),
        ("paths", ["carts", "coupons", "orders", "pets", "stores", "users"]),
        ("ids", []),
    ],
)
def test_the_way_to_divide_can_be_told(mode: Any, expected: list[str]) -> None:
    api, _ = grouped(shop(), Configuration(groups=GroupsSettings(mode=mode)))
    assert keys(api) == expected
    assert f"`{mode}`" in api.root.evidence


def test_a_small_api_is_divided_if_one_says_so() -> None:
    api, _ = grouped(
        crud("/pets", "Pets") | crud("/orders", "Orders"), Configuration(groups=GroupsSettings(mode="tags"))
    )
    assert keys(api) == ["orders", "pets"]


def test_bound_clients_can_be_switched_off() -> None:
    api, _ = grouped(shop(repositories()), Configuration(groups=GroupsSettings(bound_clients=False)))
    assert not [one for one in api.root.walk() if one.bound]
    assert {"repos", "issues"} <= set(keys(api))


def test_an_operation_is_put_where_one_says() -> None:
    rules = {"GET /v1/pets": OperationSettings(group="animals.furry"), "DELETE *": OperationSettings(group="")}
    api, _ = grouped(shop(), Configuration(operations=rules))
    assert len(api.root.operations) == 6
    assert tree(api.root)["furry"] == 1  # `animals` holds nothing else, and so is not there
    assert len(api.operations) == 30


def test_a_client_of_ones_own() -> None:
    client = GroupSettings(name="PetShop", operations=("* /v1/pets*",), bound=())
    api, _ = grouped(shop(), Configuration(groups=GroupsSettings(clients={"animals": client})))
    group = next(one for one in api.root.groups if one.key == "animals")
    assert (group.name, group.attribute, len(group.operations)) == ("PetShop", "animals", 5)


def test_a_bound_client_of_ones_own() -> None:
    """With what has its parameters; the rest of what it was to have is given by the client, and that is said."""
    client = GroupSettings(operations=("* /v1/pets*",), bound=("id",))
    api, findings = grouped(shop(), Configuration(groups=GroupsSettings(clients={"pet": client})))
    child = next(one for one in api.root.groups if one.bound)
    assert (child.attribute, len(child.operations), len(api.root.operations)) == ("get_pet_client", 3, 2)
    messages = [finding.message for finding in findings if finding.rule == "group-settings"]
    assert messages[0] == "GET /v1/pets cannot be in a client bound to id: it has no such parameters"


def test_a_group_that_is_not_there_is_told() -> None:
    settings_ = GroupsSettings(clients={"nowhere": GroupSettings(name="X")})
    _, findings = grouped(shop(), Configuration(groups=settings_))
    assert "there is no group 'nowhere', and no operation for it" in [finding.message for finding in findings]


# --- whatever the document -------------------------------------------------------------------------------------------

SEGMENT = st.sampled_from(["a", "b", "Users", "users", "{id}", "{x}", "{id}.json", "v1", "名", "close", "a-b", "a_b"])
TAG = st.sampled_from(["", "A", "a", "Users", "models", "名", "***", "close", "A Controller", "1. Users"])


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.lists(SEGMENT, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts)),
        st.dictionaries(st.sampled_from(["get", "post", "put", "delete"]), TAG, min_size=1),
        max_size=40,
    ),
    st.sampled_from(["auto", "flat", "tags", "paths", "ids"]),
)
def test_no_operation_is_lost_and_no_name_is_given_twice(paths: dict[str, dict[str, str]], mode: Any) -> None:
    """Every operation is in one group; what a client is bound to is in the path of all its operations."""
    document = {path: {method: operation(path, tag) for method, tag in item.items()} for path, item in paths.items()}
    api, _ = grouped(document, Configuration(groups=GroupsSettings(mode=mode)))
    assert len({one.pointer for one in api.operations}) == len(api.operations) == sum(map(len, paths.values()))
    classes = [group.name.casefold() for group in api.root.walk()]
    assert len(set(classes)) == len(classes)
    for group in api.root.walk():
        names = [one.attribute for one in group.groups] + [one.name for one in group.operations]
        assert len({name.casefold() for name in names}) == len(names)
        assert group.operations or group.groups or group is api.root


def test_the_order_of_the_document_does_not_matter() -> None:
    forwards = shop(repositories())
    one, _ = grouped(forwards)
    other, _ = grouped(dict(reversed(forwards.items())))
    assert tree(one.root) == tree(other.root)
    assert [group.name for group in one.root.walk()] == [group.name for group in other.root.walk()]
