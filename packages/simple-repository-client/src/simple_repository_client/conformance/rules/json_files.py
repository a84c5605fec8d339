"""Rules about files as pages in JSON list them (PEP 691, 700, 714, 740)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, cast

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..answers import Subject
from ..levels import Level, Serialization
from ..pages import JsonFile, joined
from .base import Rule, hash_faults, is_secure

__all__ = ["JSON_FILE_RULES", "specifier_fault"]

_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_UPLOADED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def _file(**fields: Any) -> JsonFile:
    """An example: ``upload_time`` is the key ``upload-time``."""
    entry = {"filename": "holygrail-1.0.tar.gz", "url": "holygrail-1.0.tar.gz", "hashes": {"sha256": _SHA256}}
    return JsonFile(entry | {name.replace("_", "-"): value for name, value in fields.items()}, (1, 1))


class _FileRule(Rule[JsonFile]):
    serialization = Serialization.JSON
    subject: ClassVar[type[Subject]] = JsonFile


class _FieldRule(_FileRule):
    """A rule about a field that a file may lack."""

    key: str

    def applies(self, subject: JsonFile, /) -> bool:
        return subject.entry.get(self.key) is not None


class PlainFilename(_FileRule):
    id = "json-filename"
    source = "PEP 503, PEP 691"
    level = Level.MUST
    text = "A `filename` is the name of a file, without a folder."
    good = (_file(),)
    bad = (_file(filename="../holygrail-1.0.tar.gz"), _file(filename=""), _file(filename="a\\b.whl"))

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if subject.filename in ("", ".", "..") or re.search(r"[/\\\x00]", subject.filename):
            yield f"it is {subject.filename!r}"


class WebUrl(_FileRule):
    id = "json-url"
    source = "PEP 691"
    level = Level.MUST
    text = "A `url` leads to a place on the web, whole or relative to the page."
    good = (_file(url="https://files.example/holygrail-1.0.tar.gz"), _file(url="../../files/holygrail-1.0.tar.gz"))
    bad = (_file(url="file:///holygrail-1.0.tar.gz"), _file(url="http://[holygrail"))

    def applies(self, subject: JsonFile, /) -> bool:
        return isinstance(subject.entry.get("url"), str)

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if not subject.url.startswith(("http://", "https://")):
            yield f"it is {subject.entry['url']!r}"


class HasHashes(_FileRule):
    id = "json-hashes"
    source = "PEP 691"
    level = Level.MUST
    text = "A file has `hashes`, an object of names and hexadecimal digests, even if it is empty."
    good = (_file(), _file(hashes={}))
    bad = (_file(hashes=None), _file(hashes=[_SHA256]), _file(hashes={"sha256": "n4bQgYhMfWWaL+qgxVrQFaO/"}))

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        yield from hash_faults(subject.entry.get("hashes"))


def _hashes(file: JsonFile) -> Mapping[str, object]:
    hashes: object = file.entry.get("hashes")
    return cast("Mapping[str, object]", hashes) if isinstance(hashes, dict) else {}


class SecureHash(_FileRule):
    id = "json-hash-secure"
    source = "PEP 691"
    level = Level.SHOULD
    text = "A file has a hash that protects it and that every Python has; sha256 is recommended."
    good = (_file(), _file(hashes={"md5": "00", "sha512": "00"}))
    bad = (_file(hashes={}), _file(hashes={"md5": "00"}), _file(hashes={"blake3": "00"}))

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if not any(is_secure(name.lower()) for name in _hashes(subject)):
            yield f"it has only {', '.join(_hashes(subject))}" if _hashes(subject) else "it has none"


class HashNames(_FileRule):
    id = "json-hash-names"
    source = "PEP 691"
    level = Level.SHOULD
    text = "The names of hashes are in lower case."
    good = (_file(),)
    bad = (_file(hashes={"SHA256": _SHA256}),)

    def applies(self, subject: JsonFile, /) -> bool:
        return bool(_hashes(subject))

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        for name in _hashes(subject):
            if name != name.lower():
                yield f"one is {name!r}"


def specifier_fault(text: object) -> str:
    """Return what keeps a value from being a specifier of Python's versions (PEP 345, PEP 440), "" if nothing does."""
    if not isinstance(text, str):
        return f"it is {text!r}"
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return f"{text!r} is none"
    return ""


class RequiresPython(_FieldRule):
    id = "json-requires-python"
    source = "PEP 345, PEP 691"
    level = Level.SHOULD
    text = "`requires-python` is a version specifier, as the metadata has it."
    key = "requires-python"
    good = (_file(requires_python=">=3.8, !=3.9.0"), _file(requires_python=None))
    bad = (_file(requires_python=">=3.6.*"), _file(requires_python="&gt;=3.8"), _file(requires_python=3.8))

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if fault := specifier_fault(subject.entry[self.key]):
            yield fault


class Yanked(_FieldRule):
    id = "json-yanked"
    source = "PEP 592, PEP 691"
    level = Level.MUST
    text = "`yanked` is true, false, or a reason that is not empty."
    key = "yanked"
    good = (_file(yanked=False), _file(yanked="it bites"))
    bad = (_file(yanked=""), _file(yanked=1))

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        yanked: object = subject.entry[self.key]
        if not isinstance(yanked, bool) and not (isinstance(yanked, str) and yanked):
            yield f"it is {yanked!r}"


class MetadataKey(_FileRule):
    id = "json-metadata-key"
    source = "PEP 714"
    level = Level.MUST
    text = "What is said about metadata stands in `core-metadata`; the older names are at most beside it, and agree."
    good = (_file(core_metadata=True), _file(core_metadata=True, dist_info_metadata=True))
    bad = (
        _file(dist_info_metadata=True),
        _file(data_dist_info_metadata=True),
        _file(core_metadata=True, dist_info_metadata={"sha256": _SHA256}),
    )

    def applies(self, subject: JsonFile, /) -> bool:
        return subject.core_metadata is not None

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        for old in ("dist-info-metadata", "data-dist-info-metadata"):
            if old in subject.entry and "core-metadata" not in subject.entry:
                yield f"it stands in `{old}` alone"
            elif old in subject.entry and subject.entry[old] != subject.entry["core-metadata"]:
                yield f"`{old}` says something else"


class MetadataValue(_FileRule):
    id = "json-metadata"
    source = "PEP 691, PEP 714"
    level = Level.MUST
    text = "`core-metadata` is true, false, or an object of hashes."
    good = (_file(core_metadata=False), _file(core_metadata={"sha256": _SHA256}))
    bad = (_file(core_metadata="true"), _file(core_metadata={"sha256": "no"}))

    def applies(self, subject: JsonFile, /) -> bool:
        return subject.core_metadata is not None

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if not isinstance(subject.core_metadata, bool):
            yield from hash_faults(subject.core_metadata)


class HasMetadata(_FileRule):
    id = "json-metadata-offered"
    source = "PEP 658"
    level = Level.MAY
    text = "A wheel's metadata can be had without the wheel: `core-metadata`."
    good = (_file(filename="holygrail-1.0-py3-none-any.whl", core_metadata=True),)
    bad = (_file(filename="holygrail-1.0-py3-none-any.whl"),)

    def applies(self, subject: JsonFile, /) -> bool:
        return subject.filename.endswith(".whl")

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if not subject.core_metadata:
            yield "there is none"


class Signature(_FieldRule):
    id = "json-gpg-sig"
    source = "PEP 691"
    level = Level.MUST
    text = "`gpg-sig` is true or false."
    key = "gpg-sig"
    good = (_file(gpg_sig=False),)
    bad = (_file(gpg_sig="true"),)

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if not isinstance(subject.entry[self.key], bool):
            yield f"it is {subject.entry[self.key]!r}"


class HasSize(_FileRule):
    id = "json-size"
    source = "PEP 700"
    level = Level.MUST
    text = "From version 1.1 on a file has its `size` in bytes, an integer."
    good = (_file(size=4096), JsonFile({"filename": "a.whl"}, (1, 0)))
    bad = (_file(), _file(size="4096"), _file(size=-1), _file(size=4096.0), _file(size=True))

    def applies(self, subject: JsonFile, /) -> bool:
        return subject.version >= (1, 1)

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        size: object = subject.entry.get("size")
        if size is None:
            yield "it has none"
        elif not isinstance(size, int) or isinstance(size, bool) or size < 0:
            yield f"it is {size!r}"


class UploadTime(_FieldRule):
    id = "json-upload-time"
    source = "PEP 700"
    level = Level.MUST
    text = "`upload-time` is UTC in the form `yyyy-mm-ddThh:mm:ss.ffffffZ`, its fraction optional."
    key = "upload-time"
    good = (_file(upload_time="2026-11-21T08:00:00Z"), _file(upload_time="2026-11-21T08:00:00.123456Z"))
    bad = tuple(
        _file(upload_time=wrong)
        for wrong in ("2026-11-21T08:00:00+00:00", "2026-11-21 08:00:00Z", "2026-13-21T08:00:00Z", 1763712000)
    )

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        said: object = subject.entry[self.key]
        if not isinstance(said, str) or not _UPLOADED.fullmatch(said):
            yield f"it is {said!r}"
            return
        try:
            datetime.fromisoformat(said)
        except ValueError:
            yield f"{said!r} is no day and time"


class HasUploadTime(_FileRule):
    id = "json-upload-time-offered"
    source = "PEP 700"
    level = Level.MAY
    text = "A file says when it was uploaded, so that a resolution can be repeated as of a day."
    good = (_file(upload_time="2026-11-21T08:00:00Z"),)
    bad = (_file(),)

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        if subject.entry.get("upload-time") is None:
            yield "it does not"


class Provenance(_FieldRule):
    id = "json-provenance"
    source = "PEP 740"
    level = Level.MUST
    text = "`provenance` is null or a whole URL."
    key = "provenance"
    good = (_file(provenance="https://index.example/integrity/holygrail-1.0.tar.gz"), _file(provenance=None))
    bad = (_file(provenance=True), _file(provenance=_SHA256))

    def breaches(self, subject: JsonFile, /) -> Iterator[str]:
        said: object = subject.entry[self.key]
        if not isinstance(said, str) or not joined("", said).startswith(("http://", "https://")):
            yield f"it is {said!r}"


JSON_FILE_RULES: Final[tuple[Rule[Any], ...]] = (
    PlainFilename(),
    WebUrl(),
    HasHashes(),
    SecureHash(),
    HashNames(),
    RequiresPython(),
    Yanked(),
    MetadataKey(),
    MetadataValue(),
    HasMetadata(),
    Signature(),
    HasSize(),
    UploadTime(),
    HasUploadTime(),
    Provenance(),
)
