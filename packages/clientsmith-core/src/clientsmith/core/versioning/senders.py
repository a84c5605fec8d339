"""Where a request says which version it wants: values with two methods, `put` says it, `said` reads it back."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, unquote

from .._declared import Declared
from ..rest import with_query

if TYPE_CHECKING:
    from ..rest import HttpRequest

__all__ = ["InAccept", "InHeader", "InPath", "InQuery", "Sender"]


class Sender(Protocol):
    """Something that says a version in a request."""

    def put(self, request: HttpRequest, version: str, endpoint: str, *, again: bool = False) -> bool:
        """Say it, unless the request already says one; return whether it is said now.

        With ``again`` say it in place of the one that was said.
        """
        ...

    def said(self, request: HttpRequest, endpoint: str) -> str | None:
        """Return the version that the request says, None if it says none."""
        ...


class InHeader(Declared, kw_only=False):
    """In a header field, and in fields of older names.

    Attributes:
        name: ``X-GitHub-Api-Version``.
        prefix: What stands before the version: ``compute `` in ``OpenStack-API-Version``.
        older: Fields of the same meaning for services that know only these; the version stands there alone.
    """

    name: str
    prefix: str = ""
    older: tuple[str, ...] = ()

    def put(self, request: HttpRequest, version: str, endpoint: str, *, again: bool = False) -> bool:
        value, headers = self.prefix + version, request.headers
        if again:
            headers[self.name] = value
        is_said = headers.setdefault(self.name, value) == value
        for name in self.older:
            if again:
                headers[name] = version
            is_said = headers.setdefault(name, version) == version and is_said
        return is_said

    def said(self, request: HttpRequest, endpoint: str) -> str | None:
        value = request.headers.get(self.name)
        # Another prefix: the caller says the version of another service.
        return value[len(self.prefix) :] if value is not None and value.startswith(self.prefix) else None


class InQuery(Declared, kw_only=False):
    """In a query parameter: ``api-version=2026-06-01``."""

    name: str

    def put(self, request: HttpRequest, version: str, endpoint: str, *, again: bool = False) -> bool:
        field = _field(self.name, version)
        said = self.said(request, endpoint)
        if said is None:
            request.url = with_query(request.url, field)
        elif again:
            request.url = self._pattern.sub(lambda found: found[1] + field, request.url)
        return again or said in (None, version)

    def said(self, request: HttpRequest, endpoint: str) -> str | None:
        if _start(self.name) not in request.url.lower():  # a tenth of what the pattern costs
            return None
        found = self._pattern.search(request.url)
        return None if found is None else unquote(found[2])

    @property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"([?&]){re.escape(self.name)}=([^&#]*)", re.IGNORECASE)  # `re` keeps what it compiled


# A client has one name and one version, and asks for both in every call.


@lru_cache(maxsize=64)
def _field(name: str, version: str) -> str:
    return f"{name}={quote(version, safe='')}"


@lru_cache(maxsize=64)
def _start(name: str) -> str:
    return f"{name.lower()}="


class InPath(Declared, kw_only=False):
    """As the first segment of the path below the endpoint: ``/v2/…``.

    Attributes:
        template: What the segment is, ``{}`` where the version stands. An address that has such a segment already, or
            whose endpoint ends in one, stays as it is.
        written: The version that the operations' paths, or the endpoint, were written with: another one takes its
            place, and nothing is put before an address that has none. "" where addresses are written without.
        shape: What a version looks like there, a regular expression: a resource may have a number for a name.
    """

    template: str = "{}"
    written: str = ""
    shape: str = r"[vVrR][0-9][0-9A-Za-z.]*"

    def put(self, request: HttpRequest, version: str, endpoint: str, *, again: bool = False) -> bool:
        rest = _below(request.url, endpoint)
        if rest is None:
            return False
        if self.written:
            url = request.url if version == self.written else self._rewritten(endpoint, rest, version)
            request.url = url or request.url
            return url is not None
        said = self._segment(rest)
        if said is not None and again:
            rest = rest[len(self.template.format(said)) + 1 :]
        elif said is not None or self._pattern.fullmatch(endpoint.rpartition("/")[2]):
            return said == version
        request.url = f"{endpoint}/{self.template.format(version)}{rest}"
        return True

    def said(self, request: HttpRequest, endpoint: str) -> str | None:
        start = endpoint.removesuffix(f"/{self.template.format(self.written)}") if self.written else endpoint
        rest = _below(request.url, start)
        found = None if rest is None else self._segment(rest)
        return None if found == self.written else found  # what is written with every address nobody asked for

    def _rewritten(self, endpoint: str, rest: str, version: str) -> str | None:
        """Return the address with another version, None where it has no place for one."""
        known, wanted = (self.template.format(each) for each in (self.written, version))
        # The endpoint first: what follows it may be a resource that is called like a version.
        if endpoint.endswith(f"/{known}"):
            return f"{endpoint.removesuffix(known)}{wanted}{rest}"
        if endpoint.endswith(f"/{wanted}"):  # it was made with the version: a variable of the server's URL
            return endpoint + rest
        return f"{endpoint}/{wanted}{rest[len(known) + 1 :]}" if self._segment(rest) == self.written else None

    def _segment(self, path: str) -> str | None:
        found = self._pattern.match(path.removeprefix("/"))
        return None if found is None else found[1]

    @property
    def _pattern(self) -> re.Pattern[str]:
        before, _, after = self.template.partition("{}")
        # A colon: Google's methods of no resource, `/v1:search`.
        return re.compile(rf"{re.escape(before)}({self.shape}){re.escape(after)}(?=[/?#:]|$)")


def _below(url: str, endpoint: str) -> str | None:
    """Return what follows the endpoint in a URL, None if the URL is not below it."""
    rest = url[len(endpoint) :] if url.startswith(endpoint) else None
    return rest if rest is not None and rest[:1] in ("", "/", "?", "#") else None


class InAccept(Declared, kw_only=False):
    """In the media type that the request asks for: ``application/vnd.github.v3+json``.

    Attributes:
        template: The media type, ``{}`` where the version stands. It replaces an ``Accept`` of plain JSON.
    """

    template: str

    def put(self, request: HttpRequest, version: str, endpoint: str, *, again: bool = False) -> bool:
        accepted = request.headers.get("Accept", "")
        if again or accepted in ("", "*/*", "application/json"):
            request.headers["Accept"] = accepted = self.template.format(version)
        return accepted == self.template.format(version)

    def said(self, request: HttpRequest, endpoint: str) -> str | None:
        before, _, after = self.template.partition("{}")
        accepted = request.headers.get("Accept", "")
        is_ours = accepted.startswith(before) and accepted.endswith(after)
        return accepted[len(before) : len(accepted) - len(after)] if is_ours else None
