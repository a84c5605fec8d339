"""The operation of webhook deliveries, as the document describes it."""

from __future__ import annotations

from typing import Final

from naas.api.describe import OperationDoc, ResponseDoc, TagDoc, refused
from naas.api.webhooks.wire import WebhookDeliveryList

__all__ = ["OPERATIONS", "TAG"]

TAG: Final = TagDoc("webhooks", "What was sent when jobs ended.")

OPERATIONS: Final = (
    OperationDoc(
        method="get",
        path="/v2/jobs/{job_id}/webhooks",
        operation_id="listWebhookDeliveries",
        tag=TAG.name,
        summary="List webhook deliveries of a job",
        description="List what was sent to the `webhook_url` of a job, how often it was tried and what went wrong.",
        responses={200: ResponseDoc("The deliveries.", WebhookDeliveryList), **refused(400, 401, 403, 503)},
    ),
)
