"""What `clientsmith generate` makes keeps every guideline; a change in it is noticed."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from clientsmith.cli.check import checked
from clientsmith.cli.main import cli
from clientsmith.distributions import Distribution, opened
from clientsmith.guidelines.judging import Report
from clientsmith.guidelines.verdicts import Met, NotMet, Verdict

HERE: Final = Path(__file__).resolve().parent
SPECS: Final = {
    "petstore": HERE.parent / "specs" / "oai-petstore.json",
    "museum": HERE.parent / "specs" / "redocly-museum.yaml",  # an update_ method, dates, enums, Basic
    "depot": HERE / "depot.json",  # conditions, a long running operation, two kinds of auth
}
# The documents of many vendors, where they are at hand.
SHARED: Final = HERE.parents[4] / "shared" / "specs"
NOT_OPENAPI: Final = {"index.json", "redocly-museum.arazzo.yaml", "azure-common-types-v2-types.json"}
DOCUMENTS: Final = sorted(
    (path for path in SHARED.glob("*.*") if path.suffix in (".json", ".yaml") and path.name not in NOT_OPENAPI),
    key=lambda path: path.stat().st_size,
)
# Guideline → why a document may make us break it.
SERVICES_OWN: Final = {
    "models-dict-result": "output-only results stay typed models, which index like a mapping",
}
PARTS: Final = ("bolts", "doors", "feet", "hinges", "labels", "lamps", "planks", "rails", "screws", "walls")
CHANGES: Final = [
    ("feature-support", "_groups/shelf_doors.py", "def get_door(", "def _get_door("),
    ("client-namespace", "__init__.py", '    "ShelfClient",\n', ""),
    ("client-sync-async", "aio/_groups/shelf_doors.py", "def get_door(", "def _get_door("),
    ("errors-documentation", "_groups/shelf.py", "        Raises:\n", "        Also:\n"),
]


@contextmanager
def generated(spec: Path, folder: Path) -> Generator[Distribution]:
    """Make a package by the public command, and open it."""
    result = CliRunner().invoke(cli, ["generate", str(spec), "-o", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with opened(str(folder)) as distribution:
        yield distribution


def broken(report: Report) -> dict[str, str]:
    return {rule.id: str(verdict) for rule, verdict in report.broken if rule.id not in SERVICES_OWN}


def verdict_of(report: Report, id: str) -> Verdict:
    return next(each.verdict for each in report.judgements if each.rule.id == id)


@pytest.mark.parametrize("name", SPECS)
def test_a_generated_package_keeps_every_rule(name: str, tmp_path: Path) -> None:
    """As it is read; `test_it_keeps_them_at_work` calls its methods."""
    with generated(SPECS[name], tmp_path / name) as distribution:
        assert not broken(checked(distribution, spec=str(SPECS[name]), static=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_it_keeps_them_at_work(name: str, tmp_path: Path) -> None:
    with generated(SPECS[name], tmp_path / name) as distribution:
        assert not broken(checked(distribution, spec=str(SPECS[name])))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_a_package_of_a_real_document_keeps_every_rule(document: Path, tmp_path: Path) -> None:
    """GitHub, Kubernetes and Stripe among them: nothing but the service's words excuses us."""
    with generated(document, tmp_path / "package") as distribution:
        assert not broken(checked(distribution, spec=str(document), static=True))


# --- a service with enough below one thing for a child client ---------------------------------------------------------


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """The description of a warehouse of shelves, each with a list for every part."""
    file = tmp_path / "warehouse.json"
    file.write_text(json.dumps(_warehouse()), encoding="utf-8")
    return file


def _warehouse() -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Thing"}
    thing = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "note": {"type": "string"}}}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": reference}}}}
    many = {"application/json": {"schema": {"type": "array", "items": reference}}}
    listed = {"200": {"description": "OK", "content": many}}
    body = {"required": True, "content": {"application/json": {"schema": reference}}}

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


def test_a_child_client_is_judged_as_all_else_is(warehouse: Path, tmp_path: Path) -> None:
    with generated(warehouse, tmp_path / "package") as distribution:
        report = checked(distribution, spec=str(warehouse), static=True)
    assert not broken(report)
    assert isinstance(verdict_of(report, "client-hier-vend"), Met)
    assert isinstance(verdict_of(report, "client-hierarchy"), Met)


@pytest.mark.parametrize(("rule", "file", "old", "new"), CHANGES, ids=[change[0] for change in CHANGES])
def test_a_change_is_noticed(rule: str, file: str, old: str, new: str, warehouse: Path, tmp_path: Path) -> None:
    with generated(warehouse, tmp_path / "package") as distribution:
        (package,) = distribution.packages.values()
        text = (package / file).read_text(encoding="utf-8")
        assert old in text, f"the package has no {old!r} to change"
        (package / file).write_text(text.replace(old, new), encoding="utf-8")
        assert isinstance(verdict_of(checked(distribution, spec=str(warehouse), static=True), rule), NotMet)
