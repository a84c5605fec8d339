"""Counts what happens, for Prometheus.

One `Metrics` a process, with a registry of its own, so that tests and several services in one process do not meet.
Whoever does something calls a method here, which costs below five microseconds: the labels of a count are looked up
once and kept. What is a state rather than an event (how many wait, how many sessions are open) is not counted along
but asked for when somebody reads: `Metrics.watch`.

The metrics of the existing service keep their names: ``naas_queue_depth``, ``naas_workers_active``,
``naas_failed_jobs_total``, ``naas_worker_jobs_total``, ``naas_worker_job_duration_seconds``,
``naas_worker_active_jobs``; those of its web framework, ``flask_http_request_*``, are there if asked for. Labels have
few values: a route is its template, a method that HTTP does not know is "other".
"""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from naas import __version__
from naas.observability.flask_names import FlaskNames

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from naas.jobs import Ending, Job

    Reading = Mapping[tuple[str, ...], float]
    Read = Callable[[], Reading | Awaitable[Reading]]

__all__ = ["CONTENT_TYPE", "Metrics"]

log = logging.getLogger("naas.metrics")

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# A warm answer takes a millisecond; a long poll up to half a minute.
_REQUEST_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 35)
# A warm command takes some milliseconds, a job with many commands its minutes.
_JOB_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 1800)
# Those of the existing service.
_WORKER_BUCKETS: Final = (0.5, 1, 2, 5, 10, 30, 60, 120, 300)
# An fsync takes from 0.1 ms (a good SSD) to 10 ms (measured here).
_COMMIT_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


@dataclass(frozen=True, slots=True)
class _Watch:
    name: str
    documentation: str
    labels: tuple[str, ...]
    read: Read


class _Watched(Collector):
    """Gives the registry what was read a moment ago."""

    def __init__(self) -> None:
        self.readings: list[tuple[_Watch, Reading]] = []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield a gauge for each reading."""
        for watch, reading in self.readings:
            family = GaugeMetricFamily(watch.name, watch.documentation, labels=watch.labels)
            for labels, value in reading.items():
                family.add_metric(labels, value)
            yield family


class Metrics:
    """The counts of one process. All methods may be called from any thread, and raise nothing."""

    def __init__(self, *, flask_names: bool = False) -> None:
        """Make the metrics; with ``flask_names`` those of the existing service's web framework too."""
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge("naas_build_info", "Which version runs.", ["version"], registry=registry).labels(__version__).set(1)
        self._requests = Counter(
            "naas_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            "naas_http_request_duration_seconds",
            "Time from the first byte of a request to the last one of its answer.",
            ["method", "route"],
            buckets=_REQUEST_BUCKETS,
            registry=registry,
        )
        self._jobs = Counter(
            "naas_jobs", "Jobs that ended.", ["kind", "state", "context", "error_code"], registry=registry
        )
        self._job_wait = Histogram(
            "naas_job_wait_seconds",
            "Time that a job waited before it started.",
            ["kind", "context"],
            buckets=_JOB_BUCKETS,
            registry=registry,
        )
        self._job_run = Histogram(
            "naas_job_run_seconds", "Time that a job ran.", ["kind", "context"], buckets=_JOB_BUCKETS, registry=registry
        )
        self._worker_jobs = Counter(
            "naas_worker_jobs", "Jobs that this worker ended.", ["status", "context"], registry=registry
        )
        self._worker_seconds = Histogram(
            "naas_worker_job_duration_seconds",
            "Time that a job ran, by platform.",
            ["platform", "context"],
            buckets=_WORKER_BUCKETS,
            registry=registry,
        )
        self._commit_seconds = Histogram(
            "naas_store_commit_seconds", "Time to write to the store.", buckets=_COMMIT_BUCKETS, registry=registry
        )
        self._commit_writes = Counter(
            "naas_store_writes", "Writes to the store; many share a commit.", registry=registry
        )
        self._webhooks = Counter(
            "naas_webhook_deliveries", "Attempts to deliver a webhook.", ["outcome"], registry=registry
        )
        self._unreadable = Counter(
            "naas_unreadable_gauges", "Gauges that could not be read.", ["name"], registry=registry
        )
        self._flask = FlaskNames(registry) if flask_names else None
        self._watched = _Watched()
        registry.register(self._watched)
        self._watches: list[_Watch] = []
        # Children by their labels: looking one up in the library takes a lock and longer than counting.
        self._request_children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._job_children: dict[tuple[str, str, str, str], tuple[Counter, Histogram, Histogram]] = {}
        self._worker_children: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered. ``route`` is the template of its path, never the path itself."""
        children = self._request_children.get((method, route, status))
        if children is None:
            known = method if method in _METHODS else "other"
            children = (
                self._requests.labels(known, route, str(status)),
                self._request_seconds.labels(known, route),
            )
            # A method is any word that a caller makes up; only the known ones are kept.
            if known == method:
                self._request_children[method, route, status] = children
        children[0].inc()
        children[1].observe(seconds)
        if self._flask is not None:
            self._flask.observe_request(method if method in _METHODS else "other", route, status, seconds)

    def job_ended(self, job: Job) -> None:
        """Count a job that is in its final state; its times say how long it waited and ran."""
        failure = job.outcome.failure
        key = (job.kind.value, job.state.value, job.context, "" if failure is None else failure.code.value)
        children = self._job_children.get(key)
        if children is None:
            kind, _, context, _ = key
            children = self._job_children[key] = (
                self._jobs.labels(*key),
                self._job_wait.labels(kind, context),
                self._job_run.labels(kind, context),
            )
        ended, wait, run = children
        ended.inc()
        if job.started_at is None:  # cancelled before anybody took it up
            return
        wait.observe(max(0.0, (job.started_at - job.created_at).total_seconds()))
        if job.ended_at is not None:
            run.observe(max(0.0, (job.ended_at - job.started_at).total_seconds()))

    def worker_ended(self, job: Job, ending: Ending, seconds: float) -> None:
        """Count a job that a worker of this process has carried out, and that took it so long."""
        platform = ending.outcome.detected_platform or job.device.platform
        key = (ending.state.value, job.context, platform)
        children = self._worker_children.get(key)
        if children is None:
            state, context, _ = key
            children = self._worker_children[key] = (
                self._worker_jobs.labels(state, context),
                self._worker_seconds.labels(platform, context),
            )
        children[0].inc()
        children[1].observe(seconds)

    async def ended(self, job: Job) -> None:
        """Count a job: this makes the metrics a `naas.keeper.EndingObserver`."""
        self.job_ended(job)

    def store_committed(self, seconds: float, writes: int) -> None:
        """Count a commit of so many writes."""
        self._commit_seconds.observe(seconds)
        self._commit_writes.inc(writes)

    def webhook_tried(self, outcome: str) -> None:
        """Count an attempt to deliver a webhook: ``delivered``, ``failed`` (comes again) or ``given_up``."""
        self._webhooks.labels(outcome).inc()

    def watch(self, name: str, documentation: str, labels: Sequence[str], read: Read) -> None:
        """Ask ``read`` for the values of a gauge, by their labels, whenever somebody reads the metrics.

        It may be asynchronous, and may fail: then the gauge is missing from that reading, and counted as unreadable.
        """
        self._watches.append(_Watch(name, documentation, tuple(labels), read))

    async def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        readings: list[tuple[_Watch, Reading]] = []
        for watch in self._watches:
            try:
                reading = watch.read()
                readings.append((watch, await reading if inspect.isawaitable(reading) else reading))
            except Exception as exc:  # noqa: BLE001 - one part that is down must not hide the others
                log.warning("a gauge cannot be read name=%s error=%r", watch.name, exc)
                self._unreadable.labels(watch.name).inc()
        # No await from here to the end: another reader finds its own readings.
        self._watched.readings = readings
        return generate_latest(self.registry)
