"""Runs the server: over stdio, or over HTTP behind the checks that a server on a person's own machine needs.

Over HTTP, before the protocol sees a request:

- It must name this machine as its ``Host``, and its ``Origin``, if it has one, must be a page of this machine (or of a
  name that the operator gave): a page from elsewhere cannot reach the server by rebinding its name to 127.0.0.1.
- It must carry a key. Whether NAAS takes it, NAAS says at the first call.
- A session belongs to the key that opened it. To another key it does not exist.
- Sessions that are not used for half an hour end, and there are no more than `MOST_SESSIONS`.
"""

from __future__ import annotations

import hashlib
import logging
import signal
import socket
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import anyio
import uvicorn
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .callers import NO_KEY, Callers, bearer_of
from .server import build_server
from .settings import McpSettings, SettingsError, Transport

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["MOST_SESSIONS", "http_app", "log_to_stderr", "serve"]

PATH: Final = "/mcp"
MOST_SESSIONS: Final = 200
_IDLE_SECONDS: Final = 1800.0
_DRAIN_SECONDS: Final = 5


def serve(settings: McpSettings) -> None:
    """Run until it is told to stop, or stdin ends.

    Raises:
        SettingsError: NAAS cannot be addressed as the settings say, or the port is taken.
    """
    callers = Callers(settings)
    callers.check()
    anyio.run(_served, settings, callers)


async def _served(settings: McpSettings, callers: Callers) -> None:
    server = build_server(settings, callers)
    try:
        if settings.transport is Transport.STDIO:
            await server.run_stdio_async()
        else:
            await _serve_http(settings, server)
    finally:
        await callers.close()


async def _serve_http(settings: McpSettings, server: MCPServer[Any]) -> None:
    config = uvicorn.Config(
        http_app(settings, server),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    listening = _listening(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"naas-mcp: listening on http://{shown}:{port}{PATH}", file=sys.stderr, flush=True)
    # uvicorn ends by raising the signal that stopped it once more; to be stopped is no failure.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    await uvicorn.Server(config).serve([listening])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}, port {port}: {error.strerror}; choose another --port") from error


def http_app(settings: McpSettings, server: MCPServer[Any]) -> ASGIApp:
    """Return the server as an ASGI application with `PATH` and ``/health``."""
    names = ("127.0.0.1", "localhost", "[::1]")
    public = settings.public_hosts
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        session_idle_timeout=_IDLE_SECONDS,
        max_sessions=MOST_SESSIONS,
        transport_security=TransportSecuritySettings(
            allowed_hosts=[*(f"{name}:*" for name in names), *names, *public],
            allowed_origins=[*(f"http://{name}:*" for name in names), *(f"https://{name}" for name in public)],
        ),
    )
    app.router.routes.append(Route("/health", _health, methods=["GET"]))
    return _KeyHolders(app)


async def _health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "version": version("naas-mcp")})


class _KeyHolders:
    """Lets only requests with a key through to the protocol, and ties sessions to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/") == PATH:
            key = bearer_of(Headers(scope=scope).get("authorization"))
            if key is None:
                refusal = JSONResponse({"error": NO_KEY}, 401, headers={"WWW-Authenticate": "Bearer"})
                await refusal(scope, receive, send)
                return
            # The SDK compares this user with the one that opened the session; the digest is all it learns of the key.
            digest = hashlib.sha256(key.encode()).hexdigest()
            scope["user"] = AuthenticatedUser(AccessToken(token="", client_id=digest, scopes=[]))
        await self._app(scope, receive, send)


def log_to_stderr(level: str) -> None:
    """Send every log to stderr, for stdout belongs to the protocol."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    # At INFO these two tell every request, some of them with what the assistant wrote.
    for name in ("mcp", "uvicorn"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
