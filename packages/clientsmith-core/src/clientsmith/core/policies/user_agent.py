"""Says which client library is calling."""

from __future__ import annotations

import sys
from typing import ClassVar

from ..pipeline import HookPolicy
from ..rest import HttpRequest
from ..settings import Setting, text

__all__ = ["UserAgentPolicy"]


class UserAgentPolicy(HookPolicy):
    """Sends ``User-Agent``: the application's own words first, then package, Python and system (RFC 9110, 10.1.5)."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("user_agent", None, "the application, put before the client library's own words", check=text),
    )

    def __init__(self, package: str) -> None:
        version = ".".join(map(str, sys.version_info[:3]))
        self._library = f"{package} Python/{version} ({sys.platform})"

    def on_start(self, request: HttpRequest, /) -> None:
        application: str | None = request.call.settings["user_agent"]
        request.headers.setdefault("User-Agent", f"{application} {self._library}" if application else self._library)
