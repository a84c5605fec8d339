"""The operations of the audit trail, as the document describes them."""

from __future__ import annotations

from typing import Final

from naas.api.audit.export import CSV, NDJSON
from naas.api.audit.wire import AuditExportParameters, AuditPage, AuditParameters, AuditVerdict
from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, refused
from naas.principals import Role

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("audit", "What happened, and who did it.")

_WHO: Final = "Takes the admin secret of the service as Basic password, or the key of an admin."


def _export(form: str, operation_id: str, media_type: str, how: str) -> OperationDoc:
    return OperationDoc(
        method="get",
        path=f"/v2/audit/export.{form}",
        operation_id=operation_id,
        tag=TAG.name,
        summary=f"Export audit events {how}",
        description=f"Everything that the filters leave, oldest first, {how}. {_WHO}",
        responses={200: ResponseDoc("The events.", str, media_type=media_type), **refused(401, 403, 422, 503)},
        query=AuditExportParameters,
        role=Role.ADMIN,
    )


OPERATIONS: Final = (
    OperationDoc(
        method="get",
        path="/v2/audit",
        operation_id="listAuditEvents",
        tag=TAG.name,
        summary="List audit events",
        description=f"List what happened, newest first, page by page. {_WHO}",
        responses={200: ResponseDoc("The events.", AuditPage, ("Link",)), **refused(401, 403, 422, 503)},
        query=AuditParameters,
        role=Role.ADMIN,
    ),
    _export("ndjson", "exportAuditNdjson", NDJSON, "as JSON objects, one a line"),
    _export("csv", "exportAuditCsv", CSV, "as a table (RFC 4180)"),
    OperationDoc(
        method="get",
        path="/v2/audit/verify",
        operation_id="verifyAudit",
        tag=TAG.name,
        summary="Verify the audit trail",
        description=f"Check that no line was changed, taken out or cut off since it was written. {_WHO}",
        responses={200: ResponseDoc("The verdict.", AuditVerdict), **refused(401, 403, 503)},
        role=Role.ADMIN,
    ),
)  # fmt: skip
