"""Options that several commands share: which devices, how their jobs run, how results are shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

from .inventory.files import KINDS
from .settings import FORMATS

__all__ = [
    "LIMIT",
    "Decorator",
    "Showing",
    "checks",
    "describes_jobs",
    "logs_in",
    "selects_devices",
    "shows_results",
    "waits",
]

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]


def _all(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def selects_devices(*, is_file_argument: bool = False) -> Callable[[F], F]:
    """Which devices: a file of them, a pattern over it, and what they are where the file does not say."""
    file = click.option(
        "-i",
        "--inventory",
        metavar="FILE",
        help="Devices: CSV, YAML, JSON, lines, or Ansible's inventory; - reads standard input.",
    )
    return _all(
        *([] if is_file_argument else [file]),
        click.option(
            "--inventory-format",
            "inventory_kind",
            type=click.Choice(KINDS),
            default="auto",
            help="What the file is; by default it tells itself.",
        ),
        click.option(
            "-l",
            "--limit",
            metavar="PATTERN",
            help="Only these of its devices: names, groups, core*, &site1, !sw3, ~regex.",
        ),
        click.option(
            "-p",
            "--platform",
            metavar="NAME",
            help="Netmiko platform of devices for which nothing else is said (cisco_ios).",
        ),
        click.option(
            "--port", type=click.IntRange(1, 65535), help="SSH port of devices for which nothing else is said (22)."
        ),
        click.option(
            "--stored", is_flag=True, help="Devices are names in the server's inventory, which knows the rest."
        ),
    )


def logs_in() -> Callable[[F], F]:
    """Who logs in at the devices. No secret is an argument."""
    return _all(
        click.option(
            "--device-username",
            metavar="NAME",
            help="Who logs in at the devices; its password is asked for, or NAAS_DEVICE_PASSWORD.",
        ),
        click.option("--credential", metavar="NAME", help="The server's stored credential to log in with."),
        click.option(
            "--ask-enable",
            is_flag=True,
            help="Ask for the password of privileged mode; else NAAS_ENABLE, if it is set.",
        ),
    )


def describes_jobs() -> Callable[[F], F]:
    """How jobs run."""
    return _all(
        click.option("--context", metavar="NAME", help="Which group of workers runs them."),
        click.option(
            "--read-timeout",
            type=click.FloatRange(min=1),
            metavar="SECONDS",
            help="Longest wait for the answer to one command (30).",
        ),
        click.option(
            "--conn-timeout",
            type=click.FloatRange(min=1),
            metavar="SECONDS",
            help="Longest wait for the connection to a device (10).",
        ),
        click.option(
            "--job-timeout",
            type=click.FloatRange(min=1),
            metavar="SECONDS",
            help="Longest time for the whole of one job.",
        ),
        click.option(
            "--priority",
            type=click.Choice(["high", "normal", "low"]),
            help="Before or after others that wait for the device.",
        ),
        click.option(
            "--tag", "tags", multiple=True, metavar="KEY:VALUE", help="A label to find the jobs by. May be repeated."
        ),
    )


def checks() -> Callable[[F], F]:
    """What has to hold before and after configuration."""
    form = "COMMAND ~ TEXT, or COMMAND !~ TEXT"
    return _all(
        click.option(
            "--pre-check", "pre_checks", multiple=True, metavar="CHECK", callback=_read_checks,
            help=f"What must hold before the change, else there is none: {form}. May be repeated.",
        ),
        click.option(
            "--post-check", "post_checks", multiple=True, metavar="CHECK", callback=_read_checks,
            help="What must hold after it; else the job fails, and a person has to look. May be repeated.",
        ),
    )  # fmt: skip


def _read_checks(_: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return checks as the wire has them: one for each command, with what its output must and must not hold."""
    found: dict[str, dict[str, Any]] = {}
    for word in words:
        match = re.fullmatch(r"(.+?)\s+(!?~)\s+(.+)", word)
        if match is None:
            raise click.BadParameter(
                f"{word!r} is no check; for example: 'show ip ospf neighbor ~ FULL', 'show log !~ ERROR'",
                param=parameter,
            )
        check = found.setdefault(match[1], {"command": match[1], "includes": [], "excludes": []})
        check["includes" if match[2] == "~" else "excludes"].append(match[3])
    return list(found.values())


def waits() -> Callable[[F], F]:
    """How long to wait for results."""
    return _all(
        click.option(
            "-t",
            "--timeout",
            type=click.FloatRange(min=0.1),
            metavar="SECONDS",
            help="How long to wait for the end (60).",
        ),
        click.option("--no-wait", is_flag=True, help="Submit, print the job, and do not wait."),
    )


@dataclass(frozen=True, slots=True)
class Showing:
    """How results are shown: as `shows_results` was told.

    Attributes:
        is_diff: Whether what differs from most is shown as a difference from it; of configuration, what changed.
        is_each: Whether every device is shown by itself.
        ignore: Lines in which one of these finds something do not count in comparisons.
        folder: Where files are written, None for nowhere.
    """

    is_diff: bool = False
    is_each: bool = False
    ignore: tuple[re.Pattern[str], ...] = ()
    folder: str | None = None

    @classmethod
    def taken_from(cls, given: dict[str, Any]) -> Showing:
        """Take what `shows_results` gave out of the options of a command."""
        return cls(given.pop("is_diff"), given.pop("is_each"), given.pop("ignore"), given.pop("output_dir"))


_DIFF: Final = "Show answers that differ as differences from that of most."
_CHANGES: Final = "Show what the configurations say differently afterwards, in place of the conversation."


def shows_results(*, of_config: bool = False) -> Callable[[F], F]:
    """How results are printed and kept."""
    return _all(
        click.option("-d", "--diff", "is_diff", is_flag=True, help=_CHANGES if of_config else _DIFF),
        click.option(
            "--ignore",
            multiple=True,
            metavar="REGEX",
            callback=_patterns,
            help="Lines with this in them do not count when answers are compared. May be repeated.",
        ),
        click.option("--each", "is_each", is_flag=True, help="Show every device by itself, also where they agree."),
        click.option("-o", "--output-dir", metavar="FOLDER", help="Write one file for each device there instead."),
        click.option(
            "-f",
            "--format",
            "form",
            type=click.Choice(FORMATS),
            help="text or table for people, json or ndjson for programs.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing beside the result."),
    )


def _patterns(_: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(word) for word in words)
    except re.error as error:
        raise click.BadParameter(f"{error.pattern!r} is no regular expression: {error.msg}", param=parameter) from None


LIMIT = click.option(
    "-n", "--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="How many at most."
)
"""How many of a list."""
