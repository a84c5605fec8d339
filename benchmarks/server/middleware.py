"""What the version middleware adds to a request, in microseconds of CPU: each scheme, ASGI and WSGI, with a lifecycle.

    python benchmarks/server/middleware.py [--rounds 7] [--requests 20000]

The application answers at once with five header fields; a request has nine. A round measures the bare application and
the wrapped one right after each other, the difference is the cost, and the median of the rounds is printed. Beside it a
middleware that does nothing but wrap ``send`` and add one field: what any middleware of that kind has to pay.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from clientsmith.server import (
    ApiVersions,
    Lifecycle,
    VersionScheme,
    WsgiApiVersions,
    header_versions,
    microversions,
    path_versions,
    query_versions,
    semver_floor,
    simple_api,
)

FIELDS = [("host", "example.test"), ("user-agent", "x" * 60), ("accept", "application/json"),
          ("accept-encoding", "gzip, deflate"), ("connection", "keep-alive"), ("x-request-id", "1" * 36),
          ("authorization", "Bearer " + "x" * 80)]  # fmt: skip
ANSWER = [("content-type", "application/json"), ("content-length", "2"), ("vary", "Accept"), ("etag", '"1"'),
          ("cache-control", "no-store")]  # fmt: skip
DATES = ["2025-01-01", "2025-09-01", "2026-06-01"]
SCHEMES: dict[str, tuple[VersionScheme, str, list[tuple[str, str]]]] = {
    "header": (header_versions("X-API-Version", versions=DATES), "/pets", [("x-api-version", "2025-09-01")]),
    "query": (query_versions(versions=DATES), "/pets?limit=10&api-version=2025-09-01", []),
    "path": (path_versions(["v1", "v2"]), "/v2/pets", []),
    "microversion": (
        microversions("compute", oldest="2.1", newest="2.95"), "/pets", [("openstack-api-version", "compute 2.53")],
    ),
    "floor": (semver_floor("x-api-version", "0.8.0"), "/pets", [("x-api-version", "0.8.4")]),
    "Simple API": (
        simple_api(), "/simple/pets/", [("accept", "application/vnd.pypi.simple.v1+json, text/html;q=0.01")],
    ),
}  # fmt: skip
LIFECYCLE = [
    Lifecycle(deprecated=datetime(2026, 1, 1, tzinfo=UTC), link="https://example.test/why"),
    Lifecycle(sunset=datetime(2099, 1, 1, tzinfo=UTC), route="GET /pets", refuse_after_sunset=True),
]


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    fields = [(name.encode(), value.encode()) for name, value in ANSWER]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": b"{}"})


def wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", list(ANSWER))
    return [b"{}"]


class Least:
    """The least that a middleware does which adds a field."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_more(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-api-version", b"2025-09-01"))
            await send(message)

        await self.app(scope, receive, send_more)


def asgi_seconds(app: Any, path: str, extra: list[tuple[str, str]], requests: int) -> float:
    where, _, query = path.partition("?")
    headers = [(name.encode(), value.encode()) for name, value in FIELDS + extra]

    async def send(message: Any) -> None:
        pass

    async def run() -> float:
        begun = time.process_time()
        for _ in range(requests):
            scope = {"type": "http", "method": "GET", "path": where, "query_string": query.encode(), "root_path": "",
                     "headers": headers, "state": {}}  # fmt: skip
            await app(scope, None, send)
        return time.process_time() - begun

    return asyncio.run(run())


def wsgi_seconds(app: Any, path: str, extra: list[tuple[str, str]], requests: int) -> float:
    where, _, query = path.partition("?")
    fields = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in FIELDS + extra}
    begun = time.process_time()
    for _ in range(requests):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": where, "QUERY_STRING": query, "SCRIPT_NAME": "", **fields}
        app(environ, lambda status, headers: None)
    return time.process_time() - begun


def cost(measure: Callable[..., float], bare: Any, wrapped: Any, case: Any, options: Any) -> str:
    _, path, extra = case
    rounds = []
    for _ in range(options.rounds):
        before = measure(bare, path, extra, options.requests)
        rounds.append((measure(wrapped, path, extra, options.requests) - before) / options.requests * 1e6)
    return f"{statistics.median(rounds):>9.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    print(f"{'microseconds a request':<26}{'ASGI':>9}{'WSGI':>9}{'ASGI, lifecycle':>18}")
    least = cost(asgi_seconds, asgi_app, Least(asgi_app), SCHEMES["header"], options)
    print(f"{'the least there is':<26}{least}")
    for name, case in SCHEMES.items():
        asgi = cost(asgi_seconds, asgi_app, ApiVersions(asgi_app, case[0]), case, options)
        wsgi = cost(wsgi_seconds, wsgi_app, WsgiApiVersions(wsgi_app, case[0]), case, options)
        ends = cost(asgi_seconds, asgi_app, ApiVersions(asgi_app, case[0], lifecycle=LIFECYCLE), case, options)
        print(f"{name:<26}{asgi}{wsgi}{ends:>18}")


if __name__ == "__main__":
    main()
