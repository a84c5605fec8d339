"""What the service tells about itself."""

# ruff: noqa: RUF009 - `setting` makes a dataclass field; ruff knows only the one of the standard library by name.

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from naas.config.kinds import Choice, File, Number, Switch, Text, Url
from naas.config.table import API, WORKER, setting

__all__ = ["ObservabilitySettings"]


@dataclass(frozen=True, kw_only=True)
class ObservabilitySettings:
    """Logs, metrics, traces."""

    log_level: str = setting(
        "info",
        Choice(("debug", "info", "warning", "error", "critical")),
        "The least important lines to write to stderr.",
        also=("LOG_LEVEL",),
    )
    log_format: str = setting(
        "auto",
        Choice(("auto", "text", "json")),
        "Lines for people or for machines; auto: text on a terminal, JSON elsewhere.",
    )
    access_log: bool = setting(
        True, Switch(), "Write a line for every request; probes and /metrics only at level debug.", used_by=(API,)
    )
    app_environment: str = setting(
        "production",
        Text("word", r"[A-Za-z0-9_.\-]{1,64}"),
        "Name of the installation, put on logs and traces; changes nothing else.",
        also=("APP_ENVIRONMENT",),
    )
    metrics_enabled: bool = setting(True, Switch(), "Serve /metrics in the format of Prometheus.")
    metrics_public: bool = setting(
        False,
        Switch(),
        "Whether /metrics answers other machines without credentials; from this machine it always does.",
        used_by=(API,),
    )
    metrics_flask_names: bool = setting(
        False, Switch(), "Serve the flask_http_* metrics of the existing service too.", used_by=(API,)
    )
    worker_metrics_host: str = setting(
        "127.0.0.1",
        Text("address"),
        "Address on which a worker process serves /metrics, /livez and /readyz, in clear text.",
        used_by=(WORKER,),
    )
    worker_metrics_port: int = setting(
        9090,
        Number(0, 65_535),
        "Port of that address; 0 serves nothing.",
        also=("WORKER_METRICS_PORT",),
        used_by=(WORKER,),
    )
    worker_heartbeat_file: Path | None = setting(
        None,
        File(),
        "File whose time is renewed as long as a worker process takes jobs.",
        also=("WORKER_HEARTBEAT_FILE",),
        used_by=(WORKER,),
    )
    otel_enabled: bool = setting(
        False, Switch(), "Send traces over OpenTelemetry; needs naas[tracing].", also=("OTEL_ENABLED",)
    )
    otel_exporter_otlp_endpoint: str = setting(
        "http://localhost:4317",
        Url(("http", "https")),
        "Collector that receives them, OTLP over gRPC.",
        also=("OTEL_EXPORTER_OTLP_ENDPOINT",),
    )
    otel_service_name: str | None = setting(
        None, Text(), "Service name of the traces; by default naas-api or naas-worker.", also=("OTEL_SERVICE_NAME",)
    )
