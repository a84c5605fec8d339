"""Rules about what belongs together: both serializations of a page, and files with what a page says of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from ..answers import Answer, ServedFile, ServedMetadata
from ..levels import Level
from ..pages import BothPages, HtmlPage, HtmlProject, JsonList, JsonProject, version_of
from .base import Rule

__all__ = ["TOGETHER_RULES"]


class SameContent(Rule[BothPages]):
    id = "same-content"
    source = "PEP 691"
    level = Level.SHOULD
    text = "Both serializations list the same: they are two ways to write one page."
    subject = BothPages
    good = (BothPages(JsonList({"projects": [{"name": "a"}]}), HtmlPage('<a href="a/">a</a>')),)
    bad = (
        BothPages(
            JsonProject({"files": [{"filename": "a.whl", "url": "a.whl"}]}), HtmlProject('<a href="b.whl">b.whl</a>')
        ),
    )

    def applies(self, subject: BothPages, /) -> bool:
        return isinstance(subject.json, JsonProject) and isinstance(subject.html, HtmlProject)

    def breaches(self, subject: BothPages, /) -> Iterator[str]:
        in_json = {file.filename for file in cast("JsonProject", subject.json).files}
        in_html = {file.filename for file in cast("HtmlProject", subject.html).files}
        for filename in sorted(in_json ^ in_html):
            yield f"{filename} is in {'JSON' if filename in in_json else 'HTML'} alone"


class SameMajor(Rule[BothPages]):
    id = "same-version"
    source = "PEP 691"
    level = Level.SHOULD
    text = (
        "Both serializations say the same major version; the minor may differ, since HTML is frozen at 1.4 (PEP 833)."
    )
    subject = BothPages
    good = (BothPages(JsonList({"meta": {"api-version": "1.5"}}), HtmlPage("")),)
    bad = (BothPages(JsonList({"meta": {"api-version": "2.0"}}), HtmlPage("")),)

    def breaches(self, subject: BothPages, /) -> Iterator[str]:
        said = subject.json.version, version_of(subject.html.said_version) or (1, 0)
        if said[0][0] != said[1][0]:
            yield "JSON says {}.{}, HTML {}.{}".format(*said[0], *said[1])


class FileIsThere(Rule[ServedFile]):
    id = "file"
    source = "PEP 503"
    level = Level.MUST
    text = "The URL of a file leads to the file."
    subject = ServedFile
    good = (ServedFile(Answer.of(200)),)
    bad = (ServedFile(Answer.of(404)),)

    def applies(self, subject: ServedFile, /) -> bool:
        return subject.answer.status not in (405, 501)  # whoever knows no HEAD says nothing about the file

    def breaches(self, subject: ServedFile, /) -> Iterator[str]:
        if subject.answer.status != 200:
            yield f"the answer is {subject.answer.outcome}"


class FileSize(Rule[ServedFile]):
    id = "file-size"
    source = "PEP 700"
    level = Level.MUST
    text = "A file is as long as its `size` says."
    subject = ServedFile
    good = (ServedFile(Answer.of(content_length="4096"), 4096),)
    bad = (ServedFile(Answer.of(content_length="4096"), 4095),)

    def applies(self, subject: ServedFile, /) -> bool:
        # A compressed answer has another length, and a server may leave it out of its answer to HEAD.
        length, coding = (subject.answer.headers.get(name, "") for name in ("Content-Length", "Content-Encoding"))
        return subject.size is not None and length.isdigit() and subject.answer.status == 200 and not coding

    def breaches(self, subject: ServedFile, /) -> Iterator[str]:
        if (length := int(subject.answer.headers["Content-Length"])) != subject.size:
            yield f"`size` is {subject.size}, and {length} bytes come"


class MetadataIsThere(Rule[ServedMetadata]):
    id = "metadata"
    source = "PEP 658"
    level = Level.MUST
    text = "Metadata that a page promises are served at the file's URL with `.metadata` after it."
    subject = ServedMetadata
    good = (ServedMetadata(Answer.of(body="Metadata-Version: 2.1\nName: holygrail\nVersion: 1.0\n")),)
    bad = (ServedMetadata(Answer.of(404)), ServedMetadata(Answer.of(body="<html></html>")))

    def breaches(self, subject: ServedMetadata, /) -> Iterator[str]:
        if subject.answer.status != 200:
            yield f"the answer is {subject.answer.outcome}"
        elif not re.search(rb"(?m)^Metadata-Version:", subject.answer.body):
            yield f"they begin with {subject.answer.body[:40]!r}"


class MetadataHash(Rule[ServedMetadata]):
    id = "metadata-hash"
    source = "PEP 658, PEP 691"
    level = Level.MUST
    text = "Metadata have the hash that the page says."
    subject = ServedMetadata
    good = (ServedMetadata(Answer.of(body="a"), {"md5": "0CC175B9C0F1B6A831C399E269772661", "unheard-of": "00"}),)
    bad = (ServedMetadata(Answer.of(body="a"), {"md5": "00"}),)

    def applies(self, subject: ServedMetadata, /) -> bool:
        known = hashlib.algorithms_guaranteed & {name.lower() for name in subject.hashes}
        return subject.answer.status == 200 and bool(known)

    def breaches(self, subject: ServedMetadata, /) -> Iterator[str]:
        for name, digest in subject.hashes.items():
            # The shake functions have no digest of one length, so none can be compared.
            if name.lower() not in hashlib.algorithms_guaranteed or name.lower().startswith("shake"):
                continue
            found = hashlib.new(name.lower(), subject.answer.body, usedforsecurity=False).hexdigest()
            if found != digest.lower():
                yield f"{name} is {found}, the page says {digest}"


TOGETHER_RULES: Final[tuple[Rule[Any], ...]] = (
    SameContent(),
    SameMajor(),
    FileIsThere(),
    FileSize(),
    MetadataIsThere(),
    MetadataHash(),
)
