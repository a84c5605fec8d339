"""The command that asks a running process how it is: for health checks of containers, which have no curl."""

from __future__ import annotations

import http.client
import ssl
from pathlib import Path

import click

from naas.commands.options import EXIT_FAILED, config_option, errors_told, read_settings

__all__ = ["probe"]

_PATIENCE_SECONDS = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what somebody else listens on


@click.command(epilog="Example: naas-server probe --alive")
@click.option("--alive", is_flag=True, help="Ask only whether it answers, not whether it is ready.")
@click.option("--worker", is_flag=True, help="Ask a worker, at --worker-metrics-host and --worker-metrics-port.")
@config_option
def probe(alive: bool, worker: bool, config_file: Path | None) -> None:
    """Ask the service of this machine whether it is ready, and exit with 0 if it is, else with 1.

    Host, port and TLS are those of the configuration; the certificate is not checked, for nothing secret is sent.
    """
    with errors_told():
        settings = read_settings(config_file).settings
    host, port = (
        (settings.worker_metrics_host, settings.worker_metrics_port) if worker else (settings.host, settings.port)
    )
    is_secure = settings.has_tls and not worker
    host = _EVERYWHERE.get(host, host)
    try:
        status, text = _get(host, port, "/livez" if alive else "/readyz", is_secure=is_secure)
    except (OSError, http.client.HTTPException) as exc:
        click.echo(f"nobody answers at {host} port {port}: {exc or type(exc).__name__}", err=True)
        raise SystemExit(EXIT_FAILED) from None
    click.echo(text.strip())
    if status != http.client.OK:
        raise SystemExit(EXIT_FAILED)


def _get(host: str, port: int, path: str, *, is_secure: bool) -> tuple[int, str]:
    if is_secure:
        context = ssl.create_default_context()
        # It may be made for any name but the address of this machine.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=_PATIENCE_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers={"Accept": "text/plain"})
        answer = connection.getresponse()
        return answer.status, answer.read(65_536).decode("utf-8", "replace")
    finally:
        connection.close()
