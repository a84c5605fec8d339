"""Sign-in with a browser: what the user is sent away with, what is believed of what comes back."""

from __future__ import annotations

import pickle
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from clientsmith.core.credentials import Bearer
from clientsmith.core.errors import SignInError, TokenRefusedError, TokenUnavailableError
from clientsmith.core.oauth2 import Application, AuthorizationRequest, TokenSet
from clientsmith.core.testing import Answer

APP = Application("app", "https://login.test/token", authorization_url="https://login.test/authorize?tenant=x")
BACK = "http://127.0.0.1:8000/back"


def begun(**arguments: Any) -> AuthorizationRequest:
    return AuthorizationRequest(APP, BACK, scopes=["a", "b"], **arguments)


def test_the_user_is_sent_away_with_state_and_challenge() -> None:
    """RFC 6749, section 4.1.1, and RFC 7636, section 4.3."""
    request = begun()
    url = urlsplit(request.url(prompt="consent"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://login.test/authorize"
    digest = urlsafe_b64encode(sha256(request.code_verifier.encode()).digest()).decode().rstrip("=")
    assert {name: values[0] for name, values in parse_qs(url.query).items()} == {
        "tenant": "x",
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": BACK,
        "scope": "a b",
        "state": request.state,
        "code_challenge": digest,
        "code_challenge_method": "S256",
        "prompt": "consent",
    }


def test_the_challenge_is_that_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    request = begun(code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert parse_qs(urlsplit(request.url()).query)["code_challenge"] == ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]


def test_each_sign_in_is_random() -> None:
    """A verifier has 43 to 128 characters."""
    one, other = begun(), begun()
    assert one.state != other.state
    assert one.code_verifier != other.code_verifier
    assert 43 <= len(one.code_verifier) <= 128
    assert one.state not in repr(one)
    assert one.code_verifier not in repr(one)


@pytest.mark.parametrize("shape", ["{back}?{query}", "{query}", "/back?{query}"], ids=["whole", "query", "path"])
def test_a_code_is_exchanged_once_and_refreshed_from_then_on(scripted: Callable[..., Any], shape: str) -> None:
    """With the verifier and the redirect that it was asked for with."""
    now, kept = [1000.0], list[TokenSet]()
    request = begun(state="st")
    redirected = shape.format(back=BACK, query=urlencode({"code": "c/1", "state": "st"}))
    credential = request.credential(redirected, on_token=kept.append, clock=lambda: now[0])
    lines = [
        Answer(json={"access_token": "t1", "refresh_token": "r1", "expires_in": 60}),
        Answer(),
        Answer(json={"access_token": "t2", "expires_in": 60}),
        Answer(),
    ]
    client = scripted(*lines, credential=credential, authentication=[Bearer(["ignored"])])
    client.send("GET", "/")
    now[0] += 60.0
    client.send("GET", "/")
    forms = [{name: values[0] for name, values in client.service.sent[i].form().items()} for i in (0, 2)]
    assert forms == [
        {
            "grant_type": "authorization_code",
            "code": "c/1",
            "redirect_uri": BACK,
            "code_verifier": request.code_verifier,
            "client_id": "app",
        },
        {"grant_type": "refresh_token", "refresh_token": "r1", "scope": "a b", "client_id": "app"},
    ]
    assert [tokens.refresh_token for tokens in kept] == ["r1", "r1"]


def test_a_code_that_was_used_is_not_used_again(scripted: Callable[..., Any]) -> None:
    """The server would take it for stolen."""
    credential = begun(state="s").credential("code=c&state=s")
    refused = Answer(400, json={"error": "invalid_grant"})
    client = scripted(refused, credential=credential, authentication=[Bearer()])
    with pytest.raises(TokenRefusedError, match="invalid_grant"):
        client.send("GET", "/")
    with pytest.raises(TokenUnavailableError, match="the sign-in is over, and there is no refresh token"):
        client.send("GET", "/")


@pytest.mark.parametrize(
    ("query", "issuer", "code", "message"),
    [
        pytest.param({"code": "c", "state": "ü"}, None, None, "its state is another one", id="another state"),
        pytest.param({"code": "c"}, None, None, "its state is another one", id="no state"),
        pytest.param(
            {"error": "access_denied", "error_description": "no!", "state": "s"}, None, "access_denied", "denied: no!",
            id="refused",
        ),
        pytest.param({"error": "access_denied", "state": "x"}, None, None, "state is another", id="refused by a stranger"),
        pytest.param({"state": "s"}, None, None, "holds no code", id="no code"),
        pytest.param({"code": ["c", "d"], "state": "s"}, None, None, "holds no code", id="two codes"),
        pytest.param({"code": "c", "state": ["s", "x"]}, None, None, "its state is another one", id="two states"),
        pytest.param({"code": "c", "state": "s"}, "https://a", None, "issuer None, not", id="no issuer"),
        pytest.param({"code": "c", "state": "s", "iss": "b"}, "https://a", None, "issuer 'b', not", id="another issuer"),
    ],
)  # fmt: skip
def test_what_does_not_belong_to_the_sign_in_is_not_believed(
    query: dict[str, Any], issuer: str | None, code: str | None, message: str
) -> None:
    """State before anything else (RFC 6749, section 10.12), then the issuer (RFC 9207)."""
    application = Application("app", APP.token_url, authorization_url=APP.authorization_url, issuer=issuer)
    request = AuthorizationRequest(application, BACK, state="s")
    with pytest.raises(SignInError, match=message) as caught:
        request.credential(f"{BACK}?{urlencode(query, doseq=True)}")
    assert pickle.loads(pickle.dumps(caught.value)).error_code == code


def test_the_server_says_who_it_is() -> None:
    """The issuer that was expected."""
    application = Application("app", APP.token_url, authorization_url=APP.authorization_url, issuer="https://a")
    AuthorizationRequest(application, BACK, state="s").credential("code=c&state=s&iss=https%3A%2F%2Fa")


def test_an_application_without_a_page_to_send_users_to_is_told() -> None:
    """At once."""
    with pytest.raises(ValueError, match="no authorization_url"):
        AuthorizationRequest(Application("app", APP.token_url), BACK)
