"""The version of a project that leaves it to its build: read where the build would read it, as text."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from clientsmith.findings.changes import is_table

__all__ = ["read_version"]

_NAMES: Final = ("__version__", "VERSION", "version")
_FILES: Final = ("_version.py", "version.py", "__version__.py", "__about__.py", "__init__.py")


def read_version(root: Path, project: Mapping[str, Any], packages: Mapping[str, Path]) -> str:
    """Return the version that a project's sources say, "" if none does.

    Where pyproject.toml names a file (hatch, setuptools) that is read, else the files that usually have it.
    """
    for file in (*_named(root, project), *_usual(packages)):
        if file.is_file() and file.resolve().is_relative_to(root.resolve()) and (version := _said_in(file)):
            return version
    return ""


def _named(root: Path, project: Mapping[str, Any]) -> list[Path]:
    tools: Mapping[str, Any] = project.get("tool", {})
    hatch = _below(tools, "hatch", "version").get("path")
    dynamic = _below(tools, "setuptools", "dynamic", "version")
    files = [root / hatch] if isinstance(hatch, str) else []
    if isinstance(dynamic.get("file"), str):
        files.append(root / dynamic["file"])
    if isinstance(attribute := dynamic.get("attr"), str):
        module = attribute.rpartition(".")[0].replace(".", "/")
        files += (root / start / f"{module}{end}" for start in ("", "src") for end in (".py", "/__init__.py"))
    return files


def _usual(packages: Mapping[str, Path]) -> list[Path]:
    return [folder / name if folder.is_dir() else folder for folder in packages.values() for name in _FILES]


def _below(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        found = table.get(key)
        if not is_table(found):
            return {}
        table = found
    return table


def _said_in(file: Path) -> str:
    source = file.read_text(encoding="utf-8", errors="replace")
    if file.suffix != ".py":
        return source.strip() if re.fullmatch(r"\s*[0-9][\w.+!-]*\s*", source) else ""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=targets, value=ast.Constant(value=str(text))):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                names = [name]
            case _:
                continue
        if any(name in _NAMES for name in names):
            return text
    return ""
