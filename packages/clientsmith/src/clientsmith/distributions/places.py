"""Where the import packages of a project are: by what its build backend is told, else by what people agree on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from clientsmith.findings.changes import is_array, is_table
from packaging.utils import canonicalize_name

__all__ = ["find_packages"]

# Folders that projects have beside their package, and that nobody imports from it.
_NO_PACKAGES: Final = frozenset({
    "benchmark", "benchmarks", "bin", "build", "ci", "dist", "doc", "docs", "example", "examples",
    "node_modules", "notebooks", "release", "samples", "scripts", "script", "setup", "site", "test", "testing",
    "tests", "tools", "tool", "venv", "env", "utils_dev", "generated_samples", "generated_tests", "tasks",
    "perf", "stress", "htmlcov",
})  # fmt: skip
_NO_MODULES: Final = frozenset({"setup", "conftest", "noxfile", "tasks", "dodo", "fabfile", "manage"})
# Levels of namespace packages; Azure's have three. Where nothing says that a folder is a project, it may be anything.
_DEEPEST: Final = 6
_DEEPEST_UNTOLD: Final = 3


def find_packages(root: Path, project: Mapping[str, Any], name: str) -> dict[str, Path]:
    """Return the packages and modules of a project by the names that they are imported by.

    ``name`` is the distribution's: where several folders could be packages, one of its name is.
    """
    if _is_package(root):
        return {root.name: root}
    if any(root.glob("*.dist-info")):
        return _unpacked_wheel(root)
    if told := _told(root, project):
        return told
    source = root / "src"
    if source.is_dir() and not _is_package(source) and (found := dict(_packages_in(source))):
        return found
    is_project = bool(project or name) or (root / "setup.py").is_file()
    depth = _DEEPEST if is_project else _DEEPEST_UNTOLD
    candidates = dict(_packages_in(root, _NO_PACKAGES, depth)) or dict(_packages_in(root, depth=depth, modules=True))
    wanted = canonicalize_name(name) if name else ""
    own = {key: path for key, path in candidates.items() if canonicalize_name(key.replace(".", "-")) == wanted}
    return own or candidates


def _unpacked_wheel(root: Path) -> dict[str, Path]:
    roots = [root, *root.glob("*.data/purelib"), *root.glob("*.data/platlib")]
    return {name: path for one in roots for name, path in _packages_in(one, modules=True, is_installed=True)}


# --- what a backend is told ------------------------------------------------------------------------------------------


def _told(root: Path, project: Mapping[str, Any]) -> dict[str, Path]:
    tools = project.get("tool", {})
    found: dict[str, Path] = {}
    for folder in _hatch(tools):
        path = root / folder
        if not _is_inside(path, root):
            continue
        if path.is_dir():
            found |= {path.name: path} if _is_package(path) else dict(_below(path, path.name))
        elif path.suffix == ".py" and path.is_file():
            found[path.stem] = path
    for base, names in (_uv(tools), _setuptools(tools), _poetry(tools), _flit(tools)):
        for name in names:
            place = root / base / name.replace(".", "/")
            if not _is_inside(place, root):
                continue
            if place.is_dir():
                found |= {name: place} if _is_package(place) else dict(_below(place, name))
            elif place.with_suffix(".py").is_file():
                found[name] = place.with_suffix(".py")
    return found


def _is_inside(path: Path, root: Path) -> bool:
    """Whether a path that a project's settings name is one of the project: they may be anybody's."""
    return path.resolve().is_relative_to(root.resolve())


def _hatch(tools: Any) -> list[str]:
    packages = _at(tools, "hatch", "build", "targets", "wheel").get("packages")
    packages = packages or _at(tools, "hatch", "build").get("packages")
    return _texts(packages)


def _uv(tools: Any) -> tuple[str, list[str]]:
    table = _at(tools, "uv", "build-backend")
    root = table.get("module-root", "src")
    return (root if isinstance(root, str) else "src"), _texts(table.get("module-name"))


def _setuptools(tools: Any) -> tuple[str, list[str]]:
    table = _at(tools, "setuptools")
    base = _at(table, "package-dir").get("", "")
    names = [*_texts(table.get("packages")), *_texts(table.get("py-modules"))]
    return (base if isinstance(base, str) else ""), [name for name in names if not _has_parent(name, names)]


def _poetry(tools: Any) -> tuple[str, list[str]]:
    packages = _at(tools, "poetry").get("packages")
    tables = [one for one in packages if is_table(one)] if is_array(packages) else []
    bases = {str(one.get("from", "")) for one in tables}
    return (bases.pop() if len(bases) == 1 else ""), [str(one.get("include", "")).split("/*")[0] for one in tables]


def _flit(tools: Any) -> tuple[str, list[str]]:
    return "", _texts(_at(tools, "flit", "module").get("name"))


def _at(table: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        table = table.get(key) if is_table(table) else None
    return table if is_table(table) else {}


def _texts(value: Any) -> list[str]:
    values = [value] if isinstance(value, str) else value if is_array(value) else []
    return [one for one in values if isinstance(one, str) and one]


def _has_parent(name: str, names: Iterable[str]) -> bool:
    return any(name.startswith(f"{other}.") for other in names)


# --- what people agree on --------------------------------------------------------------------------------------------


def _packages_in(
    folder: Path,
    leave_out: frozenset[str] = frozenset(),
    depth: int = _DEEPEST,
    *,
    modules: bool = False,
    is_installed: bool = False,
) -> Iterator[tuple[str, Path]]:
    stubs: list[tuple[str, Path]] = []
    names: set[str] = set()
    for entry in sorted(folder.iterdir()):
        name = entry.name
        if entry.is_symlink():
            continue
        if entry.is_dir() and name.endswith("-stubs"):
            stubs.append((name.removesuffix("-stubs"), entry))
        elif entry.is_dir() and _can_be_package(name) and name not in leave_out:
            for found in [(name, entry)] if _is_package(entry) else _below(entry, name, depth):
                names.add(found[0])
                yield found
        elif modules and entry.suffix == ".py" and entry.stem.isidentifier() and (is_installed or _is_module(entry)):
            names.add(entry.stem)
            yield entry.stem, entry
    # A package of stubs alone (PEP 561) tells the API of the package that it is for.
    yield from ((name, path) for name, path in stubs if name not in names)


def _is_module(file: Path) -> bool:
    return file.stem not in _NO_MODULES and not file.stem.startswith("test_")


def _can_be_package(name: str) -> bool:
    return name.isidentifier() and not name.startswith("__")


def _below(folder: Path, name: str, depth: int = _DEEPEST) -> Iterator[tuple[str, Path]]:
    """Walk a namespace package (PEP 420) to its first real packages, and modules that stand in it."""
    if depth <= 0:
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink():
            continue
        if entry.is_dir() and _can_be_package(entry.name):
            inner = f"{name}.{entry.name}"
            if _is_package(entry):
                yield inner, entry
            else:
                yield from _below(entry, inner, depth - 1)
        elif entry.suffix == ".py" and _can_be_package(entry.stem):
            yield f"{name}.{entry.stem}", entry


def _is_package(folder: Path) -> bool:
    if (folder / "__init__.pyi").is_file():
        return True
    file = folder / "__init__.py"
    return file.is_file() and not _only_extends_path(file)


def _only_extends_path(file: Path) -> bool:
    """Whether an ``__init__.py`` makes a namespace package of the old kind: ``extend_path(__path__, __name__)``."""
    if file.stat().st_size > 2000:
        return False
    source = file.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return (
        bool(lines)
        and len(lines) <= 4
        and any("extend_path(" in line or "declare_namespace(" in line for line in lines)
    )
