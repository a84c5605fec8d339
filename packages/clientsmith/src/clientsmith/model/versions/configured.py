"""The scheme that the configuration says; what it leaves out is taken from the evidence, if that is of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeVar

from clientsmith.configuration import ApiVersionSettings, Configuration
from clientsmith.core.versioning import VersionFormat
from clientsmith.findings import Finding, Severity
from clientsmith.findings.changes import dotted

from ..ir import Api, ApiVersionIn, VersionScheme
from .evidence import DEFAULT_HEADER, Found, Key, by_address
from .reading import can_be_sent, newest_of, ordering_of, read

__all__ = ["configured_scheme"]

_NAMES: Final = {
    VersionScheme.MICROVERSION: "OpenStack-API-Version",
    VersionScheme.DATE_QUERY: "api-version",
    VersionScheme.QUERY: "api-version",
    VersionScheme.PATH: "{}",
}
_EVIDENCE: Final = "by configuration"
_T = TypeVar("_T")


def configured_scheme(api: Api, configuration: Configuration, found: Found) -> tuple[Found, list[Finding]]:
    """Return the scheme as it is configured, and what is wrong with that; then it is the one that was found."""
    said = configuration.api_version
    if said is None or said == ApiVersionSettings():
        return found, []
    is_table = isinstance(said, ApiVersionSettings)
    settings = said if isinstance(said, ApiVersionSettings) else ApiVersionSettings(newest=said)
    wanted = VersionScheme(settings.scheme) if settings.scheme is not None else found.scheme.scheme
    start = found.scheme if wanted is found.scheme.scheme else _bare(wanted, api)
    scheme = _as_said(start, settings)
    findings = [
        configuration.source.finding(
            Severity.ERROR, "configuration", f"`{dotted(key)}` {problem}", key if is_table else key[:1], hint
        )
        for name, problem, hint in _problems(scheme, settings)
        for key in [("api_version", name) if is_table else ("api_version",)]
    ]
    if findings:
        return found, findings
    return Found(scheme, _taken(api, scheme)), []


def _bare(wanted: VersionScheme, api: Api) -> ApiVersionIn:
    """Return a scheme of which only the kind is known."""
    addressed = by_address(api) if wanted is VersionScheme.PATH else None
    default = api.version if wanted is not VersionScheme.PATH or read(api.version, VersionFormat.NAMED) else ""
    return addressed or ApiVersionIn(wanted, _NAMES.get(wanted, ""), default=default)


def _as_said(start: ApiVersionIn, settings: ApiVersionSettings) -> ApiVersionIn:
    echo = "" if settings.echo is False else settings.echo
    scheme = replace(
        start,
        wire_name=_either(settings.name, start.wire_name) or DEFAULT_HEADER,
        oldest=_either(settings.oldest, start.oldest),
        versions=_either(settings.versions, start.versions),
        service_type=_either(settings.service_type, start.service_type),
        older_headers=_either(settings.older_headers, start.older_headers),
        document=_either(settings.document, start.document),
        echo=_either(echo, start.echo),
        evidence=_EVIDENCE,
    )
    if settings.newest is not None:
        scheme = replace(scheme, default=settings.newest)
    elif settings.versions:
        scheme = replace(scheme, default=newest_of(settings.versions, scheme.format) or settings.versions[-1])
    if scheme.scheme is VersionScheme.MICROVERSION and not scheme.oldest:
        return replace(scheme, oldest=f"{scheme.default.partition('.')[0]}.0")
    if scheme.scheme is VersionScheme.CAPABILITIES:
        return replace(scheme, ordered=ordering_of(scheme.default))
    return scheme


def _either(said: _T | None, found: _T) -> _T:
    return found if said is None else said


def _problems(scheme: ApiVersionIn, settings: ApiVersionSettings) -> Iterator[tuple[str, str, str]]:
    """Yield setting, problem and hint of everything that is missing, or contradicts the rest."""
    kind = scheme.scheme.value
    if scheme.scheme is VersionScheme.MICROVERSION and not scheme.service_type:
        yield "service_type", "is missing: the header names the service", 'for example service_type = "compute"'
    if scheme.scheme is VersionScheme.CAPABILITIES and not scheme.document.startswith("/"):
        yield "document", "has to be the path of the list of versions", 'for example document = "/versions"'
    around = scheme.wire_name.split("{}")
    is_around = scheme.scheme in (VersionScheme.PATH, VersionScheme.MEDIA_TYPE)
    if is_around and (len(around) != 2 or set("".join(around)) & set("{}")):
        yield "name", f"is {scheme.wire_name!r}, and has to hold {{}} once, where the version stands", ""
    form = scheme.format
    if form is VersionFormat.OPAQUE:
        if not can_be_sent(scheme.default):
            yield "newest", f"is {scheme.default!r}, which cannot be sent", "a version is a short text in ASCII"
        return
    newest, oldest = read(scheme.default, form), read(scheme.oldest, form)
    if newest is None:
        hint = "say another `scheme` in [api_version]" if settings.newest is not None else "say `newest` in it"
        yield "newest", f"is {scheme.default!r}, and {kind} has versions that are each a {form.value}", hint
    if scheme.oldest and oldest is None:
        yield "oldest", f"is {scheme.oldest!r}, which is no {form.value} like {scheme.default}", ""
    elif newest is not None and oldest is not None and newest < oldest:
        yield "oldest", f"is {oldest}, newer than the newest version, {newest}", "say a newer `newest`, or drop it"
    for text in scheme.versions:
        if read(text, form) is None:
            yield "versions", f"has {text!r}, which is no {form.value} like {scheme.default}", ""


def _taken(api: Api, scheme: ApiVersionIn) -> frozenset[Key]:
    """Return the parameters that the scheme makes superfluous."""
    names = {name.lower() for name in (scheme.wire_name, *scheme.older_headers)}
    return frozenset(
        (one.wire_name, one.location)
        for operation in api.operations
        for one in operation.parameters
        if one.location is scheme.location and one.wire_name.lower() in names
    )
