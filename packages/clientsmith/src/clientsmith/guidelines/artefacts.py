"""What is built of a package: its wheel and its source distribution, looked at as installers see them."""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

from clientsmith.findings import InputError
from clientsmith.workspace.building import build
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from .package import Package
from .rules import BY_ID
from .verdicts import Met, NotApplicable, NotMet, Problem, Verdict, judged

__all__ = ["Artefact", "built", "observe", "read_artefact", "verdicts_of"]

# Rules about names and versions: what the metadata says that was built, not what a pyproject.toml leaves dynamic.
_BY_METADATA: Final = (
    "packaging-name",
    "packaging-name-allowed-chars",
    "packaging-name-disallowed-chars",
    "versioning-semver",
    "versioning-beta",
)
_NATIVE: Final = ("native-plat-support", "native-arch-support")
_ALL: Final = (*_BY_METADATA, "packaging-follow-python-rules", *_NATIVE)
_PLATFORMS: Final[Mapping[str, str]] = {
    "Windows": r"win",
    "Linux": r"(many|musl)linux|linux",
    "macOS": r"macosx",
}
_ARCHITECTURES: Final[Mapping[str, str]] = {
    "x86": r"win32|i[36]86",
    "x64": r"amd64|x86_64|universal2|intel",
}
_LEFT_OUT: Final = (
    ".git",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    "dist",
    "build",
    ".tox",
)


@dataclass(frozen=True, slots=True)
class Artefact:
    """A wheel or a source distribution.

    Attributes:
        file: Its file name.
        name: Of the distribution, as its metadata write it; `version` likewise.
        members: The files in it, of a source distribution without its top folder.
        platforms: The platform tags of a wheel, ``("any",)`` for pure Python; () for a source distribution.
    """

    file: str
    name: str
    version: str
    members: tuple[str, ...]
    platforms: tuple[str, ...] = ()

    @property
    def is_wheel(self) -> bool:
        return bool(self.platforms)


def read_artefact(file: Path) -> Artefact:
    """Return what is in a wheel or a source distribution; nothing is unpacked.

    Raises:
        InputError: It is neither, or has no metadata.
    """
    try:
        if file.suffix == ".whl":
            return _wheel(file)
        return _sdist(file)
    except (OSError, zipfile.BadZipFile, tarfile.TarError, InvalidWheelFilename, StopIteration) as problem:
        raise InputError(f"{file.name} is no wheel or source distribution: {problem}", "build it again") from problem


def _wheel(file: Path) -> Artefact:
    *_, tags = parse_wheel_filename(file.name)
    with zipfile.ZipFile(file) as archive:
        members = [name for name in archive.namelist() if not name.endswith("/")]
        metadata = next(name for name in members if name.endswith(".dist-info/METADATA"))
        name, version = _named(archive.read(metadata))
    return Artefact(file.name, name, version, tuple(members), tuple(sorted({tag.platform for tag in tags})))


def _sdist(file: Path) -> Artefact:
    with tarfile.open(file) as archive:
        members = [member.name for member in archive.getmembers() if member.isfile()]
        metadata = next(name for name in members if name.count("/") == 1 and name.endswith("/PKG-INFO"))
        content = archive.extractfile(metadata)
        name, version = _named(content.read() if content is not None else b"")
    return Artefact(file.name, name, version, tuple(member.partition("/")[2] for member in members))


def _named(metadata: bytes) -> tuple[str, str]:
    headers = HeaderParser().parsestr(metadata.decode("utf-8", "replace"), headersonly=True)
    return str(headers.get("Name", "")), str(headers.get("Version", ""))


# --- what is at hand -------------------------------------------------------------------------------------------------


@contextmanager
def built(package: Package) -> Generator[tuple[Artefact, ...]]:
    """Yield the wheel and the source distribution of a package's folder, built from a copy that goes away again.

    Raises:
        InputError: It cannot be built; the text ends with what the backend said.
    """
    with tempfile.TemporaryDirectory(prefix="clientsmith-check-build-") as folder:
        copy, into = Path(folder) / "source", Path(folder) / "built"
        shutil.copytree(package.root, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
        into.mkdir()
        yield tuple(read_artefact(file) for file in build(copy, into))


def observe(package: Package) -> Mapping[str, Verdict]:
    """Judge what is built of a package, by guideline; of a wheel that was unpacked, the wheel.

    Where the folder cannot be built there is a reason instead of a verdict: that is no fault of the rules' kind.
    """
    if (package.root / "pyproject.toml").is_file():
        try:
            with built(package) as artefacts:
                return verdicts_of(package, artefacts)
        except InputError as problem:
            said = re.sub(r"/\S*clientsmith-check-build-[^/]*/source", package.root.name, str(problem))
            return dict.fromkeys(_ALL, NotApplicable(f"it could not be built: {said.splitlines()[-1].strip()}"))
    unpacked = _unpacked(package)
    return verdicts_of(package, [unpacked]) if unpacked is not None else {}


def _unpacked(package: Package) -> Artefact | None:
    """Return the wheel that a folder was unpacked from, None if it is none."""
    found = next(iter(sorted(package.root.glob("*.dist-info"))), None)
    if found is None or not (found / "WHEEL").is_file():
        return None
    tags = re.findall(r"(?m)^Tag:\s*\S+-\S+-(\S+)$", (found / "WHEEL").read_text(encoding="utf-8"))
    members = [file.relative_to(package.root).as_posix() for file in package.root.rglob("*") if file.is_file()]
    return Artefact(found.name, package.name, package.version, tuple(members), tuple(sorted(set(tags))) or ("any",))


# --- what they show --------------------------------------------------------------------------------------------------


def verdicts_of(package: Package, artefacts: Sequence[Artefact]) -> Mapping[str, Verdict]:
    """Judge what was built, by guideline: a decision without a file being read."""
    wheels = [each for each in artefacts if each.is_wheel]
    said = [replace(package, name=each.name, version=each.version) for each in artefacts if each.name]
    verdicts: dict[str, Verdict] = {}
    for id in _BY_METADATA:
        found = [BY_ID[id].judge(each) for each in said[:1] if id in BY_ID]
        verdicts |= {id: found[0]} if found else {}
    verdicts["packaging-follow-python-rules"] = _namespaces(package, artefacts)
    verdicts["native-plat-support"] = _native(package, wheels, _PLATFORMS, "platform")
    verdicts["native-arch-support"] = _native(package, wheels, _ARCHITECTURES, "architecture")
    return verdicts


def _namespaces(package: Package, artefacts: Iterable[Artefact]) -> Verdict:
    """Judge that nothing in an artefact owns a namespace that others share (PEP 420), and that the package is in it."""
    *parents, _ = package.import_name.split(".")
    folder = package.import_name.replace(".", "/")
    problems: list[Problem] = []
    evidence: list[str] = []
    for artefact in artefacts:
        names = {re.sub(r"^src/", "", member) for member in artefact.members}
        owned = [f"{'/'.join(parents[: n + 1])}/__init__.py" for n in range(len(parents))]
        problems += [
            _at(package, f"{artefact.file} holds {name}: it hides what others put into the namespace")
            for name in owned
            if name in names
        ]
        if artefact.is_wheel and not {f"{folder}/__init__.py", f"{folder}.py"} & names:
            problems.append(
                _at(package, f"{artefact.file} does not hold {package.import_name}: installing it gives nothing")
            )
        evidence.append(f"{artefact.file} holds {package.import_name} and nothing above it")
    return judged(problems, evidence, nothing="nothing was built")


def _native(package: Package, wheels: Sequence[Artefact], wanted: Mapping[str, str], what: str) -> Verdict:
    tags = {platform for wheel in wheels for platform in wheel.platforms}
    if not tags:
        return NotApplicable("no wheel is at hand")
    if tags == {"any"}:
        return NotApplicable("the wheel is pure Python: it fits everywhere")
    if len(wheels) == 1:
        return NotApplicable(
            f"one wheel for {', '.join(sorted(tags))} is at hand; what else is released it does not say"
        )
    missing = [name for name, pattern in wanted.items() if not any(re.search(pattern, tag) for tag in tags)]
    if missing:
        return NotMet((_at(package, f"there is no wheel for the {what} {' or '.join(missing)}"),))
    return Met(", ".join(sorted(tags)))


def _at(package: Package, hint: str) -> Problem:
    return Problem(package.project_file, 1, 1, hint)
