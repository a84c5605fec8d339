"""The metrics of the existing service's web framework, for dashboards that were made for it.

Names, labels and buckets are those of prometheus-flask-exporter with its defaults. They say nothing that
``naas_http_*`` does not say better, so they are made only if ``metrics_flask_names`` is on.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from naas import __version__

__all__ = ["FlaskNames"]


class FlaskNames:
    """Counts requests under the old names."""

    def __init__(self, registry: CollectorRegistry) -> None:
        Gauge("flask_exporter_info", "Information about the exporter.", ["app", "version"], registry=registry).labels(
            "naas", __version__
        ).set(1)
        self._total = Counter(
            "flask_http_request", "Total number of HTTP requests", ["app", "method", "status"], registry=registry
        )
        self._exceptions = Counter(
            "flask_http_request_exceptions",
            "Total number of HTTP requests which resulted in an exception",
            ["app", "method", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "flask_http_request_duration_seconds",
            "Flask HTTP request duration in seconds",
            ["app", "method", "path", "status"],
            registry=registry,
        )

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; one whose answer is 500 counts as an exception too."""
        self._total.labels("naas", method, str(status)).inc()
        self._seconds.labels("naas", method, route, str(status)).observe(seconds)
        if status == 500:
            self._exceptions.labels("naas", method, str(status)).inc()
