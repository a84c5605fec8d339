"""The version of each answer is judged before the rest of it is believed, in each serialization by itself (PEP 629)."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable

import pytest
from clientsmith.core.versioning import (
    MalformedVersionError,
    Negotiator,
    NewerApiVersionWarning,
    UnsupportedApiVersionError,
)
from clientsmith.core.versioning.schemes import simple_api
from simple_repository_client.pages import (
    Answer,
    ProjectList,
    ProjectPage,
    UnreadablePageError,
    read_project_list,
    read_project_page,
)
from simple_repository_client.pages._answer import MediaType, read_media_type

URL = "https://index.example/simple/foo/"
TYPES = {"json": "application/vnd.pypi.simple.v1+json", "html": "application/vnd.pypi.simple.v1+html"}
SOURCES = {"json": "meta.api-version", "html": '<meta name="pypi:repository-version">'}

Read = Callable[..., "ProjectPage | ProjectList"]


def answer(serialization: str, version: object, content_type: str = "") -> Answer:
    """A page that is a project page and a list at once, and says a version, None for nothing."""
    if serialization == "json":
        body = json.dumps(
            {"meta": {} if version is None else {"api-version": version}, "name": "foo", "files": [], "projects": []}
        )
    else:
        meta = "" if version is None else f'<meta name="pypi:repository-version" content="{version}">'
        body = f"<html><head>{meta}</head><body></body></html>"
    return Answer(body.encode(), content_type or TYPES[serialization], URL)


@pytest.fixture(params=["json", "html"])
def serialization(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[read_project_page, read_project_list], ids=["page", "list"])
def read(request: pytest.FixtureRequest) -> Read:
    return request.param  # type: ignore[no-any-return]  # one of the two above


@pytest.mark.parametrize(("said", "read_by"), [("1.0", "1.0"), ("1.4", "1.4"), (None, "1.0"), (" 1.1 ", "1.1")])
def test_a_version_that_is_understood_is_silent(read: Read, serialization: str, said: str | None, read_by: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = read(answer(serialization, said))
    assert str(page.api_version) == read_by
    assert page.said_version == (said if said is None or serialization == "json" else said.strip())
    assert page.serialization == serialization


@pytest.mark.parametrize("said", ["1.5", "1.10", "1.99"])
def test_a_newer_minor_version_warns_and_is_read(read: Read, serialization: str, said: str) -> None:
    with pytest.warns(NewerApiVersionWarning, match=said) as warned:
        page = read(answer(serialization, said))
    assert (page.said_version, str(page.api_version)) == (said, "1.4")
    assert warned[0].filename == __file__  # it points to whoever read the page


@pytest.mark.parametrize("said", ["2.0", "10.0"])
def test_a_newer_major_version_is_an_error(read: Read, serialization: str, said: str) -> None:
    with pytest.raises(UnsupportedApiVersionError) as caught:
        read(answer(serialization, said))
    for part in (said, "1.4", SOURCES[serialization], URL):
        assert part in str(caught.value)


@pytest.mark.parametrize("said", ["bad", "1", "1.4.2", "v1.4", "-1.0", ""])
def test_what_is_no_version_is_an_error(read: Read, serialization: str, said: str) -> None:
    with pytest.raises(MalformedVersionError) as caught:
        read(answer(serialization, said))
    assert SOURCES[serialization] in str(caught.value)


@pytest.mark.parametrize("said", [1.4, 1, True, [], {}])
def test_a_version_that_is_no_text_is_an_error(read: Read, said: object) -> None:
    """A number would lose the zero of 1.10."""
    with pytest.raises(MalformedVersionError):
        read(answer("json", said))


def test_the_lenient_mode_reads_on_as_with_1_0(read: Read, serialization: str) -> None:
    negotiator = Negotiator(simple_api(malformed="warn"))
    with pytest.warns(UserWarning, match="bad"):
        page = read(answer(serialization, "bad"), negotiator=negotiator)
    assert str(page.api_version) == "1.0"
    assert page.said_version == "bad"


def test_the_major_version_in_the_type_is_judged_first(read: Read, serialization: str) -> None:
    """Of a body of version 2 nothing is looked at."""
    of_two = Answer(b"\xff neither", TYPES[serialization].replace("v1", "v2"), URL)
    with pytest.raises(UnsupportedApiVersionError, match=r"vnd\.pypi\.simple\.v2"):
        read(of_two)


def test_the_version_is_judged_before_the_rest_of_the_body(read: Read) -> None:
    """A body of version 2 may have any form: what is wrong with it is its version."""
    other = Answer(b'{"meta": {"api-version": "2.0"}, "files": 1, "projects": 2, "name": 3}', TYPES["json"], URL)
    with pytest.raises(UnsupportedApiVersionError):
        read(other)


def test_each_serialization_is_judged_by_itself_and_warned_of_once(read: Read) -> None:
    negotiator = Negotiator(simple_api())
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            read(answer("json", "1.5"), negotiator=negotiator)
            assert str(read(answer("html", "1.4"), negotiator=negotiator).api_version) == "1.4"
            read(answer("html", "1.5"), negotiator=negotiator)
    assert [warning.category for warning in warned] == [NewerApiVersionWarning] * 2


def test_two_metas_that_differ_are_told_and_the_first_counts() -> None:
    metas = "".join(f'<meta name="pypi:repository-version" content="{version}">' for version in ("1.1", "2.0"))
    page = read_project_page(Answer(metas.encode(), "text/html", URL))
    assert page.said_version == "1.1"
    assert [str(found) for found in page.findings] == [
        '<meta name="pypi:repository-version">: says 1.1, 2.0; the first one counts (PEP 629)'
    ]


@pytest.mark.parametrize("meta", ["null", "[]", '"1.4"', "1"])
def test_a_meta_that_is_no_object_says_no_version(meta: str) -> None:
    body = f'{{"meta": {meta}, "name": "foo", "files": []}}'
    page = read_project_page(Answer(body.encode(), TYPES["json"], URL))
    assert (page.said_version, str(page.api_version)) == (None, "1.0")
    assert page.findings[0].place == "meta"


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("application/vnd.pypi.simple.v1+json", MediaType("json", 1)),
        ("application/vnd.pypi.simple.v1+html", MediaType("html", 1)),
        ("Application/VND.PyPI.Simple.V1+JSON; charset=utf-8", MediaType("json", 1)),
        ("application/vnd.pypi.simple.v12+html", MediaType("html", 12)),
        ("application/vnd.pypi.simple.latest+json", MediaType("json", None)),
        ("text/html", MediaType("html", None)),
        ("text/html;charset=UTF-8", MediaType("html", None)),
        ("application/json", MediaType("json", None)),
        ("", MediaType("html", None)),
        ("application/vnd.pypi.simple.v1+xml", None),
        ("application/vnd.pypi.simple+json", None),
        ("application/vnd.pypi.simple.v1x+json", None),
        ("text/plain", None),
        ("image/png", None),
    ],
)
def test_what_a_content_type_says(content_type: str, said: MediaType | None) -> None:
    assert read_media_type(content_type) == said


def test_a_type_that_is_no_page_is_an_error(read: Read) -> None:
    with pytest.raises(UnreadablePageError) as caught:
        read(Answer(b"", "text/plain", "https://user:secret@index.example/simple/foo/"))
    assert str(caught.value) == (
        "https://index.example/simple/foo/ (text/plain): 'text/plain' is no type of the Simple API (PEP 691); check that "
        "the URL is that of an index (it often ends with /simple/), and what stands between"
    )
    assert caught.value.content_type == "text/plain"
