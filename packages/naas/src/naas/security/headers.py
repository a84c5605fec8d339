"""Security headers on every answer, whoever made it.

Set only where the application has not said otherwise, but for those that nobody has a reason to change. Answers of the
API may not be framed, run nothing and load nothing; pages (``/ui``) load only what comes with them, run no inline
scripts, and talk to this service alone. Nothing is kept by caches unless an answer says so itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

__all__ = ["API_POLICY", "PAGE_POLICY", "SecurityHeaders"]

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
# A year. Subdomains are left out: they may be somebody else's. Said only under TLS (RFC 6797, section 7.2).
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """An ASGI application around another. ``under_tls`` says that this service speaks TLS itself; behind a proxy that
    does, the proxy adds the header."""

    def __init__(self, app: App, *, under_tls: bool, pages: str = "/ui") -> None:
        self._app, self._pages = app, pages
        always = (*_ALWAYS, _HSTS) if under_tls else _ALWAYS
        self._for_api = (*always, (b"content-security-policy", API_POLICY.encode()))
        self._for_pages = (*always, (b"content-security-policy", PAGE_POLICY.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and put the headers on its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        is_page = path == self._pages or path.startswith(f"{self._pages}/")
        ours = self._for_pages if is_page else self._for_api

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = list(message.get("headers", ()))
                names = {bytes(name).lower() for name, _ in theirs}
                added = [header for header in ours if header[0] not in names]
                if b"cache-control" not in names:
                    added.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*theirs, *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
