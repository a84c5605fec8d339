"""What it costs a call to say a version and to hear what the service says about versions.

Each is a client with all built-in policies over a transport that has its answer ready, 15 header fields as services
send them; the first one has no policy for versions at all. What counts is how much more CPU time a call of the others
takes. How it is measured: `harness.py`.

    python benchmarks/runtime/versioning.py [--rounds 15] [--calls 2000] [--format json]

Exit code 1 if one costs more than 2 µs, or more than 3 µs where the service repeats the version in each answer and it
is compared with the one that was sent. `call_cost.py` has what the whole pipeline costs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import harness
from harness import Call, Group, Row, Target

BUDGET_MICROSECONDS = 2.0
ECHOED_BUDGET_MICROSECONDS = 3.0
WITHOUT = "no policy for versions"

# As nova sends them behind a proxy, in the form in which our own transport has them: not decoded yet.
FIELDS = [
    (b"Date", b"Sat, 21 Nov 2026 08:00:00 GMT"),
    (b"Server", b"bench"),
    (b"Content-Type", b"application/json"),
    (b"Content-Length", b"2"),
    (b"Connection", b"keep-alive"),
    (b"X-Request-ID", b"7f0c2c4e-0000-4000-8000-000000000000"),
    (b"ETag", b'"abc123"'),
    (b"Cache-Control", b"no-cache"),
    (b"Strict-Transport-Security", b"max-age=31536000"),
    (b"X-Content-Type-Options", b"nosniff"),
    (b"X-Frame-Options", b"DENY"),
    (b"X-RateLimit-Limit", b"1000"),
    (b"X-RateLimit-Remaining", b"998"),
    (b"Content-Security-Policy", b"default-src 'none'"),
    (b"Vary", b"OpenStack-API-Version"),
]
DOCUMENT = b'{"versions": [{"id": "v2.1", "status": "CURRENT", "min_version": "2.1", "version": "2.104"}]}'


class Fields:
    """Header fields that are decoded when somebody looks at them."""

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw

    def __iter__(self) -> Any:
        return ((name.decode(), value.decode()) for name, value in self.raw)


def contender(
    scheme: Callable[[], Any] | None = None, answers: Mapping[bytes, bytes] | None = None, *, has_policy: bool = True
) -> Callable[[Target], Call]:
    """Return what makes one call of a client with this scheme, answered with these fields beside the common ones."""

    def make(target: Target) -> Call:
        import warnings

        from clientsmith.core.client import ServiceClient, default_policies
        from clientsmith.core.operations import Operation, path
        from clientsmith.core.policies import ApiVersionPolicy
        from clientsmith.core.rest import HttpRequest, HttpResponse
        from clientsmith.core.testing import ScriptedTransport

        warnings.simplefilter("ignore")  # what is told once
        raw = [*((name, value) for name, value in FIELDS if name not in (answers or {})), *(answers or {}).items()]

        class Ready(ScriptedTransport):
            def send(self, request: HttpRequest, /) -> HttpResponse:
                body = DOCUMENT if request.url.endswith("/") else b"{}"
                return HttpResponse(request, 200, Fields(raw), body)  # type: ignore[arg-type]  # as transports have it

        arguments: dict[str, Any] = {} if scheme is None else {"api_version": scheme()}
        if not has_policy:
            policies = default_policies("bench/1.0", target.url)
            arguments = {"policies": [policy for policy in policies if not isinstance(policy, ApiVersionPolicy)]}
        made = ServiceClient(target.url, package="bench/1.0", transport=Ready(), **arguments)
        get = Operation("GET", "/a/{id}", parameters={"id": path("id")}, responses={200: None})
        return lambda: made._call(get, {"id": "17"}, options={})

    return make


def _header() -> Any:
    from clientsmith.core.versioning.schemes import fixed_header

    return fixed_header("API-Version", "2026-06-01")


def _query() -> Any:
    from clientsmith.core.versioning.schemes import date_query

    return date_query("api-version", "2026-06-01")


def _dates() -> Any:
    from clientsmith.core.versioning.schemes import date_header

    return date_header("X-Version", "2026-06-01", versions=("2025-01-01",))


def _compute() -> Any:
    from clientsmith.core.versioning.schemes import microversion

    return microversion("compute", "2.95", "2.1")


def _simple() -> Any:
    from clientsmith.core.versioning.schemes import simple_api

    return simple_api()


GROUPS = {
    "versions": Group(
        {
            WITHOUT: contender(has_policy=False),
            "no scheme: hears what ends": contender(),
            "the same, deprecated": contender(
                None, {b"Deprecation": b"@1688169600", b"Link": b"</d>; rel=deprecation"}
            ),
            "fixed_header": contender(_header),
            "date_query": contender(_query),
            "date_header, a choice, echoed": contender(_dates, {b"X-Version": b"2026-06-01"}),
            "simple_api, by its type": contender(_simple, {b"Content-Type": b"application/vnd.pypi.simple.v1+json"}),
            "microversion, found and echoed": contender(_compute, {b"OpenStack-API-Version": b"compute 2.95"}),
        }
    )
}


def overhead(row: Row, base: Row) -> float:
    """Return how many microseconds more a call takes: from the ratio inside the rounds, so that the machine is out."""
    return (row.cpu_ratio - 1.0) * base.cpu


def main() -> int:
    parser = argparse.ArgumentParser(description="Tell what versions cost a call.")
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default 15)")
    parser.add_argument("--calls", type=int, default=2000, help="calls in a round (default 2000)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--worker", nargs=4, metavar=("GROUP", "NAME", "URL", "CA"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        group, name, *target = arguments.worker
        harness.work(GROUPS[group], name, Target(*target))
        return 0
    harness.stay_on_one_core()
    target = Target("https://example.test")
    rows = harness.measure(__file__, "versions", GROUPS["versions"], target, arguments.rounds, arguments.calls)
    base = rows[0]
    costs = {row.name: overhead(row, base) for row in rows}
    budgets = {name: ECHOED_BUDGET_MICROSECONDS if "echoed" in name else BUDGET_MICROSECONDS for name in costs}
    over = [
        f"{name}: {cost:.1f} µs a call, budget {budgets[name]:g} µs"
        for name, cost in costs.items()
        if cost > budgets[name]
    ]
    lines = [
        f"a call over a transport that is ready, {len(FIELDS)} header fields; {arguments.rounds} rounds of "
        f"{arguments.calls} calls, Python {sys.version.split()[0]}",
        "",
        f"{'':34}{'CPU µs':>9}{'more µs':>9}",
        *(f"{row.name:34}{row.cpu:9.1f}{costs[row.name]:9.2f}" for row in rows),
    ]
    return harness.report(rows, over, "\n".join(lines), arguments.format)


if __name__ == "__main__":
    sys.exit(main())
