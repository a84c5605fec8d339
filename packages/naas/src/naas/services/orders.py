"""Orders: what a caller may ask of the service about jobs, as values, and what it says to one.

A route makes an `Order` of a request that is already checked field by field; `naas.services.jobs` decides about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from naas.errors import FieldProblem, InvalidRequest
from naas.jobs import SHORTEST_LIMIT, Device, Job, Priority, Work

if TYPE_CHECKING:
    from datetime import datetime

    from naas.principals import Principal
    from naas.store.base import Receipt
    from naas.vault import Login

__all__ = [
    "Accepted",
    "CacheWish",
    "Order",
    "ServiceLimits",
    "SubmissionCheck",
    "content_of",
    "login_for",
    "order_of",
]


@dataclass(frozen=True, slots=True)
class CacheWish:
    """A caller who would take an earlier answer that is no older than ``max_age_seconds``."""

    max_age_seconds: float


@dataclass(frozen=True, slots=True)
class Order:
    """A request to run a job, already checked field by field. Timeouts are seconds.

    ``login`` is the device login of the request; None means the one that the caller came with. ``enable`` replaces the
    enable password of either; ``request_id`` becomes the job id.
    """

    device: Device
    work: Work = field(repr=False)
    login: Login | None = None
    enable: str | None = field(default=None, repr=False)
    read_timeout: float = 30.0
    conn_timeout: float = 10.0
    job_timeout: float | None = None
    priority: Priority = Priority.NORMAL
    context: str = "default"
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    request_id: str | None = None
    idempotency_key: str | None = field(default=None, repr=False)
    webhook_url: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    cache: CacheWish | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that is on disk: a new one, or an earlier one that the receipt says is used instead."""

    job_id: str
    kind: str
    queue_position: int
    enqueued_at: datetime
    time_limit: int
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """``queue_depth`` 0 means no limit. What is kept, and for how long, is in seconds; so is ``job_timeout``, which a
    job may run at least.

    The defaults are those of the existing service: a day for results and idempotency keys, a week for failures.
    """

    queue_depth: int = 0
    contexts: tuple[str, ...] = ("default",)
    keep_succeeded: float = 86_400.0
    keep_failed: float = 604_800.0
    keep_idempotency: float = 86_400.0
    most_failed: int | None = None
    deduplicate: bool = True
    job_timeout: int = SHORTEST_LIMIT


class SubmissionCheck(Protocol):
    """Something that may refuse a submission."""

    def __call__(self, principal: Principal, order: Order, login: Login) -> None:
        """Return if it has nothing against the submission.

        Raises:
            RequestError: It has.
        """
        ...


def order_of(job: Job, login: Login | None = None) -> Order:
    """Return the order that would make this job again, without its webhook secret, which nobody has any more."""
    return Order(
        job.device,
        job.work,
        login,
        read_timeout=job.read_timeout,
        conn_timeout=job.conn_timeout,
        job_timeout=job.job_timeout,
        priority=job.priority,
        context=job.context,
        tags=job.tags,
        trace=job.trace,
    )


def login_for(principal: Principal, order: Order) -> Login:
    """Return the device login with which the order is carried out.

    Raises:
        InvalidRequest: Neither the request nor the caller brings one.
    """
    login = order.login or principal.login
    if login is None:
        raise InvalidRequest([_NO_LOGIN])
    return login if order.enable is None else replace(login, enable=order.enable)


def content_of(order: Order) -> list[Any]:
    """Return what makes two orders the same order, without the login."""
    return [
        order.device,
        order.work,
        order.read_timeout,
        order.conn_timeout,
        order.job_timeout,
        order.priority,
        order.context,
        sorted(order.tags.items()),
        order.webhook_url,
    ]


_NO_LOGIN: Final = FieldProblem(
    "missing",
    ("username",),
    "a request with an API key names the device login: give username and password, or a stored credential",
)
