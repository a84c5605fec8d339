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

    An address of another origin is its maker's: a parameter more would break the signature of a signed URL. A link to
    the next page of the service itself is asked for in our version, whatever the service wrote there: its items are
    read as this version's.
    """

    def __init__(self, version: ApiVersion, home: Home) -> None:
        self._version = version
        self._home = home
        # Only for those who look: a pattern takes longer to compile than a client to make.
        in_query = version.location == "query"
        self._in_query = re.compile(rf"([?&]){re.escape(version.name)}=[^&#]*", re.IGNORECASE) if in_query else None

    def in_link(self, url: str) -> str:
        """Return a link to the next page of a list in our version, where it says one at all."""
        is_ours = not url.startswith(("http://", "https://")) or self._home.has(url)
        if self._in_query is None or not is_ours:
            return url
        return self._in_query.sub(lambda found: f"{found[1]}{self._field}", url)

    @property
    def _field(self) -> str:
        return f"{self._version.name}={quote(self._version.value, safe='')}"

    def on_start(self, request: HttpRequest, /) -> None:
        version = self._version
        if not self._home.knows(request):
            return
        if self._in_query is None:
            request.headers.setdefault(version.name, version.value)
        elif not self._in_query.search(request.url):  # a next link usually has it already
            request.url = with_query(request.url, self._field)
