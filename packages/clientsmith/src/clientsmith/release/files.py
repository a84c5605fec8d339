"""The files of a repository as they will be after a release: read when first asked for, written by nobody here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from clientsmith.findings import InputError
from clientsmith.workspace import Member, git

from .changelog import inserted
from .manifests import version_file, with_constant, with_locked_versions, with_requirements, with_version
from .plan import Edit

__all__ = ["Files", "requirements_in"]

# Where packages say their version to the program: a constant that has to be what pyproject.toml says.
_VERSION_FILES: Final = ("_version.py", "version.py", "__version__.py", "__about__.py", "__init__.py")


def requirements_in(pyproject: str) -> list[str]:
    """Return the requirements that a pyproject.toml has: dependencies and those of extras, each once."""
    project: Any = tomllib.loads(pyproject).get("project", {})
    lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    return list(dict.fromkeys(str(one) for some in lists for one in some))


class Files:
    """Texts by path, with the changes so far, of a repository and the workspace in it. Line ends stay as they are."""

    def __init__(self, top: Path, root: Path) -> None:
        self._top, self._root = top.resolve(), root.resolve()
        self._before: dict[Path, str | None] = {}
        self._now: dict[Path, str | None] = {}

    def text(self, path: Path) -> str | None:
        """Return the text of a file as it will be, None for one that is not there.

        Raises:
            InputError: It cannot be read.
        """
        path = path.resolve()
        if not path.is_relative_to(self._top):
            raise InputError(f"{path} lies outside of the repository, so no commit can hold it", "move it in there")
        if path not in self._now:
            self._before[path] = self._now[path] = self._read(path)
        return self._now[path]

    def replace(self, path: Path, text: str) -> None:
        """Give a file another text; it is made if it is not there."""
        self.text(path)
        self._now[path.resolve()] = text

    def remove(self, path: Path) -> None:
        """Take a file away; one that was never committed is simply not made."""
        self.text(path)
        self._now[path.resolve()] = None

    def edits(self) -> tuple[Edit, ...]:
        """Return what is other than before, by path relative to the repository."""
        changed = [path for path, text in self._now.items() if text != self._before[path]]
        return tuple(Edit(path.relative_to(self._top).as_posix(), self._now[path]) for path in sorted(changed))

    # --- what a release changes ---

    def version(self, member: Member, version: str) -> None:
        """Write a package's version: into its pyproject.toml and where its source repeats it."""
        manifest = member.folder / "pyproject.toml"
        text = self.text(manifest) or ""
        self.replace(manifest, with_version(text, version, str(manifest)))
        source = {path for path in member.source.rglob("*.py") if path.name in _VERSION_FILES}
        if named := version_file(text, str(manifest)):
            source.add(member.folder / named)
        for path in sorted(source):
            if member.version in (text := self.text(path) or ""):
                self.replace(path, with_constant(text, member.version, version))

    def changelog(self, path: Path, name: str, section: str) -> None:
        """Put a section into a changelog, which is made if there is none."""
        self.replace(path, inserted(self.text(path) or "", name, section))

    def requirements(self, member: Member) -> list[str]:
        """Return the requirements of a package as they are written: its dependencies and those of its extras."""
        return requirements_in(self.text(member.folder / "pyproject.toml") or "")

    def require(self, member: Member, old: str, new: str) -> None:
        """Replace a requirement of a package, wherever it stands."""
        manifest = member.folder / "pyproject.toml"
        self.replace(manifest, with_requirements(self.text(manifest) or "", {old: new}, str(manifest)))

    def lock(self, versions: Mapping[str, str]) -> None:
        """Write new versions of members into `uv.lock`, where that is a file of the repository."""
        path = self._root / "uv.lock"
        if path.is_file() and git.show(self._top, "HEAD", path.relative_to(self._top).as_posix()) is not None:
            self.replace(path, with_locked_versions(self.text(path) or "", versions))

    def _read(self, path: Path) -> str | None:
        try:
            return path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as problem:
            raise InputError(
                f"cannot read {path}: {problem}", "a release edits it, so it has to be text in UTF-8"
            ) from problem
