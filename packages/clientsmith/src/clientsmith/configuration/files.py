"""Find the file, read it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from clientsmith.findings import Finding, InputError
from clientsmith.findings.changes import is_table

from .positions import positions_of
from .reader import read_settings
from .settings import Configuration, Source

__all__ = ["CONFIGURATION_NAME", "find_configuration", "read_configuration"]

CONFIGURATION_NAME: Final = "clientsmith.toml"
_PYPROJECT: Final = "pyproject.toml"
_TOOL: Final = ("tool", "clientsmith")


def find_configuration(*folders: Path) -> Path | None:
    """Return the configuration in the first of ``folders`` that has one.

    That is ``clientsmith.toml``, or a ``pyproject.toml`` with a table ``[tool.clientsmith]``.
    """
    for folder in folders:
        if (path := folder / CONFIGURATION_NAME).is_file():
            return path
        # Many a folder has a pyproject that is none of our business, whatever is in it.
        if b"tool.clientsmith" in _content(folder / _PYPROJECT):
            return folder / _PYPROJECT
    return None


def read_configuration(path: Path) -> tuple[Configuration, list[Finding]]:
    """Read a configuration and return it with everything that is wrong in it.

    Raises:
        InputError: The file cannot be read, is not TOML, or is a ``pyproject.toml`` without ``[tool.clientsmith]``.
    """
    text, data = _parsed(path)
    root: tuple[str, ...] = ()
    if path.name == _PYPROJECT:
        root, table = _TOOL, _tool_table(data)
        if table is None:
            raise InputError(f"{path} has no table [tool.clientsmith]", f"add one, or write a {CONFIGURATION_NAME}")
        data = table
    return read_settings(data, Source(str(path), str(path.parent), positions_of(text), root))


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _tool_table(data: Mapping[str, Any]) -> dict[str, Any] | None:
    tool: Any = data.get("tool")
    table: Any = tool.get("clientsmith") if is_table(tool) else None
    return dict(table) if is_table(table) else None


def _parsed(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except OSError as problem:
        raise InputError(f"cannot read the configuration {path}: {problem.strerror or problem}") from problem
    except UnicodeDecodeError as problem:
        raise InputError(f"the configuration {path} is not UTF-8: {problem.reason}", "save it as UTF-8") from problem
    except tomllib.TOMLDecodeError as problem:
        raise InputError(
            f"the configuration {path} is not TOML: {problem}", "see toml.io for how it is written"
        ) from problem
