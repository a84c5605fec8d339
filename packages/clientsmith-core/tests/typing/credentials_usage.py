"""How credentials are written and handed over, as type checkers see it. Not run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from clientsmith.core import (
    AccessToken,
    AllOf,
    Bearer,
    HttpRequest,
    KeyCredential,
    KeyInHeader,
    NamedKeyCredential,
    Signature,
    TokenCredential,
    aio,
)
from clientsmith.core.credentials import AuthenticationScheme, Signer, TokenSource
from clientsmith.core.oauth2 import Application, ClientSecretCredential, RefreshTokenCredential, TokenSet
from clientsmith.core.openstack import KeystoneApplicationCredential, KeystonePasswordCredential, fetch_catalog


def sync_client(credential: TokenCredential | KeyCredential) -> None: ...
def async_client(credential: aio.TokenCredential | KeyCredential) -> None: ...


class TheirToken(NamedTuple):
    """What azure-core's tokens look like."""

    token: str
    expires_on: int


class Theirs:
    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **kwargs: Any
    ) -> TheirToken:
        return TheirToken("t", 1)


class TheirsAsync:
    async def get_token(self, *scopes: str, claims: str | None = None, **kwargs: Any) -> TheirToken:
        return TheirToken("t", 1)


class Ours:
    def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        return AccessToken("t", 1.0)


sync_client(Theirs())
sync_client(Ours())
async_client(TheirsAsync())
sync_client(TheirsAsync())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
async_client("token")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# OAuth 2 credentials serve both colours.
application = Application("app", "https://login.test/token")
sync_client(ClientSecretCredential(application))
async_client(ClientSecretCredential(application))


# OpenStack's too; their tokens go into a header field of their own, so what takes a key there says that it takes them.
def openstack_client(credential: KeyCredential | TokenSource) -> None: ...


openstack_client(KeystonePasswordCredential("https://keystone.test", "ada", "word", project_name="physics"))
openstack_client(KeystoneApplicationCredential("https://keystone.test", "id", "secret"))
openstack_client(KeyCredential("token"))
openstack_client("token")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
KeystonePasswordCredential("https://keystone.test", "ada", "word", tenant_name="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
endpoint: str = fetch_catalog(KeystoneApplicationCredential("https://keystone.test", "id", "secret")).endpoint(
    "compute"
)


def keep(tokens: TokenSet) -> None: ...


RefreshTokenCredential(application, "r", scopes=["a"], on_token=keep)
RefreshTokenCredential(application, "r", scope=["a"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class Shared:
    def __init__(self, credential: NamedKeyCredential) -> None: ...
    def sign(self, request: HttpRequest, /) -> None: ...


class NoSigner:
    def sign(self, request: str, /) -> None: ...


schemes: list[AuthenticationScheme] = [
    Signature(Shared),
    Signature(),
    AllOf({"app": KeyInHeader("X-App"), "user": Bearer(["a"])}),
]
make: Callable[[NamedKeyCredential], Signer] = Shared
Signature(NoSigner)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
