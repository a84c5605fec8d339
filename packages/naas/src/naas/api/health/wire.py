"""The shapes of health on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from naas.api.wire import Version

__all__ = ["ComponentHealth", "HealthComponents", "HealthReport", "HealthStatus", "QueueHealth", "WorkersHealth"]


class HealthStatus(StrEnum):
    """How a part of the service is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    NO_WORKERS = "no_workers"


class ComponentHealth(Struct, kw_only=True, frozen=True):
    """How one part of the service is."""

    status: HealthStatus


class QueueHealth(Struct, kw_only=True, frozen=True):
    """How the queue is."""

    status: HealthStatus
    depth: Annotated[int, Meta(ge=0, description="Jobs that wait.")]


class WorkersHealth(Struct, kw_only=True, frozen=True):
    """How the workers are."""

    status: HealthStatus
    count: Annotated[int, Meta(ge=0, description="Workers that are alive.")]
    active_jobs: Annotated[int, Meta(ge=0, description="Jobs that run now.")]


class HealthComponents(Struct, kw_only=True, frozen=True):
    """The parts of the service."""

    redis: Annotated[
        ComponentHealth,
        Meta(description="The store of jobs. The name is kept for clients of earlier versions; no Redis is used."),
    ]
    queue: QueueHealth
    workers: WorkersHealth
    failed_jobs: Annotated[int, Meta(ge=0, description="Jobs that the service could not carry out.")]
    needs_review: Annotated[int, Meta(ge=0, description="Jobs after which a person must look at the device.")] = 0


class HealthReport(Struct, kw_only=True, frozen=True):
    """How the service is, as a whole and in parts. The HTTP status is 200 also when it is not healthy."""

    status: HealthStatus
    version: Version
    uptime_seconds: Annotated[float, Meta(ge=0, description="Seconds since the service started.")]
    components: HealthComponents
