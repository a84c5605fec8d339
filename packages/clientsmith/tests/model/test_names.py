"""Names: unique in their scope, valid, the same every time, and resolved by meaning first."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.model.names import (
    METHOD_NAMES,
    MODULE_NAMES,
    PROPERTY_NAMES,
    SIGNATURE_NAMES,
    Wish,
    allocate,
    pascal_case,
    plainness,
    shortened,
    snake_case,
    told_apart,
    upper_case,
)
from clientsmith.model.passes.name_client import class_of, title_words
from clientsmith.model.words import plural, singular, split_words
from hypothesis import given
from hypothesis import strategies as st

Describe = Callable[..., Any]

# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("listPets", ["list", "pets"]),
        ("find pet by id", ["find", "pet", "by", "id"]),
        ("get-board", ["get", "board"]),
        ("userIDs", ["user", "ids"]),
        ("OAuthToken", ["oauth", "token"]),
        ("IPv4Address", ["ipv4", "address"]),
        ("HTTPServerError", ["http", "server", "error"]),
        ("sha256Sum", ["sha256", "sum"]),
        ("v2Jobs", ["v2", "jobs"]),
        ("@odata.nextLink", ["odata", "next", "link"]),
        ("X-Request-ID", ["x", "request", "id"]),
        ("GitHubApp", ["github", "app"]),
        ("__init__", ["init"]),
        ("größeMax", ["gr", "öß", "e", "max"]),
        ("don't", ["dont"]),
        ("", []),
    ],
)
def test_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("pet", "pets"), ("box", "boxes"), ("class", "classes"), ("branch", "branches"), ("policy", "policies"),
        ("key", "keys"), ("status", "statuses"), ("address", "addresses"), ("person", "people"), ("index", "indices"),
        ("analysis", "analyses"), ("cache", "caches"), ("release", "releases"), ("id", "ids"), ("movie", "movies"),
        ("data", "data"), ("hours", "hours"), ("settings", "settings"),
    ],
)  # fmt: skip
def test_nouns_have_a_plural_and_back(one: str, many: str) -> None:
    assert (plural(one), singular(many)) == (many, one)
    assert (plural(many), singular(one)) == (many, one)


# --- identifiers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "snake", "pascal", "upper"),
    [
        ("petId", "pet_id", "PetId", "PET_ID"),
        ("send-command", "send_command", "SendCommand", "SEND_COMMAND"),
        ("+1", "plus_1", "Plus1", "PLUS_1"),
        ("-1", "minus_1", "Minus1", "MINUS_1"),
        ("$filter", "filter", "Filter", "FILTER"),
        ("2fa", "value_2fa", "Model2fa", "VALUE_2FA"),
        (".", "dot", "Dot", "DOT"),
        ("", "value", "Model", "VALUE"),
        ("HTTPError", "http_error", "HTTPError", "HTTP_ERROR"),
        ("StartTime<", "start_time", "StartTime", "START_TIME"),
        ("日本", "日本", "日本", "日本"),
        ("größeMax", "grosse_max", "GrosseMax", "GROSSE_MAX"),
        ("имя_файла", "imia_faila", "ImiaFaila", "IMIA_FAILA"),
        ("Ελληνικά", "ellinika", "Ellinika", "ELLINIKA"),
        ("ユーザーID", "ユーザー_id", "ユーザーId", "ユーザー_ID"),
        ("한국어", "한국어", "한국어", "한국어"),
        ("sha256Sum", "sha256_sum", "Sha256Sum", "SHA256_SUM"),
        ("userIDs", "user_ids", "UserIds", "USER_IDS"),
    ],
)
def test_text_becomes_an_identifier(text: str, snake: str, pascal: str, upper: str) -> None:
    assert (snake_case(text), pascal_case(text), upper_case(text)) == (snake, pascal, upper)


@pytest.mark.parametrize(
    ("name", "longest", "short"),
    [
        ("list_pets", 20, "list_pets"),
        ("list_all_the_pets_of_a_shop", 20, "list_pets_of_a_shop"),
        ("CreatePetShopOwnerRequest", 20, "CreateOwnerRequest"),
        ("HTTPServerErrorDetail", 15, "HTTPErrorDetail"),
        ("abcdefghijklmnop", 8, "abcdefgh"),
    ],
)
def test_a_long_name_keeps_its_first_word_and_its_last(name: str, longest: int, short: str) -> None:
    assert shortened(name, longest) == short


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["name", "Name"], ["name", "name_capitalized"]),
        (["StartTime<", "StartTime>"], ["start_time_before", "start_time_after"]),
        (["size<", "size>", "size"], ["size_less", "size_greater", "size"]),
        (["a-b", "a_b", "a b"], ["a_dash_b", "a_b", "a_b_lowercase"]),
        (["<", ">", "<=", "!="], ["less", "greater", "less_equal", "not_equal"]),
        (["jobId", "job_id"], ["job_id_mixed_case", "job_id"]),
    ],
)
def test_what_sounds_alike_is_told_apart_by_what_differs(texts: list[str], names: list[str]) -> None:
    candidates = told_apart(texts, snake_case, "field")
    found = allocate([Wish(text, candidates[text], plainness(text)) for text in texts])
    assert [found[text] for text in texts] == names


@given(st.text(max_size=30))
def test_any_text_becomes_an_identifier(text: str) -> None:
    for name in (snake_case(text), pascal_case(text), upper_case(text)):
        assert name.isidentifier()


# --- allocation ------------------------------------------------------------------------------------------------------

candidates = st.lists(st.text("abcAB_", min_size=1, max_size=3).filter(str.isidentifier), min_size=1, max_size=3)
wishes = st.dictionaries(st.text(max_size=4), st.tuples(candidates, st.integers(0, 2)), max_size=12).map(
    lambda wanted: [Wish(key, tuple(names), rank) for key, (names, rank) in wanted.items()]
)


@given(wishes, st.randoms(use_true_random=False))
def test_allocation_is_unique_valid_and_does_not_depend_on_order(wanted: list[Wish], random: Any) -> None:
    reserved = frozenset({"a", "AB", "b"})
    names = allocate(wanted, reserved)
    assert names.keys() == {wish.key for wish in wanted}
    assert len({name.casefold() for name in names.values()}) == len(wanted)
    assert all(name.isidentifier() and name not in reserved for name in names.values())
    shuffled = list(wanted)
    random.shuffle(shuffled)
    assert allocate(shuffled, reserved) == names


def test_a_person_wins_over_what_was_published_and_that_over_claims() -> None:
    names = allocate(
        [
            Wish("claims", ("item", "other_item")),
            Wish("published", ("thing",), 5, kept="item"),
            Wish("moved", ("gone",), kept="told"),
            Wish("said", ("thing",), 9, told="told"),
            Wish("keyword", ("thing",), 9, told="class"),
        ],
        {"class"},
    )
    assert names == {"said": "told", "published": "item", "claims": "other_item", "moved": "gone", "keyword": "thing"}


def test_the_better_claim_wins_and_numbers_come_last() -> None:
    names = allocate(
        [Wish("late", ("item", "other_item"), 1), Wish("first", ("item",)), Wish("third", ("item",), 2)], {"class"}
    )
    assert names == {"first": "item", "late": "other_item", "third": "item_2"}


@pytest.mark.parametrize(
    "scope", [SIGNATURE_NAMES, METHOD_NAMES, PROPERTY_NAMES], ids=["signature", "methods", "fields"]
)
def test_keywords_are_reserved(scope: frozenset[str]) -> None:
    assert set(keyword.kwlist) <= scope


def test_names_of_the_runtime_are_reserved() -> None:
    """What `clientsmith.core` defines cannot be taken by a document."""
    settings = pytest.importorskip("clientsmith.core.settings")
    client = pytest.importorskip("clientsmith.core.client")
    models = pytest.importorskip("clientsmith.core.models")
    options = {
        name
        for kind in ("CallOptions", "ListOptions", "PollOptions")
        for name in getattr(settings, kind).__annotations__
    }
    assert options <= SIGNATURE_NAMES
    assert {name for name in dir(client.ServiceClient) if not name.startswith("_")} <= METHOD_NAMES
    assert {name for name in dir(models.Model) if not name.startswith("_")} <= PROPERTY_NAMES


# --- in a document ---------------------------------------------------------------------------------------------------


def schema_names(describe: Describe, schemas: dict[str, Any]) -> list[str]:
    members = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    responses = {"200": {"description": "", "content": {"application/json": {"schema": {"oneOf": members}}}}}
    return [shape.name for shape in describe({"/x": {"get": {"responses": responses}}}, schemas).api.shapes.values()]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        pytest.param(["pet"], ["Pet"], id="capital"),
        pytest.param(["JobResponse.c5eb086"], ["JobResponse"], id="hash dropped"),
        pytest.param(["Job.c5eb086", "Job.a1b2c3d"], ["JobC5Eb086", "Job"], id="two hashes"),
        pytest.param(["io.k8s.api.core.v1.Pod"], ["Pod"], id="path of a package"),
        pytest.param(["Pet", "pet"], ["Pet", "Pet2"], id="case"),
        pytest.param(["Exception", "Model", "Any"], ["ExceptionModel", "ModelModel", "AnyModel"], id="taken"),
        pytest.param(["HTTPError"], ["HTTPError"], id="as it is"),
        pytest.param(["none_type", "object", "3d"], ["NoneType", "Object", "Model3d"], id="odd"),
    ],
)
def test_models_are_named_after_their_keys(describe: Describe, keys: list[str], names: list[str]) -> None:
    schemas = {key: {"properties": {f"p{index}": {"type": "string"}}} for index, key in enumerate(keys)}
    assert schema_names(describe, schemas) == names
    assert not set(names) & MODULE_NAMES


def test_inline_models_are_named_after_where_they_stand(describe: Describe) -> None:
    inner = {"type": "object", "properties": {"a": {"type": "string"}}}
    titled = {**inner, "title": "Landlord"}
    schemas = {
        "Pet": {
            "properties": {
                "owner": inner,
                "tags": {"type": "array", "items": inner},
                "byName": {"type": "object", "additionalProperties": inner},
                "lord": titled,
                "size": {"type": "string", "enum": ["big", "small"]},
            }
        }
    }
    assert schema_names(describe, schemas) == ["Pet", "PetOwner", "PetTag", "PetByNameValue", "Landlord", "PetSize"]


def test_inline_bodies_and_answers_are_named_after_their_method(describe: Describe) -> None:
    def inline(name: str) -> dict[str, Any]:
        schema = {"type": "object", "properties": {name: {"type": "string"}}}
        return {"description": "", "content": {"application/json": {"schema": schema}}}

    operation = {
        "operationId": "createPet",
        "parameters": [{"name": "mode", "in": "query", "schema": {"enum": ["fast", "slow"]}}],
        "requestBody": inline("a"),
        "responses": {"201": inline("b"), "400": inline("c")},
    }
    names = {shape.name for shape in describe({"/pets": {"post": operation}}).api.shapes.values()}
    assert names == {"PetMode", "CreatePetRequest", "CreatePetResult", "CreatePetError"}


def test_answers_and_members_of_unions_are_told_apart_by_meaning(describe: Describe) -> None:
    def inline(*names: str, **constants: str) -> dict[str, Any]:
        strings = {name: {"type": "string"} for name in names}
        return {"type": "object", "properties": strings | {name: {"const": it} for name, it in constants.items()}}

    def answer(schema: Any) -> dict[str, Any]:
        return {"description": "", "content": {"application/json": {"schema": schema}}}

    event = {"oneOf": [inline(kind="push"), inline(kind="pull"), inline("ref", "id"), inline("sha", "id")]}
    responses = {
        "200": answer({"type": "object", "properties": {"event": event}}),
        "401": answer(inline("reason")),
        "404": answer(inline("missing")),
    }
    operation = {"operationId": "getTask", "responses": responses}
    names = {shape.name for shape in describe({"/task": {"get": operation}}).api.shapes.values()}
    assert names >= {"GetTaskResultEventPush", "GetTaskResultEventPull", "GetTaskError", "GetTaskNotFoundError"}
    assert names >= {"GetTaskResultEventWithRef", "GetTaskResultEventWithSha"}


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["Shop.Api.Page«Shop.Model.Order»", "Shop.Model.Order"], ["PageOrder", "Order"]),
        ([f"AcmeCloudThing{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTU"], [f"Thing{x}" for x in "ABCDEFGHIJKLMNOPQRSTU"]),
        (["Status", "status"], ["Status", "Status2"]),
    ],
    ids=["paths of packages", "a prefix that all share", "a number where nothing else differs"],
)  # fmt: skip
def test_keys_lose_what_says_nothing(describe: Describe, keys: list[str], names: list[str]) -> None:
    schemas = {key: {"properties": {f"p{index}": {"type": "string"}}} for index, key in enumerate(keys)}
    assert schema_names(describe, schemas) == names


def test_a_bound_client_does_not_say_again_what_it_is_bound_to(describe: Describe) -> None:
    here = [{"name": "org", "in": "path", "required": True, "schema": {"type": "string"}}]

    def one(name: str) -> dict[str, Any]:
        return {"operationId": name, "parameters": here, "responses": {"200": {"description": ""}}}

    nouns = ["secrets", "teams", "hooks", "members", "blocks", "issues", "projects", "packages"]
    paths: dict[str, Any] = {
        "/orgs/{org}": {"get": one("getOrg"), "delete": one("deleteOrg"), "patch": one("updateOrg")}
    }
    for noun in nouns:
        item = {
            "get": one(f"list-{noun}-for-org"),
            "post": one(f"create-org-{noun}"),
            "put": one(f"set-{noun}"),
            "delete": one(f"clear-{noun}-in-org"),
        }
        paths[f"/orgs/{{org}}/{noun}"] = item
    api = describe(paths).api
    names = {one.path: one.name for one in api.operations if one.method == "GET"}
    assert any(group.bound for group in api.root.walk())
    assert (names["/orgs/{org}"], names["/orgs/{org}/secrets"]) == ("get_org", "get_secrets")


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        (["class", "from", "field", "id", "type"], ["class_", "from_", "field", "id", "type"]),
        (["+1", "-1"], ["plus_1", "minus_1"]),
        (["name", "Name"], ["name", "name_capitalized"]),
        (["id", "@id"], ["id", "at_id"]),
        (["StartTime<", "StartTime>"], ["start_time_before", "start_time_after"]),
        (["as_dict", "str", "datetime", "uuid", "field"], ["as_dict_", "str_", "datetime", "uuid", "field"]),
    ],
)
def test_fields_are_named_after_their_properties(describe: Describe, properties: list[str], names: list[str]) -> None:
    schema = {"properties": {name: {"type": "string"} for name in properties}}
    responses = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    [shape] = describe({"/x": {"get": {"responses": responses}}}).api.shapes.values()
    assert [part.name for part in shape.properties] == names


def parameter(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


@pytest.mark.parametrize(
    ("path", "parameters", "names"),
    [
        ("/x/{self}", [("self", "path"), ("class", "query")], ["self_", "class_"]),
        ("/x", [("timeout", "query"), ("headers", "query")], ["timeout_parameter", "headers_parameter"]),
        ("/x/{id}", [("id", "path"), ("id", "query"), ("ID", "header")], ["id", "query_id", "header_id"]),
        ("/x", [("X-Trace-Id", "header"), ("filter[status]", "query")], ["trace_id", "filter_status"]),
        ("/x", [("options", "query"), ("body", "query")], ["options_", "body_"]),
    ],
)
def test_arguments_are_named_in_one_signature(
    describe: Describe, path: str, parameters: list[tuple[str, str]], names: list[str]
) -> None:
    operation: dict[str, Any] = {"operationId": "getX", "parameters": [parameter(*one) for one in parameters]}
    operation["responses"] = {"200": {"description": ""}}
    assert [p.name for p in describe({path: {"get": operation}}).operation().parameters] == names


def test_descriptions_speak_of_methods(describe: Describe) -> None:
    """An operationId in code marks is the method's name; other code stays."""
    ok = {"200": {"description": ""}}
    text = "Ask `getPetById` for `petId`, not ``getPetById``."
    paths = {
        "/pets": {"post": {"operationId": "addPet", "description": text, "responses": ok}},
        "/pets/{petId}": {"get": {"operationId": "getPetById", "responses": ok}},
    }
    made = describe(paths).operation("post")
    assert made.description == "Ask `get_pet` for `petId`, not ``getPetById``."


def test_a_body_gives_way_to_a_path_parameter(describe: Describe) -> None:
    body = {"content": {"application/json": {"schema": {"properties": {"name": {"type": "string"}, "pet": {}}}}}}
    operation = {"operationId": "updatePet", "requestBody": body, "responses": {"200": {"description": ""}}}
    made = describe({"/pets/{pet}": {"patch": operation}}).operation()
    assert [p.name for p in made.parameters] == ["pet"]
    assert made.body.name == "pet_body"
    assert [(field.property.wire_name, field.name) for field in made.body_fields] == [
        ("name", "name"),
        ("pet", "body_pet"),
    ]


# --- the client ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Swagger Petstore", "PetstoreClient"),
        ("Redocly Museum API", "RedoclyMuseumClient"),
        ("Tic Tac Toe", "TicTacToeClient"),
        ("NAAS - Netmiko As A Service", "NaasClient"),
        ("GitHub v3 REST API", "GitHubClient"),
        ("OpenAI API", "OpenAIClient"),
        ("Discord HTTP API (Preview)", "DiscordClient"),
        ("Spotify Web API with fixes and improvements", "SpotifyWebClient"),
        ("API", "ApiClient"),
        ("REST API", "RestApiClient"),
        ("3D Printer", "Api3dPrinterClient"),
        ("API client", "Client"),
        ("", "ApiClient"),
        ("日本", "ApiClient"),
    ],
)
def test_the_client_is_named_after_the_title(title: str, name: str) -> None:
    assert class_of(title_words(title)) == name


@pytest.mark.parametrize(
    ("title", "package", "distribution"),
    [
        ("Swagger Petstore", "petstore_client", "petstore-client"),
        ("NAAS", "naas_client", "naas-client"),
        ("Tic Tac Toe", "tic_tac_toe_client", "tic-tac-toe-client"),
    ],
)
def test_package_and_distribution_are_one_name(describe: Describe, title: str, package: str, distribution: str) -> None:
    api = describe(info={"title": title, "version": "1"}).api
    assert (api.package, api.distribution) == (package, distribution)


@given(st.text(max_size=40))
def test_any_title_makes_names(title: str) -> None:
    words = title_words(title)
    assert class_of(words).isidentifier()
    assert "_".join(words).lower().isidentifier()
