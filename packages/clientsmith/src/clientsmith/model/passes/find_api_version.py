"""Where a request says which version of the API it speaks, and which version this document is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding, note

from ..ir import Api, ApiVersionIn, Enum, Literal, Location, Operation, Parameter, Ref
from ..lookup import replace_operations

__all__ = ["find_api_version"]

_NAME = re.compile(r"(?i)(.*[-_])?api[-_]?version")
_MAJOR = re.compile(r"/(v\d+)(/|$)")
DEFAULT_HEADER = "API-Version"


def find_api_version(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Take the version out of the operations: the client sends it with every request, so no method has it.

    Evidence, strongest first: a query or header parameter of that name, one that operations share before one that they
    have for themselves; a response header of that name, which names the request header; else the header `API-Version`,
    which a service that does not know it ignores. A query parameter that few operations have for themselves is theirs:
    the others might be refused with it.
    """
    api, findings = _found(api)
    if configuration.api_version is not None:
        version = replace(api.api_version, default=configuration.api_version, evidence="by configuration")
        api = replace(api, api_version=version)
    return api, findings


def _found(api: Api) -> tuple[Api, list[Finding]]:
    operations = api.operations
    declared = [p for one in operations for p in one.parameters if _is_version(p)]
    counted = Counter((p.wire_name, p.location) for p in declared)
    shared = {(p.wire_name, p.location) for p in declared if "/components/parameters/" in p.pointer}
    for_all = [
        key
        for key, uses in counted.items()
        if key in shared or key[1] is Location.HEADER or uses * 2 >= len(operations)
    ]
    if not for_all:
        return replace(api, api_version=_from_responses(api, operations)), []
    name, location = max(for_all, key=lambda key: (key in shared, counted[key], key))
    uses = counted[name, location]
    chosen = next(p for p in declared if (p.wire_name, p.location) == (name, location))
    version = ApiVersionIn(
        location=location,
        wire_name=name,
        default=_known_value(chosen, api) or api.version,
        evidence=f"{location.value} parameter {name!r} of {uses} operations",
    )

    def without(operation: Operation) -> Operation:
        kept = tuple(p for p in operation.parameters if (p.wire_name, p.location) != (name, location))
        return replace(operation, parameters=kept)

    message = f"the {location.value} parameter {name!r} is no argument: the client's `api_version` sends it"
    findings = [note("runtime-header", message, chosen.pointer)]
    return replace(replace_operations(api, without), api_version=version), findings


def _is_version(parameter: Parameter) -> bool:
    in_place = parameter.location in (Location.QUERY, Location.HEADER)
    return in_place and _NAME.fullmatch(parameter.wire_name) is not None


def _known_value(parameter: Parameter, api: Api) -> str:
    """Return the default, the only value, or the last (newest) of the values that the document lists."""
    if parameter.has_default:
        return str(parameter.default)
    if isinstance(parameter.shape, Literal):
        return str(parameter.shape.value)
    named: Any = api.shapes.get(parameter.shape.pointer) if isinstance(parameter.shape, Ref) else None
    return str(max(member.wire_value for member in named.members)) if isinstance(named, Enum) else ""


def _from_responses(api: Api, operations: tuple[Operation, ...]) -> ApiVersionIn:
    headers = Counter(
        name
        for operation in operations
        for response in (*operation.responses, *operation.errors)
        for name in response.headers
        if _NAME.fullmatch(name)
    )
    if not headers:
        evidence = f"nothing in the document names a version; the header {DEFAULT_HEADER} with the document's version"
        return ApiVersionIn(Location.HEADER, DEFAULT_HEADER, api.version, evidence)
    name = headers.most_common(1)[0][0]
    majors = {match[1] if (match := _MAJOR.match(operation.path)) else "" for operation in operations}
    major = majors.pop() if len(majors) == 1 else ""
    evidence = f"the response header {name}" + (f", all paths start with /{major}/" if major else "")
    return ApiVersionIn(Location.HEADER, name, major or api.version, evidence)
