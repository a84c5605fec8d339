"""Methods are named by the guideline's table (python-client-service-verbs)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Describe = Callable[..., Any]
PETS = {"Pet": {"type": "object", "properties": {"name": {"type": "string"}}}}
ONE = {"$ref": "#/components/schemas/Pet"}
MANY = {"type": "array", "items": ONE}
TEXT = {"type": "string"}


def operation_of(
    operation_id: str, responses: dict[str, Any], body: Any = None, tags: tuple[str, ...] = ()
) -> dict[str, Any]:
    def answer(schema: Any) -> dict[str, Any]:
        return {"description": "", **({"content": {"application/json": {"schema": schema}}} if schema else {})}

    operation: dict[str, Any] = {"responses": {status: answer(schema) for status, schema in responses.items()}}
    operation |= {"operationId": operation_id} if operation_id else {}
    operation |= {"requestBody": answer(body)} if body else {}
    return operation | ({"tags": list(tags)} if tags else {})


@pytest.mark.parametrize(
    ("method", "path", "operation", "name"),
    [
        # the five documents
        ("get", "/pets", operation_of("listPets", {"200": MANY}), "list_pets"),
        ("post", "/pets", operation_of("createPets", {"201": None}, ONE), "create_pet"),
        ("get", "/pets/{petId}", operation_of("showPetById", {"200": ONE}), "get_pet"),
        ("get", "/pets/{id}", operation_of("find pet by id", {"200": ONE}), "get_pet"),
        ("get", "/pets", operation_of("findPets", {"200": MANY}), "list_pets"),
        ("post", "/pets", operation_of("addPet", {"200": ONE}, ONE), "create_pet"),
        ("delete", "/pets/{id}", operation_of("deletePet", {"204": None}), "delete_pet"),
        ("get", "/board", operation_of("get-board", {"200": ONE}), "get_board"),
        ("get", "/board/{row}/{column}", operation_of("get-square", {"200": TEXT}), "get_square"),
        ("put", "/board/{row}/{column}", operation_of("put-square", {"200": ONE}, TEXT), "set_square"),
        ("get", "/museum-hours", operation_of("getMuseumHours", {"200": MANY}), "list_museum_hours"),
        ("post", "/tickets", operation_of("buyMuseumTickets", {"201": ONE}, ONE), "buy_museum_tickets"),
        ("get", "/tickets/{id}/qr", operation_of("getTicketCode", {"200": TEXT}), "get_ticket_code"),
        ("get", "/v2/send-command/{job_id}", operation_of("getSendCommand", {"200": ONE}), "get_send_command"),
        ("delete", "/v2/jobs/{job_id}", operation_of("cancelJob", {"204": None}), "cancel_job"),
        ("get", "/v2/healthcheck", operation_of("getHealth", {"200": ONE}), "get_health"),
        # the table
        ("head", "/pets/{id}", operation_of("checkPet", {"200": None}), "pet_exists"),
        ("put", "/pets/{id}", operation_of("putPet", {"200": ONE, "201": ONE}, ONE), "upsert_pet"),
        ("put", "/pets/{id}", operation_of("putPet", {"201": ONE}, ONE), "create_pet"),
        ("put", "/pets/{id}", operation_of("savePet", {"200": ONE}, ONE), "replace_pet"),
        ("put", "/pets/{id}", operation_of("updatePet", {"200": ONE}, ONE), "update_pet"),
        ("patch", "/pets/{id}", operation_of("editPet", {"200": ONE}, ONE), "update_pet"),
        ("delete", "/pets/{id}", operation_of("removePet", {"204": None}), "remove_pet"),
        ("post", "/pets", operation_of("createPets", {"201": None}, MANY), "create_pets"),
        # ids as others write them
        ("get", "/repos/{r}/issues", operation_of("issues/list-for-repo", {"200": MANY}), "list_issues_for_repo"),
        ("get", "/signalr", operation_of("SignalR_List", {"200": MANY}), "list_signalrs"),
        ("post", "/chat.postMessage", operation_of("chat.postMessage", {"200": ONE}, ONE), "create_message"),
        ("get", "/pets", operation_of("Pets_ListPets", {"200": MANY}), "list_pets"),
        ("post", "/pet", operation_of("petCreate", {"201": ONE}, ONE), "create_pet"),
        ("get", "/pets", operation_of("getAllPets", {"200": MANY}), "list_pets"),
        ("get", "/pets/{id}", operation_of("getAPet", {"200": ONE}), "get_pet"),
        ("post", "/prices", operation_of("lookupPrices", {"200": ONE}, ONE), "lookup_prices"),
        ("post", "/search", operation_of("search", {"200": MANY}, ONE), "search"),
        ("get", "/policies", operation_of("listPolicy", {"200": MANY}), "list_policies"),
        # ids that a framework made
        ("get", "/items/{item_id}", operation_of("read_item_items__item_id__get", {"200": ONE}), "get_item"),
        ("get", "/items/{item_id}", operation_of("ItemsItemIdReadItem", {"200": ONE}), "get_item"),
        ("get", "/items", operation_of("ItemsListItems", {"200": MANY}), "list_items"),
        ("get", "/user", operation_of("UserSettings", {"200": ONE}), "get_user_settings"),
        ("post", "/v1/send_command", operation_of("post__v1_send_command", {"202": ONE}, ONE), "send_command"),
        ("get", "/", operation_of("get__", {"200": ONE}), "get_root"),
        ("post", "/v1/accounts/{account}", operation_of("PostAccountsAccount", {"200": ONE}, ONE), "update_account"),
        # no id
        ("get", "/v1/pets/{id}", operation_of("", {"200": ONE}), "get_pet"),
        ("get", "/api/v1/pets", operation_of("", {"200": MANY}), "list_pets"),
        ("post", "/pets", operation_of("", {"201": ONE}, ONE), "create_pet"),
        ("post", "/jobs/{id}/cancel", operation_of("", {"204": None}), "cancel_job"),
        ("post", "/send-command", operation_of("", {"200": ONE}, ONE), "send_command"),
        ("options", "/pets", operation_of("", {"200": None}), "options_pets"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_an_operation_has_a_name(describe: Describe, method: str, path: str, operation: Any, name: str) -> None:
    made = describe({path: {method: operation}}, PETS).operation()
    assert made.name == name
    assert made.evidence


@pytest.mark.parametrize(
    ("method", "path", "operation", "name"),
    [
        ("get", "/pets", operation_of("PetsController_findAll", {"200": MANY}), "list_pets"),
        ("get", "/pets/{id}", operation_of("PetsController_findOne", {"200": ONE}), "get_pet"),
        ("get", "/v1/pets/", operation_of("pets_get_all_v1_pets__get", {"200": MANY}), "list_pets"),
        ("get", "/pets", operation_of("Api::V1::Pets#index", {"200": MANY}), "list_pets"),
        ("delete", "/pets/{id}", operation_of("Api::V1::Pets#destroy", {"204": None}), "delete_pet"),
        ("get", "/pets/{id}", operation_of("findPetUsingGET_1", {"200": ONE}), "get_pet"),
        ("get", "/v1/pets/{id}", operation_of("PetService_GetPet", {"200": ONE}), "get_pet"),
        ("get", "/pets", operation_of("get-pets", {"200": MANY}), "list_pets"),
        ("get", "/api/pets/{id}", operation_of("GetApiPetsByIdAsync", {"200": ONE}), "get_pet"),
        ("patch", "/pets/{id}", operation_of("pets_partial_update", {"200": ONE}, ONE), "update_pet"),
        ("get", "/pets", operation_of("pets.index", {"200": MANY}), "list_pets"),
        ("post", "/pets", operation_of("pets.store", {"201": ONE}, ONE), "create_pet"),
        ("put", "/pets/{id}", operation_of("Pets_CreateOrUpdate", {"200": ONE}, ONE), "upsert_pet"),
        ("put", "/pets/{id}", operation_of("pets/add-or-update", {"200": ONE}, ONE), "upsert_pet"),
        ("get", "/files/{file_id}/tags", operation_of("get_files_id_tags", {"200": MANY}), "list_tags"),
        ("put", "/links/{link_id}#add_shared_link", operation_of("put_links_id#add_shared_link", {"200": ONE}, ONE), "add_shared_link"),
        ("post", "/wallets/{id}/consume", operation_of("consume_wallet", {"204": None}), "consume_wallet"),
        ("post", "/shops/unmerge", operation_of("shops_unmerge_account", {"204": None}, ONE), "unmerge_account"),
        ("delete", "/invites/{code}", operation_of("invite_revoke", {"200": ONE}), "revoke_invite"),
        ("post", "/v1/pets/{id}:groom", operation_of("", {"200": ONE}), "groom_pet"),
        ("post", "/images/{id}/actions/reactivate", operation_of("", {"204": None}), "reactivate_image"),
        ("post", "/queue", operation_of("add-to-queue", {"204": None}), "add_to_queue"),
        ("post", "/issues/{n}/labels", operation_of("issues/add-labels-to-issue", {"200": MANY}, ONE), "add_labels_to_issue"),
        ("get", "/flights/delayed", operation_of("", {"200": ONE}), "get_delayed_flights"),
        ("get", "/stores/detail", operation_of("", {"200": ONE}), "get_store_detail"),
        ("get", "/repos", operation_of("repos/list-starred-by-user", {"200": MANY}), "list_starred_by_user"),
        ("delete", "/teams/{id}", operation_of("teams/delete-legacy", {"204": None}), "delete_teams_legacy"),
        ("post", "/messages/bulk-delete", operation_of("bulk_delete_messages", {"204": None}, ONE), "delete_messages"),
        ("get", "/claim_notes", operation_of("claim_notes_list", {"200": MANY}), "list_claim_notes"),
        ("get", "/search", operation_of("search/issues", {"200": MANY}), "list_matching_issues"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_ids_of_every_convention_are_read(
    describe: Describe, method: str, path: str, operation: Any, name: str
) -> None:
    operation["parameters"] = [
        {"name": part.strip("{}"), "in": "path", "required": True, "schema": TEXT}
        for part in path.replace(":", "/").replace("#", "/").split("/")
        if part.startswith("{")
    ]
    assert describe({path: {method: operation}}, PETS).operation().name == name


@pytest.mark.parametrize(
    ("operation_id", "path", "name"),
    [
        ("activity/list-public-repository-events-for-authenticated-user", "/user/events", "list_public_repository_events"),
        ("actions/list-selected-self-hosted-runners-for-organization", "/orgs/{org}/runners", "list_selected_self_hosted_runners"),
        ("apps/list-some-things-that-are-of-a-kind-with-many-words", "/things", "list_some_things_that_are_of_kind"),
    ],
    ids=["the caller", "the owner", "the last phrase"],
)  # fmt: skip
def test_a_long_name_leaves_out_what_goes_without_saying(
    describe: Describe, operation_id: str, path: str, name: str
) -> None:
    made = describe({path: {"get": operation_of(operation_id, {"200": MANY})}}, PETS).operation()
    assert made.name == name
    assert len(made.name) <= 40
    assert "shortened from" in made.evidence


def test_what_is_left_out_comes_back_where_two_would_be_called_the_same(describe: Describe) -> None:
    paths = {
        "/events": {"get": operation_of("activity/list-public-repository-events", {"200": MANY})},
        "/user/events": {
            "get": operation_of("activity/list-public-repository-events-for-authenticated-user", {"200": MANY})
        },
    }
    names = [one.name for one in describe(paths, PETS).api.operations]
    assert names == ["list_public_repository_events", "list_public_repository_events_for_authenticated_user"]


def test_a_method_that_long_runs_begins(describe: Describe) -> None:
    operation = operation_of("createPet", {"202": ONE}, ONE) | {"x-ms-long-running-operation": True}
    assert describe({"/pets": {"post": operation}}, PETS).operation().name == "begin_create_pet"


def test_a_matrix_is_no_list(describe: Describe) -> None:
    rows = {"type": "array", "items": {"type": "array", "items": TEXT}}
    made = describe({"/board": {"get": operation_of("get-board", {"200": rows})}}, PETS).operation()
    assert (made.name, made.paging) == ("get_board", None)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        pytest.param(
            {"/send": {"get": operation_of("", {"200": ONE})}, "/send/{id}": {"get": operation_of("", {"200": ONE})}},
            ["get_send", "get_send_by_id"],
            id="by the key",
        ),
        pytest.param(
            {"/v1/pet": {"get": operation_of("", {"200": ONE})}, "/v2/pet": {"get": operation_of("", {"200": ONE})}},
            ["get_pet", "get_pet_v2"],
            id="by the version",
        ),
        pytest.param(
            {
                "/orgs/{o}/members": {"get": operation_of("", {"200": MANY})},
                "/teams/{t}/members": {"get": operation_of("", {"200": MANY})},
            },
            ["list_members", "list_team_members"],
            id="by what is around",
        ),
        pytest.param(
            {"/a": {"get": operation_of("getX", {"200": ONE})}, "/b": {"get": operation_of("getX", {"200": ONE})}},
            ["get_x", "get_b"],
            id="repeated id",
        ),
    ],
)
def test_two_operations_are_told_apart_by_meaning(describe: Describe, paths: Any, names: list[str]) -> None:
    found = describe(paths, PETS)
    assert [operation.name for operation in found.api.root.operations] == names
    assert "operation-renamed" in found.rules


def test_a_method_cannot_take_a_name_of_the_client(describe: Describe) -> None:
    """`send_request` and `close` belong to every client."""
    paths = {
        "/request": {"post": operation_of("sendRequest", {"200": ONE}, ONE)},
        "/close": {"post": operation_of("close", {"204": None})},
    }
    names = [operation.name for operation in describe(paths, PETS).api.root.operations]
    assert names == ["send_request_", "close_"]
