"""From the files of a workspace to a `Workspace`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from clientsmith.configuration import Configuration, find_configuration, read_configuration
from clientsmith.findings import InputError
from clientsmith.findings.changes import is_array, is_table
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .members import Member, Release, Workspace

__all__ = ["find_workspace", "read_member", "requirements_of"]

_PYPROJECT: Final = "pyproject.toml"
# As hatchling's own pattern: `__version__ = "1.0"`, `VERSION: Final = '1.0'`.
_VERSION: Final = re.compile(
    r"""^(?:__version__|VERSION)(?:: [^=]+)? *= *["']v?(.+?)["']""", re.IGNORECASE | re.MULTILINE
)


def find_workspace(start: Path = Path()) -> Workspace:
    """Return the uv workspace that ``start`` lies in.

    Raises:
        InputError: There is none, or one of its files cannot be read.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        table = _at(_toml(folder / _PYPROJECT), "tool", "uv", "workspace")
        if table is not None:
            return _read(folder, table)
    raise InputError(
        f"{start.resolve()} is in no uv workspace: no {_PYPROJECT} there or above it has [tool.uv.workspace]",
        "run this in a workspace, or make one with `clientsmith new NAME`",
    )


def read_member(folder: Path) -> Member:
    """Read the package of one folder.

    Raises:
        InputError: Its ``pyproject.toml`` or its configuration cannot be read, or it has no ``[project]`` with a name.
    """
    path = folder / _PYPROJECT
    data = _toml(path)
    project = _at(data, "project")
    if not project or not isinstance(project.get("name"), str):
        raise InputError(f"{path} has no [project] with a name", "a member of a workspace is a package (PEP 621)")
    groups = _at(data, "dependency-groups") or {}
    optional = _at(project, "optional-dependencies") or {}
    return Member(
        name=canonicalize_name(project["name"]),
        folder=folder,
        version=str(project.get("version", "")) or _written_version(folder, data),
        requires_python=str(project.get("requires-python", "")),
        dependencies=requirements_of(_texts(project.get("dependencies")), path),
        optional={name: requirements_of(_texts(texts), path) for name, texts in optional.items()},
        groups={name: requirements_of(_group(groups, name, path), path) for name in groups},
        import_packages=tuple(_import_packages(folder)),
        scripts=tuple(sorted(_at(project, "scripts") or {})),
        configuration=_configuration(folder),
        build_backend=str((_at(data, "build-system") or {}).get("build-backend", "")),
    )


def _written_version(folder: Path, data: Mapping[str, Any]) -> str:
    """Return the version in the file that hatchling takes a dynamic one from, "" if it takes it from elsewhere."""
    path = (_at(data, "tool", "hatch", "version") or {}).get("path")
    if not isinstance(path, str) or not (folder / path).is_file():
        return ""
    found = _VERSION.search((folder / path).read_text(encoding="utf-8"))
    return found[1] if found else ""


def requirements_of(texts: Iterable[str], path: Path) -> tuple[Requirement, ...]:
    """Return requirements as values.

    Raises:
        InputError: One is none (PEP 508); the message names ``path`` and the text.
    """
    found: list[Requirement] = []
    for text in texts:
        try:
            found.append(Requirement(text))
        except InvalidRequirement as problem:
            reason = str(problem).splitlines()[0]
            raise InputError(f"{path}: {text!r:.80} is no requirement: {reason}", "see PEP 508") from problem
    return tuple(found)


# --- the workspace ---------------------------------------------------------------------------------------------------


def _read(root: Path, table: Mapping[str, Any]) -> Workspace:
    settings = _configuration(root).workspace
    members = [read_member(folder) for folder in _folders(root, table)]
    by_name: dict[str, Member] = {}
    for member in members:
        if (other := by_name.setdefault(member.name, member)) is not member:
            raise InputError(f"{other.folder} and {member.folder} are both called {member.name}", "rename one of them")
    return Workspace(
        root=root,
        members=by_name,
        releases=tuple(_releases(root / settings.releases)),
        settings=settings,
        uv_options=tuple(_uv_options(root)),
    )


def _uv_options(root: Path) -> Iterator[str]:
    """Yield what ``[tool.uv]`` says of indexes and folders; uv reads it only where it runs inside the workspace."""
    table = _at(_toml(root / _PYPROJECT), "tool", "uv") or {}
    for index in table.get("index", ()):
        if is_table(index) and isinstance(url := index.get("url"), str):
            yield from ("--default-index" if index.get("default") is True else "--index", url)
    for place in _texts(table.get("find-links")):
        yield from ("--find-links", place if "://" in place else str(root / place))


def _folders(root: Path, table: Mapping[str, Any]) -> list[Path]:
    """Return the folders of the members, the root among them where it is a package itself."""
    left_out = _texts(table.get("exclude"))
    found = {
        folder
        for pattern in _texts(table.get("members"))
        for folder in sorted(root.glob(pattern))
        if (folder / _PYPROJECT).is_file()
        and not any(fnmatch(folder.relative_to(root).as_posix(), pattern) for pattern in left_out)
    }
    if _at(_toml(root / _PYPROJECT), "build-system") is not None:
        found.add(root)
    return sorted(found)


def _releases(path: Path) -> Iterator[Release]:
    """Read `releases.toml`: a list of ``[[release]]`` with package, version and commit, oldest first."""
    if not path.is_file():
        return
    for number, entry in enumerate(_toml(path).get("release", ()), 1):
        values = _texts([entry.get(key) for key in ("package", "version", "commit")] if is_table(entry) else [])
        if len(values) != 3 or not all(values):
            raise InputError(
                f"{path}: release {number} does not say package, version and commit",
                "each [[release]] has these three, as text",
            )
        package, version, commit = values
        yield Release(canonicalize_name(package), version, commit, entry.get("supported", True) is not False)


def _configuration(folder: Path) -> Configuration:
    path = find_configuration(folder)
    if path is None:
        return Configuration()
    configuration, mistakes = read_configuration(path)
    if mistakes:
        first = mistakes[0]
        raise InputError(f"{first.place}: {first.message}", first.hint or "see `clientsmith config check`")
    return configuration


# --- one package -----------------------------------------------------------------------------------------------------


def _group(groups: Mapping[str, Any], name: str, path: Path, inside: Sequence[str] = ()) -> Iterator[str]:
    """Yield the requirements of a dependency group and of those that it includes (PEP 735)."""
    if name not in groups or name in inside:
        what = "is not there" if name not in groups else "includes itself"
        raise InputError(f"{path}: the dependency group {name!r:.60} {what}", "see PEP 735")
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        elif is_table(entry) and isinstance(included := entry.get("include-group"), str):
            yield from _group(groups, included, path, (*inside, name))


def _import_packages(folder: Path) -> Iterator[str]:
    """Yield the dotted names of the first real packages and modules below `src`, or below the folder itself."""
    base = folder / "src" if (folder / "src").is_dir() else folder
    for entry in sorted(base.iterdir()):
        if entry.is_dir() and entry.name.isidentifier() and (base.name == "src" or (entry / "__init__.py").exists()):
            yield from _real_packages(entry, entry.name)
        elif base.name == "src" and entry.suffix == ".py":
            yield entry.stem


def _real_packages(folder: Path, name: str) -> Iterator[str]:
    if (folder / "__init__.py").exists():
        yield name
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name.isidentifier() and entry.name != "__pycache__":
            yield from _real_packages(entry, f"{name}.{entry.name}")
        elif entry.suffix == ".py":
            yield f"{name}.{entry.stem}"


# --- TOML ------------------------------------------------------------------------------------------------------------


def _toml(path: Path) -> Mapping[str, Any]:
    """Return the data of a TOML file, nothing for a file that is not there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise InputError(f"cannot read {path}: {problem}", "it has to be TOML in UTF-8") from problem


def _at(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any] | None:
    """Return the table at ``keys``, None if there is no table."""
    found: Any = data
    for key in keys:
        found = found.get(key) if is_table(found) else None
    return found if is_table(found) else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if is_array(value) else ()
