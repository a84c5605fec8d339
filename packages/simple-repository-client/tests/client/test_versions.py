"""Every answer is judged by the version that it says, in JSON and in HTML (PEP 629, 691)."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import pytest
from clientsmith.core.testing import Answer
from clientsmith.core.versioning import (
    ApiVersionWarning,
    MalformedVersionError,
    NewerApiVersionWarning,
    UnsupportedApiVersionError,
)
from clientsmith.core.versioning.schemes import simple_api
from simple_repository_client import ContentNegotiationError, UnreadablePageError

PAGE = "https://index.test/simple/foo/"


class Row(NamedTuple):
    """What a page says, by which version it is read, and what is told: a warning's or an error's words."""

    said: object
    read_as: str = ""
    warns: str = ""
    error: type[Exception] | None = None
    words: str = ""


WHERE = {"json": f"meta.api-version of {PAGE}", "html": f'<meta name="pypi:repository-version"> of {PAGE}'}
NEWER = "{where} says version {said}, newer than the 1.4 that this client understands"
MALFORMED = "{where} says '{said}'; it has to be"
ROWS = {
    "1.0": Row("1.0", "1.0"),
    "1.4": Row("1.4", "1.4"),
    "1.10 is after 1.9": Row("1.10", "1.4", warns=NEWER),
    "1.99": Row("1.99", "1.4", warns=NEWER),
    "2.0": Row(
        "2.0",
        error=UnsupportedApiVersionError,
        words="{where} says version 2.0, and this client speaks 1.0 to 1.4; upgrade the client",
    ),
    "none": Row(None, "1.0"),
    "bad": Row("bad", error=MalformedVersionError, words=MALFORMED),
    "1.4.2": Row("1.4.2", error=MalformedVersionError, words=MALFORMED),
    "1": Row("1", error=MalformedVersionError, words=MALFORMED),
}


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_what_a_page_says_decides(colour: Any, pages: Any, form: str, row: Row) -> None:
    """A newer major version and a malformed one are errors, a newer minor is a warning, and none means 1.0."""
    client = colour.client(getattr(pages, form)(version=row.said))
    fill = {"where": WHERE[form], "said": row.said}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        if row.error is not None:
            with pytest.raises(row.error) as caught:
                colour.run(client.get_project("foo"))
            assert row.words.format(**fill) in str(caught.value)
        else:
            page = colour.run(client.get_project("foo"))
            assert (str(page.api_version), page.said_version, page.serialization) == (row.read_as, row.said, form)
    assert [one.category for one in told] == ([NewerApiVersionWarning] if row.warns else [])
    assert all(row.warns.format(**fill) in str(one.message) for one in told)


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_list_of_projects_is_judged_likewise(colour: Any, pages: Any, form: str, row: Row) -> None:
    """By the same rules."""
    answer = getattr(pages, form)(version=row.said)
    if form == "json":
        answer = pages.json(version=row.said, projects=[{"name": "foo"}])
    client = colour.client(answer)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        if row.error is not None:
            with pytest.raises(row.error):
                colour.run(client.list_projects())
        else:
            assert str(colour.run(client.list_projects()).api_version) == row.read_as
    assert len(told) == bool(row.warns)


@pytest.mark.parametrize("form", ["json", "html"])
def test_of_a_media_type_of_version_2_no_byte_is_read(colour: Any, form: str) -> None:
    """Whatever the body is: its version is the type's."""
    kind = f"application/vnd.pypi.simple.v2+{form}"
    client = colour.client(Answer(content=b"\xff not a page at all", headers={"Content-Type": kind}))
    with pytest.raises(UnsupportedApiVersionError) as caught:
        colour.run(client.get_project("foo"))
    assert kind in str(caught.value)
    assert "says version 2, and this client speaks 1.0 to 1.4; upgrade the client" in str(caught.value)
    assert (caught.value.found, caught.value.supported) == ("2", "1.0 to 1.4")


def test_a_page_of_version_2_under_a_type_of_version_1_is_refused_too(colour: Any, pages: Any) -> None:
    """Which pip and uv install from without a word."""
    client = colour.client(pages.json({"filename": "foo-1.0.tar.gz", "url": "x"}, version="2.0"))
    with pytest.raises(UnsupportedApiVersionError):
        colour.run(client.get_project("foo"))


def test_each_serialization_is_judged_for_itself(colour: Any, pages: Any) -> None:
    """HTML is frozen at 1.4 (PEP 833): what JSON says has no part in it, and nothing is remembered for the host."""
    client = colour.client(pages.json(version="1.5"), pages.html(version="1.4"), pages.json(version="1.3"))
    with pytest.warns(NewerApiVersionWarning, match=r"says version 1\.5"):
        page = colour.run(client.get_project("foo"))
    assert (str(page.api_version), page.said_version) == ("1.4", "1.5")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert str(colour.run(client.get_project("foo")).api_version) == "1.4"
        assert str(colour.run(client.get_project("foo")).api_version) == "1.3"


def test_the_meta_of_another_serialization_says_nothing(colour: Any, pages: Any) -> None:
    """JSON with a line of HTML in it, and HTML with JSON: each is read by its own."""
    strange = {"description": '<meta name="pypi:repository-version" content="2.0">'}
    page = colour.run(colour.client(pages.json(**strange)).get_project("foo"))
    assert str(page.api_version) == "1.4"
    body = (
        b'<html><head><meta name="pypi:repository-version" content="1.1"></head>{"meta": {"api-version": "2.0"}}</html>'
    )
    page = colour.run(colour.client(Answer(content=body, headers={"Content-Type": "text/html"})).get_project("foo"))
    assert str(page.api_version) == "1.1"


def test_a_newer_minor_version_is_told_once(colour: Any, pages: Any) -> None:
    """Not for each project."""
    client = colour.client(*[pages.json(version="1.9")] * 3)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for name in ("foo", "bar", "baz"):
            colour.run(client.get_project(name))
    assert len(told) == 1


@pytest.mark.parametrize("form", ["json", "html"])
def test_who_wants_to_can_be_lenient(colour: Any, pages: Any, form: str) -> None:
    """A malformed version is taken for 1.0, and told."""
    client = colour.client(getattr(pages, form)(version="bad"), api_version=simple_api(malformed="warn"))
    with pytest.warns(ApiVersionWarning, match="says 'bad'.*1.0 is assumed"):
        page = colour.run(client.get_project("foo"))
    assert str(page.api_version) == "1.0"


# --- which form ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("serialization", "accept"),
    [
        (None, "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"),
        ("json", "application/vnd.pypi.simple.v1+json"),
        ("html", "application/vnd.pypi.simple.v1+html, text/html;q=0.01"),
    ],
    ids=["the best", "json", "html"],
)
def test_what_is_asked_for(colour: Any, pages: Any, serialization: Any, accept: str) -> None:
    """Of project pages and of the list."""
    client = colour.client(pages.json(), pages.json(projects=[]), serialization=serialization)
    colour.run(client.get_project("foo")), colour.run(client.list_projects())
    assert [sent.headers["Accept"] for sent in client.transport.sent] == [accept] * 2


def test_another_serialization_is_a_mistake_of_the_caller(colour: Any) -> None:
    """Told by the constructor."""
    with pytest.raises(ValueError, match="serialization is 'xml'; it is json, html or None"):
        colour.client(serialization="xml")


def test_what_came_is_read_also_if_it_was_not_asked_for(colour: Any, pages: Any) -> None:
    """pypiserver ignores Accept."""
    client = colour.client(
        pages.html("/f/foo-1.0.tar.gz", content_type="text/html; charset=utf-8"), serialization="json"
    )
    page = colour.run(client.get_project("foo"))
    assert (page.serialization, page.files[0].filename) == ("html", "foo-1.0.tar.gz")


@pytest.mark.parametrize("kind", ["image/png", "application/vnd.pypi.simple.v1+xml", "text/plain"])
def test_another_type_is_no_page(colour: Any, kind: str) -> None:
    """It says what came, and where to look."""
    client = colour.client(Answer(content=b"{}", headers={"Content-Type": kind}))
    with pytest.raises(UnreadablePageError) as caught:
        colour.run(client.get_project("foo"))
    assert f"{kind} is no type of the Simple API (PEP 691)" in str(caught.value).replace("'", "")
    assert "check that the URL is that of an index" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "offered", "words"),
    [
        (
            Answer(406, content=b"<html>only application/vnd.pypi.simple.v2+json here</html>",
                   headers={"Content-Type": "text/html"}),
            ("application/vnd.pypi.simple.v2+json",),
            "it offers application/vnd.pypi.simple.v2+json; a newer version of this client may read them",
        ),
        (Answer(406), (), "it does not say which ones it offers; check the index URL"),
        (
            Answer(300, headers={"Link": '</a>; rel="alternate"; type="application/vnd.pypi.simple.v1+html"'}),
            ("application/vnd.pypi.simple.v1+html",),
            "it offers application/vnd.pypi.simple.v1+html; it does not choose by itself",
        ),
        (
            Answer(300, json={"choices": ["application/vnd.pypi.simple.v1+json", "text/html"]}),
            ("application/vnd.pypi.simple.v1+json", "text/html"),
            "it offers application/vnd.pypi.simple.v1+json, text/html; it does not choose by itself",
        ),
    ],
    ids=["406 that says", "406 that does not", "300 with a link", "300 with a list"],
)  # fmt: skip
def test_a_refusal_says_what_there_is(colour: Any, answer: Answer, offered: tuple[str, ...], words: str) -> None:
    """406 and 300 are errors that name what was asked for, and what the index offers."""
    with pytest.raises(ContentNegotiationError) as caught:
        colour.run(colour.client(answer).get_project("foo"))
    error = caught.value
    assert (error.status_code, error.offered) == (answer.status_code, offered)
    assert words in str(error)
    assert "the index has no page in application/vnd.pypi.simple.v1+json or" in str(error)


def test_a_refusal_of_the_one_form_asked_for_says_so(colour: Any) -> None:
    """The caller can ask for the other one."""
    client = colour.client(Answer(406), serialization="json")
    with pytest.raises(ContentNegotiationError, match="leave `serialization` out, or choose the other one"):
        colour.run(client.get_project("foo"))
