"""Tokens of an identity provider: a real issuer on loopback, whose keys are found, kept and changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from naas.errors import NotAuthenticated, RoleTooLow, StartError
from naas.principals import AuthMethod, Role
from naas.security.addresses import DestinationRules
from naas.security.api_keys import ApiKeys
from naas.security.authenticator import Authenticator
from naas.security.oidc import OidcRules, OidcVerifier, roles_of
from naas.security.outbound import Answer, Outbound
from naas.security.tokens import JwtVerifier, SharedSecret
from naas.store.sql import SqlStore
from naas.vault import Vault

from .conftest import Clock, Heard, bearer

FIRST, SECOND = (RSAKey.generate_key(2048, {"kid": name}) for name in ("first", "second"))


@dataclass
class Issuer:
    """An OpenID Connect issuer: a discovery document and a key set."""

    url: str = ""
    keys: list[RSAKey] = field(default_factory=lambda: [FIRST])
    asked: list[str] = field(default_factory=list[str])
    discovery: dict[str, Any] | None = None
    is_down: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        self.asked.append(path)
        documents: dict[str, Any] = {
            "/realm/.well-known/openid-configuration": self.discovery
            or {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/realm/keys": {"keys": [key.as_dict(private=False) for key in self.keys]},
        }
        body = json.dumps(documents[path]).encode()
        status = b"503 X" if self.is_down else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    def token(self, key: RSAKey = FIRST, **claims: Any) -> str:
        now = 1_790_000_000
        said = {
            "iss": self.url,
            "aud": "naas",
            "sub": "u-17",
            "iat": now,
            "exp": now + 100_000,
            "roles": ["operator"],
            **claims,
        }
        return jwt.encode({"alg": "RS256", "kid": key.kid}, {n: v for n, v in said.items() if v is not None}, key)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    server = await asyncio.start_server(issuer.serve, "127.0.0.1", 0)
    issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/realm"
    yield issuer
    server.close()


@pytest.fixture
def verifier(issuer: Issuer, clock: Clock) -> OidcVerifier:
    outbound = Outbound(DestinationRules(allow_http=True, allow_private=True), timeout=2.0)
    return OidcVerifier(OidcRules(issuer.url, "naas"), outbound, now=clock)


async def test_a_token_of_the_issuer_is_somebody(verifier: OidcVerifier, issuer: Issuer) -> None:
    principal = await verifier.verify(issuer.token(preferred_username="ann", contexts=["lab"]))
    assert principal.subject == f"oidc:{issuer.url}:u-17"
    assert (principal.name, principal.role, principal.method) == ("ann", Role.OPERATOR, AuthMethod.OIDC)
    assert principal.contexts == frozenset({"lab"})


async def test_the_keys_are_fetched_once_an_hour(verifier: OidcVerifier, issuer: Issuer, clock: Clock) -> None:
    await asyncio.gather(*(verifier.verify(issuer.token()) for _ in range(5)))
    assert issuer.asked == ["/realm/.well-known/openid-configuration", "/realm/keys"]
    clock.forward(3601)
    await verifier.verify(issuer.token())
    assert len(issuer.asked) == 4


async def test_a_new_key_is_found_when_a_token_names_it(verifier: OidcVerifier, issuer: Issuer, clock: Clock) -> None:
    await verifier.verify(issuer.token())
    issuer.keys = [FIRST, SECOND]
    clock.forward(61)
    assert (await verifier.verify(issuer.token(SECOND))).role is Role.OPERATOR


async def test_unknown_key_ids_do_not_make_us_fetch_again_and_again(
    verifier: OidcVerifier, issuer: Issuer, clock: Clock
) -> None:
    for _ in range(20):
        with pytest.raises(NotAuthenticated, match="names a key that its issuer does not publish"):
            await verifier.verify(issuer.token(SECOND))
    assert len(issuer.asked) == 2
    clock.forward(61)
    with pytest.raises(NotAuthenticated):
        await verifier.verify(issuer.token(SECOND))
    assert len(issuer.asked) == 4


async def test_known_keys_bridge_an_outage_of_a_day(verifier: OidcVerifier, issuer: Issuer, clock: Clock) -> None:
    await verifier.verify(issuer.token())
    issuer.is_down = True
    clock.forward(80_000)
    assert await verifier.verify(issuer.token())
    clock.forward(7_000)
    with pytest.raises(NotAuthenticated, match="the keys of the token's issuer cannot be fetched now"):
        await verifier.verify(issuer.token(exp=1_790_900_000))


async def test_an_issuer_that_speaks_for_another_is_not_believed(verifier: OidcVerifier, issuer: Issuer) -> None:
    issuer.discovery = {"issuer": "https://evil.example", "jwks_uri": f"{issuer.url}/keys"}
    with pytest.raises(NotAuthenticated, match="cannot be fetched now"):
        await verifier.verify(issuer.token())


async def test_keys_in_clear_text_are_not_believed(issuer: Issuer, clock: Clock) -> None:
    """Of an issuer whose own address is https."""
    outbound = Answering({"issuer": "https://idp.example", "jwks_uri": f"{issuer.url}/keys"})
    with pytest.raises(NotAuthenticated, match="cannot be fetched now"):
        await OidcVerifier(OidcRules("https://idp.example", "naas"), outbound, now=clock).verify(issuer.token())  # type: ignore[arg-type]
    assert outbound.asked == ["https://idp.example/.well-known/openid-configuration"]


@dataclass
class Answering:
    """A road that answers everything with one document."""

    document: dict[str, Any]
    asked: list[str] = field(default_factory=list[str])

    async def get(self, url: str) -> Answer:
        self.asked.append(url)
        return Answer(200, {}, json.dumps(self.document).encode())


async def test_tokens_go_to_their_issuer_and_to_nobody_else(
    verifier: OidcVerifier, issuer: Issuer, store: SqlStore, vault: Vault, audit: Heard, clock: Clock
) -> None:
    """The shared secret cannot speak for the issuer, nor the issuer for the shared secret."""
    secret = SharedSecret("a secret of the existing service, long enough")
    keys = ApiKeys(store.records, vault, now=clock.now)
    authenticator = Authenticator(vault, keys, audit, tokens=JwtVerifier(secret, now=clock), oidc=verifier, now=clock)
    principal = await authenticator.authenticate(bearer(issuer.token()))
    assert principal.method is AuthMethod.OIDC
    claims = {"iss": issuer.url, "aud": "naas", "sub": "u-17", "roles": ["admin"], "exp": 1_790_000_600}
    forged = jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret.key)
    with pytest.raises(NotAuthenticated, match="names a key that its issuer does not publish"):
        await authenticator.authenticate(bearer(forged))
    with pytest.raises(NotAuthenticated, match="no key of this service fits"):
        await authenticator.authenticate(bearer(issuer.token(iss="https://other.example")))


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"aud": "billing"}, "its audience is another"),
        ({"aud": None}, "its audience is another"),
        ({"exp": 1_789_000_000}, "has expired"),
        ({"exp": None}, "never expires"),
        ({"sub": None}, "does not say who"),
    ],
)
async def test_a_token_must_fit(claims: dict[str, Any], message: str, verifier: OidcVerifier, issuer: Issuer) -> None:
    with pytest.raises(NotAuthenticated, match=message):
        await verifier.verify(issuer.token(**claims))


async def test_a_token_without_a_role_here_is_known_and_may_nothing(verifier: OidcVerifier, issuer: Issuer) -> None:
    with pytest.raises(RoleTooLow, match="the caller has the role none"):
        await verifier.verify(issuer.token(roles=["guests"]))


@pytest.mark.parametrize(
    ("claims", "rules", "roles"),
    [
        pytest.param({"roles": ["viewer", "x"]}, {}, {Role.VIEWER}, id="a list"),
        pytest.param({"roles": "viewer admin"}, {}, {Role.VIEWER, Role.ADMIN}, id="words"),
        pytest.param(
            {"realm_access": {"roles": ["admin"]}}, {"role_claim": "realm_access.roles"}, {Role.ADMIN}, id="within"
        ),
        pytest.param({"a.b": ["admin"]}, {"role_claim": "a.b"}, {Role.ADMIN}, id="a dot in the name"),
        pytest.param(
            {"groups": ["net-ops"]},
            {"role_claim": "groups", "role_map": {"net-ops": "operator"}},
            {Role.OPERATOR},
            id="mapped",
        ),
        pytest.param({"roles": ["admin"]}, {"role_map": {"net-ops": "operator"}}, set(), id="only what the map names"),
        pytest.param({"roles": {"admin": True}}, {}, set(), id="an object"),
        pytest.param({"roles": [["admin"], 1, None]}, {}, set(), id="no texts"),
        pytest.param({}, {"role_claim": "a.b.c"}, set(), id="absent"),
    ],
)
def test_what_a_claim_means_here(claims: dict[str, Any], rules: dict[str, Any], roles: set[Role]) -> None:
    assert roles_of(claims, OidcRules("https://i.example", "naas", **rules)) == roles


def test_an_issuer_in_clear_text_is_refused() -> None:
    with pytest.raises(StartError, match=r"NAAS_OIDC_ISSUER is http://idp\.example; an issuer must be https://"):
        OidcRules("http://idp.example", "naas")
