"""Webhooks: whoever asked for it is told that a job has ended, at least once, however often the network fails.

When a job ends its delivery is put in the outbox (`naas.store.base.DeliveryStore`); a task of its own sends what is
due. An attempt that fails is repeated after 5 s, 30 s, 5 min, then every 30 min, as often as the settings allow; any
status below 300 is a success. A delivery that is not known to have arrived is sent again after a crash, so receivers go
by ``X-NAAS-Delivery``, the id of the job. Where deliveries may go is decided in `naas.security.addresses`, and again
at every attempt; how they are signed, in `naas.security.signing`. The body holds no results.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from naas.errors import FieldProblem, StoreUnavailable, VaultError
from naas.jobs import JobState
from naas.security.addresses import Destination, DestinationRules, parse_destination
from naas.security.outbound import Outbound, OutboundError
from naas.security.signing import canonical_json, delivery_headers
from naas.store.base import JobQuery, WebhookDelivery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from naas.jobs import Job
    from naas.security.audit import Audit
    from naas.store.base import Store
    from naas.vault import Vault

__all__ = ["WebhookRules", "Webhooks", "delivery_of", "public_url", "wait_after"]

log = logging.getLogger("naas.security.webhooks")

_WAITS: Final = (5.0, 30.0, 300.0, 1800.0)
# Who asks for webhooks must not keep us from sending those of others: that many attempts at once, one slow host each.
_AT_ONCE: Final = 32
_LOOK_EVERY: Final = 5.0
# Longer than any job is kept, so that a crash never makes an old one look new.
_KEEP: Final = timedelta(days=30)
_LONGEST_SECRET: Final = 1024


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """Where webhooks may go, how many ``attempts`` there are in all, and how long one may take, in seconds."""

    destinations: DestinationRules = field(default_factory=DestinationRules)
    attempts: int = 4
    timeout: float = 10.0


def wait_after(attempts: int, rules: WebhookRules) -> float | None:
    """Return how long to wait after so many attempts, in seconds, or None to give up."""
    if attempts >= rules.attempts:
        return None
    return _WAITS[min(attempts, len(_WAITS)) - 1]


def delivery_of(job: Job, now: datetime) -> WebhookDelivery | None:
    """Return what has to be delivered when this job has ended; None if nothing.

    As in the existing service nothing is sent for a job that was cancelled: whoever cancelled it knows.
    """
    if job.webhook_url is None or job.state not in (JobState.FINISHED, JobState.FAILED):
        return None
    ended_at = job.ended_at or now
    body = {
        "job_id": job.id,
        "status": job.state.value,
        "enqueued_at": job.created_at.isoformat(),
        "completed_at": ended_at.isoformat(),
    }
    if job.batch_id is not None:
        body["batch_id"] = job.batch_id
    return WebhookDelivery(
        id=job.id,
        job_id=job.id,
        owner=job.owner,
        url=job.webhook_url,
        body=canonical_json(body),
        sealed_secret=job.sealed_webhook_secret,
        next_at=now,
        created_at=now,
    )


def public_url(url: str) -> str:
    """Return the URL as it may be shown: without user, query and fragment, which often hold a token."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


class Webhooks:
    """The outbox. Lives in one event loop."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        rules: WebhookRules,
        audit: Audit,
        *,
        outbound: Outbound | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._vault, self._rules, self._audit, self._now = store, vault, rules, audit, now
        self._outbound = outbound or Outbound(rules.destinations, rules.timeout)
        self._wake = asyncio.Event()
        self.on_attempt: Callable[[str], None] | None = None
        """Is told how each attempt went: ``delivered``, ``failed`` or ``given_up``; for metrics."""

    # Asking

    def problem_with(self, url: str | None, secret: str | None) -> FieldProblem | None:
        """Return what speaks against a webhook that a request asks for, or None."""
        if url is None:
            return None
        found = parse_destination(url, self._rules.destinations)
        if not isinstance(found, Destination):
            return FieldProblem("url", ("webhook_url",), found)
        if secret is not None and not 0 < len(secret) <= _LONGEST_SECRET:
            return FieldProblem("wrong_length", ("webhook_secret",), f"1 to {_LONGEST_SECRET} characters")
        return None

    async def deliveries(self, job_id: str) -> Sequence[WebhookDelivery]:
        """Return what was, or will be, sent for the job."""
        return await self._store.deliveries.of_job(job_id)

    # Sending

    async def ended(self, job: Job) -> None:
        """Put the delivery of a job that has ended in the outbox; a second time changes nothing."""
        delivery = delivery_of(job, self._now())
        if delivery is not None:
            await self._store.deliveries.add(delivery)
            self._wake.set()

    async def recover(self) -> None:
        """Put in the outbox what a crash kept out of it, between the end of a job and its observers."""
        query = JobQuery(
            owner=None,
            per_page=1000,
            states=(JobState.FINISHED, JobState.FAILED),
            since=self._now() - timedelta(days=1),
            want_total=False,
        )
        while True:
            page = await self._store.jobs.page(query)
            for job in page.jobs:
                if job.webhook_url is not None:
                    await self.ended(job)
            if page.next is None:
                return
            query = replace(query, before=page.next)

    async def run(self) -> None:
        """Look for what a crash left behind, then send what is due, for ever."""
        # Beside the service, which need not wait: 20,000 jobs of the last day take a second.
        is_recovered = False
        while True:
            count = 0
            self._wake.clear()  # first, so that what ends while we send is not waited for
            try:
                if not is_recovered:
                    await self.recover()
                    is_recovered = True
                count = await self.send_due()
            except StoreUnavailable as exc:
                log.warning("webhooks wait for the store reason=%s", exc)
            except Exception:
                # A mistake of ours with one delivery must not be the end of all others; its hold runs out.
                log.exception("could not send webhooks")
            if count < _AT_ONCE:
                await self._wait()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_EVERY):
                await self._wake.wait()
        except TimeoutError:
            return

    async def send_due(self) -> int:
        """Send what is due now, some of it at once; return how many there were."""
        now = self._now()
        # Ours until then, so that of several processes only one sends, and a crash in between delays and loses nothing.
        until = now + timedelta(seconds=self._rules.timeout + _LOOK_EVERY)
        due = await self._store.deliveries.due(now, _AT_ONCE, hold_until=until)
        await asyncio.gather(*(self._attempt(delivery) for delivery in due))
        return len(due)

    async def _attempt(self, delivery: WebhookDelivery) -> None:
        attempts = delivery.attempts + 1
        error = await self._send(delivery)
        now = self._now()
        wait = wait_after(attempts, self._rules)
        if self.on_attempt is not None:
            self.on_attempt("delivered" if error is None else "given_up" if wait is None else "failed")
        if error is None:
            await self._store.deliveries.record(
                replace(delivery, attempts=attempts, next_at=None, delivered_at=now, last_error=None)
            )
            return
        next_at = None if wait is None else now + timedelta(seconds=wait)
        await self._store.deliveries.record(replace(delivery, attempts=attempts, next_at=next_at, last_error=error))
        if next_at is None:
            log.warning("webhook given up job_id=%s attempts=%d reason=%s", delivery.job_id, attempts, error)
            self._audit.write(
                "webhook.failed",
                job_id=delivery.job_id,
                webhook_url=public_url(delivery.url),
                attempts=attempts,
                last_error=error,
            )

    async def _send(self, delivery: WebhookDelivery) -> str | None:
        """Make one attempt; return what went wrong, or None."""
        try:
            secret = None
            if delivery.sealed_secret is not None:
                secret = self._vault.open_text(delivery.job_id, delivery.sealed_secret)
            headers = delivery_headers(delivery.id, delivery.body, secret, int(self._now().timestamp()))
            answer = await self._outbound.post(delivery.url, headers, delivery.body)
        except (OutboundError, VaultError) as exc:
            return str(exc)
        if answer.status >= 300:
            # Redirects too: they would lead somewhere that nobody has judged.
            return f"the receiver answered with the status {answer.status}"
        return None

    async def purge(self) -> int:
        """Forget deliveries that ended long ago; return how many."""
        return await self._store.deliveries.purge(self._now() - _KEEP)
