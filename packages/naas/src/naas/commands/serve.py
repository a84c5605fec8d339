"""Commands that run until they are stopped: everything in one process, or the API and the workers apart."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

import click

from naas import __version__
from naas.commands.options import SettingsCommand, errors_told, read_settings, settings_options
from naas.config.table import API, WORKER
from naas.errors import StartError

if TYPE_CHECKING:
    from pathlib import Path

    from naas.config import Loaded, Settings

__all__ = ["all_in_one", "api", "serve", "worker"]

log = logging.getLogger("naas.server")


@click.command(cls=SettingsCommand, epilog="Example: naas-server serve --port 0")
@settings_options(API)
def serve(config_file: Path | None, **flags: str | bool | None) -> None:
    """Start the service: API, queue and workers in one process.

    Prints one line on stdout when it is ready. Off loopback it needs TLS. Every option is a variable of the
    environment too: --worker-threads is NAAS_WORKER_THREADS. Secrets have no option: see `naas-server config show`.
    """
    with errors_told():
        loaded = read_settings(config_file, flags, process=API)
        _begin(loaded)
        _serve(all_in_one(loaded))


@click.command(cls=SettingsCommand, epilog="Example: naas-server api --engine nats://nats.example.net:4222")
@settings_options(API)
def api(config_file: Path | None, **flags: str | bool | None) -> None:
    """Start the API alone; workers run the jobs, on other machines or on this one.

    They meet at a NATS server (--engine). Prints one line on stdout when it is ready.
    """
    with errors_told():
        settings = _begin(read_settings(config_file, flags, process=API))
        _needs_engine(settings, "naas-server api")
        # A process that serves no context runs no jobs.
        _serve(dataclasses.replace(settings, worker_contexts=()))


@click.command(cls=SettingsCommand, epilog="Example: naas-server worker --engine nats://nats.example.net:4222")
@settings_options(WORKER)
def worker(config_file: Path | None, **flags: str | bool | None) -> None:
    """Start a worker alone: it takes jobs from the engine and talks to devices.

    It only connects outwards, to the NATS server of --engine, and serves the contexts of --worker-contexts.
    """
    with errors_told():
        settings = _begin(read_settings(config_file, flags, process=WORKER))
        _needs_engine(settings, "naas-server worker")
        _run_worker(settings)


def all_in_one(loaded: Loaded) -> Settings:
    """Return the settings of a process that runs everything: the jobs of all contexts, unless somebody chose some."""
    if "worker_contexts" in loaded.sources:
        return loaded.settings
    return dataclasses.replace(loaded.settings, worker_contexts=loaded.settings.contexts)


def _begin(loaded: Loaded) -> Settings:
    """Set up the logs, then say what was noticed about the settings."""
    from naas.observability.logs import set_up_logs

    set_up_logs(loaded.settings)
    for notice in loaded.notices:
        log.warning("%s", notice)
    return loaded.settings


def _needs_engine(settings: Settings, command: str) -> None:
    if settings.engine == "embedded":
        raise StartError(
            f"{command} needs an engine that other processes can reach; give --engine nats://HOST:4222, or run "
            "everything in one process with naas-server serve"
        )


def _serve(settings: Settings) -> None:
    # Imported here, so that `--help` and `openapi` do not wait for the web server.
    from naas.server import listen
    from naas.server import serve as serve_until_stopped

    listener = listen(settings.host, settings.port)
    with listener:
        asyncio.run(serve_until_stopped(settings, listener, _say_ready))
    _leave_stuck_conversations()


def _run_worker(settings: Settings) -> None:
    from naas.worker_process import run

    code = asyncio.run(run(settings, lambda place: click.echo(f"naas {__version__} worker takes jobs from {place}")))
    _leave_stuck_conversations()
    sys.exit(code)


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
