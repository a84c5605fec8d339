"""Who comes with what: every kind of credentials over a real store, and what guessing costs."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from naas.errors import LockedOut, NotAllowed, NotAuthenticated
from naas.principals import AuthMethod, Principal, Role
from naas.security.api_keys import ApiKeys, KeyForm
from naas.security.authenticator import AuthenticationRules, Authenticator
from naas.security.tokens import JwtIssuer, JwtVerifier, SharedSecret
from naas.store.sql import SqlStore
from naas.vault import Vault

from .conftest import Clock, Heard, basic, bearer

SECRET = "a secret of the existing service, long enough"
ADMIN_SECRET = "correct horse battery staple"


@pytest.fixture
def keys(store: SqlStore, vault: Vault, clock: Clock) -> ApiKeys:
    return ApiKeys(store.records, vault, issuer=JwtIssuer(SharedSecret(SECRET)), now=clock.now)


@pytest.fixture
def authenticator(vault: Vault, keys: ApiKeys, audit: Heard, clock: Clock) -> Authenticator:
    rules = AuthenticationRules(admin_secret=ADMIN_SECRET, guesses=3, guess_seconds=600)
    return Authenticator(vault, keys, audit, rules, tokens=JwtVerifier(SharedSecret(SECRET), now=clock), now=clock)


async def test_a_pass_through_caller_is_an_operator_with_a_login(authenticator: Authenticator, vault: Vault) -> None:
    """The subject is what databases of before hold as owner."""
    principal = await authenticator.authenticate(basic("ann", "secret"))
    assert principal.subject == vault.owner_of("ann", "secret")
    assert (principal.name, principal.role, principal.method) == ("ann", Role.OPERATOR, AuthMethod.BASIC)
    assert principal.login is not None
    assert (principal.login.username, principal.login.password) == ("ann", "secret")
    assert "secret" not in repr(principal)


async def test_pass_through_can_be_ended(vault: Vault, keys: ApiKeys, audit: Heard) -> None:
    closed = Authenticator(vault, keys, audit, AuthenticationRules(basic_passthrough=False))
    with pytest.raises(NotAuthenticated, match="does not accept pass-through Basic credentials; use an API key"):
        await closed.authenticate(basic("ann", "secret"))


@pytest.mark.parametrize("header", ["bearer", "x-api-key"])
async def test_both_headers_of_a_key_mean_the_same(
    header: str, authenticator: Authenticator, keys: ApiKeys, admin: Principal
) -> None:
    """Clients of the existing service send X-API-Key; the existing service reads Bearer only."""
    issued = await keys.create(role=Role.VIEWER, by=admin)
    headers = bearer(issued.token) if header == "bearer" else {"x-api-key": issued.token}
    principal = await authenticator.authenticate(headers)
    assert (principal.key_id, principal.role) == (issued.key.id, Role.VIEWER)
    assert principal == await authenticator.authenticate(headers)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({}, "no Authorization header and no X-API-Key", id="nothing"),
        pytest.param({"authorization": "Digest x"}, "not of the Basic scheme", id="another scheme"),
        pytest.param({"authorization": "Basic !"}, "not base64", id="damaged"),
        pytest.param({**basic("ann", "x"), "x-api-key": "k"}, "carries both", id="two at once"),
        pytest.param({"authorization": "Bearer "}, "the Bearer token is empty", id="empty token"),
        pytest.param({"x-api-key": "a b"}, "X-API-Key is empty or holds characters", id="a space in it"),
        pytest.param({"x-api-key": "a" * 20_000}, "longer than 16384", id="too long"),
        pytest.param({"x-api-key": "hello"}, "neither an API key of this service nor a signed", id="no token"),
        pytest.param({"x-api-key": "naas_k-000000000000_x"}, "mistyped, revoked, expired or unknown", id="damaged key"),
    ],
)
async def test_what_is_refused_says_why(headers: dict[str, str], message: str, authenticator: Authenticator) -> None:
    with pytest.raises(NotAuthenticated, match=message):
        await authenticator.authenticate(headers)


async def test_a_token_of_the_existing_service_is_taken_up_and_can_be_revoked(
    authenticator: Authenticator, keys: ApiKeys, admin: Principal, clock: Clock
) -> None:
    claims = {
        "sub": "k-0123456789ab",
        "role": "operator",
        "contexts": ["lab"],
        "iat": int(clock()),
        "exp": int(clock()) + 900,
    }
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
    principal = await authenticator.authenticate(bearer(token))
    assert (principal.subject, principal.role, principal.key_id) == (
        "key:k-0123456789ab",
        Role.OPERATOR,
        "k-0123456789ab",
    )
    assert principal.contexts == frozenset({"lab"})
    assert [key.id for key in await keys.all()] == ["k-0123456789ab"]
    await keys.revoke("k-0123456789ab", admin)
    with pytest.raises(NotAuthenticated, match="revoked or expired"):
        await authenticator.authenticate(bearer(token))
    with pytest.raises(NotAuthenticated, match="revoked or expired"):  # and is not taken up again
        await authenticator.authenticate(bearer(token))


async def test_a_key_issued_as_jwt_works_like_any_other(
    authenticator: Authenticator, keys: ApiKeys, admin: Principal, clock: Clock
) -> None:
    issued = await keys.create(role=Role.ADMIN, by=admin, form=KeyForm.JWT, name="mcp")
    principal = await authenticator.authenticate(bearer(issued.token))
    assert (principal.subject, principal.name, principal.method) == (issued.key.subject, "mcp", AuthMethod.JWT)
    said: dict[str, Any] = JwtVerifier(SharedSecret(SECRET), now=clock).verify(issued.token)[0].everything  # type: ignore[assignment]
    assert set(said) == {"sub", "role", "contexts", "iat", "exp", "jti"}
    new = await keys.rotate(issued.key.id, admin, overlap_seconds=60)
    assert (await authenticator.authenticate(bearer(issued.token))).subject == principal.subject
    assert (await authenticator.authenticate(bearer(new.token))).subject == principal.subject
    clock.forward(61)
    await keys.all()  # forgets the record of the old one, whose signature holds for months
    with pytest.raises(NotAuthenticated, match="revoked or expired"):
        await authenticator.authenticate(bearer(issued.token))


async def test_a_jwt_in_the_name_of_an_opaque_key_is_refused(
    authenticator: Authenticator, keys: ApiKeys, admin: Principal, clock: Clock
) -> None:
    """Such a key was never issued as one."""
    issued = await keys.create(role=Role.VIEWER, by=admin)
    claims = {"sub": issued.key.id, "role": "admin", "contexts": ["*"], "iat": int(clock())}
    with pytest.raises(NotAuthenticated, match="revoked or expired"):
        await authenticator.authenticate(bearer(jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))))


async def test_a_token_made_by_hand_is_somebody_without_a_key(authenticator: Authenticator, clock: Clock) -> None:
    claims = {"sub": "backup-script", "role": "operator", "iat": int(clock()), "exp": int(clock()) + 60}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
    principal = await authenticator.authenticate(bearer(token))
    assert (principal.subject, principal.key_id, principal.method) == ("jwt::backup-script", None, AuthMethod.JWT)
    clock.forward(121)
    with pytest.raises(NotAuthenticated, match="the token has expired"):
        await authenticator.authenticate(bearer(token))


async def test_a_revoked_key_is_refused_at_once(authenticator: Authenticator, keys: ApiKeys, admin: Principal) -> None:
    """Although it was right a moment ago."""
    issued = await keys.create(role=Role.VIEWER, by=admin)
    await authenticator.authenticate(bearer(issued.token))
    await keys.revoke(issued.key.id, admin)
    with pytest.raises(NotAuthenticated, match="mistyped, revoked, expired or unknown"):
        await authenticator.authenticate(bearer(issued.token))


async def test_another_process_notices_a_revocation_within_seconds(
    authenticator: Authenticator, keys: ApiKeys, admin: Principal, store: SqlStore, vault: Vault, clock: Clock
) -> None:
    issued = await keys.create(role=Role.VIEWER, by=admin)
    await authenticator.authenticate(bearer(issued.token))
    await ApiKeys(store.records, vault, now=clock.now).revoke(issued.key.id, admin)
    assert await authenticator.authenticate(bearer(issued.token))
    clock.forward(5)
    with pytest.raises(NotAuthenticated):
        await authenticator.authenticate(bearer(issued.token))


async def test_the_admin_secret_manages_keys_whatever_the_user_name(authenticator: Authenticator) -> None:
    principal = await authenticator.authenticate_manager(basic("whoever", ADMIN_SECRET))
    assert (principal.role, principal.method, principal.name) == (Role.ADMIN, AuthMethod.MANAGER, "whoever")


async def test_the_admin_secret_never_becomes_a_device_login(authenticator: Authenticator) -> None:
    with pytest.raises(NotAllowed, match="is no device login and is sent to no device"):
        await authenticator.authenticate(basic("whoever", ADMIN_SECRET))


@pytest.mark.parametrize("secret", [None, ""], ids=["none", "empty"])
async def test_without_an_admin_secret_nobody_manages_by_password(
    secret: str | None, vault: Vault, keys: ApiKeys, audit: Heard
) -> None:
    """Not even with an empty one."""
    authenticator = Authenticator(vault, keys, audit, AuthenticationRules(admin_secret=secret))
    with pytest.raises(NotAuthenticated, match="keys are managed with the admin secret"):
        await authenticator.authenticate_manager(basic("root", ""))


async def test_who_guesses_the_admin_secret_is_locked_out_even_with_the_right_one(
    authenticator: Authenticator, audit: Heard, clock: Clock
) -> None:
    for guess in ("a", "b", "c"):
        with pytest.raises(NotAuthenticated):
            await authenticator.authenticate_manager(basic("root", guess), "192.0.2.7")
    with pytest.raises(
        LockedOut, match="the address of this client had too many failures and is locked out; try again in 600 s"
    ):
        await authenticator.authenticate_manager(basic("root", ADMIN_SECRET), "192.0.2.7")
    assert audit.types.count("client.locked_out") == 1
    assert ADMIN_SECRET not in str(audit.events)
    assert await authenticator.authenticate_manager(basic("root", ADMIN_SECRET), "192.0.2.8")
    clock.forward(600)
    assert await authenticator.authenticate_manager(basic("root", ADMIN_SECRET), "192.0.2.7")


async def test_the_admin_secret_cannot_be_guessed_as_a_device_login_without_end(authenticator: Authenticator) -> None:
    """The refusal of the right one is another than that of a wrong one, so the attempts are counted before."""
    with contextlib.suppress(LockedOut):
        for number in range(1000):
            await authenticator.authenticate(basic("root", f"guess {number}"), "192.0.2.7")
    with pytest.raises(LockedOut):
        await authenticator.authenticate(basic("root", ADMIN_SECRET), "192.0.2.7")
    with pytest.raises(NotAllowed, match="it is no device login"):
        await authenticator.authenticate(basic("root", ADMIN_SECRET), "192.0.2.8")


async def test_a_working_key_goes_on_working_beside_a_guessing_neighbour(
    authenticator: Authenticator, keys: ApiKeys, admin: Principal, clock: Clock
) -> None:
    """Both come through one proxy, so they have one address."""
    issued = await keys.create(role=Role.VIEWER, by=admin)
    await authenticator.authenticate(bearer(issued.token), "proxy")
    for attempt in range(30):
        with pytest.raises(NotAuthenticated):
            await authenticator.authenticate(bearer(f"naas_{attempt}"), "proxy")
    with pytest.raises(LockedOut):
        await authenticator.authenticate(bearer("naas_again"), "proxy")
    clock.forward(60)
    assert (await authenticator.authenticate(bearer(issued.token), "proxy")).key_id == issued.key.id


async def test_made_up_logins_come_to_an_end(authenticator: Authenticator, audit: Heard, clock: Clock) -> None:
    """Each is another caller, with limits of its own; the address that they come from is one."""
    for number in range(300):
        await authenticator.authenticate(basic(f"user{number}", "x"), "192.0.2.7")
    with pytest.raises(LockedOut, match="the address of this client"):
        await authenticator.authenticate(basic("user300", "x"), "192.0.2.7")
    assert await authenticator.authenticate(basic("user0", "x"), "192.0.2.7"), "who came before goes on"
    assert await authenticator.authenticate(basic("user300", "x"), "192.0.2.8")
    assert audit.types == ["client.locked_out"]
    clock.forward(600)
    assert await authenticator.authenticate(basic("user301", "x"), "192.0.2.7")


async def test_failures_are_audited_without_the_credentials(authenticator: Authenticator, audit: Heard) -> None:
    with pytest.raises(NotAuthenticated):
        await authenticator.authenticate(bearer("naas_k-000000000000_hunter2"), "192.0.2.7")
    assert audit.events == [
        ("auth.failure", {"method": "bearer", "reason": "the API key is mistyped, revoked, expired or unknown", "client": "192.0.2.7"}),
    ]  # fmt: skip


async def test_a_basic_request_costs_little(authenticator: Authenticator) -> None:
    """Goal: 30 µs. Measured: 7 to 8 µs; the bound here is for machines that are busy with something else."""
    headers = basic("ann", "secret")
    costs: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(200):
            await authenticator.authenticate(headers)
        costs.append((time.perf_counter() - began) / 200)
    assert min(costs) < 100e-6
