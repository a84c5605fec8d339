"""How this API says, sends and refuses versions, and which version the document is."""

from __future__ import annotations

from dataclasses import replace

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding, note

from ..ir import Api, Literal, Operation, Parameter
from ..lookup import bare, replace_operations
from ..versions import configured_scheme, scheme_of

__all__ = ["find_api_version"]


def find_api_version(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Take the version out of the operations: the client says it with every request, so no method has it.

    The evidence is that of `clientsmith.model.versions`; the configuration decides otherwise.
    """
    found, findings = configured_scheme(api, configuration, scheme_of(api))

    def is_taken(parameter: Parameter) -> bool:
        is_version = (parameter.wire_name, parameter.location) in found.parameters
        return is_version and not _is_of_its_operation(parameter, found.scheme.default)

    taken = {
        (one.wire_name, one.location): one.pointer
        for operation in reversed(api.operations)
        for one in operation.parameters
        if is_taken(one)
    }

    def without(operation: Operation) -> Operation:
        kept = tuple(p for p in operation.parameters if not is_taken(p))
        return replace(operation, parameters=kept) if len(kept) < len(operation.parameters) else operation

    for (name, location), pointer in sorted(taken.items()):
        message = f"the {location.value} parameter {name!r} is no argument: the client's `api_version` sends it"
        findings.append(note("runtime-header", message, pointer))
    api = replace(api, api_version=found.scheme)
    return replace_operations(api, without) if taken else api, findings


def _is_of_its_operation(parameter: Parameter, version: str) -> bool:
    """Whether an operation takes one version alone, and another one than the client speaks: it says that by itself."""
    shape = bare(parameter.shape)
    return isinstance(shape, Literal) and str(shape.value) != version
