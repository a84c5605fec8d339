"""The operations of batches, as the document describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from naas.api import wire
from naas.api.batches import wire as batches
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, not_modified, refused
from naas.api.streams import EVENT_STREAM
from naas.principals import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    import msgspec

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("batches", "The same work on many devices.")

_LIMITS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

_MISSING: Final = {404: ResponseDoc("There is no such batch, or its jobs are forgotten.", wire.MessageError)}
_TOO_MUCH: Final[Mapping[int, ResponseDoc]] = {
    429: ResponseDoc("The batch is more than the caller may submit now.", wire.MessageError, ("Retry-After", *_LIMITS))
}


def _accepted(description: str) -> ResponseDoc:
    links = {"getBatch": {"operationId": "getBatch", "parameters": {"batch_id": "$response.body#/batch_id"}}}
    return ResponseDoc(description, batches.BatchSubmitResponse, ("Operation-Location", "Retry-After", *_LIMITS), links)


def _submission(kind: str, operation_id: str, summary: str, body: type[msgspec.Struct]) -> OperationDoc:
    return OperationDoc(
        method="post",
        path=f"/v2/{kind}/batch",
        operation_id=operation_id,
        tag=TAG.name,
        summary=summary,
        description=(
            "Queue a job for each device, all or none. Waves make the devices go in steps, and a limit of failures "
            "stops what has not started. The answer names the batch and its jobs; ask for all of them with `getBatch`."
        ),
        responses={
            202: _accepted("All jobs are on disk; those of the first wave wait for their devices."),
            **refused(400, 401, 403, 413, 415, 422, 503),
            **_TOO_MUCH,
        },
        header_parameters=("Idempotency-Key",),
        body=body,
        role=Role.OPERATOR,
    )


OPERATIONS: Final = (
    _submission("send-command", "sendCommandBatch", "Run commands on many devices", batches.BatchCommandRequest),
    _submission(
        "send-command-structured",
        "sendCommandStructuredBatch",
        "Run commands on many devices and parse their output",
        batches.BatchStructuredRequest,
    ),
    _submission(
        "send-config", "sendConfigBatch", "Change the configuration of many devices", batches.BatchConfigRequest
    ),
    OperationDoc(
        method="get",
        path="/v2/batches",
        operation_id="listBatches",
        tag=TAG.name,
        summary="List batches",
        description="List the caller's batches, and an admin everybody's, newest first, without their jobs.",
        responses={
            200: ResponseDoc("Some batches.", batches.ListBatchesResponse, ("ETag", "Link")),
            **not_modified(),
            **refused(401, 403, 422, 503),
        },
        query=batches.ListBatchesParameters,
        header_parameters=("If-None-Match",),
    ),
    OperationDoc(
        method="get",
        path="/v2/batches/{batch_id}",
        operation_id="getBatch",
        tag=TAG.name,
        summary="Get a batch",
        description=(
            "Read how far a batch got: its counts, and each job with its state and error; with `results`, what came "
            "of the jobs that ended. With `wait` and `since` a caller follows a large batch in few requests."
        ),
        responses={
            200: ResponseDoc(
                "The batch. `Retry-After` comes while it is not over.", batches.BatchResponse, ("ETag", "Retry-After")
            ),
            **not_modified(),
            **refused(401, 403, 422, 503),
            **_MISSING,
        },
        query=batches.GetBatchParameters,
        header_parameters=("If-None-Match",),
    ),
    OperationDoc(
        method="delete",
        path="/v2/batches/{batch_id}",
        operation_id="cancelBatch",
        tag=TAG.name,
        summary="Cancel a batch",
        description=(
            "Cancel what has not started, and make what runs stop before its next command. Cancelling again changes "
            "nothing."
        ),
        responses={
            204: ResponseDoc("The rest is canceled, or was asked to stop."),
            **refused(401, 403, 503),
            **_MISSING,
            409: ResponseDoc("Every job has ended.", wire.MessageError),
        },
        role=Role.OPERATOR,
    ),
    OperationDoc(
        method="post",
        path="/v2/batches/{batch_id}/retry-failed",
        operation_id="retryBatch",
        tag=TAG.name,
        summary="Retry what failed of a batch",
        description=(
            "Submit the jobs that failed again as a new batch, with the device login of this request. What may have "
            "reached its device in part is left out unless `include_needs_review` says otherwise."
        ),
        responses={
            202: _accepted("The new batch is on disk."),
            **refused(400, 401, 403, 413, 415, 422, 503),
            **_MISSING,
            **_TOO_MUCH,
            409: ResponseDoc("Nothing failed, or a person has to look first.", wire.MessageError),
        },
        body=batches.RetryBatchRequest,
        body_required=False,
        role=Role.OPERATOR,
    ),
    OperationDoc(
        method="get",
        path="/v2/batches/{batch_id}/stream",
        operation_id="streamBatch",
        tag=TAG.name,
        summary="Watch a batch",
        description=(
            "Tell what happens to a batch as server-sent events: `status` with the counts whenever they change, `job` "
            "for each job that ended, `progress` if asked for, `result` with the counts at the end, `timeout` after "
            "300 seconds."
        ),
        responses={
            200: ResponseDoc("The events; the stream ends with the batch.", str, media_type=EVENT_STREAM),
            204: ResponseDoc("The caller has seen the last event: `Last-Event-ID` is `end`."),
            **refused(401, 403, 422, 503),
            **_MISSING,
            429: ResponseDoc("Too many streams are open; poll instead.", wire.MessageError),
        },
        query=batches.BatchStreamParameters,
        header_parameters=("Last-Event-ID",),
    ),
)
