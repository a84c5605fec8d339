"""The little HTTP server of a worker process, which has no API: /livez, /readyz and /metrics, nothing else.

It understands a GET or HEAD without a body, answers once and closes. It gives away counts and no secrets, and listens
on loopback unless told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

from naas.errors import StartError
from naas.observability.readiness import ProbeAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from naas.observability.readiness import Probes

__all__ = ["probe_server"]

log = logging.getLogger("naas.probes")

# What a probe sends is some hundred bytes, at once.
_LONGEST_REQUEST: Final = 8192
_PATIENCE_SECONDS: Final = 5.0

_PHRASES: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


@contextlib.asynccontextmanager
async def probe_server(probes: Probes, host: str, port: int) -> AsyncGenerator[int]:
    """Serve the probes for the length of the block; gives the port, which 0 leaves to the system.

    Raises:
        StartError: The address cannot be had.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE_SECONDS)
            writer.write(await _answer(probes, head.decode("latin-1")))
            await asyncio.wait_for(writer.drain(), _PATIENCE_SECONDS)
        writer.close()

    try:
        server = await asyncio.start_server(answer, host, port, limit=_LONGEST_REQUEST)
    except OSError as exc:
        raise StartError(
            f"cannot serve the worker's metrics on {host} port {port}: {exc.strerror}; "
            "give another --worker-metrics-port, or 0 to serve none"
        ) from exc
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _answer(probes: Probes, head: str) -> bytes:
    request, *fields = head.split("\r\n")
    words = request.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return _render(ProbeAnswer(400, "text/plain", b"this is not HTTP\n"))
    method, target, _ = words
    if method not in {"GET", "HEAD"}:
        return _render(ProbeAnswer(405, "text/plain", b"only GET\n"))
    accept = next((field.partition(":")[2] for field in fields if field.lower().startswith("accept:")), "")
    answered = _render(await _find(probes, target.partition("?")[0], accept))
    return answered if method == "GET" else answered.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


async def _find(probes: Probes, path: str, accept: str) -> ProbeAnswer:
    match path:
        case "/livez":
            return probes.livez(accept)
        case "/readyz":
            return await probes.readyz(accept)
        case "/metrics" if (metrics := await probes.metrics()) is not None:
            return metrics
        case _:
            return ProbeAnswer(404, "text/plain", b"there are /livez, /readyz and /metrics\n")


def _render(answer: ProbeAnswer) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status} {_PHRASES[answer.status]}\r\nContent-Type: {answer.media_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + answer.body
