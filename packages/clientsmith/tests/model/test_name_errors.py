"""Which classes of errors a package has of its own, and what they are called."""

from __future__ import annotations

from typing import Any

import clientsmith.core.errors as core
import clientsmith.core.versioning.errors as versions
import pytest
from clientsmith.configuration import Configuration, ModelSettings
from clientsmith.findings import Finding
from clientsmith.model.error_classes import BASE, STATUS_CLASSES
from clientsmith.model.ir import Api
from clientsmith.model.lock import lock_of
from clientsmith.model.passes.name_errors import CORE_ERRORS
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source

OBJECT = {"type": "object", "properties": {"code": {"type": "string"}}}


def document(
    errors: dict[str, str],
    schemas: dict[str, Any] | None = None,
    media_type: str = "application/json",
    **operation: Any,
) -> dict[str, Any]:
    """Return one of an operation that has these errors, status by name of the schema."""
    schemas = dict.fromkeys(errors.values(), OBJECT) | (schemas or {})
    responses = {
        status: {"description": "", "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
        for status, name in errors.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.test"}],
        "paths": {"/x": {"put": {"operationId": "putX", "responses": {"204": {}, **responses}, **operation}}},
        "components": {"schemas": schemas},
    }


def built(root: dict[str, Any], **settings: Any) -> tuple[Api, list[Finding]]:
    read, _ = read_document(Source("test", data=root))
    api, _, findings = model(read, Configuration(**{"errors": "classes", **settings}))
    return api, findings


def classes(root: dict[str, Any], **settings: Any) -> dict[str, str]:
    """Return the names of the classes, and the class of the runtime that each is."""
    return {one.name: one.base for one in built(root, **settings)[0].error_classes}


def test_nobody_has_classes_who_did_not_ask_for_them() -> None:
    root = document({"404": "Problem", "default": "Problem"})
    assert classes(root, errors="core") == {}


# --- which -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "bases"),
    [
        ({"400": "P"}, {BASE}),
        ({"404": "P"}, {BASE, "ResourceNotFoundError"}),
        ({"404": "P", "409": "P"}, {BASE, "ResourceNotFoundError", "ResourceExistsError"}),
        ({"5XX": "P"}, {BASE}),
        ({"4XX": "P"}, {BASE, *STATUS_CLASSES.values()}),
        ({"default": "P"}, {BASE, *STATUS_CLASSES.values()}),
    ],
    ids=["no class of the runtime", "one", "two", "5XX", "4XX", "default"],
)
def test_a_model_has_a_base_and_a_class_for_each_status_that_has_one(errors: dict[str, str], bases: set[str]) -> None:
    assert set(classes(document(errors)).values()) == bases


def test_a_range_is_about_the_statuses_that_are_not_documented_alone() -> None:
    found = classes(document({"404": "Missing", "4XX": "Problem"}))
    assert [name for name, base in found.items() if base == "ResourceNotFoundError"] == ["NotFoundMissingError"]
    assert classes(document({"4XX": "Missing", "default": "Problem"}))["ProblemError"] == BASE
    assert "NotFoundProblemError" not in classes(document({"4XX": "Missing", "default": "Problem"}))


def test_412_has_the_classes_that_its_conditions_can_end_in() -> None:
    header = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
    found = classes(document({"412": "Problem"}, parameters=[header]))
    assert set(found.values()) == {BASE, "ResourceModifiedError", "ResourceExistsError", "ResourceNotModifiedError"}


@pytest.mark.parametrize(
    "root",
    [
        document({"404": "Problem"}, {"Problem": {"type": "string"}}),
        document({"404": "Problem"}, {"Problem": {"type": "array", "items": OBJECT}}),
        document({"404": "Problem"}, media_type="text/html"),
    ],
    ids=["text", "a list", "a model in HTML"],
)
def test_what_is_not_read_as_a_model_has_no_class(root: dict[str, Any]) -> None:
    """There is nothing typed that a class of its own would add."""
    assert classes(root) == {}


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "base", "not_found"),
    [
        ("Problem", "ProblemError", "NotFoundProblemError"),
        ("ProblemDetails", "ProblemError", "NotFoundProblemError"),
        ("Error", "ShopError", "NotFoundShopError"),
        ("ErrorResponse", "ShopError", "NotFoundShopError"),
        ("ApiError", "ApiResponseError", "NotFoundApiError"),
        ("HTTPValidationError", "HTTPValidationResponseError", "NotFoundHTTPValidationError"),
        ("GetTaskNotFoundError", "GetTaskNotFoundResponseError", "NotFoundGetTaskError"),
        ("NotFound", "NotFoundResponseError", "NotFoundError"),
        ("Transport", "TransportResponseError", "NotFoundTransportError"),
        ("ResourceNotFound", "ResourceNotFoundResponseError", "NotFoundResourceError"),
    ],
    ids=[
        "plain",
        "details",
        "error",
        "error response",
        "named like one",
        "acronym",
        "status",
        "a status alone",
        "core's",
        "core's, long",
    ],
)
def test_a_class_is_called_after_its_model_and_its_status(schema: str, base: str, not_found: str) -> None:
    found = classes(document({"404": schema, "400": schema}))
    assert found == {base: BASE, not_found: "ResourceNotFoundError"}


def test_models_and_clients_keep_their_names() -> None:
    """A name is given once in a package: `from shop_client.models import …` and `from shop_client import …` may meet."""
    taken = {"ProblemError": OBJECT, "notFoundProblemError": OBJECT}
    root = document({"404": "Problem", "409": "ProblemError", "401": "NotFoundProblemError"}, taken)
    api, _ = built(root)
    names = [shape.name for shape in api.shapes.values()] + [one.name for one in api.error_classes]
    assert len({name.casefold() for name in names}) == len(names)
    assert {"Problem", "ProblemError"} < set(names)


def test_models_of_one_stem_are_told_apart() -> None:
    found = classes(document({"404": "Error", "409": "ErrorResponse", "401": "ErrorModel"}))
    assert len(found) == 6
    assert all(name.isidentifier() and name.endswith("Error") for name in found)


def test_no_name_is_one_of_the_runtime_s_errors() -> None:
    """Listed by hand, so that the generator need not import the runtime."""
    assert {*core.__all__, *versions.__all__} - {"ProblemDetails"} == CORE_ERRORS


def test_the_statuses_are_those_of_the_runtime() -> None:
    known = {str(status): kind.__name__ for status, kind in core._BY_STATUS.items() if status != 304}  # has no body
    assert known == STATUS_CLASSES


# --- by configuration ------------------------------------------------------------------------------------------------


def test_one_model_alone_can_have_classes() -> None:
    """What callers can act on; all others stay as they are."""
    root = document({"404": "Problem", "400": "Other"})
    told = {"Problem": ModelSettings(error="PetError")}
    expected = {"PetError": BASE, "NotFoundPetError": "ResourceNotFoundError"}
    assert classes(root, errors="core", models=told) == expected


def test_a_name_that_cannot_be_had_is_an_error() -> None:
    _, findings = built(document({"404": "Problem"}), models={"Problem": ModelSettings(error="TimeoutError")})
    assert [(one.rule, one.severity.value) for one in findings if one.rule == "name-taken"] == [("name-taken", "error")]


def test_a_class_for_what_is_no_error_is_told_to_be_useless() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    root = document({"404": "Problem"}, {"Pet": OBJECT}, requestBody=body)
    _, findings = built(root, models={"Pet": ModelSettings(error="PetError")})
    told = [one.message for one in findings if one.rule == "configuration-unused"]
    assert told == ["`models.Pet.error` does nothing: no operation documents Pet as its error"]


# --- the lock --------------------------------------------------------------------------------------------------------


def test_a_published_class_keeps_its_name() -> None:
    """Also where a model comes that is called so."""
    before, _ = built(document({"404": "Problem"}))
    after, findings = built(document({"404": "Problem", "400": "Problem", "401": "ProblemError"}), lock=lock_of(before))
    names = {one.name for one in after.error_classes if after.shapes[one.model.pointer].wire_name == "Problem"}
    assert names == {"ProblemError", "NotFoundProblemError"}
    assert "name-gone" not in [one.rule for one in findings]


def test_a_class_that_is_gone_is_told() -> None:
    before, _ = built(document({"404": "Problem"}))
    _, findings = built(document({"400": "Problem"}), lock=lock_of(before))
    told = [one.message for one in findings if one.rule == "name-gone"]
    assert told == [
        "the published error `NotFoundProblemError` is gone: document and configuration have no "
        "'Problem ResourceNotFoundError' any more"
    ]
