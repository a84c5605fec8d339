"""Real documents: every operation gets a method of its own, the same on every run, in a few seconds."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from clientsmith.findings import InputError, Severity
from clientsmith.model.pipeline import PASSES, build_api
from clientsmith.model.serialize import api_as_data
from clientsmith.openapi.parse import parse

OURS = Path(__file__).parents[1] / "specs"
ROOT = Path(__file__).parents[4]
LARGER = Path(os.environ.get("CLIENTSMITH_SPECS", ROOT.parent / "shared" / "specs"))
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}
NO_DOCUMENT = {"redocly-museum.arazzo.yaml", "azure-common-types-v2-types.json"}


def documents(folder: Path) -> list[Any]:
    files = sorted(
        path for path in folder.glob("*.*") if path.suffix in (".json", ".yaml") and path.name != "index.json"
    )
    return [pytest.param(path, id=path.name) for path in files]


def operations_in(path: Path) -> int:
    data, _ = parse(path.read_text("utf-8-sig"), path.name)
    items = [*data.get("paths", {}).values(), *data.get("x-ms-paths", {}).values()]
    return sum(len(METHODS & item.keys()) for item in items)


@pytest.mark.parametrize("path", documents(OURS))
def test_our_documents_have_no_warnings(path: Path) -> None:
    api, findings = build_api(str(path))
    assert len(api.root.operations) == operations_in(path)
    assert [finding for finding in findings if finding.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("path", documents(OURS))
def test_the_same_document_gives_the_same_api(path: Path) -> None:
    first, second = (json.dumps(api_as_data(build_api(str(path))[0]), default=str) for _ in range(2))
    assert first == second
    assert "0x" not in first  # no object leaks its address


@pytest.mark.parametrize("path", documents(OURS))
def test_shuffled_schemas_give_the_same_names(path: Path, tmp_path: Path) -> None:
    """Names do not depend on the order of a document."""
    data, _ = parse(path.read_text(), path.name)
    for part in ("paths", "definitions"):
        if part in data:
            data[part] = dict(reversed(data[part].items()))
    if "components" in data:
        data["components"] = {key: dict(reversed(part.items())) for key, part in data["components"].items()}
    (tmp_path / "shuffled.json").write_text(json.dumps(data))
    before, after = build_api(str(path))[0], build_api(str(tmp_path / "shuffled.json"))[0]
    assert {one.pointer: one.name for one in before.root.operations} == {
        one.pointer: one.name for one in after.root.operations
    }
    assert {key: shape.name for key, shape in before.shapes.items()} == {
        key: shape.name for key, shape in after.shapes.items()
    }


@pytest.mark.slow
@pytest.mark.skipif(not LARGER.is_dir(), reason="set CLIENTSMITH_SPECS to a folder of documents")
@pytest.mark.parametrize("path", documents(LARGER) if LARGER.is_dir() else [])
def test_larger_documents_lose_nothing(path: Path) -> None:
    if path.name in NO_DOCUMENT:
        with pytest.raises(InputError, match="looks like"):
            build_api(str(path))
        return
    started = time.perf_counter()
    api, findings = build_api(str(path), notes=False)
    seconds = time.perf_counter() - started
    assert len(api.root.operations) == operations_in(path)
    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []
    for names in (
        [operation.name for operation in api.root.operations],
        [shape.name for shape in api.shapes.values()],
        *([p.name for p in operation.parameters] for operation in api.root.operations),
        *([part.name for part in getattr(shape, "properties", ())] for shape in api.shapes.values()),
    ):
        assert len({name.casefold() for name in names}) == len(names)
        assert all(name.isidentifier() for name in names)
    assert seconds < 20  # 3 s on a quiet machine for the largest; this only catches what grows with the square


def test_the_passes_are_in_an_order_that_can_be_read() -> None:
    """Meaning first, names after it."""
    assert [run.__name__ for run in PASSES] == [
        "find_api_version",
        "take_runtime_headers",
        "find_conditions",
        "pair_pagers",
        "pair_pollers",
        "name_operations",
        "name_shapes",
        "name_parameters",
        "name_client",
    ]
