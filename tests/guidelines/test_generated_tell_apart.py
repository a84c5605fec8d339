"""Rules over a generated package, whose answers come from the mock of its document, tell a change in it apart too.

The document has enough below one thing for a child client, so groups and bound clients are judged as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from .changes import Change
from .rules import RULES, Met, NotApplicable, NotMet, Package, Waived
from .subjects import generated

BY_ID: Final = {rule.id: rule for rule in RULES}
PARTS: Final = ("bolts", "doors", "feet", "hinges", "labels", "lamps", "planks", "rails", "screws", "walls")


CHANGES: Final = [
    Change("client-service-args", "options are lost below", "_groups/shelf.py", ", options=options)", ", options={})"),
    Change("client-service-per-call-args", "as above", "_groups/shelf.py", ", options=options)", ", options={})"),
    Change("feature-support", "a method is missing", "_groups/shelf_doors.py", "def get_door(", "def _get_door("),
    Change("client-namespace", "a child client is hidden", "__init__.py", '    "ShelfClient",\n', ""),
    Change("client-hier-vend", "it is a client of the wrong kind", "_client.py", "(_groups.ShelfClient,", "(WarehouseClient,"),
    Change("client-sync-async", "the twin lacks a method", "aio/_groups/shelf_doors.py", "def get_door(", "def _get_door("),
    Change("errors-documentation", "nothing is said", "_groups/shelf.py", "        Raises:\n", "        Also:\n"),
    Change("params-client-validation", "an empty key is sent", "_groups/shelf_doors.py", '"id": id', '"id": id or "-"'),
]  # fmt: skip


def document() -> dict[str, Any]:
    """A warehouse of shelves, each with a list for every part."""
    thing = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "note": {"type": "string"}}}
    answer = {
        "200": {
            "description": "OK",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
        }
    }
    many = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    listed = {"200": {"description": "OK", "content": {"application/json": {"schema": many}}}}
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}

    def named(*names: str) -> list[dict[str, Any]]:
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]

    paths: dict[str, Any] = {
        "/shelves": {
            "get": {"operationId": "listShelves", "responses": listed},
            "post": {"operationId": "createShelf", "requestBody": body, "responses": answer},
        },
        "/shelves/{shelf}": {
            "parameters": named("shelf"),
            "get": {"operationId": "getShelf", "responses": answer},
            "delete": {"operationId": "deleteShelf", "responses": {"204": {"description": "Gone"}}},
        },
    }
    for part in PARTS:
        one = part.removesuffix("s").replace("feet", "foot").capitalize()
        paths[f"/shelves/{{shelf}}/{part}"] = {
            "parameters": named("shelf"),
            "get": {"operationId": f"list{part.capitalize()}", "responses": listed},
            "post": {"operationId": f"create{one}", "requestBody": body, "responses": answer},
        }
        paths[f"/shelves/{{shelf}}/{part}/{{id}}"] = {
            "parameters": named("shelf", "id"),
            "get": {"operationId": f"get{one}", "responses": answer},
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Warehouse", "version": "1.0"},
        "paths": paths,
        "components": {"schemas": {"Thing": thing}},
    }


@pytest.fixture
def package(tmp_path: Path) -> Package:
    file = tmp_path / "warehouse.json"
    file.write_text(json.dumps(document()), encoding="utf-8")
    return generated(file, tmp_path / "package")


def test_it_has_a_child_client_and_keeps_every_rule(package: Package) -> None:
    """What is called below a child client is judged like everything else."""
    verdicts = {rule.id: rule.check(package) for rule in RULES}
    broken = {id: str(each) for id, each in verdicts.items() if not isinstance(each, Met | Waived | NotApplicable)}
    assert not broken
    assert isinstance(verdicts["client-hier-vend"], Met)
    assert isinstance(verdicts["client-hierarchy"], Met)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_one_change_breaks_the_rule(change: Change, package: Package) -> None:
    file = package.source_folder / package.import_name / change.file
    text = file.read_text(encoding="utf-8")
    assert change.old in text, f"the package has no {change.old!r} to change"
    file.write_text(text.replace(change.old, change.new), encoding="utf-8")
    verdict = BY_ID[change.rule].check(package)
    assert isinstance(verdict, NotMet), verdict
