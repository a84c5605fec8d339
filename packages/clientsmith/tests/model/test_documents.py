"""Real documents: every operation gets a method of its own, the same on every run, in a few seconds."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from clientsmith.configuration import Configuration, Lock
from clientsmith.findings import InputError, Severity
from clientsmith.model.ir import Api, Group
from clientsmith.model.lock import lock_of
from clientsmith.model.pipeline import PASSES, build_api, model
from clientsmith.model.serialize import api_as_data
from clientsmith.openapi.load import read_document
from clientsmith.openapi.parse import parse
from clientsmith.openapi.source import Source

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
    assert len([one for one in api.operations if not one.variant]) == operations_in(path)
    assert [finding for finding in findings if finding.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("path", documents(OURS))
def test_the_same_document_gives_the_same_api(path: Path) -> None:
    first, second = (json.dumps(api_as_data(build_api(str(path))[0]), default=str) for _ in range(2))
    assert first == second
    assert "0x" not in first  # no object leaks its address


def names_of(api: Api) -> dict[str, Any]:
    """Everything that is public, by what the document calls it."""
    return dict(json.loads(lock_of(api).dump()))


def reordered(path: Path, folder: Path) -> Path:
    """A document with its paths, schemas and parts shuffled. Properties keep their order: it is that of the fields."""
    data, _ = parse(path.read_text("utf-8-sig"), path.name)
    random = Random(1)
    for part in ("paths", "x-ms-paths", "definitions", "parameters", "responses", "webhooks"):
        if isinstance(data.get(part), dict):
            items = list(data[part].items())
            random.shuffle(items)
            data[part] = dict(items)
    for key, part in data.get("components", {}).items():
        items = list(part.items())
        random.shuffle(items)
        data["components"][key] = dict(items)
    for other in NO_DOCUMENT:  # what it refers to lies beside it
        if (path.parent / other).is_file():
            shutil.copy(path.parent / other, folder)
    (folder / "shuffled.json").write_text(json.dumps(data, default=str))
    return folder / "shuffled.json"


@pytest.mark.parametrize("path", documents(OURS))
def test_shuffled_documents_give_the_same_names(path: Path, tmp_path: Path) -> None:
    """Names do not depend on the order of a document, without a lock."""
    before, after = build_api(str(path))[0], build_api(str(reordered(path, tmp_path)))[0]
    assert names_of(before) == names_of(after)


@pytest.mark.slow
@pytest.mark.skipif(not LARGER.is_dir(), reason="set CLIENTSMITH_SPECS to a folder of documents")
@pytest.mark.parametrize("path", documents(LARGER) if LARGER.is_dir() else [])
def test_larger_documents_give_the_same_names_when_shuffled(path: Path, tmp_path: Path) -> None:
    if path.name in NO_DOCUMENT:
        pytest.skip("has no operations")
    before = build_api(str(path), notes=False)[0]
    after = build_api(str(reordered(path, tmp_path)), notes=False)[0]
    assert names_of(before) == names_of(after)


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
    assert len([one for one in api.operations if not one.variant]) == operations_in(path)
    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []
    for names in (
        *(scope_of(group) for group in api.root.walk()),
        [shape.name for shape in api.shapes.values()],
        *([p.name for p in operation.parameters] for operation in api.operations),
        *([part.name for part in getattr(shape, "properties", ())] for shape in api.shapes.values()),
        *([part.name for part in getattr(shape, "members", ())] for shape in api.shapes.values()),
    ):
        assert len({name.casefold() for name in names}) == len(names)
        assert all(name.isidentifier() and len(name) <= 60 for name in names)
    assert seconds < 20  # 3 s on a quiet machine for the largest; this only catches what grows with the square


def scope_of(group: Group) -> list[str]:
    return [operation.name for operation in group.operations] + [child.attribute for child in group.groups]


@pytest.mark.slow
@pytest.mark.skipif(not LARGER.is_dir(), reason="set CLIENTSMITH_SPECS to a folder of documents")
def test_names_are_short_and_told_apart_by_meaning() -> None:
    """At least 95 of 100 names have up to 40 characters, and a number at the end that tells nothing is rare."""
    names: list[tuple[str, str]] = []
    for path in LARGER.iterdir():
        if path.suffix in (".json", ".yaml") and path.name not in {*NO_DOCUMENT, "index.json"}:
            api = build_api(str(path), notes=False)[0]
            names += [(one.name, one.key + one.operation_id) for one in api.operations]
            names += [(shape.name, pointer + shape.wire_name) for pointer, shape in api.shapes.items()]
            for shape in api.shapes.values():
                names += [(part.name, part.wire_name) for part in getattr(shape, "properties", ())]
    short = [name for name, _ in names if len(name) <= 40]
    numbered = [
        name for name, said in names if (end := re.search(r"\d+$", name)) and end[0] not in re.findall(r"\d+", said)
    ]
    assert len(short) >= 0.95 * len(names)
    assert len(numbered) <= 0.002 * len(names), numbered


def test_the_passes_are_in_an_order_that_can_be_read() -> None:
    """Meaning first, then groups, names after them, and in the end what became of published ones."""
    order = [run.__name__ for run in PASSES]
    assert order.index("pair_pagers") < order.index("group_operations") < order.index("name_operations")
    assert order.index("name_operations") < order.index("name_shapes") < order.index("name_parameters")
    assert order[-2:] == ["check_configuration", "compare_names"]


@pytest.mark.slow
@pytest.mark.skipif(not LARGER.is_dir(), reason="set CLIENTSMITH_SPECS to a folder of documents")
@pytest.mark.parametrize("name", ["github-api.json", "openai-api.yaml", "spotify-api.yaml", "box-api.json"])
def test_published_names_stay_when_a_larger_document_grows_and_shrinks(name: str) -> None:
    """A part of its paths is published first, then all of it, then the part again; without a lock dozens would move."""
    data, _ = parse((LARGER / name).read_text("utf-8-sig"), name)
    random = Random(3)
    part = {**data, "paths": {path: item for path, item in data["paths"].items() if random.random() < 0.6}}
    lock = Lock()
    for root in (part, data, part):
        document, _ = read_document(Source(name, data=root))
        api, _, findings = model(document, Configuration(lock=lock))
        moved = [one.message for one in findings if one.rule == "name-gone" and one.message.endswith("` now")]
        assert moved == []
        lock = lock_of(api)
