"""Rules about pages in HTML (PEP 503, 629, 792)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from packaging.utils import canonicalize_name

from ..answers import Subject
from ..levels import Level, Serialization
from ..pages import HtmlList, HtmlPage, HtmlProject, joined, path_of, version_of
from .base import Rule
from .json_pages import STATUSES, odd_names

__all__ = ["HTML_PAGE_RULES"]

_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_LINK: Final = f'<a href="../../files/holygrail-1.0.tar.gz#sha256={_SHA256}">holygrail-1.0.tar.gz</a>'


def _page(head: str = "", body: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def _meta(name: str, content: str) -> str:
    return f'<meta name="pypi:{name}" content="{content}">'


class _HtmlRule(Rule[HtmlPage]):
    serialization = Serialization.HTML
    subject: ClassVar[type[Subject]] = HtmlPage


class _HtmlProjectRule(Rule[HtmlProject]):
    serialization = Serialization.HTML
    subject: ClassVar[type[Subject]] = HtmlProject


class IsHtml5(_HtmlRule):
    id = "html-doctype"
    source = "PEP 503"
    level = Level.MUST
    text = "A page is valid HTML5, so it begins with `<!DOCTYPE html>`."
    good = (HtmlList(_page()), HtmlList("<!-- made by hand -->\n<!doctype html><title>Links</title>"))
    bad = (HtmlList("<html><body></body></html>"), HtmlList("<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>"))

    def breaches(self, subject: HtmlPage, /) -> Iterator[str]:
        if not re.match(r"(?:\s|\ufeff|<!--.*?-->)*<!doctype\s+html\s*>", subject.source, re.IGNORECASE | re.DOTALL):
            yield f"it begins with {subject.source[:40]!r}"


class SaysVersion(_HtmlRule):
    id = "html-version"
    source = "PEP 629"
    level = Level.SHOULD
    text = (
        'A page says its version in `<meta name="pypi:repository-version">`; clients take one that says none for 1.0.'
    )
    good = (HtmlList(_page(_meta("repository-version", "1.0"))),)
    bad = (HtmlList(_page()), HtmlList(_page('<meta name="api-version" content="1.0">')))

    def breaches(self, subject: HtmlPage, /) -> Iterator[str]:
        if subject.said_version is None:
            yield "there is no such meta"


class VersionForm(_HtmlRule):
    id = "html-version-form"
    source = "PEP 629"
    level = Level.MUST
    text = "The version has the form `Major.Minor`, and nothing else that a version may have elsewhere."
    good = (HtmlList(_page(_meta("repository-version", "1.4"))),)
    bad = tuple(HtmlList(_page(_meta("repository-version", said))) for said in ("bad", "1", "1.4.2", "1.0rc1", ""))

    def applies(self, subject: HtmlPage, /) -> bool:
        return subject.said_version is not None

    def breaches(self, subject: HtmlPage, /) -> Iterator[str]:
        if version_of(subject.said_version) is None:
            yield f"it is {subject.said_version!r}"


class LinksProjects(Rule[HtmlList]):
    id = "html-projects"
    source = "PEP 503"
    level = Level.MUST
    text = "Each link of the list has a project's name for its text and leads to the page of that project."
    serialization = Serialization.HTML
    subject = HtmlList
    good = (
        HtmlList(_page(body='<a href="holygrail/">HolyGrail</a>'), "https://index.example/simple/"),
        HtmlList(_page(body='<a href="/simple/holygrail/">HolyGrail</a>'), "https://index.example/simple/"),
    )
    bad = (
        HtmlList(_page(body='<a href="spam/">HolyGrail</a>'), "https://index.example/simple/"),
        HtmlList(_page(body='<a href="HolyGrail/">HolyGrail</a>'), "https://index.example/simple/"),
        HtmlList(_page(body='<a href="holygrail/"></a>'), "https://index.example/simple/"),
    )

    def breaches(self, subject: HtmlList, /) -> Iterator[str]:
        for anchor in subject.anchors:
            path = path_of(joined(subject.base, anchor.attributes["href"] or ""))
            if path.rstrip("/").rpartition("/")[2] != canonicalize_name(anchor.text):
                yield f"the link {anchor.text!r} leads to {path}"


class FilesOnce(_HtmlProjectRule):
    id = "html-files-once"
    source = "PEP 503"
    level = Level.MUST
    text = "There is one link for each file."
    good = (HtmlProject(_page(body=_LINK)),)
    bad = (HtmlProject(_page(body=_LINK * 2)),)

    def breaches(self, subject: HtmlProject, /) -> Iterator[str]:
        for filename, number in Counter(file.filename for file in subject.files).items():
            if number > 1:
                yield f"{filename} has {number}"


class FilesOfProject(_HtmlProjectRule):
    id = "html-distributions"
    source = "PEP 427, PEP 625"
    level = Level.SHOULD
    text = "Each link leads to a wheel or a source distribution of the project, by its name: others are left out."
    good = (HtmlProject(_page(body=_LINK)),)
    bad = (HtmlProject(_page(body='<a href="../">parent</a>')), HtmlProject(_page(body='<a href="b-1.tar.gz">b</a>')))

    def breaches(self, subject: HtmlProject, /) -> Iterator[str]:
        yield from odd_names((file.filename for file in subject.files), subject.name)


class ProjectStatus(_HtmlProjectRule):
    id = "html-status"
    source = "PEP 792"
    level = Level.MUST
    text = f"`pypi:project-status` is one of {', '.join(STATUSES)}, and the page says version 1.4."
    good = (HtmlProject(_page(_meta("repository-version", "1.4") + _meta("project-status", "archived"))),)
    bad = (
        HtmlProject(_page(_meta("repository-version", "1.4") + _meta("project-status", "haunted"))),
        HtmlProject(_page(_meta("repository-version", "1.0") + _meta("project-status", "archived"))),
        HtmlProject(_page(_meta("project-status", "archived"))),
    )

    def applies(self, subject: HtmlProject, /) -> bool:
        return "pypi:project-status" in subject.metas

    def breaches(self, subject: HtmlProject, /) -> Iterator[str]:
        if (status := subject.metas["pypi:project-status"]) not in STATUSES:
            yield f"the status is {status!r}"
        said = version_of(subject.said_version)
        if said is None or said < (1, 4):
            yield f"there is a status, and the page says {subject.said_version or 'no version'}"


class Quarantined(_HtmlProjectRule):
    id = "html-quarantined"
    source = "PEP 792"
    level = Level.MUST
    text = "A project in quarantine offers no files."
    good = (HtmlProject(_page(_meta("project-status", "quarantined"))),)
    bad = (HtmlProject(_page(_meta("project-status", "quarantined"), _LINK)),)

    def applies(self, subject: HtmlProject, /) -> bool:
        return subject.metas.get("pypi:project-status") == "quarantined"

    def breaches(self, subject: HtmlProject, /) -> Iterator[str]:
        if subject.files:
            yield f"{len(subject.files)} files are offered"


class SignatureEverywhere(_HtmlProjectRule):
    id = "html-gpg-sig-everywhere"
    source = "PEP 503"
    level = Level.SHOULD
    text = "Where one link has `data-gpg-sig`, all have it."
    good = (HtmlProject(_page(body='<a href="a" data-gpg-sig="true">a</a><a href="b" data-gpg-sig="false">b</a>')),)
    bad = (HtmlProject(_page(body='<a href="a" data-gpg-sig="true">a</a><a href="b">b</a>')),)

    def applies(self, subject: HtmlProject, /) -> bool:
        return any("data-gpg-sig" in anchor.attributes for anchor in subject.anchors)

    def breaches(self, subject: HtmlProject, /) -> Iterator[str]:
        without = [anchor.text for anchor in subject.anchors if "data-gpg-sig" not in anchor.attributes]
        if without:
            yield f"{len(without)} links have none, {without[0]} among them"


HTML_PAGE_RULES: Final[tuple[Rule[Any], ...]] = (
    IsHtml5(),
    SaysVersion(),
    VersionForm(),
    LinksProjects(),
    FilesOnce(),
    FilesOfProject(),
    ProjectStatus(),
    Quarantined(),
    SignatureEverywhere(),
)
