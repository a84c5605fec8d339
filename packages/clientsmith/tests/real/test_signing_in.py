"""Signing in at OpenStack Keystone, live: passwords and application credentials, tokens that are renewed, the catalog."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core.errors import EndpointNotFoundError, TokenRefusedError
from clientsmith.core.openstack import (
    Catalog,
    KeystoneApplicationCredential,
    KeystoneCredential,
    KeystonePasswordCredential,
    fetch_catalog,
    fetch_endpoint,
)
from clientsmith.core.openstack.aio import fetch_catalog as fetch_catalog_async
from clientsmith.core.openstack.aio import fetch_endpoint as fetch_endpoint_async
from clientsmith.core.rest import HttpRequest

from .conftest import X_AUTH_TOKEN, Colour, Generate, Package, administrator, document

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("keystone")]


@pytest.fixture(scope="session")
def package(generate: Generate) -> Package:
    return generate(document("openstack-identity.yaml"), "identity_client", "IdentityClient")


@pytest.fixture
async def client(colour: Colour, keystone: str) -> AsyncIterator[Any]:
    """The administrator's, for requests that are written by hand."""
    async with colour.service(
        f"{keystone}/v3", credential=administrator(keystone), authentication=X_AUTH_TOKEN
    ) as client:
        yield client


async def catalog_of(colour: Colour, credential: KeystoneCredential) -> Catalog:
    fetch = fetch_catalog_async if colour.is_async else fetch_catalog
    catalog = await colour.done(fetch(credential))
    assert isinstance(catalog, Catalog)
    return catalog


async def asked(colour: Colour, client: Any, method: str, path: str, json: Any = None, **headers: str) -> Any:
    """Return what a request by hand gives."""
    answer = await colour.done(client.send_request(HttpRequest(method, path, json=json, headers=headers)))
    assert answer.is_success, answer.content
    return answer.json() if answer.content else None


class Clock:
    """The time of day, which tests put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


# --- signing in ------------------------------------------------------------------------------------------------------


async def test_a_generated_client_takes_the_credential_as_it_is(
    colour: Colour, package: Package, keystone: str
) -> None:
    """The document says that a key goes into ``X-Auth-Token``; one sign-in serves the catalog and all calls."""
    lines: list[str] = []
    credential = administrator(keystone)
    catalog = await catalog_of(colour, credential)
    transport = colour.counting(lines)
    endpoint = catalog.endpoint("identity", is_versioned=False)
    assert endpoint == keystone
    async with colour.client(package, endpoint, credential, transport=transport) as client:
        for _ in range(2):
            assert "admin" in {user.name for user in await colour.all(client.users.list_users())}
    assert lines == ["GET /v3/users"] * 2


async def test_many_calls_at_once_sign_in_once(colour: Colour, keystone: str) -> None:
    lines: list[str] = []
    async with colour.service(
        f"{keystone}/v3",
        credential=administrator(keystone),
        authentication=X_AUTH_TOKEN,
        transport=colour.counting(lines),
    ) as client:

        def get() -> Any:
            return client.send_request(HttpRequest("GET", "/users"))

        answers = await asyncio.gather(*(get() if colour.is_async else asyncio.to_thread(get) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert sorted(lines) == ["GET /v3/users"] * 8 + ["POST /v3/auth/tokens"]


@pytest.mark.parametrize(
    ("scope", "has_catalog"),
    [
        ({"project_name": "admin"}, True),
        ({"project_name": "admin", "project_domain_name": "Default"}, True),
        ({"is_system": True}, True),
        ({}, False),
    ],
    ids=["a project", "a project of a domain", "the system", "nothing"],
)
async def test_a_token_is_good_for_what_was_asked(
    colour: Colour, keystone: str, scope: dict[str, Any], has_catalog: bool
) -> None:
    """Without a scope there is no catalog, and the error says what to do."""
    credential = KeystonePasswordCredential(keystone, "admin", "admin-password", user_domain_name="Default", **scope)
    catalog = await catalog_of(colour, credential)
    if has_catalog:
        assert catalog.endpoint("identity") == f"{keystone}/v3"
    else:
        with pytest.raises(EndpointNotFoundError, match="the catalog is empty; the token has no scope"):
            catalog.endpoint("identity")


@pytest.mark.parametrize(
    ("username", "password", "scope"),
    [("admin", "WRONG-WORD", {}), ("nobody", "WRONG-WORD", {}), ("admin", "admin-password", {"project_name": "none"})],
    ids=["password", "user", "project"],
)
async def test_who_is_not_let_in_is_told_and_nothing_of_the_password(
    colour: Colour, keystone: str, username: str, password: str, scope: dict[str, Any]
) -> None:
    """Keystone says the same for each, so that nobody can try names."""
    credential = KeystonePasswordCredential(keystone, username, password, **scope)
    with pytest.raises(TokenRefusedError, match="The request you have made requires authentication") as caught:
        await catalog_of(colour, credential)
    assert password not in f"{caught.value!r} {caught.value} {caught.value.body!r}"
    assert caught.value.request_id.startswith("req-")


async def test_what_is_no_keystone_is_told(colour: Colour, glance: str) -> None:
    with pytest.raises(TokenRefusedError, match=r"there is no Identity API v3 at http://127.*; check the auth_url"):
        await catalog_of(colour, KeystonePasswordCredential(glance, "admin", "admin-password"))


# --- how long a token serves -----------------------------------------------------------------------------------------


async def test_a_token_that_was_revoked_is_replaced(colour: Colour, keystone: str, client: Any) -> None:
    """By the first call that hears of it, once, and it does not notice."""
    clock, lines = Clock(), list[str]()
    credential = KeystonePasswordCredential(keystone, "admin", "admin-password", project_name="admin", clock=clock)
    async with colour.service(
        f"{keystone}/v3", credential=credential, authentication=X_AUTH_TOKEN, transport=colour.counting(lines)
    ) as theirs:
        await asked(colour, theirs, "GET", "/users")
        held = credential.token_cache.fresh(())
        assert held is not None
        await asked(colour, client, "DELETE", "/auth/tokens", **{"X-Subject-Token": held.token})
        clock.ahead = 60.0  # one that was got only now is not replaced
        await asked(colour, theirs, "GET", "/users")
    assert lines == ["POST /v3/auth/tokens", "GET /v3/users", "GET /v3/users", "POST /v3/auth/tokens", "GET /v3/users"]


async def test_a_token_is_renewed_before_its_end(colour: Colour, keystone: str) -> None:
    """An hour is what keystone gives; five minutes before that it is renewed, by one call while the others go on."""
    clock, lines = Clock(), list[str]()
    credential = KeystonePasswordCredential(keystone, "admin", "admin-password", project_name="admin", clock=clock)
    async with colour.service(
        f"{keystone}/v3", credential=credential, authentication=X_AUTH_TOKEN, transport=colour.counting(lines)
    ) as client:
        for clock.ahead in (0.0, 3200.0, 3400.0):
            await asked(colour, client, "GET", "/users")
    assert lines == ["POST /v3/auth/tokens", *["GET /v3/users"] * 2, "POST /v3/auth/tokens", "GET /v3/users"]


# --- application credentials -----------------------------------------------------------------------------------------


async def test_a_program_signs_in_with_what_its_user_made_for_it(colour: Colour, keystone: str, client: Any) -> None:
    """For one project; by id, or by name and user. Once it is deleted nobody gets in with it."""
    (user,) = (await asked(colour, client, "GET", "/users?name=admin"))["users"]
    name = f"nightly-{uuid4()}"
    path = f"/users/{user['id']}/application_credentials"
    made = (await asked(colour, client, "POST", path, {"application_credential": {"name": name}}))[
        "application_credential"
    ]
    by_id = KeystoneApplicationCredential(keystone, made["id"], made["secret"])
    by_name = KeystoneApplicationCredential.of_user(keystone, name, made["secret"], username="admin")
    for credential in (by_id, by_name):
        assert (await catalog_of(colour, credential)).endpoint("identity") == f"{keystone}/v3"
        assert made["secret"] not in repr(credential)
        async with colour.service(f"{keystone}/v3", credential=credential, authentication=X_AUTH_TOKEN) as theirs:
            assert (await asked(colour, theirs, "GET", "/auth/projects"))["projects"][0]["name"] == "admin"
    await asked(colour, client, "DELETE", f"{path}/{made['id']}")
    with pytest.raises(TokenRefusedError, match="Could not find Application Credential"):
        await catalog_of(colour, KeystoneApplicationCredential(keystone, made["id"], made["secret"]))


# --- versions --------------------------------------------------------------------------------------------------------


async def test_the_version_document_says_where_a_version_is(colour: Colour, keystone: str) -> None:
    """300, its versions below ``values``, and its status ``stable``."""
    fetch = fetch_endpoint_async if colour.is_async else fetch_endpoint
    assert await colour.done(fetch(keystone, 3)) == f"{keystone}/v3"
    assert await colour.done(fetch(f"{keystone}/v3", 3)) == f"{keystone}/v3"


async def test_its_version_is_in_the_paths(colour: Colour, package: Package, keystone: str) -> None:
    """So nothing is asked for and nothing is said in a header field."""
    sent: list[str] = []
    async with colour.client(package, keystone, administrator(keystone), transport=colour.counting(sent)) as client:
        await colour.all(client.users.list_users())
    assert sent == ["POST /v3/auth/tokens", "GET /v3/users"]


# --- one credential for a cloud --------------------------------------------------------------------------------------


async def test_one_credential_serves_all_services_of_the_catalog(
    colour: Colour, keystone: str, nova: str, glance: str
) -> None:
    """And goes to those alone."""
    lines: list[str] = []
    credential = administrator(keystone)
    catalog = await catalog_of(colour, credential)
    for service, path in (("compute", "/flavors"), ("image", "/v2/images"), ("identity", "/users")):
        async with colour.service(
            catalog.endpoint(service),
            credential=credential,
            authentication=X_AUTH_TOKEN,
            transport=colour.counting(lines),
        ) as client:
            await asked(colour, client, "GET", path)
            elsewhere = await colour.done(
                client.send_request(HttpRequest("GET", f"{keystone.replace('127.0.0.1', 'localhost')}/v3/users"))
            )
            assert elsewhere.status_code == 401
    assert lines == [
        "GET /v2.1/flavors", "GET /v3/users", "GET /v2/images", "GET /v3/users", "GET /v3/users", "GET /v3/users"
    ]  # fmt: skip
