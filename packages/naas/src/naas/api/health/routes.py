"""The routes of health. All of them are for everybody: load balancers have no credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from litestar import Response, get
from msgspec.structs import replace

from naas import __version__
from naas.api.answers import cacheable
from naas.api.asking import HttpRequest, runtime_of
from naas.api.health.wire import (
    ComponentHealth,
    HealthComponents,
    HealthReport,
    HealthStatus,
    QueueHealth,
    WorkersHealth,
)
from naas.errors import Unavailable
from naas.jobs import JobState

if TYPE_CHECKING:
    from naas.runtime import Runtime

__all__ = ["ALIASES", "ROUTES"]

ALIASES: Final = ("/", "/healthcheck", "/v1/healthcheck")
"""Where load balancers ask since earlier versions. These stay for good."""


@get(["/v2/healthcheck", *ALIASES])
async def health(request: HttpRequest) -> Response[bytes]:
    """Tell how the service is."""
    report = await _report(runtime_of(request))
    # The time since the start changes with every answer, and says nothing that a caller would wait for.
    return cacheable(request, report, tagged=replace(report, uptime_seconds=0.0))


ROUTES: Final = (health,)


async def _report(runtime: Runtime) -> HealthReport:
    uptime = round(runtime.uptime_seconds, 3)
    try:
        counts, depth = await runtime.jobs.counts()
        workers = await runtime.jobs.workers()
    except Unavailable:
        return HealthReport(
            status=HealthStatus.DEGRADED, version=__version__, uptime_seconds=uptime, components=_UNKNOWN
        )
    serving = HealthStatus.HEALTHY if workers else HealthStatus.NO_WORKERS
    components = HealthComponents(
        redis=ComponentHealth(status=HealthStatus.HEALTHY),
        queue=QueueHealth(status=HealthStatus.HEALTHY, depth=depth.waiting),
        # Workers tell their own count with each sign of life only, seconds late.
        workers=WorkersHealth(status=serving, count=len(workers), active_jobs=depth.claimed),
        failed_jobs=counts.of(JobState.FAILED),
        needs_review=counts.needs_review,
    )
    return HealthReport(status=serving, version=__version__, uptime_seconds=uptime, components=components)


# What is said while the store or the queue cannot be asked.
_UNKNOWN: Final = HealthComponents(
    redis=ComponentHealth(status=HealthStatus.UNHEALTHY),
    queue=QueueHealth(status=HealthStatus.UNHEALTHY, depth=0),
    workers=WorkersHealth(status=HealthStatus.UNHEALTHY, count=0, active_jobs=0),
    failed_jobs=0,
)
