"""A floor: a client says the version that it was made for, and one that is too old is told so. Newer ones come in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from clientsmith.core.versioning import ApiVersion, MalformedVersionError, VersionFormat

from ..fields import checked_value
from ..refusals import problem_details, quoted
from ..values import Field, PassOn, Refusal, Render, RequestFacts
from .asked import InHeader

__all__ = ["SemverFloor", "semver_floor"]


@dataclass(frozen=True)
class SemverFloor:
    """The scheme of `semver_floor`."""

    place: InHeader
    floor: ApiVersion
    current: ApiVersion
    required: bool
    render: Render

    @cached_property
    def _headers(self) -> tuple[Field, ...]:
        return ((self.place.name, self.current.text), ("Vary", self.place.vary))

    def judge(self, request: RequestFacts, /) -> PassOn | Refusal:
        text = self.place.text(request)
        if not text:
            return self._refuse(f"a request has to say its version in {self.place}") if self.required else self._pass()
        try:
            given = ApiVersion(text, VersionFormat.SEMVER)
        except MalformedVersionError as error:
            return self._refuse(f"{self.place} says {quoted(text)}; it has to be {error.wanted}", "MalformedApiVersion")
        if given < self.floor:
            return self._refuse(f"the request is made for API version {given.text}", "UnsupportedApiVersion")
        return self._pass(given)

    def _pass(self, given: ApiVersion | None = None) -> PassOn:
        return PassOn(given, self._headers)

    def _refuse(self, why: str, code: str = "ApiVersionRequired") -> Refusal:
        detail = f"{why}; this service requires version {self.floor} or higher"
        return Refusal(400, code, detail, {"min_version": self.floor.text}, self._headers)


def semver_floor(
    header: str, floor: str, *, current: str = "", required: bool = False, render: Render = problem_details
) -> SemverFloor:
    """Return the scheme of a floor: ``x-prefect-api-version: 0.8.4``.

    The version that the application sees is the request's own; None where it says none, which is passed on unless
    ``required``.

    Args:
        header: The header field, in requests and in answers.
        floor: The oldest version that the service takes, ``1.2.3``.
        current: What answers say, the floor by default.
        required: Whether a request without a version is refused.
        render: How a refusal (400) is worded.

    Raises:
        ValueError: A version is no semantic version.
    """
    lowest, newest = (
        ApiVersion(checked_value(text, "the version"), VersionFormat.SEMVER) for text in (floor, current or floor)
    )
    if newest < lowest:
        raise ValueError(f"current={current!r} is older than the floor {floor!r}")
    return SemverFloor(InHeader(header), lowest, newest, required, render)
