"""OpenStack's microversions: a counter, of which a request names the step that it was written for.

Facts: the microversion specification and the errors guideline of OpenStack's API-SIG, and what placement and nova do.
A request without the field gets the minimum. So does one that speaks of another service. ``latest`` is the maximum.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from clientsmith.core.versioning import ApiVersion, MalformedVersionError, VersionFormat

from ..fields import checked_name, checked_value
from ..offer import Offer, offer
from ..refusals import openstack_errors
from ..values import Answer, Field, PassOn, Refusal, Render, RequestFacts

__all__ = ["Microversions", "microversions"]

_HEADER: Final = "OpenStack-API-Version"


@dataclass(frozen=True)
class Microversions:
    """The scheme of `microversions`."""

    offer: Offer
    service: str
    older: tuple[str, ...]
    discovery: str
    document: bytes
    render: Render = openstack_errors

    @cached_property
    def _vary(self) -> tuple[Field, ...]:
        return (("Vary", ", ".join((_HEADER, *self.older))),)

    @cached_property
    def _refused(self) -> tuple[Field, ...]:
        """What a refusal says: the range, in the fields that ironic has for it, under each name."""
        ranges = (self.offer.fields("", name) for name in (_HEADER, *self.older))
        return (*(end for both in ranges for end in both), *self._vary)

    def judge(self, request: RequestFacts, /) -> PassOn | Refusal | Answer:
        if request.path == self.discovery and request.method in ("GET", "HEAD"):
            # Who asks which versions there are cannot know one yet, so a version said here is not read.
            return Answer(200, (("Content-Type", "application/json"),), self.document)
        text = self._asked(request)
        known = self.offer.known
        if text in (None, "latest"):
            return self._pass(known.floor if text is None else known.newest)
        try:
            version = self.offer.find(text or "")
        except MalformedVersionError as error:
            return self.offer.refuse_malformed(error, where=f"the header {_HEADER}", headers=self._refused)
        if version is None:
            # Without the version refused: a client that reads an echo would take it for the one executed.
            return self.offer.refuse(text or "", status=406, headers=self._refused)
        return self._pass(version)

    def _asked(self, request: RequestFacts) -> str | None:
        """Return what the request says about this service; the last one counts, as in OpenStack's own library."""
        said: str | None = None
        if value := request.field("openstack-api-version"):
            for entry in value.split(","):
                service, *version = entry.split(None, 1) or [""]
                if service.lower() == self.service:
                    said = "".join(version).strip()
        for name in self.older if said is None else ():
            if value := request.field(name.lower()):
                return value.rpartition(",")[2].strip()
        return said

    def _pass(self, version: ApiVersion) -> PassOn:
        older = tuple((name, version.text) for name in self.older)
        return PassOn(version, ((_HEADER, f"{self.service} {version}"), *older, *self._vary))


def microversions(
    service: str,
    *,
    oldest: str,
    newest: str,
    older_headers: tuple[str, ...] = (),
    discovery: str = "/",
    status: str = "CURRENT",
    next_oldest: str = "",
    not_before: date | None = None,
    render: Render = openstack_errors,
) -> Microversions:
    """Return the scheme of OpenStack's microversions: ``OpenStack-API-Version: compute 2.95``.

    Args:
        service: The type of the service, as in the catalog: ``compute``.
        oldest, newest: The range.
        older_headers: Header fields of the same meaning for older clients: ``X-OpenStack-Nova-API-Version``.
        discovery: Path that answers with the version document; "" leaves that to the application.
        status: ``CURRENT``, ``SUPPORTED`` or ``DEPRECATED``, for the document.
        next_oldest, not_before: The version that ``oldest`` will rise to, and the day before which it will not.
        render: How a refusal is worded.

    Raises:
        ValueError: What is offered cannot be used; the text says why.
    """
    if not service or set(checked_value(service, "the service type")) & set(" ,"):
        raise ValueError(f"{service!r} is no type of a service: one word, such as `compute`")
    offered = offer((), oldest=oldest, newest=newest, format=VersionFormat.MICROVERSION)
    known = offered.known
    entry: dict[str, object] = {
        "id": f"v{known.floor}",
        "status": status,
        "min_version": str(known.floor),
        "max_version": str(known.newest),
        # Relative, and so right behind every proxy: what a Host header says is not to be repeated.
        "links": [{"rel": "self", "href": ""}],
    }
    if next_oldest:
        entry["next_min_version"] = str(ApiVersion(next_oldest, VersionFormat.MICROVERSION))
    if not_before is not None:
        entry["not_before"] = not_before.isoformat()
    older = tuple(map(checked_name, older_headers))
    return Microversions(offered, service.lower(), older, discovery, json.dumps({"versions": [entry]}).encode(), render)
