"""What is counted, under which names, and at what cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from naas.driver.base import ErrorCode
from naas.engine.base import Delivery
from naas.engine.embedded import EmbeddedEngine
from naas.errors import EngineUnavailable
from naas.jobs import CommandWork, Device, Ending, Failure, Job, JobState, Outcome
from naas.ledger import Permission, Verdict
from naas.observability.gauges import watch_engine, watch_jobs, watch_worker
from naas.observability.ledger import ObservedLedger
from naas.observability.metrics import Metrics
from naas.store.base import Counts
from prometheus_client.parser import text_string_to_metric_families

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def job(state: JobState = JobState.FINISHED, *, waited: float = 2, ran: float | None = 3, **fields: Any) -> Job:
    started = None if ran is None else NOW + timedelta(seconds=waited)
    ended = NOW if started is None else started + timedelta(seconds=ran or 0)
    work, device = CommandWork(("show version",)), Device("r1", 22, "cisco_ios")
    return Job("id", "ann", device, work, NOW, state=state, started_at=started, ended_at=ended, **fields)


async def samples(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    """Return the values of a metric by the values of its labels, as Prometheus reads them."""
    families = text_string_to_metric_families((await metrics.text()).decode())
    found = [sample for family in families for sample in family.samples if sample.name == name]
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in found}


async def test_requests_are_counted_by_method_route_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        metrics.observe_request("GET", "/v2/jobs/{job_id}", status, 0.02)
    counted = await samples(metrics, "naas_http_requests_total")
    assert counted == {("GET", "/v2/jobs/{job_id}", "200"): 2, ("GET", "/v2/jobs/{job_id}", "404"): 1}
    assert await samples(metrics, "naas_http_request_duration_seconds_sum") == {
        ("GET", "/v2/jobs/{job_id}"): pytest.approx(0.06)
    }


async def test_a_made_up_method_makes_no_label_of_its_own() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.observe_request(f"BREW{number}", "unmatched", 405, 0.001)
    assert await samples(metrics, "naas_http_requests_total") == {("other", "unmatched", "405"): 100}
    assert not metrics._request_children


async def test_an_ended_job_is_counted_with_its_times() -> None:
    metrics = Metrics()
    failure = Outcome(failure=Failure(ErrorCode.AUTH_FAILURE, "refused"))
    await metrics.ended(job())
    await metrics.ended(job(outcome=failure, context="lab"))
    assert await samples(metrics, "naas_jobs_total") == {
        ("default", "", "send-command", "finished"): 1,
        ("lab", "AUTH_FAILURE", "send-command", "finished"): 1,
    }
    assert (await samples(metrics, "naas_job_wait_seconds_sum"))["default", "send-command"] == 2
    assert (await samples(metrics, "naas_job_run_seconds_sum"))["default", "send-command"] == 3
    assert await samples(metrics, "naas_worker_jobs_total") == {}


class KeptLedger:
    """A ledger that lets every job run but those of the context "dropped", and can be out of reach."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.is_down = False

    async def start(self, delivery: Delivery, worker: str, lease_seconds: float) -> Permission:
        return Permission(Verdict.DROP if delivery.job.context == "dropped" else Verdict.RUN)

    async def renew(self, worker: str, lease_seconds: float) -> None:
        """Nothing to renew."""

    async def progress(self, job: Job, done: int, total: int) -> None:
        """Nothing to tell."""

    async def end(self, job: Job, ending: Ending) -> None:
        if self.is_down:
            raise EngineUnavailable("NATS is away")
        self.ended.append(job.id)


async def test_a_worker_counts_the_jobs_that_it_ended_under_the_old_names() -> None:
    metrics, kept = Metrics(), KeptLedger()
    ledger = ObservedLedger(kept, metrics)
    ran, dropped = job(context="lab"), job(context="dropped")
    for each in (ran, dropped):
        await ledger.start(Delivery(each, 1), "worker", 30)
    kept.is_down = True
    with pytest.raises(EngineUnavailable):
        await ledger.end(ran, Ending(JobState.FINISHED))
    kept.is_down = False
    outcome = Outcome(results={}, detected_platform="arista_eos")
    await ledger.end(ran, Ending(JobState.FINISHED, outcome))
    await ledger.end(ran, Ending(JobState.FINISHED, outcome))
    assert await samples(metrics, "naas_worker_jobs_total") == {("lab", "finished"): 1}
    assert await samples(metrics, "naas_worker_job_duration_seconds_count") == {("lab", "arista_eos"): 1}
    buckets = await samples(metrics, "naas_worker_job_duration_seconds_bucket")
    assert [float(le) for _, le, _ in buckets][:-1] == [0.5, 1, 2, 5, 10, 30, 60, 120, 300]
    assert not ledger._running


async def test_a_job_that_never_ran_has_no_times() -> None:
    metrics = Metrics()
    metrics.job_ended(job(JobState.CANCELED, ran=None))
    assert await samples(metrics, "naas_jobs_total") == {("default", "", "send-command", "canceled"): 1}
    assert set((await samples(metrics, "naas_job_run_seconds_count")).values()) == {0}


async def test_gauges_are_asked_when_somebody_reads() -> None:
    metrics, waiting = Metrics(), {("default",): 1.0}

    async def read() -> Mapping[tuple[str, ...], float]:
        return dict(waiting)

    metrics.watch("naas_test_depth", "Waiting.", ["context"], read)
    assert await samples(metrics, "naas_test_depth") == {("default",): 1}
    waiting["lab",] = 5
    assert await samples(metrics, "naas_test_depth") == {("default",): 1, ("lab",): 5}


async def test_a_part_that_is_down_does_not_hide_the_others(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()

    def broken() -> Mapping[tuple[str, ...], float]:
        raise ConnectionError("no store")

    metrics.watch("naas_test_broken", "Broken.", [], broken)
    watch_worker(metrics, active=lambda: 3, sessions=lambda: {"idle": 2, "busy": 1}, open_breakers=lambda: 4)
    assert await samples(metrics, "naas_worker_active_jobs") == {(): 3}
    assert await samples(metrics, "naas_sessions") == {("idle",): 2, ("busy",): 1}
    assert await samples(metrics, "naas_breaker_open") == {(): 4}
    assert await samples(metrics, "naas_test_broken") == {}
    assert (await samples(metrics, "naas_unreadable_gauges_total"))["naas_test_broken",] >= 1
    assert "a gauge cannot be read name=naas_test_broken" in caplog.text


async def test_the_gauges_of_the_existing_service_say_the_truth() -> None:
    """There they knew the default context only, and the list of failed jobs was always empty."""
    metrics, engine = Metrics(), EmbeddedEngine(lease_seconds=30)

    async def counts() -> Counts:
        return Counts({JobState.FAILED: 7, JobState.FINISHED: 5}, needs_review=2)

    watch_engine(metrics, engine, ["default", "empty"])
    watch_jobs(metrics, counts)
    waiting = [job(JobState.QUEUED, ran=None, context=name) for name in ("default", "lab")]
    await engine.publish([Job("1", "ann", each.device, each.work, NOW, context=each.context) for each in waiting[:1]])
    await engine.publish([Job("2", "ann", each.device, each.work, NOW, context=each.context) for each in waiting[1:]])
    assert await samples(metrics, "naas_queue_depth") == {("default",): 1, ("lab",): 1, ("empty",): 0}
    assert await samples(metrics, "naas_workers_active") == {(): 0}
    assert await samples(metrics, "naas_failed_jobs_total") == {(): 7}
    assert await samples(metrics, "naas_jobs_to_review") == {(): 2}
    assert (await samples(metrics, "naas_stored_jobs"))["finished",] == 5
    await engine.close()


async def test_the_names_of_the_old_web_framework_are_there_if_asked_for() -> None:
    plain, old = Metrics(), Metrics(flask_names=True)
    for metrics in (plain, old):
        metrics.observe_request("GET", "/healthcheck", 500, 0.1)
    assert b"flask_" not in await plain.text()
    assert await samples(old, "flask_http_request_total") == {("naas", "GET", "500"): 1}
    assert await samples(old, "flask_http_request_exceptions_total") == {("naas", "GET", "500"): 1}
    assert (await samples(old, "flask_http_request_duration_seconds_count")) == {
        ("naas", "GET", "/healthcheck", "500"): 1
    }


@pytest.mark.parametrize("call", ["request", "job", "worker", "commit", "webhook"])
def test_counting_is_cheap(call: str) -> None:
    """Below 5 µs a call on an idle machine (measured: 1.2, 3.8, 1.7, 1.1); 50 here, since others may use it too."""
    metrics, ended = Metrics(), job()
    calls: dict[str, Callable[[], None]] = {
        "request": lambda: metrics.observe_request("GET", "/v2/jobs", 200, 0.01),
        "job": lambda: metrics.job_ended(ended),
        "worker": lambda: metrics.worker_ended(ended, Ending(JobState.FINISHED), 0.1),
        "commit": lambda: metrics.store_committed(0.004, 5),
        "webhook": lambda: metrics.webhook_tried("delivered"),
    }
    count = calls[call]
    count()
    rounds = []
    for _ in range(10):
        began = time.perf_counter()
        for _ in range(200):
            count()
        rounds.append((time.perf_counter() - began) / 200)
    assert min(rounds) < 50e-6


GUIDE = Path(__file__).parents[4] / "docs" / "guide" / "naas-operations.md"


async def test_the_guide_tells_of_every_metric() -> None:
    metrics, engine = Metrics(flask_names=True), EmbeddedEngine(lease_seconds=30)
    metrics.webhook_tried("delivered")

    async def counts() -> Counts:
        return Counts({})

    watch_engine(metrics, engine, ["default"])
    watch_jobs(metrics, counts)
    watch_worker(metrics, active=lambda: 0, sessions=dict, open_breakers=lambda: 0)
    found = text_string_to_metric_families((await metrics.text()).decode())
    names = {family.name if family.type != "counter" else f"{family.name}_total" for family in found}
    ours = {name for name in names if name.startswith(("naas_", "flask_http_")) and not name.endswith("_created")}
    assert ours
    text = GUIDE.read_text(encoding="utf-8")
    assert not [name for name in ours if f"`{name}`" not in text]
