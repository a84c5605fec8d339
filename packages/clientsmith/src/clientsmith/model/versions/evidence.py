"""The scheme of a document, by its evidence, the strongest first:

1. OpenStack's header, or a service of OpenStack that speaks of microversions (`openstack`);
2. a parameter of the query or the header that is called a version: dates are negotiated as dates;
3. the media types of the answers, ``application/vnd.acme.v3+json``;
4. a variable of the server's URL, or a segment of it or of the operations' paths, ``/v2/…``;
5. a header field of the answers that is called a version; else the header ``API-Version``, which a service that does
   not know it ignores.

A guess may send what a service overlooks. None may make calls fail that would be answered without it: a query
parameter goes to operations that do not document it only where most do, or where it is declared for all, and answers
are held to the version in a header field only where the document says its value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from clientsmith.core.versioning import VersionFormat

from ..ir import Api, ApiVersionIn, Location, Operation, Parameter, VersionScheme
from ..media import charset_free
from ..words import vocabulary
from .openstack import microversions
from .reading import are_versions, can_be_sent, newest_of, read, values_of

__all__ = ["DEFAULT_HEADER", "VERSION_NAME", "Found", "Key", "by_address", "scheme_of"]

VERSION_NAME: Final = re.compile(r"(?i)(.*[-_])?api[-_]?version")
DEFAULT_HEADER: Final = "API-Version"
# Headers of versions that are not called so; everybody else's need a date to be believed.
_OF_VENDORS: Final = vocabulary("x-ms-version stripe-version notion-version anthropic-version square-version")
_ANY_VERSION: Final = re.compile(r"(?i)(x-)?[a-z0-9]+(-[a-z0-9]+)*-version")
_FLOOR: Final = re.compile(r"(?i)\b(minimum|at least|or (higher|later|newer))\b")
_SEGMENT: Final = re.compile(r"/((?:[a-z][a-z-]*/)?)(v[0-9]+(?:\.[0-9]+)?(?:(?:alpha|beta)[0-9]*)?)(?=[/:]|$)")
_IN_SERVER: Final = re.compile(r"(?:v[0-9]+(?:\.[0-9]+)?(?:(?:alpha|beta)[0-9]*)?|[0-9]+\.[0-9]+)")
_MEDIA_TYPE: Final = re.compile(r"(?a)(application/vnd\.[\w.-]*?[.-])(v?[0-9]+(?:\.[0-9]+)?)(\+json)")
_VARIABLE: Final = re.compile(r"(?i)(api[-_]?)?version")

Key: TypeAlias = tuple[str, Location]


@dataclass(frozen=True, slots=True)
class Found:
    """A scheme, and the parameters that are no arguments because of it."""

    scheme: ApiVersionIn
    parameters: frozenset[Key] = frozenset()


def scheme_of(api: Api) -> Found:
    """Return what the document says about its versions; one that cannot be sent is none."""
    api = replace(api, version=api.version.strip())
    found = _said_by(api)
    if can_be_sent(found.scheme.default):
        return found
    return replace(found, scheme=replace(found.scheme, default=""))


def _said_by(api: Api) -> Found:
    declared = [p for one in api.operations for p in one.parameters if p.location in (Location.QUERY, Location.HEADER)]
    answers = _said_in_answers(api.operations)
    if (found := microversions(api, declared, answers)) is not None:
        return Found(found, _named(declared, {"openstack-api-version", *map(str.lower, found.older_headers)}))
    if (key := _parameter(api, declared)) is not None:
        uses = [p for p in declared if (p.wire_name, p.location) == key]
        return Found(_by_parameter(api, uses, answers), frozenset({key}))
    if (scheme := _by_media_type(api)) is not None:
        return Found(scheme)
    if (scheme := by_address(api)) is None:
        return Found(_fixed(api, next((name for name, _ in answers.most_common() if VERSION_NAME.fullmatch(name)), "")))
    echo = _echo(api, scheme)
    evidence = f"{scheme.evidence}; answers say theirs in {echo}" if echo else scheme.evidence
    return Found(replace(scheme, echo=echo, evidence=evidence))


def _said_in_answers(operations: Iterable[Operation]) -> Counter[str]:
    """Return how often each header field is documented whose name ends in ``version``."""
    return Counter(
        name
        for operation in operations
        for response in (*operation.responses, *operation.errors)
        for name in response.headers
        if name.lower().endswith("version")
    )


def _echo(api: Api, scheme: ApiVersionIn) -> str:
    """Return the header field in which answers say the version of the path, "" if none surely does.

    Its name is not enough: the field may as well have the service's build, or the newest version that there is, and
    every call would fail by it.
    """
    version = read(scheme.default, VersionFormat.NAMED)
    named = [pair for operation in api.operations for response in operation.responses for pair in response.versions]
    others = {name for name, text in named if read(text, VersionFormat.NAMED) != version}
    return next((name for name, _ in named if name not in others and VERSION_NAME.fullmatch(name)), "")


def _named(declared: Iterable[Parameter], names: set[str]) -> frozenset[Key]:
    return frozenset((p.wire_name, p.location) for p in declared if p.wire_name.lower() in names)


# --- parameters ------------------------------------------------------------------------------------------------------


def _parameter(api: Api, declared: list[Parameter]) -> Key | None:
    """Return the parameter that says the version.

    One that operations share comes before one that they have for themselves. A query parameter that most operations do
    not have is of those that have it: the others might be refused with it. So is a header that few have for
    themselves: its version is theirs, and the others may have gone on. Of all are the headers of vendors, and what is
    declared once and for all: a header, and a query parameter that has to be given.
    """
    known = [p for p in declared if VERSION_NAME.fullmatch(p.wire_name) or _is_dated(p, api)]
    counted = Counter((p.wire_name, p.location) for p in known)
    shared = {(p.wire_name, p.location) for p in known if _is_shared(p)}
    binding = {(p.wire_name, p.location) for p in known if p.required or p.location is Location.HEADER}
    total = len(api.operations)
    for_all = [
        key for key, uses in counted.items() if uses * 2 > total or key in shared & binding or _is_of_vendor(*key)
    ]
    return max(for_all, key=lambda key: (key in shared, counted[key], key), default=None)


def _is_shared(parameter: Parameter) -> bool:
    return "/components/parameters/" in parameter.pointer


def _is_of_vendor(name: str, location: Location) -> bool:
    return location is Location.HEADER and name.lower() in _OF_VENDORS


def _is_dated(parameter: Parameter, api: Api) -> bool:
    """Whether a header is called some version and takes dates: no version of an API is called `If-Version`."""
    if parameter.location is not Location.HEADER or not _ANY_VERSION.fullmatch(parameter.wire_name):
        return False
    is_known = _is_of_vendor(parameter.wire_name, parameter.location)
    texts = values_of(parameter, api) or (parameter.example or (api.version if is_known else ""),)
    return are_versions(texts, VersionFormat.DATE)


def _by_parameter(api: Api, uses: list[Parameter], answers: Counter[str]) -> ApiVersionIn:
    # What an operation has for itself may be of that operation alone: declared for all is what all take.
    declared = [p for p in uses if _is_shared(p)] or uses
    chosen = next((p for p in declared if values_of(p, api)), declared[0])
    name, location = chosen.wire_name, chosen.location
    texts = values_of(chosen, api)
    default = texts[-1] if texts else api.version
    evidence = f"{location.value} parameter {name!r} of {len(uses)} operations"
    is_query = location is Location.QUERY
    found = ApiVersionIn(
        VersionScheme.QUERY if is_query else VersionScheme.HEADER, name, default=default, evidence=evidence
    )
    if are_versions(texts or (api.version,), VersionFormat.DATE):
        echo = next((one for one in answers if one.lower() == name.lower()), "") if not is_query else ""
        return replace(
            found,
            scheme=VersionScheme.DATE_QUERY if is_query else VersionScheme.DATE_HEADER,
            default=newest_of(texts or (api.version,), VersionFormat.DATE),
            versions=texts if len(texts) > 1 else (),
            echo=echo,
            evidence=f"{evidence}, dates",
        )
    if not is_query and _FLOOR.search(chosen.description) and are_versions((default,), VersionFormat.SEMVER):
        return replace(found, scheme=VersionScheme.SEMVER, evidence=f"{evidence}, the service has a minimum")
    # A service that went over from numbers to dates lists both, and the dates are the newer ones.
    newest = newest_of(texts, VersionFormat.DATE) or newest_of(texts, VersionFormat.NAMED)
    return replace(found, default=newest or default)


# --- media types and addresses ---------------------------------------------------------------------------------------


def _by_media_type(api: Api) -> ApiVersionIn | None:
    spoken = [one.media_type for operation in api.operations for one in operation.responses if one.shape is not None]
    if "application/json" in map(charset_free, spoken):
        return None  # these answers would be asked for in the other type too, which the service need not have
    matches = Counter((m[1] + "{}" + m[3], m[2]) for text in spoken if (m := _MEDIA_TYPE.fullmatch(text)) is not None)
    if not matches:
        return None
    (template, default), uses = matches.most_common(1)[0]
    if uses * 2 <= len(spoken):
        return None
    evidence = f"{uses} answers are {template.format(default)}"
    return ApiVersionIn(VersionScheme.MEDIA_TYPE, template, default=default, evidence=evidence)


def by_address(api: Api) -> ApiVersionIn | None:
    """Return the scheme of a version that stands in the URL."""
    return _by_variable(api) or _by_path(api) or _by_server(api)


def _by_variable(api: Api) -> ApiVersionIn | None:
    path = _path_of(api.template)
    for one in api.servers[0].variables if api.template != api.endpoint else ():
        is_named = _VARIABLE.fullmatch(one.wire_name) is not None and f"{{{one.wire_name}}}" in path
        if is_named and read(one.default, VersionFormat.NAMED):
            evidence = f"the variable {one.wire_name!r} of the server's URL"
            return ApiVersionIn(
                VersionScheme.PATH, "{}", default=one.default, evidence=evidence, variable=one.wire_name
            )
    return None


def _by_path(api: Api) -> ApiVersionIn | None:
    """The version that most paths start with, if no path starts with another one."""
    paths = [operation.path for operation in api.operations]
    found = Counter((m[1], m[2]) for path in paths if (m := _SEGMENT.match(path)) is not None)
    if len(found) != 1:
        return None
    ((before, default), uses) = found.most_common(1)[0]
    if uses * 2 <= len(paths):
        return None
    start = f"/{before}{default}/"
    evidence = f"all paths start with {start}" if uses == len(paths) else f"{uses} paths start with {start}"
    return ApiVersionIn(VersionScheme.PATH, f"{before}{{}}", default=default, evidence=evidence, written=default)


def _by_server(api: Api) -> ApiVersionIn | None:
    last = _path_of(api.template).rstrip("/").rpartition("/")[2]
    if not _IN_SERVER.fullmatch(last):
        return None
    evidence = f"the server's URL ends in /{last}"
    return ApiVersionIn(VersionScheme.PATH, "{}", default=last, evidence=evidence, written=last)


def _path_of(template: str) -> str:
    """Return the path of a server's URL, which need be no URL: a document may say anything."""
    _, is_absolute, rest = template.partition("://")
    path = rest.partition("/")[2] if is_absolute else template
    return re.split("[?#]", path, maxsplit=1)[0]


def _fixed(api: Api, echo: str) -> ApiVersionIn:
    if not echo:
        evidence = f"nothing in the document names a version; the header {DEFAULT_HEADER} with the document's version"
        return ApiVersionIn(VersionScheme.HEADER, DEFAULT_HEADER, default=api.version, evidence=evidence)
    found = ApiVersionIn(VersionScheme.HEADER, echo, default=api.version, evidence=f"the response header {echo}")
    is_date = are_versions((api.version,), VersionFormat.DATE)
    # No answer is held to it: whether the service takes what it tells, nobody says.
    return replace(found, scheme=VersionScheme.DATE_HEADER) if is_date else found
