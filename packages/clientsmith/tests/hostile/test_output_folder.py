"""Files are written below the folder that was given, under names of ours, whatever a document or a link there says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clientsmith.emit.errors import EmitError
from clientsmith.emit.package import write_package
from clientsmith.model.pipeline import build_api

Tree = dict[str, Any]
NAMES = [
    "../../escape", "/etc/escape", "..", ".", "", "~", "a/b\\c", "C:\\escape", "CON", "nul.txt", "a\x00b", "a\nb", "..%2f..", "x" * 9000,
    "\u202egnp", "con.aux", "-rf", "--help", "$HOME", "`id`", "__pycache__", "src", "tests", "models", "aio", "setup", "site", "pyproject.toml",
]  # fmt: skip
OURS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,120})*")


def everywhere(name: str, api_with: Callable[..., Tree], an_operation: Callable[..., Tree]) -> Tree:
    schema = {"properties": {name: {"type": "string"}}}
    paths = {
        f"/{name.replace('{', '').replace('}', '')}/{verb}": {
            "get": an_operation(operationId=f"{name}.{verb}", tags=[name], summary=name)
        }
        for verb in ("one", "two", "three", "four")
    }
    return api_with(paths, {name: schema}, info={"title": name, "version": name}, tags=[{"name": name}])


FAST = 1


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=ascii(name)[:20], marks=[] if index < FAST else [pytest.mark.slow])
        for index, name in enumerate(NAMES)
    ],
)
def test_no_name_of_a_document_leads_out(
    name: str, tmp_path: Path, api_with: Callable[..., Tree], an_operation: Callable[..., Tree], generate: Any
) -> None:
    made = generate(everywhere(name, api_with, an_operation))
    written = sorted(str(path.relative_to(made.folder)) for path in made.folder.rglob("*"))
    assert [path for path in written if not OURS.fullmatch(path)] == []
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(made.folder)]
    assert [path.name for path in outside] == ["api.json"]


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(link, marks=[] if link == "src/PACKAGE/models" else [pytest.mark.slow])
        for link in ("src", "tests", "src/PACKAGE", "src/PACKAGE/models", "src/PACKAGE/aio")
    ],
)
def test_a_link_in_the_folder_is_not_followed_out_of_it(
    link: str, tmp_path: Path, api_with: Callable[..., Tree], generate: Any
) -> None:
    """Somebody who may write to the folder is not to write elsewhere with our rights."""
    made = generate(api_with())
    place, outside = made.folder / link.replace("PACKAGE", made.api.package), tmp_path / "outside"
    place.rename(outside)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    place.symlink_to(outside)
    with pytest.raises(EmitError, match="leads out of"):
        write_package(made.api, made.folder, source="again")
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before


def test_a_package_name_that_is_none_stops_everything(
    tmp_path: Path, api_with: Callable[..., Tree], generate: Any
) -> None:
    api = generate(api_with()).api
    for package in ("../x", "a/b", "a.b", "a-b", "class", "", "_x", "a\x00b", "ﬁ"):
        with pytest.raises((ValueError, EmitError)):
            write_package(replace(api, package=package), tmp_path / "never", source="x")
        assert not (tmp_path / "never").exists(), package


def test_the_same_document_is_written_from_everywhere(
    tmp_path: Path, api_with: Callable[..., Tree], generate: Any
) -> None:
    """A folder given by a link is the folder it leads to."""
    made = generate(api_with())
    (tmp_path / "link").symlink_to(made.folder.parent)
    report = write_package(made.api, tmp_path / "link" / "client", source="x")
    assert report.written == ()
    assert build_api(str(made.folder.parent / "api.json"))[0].package == made.api.package
