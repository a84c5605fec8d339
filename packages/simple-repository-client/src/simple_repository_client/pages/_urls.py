"""Addresses in pages: made absolute, without fragments, and fit to be asked for."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

__all__ = ["absolute", "has_user_info", "is_web_url", "last_segment", "web_url", "with_suffix"]

_NEVER_BEFORE_A_PATH: Final = frozenset("@\\ ")
_WEB: Final = ("https://", "http://")
# What may stand in a path or a query as it is; "%" among it, for what is quoted already stays so (RFC 3986, 2.4).
_KEPT: Final = "%/:=&?~+!$,;'@()*[]|"


def absolute(base: str, reference: str) -> str:
    """Return a reference as an absolute URL, without its fragment (RFC 3986, section 5).

    Raises:
        ValueError: It cannot be a URL.
    """
    url = reference.partition("#")[0].strip()
    if not url.startswith(_WEB):
        url = urljoin(base, url)
    if url.isascii() and url.isprintable() and " " not in url:
        return url
    parts = urlsplit(url)
    path, query = (quote(part, safe=_KEPT, errors="replace") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def is_web_url(url: str) -> bool:
    """Whether this client may ask for it: http or https, with a host that could be one, and nothing else before it.

    A page cannot say who is calling, so a user name in it is not taken; and behind a backslash some find another host.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return False
    host = parts.hostname or ""
    is_host = host.isprintable() and all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))
    return parts.scheme in ("http", "https") and is_host and not _NEVER_BEFORE_A_PATH.intersection(parts.netloc)


def web_url(base: str, reference: str) -> str:
    """Return a reference as an absolute URL that this client may ask for, "" if it is none."""
    try:
        url = absolute(base, reference)
    except ValueError:
        return ""
    return url if is_web_url(url) else ""


def has_user_info(url: str) -> bool:
    """Whether there is something in it that may be a password."""
    return "@" in url.partition("://")[2].partition("/")[0]


def last_segment(url: str) -> str:
    """Return what comes behind the last slash of a path: the name of the file. "" for a folder."""
    segment = url.partition("#")[0].partition("?")[0].rpartition("/")[2]
    return unquote(segment) if "%" in segment else segment


def with_suffix(url: str, suffix: str) -> str:
    """Return the URL with something added to its path: a query, as signed URLs have, stays behind it."""
    path, mark, query = url.partition("?")
    return f"{path}{suffix}{mark}{query}"
