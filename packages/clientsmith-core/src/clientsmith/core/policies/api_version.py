"""Says which version of the API the client speaks."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import quote

from .._origin import Home
from ..pipeline import HookPolicy
from ..rest import HttpRequest, with_query

__all__ = ["ApiVersion", "ApiVersionPolicy"]


class ApiVersion(NamedTuple):
    """A version of a service's API and where a request says it."""

    value: str
    name: str = "API-Version"
    location: Literal["header", "query"] = "header"


class ApiVersionPolicy(HookPolicy):
    """Sends the version as given, with every request to the service; one that the request already carries wins.

    An address of another origin is its maker's: a parameter more would break the signature of a signed URL.
    """

    def __init__(self, version: ApiVersion, home: Home) -> None:
        self._version = version
        self._home = home
        # Only for those who look: a pattern takes longer to compile than a client to make.
        in_query = version.location == "query"
        self._in_query = re.compile(rf"[?&]{re.escape(version.name)}=", re.IGNORECASE) if in_query else None

    def on_start(self, request: HttpRequest, /) -> None:
        version = self._version
        if not self._home.has(request.url):
            return
        if self._in_query is None:
            request.headers.setdefault(version.name, version.value)
        elif not self._in_query.search(request.url):  # a next link usually has it already
            request.url = with_query(request.url, f"{version.name}={quote(version.value, safe='')}")
