"""Where a new workspace gets our own packages from: an index, a folder of wheels, or a checkout of ours."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from clientsmith.findings import InputError

__all__ = ["PUBLIC", "Sources"]

_OURS: Final = ("clientsmith", "clientsmith-core", "clientsmith-server", "simple-repository-client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """At most one of them is set; with none, requirements are resolved as uv is configured.

    Attributes:
        index: URL of an index that is asked before any other.
        find_links: A folder of wheels.
        editable: A checkout of clientsmith, whose packages are installed as they are there.
    """

    index: str = ""
    find_links: Path | None = None
    editable: Path | None = None

    def __post_init__(self) -> None:
        if sum(map(bool, (self.index, self.find_links, self.editable))) > 1:
            raise InputError("our packages can come from one place only", "--index, --find-links or --editable")
        if self.index:
            _check_url(self.index)
        if self.find_links and not self.find_links.is_dir():
            raise InputError(f"cannot take wheels from {self.find_links}: there is no such folder")
        if self.editable and not _checked_out(self.editable):
            raise InputError(
                f"{self.editable} is no checkout of clientsmith: {self.editable / 'packages'} has none of its packages",
                "give the folder that holds packages/clientsmith",
            )

    def packages(self) -> dict[str, Path]:
        """Return the folders of our packages in the checkout, by name; nothing without one."""
        return _checked_out(self.editable) if self.editable else {}

    def added_to(self, pyproject: str, root: Path) -> str:
        """Return the workspace's ``pyproject.toml`` with what says where our packages are, seen from ``root``."""
        if self.find_links:
            line = f"find-links = [{_text(_seen_from(root, self.find_links))}]\n"
            return _after(pyproject, "package = false\n", line)
        if self.index:
            lines = f'\n[[tool.uv.index]]\nname = "house"\nurl = {_text(self.index)}\n'
            return _after(pyproject, 'members = ["packages/*"]\n', lines)
        if self.editable:
            folders = {name: _seen_from(root, path) for name, path in self.packages().items()}
            lines = "".join(f"{name} = {{ path = {_text(path)}, editable = true }}\n" for name, path in folders.items())
            return _after(pyproject, "[tool.uv.sources]\n", lines)
        return pyproject


PUBLIC: Final = Sources()


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{url!r:.200} is no URL of an index", "an http(s) URL, as https://packages.example/simple/")
    if parts.username or parts.password:
        raise InputError(
            f"the URL of the index on {parts.hostname} holds a user or a password, which would be written into a file",
            "leave them out; uv takes them from UV_INDEX_HOUSE_USERNAME and UV_INDEX_HOUSE_PASSWORD",
        )


def _checked_out(checkout: Path) -> dict[str, Path]:
    """Return our packages in a checkout, by name; nothing if it is none."""
    found = {name: checkout / "packages" / name for name in _OURS}
    return found if all(_name_in(folder / "pyproject.toml") == name for name, folder in found.items()) else {}


def _name_in(pyproject: Path) -> str:
    try:
        return str(tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["name"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def _seen_from(root: Path, path: Path) -> str:
    """Return a path relative to the workspace, so that both may move together."""
    return Path(os.path.relpath(path.resolve(), root.resolve())).as_posix()


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML


def _after(text: str, line: str, added: str) -> str:
    assert text.count(line) == 1, f"the template has lost {line!r}"
    return text.replace(line, line + added)
