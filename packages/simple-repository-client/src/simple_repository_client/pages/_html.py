"""Pages in HTML (PEP 503) to values.

The parser is libxml2's, by lxml: it takes a page in pieces and builds no tree, so that the list of all projects needs
no more memory than what is kept of it; it follows the tokenizer of the HTML standard, and does not slow down or give
up on what is broken or made to hurt (`docs/dependencies.md` has the comparison).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from ..names import read_file_name
from . import _values as values
from ._charset import pieces
from ._packing import CHUNK, PackedNames
from ._urls import last_segment, web_url
from ._values import Notes
from .files import ProjectFile
from .findings import shown
from .listing import ProjectList
from .project import FileList, ProjectPage

if TYPE_CHECKING:
    from clientsmith.core.versioning import Negotiator

    from ..names import NormalizedName
    from ._answer import Answer

__all__ = ["read_list", "read_page"]

_VERSION: Final = "pypi:repository-version"
_SERIAL: Final = re.compile(r"SERIAL (\d{1,18})", re.ASCII)
_CHECK_URL: Final = "check that the URL is that of an index, and that nothing between changes its answers"

Link = tuple[Mapping[str, str], str]  # the attributes, and the text with its white space


# --- from text to links ----------------------------------------------------------------------------------------------


class _Feed(Protocol):
    def feed(self, data: str) -> None: ...
    def close(self) -> object: ...


class _Page:
    """Receives the events of the parser: keeps the metas, the base, the serial, and gives each link to ``take``.

    Attributes:
        metas: The ``pypi:`` metas, each with its values in the order of the page.
        base: Of the first ``<base>`` that has an address (HTML standard, 4.2.3).
        serial: As warehouse writes it into a comment at the end.
    """

    def __init__(self, take: Callable[[Mapping[str, str], str], None]) -> None:
        self.metas: dict[str, list[str]] = {}
        self.base: str | None = None
        self.serial: int | None = None
        self._take = take
        self._link: Mapping[str, str] | None = None
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "a":
            if self._link is not None:
                self._end_link()  # a link in a link ends the first one
            self._link = attributes
        elif tag == "meta":
            name = attributes.get("name", "").strip().lower()
            if name.startswith("pypi:"):
                self.metas.setdefault(name, []).append(attributes.get("content", "").strip())
        elif tag == "base" and self.base is None:
            self.base = attributes.get("href")

    def data(self, text: str) -> None:
        if self._link is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self._end_link()

    def comment(self, text: str) -> None:
        found = _SERIAL.fullmatch(text.strip())
        if found is not None:
            self.serial = int(found[1])

    def close(self) -> None:
        """Nothing: the parser ends what is open."""

    def _end_link(self) -> None:
        link, text = self._link, self._text
        if link is not None:
            self._take(link, text[0] if len(text) == 1 else "".join(text))
        self._link, self._text = None, []


def _parse(answer: Answer, page: _Page, notes: Notes) -> None:
    # Only for who gets HTML, since it takes a while; and it has no types that could be checked.
    parser: _Feed = import_module("lxml.etree").HTMLParser(target=page, huge_tree=True, encoding="utf-8")
    try:
        for piece in _checked(pieces(answer.content, answer.charset, notes), answer):
            parser.feed(piece)
        parser.close()
    except SyntaxError as error:  # lxml's kind of it; that there was nothing but a comment is none
        if "no element found" not in str(error):
            answer.refuse(f"the body cannot be read as HTML: {error}", _CHECK_URL)


def _checked(text: Iterator[str], answer: Answer) -> Iterator[str]:
    """Yield the text of what may be HTML: not of nothing, and not of JSON."""
    is_empty = True
    for piece in text:
        if is_empty and (start := piece.lstrip()):
            if start[0] in "{[":
                answer.refuse("the body is JSON, and is said to be HTML", "tell whoever runs the index to say its type")
            is_empty = False
        yield piece
    if is_empty:
        answer.refuse("the body is empty", _CHECK_URL)


def _version(metas: Mapping[str, list[str]], notes: Notes) -> str | None:
    said = metas.get(_VERSION)
    if not said:
        return None
    if any(other != said[0] for other in said):
        notes.note(f'<meta name="{_VERSION}">', f"says {', '.join(said)}; the first one counts", "PEP 629")
    return said[0]


# --- a project -------------------------------------------------------------------------------------------------------


def read_page(answer: Answer, name: NormalizedName, negotiator: Negotiator) -> ProjectPage:
    """Return a project page."""
    notes = Notes()
    links: list[Link] = []
    page = _Page(lambda attributes, text: links.append((attributes, text)))
    _parse(answer, page, notes)
    metas = page.metas
    said = _version(metas, notes)
    version = answer.version(said, negotiator, "html")  # before anything else is believed

    usable = _usable(links, notes)
    # The parser and what it reports to hold each other, and so the links, until Python collects its garbage.
    links.clear()
    first = {name: found[0] for name, found in metas.items()}
    status = values.text(first.get("pypi:project-status"), "pypi:project-status", notes, "PEP 792")
    return ProjectPage(
        name=name,
        files=FileList(usable, partial(read_file, _base(answer.url, page.base, notes), name)),
        api_version=version,
        said_version=said,
        serialization="html",
        url=answer.url,
        status=values.status(status, '<meta name="pypi:project-status">', notes),
        status_reason=first.get("pypi:project-status-reason", ""),
        tracks=tuple(metas.get("pypi:tracks", ())),
        alternate_locations=tuple(metas.get("pypi:alternate-locations", ())),
        last_serial=page.serial,
        raw=cast("dict[str, object]", metas),
        notes=tuple(notes),
    )


def _base(page_url: str, href: str | None, notes: Notes) -> str:
    """Return what relative addresses are relative to."""
    if href is None:
        return page_url
    base = web_url(page_url, href)
    if base:
        return base
    notes.note("<base>", f"has the address {shown(href)}, which is none of http or https; not used", "PEP 503")
    return page_url


def _usable(links: list[Link], notes: Notes) -> list[Link]:
    """Return the links that are files: those with an address that does not end in a slash.

    Folder listings of web servers have others: to the folder above, to the same page in another order.
    """
    usable: list[Link] = []
    for link in links:
        href = link[0].get("href")
        if href is not None and last_segment(href):
            usable.append(link)
        elif href is not None:
            notes.note("<a>", f"leads to {shown(href)}, which is no file; left out", "PEP 503")
    return usable


# --- a file ----------------------------------------------------------------------------------------------------------

_METADATA_NAMES: Final = ("data-core-metadata", "data-dist-info-metadata")
_ALGORITHMS: Final = hashlib.algorithms_guaranteed
_HASH: Final = re.compile(r"([A-Za-z0-9_]+)=([0-9A-Fa-f]+)", re.ASCII)


def read_file(base: str, project: NormalizedName, link: Link) -> ProjectFile:
    """Return one file of a page."""
    attributes, text = link
    get = attributes.get
    href = attributes["href"]
    notes = Notes()
    notes.place = filename = _filename(text.strip(), href, project, notes)
    url = values.url(href, base, notes)
    yanked = get("data-yanked")
    provenance = get("data-provenance")
    return ProjectFile(
        filename,
        url,
        _hashes(href.partition("#")[2]),
        values.text(get("data-requires-python"), "data-requires-python", notes, "PEP 503"),
        _core_metadata(attributes, notes),
        _boolean(get("data-gpg-sig"), notes),
        yanked is not None,
        yanked or "",
        None,
        None,
        None if provenance is None else values.provenance(provenance, "data-provenance", base, notes),
        project,
        cast("Mapping[str, object]", attributes),
        tuple(notes),
    )


def _filename(text: str, href: str, project: NormalizedName, notes: Notes) -> str:
    """Return the name of a file. The text and the end of the address should both be it (PEP 503).

    Where they are not, it is the one that is the name of a distribution, the address before the text: that is what pip
    and uv go by, so indexes are tried with it.
    """
    last = last_segment(href)
    if text == last:
        return text
    candidates = [name for name in (last, text) if read_file_name(name, project).version is not None]
    chosen = candidates[0] if candidates else text or last
    notes.place = chosen
    notes.note("the link", f"has the text {shown(text)}, and its address ends with {shown(last)}", "PEP 503")
    return chosen


def _hashes(fragment: str) -> dict[str, str]:
    """Return the hashes of a fragment: ``sha256=…``. Other words are of other things: ``egg=…``."""
    if not fragment:
        return {}
    pairs = (part.partition("=") for part in fragment.split("&"))
    return {name.lower(): digest.lower() for name, _, digest in pairs if name.lower() in _ALGORITHMS and digest}


def _core_metadata(attributes: Mapping[str, str], notes: Notes) -> dict[str, str] | bool | None:
    for name in _METADATA_NAMES:
        value = attributes.get(name)
        if value is None:
            continue
        pair = _HASH.fullmatch(value.strip())
        if pair is not None:
            return {pair[1].lower(): pair[2].lower()}
        if (word := value.strip().lower()) in ("true", "false"):
            return word == "true"
        notes.unusable(name, value, "true, or a hash such as sha256=…", "PEP 714")
    return None


def _boolean(value: str | None, notes: Notes) -> bool | None:
    if value is None:
        return None
    word = value.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    notes.unusable("data-gpg-sig", value, "true or false", "PEP 503")
    return None


# --- all projects ----------------------------------------------------------------------------------------------------


def read_list(answer: Answer, negotiator: Negotiator) -> ProjectList:
    """Return the list of projects."""
    notes = Notes()
    packed = PackedNames(notes)
    names: list[str] = []

    def take(attributes: Mapping[str, str], text: str) -> None:
        if "href" in attributes:
            names.append(text.strip().removesuffix("/"))  # the folder listings of web servers show folders so
            if len(names) == CHUNK:
                packed.add(names)
                names.clear()

    page = _Page(take)
    _parse(answer, page, notes)
    packed.add(names)
    packed.finish()
    said = _version(page.metas, notes)
    version = answer.version(said, negotiator, "html")
    return ProjectList(
        packed.parts,
        api_version=version,
        said_version=said,
        serialization="html",
        url=answer.url,
        last_serial=page.serial,
        raw=cast("dict[str, Any]", page.metas),
        findings=tuple(notes),
    )
