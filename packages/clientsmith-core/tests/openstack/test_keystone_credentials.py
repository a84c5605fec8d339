"""Signing in at keystone: what is sent, what becomes of its answers, when it happens again, and who never sees it."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import time
from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.core import ServiceClient, aio
from clientsmith.core.credentials import AllOf, Bearer, KeyCredential, KeyInHeader
from clientsmith.core.errors import (
    ClientAuthenticationError,
    CredentialError,
    DeadlineExceededError,
    InsecureTransportError,
    TokenRefusedError,
    TokenUnavailableError,
)
from clientsmith.core.openstack import (
    KeystoneApplicationCredential,
    KeystoneCredential,
    KeystonePasswordCredential,
    fetch_catalog,
)
from clientsmith.core.openstack.aio import fetch_catalog as fetch_catalog_async
from clientsmith.core.pipeline import HookPolicy
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

KEYSTONE = "https://keystone.test/v3"
X_AUTH_TOKEN = [KeyInHeader("X-Auth-Token")]


class Clock:
    """Seconds since the epoch, which stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def signed_in(token: str, *, seconds: int = 3600, **more: Any) -> Answer:
    """Keystone's answer; its clock is not ours."""
    document = {
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "expires_at": f"2026-01-01T{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}.000000Z",
        **more,
    }
    return Answer(201, json={"token": document}, headers={"X-Subject-Token": token})


def ada(clock: Callable[[], float] = time.time) -> KeystonePasswordCredential:
    return KeystonePasswordCredential(KEYSTONE, "ada", "SECRET-WORD", project_name="physics", clock=clock)


def talk(client: Any) -> list[str]:
    """Say who was talked to, and with which token."""
    return [
        "sign in" if request.url == f"{KEYSTONE}/auth/tokens" else request.headers.get("X-Auth-Token", "-")
        for request in client.requests
    ]


def body_of(request: HttpRequest) -> Any:
    assert isinstance(request.content, bytes)
    return json.loads(request.content)["auth"]


# --- what is asked for -----------------------------------------------------------------------------------------------

DEFAULT = {"id": "default"}


@pytest.mark.parametrize(
    ("options", "user_domain", "scope"),
    [
        ({}, DEFAULT, None),
        ({"project_name": "physics"}, DEFAULT, {"project": {"name": "physics", "domain": DEFAULT}}),
        ({"project_id": "p1"}, DEFAULT, {"project": {"id": "p1"}}),
        (
            {"user_domain_name": "Staff", "project_name": "physics"},
            {"name": "Staff"},
            {"project": {"name": "physics", "domain": {"name": "Staff"}}},
        ),
        (
            {"user_domain_id": "d1", "project_name": "physics", "project_domain_name": "Labs"},
            {"id": "d1"},
            {"project": {"name": "physics", "domain": {"name": "Labs"}}},
        ),
        (
            {"project_name": "physics", "project_domain_id": "d2"},
            DEFAULT,
            {"project": {"name": "physics", "domain": {"id": "d2"}}},
        ),
        ({"domain_name": "Staff"}, DEFAULT, {"domain": {"name": "Staff"}}),
        ({"domain_id": "d1"}, DEFAULT, {"domain": {"id": "d1"}}),
        ({"is_system": True}, DEFAULT, {"system": {"all": True}}),
    ],
    ids=[
        "nothing",
        "a project by name",
        "a project by id",
        "a project where the user is",
        "a project in another domain, by name",
        "a project in another domain, by id",
        "a domain by name",
        "a domain by id",
        "the system",
    ],
)
def test_a_password_signs_in_for_a_scope(options: dict[str, Any], user_domain: Any, scope: Any) -> None:
    """As the Identity API v3 wants it."""
    service = ScriptedTransport(signed_in("t1"))
    fetch_catalog(KeystonePasswordCredential(KEYSTONE, "ada", "SECRET-WORD", **options), transport=service)
    (asked,) = service.requests
    assert (asked.method, asked.url) == ("POST", "https://keystone.test/v3/auth/tokens")
    assert asked.headers["Content-Type"] == "application/json"
    user = {"name": "ada", "domain": user_domain, "password": "SECRET-WORD"}
    wanted = {"identity": {"methods": ["password"], "password": {"user": user}}}
    assert body_of(asked) == (wanted if scope is None else {**wanted, "scope": scope})


def test_an_application_credential_signs_in_without_a_scope() -> None:
    """It has one of its own, and keystone refuses another."""
    service = ScriptedTransport(signed_in("t1"), signed_in("t2"))
    fetch_catalog(KeystoneApplicationCredential(KEYSTONE, "a1b2", "SECRET-WORD"), transport=service)
    named = KeystoneApplicationCredential.of_user(
        KEYSTONE, "nightly", "SECRET-WORD", username="ada", user_domain_name="Staff"
    )
    fetch_catalog(named, transport=service)
    methods = {"methods": ["application_credential"]}
    by_id, by_name = (body_of(request) for request in service.requests)
    assert by_id == {"identity": {**methods, "application_credential": {"id": "a1b2", "secret": "SECRET-WORD"}}}
    user = {"name": "ada", "domain": {"name": "Staff"}}
    assert by_name == {
        "identity": {
            **methods,
            "application_credential": {"name": "nightly", "user": user, "secret": "SECRET-WORD"},
        }
    }


@pytest.mark.parametrize(
    ("auth_url", "asked"),
    [
        ("https://keystone.test", "https://keystone.test/v3/auth/tokens"),
        ("https://keystone.test/", "https://keystone.test/v3/auth/tokens"),
        ("https://keystone.test/v3", "https://keystone.test/v3/auth/tokens"),
        ("https://keystone.test:5000/v3/", "https://keystone.test:5000/v3/auth/tokens"),
        ("https://cloud.test/identity", "https://cloud.test/identity/v3/auth/tokens"),
        ("https://cloud.test/identity/v3", "https://cloud.test/identity/v3/auth/tokens"),
    ],
)
def test_the_address_of_keystone_may_be_written_as_clouds_do(auth_url: str, asked: str) -> None:
    """With the version, without it, and below a path."""
    service = ScriptedTransport(signed_in("t1"))
    fetch_catalog(KeystonePasswordCredential(auth_url, "ada", "x"), transport=service)
    assert service.requests[0].url == asked


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("/v3", "ada", "x"), {}, "not absolute"),
        (("https://k.test/v2.0", "ada", "x"), {}, r"ends in v2\.0, an identity API that is no more"),
        ((KEYSTONE, "", "x"), {}, "the user name is empty"),
        ((KEYSTONE, "ada", ""), {}, "the secret is empty"),
        ((KEYSTONE, "ada", "x"), {"project_id": "1", "project_name": "p"}, "project_id and project_name are two ways"),
        ((KEYSTONE, "ada", "x"), {"user_domain_id": "1", "user_domain_name": "p"}, "user_domain_id and user_domain_n"),
        (
            (KEYSTONE, "ada", "x"),
            {"project_name": "p", "is_system": True},
            "a project, a domain or the system; say one",
        ),
        ((KEYSTONE, "ada", "x"), {"project_id": "p", "domain_id": "d"}, "a project, a domain or the system; say one"),
    ],
)
def test_what_cannot_sign_in_is_told_at_once(
    arguments: tuple[str, str, str], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        KeystonePasswordCredential(*arguments, **options)


def test_a_password_is_not_sent_unencrypted() -> None:
    """But on this machine, and where the caller says that the network is theirs."""
    with pytest.raises(InsecureTransportError, match=r"http://keystone\.test is not encrypted"):
        KeystonePasswordCredential("http://keystone.test/v3", "ada", "x")
    KeystonePasswordCredential("http://keystone.test/v3", "ada", "x", allow_http=True)
    KeystonePasswordCredential("http://127.0.0.1:5000/v3", "ada", "x")
    with pytest.raises(InsecureTransportError):
        KeystoneApplicationCredential("http://keystone.test", "id", "x")


# --- how its tokens travel -------------------------------------------------------------------------------------------


def test_one_token_serves_many_calls(scripted: Callable[..., Any]) -> None:
    """In the header field that every OpenStack service reads."""
    client = scripted(signed_in("t1"), Answer(), Answer(), credential=ada(), authentication=X_AUTH_TOKEN)
    client.send("GET", "/a")
    client.send("GET", "/b")
    assert talk(client) == ["sign in", "t1", "t1"]
    assert "Authorization" not in client.requests[1].headers


def test_a_token_is_renewed_before_its_end(scripted: Callable[..., Any]) -> None:
    """As long before as other tokens are; how long it lives is on keystone's clock alone."""
    clock = Clock()
    client = scripted(
        signed_in("old"),
        Answer(),
        Answer(),
        signed_in("new"),
        Answer(),
        credential=ada(clock),
        authentication=X_AUTH_TOKEN,
    )
    for elapsed in (0.0, 3299.0, 1.5):
        clock.now += elapsed
        client.send("GET", "/")
    assert talk(client) == ["sign in", "old", "old", "sign in", "new"]


def test_a_refused_token_is_replaced_once(scripted: Callable[..., Any]) -> None:
    """It was revoked, or keystone's keys were rotated; a second refusal is the answer."""
    clock = Clock()
    refused = Answer(
        401, json={"error": {"code": 401, "message": "Expired"}}, headers={"WWW-Authenticate": 'Keystone uri="x"'}
    )
    client = scripted(
        signed_in("t1"), Answer(), refused, signed_in("t2"), Answer(), refused,
        credential=ada(clock), authentication=X_AUTH_TOKEN,
    )  # fmt: skip
    client.send("GET", "/")
    clock.now += 60.0  # one that was got only now is not replaced: the next would be refused as well
    assert client.send("GET", "/").status_code == 200
    assert client.send("GET", "/").status_code == 401
    assert talk(client) == ["sign in", "t1", "t1", "sign in", "t2", "t2"]


def test_a_token_never_leaves_for_another_origin(scripted: Callable[..., Any]) -> None:
    """Neither with a redirect, nor with an address that the service names, nor when a policy leads it astray."""

    class Astray(HookPolicy):
        def on_request(self, request: HttpRequest, /) -> None:
            if request.url.endswith("/astray"):
                request.url = "https://elsewhere.test/astray"

    client = scripted(
        signed_in("t1"), Answer(307, headers={"Location": "https://elsewhere.test/x"}), Answer(), Answer(), Answer(),
        credential=ada(), authentication=X_AUTH_TOKEN, settings={"per_retry_policies": [Astray()]},
    )  # fmt: skip
    client.send("GET", "/")
    client.send("GET", "https://elsewhere.test/y")
    client.send("GET", "/astray")
    assert talk(client) == ["sign in", "t1", "-", "-", "-"]


def test_a_catalog_that_names_plain_http_gets_no_token() -> None:
    """Whoever reads the road would have it; to sign in over https does not change that."""
    catalog = [{"type": "compute", "endpoints": [{"interface": "public", "url": "http://nova.test/v2.1"}]}]
    service = ScriptedTransport(signed_in("t1", catalog=catalog))
    credential = ada()
    endpoint = fetch_catalog(credential, transport=service).endpoint("compute")
    with pytest.raises(InsecureTransportError, match=r"the endpoint http://nova\.test is not encrypted"):
        ServiceClient(endpoint, credential, authentication=X_AUTH_TOKEN, transport=service)


def test_keystone_sees_nothing_of_the_client(scripted: Callable[..., Any]) -> None:
    """Neither its header fields, nor what its policies add, nor a redirect that would lead the password elsewhere."""
    moved = Answer(307, headers={"Location": "https://elsewhere.test/v3/auth/tokens"})
    client = scripted(
        signed_in("t1"), Answer(), credential=ada(), authentication=X_AUTH_TOKEN, settings={"headers": {"X-Own": "x"}}
    )
    client.send("GET", "/")
    assert not {"X-Own", "X-Request-ID", "X-Auth-Token"} & set(client.requests[0].headers)
    client = scripted(moved, credential=ada(), authentication=X_AUTH_TOKEN)
    with pytest.raises(TokenRefusedError, match=r"answered 307.*there is no Identity API v3 at"):
        client.send("GET", "/")
    assert len(client.requests) == 1


async def test_many_tasks_sign_in_once() -> None:
    """One flight; the others wait for it."""
    service = AsyncScriptedTransport(signed_in("t1"), *[Answer()] * 20)
    async with aio.ServiceClient("https://nova.test", ada(), authentication=X_AUTH_TOKEN, transport=service) as client:
        await asyncio.gather(*(client.send_request(HttpRequest("GET", "/")) for _ in range(20)))
    assert [request.headers.get("X-Auth-Token") for request in service.requests] == [None, *["t1"] * 20]


async def test_clients_of_both_colours_share_it() -> None:
    """And a catalog asked for before: one sign-in for all of them."""
    credential = ada()
    fetch_catalog(credential, transport=ScriptedTransport(signed_in("t1")))
    sync, other = ScriptedTransport(Answer()), AsyncScriptedTransport(Answer())
    ServiceClient("https://a.test", credential, authentication=X_AUTH_TOKEN, transport=sync).send_request(
        HttpRequest("GET", "/")
    )
    client = aio.ServiceClient("https://b.test", credential, authentication=X_AUTH_TOKEN, transport=other)
    await client.send_request(HttpRequest("GET", "/"))
    await fetch_catalog_async(credential, transport=AsyncScriptedTransport())
    assert [sync.requests[0].headers["X-Auth-Token"], other.requests[0].headers["X-Auth-Token"]] == ["t1", "t1"]


def test_it_is_one_of_several_proofs(scripted: Callable[..., Any]) -> None:
    both = AllOf({"token": KeyInHeader("x-auth-token"), "key": KeyInHeader("X-Key")})
    credential = {"token": ada(), "key": KeyCredential("K")}
    client = scripted(signed_in("t1"), Answer(), credential=credential, authentication=[both])
    client.send("GET", "/")
    assert (client.requests[1].headers["X-Auth-Token"], client.requests[1].headers["X-Key"]) == ("t1", "K")


@pytest.mark.parametrize(
    ("scheme", "wanted"),
    [
        (Bearer(), "TokenCredential"),
        (KeyInHeader("X-Api-Key"), "KeyCredential"),
        (KeyInHeader("X-Auth-Token", "T "), "K"),
    ],
    ids=["a bearer token", "another header field", "a prefix"],
)
def test_it_fits_no_service_that_wants_something_else(scheme: Any, wanted: str) -> None:
    """Keystone's tokens are for OpenStack; another service would keep them."""
    with pytest.raises(CredentialError, match=f"a KeystonePasswordCredential does not fit .* {wanted}"):
        ServiceClient("https://e.test", ada(), authentication=[scheme], transport=ScriptedTransport())


def test_the_class_in_place_of_its_instance_is_told() -> None:
    with pytest.raises(CredentialError, match="a type does not fit this service, which takes KeyCredential"):
        ServiceClient(
            "https://e.test", KeystonePasswordCredential, authentication=X_AUTH_TOKEN, transport=ScriptedTransport()
        )


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            Answer(401, json={"error": {"code": 401, "message": "The request requires authentication."}}),
            r"answered 401.*The request requires authentication\.",
        ),
        (
            Answer(401, json={"receipt": {}}, headers={"Openstack-Auth-Receipt": "r"}),
            "asks this user for another factor, which is not supported; use an application credential",
        ),
        (Answer(404), r"there is no Identity API v3 at https://keystone\.test/v3; check the auth_url"),
        (
            Answer(404, json={"error": {"code": 404, "message": "Could not find Application Credential: a1."}}),
            r"answered 404.*Could not find Application Credential: a1\.",
        ),
        (Answer(300, json={"versions": []}), "there is no Identity API v3"),
        (Answer(200, content=b"<html>"), r"holds no token; is https://keystone\.test/v3 the address of an identity"),
        (Answer(201, json={"token": {}}), "the answer holds no token"),
        (Answer(201, content=b"[" * 200_000, headers={"X-Subject-Token": "SECRET"}), "the answer holds no token"),
        (Answer(201, json=[1], headers={"X-Subject-Token": "SECRET-TOKEN"}), "the answer holds no token"),
        (Answer(403, json={"error": {"message": "SECRET-WORD is wrong"}}), r"\*\*\* is wrong"),
    ],
    ids=[
        "refused",
        "two factors",
        "no such page",
        "no such credential",
        "versions",
        "a web page",
        "no header",
        "brackets",
        "no body",
        "repeats it",
    ],
)
def test_a_refusal_says_why(scripted: Callable[..., Any], answer: Answer, message: str) -> None:
    """The service hears nothing, and no secret stands in what the caller hears."""
    client = scripted(answer, credential=ada(), authentication=X_AUTH_TOKEN)
    with pytest.raises(TokenRefusedError, match=message) as caught:
        client.send("GET", "/")
    assert isinstance(caught.value, ClientAuthenticationError)
    assert talk(client) == ["sign in"]
    shown = f"{caught.value!r} {caught.value} {caught.value.body!r} {caught.value.__dict__}"
    assert "SECRET" not in shown


@pytest.mark.parametrize(
    "echo", ['SE"CRET-ü', 'SE\\"CRET-ü', 'SE\\"CRET-\\u00fc'], ids=["as it is", "in JSON", "in ASCII"]
)
def test_a_password_is_hidden_however_it_is_written(echo: str) -> None:
    """A service may repeat what it got, or write it anew."""
    answer = Answer(400, content=f"invalid: {echo}".encode())
    with pytest.raises(TokenRefusedError) as caught:
        fetch_catalog(KeystonePasswordCredential(KEYSTONE, "ada", 'SE"CRET-ü'), transport=ScriptedTransport(answer))
    assert caught.value.body == b"invalid: ***"


def test_a_token_without_a_document_is_hidden_too() -> None:
    """Errors keep the header fields of the answer, and may be pickled or sent to a collector of errors."""
    answer = Answer(201, json={}, headers={"X-Subject-Token": "SECRET-TOKEN", "X-Echo": "SECRET-WORD"})
    with pytest.raises(TokenRefusedError, match="the answer holds no token") as caught:
        fetch_catalog(ada(), transport=ScriptedTransport(answer))
    assert (caught.value.headers["X-Subject-Token"], caught.value.headers["X-Echo"]) == ("***", "***")
    assert b"SECRET" not in pickle.dumps(caught.value)


def test_trouble_of_keystone_is_no_refusal(scripted: Callable[..., Any]) -> None:
    """It is tried again, as signing in twice does no harm, and then told as what it is."""
    client = scripted(
        Answer(503), Answer(503), signed_in("t1"), Answer(), credential=ada(), authentication=X_AUTH_TOKEN
    )
    assert client.send("GET", "/").status_code == 200
    client = scripted(*[Answer(503)] * 4, credential=ada(), authentication=X_AUTH_TOKEN)
    with pytest.raises(
        TokenUnavailableError, match=r"HttpResponseError: POST https://keystone\.test/v3/auth/tokens answ"
    ):
        client.send("GET", "/")


def test_the_time_of_the_call_counts(colour: Any) -> None:
    """Also for the sign-in that it waits for."""
    make, fetch = (
        (AsyncScriptedTransport, fetch_catalog_async) if colour.is_async else (ScriptedTransport, fetch_catalog)
    )
    slow = Answer(201, json={"token": {}}, delay=60.0)
    with pytest.raises(DeadlineExceededError):
        colour.run(fetch(ada(), timeout=5.0, transport=make(slow)))


def test_a_token_without_an_end_serves_until_it_is_refused(scripted: Callable[..., Any]) -> None:
    clock = Clock()
    endless = Answer(201, json={"token": {"expires_at": None}}, headers={"X-Subject-Token": "t1"})
    client = scripted(endless, Answer(), Answer(), credential=ada(clock), authentication=X_AUTH_TOKEN)
    client.send("GET", "/")
    clock.now += 1e9
    client.send("GET", "/")
    assert talk(client) == ["sign in", "t1", "t1"]


# --- what nobody sees ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "credential",
    [
        KeystonePasswordCredential(KEYSTONE, "ada", "SECRET"),
        KeystoneApplicationCredential(KEYSTONE, "a1", "SECRET"),
        KeystoneApplicationCredential.of_user(KEYSTONE, "nightly", "SECRET", username="ada"),
    ],
    ids=["password", "application", "application of a user"],
)
def test_no_repr_and_no_pickle_shows_a_secret(credential: KeystoneCredential) -> None:
    fetch_catalog(credential, transport=ScriptedTransport(signed_in("SECRET-TOKEN")))
    assert "SECRET" not in f"{credential!r} {credential}"
    assert "https://keystone.test/v3" in repr(credential)
    with pytest.raises(TypeError, match="is not pickled"):
        pickle.dumps(credential)


def test_no_secret_is_logged(scripted: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """The requests are, as all requests are."""
    caplog.set_level(logging.DEBUG, "clientsmith.core.http")
    client = scripted(signed_in("SECRET-TOKEN"), Answer(), credential=ada(), authentication=X_AUTH_TOKEN)
    client.send("GET", "/")
    assert f"POST {KEYSTONE}/auth/tokens answered 201" in caplog.text
    assert "SECRET" not in caplog.text


def test_another_password_is_used_from_then_on(scripted: Callable[..., Any]) -> None:
    clock = Clock()
    credential = ada(clock)
    client = scripted(
        signed_in("t1"), Answer(), signed_in("t2"), Answer(), credential=credential, authentication=X_AUTH_TOKEN
    )
    client.send("GET", "/")
    credential.update("ANOTHER-WORD")
    clock.now += 3600.0
    client.send("GET", "/")
    assert body_of(client.requests[2])["identity"]["password"]["user"]["password"] == "ANOTHER-WORD"
    with pytest.raises(ValueError, match="the secret is empty"):
        credential.update("")
