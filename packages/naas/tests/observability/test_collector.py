"""The whole way of a trace: from a caller's request over the job and its worker to a collector that speaks OTLP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
import httpx
import pytest
from naas import __version__
from naas.config import Settings
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@dataclass
class Collector(service.TraceServiceServicer):  # type: ignore[misc]
    """Keeps what services send it."""

    received: list[Any] = field(default_factory=list[Any])

    def Export(self, request: Any, context: Any) -> Any:
        self.received.append(request)
        return messages.ExportTraceServiceResponse()

    def spans(self) -> dict[str, Any]:
        """Return the spans by name."""
        groups = [group for request in self.received for group in request.resource_spans]
        return {span.name: span for group in groups for scope in group.scope_spans for span in scope.spans}

    def resource(self) -> dict[str, str]:
        """Return what the sender says of itself."""
        group = self.received[0].resource_spans[0]
        return {pair.key: pair.value.string_value for pair in group.resource.attributes}


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    """A collector on loopback, and its URL."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    service.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield collector, f"http://127.0.0.1:{port}"
    server.stop(None).wait()


async def test_a_trace_goes_from_the_caller_over_the_job_to_the_collector(
    settings: Settings,
    open_service: Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]],
    collector: tuple[Collector, str],
) -> None:
    kept, url = collector
    traced = replace(settings, otel_enabled=True, otel_exporter_otlp_endpoint=url, app_environment="lab")
    async with open_service(traced) as client:
        body = {"host": "192.0.2.1", "commands": ["show hunter2"]}
        headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
        sent = await client.post("/v2/send-command?x=hunter2", json=body, headers=headers)
        done = await client.get(f"/v2/send-command/{sent.json()['job_id']}?wait=10")
        assert done.json()["status"] == "finished"
    spans = kept.spans()
    request, execute = spans["POST /v2/send-command"], spans["naas.worker.execute"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, CALLER)
    assert (execute.trace_id, execute.parent_span_id) == (request.trace_id, request.span_id)
    device = spans["naas.netmiko.send_command"]
    assert (device.trace_id, device.parent_span_id) == (execute.trace_id, execute.span_id)
    told = {pair.key: pair.value.string_value for pair in execute.attributes}
    assert (told["job.id"], told["job.func"], told["job.status"]) == (sent.json()["job_id"], "send-command", "finished")
    about = kept.resource()
    assert (about["service.name"], about["service.version"]) == ("naas-api", __version__)
    assert about["deployment.environment.name"] == "lab"
    assert "hunter2" not in str(kept.received)
