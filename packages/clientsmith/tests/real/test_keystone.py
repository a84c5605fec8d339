"""OpenStack Keystone, live: tokens in header fields, HEAD for everything, ids that are called UUIDs and are none.

The document is the published one, without an overlay; the configuration names what its paths cannot name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core import KeyCredential
from clientsmith.core.errors import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

from .conftest import Colour, Generate, Package, document

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("keystone")]

CONFIGURATION = """
[operations."PUT /v3/projects/{project_id}/users/{user_id}/roles/{role_id}"]
name = "assign_role_to_user"

[operations."DELETE /v3/projects/{project_id}/users/{user_id}/roles/{role_id}"]
name = "unassign_role_from_user"

[operations."HEAD /v3/projects/{project_id}/users/{user_id}/roles/{role_id}"]
name = "user_has_role"

[operations."POST /v3/users/{user_id}/password"]
name = "change_password"

[operations."HEAD /v3/auth/tokens"]
name = "token_is_valid"

[operations."DELETE /v3/auth/tokens"]
name = "revoke_token"

[operations."GET /v3/auth/tokens"]
name = "get_token"
"""


@pytest.fixture(scope="session")
def package(generate: Generate, keystone: str) -> Package:
    spec = document("openstack-identity.yaml")
    return generate(spec, "keystone_client", "KeystoneClient", configuration=CONFIGURATION)


def sign_in(name: str, password: str, project: str = "") -> dict[str, Any]:
    user = {"name": name, "domain": {"id": "default"}, "password": password}
    auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
    if project:
        auth["scope"] = {"project": {"name": project, "domain": {"id": "default"}}}
    return {"auth": auth}


async def token_of(colour: Colour, package: Package, keystone: str, request: dict[str, Any]) -> tuple[str, Any]:
    """Return a new token, which travels in a header field, and what the service says about it."""
    got: list[str] = []
    async with colour.client(package, keystone) as client:
        told = await colour.done(
            client.auth.create_token(
                token=request, response_hook=lambda _, headers: got.append(headers.get("X-Subject-Token", ""))
            )
        )
    return got[0], told.token


@pytest.fixture(scope="session")
def admin(package: Package, keystone: str) -> KeyCredential:
    """The administrator's token; to sign in takes the service a quarter of a second."""
    token, _ = asyncio.run(
        token_of(Colour(False), package, keystone, sign_in("admin", "admin-password", "admin")),
    )
    return KeyCredential(token)


@pytest.fixture
async def client(colour: Colour, package: Package, keystone: str, admin: KeyCredential) -> AsyncIterator[Any]:
    """The administrator's."""
    async with colour.client(package, keystone, admin) as client:
        yield client


@pytest.fixture
async def user(colour: Colour, client: Any) -> AsyncIterator[dict[str, Any]]:
    """A user with the password ``first``."""
    wanted = {"name": f"user-{uuid4()}", "domain_id": "default", "password": "first", "email": "u@example.com"}
    made = (await colour.done(client.users.create_user(user={"user": wanted})))["user"]
    yield made
    await colour.done(client.users.get_user_client(made["id"]).delete_user())


@pytest.fixture
async def project(colour: Colour, client: Any) -> AsyncIterator[Any]:
    wanted = {"name": f"project-{uuid4()}", "domain_id": "default", "tags": ["blue"]}
    made = (await colour.done(client.projects.create_project(project={"project": wanted}))).project
    yield made
    await colour.done(client.projects.get_project_client(str(made.id)).delete_project())


async def test_a_password_gives_a_token(colour: Colour, package: Package, keystone: str) -> None:
    """The document says 200, the service 201; both are read as the same model."""
    token, told = await token_of(colour, package, keystone, sign_in("admin", "admin-password", "admin"))
    assert token.startswith("gAAAAA")
    assert (told.user.name, told.user.domain.id, told.methods) == ("admin", "default", ["password"])
    assert 3500 < (told.expires_at - datetime.now(UTC)).total_seconds() <= 3600
    assert {"admin", "member", "reader"} <= {role.name for role in told.roles}
    assert told.user.password_expires_at is None


async def test_a_wrong_password_is_an_error_that_does_not_repeat_it(
    colour: Colour, package: Package, keystone: str
) -> None:
    with pytest.raises(ClientAuthenticationError, match="The request you have made requires authentication") as caught:
        await token_of(colour, package, keystone, sign_in("admin", "WRONG-PASSWORD"))
    assert "WRONG-PASSWORD" not in f"{caught.value!r}{caught.value}"
    assert caught.value.request_id.startswith("req-")


async def test_a_token_is_checked_and_revoked(colour: Colour, client: Any, package: Package, keystone: str) -> None:
    """HEAD says yes or no; after its end it is nobody's."""
    token, told = await token_of(colour, package, keystone, sign_in("admin", "admin-password", "admin"))
    subject = {"headers": {"X-Subject-Token": token}}  # of HEAD and DELETE the document does not say it
    assert await colour.done(client.auth.token_is_valid(**subject)) is True
    seen = await colour.done(client.auth.get_token(subject_token=token))
    assert (seen.token.audit_ids, seen.token.user.id) == (told.audit_ids, told.user.id)
    assert await colour.done(client.auth.revoke_token(**subject)) is None
    assert await colour.done(client.auth.token_is_valid(**subject)) is False
    async with colour.client(package, keystone, KeyCredential(token)) as revoked:
        with pytest.raises(ClientAuthenticationError):
            await colour.all(revoked.users.list_users())


async def test_a_user_is_made_found_changed_and_deleted(colour: Colour, client: Any) -> None:
    wanted = {"name": f"ada-{uuid4()}", "domain_id": "default", "password": "x", "description": "counts"}
    made = (await colour.done(client.users.create_user(user={"user": wanted})))["user"]
    (found,) = await colour.all(client.users.list_users(name=wanted["name"]))
    assert (found.id, found.enabled, found.domain_id) == (made["id"], True, "default")
    ada = client.users.get_user_client(found.id)  # as the list gave it
    assert await colour.done(ada.user_exists()) is True
    changed = await colour.done(ada.update_user({"user": {"description": "counts and writes", "enabled": False}}))
    assert (changed.user.description, changed.user.enabled) == ("counts and writes", False)
    assert (await colour.done(ada.get_user())).user.description == "counts and writes"
    for _ in range(2):
        assert await colour.done(ada.delete_user()) is None
    assert await colour.done(ada.user_exists()) is False
    with pytest.raises(ResourceNotFoundError, match="Could not find user") as caught:
        await colour.done(ada.get_user())
    assert (caught.value.status_code, caught.value.error_code) == (404, "404")


async def test_an_id_is_sent_as_it_came(colour: Colour, client: Any, project: Any) -> None:
    """The document calls ids UUIDs: keystone's have no hyphens, and the domain's is ``default``."""
    again = await colour.done(client.projects.get_project_client(project.id).get_project())
    assert (again.project.id, again.project.name) == (project.id, project.name)
    inside = await colour.all(client.projects.list_projects(domain_id=project.domain_id))
    assert project.id in {one.id for one in inside}
    assert await colour.all(client.projects.list_projects(domain_id="elsewhere")) == []


async def test_what_is_there_already_is_told(colour: Colour, client: Any, user: dict[str, Any]) -> None:
    with pytest.raises(ResourceExistsError, match="Duplicate entry found with name"):
        await colour.done(client.users.create_user(user={"user": {"name": user["name"], "domain_id": "default"}}))


async def test_what_is_no_user_is_refused_with_the_reason(colour: Colour, client: Any) -> None:
    with pytest.raises(HttpResponseError, match=r"answered 400 BAD REQUEST: .*5 is not of type 'string'") as caught:
        await colour.done(client.users.create_user(user={"user": {"name": 5}}))
    assert caught.value.status_code == 400


async def test_a_role_makes_a_project_usable(
    colour: Colour, client: Any, package: Package, keystone: str, user: dict[str, Any], project: Any
) -> None:
    """Assigned, seen by HEAD, used with a token of the project, and taken away."""
    (member,) = [role for role in await colour.all(client.roles.list_roles()) if role.name == "member"]
    place = client.projects.get_project_client(project.id)
    assert await colour.done(place.user_has_role(user["id"], member.id)) is False
    await colour.done(place.assign_role_to_user(user["id"], member.id))
    assert await colour.done(place.user_has_role(user["id"], member.id)) is True
    token, told = await token_of(colour, package, keystone, sign_in(user["name"], "first", project.name))
    assert "member" in {role.name for role in told.roles}
    async with colour.client(package, keystone, KeyCredential(token)) as theirs:
        assert [one.id for one in await colour.all(theirs.auth.list_projects())] == [project.id]
        with pytest.raises(HttpResponseError, match="You are not authorized to perform the requested action") as caught:
            await colour.all(theirs.users.list_users())
        assert caught.value.status_code == 403
    assert token not in f"{caught.value!r}{caught.value}"
    await colour.done(place.unassign_role_from_user(user["id"], member.id))
    assert await colour.done(place.user_has_role(user["id"], member.id)) is False


async def test_a_password_is_changed_by_its_owner(
    colour: Colour, package: Package, keystone: str, client: Any, user: dict[str, Any]
) -> None:
    request = sign_in(user["name"], "first")
    token, _ = await token_of(colour, package, keystone, request)
    async with colour.client(package, keystone, KeyCredential(token)) as theirs:
        change = {"user": {"original_password": "first", "password": "second"}}
        await colour.done(theirs.users.get_user_client(user["id"]).change_password(password=change))
    with pytest.raises(ClientAuthenticationError):
        await token_of(colour, package, keystone, request)
    await token_of(colour, package, keystone, sign_in(user["name"], "second"))


async def test_tags_are_a_set_of_words(colour: Colour, client: Any, project: Any) -> None:
    """A word in the path, whatever is in it."""
    place = client.projects.get_project_client(project.id)
    await colour.done(place.create_tag("grün & blau"))
    assert sorted(await colour.all(place.list_tags())) == ["blue", "grün & blau"]
    assert await colour.done(place.get_tag("grün & blau")) is None
    await colour.done(place.delete_tag("blue"))
    assert await colour.all(place.list_tags()) == ["grün & blau"]
    with pytest.raises(ResourceNotFoundError):
        await colour.done(place.get_tag("blue"))


async def test_every_head_operation_answers_yes_or_no_or_why_not(colour: Colour, client: Any) -> None:
    """Collections that are there; a HEAD that the service does not allow is no "no" but an error."""
    assert await colour.done(client.users.users_exists()) is True
    assert await colour.done(client.projects.projects_exists()) is True
    assert await colour.done(client.users.get_user_client("nobody").user_exists()) is False
    with pytest.raises(HttpResponseError, match="answered 405"):
        await colour.done(client.os_oauth2.token_exists())


async def test_what_a_version_is_told_without_a_token(colour: Colour, package: Package, keystone: str) -> None:
    async with colour.client(package, keystone) as anybody:
        version = (await colour.done(anybody.versions.get_version()))["version"]
    assert (version["id"], version["status"]) == ("v3.14", "stable")


async def test_a_token_stays_with_the_service_that_it_is_for(
    colour: Colour, package: Package, keystone: str, client: Any
) -> None:
    """Nothing that is shown of a client has its token."""
    token, _ = await token_of(colour, package, keystone, sign_in("admin", "admin-password", "admin"))
    async with colour.client(package, keystone, KeyCredential(token)) as other:
        assert token not in f"{other!r}{vars(other)!r}{KeyCredential(token)!r}"
