"""``naas-mcp``: start the server. Exit codes: 0 stopped, 1 could not start, 2 wrong usage."""

from __future__ import annotations

import sys
from typing import Any

import click

from .settings import Confirmation, McpSettings, SettingsError, Transport

__all__ = ["main"]

_DEFAULTS = McpSettings()


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True, "auto_envvar_prefix": "NAAS_MCP"},
    epilog="Exit codes: 0 stopped, 1 could not start, 2 wrong usage. "
    "Example: NAAS_MCP_API_KEY=KEY naas-mcp --api-url https://naas.example.net",
)
@click.version_option(package_name="naas-mcp", prog_name="naas-mcp")
@click.option("--api-url", default=_DEFAULTS.api_url, show_envvar=True, help="Where NAAS is.")
@click.option("--allow-config", is_flag=True, show_envvar=True, help="Offer tools that configure devices, cancel jobs.")
@click.option("--allow-any-command", is_flag=True, show_envvar=True, help="Run commands that are not known to read.")
@click.option("--allow-keys", is_flag=True, show_envvar=True, help="Offer the tools that make and revoke API keys.")
@click.option(
    "--confirm",
    "confirmation",
    type=click.Choice([each.value for each in Confirmation]),
    default=_DEFAULTS.confirmation.value,
    envvar="NAAS_MCP_CONFIRM",
    show_envvar=True,
    help="Ask the person before a change, or trust the approval of the assistant's program.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=_DEFAULTS.timeout,
    show_envvar=True,
    help="Seconds for one call of NAAS.",
)
@click.option(
    "--job-timeout",
    type=click.FloatRange(1, 86_400),
    default=_DEFAULTS.job_timeout,
    show_envvar=True,
    help="Seconds to wait for a job; then it goes on without us.",
)
@click.option("--job-poll-interval", type=float, default=None, hidden=True, help="Not needed: nobody polls.")
@click.option(
    "--transport",
    type=click.Choice([each.value for each in Transport]),
    default=_DEFAULTS.transport.value,
    show_envvar=True,
    help="How assistants reach the server.",
)
@click.option("--host", default=_DEFAULTS.host, show_envvar=True, help="Loopback address to listen on, over HTTP.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=_DEFAULTS.port, show_envvar=True, help="Port, over HTTP; 0: any."
)
@click.option(
    "--public-host",
    "public_hosts",
    multiple=True,
    envvar="NAAS_MCP_PUBLIC_HOSTS",
    show_envvar=True,
    help="Over HTTP, a name under which your TLS proxy makes the server known. Repeatable.",
)
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    show_envvar=True,
    help="File of authorities for the certificate of NAAS.",
)
@click.option(
    "--log-level",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], case_sensitive=False),
    default="WARNING",
    show_envvar=True,
    help="What is logged, to stderr.",
)
@click.option("--api-key", default=None, hidden=True)
@click.option("--username", default=None, hidden=True)
@click.option("--password", default=None, hidden=True)
@click.option("--enable", default=None, hidden=True)
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Let AI assistants use NAAS, over the Model Context Protocol. Read-only unless told otherwise.

    Secrets come from the environment alone: NAAS_MCP_API_KEY (a key of NAAS), or NAAS_MCP_USERNAME and
    NAAS_MCP_PASSWORD (the login of your devices; NAAS_MCP_ENABLE for privileged mode). Over HTTP every caller brings
    their own key instead, as "Authorization: Bearer KEY".
    """
    _refuse_secrets_on_the_command_line(context)
    from .serving import log_to_stderr, serve  # the protocol's SDK takes a second to load: only for who starts it

    level = str(options.pop("log_level")).upper()
    try:
        settings = _settings(options)
        settings.check()
        log_to_stderr(level)
        serve(settings)
    except SettingsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(0)


def _settings(options: dict[str, Any]) -> McpSettings:
    options.pop("job_poll_interval")
    confirmation, transport = Confirmation(options.pop("confirmation")), Transport(options.pop("transport"))
    verify: bool | str = options.pop("ca_file") or True
    # Configuration files of assistants often hold variables that are set to nothing.
    given: dict[str, Any] = {name: value for name, value in options.items() if value not in ("", None)}
    return McpSettings(confirmation=confirmation, transport=transport, verify=verify, **given)


def _refuse_secrets_on_the_command_line(context: click.Context) -> None:
    for name in ("api_key", "password", "enable", "username"):
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            variable = f"NAAS_MCP_{name.upper()}"
            raise click.UsageError(f"every program of this machine can read a command line; set {variable} instead")
