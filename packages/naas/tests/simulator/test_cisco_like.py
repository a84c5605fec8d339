"""What devices with sections and indented lines do, typed at their shell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from naas.simulator.device import SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.shell import Shell

Sessions = Callable[..., Shell]
Devices = Callable[..., SimulatedDevice]


def typed(shell: Shell, *lines: str) -> str:
    """What the last of ``lines`` printed."""
    text = ""
    for line in lines:
        text = shell.answer(line).text
    return text


@pytest.mark.parametrize(
    ("platform", "lines", "prompt"),
    [
        ("cisco_ios", [], "sw1#"),
        ("cisco_ios", ["disable"], "sw1>"),
        ("cisco_ios", ["disable", "en"], "sw1#"),
        ("cisco_ios", ["conf t"], "sw1(config)#"),
        ("cisco_ios", ["conf t", "int gi0/1"], "sw1(config-if)#"),
        ("cisco_ios", ["conf t", "int gi0/1", "router bgp 65000"], "sw1(config-router)#"),
        ("cisco_ios", ["conf t", "router bgp 65000", "address-family ipv4"], "sw1(config-router-af)#"),
        ("cisco_ios", ["conf t", "router bgp 65000", "address-family ipv4", "exit"], "sw1(config-router)#"),
        ("cisco_ios", ["conf t", "ip access-list extended A"], "sw1(config-ext-nacl)#"),
        ("cisco_ios", ["conf t", "int gi0/1", "exit"], "sw1(config)#"),
        ("cisco_ios", ["conf t", "int gi0/1", "end"], "sw1#"),
        ("cisco_ios", ["conf t", "line vty 0 4", "hostname r2"], "r2(config)#"),
        ("cisco_nxos", [], "sw1# "),
        ("cisco_nxos", ["conf t", "interface e1/1"], "sw1(config-if)# "),
        ("cisco_nxos", ["conf t", "vlan 30"], "sw1(config-vlan)# "),
        ("arista_eos", ["conf t", "interface et1"], "sw1(config-if-Et1)#"),
        ("arista_eos", ["conf t", "vlan 10"], "sw1(config-vlan-10)#"),
        ("arista_eos", ["configure session change1"], "sw1(config-s-change)#"),
        ("hp_procurve", ["", "configure"], "sw1(config)# "),
        ("hp_procurve", ["", "configure", "vlan 10"], "sw1(vlan-10)# "),
        ("hp_procurve", ["", "configure", "interface 3"], "sw1(eth-3)# "),
    ],
)
def test_prompts_follow_the_mode(session: Sessions, platform: str, lines: list[str], prompt: str) -> None:
    assert session(platform, *lines).prompt() == prompt


def test_ios_cuts_a_long_name_in_configuration_mode(session: Sessions) -> None:
    shell = session("cisco_ios", name="a-name-of-more-than-20-characters")
    assert shell.prompt() == "a-name-of-more-than-20-characters#"
    shell.answer("conf t")
    assert shell.prompt() == "a-name-of-more-than-(config)#"


@pytest.mark.parametrize(
    ("platform", "line", "complaint"),
    [
        ("cisco_ios", "show nonsense", "         ^\n% Invalid input detected at '^' marker.\n"),
        ("cisco_ios", "show", "% Incomplete command.\n"),
        ("cisco_ios", "e", '% Ambiguous command:  "e"'),
        ("cisco_nxos", "show nonsense", "          ^\n% Invalid command at '^' marker.\n"),
        ("arista_eos", "show nonsense", "% Invalid input"),
        ("hp_procurve", "show nonsense", "Invalid input: nonsense"),
    ],
)
def test_complaints_are_worded_as_the_platform_does(
    session: Sessions, platform: str, line: str, complaint: str
) -> None:
    shell = session(platform, *([""] if platform == "hp_procurve" else []))
    assert shell.answer(line).text == complaint


@pytest.mark.parametrize("line", ["show running-config", "configure terminal", "write memory"])
def test_user_mode_knows_no_privileged_command(session: Sessions, line: str) -> None:
    assert "% Invalid input" in session("cisco_ios", "disable").answer(line).text


@pytest.mark.parametrize(("enable", "prompt"), [(None, "sw1#"), ("s3cret", "sw1>")], ids=["none", "a secret"])
def test_an_account_without_an_enable_secret_is_privileged_from_its_login_on(
    session: Sessions, enable: str | None, prompt: str
) -> None:
    """As with `privilege 15`, so that a device to play with answers `show running-config`."""
    assert session("cisco_ios", enable=enable).prompt() == prompt


# Configuration


def test_the_running_configuration_reflects_what_was_configured(session: Sessions) -> None:
    """A second description replaces the first; ``no`` takes away; a short interface name is written out."""
    shell = session(
        "cisco_ios",
        *("conf t", "hostname core", "interface gi0/8", "description one", "description two", "no shutdown"),
        *("interface lo0", "ip address 10.0.0.1 255.255.255.255", "no interface Vlan1", "ntp server 192.0.2.9", "end"),
    )
    text = shell.answer("show running-config").text
    assert "hostname core\n" in text
    assert "interface GigabitEthernet0/8\n description two\n!" in text
    assert "interface Loopback0\n ip address 10.0.0.1 255.255.255.255\n!" in text
    assert "ntp server 192.0.2.9\n" in text
    assert "Vlan1" not in text


def test_sections_in_sections_keep_their_lines(session: Sessions) -> None:
    shell = session(
        "cisco_ios",
        *(
            "conf t",
            "router bgp 65000",
            "bgp log-neighbor-changes",
            "address-family ipv4",
            "neighbor 192.0.2.9 activate",
        ),
        *("network 198.51.100.0", "exit", "neighbor 192.0.2.9 remote-as 65001", "end"),
    )
    expected = """\
router bgp 65000
 bgp log-neighbor-changes
 address-family ipv4
  neighbor 192.0.2.9 activate
  network 198.51.100.0
 neighbor 192.0.2.9 remote-as 65001"""
    assert shell.answer("show running-config | section router").text == expected
    typed(shell, "conf t", "router bgp 65000", "no address-family ipv4", "end")
    assert "activate" not in shell.answer("show running-config").text


def test_a_no_that_says_something_is_kept_and_taken_back(session: Sessions) -> None:
    shell = session("cisco_ios", "conf t", "interface gi0/6", "no switchport")
    assert shell.device.running["interface GigabitEthernet0/6"] == ["no switchport"]
    shell.answer("switchport")
    assert shell.device.running["interface GigabitEthernet0/6"] == ["switchport"]


def test_a_new_section_stands_with_its_like(session: Sessions) -> None:
    shell = session("cisco_ios", "conf t", "vlan 30", "name lab")
    sections = list(shell.device.running)
    assert sections.index("vlan 30") == sections.index("vlan 20") + 1


@pytest.mark.parametrize(
    "line", ["interface Warp0/1", "ip address 999.0.0.1 255.0.0.0", "frobnicate", "interface", "hostname"]
)
def test_senseless_configuration_is_refused(session: Sessions, line: str) -> None:
    shell = session("cisco_ios", "conf t", "interface gi0/1")
    assert shell.answer(line).text.lstrip(" ^\n").startswith("% In")


def test_the_caret_stands_below_the_bad_address(session: Sessions) -> None:
    shell = session("cisco_ios", "conf t", "interface gi0/1")
    caret = shell.answer("ip address 999.0.0.1 255.0.0.0").text.split("\n")[0]
    assert caret.index("^") == len("sw1(config-if)#ip address ")


@pytest.mark.parametrize(
    ("platform", "command", "says"),
    [
        ("cisco_ios", "write memory", "Building configuration...\n[OK]"),
        ("cisco_nxos", "copy running-config startup-config", "Copy complete."),
        ("arista_eos", "copy run start", "Copy completed successfully."),
        ("hp_procurve", "write memory", ""),
    ],
)
def test_saving_copies_the_configuration(session: Sessions, platform: str, command: str, says: str) -> None:
    shell = session(platform, "", "conf", "conf t", "hostname new", "end")
    startup = "show config" if platform == "hp_procurve" else "show startup-config"
    assert "hostname new" not in shell.answer(startup).text.replace('"', "")
    assert says in shell.answer(command).text
    assert "hostname new" in shell.answer(startup).text.replace('"', "")


def test_ios_asks_where_to_save(session: Sessions) -> None:
    shell = session("cisco_ios", "conf t", "hostname new", "end", "copy run start")
    assert shell.prompt() == "Destination filename [startup-config]? "
    assert shell.answer("").text == "Building configuration...\n[OK]"
    assert shell.device.startup == shell.device.running


@pytest.mark.parametrize(
    ("platform", "command", "difference"),
    [
        ("cisco_ios", "show archive config differences", "interface GigabitEthernet0/3\n +description new"),
        ("cisco_nxos", "show running-config diff", "+  description new"),
        ("arista_eos", "show running-config diffs", "+   description new"),
    ],
)
def test_what_is_not_saved_is_shown_as_a_difference(
    session: Sessions, platform: str, command: str, difference: str
) -> None:
    interface = {"cisco_ios": "gi0/3", "cisco_nxos": "e1/3", "arista_eos": "et3"}[platform]
    shell = session(platform)
    nothing = shell.answer(command).text
    changed = typed(shell, "conf t", f"interface {interface}", "description new", "end", command)
    assert "description" not in nothing
    assert difference in changed
    assert "description new" not in typed(
        shell, "write memory" if platform != "cisco_nxos" else "copy run start", command
    )


def test_the_saved_configuration_can_replace_the_running_one(session: Sessions) -> None:
    shell = session("cisco_ios", "conf t", "hostname wrong", "end", "configure replace nvram:startup-config force")
    assert shell.prompt() == "sw1#"
    assert shell.device.running == shell.device.startup


def test_do_runs_a_command_from_configuration_mode(session: Sessions) -> None:
    shell = session("cisco_ios", "conf t")
    assert "Vlan1" in shell.answer("do show ip interface brief").text
    assert shell.prompt() == "sw1(config)#"


@pytest.mark.parametrize("platform", ["cisco_nxos", "arista_eos"])
def test_some_platforms_show_from_configuration_mode_without_do(session: Sessions, platform: str) -> None:
    assert "sw1" in session(platform, "conf t", "interface vlan 10").answer("show running-config").text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("show running-config | include hostname", "hostname sw1"),
        ("show running-config | include ^hostname|^end", "hostname sw1\nend"),
        ("show running-config | begin line vty 5", "line vty 5 15\n transport input ssh\n!\nend"),
        ("show running-config | section interface Vlan1", "interface Vlan1\n ip address 198.18.0.1 255.254.0.0"),
        ("show running-config | count transport", "Count: 2 lines"),
        ("show running-config | include vlan | exclude switchport", "vlan 10\nvlan 20"),
    ],
)
def test_answers_can_be_filtered(session: Sessions, line: str, text: str) -> None:
    assert session("cisco_ios").answer(line).text == text


def test_a_filter_that_nobody_knows_is_refused(session: Sessions) -> None:
    assert "% Invalid input" in session("cisco_ios").answer("show version | sort").text


def test_a_banner_of_many_lines_is_taken_until_its_mark_and_greets(session: Sessions) -> None:
    """As IOS takes it line by line, so that a client which sends configuration line by line can set one."""
    shell = session("cisco_ios", "conf t")
    assert shell.answer("banner motd ^C").text == "Enter TEXT message.  End with the character '^C'."
    for line in ("Keep out!", "  This is ours.", "^C", "end"):
        shell.answer(line)
    assert shell.prompt() == "sw1#"
    text = shell.answer("show running-config").text
    assert "banner motd ^C\nKeep out!\n  This is ours.\n^C\n" in text
    again = session("cisco_ios", configuration=text)
    assert again.login_text() == "Keep out!\n  This is ours."
    assert again.device.running == shell.device.running


# Candidates


def test_an_eos_session_changes_nothing_until_commit(session: Sessions) -> None:
    """`configure session`, `show session-config diffs`, `commit`: what NAPALM does on every change."""
    shell = session("arista_eos", "configure session s1", "interface Ethernet3", "description by session")
    assert "description by session" not in shell.device.running["interface Ethernet3"]
    diffs = shell.answer("show session-config diffs").text.split("\n")
    assert diffs[:2] == ["--- system:/running-config", "+++ session:/s1-session-config"]
    assert "+   description by session" in diffs
    typed(shell, "commit")
    assert shell.prompt() == "sw1#"
    assert "description by session" in shell.device.running["interface Ethernet3"]


def test_an_eos_session_can_be_aborted(session: Sessions) -> None:
    shell = session("arista_eos", "configure session s1", "hostname other", "abort")
    assert (shell.prompt(), shell.device.hostname) == ("sw1#", "sw1")


def test_two_sessions_that_commit_lose_nothing(device_of: Devices) -> None:
    device = device_of("arista_eos")
    first, second = shell_of(device), shell_of(device)
    typed(first, "configure session one", "interface Ethernet3", "description one", "vlan 77", "name one")
    typed(second, "configure session two", "interface Ethernet3", "mtu 9000", "no vlan 20")
    typed(first, "commit")
    typed(second, "commit")
    assert {"description one", "mtu 9000", "switchport access vlan 10"} == set(device.running["interface Ethernet3"])
    assert device.running["vlan 77"] == ["name one"]
    assert "vlan 20" not in device.running


def test_on_xr_everything_waits_for_commit(session: Sessions) -> None:
    shell = session(
        "cisco_xr", "configure", "interface Gi0/0/0/1", "description new", "router bgp 1", "neighbor 192.0.2.1"
    )
    assert shell.prompt() == "RP/0/RP0/CPU0:sw1(config-bgp-nbr)#"
    assert "description new" not in shell.device.running["interface GigabitEthernet0/0/0/1"]
    assert " +description new" in shell.answer("show configuration").text
    shell.answer("commit")
    assert "description new" in shell.device.running["interface GigabitEthernet0/0/0/1"]
    assert shell.answer("commit").text == "% No configuration changes to commit."


@pytest.mark.parametrize(
    ("answer", "name", "prompt"), [("yes", "r2", "r2#"), ("no", "sw1", "sw1#"), ("", "sw1", "sw1(config)#")]
)
def test_xr_asks_before_it_leaves_uncommitted_changes(session: Sessions, answer: str, name: str, prompt: str) -> None:
    shell = session("cisco_xr", "configure", "hostname r2", "end")
    assert shell.prompt().startswith("Uncommitted changes found, commit them before exiting")
    shell.answer(answer)
    assert (shell.device.hostname, shell.prompt()) == (name, f"RP/0/RP0/CPU0:{prompt}")


def test_xr_begins_anew_when_told(session: Sessions) -> None:
    shell = session("cisco_xr", "configure", "hostname r2", "clear", "end")
    assert (shell.device.hostname, shell.prompt()) == ("sw1", "RP/0/RP0/CPU0:sw1#")


# Reloading


def test_a_reload_goes_back_to_what_was_saved(device_of: Devices) -> None:
    device = device_of("cisco_ios")
    restarted: list[bool] = []
    device.restart = lambda: restarted.append(True)
    shell = shell_of(device)
    typed(shell, "conf t", "hostname unsaved", "end", "reload")
    assert shell.prompt() == "System configuration has been modified. Save? [yes/no]: "
    shell.answer("no")
    assert shell.prompt() == "Proceed with reload? [confirm]"
    assert shell.answer("").cut
    assert (device.hostname, device.counters.reloads, restarted) == ("sw1", 1, [True])
    assert "System returned to ROM by reload" in shell_of(device).answer("show version").text


def test_a_reload_that_is_not_confirmed_does_not_happen(session: Sessions) -> None:
    """A client that types its next command at the question gets it refused, not the device rebooted."""
    shell = session("cisco_ios", "reload")
    assert not shell.answer("show version").cut
    assert shell.device.counters.reloads == 0


# ProCurve


def test_procurve_wants_a_key_first(session: Sessions) -> None:
    shell = session("hp_procurve")
    assert "Press any key to continue" in shell.login_text()
    assert shell.prompt() == ""
    shell.answer("")
    assert shell.prompt() == "sw1# "


def test_procurve_moves_ports_between_vlans(session: Sessions) -> None:
    shell = session("hp_procurve", "", "conf", "vlan 20", 'name "lab"', "untagged 7-8", "exit", "interface 8", "enable")
    assert "  20      lab " in shell.answer("show vlans").text
    vlans = {port.name: port.vlan for port in shell.device.network().ports()}
    assert (vlans["7"], vlans["8"], vlans["4"]) == (20, 20, 10)
    assert shell.device.running["interface 8"] == []


def test_procurve_asks_before_it_lets_one_go(session: Sessions) -> None:
    shell = session("hp_procurve", "", "conf", "hostname new", "end", "logout")
    assert shell.prompt() == "Do you want to log out [y/n]? "
    shell.answer("y")
    assert shell.prompt() == "Do you want to save current configuration [y/n]? "
    assert shell.answer("n").hang_up
