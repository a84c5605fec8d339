"""The route of webhook deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from litestar import Response, get

from naas import __version__
from naas.api.answers import answer, moment_or_none
from naas.api.asking import HttpRequest, job_id_of, principal_of, runtime_of
from naas.api.webhooks.wire import DeliveryState, WebhookDeliveryItem, WebhookDeliveryList
from naas.security.webhooks import public_url

if TYPE_CHECKING:
    from naas.store.base import WebhookDelivery

__all__ = ["ROUTES"]


@get("/v2/jobs/{job_id:str}/webhooks")
async def list_webhook_deliveries(request: HttpRequest) -> Response[bytes]:
    """List the deliveries of a job."""
    principal = await principal_of(request)
    runtime = runtime_of(request)
    job = await runtime.jobs.read(principal, job_id_of(request.path_params["job_id"]))
    found = [_item(delivery) for delivery in await runtime.security.webhooks.deliveries(job.id)]
    body = WebhookDeliveryList(job_id=job.id, deliveries=found, app="naas", version=__version__)
    return answer(body, headers={"Cache-Control": "no-store"})


ROUTES: Final = (list_webhook_deliveries,)


def _item(delivery: WebhookDelivery) -> WebhookDeliveryItem:
    return WebhookDeliveryItem(
        delivery_id=delivery.id,
        url=public_url(delivery.url),
        status=_state(delivery),
        attempts=delivery.attempts,
        last_error=delivery.last_error,
        created_at=moment_or_none(delivery.created_at),
        next_at=moment_or_none(delivery.next_at),
        delivered_at=moment_or_none(delivery.delivered_at),
    )


def _state(delivery: WebhookDelivery) -> DeliveryState:
    if delivery.delivered_at is not None:
        return DeliveryState.DELIVERED
    return DeliveryState.FAILED if delivery.next_at is None else DeliveryState.PENDING
