"""Where the service listens, what it stores in, and what delivers its jobs."""

# ruff: noqa: RUF009 - `setting` makes a dataclass field; ruff knows only the one of the standard library by name.

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from naas.config.kinds import File, Names, Number, Seconds, Secret, Switch, Text, Url
from naas.config.table import API, setting

__all__ = ["CONTEXT_NAME", "ServerSettings"]

CONTEXT_NAME = r"[A-Za-z0-9_\-]{1,64}"


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """The process itself: address, TLS, store, engine, start and stop."""

    host: str = setting(
        "127.0.0.1", Text("address"), "Address to listen on; off loopback only with TLS.", used_by=(API,)
    )
    port: int = setting(8080, Number(0, 65_535), "TCP port to listen on; 0 takes a free one.", used_by=(API,))
    database: Path = setting(
        Path("naas.db"),
        File(),
        "SQLite file that holds the jobs, made if absent; key, lock and known hosts stand beside it.",
    )
    database_url: str | None = setting(
        None,
        Url(("sqlite", "postgresql")),
        "The store as a URL, instead of `database`; PostgreSQL is for more than one process.",
    )
    engine: str = setting(
        "embedded",
        Url(("nats", "tls"), ("embedded",)),
        "What delivers jobs to workers: this process, or a NATS server with JetStream.",
    )
    nats_credentials: Path | None = setting(None, File(), "NATS credentials file (.creds) for the engine.")
    tls_cert: Path | None = setting(None, File(), "Certificate chain, PEM file.", used_by=(API,))
    tls_key: Path | None = setting(None, File(), "Private key of the certificate, PEM file.", used_by=(API,))
    cert: str | None = setting(
        None, Secret("PEM text"), "Certificate as PEM text, instead of `tls_cert`.", used_by=(API,)
    )
    key: str | None = setting(None, Secret("PEM text"), "Its private key as PEM text.", used_by=(API,))
    ca_bundle: str | None = setting(
        None, Secret("PEM text"), "Certificates between `cert` and its root, as PEM text.", used_by=(API,)
    )
    v1_enabled: bool = setting(
        False, Switch(), "Serve the old paths too: /v1 and those without a version.", used_by=(API,)
    )
    ui_enabled: bool = setting(True, Switch(), "Serve the web page at /ui.", used_by=(API,))
    max_events_streams: int = setting(
        100, Number(0, 100_000), "Streams of server-sent events at a time; more are answered 429.", used_by=(API,)
    )
    contexts: tuple[str, ...] = setting(
        ("default",),
        Names("names separated by commas", CONTEXT_NAME, at_least=1),
        "Contexts that jobs may ask for: each is served by the workers that name it.",
    )
    worker_contexts: tuple[str, ...] = setting(
        ("default",),
        Names("names separated by commas", CONTEXT_NAME, at_least=1),
        "Contexts whose jobs this process runs; `serve` runs those of all if this is not set.",
        also=("WORKER_CONTEXTS",),
    )
    worker_threads: int = setting(
        64, Number(1, 1000), "Devices to talk to at the same time; 50 to 100 a process suits Netmiko best."
    )
    drain_seconds: float = setting(
        30.0,
        Seconds(whole=False),
        "How long running jobs may take to end when the service stops.",
        also=("NAAS_SHUTDOWN_TIMEOUT", "SHUTDOWN_TIMEOUT"),
    )
    backup_keep: int = setting(
        100, Number(1, 100_000), "Versions of each device's configuration to keep.", used_by=(API,)
    )
