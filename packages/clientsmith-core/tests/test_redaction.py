"""What may be shown of a URL and of header fields."""

from __future__ import annotations

import pytest
from clientsmith.core.redaction import REDACTED, redact_headers, redact_url
from hypothesis import given
from hypothesis import strategies as st

SECRET = "Zq9SECRETqZ"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.test/a?limit=5&token=x", "https://h.test/a?limit=5&token=***"),
        ("https://me:SECRET@h.test:81/a#SECRET", "https://h.test:81/a"),
        ("https://h.test/a?flag&LIMIT=2", "https://h.test/a?flag=***&LIMIT=2"),
        ("/a?b=c", "/a?b=***"),
        ("/a?limit=5;token=SECRET", "/a?limit=***"),
        ("https://h.test:SECRET/", REDACTED),
        ("https://me:SECRET@[h", REDACTED),
        ("", ""),
    ],
    ids=["query", "user info and fragment", "a flag, any case", "relative", "semicolon", "port", "host", "empty"],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    """User info and fragment go, names stay, values of unknown names are hidden; what cannot be read is not shown."""
    assert redact_url(url) == shown


def test_header_fields_that_are_urls_are_shown_like_urls() -> None:
    """The next one may be somebody's key: an allow-list."""
    headers = {"Location": "https://h.test/?sig=SECRET", "ETag": '"a"', "X-New": "SECRET", "AUTHORIZATION": "SECRET"}
    assert redact_headers(headers) == {
        "Location": "https://h.test/?sig=***", "ETag": '"a"', "X-New": "***", "AUTHORIZATION": "***",
    }  # fmt: skip


PARTS = st.text("ab:/?#[]@!$&'()*+,;=%. \\\t", max_size=6)


@given(st.tuples(PARTS, PARTS), st.tuples(PARTS, PARTS))
def test_a_password_in_a_url_is_never_shown(around: tuple[str, str], rest: tuple[str, str]) -> None:
    """Whatever stands around it."""
    user, host = around[0].replace("/", "").replace("?", "").replace("#", "").replace("\\", ""), "h.test"
    assert SECRET not in redact_url(f"https://{user}:{SECRET}@{host}/{rest[0].replace('@', '')}")


@given(PARTS, PARTS)
def test_a_value_of_an_unknown_parameter_is_never_shown(before: str, after: str) -> None:
    """As long as it is a parameter: a path is shown."""
    before = before.replace("#", "").replace("?", "")
    assert SECRET not in redact_url(f"https://h.test/?x{before}={SECRET}{after}").partition("?")[2]
