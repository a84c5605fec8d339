"""References: what a user writes for a package, and what it means. Looks at names of files, and at nothing in them."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

from clientsmith.core.redaction import redact_url
from clientsmith.findings import InputError
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

__all__ = [
    "AtRevision",
    "InFile",
    "InFolder",
    "InRepository",
    "OnIndex",
    "Reference",
    "is_document",
    "read_reference",
    "revision_of_document",
]

_DOCUMENTS: Final = (".json", ".yaml", ".yml")
_ARCHIVES: Final = (".whl", ".tar.gz", ".tgz", ".zip")
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_RELEASE: Final = re.compile(rf"(?P<name>{_NAME})\s*==\s*(?P<version>\S+)")
_APPLICATION: Final = re.compile(r"(?P<module>[^\W\d]\w*)(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_HINT: Final = (
    "give a folder, a .whl, a .tar.gz, REVISION:path of this repository, git+https://…@REVISION, or name==version"
)


@dataclass(frozen=True, slots=True)
class InFolder:
    """A project's folder, a package's, or one module (a .py file)."""

    path: Path


@dataclass(frozen=True, slots=True)
class InFile:
    """A wheel or an sdist."""

    path: Path

    @property
    def is_wheel(self) -> bool:
        return self.path.suffix == ".whl"


@dataclass(frozen=True, slots=True)
class AtRevision:
    """A folder or file of the repository around the current folder, at a revision.

    ``path`` counts from the root of the repository, and with ``from_here`` from the current folder.
    """

    revision: str
    path: str
    from_here: bool


@dataclass(frozen=True, slots=True)
class InRepository:
    """A folder of another repository: ``git+https://host/project@v1#subdirectory=packages/client``."""

    url: str
    revision: str  # "" for what its HEAD is
    subdirectory: str


@dataclass(frozen=True, slots=True)
class OnIndex:
    """A version that an index holds; None for the newest one."""

    name: str
    version: Version | None


Reference = InFolder | InFile | AtRevision | InRepository | OnIndex


def read_reference(text: str) -> Reference:
    """Return what a user means.

    What exists as a file or folder is that, whatever else its name could mean.

    Raises:
        InputError: Nothing that a package can be in.
    """
    if text.startswith("git+"):
        return _repository(text)
    path = Path(text)
    if text and path.is_dir():
        return InFolder(path)
    if text.endswith(_ARCHIVES) or path.is_file():
        return _file(path, text)
    if match := _RELEASE.fullmatch(text):
        return _release(match["name"], match["version"], text)
    if (revision := _revision(text)) is not None:
        return revision
    if re.fullmatch(_NAME, text):
        return OnIndex(canonicalize_name(text), None)
    raise InputError(f"cannot read {redact_url(text)!r}: there is no such folder or file", _HINT)


def is_document(text: str) -> bool:
    """Whether a reference is to an API description and to no package: a JSON or YAML file, a URL, an application.

    ``module:app`` is one if there is such a module here; else it is a revision and a path.
    """
    if text.lower().startswith(("http://", "https://")):
        return not urlsplit(text).path.endswith(_ARCHIVES)
    if text.endswith(_DOCUMENTS):
        return True
    if Path(text).exists() or text.endswith(_ARCHIVES):
        return False
    match = _APPLICATION.fullmatch(text)
    return match is not None and _is_module(match["module"])


def revision_of_document(text: str) -> AtRevision | None:
    """Return where in git a document is, None for one that is none of a revision: ``v1.0:api/openapi.yaml``."""
    if Path(text).exists() or "://" in text:
        return None
    at = _revision(text)
    if at is None or not (at.path.endswith(_DOCUMENTS) or text.endswith(_DOCUMENTS)):
        return None
    return at


def _is_module(name: str) -> bool:
    if Path(f"{name}.py").exists() or Path(name).is_dir():
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _file(path: Path, text: str) -> Reference:
    if not path.is_file():
        raise InputError(f"cannot read {text!r}: there is no such file", _HINT)
    if path.suffix in (".py", ".pyi"):
        return InFolder(path)
    if not text.endswith(_ARCHIVES):
        raise InputError(f"cannot read {text!r}: it is neither a folder, nor a wheel, nor an sdist", _HINT)
    return InFile(path)


def _release(name: str, version: str, text: str) -> OnIndex:
    try:
        return OnIndex(canonicalize_name(name), Version(version))
    except InvalidVersion:
        hint = "give the version as the index has it: 1.2.3 or 1.2.3b1"
        raise InputError(f"cannot read {text!r}: {version!r} is no version", hint) from None


def _revision(text: str) -> AtRevision | None:
    """Read ``REVISION:path``, which counts from the repository's root as git does, and ``path@REVISION``."""
    if ":" in text and "://" not in text:
        revision, _, path = text.partition(":")
        if revision and not revision.startswith("-"):
            from_here = path.startswith(("./", "../")) or path == "."
            return AtRevision(revision, _clean(path, text), from_here)
    if "@" in text:
        path, _, revision = text.rpartition("@")
        if path and revision and not revision.startswith("-"):
            return AtRevision(revision, _clean(path, text), from_here=not Path(path).is_absolute())
    return None


def _clean(path: str, text: str) -> str:
    if "\0" in path:
        raise InputError(f"cannot read {text!r}: it has a null character in it", _HINT)
    return str(PurePosixPath(path or "."))


def _repository(text: str) -> InRepository:
    parts = urlsplit(text.removeprefix("git+"))
    shown = redact_url(text)
    if parts.scheme not in ("https", "http", "ssh", "file"):
        hint = "write git+https://…, git+ssh://… or git+file://…"
        raise InputError(f"cannot fetch {shown!r}: not over {parts.scheme or 'this'}", hint)
    path, _, revision = parts.path.partition("@")
    subdirectory = parse_qs(parts.fragment).get("subdirectory", [""])[0]
    if revision.startswith("-") or ".." in PurePosixPath(subdirectory).parts or subdirectory.startswith("/"):
        raise InputError(f"cannot fetch {shown!r}: its revision or subdirectory is none", _HINT)
    return InRepository(urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")), revision, subdirectory)
