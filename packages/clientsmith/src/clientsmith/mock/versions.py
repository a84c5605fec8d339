"""The mock's side of versions: what it speaks, how it says so, and how it refuses what it does not speak.

==================  ===============================================================================================
microversions       the version document at the root; 406 with the range, 400 for what is no version; the version
                    executed in each answer; without a header the oldest version, as the services do it
dates               400 with a code and ``api-supported-versions``; the documented header in each answer
semantic versions   400 for one that is older than the oldest known
paths               404 with a code and ``api-supported-versions``; the documented header in each answer
list of versions    the list at its path
==================  ===============================================================================================

An operation that the version asked for does not have is not found (404), as OpenStack's services say it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from clientsmith.core.versioning import ApiVersion
from clientsmith.model.ir import Api, ApiVersionIn, Operation, VersionScheme
from clientsmith.model.versions import read
from clientsmith.openapi.data import is_object

from .exchange import Reply, Request, Wishes, problem

__all__ = ["Versions"]

_LIST: Final = "api-supported-versions"
_CODE: Final = "UnsupportedApiVersion"
_EXACT: Final = (VersionScheme.DATE_HEADER, VersionScheme.DATE_QUERY)


class Versions:
    """The versions of one service, as its document describes them."""

    def __init__(self, api: Api) -> None:
        scheme = api.api_version
        self._scheme, self._form = scheme, scheme.format
        self._newest = read(scheme.default, self._form)
        self._oldest = read(scheme.oldest, self._form) or self._newest
        self._known = scheme.versions or (scheme.default,)
        self._segment = _segment_of(scheme, urlsplit(api.endpoint).path.rstrip("/"))

    # --- what a request asks for ---

    def _said(self, request: Request) -> str | None:
        """Return the version that a request asks for, None if it leaves that to the service."""
        scheme = self._scheme
        match scheme.scheme:
            case VersionScheme.MICROVERSION:
                return self._microversion(request)
            case VersionScheme.DATE_QUERY | VersionScheme.QUERY:
                name = scheme.wire_name.lower()
                return next((unquote(text) for key, text in request.query if key.lower() == name), None)
            case VersionScheme.DATE_HEADER | VersionScheme.SEMVER | VersionScheme.HEADER:
                return request.headers.get(scheme.wire_name.lower())
            case _:
                return None

    def _microversion(self, request: Request) -> str | None:
        """A service overlooks what is meant for another one; ``latest`` is the newest."""
        prefix = f"{self._scheme.service_type} "
        parts = (part.strip() for part in request.headers.get(self._scheme.wire_name.lower(), "").split(","))
        said = next((part.removeprefix(prefix) for part in parts if part.startswith(prefix)), None)
        for name in self._scheme.older_headers:
            said = said or request.headers.get(name.lower())
        return self._scheme.default if said == "latest" else said

    def _spoken(self, request: Request) -> ApiVersion | None:
        """Return the version that a request is answered in, None if versions mean nothing here."""
        said = self._said(request)
        if said is not None:
            return read(said, self._form)
        return self._oldest if self._scheme.scheme is VersionScheme.MICROVERSION else self._newest

    # --- what is refused ---

    def refused(self, path: str, request: Request) -> Reply | None:
        """Return the refusal of a version that there is not, None if all is well."""
        said, scheme = self._said(request), self._scheme.scheme
        if self._segment is not None:
            found = self._segment.match(request.raw_path) or self._segment.match(path)
            is_other = found is not None and found[1] != self._scheme.written
            return self._unsupported(found[1], 404) if found is not None and is_other else None
        if said is None or scheme in (VersionScheme.HEADER, VersionScheme.QUERY):
            return None
        version = read(said, self._form)
        if scheme is VersionScheme.MICROVERSION:
            return self._out_of_range(said, version)
        if scheme in _EXACT:
            return None if said in self._known else self._unsupported(said, 400)
        if version is not None and self._oldest is not None and self._oldest <= version:
            return None
        detail = f"the request says API version {said}, and this service requires {self._oldest} or higher"
        return problem(400, "Bad Request", detail, code=_CODE)

    def _unsupported(self, said: str, status: int) -> Reply:
        known = ", ".join(self._known)
        detail = f"there is no API version {said[:40]!r}; there is {known}"
        title = "Unsupported API version"
        return problem(status, title, detail, code=_CODE, headers={_LIST: known})

    def _out_of_range(self, said: str, version: ApiVersion | None) -> Reply | None:
        if version is None:
            return problem(400, "Bad Request", f"{said[:40]!r} is no version; one looks like {self._scheme.default}")
        if self._oldest is None or self._newest is None or self._oldest <= version <= self._newest:
            return None
        oldest, newest = str(self._oldest), str(self._newest)
        detail = f"version {said} is not supported: the minimum is {oldest} and the maximum {newest}"
        body = {"errors": [{"status": 406, "title": "Not Acceptable", "detail": detail,
                            "min_version": oldest, "max_version": newest}]}  # fmt: skip
        headers = {"Content-Type": "application/json"}
        for name in (self._scheme.wire_name, *self._scheme.older_headers):
            start = name.removesuffix("-Version")
            headers |= {f"{start}-Minimum-Version": oldest, f"{start}-Maximum-Version": newest}
        return Reply(406, headers, json.dumps(body).encode(), findings=(detail,))

    def lacks(self, operation: Operation, request: Request) -> Reply | None:
        """Return the refusal of an operation that the version asked for does not have."""
        version = self._spoken(request)
        since, until = (read(end, self._form) for end in (operation.lifetime.since, operation.lifetime.until))
        if version is None or ((since is None or since <= version) and (until is None or version <= until)):
            return None
        detail = f"{operation.key} exists {operation.lifetime}, and the request asks for API version {version}"
        return problem(404, "Not Found", detail)

    # --- what is said ---

    def told(self, path: str, request: Request, reply: Reply) -> Reply:
        """Return an answer that says its version; at the place of the list of versions, that list."""
        document = self._document(path, request)
        if document is not None:
            reply = _with_members(reply, document)
        return replace(reply, headers={**reply.headers, **self._echo(request)}) if reply.status < 400 else reply

    def _document(self, path: str, request: Request) -> dict[str, Any] | None:
        """Return what the list of versions says, None if the path is not its place."""
        if request.method != "GET" or Wishes.of(request).code:
            return None
        scheme = self._scheme
        if scheme.scheme is VersionScheme.CAPABILITIES and path == scheme.document:
            return {"versions": list(self._known), "unstable_features": {}}
        if scheme.scheme is not VersionScheme.MICROVERSION or path not in ("", "/"):
            return None
        entry = {
            "id": f"v{scheme.default.partition('.')[0]}.{(scheme.oldest or scheme.default).partition('.')[2]}",
            "status": "CURRENT",
            "min_version": str(self._oldest),
            "max_version": str(self._newest),
            "version": str(self._newest),
            "links": [{"rel": "self", "href": f"{request.origin}/"}],
        }
        return {"versions": [entry]}

    def _echo(self, request: Request) -> Mapping[str, str]:
        scheme, version = self._scheme, self._spoken(request)
        if version is None:
            return {}
        if scheme.scheme is VersionScheme.MICROVERSION:
            own = dict.fromkeys(scheme.older_headers, str(version))
            return {scheme.wire_name: f"{scheme.service_type} {version}", "Vary": scheme.wire_name, **own}
        return {scheme.echo: str(version)} if scheme.echo else {}


def _segment_of(scheme: ApiVersionIn, base: str) -> re.Pattern[str] | None:
    """Return what finds the version of a path, None where it does not stand there."""
    if scheme.scheme is not VersionScheme.PATH or not scheme.written:
        return None
    before, _, after = scheme.wire_name.partition("{}")
    start = base.removesuffix(scheme.written) if base.endswith(f"/{scheme.written}") else f"/{before}"
    kind = "[vV][0-9]" if scheme.written[0] in "vV" else "[0-9]"
    return re.compile(rf"{re.escape(start)}({kind}[0-9A-Za-z.]*){re.escape(after)}(?=[/:]|$)")


def _with_members(reply: Reply, members: Mapping[str, Any]) -> Reply:
    """Return an answer with these members in its JSON object; an answer of their own if it has none."""
    try:
        body: Any = json.loads(reply.content) if reply.status < 300 else None
    except ValueError:
        body = None
    content = json.dumps({**(body if is_object(body) else {}), **members}).encode()
    kept = reply if reply.status < 300 else Reply(200, operation="the list of versions")
    return replace(kept, headers={**kept.headers, "Content-Type": "application/json"}, content=content, pieces=())
