"""`clientsmith plan`: what would be made of a document, and why, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from clientsmith.findings import Finding
from clientsmith.findings.reports import as_data
from clientsmith.model.ir import (
    AnyShape,
    Api,
    Array,
    Binary,
    Enum,
    Literal,
    Location,
    LongRunning,
    Map,
    Model,
    Nullable,
    Operation,
    Parameter,
    Ref,
    Scalar,
    SecurityScheme,
    Shape,
    Stream,
    StreamKind,
    Union,
)

from .output import count, escaped, style

__all__ = ["plan_as_data", "plan_as_text", "signature", "type_text"]


def plan_as_data(api: Api, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the plan as JSON-ready data."""
    return {
        "title": api.title,
        "version": api.version,
        "client": api.root.name,
        "package": api.package,
        "distribution": api.distribution,
        "endpoint": api.endpoint,
        "credentials": [
            {"scheme": scheme.key, "credential": _credential(scheme), "scopes": list(scheme.scopes)}
            for scheme in _used_schemes(api)
        ],
        "credential_required": not api.security_optional,
        "api_version": {
            "default": api.api_version.default,
            "name": api.api_version.wire_name,
            "location": api.api_version.location.value,
            "evidence": api.api_version.evidence,
        },
        "models": _count_of(api, Model),
        "enums": _count_of(api, Enum),
        "operations": [_operation_as_data(operation, api) for operation in api.operations],
        "findings": [as_data(finding) for finding in findings],
    }


def _operation_as_data(operation: Operation, api: Api) -> dict[str, Any]:
    data: dict[str, Any] = {
        "method": operation.method,
        "path": operation.path,
        "operation_id": operation.operation_id,
        "name": operation.name,
        "signature": signature(operation),
        "returns": _returned(operation, api),
    }
    return data | dict(_evidence(operation))


def plan_as_text(api: Api) -> str:
    """Return the plan for a person."""
    rows = [
        ("client", f"{api.root.name}, sync in {api.package}, async in {api.package}.aio"),
        ("distribution", api.distribution),
        ("endpoint", api.endpoint or "given by the caller"),
        ("credential", _credentials_text(api)),
        ("api version", _version_text(api)),
        ("models", f"{count(_count_of(api, Model), 'model')}, {count(_count_of(api, Enum), 'enum')}"),
    ]
    head = [style(escaped(f"{api.title} {api.version}".strip()), bold=True)]
    head += [f"  {name:<13}{escaped(text)}" for name, text in rows]
    return "\n".join([*head, "", *_table(api)])


def _table(api: Api) -> Iterable[str]:
    operations = api.operations
    # Wider paths push their line out; one long path must not push out all.
    width = min(max((len(operation.path) for operation in operations), default=0), 40)
    for operation in operations:
        place = f"{operation.method:<7}{escaped(operation.path):<{width}}"
        method = style(signature(operation), fg="green")
        yield f"{style(place, bold=True)}  {method} -> {_returned(operation, api)}"
        for kind, why in _evidence(operation):
            yield style(f"{'':7}{kind:<13}{escaped(why)}", dim=True)


def signature(operation: Operation) -> str:
    """Return how the method is called: required arguments, then the names of the keywords."""
    in_path = [parameter.name for parameter in operation.parameters if parameter.location is Location.PATH]
    body = [operation.body.name] if operation.body is not None else []
    others = [_keyword(p) for p in operation.parameters if p.location is not Location.PATH]
    fields = (f"{field.name}=" for field in operation.body_fields)
    keywords = [*others, *fields, *_condition_keywords(operation)]
    arguments = [*in_path, *body, *(["*", *keywords] if keywords else [])]
    return f"{operation.name}({', '.join(arguments)})"


def _condition_keywords(operation: Operation) -> Iterable[str]:
    conditions = operation.conditions
    if conditions is None:
        return
    if conditions.compare_etags:
        is_required = bool({"If-Match", "If-None-Match"} & set(conditions.required))
        yield from ("etag=", "match_condition" + "=" * (not is_required))
    for name in conditions.headers:
        if name.endswith("-Since"):
            yield name.lower().replace("-", "_") + "=" * (name not in conditions.required)


def _keyword(parameter: Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}="


def _returned(operation: Operation, api: Api) -> str:
    text = type_text(operation.returns, api)
    if operation.paging is not None:
        return f"ItemPaged[{text}]"
    if operation.stream is not None:
        return _stream_text(operation.stream, api)
    return f"LROPoller[{text}]" if operation.long_running is not None else text


def _stream_text(stream: Stream, api: Api) -> str:
    match stream.kind:
        case StreamKind.EVENTS:
            return f"EventStream[{type_text(stream.item, api) if stream.item is not None else 'ServerSentEvent'}]"
        case StreamKind.LINES:
            return f"JsonLines[{type_text(stream.item, api)}]"
        case StreamKind.BYTES:
            return "ByteStream"


def _evidence(operation: Operation) -> Iterable[tuple[str, str]]:
    yield "verb", operation.evidence
    if operation.paging is not None:
        yield "paging", f"{operation.paging.scheme.value}; {operation.paging.evidence}"
    if operation.long_running is not None:
        yield "long running", _running_text(operation.long_running)
    if operation.conditions is not None:
        yield "conditional", operation.conditions.evidence
    if operation.stream is not None:
        yield "stream", f"{operation.stream.kind.value}; {operation.stream.evidence}"


def _running_text(running: LongRunning) -> str:
    return running.evidence or "by configuration"


def type_text(shape: Shape | None, api: Api) -> str:
    """Return a shape as a type a reader knows: `list[Pet]`, `Status | str`."""
    match shape:
        case None:
            return "None"
        case Scalar():
            return shape.kind.value.rpartition(".")[2]
        case Ref():
            return api.shapes[shape.pointer].name
        case Array():
            return f"list[{type_text(shape.item, api)}]"
        case Map():
            return f"dict[str, {type_text(shape.value, api)}]"
        case Nullable():
            return f"{type_text(shape.shape, api)} | None"
        case Union():
            return " | ".join(dict.fromkeys(type_text(member, api) for member in shape.members))
        case Literal():
            return escaped(f"Literal[{shape.value!r}]")
        case Binary():
            return "bytes"
        case AnyShape():
            return "Any"


# --- the head --------------------------------------------------------------------------------------------------------


def _used_schemes(api: Api) -> list[SecurityScheme]:
    used = {key for one in api.operations for key in (api.security if one.security is None else one.security)}
    return [scheme for scheme in api.security_schemes if scheme.key in used]


def _credential(scheme: SecurityScheme) -> str:
    match scheme.kind:
        case "key":
            return f"KeyCredential, {scheme.location.value} {scheme.wire_name}"
        case "basic":
            return "BasicCredential"
        case _:
            return "TokenCredential"


def _credentials_text(api: Api) -> str:
    credentials = list(dict.fromkeys(_credential(scheme) for scheme in _used_schemes(api)))
    if not credentials:
        return "none"
    return " or ".join(credentials) + (" (optional)" if api.security_optional else "")


def _version_text(api: Api) -> str:
    version = api.api_version
    return f"{version.default or 'none'}, as {version.location.value} {version.wire_name} ({version.evidence})"


def _count_of(api: Api, kind: type[Model | Enum]) -> int:
    return sum(isinstance(shape, kind) for shape in api.shapes.values())
