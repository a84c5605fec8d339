"""The operations that a batch consists of, in the words that all servers of v2 share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clientsmith.core.operations import JSON, Operation, json_body, path, query

from ..models import JobResult

__all__ = [
    "CANCEL_BATCH",
    "CANCEL_JOB",
    "GET_BATCH",
    "GET_JOB",
    "KINDS",
    "LIST_BATCHES",
    "SUBMIT",
    "SUBMIT_BATCH",
]

KINDS: Final = ("send-command", "send-command-structured", "send-config")

SUBMIT: Final[Mapping[str, Operation[Any]]] = {
    kind: Operation("POST", f"/v2/{kind}", body=json_body(), responses={202: JSON}) for kind in KINDS
}
SUBMIT_BATCH: Final[Mapping[str, Operation[Any]]] = {
    kind: Operation("POST", f"/v2/{kind}/batch", body=json_body(), responses={202: JSON}) for kind in KINDS
}
GET_BATCH: Final[Operation[Any]] = Operation(
    "GET",
    "/v2/batches/{batch_id}",
    parameters={
        "batch_id": path("batch_id"),
        "wait": query("wait"),
        "results": query("results"),
        "since": query("since"),
    },
    responses={200: JSON},
)
LIST_BATCHES: Final[Operation[Any]] = Operation(
    "GET", "/v2/batches", parameters={"per_page": query("per_page")}, responses={200: JSON}
)
CANCEL_BATCH: Final[Operation[None]] = Operation(
    "DELETE", "/v2/batches/{batch_id}", parameters={"batch_id": path("batch_id")}, responses={204: None}
)
GET_JOB: Final[Operation[JobResult]] = Operation(
    "GET",
    "/v2/send-command/{job_id}",
    parameters={"job_id": path("job_id"), "wait": query("wait")},
    responses={200: lambda: JobResult},
)
CANCEL_JOB: Final[Operation[None]] = Operation(
    "DELETE", "/v2/jobs/{job_id}", parameters={"job_id": path("job_id")}, responses={204: None}
)
