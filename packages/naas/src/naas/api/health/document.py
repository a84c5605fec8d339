"""The operations of health, as the document describes them."""

from __future__ import annotations

from typing import Final

from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, not_modified
from naas.api.health.wire import HealthReport

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("health", "The service itself.")

OPERATIONS: Final = (
    OperationDoc(
        method="get",
        path="/v2/healthcheck",
        operation_id="getHealth",
        tag=TAG.name,
        summary="Get the health of the service",
        description="Tell how the service and its parts are. Needs no credentials; the HTTP status says nothing.",
        responses={200: ResponseDoc("The health of the service.", HealthReport, ("ETag",)), **not_modified()},
        header_parameters=("If-None-Match",),
        role=None,
    ),
)
