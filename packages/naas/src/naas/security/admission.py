"""What stands between a request and a device: asked at submission (`Admission`) and before a job runs (`Gate`).

The order is that of the contract: lockout of the caller, rate limit, then, with the fields known to be right, lockout
of the device and the command policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from naas.driver.base import ErrorCode
from naas.errors import CommandRefused, InvalidRequest, RateLimited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.jobs import Device, Failure, Job, Work
    from naas.principals import Principal
    from naas.security.audit import Audit
    from naas.security.breaker import Breakers
    from naas.security.command_policy import CommandPolicy
    from naas.security.lockouts import Lockouts
    from naas.security.rate_limits import RateLimits, RateLimitState
    from naas.security.webhooks import Webhooks
    from naas.vault import Login

__all__ = ["Admission", "Gate", "Submission"]


class Submission(Protocol):
    """What must be known of an order to judge it (`naas.services.orders.Order` is one)."""

    @property
    def device(self) -> Device: ...
    @property
    def work(self) -> Work: ...
    @property
    def context(self) -> str: ...
    @property
    def webhook_url(self) -> str | None: ...
    @property
    def webhook_secret(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Admission:
    """Judges submissions."""

    lockouts: Lockouts
    limits: RateLimits
    policy: CommandPolicy
    webhooks: Webhooks
    audit: Audit

    def admit(
        self,
        principal: Principal,
        devices: Sequence[str] = (),
        *,
        jobs: int | None = None,
        username: str | None = None,
    ) -> RateLimitState | None:
        """Judge a request before its body is read closely: lockout of the caller, then rate limits.

        ``devices`` are addresses, one for each job, or as far as the body could be understood; ``jobs`` is how many
        jobs it asks for. The state is for the headers of the answer; None for callers without limits.

        Raises:
            LockedOut: Too many logins of this caller were refused by devices.
            RateLimited: Too many jobs in the window.
        """
        self.lockouts.refuse_caller(principal, username)
        try:
            return self.limits.take(principal, devices, jobs)
        except RateLimited as exc:
            self.audit.write("rate.limited", principal, limit=exc.limit, window=exc.window, wanted=exc.wanted)
            raise

    def __call__(self, principal: Principal, order: Submission, login: Login) -> None:
        """Judge an order whose fields are right: a `naas.services.orders.SubmissionCheck`.

        Raises:
            InvalidRequest: A webhook that leads where none may go.
            LockedOut: The device, or the login that the order names.
            CommandRefused: A line that the policy forbids.
        """
        problem = self.webhooks.problem_with(order.webhook_url, order.webhook_secret)
        if problem is not None:
            raise InvalidRequest([problem])
        self.lockouts.refuse_caller(principal, login.username)
        self.lockouts.refuse_device(order.context, order.device.address)
        try:
            self.policy.check(principal.role, order.context, order.device.host, order.work)
        except CommandRefused as exc:
            self.audit.write(
                "command.refused",
                principal,
                rule=exc.rule,
                host=order.device.host,
                context=order.context,
                line=exc.index,
            )
            raise


@dataclass(frozen=True, slots=True)
class Gate:
    """Says whether a job may touch its device, and learns from how jobs end: a gate and an observer of the keeper."""

    lockouts: Lockouts
    breakers: Breakers

    def __call__(self, job: Job) -> Failure | None:
        """Return why the device must be left alone now (``CIRCUIT_OPEN``), or None."""
        failure = self.breakers.check(job)
        if failure is None:
            self.lockouts.started(job)
        return failure

    async def ended(self, job: Job) -> None:
        """Learn from a job that has ended. A job that was refused here teaches nothing."""
        failure = job.outcome.failure
        if failure is not None and failure.code is ErrorCode.CIRCUIT_OPEN:
            return
        await self.breakers.ended(job)
        await self.lockouts.ended(job)
