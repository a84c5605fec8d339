"""The version is a segment of the path: ``/v2/pets``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from string import ascii_letters

from clientsmith.core.versioning import ApiVersion, MalformedVersionError, VersionFormat

from ..fields import checked_name
from ..offer import Offer, offer
from ..refusals import problem_details
from ..values import Field, PassOn, Refusal, Render, RequestFacts
from .asked import SUPPORTED

__all__ = ["PathVersions", "path_versions"]


@dataclass(frozen=True)
class PathVersions:
    """The scheme of `path_versions`."""

    offer: Offer
    prefix: str
    echo: str
    supported: str
    render: Render

    @cached_property
    def _listed(self) -> tuple[Field, ...]:
        return self.offer.fields(self.supported, self.echo)

    @cached_property
    def _passed_on(self) -> dict[str, PassOn]:
        listed = self._listed
        return {
            version.text: PassOn(version, ((self.echo, version.text), *listed) if self.echo else listed)
            for version in self.offer.known.versions
        }

    @cached_property
    def _leads(self) -> frozenset[str]:
        return frozenset(_letters(version.text) for version in self.offer.known.versions)

    def judge(self, request: RequestFacts, /) -> PassOn | Refusal:
        path = request.path
        if not path.startswith(self.prefix):
            return PassOn()
        segment = path[len(self.prefix) :].partition("/")[0]
        passed = self._passed_on.get(segment)
        if passed is not None:
            return passed
        if not self._means_a_version(segment):
            return PassOn()  # a path without a version: /healthz
        return self.offer.refuse(segment, status=404, headers=self._listed)

    def _means_a_version(self, segment: str) -> bool:
        """Whether it is written as ours are: the letters of one of them, and readable as a version."""
        if _letters(segment) not in self._leads:
            return False
        try:
            ApiVersion(segment, self.offer.known.format)
        except MalformedVersionError:
            return False
        return True


def path_versions(
    versions: Iterable[str],
    *,
    prefix: str = "/",
    format: VersionFormat | None = None,
    echo: str = "API-Version",
    supported: str = SUPPORTED,
    render: Render = problem_details,
) -> PathVersions:
    """Return the scheme of a version in the path. Paths without one are passed on without a version.

    The application routes ``/v2/pets`` itself: nothing is rewritten. A version is matched as it is written, since a
    path that the application does not know would be 404 anyway.

    Args:
        versions: All of them: ``["v1", "v2"]``.
        prefix: What stands before the version, with a slash at both ends: ``/api/``.
        format: How the versions are written; by default what all of them look like.
        echo: Header field in which an answer says its version, "" for none.
        supported: Header field that lists the versions, "" for none.
        render: How a refusal (404) is worded.

    Raises:
        ValueError: What is offered cannot be used; the text says why.
    """
    offered = offer(versions, format=format)
    if any("/" in version.text for version in offered.known.versions):
        raise ValueError("a version in a path is one segment of it, without a slash")
    if not (prefix.startswith("/") and prefix.endswith("/")):
        raise ValueError(f"prefix={prefix!r} has to begin and end with a slash")
    for name in filter(None, (echo, supported)):
        checked_name(name)
    return PathVersions(offered, prefix, echo, supported, render)


def _letters(text: str) -> str:
    return text[: len(text) - len(text.lstrip(ascii_letters))]
