"""Long running operations: what marks them, who watches them, and what a person may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.configuration import Configuration, OperationSettings, PollingSettings
from clientsmith.model.pipeline import model
from clientsmith.model.polling.status_words import status_of
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source

Describe = Callable[..., Any]
TEXT = {"type": "string"}
WORDS = ["queued", "running", "succeeded", "failed", "cancelled"]


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def job(*words: str, **properties: Any) -> dict[str, Any]:
    return thing(id=TEXT, status={"type": "string", "enum": list(words or WORDS)}, **properties)


def answering(status: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}} if schema else {}
    return {"responses": {status: {"description": "", **content}}, **more}


A_JOB = {"$ref": "#/components/schemas/Job"}


def jobs(base: str = "/jobs", path: str = "/jobs/{job_id}", status: str = "201", **more: Any) -> dict[str, Any]:
    return {
        base: {"post": answering(status, A_JOB, operationId="createJob", **more)},
        path: {"get": answering("200", A_JOB, operationId="getJob")},
    }


def polled(paths: Any, schemas: Any, settings: Any = True, key: str = "POST /jobs") -> Any:
    root = {"openapi": "3.1.0", "info": {"title": "Test", "version": "1"}, "paths": paths}
    document, _ = read_document(Source("test", data={**root, "components": {"schemas": schemas}}))
    said = Configuration(operations={key: OperationSettings(polling=settings)})
    api, _resolver, findings = model(document, said)
    made = next(one for one in api.operations if one.key == key)
    return made, [one for one in findings if one.rule in ("polling-configured", "job-without-header")]


def test_the_shape_of_a_job_is_a_note_with_the_line_that_makes_it_a_poller(describe: Describe) -> None:
    found = describe(jobs(), {"Job": job()})
    [note] = [one for one in found.findings if one.rule == "job-without-header"]
    assert str(note.change) == '[operations."POST /jobs"] polling = true'
    assert found.operation("post").long_running is None
    assert found.operation("post").name == "create_job"


@pytest.mark.parametrize(
    ("paths", "key", "template"),
    [
        (jobs(), "POST /jobs", "/jobs/{id}"),
        (jobs("/shops/{shop}/jobs", "/shops/{shop}/jobs/{job}"), "POST /shops/{shop}/jobs", "{}/{id}"),
        (jobs("/imports", "/jobs/{job_id}"), "POST /imports", "/jobs/{id}"),
    ],
    ids=["its own id", "below the address of the operation", "elsewhere, by the same model"],
)
def test_one_line_takes_the_shape_of_a_job(paths: Any, key: str, template: str) -> None:
    made, problems = polled(paths, {"Job": job()}, key=key)
    running = made.long_running
    assert (made.name, problems) == ("begin_create_job", [])
    assert (running.poll_path, running.status_path) == (template, ("status",))
    assert (running.succeeded, running.failed) == (("succeeded",), ("failed", "cancelled"))


def test_a_person_says_what_the_document_does_not() -> None:
    said = PollingSettings(
        poll="/jobs/{id}", status="progress.word", succeeded=("fine",), failed=("bad",), result="out"
    )
    made, problems = polled({"/jobs": {"post": answering("202", thing(id=TEXT), operationId="createJob")}}, {}, said)
    running = made.long_running
    assert (running.poll_path, running.status_path, running.result_path) == (
        "/jobs/{id}",
        ("progress", "word"),
        ("out",),
    )
    assert (running.succeeded, running.failed, problems) == (("fine",), ("bad",), [])
    assert running.evidence.startswith("by configuration")


def test_a_poller_that_could_not_look_is_a_warning() -> None:
    _made, [problem] = polled({"/jobs": {"post": answering("202", thing(id=TEXT), operationId="createJob")}}, {})
    assert "no GET that would tell its status" in problem.message


def test_a_person_says_that_it_is_no_poller() -> None:
    marked = jobs(**{"x-ms-long-running-operation": True})
    made, problems = polled(marked, {"Job": job()}, settings=False)
    assert (made.long_running, made.name, problems) == (None, "create_job", [])


@pytest.mark.parametrize(
    ("paths", "schema"),
    [
        (jobs(), thing(id=TEXT, status={"type": "string", "enum": ["active", "inactive"]})),
        (jobs("/pets", "/pets/{pet_id}"), thing(id=TEXT, status={"type": "string", "enum": ["available", "sold"]})),
        ({"/jobs/{job_id}/cancel": {"post": answering("200", A_JOB)}, **jobs("/x", "/jobs/{job_id}")}, job()),
    ],
    ids=["no end", "a thing for sale", "something done with a job"],
)  # fmt: skip
def test_what_only_has_a_status_is_no_job(describe: Describe, paths: Any, schema: Any) -> None:
    found = describe(paths, {"Job": schema})
    [*notes] = [one for one in found.findings if one.rule == "job-without-header" and "/x" not in one.message]
    assert notes == []


def test_operations_as_google_has_them_are_pollers(describe: Describe) -> None:
    """AIP-151: `done` says that it is over, `error` that it failed, and the name has slashes in it."""
    operation = thing(name=TEXT, done={"type": "boolean"}, error=thing(code=TEXT), response=thing(), metadata=thing())
    an_operation = {"$ref": "#/components/schemas/Operation"}
    paths = {
        "/v1/pets": {"post": answering("200", an_operation, operationId="pets.create")},
        "/v1/{name}": {"get": answering("200", an_operation, operationId="operations.get")},
        "/v1/{name}:cancel": {"post": answering("200", thing(), operationId="operations.cancel")},
    }
    made = describe(paths, {"Operation": operation}).operation("post", "/v1/pets")
    running = made.long_running
    assert made.name == "begin_create_pet"
    assert (running.poll_path, running.status_path, running.succeeded) == ("/v1/{+name}", ("done",), ("true",))
    assert (running.result_path, running.error_path) == (("response",), ("error",))


@pytest.mark.parametrize(
    ("words", "good", "bad"),
    [
        (["pending", "processing", "success", "failure"], ("success",), ("failure",)),
        (["queued", "saving", "active", "killed"], ("active",), ("killed",)),
        (["created", "running", "completed"], ("completed",), ()),
        (["queued", "requires_action", "completed", "failed"], ("completed",), ("requires_action", "failed")),
    ],
    ids=["usual", "a thing that is there", "created is a beginning", "it waits for somebody"],
)
def test_words_of_a_status_have_a_meaning(
    describe: Describe, words: list[str], good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    found = describe({"/jobs/{id}": {"get": answering("200", A_JOB)}}, {"Job": job(*words)})
    status = status_of(found.operation().returns, found.api.shapes)
    assert status is not None
    assert (status.succeeded, status.failed) == (good, bad)


def test_words_may_stand_in_the_description(describe: Describe) -> None:
    text = {"type": "string", "description": "Is `pending` at first, then `succeeded` or `failed`; see `result`."}
    found = describe({"/jobs/{id}": {"get": answering("200", A_JOB)}}, {"Job": thing(id=TEXT, status=text)})
    status = status_of(found.operation().returns, found.api.shapes)
    assert status is not None
    assert (status.succeeded, status.failed) == (("succeeded",), ("failed",))


@pytest.mark.parametrize("said", ["#/components/schemas/States", "#/definitions/States"])
def test_a_document_may_say_what_the_result_looks_like(said: str) -> None:
    """Where no answer of the operation itself has it: Azure's ``final-state-schema``."""
    more = {"x-ms-long-running-operation-options": {"final-state-schema": said}}
    paths = {
        "/nodes/{id}/power": {"put": answering("202", operationId="setPower", **more)},
        "/nodes/{id}/states": {"get": answering("200", {"$ref": "#/components/schemas/States"})},
    }
    states = {"States": thing(power_state=TEXT, target_power_state=TEXT, last_error=TEXT)}
    watched = PollingSettings(status="target_power_state", error="last_error", failed=())
    made, _ = polled(paths, states, watched, key="PUT /nodes/{id}/power")
    running = made.long_running
    assert running.result.pointer == "/components/schemas/States"
    assert (running.status_path, running.error_path) == (("target_power_state",), ("last_error",))
