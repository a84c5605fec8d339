"""Pagers, pollers and the API version: what is evidence, and how strong it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.model.ir import PagingScheme, Ref, Scalar, ScalarKind

Describe = Callable[..., Any]
PET = {"type": "object", "properties": {"name": {"type": "string"}}}
A_PET = {"$ref": "#/components/schemas/Pet"}
PETS = {"type": "array", "items": A_PET}
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
MAYBE = {"type": ["string", "null"]}


def answer(schema: Any, **headers: Any) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}} if schema else {}
    return {"description": "", **content, "headers": {name.replace("_", "-"): {} for name in headers}}


def envelope(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def listing(schema: Any, *query: str, operation_id: str = "listPets", **headers: Any) -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", "schema": NUMBER} for name in query]
    return {"operationId": operation_id, "parameters": parameters, "responses": {"200": answer(schema, **headers)}}


# --- pagers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "scheme", "items", "onward", "parameter", "left"),
    [
        pytest.param(listing(PETS), "single", (), (), "", [], id="array"),
        pytest.param(listing(PETS, "limit", x_next=1), "next-link-header", (), (), "", [], id="x-next"),
        pytest.param(listing(PETS, "page", "per_page", Link=1), "next-link-header", (), (), "", [], id="Link"),
        pytest.param(listing(PETS, "page", "limit"), "single", (), (), "", ["page", "limit"], id="weak: page alone"),
        pytest.param(
            listing(envelope(value=PETS, nextLink=TEXT)), "next-link", ("value",), ("nextLink",), "", [], id="nextLink"
        ),
        pytest.param(
            listing(envelope(data=PETS, links=envelope(next=MAYBE))),
            "next-link", ("data",), ("links", "next"), "", [], id="links.next",
        ),
        pytest.param(
            listing(envelope(items=PETS, next=MAYBE, total=NUMBER), "offset", "limit"),
            "next-link", ("items",), ("next",), "", ["offset"], id="next beside an offset",
        ),
        pytest.param(
            listing(envelope(items=PETS, nextPageToken=TEXT), "pageToken", "pageSize"),
            "token", ("items",), ("nextPageToken",), "pageToken", [], id="page token",
        ),
        pytest.param(
            listing(envelope(data=PETS, meta=envelope(next_cursor=TEXT)), "cursor"),
            "token", ("data",), ("meta", "next_cursor"), "cursor", [], id="cursor in an envelope",
        ),
        pytest.param(
            listing(envelope(items=PETS, metadata={"type": "object", "properties": {"continue": TEXT}}), "continue", "limit"),
            "token", ("items",), ("metadata", "continue"), "continue", [], id="continue",
        ),
        pytest.param(
            listing(envelope(jobs=PETS, pagination=envelope(page=NUMBER, pages=NUMBER)), "page", "per_page"),
            "page-number", ("jobs",), ("pagination", "pages"), "page", [], id="page count",
        ),
        pytest.param(
            listing(envelope(results=PETS, total_count=NUMBER), "page", "per_page"),
            "page-number", ("results",), (), "page", [], id="page and total",
        ),
        pytest.param(
            listing(envelope(entries=PETS, total_count=NUMBER), "offset", "limit"),
            "offset", ("entries",), ("total_count",), "offset", [], id="offset and total",
        ),
        pytest.param(
            listing(envelope(pets=PETS, others=PETS, nextToken=TEXT), "nextToken"),
            "token", ("pets",), ("nextToken",), "nextToken", [], id="the array called like the path",
        ),
        pytest.param(
            listing(envelope(value=PETS, odd=TEXT)) | {"x-ms-pageable": {"nextLinkName": "odd"}},
            "next-link", ("value",), ("odd",), "", [], id="x-ms-pageable",
        ),
        pytest.param(
            listing(envelope(things=PETS)) | {"x-ms-pageable": {"nextLinkName": None, "itemName": "things"}},
            "single", ("things",), (), "", [], id="x-ms-pageable, one page",
        ),
    ],
)  # fmt: skip
def test_a_list_knows_how_it_goes_on(
    describe: Describe,
    operation: Any,
    scheme: str,
    items: tuple[str, ...],
    onward: tuple[str, ...],
    parameter: str,
    left: list[str],
) -> None:
    """The pager's own parameters leave the signature, the page size for an option."""
    made = describe({"/pets": {"get": operation}}, {"Pet": PET}).operation()
    paging = made.paging
    assert paging is not None
    assert (paging.scheme, paging.items_path, paging.next_path) == (PagingScheme(scheme), items, onward)
    assert paging.parameter == parameter
    assert [p.name for p in made.parameters] == left
    assert made.returns == paging.item == Ref("/components/schemas/Pet")
    assert made.name == "list_pets"
    assert paging.evidence


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(listing(A_PET, "page", operation_id="getPet"), id="one thing"),
        pytest.param(
            listing(envelope(name=TEXT, tags=PETS), operation_id="getProfile"), id="one thing with a list in it"
        ),
        pytest.param(listing(PETS, operation_id="exportPets"), id="its own verb"),
    ],
)
def test_what_is_no_list_has_no_pager(describe: Describe, operation: Any) -> None:
    assert describe({"/profile": {"get": operation}}, {"Pet": PET}).operation().paging is None


def test_weak_evidence_is_a_note_with_a_hint(describe: Describe) -> None:
    found = describe({"/pets": {"get": listing(PETS, "page")}}, {"Pet": PET})
    [finding] = found.findings
    assert (finding.rule, finding.pointer) == ("paging-weak", "/paths/~1pets/get")
    assert "'page'" in finding.message
    assert finding.hint


@pytest.mark.parametrize(
    ("schema", "scheme", "first", "left"),
    [
        pytest.param({"default": 0}, PagingScheme.PAGE_NUMBER, 0, [], id="the default is 0"),
        pytest.param({"default": 1, "minimum": 0}, PagingScheme.PAGE_NUMBER, 1, [], id="the default is 1"),
        pytest.param({"minimum": 0}, PagingScheme.SINGLE, 1, ["page"], id="0 is allowed: not guessed"),
    ],
)
def test_pages_are_counted_from_the_default(
    describe: Describe, schema: Any, scheme: PagingScheme, first: int, left: list[str]
) -> None:
    """A wrong guess would lose a page, or give one twice."""
    operation = listing(envelope(items=PETS, pages=NUMBER), "page")
    operation["parameters"][0]["schema"] = {"type": "integer", **schema}
    made = describe({"/pets": {"get": operation}}, {"Pet": PET}).operation()
    assert (made.paging.scheme, made.paging.first_page) == (scheme, first)
    assert [p.name for p in made.parameters] == left


def test_a_page_size_is_an_option_and_a_limit_stays_an_argument(describe: Describe) -> None:
    """`top` may be for the whole list."""
    made = describe(
        {"/pets": {"get": listing(envelope(value=PETS, nextLink=TEXT), "maxpagesize", "top")}}, {"Pet": PET}
    )
    assert made.operation().paging.size == "maxpagesize"
    assert [p.name for p in made.operation().parameters] == ["top"]


IDENTIFIED = {"type": "object", "properties": {"id": TEXT}}


def after(description: str, **fields: Any) -> dict[str, Any]:
    operation = listing(envelope(data=PETS, **fields), "after")
    operation["parameters"][0] |= {"description": description, "schema": TEXT}
    return operation


@pytest.mark.parametrize(
    ("operation", "scheme", "more"),
    [
        pytest.param(after("", has_more={"type": "boolean"}), PagingScheme.LAST_ID, ("has_more",), id="has_more"),
        pytest.param(after("Pets after this ID"), PagingScheme.LAST_ID, (), id="the parameter says that it is an id"),
        pytest.param(after("Pets born after this day"), PagingScheme.SINGLE, (), id="a filter"),
        pytest.param(
            after("", has_more={"type": "boolean"}, next_cursor=TEXT), PagingScheme.TOKEN, ("has_more",), id="a token"
        ),
    ],
)
def test_a_list_that_goes_on_after_an_id(
    describe: Describe, operation: Any, scheme: PagingScheme, more: tuple[str, ...]
) -> None:
    paging = describe({"/pets": {"get": operation}}, {"Pet": IDENTIFIED}).operation().paging
    assert (paging.scheme, paging.more_path) == (scheme, more)


# --- conditional requests --------------------------------------------------------------------------------------------


def reading(*headers: dict[str, Any]) -> dict[str, Any]:
    parameters = [{"in": "header", "schema": TEXT} | header for header in headers]
    return {"/pet": {"put": {"parameters": parameters, "responses": {"200": answer(None, ETag=1)}}}}


def test_header_parameters_of_the_standard_are_conditions(describe: Describe) -> None:
    found = describe(reading({"name": "if-match"}, {"name": "If-Unmodified-Since", "required": True}))
    made = found.operation()
    assert made.parameters == ()
    assert made.conditions.headers == ("If-Match", "If-Unmodified-Since")
    assert made.conditions.required == ("If-Unmodified-Since",)
    assert made.conditions.evidence == (
        "certain: the header parameter if-match, If-Unmodified-Since; etags come from the response header ETag"
    )
    assert found.rules == ["conditional-request"] * 2


def test_a_version_number_is_no_etag(describe: Describe) -> None:
    made = describe(reading({"name": "If-Match", "schema": NUMBER})).operation()
    assert made.conditions is None
    assert [p.wire_name for p in made.parameters] == ["If-Match"]


# --- pollers ---------------------------------------------------------------------------------------------------------

JOB = envelope(job_id=TEXT, status={"type": "string", "enum": ["queued", "finished", "failed", "canceled"]})
ACCEPTED = envelope(job_id=TEXT)


def submitting(*, status: str = "202", schema: Any = ACCEPTED, **headers: Any) -> dict[str, Any]:
    return {"operationId": "sendCommand", "responses": {status: answer(schema, **headers)}}


def watching(schema: Any = JOB) -> dict[str, Any]:
    return {"operationId": "getCommand", "responses": {"200": answer(schema)}}


def test_a_job_is_watched_where_its_header_says(describe: Describe) -> None:
    paths = {"/send": {"post": submitting(Operation_Location=1)}, "/send/{job_id}": {"get": watching()}}
    made = describe(paths).operation("post")
    running = made.long_running
    assert made.name == "begin_send_command"
    assert running is not None
    assert (running.status_path, running.succeeded, running.failed) == (
        ("status",),
        ("finished",),
        ("failed", "canceled"),
    )
    assert running.poll_path == "/send/{job_id}"
    assert made.returns == running.result == describe(paths).operation("get").returns
    assert "Operation-Location" in running.evidence


@pytest.mark.parametrize(
    ("operation", "is_long"),
    [
        pytest.param(submitting(Location=1), True, id="202 with Location"),
        pytest.param(submitting(Azure_AsyncOperation=1), True, id="202 with Azure-AsyncOperation"),
        pytest.param(submitting(status="201", Operation_Location=1), True, id="201 with Operation-Location"),
        pytest.param(submitting(status="201", Location=1), False, id="201 with Location: created"),
        pytest.param(submitting(status="200", Operation_Location=1), False, id="200"),
        pytest.param(submitting() | {"x-ms-long-running-operation": True}, True, id="extension"),
        pytest.param(submitting() | {"x-ms-long-running-operation": False}, False, id="extension says no"),
    ],
)
def test_evidence_of_a_long_running_operation(describe: Describe, operation: Any, is_long: bool) -> None:
    assert (describe({"/send": {"post": operation}}).operation().long_running is not None) == is_long


def test_a_job_without_a_header_is_a_note(describe: Describe) -> None:
    found = describe({"/send": {"post": submitting()}, "/jobs/{job_id}": {"get": watching()}})
    assert found.operation("post").long_running is None
    assert "job-without-header" in found.rules
    [finding] = [finding for finding in found.findings if finding.rule == "job-without-header"]
    assert "Operation-Location" in finding.hint


def test_without_a_status_enum_there_are_usual_words(describe: Describe) -> None:
    running = describe({"/send": {"post": submitting(Location=1)}}).operation().long_running
    assert running.succeeded == ("Succeeded",)
    assert running.poll_path == ""


# --- a HEAD -----------------------------------------------------------------------------------------------------------


def test_a_head_returns_whether_it_exists(describe: Describe) -> None:
    made = describe(
        {"/pets/{id}": {"head": {"operationId": "headPet", "responses": {"200": answer(None)}}}}
    ).operation()
    assert (made.name, made.verb, made.returns) == ("pet_exists", "exists", Scalar(ScalarKind.BOOLEAN))


# --- headers of the runtime ------------------------------------------------------------------------------------------


def in_header(name: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": TEXT}


@pytest.mark.parametrize(
    ("method", "header", "left", "option"),
    [
        pytest.param("get", in_header("X-Request-ID"), [], "client_request_id", id="request id"),
        pytest.param("get", in_header("x-request-id", required=True), [], "client_request_id", id="required"),
        pytest.param("post", in_header("Idempotency-Key"), [], "idempotency_key", id="key of a POST"),
        pytest.param("patch", in_header("idempotency-key"), [], "idempotency_key", id="key of a PATCH"),
        pytest.param("put", in_header("Idempotency-Key"), ["idempotency_key_parameter"], "", id="key of a PUT"),
        pytest.param("get", in_header("User-Agent"), [], "user_agent", id="user agent"),
        pytest.param("get", in_header("X-Client-Request-ID"), [], "client_request_id", id="another name of the id"),
        pytest.param("get", in_header("X-Correlation-Id", required=True), [], "client_request_id", id="and required"),
        pytest.param("post", in_header("X-Idempotency-Key"), [], "idempotency_key", id="another key, alone"),
        pytest.param(
            "post",
            in_header("Idempotency-Key", required=True),
            ["idempotency_key_parameter"],
            "",
            id="a key that must be sent",
        ),
        pytest.param("get", in_header("X-Key"), [], "", id="the credential"),
        pytest.param("get", {**in_header("X-Request-ID"), "in": "query"}, ["x_request_id"], "", id="no header"),
    ],
)
def test_a_header_that_the_runtime_sends_is_no_argument(
    describe: Describe, method: str, header: dict[str, Any], left: list[str], option: str
) -> None:
    """It can be given by the option that sends it; a finding says which one."""
    components = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    operation = {"operationId": "checkPet", "parameters": [header], "responses": {"200": answer(None)}}
    found = describe({"/pets": {method: operation}}, components=components, security=[{"key": []}])
    made = found.operation()
    assert [p.name for p in made.parameters] == left
    assert [p.name for p in made.runtime_parameters] == ([option] if option else [])
    notes = [finding.message for finding in found.findings if finding.rule == "runtime-header"]
    assert len(notes) == (0 if left else 1)
    assert all(option in message for message in notes)


def test_keys_that_an_operation_requires_both_are_needed_together(describe: Describe) -> None:
    """Trello: two schemes as alternatives, and both are required parameters of every operation."""
    keys = {name: {"type": "apiKey", "in": "query", "name": name} for name in ("key", "token")}
    both = [{"name": name, "in": "query", "required": True, "schema": {"type": "string"}} for name in keys]
    read = {"responses": {"200": answer(None)}}
    paths = {"/boards": {"get": {**read, "parameters": both}}, "/lists": {"get": read}}
    found = describe(paths, components={"securitySchemes": keys}, security=[{"key": []}, {"token": []}])
    needed = {one.path: [kind.schemes for kind in found.api.security_of(one)] for one in found.api.operations}
    assert needed == {"/boards": [("key", "token")], "/lists": [("key",), ("token",)]}


@pytest.mark.parametrize(
    ("names", "defaults"),
    [
        pytest.param(["X-Request-ID", "Idempotency-Key"], {}, id="the usual names"),
        pytest.param(["X-Correlation-ID", "X-Request-Id"], {}, id="the usual one beside another"),
        pytest.param(["x-ms-client-request-id"], {"request_id_header": "x-ms-client-request-id"}, id="Azure's"),
        pytest.param(["X-Idempotence-Key"], {"idempotency_header": "X-Idempotence-Key"}, id="another spelling"),
        pytest.param(["Repeatability-Request-ID"], {"idempotency_header": "Repeatability-Request-ID"}, id="OASIS"),
        pytest.param(["X-Request-Timeout", "X-Trace"], {}, id="something else"),
    ],
)
def test_the_client_knows_how_a_service_spells_what_it_sends(
    describe: Describe, names: list[str], defaults: dict[str, str]
) -> None:
    parameters = [in_header(name) for name in names]
    operation = {"operationId": "createPet", "parameters": parameters, "responses": {"200": answer(None)}}
    assert dict(describe({"/pets": {"post": operation}}).api.defaults) == defaults


def test_the_old_name_of_a_key_steps_back_behind_the_new_one(describe: Describe) -> None:
    headers = [in_header("Idempotency-Key"), in_header("X-Idempotency-Key")]
    operation = {"operationId": "checkPet", "parameters": headers, "responses": {"200": answer(None)}}
    assert describe({"/pets": {"post": operation}}).operation().parameters == ()
