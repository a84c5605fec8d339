"""Pages come from the index that was asked, and not from one that it points to.

An index may answer with a redirect to another one; pypiserver does, to a public index, for every project that it does
not have. Whoever follows takes the page of a stranger for the page of his index: a private name that somebody has
registered in public is all that it takes (dependency confusion). So no page is asked for at another origin, which would
tell the name there, too, unless the caller named that origin. Files may be anywhere: their hashes stand on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from clientsmith.core.errors import UsageError
from clientsmith.core.pipeline import Flow
from clientsmith.core.redaction import redact_url
from clientsmith.core.rest import HttpRequest
from clientsmith.core.settings import Setting

from .addresses import origin_of
from .errors import ForeignPageError

__all__ = ["LIST", "PROJECT", "PageOriginPolicy"]

# The paths of pages, as calls name them.
LIST: Final = "/"
PROJECT: Final = "/{project}/"


class PageOriginPolicy:
    """Refuses to ask for a page at another origin than the index's and those that are named; below redirects.

    Args:
        index_url: Of the index. From plain http to https at the same host is no other place.
        origins: Others that may give its pages.

    Raises:
        UsageError: One of them is none.
    """

    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, index_url: str, origins: Sequence[str]) -> None:
        self._index_url = index_url
        home = origin_of(index_url)
        self._allowed = {home}
        if home is not None and home[0] == "http" and home[2] is None:
            self._allowed.add(("https", *home[1:]))
        for origin in [origins] if isinstance(origins, str) else origins:
            found = origin_of(origin)
            if found is None or found[0] not in ("http", "https") or isinstance(origins, str):
                raise UsageError("page_origins is no list of origins such as ['https://mirror.example.org']")
            self._allowed.add(found)

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request, if it asks for no page or asks the right one.

        Raises:
            ForeignPageError: The index led to another origin.
        """
        if request.call.template in (LIST, PROJECT):
            origin = origin_of(request.url)
            if origin is None or origin not in self._allowed:
                raise ForeignPageError(redact_url(self._index_url), request.url)
        return (yield request)
