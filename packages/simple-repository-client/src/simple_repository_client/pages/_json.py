"""Pages in JSON (PEP 691) to values."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from clientsmith.core.serialization import loads
from packaging.utils import canonicalize_name

from . import _values as values
from ._packing import CHUNK, UNKNOWN_SERIAL, PackedNames
from ._urls import last_segment
from ._values import Notes
from .files import ProjectFile
from .findings import shown
from .listing import ProjectList
from .project import FileList, ProjectPage
from .status import ProjectStatus

if TYPE_CHECKING:
    from clientsmith.core.versioning import Negotiator

    from ..names import NormalizedName
    from ._answer import Answer

__all__ = ["read_list", "read_page"]

_CHECK_URL: Final = "check that the URL is that of an index, and that nothing between changes its answers"


# --- a project -------------------------------------------------------------------------------------------------------


def read_page(answer: Answer, name: NormalizedName, negotiator: Negotiator) -> ProjectPage:
    """Return a project page."""
    try:
        document: object = loads(answer.content)
    except ValueError as error:
        answer.refuse(f"the body is not JSON in UTF-8: {error}", _CHECK_URL)
    if not isinstance(document, dict):
        answer.refuse(f"the body is a JSON {_kind(document)}, not the object that a page is", _CHECK_URL)
    page = cast("dict[str, Any]", document)
    notes = Notes()
    meta = _meta(page, notes)
    said = meta.get("api-version")
    version = answer.version(said, negotiator, "json")  # before anything else is believed

    files: list[Any] | None = page.get("files")
    if not isinstance(files, list):
        if isinstance(page.get("projects"), list):
            answer.refuse("the body is the list of projects", "ask for the page of a project: add its name to the URL")
        answer.refuse(f"the body has no list of files: `files` is {_shown(files)}", _CHECK_URL)
    found = values.text(page.get("name"), "name", notes, "PEP 691")
    if found is None or canonicalize_name(found) != name:
        notes.note("name", f"is {shown(found)}, and {name!r} was asked for; the page is read as that", "PEP 691")
    status, reason = _status(page.get("project-status"), notes)
    return ProjectPage(
        name=name,
        files=FileList(_usable(files, notes), partial(read_file, answer.url, name)),
        api_version=version,
        said_version=None if said is None else str(said),
        serialization="json",
        url=answer.url,
        status=status,
        status_reason=reason,
        said_versions=_texts(page.get("versions"), "versions", notes, "PEP 700"),
        tracks=_texts(meta.get("tracks"), "meta.tracks", notes, "PEP 708") or (),
        alternate_locations=_texts(page.get("alternate-locations"), "alternate-locations", notes, "PEP 708") or (),
        last_serial=_serial(meta.get("_last-serial")),
        raw={key: value for key, value in page.items() if key != "files"},
        notes=tuple(notes),
    )


def _meta(page: dict[str, Any], notes: Notes) -> dict[str, Any]:
    meta = page.get("meta")
    if isinstance(meta, dict):
        return cast("dict[str, Any]", meta)
    notes.note("meta", f"is {shown(meta)}, not an object; read as API version 1.0", "PEP 691")
    return {}


def _usable(files: list[Any], notes: Notes) -> Sequence[Mapping[str, Any]]:
    """Return the entries that are files: those with a URL."""
    usable = [entry for entry in files if entry.__class__ is dict and entry.get("url").__class__ is str]
    if len(usable) < len(files):
        for place, entry in enumerate(files):
            if entry.__class__ is not dict:
                notes.note(f"files[{place}]", f"is {shown(entry)}, not an object; left out", "PEP 691")
            elif entry.get("url").__class__ is not str:
                what = f"is {shown(entry.get('url'))}, not a URL; the file is left out"
                notes.note(f"files[{place}].url", what, "PEP 691")
    return usable


def _status(value: object, notes: Notes) -> tuple[ProjectStatus | str, str]:
    if value is None:
        return ProjectStatus.ACTIVE, ""
    if not isinstance(value, dict):
        notes.unusable("project-status", value, "an object", "PEP 792")
        return ProjectStatus.ACTIVE, ""
    said = cast("dict[str, object]", value)
    word = values.text(said.get("status"), "project-status.status", notes, "PEP 792")
    reason = values.text(said.get("reason"), "project-status.reason", notes, "PEP 792")
    return values.status(word, "project-status.status", notes), reason or ""


def _texts(value: object, name: str, notes: Notes, source: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        notes.unusable(name, value, "a list", source)
        return None
    texts = tuple(text for text in cast("list[object]", value) if isinstance(text, str))
    if len(texts) < len(cast("list[object]", value)):
        notes.note(name, "has values that are no texts; they are left out", source)
    return texts


def _serial(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


# --- a file ----------------------------------------------------------------------------------------------------------

# The names that the metadata's hashes have had: PEP 714 put the first in the second's place, and a bug in warehouse
# made the third, which is what PyPI still sends.
_METADATA_NAMES: Final = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")


def read_file(page_url: str, project: NormalizedName, raw: Mapping[str, Any]) -> ProjectFile:
    """Return one file of a page."""
    get = raw.get
    filename = get("filename")
    if filename.__class__ is str and filename:
        notes = Notes(filename)
    else:
        notes = Notes(last_segment(raw["url"]))
        notes.note("filename", f"is {shown(filename)}, not a name; taken from the URL", "PEP 691")
        filename = notes.place
    url = values.url(raw["url"], page_url, notes)
    hashes = get("hashes")
    if hashes is None:
        notes.note("hashes", "is missing; the file cannot be verified", "PEP 691")
    yanked, reason = _yanked(get("yanked"), notes)
    provenance = get("provenance")
    return ProjectFile(
        filename,
        url,
        values.hashes(hashes, "hashes", notes, "PEP 691"),
        values.text(get("requires-python"), "requires-python", notes, "PEP 691"),
        _core_metadata(raw, notes),
        values.boolean(get("gpg-sig"), "gpg-sig", notes, "PEP 691"),
        yanked,
        reason,
        values.size(get("size"), notes),
        values.timestamp(get("upload-time"), "upload-time", notes),
        None if provenance is None else values.provenance(provenance, "provenance", page_url, notes),
        project,
        raw,
        tuple(notes),
    )


def _core_metadata(raw: Mapping[str, Any], notes: Notes) -> dict[str, str] | bool | None:
    for name in _METADATA_NAMES:
        value = raw.get(name)
        if value is None:
            continue
        if value is True or value is False:
            return value
        if isinstance(value, dict):
            return values.hashes(value, name, notes, "PEP 714")
        notes.unusable(name, value, "true, false or an object of hashes", "PEP 714")
    return None


def _yanked(value: object, notes: Notes) -> tuple[bool, str]:
    """Return whether, and why. A text that is empty is false here, as every false value is (PEP 691)."""
    if value is None or value is False:
        return False, ""
    if value is True:
        return True, ""
    if isinstance(value, str):
        return bool(value), value
    notes.note("yanked", f"is {shown(value)}, neither true, false nor a text; read as {bool(value)}", "PEP 691")
    return bool(value), ""


# --- all projects ----------------------------------------------------------------------------------------------------


def read_list(answer: Answer, negotiator: Negotiator) -> ProjectList:
    """Return the list of projects."""
    try:
        text = answer.content.removeprefix(b"\xef\xbb\xbf").decode()
        document: object = _DECODER.decode(text)
    except RecursionError:
        answer.refuse("the body is nested too deeply to be read", _CHECK_URL)
    except ValueError as error:
        answer.refuse(f"the body is not JSON in UTF-8: {error}", _CHECK_URL)
    del text
    if isinstance(document, str) and "\n" in document:  # made by `_entry` of an object that has nothing but a name
        document = {}
    if not isinstance(document, dict):
        answer.refuse(f"the body is a JSON {_kind(document)}, not the object that a list of projects is", _CHECK_URL)
    page = cast("dict[str, Any]", document)
    notes = Notes()
    meta = _meta(page, notes)
    said = meta.get("api-version")
    version = answer.version(said, negotiator, "json")  # before anything else is believed

    projects: list[object] | None = page.pop("projects", None)
    if not isinstance(projects, list):
        if isinstance(page.get("files"), list):
            answer.refuse("the body is the page of a project", "ask for the list: remove the name from the URL")
        answer.refuse(f"the body has no list of projects: `projects` is {_shown(projects)}", _CHECK_URL)
    packed = PackedNames(notes)
    _pack(projects, packed, notes)
    packed.finish()
    return ProjectList(
        packed.parts,
        serials=packed.serials if packed.has_serials else None,
        api_version=version,
        said_version=None if said is None else str(said),
        serialization="json",
        url=answer.url,
        last_serial=_serial(meta.get("_last-serial")),
        raw=page,
        findings=tuple(notes),
    )


def _entry(value: dict[str, Any]) -> object:
    """Make a text of an entry of the list, while it is decoded: 700,000 small dicts would take 160 MB.

    Only what is nothing but an entry becomes one, so that no other object of the page is lost.
    """
    name = value.get("name")
    if name.__class__ is not str:
        return value
    if len(value) == 1:
        return f"{name}\n{UNKNOWN_SERIAL}"
    serial = value.get("_last-serial")
    return f"{name}\n{serial}" if len(value) == 2 and serial.__class__ is int else value


_DECODER: Final = json.JSONDecoder(object_hook=_entry)


def _pack(projects: list[object], packed: PackedNames, notes: Notes) -> None:
    for start in range(0, len(projects), CHUNK):
        chunk = projects[start : start + CHUNK]
        try:
            words = "\n".join(cast("list[str]", chunk)).split("\n")
            serials = array("q", map(int, words[1::2]))
        except (TypeError, ValueError, OverflowError):
            words, serials = [], array("q")
        if len(words) == 2 * len(chunk):
            packed.add(words[::2], serials)
            continue
        for place, entry in enumerate(chunk, start):  # something among them is no plain entry
            _pack_one(place, entry, packed, notes)


def _pack_one(place: int, entry: object, packed: PackedNames, notes: Notes) -> None:
    name, serial = _name_and_serial(entry)
    if isinstance(name, str):
        number = _serial(serial)
        packed.add([name], [number if number is not None and 0 <= number < 2**63 else UNKNOWN_SERIAL])
    else:
        notes.note(f"projects[{place}]", f"is {shown(entry)}, not an object with a name; left out", "PEP 691")


def _name_and_serial(entry: object) -> tuple[object, object]:
    if isinstance(entry, str) and "\n" in entry:  # made by `_entry`
        name, _, serial = entry.rpartition("\n")
        return name, serial
    if not isinstance(entry, dict):
        return None, None
    given = cast("dict[str, object]", entry)
    return given.get("name"), given.get("_last-serial")


def _kind(value: object) -> str:
    """Return what JSON calls a value; the hook above made texts of objects."""
    kinds: dict[type[object], str] = {list: "array", str: "text", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")


def _shown(value: object) -> str:
    return "missing" if value is None else shown(value)
