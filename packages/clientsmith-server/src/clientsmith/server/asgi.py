"""The face for ASGI 3 applications: FastAPI, Starlette, Litestar, Django, Quart, a bare function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from .decision import Decider, utc_now
from .fields import RawField, encoded, merged
from .lifecycle import Lifecycle
from .seen import KEY
from .values import Answer, RequestFacts, VersionScheme

__all__ = ["ApiVersions"]

# Every framework and server has types of its own for these, TypedDicts or mappings, none of which takes another's: what
# they have in common is that they are dicts and callables. So an `ApiVersions` is an application for all of them.
Scope: TypeAlias = Any
Receive: TypeAlias = Any
Send: TypeAlias = Any
AsgiApplication: TypeAlias = Callable[[Any, Any, Any], Awaitable[Any]]


class ApiVersions:
    """An ASGI application that says which version of its API it speaks, around one that need not care.

        app = ApiVersions(app, header_versions("X-API-Version", versions=["2025-01-01", "2026-06-01"]))

    A request is judged before the application sees it. What is refused is answered here; everything else is passed on,
    with the version in ``scope["state"]["api_version"]`` and for `api_version_of`. What the application sends goes
    through as it comes, piece by piece; only the first message gets header fields more, by the rule of
    `clientsmith.server.fields`: the application's own win.

    A WebSocket is judged by its handshake: refused with an answer where the server can do that, else closed with 1008
    before it opens, which clients see as 403.

    Args:
        app: The application.
        versions: The scheme: `header_versions`, `query_versions`, `path_versions`, `microversions`, …
        lifecycle: What is deprecated, and until when it works.
        unversioned: Routes that are none of its business: ``/docs``, ``/static/*``.
        now: The time; it decides about 410 after a sunset only.

    Raises:
        ValueError: A route cannot be read, or a lifecycle is about a version that is not offered.
        TypeError: `versions` is no scheme, or `lifecycle` none.
    """

    def __init__(
        self,
        app: AsgiApplication,
        versions: VersionScheme,
        *,
        lifecycle: Lifecycle | Iterable[Lifecycle] = (),
        unversioned: Iterable[str] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.app = app
        self._decide = Decider(versions, lifecycle, unversioned, now).decide

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind not in ("http", "websocket"):  # the lifespan is the application's
            await self.app(scope, receive, send)
            return
        verdict = self._decide(_facts(scope))
        if isinstance(verdict, Answer):
            await (_answer(verdict, send) if kind == "http" else _refuse_websocket(verdict, scope, receive, send))
            return
        # Into the scope itself: a copy would hide from those outside what the application writes there, its route above
        # all, which tracing tools read afterwards.
        scope[KEY] = verdict
        scope.setdefault("state", {})["api_version"] = verdict.version
        if verdict.headers:
            send = partial(_send_with, send, encoded(verdict.headers))
        await self.app(scope, receive, send)


def _facts(scope: Scope) -> RequestFacts:
    root: str = scope.get("root_path", "").rstrip("/")
    path: str = scope["path"]
    # The path begins with the mount (ASGI 3, since 2022), but older servers leave it away.
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        path = path[len(root) :] or "/"
    query: bytes = scope.get("query_string", b"")
    method: str = scope.get("method", "GET")
    return RequestFacts(method, path, query.decode("latin-1"), partial(_field, scope["headers"]), root)


def _field(headers: Iterable[tuple[bytes, bytes]], name: str) -> str:
    wanted = name.encode("latin-1")
    found = [value for key, value in headers if key == wanted]
    return b", ".join(found).decode("latin-1").strip() if found else ""


async def _send_with(send: Send, additions: tuple[RawField, ...], message: Any) -> None:
    if message["type"] in ("http.response.start", "websocket.accept", "websocket.http.response.start"):
        message = {**message, "headers": merged(message.get("headers") or (), additions)}
    await send(message)


async def _answer(answer: Answer, send: Send, prefix: str = "http.response") -> None:
    headers = encoded(answer.headers)
    await send({"type": f"{prefix}.start", "status": answer.status, "headers": headers})
    await send({"type": f"{prefix}.body", "body": answer.body})


async def _refuse_websocket(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    await receive()  # websocket.connect; nothing may be sent before it
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await _answer(answer, send, "websocket.http.response")
    else:
        await send({"type": "websocket.close", "code": 1008})
