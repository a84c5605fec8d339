"""The guide page says what there is: its files load, its lists are whole, its first example prints what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from naas.simulator import load_profile
from naas.simulator.cli import simulate
from naas.simulator.facts import DEVICE_FIELDS, SESSION_FIELDS
from naas.simulator.families.rules import FAMILIES
from naas.simulator.farmfile import load_farm
from naas.simulator.faults import ConnectFault, Faults
from naas.simulator.platforms import platform_names
from naas.simulator.rows import COLLECTIONS

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "guide" / "naas-simulator.md"
TEXT = GUIDE.read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", TEXT))


def files() -> dict[str, str]:
    """The files that the page shows, by the name in their first line."""
    blocks = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    return {block.split()[1].rstrip(":"): block for block in blocks}


def test_the_farm_of_the_guide_is_a_farm(tmp_path: Path) -> None:
    file = tmp_path / "farm.toml"
    file.write_text(files()["farm.toml"])
    names = [device.name for device in load_farm(file).devices()]
    assert (len(names), names[0], names[-1]) == (42, "access001", "core2")


def test_the_platform_of_the_guide_is_a_platform(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(files()["mine.toml"])
    assert load_profile(file).name == "my_switch"


def test_the_first_example_prints_what_it_shows() -> None:
    """With other ports: those of the page may be taken."""
    command, *shown = re.findall(r"```console\n\$ (.*?)```", TEXT, re.DOTALL)[0].rstrip().split("\n")
    arguments = command.replace("naas-server simulate ", "").replace("--port-base 2201", "").split()
    printed = CliRunner().invoke(simulate, [*arguments, "--lifetime", "0"]).stdout.rstrip().split("\n")
    without_ports = [[re.sub(r"\d{4,5}$", "PORT", line).split() for line in lines] for lines in (shown, printed)]
    assert without_ports[0] == without_ports[1]


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("platforms", set(platform_names())),
        ("fields", set(DEVICE_FIELDS) | SESSION_FIELDS),
        ("rows", set(COLLECTIONS)),
        ("fields of rows", set[str]().union(*COLLECTIONS.values())),
        ("actions", {action for family in FAMILIES.values() for action in family.actions}),
        ("families", set(FAMILIES)),
        ("faults", {f"faults.{name}" for name in Faults.__slots__}),
    ],
)
def test_nothing_is_missing(what: str, names: set[str]) -> None:
    assert names - NAMED == set(), what


def test_no_option_is_named_that_there_is_not() -> None:
    known = {option for parameter in simulate.params for option in parameter.opts} | {"--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) <= known
    assert all(fault.value in TEXT for fault in ConnectFault)
