"""In which versions of the API each operation exists, so that one that is too new fails before a request."""

from __future__ import annotations

from dataclasses import replace

from clientsmith.configuration import Configuration
from clientsmith.core.versioning import VersionFormat
from clientsmith.findings import Change, Finding, Severity, warning
from clientsmith.findings.changes import as_toml
from clientsmith.openapi.extensions import version_range

from ..decided import place_of, said_of
from ..ir import ALL_VERSIONS, Api, ApiVersionIn, Lifetime, Operation
from ..lookup import with_operations
from ..versions import lifetime_of, ordering_of, problem_of, read

__all__ = ["find_lifetimes"]

_RULE = "version-contradiction"


def find_lifetimes(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Give each operation the versions that have it. What cannot be compared is told, and means nothing."""
    scheme = api.api_version
    said = [_said(operation, configuration, scheme) for operation in api.operations]
    if not any(said):
        return api, []
    if scheme.format is VersionFormat.OPAQUE:  # sent as text; only what an operation needs has to be compared
        scheme = replace(scheme, ordered=ordering_of(scheme.default))
    findings: list[Finding] = []
    kept: list[Operation] = []
    for operation, lifetime in zip(api.operations, said, strict=True):
        problem = problem_of(lifetime, scheme) if lifetime else ""
        findings += _noticed(operation, lifetime, problem, scheme, configuration)
        kept.append(operation if problem or not lifetime else replace(operation, lifetime=lifetime))
    return with_operations(replace(api, api_version=scheme), kept), findings


def _said(operation: Operation, configuration: Configuration, scheme: ApiVersionIn) -> Lifetime:
    settings = said_of(operation, configuration)
    found = lifetime_of(operation, scheme)
    if settings.since is None and settings.until is None:
        return found
    since = found.since if settings.since is None else settings.since
    until = found.until if settings.until is None else settings.until
    return Lifetime(since, until, "by configuration") if since or until else ALL_VERSIONS


def _noticed(
    operation: Operation, lifetime: Lifetime, problem: str, scheme: ApiVersionIn, configuration: Configuration
) -> list[Finding]:
    """Return what is wrong with a lifetime, where it was said."""
    if not lifetime:
        return []
    settings = said_of(operation, configuration)
    setting = "since" if settings.since is not None else "until"
    is_configured = settings.since is not None or settings.until is not None

    def told(message: str, hint: str, change: Change | None = None) -> Finding:
        if is_configured:
            place = place_of(setting, operation, configuration)
            return configuration.source.finding(Severity.WARNING, _RULE, message, place, hint)
        return warning(_RULE, message, operation.pointer, hint, change)

    key = operation.key
    if problem:
        return [told(f"the versions of {key} are ignored: {problem}", "say the versions as the service does")]
    findings: list[Finding] = []
    since, until = read(lifetime.since, scheme.format), read(lifetime.until, scheme.format)
    newest, oldest = read(scheme.default, scheme.format), read(scheme.oldest, scheme.format)
    if since is not None and newest is not None and newest < since:
        message = f"{key} exists since {since}, and the client speaks {newest} at most, so that it can only be refused"
        change = Change((), "api_version", as_toml(lifetime.since))
        findings.append(told(message, f"say the newest version: {change}", change))
    if until is not None and oldest is not None and until < oldest:
        message = f"{key} ended with {until}, and the client speaks {oldest} at least, so that it can only be refused"
        findings.append(told(message, "leave the operation out, or say an older `oldest` in [api_version]"))
    if not is_configured and version_range(operation.extensions).is_number:
        message = f"the versions of {key} are numbers, of which a zero at the end is lost: they are read as {lifetime}"
        findings.append(told(message, f"write them in quotes: '{lifetime.since or lifetime.until}'"))
    return findings
