"""What ``WWW-Authenticate`` says: several challenges in one field, quoted strings, commas, bare values."""

from __future__ import annotations

import base64
import time

import pytest
from clientsmith.core.policies.authentication.challenges import (
    Challenge,
    claims_wanted,
    is_about_the_token,
    parse_challenges,
)
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "challenges"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("Bearer", [Challenge("bearer")], id="a scheme alone"),
        pytest.param(
            'Bearer realm="example", error="invalid_token"',
            [Challenge("bearer", parameters={"realm": "example", "error": "invalid_token"})],
            id="RFC 6750, section 3",
        ),
        pytest.param(
            'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
            [
                Challenge("newauth", parameters={"realm": "apps", "type": "1", "title": 'Login to "apps"'}),
                Challenge("basic", parameters={"realm": "simple"}),
            ],
            id="RFC 9110, section 11.6.1",
        ),
        pytest.param("Negotiate, NTLM", [Challenge("negotiate"), Challenge("ntlm")], id="schemes alone"),
        pytest.param("Negotiate YII=, Bearer", [Challenge("negotiate", "YII="), Challenge("bearer")], id="a bare value"),
        pytest.param(
            'Bearer realm="a, b=c", x=y', [Challenge("bearer", parameters={"realm": "a, b=c", "x": "y"})], id="commas inside"
        ),
        pytest.param(
            ' ,, Bearer\trealm = "a" ,,error=b,',
            [Challenge("bearer", parameters={"realm": "a", "error": "b"})],
            id="loose commas and spaces",
        ),
        pytest.param("Bearer x=1, X=2", [Challenge("bearer", parameters={"x": "1"})], id="the first of a name"),
        pytest.param('Basic realm="a", Bearer x="open', [Challenge("basic", parameters={"realm": "a"}), Challenge("bearer")], id="breaks off"),
        pytest.param("\x00\xff", [], id="rubbish"),
    ],
)  # fmt: skip
def test_challenges_are_read(value: str, challenges: list[Challenge]) -> None:
    """The same commas separate challenges and their parameters."""
    assert parse_challenges(value) == challenges


names = st.text("abcdefghijklmnopqrstuvwxyz-_0123456789", min_size=1, max_size=12)
values = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20)
challenge_lists = st.lists(
    st.builds(
        lambda scheme, parameters: Challenge(scheme, parameters=parameters), names, st.dictionaries(names, values)
    )
    | st.builds(lambda scheme, token: Challenge(scheme, token), names, st.from_regex(r"\A[A-Za-z0-9._~+/-]+={0,2}\Z")),
    max_size=4,
)


def written(challenge: Challenge, quote_all: bool) -> str:
    def one(value: str) -> str:
        if not quote_all and value.isascii() and value.isalnum():
            return value
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    parts = ", ".join(f"{name}={one(value)}" for name, value in challenge.parameters.items())
    return f"{challenge.scheme} {challenge.token68 or parts}".rstrip(" ")


@given(challenge_lists, st.booleans())
def test_what_is_written_is_read_back(challenges: list[Challenge], quote_all: bool) -> None:
    """Whatever the values hold, quoted or not."""
    assert parse_challenges(", ".join(written(challenge, quote_all) for challenge in challenges)) == challenges


@given(st.text(max_size=80) | st.text('Bearer ,="\\abc', max_size=80))
def test_anything_at_all_can_be_read(value: str) -> None:
    """A hostile service cannot make a client fall over by a header."""
    parse_challenges(value)


@pytest.mark.parametrize("piece", ["a=", 'a="\\', ",", "a ", "a=b,", '"', "=" * 8, "Bearer ", 'x="y",'])
def test_reading_takes_no_longer_than_the_header_is(piece: str) -> None:
    """No pattern runs wild: 64 KiB are read in the twinkling of an eye."""
    value = (piece * 65536)[:65536]
    begun = time.thread_time()  # what it costs, whatever else the machine does
    parse_challenges(value)
    parse_challenges(f'Bearer {value}"')
    assert time.thread_time() - begun < 2.0


def encoded(claims: str) -> str:
    return base64.b64encode(claims.encode()).decode()


CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}},"x":"ÿ?>"}'


@pytest.mark.parametrize(
    ("value", "claims"),
    [
        pytest.param(f'Bearer error="insufficient_claims", claims="{encoded(CLAIMS)}"', CLAIMS, id="as sent"),
        pytest.param(f'Bearer error=insufficient_claims, claims="{encoded(CLAIMS).rstrip("=")}"', CLAIMS, id="unpadded"),
        pytest.param(
            f'Bearer error=insufficient_claims, claims="{base64.urlsafe_b64encode(CLAIMS.encode()).decode()}"',
            CLAIMS,
            id="the other alphabet",
        ),
        pytest.param(f'Basic realm="a", bearer error=insufficient_claims, claims="{encoded("{}")}"', "{}", id="the second"),
        pytest.param(f'Bearer error="invalid_token", claims="{encoded("{}")}"', None, id="another error"),
        pytest.param('Bearer error="insufficient_claims"', None, id="no claims"),
        pytest.param('Bearer error="insufficient_claims", claims="?"', None, id="no base64"),
        pytest.param('Bearer error="insufficient_claims", claims="/w=="', None, id="no UTF-8"),
        pytest.param(f'PoP error="insufficient_claims", claims="{encoded("{}")}"', None, id="another scheme"),
    ],
)  # fmt: skip
def test_a_claims_challenge_names_its_claims(value: str, claims: str | None) -> None:
    """In base64, as the Microsoft identity platform sends them."""
    assert claims_wanted(parse_challenges(value)) == claims


@given(st.text(min_size=1, max_size=60), st.integers(0, 2))
@settings(max_examples=60)
def test_claims_come_through_whole(claims: str, padding: int) -> None:
    """However much of the padding is left."""
    value = f'Bearer error="insufficient_claims", claims="{encoded(claims).rstrip("=") + "=" * padding}"'
    assert claims_wanted(parse_challenges(value)) == claims


@pytest.mark.parametrize(
    ("value", "another_may_help"),
    [
        pytest.param("", True, id="nothing said"),
        pytest.param('Bearer realm="x"', True, id="no error"),
        pytest.param('Bearer error="invalid_token"', True, id="the token"),
        pytest.param('Bearer error="insufficient_scope"', False, id="the scope"),
        pytest.param('Bearer error="invalid_request"', False, id="the request"),
    ],
)
def test_a_service_may_say_that_the_token_is_not_to_blame(value: str, another_may_help: bool) -> None:
    """RFC 6750, section 3.1."""
    assert is_about_the_token(parse_challenges(value)) is another_may_help
