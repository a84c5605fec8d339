"""The shapes of API keys on the wire. The keys of an answer that have defaults came with version 2.3."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct, field

from naas.api.wire import App, Version
from naas.principals import ALL_CONTEXTS, Role
from naas.security.api_keys import KeyForm

__all__ = [
    "ApiKeyCreateRequest",
    "ApiKeyCreateResponse",
    "ApiKeyListItem",
    "ApiKeyListResponse",
    "ApiKeyRotateRequest",
]

# Ten years; who wants longer wants for ever, which is 0.
LONGEST_TTL: Final = 315_360_000
# A month to bring the new key to every place that holds the old one.
LONGEST_OVERLAP: Final = 2_592_000

KeyId = Annotated[str, Meta(description="The id of the key: `k-` and twelve hexadecimal digits.")]
RoleField = Annotated[Role, Meta(description="What its holder may do.")]
ContextList = Annotated[list[str], Meta(description="Where jobs of its holder may run; `*` means everywhere.")]
Ends = Annotated[str, Meta(description="Until when it is valid, `YYYY-MM-DDTHH:MM:SSZ`; empty: for ever.")]


class ApiKeyCreateRequest(Struct, kw_only=True, frozen=True):
    """A key to make. Everything is optional; a key for a program should name the least role that does."""

    role: Annotated[Role, Meta(description="What its holder may do.")] = Role.ADMIN
    contexts: Annotated[
        list[Annotated[str, Meta(pattern=r"^(\*|[A-Za-z0-9_\-]{1,64})$")]],
        Meta(min_length=1, max_length=100, description="Where jobs of its holder may run; `*` means everywhere."),
    ] = field(default_factory=lambda: [ALL_CONTEXTS])
    ttl: Annotated[
        Annotated[int, Meta(ge=0, le=LONGEST_TTL)] | None,
        Meta(description="How long it is valid, in seconds; 0 for ever; null as the service is set up."),
    ] = None
    name: Annotated[
        str, Meta(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$", description="What people know it by.")
    ] = ""
    format: Annotated[
        KeyForm,
        Meta(
            description=(
                "`token` is opaque; `jwt` is a JSON Web Token in the form of the existing service, for what checks "
                "tokens itself, where the service has a secret to sign with."
            )
        ),
    ] = KeyForm.TOKEN


class ApiKeyRotateRequest(Struct, kw_only=True, frozen=True):
    """How to replace a key."""

    overlap_seconds: Annotated[
        int, Meta(ge=0, le=LONGEST_OVERLAP, description="How long the old key stays valid beside the new one.")
    ] = 0


class ApiKeyCreateResponse(Struct, kw_only=True, frozen=True):
    """A new key. Its token is shown here and never again."""

    key_id: KeyId
    token: Annotated[
        str,
        Meta(
            description="What its holder sends, as `Authorization: Bearer` or `X-API-Key`.",
            extra_json_schema={"format": "password", "readOnly": True},
        ),
    ]
    role: RoleField
    contexts: ContextList
    expires_at: Ends
    name: Annotated[str, Meta(description="What people know it by.")] = ""
    created_at: Annotated[str, Meta(description="When it was made.")] = ""
    app: App
    version: Version


class ApiKeyListItem(Struct, kw_only=True, frozen=True):
    """One key, without its token, which nobody has kept."""

    key_id: KeyId
    role: RoleField
    contexts: ContextList
    created_at: Annotated[str, Meta(description="When it was made.")]
    expires_at: Ends
    created_by: Annotated[str, Meta(description="Who made it.")]
    name: Annotated[str, Meta(description="What people know it by.")] = ""
    last_used_at: Annotated[str | None, Meta(description="When it was last used, to the minute.")] = None
    replaced_by: Annotated[str | None, Meta(description="The key that takes its place after a rotation.")] = None
    format: Annotated[KeyForm, Meta(description="What its token is.")] = KeyForm.TOKEN


class ApiKeyListResponse(Struct, kw_only=True, frozen=True):
    """Every key that is valid, oldest first."""

    keys: Annotated[list[ApiKeyListItem], Meta(description="The keys.")]
    app: App
    version: Version
