"""The Simple API of package indexes (PEP 691): what a client reads is a media type, and the body says its version.

The body is the application's: `simple_meta` and `simple_meta_tag` are what PEP 629 wants in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import parse_qsl

from clientsmith.core.versioning import ApiVersion, VersionFormat

from ..refusals import problem_details, quoted
from ..values import PassOn, Refusal, Render, RequestFacts

__all__ = ["SimpleApi", "simple_api", "simple_meta", "simple_meta_tag"]

JSON: Final = "application/vnd.pypi.simple.v1+json"
HTML: Final = "application/vnd.pypi.simple.v1+html"
OLD_HTML: Final = "text/html"
# Only the major version is in the type, so `latest` is the one there is. It is never what an answer says.
_ALIASES: Final = {
    "application/vnd.pypi.simple.latest+json": JSON,
    "application/vnd.pypi.simple.latest+html": HTML,
}


@dataclass(frozen=True)
class SimpleApi:
    """The scheme of `simple_api`. ``versions`` is what each media type offered is in, the preferred one first."""

    versions: dict[str, ApiVersion]
    under: str
    render: Render = problem_details

    @cached_property
    def _passed_on(self) -> dict[str, PassOn]:
        return {kind: PassOn(version, (("Vary", "Accept"),), kind) for kind, version in self.versions.items()}

    @cached_property
    def _offered(self) -> tuple[str, ...]:
        return tuple(self.versions)

    def judge(self, request: RequestFacts, /) -> PassOn | Refusal:
        if not request.path.startswith(self.under):
            return PassOn()  # files are not negotiated
        asked = self._format(request) or request.field("accept")
        chosen = _choose(self._offered, self._plain, asked) if asked else self._plain
        if chosen is not None:
            return self._passed_on[chosen]
        offered = ", ".join(self.versions)
        detail = f"{quoted(asked)} asks for nothing that this index serves; it serves {offered}"
        members: dict[str, object] = {"supported_media_types": list(self.versions)}
        return Refusal(406, "NotAcceptable", detail, members, (("Vary", "Accept"),))

    @cached_property
    def _plain(self) -> str:
        """What a client gets that does not care: HTML, for those that were written before there was a choice."""
        return OLD_HTML if OLD_HTML in self.versions else next(iter(self.versions))

    @staticmethod
    def _format(request: RequestFacts) -> str:
        """Return the media type of the parameter ``format``, which goes before ``Accept`` (PEP 691)."""
        if "format=" not in request.query:
            return ""
        return dict(parse_qsl(request.query, errors="replace")).get("format", "")


# Installers send a handful of different ones, and always the same.
@lru_cache(maxsize=256)
def _choose(offered: tuple[str, ...], plain: str, accept: str) -> str | None:
    """Return the type that is liked best (RFC 9110, 12.5.1); of equals the one named, then the first of ours."""
    wishes = dict(_wishes(accept))
    best: tuple[float, int, int] = (0.0, 0, 0)
    chosen: str | None = None
    for place, kind in enumerate(offered):
        ranges = (kind, f"{kind.partition('/')[0]}/*", "*/*")
        breadth = next((index for index, each in enumerate(ranges) if each in wishes), None)
        if breadth is None:
            continue
        rank = (wishes[ranges[breadth]], -breadth, int(kind == plain) if breadth == 2 else -place)
        if rank[0] > 0 and (chosen is None or rank > best):
            best, chosen = rank, kind
    return chosen


def _wishes(accept: str) -> Iterator[tuple[str, float]]:
    """Yield media ranges and how much they are wanted; what has an unreadable weight is not wanted."""
    for part in accept.split(","):
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = next((each[2:].strip() for each in parameters if each.startswith("q=")), "1")
        try:
            yield _ALIASES.get(kind, kind), min(max(float(weight), 0.0), 1.0)
        except ValueError:
            yield kind, 0.0


def simple_api(
    *, json: str = "1.4", html: str = "1.4", under: str = "/simple/", render: Render = problem_details
) -> SimpleApi:
    """Return the scheme of a package index: content negotiation below ``under``, 406 where nothing fits.

    Ask `clientsmith.server.media_type_of` which of the types to answer in, and `api_version_of` which version its body
    says. A client without an ``Accept``, or with ``*/*``, gets ``text/html``.

    Args:
        json, html: The version of each serialization, "" for one that is not served. They may differ: HTML stays at
            1.4 (PEP 833).
        under: Where the pages are. Other paths are passed on untouched.
        render: How a refusal is worded.

    Raises:
        ValueError: A version is not Major.Minor of major 1, or nothing is served.
    """
    offered = ((JSON, json), (HTML, html), (OLD_HTML, html))
    versions = {kind: ApiVersion(text, VersionFormat.MAJOR_MINOR) for kind, text in offered if text}
    if not versions or any(version.family != 1 for version in versions.values()):
        raise ValueError("an index serves JSON, HTML, or both, in a version 1.x: the media types have no other")
    return SimpleApi(versions, under, render)


def simple_meta(version: ApiVersion | str) -> dict[str, str]:
    """Return what stands under ``meta`` in a JSON page (PEP 691): ``{"meta": simple_meta("1.4"), "name": …}``."""
    return {"api-version": ApiVersion(str(version), VersionFormat.MAJOR_MINOR).text}


def simple_meta_tag(version: ApiVersion | str) -> str:
    """Return what stands in the head of an HTML page (PEP 629)."""
    text = ApiVersion(str(version), VersionFormat.MAJOR_MINOR).text
    return f'<meta name="pypi:repository-version" content="{text}">'
