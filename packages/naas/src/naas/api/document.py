"""The OpenAPI document of the v2 wire: the source from which naas-client is generated.

Made from the same structures that check requests and write answers (`naas.api.wire`), and from the table of
operations below. It is built here, not by the web framework, because the wire has five error shapes, headers on
nearly every answer, and clients that are generated from the bytes: these must not change with a framework's version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Final, cast

import msgspec

from naas import __version__
from naas.api import wire

__all__ = ["LONGEST_KEY", "OPERATIONS", "OperationDoc", "openapi_document"]

Json = dict[str, Any]

# What an idempotency key may measure, in characters; chosen to hold a UUID, a ULID or a hash with room to spare.
LONGEST_KEY: Final = 255

_REF: Final = "#/components/schemas/{name}"

# The wire calls a job's state its status; the code keeps "status" for HTTP.
_PUBLIC_NAMES: Final[Mapping[str, str]] = {"JobState": "JobStatus"}


@dataclass(frozen=True, slots=True)
class ResponseDoc:
    """One answer. ``body`` None means that there is none."""

    description: str
    body: Any = None
    headers: tuple[str, ...] = ()
    links: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class OperationDoc:
    """One operation of the wire. ``query`` is a structure whose fields are the query parameters."""

    method: str
    path: str
    operation_id: str
    tag: str
    summary: str
    description: str
    responses: Mapping[int, ResponseDoc]
    query: type[msgspec.Struct] | None = None
    header_parameters: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    is_public: bool = False

    @property
    def path_parameters(self) -> Sequence[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


_HEADERS: Final[Mapping[str, Json]] = {
    "X-API-Version": {
        "description": "The version of the API that answered: `v2`.",
        "schema": {"type": "string", "const": "v2"},
    },
    "X-Request-ID": {
        "description": "The id of the job.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "Operation-Location": {
        "description": (
            "Where to ask for the job, relative to this service (RFC 3986). The query in it makes the answer come as "
            "soon as the job has ended."
        ),
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "How long to wait before the next request, in whole seconds (RFC 9110, section 10.2.3).",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 7617).",
        "schema": {"type": "string"},
    },
}

_PARAMETERS: Final[Mapping[str, Json]] = {
    "job_id": {
        "name": "job_id",
        "in": "path",
        "required": True,
        "description": "The id of the job, as the submission answered it.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "X-Request-ID": {
        "name": "X-Request-ID",
        "in": "header",
        "required": False,
        "description": "An id of the caller's choice for the job: a UUID that was never used before.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": (
            "A key of the caller's choice. A second request with the same key within a day makes no second job: it is "
            "answered with the first one, or refused if it asks for something else. `X-Idempotency-Key` is the same."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    },
}


_REFUSED: Final[Mapping[int, ResponseDoc]] = {
    400: ResponseDoc("The body, an id or the context cannot be used.", wire.ErrorResponse),
    401: ResponseDoc("No usable credentials came with the request.", wire.ErrorResponse, ("WWW-Authenticate",)),
    403: ResponseDoc("The job is not the caller's, or there is none.", wire.ErrorResponse),
    404: ResponseDoc("There is no such job.", wire.JobLookupError),
    409: ResponseDoc("The job has ended and cannot be cancelled any more.", wire.MessageError),
    413: ResponseDoc("The body is too large.", wire.MessageError),
    415: ResponseDoc("The body is not declared as JSON.", wire.MessageError),
    422: ResponseDoc("Fields break their rules; all of them are listed.", list[wire.ValidationErrorItem]),
    503: ResponseDoc("The queue is full, or the store unwell; try again later.", wire.ErrorResponse, ("Retry-After",)),
}  # fmt: skip


def _refused(*statuses: int) -> Mapping[int, ResponseDoc]:
    return {status: _REFUSED[status] for status in statuses}


def _submission(kind: str, summary: str, description: str, body: type[msgspec.Struct]) -> OperationDoc:
    name = "".join(word.title() for word in kind.split("-"))
    poll = {f"get{name}": {"operationId": f"get{name}", "parameters": {"job_id": "$response.body#/job_id"}}}
    accepted = ResponseDoc(
        "The job is on disk and waits for its device.",
        wire.JobResponse,
        ("Operation-Location", "Retry-After", "X-Request-ID"),
        poll,
    )
    return OperationDoc(
        method="post",
        path=f"/v2/{kind}",
        operation_id=name[0].lower() + name[1:],
        tag="jobs",
        summary=summary,
        description=description,
        responses={202: accepted, **_refused(400, 401, 413, 415, 422, 503)},
        header_parameters=("X-Request-ID", "Idempotency-Key"),
        body=body,
    )


def _poll(kind: str, summary: str, description: str) -> OperationDoc:
    name = "".join(word.title() for word in kind.split("-"))
    found = ResponseDoc("The job. `Retry-After` comes while it has not ended.", wire.JobResult, ("Retry-After",))
    return OperationDoc(
        method="get",
        path=f"/v2/{kind}/{{job_id}}",
        operation_id=f"get{name}",
        tag="jobs",
        summary=summary,
        description=description,
        responses={200: found, **_refused(400, 401, 403, 422, 503)},
        query=wire.GetJobParameters,
    )


OPERATIONS: Final = (
    _submission(
        "send-command",
        "Run commands on a device",
        "Queue a job that runs commands on one device. The answer names the job; ask for its result with "
        "`getSendCommand`. Jobs for one device run one after the other, in the order of their submission.",
        wire.SendCommandRequest,
    ),
    _poll(
        "send-command",
        "Get a command job",
        "Read how far a command job got, and its results once it has finished. A failure that the device reported is "
        "`finished` with `results` null and `error` set.",
    ),
    _submission(
        "send-config",
        "Change the configuration of a device",
        "Queue a job that enters configuration lines on one device. The answer names the job; ask for its result with "
        "`getSendConfig`. A configuration job is never repeated by the service itself.",
        wire.SendConfigRequest,
    ),
    _poll(
        "send-config",
        "Get a configuration job",
        "Read how far a configuration job got, and what the device printed once it has finished. A failure that the "
        "device reported is `finished` with `results` null and `error` set.",
    ),
    OperationDoc(
        method="get",
        path="/v2/jobs",
        operation_id="listJobs",
        tag="jobs",
        summary="List jobs",
        description=(
            "List the caller's own jobs, newest first, page by page; "
            "optionally only those in one state or with one label."
        ),
        responses={200: ResponseDoc("One page of jobs.", wire.ListJobsResponse), **_refused(401, 422, 503)},
        query=wire.ListJobsParameters,
    ),
    OperationDoc(
        method="delete",
        path="/v2/jobs/{job_id}",
        operation_id="cancelJob",
        tag="jobs",
        summary="Cancel a job",
        description=(
            "Cancel a job: at once if it waits; if it runs, it stops before its next command and then becomes "
            "`canceled`, or `finished` if it was done already. Cancelling a canceled job changes nothing."
        ),
        responses={
            204: ResponseDoc("The job is canceled, or was asked to stop."),
            **_refused(400, 401, 403, 404, 409, 503),
        },
    ),
    OperationDoc(
        method="get",
        path="/v2/healthcheck",
        operation_id="getHealth",
        tag="health",
        summary="Get the health of the service",
        description="Tell how the service and its parts are. Needs no credentials; the HTTP status is always 200.",
        responses={200: ResponseDoc("The health of the service.", wire.HealthReport)},
        is_public=True,
    ),
)  # fmt: skip


@cache
def _built() -> Json:
    schemas = _schemas()
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
        "security": [{"basic": []}],
        "tags": [
            {"name": "jobs", "description": "Work on devices."},
            {"name": "health", "description": "The service itself."},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {name.replace("-", ""): _PARAMETERS[name] for name in sorted(_PARAMETERS)},
            "headers": {name.replace("-", ""): _HEADERS[name] for name in sorted(_HEADERS)},
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The login of the device. It also decides whose job is whose.",
                }
            },
        },
    }


def openapi_document() -> Json:
    """Return the OpenAPI 3.1 document, a fresh copy. The same version of naas gives the same bytes, always."""
    return deepcopy(_built())


def _operation(operation: OperationDoc) -> Json:
    parameters: list[Json] = [{"$ref": f"#/components/parameters/{name}"} for name in operation.path_parameters]
    if operation.query is not None:
        parameters += _query_parameters(operation.query)
    parameters += [{"$ref": f"#/components/parameters/{name.replace('-', '')}"} for name in operation.header_parameters]
    result: Json = {
        "operationId": operation.operation_id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
    }
    if operation.is_public:
        result["security"] = []
    if parameters:
        result["parameters"] = parameters
    if operation.body is not None:
        content = {"application/json": {"schema": _schema(operation.body)}}
        result["requestBody"] = {
            "required": True,
            "description": cleandoc(operation.body.__doc__ or ""),
            "content": content,
        }
    result["responses"] = {str(status): _response(status, doc) for status, doc in sorted(operation.responses.items())}
    return result


def _response(status: int, doc: ResponseDoc) -> Json:
    names = (*doc.headers, "X-API-Version")
    result: Json = {
        "description": doc.description,
        "headers": {name: {"$ref": f"#/components/headers/{name.replace('-', '')}"} for name in names},
    }
    if doc.body is not None:
        result["content"] = {"application/json": {"schema": _schema(doc.body)}}
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
    enums: dict[str, type[StrEnum]] = {
        name: kind for name, kind in vars(wire).items() if isinstance(kind, type) and issubclass(kind, StrEnum)
    }
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
