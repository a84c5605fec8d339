"""Rules about pages in JSON (PEP 691, 700, 792)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final, cast

from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import Version

from ...names import FileKind, read_file_name
from ..answers import Subject
from ..levels import Level, Serialization
from ..pages import JsonList, JsonPage, JsonProject, version_of
from .base import Rule

__all__ = ["JSON_PAGE_RULES", "STATUSES", "odd_names"]

# PEP 792; a later one may add to them, together with a version of the API.
STATUSES: Final = ("active", "archived", "quarantined", "deprecated")

_META: Final[dict[str, Any]] = {"meta": {"api-version": "1.0"}}
_META_1_1: Final[dict[str, Any]] = {"meta": {"api-version": "1.1"}}
_META_1_4: Final[dict[str, Any]] = {"meta": {"api-version": "1.4"}}
_FILE: Final[dict[str, Any]] = {"filename": "holygrail-1.0.tar.gz", "url": "holygrail-1.0.tar.gz", "hashes": {}}


class _JsonRule(Rule[JsonPage]):
    serialization = Serialization.JSON
    subject: ClassVar[type[Subject]] = JsonPage


class _JsonProjectRule(Rule[JsonProject]):
    serialization = Serialization.JSON
    subject: ClassVar[type[Subject]] = JsonProject


class IsObject(_JsonRule):
    id = "json-object"
    source = "PEP 691"
    level = Level.MUST
    text = "A JSON page is an object, with `meta` in it."
    good = (JsonList({**_META, "projects": []}),)
    bad = (JsonList([]), JsonList(None), JsonList({"projects": []}), JsonList({"meta": "1.0"}))

    def breaches(self, subject: JsonPage, /) -> Iterator[str]:
        if subject.data is None:
            yield "the body is not JSON"
        elif not isinstance(subject.data, dict):
            yield f"the page is of the type {type(subject.data).__name__}"
        elif not isinstance(subject.fields.get("meta"), dict):
            yield "there is no object `meta`"


class SaysVersion(_JsonRule):
    id = "json-version"
    source = "PEP 629, PEP 691"
    level = Level.MUST
    text = "A JSON page says its version in `meta.api-version`; clients take one that says none for 1.0."
    good = (JsonList(_META),)
    bad = (JsonList({"meta": {}}), JsonList({"meta": {"api-version": None}}))

    def breaches(self, subject: JsonPage, /) -> Iterator[str]:
        if subject.said_version is None:
            yield "there is no `meta.api-version`"


class VersionForm(_JsonRule):
    id = "json-version-form"
    source = "PEP 629"
    level = Level.MUST
    text = "The version is text of the form `Major.Minor`, and nothing else that a version may be elsewhere."
    good = (JsonList({"meta": {"api-version": "1.10"}}),)
    bad = tuple(JsonList({"meta": {"api-version": said}}) for said in ("bad", "1", "1.4.2", "v1.0", 1.0, ""))

    def applies(self, subject: JsonPage, /) -> bool:
        return subject.said_version is not None

    def breaches(self, subject: JsonPage, /) -> Iterator[str]:
        if version_of(subject.said_version) is None:
            yield f"`meta.api-version` is {subject.said_version!r}"


class ListsProjects(Rule[JsonList]):
    id = "json-projects"
    source = "PEP 691"
    level = Level.MUST
    text = "The list has `projects`: an array of objects that each have a `name`."
    serialization = Serialization.JSON
    subject = JsonList
    good = (JsonList({**_META, "projects": [{"name": "HolyGrail"}]}),)
    bad = (JsonList(_META), JsonList({**_META, "projects": {}}), JsonList({**_META, "projects": ["holygrail"]}))

    def breaches(self, subject: JsonList, /) -> Iterator[str]:
        projects: object = subject.fields.get("projects")
        if not isinstance(projects, list):
            yield "there is no array `projects`"
        elif without := len(cast("list[object]", projects)) - len(subject.names):
            yield f"{without} of its entries have no `name`"


class SaysName(_JsonProjectRule):
    id = "json-name"
    source = "PEP 691"
    level = Level.MUST
    text = "The page of a project has its normalized name in `name`."
    good = (JsonProject({**_META, "name": "holygrail", "files": []}),)
    bad = (JsonProject(_META), JsonProject({**_META, "name": "HolyGrail"}), JsonProject({**_META, "name": "spam"}))

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        name: object = subject.fields.get("name")
        if name != canonicalize_name(subject.name):
            yield f"`name` is {name!r}, and {canonicalize_name(subject.name)!r} was asked for"


class ListsFiles(_JsonProjectRule):
    id = "json-files"
    source = "PEP 691"
    level = Level.MUST
    text = "The page of a project has `files`: an array of objects that each have a `filename` and a `url`."
    good = (JsonProject({**_META, "files": [_FILE]}),)
    bad = tuple(
        JsonProject({**_META, **wrong})
        for wrong in ({}, {"files": None}, {"files": [{"filename": "a.whl"}]}, {"files": [{"url": "a.whl"}]})
    )

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        files: object = subject.fields.get("files")
        if not isinstance(files, list):
            yield "there is no array `files`"
            return
        for number, entry in enumerate(cast("list[object]", files)):
            fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
            lacking = [name for name in ("filename", "url") if not isinstance(fields.get(name), str)]
            if lacking:
                yield f"entry {number} has no {' and no '.join(lacking)}"


class FilesOnce(_JsonProjectRule):
    id = "json-files-once"
    source = "PEP 503, PEP 691"
    level = Level.MUST
    text = "Each file is listed once."
    good = (JsonProject({**_META, "files": [_FILE]}),)
    bad = (JsonProject({**_META, "files": [_FILE, _FILE]}),)

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        for filename, number in Counter(file.filename for file in subject.files).items():
            if number > 1:
                yield f"{filename} is listed {number} times"


class FilesOfProject(_JsonProjectRule):
    id = "json-distributions"
    source = "PEP 427, PEP 625"
    level = Level.SHOULD
    text = (
        "Each file is called as a wheel or a source distribution of the project is: others are left out by installers."
    )
    good = (JsonProject({**_META, "files": [_FILE, {**_FILE, "filename": "holygrail-1.0-py3-none-any.whl"}]}),)
    bad = tuple(
        JsonProject({**_META, "files": [{**_FILE, "filename": wrong}]})
        for wrong in ("spam-1.0-py3-none-any.whl", "holygrail-1.0.exe", "holygrail-new.tar.gz")
    )

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        yield from odd_names((file.filename for file in subject.files), subject.name)


def odd_names(filenames: Iterable[str], project: str) -> Iterator[str]:
    """Say which names of files are none of a distribution of a project."""
    name = canonicalize_name(project)
    for filename in filenames:
        found = read_file_name(filename, name)
        if found.kind is FileKind.OTHER:
            yield f"{filename} is neither"
        elif found.version is None or found.project != name:
            yield f"{filename} is of {found.project or 'no project'}"


class HasVersions(_JsonProjectRule):
    id = "json-versions"
    source = "PEP 700"
    level = Level.MUST
    text = "From version 1.1 on the page of a project has `versions`, an array of texts."
    good = (JsonProject({**_META_1_1, "versions": ["1.0"]}),)
    bad = (JsonProject(_META_1_1), JsonProject({**_META_1_1, "versions": [1.0]}))

    def applies(self, subject: JsonProject, /) -> bool:
        return subject.version >= (1, 1)

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        versions: object = subject.fields.get("versions")
        if not isinstance(versions, list):
            yield "there is no array `versions`"
        elif not all(isinstance(version, str) for version in cast("list[object]", versions)):
            yield "`versions` holds what is not text"


def _versions(page: JsonProject) -> list[str]:
    versions: object = page.fields.get("versions")
    listed = cast("list[object]", versions) if isinstance(versions, list) else []
    return [version for version in listed if isinstance(version, str)]


class _VersionsRule(_JsonProjectRule):
    """A rule about `versions`, for pages that have any."""

    source = "PEP 700"

    def applies(self, subject: JsonProject, /) -> bool:
        return bool(_versions(subject))


class VersionsOnce(_VersionsRule):
    id = "json-versions-once"
    level = Level.MUST
    text = "`versions` names no version twice."
    good = (JsonProject({**_META_1_1, "versions": ["1.0", "1.1"]}),)
    bad = (JsonProject({**_META_1_1, "versions": ["1.0", "1.1", "1.0"]}),)

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        for version, number in Counter(_versions(subject)).items():
            if number > 1:
                yield f"{version!r} is there {number} times"


class VersionsCoverFiles(_VersionsRule):
    id = "json-versions-of-files"
    level = Level.MUST
    text = "Each file belongs to one of the `versions`."
    good = (JsonProject({**_META_1_1, "versions": ["1.0.0", "2.0"], "files": [_FILE]}),)
    bad = (JsonProject({**_META_1_1, "versions": ["2.0"], "files": [_FILE]}),)

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        known = {_canonical(version) for version in _versions(subject)}
        for file in subject.files:
            version = read_file_name(file.filename, canonicalize_name(subject.name)).version
            if version is not None and canonicalize_version(version) not in known:
                yield f"{file.filename} is of version {version}, which `versions` does not have"


def _canonical(version: str) -> str:
    try:
        return canonicalize_version(version)
    except ValueError:  # thousands of digits, which Python does not read
        return version


class VersionsNormalized(_VersionsRule):
    id = "json-versions-normalized"
    level = Level.SHOULD
    text = "`versions` are normalized as PEP 440 says, where they can be."
    good = (JsonProject({**_META_1_1, "versions": ["1.0rc1", "of-old"]}),)
    bad = (JsonProject({**_META_1_1, "versions": ["1.0-RC1"]}),)

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        for text in _versions(subject):
            try:
                version = str(Version(text))
            except ValueError:  # from before PEP 440: allowed, and not to be ordered; or thousands of digits
                continue
            if version != text:
                yield f"{text!r} is {version!r}"


# What a page has that the version before did not know (PEP 700, 740, 792).
_SINCE: Final = {"versions": (1, 1), "project-status": (1, 4)}
_FILE_SINCE: Final = {"size": (1, 1), "upload-time": (1, 1), "provenance": (1, 3)}


class VersionOfFeatures(_JsonProjectRule):
    id = "json-version-of-fields"
    source = "PEP 700, PEP 740, PEP 792"
    level = Level.MUST
    text = "A page says a version that has its fields: 1.1 for `versions`, 1.3 for `provenance`, and so on."
    good = (JsonProject({**_META_1_4, "versions": [], "project-status": {"status": "active"}}),)
    bad = (
        JsonProject({**_META, "versions": []}),
        JsonProject({**_META, "files": [{**_FILE, "size": 1}]}),
        JsonProject({**_META_1_1, "project-status": {"status": "archived"}}),
    )

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        said = ".".join(map(str, subject.version))
        used = {name: since for name, since in _SINCE.items() if name in subject.fields}
        of_files = {name for file in subject.files for name in file.entry}
        used |= {name: since for name, since in _FILE_SINCE.items() if name in of_files}
        for name, since in used.items():
            if subject.version < since:
                yield f"`{name}` came with {since[0]}.{since[1]}, and the page says {said}"


class ProjectStatus(_JsonProjectRule):
    id = "json-status"
    source = "PEP 792"
    level = Level.MUST
    text = f"`project-status` is an object with a `status` ({', '.join(STATUSES)}) and a `reason` that is text."
    good = (JsonProject({**_META_1_4, "project-status": {"status": "archived", "reason": "done"}}),)
    bad = tuple(
        JsonProject({**_META_1_4, "project-status": wrong})
        for wrong in ("archived", {"status": "haunted"}, {"status": "archived", "reason": 1})
    )

    def applies(self, subject: JsonProject, /) -> bool:
        return subject.fields.get("project-status") is not None

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        status: object = subject.fields["project-status"]
        if not isinstance(status, dict):
            yield f"`project-status` is {status!r}"
            return
        fields = cast("dict[str, object]", status)
        if fields.get("status", "active") not in STATUSES:
            yield f"the status is {fields['status']!r}"
        if not isinstance(fields.get("reason", ""), str):
            yield f"the reason is {fields['reason']!r}"


class Quarantined(_JsonProjectRule):
    id = "json-quarantined"
    source = "PEP 792"
    level = Level.MUST
    text = "A project in quarantine offers no files."
    good = (JsonProject({**_META_1_4, "project-status": {"status": "quarantined"}, "files": []}),)
    bad = (JsonProject({**_META_1_4, "project-status": {"status": "quarantined"}, "files": [_FILE]}),)

    def applies(self, subject: JsonProject, /) -> bool:
        status: object = subject.fields.get("project-status")
        return isinstance(status, dict) and cast("dict[str, object]", status).get("status") == "quarantined"

    def breaches(self, subject: JsonProject, /) -> Iterator[str]:
        if subject.files:
            yield f"{len(subject.files)} files are offered"


JSON_PAGE_RULES: Final[tuple[Rule[Any], ...]] = (
    IsObject(),
    SaysVersion(),
    VersionForm(),
    ListsProjects(),
    SaysName(),
    ListsFiles(),
    FilesOnce(),
    FilesOfProject(),
    HasVersions(),
    VersionsOnce(),
    VersionsCoverFiles(),
    VersionsNormalized(),
    VersionOfFeatures(),
    ProjectStatus(),
    Quarantined(),
)
