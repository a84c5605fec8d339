"""Pages come from the index that was asked: no redirect makes another index's page this one's."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import UsageError
from clientsmith.core.testing import Answer
from simple_repository_client import DiskCache, ForeignPageError

ELSEWHERE = "https://public.test/simple/foo/"
ASKS: Any = {
    "a project": lambda client: client.get_project("foo"),
    "the list": lambda client: client.list_projects(),
}


def moved(to: str, status: int = 303) -> Answer:
    return Answer(status, headers={"Location": to})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_redirect_to_another_origin_is_refused(colour: Any, ask: Any, status: int) -> None:
    """Before anything is asked there: not even the name is told."""
    client = colour.client(moved(ELSEWHERE, status))
    with pytest.raises(ForeignPageError) as caught:
        colour.run(ask(client))
    error = caught.value
    assert (error.index_url, error.url, error.origin) == (
        "https://index.test/simple/",
        ELSEWHERE,
        "https://public.test",
    )
    assert "the index https://index.test/simple/ redirected to https://public.test/simple/foo/" in str(error)
    assert "pass page_origins=['https://public.test']" in str(error)
    assert len(client.transport.sent) == 1
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # our own error


@pytest.mark.parametrize(
    "to",
    [
        "http://index.test/simple/foo/", "https://index.test:8443/simple/foo/", "https://index.test.evil.test/simple/foo/",
        "https://evil.test\\@index.test/", "https://user:SECRET@public.test/",
    ],
)  # fmt: skip
def test_what_only_looks_like_the_index_is_another_origin(colour: Any, to: str) -> None:
    """Scheme, host and port count."""
    client = colour.client(moved(to))
    with pytest.raises(Exception) as caught:  # from https to http the redirect itself is not followed
        colour.run(client.get_project("foo"))
    assert len(client.transport.sent) == 1
    assert "SECRET" not in str(caught.value)


def test_in_several_steps_it_is_refused_as_well(colour: Any) -> None:
    """The first stays at home."""
    client = colour.client(moved("https://index.test/other/"), moved(ELSEWHERE))
    with pytest.raises(ForeignPageError):
        colour.run(client.get_project("foo"))
    assert len(client.transport.sent) == 2


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_at_home_redirects_are_followed(colour: Any, pages: Any, ask: Any) -> None:
    """To the spelling that the index likes, for example."""
    client = colour.client(moved("/simple/Foo/"), pages.json(projects=[]))
    assert colour.run(ask(client)).url == "https://index.test/simple/Foo/"


def test_from_http_to_https_is_the_same_place(colour: Any, pages: Any) -> None:
    """And a better road to it."""
    client = colour.client(moved("https://index.test/simple/foo/"), pages.json(), url="http://index.test/simple/")
    assert colour.run(client.get_project("foo")).url == "https://index.test/simple/foo/"


def test_an_origin_that_is_named_may_give_pages(colour: Any, pages: Any) -> None:
    """It, and no third one."""
    options = {"page_origins": ["https://public.test/whatever"]}
    assert colour.run(colour.client(moved(ELSEWHERE), pages.json(), **options).get_project("foo")).url == ELSEWHERE
    client = colour.client(moved(ELSEWHERE), moved("https://third.test/"), **options)
    with pytest.raises(ForeignPageError, match=r"redirected to https://third.test/"):
        colour.run(client.get_project("foo"))


def test_a_page_that_was_kept_is_refused_too(colour: Any, pages: Any, tmp_path: Path) -> None:
    """By a client that trusted the other origin, in a cache that both use."""
    page = pages.json()
    page.headers.update({"ETag": '"1"', "Cache-Control": "max-age=600"})
    cache = DiskCache(tmp_path)
    trusting = colour.client(moved(ELSEWHERE), page, cache=cache, page_origins=["https://public.test"])
    colour.run(trusting.get_project("foo"))
    with pytest.raises(ForeignPageError):
        colour.run(colour.client(moved(ELSEWHERE), cache=cache).get_project("foo"))


def test_files_may_be_anywhere(colour: Any, a_file: Any, content: bytes, tmp_path: Path) -> None:
    """Their hashes stand on the page."""
    client = colour.client(moved("https://cdn.test/f", 302), Answer(content=content))
    assert colour.run(client.download(a_file(), tmp_path)).read_bytes() == content


@pytest.mark.parametrize("origins", ["https://mirror.test", ["mirror.test"], ["ftp://mirror.test"]], ids=str)
def test_what_are_no_origins_is_told_by_the_constructor(colour: Any, origins: Any) -> None:
    """With what they look like."""
    with pytest.raises(UsageError, match=r"page_origins is no list of origins such as"):
        colour.client(page_origins=origins)
