"""The OpenAPI document of the v2 wire: the source from which naas-client is generated.

Made from the same structures that check requests and write answers, and from the operations that each resource
describes (`naas.api.resources`). It is built here, not by the web framework, because the wire has several error
shapes, headers on nearly every answer, and clients that are generated from the bytes: these must not change with a
framework's version.
"""

from __future__ import annotations

from copy import deepcopy
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from naas import __version__
from naas.api import wire
from naas.api.describe import HEADERS, PARAMETERS, Json
from naas.api.resources import OPERATIONS, TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from naas.api.describe import OperationDoc, ResponseDoc

__all__ = ["openapi_document"]

_REF: Final = "#/components/schemas/{name}"

# The wire calls a job's state its status; the code keeps "status" for HTTP.
_PUBLIC_NAMES: Final[Mapping[str, str]] = {"JobState": "JobStatus", "BatchState": "BatchStatus"}

_SECURITY_SCHEMES: Final[Json] = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The login of the device. It also decides whose job is whose.",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of this service, or a token of an identity provider that it trusts.",
    },
}


@cache
def _built() -> Json:
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "NAAS",
            "summary": "Netmiko As A Service",
            "description": "Runs commands and configuration on network devices, as jobs that survive a crash.",
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "The service that answers this document."}],
        "security": [{"basic": []}, {"bearer": []}],
        "tags": [{"name": tag.name, "description": tag.description} for tag in TAGS],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "parameters": {_key(name): PARAMETERS[name] for name in sorted(_parameters_used())},
            "headers": {_key(name): HEADERS[name] for name in sorted(_headers_used())},
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def openapi_document() -> Json:
    """Return the OpenAPI 3.1 document, a fresh copy. The same version of naas gives the same bytes, always."""
    return deepcopy(_built())


def _key(name: str) -> str:
    return name.replace("-", "")


def _parameters_used() -> set[str]:
    return {name for each in OPERATIONS for name in (*each.path_parameters, *each.header_parameters)}


def _headers_used() -> set[str]:
    return {name for each in OPERATIONS for doc in each.responses.values() for name in doc.headers} | {"X-API-Version"}


def _operation(operation: OperationDoc) -> Json:
    parameters: list[Json] = [_parameter(name) for name in operation.path_parameters]
    if operation.query is not None:
        parameters += _query_parameters(operation.query)
    parameters += [_parameter(name) for name in operation.header_parameters]
    result: Json = {
        "operationId": operation.operation_id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
    }
    if operation.role is None:
        result["security"] = []
    elif operation.security is not None:
        result["security"] = [{scheme: []} for scheme in operation.security]
    if parameters:
        result["parameters"] = parameters
    if operation.body is not None:
        result["requestBody"] = {
            "required": operation.body_required,
            "description": cleandoc(operation.body.__doc__ or ""),
            "content": {"application/json": {"schema": _schema(operation.body)}},
        }
    result["responses"] = {str(status): _response(status, doc) for status, doc in sorted(operation.responses.items())}
    return result


def _parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{_key(name)}"}


def _response(status: int, doc: ResponseDoc) -> Json:
    names = (*doc.headers, "X-API-Version")
    result: Json = {
        "description": doc.description,
        "headers": {name: {"$ref": f"#/components/headers/{_key(name)}"} for name in names},
    }
    if doc.body is not None:
        result["content"] = {doc.media_type: {"schema": _schema(doc.body)}}
    if status >= HTTPStatus.BAD_REQUEST:
        result["content"]["application/problem+json"] = {"schema": _schema(wire.ProblemDetails)}
    if doc.links:
        result["links"] = dict(doc.links)
    return result


def _query_parameters(struct: type[msgspec.Struct]) -> list[Json]:
    schema = msgspec.json.schema_components([struct], ref_template=_REF)[1][struct.__name__]
    required = schema.get("required", [])
    parameters: list[Json] = []
    for name, rules in _published(schema["properties"]).items():
        description = rules.pop("description")
        value = _without_null(rules)
        parameters.append(
            {"name": name, "in": "query", "required": name in required, "description": description, "schema": value}
        )
    return parameters


def _without_null(rules: Json) -> Json:
    """A query parameter is given or absent, never null."""
    if "anyOf" not in rules:
        return rules
    (kind,) = (option for option in rules.pop("anyOf") if option != {"type": "null"})
    rules.pop("default", None)
    return {**kind, **rules}


def _schema(kind: Any) -> Json:
    schema: Json = _published(msgspec.json.schema_components([kind], ref_template=_REF)[0][0])
    return schema


def _published(node: object) -> Any:
    """Return the node with every reference to a component under its public name."""
    if isinstance(node, list):
        return [_published(child) for child in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    result = {key: _published(child) for key, child in cast("Json", node).items()}
    if isinstance(reference := result.get("$ref"), str):
        prefix, _, name = reference.rpartition("/")
        result["$ref"] = f"{prefix}/{_PUBLIC_NAMES.get(name, name)}"
    return result


def _schemas() -> Json:
    """Return the component schemas by name, sorted; enums in the order in which the code lists them."""
    kinds: list[Any] = [wire.ProblemDetails]
    for operation in OPERATIONS:
        kinds += [doc.body for doc in operation.responses.values() if doc.body is not None]
        kinds += [kind for kind in (operation.body, operation.query) if kind is not None]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    enums = {kind.__name__: kind for kind in _enums(kinds)}
    hidden = {operation.query.__name__ for operation in OPERATIONS if operation.query is not None}
    result: Json = {}
    for name in schemas.keys() - hidden:
        schema = _published(schemas[name])
        schema.pop("title", None)
        schema["description"] = cleandoc(schema["description"])
        if name in enums:
            schema = {"type": "string", **schema, "enum": [member.value for member in enums[name]]}
        result[_PUBLIC_NAMES.get(name, name)] = schema
    return dict(sorted(result.items()))


def _enums(kinds: Iterable[Any]) -> Iterator[type[StrEnum]]:
    """Yield every enum that the structures hold, at any depth; msgspec lists their values in no certain order."""
    seen: set[int] = set()
    waiting: list[Any] = [msgspec.inspect.type_info(kind) for kind in kinds]
    while waiting:
        info = waiting.pop()
        if id(info) in seen:
            continue
        seen.add(id(info))
        match info:
            case msgspec.inspect.EnumType():
                yield cast("type[StrEnum]", info.cls)
            case msgspec.inspect.StructType():
                waiting += [field.type for field in info.fields]
            case msgspec.inspect.UnionType():
                waiting += info.types
            case msgspec.inspect.Metadata():
                waiting.append(info.type)
            case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
                waiting.append(info.item_type)
            case msgspec.inspect.DictType():
                waiting += [info.key_type, info.value_type]
            case _:
                pass
