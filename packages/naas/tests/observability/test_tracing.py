"""Spans: one trace from the request to the worker, and nothing where it is off."""

from __future__ import annotations

import asyncio
import builtins
from typing import Any

import pytest
from naas.config import Settings
from naas.driver.base import CommandRun, ConfigChange, DeviceFailure, DeviceTarget, ErrorCode, Patience
from naas.engine.base import Delivery
from naas.errors import StartError
from naas.jobs import Ending, Failure, Job, JobState, Outcome
from naas.ledger import Permission, Verdict
from naas.observability.driver import traced
from naas.observability.ledger import ObservedLedger
from naas.observability.tracing import NO_TRACING, OtelTracing, set_up_tracing
from naas.testing import ScriptedDriver
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(exporter: InMemorySpanExporter) -> OtelTracing:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return OtelTracing(provider)


def test_the_trace_goes_from_the_request_through_the_job_to_the_device(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    with tracing.span("POST /v2/send-command", server=True):
        carried = tracing.traceparent()
    assert carried is not None
    with (
        tracing.span("naas.worker.execute", parent=carried, job_id="7", job_func="send-command", context="lab"),
        tracing.span("naas.netmiko.connect", net_peer_name="r1", net_peer_port=22) as connect,
    ):
        connect.set("naas.command_count", 3)
    request, connecting, execute = exporter.get_finished_spans()
    assert len({span.context.trace_id for span in (request, connecting, execute)}) == 1
    assert execute.parent is not None
    assert execute.parent.span_id == request.context.span_id
    assert dict(execute.attributes or {}) == {"job.id": "7", "job.func": "send-command", "context": "lab"}
    assert dict(connecting.attributes or {}) == {"net.peer.name": "r1", "net.peer.port": 22, "naas.command_count": 3}


async def test_a_job_is_a_span_at_its_worker_below_the_request(
    tracing: OtelTracing, exporter: InMemorySpanExporter, make_job: Any
) -> None:
    with tracing.span("POST /v2/send-command", server=True):
        job = make_job("show hunter2", trace=tracing.traceparent())
    ledger = ObservedLedger(RunningLedger(), None, tracing)
    await ledger.start(Delivery(job, 1), "worker", 30)
    failure = Failure(ErrorCode.AUTH_FAILURE, "hunter2 was refused")
    await ledger.end(job, Ending(JobState.FINISHED, Outcome(failure=failure)))
    request, execute = exporter.get_finished_spans()
    assert execute.name == "naas.worker.execute"
    assert execute.parent is not None
    assert execute.parent.span_id == request.context.span_id
    attributes = dict(execute.attributes or {})
    assert (attributes["job.id"], attributes["job.func"], attributes["context"]) == (job.id, "send-command", "default")
    assert (attributes["job.status"], attributes["error.type"]) == ("finished", "AUTH_FAILURE")
    assert "hunter2" not in execute.to_json()


async def test_what_the_device_does_is_a_span_below_that_of_its_job(
    tracing: OtelTracing, exporter: InMemorySpanExporter, make_job: Any
) -> None:
    """Also in the thread of the conversation, if it runs in a copy of the task's context."""
    scripted = ScriptedDriver({"show hunter2": DeviceFailure(ErrorCode.AUTH_FAILURE, "hunter2 was refused")})
    driver = traced(scripted, tracing)
    target = DeviceTarget("192.0.2.1", 22, "cisco_ios", "ann", "hunter2")
    patience = Patience(1, 1)

    async def work() -> None:
        await ObservedLedger(RunningLedger(), None, tracing).start(Delivery(make_job(), 1), "worker", 30)
        await asyncio.to_thread(driver.send_config, target, ConfigChange(["hostname x"]), patience)
        await asyncio.to_thread(driver.fetch_config, target, patience)
        with pytest.raises(DeviceFailure):
            driver.send_commands(target, CommandRun(["show hunter2"]), patience)

    await asyncio.create_task(work())
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [
        f"naas.netmiko.{name}" for name in ("send_config", "fetch_config", "send_command")
    ]
    assert len({span.parent and span.parent.span_id for span in spans}) == 1
    assert len({span.context.trace_id for span in spans}) == 1
    refused = dict(spans[-1].attributes or {})
    assert (refused["net.peer.name"], refused["net.peer.port"], refused["naas.command_count"]) == ("192.0.2.1", 22, 1)
    assert refused["error.type"] == "AUTH_FAILURE"
    assert not [span for span in spans if "hunter2" in span.to_json()]
    assert tracing.traceparent() is None
    assert traced(scripted, NO_TRACING) is scripted


class RunningLedger:
    """A ledger that lets every job run."""

    async def start(self, delivery: Delivery, worker: str, lease_seconds: float) -> Permission:
        return Permission(Verdict.RUN)

    async def renew(self, worker: str, lease_seconds: float) -> None:
        """Nothing to renew."""

    async def progress(self, job: Job, done: int, total: int) -> None:
        """Nothing to tell."""

    async def end(self, job: Job, ending: Ending) -> None:
        """Nothing to keep."""


def test_a_failed_span_tells_the_kind_of_the_error_and_not_its_text(
    tracing: OtelTracing, exporter: InMemorySpanExporter
) -> None:
    with pytest.raises(ValueError, match="hunter2"), tracing.span("naas.netmiko.connect"):
        raise ValueError("password hunter2 was refused")
    (span,) = exporter.get_finished_spans()
    assert (span.status.status_code.name, span.status.description) == ("ERROR", "ValueError")
    assert "hunter2" not in span.to_json()


@pytest.mark.parametrize("parent", ["", "nonsense", "00-zz-zz-01"])
def test_a_damaged_parent_begins_a_new_trace(parent: str, tracing: OtelTracing, exporter: InMemorySpanExporter) -> None:
    with tracing.span("x", parent=parent):
        assert tracing.traceparent()
    assert exporter.get_finished_spans()[0].parent is None


def test_off_it_does_nothing() -> None:
    tracing = set_up_tracing(Settings(), process="api")
    assert tracing is NO_TRACING
    with tracing.span("x", job_id="1") as span:
        span.set("a", 1)
        span.rename("y")
        span.fail("z")
        assert tracing.traceparent() is None
    tracing.shut_down()


def test_on_it_is_set_up_with_the_names_of_the_existing_service() -> None:
    tracing = set_up_tracing(
        Settings(otel_enabled=True, otel_exporter_otlp_endpoint="http://127.0.0.1:1"), process="worker"
    )
    assert isinstance(tracing, OtelTracing)
    told = tracing._provider.resource.attributes
    assert (told["service.name"], told["deployment.environment.name"]) == ("naas-worker", "production")
    tracing.shut_down()


def test_without_its_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("opentelemetry.exporter"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StartError, match=r"pip install 'naas\[tracing\]'"):
        set_up_tracing(Settings(otel_enabled=True), process="api")
