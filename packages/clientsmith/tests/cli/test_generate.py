"""`clientsmith generate`: what it would write, whether that is there already, and the names that it keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .conftest import SPECS, run

PETSTORE = (SPECS / "oai-petstore.json").as_posix()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(folder: Path) -> None:
    result = run("generate", PETSTORE, "-o", "out", "--dry-run")
    assert result.exit_code == 0
    assert "would write src/petstore_client/_client.py" in result.stdout
    assert "would write clientsmith.lock" in result.stdout
    assert "would write once CHANGELOG.md" in result.stdout
    assert not (folder / "out").exists()


def test_a_check_is_clean_after_a_generation_and_not_before(folder: Path) -> None:
    assert run("generate", PETSTORE, "-o", "out", "--check").exit_code == 1
    assert run("generate", PETSTORE, "-o", "out").exit_code == 0
    result = run("generate", PETSTORE, "-o", "out", "--check")
    assert (result.exit_code, "would" in result.stdout) == (0, False)


def test_a_check_of_a_document_that_grew_fails_and_changes_nothing(folder: Path) -> None:
    run("generate", PETSTORE, "-o", "out")
    before = tree(folder)
    document: dict[str, Any] = json.loads(Path(PETSTORE).read_text())
    document["paths"]["/pets"]["delete"] = {"operationId": "removePets", "responses": {"204": {"description": ""}}}
    (folder / "new.json").write_text(json.dumps(document))
    result = run("generate", "new.json", "-o", "out", "--check")
    assert result.exit_code == 1
    assert "stale: out is not what new.json gives; generate it anew" in result.stderr
    assert "would write src/petstore_client/_client.py" in result.stdout
    (folder / "new.json").unlink()
    assert tree(folder) == before


def test_names_stay_when_the_document_changes_around_them(folder: Path) -> None:
    """The lock is read from the folder that is written."""
    ok = {"200": {"description": ""}}
    root: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}}
    root["paths"] = {"/v1/shops/{shop}/pets": {"post": {"operationId": "createPet", "responses": ok}}}
    root["paths"]["/v1/shops/{shop}/pets"]["parameters"] = [
        {"name": "shop", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    (folder / "shop.json").write_text(json.dumps(root))
    assert run("generate", "shop.json", "-o", "out").exit_code == 0
    # Without the lock, the shorter path would take the shorter name, and a new title another package.
    root["paths"]["/pets"] = {"post": {"operationId": "createPet", "responses": ok}}
    root["info"]["title"] = "Great Shop"
    (folder / "shop.json").write_text(json.dumps(root))
    assert run("generate", "shop.json", "-o", "out").exit_code == 0
    lock = json.loads((folder / "out/clientsmith.lock").read_text())
    assert lock["client"]["package"] == "shop_client"
    assert lock["operations"]["POST /v1/shops/{shop}/pets"]["method"] == "create_pet"
    assert lock["operations"]["POST /pets"]["method"] != "create_pet"


def test_a_published_name_that_is_gone_is_a_warning_and_with_strict_an_error(folder: Path) -> None:
    run("generate", PETSTORE, "-o", "out")
    document: dict[str, Any] = json.loads(Path(PETSTORE).read_text())
    del document["paths"]["/pets"]["post"]
    (folder / "new.json").write_text(json.dumps(document))
    before = tree(folder / "out")
    result = run("generate", "new.json", "-o", "out", "--strict")
    assert result.exit_code == 1
    assert "clientsmith.lock#POST /pets  warning  name-gone  the published method `create_pet` is gone" in result.stderr
    assert tree(folder / "out") == before
    assert run("generate", "new.json", "-o", "out").exit_code == 0
    assert "create_pet" not in (folder / "out/clientsmith.lock").read_text()


def test_a_damaged_lock_stops_the_run(folder: Path) -> None:
    run("generate", PETSTORE, "-o", "out")
    (folder / "out/clientsmith.lock").write_text("<<<<<<< HEAD")
    result = run("generate", PETSTORE, "-o", "out")
    assert result.exit_code == 2
    assert "clientsmith.lock is not JSON" in result.stderr
    assert "hint: restore it from version control, or delete it to give all names out anew" in result.stderr
