"""Header parameters that the runtime sends: an option of the call or the credential says them, no argument."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from clientsmith.findings import Finding, note

from ..ir import Api, Location, Operation, Parameter
from ..lookup import with_operations

__all__ = ["take_runtime_headers"]


class _Sent(NamedTuple):
    """Which option of a call sends a header, and with which methods."""

    option: str
    methods: frozenset[str] = frozenset()  # none: with every method


_OPTIONS: Final = {
    "x-request-id": _Sent("client_request_id"),
    "idempotency-key": _Sent("idempotency_key", frozenset({"POST", "PATCH"})),
    "user-agent": _Sent("user_agent"),
}
# Other names for what `X-Request-ID` does already. One that has to be sent stays an argument.
_REQUEST_IDS: Final = frozenset({"request-id", "client-request-id", "x-client-request-id", "x-ms-client-request-id"})
# Names of old; where `Idempotency-Key` stands beside it, one of them is enough.
_OLD_IDEMPOTENCY_KEY: Final = "x-idempotency-key"


def take_runtime_headers(api: Api) -> tuple[Api, list[Finding]]:
    """Take off what the runtime sends; a header that an option sends is kept for the method's documentation."""
    findings: list[Finding] = []
    operations: list[Operation] = []
    for operation in api.operations:
        kept: list[Parameter] = []
        by_option: list[Parameter] = []
        for parameter in operation.parameters:
            sent = _option(parameter, operation)
            instead = "" if sent else _instead(parameter, operation, api)
            if sent:
                by_option.append(replace(parameter, name=sent))
                instead = f"the option `{sent}` of every call sends it"
            if instead:
                findings.append(_finding(parameter, instead))
            else:
                kept.append(parameter)
        operations.append(replace(operation, parameters=tuple(kept), runtime_parameters=tuple(by_option)))
    return with_operations(api, operations), findings


def _option(parameter: Parameter, operation: Operation) -> str:
    """Return the option that sends this header, "" if none does."""
    sent = _OPTIONS.get(parameter.wire_name.lower()) if parameter.location is Location.HEADER else None
    return sent.option if sent is not None and (not sent.methods or operation.method in sent.methods) else ""


def _instead(parameter: Parameter, operation: Operation, api: Api) -> str:
    """Return why the parameter is not needed, "" if it is."""
    if any(
        scheme.kind == "key" and (scheme.location, scheme.wire_name) == (parameter.location, parameter.wire_name)
        for scheme in api.security_schemes
        if scheme.key in (api.security if operation.security is None else operation.security)
    ):
        return "the credential sends it"
    name = parameter.wire_name.lower()
    if parameter.location is not Location.HEADER or parameter.required:
        return ""
    if name in _REQUEST_IDS:
        return f"every request has its id in X-Request-ID; `headers={{{parameter.wire_name!r}: …}}` sends this one too"
    has_key = any(_option(other, operation) == "idempotency_key" for other in operation.parameters)
    if name == _OLD_IDEMPOTENCY_KEY and has_key:
        return "the option `idempotency_key` sends Idempotency-Key, which means the same"
    return ""


def _finding(parameter: Parameter, instead: str) -> Finding:
    message = f"the {parameter.location.value} parameter {parameter.wire_name!r} is no argument: {instead}"
    return note("runtime-header", message, parameter.pointer)
