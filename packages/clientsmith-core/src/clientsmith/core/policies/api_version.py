"""Says which version of the API the client speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from ..pipeline import HookPolicy
from ..rest import HttpRequest

__all__ = ["ApiVersion", "ApiVersionPolicy"]


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """A version of a service's API and where a request says it."""

    value: str
    name: str = "API-Version"
    location: Literal["header", "query"] = "header"


class ApiVersionPolicy(HookPolicy):
    """Sends the version as given, with every request; one that the request already carries wins."""

    def __init__(self, version: ApiVersion) -> None:
        self._version = version
        self._in_query = re.compile(rf"[?&]{re.escape(version.name)}=", re.IGNORECASE)

    def on_start(self, request: HttpRequest, /) -> None:
        version = self._version
        if version.location == "header":
            request.headers.setdefault(version.name, version.value)
        elif not self._in_query.search(request.url):  # a next link usually has it already
            joint = "&" if "?" in request.url else "?"
            request.url = f"{request.url}{joint}{version.name}={quote(version.value, safe='')}"
