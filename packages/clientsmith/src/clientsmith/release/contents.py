"""What is in a wheel and an sdist: is it what a package should give to others?

Read from the archives' lists and metadata; nothing is unpacked or run.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

from clientsmith.findings import Finding, InputError, Severity
from packaging.utils import canonicalize_name

__all__ = ["Archive", "check_contents", "read_sdist", "read_wheel"]

# Of a working tree, an editor or a machine; in a published archive they are a mistake, and some of them a leak.
_STRAY: Final = (
    "*.pyc", "*.pyo", "*.orig", "*.rej", "*.swp", "*~", ".DS_Store", "Thumbs.db", ".env", ".env.*", "*.pem", "*.key",
    ".netrc", ".pypirc", ".coverage", "id_rsa", "id_ed25519",
)  # fmt: skip
_STRAY_FOLDERS: Final = frozenset(
    {
        "__pycache__",
        ".git",
        ".clientsmith",
        ".venv",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".tox",
    }
)
# What uv_build puts into every sdist beside the pyproject.toml that it has rewritten.
_EXPECTED: Final = frozenset({"pyproject.toml.orig"})
_LINK: Final = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)[^)]*\)")


@dataclass(frozen=True, slots=True)
class Archive:
    """A wheel or an sdist as it is published.

    Attributes:
        file: Its name.
        names: All files in it; those of an sdist without its one folder.
        metadata: Its core metadata.
    """

    file: str
    names: tuple[str, ...]
    metadata: Message


def read_wheel(path: Path) -> Archive:
    """Read a wheel's list and metadata.

    Raises:
        InputError: It is no wheel.
    """
    try:
        with zipfile.ZipFile(path) as wheel:
            names = tuple(sorted(one.filename for one in wheel.infolist() if not one.is_dir()))
            of_metadata = [name for name in names if fnmatch(name, "*.dist-info/METADATA")]
            if len(of_metadata) != 1:
                raise InputError(f"{path.name} has no metadata, so it is no wheel", "see what its build backend says")
            return Archive(path.name, names, _parsed(wheel.read(of_metadata[0])))
    except (OSError, zipfile.BadZipFile) as problem:
        raise InputError(f"cannot read {path.name}: {problem}", "build it again") from problem


def read_sdist(path: Path) -> Archive:
    """Read an sdist's list and metadata.

    Raises:
        InputError: It is no sdist: not one folder with a PKG-INFO in it.
    """
    try:
        with tarfile.open(path, "r:gz") as sdist:
            members = [one for one in sdist.getmembers() if not one.isdir()]
            top = path.name.removesuffix(".tar.gz")
            outside = [one.name for one in members if PurePosixPath(one.name).parts[0] != top or not one.isfile()]
            information = sdist.extractfile(f"{top}/PKG-INFO")
            if outside or information is None:
                raise InputError(f"{path.name} is no sdist: {(outside or ['no PKG-INFO'])[0]}", "see PEP 625")
            names = tuple(sorted(str(PurePosixPath(*PurePosixPath(one.name).parts[1:])) for one in members))
            return Archive(path.name, names, _parsed(information.read()))
    except (OSError, tarfile.TarError, KeyError) as problem:
        raise InputError(f"cannot read {path.name}: {problem}", "build it again") from problem


def check_contents(
    wheel: Archive, sdist: Archive, *, name: str, version: str, import_packages: Iterable[str], typed: bool
) -> list[Finding]:
    """Return what is wrong with the archives of a release.

    Args:
        wheel: What installers take.
        sdist: What it is built of elsewhere.
        name: Of the package.
        version: That is released.
        import_packages: What it gives to import.
        typed: Whether its source has ``py.typed``.
    """
    packages = tuple(import_packages)
    return [
        *_metadata(wheel, name, version),
        *_metadata(sdist, name, version),
        *_licence(wheel),
        *_readme(wheel),
        *_in_wheel(wheel, packages, typed=typed),
        *_in_sdist(sdist),
        *(_stray(archive) for archive in (wheel, sdist) if _stray_names(archive)),
    ]


def _metadata(archive: Archive, name: str, version: str) -> Iterator[Finding]:
    says = {key: str(archive.metadata.get(key, "")) for key in ("Name", "Version", "Summary")}
    if canonicalize_name(says["Name"] or "-") != name or says["Version"] != version:
        found = f"{says['Name']} {says['Version']}"
        yield _error(
            archive, "artefact-metadata", f"its metadata are of {found}, not of {name} {version}", "build again"
        )
    if not says["Summary"]:
        yield _warning(archive, "artefact-metadata", "it has no summary", "`description` in [project]")
    for requirement in archive.metadata.get_all("Requires-Dist", []):
        if "@" in str(requirement).partition(";")[0]:
            hint = "an index refuses it; require a version"
            yield _error(archive, "artefact-requirement", f"it requires `{requirement}`, a place and no version", hint)


def _licence(wheel: Archive) -> Iterator[Finding]:
    named = wheel.metadata.get("License-Expression") or wheel.metadata.get("License")
    if not named:
        yield _error(
            wheel, "artefact-licence", "its metadata name no licence", '`license = "MIT"` in [project] (PEP 639)'
        )
    files = wheel.metadata.get_all("License-File", [])
    missing = [one for one in files if not any(name.endswith(f"/{one}") for name in wheel.names)]
    if not files or missing:
        what = f"the licence file {missing[0]} is not in it" if missing else "it has no licence file"
        yield _error(wheel, "artefact-licence", what, '`license-files = ["LICENSE"]` in [project] (PEP 639)')


def _readme(wheel: Archive) -> Iterator[Finding]:
    text = str(wheel.metadata.get_payload() or wheel.metadata.get("Description", ""))
    kind = str(wheel.metadata.get("Description-Content-Type", "")).partition(";")[0].strip()
    if not text.strip():
        yield _error(wheel, "artefact-readme", "it has no description", '`readme = "README.md"` in [project]')
        return
    if kind not in {"text/markdown", "text/x-rst", "text/plain"}:
        shown = kind or "no type"
        yield _error(wheel, "artefact-readme", f"its description has {shown}, so no index renders it", "text/markdown")
    if kind == "text/markdown":
        relative = [one["target"] for one in _LINK.finditer(text) if not re.match(r"[a-z]+:|#", one["target"])]
        if relative:
            what = f"its description links to {relative[0]}, which an index does not have"
            yield _warning(wheel, "artefact-readme", what, "link to the documentation with its whole URL")


def _in_wheel(wheel: Archive, packages: tuple[str, ...], *, typed: bool) -> Iterator[Finding]:
    folders = [one.replace(".", "/") for one in packages]
    for name, folder in zip(packages, folders, strict=True):
        if not any(one.startswith(f"{folder}/") or one == f"{folder}.py" for one in wheel.names):
            yield _error(wheel, "artefact-packages", f"it does not have the package {name}", "see the build's settings")
    tops = {folder.split("/")[0] for folder in folders}
    foreign = [one for one in wheel.names if not _belongs(one, tops)]
    if packages and foreign:
        what = f"it would install {foreign[0]} beside its packages"
        yield _error(wheel, "artefact-packages", what, "what it ships is chosen in the settings of the build backend")
    if typed and not any(one.endswith("/py.typed") for one in wheel.names):
        yield _error(wheel, "artefact-typed", "it has no py.typed, and its source has", "see the build's settings")


def _belongs(name: str, tops: set[str]) -> bool:
    first = name.split("/")[0]
    return first in tops or first.removesuffix(".py") in tops or first.endswith((".dist-info", ".data"))


def _in_sdist(sdist: Archive) -> Iterator[Finding]:
    if "pyproject.toml" not in sdist.names:
        yield _error(sdist, "artefact-sdist", "it has no pyproject.toml, so nobody can build it", "see PEP 517")
    if not any(fnmatch(one.upper(), "LICEN[CS]E*") or one.startswith("LICENSES/") for one in sdist.names):
        yield _error(sdist, "artefact-licence", "it has no licence file", '`license-files = ["LICENSE"]` in [project]')


def _stray_names(archive: Archive) -> list[str]:
    return [
        name
        for name in archive.names
        if name not in _EXPECTED
        if not _STRAY_FOLDERS.isdisjoint(PurePosixPath(name).parts)
        or any(fnmatch(PurePosixPath(name).name, pattern) for pattern in _STRAY)
        or PurePosixPath(name).is_absolute()
        or ".." in PurePosixPath(name).parts
    ]


def _stray(archive: Archive) -> Finding:
    found = _stray_names(archive)
    shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    hint = "take them out of the repository, or exclude them in the settings of the build backend"
    return _error(archive, "artefact-stray", f"it has what nobody should get: {shown}", hint)


def _parsed(content: bytes) -> Message:
    return BytesParser(policy=compat32).parsebytes(content)


def _error(archive: Archive, rule: str, message: str, hint: str) -> Finding:
    return Finding(rule, Severity.ERROR, message, hint, file=archive.file)


def _warning(archive: Archive, rule: str, message: str, hint: str) -> Finding:
    return Finding(rule, Severity.WARNING, message, hint, file=archive.file)


def contents_by_name(path: Path) -> Mapping[str, bytes]:
    """Return the files of a wheel, to say in what two differ."""
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}
