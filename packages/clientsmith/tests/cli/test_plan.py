"""`clientsmith plan`: every guess with the line that changes it, and ways to see only some."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete
from clientsmith.cli.main import cli

from .conftest import SPECS, run


def answer(schema: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


LIST = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "string"}}}}
STATUS = {"type": "object", "properties": {"id": {"type": "string"}, "status": {"enum": ["running", "done", "failed"]}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.test"}],
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "parameters": [{"name": "cursor", "in": "query", "schema": {"type": "string"}}],
                "responses": answer(LIST),
            },
            "post": {"operationId": "makeThing", "responses": {"202": answer(STATUS)["200"]}},
        },
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "getThing", "responses": answer(STATUS)},
            "patch": {
                "operationId": "updateThing",
                "requestBody": {"content": {"application/json": {"schema": STATUS}}},
                "responses": answer(STATUS),
            },
            "delete": {"operationId": "deleteThing", "responses": {"204": {"description": ""}}},
        },
    },
}


@pytest.fixture
def spec(folder: Path) -> str:
    (folder / "shop.json").write_text(json.dumps(DOCUMENT))
    return "shop.json"


def planned(*arguments: str) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(run("plan", *arguments, "--format", "json").stdout)
    return plan


def decided(plan: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Every decision of a plan: by operation and aspect."""
    decisions = {(one["key"], it["aspect"]): it["outcome"] for one in plan["operations"] for it in one["decisions"]}
    return decisions | {(one["key"], "returns"): one["returns"] for one in plan["operations"]}


# --- the lines that change a guess -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "key", "aspect"),
    [
        ("naas-v2.json", "GET /v2/jobs", "paging"),
        ("naas-v2.json", "POST /v2/send-command", "polling"),
        ("oai-petstore.json", "GET /pets", "paging"),
        ("shop.json", "DELETE /things/{id}", "404"),
        ("shop.json", "PATCH /things/{id}", "flatten"),
        ("shop.json", "POST /things", "polling"),
    ],
)
def test_pasting_a_line_changes_that_guess_and_no_other_operation(
    document: str, key: str, aspect: str, folder: Path, spec: str
) -> None:
    path = spec if document == spec else str(SPECS / document)
    before = planned(path)
    [operation] = [one for one in before["operations"] if one["key"] == key]
    [change] = [one["change"] for one in operation["decisions"] if one["aspect"] == aspect]
    table = f"[{change['toml'].partition('] ')[0][1:]}]"
    (folder / "clientsmith.toml").write_text(f"{table}\n{change['setting']} = {change['value']}\n")
    first, second = decided(before), decided(planned(path))
    changed = {place for place in first.keys() | second.keys() if first.get(place) != second.get(place)}
    assert (key, aspect) in changed
    assert {place[0] for place in changed} == {key}


def test_weak_evidence_is_shown_with_the_line_that_makes_it_sure(spec: str) -> None:
    text = run("plan", spec, "--only", "weak").stdout
    assert '[operations."GET /things"] paging = { scheme = "token", parameter = "cursor", next = "…" }' in text
    assert '[operations."POST /things"] polling = true' in text
    assert "DELETE" not in text


def test_all_lines_are_shown_when_asked_for(spec: str) -> None:
    text = run("plan", spec, "--operation", "get_thing", "--changes").stdout
    assert '[operations."GET /things/{id}"] verb = "get"' in text


@pytest.mark.parametrize("name", ["naas-v2.json", "redocly-museum.yaml", "gallery.yaml"])
def test_the_toml_with_every_line_taken_is_a_configuration_without_mistakes(name: str, folder: Path) -> None:
    """What the plan prints as TOML can be pasted whole; it says the names that there are, so it is a promise, too."""
    document = str(SPECS / name)
    lines = run("plan", document, "--toml").stdout.splitlines()
    taken = [line.removeprefix("# ") if is_setting(line) else line for line in lines]
    (folder / "clientsmith.toml").write_text("\n".join(taken))
    tomllib.loads((folder / "clientsmith.toml").read_text())
    assert run("config", "check").exit_code == 0
    result = run("plan", document)
    assert "configuration-unused" not in result.stderr
    assert "  error  " not in result.stderr


def is_setting(line: str) -> bool:
    try:
        return line.startswith("# ") and bool(tomllib.loads(line.removeprefix("# ")))
    except tomllib.TOMLDecodeError:
        return False


# --- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["--operation", "GET /things"], ["GET /things", "GET /things/{id}"]),
        (["--operation", "DELETE *"], ["DELETE /things/{id}"]),
        (["--operation", "makeThing"], ["POST /things"]),
        (["--operation", "update_thing", "--operation", "get_thing"], ["GET /things/{id}", "PATCH /things/{id}"]),
        (["--only", "paging"], ["GET /things"]),
        (["--only", "weak"], ["GET /things", "POST /things"]),
        (["--only", "configured"], []),
        (["--operation", "nothing"], []),
        (["--group", "nothing"], []),
    ],
)
def test_a_plan_of_some(arguments: list[str], keys: list[str], spec: str) -> None:
    assert [one["key"] for one in planned(spec, *arguments)["operations"]] == keys


def test_a_plan_of_nothing_says_so(spec: str) -> None:
    result = run("plan", spec, "--operation", "nothing")
    assert "no operation is meant by what was asked for" in result.stdout
    assert result.stderr.endswith("0 errors, 0 warnings in 0 operations\n")


def test_an_unknown_aspect_is_wrong_usage(spec: str) -> None:
    result = run("plan", spec, "--only", "pages")
    assert (result.exit_code, "'paging'" in result.stderr) == (2, True)


def test_no_colour_where_there_is_no_terminal(spec: str) -> None:
    assert "\x1b" not in run("plan", spec).output


# --- completion ------------------------------------------------------------------------------------------------------


def completed(arguments: list[str], incomplete: str) -> list[str]:
    complete = ShellComplete(cli, {}, "clientsmith", "_CLIENTSMITH_COMPLETE")
    return [item.value for item in complete.get_completions(arguments, incomplete)]


def test_operations_are_completed(spec: str) -> None:
    assert completed(["plan", spec, "--operation"], "list") == ["list_things"]
    assert completed(["plan", spec, "--operation"], "/things/") == ["/things/{id}"]


@pytest.mark.parametrize("document", ["missing.json", "https://shop.test/openapi.json"])
def test_completion_is_silent_where_it_does_not_know(document: str, folder: Path) -> None:
    assert completed(["plan", document, "--operation"], "") == []


def test_the_configuration_names_the_document_for_completion(folder: Path, spec: str) -> None:
    (folder / "clientsmith.toml").write_text(f'spec = "{spec}"')
    assert completed(["plan", "--operation"], "delete") == ["delete_thing"]
