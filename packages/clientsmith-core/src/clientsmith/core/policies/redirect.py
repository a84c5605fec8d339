"""Follows redirects, and leaves behind what the other origin must not see.

Rules (RFC 9110, section 15.4):

- 307 and 308 repeat method and body; a body that cannot be sent again ends the chase.
- 303 goes on with GET, and so do 301 and 302 after a POST, as every browser does.
- Another origin gets harmless header fields only. Credentials are added below this policy and only for the client's
  own origin, so they need no stripping; what the caller put on the request does. Conditions go along: without its
  ``If-Match`` a change would overwrite somebody else's, without its ``If-Range`` a download would mix two versions.
- From https to http is never followed: whoever answers there can read and change everything.
"""

from __future__ import annotations

from typing import ClassVar, Final
from urllib.parse import quote, urljoin

from .._origin import origin_of
from ..errors import TooManyRedirectsError, UsageError
from ..pipeline import Flow
from ..rest import Headers, HttpRequest, HttpResponse
from ..settings import Setting, count

__all__ = ["RedirectPolicy"]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

# An allow-list: a header that nobody here has heard of may well be somebody's key.
_HARMLESS: Final = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "content-encoding", "content-language", "range",
     "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "user-agent", "x-request-id",
     "traceparent", "tracestate"}
)  # fmt: skip

# What says something about a body that is no longer sent (RFC 9110, section 15.4, step 5).
_OF_THE_BODY: Final = (
    "Content-Type", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Digest",
    "Repr-Digest", "Digest", "Last-Modified",
)  # fmt: skip


class RedirectPolicy:
    """Follows up to ``max_redirects`` redirects; 0 returns the 3xx answer itself."""

    # Ten: browsers stop at 20, curl at 30; an API that needs more than a few is going in circles.
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("max_redirects", 10, "redirects to follow before giving up; 0 follows none", check=count),
    )

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request, then each place that it is sent to."""
        limit: int = request.call.settings["max_redirects"]
        followed = 0
        response: HttpResponse | None = None
        while True:
            try:
                response = yield request
            except UsageError as error:
                if response is None or type(error) is not UsageError:  # a credential that fails is told
                    raise
                return response  # it named a place that nobody can go to: its mistake, and not the caller's
            if response.status_code not in _REDIRECTS or not limit:
                return response
            target = next_request(request, response)
            if target is None:
                return response
            if followed == limit:
                raise TooManyRedirectsError(f"gave up after {limit} redirects", response=response)
            followed += 1
            request = target


def next_request(request: HttpRequest, response: HttpResponse) -> HttpRequest | None:
    """Return the request that a 3xx answer asks for, None if it must not or cannot be followed."""
    if "Location" not in response.headers:
        return None
    try:
        url = _sendable(urljoin(request.url, response.headers["Location"]).partition("#")[0])
        here, there = origin_of(request.url), origin_of(url)
    except ValueError:
        return None
    if there.scheme not in ("http", "https") or (here.scheme == "https" and there.scheme == "http"):
        return None
    target = request.copy()
    target.url = url
    if here != there:
        target.headers = Headers({k: v for k, v in request.headers.items() if k.lower() in _HARMLESS})
    if response.status_code == 303 or (response.status_code in (301, 302) and request.method == "POST"):
        _become_get(target)
    return target if target.is_replayable else None


def _sendable(url: str) -> str:
    """Return the URL with what cannot be sent percent-encoded, as browsers do: many services write it as it is."""
    return url if url.isascii() and " " not in url else quote(url, safe="%/:?#[]@!$&'()*+,;=~")


def _become_get(request: HttpRequest) -> None:
    if request.method != "HEAD":
        request.method = "GET"
    request.content = None
    for name in _OF_THE_BODY:
        request.headers.pop(name, None)
