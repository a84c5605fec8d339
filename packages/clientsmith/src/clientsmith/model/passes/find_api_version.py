"""How this API says, sends and refuses versions, and which version the document is."""

from __future__ import annotations

from dataclasses import replace

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding, note

from ..ir import Api, Operation
from ..lookup import replace_operations
from ..versions import configured_scheme, scheme_of

__all__ = ["find_api_version"]


def find_api_version(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Take the version out of the operations: the client says it with every request, so no method has it.

    The evidence is that of `clientsmith.model.versions`; the configuration decides otherwise.
    """
    found, findings = configured_scheme(api, configuration, scheme_of(api))
    taken = {
        key: one.pointer
        for operation in reversed(api.operations)
        for one in operation.parameters
        if (key := (one.wire_name, one.location)) in found.parameters
    }

    def without(operation: Operation) -> Operation:
        kept = tuple(p for p in operation.parameters if (p.wire_name, p.location) not in found.parameters)
        return replace(operation, parameters=kept) if len(kept) < len(operation.parameters) else operation

    for (name, location), pointer in sorted(taken.items()):
        message = f"the {location.value} parameter {name!r} is no argument: the client's `api_version` sends it"
        findings.append(note("runtime-header", message, pointer))
    api = replace(api, api_version=found.scheme)
    return replace_operations(api, without) if taken else api, findings
