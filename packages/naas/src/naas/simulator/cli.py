"""``naas-server simulate``: fake devices on loopback, until interrupted.

Exit codes: 0 stopped as asked, 1 the devices could not be started, 2 wrong usage or a mistake in a file.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from naas.simulator import inventory
from naas.simulator.device import Device
from naas.simulator.farmfile import HIGHEST_PORT, MOST_DEVICES, Farm, Group, load_farm, own_addresses
from naas.simulator.faults import ConnectFault, Faults
from naas.simulator.platformfile import load_profile
from naas.simulator.platforms import FOLDER, platform_names, profile_of
from naas.simulator.profile import Profile
from naas.simulator.serving import Printing, raise_descriptor_limit, serve

if TYPE_CHECKING:
    pass

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)

_BESIDES_FARM: Final = frozenset({"farm_file", "platform_files", "host", "allow_remote"})
_LAST_SECTION: Final = "What is printed and written"
_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Which devices": (
        *("count", "platforms", "platform_files", "farm_file", "name", "configuration", "username", "password"),
        *("enable", "list_platforms", "show_platform"),
    ),
    "Where": ("host", "port_base", "by_address", "transport", "allow_remote"),
    "How slow": ("latency", "jitter", "bytes_per_second", "piece_characters", "bulk_lines"),
    "What goes wrong": (
        *("connect", "vty_lines", "failed_logins", "login_failure_probability", "error_commands"),
        *("error_probability", "drop_after_commands", "drop_probability", "idle_seconds", "reload_seconds", "seed"),
    ),
    _LAST_SECTION: ("style", "inventories", "ansible_inventory", "inventory_passwords", "stats", "lifetime"),
}


class SectionedCommand(click.Command):
    """A command whose help lists its options by what they are for."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each section."""
        parameters = {parameter.name or "": parameter for parameter in self.get_params(ctx)}
        sections = {title: [parameters.pop(name) for name in names] for title, names in _SECTIONS.items()}
        sections[_LAST_SECTION] += parameters.values()  # click's own --help
        for title, options in sections.items():
            records = [record for option in options if (record := option.get_help_record(ctx))]
            with formatter.section(title):
                formatter.write_dl(records)


class PlainOption(click.Option):
    """An option whose help says the default only where it does something, and leaves bounds to the complaint."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        """What stands in brackets behind the help."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        if extra.get("default") in ("0", "0.0", "none"):
            extra.pop("default")
        return extra


def _option(*names: str, **attributes: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=PlainOption, **attributes)


def _probability(name: str, help_text: str) -> Callable[[Any], Any]:
    return _option(name, type=click.FloatRange(0, 1), default=0.0, metavar="0..1", help=help_text)


def _complete_platform(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in platform_names() if name.startswith(begun)]


@click.command(cls=SectionedCommand, epilog="Example: naas-server simulate --devices 3 --vty-lines 2 --latency 50")
@_option(
    "--devices",
    "count",
    metavar="N",
    type=click.IntRange(1, MOST_DEVICES),
    default=3,
    show_default=True,
    help="How many, up to 10000.",
)
@_option(
    "--platform",
    "platforms",
    metavar="NAME",
    shell_complete=_complete_platform,
    multiple=True,
    default=("cisco_ios",),
    show_default=True,
    help="Their platform; given several times, the devices take turns.",
)
@_option("--platform-file", "platform_files", type=FILE, multiple=True, help="A platform of your own, in TOML.")
@_option("--farm", "farm_file", type=FILE, help="Groups of devices, in TOML, YAML or JSON.")
@_option("--name", default="sw{number}", show_default=True, help="Names; {number:3} has leading zeros.")
@_option("--configuration", type=FILE, help="A running configuration that every device starts with.")
@_option("--username", default="admin", show_default=True, help="User name of every device.")
@_option("--password", default="admin", show_default=True, help="Password of every device.")
@_option("--enable", default=None, help="Secret of privileged mode; without it logins are privileged already.")
@_option("--list-platforms", is_flag=True, help="List the platforms and stop.")
@_option("--show-platform", metavar="NAME", help="Print the file of a platform, to start your own from, and stop.")
@_option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@_option(
    "--port-base",
    metavar="PORT",
    type=click.IntRange(0, HIGHEST_PORT),
    default=0,
    help="Port of the first device, the others follow; without it the system chooses.",
)
@_option("--by-address", is_flag=True, help="Give each device its own address 127.0.x.y instead of its own port.")
@_option("--transport", type=click.Choice(("ssh", "telnet")), default="ssh", show_default=True)
@_option("--allow-remote", is_flag=True, help="Allow addresses that other machines can reach.")
@_option("--latency", metavar="MS", type=click.FloatRange(0), default=0.0, help="Milliseconds before every answer.")
@_option(
    "--jitter", metavar="MS", type=click.FloatRange(0), default=0.0, help="Milliseconds added to it by chance, at most."
)
@_option("--bytes-per-second", metavar="N", type=click.IntRange(1), help="How fast devices print.")
@_option(
    "--piece-characters", metavar="N", type=click.IntRange(1), help="Print in pieces of this size, a millisecond apart."
)
@_option(
    "--bulk-lines", metavar="N", type=click.IntRange(0), default=0, help="Lines added to the answer to every show."
)
@_option(
    "--connect-fault",
    "connect",
    metavar="FAULT",
    type=click.Choice([fault.value for fault in ConnectFault]),
    default="none",
    help="What who connects meets: none, refused, hanging (no answer), silent (no banner), no_login (no judgement).",
)
@_option("--vty-lines", metavar="N", type=click.IntRange(0), help="Sessions at once; a further connection is reset.")
@_option(
    "--failed-logins", metavar="N", type=click.IntRange(0), default=0, help="Refuse so many right passwords first."
)
@_probability("--login-failure-probability", "Chance that a right password is refused.")
@_option(
    "--error-command",
    "error_commands",
    metavar="TEXT",
    multiple=True,
    help="Commands that begin so are answered by an error.",
)
@_probability("--error-probability", "Chance that a command is answered by an error.")
@_option(
    "--drop-after",
    "drop_after_commands",
    metavar="N",
    type=click.IntRange(0),
    help="Cut a connection after so many commands.",
)
@_probability("--drop-probability", "Chance that a connection is cut in the middle of an answer.")
@_option("--idle-seconds", metavar="SECONDS", type=click.FloatRange(0), help="Put out who types nothing for so long.")
@_option(
    "--reload-seconds",
    metavar="SECONDS",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    help="How long a reload takes.",
)
@_option(
    "--seed", metavar="N", type=int, default=0, help="What chance starts from; the same seed gives the same faults."
)
@_option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
@_option(
    "--inventory-out",
    "inventories",
    type=NEW_FILE,
    multiple=True,
    help="Write the devices to a .csv, .json or .yaml file, for `naas batch`.",
)
@_option("--ansible-inventory-out", "ansible_inventory", type=NEW_FILE, help="Write an Ansible inventory, in YAML.")
@_option("--inventory-passwords", is_flag=True, help="With the passwords in these files.")
@_option("--stats", is_flag=True, help="Print counters as a line of JSON at the end, and on SIGUSR1.")
@_option("--lifetime", metavar="SECONDS", type=click.FloatRange(0), default=None, help="Stop after so many seconds.")
def simulate(**options: Any) -> None:
    """Run simulated network devices, print where they listen, then "ready"; Ctrl-C stops them.

    They speak SSH (or Telnet), know their platform's modes, commands and complaints, and keep what is configured.
    Test commands: "show bulk LINES", "show slow SECONDS". Exit codes: 0 stopped as asked, 1 not started, 2 wrong
    usage or a mistake in a file.
    """
    if options["list_platforms"]:
        click.echo(_listed_platforms())
        return
    if options["show_platform"] is not None:
        click.echo(_platform_source(options["show_platform"]), nl=False)
        return
    if importlib.util.find_spec("asyncssh") is None:
        raise click.ClickException("simulated devices need asyncssh; install it with: pip install 'naas[simulate]'")
    try:
        farm = _described(options)
        specs = farm.devices()
        raise_descriptor_limit(len(specs))
        from naas.simulator.farm import DeviceFarm

        running = DeviceFarm(specs, host=options["host"], allow_remote=options["allow_remote"])
    except ValueError as error:  # DescriptionError is one
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from error
    printing = Printing(
        style=options["style"],
        inventories=_checked_names(options["inventories"]),
        ansible_inventory=options["ansible_inventory"],
        with_passwords=options["inventory_passwords"],
        labels=farm.labels(),
        stats=options["stats"],
    )
    try:
        asyncio.run(serve(running, printing, options["lifetime"]))
    except OSError as error:
        hint = "choose another --port-base, or 0 for free ports" if error.filename is None else "name another file"
        what = "the devices could not be started" if error.filename is None else "an inventory could not be written"
        raise click.ClickException(f"{what}: {error.strerror or error}; {hint}") from error


# What to run


def _described(options: Mapping[str, Any]) -> Farm:
    """The farm of the file, or of the options.

    Raises:
        ValueError: The options do not fit together, or a file has mistakes.
        OSError: A file cannot be read.
    """
    profiles: dict[str, Profile] = {}
    for file in options["platform_files"]:
        profile = load_profile(file)
        profiles[profile.name] = profile
    if options["farm_file"] is not None:
        _refuse_besides_farm()
        return load_farm(options["farm_file"], profiles)
    names = options["platforms"]
    if profiles and click.get_current_context().get_parameter_source("platforms") is click.core.ParameterSource.DEFAULT:
        names = tuple(profiles)
    return _farm_of_options(options, [profiles.get(name) or _known(name, profiles) for name in names])


def _refuse_besides_farm() -> None:
    """Complain about options that a farm file would silently win over.

    Raises:
        ValueError: There is one.
    """
    context = click.get_current_context()
    sections = [name for title, names in _SECTIONS.items() if title != _LAST_SECTION for name in names]
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
        if given and name in sections and name not in _BESIDES_FARM:
            raise ValueError(
                f"{parameter.opts[0]} does nothing beside --farm, whose file describes the devices; write it there"
            )


def _known(name: str, profiles: Mapping[str, Profile]) -> str:
    names = sorted({*platform_names(), *profiles})
    if name not in names:
        raise ValueError(f"nobody simulates the platform {name!r}; choose one of {', '.join(names)}")
    return name


def _farm_of_options(options: Mapping[str, Any], platforms: list[str | Profile]) -> Farm:
    count, port_base = options["count"], options["port_base"]
    if not options["by_address"] and port_base + count - 1 > HIGHEST_PORT:
        raise ValueError(
            f"{count} devices from port {port_base} on pass port {HIGHEST_PORT}; choose a lower --port-base"
        )
    group = Group(count=count, name=options["name"], port_base=port_base, device=_device_of_options(options))
    if count > 1 and len({device.name for device in group.devices()}) < count:
        raise ValueError(f"--name {options['name']} names {count} devices alike; put {{number}} into it")
    devices = [
        replace(device, platform=platforms[index % len(platforms)]) for index, device in enumerate(group.devices())
    ]
    if options["by_address"]:
        places = zip(devices, own_addresses(count), strict=True)
        devices = [replace(device, host=address, port=port_base or None) for device, address in places]
    return Farm(tuple(Group(name=device.name, device=device) for device in devices))


def _device_of_options(options: Mapping[str, Any]) -> Device:
    faults = Faults(**{name: options[name] for name in Faults.__slots__})
    configuration = options["configuration"]
    return Device(
        username=options["username"],
        password=options["password"],
        enable=options["enable"],
        latency_seconds=options["latency"] / 1000,
        jitter_seconds=options["jitter"] / 1000,
        bytes_per_second=options["bytes_per_second"],
        piece_characters=options["piece_characters"],
        transport=options["transport"],
        configuration=configuration.read_text(encoding="utf-8") if configuration else None,
        seed=options["seed"],
        faults=faults if faults != Faults() else Device().faults,
    )


def _listed_platforms() -> str:
    rows = [("NAME", "FAMILY", "DESCRIPTION")]
    for name in platform_names():
        profile = profile_of(name)
        rows.append((profile.name, profile.family, profile.description))
    return inventory.table(rows)


def _platform_source(name: str) -> str:
    try:
        return (FOLDER / f"{_known(name, {})}.toml").read_text(encoding="utf-8")
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _checked_names(files: tuple[Path, ...]) -> tuple[Path, ...]:
    for file in files:
        if file.suffix.lower() not in inventory.KINDS:
            raise click.UsageError(
                f"--inventory-out {file.name}: name it {', '.join(f'*{e}' for e in inventory.KINDS)}"
            )
    return files
