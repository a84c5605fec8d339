"""What the layer around the application adds to a request, seen from outside by a real client of the application."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from naas.observability.fields import bound_fields
from naas.observability.http import Observed
from naas.observability.metrics import Metrics
from naas.observability.tracing import OtelTracing
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class App:
    """An application with one route, `/v2/jobs/{job_id}`, that answers, fails, or sets its own request id."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        self.traces: list[str | None] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(dict(bound_fields()))
        self.traces.append(next((value.decode() for name, value in scope["headers"] if name == b"traceparent"), None))
        logging.getLogger("naas.inner").info("working")
        if scope["path"].startswith("/v2/jobs/"):
            scope["path_template"] = "/v2/jobs/{job_id}"
        if scope["path"] == "/readyz":
            scope["path_template"] = "/readyz"
        if scope["path"].endswith("/broken"):
            raise RuntimeError("hunter2 in a message")
        headers = [(b"X-Request-ID", b"own")] if scope["path"].endswith("/own") else []
        status = 503 if scope["path"].endswith("/down") else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def app() -> App:
    return App()


async def get(app: Any, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://naas") as client:
        return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_an_answer_carries_the_id_that_the_log_lines_of_the_request_carry(app: App) -> None:
    answer = await get(Observed(app), "/v2/jobs/1")
    assert app.seen == [{"request_id": answer.headers["x-request-id"]}]
    assert len(answer.headers["x-request-id"]) == 32
    assert not bound_fields()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11", True), ("a\x7fb", False), ("x" * 65, False), ("a b", False), ("", False)],
)
async def test_the_id_of_the_caller_is_kept_if_it_is_a_plain_word(sent: str, kept: bool, app: App) -> None:
    answer = await get(Observed(app), "/v2/jobs/1", x_request_id=sent)
    assert (answer.headers["x-request-id"] == sent) is kept


async def test_the_id_that_the_application_sets_is_left_alone(app: App) -> None:
    answer = await get(Observed(app), "/v2/jobs/1/own", x_request_id="caller")
    assert answer.headers.get_list("x-request-id") == ["own"]


async def test_requests_are_counted_by_their_route_whoever_asks_for_what(app: App) -> None:
    metrics = Metrics()
    for path in ("/v2/jobs/1", "/v2/jobs/2", "/wp-login.php", "/v2/jobs/3/down", "/v2/jobs/4/broken"):
        await get(Observed(app, metrics=metrics), path)
    text = (await metrics.text()).decode()
    for route, status, count in (
        ("/v2/jobs/{job_id}", 200, 2),
        ("/v2/jobs/{job_id}", 503, 1),
        ("/v2/jobs/{job_id}", 499, 1),  # broke off without an answer
        ("unmatched", 200, 1),
    ):
        assert f'naas_http_requests_total{{method="GET",route="{route}",status="{status}"}} {count}.0' in text


async def test_a_request_is_one_line_without_its_query(app: App, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "naas.access")
    await get(Observed(app), "/v2/jobs/1?token=hunter2")
    await get(Observed(app), "/readyz")
    await get(Observed(app, access_log=False), "/v2/jobs/2")
    records = [record for record in caplog.records if record.name == "naas.access"]
    assert [(record.levelname, record.getMessage().split(" milliseconds")[0]) for record in records] == [
        ("INFO", "request method=GET path='/v2/jobs/1' status=200"),
        ("DEBUG", "request method=GET path='/readyz' status=200"),
    ]
    assert not [record for record in records if "hunter2" in record.getMessage()]


async def test_a_request_is_a_span_in_the_trace_of_its_caller(app: App) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observed = Observed(app, tracing=OtelTracing(provider))
    await get(observed, "/v2/jobs/1?token=hunter2", traceparent=TRACE)
    await get(observed, "/v2/jobs/1/down")
    await get(observed, "/v2/jobs/1/broken")
    good, down, broken = exporter.get_finished_spans()
    assert (good.name, good.kind.name) == ("GET /v2/jobs/{job_id}", "SERVER")
    assert app.traces[0] == f"00-{good.context.trace_id:032x}-{good.context.span_id:016x}-01"
    assert good.parent is not None
    assert f"{good.context.trace_id:032x}-{good.parent.span_id:016x}" == TRACE[3:52]
    assert dict(good.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v2/jobs/{job_id}",
        "http.response.status_code": 200,
        "url.path": "/v2/jobs/1",
    }
    assert (down.parent, down.status.status_code.name, down.status.description) == (None, "ERROR", "503")
    assert (broken.status.status_code.name, broken.status.description) == ("ERROR", "RuntimeError")
    assert not [span for span in (good, down, broken) if "hunter2" in span.to_json()]


async def test_what_is_not_http_passes_through() -> None:
    seen: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await Observed(inner)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]
