"""The operations of backups, as the document describes them."""

from __future__ import annotations

from typing import Final

from naas.api import wire
from naas.api.backups import wire as backups
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, not_modified, refused
from naas.api.jobs.document import accepted
from naas.principals import Role

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("backups", "Configurations of devices over time.")

_NOT_FOUND: Final = {404: ResponseDoc("There is no such backup, or it is not the caller's.", wire.RecordLookupError)}

OPERATIONS: Final = (
    OperationDoc(
        method="post",
        path="/v2/backups",
        operation_id="backUp",
        tag=TAG.name,
        summary="Back up a configuration",
        description=(
            "Queue a job that reads the configuration of one device. It is kept if it differs from the last one; "
            "`listBackups` tells."
        ),
        responses={
            202: accepted("send-command", "The job is on disk and waits for its device."),
            **refused(400, 401, 403, 413, 415, 422, 429, 503),
        },
        header_parameters=("X-Request-ID", "Idempotency-Key"),
        body=backups.BackupRequest,
        role=Role.OPERATOR,
    ),
    OperationDoc(
        method="get",
        path="/v2/backups",
        operation_id="listBackups",
        tag=TAG.name,
        summary="List backups",
        description="List configurations that the caller's jobs have read, newest first.",
        responses={200: ResponseDoc("One page.", backups.BackupList, ("Link",)), **refused(400, 401, 403, 422, 503)},
        query=backups.ListBackupsParameters,
    ),
    OperationDoc(
        method="get",
        path="/v2/backups/{backup_id}",
        operation_id="getBackup",
        tag=TAG.name,
        summary="Get a backup",
        description="Read a configuration with its text.",
        responses={
            200: ResponseDoc("The configuration.", backups.BackupAnswer, ("ETag",)),
            **not_modified(),
            **refused(400, 401, 403, 503),
            **_NOT_FOUND,
        },
        header_parameters=("If-None-Match",),
    ),
    OperationDoc(
        method="get",
        path="/v2/backups/{backup_id}/diff",
        operation_id="diffBackup",
        tag=TAG.name,
        summary="Compare backups",
        description="Compare a configuration with the one before it of the same device, or with another.",
        responses={
            200: ResponseDoc("What changed.", backups.BackupDiff, ("ETag",)),
            **not_modified(),
            **refused(400, 401, 403, 422, 503),
            **_NOT_FOUND,
        },
        query=backups.DiffParameters,
        header_parameters=("If-None-Match",),
    ),
)
