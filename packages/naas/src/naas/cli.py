"""The command ``naas-server``: start the service, start simulated devices, print the API document."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
from pathlib import Path

import click

from naas import __version__
from naas.config import Settings, read_environment
from naas.errors import StartError
from naas.simulator.cli import simulate

__all__ = ["main"]

EXIT_CANNOT_START = 1


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog="Example: naas-server serve --port 8080 --database naas.db",
)
@click.version_option(__version__, prog_name="naas-server")
def main() -> None:
    """Run commands and configuration on network devices, as a REST service."""


main.add_command(simulate)


@main.command(epilog="Example: naas-server serve --port 0")
@click.option("--host", default="127.0.0.1", envvar="NAAS_HOST", show_envvar=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    envvar="NAAS_PORT",
    show_envvar=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("naas.db"),
    envvar="NAAS_DATABASE",
    show_envvar=True,
    help="File that holds the jobs; made if absent. Its key file stands beside it.",
)
@click.option(
    "--worker-threads",
    type=click.IntRange(1, 1000),
    default=64,
    envvar="NAAS_WORKER_THREADS",
    show_envvar=True,
    help="Devices to talk to at the same time.",
)
@click.option(
    "--max-queue-depth",
    type=click.IntRange(0),
    default=100_000,
    envvar="NAAS_MAX_QUEUE_DEPTH",
    show_envvar=True,
    help="Jobs that may wait before new ones are refused; 0 sets no limit.",
)
@click.option(
    "--drain-seconds",
    type=click.FloatRange(0),
    default=10.0,
    envvar="NAAS_DRAIN_SECONDS",
    show_envvar=True,
    help="How long running jobs may take to end when the service stops.",
)
@click.option(
    "--tls-cert",
    type=click.Path(path_type=Path),
    envvar="NAAS_TLS_CERT",
    show_envvar=True,
    help="Certificate chain, PEM.",
)
@click.option(
    "--tls-key", type=click.Path(path_type=Path), envvar="NAAS_TLS_KEY", show_envvar=True, help="Private key, PEM."
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    envvar="NAAS_LOG_LEVEL",
    show_envvar=True,
    help="How much to write to stderr.",
)
def serve(
    host: str,
    port: int,
    database: Path,
    worker_threads: int,
    max_queue_depth: int,
    drain_seconds: float,
    tls_cert: Path | None,
    tls_key: Path | None,
    log_level: str,
) -> None:
    """Start the service: API, queue and workers in one process.

    Prints one line on stdout when it is ready. Off loopback it needs TLS. NAAS_ENCRYPTION_KEY (URL-safe base64 of 32
    bytes; older keys behind it, after commas) replaces the key file; NAAS_BASIC_PASSTHROUGH=false refuses pass-through
    Basic credentials.
    """
    _log_to_stderr(log_level)
    try:
        environment = read_environment(os.environ)
        settings = Settings(
            host=host,
            port=port,
            database=database,
            worker_threads=worker_threads,
            max_queue_depth=max_queue_depth,
            drain_seconds=drain_seconds,
            tls_cert=tls_cert,
            tls_key=tls_key,
            **environment,
        )
        settings.check()
        _serve(settings)
    except StartError as exc:
        click.echo(f"error: {exc}", err=True)
        sys.exit(EXIT_CANNOT_START)


def _serve(settings: Settings) -> None:
    # Imported here, so that `--help` and `openapi` do not wait for the web server.
    from naas.server import listen
    from naas.server import serve as serve_until_stopped

    listener = listen(settings.host, settings.port)
    with listener:
        asyncio.run(serve_until_stopped(settings, listener, _say_ready))
    _leave_stuck_conversations()


def _leave_stuck_conversations() -> None:
    """End the process even if a device keeps a thread waiting: its job is on disk, and was given its time."""
    for thread in threading.enumerate():
        if thread.name.startswith("naas-device"):
            thread.join(timeout=0.5)
            if thread.is_alive():
                logging.shutdown()
                os._exit(0)


def _say_ready(url: str) -> None:
    click.echo(f"naas {__version__} listening on {url}")


@main.command(epilog="Example: naas-server openapi > naas.json")
def openapi() -> None:
    """Print the OpenAPI document of the service."""
    from naas.api.document import openapi_document

    click.echo(json.dumps(openapi_document(), indent=2))


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        stream=sys.stderr,
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    if level != "debug":
        # SSH libraries tell of every handshake, and of every failed one with a traceback; a job says that in a line.
        for noisy in ("paramiko", "netmiko"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
