"""What an index offers, serialization by serialization: the table that a report begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .answers import Answer
from .levels import Serialization
from .pages import HtmlPage, HtmlProject, JsonPage, JsonProject

__all__ = ["FEATURES", "Advertised", "Feature", "advertised_in"]


@dataclass(frozen=True)
class Feature:
    """Something that an index may offer.

    Attributes:
        name: What it is called in reports.
        source: The standard that brought it.
        in_json, in_html: Whether the serialization has a place for it.
    """

    name: str
    source: str
    in_json: bool = True
    in_html: bool = True


FEATURES: Final = (
    Feature("version, list", "PEP 629"),
    Feature("version, project", "PEP 629"),
    Feature("content type", "PEP 691"),
    Feature("hashes", "PEP 503"),
    Feature("requires-python", "PEP 503"),
    Feature("yanked", "PEP 592"),
    Feature("metadata", "PEP 658, 714"),
    Feature("versions", "PEP 700", in_html=False),
    Feature("size", "PEP 700", in_html=False),
    Feature("upload-time", "PEP 700", in_html=False),
    Feature("provenance", "PEP 740"),
    Feature("project status", "PEP 792"),
    Feature("validators", "RFC 9110"),
)

# The names of each field, the one that the standard has first.
_METADATA: Final = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")


@dataclass(frozen=True)
class Advertised:
    """What one serialization was seen to offer: a few words for each of `FEATURES`, "no" for what was not seen."""

    serialization: Serialization
    offers: Mapping[str, str]


def advertised_in(
    serialization: Serialization, pages: Sequence[tuple[Answer, JsonPage | HtmlPage]]
) -> Advertised | None:
    """Return what pages of one serialization offer, None if there are none of it."""
    own = [(answer, page) for answer, page in pages if answer.serialization is serialization]
    if not own:
        return None
    lists = [page for _, page in own if not isinstance(page, JsonProject | HtmlProject)]
    projects = [page for _, page in own if isinstance(page, JsonProject | HtmlProject)]
    offers = {
        "version, list": _said(lists),
        "version, project": _said(projects),
        "content type": _words(answer.media_type for answer, _ in own),
        "validators": _words(name for answer, _ in own for name in ("ETag", "Last-Modified") if name in answer.headers),
        **_of_projects(projects),
    }
    return Advertised(serialization, offers)


def _said(pages: Iterable[JsonPage | HtmlPage]) -> str:
    """What pages say about their version; one that says nothing counts as 1.0, and is called "none" here."""
    return _words("none" if page.said_version is None else str(page.said_version) for page in pages)


def _of_projects(pages: Sequence[JsonProject | HtmlProject]) -> dict[str, str]:
    files = [_fields(page) for page in pages]
    every = [fields for each in files for fields in each]
    return {
        "hashes": _words(name for fields in every for name in fields["hashes"].split()),
        **{
            name: _share(name, every)
            for name in ("requires-python", "yanked", "metadata", "size", "upload-time", "provenance")
        },
        "versions": "yes"
        if any(isinstance(page, JsonProject) and "versions" in page.fields for page in pages)
        else "no",
        "project status": "yes" if any(_has_status(page) for page in pages) else "no",
    }


def _fields(page: JsonProject | HtmlProject) -> list[dict[str, str]]:
    """What each file of a page has, as texts; "" for what it does not."""
    if isinstance(page, HtmlProject):
        return [
            {
                "hashes": file.hash[0],
                "requires-python": file.anchor.attributes.get("data-requires-python") or "",
                "yanked": "data-yanked" if "data-yanked" in file.anchor.attributes else "",
                "metadata": _first(
                    f"data-{name}" for name in _METADATA[:2] if f"data-{name}" in file.anchor.attributes
                ),
                "size": "",
                "upload-time": "",
                "provenance": file.anchor.attributes.get("data-provenance") or "",
            }
            for file in page.files
        ]
    return [
        {
            "hashes": " ".join(file.entry["hashes"]) if isinstance(file.entry.get("hashes"), dict) else "",
            "requires-python": str(file.entry.get("requires-python") or ""),
            "yanked": "yanked" if file.entry.get("yanked") not in (None, False) else "",
            "metadata": _first(name for name in _METADATA if file.entry.get(name)),
            "size": "size" if file.entry.get("size") is not None else "",
            "upload-time": str(file.entry.get("upload-time") or ""),
            "provenance": str(file.entry.get("provenance") or ""),
        }
        for file in page.files
    ]


def _share(name: str, files: Sequence[Mapping[str, str]]) -> str:
    having = [fields[name] for fields in files if fields[name]]
    if not having:
        return "no"
    # By which of its names a server says it matters to who reads it.
    by = f" ({_words(having)})" if name == "metadata" else ""
    return f"{len(having)} of {len(files)} files{by}"


def _has_status(page: JsonProject | HtmlProject) -> bool:
    if isinstance(page, HtmlProject):
        return "pypi:project-status" in page.metas
    return page.fields.get("project-status") is not None


def _first(found: Iterable[str]) -> str:
    return next(iter(found), "")


def _words(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(word for word in found if word)) or "no"
