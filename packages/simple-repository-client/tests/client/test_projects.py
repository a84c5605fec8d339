"""Pages over a client: what is sent, what comes of an answer, and what goes wrong."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import pytest
from clientsmith.core.credentials import BasicCredential
from clientsmith.core.errors import (
    ArgumentError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    UnknownSettingError,
)
from clientsmith.core.testing import Answer
from clientsmith.core.versioning import ApiLifecycleWarning, ApiVersionWarning
from simple_repository_client import ProjectNotFoundError, UnreadablePageError


def test_a_project_is_asked_for_by_its_normalized_name(colour: Any, pages: Any) -> None:
    """With a slash at the end, as the specification wants it, and one that the index URL lacks."""
    for url in ("https://index.test/simple", "https://index.test/simple/"):
        client = colour.client(pages.json({"filename": "foo_bar-1.0.tar.gz", "url": "f"}), url=url)
        page = colour.run(client.get_project("Foo._Bar"))
        assert client.transport.sent[0].url == "https://index.test/simple/foo-bar/"
        assert (page.name, page.files[0].filename) == ("foo-bar", "foo_bar-1.0.tar.gz")


def test_the_list_stands_at_the_index_url(colour: Any, pages: Any) -> None:
    """Its names as the index spells them."""
    client = colour.client(pages.json(projects=[{"name": "Foo"}, {"name": "bar"}]))
    projects = colour.run(client.list_projects())
    assert client.transport.sent[0].url == "https://index.test/simple/"
    assert (list(projects), len(projects), "BAR" in projects) == (["Foo", "bar"], 2, True)


def test_addresses_are_relative_to_where_the_page_is_in_the_end(colour: Any, pages: Any) -> None:
    """After redirects, which may lead to another host."""
    moved = Answer(301, headers={"Location": "https://mirror.test/pypi/foo/"})
    client = colour.client(
        moved, pages.json({"filename": "f", "url": "../../f/f.whl"}), page_origins=["https://mirror.test"]
    )
    page = colour.run(client.get_project("foo"))
    assert (page.url, page.files[0].url) == ("https://mirror.test/pypi/foo/", "https://mirror.test/f/f.whl")


def test_a_project_without_files_is_there_and_one_that_is_missing_is_not(colour: Any, pages: Any) -> None:
    """The two are not the same: the second is an error that names the project and the index."""
    client = colour.client(pages.json(), Answer(404, content=b"nope"))
    assert list(colour.run(client.get_project("foo")).files) == []
    with pytest.raises(ProjectNotFoundError) as caught:
        colour.run(client.get_project("Foo"))
    error = caught.value
    assert isinstance(error, ResourceNotFoundError)
    assert (error.project, error.index_url, error.status_code) == ("foo", "https://index.test/simple/", 404)
    assert "the index https://index.test/simple/ has no project 'foo'; check the name" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # our own error


def test_an_index_that_is_not_there_is_another_thing(colour: Any) -> None:
    """A 404 of the list says where to look."""
    with pytest.raises(
        ResourceNotFoundError, match=r"check the index URL https://index.test/simple/, which often ends"
    ):
        colour.run(colour.client(Answer(404)).list_projects())


def test_a_name_that_is_none_is_not_sent(colour: Any) -> None:
    """``../admin`` is no project."""
    client = colour.client()
    with pytest.raises(ArgumentError, match=r"'../admin' is not the name of a project"):
        colour.run(client.get_project("../admin"))
    assert client.transport.sent == []


def test_a_page_that_is_none_says_so(colour: Any) -> None:
    """A login page, for example."""
    page = Answer(content=b"{", headers={"Content-Type": "application/vnd.pypi.simple.v1+json"})
    with pytest.raises(UnreadablePageError, match=r"https://index.test/simple/foo/"):
        colour.run(colour.client(page).get_project("foo"))


@pytest.mark.parametrize(
    ("credential", "words"),
    [
        (None, "no credential was sent; pass one, BasicCredential(user, password) or api_token(token) for example"),
        (BasicCredential("me", "SECRET"), "the BasicCredential that was sent is not accepted, or does not allow this"),
    ],
    ids=["without", "with a wrong one"],
)
@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_is_told_what_to_do(colour: Any, credential: Any, words: str, status: int) -> None:
    """And what the index says is not lost."""
    client = colour.client(Answer(status, json={"message": "go away"}), credential=credential)
    with pytest.raises(ClientAuthenticationError if status == 401 else HttpResponseError) as caught:
        colour.run(client.get_project("foo"))
    assert f"go away; {words}" in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_other_errors_are_those_of_the_core(colour: Any) -> None:
    """After the retries of the core."""
    client = colour.client(Answer(500), max_retries=0)
    with pytest.raises(HttpResponseError, match=r"GET https://index.test/simple/foo/ answered 500"):
        colour.run(client.get_project("foo"))


def test_settings_are_those_of_every_client(colour: Any, pages: Any) -> None:
    """In the constructor and in each call; a misspelt one is an error."""
    client = colour.client(Answer(503), pages.json(), max_retries=1)
    colour.run(client.get_project("foo", headers={"X-Trace": "1"}))
    assert client.transport.sent[1].headers["X-Trace"] == "1"
    assert client.transport.sent[0].headers["User-Agent"].startswith("simple-repository-client/")
    with pytest.raises(UnknownSettingError, match="did you mean 'timeout'"):
        colour.run(client.get_project("foo", timout=1))


def test_a_long_page_is_read_beside_the_loop(colour: Any, pages: Any) -> None:
    """The same values come of it."""
    files = [{"filename": f"foo-{n}.tar.gz", "url": f"f/{n}", "hashes": {"sha256": "0" * 64}} for n in range(3000)]
    page = colour.run(colour.client(pages.json(*files)).get_project("foo"))
    assert (len(page.files), page.files[2999].filename) == (3000, "foo-2999.tar.gz")


@pytest.mark.parametrize("status", ["archived", "deprecated", "quarantined"])
def test_a_project_that_is_not_active_is_told_once(colour: Any, pages: Any, status: str) -> None:
    """As a warning and to the hook (PEP 792); an active one is nothing to talk about."""
    said = {"project-status": {"status": status, "reason": "use bar"}}
    notices: list[Any] = []
    client = colour.client(pages.json(**said), pages.json(**said), pages.json(), lifecycle_hook=notices.append)
    with pytest.warns(ApiLifecycleWarning, match=f"project foo is not active: {status}: use bar") as told:
        colour.run(client.get_project("foo"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        colour.run(client.get_project("foo"))
        page = colour.run(client.get_project("foo"))
    assert len(told) == len(notices) == 1
    assert (notices[0].kind, notices[0].url, page.status) == (
        "project_status",
        "https://index.test/simple/foo/",
        "active",
    )


def test_a_warning_points_to_the_line_that_called(pages: Any) -> None:
    """Not to somewhere inside the client."""
    from clientsmith.core.testing import ScriptedTransport
    from simple_repository_client import SimpleRepositoryClient

    client = SimpleRepositoryClient(
        "https://index.test/simple/", transport=ScriptedTransport(pages.json(version="1.9"))
    )
    with pytest.warns(ApiVersionWarning) as told:
        client.get_project("foo")
    assert told[0].filename == __file__


def test_a_redirect_that_is_not_followed_says_where_it_leads(colour: Any) -> None:
    """From https to http, where anybody could change the page."""
    moved = Answer(301, headers={"Location": "http://index.test/simple/foo/"})
    with pytest.raises(HttpResponseError, match=r"it leads to http://index.test/simple/foo/, and is followed neither"):
        colour.run(colour.client(moved).get_project("foo"))


def test_a_part_of_a_page_is_none(colour: Any) -> None:
    """Half a page in HTML reads as well as a whole one, and the newest version is at its end."""
    half = Answer(206, content=b"<a href=foo-1.zip>foo-1.zip</a>", headers={"Content-Type": "text/html"})
    for question in ("get_project", "list_projects"):
        client = colour.client(half)
        with pytest.raises(UnreadablePageError, match=r"a part of the page came \(206\)"):
            colour.run(client.get_project("foo") if question == "get_project" else client.list_projects())


def test_a_redirect_to_what_is_no_address(colour: Any) -> None:
    """Is an answer like others."""
    moved = Answer(301, headers={"Location": "http://[::1"})
    with pytest.raises(HttpResponseError, match=r"it leads to what is no address, and is followed neither"):
        colour.run(colour.client(moved).get_project("foo"))
