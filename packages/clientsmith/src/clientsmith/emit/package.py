"""Write a package to disk: everything is rendered, checked and compared before the first file is touched.

Three kinds of files stand in a generated package. *Generated* ones are in the manifest, are replaced by the next
generation and must not be edited. *Seeds* (``_patch.py``, ``_version.py``, ``CHANGELOG.md``) are written once and
belong to people from then on. All others are none of our business.
"""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version as distribution_version
from pathlib import Path, PurePosixPath
from typing import Literal

from clientsmith.emit.check import check_files
from clientsmith.emit.client import client_module
from clientsmith.emit.colour import ASYNC, SYNC
from clientsmith.emit.errors import EditedFileError, ForeignFilesError, OutsideTargetError
from clientsmith.emit.formatter import format_tree, formatter_version
from clientsmith.emit.init import aio_init, models_init, package_init
from clientsmith.emit.manifest import FILE_NAME, Manifest, digest
from clientsmith.emit.models import enums_module, enums_of, models_module, models_of
from clientsmith.emit.operations import operations_module
from clientsmith.emit.project import changelog, check_distribution, patch_seed, pyproject, readme, version_seed
from clientsmith.emit.smoke import tests_module
from clientsmith.emit.statements import Module
from clientsmith.emit.text import WIDTH, comment, public_name, wrapped
from clientsmith.model.ir import Api

__all__ = ["Layout", "WriteReport", "render_package", "write_package"]

Layout = Literal["package", "module"]


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a generation did.

    Attributes:
        target: The folder that was written.
        source: The document, as it was named by the caller.
        written: New or changed files, relative to ``target``.
        unchanged: Generated files that were right already.
        deleted: Files of the last generation that are not generated any more.
        seeded: Files that were written once and now belong to people.
        lines: Lines of all generated files.
        size: Bytes of all generated files.
    """

    target: Path
    source: str
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    deleted: tuple[str, ...]
    seeded: tuple[str, ...]
    lines: int
    size: int

    def __str__(self) -> str:
        return (
            f"{self.target}: {len(self.written)} files written, {len(self.unchanged)} unchanged, "
            f"{len(self.deleted)} deleted ({self.lines:,} lines, {self.size:,} bytes)"
        )


def write_package(api: Api, target: Path, *, source: str, layout: Layout = "package") -> WriteReport:
    """Write the client library of ``api`` to the folder ``target``.

    ``layout="module"`` writes ``src/<package>/`` only, with the manifest in it, for a project that keeps its own
    pyproject, README and tests; hand-written files beside the generated ones are left alone.

    The same API gives the same bytes. ``source`` names the document in the report; no file mentions it, since it may
    be a path of this machine or a URL with a secret.

    Raises:
        EditedFileError: A generated file was changed by hand.
        ForeignFilesError: Files that we did not write are in the way.
        OutsideTargetError: A path would leave the target.
        ManifestError: The target's manifest is damaged.
        GeneratedCodeError: What we were about to write is wrong.
        FormatterError: ruff is missing or failed.
        ValueError: A name in the API cannot be a name in Python.
    """
    public_name(api.package)
    check_distribution(api.distribution)
    if target.exists() and not target.is_dir():
        raise ForeignFilesError(target.parent, [target.name])
    folder = f"src/{api.package}"
    manifest_path = f"{folder}/{FILE_NAME}" if layout == "module" else FILE_NAME
    package = target / folder
    rendered = render_package(api, layout, _patched(package / "_patch.py"), _patched(package / "aio" / "_patch.py"))
    seeds = _seeds(api, layout)
    check_files(rendered)
    check_files(seeds)
    with _staging(target) as staging:
        files = _formatted(rendered, Path(staging))
    old = _old_manifest(target, manifest_path)
    _refuse_escapes(target, (*files, *seeds, *old, manifest_path))
    _refuse_foreign(target, files, old, manifest_path, layout)
    _refuse_edited(target, files, old)
    manifest = Manifest(
        {path: digest(content) for path, content in files.items()},
        distribution_version("clientsmith"),
        formatter_version(),
        api.title,
        api.version,
    )
    return _write(target, files, seeds, old, (manifest_path, manifest.dump()), source)


# --- render ----------------------------------------------------------------------------------------------------------


def render_package(
    api: Api, layout: Layout = "package", patched: Iterable[str] = (), patched_async: Iterable[str] = ()
) -> dict[str, bytes]:
    """Return every generated file, not yet formatted, by its path relative to the target.

    ``patched`` and ``patched_async`` are the names that hand-finished modules put in the place of generated ones.
    """
    header = _header(api, layout)
    modules: dict[str, Module] = {
        "__init__.py": package_init(api, header, patched),
        "_client.py": client_module(api, SYNC, header),
        "_operations.py": operations_module(api, header),
        "aio/__init__.py": aio_init(api, header, patched_async),
        "aio/_client.py": client_module(api, ASYNC, header),
        "models/__init__.py": models_init(api, header),
    }
    if models_of(api):
        modules["models/_models.py"] = models_module(api, header)
    if enums_of(api):
        modules["models/_enums.py"] = enums_module(api, header)
    files = {f"src/{api.package}/{path}": module.render().encode() for path, module in modules.items()}
    files[f"src/{api.package}/py.typed"] = b""
    if layout == "package":
        files["tests/test_generated.py"] = tests_module(api, header).render().encode()
        files["pyproject.toml"] = pyproject(
            api, _header(api, layout, "for a project file of your own, generate with --layout module")
        ).encode()
        files["README.md"] = readme(api).encode()
    return dict(sorted(files.items()))


def _header(api: Api, layout: Layout, instead: str = "put your own code into _patch.py") -> tuple[str, ...]:
    generator = distribution_version("clientsmith")
    title = comment(f'"{api.title}" {api.version}'.strip())
    lines = wrapped(f"Generated by clientsmith {generator} from {title}; do not edit: {instead}.", WIDTH - 2)
    return (*lines, "To redo: clientsmith generate SPEC -o DIR" + " --layout module" * (layout == "module"))


def _seeds(api: Api, layout: Layout) -> dict[str, bytes]:
    folder = f"src/{api.package}"
    seeds = {
        f"{folder}/_patch.py": patch_seed(api, is_async=False),
        f"{folder}/_version.py": version_seed(),
        f"{folder}/aio/_patch.py": patch_seed(api, is_async=True),
    }
    if layout == "package":
        seeds["CHANGELOG.md"] = changelog(api)
    return {path: text.encode() for path, text in seeds.items()}


def _patched(path: Path) -> list[str]:
    """The names in ``__all__`` of a hand-finished module, read without running it."""
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (FileNotFoundError, SyntaxError):  # a broken file is for its owner to see, when it is imported
        return []
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            listed = getattr(node, "value", None)
            if isinstance(listed, ast.List | ast.Tuple):
                return [
                    item.value for item in listed.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)
                ]
    return []


def _staging(target: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder on the target's file system, if that can be had, and outside of the target."""
    try:
        return tempfile.TemporaryDirectory(prefix=".clientsmith-", dir=target.resolve().parent)
    except OSError:  # the parent is missing, or not ours to write to
        return tempfile.TemporaryDirectory(prefix=".clientsmith-")


def _formatted(files: Mapping[str, bytes], staging: Path) -> dict[str, bytes]:
    for path, content in files.items():
        place = staging / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    format_tree(staging)
    return {path: (staging / path).read_bytes() for path in files}


# --- refuse ----------------------------------------------------------------------------------------------------------


def _old_manifest(target: Path, manifest_path: str) -> dict[str, str]:
    path = target / manifest_path
    return dict(Manifest.load(path).files) if path.exists() else {}


def _refuse_escapes(target: Path, paths: Iterable[str]) -> None:
    """Every path stays below the target, also after symbolic links were followed."""
    root = target.resolve()
    for path in paths:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not (root / path).resolve().is_relative_to(root):
            raise OutsideTargetError(target, path)


def _refuse_foreign(
    target: Path, files: Mapping[str, bytes], old: Mapping[str, str], manifest_path: str, layout: Layout
) -> None:
    """What is not in our manifest is not ours to replace; a package of its own begins in an empty folder."""
    if layout == "package" and target.is_dir() and not (target / manifest_path).exists():
        # A repository that was just made is empty in all that matters.
        present = sorted(path.name for path in target.iterdir() if path.name != ".git")
        if present:
            raise ForeignFilesError(target, present)
    colliding = [
        path for path, content in files.items() if path not in old and _content(target / path) not in (None, content)
    ]
    if colliding:
        raise ForeignFilesError(target, colliding)


def _refuse_edited(target: Path, files: Mapping[str, bytes], old: Mapping[str, str]) -> None:
    """A file that differs from what we wrote was edited, unless it is what we are about to write."""
    edited = [
        path
        for path, expected in old.items()
        if (content := _content(target / path)) is not None
        and digest(content) != expected
        and content != files.get(path)
    ]
    if edited:
        raise EditedFileError(target, edited)


def _content(path: Path) -> bytes | None:
    if path.is_dir():
        return b"\0 a folder"  # never what we would write
    return path.read_bytes() if path.exists() else None


# --- write -----------------------------------------------------------------------------------------------------------


def _write(
    target: Path,
    files: Mapping[str, bytes],
    seeds: Mapping[str, bytes],
    old: Mapping[str, str],
    manifest: tuple[str, bytes],
    source: str,
) -> WriteReport:
    """Write what differs, each file by one rename, the manifest last: after a crash the next run finishes the work."""
    changed = [path for path, content in files.items() if _content(target / path) != content]
    missing_seeds = [path for path in seeds if not (target / path).exists()]
    stale = [path for path in old if path not in files and (target / path).exists()]
    with _staging(target) as staging:
        for path in changed:
            _replace(Path(staging), target / path, files[path])
        for path in missing_seeds:
            _replace(Path(staging), target / path, seeds[path])
        for path in stale:
            (target / path).unlink()
            _remove_empty_folders((target / path).parent, target)
        if _content(target / manifest[0]) != manifest[1]:
            _replace(Path(staging), target / manifest[0], manifest[1])
    return WriteReport(
        target,
        source,
        written=tuple(changed),
        unchanged=tuple(path for path in files if path not in changed),
        deleted=tuple(sorted(stale)),
        seeded=tuple(missing_seeds),
        lines=sum(content.count(b"\n") for content in files.values()),
        size=sum(map(len, files.values())),
    )


def _replace(staging: Path, path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = staging / "next"
    temporary.write_bytes(content)
    try:
        os.replace(temporary, path)  # noqa: PTH105 - the one call that is atomic
    except OSError:  # the staging folder had to stand on another file system
        shutil.move(temporary, path)


def _remove_empty_folders(folder: Path, target: Path) -> None:
    while folder != target and not any(item for item in folder.iterdir() if item.name != "__pycache__"):
        shutil.rmtree(folder)
        folder = folder.parent
