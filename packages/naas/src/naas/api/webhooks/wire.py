"""The shapes of webhook deliveries on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from naas.api.wire import App, JobId, Time, Version

__all__ = ["DeliveryState", "WebhookDeliveryItem", "WebhookDeliveryList"]


class DeliveryState(StrEnum):
    """How far a delivery got."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDeliveryItem(Struct, kw_only=True, frozen=True):
    """One delivery."""

    delivery_id: Annotated[str, Meta(description="What the receiver sees as `X-NAAS-Delivery`.")]
    url: Annotated[str, Meta(description="Where it goes, without user, query and fragment.")]
    status: Annotated[DeliveryState, Meta(description="How far it got.")]
    attempts: Annotated[int, Meta(ge=0, description="How often it was tried.")]
    last_error: Annotated[str | None, Meta(description="What went wrong the last time.")]
    created_at: Annotated[Time | None, Meta(description="When the job ended.")]
    next_at: Annotated[Time | None, Meta(description="When it is tried again.")]
    delivered_at: Annotated[Time | None, Meta(description="When it arrived.")]


class WebhookDeliveryList(Struct, kw_only=True, frozen=True):
    """What was, or will be, sent for a job, oldest first; empty until it has ended."""

    job_id: JobId
    deliveries: Annotated[list[WebhookDeliveryItem], Meta(description="The deliveries.")]
    app: App
    version: Version
