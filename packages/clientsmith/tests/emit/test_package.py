"""Writing a package: what is ours is replaced, what is theirs is left alone, and doubt writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest
from clientsmith.configuration import LOCK_NAME
from clientsmith.emit.errors import EditedFileError, EmitError, ForeignFilesError, ManifestError, OutsideTargetError
from clientsmith.emit.manifest import FILE_NAME, Manifest
from clientsmith.emit.package import write_package
from clientsmith.model.ir import Api, Group, Model

CLIENT = "src/swagger_petstore/_client.py"
PATCH = "src/swagger_petstore/_patch.py"


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "petstore-client"


@pytest.fixture
def written(petstore: Api, target: Path) -> Path:
    """A folder that holds a generated package."""
    write_package(petstore, target, source="petstore.json")
    return target


def without_get(api: Api) -> Api:
    kept = tuple(item for item in api.root.operations if item.name != "get_pet")
    return replace(api, root=Group(api.root.name, kept))


# --- the same bytes --------------------------------------------------------------------------------------------------


def test_two_runs_give_equal_bytes(petstore: Api, tmp_path: Path) -> None:
    """Wherever they are written, and whatever the document was called."""
    write_package(petstore, tmp_path / "one", source="petstore.json")
    write_package(petstore, tmp_path / "two", source="https://user:secret@example.test/petstore.json")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_the_order_of_paths_and_schemas_does_not_matter(workshop: Api, tmp_path: Path) -> None:
    shuffled = replace(
        workshop,
        root=replace(workshop.root, operations=workshop.root.operations[::-1]),
        shapes=dict(reversed(list(workshop.shapes.items()))),
    )
    write_package(workshop, tmp_path / "one", source="")
    write_package(shuffled, tmp_path / "two", source="")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_writing_again_changes_nothing(petstore: Api, written: Path) -> None:
    """Not even the time stamps."""
    before = {path: path.stat().st_mtime_ns for path in written.rglob("*") if path.is_file()}
    report = write_package(petstore, written, source="petstore.json")
    assert {path: path.stat().st_mtime_ns for path in written.rglob("*") if path.is_file()} == before
    assert (report.written, report.deleted, report.seeded) == ((), (), ())
    assert CLIENT in report.unchanged
    assert "0 files written, 12 unchanged, 0 deleted" in str(report)


def test_the_manifest_lists_every_generated_file(written: Path) -> None:
    """Sorted, with hashes and versions, and without a time."""
    content = json.loads((written / FILE_NAME).read_bytes())
    files = tree(written)
    seeds = {
        PATCH,
        "src/swagger_petstore/aio/_patch.py",
        "src/swagger_petstore/_version.py",
        "CHANGELOG.md",
        FILE_NAME,
        LOCK_NAME,
    }
    assert list(content["files"]) == sorted(files.keys() - seeds)
    assert content["files"][CLIENT] == sha256(files[CLIENT]).hexdigest()
    assert content["source"] == {"title": "Swagger Petstore", "version": "1.0.0"}
    assert set(content["generator"]) == {"clientsmith", "ruff"}


def test_nothing_is_left_beside_the_target(written: Path) -> None:
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_what_was_kept_is_what_a_full_run_writes(petstore: Api, written: Path, tmp_path: Path) -> None:
    """Files made of the same text as before are neither checked nor formatted again; the bytes are the same."""
    changed = without_get(petstore)
    write_package(changed, written, source="")
    write_package(changed, tmp_path / "anew", source="")
    assert tree(written) == tree(tmp_path / "anew")


def test_a_file_changed_together_with_its_digest_is_made_anew(petstore: Api, written: Path) -> None:
    """As after a merge that went wrong: the manifest agrees with the file, and neither with the document."""
    before = (written / CLIENT).read_bytes()
    manifest = json.loads((written / FILE_NAME).read_bytes())
    (written / CLIENT).write_bytes(b"x = 1\n")
    manifest["files"][CLIENT] = sha256(b"x = 1\n").hexdigest()
    (written / FILE_NAME).write_text(json.dumps(manifest))
    assert CLIENT in write_package(petstore, written, source="").written
    assert (written / CLIENT).read_bytes() == before


# --- what people wrote -----------------------------------------------------------------------------------------------


def test_an_edited_file_is_refused(petstore: Api, written: Path) -> None:
    """Nothing at all is written, also not what else would have changed."""
    with (written / CLIENT).open("a") as file:
        file.write("# my own change\n")
    before = tree(written)
    with pytest.raises(EditedFileError) as caught:
        write_package(without_get(petstore), written, source="petstore.json")
    assert caught.value.paths == (CLIENT,)
    assert str(caught.value) == (
        f"nothing was written to {written}: {CLIENT} changed by hand since the last generation; move the change to "
        "_patch.py (it is never overwritten), then restore or delete the generated file and generate again"
    )
    assert tree(written) == before


def test_a_deleted_file_is_written_again(petstore: Api, written: Path) -> None:
    (written / CLIENT).unlink()
    assert write_package(petstore, written, source="").written == (CLIENT,)


def test_seeds_and_files_of_ones_own_are_never_touched(petstore: Api, written: Path) -> None:
    """The patch modules, the version, the changelog, and whatever else stands in the folder."""
    theirs = [PATCH, "src/swagger_petstore/_version.py", "CHANGELOG.md", "LICENSE", "src/swagger_petstore/extra.py"]
    for path in theirs:
        (written / path).write_text("# mine\n")
    write_package(without_get(petstore), written, source="")
    assert {path: (written / path).read_text() for path in theirs} == dict.fromkeys(theirs, "# mine\n")


def test_what_is_not_generated_any_more_is_deleted(petstore: Api, written: Path) -> None:
    """With the folders that it leaves empty, and nothing else."""
    bare = replace(without_get(petstore), shapes={}, root=Group("SwaggerPetstoreClient", ()))
    report = write_package(bare, written, source="")
    assert report.deleted == ("src/swagger_petstore/models/_models.py",)
    assert not (written / "src/swagger_petstore/models/_models.py").exists()
    assert (written / "src/swagger_petstore/models/__init__.py").exists()


def test_an_edited_stale_file_is_not_deleted(petstore: Api, written: Path) -> None:
    (written / "src/swagger_petstore/models/_models.py").write_text("# mine\n")
    bare = replace(petstore, shapes={}, root=Group("SwaggerPetstoreClient", ()))
    with pytest.raises(EditedFileError, match=r"models/_models\.py changed by hand"):
        write_package(bare, written, source="")
    assert (written / "src/swagger_petstore/models/_models.py").read_text() == "# mine\n"


def test_an_interrupted_run_is_finished_by_the_next(petstore: Api, written: Path) -> None:
    """A file that already holds what we are about to write was not edited, whatever the old manifest says."""
    smaller = without_get(petstore)
    write_package(smaller, written.parent / "fresh", source="")
    (written / CLIENT).write_bytes((written.parent / "fresh" / CLIENT).read_bytes())
    write_package(smaller, written, source="")
    fresh, finished = tree(written.parent / "fresh"), tree(written)
    assert fresh == finished


# --- what is in the way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["parcels.yaml", "api/parcels.yaml"])
def test_what_a_package_is_made_from_may_lie_in_its_folder(petstore: Api, target: Path, name: str) -> None:
    """A repository that so far holds the document, and `output = "."`."""
    (target / name).parent.mkdir(parents=True)
    (target / name).write_text("the document")
    write_package(petstore, target, source="", inputs=[target / name])
    assert (target / name).read_text() == "the document"
    (target / "notes.txt").write_text("mine")
    write_package(petstore, target, source="", inputs=[target / name])


@pytest.mark.parametrize("name", ["notes.txt", "src/app.py", ".env"])
def test_a_folder_of_others_is_refused(petstore: Api, target: Path, name: str) -> None:
    (target / name).parent.mkdir(parents=True)
    (target / name).write_text("theirs")
    with pytest.raises(ForeignFilesError, match="it holds files that clientsmith did not write") as caught:
        write_package(petstore, target, source="")
    assert caught.value.paths == (name.partition("/")[0],)
    assert tree(target) == {name: b"theirs"}


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, lambda path: (path / ".git").mkdir(parents=True)])
def test_a_missing_or_empty_folder_is_fine(petstore: Api, target: Path, make: Callable[[Path], object]) -> None:
    make(target)
    write_package(petstore, target, source="")
    assert (target / CLIENT).is_file()


def test_a_file_in_place_of_the_folder_is_refused(petstore: Api, target: Path) -> None:
    target.write_text("a file")
    with pytest.raises(ForeignFilesError, match="petstore-client"):
        write_package(petstore, target, source="")


def test_a_new_file_does_not_replace_one_of_others(petstore: Api, target: Path) -> None:
    """A file that the manifest does not list is not ours, though the folder is."""
    bare = replace(petstore, shapes={}, root=Group("SwaggerPetstoreClient", ()))
    write_package(bare, target, source="")
    (target / "src/swagger_petstore/models/_models.py").write_text("# theirs\n")
    with pytest.raises(ForeignFilesError, match=r"models/_models\.py"):
        write_package(petstore, target, source="")


def test_a_link_out_of_the_folder_is_refused(petstore: Api, written: Path) -> None:
    outside = written.parent / "outside"
    (written / "src").rename(outside)
    (written / "src").symlink_to(outside)
    with pytest.raises(OutsideTargetError, match="leads out of"):
        write_package(petstore, written, source="")


@pytest.mark.parametrize("path", ["../victim.txt", "/etc/hostname", "src/../../victim.txt"])
def test_a_manifest_cannot_delete_what_is_outside(petstore: Api, written: Path, path: str) -> None:
    (written.parent / "victim.txt").write_bytes(b"")
    manifest = Manifest.load(written / FILE_NAME)
    hostile = replace(manifest, files={**manifest.files, path: sha256(b"").hexdigest()})
    (written / FILE_NAME).write_bytes(hostile.dump())
    with pytest.raises(OutsideTargetError, match="nothing was written"):
        write_package(petstore, written, source="")
    assert (written.parent / "victim.txt").exists()


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"format": 9, "files": {}, "generator": {}, "source": {}}', '{"format": 1}']
)
def test_a_damaged_manifest_is_told(petstore: Api, written: Path, content: str) -> None:
    (written / FILE_NAME).write_text(content)
    with pytest.raises(ManifestError, match="is no manifest of clientsmith"):
        write_package(petstore, written, source="")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"package": "../evil"}, "cannot be a Python name"),
        ({"package": "a/b"}, "cannot be a Python name"),
        ({"package": "_x"}, "reserved"),
        ({"distribution": "Evil Name\n"}, "cannot name a distribution"),
        ({"root": Group("Evil(object)", ())}, "cannot be a Python name"),
        ({"shapes": {"#": Model("#", "x", (), name="a.b")}}, "cannot be a Python name"),
    ],
    ids=["parent folder", "sub-folder", "reserved", "distribution", "client", "model"],
)
def test_names_that_were_not_allocated_are_refused(
    petstore: Api, target: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_package(replace(petstore, **change), target, source="")  # type: ignore[arg-type]  # a table of changes
    assert not target.exists()


def test_every_refusal_is_an_emit_error() -> None:
    """So that the command line catches one kind."""
    for kind in (EditedFileError, ForeignFilesError, ManifestError, OutsideTargetError):
        assert issubclass(kind, EmitError)


# --- inside a project that keeps its own ------------------------------------------------------------------------------


def test_the_module_layout_writes_code_only(petstore: Api, target: Path) -> None:
    """The project keeps its pyproject, its README, its tests, and its files beside the generated ones."""
    theirs = {"pyproject.toml": b"[project]", "src/swagger_petstore/cli.py": b"x = 1\n", PATCH: b"__all__ = []\n"}
    for path, content in theirs.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
    report = write_package(petstore, target, source="", layout="module")
    assert {path: (target / path).read_bytes() for path in theirs} == theirs
    assert all(path.startswith("src/swagger_petstore/") for path in report.written if path != LOCK_NAME)
    assert (target / "src/swagger_petstore" / FILE_NAME).is_file()
    assert not (target / "README.md").exists()


def test_the_module_layout_refuses_a_collision(petstore: Api, target: Path) -> None:
    (target / CLIENT).parent.mkdir(parents=True)
    (target / CLIENT).write_text("# theirs\n")
    with pytest.raises(ForeignFilesError, match=r"_client\.py"):
        write_package(petstore, target, source="", layout="module")


# --- hand-finished code ----------------------------------------------------------------------------------------------

FINISHED = '''
from ._client import SwaggerPetstoreClient as Generated

class SwaggerPetstoreClient(Generated):
    """Finished by hand."""

    def count_pets(self) -> int:
        return sum(1 for _ in self.list_pets())

__all__ = ["SwaggerPetstoreClient", "count"]

def count() -> int:
    return 1
'''


def test_a_hand_finished_class_takes_the_place_of_the_generated_one(
    petstore: Api, written: Path, import_from: Callable[[Path, str], ModuleType]
) -> None:
    """At run time at once, for type checkers after the next generation."""
    (written / PATCH).write_text(FINISHED)
    report = write_package(petstore, written, source="")
    assert report.written == ("src/swagger_petstore/__init__.py",)
    package = import_from(written, "swagger_petstore")
    assert package.SwaggerPetstoreClient.__doc__ == "Finished by hand."
    assert package.count() == 1
    init = (written / "src/swagger_petstore/__init__.py").read_text()
    assert "from ._patch import SwaggerPetstoreClient, count" in init
    assert "from ._client import" not in init


def test_a_broken_patch_module_does_not_stop_the_generation(petstore: Api, written: Path) -> None:
    """Its owner sees the error when it is imported, which is where it belongs."""
    (written / PATCH).write_text("def (:\n")
    write_package(petstore, written, source="")
    assert (written / PATCH).read_text() == "def (:\n"


def test_a_finished_package_can_be_entered_by_any_module(
    petstore: Api, written: Path, import_from: Callable[[Path, str], ModuleType]
) -> None:
    """Also by the generated one that the hand-finished module builds on, which is then half imported."""
    (written / PATCH).write_text(FINISHED)
    write_package(petstore, written, source="")
    client = import_from(written, "swagger_petstore._client")
    package = import_from(written, "swagger_petstore")
    assert issubclass(package.SwaggerPetstoreClient, client.SwaggerPetstoreClient)
