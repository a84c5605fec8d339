"""Grants: what is sent to the authorization server, what becomes of its answers, and what nobody else gets to see."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import pickle
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.core import ServiceClient, aio
from clientsmith.core.credentials import (
    AccessToken,
    AllOf,
    BasicCredential,
    Bearer,
    KeyCredential,
    KeyInHeader,
    KeyInQuery,
)
from clientsmith.core.errors import (
    DeadlineExceededError,
    HttpResponseError,
    InsecureTransportError,
    ServiceResponseError,
    TokenRefusedError,
    TokenUnavailableError,
)
from clientsmith.core.oauth2 import (
    Application,
    ClientSecretCredential,
    OAuth2Credential,
    PasswordCredential,
    RefreshTokenCredential,
    TokenSet,
)
from clientsmith.core.pipeline import HookPolicy
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

TOKEN_URL = "https://login.test/token"
APP = Application("app", TOKEN_URL, client_secret="SECRET-OF-APP")


def granted(token: str, refresh_token: str | None = None, **more: Any) -> Answer:
    refresh = {"refresh_token": refresh_token} if refresh_token else {}
    return Answer(json={"access_token": token, "token_type": "Bearer", "expires_in": 3600, **refresh, **more})


def refused(code: str, description: str = "", status: int = 400) -> Answer:
    return Answer(status, json={"error": code, "error_description": description})


def form_of(client: Any, index: int = 0) -> dict[str, str]:
    return {name: values[0] for name, values in client.service.sent[index].form().items()}


def talk(client: Any) -> list[str]:
    """Say who was talked to, and with which token."""
    return [
        "token" if request.url == TOKEN_URL else request.headers.get("Authorization", "-")
        for request in client.requests
    ]


# --- the application -------------------------------------------------------------------------------------------------


def test_the_secret_goes_into_the_header_form_encoded() -> None:
    """RFC 6749, section 2.3.1: a colon or a blank in either part arrives as it is."""
    headers, form = Application("a:b", TOKEN_URL, client_secret="s cr:ü%").proof()
    assert b64decode(headers["Authorization"].removeprefix("Basic ")) == b"a%3Ab:s+cr%3A%C3%BC%25"
    assert form == {}


def test_the_secret_may_go_into_the_body() -> None:
    """For servers that take it nowhere else; a key credential is read anew each time."""
    secret = KeyCredential("old")
    application = Application("app", TOKEN_URL, client_secret=secret, authentication="client_secret_post")
    secret.update("new")
    assert application.proof() == ({}, {"client_id": "app", "client_secret": "new"})


def test_a_public_application_says_its_name_alone() -> None:
    """What users install cannot keep a secret."""
    assert Application("app", TOKEN_URL).proof() == ({}, {"client_id": "app"})


@pytest.mark.parametrize("name", ["token_url", "authorization_url", "device_authorization_url"])
def test_secrets_are_not_sent_unencrypted(name: str) -> None:
    """But on this machine, and where the caller says that the network is theirs."""
    urls = {"token_url": TOKEN_URL, name: "http://login.test/x"}
    with pytest.raises(InsecureTransportError, match=r"http://login\.test is not encrypted"):
        Application("app", **urls)
    Application("app", **urls, allow_http=True)
    Application("app", **{**urls, name: "http://127.0.0.1:8080/x"})
    with pytest.raises(ValueError, match="not absolute"):
        Application("app", **{**urls, name: "/token"})


@pytest.mark.parametrize(
    "shown",
    [
        Application("app", f"{TOKEN_URL}?x=SECRET", client_secret="SECRET"),
        TokenSet(AccessToken("SECRET", 1.0), "SECRET", ("a",), {"id_token": "SECRET"}),
        ClientSecretCredential(APP),
        PasswordCredential(APP, BasicCredential("me", "SECRET")),
        RefreshTokenCredential(APP, "SECRET"),
    ],
    ids=lambda shown: type(shown).__name__,
)
def test_no_repr_shows_a_secret(shown: object) -> None:
    """They end up in logs and tracebacks."""
    assert "SECRET" not in f"{shown!r} {shown}"


# --- client credentials ----------------------------------------------------------------------------------------------


def test_a_program_gets_a_token_for_itself(scripted: Callable[..., Any]) -> None:
    """One request to the server, then as many to the service as the token serves for."""
    application = Application("app", TOKEN_URL, client_secret="s", parameters={"audience": "https://api.test"})
    client = scripted(
        granted("t1"),
        Answer(),
        Answer(),
        credential=ClientSecretCredential(application),
        authentication=[Bearer(["a", "b"])],
    )
    client.send("GET", "/")
    client.send("GET", "/")
    assert talk(client) == ["token", "Bearer t1", "Bearer t1"]
    assert form_of(client) == {"grant_type": "client_credentials", "scope": "a b", "audience": "https://api.test"}
    asked = client.requests[0]
    assert (asked.method, asked.headers["Accept"]) == ("POST", "application/json")
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.headers["Authorization"].startswith("Basic ")


def test_scopes_of_the_credential_win_over_those_of_the_service(scripted: Callable[..., Any]) -> None:
    """A description names all that there are; who asks knows what is needed."""
    credential = ClientSecretCredential(APP, scopes=["mine"])
    client = scripted(granted("t"), Answer(), credential=credential, authentication=[Bearer(["a", "b"])])
    client.send("GET", "/")
    assert form_of(client)["scope"] == "mine"


def test_the_server_sees_nothing_of_the_client(scripted: Callable[..., Any]) -> None:
    """Neither its other credentials, nor its header fields, nor what its policies add."""

    class Stamp(HookPolicy):
        def on_request(self, request: HttpRequest, /) -> None:
            request.headers["X-Stamp"] = "private"

    both = AllOf({"key": KeyInHeader("X-Key"), "query": KeyInQuery("k"), "token": Bearer()})
    client = scripted(
        granted("t"),
        Answer(),
        credential={"key": KeyCredential("K"), "query": KeyCredential("Q"), "token": ClientSecretCredential(APP)},
        authentication=[both],
        settings={"headers": {"X-Own": "private"}, "per_retry_policies": [Stamp()]},
    )
    client.send("GET", "/")
    asked, sent = client.requests
    assert asked.url == TOKEN_URL
    assert not {"X-Key", "X-Own", "X-Stamp", "X-Request-ID"} & set(asked.headers)
    assert sent.headers["X-Key"] + sent.headers["X-Stamp"] + sent.headers["Authorization"] == "KprivateBearer t"


def test_token_requests_are_logged_and_no_secret_is(
    scripted: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """As every request is."""
    caplog.set_level(logging.DEBUG, "clientsmith.core.http")
    client = scripted(
        granted("SECRET-TOKEN"), Answer(), credential=ClientSecretCredential(APP), authentication=[Bearer()]
    )
    client.send("GET", "/")
    assert f"POST {TOKEN_URL} answered 200" in caplog.text
    assert "SECRET" not in caplog.text


def test_attempts_at_the_server_are_not_those_of_the_call(scripted: Callable[..., Any]) -> None:
    """The server is asked again where that is safe, and the call's error counts the call's attempts."""
    client = scripted(
        Answer(503),
        ServiceResponseError("reset"),
        granted("t"),
        Answer(404),
        credential=ClientSecretCredential(APP),
        authentication=[Bearer()],
    )
    response = client.send("POST", "/")
    assert (response.status_code, response.request.call.attempts) == (404, 1)
    assert talk(client) == ["token"] * 3 + ["Bearer t"]
    assert len(client.service.waits) == 2


def test_claims_are_passed_on(scripted: Callable[..., Any]) -> None:
    """As the parameter of that name."""
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_claims", claims="e30="'}
    client = scripted(
        granted("t1"),
        Answer(401, headers=challenge),
        granted("t2"),
        Answer(),
        credential=ClientSecretCredential(APP),
        authentication=[Bearer()],
    )
    assert client.send("GET", "/").status_code == 200
    assert form_of(client, 2)["claims"] == "{}"


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        pytest.param(refused("invalid_client", "no such app", 401), "invalid_client", "no such app", id="401"),
        pytest.param(refused("invalid_scope", "bad"), "invalid_scope", "invalid_scope: bad", id="400"),
        pytest.param(refused("bad_code", "used", 200), "bad_code", "bad_code: used", id="200 with an error"),
        pytest.param(Answer(403, content=b"<html>"), None, "answered 403", id="not as the RFC says"),
        pytest.param(Answer(content=b"<html>"), None, "the answer is not a JSON object", id="no JSON"),
        pytest.param(Answer(json={"x": 1}), None, "the answer holds no access token", id="no token"),
        pytest.param(granted("SECRET", token_type="DPoP"), None, "of type 'DPoP'; only bearer", id="another type"),
        pytest.param(
            refused("invalid_client", "SECRET-OF-APP is wrong"), "invalid_client", r"\*\*\* is wrong", id="repeats it"
        ),
    ],
)
def test_a_refusal_is_told_with_its_reason(
    scripted: Callable[..., Any], answer: Answer, code: str | None, message: str
) -> None:
    """A typed error that pickles, with code and description, and never the secret."""
    client = scripted(answer, credential=ClientSecretCredential(APP), authentication=[Bearer()])
    with pytest.raises(TokenRefusedError, match=message) as caught:
        client.send("GET", "/")
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.error_code, error.url) == (code, TOKEN_URL)
    assert "SECRET" not in f"{error} {error!r} {error.__dict__}"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_of_the_server_is_no_refusal(scripted: Callable[..., Any], status: int) -> None:
    """It may pass; the credential is as good as before. What the server repeats of it is not kept."""
    trouble = Answer(status, content=b"SECRET-OF-APP")
    client = scripted(trouble, repeat=True, credential=ClientSecretCredential(APP), authentication=[Bearer()])
    with pytest.raises(TokenUnavailableError, match=f"POST {TOKEN_URL} answered {status}") as caught:
        client.send("GET", "/", max_retries=1)
    cause = caught.value.__cause__
    assert isinstance(cause, HttpResponseError)
    assert "SECRET" not in f"{cause.__dict__} {[earlier.__dict__ for earlier in cause.previous]}"
    assert talk(client) == ["token", "token"]


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(3600, 3600.0), ("3600", 3600.0), (None, math.inf), ("soon", math.inf), (math.nan, math.inf)],
    ids=["number", "text", "not said", "unreadable", "not a number"],
)
def test_how_long_a_token_lives(expires_in: object, seconds: float) -> None:
    """Counted from before it was asked for; without a word only a 401 ends it."""
    body = json.dumps({"access_token": "t", "expires_in": expires_in}).encode()
    credential = ClientSecretCredential(APP, clock=lambda: 1000.0)
    token = credential.get_token("s", transport=ScriptedTransport(Answer(content=body)))
    assert token == AccessToken("t", 1000.0 + seconds)


def test_a_token_can_be_had_without_a_client() -> None:
    """To sign in ahead of the first call, which then finds it."""
    credential = ClientSecretCredential(APP, scopes=["a"])
    server = ScriptedTransport(granted("t"))
    assert [credential.get_token("ignored", transport=server).token for _ in range(2)] == ["t", "t"]
    service = ScriptedTransport(Answer())
    client = ServiceClient("https://api.test", credential, authentication=[Bearer()], transport=service)
    client.send_request(HttpRequest("GET", "/"))
    assert len(server.requests) == len(service.requests) == 1


def test_a_token_is_waited_for_until_the_calls_deadline(scripted: Callable[..., Any]) -> None:
    """The way to the server counts."""
    client = scripted(
        Answer(503, headers={"Retry-After": "5"}),
        repeat=True,
        credential=ClientSecretCredential(APP),
        authentication=[Bearer()],
    )
    with pytest.raises((DeadlineExceededError, TokenUnavailableError)):
        client.send("GET", "/", timeout=12.0)
    assert client.service.now <= 12.0


async def test_clients_of_both_colours_share_a_credential() -> None:
    """And its token."""
    credential = ClientSecretCredential(APP)
    first = AsyncScriptedTransport(granted("t"), Answer())
    client = aio.ServiceClient("https://api.test", credential, authentication=[Bearer()], transport=first)
    await client.send_request(HttpRequest("GET", "/"))
    second = ScriptedTransport(Answer())
    ServiceClient("https://api.test", credential, authentication=[Bearer()], transport=second).send_request(
        HttpRequest("GET", "/")
    )
    assert second.requests[0].headers["Authorization"] == "Bearer t"


# --- users -----------------------------------------------------------------------------------------------------------


def test_rotated_refresh_tokens_are_kept(scripted: Callable[..., Any]) -> None:
    """The newest is the one in use, and the application hears of each; where none comes the last one goes on."""
    now = [1000.0]
    kept: list[TokenSet] = []
    credential = RefreshTokenCredential(APP, "r0", on_token=kept.append, clock=lambda: now[0])
    lines = [granted("t1", "r1"), Answer(), granted("t2"), Answer(), granted("t3", "r3"), Answer()]
    client = scripted(*lines, credential=credential, authentication=[Bearer(["s"])])
    for _ in range(3):
        client.send("GET", "/")
        now[0] += 4000.0
    assert [form_of(client, index)["refresh_token"] for index in (0, 2, 4)] == ["r0", "r1", "r1"]
    assert [tokens.refresh_token for tokens in kept] == ["r1", "r1", "r3"]
    assert talk(client)[1::2] == ["Bearer t1", "Bearer t2", "Bearer t3"]


def test_what_was_kept_is_begun_with(scripted: Callable[..., Any]) -> None:
    """JSON and back; the access token serves until it is refused."""
    kept: list[str] = []
    begun = RefreshTokenCredential(APP, "r0", on_token=lambda tokens: kept.append(json.dumps(tokens.as_dict())))
    begun.get_token("s", transport=ScriptedTransport(granted("t1", "r1", id_token="i", scope="s u")))
    tokens = TokenSet.from_dict(json.loads(kept[0]))
    assert (tokens.refresh_token, tokens.scopes, tokens.extra) == ("r1", ("s", "u"), {"id_token": "i"})
    credential = RefreshTokenCredential(APP, tokens)
    client = scripted(Answer(), Answer(401), granted("t2"), Answer(), credential=credential, authentication=[Bearer()])
    assert [client.send("GET", "/").status_code for _ in range(2)] == [200, 200]
    assert talk(client) == ["Bearer t1", "Bearer t1", "token", "Bearer t2"]
    assert form_of(client, 2)["refresh_token"] == "r1"


def test_a_token_without_end_is_kept_as_one() -> None:
    """JSON has no infinity."""
    tokens = TokenSet(AccessToken("t", math.inf), "r")
    assert TokenSet.from_dict(json.loads(json.dumps(tokens.as_dict(), allow_nan=False))) == tokens


def test_a_refresh_token_is_not_sent_twice(scripted: Callable[..., Any]) -> None:
    """A server that sees one again may take it for stolen, and end the sign-in."""
    client = scripted(
        ServiceResponseError("reset"), credential=RefreshTokenCredential(APP, "r"), authentication=[Bearer()]
    )
    with pytest.raises(TokenUnavailableError, match=r"ServiceResponseError: .*reset"):
        client.send("GET", "/")


async def test_many_tasks_and_clients_use_a_refresh_token_once() -> None:
    """One at a time for the credential, not for the client."""
    credential = RefreshTokenCredential(APP, "r0")

    def line(request: HttpRequest) -> Answer:
        return granted("t", "r1") if request.url == TOKEN_URL else Answer()

    services = [AsyncScriptedTransport(*[line] * 30) for _ in range(3)]
    clients = [
        aio.ServiceClient("https://api.test", credential, authentication=[Bearer()], transport=service)
        for service in services
    ]
    await asyncio.gather(*(client.send_request(HttpRequest("GET", "/")) for client in clients for _ in range(20)))
    assert sum(request.url == TOKEN_URL for service in services for request in service.requests) == 1


def test_a_revoked_sign_in_is_told(scripted: Callable[..., Any]) -> None:
    """The user has to sign in again."""
    client = scripted(
        refused("invalid_grant", "revoked"), credential=RefreshTokenCredential(APP, "r"), authentication=[Bearer()]
    )
    with pytest.raises(TokenRefusedError, match="invalid_grant: revoked"):
        client.send("GET", "/")
    with pytest.raises(TokenUnavailableError, match="the sign-in is over"):
        client.send("GET", "/")  # and the server is not asked again


def test_a_password_signs_in_and_then_refreshes(scripted: Callable[..., Any]) -> None:
    """And signs in anew when the refresh token is over."""
    now = [1000.0]
    credential = PasswordCredential(APP, BasicCredential("me", "pw"), clock=lambda: now[0])
    lines = [
        *(granted("t1", "r1"), Answer()),
        *(granted("t2"), Answer()),
        *(refused("invalid_grant"), granted("t3"), Answer()),
    ]
    client = scripted(*lines, credential=credential, authentication=[Bearer()])
    for _ in range(3):
        client.send("GET", "/")
        now[0] += 4000.0
    assert [form_of(client, index)["grant_type"] for index in (0, 2, 4, 5)] == [
        "password", "refresh_token", "refresh_token", "password",
    ]  # fmt: skip
    assert (form_of(client)["username"], form_of(client)["password"]) == ("me", "pw")


def test_a_place_to_keep_tokens_that_fails_is_told(scripted: Callable[..., Any]) -> None:
    """What is not kept would be lost with the process."""

    def full(tokens: TokenSet) -> None:
        raise OSError("disk full")

    client = scripted(
        granted("t", "r"), credential=RefreshTokenCredential(APP, "r", on_token=full), authentication=[Bearer()]
    )
    with pytest.raises(TokenUnavailableError, match="OSError: disk full"):
        client.send("GET", "/")


def test_no_refresh_token_is_told_at_once() -> None:
    """A set that was kept may have none."""
    with pytest.raises(ValueError, match="there is no refresh token to begin with"):
        RefreshTokenCredential(APP, TokenSet(AccessToken("t", 1.0)))


def test_a_kind_of_credential_says_how_it_gets_tokens() -> None:
    """One of your own derives from `OAuth2Credential`."""
    with pytest.raises(TokenUnavailableError, match="OAuth2Credential does not say what it gets tokens with"):
        OAuth2Credential(APP).get_token(transport=ScriptedTransport())


def test_an_error_says_which_scope_was_refused(scripted: Callable[..., Any]) -> None:
    """Of what was sent only what may be a secret is hidden."""
    credential = PasswordCredential(APP, BasicCredential("ann", "SECRET-OF-ANN"), scopes=["dogs.write"])
    said = "scope dogs.write is not for ann with SECRET-OF-ANN; grant_type=password"
    client = scripted(refused("invalid_scope", said), credential=credential, authentication=[Bearer()])
    with pytest.raises(TokenRefusedError) as caught:
        client.send("GET", "/")
    assert caught.value.service_message == "scope dogs.write is not for ann with ***; grant_type=password"
