"""Properties: what is written in either serialization is read back the same, and no bytes do worse than our error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from clientsmith.core.versioning import ApiVersionError, NewerApiVersionWarning
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from simple_repository_client.names import read_file_name
from simple_repository_client.pages import (
    Answer,
    ProjectFile,
    ProjectPage,
    UnreadablePageError,
    read_project_list,
    read_project_page,
)

URL = "https://index.example/simple/foo/"
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# --- pages as they could be ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WrittenFile:
    """A file as a server knows it, in what both serializations can say."""

    filename: str
    url: str
    hashes: Mapping[str, str]
    requires_python: str | None
    core_metadata: bool | Mapping[str, str] | None
    gpg_sig: bool | None
    yanked: str | bool
    provenance: str | None

    def as_json(self) -> dict[str, Any]:
        optional = {
            "requires-python": self.requires_python, "core-metadata": self.core_metadata, "gpg-sig": self.gpg_sig,
            "provenance": self.provenance,
        }  # fmt: skip
        given = {name: value for name, value in optional.items() if value is not None}
        return {"filename": self.filename, "url": self.url, "hashes": self.hashes, "yanked": self.yanked, **given}

    def as_html(self) -> str:
        fragment = "".join(f"#{name}={digest}" for name, digest in self.hashes.items())
        attributes = {
            "href": self.url + fragment,
            "data-requires-python": self.requires_python,
            "data-provenance": self.provenance,
        }
        if self.core_metadata is not None:
            said = self.core_metadata
            attributes["data-core-metadata"] = (
                str(said).lower() if isinstance(said, bool) else "&".join(f"{k}={v}" for k, v in said.items())
            )
        if self.gpg_sig is not None:
            attributes["data-gpg-sig"] = str(self.gpg_sig).lower()
        if self.yanked is not False:
            attributes["data-yanked"] = "" if self.yanked is True else self.yanked
        written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items() if value is not None)
        return f"<a {written}>{escape(self.filename)}</a>"


@dataclass(frozen=True)
class WrittenPage:
    files: list[WrittenFile]
    status: str
    reason: str
    tracks: list[str] = field(default_factory=list)
    serial: int | None = None

    def as_json(self) -> bytes:
        meta = {"api-version": "1.4", "tracks": self.tracks, "_last-serial": self.serial}
        status = {"status": self.status, "reason": self.reason}
        files = [file.as_json() for file in self.files]
        return json.dumps({"meta": meta, "name": "foo", "project-status": status, "files": files}).encode()

    def as_html(self) -> bytes:
        metas = [("repository-version", "1.4"), ("project-status", self.status), ("project-status-reason", self.reason)]
        metas += [("tracks", url) for url in self.tracks]
        head = "".join(f'<meta name="pypi:{name}" content="{escape(content)}">' for name, content in metas)
        serial = "" if self.serial is None else f"<!--SERIAL {self.serial}-->"
        body = "<br>\n".join(file.as_html() for file in self.files)
        return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>{serial}".encode()


# NUL and lone carriage returns cannot be written in HTML; white space at the ends is no part of any value.
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
hexadecimal = st.text("0123456789abcdef", min_size=2, max_size=64)
one_hash = st.builds(
    lambda name, digest: {name: digest}, st.sampled_from(["sha256", "sha512", "md5", "blake2b"]), hexadecimal
)
segments = st.text("abcXYZ019._-", min_size=1, max_size=12).filter(lambda text: text.strip("."))
versions = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}(rc[0-9])?", fullmatch=True)
file_names = st.one_of(
    st.builds("foo-{}-py3-none-any.whl".format, versions),
    st.builds("foo-{}.tar.gz".format, versions),
    st.builds("Foo-{}.zip".format, versions),
    segments,
)


@st.composite
def files(draw: st.DrawFn) -> WrittenFile:
    filename = draw(file_names)
    folder = draw(st.sampled_from(["", "../../files/", "/a/b/", "https://cdn.example/x/", "//cdn.example/"]))
    return WrittenFile(
        filename,
        folder + filename + draw(st.sampled_from(["", "?a=1&b=2"])),
        draw(one_hash | st.just({})),
        draw(st.none() | st.sampled_from([">=3.9", "<4,>=3.9", "!=3.1.*"]) | words),
        draw(st.none() | st.booleans() | one_hash),
        draw(st.none() | st.booleans()),
        draw(st.booleans() | words),
        draw(st.none() | st.builds("https://index.example/{}".format, segments)),
    )


pages = st.builds(
    WrittenPage,
    st.lists(files(), max_size=6),
    st.sampled_from(["active", "archived", "quarantined", "deprecated"]),
    words,
    st.lists(st.builds("https://a.example/{}/".format, segments), max_size=2),
    st.none() | st.integers(0, 2**40),
)


@QUICK
@given(pages)
def test_a_page_reads_the_same_from_both_serializations(written: WrittenPage) -> None:
    by_json = read_project_page(Answer(written.as_json(), JSON, URL))
    by_html = read_project_page(Answer(written.as_html(), HTML, URL))
    assert by_json.files == by_html.files
    for name in ("name", "status", "status_reason", "tracks", "last_serial", "versions", "said_version"):
        assert getattr(by_json, name) == getattr(by_html, name), name


@QUICK
@given(pages)
def test_a_page_has_what_was_written(written: WrittenPage) -> None:
    page = read_project_page(Answer(written.as_json(), JSON, URL))
    assert len(page.files) == len(written.files)
    for file, source in zip(page.files, written.files, strict=True):
        assert file.filename == source.filename
        assert file.hashes == source.hashes
        assert file.requires_python == source.requires_python
        assert file.core_metadata == source.core_metadata
        assert (file.yanked, file.yanked_reason) == (
            bool(source.yanked),
            source.yanked if isinstance(source.yanked, str) else "",
        )
        assert file.url.startswith("https://")
        assert not file.obstacle


names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)


@QUICK
@given(st.lists(names, max_size=50))
def test_a_list_reads_the_same_from_both_serializations(written: list[str]) -> None:
    body = json.dumps({"meta": {"api-version": "1.4"}, "projects": [{"name": name} for name in written]}).encode()
    links = "".join(f'<a href="/simple/{canonicalize_name(name)}/">{name}</a>' for name in written)
    by_json = read_project_list(Answer(body, JSON, URL))
    by_html = read_project_list(Answer(f"<body>{links}</body>".encode(), HTML, URL))
    assert list(by_json) == list(by_html) == written
    assert len(by_json) == len(by_html) == len(written)
    assert all(name in by_json and name.upper() in by_html for name in written)
    assert list(by_html.normalized()) == [canonicalize_name(name) for name in written]


@QUICK
@given(st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)))
def test_a_time_reads_as_it_was_written(moment: datetime) -> None:
    written = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {
        "meta": {"api-version": "1.1"},
        "name": "foo",
        "files": [{"filename": "f", "url": "f", "hashes": {}, "upload-time": written}],
    }
    (file,) = read_project_page(Answer(json.dumps(body).encode(), JSON, URL)).files
    assert file.upload_time == moment


# --- anything --------------------------------------------------------------------------------------------------------


def look_at_everything(page: ProjectPage) -> None:
    """Nothing that a page offers may raise."""
    assert all(str(found) for found in page.findings)
    assert page.versions is not None
    assert repr(page)
    assert page.private is not None
    for file in page.files:
        assert isinstance(file, ProjectFile)
        assert file.supports_python("3.12") in (True, False)
        assert (file.metadata_url, file.signature_url, file.obstacle, file.tags) is not None


def read_both(answer: Answer) -> None:
    words: list[str] = []
    for read in (read_project_page, read_project_list):
        try:
            page = read(answer)
        except (UnreadablePageError, ApiVersionError) as error:
            words.append(str(error))  # its text can be made
            continue
        if isinstance(page, ProjectPage):
            look_at_everything(page)
        else:
            assert len(list(page)) == len(page) == len(list(page.serials()))
            assert all(name in page for name in page)
    assert all(words)


content_types = st.sampled_from([JSON, HTML, "text/html; charset=utf-16", "text/html; charset=gbk", ""]) | st.text(
    max_size=20
)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
keys = ["filename", "url", "hashes", "requires-python", "core-metadata", "dist-info-metadata", "data-dist-info-metadata",
        "gpg-sig", "yanked", "size", "upload-time", "provenance"]  # fmt: skip
odd_files = st.dictionaries(st.sampled_from(keys), anything, max_size=8) | st.fixed_dictionaries(
    {"url": st.text(max_size=20), "filename": st.text(max_size=20)}, optional=dict.fromkeys(keys[2:], anything)
)
odd_pages = st.fixed_dictionaries(
    {"files": st.lists(odd_files | anything, max_size=4) | anything, "projects": st.lists(anything | st.fixed_dictionaries({"name": st.text(max_size=5)}), max_size=4) | anything},
    optional={
        "meta": anything | st.fixed_dictionaries({"api-version": st.sampled_from(["1.0", "1.4"])}),
        "name": anything, "versions": anything, "project-status": anything, "alternate-locations": anything,
    },
)  # fmt: skip


@FUZZ
@given(st.binary(max_size=300), content_types)
def test_any_bytes_are_a_page_or_our_error(content: bytes, content_type: str) -> None:
    read_both(Answer(content, content_type, URL))


@FUZZ
@pytest.mark.filterwarnings(f"ignore::{NewerApiVersionWarning.__module__}.{NewerApiVersionWarning.__name__}")
@given(odd_pages | anything)
def test_any_json_is_a_page_or_our_error(document: object) -> None:
    read_both(Answer(json.dumps(document).encode(), JSON, URL))


markup = st.lists(
    st.sampled_from(
        ["<a ", "href=", "'", '"', ">", "</a>", "<base href='x:y'>", "<!--", "-->", "<meta name='pypi:project-status' content=", "<", "&", "&lt;", "&#0;", "&#xD800;",
         "\0", "<a href='http://[/x'>", "data-yanked", "data-core-metadata=sha256=", "data-requires-python=", "#sha256=ff", "foo-1.zip", "/", "?", " ", "<table>", "<svg>", "<script>", "\n", "é", "\ud83d\ude00"]
    )
    | st.text(max_size=4),
    max_size=30,
).map("".join)  # fmt: skip


@FUZZ
@given(markup)
def test_any_markup_is_a_page_or_our_error(text: str) -> None:
    read_both(Answer(text.encode("utf-8", "surrogatepass"), HTML, URL))


WHOLE = WrittenPage(
    [
        WrittenFile("foo-1.0-py3-none-any.whl", "../../f/foo-1.0-py3-none-any.whl", {"sha256": "ab" * 32}, ">=3.9", {"sha256": "cd" * 32}, True, "bad", "https://a.example/p"),
        WrittenFile("foo-1.0.tar.gz", "https://b.example/foo-1.0.tar.gz", {}, None, True, None, True, None),
    ],
    "archived", "done", ["https://c.example/foo/"], 7,
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A whole page with a few pieces taken out, put in, or put in twice."""
    content = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        piece = draw(
            st.sampled_from(
                [b"", content[start:end] * 2, b"null", b"{}", b"[]", b'"', b"<", b">", b"9e999", b"\xff", b"\\ud800"]
            )
            | st.binary(max_size=4)
        )
        content = content[:start] + piece + content[end:]
    return content


@FUZZ
@pytest.mark.filterwarnings("ignore::UserWarning")
@given(damaged(WHOLE.as_json()))
def test_a_damaged_page_in_json_is_a_page_or_our_error(content: bytes) -> None:
    read_both(Answer(content, JSON, URL))


@FUZZ
@pytest.mark.filterwarnings("ignore::UserWarning")
@given(damaged(WHOLE.as_html()))
def test_a_damaged_page_in_html_is_a_page_or_our_error(content: bytes) -> None:
    read_both(Answer(content, HTML, URL))


@FUZZ
@given(st.text(max_size=30) | st.text("foo-1.0abcpy3 .!+whltargz", max_size=30).map(lambda text: f"foo-{text}.whl"))
def test_any_text_is_a_file_name(text: str) -> None:
    assert read_file_name(text, canonicalize_name("foo")) is not None
    assert read_file_name(f"{text}.tar.gz", canonicalize_name("foo")) is not None
