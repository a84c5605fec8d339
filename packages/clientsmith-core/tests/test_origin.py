"""Origins: who is at home, and who only looks so."""

from __future__ import annotations

import pytest
from clientsmith.core._origin import Home, is_loopback, origin_of
from hypothesis import given
from hypothesis import strategies as st

HOME = Home("https://api.test/v1")


@pytest.mark.parametrize(
    "url",
    ["https://api.test/x", "https://api.test", "HTTPS://API.test/x", "https://api.test:443/", "https://api.test?a=b"],
)
def test_the_same_origin_in_other_words_is_home(url: str) -> None:
    """Letter case and the default port do not matter (RFC 6454, section 4)."""
    assert HOME.has(url)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://api.test/", id="another scheme"),
        pytest.param("https://api.test:444/", id="another port"),
        pytest.param("https://api.test.evil.test/", id="another host"),
        pytest.param("https://api.test@evil.test/", id="user info that looks like it"),
        pytest.param("https://api.testing/", id="a longer name"),
        pytest.param("https://api.test./", id="a trailing dot"),
    ],
)
def test_another_origin_is_not_home(url: str) -> None:
    """However much it looks like it."""
    assert not HOME.has(url)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://evil.test\\@api.test/", id="backslash"),
        pytest.param("https://evil.test\t@api.test/", id="tab"),
        pytest.param("https://evil.test%00@api.test/", id="NUL"),
        pytest.param("https://evil.test\u2044@api.test/", id="a slash of another script"),
        pytest.param("https://[::1]@api.test/", id="an address before it"),
        pytest.param("https://me@api.test/", id="user info"),
        pytest.param(" https://api.test/", id="a blank before it"),
    ],
)
def test_what_parsers_read_differently_is_not_home(url: str) -> None:
    """A credential would go where our parser believes, and the request where the transport's does."""
    assert origin_of(url).host == "api.test"
    assert not HOME.has(url)


@given(st.text(st.sampled_from("evil.test:@/\\?#[]%\t\u3002 "), max_size=30))
def test_nothing_before_the_host_makes_another_one_home(text: str) -> None:
    """What is home begins, after its scheme, with the host of the endpoint."""
    url = f"https://{text}api.test/"
    try:
        is_home = HOME.has(url)
    except ValueError:  # no URL at all
        return
    assert not is_home or text == ""


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("a.localhost", True), ("127.8.9.1", True), ("::1", True), ("localhost.test", False), ("10.0.0.1", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(host: str, is_here: bool) -> None:
    """By name alone: name resolution could be answered by an attacker."""
    assert is_loopback(host) is is_here
