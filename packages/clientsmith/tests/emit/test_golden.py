"""The whole petstore package, file by file: what changes in the output of the generator is seen in a diff."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from clientsmith.emit.manifest import FILE_NAME
from clientsmith.emit.package import write_package
from clientsmith.model.pipeline import build_api

SPEC = Path(__file__).parents[1] / "specs" / "oai-petstore.json"
GOLDEN = Path(__file__).parent / "golden" / "petstore"
# No tool should take a golden file for a source file of ours.
SUFFIX = ".golden"
REGENERATE = "CLIENTSMITH_GOLDEN=write pytest packages/clientsmith/tests/emit/test_golden.py"


def golden_tree() -> dict[str, str]:
    files = (path for path in GOLDEN.rglob(f"*{SUFFIX}"))
    return {path.relative_to(GOLDEN).as_posix().removesuffix(SUFFIX): path.read_text("utf-8") for path in files}


def write_golden(files: dict[str, str]) -> None:
    for path in GOLDEN.rglob(f"*{SUFFIX}"):
        path.unlink()
    for name, text in files.items():
        place = GOLDEN / f"{name}{SUFFIX}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")


def test_the_petstore_package_is_the_golden_one(tmp_path: Path) -> None:
    """All of it but the manifest, which holds the version of ruff."""
    api, findings = build_api(str(SPEC))
    assert not [finding for finding in findings if finding.severity.value == "error"]
    write_package(api, tmp_path / "out", source=SPEC.name)
    files = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_text("utf-8")
        for path in (tmp_path / "out").rglob("*")
        if path.is_file() and path.name != FILE_NAME
    }
    if os.environ.get("CLIENTSMITH_GOLDEN") == "write":
        write_golden(files)
    golden = golden_tree()
    different = sorted(name for name in files.keys() | golden.keys() if files.get(name) != golden.get(name))
    if different:
        pytest.fail(
            f"differs from golden/petstore: {', '.join(different)}; if that is meant, redo it with\n  {REGENERATE}"
        )
