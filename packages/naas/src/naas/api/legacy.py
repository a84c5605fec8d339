"""The paths of old: ``/v1/…`` and those without a version, if `Settings.v1_enabled` says so.

They lead to the same handlers. What differs is the spelling of paths (``send_command``), the names ``ip`` and
``device_type`` in bodies, which mean ``host`` and ``platform``, and that every answer says that the end is near.
Roles and contexts are enforced here as everywhere: that the existing service does not is no promise to keep.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from clientsmith.server import Lifecycle
from litestar.enums import ScopeType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar.types import ASGIApp, Message, Receive, Scope, Send

    from naas.api.validation import Raw

__all__ = ["LIFECYCLE", "LegacyPaths", "modern_body"]

# As the existing service announces them.
_DEPRECATED: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SUNSET: Final = datetime(2027, 1, 1, tzinfo=UTC)

_PATH: Final = re.compile(
    r"(?P<version>/v1)?/(?P<resource>send_command_structured|send_command|send_config|jobs|contexts|api-keys)(?P<rest>/.*)?"
)
# What only v2 has, by the paths that these would lead to.
_ONLY_V2: Final = re.compile(r"/v2/(?:send-command|send-config)/batch|/v2/jobs/[^/]+/stream")

_MODERN_NAMES: Final[Mapping[str, str]] = {"ip": "host", "device_type": "platform"}

_ANNOUNCED: Final = b"x-api-deprecated"


def _is_legacy(path: str) -> bool:
    return _modern_path(path) is not None


LIFECYCLE: Final = (
    Lifecycle(
        deprecated=_DEPRECATED,
        sunset=_SUNSET,
        successor="/v2/",
        applies=lambda request: _is_legacy(request.path),
    ),
)


def _modern_path(path: str) -> str | None:
    """Return the path of v2 that an old one means, or None."""
    found = _PATH.fullmatch(path)
    if found is None or (found["version"] is None and not found["resource"].startswith("send_")):
        return None
    modern = f"/v2/{found['resource'].replace('_', '-')}{found['rest'] or ''}"
    return None if _ONLY_V2.fullmatch(modern) else modern


class LegacyPaths:
    """An ASGI application that leads old paths to the routes of v2."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        modern = _modern_path(scope["path"]) if scope["type"] == ScopeType.HTTP else None
        if modern is None:
            await self._app(scope, receive, send)
            return

        async def send_announced(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_ANNOUNCED, b"true")]
            await send(message)

        # The version layer around this one has put the state there.
        scope["state"]["is_legacy"] = True
        scope["path"], scope["raw_path"] = modern, modern.encode()
        await self._app(scope, receive, send_announced)


def modern_body(raw: Raw) -> Raw:
    """Return a body with the names of v2; where both are there, that of v2 wins."""
    renamed = {_MODERN_NAMES[name]: value for name, value in raw.items() if name in _MODERN_NAMES}
    return {**renamed, **{name: value for name, value in raw.items() if name not in _MODERN_NAMES}}
