"""Index URLs: from the caller or the environment, and without secrets."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest
from clientsmith.core.credentials import BasicCredential
from clientsmith.core.errors import InsecureTransportError, UsageError
from clientsmith.core.testing import Answer
from simple_repository_client import ProjectNotFoundError
from simple_repository_client.addresses import VARIABLES, address_of, origin_of, url_from


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://index.test/simple/", "https://index.test/simple/"),
        ("https://index.test/simple", "https://index.test/simple/"),
        (" https://index.test//simple/// ", "https://index.test//simple/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("https://[::1]:8080/root/+simple", "https://[::1]:8080/root/+simple/"),
        ("https://me:SECRET@index.test:8443/simple", "https://index.test:8443/simple/"),
    ],
    ids=["as it is", "no slash", "too many", "no path", "IPv6", "user info"],
)
def test_an_index_url_ends_in_one_slash_and_has_no_secret(given: str, url: str) -> None:
    """Projects are put at its end."""
    assert address_of(given).url == url


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "the index URL is none"),
        ("index.test/simple", "it has to look like https://"),
        ("file:///srv/simple", "the index URL is none"),
        ("https://me:SECRET@/simple", "the index URL is none"),
        ("https://me:SECRET@index.test:x/simple", "the index URL is none"),
        ("https://index.test/simple/?token=SECRET", "the index URL at index.test has a query"),
        ("https://:SECRET@index.test/simple/", "a password without a user name; write __token__ for a token"),
        ("https://SEC%3ARET:SECRET@index.test/simple/", "the index URL at index.test has a user name or a password"),
        ("https://me:SECRET%0D%0Ax@index.test/simple/", "that cannot be sent"),
    ],
    ids=["empty", "no scheme", "a file", "no host", "no port", "a query", "no name", "a colon", "a line break"],
)
def test_what_is_no_index_url_is_refused_and_not_shown(given: str, words: str) -> None:
    """It may hold a password."""
    with pytest.raises(UsageError) as caught:
        address_of(given)
    assert words in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_user_info_is_the_credential_and_stands_nowhere(
    colour: Any, pages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Percent-encoded as in a URL; not in the requests' URLs, the repr, the log, or an error."""
    caplog.set_level(logging.DEBUG)
    client = colour.client(pages.json(), Answer(404), url="https://m%40e:S%3AECRET@index.test/simple/")
    colour.run(client.get_project("foo"))
    with pytest.raises(ProjectNotFoundError) as caught:
        colour.run(client.get_project("bar"))
    sent = client.transport.sent[0]
    assert base64.b64decode(sent.headers["Authorization"].removeprefix("Basic ")) == b"m@e:S:ECRET"
    everything = f"{client!r} {client.index_url} {sent.url} {caught.value} {caplog.text} {client._index.url}"
    assert "ECRET" not in everything


def test_two_credentials_are_one_too_many(colour: Any) -> None:
    """Nobody can tell which one is meant."""
    with pytest.raises(UsageError, match=r"two credentials: one in the index URL https://index.test/simple/, and one"):
        colour.client(url="https://me:SECRET@index.test/simple/", credential=BasicCredential("a", "b"))


def test_a_password_does_not_travel_over_plain_http(colour: Any) -> None:
    """Unless to this machine, or where the caller says that the network is his."""
    with pytest.raises(InsecureTransportError):
        colour.client(url="http://me:SECRET@index.test/simple/")
    colour.client(url="http://me:SECRET@index.test/simple/", allow_http=True)
    colour.client(url="http://me:SECRET@127.0.0.1/simple/")


# --- the environment -------------------------------------------------------------------------------------------------


def test_the_environment_names_the_index() -> None:
    """The first of the variables that is set, ours before those of uv and pip."""
    everything = dict.fromkeys(VARIABLES, "")
    for name in reversed(VARIABLES):
        everything[name] = f"https://{name.lower().replace('_', '-')}.test/"
        assert url_from(everything) == everything[name]


def test_a_name_before_uvs_default_index_is_left_out() -> None:
    """``UV_DEFAULT_INDEX`` may be ``NAME=URL``."""
    assert url_from({"UV_DEFAULT_INDEX": "internal=https://index.test/simple"}) == "https://index.test/simple"
    assert url_from({"PIP_INDEX_URL": "https://index.test/a=https://b/"}) == "https://index.test/a=https://b/"


def test_no_index_is_the_default(colour: Any) -> None:
    """The error names what to set."""
    with pytest.raises(UsageError, match="no index URL: set SIMPLE_REPOSITORY_INDEX_URL, or one of UV_DEFAULT_INDEX, "):
        colour.client_class.from_environment(environment={})


def test_a_client_from_the_environment(colour: Any, pages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this process, unless another one is given."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:SECRET@index.test/simple")
    transport = colour.transport_class(pages.json())
    client = colour.client_class.from_environment(transport=transport, serialization="json")
    colour.run(client.get_project("foo"))
    assert client.index_url == "https://index.test/simple/"
    assert transport.sent[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.test/x", ("https", "a.test", None)),
        ("https://A.test:443", ("https", "a.test", None)),
        ("http://a.test:8080/", ("http", "a.test", 8080)),
        ("https://a.test\\@b.test/", None),
        ("/x", None),
        ("https://a.test:x/", None),
    ],
    ids=["plain", "its own port", "another port", "a backslash", "relative", "no port"],
)
def test_origins(url: str, origin: Any) -> None:
    """Scheme, host and port; None for what could be read in two ways."""
    assert origin_of(url) == origin
