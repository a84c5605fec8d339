"""The commands, gathered: what ``naas`` is."""

from __future__ import annotations

from typing import Any, Final

import click

from .._version import VERSION
from .app import App
from .endings import CODES, note
from .lazy import LazyGroup
from .settings import FORMATS

__all__ = ["naas"]

# Name → where it is. The order is that of `naas --help`.
_COMMANDS: Final = {
    "send": ".sending:send",
    "config": ".sending:config",
    "batch": ".batches:batch",
    "jobs": ".jobs:jobs",
    "devices": ".stored:devices",
    "groups": ".stored:groups",
    "credentials": ".credentials:credentials",
    "schedules": ".schedules:schedules",
    "backups": ".backups:backups",
    "keys": ".keys:keys",
    "contexts": ".server:contexts",
    "health": ".server:health",
    "profile": ".profiles:profile",
    "completion": ".completing:completion",
}
# The spellings of the command line that NAAS has had before; they work, and `naas --help` does not list them.
_EARLIER: Final = {
    "healthcheck": ".server:health",
    "send-command": ".earlier:send_command",
    "send-config": ".earlier:send_config",
    "api-keys": ".keys:keys",
}

_EXAMPLES: Final = """\b
Examples:
  naas send sw1 "show version"
  naas send sw1 sw2 sw3 "show ip interface brief" "show clock"
  naas send -i inventory.ini @core "show version" --diff
  naas config sw1 "interface Vlan10" "description users" --save
  naas batch devices.csv "show inventory" --output-dir out

"""


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    hidden=_EARLIER,
    epilog=_EXAMPLES + CODES,
    context_settings={"help_option_names": ["--help"], "max_content_width": 110},
)
@click.option("--profile", metavar="NAME", help="Which profile of the configuration file to use.")
@click.option("--url", metavar="URL", help="Where the NAAS server is.")
@click.option("--username", metavar="NAME", help="Who is calling, and who logs in at the devices.")
@click.option("--password", metavar="TEXT", help="Better not: other users see it. It is asked for on a terminal.")
@click.option("--api-key", metavar="KEY", help="Better not: other users see it. Set NAAS_API_KEY.")
@click.option("--no-verify", is_flag=True, help="Do not check the server's certificate.")
@click.option("--ca", metavar="FILE", help="Certificates by which the server's is checked.")
@click.option("--allow-http", is_flag=True, default=None, help="Send credentials over plain http to another machine.")
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), help="table or text for people, json or ndjson for programs."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing beside the result.")
@click.version_option(VERSION, prog_name="naas")
@click.pass_context
def naas(
    context: click.Context,
    /,
    profile: str | None,
    no_verify: bool,
    ca: str | None,
    form: str | None,
    quiet: bool,
    **flags: Any,
) -> None:
    """Run commands and configuration on network devices, through a NAAS server.

    Where the server is and who is calling comes from flags, from the environment (NAAS_URL, NAAS_USERNAME,
    NAAS_PASSWORD, NAAS_API_KEY, NAAS_PROFILE, …) or from ~/.config/naas/config.toml; see `naas profile --help`.
    """
    verify: bool | str | None = False if no_verify else ca
    for name in ("password", "api_key"):
        if flags[name] and not quiet:
            option, variable = f"--{name.replace('_', '-')}", f"NAAS_{name.upper()}"
            note("warning", f"{option} shows in the list of processes; use {variable}, `{name}_command` or the keyring")
    app = App({**flags, "verify": verify, "format": form}, profile, is_quiet=quiet)
    context.obj = app
    context.call_on_close(app.close)
