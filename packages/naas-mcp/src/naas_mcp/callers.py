"""From a request of an assistant to a client of NAAS that acts for whoever sent it, and for nobody else.

Over stdio there is one person, whose key is in the settings. Over HTTP each request carries its caller's key; the
middleware `remember_caller` puts it where the tools and resources of this request, and of no other, find it: in a
context variable, which every task inherits from the one that started it. No client outlives its request, and what
requests share, the connections, knows no key.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from clientsmith.core import BasicCredential, KeyCredential
from clientsmith.core.errors import ClientsmithError
from clientsmith.core.transport import AioHttpTransport
from mcp.server.mcpserver.exceptions import ToolError
from naas_client.aio import NaasClient

from .settings import McpSettings, SettingsError, Transport

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

__all__ = ["Callers", "bearer_of", "remember_caller"]

_KEY: ContextVar[str | None] = ContextVar("naas_mcp_key", default=None)

NO_KEY: Final = "send your NAAS API key with every request, as Authorization: Bearer KEY"


async def remember_caller(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Carry out a request with its caller's key in reach: middleware of the server."""
    headers: Mapping[str, str] | None = getattr(ctx.request, "headers", None)
    token = _KEY.set(bearer_of((headers or {}).get("authorization")))
    try:
        return await call_next(ctx)
    finally:
        _KEY.reset(token)


def bearer_of(authorization: str | None) -> str | None:
    """Return the key that an Authorization header carries, None if it carries none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class Callers:
    """Lends each request the client that acts for whoever sent it."""

    def __init__(self, settings: McpSettings) -> None:
        self._settings = settings
        self._transport = AioHttpTransport(verify=settings.verify)
        self._serves_previews: bool | None = None

    def check(self) -> None:
        """Return if NAAS can be addressed as the settings say; nothing is sent.

        Raises:
            SettingsError: The address is none, or a key would go there in clear text.
        """
        try:
            self._made(KeyCredential("of-no-one"))
        except (ClientsmithError, ValueError) as error:
            raise SettingsError(f"NAAS_MCP_API_URL: {error}") from error

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[NaasClient]:
        """Lend a client for the length of the block.

        Raises:
            ToolError: The request carries no key, and none is set.
        """
        async with self._made(self._credential()) as client:
            yield client

    async def close(self) -> None:
        """Close the connections to NAAS."""
        await self._transport.close()

    def login(self) -> dict[str, Any] | None:
        """Return the device login for a request that names a host, None if nobody has set one.

        It is empty where the login is what the request itself is made with.
        """
        settings = self._settings
        if settings.username is None:
            return None
        if settings.api_key is None:
            return {}
        login = {"username": settings.username, "password": settings.password}
        return login if settings.enable is None else {**login, "enable": settings.enable}

    async def knows_dry_runs(self, client: NaasClient) -> bool:
        """Whether the server is of a version that has dry runs: before 2.3 it would take one for the real change."""
        if self._serves_previews is None:
            version = (await client.get_health()).version
            numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
            self._serves_previews = numbers >= (2, 3)
        return self._serves_previews

    def _made(self, credential: KeyCredential | BasicCredential) -> NaasClient:
        settings = self._settings
        return NaasClient(
            settings.api_url, credential, transport=self._transport, timeout=settings.timeout, user_agent="naas-mcp"
        )

    def _credential(self) -> KeyCredential | BasicCredential:
        settings = self._settings
        if settings.transport is Transport.HTTP:
            key = _KEY.get()
            if key is None:
                raise ToolError(NO_KEY)
            return KeyCredential(key)
        if settings.api_key is not None:
            return KeyCredential(settings.api_key)
        return BasicCredential(settings.username or "", settings.password or "")
