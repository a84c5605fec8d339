"""Who may do what: keys, tokens, limits, secrets."""

# ruff: noqa: RUF009 - `setting` makes a dataclass field; ruff knows only the one of the standard library by name.

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from naas.config.kinds import File, Names, Number, Pairs, Seconds, Secret, Switch, Text, Url
from naas.config.table import API, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROLES", "AccessSettings"]

ROLES = ("viewer", "operator", "admin")


@dataclass(frozen=True, kw_only=True)
class AccessSettings:
    """Authentication, authorization, limits and the keys that protect secrets."""

    basic_passthrough: bool = setting(
        True,
        Switch(),
        "Whether any user and password are accepted, as device login and as owner of the jobs.",
        used_by=(API,),
    )
    admin_secret: str | None = setting(
        None, Secret(), "Password that manages API keys; without it nobody can.", used_by=(API,)
    )
    encryption_key: str | None = setting(
        None,
        Secret("base64 keys separated by commas"),
        "Master key: 32 bytes in URL-safe base64, older keys behind it; without it, the key file beside the database.",
    )
    credential_encryption_enabled: bool = setting(
        True,
        Switch(),
        "Device logins are always encrypted at rest; false is refused.",
        also=("CREDENTIAL_ENCRYPTION_ENABLED",),
    )
    jwt_secret: str | None = setting(
        None, Secret(), "Secret that signs and checks HS256 tokens, as in the existing service.", used_by=(API,)
    )
    jwt_public_keys: Path | None = setting(
        None, File(), "JSON Web Key Set with the public keys that tokens may be signed with.", used_by=(API,)
    )
    jwt_issuer: str | None = setting(None, Text(), "Issuer (`iss`) that a token must name.", used_by=(API,))
    jwt_audience: str | None = setting(None, Text(), "Audience (`aud`) that a token must name.", used_by=(API,))
    oidc_issuer: str | None = setting(
        None, Url(("https", "http")), "OpenID Connect issuer whose bearer tokens are accepted.", used_by=(API,)
    )
    oidc_audience: str | None = setting(
        None, Text(), "Audience that its tokens must name; needed with `oidc_issuer`.", used_by=(API,)
    )
    oidc_role_claim: str = setting("roles", Text("claim name"), "Claim of its tokens that holds roles.", used_by=(API,))
    oidc_role_map: Mapping[str, str] = setting(
        {},
        Pairs("group=role,group=role", ROLES),
        "What a value of that claim means here; without it the values are roles.",
        used_by=(API,),
    )
    api_key_default_ttl: int = setting(
        7_776_000,
        Seconds(0),
        "How long an API key is valid if nobody says; 0 for ever.",
        also=("API_KEY_DEFAULT_TTL",),
        used_by=(API,),
    )
    api_key_max_ttl: int = setting(
        0, Seconds(0), "The longest that one may be valid; 0 sets no limit.", also=("API_KEY_MAX_TTL",), used_by=(API,)
    )
    lockout_threshold: int = setting(
        10,
        Number(0, 100_000),
        "Refused logins after which a caller or a device is locked out; 0 never.",
        used_by=(API,),
    )
    lockout_window: int = setting(
        600, Seconds(1), "Time in which these are counted, and for which the lockout lasts.", used_by=(API,)
    )
    rate_limit_enabled: bool = setting(
        True, Switch(), "Whether requests are limited.", also=("RATE_LIMIT_ENABLED",), used_by=(API,)
    )
    rate_limit_per_caller: int = setting(
        1000, Number(1), "Jobs of one caller in the window.", also=("RATE_LIMIT_PER_CALLER",), used_by=(API,)
    )
    rate_limit_per_caller_device: int = setting(
        20,
        Number(1),
        "Jobs of one caller for one device in the window.",
        also=("RATE_LIMIT_PER_CALLER_DEVICE",),
        used_by=(API,),
    )
    rate_limit_window: int = setting(
        60, Seconds(1, 86_400), "The window of these limits.", also=("RATE_LIMIT_WINDOW",), used_by=(API,)
    )
    rate_limit_exempt_roles: tuple[str, ...] = setting(
        ("admin",),
        Names("roles separated by commas", "|".join(ROLES)),
        "Roles without limits.",
        also=("RATE_LIMIT_EXEMPT_ROLES",),
        used_by=(API,),
    )
    command_policy: Path | None = setting(
        None, File(), "TOML file of commands that roles may or may not send.", used_by=(API,)
    )
    audit_keep_days: int = setting(365, Number(0, 36_500), "Days to keep audit events; 0 for ever.", used_by=(API,))
