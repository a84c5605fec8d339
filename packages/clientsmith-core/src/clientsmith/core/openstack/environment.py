"""Credentials from the environment, in the variables that OpenStack's own programs read."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..errors import UsageError
from .credentials import KeystoneApplicationCredential, KeystoneCredential, KeystonePasswordCredential

__all__ = ["credential_from_environment"]


def credential_from_environment(
    environment: Mapping[str, str] = os.environ, *, allow_http: bool = False
) -> KeystoneCredential:
    """Return the credential that the ``OS_…`` variables describe, as a cloud's "RC file" sets them.

    ``OS_AUTH_URL`` and either ``OS_APPLICATION_CREDENTIAL_ID`` and ``OS_APPLICATION_CREDENTIAL_SECRET``, or
    ``OS_USERNAME`` and ``OS_PASSWORD`` with ``OS_USER_DOMAIN_NAME`` (or ``…_ID``) and what the token is good for:
    ``OS_PROJECT_NAME`` (or ``…_ID``) with ``OS_PROJECT_DOMAIN_NAME`` (or ``…_ID``), ``OS_DOMAIN_NAME`` (or ``…_ID``),
    or ``OS_SYSTEM_SCOPE=all``. An application credential comes first.

    Args:
        environment: Another mapping, for tests.
        allow_http: Whether the secret may travel unencrypted to another machine.

    Raises:
        UsageError: A variable is not set.
        ValueError: What is set does not fit together.
    """

    def optional(name: str) -> str | None:
        return environment.get(f"OS_{name}") or None  # "" is how a shell says "not set"

    def required(name: str) -> str:
        value = optional(name)
        if value is None:
            raise UsageError(f"OS_{name} is not set; source the RC file of your cloud, or set it yourself")
        return value

    auth_url = required("AUTH_URL")
    credential_id = optional("APPLICATION_CREDENTIAL_ID")
    if credential_id is not None:
        secret = required("APPLICATION_CREDENTIAL_SECRET")
        return KeystoneApplicationCredential(auth_url, credential_id, secret, allow_http=allow_http)
    return KeystonePasswordCredential(
        auth_url,
        required("USERNAME"),
        required("PASSWORD"),
        user_domain_name=None if optional("USER_DOMAIN_ID") else optional("USER_DOMAIN_NAME"),
        user_domain_id=optional("USER_DOMAIN_ID"),
        project_name=None if optional("PROJECT_ID") else optional("PROJECT_NAME"),  # RC files set both
        project_id=optional("PROJECT_ID"),
        project_domain_name=None if optional("PROJECT_DOMAIN_ID") else optional("PROJECT_DOMAIN_NAME"),
        project_domain_id=optional("PROJECT_DOMAIN_ID"),
        domain_name=None if optional("DOMAIN_ID") else optional("DOMAIN_NAME"),
        domain_id=optional("DOMAIN_ID"),
        is_system=optional("SYSTEM_SCOPE") == "all",
        allow_http=allow_http,
    )
