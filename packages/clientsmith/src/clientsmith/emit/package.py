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
from typing import Final, Literal

from clientsmith.configuration import CONFIGURATION_NAME, LOCK_NAME
from clientsmith.emit.check import check_files
from clientsmith.emit.client import client_module
from clientsmith.emit.colour import ASYNC, SYNC
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.error_classes import errors_module
from clientsmith.emit.errors import EditedFileError, ForeignFilesError, OutsideTargetError
from clientsmith.emit.extras import extra_files, extra_modules
from clientsmith.emit.formatter import format_tree, formatter_version
from clientsmith.emit.groups import bases_module, group_module
from clientsmith.emit.init import aio_init, groups_init, models_init, package_init
from clientsmith.emit.layout import Places, layout_of
from clientsmith.emit.manifest import FILE_NAME, Manifest, digest, tie
from clientsmith.emit.models import model_modules
from clientsmith.emit.operations import operations_module
from clientsmith.emit.project import changelog, check_distribution, patch_seed, pyproject, version_seed
from clientsmith.emit.readme import readme
from clientsmith.emit.reference import reference
from clientsmith.emit.shown import with_shown_shapes
from clientsmith.emit.statements import Module
from clientsmith.emit.tests import tests_module
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.webhooks import webhooks_module
from clientsmith.model.ir import Api
from clientsmith.model.lock import lock_of
from clientsmith.openapi.collector import collector_paused

__all__ = ["Layout", "WriteReport", "render_package", "write_package"]

Layout = Literal["package", "module"]
_EXPECTED: Final = frozenset({".git", CONFIGURATION_NAME, LOCK_NAME})


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
        files = "1 file" if len(self.written) == 1 else f"{len(self.written)} files"
        return (
            f"{self.target}: {files} written, {len(self.unchanged)} unchanged, "
            f"{len(self.deleted)} deleted ({self.lines:,} lines, {self.size:,} bytes)"
        )


@collector_paused()
def write_package(
    api: Api,
    target: Path,
    *,
    source: str,
    layout: Layout = "package",
    dry: bool = False,
    inputs: Iterable[Path] = (),
) -> WriteReport:
    """Write the client library of ``api`` to the folder ``target``, and its names to ``clientsmith.lock``.

    With ``dry`` nothing is written; the report says what would be.

    ``layout="module"`` writes ``src/<package>/`` only, with the manifest in it, for a project that keeps its own
    pyproject, README and tests; hand-written files beside the generated ones are left alone.

    ``inputs`` are the files that it is made from, the document and overlays: they may lie in the target before it is
    a package.

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
    last = _last_manifest(target, manifest_path)
    kept = _kept(target, rendered, last)
    new = {path: content for path, content in rendered.items() if path not in kept}
    check_files(new, kept)
    check_files(seeds)
    with _staging(target) as staging:
        files = dict(sorted({**kept, **_formatted(new, Path(staging))}.items()))
    old = dict(last.files) if last is not None else {}
    _refuse_escapes(target, (*files, *seeds, *old, manifest_path, LOCK_NAME))
    if layout == "package" and not (target / manifest_path).exists():
        _refuse_company(target, inputs)
    _refuse_foreign(target, files, old)
    _refuse_edited(target, files, old)
    manifest = Manifest(
        {path: digest(content) for path, content in files.items()},
        distribution_version("clientsmith"),
        formatter_version(),
        api.title,
        api.version,
        {path: tie(rendered[path], digest(content)) for path, content in files.items() if path.endswith(".py")},
    )
    records = {LOCK_NAME: lock_of(api).dump(), manifest_path: manifest.dump()}
    return _write(target, files, seeds, old, records, source, dry=dry)


# --- render ----------------------------------------------------------------------------------------------------------


def render_package(
    api: Api, layout: Layout = "package", patched: Iterable[str] = (), patched_async: Iterable[str] = ()
) -> dict[str, bytes]:
    """Return every generated file, not yet formatted, by its path relative to the target.

    ``patched`` and ``patched_async`` are the names that hand-finished modules put in the place of generated ones.
    """
    header = _header(layout)
    patched, patched_async = tuple(patched), tuple(patched_async)
    shown = with_shown_shapes(api)
    where = layout_of(shown)
    modules: dict[str, Module] = {
        "__init__.py": package_init(api, where, header, patched),
        "_client.py": client_module(api, SYNC, header),
        "_operations.py": operations_module(api, header),
        "aio/__init__.py": aio_init(api, where, header, patched_async),
        "aio/_client.py": client_module(api, ASYNC, header),
        "models/__init__.py": models_init(shown, where, header),
    }
    modules |= {f"models/{name}.py": module for name, module in model_modules(shown, where, header).items()}
    modules |= extra_modules(api, header)
    if api.error_classes:
        modules["errors.py"] = errors_module(api, header)
    if api.webhooks:
        modules["webhooks.py"] = webhooks_module(api, header)
    if where.groups:
        modules |= _group_modules(api, where, header, (patched, patched_async))
    files = {f"src/{api.package}/{path}": module.render().encode() for path, module in modules.items()}
    files[f"src/{api.package}/py.typed"] = b""
    files |= extra_files(api, layout=layout)
    if layout == "package":
        files["tests/test_operations.py"] = tests_module(api, header).render().encode()
        files["pyproject.toml"] = pyproject(
            api, _header(layout, "For a project file of your own, generate with --layout module.")
        ).encode()
        files["README.md"] = readme(api).encode()
        files["api.md"] = reference(shown).encode()
    return dict(sorted(files.items()))


def _group_modules(
    api: Api, where: Places, header: tuple[str, ...], patched: tuple[tuple[str, ...], tuple[str, ...]]
) -> dict[str, Module]:
    summary = f"What the groups of {one_line(api.title)} send, a module for each"
    modules = {"_groups/_operations/__init__.py": Module(Docstring(summary), (), header)}
    for colour, folder, names in ((SYNC, "_groups", patched[0]), (ASYNC, "aio/_groups", patched[1])):
        modules[f"{folder}/__init__.py"] = groups_init(where, header, names)
        modules[f"{folder}/_bases.py"] = bases_module(api, where.groups, colour, header)
        for module, path in where.groups.items():
            modules[f"{folder}/{module}.py"] = group_module(api, module, path, colour, header)
    for module, path in where.groups.items():
        modules[f"_groups/_operations/{module}.py"] = operations_module(api, header, path)
    return modules


def _header(layout: Layout, instead: str = "Your own code goes into _patch.py.") -> tuple[str, ...]:
    """What a generated file says first: not which version of the API it is for, so that a new one changes little."""
    redo = "To redo: clientsmith generate SPEC -o DIR" + " --layout module" * (layout == "module")
    return (f"Generated by clientsmith {distribution_version('clientsmith')}; do not edit.", f"{instead} {redo}.")


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


def _last_manifest(target: Path, manifest_path: str) -> Manifest | None:
    path = target / manifest_path
    return Manifest.load(path) if path.exists() else None


def _kept(target: Path, rendered: Mapping[str, bytes], last: Manifest | None) -> dict[str, bytes]:
    """The files that were made of the same text before, checked and formatted by the same tools: most of them."""
    if last is None or (last.generator, last.formatter) != (distribution_version("clientsmith"), formatter_version()):
        return {}
    kept: dict[str, bytes] = {}
    for path, made in last.made.items():
        content = _content(target / path) if path in rendered and path in last.files else None
        if (
            content is not None
            and digest(content) == last.files[path]
            and tie(rendered[path], last.files[path]) == made
        ):
            kept[path] = content
    return kept


def _refuse_escapes(target: Path, paths: Iterable[str]) -> None:
    """Every path stays below the target, also after symbolic links were followed."""
    root = target.resolve()
    for path in paths:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not (root / path).resolve().is_relative_to(root):
            raise OutsideTargetError(target, path)


def _refuse_company(target: Path, inputs: Iterable[Path]) -> None:
    """A package of its own begins in a folder that holds nothing but what it is made from.

    A repository that was just made is empty in all that matters, and so is one with a configuration and a document.
    """
    if not target.is_dir():
        return
    expected = [path.resolve() for path in inputs]
    present = sorted(
        path.name
        for path in target.iterdir()
        if path.name not in _EXPECTED and not any(one.is_relative_to(path.resolve()) for one in expected)
    )
    if present:
        raise ForeignFilesError(target, present)


def _refuse_foreign(target: Path, files: Mapping[str, bytes], old: Mapping[str, str]) -> None:
    """What is not in our manifest is not ours to replace."""
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
    records: Mapping[str, bytes],
    source: str,
    *,
    dry: bool,
) -> WriteReport:
    """Write what differs, each file by one rename, the manifest last: after a crash the next run finishes the work."""
    changed = [path for path, content in files.items() if _content(target / path) != content]
    missing_seeds = [path for path in seeds if not (target / path).exists()]
    stale = [path for path in old if path not in files and (target / path).exists()]
    changed_records = [path for path, content in records.items() if _content(target / path) != content]
    if not dry:
        with _staging(target) as staging:
            for path in changed:
                _replace(Path(staging), target / path, files[path])
            for path in missing_seeds:
                _replace(Path(staging), target / path, seeds[path])
            for path in stale:
                (target / path).unlink()
                _remove_empty_folders((target / path).parent, target)
            for path in changed_records:
                _replace(Path(staging), target / path, records[path])
    return WriteReport(
        target,
        source,
        written=(*changed, *(path for path in changed_records if path == LOCK_NAME)),
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
