"""The routes of operations: /livez and /readyz for orchestrators, /metrics for Prometheus.

``/metrics`` answers this machine without credentials, and others if ``metrics_public`` is on; else it asks for an API
key or a token. A pass-through login is not enough: nobody has verified it. A request that a proxy passes on is one from
outside, wherever the proxy runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.exceptions import NotFoundException

from naas.api.asking import HttpRequest, principal_of, runtime_of
from naas.config import is_loopback
from naas.errors import NotAllowed

if TYPE_CHECKING:
    from naas.observability.readiness import ProbeAnswer

__all__ = ["ROUTES"]

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


@get("/livez", sync_to_thread=False)
def livez(request: HttpRequest) -> Response[bytes]:
    """Say that the process answers."""
    return _response(runtime_of(request).probes.livez(request.headers.get("accept", "")))


@get("/readyz")
async def readyz(request: HttpRequest) -> Response[bytes]:
    """Say whether every part is ready for work."""
    return _response(await runtime_of(request).probes.readyz(request.headers.get("accept", "")))


@get("/metrics")
async def metrics(request: HttpRequest) -> Response[bytes]:
    """Give the metrics of this process to those who may have them."""
    if not (runtime_of(request).settings.metrics_public or _comes_from_here(request)):
        principal = await principal_of(request)
        if not principal.is_verified:
            raise NotAllowed
    answer = await runtime_of(request).probes.metrics()
    if answer is None:
        raise NotFoundException
    return _response(answer)


def _comes_from_here(request: HttpRequest) -> bool:
    client = request.client
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return client is not None and is_loopback(client.host) and not is_forwarded


def _response(answer: ProbeAnswer) -> Response[bytes]:
    headers = {"Cache-Control": "no-store"}
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers)


ROUTES = (livez, readyz, metrics)
