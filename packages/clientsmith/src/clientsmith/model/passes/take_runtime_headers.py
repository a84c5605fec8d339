"""Header parameters that the runtime sends: an option of the call or the credential says them, no argument."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding, note

from ..ir import Api, Location, Operation, Parameter, Requirement, StreamKind
from ..lookup import with_operations

__all__ = ["take_runtime_headers"]


class _Sent(NamedTuple):
    """Which option of a call sends a header, and with which methods."""

    option: str
    methods: frozenset[str] = frozenset()  # none: with every method


_OPTIONS: Final = {"user-agent": _Sent("user_agent")}
_RESUME: Final = "last_event_id"
_USUAL: Final = {"request_id_header": "X-Request-ID", "idempotency_header": "Idempotency-Key"}
_REQUEST_ID: Final = re.compile(
    r"(x-)?((ms-)?client-)?request-?id|(x-)?correlation-?id|x-(ms-)?(correlation|client)-(request-)?id"
)
_IDEMPOTENCY_KEY: Final = re.compile(r"(x-)?(request-)?idempoten(cy|ce|t)(-?(key|token|id))?|repeatability-request-id")


def take_runtime_headers(api: Api, _configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Take off what the runtime sends; a header that an option sends is kept for the method's documentation."""
    findings: list[Finding] = []
    operations: list[Operation] = []
    names = _header_names(api)
    for operation in (_with_all_keys(one, api) for one in api.operations):
        kept: list[Parameter] = []
        by_option: list[Parameter] = []
        for parameter in operation.parameters:
            sent = _option(parameter, operation, names)
            instead = "" if sent else _instead(parameter, operation, api, names)
            if sent:
                by_option.append(replace(parameter, name=sent))
                instead = f"the option `{sent}` of every call sends it"
            if instead:
                findings.append(_finding(parameter, instead))
            else:
                kept.append(parameter)
        changed = replace(operation, parameters=tuple(kept), runtime_parameters=tuple(by_option))
        operations.append(_resumable(changed) if any(one.name == _RESUME for one in by_option) else changed)
    unusual = tuple((setting, name) for setting, name in names.items() if name.lower() != _USUAL[setting].lower())
    return replace(with_operations(api, operations), defaults=(*api.defaults, *unusual)), findings


def _with_all_keys(operation: Operation, api: Api) -> Operation:
    """Keys that are said to be alternatives, and that the operation requires all as parameters, are needed together."""
    schemes = {one.key: (one.location, one.wire_name) for one in api.security_schemes if one.kind == "key"}
    alternatives = api.security_of(operation)
    keys = tuple(key for requirement in alternatives for key in requirement.schemes)
    required = {(one.location, one.wire_name) for one in operation.parameters if one.required}
    are_all = len(alternatives) > 1 and all(schemes.get(key) in required for key in keys)
    return replace(operation, security=(Requirement(tuple(dict.fromkeys(keys))),)) if are_all else operation


def _header_names(api: Api) -> dict[str, str]:
    """How this service spells the names that the runtime can be told: the usual one where it has that, else most."""
    found = {setting: Counter[str]() for setting in _USUAL}
    for operation in api.operations:
        for parameter in operation.parameters:
            if parameter.location is Location.HEADER and (setting := _setting_of(parameter.wire_name)):
                found[setting][parameter.wire_name] += 1
    return {setting: _commonest(names, _USUAL[setting]) for setting, names in found.items()}


def _setting_of(wire_name: str) -> str:
    name = wire_name.lower().replace("_", "-")
    if _REQUEST_ID.fullmatch(name):
        return "request_id_header"
    return "idempotency_header" if _IDEMPOTENCY_KEY.fullmatch(name) else ""


def _commonest(names: Counter[str], usual: str) -> str:
    if not names or any(name.lower() == usual.lower() for name in names):
        return usual
    return min(names, key=lambda name: (-names[name], name))


def _resumable(operation: Operation) -> Operation:
    """A service that takes the last event's id goes on behind it; one that does not would tell everything again."""
    stream = operation.stream
    if stream is None:
        return operation
    evidence = f"{stream.evidence}; the header {'Last-Event-ID'!r} says that it can go on where it broke off"
    return replace(operation, stream=replace(stream, resumable=True, evidence=evidence))


def _option(parameter: Parameter, operation: Operation, names: Mapping[str, str]) -> str:
    """Return the option that sends this header, "" if none does."""
    if parameter.location is not Location.HEADER:
        return ""
    name = parameter.wire_name.lower()
    if name == "last-event-id":
        return _RESUME if operation.stream is not None and operation.stream.kind is StreamKind.EVENTS else ""
    if name == names["request_id_header"].lower():
        return "client_request_id"
    # One that has to be sent is the caller's to choose: it stays an argument, and the runtime knows it by its name.
    is_key = name == names["idempotency_header"].lower() and not parameter.required
    if is_key and operation.method in ("POST", "PATCH"):
        return "idempotency_key"
    sent = _OPTIONS.get(name)
    return sent.option if sent is not None and (not sent.methods or operation.method in sent.methods) else ""


def _instead(parameter: Parameter, operation: Operation, api: Api, names: Mapping[str, str]) -> str:
    """Return why the parameter is not needed, "" if it is."""
    if any(
        scheme.kind == "key" and (scheme.location, scheme.wire_name) == (parameter.location, parameter.wire_name)
        for scheme in api.security_schemes
        if scheme.key in api.schemes_of(operation)
    ):
        return "the credential sends it"
    setting = _setting_of(parameter.wire_name) if parameter.location is Location.HEADER else ""
    if parameter.required or not setting:
        return ""
    if setting == "request_id_header":
        ours = names[setting]
        return f"every request has its id in {ours}; `headers={{{parameter.wire_name!r}: …}}` sends this one too"
    if any(_option(other, operation, names) == "idempotency_key" for other in operation.parameters):
        return f"the option `idempotency_key` sends {names[setting]}, which means the same"
    return ""


def _finding(parameter: Parameter, instead: str) -> Finding:
    message = f"the {parameter.location.value} parameter {parameter.wire_name!r} is no argument: {instead}"
    return note("runtime-header", message, parameter.pointer)
