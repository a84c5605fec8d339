"""What an index is asked, in which order, and what is made of the answers: steps without I/O.

An examination is polite: a page is asked for once in each serialization, what is asked about negotiation concerns one
page only, and of the files of a project two are looked at. With three projects that makes about twenty-five requests,
whatever the size of the index, one after the other.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from clientsmith.core.errors import UsageError
from packaging.utils import canonicalize_name

from .answers import (
    HTML_TYPES,
    JSON_TYPE,
    Answer,
    ListAnswer,
    MissingAnswer,
    Negotiation,
    PageAnswer,
    Revalidation,
    ServedFile,
    ServedMetadata,
    Spelling,
    Subject,
    Summary,
)
from .levels import Serialization
from .pages import BothPages, HtmlFile, HtmlList, HtmlPage, HtmlProject, JsonFile, JsonList, JsonPage, JsonProject
from .rules.negotiation import ASKED_HTML, ASKED_JSON, ASKED_LATEST, ASKED_UNKNOWN, BY_PARAMETER, HEAD

__all__ = ["Ask", "Evidence", "examine"]

_FILES: Final = 2  # of each project: one says whether links work, two whether the first was luck
_PROJECTS: Final = 3  # where none is named: pages of one index are made by one program

_MISSING: Final = "no-such-project-anywhere"  # no name is reserved for this, so it is one that nobody would choose

_STRICT: Final = {Serialization.JSON: JSON_TYPE, Serialization.HTML: ", ".join(HTML_TYPES)}


@dataclass(frozen=True)
class Ask:
    """A request.

    Attributes:
        url: Absolute.
        headers: Its fields.
        method: GET or HEAD.
        follows: Whether redirects are followed.
        is_first: Whether nothing can be said about the index if this one gets no answer.
    """

    url: str
    headers: Mapping[str, str]
    method: str = "GET"
    follows: bool = True
    is_first: bool = False


@dataclass
class Evidence:
    """What was seen.

    Attributes:
        subjects: What rules can judge.
        pages: Each page with the answer that brought it.
        projects: Those whose pages were asked for.
        requests: How many were sent.
    """

    subjects: list[Subject] = field(default_factory=list[Subject])
    pages: list[tuple[Answer, JsonPage | HtmlPage]] = field(default_factory=list[tuple[Answer, JsonPage | HtmlPage]])
    projects: tuple[str, ...] = ()
    requests: int = 0

    def has(self, serialization: Serialization) -> bool:
        """Whether a page came in it."""
        return any(answer.serialization is serialization for answer, _ in self.pages)


@dataclass
class _Page:
    """A page that was asked for.

    Attributes:
        asked: The ``Accept`` fields, and what was answered.
        views: What came, by serialization.
    """

    asked: dict[str, Answer] = field(default_factory=dict[str, Answer])
    views: dict[Serialization, JsonPage | HtmlPage] = field(default_factory=dict[Serialization, JsonPage | HtmlPage])


Examination: TypeAlias = Generator[Ask, Answer, "Evidence"]
_Steps: TypeAlias = Generator[Ask, Answer, None]


def examine(index_url: str, projects: Sequence[str] = ()) -> Examination:
    """Ask an index, and return what was seen.

    Args:
        index_url: Of the list, with or without the slash at its end.
        projects: Whose pages to look at; without any, three of the list.

    Raises:
        UsageError: The index has none of the name that was given: its report would be about nothing.
    """
    evidence = Evidence()
    root = index_url if index_url.endswith("/") else f"{index_url}/"
    listed = yield from _page(evidence, root, "the list")
    evidence.projects = tuple(projects) or _chosen(listed)
    is_first = True
    for name in evidence.projects:
        url = f"{root}{canonicalize_name(name)}/"
        page = yield from _page(evidence, url, name, name)
        if name in projects and all(answer.status == 404 for answer in page.asked.values()):
            raise UsageError(f"the index has no project {name!r}: {url} is 404; name one that it has, or none")
        yield from _files(evidence, page)
        if page.views and is_first:
            is_first = False
            yield from _negotiation(evidence, page, url, name)
            yield from _spellings(evidence, root, url, name)
            yield from _revalidation(evidence, page, url, name)
    has_json, has_html = evidence.has(Serialization.JSON), evidence.has(Serialization.HTML)
    evidence.subjects.append(Summary(has_json, has_html, where="the index"))
    return evidence


def _chosen(listed: _Page) -> tuple[str, ...]:
    """The first project of the list, the last and one between: whatever order it has, always the same ones."""
    lists = (page.names for page in listed.views.values() if isinstance(page, JsonList | HtmlList))
    names = next((names for names in lists if names), list[str]())
    places = [round(step * (len(names) - 1) / (_PROJECTS - 1)) for step in range(_PROJECTS)] if names else []
    return tuple(names[place] for place in dict.fromkeys(places))


def _ask(evidence: Evidence, ask: Ask) -> Generator[Ask, Answer, Answer]:
    evidence.requests += 1
    return (yield ask)


def _page(evidence: Evidence, url: str, where: str, name: str = "") -> Generator[Ask, Answer, _Page]:
    """Ask for a page so that JSON is preferred and so that HTML is, and strictly for the one that did not come."""
    page = _Page()
    for accept in (ASKED_JSON, ASKED_HTML):
        is_first = not evidence.requests
        answer = page.asked[accept] = yield from _ask(evidence, Ask(url, {"Accept": accept}, is_first=is_first))
        if accept == ASKED_JSON or answer.serialization not in page.views:
            _note(evidence, page, answer, where, name)
    if len(page.views) == 1:
        missing = next(one for one in Serialization if one not in page.views)
        answer = yield from _ask(evidence, Ask(url, {"Accept": _STRICT[missing]}))
        if answer.serialization is missing:
            _note(evidence, page, answer, where, name)
    both = page.views.get(Serialization.JSON), page.views.get(Serialization.HTML)
    if isinstance(both[0], JsonPage) and isinstance(both[1], HtmlPage):
        evidence.subjects.append(BothPages(both[0], both[1], where=where))
    return page


def _note(evidence: Evidence, page: _Page, answer: Answer, where: str, name: str) -> None:
    """Keep an answer, and what can be read of it."""
    kind = PageAnswer if name else ListAnswer
    evidence.subjects.append(kind(answer, where=where))
    if answer.status != 200 or answer.serialization is None:
        return
    view: JsonPage | HtmlPage
    if answer.serialization is Serialization.JSON:
        view = JsonPage.read(answer, f"{where} (JSON)", name)
    else:
        view = HtmlPage.read(answer, f"{where} (HTML)", name)
    page.views[answer.serialization] = view
    evidence.pages.append((answer, view))
    evidence.subjects.append(view)
    if isinstance(view, JsonProject | HtmlProject):
        evidence.subjects.extend(view.files)


def _negotiation(evidence: Evidence, page: _Page, url: str, name: str) -> _Steps:
    """Ask for one page in all the ways that clients do."""
    asked = dict(page.asked)
    for accept in (ASKED_LATEST, ASKED_UNKNOWN):
        asked[accept] = yield from _ask(evidence, Ask(url, {"Accept": accept}))
    asked[BY_PARAMETER] = yield from _ask(evidence, Ask(f"{url}{BY_PARAMETER}", {"Accept": "*/*"}))
    asked[HEAD] = yield from _ask(evidence, Ask(url, {"Accept": ASKED_JSON}, method="HEAD"))
    has_json, has_html = evidence.has(Serialization.JSON), evidence.has(Serialization.HTML)
    evidence.subjects.append(Negotiation(asked, has_json, has_html, where=name))


def _spellings(evidence: Evidence, root: str, url: str, name: str) -> _Steps:
    headers = {"Accept": ASKED_HTML}
    bare = yield from _ask(evidence, Ask(url.rstrip("/"), headers, follows=False))
    evidence.subjects.append(Spelling(bare, url, "without slash", where=name))
    # Another case, and the other separators where there are some: never the normalized spelling.
    other = canonicalize_name(name).replace("-", "_").title()
    odd = yield from _ask(evidence, Ask(f"{root}{other}/", headers, follows=False))
    evidence.subjects.append(Spelling(odd, url, "not normalized", where=name))
    missing = yield from _ask(evidence, Ask(f"{root}{_MISSING}/", headers, follows=False))
    evidence.subjects.append(MissingAnswer(missing, where=_MISSING))


def _revalidation(evidence: Evidence, page: _Page, url: str, name: str) -> _Steps:
    first, again = page.asked[ASKED_JSON], None
    tag, date = first.headers.get("ETag"), first.headers.get("Last-Modified")
    if condition := {"If-None-Match": tag} if tag else {"If-Modified-Since": date} if date else {}:
        again = yield from _ask(evidence, Ask(url, {"Accept": ASKED_JSON, **condition}))
    evidence.subjects.append(Revalidation(first, again, where=name))


def _files(evidence: Evidence, page: _Page) -> _Steps:
    """Look at two files of a project, those with metadata before others."""
    view = next((view for view in page.views.values() if isinstance(view, JsonProject | HtmlProject)), None)
    files: Sequence[JsonFile | HtmlFile] = view.files if view is not None else ()
    for file in sorted(files, key=lambda one: not one.core_metadata)[:_FILES]:
        if not file.url.startswith(("http://", "https://")):
            continue
        # The length of the file itself, whatever else the server could send instead.
        head = yield from _ask(evidence, Ask(file.url, {"Accept-Encoding": "identity"}, method="HEAD"))
        size: object = file.entry.get("size") if isinstance(file, JsonFile) else None
        evidence.subjects.append(ServedFile(head, size if isinstance(size, int) else None, where=file.where))
        if file.core_metadata and file.core_metadata != "false":
            metadata = yield from _ask(evidence, Ask(f"{file.url}.metadata", {}))
            evidence.subjects.append(ServedMetadata(metadata, _hashes(file.core_metadata), where=file.where))


def _hashes(said: object) -> dict[str, str]:
    if isinstance(said, str):
        name, _, digest = said.partition("=")
        return {name: digest} if digest else {}
    if isinstance(said, dict):
        return {name: str(digest) for name, digest in cast("dict[str, object]", said).items()}
    return {}
