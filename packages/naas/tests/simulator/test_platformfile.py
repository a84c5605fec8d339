"""Platform files: what is wrong with one is said with its key and with what to write; what is right can be simulated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from naas.simulator import Device, load_profile
from naas.simulator.checking import DescriptionError
from naas.simulator.device import SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.families.rules import FAMILIES
from naas.simulator.platforms import FOLDER, platform_names, profile_of
from naas.simulator.shell import Shell

SMALL = """\
name = "small"
family = "cisco_like"
[values]
model = "S1"
version = "1.0"
[prompts]
user = "{hostname}>"
privileged = "{hostname}#"
configuration = "{hostname}(config)#"
section = "{hostname}({section_mode})#"
[complaints]
invalid = "bad: {word}"
ambiguous = "which?"
incomplete = "more!"
failed = "no"
[configuration]
initial = "interface port1"
sections = { interface = "config-if" }
[[interfaces]]
name = "port"
short = "p"
[actions.privileged]
"configure" = "configure"
[answers.user]
"show version" = "small {model} {version} on {hostname}"
"""


def session_of(file: Path, text: str) -> Shell:
    """A session on the platform that ``text`` describes."""
    file.write_text(text)
    spec = Device(platform=load_profile(file))
    return shell_of(SimulatedDevice(spec=spec, host="127.0.0.1", port=22, hostname="sw1"))


def mistakes(file: Path, text: str) -> list[str]:
    """Every line of what is said about ``text``."""
    file.write_text(text)
    with pytest.raises(DescriptionError) as caught:
        load_profile(file)
    return str(caught.value).split("\n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "small.toml"


def test_a_small_file_is_a_platform(file: Path) -> None:
    shell = session_of(file, SMALL)
    assert shell.answer("sh ver").text == "small S1 1.0 on sw1"
    assert shell.answer("nonsense").text == "bad: nonsense"
    shell.answer("configure")
    shell.answer("interface port2")
    assert shell.prompt() == "sw1(config-if)#"
    assert (shell.profile.device_type, shell.profile.telnet_device_type) == ("small", "small_telnet")


def test_a_platform_can_extend_another(file: Path) -> None:
    """Answers are added or replaced, everything else stays; Netmiko takes it for the one it extends."""
    text = """\
name = "my_switch"
extends = "cisco_ios"
[values]
version = "99.1"
[answers.user]
"show widgets" = '''
Widget  Port
{each ports}
{if state=up}
w-{number:<5} {short}
{end}
{end}
'''
"""
    shell = session_of(file, text)
    assert shell.answer("show widgets").text.split("\n")[:2] == ["Widget  Port", "w-0/1   Gi0/1"]
    assert "Version 99.1" in shell.answer("show version").text
    assert (shell.profile.name, shell.device.platform) == ("my_switch", "cisco_ios")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'family = "cisco_like"',
            'family = "cisco"',
            'small.toml: family: "cisco" is not known; write "cisco_like"',
        ),
        ('name = "small"', "", 'small.toml: name: this key is missing; write name = "…"'),
        ('user = "{hostname}>"', "user = 5", "prompts.user: expected a text, found a whole number (5); write user ="),
        ('user = "{hostname}>"', 'usr = "x"', "prompts.usr: this key is not known; did you mean user?"),
        ("{hostname}>", "{hostnam}>", "prompts.user: no field is called {hostnam} here; did you mean hostname?"),
        ('model = "S1"', "", 'values.model: this key is missing; write model = "…"; neighbours show it'),
        (
            '"configure" = "configure"',
            '"configure" = "confgure"',
            'actions.privileged.configure: "confgure" is not known',
        ),
        (
            '"show version" =',
            '"show <port>" =',
            'answers.user."show <port>": this is no command line; write words such as "show version", with <any>,',
        ),
        ('"show version" =', '"show <rest> x" =', "<rest> stands before the end; put <rest> last"),
        ("small {model}", "{each prots}{end}", "nothing is called {each prots}; did you mean ports?"),
        ("[answers.user]", "[answers.usr]", "answers.usr: this key is not known; did you mean user?"),
        ('short = "p"', 'short = "p"\nkind = "lan"', 'interfaces[1].kind: "lan" is not known'),
        (
            "[[interfaces]]",
            "[interfaces]",
            "interfaces: expected a list, found a table; write [[interfaces]] before each",
        ),
        ('"interface port1"', "1", "configuration.initial: expected a text, found a whole number (1)"),
        (
            "[values]",
            "[paging]\nlines = 5000\n[values]",
            "paging.lines: 5000 is out of bounds; write a number from 0 to",
        ),
        ("[values]", "colour = 1\n[values]", "colour: this key is not known; "),
        (
            "[values]",
            '[derived.status]\nfrom = "stat"\notherwise = ""\n[values]',
            "derived.status.from: no field is called stat",
        ),
        ("[values]", 'ssh_version = "a\\nb"\n[values]', "ssh_version: 'a\\nb' can stand in no banner; write it in"),
        ("[values]", "[values", "this is not TOML ("),
    ],
)
def test_mistakes_are_named_with_what_to_write(file: Path, old: str, new: str, says: str) -> None:
    assert old in SMALL
    assert [line for line in mistakes(file, SMALL.replace(old, new, 1)) if says in line]


def test_all_mistakes_are_told_at_once(file: Path) -> None:
    text = SMALL.replace("{hostname}>", "{x}").replace('model = "S1"', "").replace('"bad: {word}"', "7")
    assert len(mistakes(file, text)) == 3


def test_an_unknown_base_is_refused_with_the_choice(file: Path) -> None:
    said = mistakes(file, 'name = "x"\nextends = "cisco_toaster"')
    assert said[0].startswith(
        "small.toml: extends: 'cisco_toaster' is no platform of the simulator; choose one of arista"
    )


@pytest.mark.parametrize("text", ["{hostname.__class__}", "{__import__}", "{hostname!r}", "${hostname}{0}"])
def test_a_file_cannot_reach_into_the_program(file: Path, text: str) -> None:
    """Outputs are templates of a fixed set of fields; nothing of a file is executed or looked up."""
    assert any("is no field" in line for line in mistakes(file, SMALL.replace("small {model}", text, 1)))


def test_a_huge_file_is_not_read(file: Path) -> None:
    file.write_text("#" * 1_000_001)
    with pytest.raises(DescriptionError, match="larger than 1000000 bytes"):
        load_profile(file)


# What comes with the simulator


@pytest.mark.parametrize("name", platform_names())
def test_every_platform_is_without_mistakes_and_starts(name: str, device_of: Callable[..., Any]) -> None:
    profile = profile_of(name)
    assert profile.name == name
    shell = shell_of(device_of(name))
    shell.question = None
    assert "sw1" in shell.prompt()
    assert profile.description
    assert shell.device.startup == shell.device.running


@pytest.mark.parametrize("name", platform_names())
def test_every_command_of_every_platform_prints_something(name: str, device_of: Callable[..., Any]) -> None:
    shell = shell_of(device_of(name))
    shell.question = None
    for command in shell.table().commands:
        if command.words[0] == "show" and "<" not in command.line:
            text = shell.run(command.line).text
            assert text.strip() or "diff" in command.line, command.line
            assert "{" not in text or shell.profile.family == "junos_like", command.line


@pytest.mark.parametrize("family", FAMILIES)
def test_every_action_that_a_file_may_name_is_carried_out(family: str, device_of: Callable[..., Any]) -> None:
    """And the shell does nothing that the rules do not list."""
    name = next(name for name in platform_names() if profile_of(name).family == family)
    handled = set(shell_of(device_of(name)).handlers())
    others = set(FAMILIES[family].actions) - handled
    assert handled <= set(FAMILIES[family].actions)
    assert others <= {"enable_port"}  # which belongs to procurve_like


def test_the_files_lie_inside_the_package() -> None:
    """So hatchling takes them into the wheel like any module."""
    assert (FOLDER.parent.name, FOLDER.parent.parent.name) == ("simulator", "naas")
    assert {"arista_eos", "cisco_ios", "cisco_nxos", "hp_procurve", "juniper_junos"} <= set(platform_names())


@pytest.mark.parametrize("name", platform_names())
def test_a_device_can_start_from_what_another_one_prints(name: str, device_of: Callable[..., Any]) -> None:
    """A saved `show running-config` is a configuration to start with: the same lines come out of it again."""
    one = device_of(name)
    shell = shell_of(one)
    shell.question = None
    command = "show configuration" if shell.profile.family == "junos_like" else "show running-config"
    other = device_of(name, configuration=shell.run(command).text)
    assert {section: sorted(lines) for section, lines in other.running.items()} == {
        section: sorted(lines) for section, lines in one.running.items()
    }
    assert other.network() == one.network()
