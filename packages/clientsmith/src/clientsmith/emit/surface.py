"""``_surface.json``: what the client can do, as data, for its command line and its MCP server.

The core reads it (`clientsmith.core.surface`). Both are options of a package: without them there is no such file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, assert_never

from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.text import headline, one_line, printable
from clientsmith.emit.versions import about_lifetime
from clientsmith.model.ir import (
    AnyShape,
    Api,
    Array,
    Binary,
    Enum,
    Literal,
    Map,
    Model,
    NamedShape,
    Nullable,
    Parameter,
    Property,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
    Union,
)
from clientsmith.model.lookup import all_properties
from clientsmith.model.security import alternatives

__all__ = ["surface"]

_KINDS: Final[Mapping[Kind, str]] = {
    Kind.CALL: "call",
    Kind.HEADERS: "call",
    Kind.LIST: "list",
    Kind.BEGIN: "begin",
    Kind.EXISTS: "exists",
    Kind.EVENTS: "events",
    Kind.LINES: "lines",
    Kind.DOWNLOAD: "download",
}
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
_REPEATABLE: Final = _READS | {"PUT", "DELETE"}  # RFC 9110, 9.2.2
# A value as the method takes it, not as it travels: every spelling of a time is one format here.
_SCALARS: Final[Mapping[ScalarKind, Mapping[str, str]]] = {
    ScalarKind.STRING: {"type": "string"},
    ScalarKind.INTEGER: {"type": "integer"},
    ScalarKind.NUMBER: {"type": "number"},
    ScalarKind.BOOLEAN: {"type": "boolean"},
    ScalarKind.NULL: {"type": "null"},
    ScalarKind.DATETIME: {"type": "string", "format": "date-time"},
    ScalarKind.DATE: {"type": "string", "format": "date"},
    ScalarKind.TIME: {"type": "string", "format": "time"},
    ScalarKind.DURATION: {"type": "string", "format": "duration"},
    ScalarKind.BYTES: {"type": "string", "contentEncoding": "base64"},
    ScalarKind.UUID: {"type": "string", "format": "uuid"},
    ScalarKind.DECIMAL: {"type": "string", "format": "decimal"},
}
_CREDENTIALS: Final = {"key": "key", "basic": "basic", "bearer": "token"}


def surface(api: Api) -> bytes:
    """The file, on one line for each operation and definition, so that changes of it can be read."""
    head: dict[str, Any] = {
        "package": api.package,
        "distribution": api.distribution,
        "client": api.root.name,
        "title": one_line(api.title),
        "version": one_line(api.version),
        "description": printable(api.description),
        "endpoint": api.endpoint,
        "credentials": list(
            dict.fromkeys(
                _CREDENTIALS[one.kind] for together in alternatives(api) for one in together if one.kind in _CREDENTIALS
            )
        ),
        "credential_required": bool(api.security_schemes) and not api.security_optional,
        "groups": dict(_groups(api)),
    }
    operations = [_without_empty(_operation(method)) for method in methods_of(api)]
    definitions = {shape.name: _definition(shape, api.shapes) for shape in _by_name(api)}
    lines = [f"{_text(name)}: {_text(value)}" for name, value in head.items()]
    lines.append('"operations": [\n' + ",\n".join(map(_text, operations)) + "\n]")
    lines.append(
        '"$defs": {\n' + ",\n".join(f"{_text(key)}: {_text(each)}" for key, each in definitions.items()) + "\n}"
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)


def _by_name(api: Api) -> list[NamedShape]:
    return sorted(api.shapes.values(), key=lambda shape: shape.name)


def _groups(api: Api) -> Iterator[tuple[str, str]]:
    for method in methods_of(api):
        for depth, group in enumerate(method.groups, start=1):
            summary, _ = headline(group.description)
            if summary:
                path = " ".join(
                    each.attribute.removeprefix("get_").removesuffix("_client") for each in method.groups[:depth]
                )
                yield path, summary


def _operation(method: Method) -> dict[str, Any]:
    operation = method.operation
    is_search = operation.method == "POST" and operation.paging is not None
    summary, description = headline(operation.summary or operation.description)
    told = description if not operation.summary else printable(operation.description)
    return {
        "name": method.name,
        "steps": [
            _without_empty({"attribute": group.attribute, "arguments": [item.name for item in group.bound]})
            for group in method.groups
        ],
        "kind": _KINDS[method.kind],
        "effect": "read"
        if operation.method in _READS or is_search
        else "delete"
        if operation.method == "DELETE"
        else "write",
        "idempotent": operation.method in _REPEATABLE,
        "http": f"{operation.method} {one_line(operation.path)}",
        "summary": summary,
        "description": "\n\n".join(filter(None, (told, about_lifetime(operation.lifetime)))),
        "deprecated": operation.deprecated,
        "arguments": [_without_empty(each) for each in _arguments(method)],
        "returns": None if method.result is None else _schema(method.result, method.api.shapes),
        "is_sized": operation.paging is not None and bool(operation.paging.size),
    }


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], False)}


# --- arguments -------------------------------------------------------------------------------------------------------


def _arguments(method: Method) -> Iterator[dict[str, Any]]:
    """What the method takes, but for conditions and the fields of a body that is given whole as well."""
    shapes = method.api.shapes
    for name, parameter in method.bound.items():
        yield _of_parameter(name, parameter, "client", shapes)
    for name, parameter in method.positional.items():
        yield _of_parameter(name, parameter, "path", shapes)
    body = method.body
    if body is not None:
        yield {
            "name": method.body_name,
            "place": "body",
            "schema": _schema(body.shape, shapes),
            "required": body.required,
            "description": printable(body.description),
            "media_type": body.media_type,
        }
    for name, parameter in method.keyword.items():
        yield _of_parameter(name, parameter, parameter.location.value, shapes)
    if method.gives_fields:
        for name, item in method.fields.items():
            yield {
                "name": name,
                "place": "option",
                "schema": _schema(item.shape, shapes),
                "required": item.required,
                "description": printable(item.description),
            }


def _of_parameter(name: str, parameter: Parameter, place: str, shapes: Mapping[str, NamedShape]) -> dict[str, Any]:
    return {
        "name": name,
        "place": place,
        "schema": _schema(parameter.shape, shapes),
        "required": parameter.required,
        "description": printable(parameter.description),
    }


# --- schemas ---------------------------------------------------------------------------------------------------------


def _schema(shape: Shape, shapes: Mapping[str, NamedShape]) -> dict[str, Any]:
    match shape:
        case Scalar():
            return dict(_SCALARS[shape.kind])
        case Ref():
            named = shapes.get(shape.pointer)
            return {"$ref": f"#/$defs/{named.name}"} if named is not None else {}
        case Array():
            return {"type": "array", "items": _schema(shape.item, shapes)}
        case Map():
            return {"type": "object", "additionalProperties": _schema(shape.value, shapes)}
        case Nullable():
            return {"anyOf": [_schema(shape.shape, shapes), {"type": "null"}]}
        case Union():
            return {"anyOf": [_schema(member, shapes) for member in shape.members]}
        case Literal():
            return {"const": shape.value}
        case Binary():
            return {"type": "string", "contentEncoding": "base64"}
        case AnyShape():
            return {}
        case _:
            assert_never(shape)


def _definition(named: NamedShape, shapes: Mapping[str, NamedShape]) -> dict[str, Any]:
    if isinstance(named, Enum):
        kind = "string" if named.kind is ScalarKind.STRING else "integer"
        return {"type": kind, "enum": [member.wire_value for member in named.members]}
    properties = all_properties(named, shapes)
    definition: dict[str, Any] = {
        "type": "object",
        "properties": {name: _property(item, shapes) for name, item in properties.items()},
    }
    if required := [name for name, item in properties.items() if item.required and not item.read_only]:
        definition["required"] = required
    return _described(definition, named)


def _described(definition: dict[str, Any], model: Model) -> dict[str, Any]:
    summary, _ = headline(model.description)
    return {"description": summary, **definition} if summary else definition


def _property(item: Property, shapes: Mapping[str, NamedShape]) -> dict[str, Any]:
    schema = _schema(item.shape, shapes)
    summary, _ = headline(item.description)
    if summary:
        schema["description"] = summary
    if item.read_only:
        schema["readOnly"] = True
    return schema
