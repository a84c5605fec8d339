"""A cookie jar as a policy: the test server remembers in a cookie which part of a scenario it is in."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

from clientsmith.core.pipeline import HookPolicy

__all__ = ["CookieJar"]


class CookieJar(HookPolicy):
    """Gives back what it was given, until it is told to forget; one service, one jar."""

    def __init__(self) -> None:
        self._cookies: dict[str, str] = {}

    def on_request(self, request: Any, /) -> None:
        if self._cookies:
            request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def on_response(self, request: Any, response: Any, /) -> None:
        for name, morsel in SimpleCookie(response.headers.get("Set-Cookie", "")).items():
            self._cookies.pop(name, None)
            if morsel.value:
                self._cookies[name] = morsel.value
