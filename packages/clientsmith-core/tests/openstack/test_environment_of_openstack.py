"""Credentials from the variables that a cloud's RC file sets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clientsmith.core import UsageError
from clientsmith.core.openstack import credential_from_environment, fetch_catalog
from clientsmith.core.testing import Answer, ScriptedTransport

BASE = {"OS_AUTH_URL": "https://keystone.test/v3"}
USER = {**BASE, "OS_USERNAME": "ada", "OS_PASSWORD": "SECRET"}


def asked(environment: dict[str, str]) -> Any:
    """Return what the credential asks keystone for."""
    answer = Answer(201, json={"token": {}}, headers={"X-Subject-Token": "t"})
    service = ScriptedTransport(answer)
    fetch_catalog(credential_from_environment(environment), transport=service)
    content = service.requests[0].content
    assert isinstance(content, bytes)
    return json.loads(content)["auth"]


@pytest.mark.parametrize(
    ("variables", "domain", "scope"),
    [
        (
            {"OS_USER_DOMAIN_NAME": "Staff", "OS_PROJECT_NAME": "physics", "OS_PROJECT_DOMAIN_NAME": "Labs"},
            {"name": "Staff"},
            {"project": {"name": "physics", "domain": {"name": "Labs"}}},
        ),
        (
            {
                "OS_USER_DOMAIN_ID": "d1",
                "OS_USER_DOMAIN_NAME": "Staff",
                "OS_PROJECT_ID": "p1",
                "OS_PROJECT_NAME": "physics",
            },
            {"id": "d1"},
            {"project": {"id": "p1"}},
        ),
        ({"OS_DOMAIN_NAME": "Staff", "OS_PROJECT_NAME": ""}, {"id": "default"}, {"domain": {"name": "Staff"}}),
        ({"OS_SYSTEM_SCOPE": "all"}, {"id": "default"}, {"system": {"all": True}}),
        ({}, {"id": "default"}, None),
    ],
    ids=["names", "an id comes before a name", "a domain; an empty one is not set", "the system", "nothing"],
)
def test_a_user_signs_in(variables: dict[str, str], domain: Any, scope: Any) -> None:
    """RC files set ids and names beside each other."""
    request = asked({**USER, **variables})
    assert request["identity"]["password"]["user"]["domain"] == domain
    assert request.get("scope") == scope


def test_an_application_credential_comes_first() -> None:
    """It is the narrower one."""
    environment = {**USER, "OS_APPLICATION_CREDENTIAL_ID": "a1", "OS_APPLICATION_CREDENTIAL_SECRET": "SECRET-2"}
    assert asked(environment)["identity"] == {
        "methods": ["application_credential"],
        "application_credential": {"id": "a1", "secret": "SECRET-2"},
    }


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "OS_AUTH_URL"),
        (BASE, "OS_USERNAME"),
        ({**BASE, "OS_USERNAME": "ada", "OS_PASSWORD": ""}, "OS_PASSWORD"),
        ({**USER, "OS_APPLICATION_CREDENTIAL_ID": "a1"}, "OS_APPLICATION_CREDENTIAL_SECRET"),
    ],
)
def test_what_is_missing_is_named(environment: dict[str, str], missing: str) -> None:
    with pytest.raises(UsageError, match=f"{missing} is not set; source the RC file of your cloud"):
        credential_from_environment(environment)
