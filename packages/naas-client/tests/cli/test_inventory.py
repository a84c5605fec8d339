"""Which devices are meant: files of every kind, Ansible's rules, words of the command line, patterns."""

from __future__ import annotations

from pathlib import Path

import pytest
from naas_client.cli.inventory import Inventory, InventoryError, Target, limited, read_inventory
from naas_client.cli.inventory.platforms import FROM_ANSIBLE, platform_of
from naas_client.cli.inventory.ranges import RangeError, expand
from naas_client.cli.inventory.words import split_words, targets_of
from netmiko.ssh_dispatcher import CLASS_MAPPER_BASE


def read(folder: Path, name: str, text: str, kind: str = "auto") -> list[Target]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read_inventory(str(path), kind).targets)


SW1 = Target("sw1", "192.0.2.1", 2022, "arista_eos", groups=("core", "lab"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "name,host,port,platform,groups\nsw1,192.0.2.1,2022,arista_eos,core lab\n"),
        ("a.csv", "\ufeffHostname;IP Address;SSH Port;Device-Type;Group\n".replace("Hostname", "Device")
         + "sw1;192.0.2.1;2022;arista_eos;core|lab\n"),
        ("devices", "name\tip\tport\tos\tgroups\nsw1\t192.0.2.1\t2022\tarista_eos\tcore,lab\n"),
        ("a.json", '[{"name": "sw1", "host": "192.0.2.1", "port": 2022, "platform": "arista_eos", "groups": ["core", "lab"]}]'),
        ("a.json", '{"devices": [{"name": "sw1", "ip": "192.0.2.1", "port": "2022", "os": "arista_eos", "groups": "core,lab"}]}'),
        ("a.yaml", "sw1:\n  host: 192.0.2.1\n  port: 2022\n  platform: arista_eos\n  groups: [core, lab]\n"),
        ("a.yml", "- {name: sw1, host: 192.0.2.1, port: 2022, platform: arista_eos, groups: [core, lab]}\n"),
        ("hosts", "[core]\nsw1 ansible_host=192.0.2.1 ansible_port=2022 ansible_network_os=arista.eos.eos\n[lab:children]\ncore\n"),
        ("a.yml", "lab:\n  children:\n    core:\n      hosts:\n        sw1: {ansible_host: 192.0.2.1, ansible_port: 2022, ansible_network_os: eos}\n"),
    ],
    ids=["CSV", "CSV of a spreadsheet", "tabs", "JSON list", "JSON devices", "YAML mapping", "YAML list", "INI", "Ansible YAML"],
)  # fmt: skip
def test_one_device_in_every_kind_of_file(tmp_path: Path, name: str, text: str) -> None:
    """The file tells what it is; columns may be called as people call them."""
    (found,) = read(tmp_path, name, text)
    assert Target(found.name, found.host, found.port, found.platform, groups=tuple(sorted(found.groups))) == SW1


def test_plain_lines_are_devices(tmp_path: Path) -> None:
    """With a platform behind, comments, ranges, ports, and IPv6."""
    text = "# the lab\nsw[01:02]\nfw1 juniper_junos  # edge\n[2001:db8::1]:2022\n2001:db8::2\nsw9:830\n"
    found = read(tmp_path, "lab.txt", text, "lines")
    assert [(t.name, t.host, t.port, t.platform) for t in found] == [
        ("sw01", "sw01", None, None), ("sw02", "sw02", None, None), ("fw1", "fw1", None, "juniper_junos"),
        ("2001:db8::1", "2001:db8::1", 2022, None), ("2001:db8::2", "2001:db8::2", None, None), ("sw9", "sw9", 830, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "host,port\nsw1,ssh\n", r"a\.csv:2: the port is 'ssh', and not a number from 1 to 65535"),
        ("a.csv", "host,port\nsw1,22,x\n", r"a\.csv:2: 3 cells under 2 columns"),
        ("a.csv", "a,b,c,d\n1,2,3,4\n", r"a\.csv:1: 4 columns and no header"),
        ("a.json", "[{]", r"a\.json:1:3: not JSON"),
        ("a.json", '[{"hots": "sw1"}]', r"entry 1: 'hots' says nothing about a device"),
        ("a.yml", "- a: [1\n", r"a\.yml:2:1: not YAML"),
        ("a.yml", "- {port: 22}\n", r"entry 1: there is no host"),
        ("a.yml", "- [1]\n", r"entry 1 is neither a name nor a mapping"),
        ("hosts", "[core]\nsw1 oops\n", r"hosts:2: 'oops' is no key=value"),
        ("hosts", "[core:hots]\nsw1\n", r"hosts:1: \[core:hots\]"),
        ("hosts.yml", "all:\n  hots:\n    sw1:\n  hosts:\n", r"group 'all': 'hots' is none of hosts, children, vars"),
        ("a.csv", "host\n", r"a\.csv has no devices"),
        ("a.yml", "- {name: sw1, host: a}\n- {name: sw1, host: b}\n", r"'sw1' is a and b"),
        ("a.yml", "- sw[5:1]\n", r"\[5:1\] ends before it begins"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, name: str, text: str, message: str) -> None:
    """File and line, and what to do."""
    with pytest.raises(InventoryError, match=message):
        read(tmp_path, name, text)


def test_a_file_that_is_not_there_is_one_line() -> None:
    with pytest.raises(InventoryError, match=r"nowhere\.csv cannot be read: No such file"):
        read_inventory("nowhere.csv")


# --- Ansible ---------------------------------------------------------------------------------------------------------

ANSIBLE = """\
all:
  vars: {ansible_user: netops, ansible_port: 22}
  children:
    network:
      vars: {ansible_network_os: cisco.ios.ios}
      children:
        core:
          hosts:
            core[1:2]: {ansible_host: 192.0.2.1}
          vars: {ansible_port: 2022}
        edge:
          hosts:
            edge1: {ansible_network_os: junipernetworks.junos.junos}
"""


def test_variables_come_in_ansibles_order(tmp_path: Path) -> None:
    """All, parents, children, group_vars, the host's own, host_vars: the later one counts."""
    (tmp_path / "group_vars" / "core").mkdir(parents=True)
    (tmp_path / "group_vars" / "all.yml").write_text("ansible_user: of-all-file\nansible_become_password: '0123'\n")
    (tmp_path / "group_vars" / "core" / "login.yml").write_text("ansible_user: of-core-file\n")
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "core2.yml").write_text("ansible_host: 192.0.2.22\nansible_password: 's3cret'\n")
    core1, core2, edge1 = read(tmp_path, "site.yml", ANSIBLE)
    assert (core1.host, core1.port, core1.platform, core1.username) == ("192.0.2.1", 2022, "cisco_ios", "of-core-file")
    assert (core1.enable, core1.groups) == ("0123", ("network", "core"))
    assert (core2.host, core2.password) == ("192.0.2.22", "s3cret")
    assert (edge1.host, edge1.port, edge1.platform, edge1.username) == ("edge1", 22, "juniper_junos", "of-all-file")
    assert "s3cret" not in repr(core2)


def test_ini_has_groups_variables_children_and_quotes(tmp_path: Path) -> None:
    text = """
alone ansible_host=192.0.2.9
[core]
core[1:3:2] ansible_user="net ops"  # two of them
[core:vars]
ansible_network_os=nxos
ansible_port=830 ; NETCONF
[site:children]
core
"""
    alone, core1, core3 = read(tmp_path, "inventory", text)
    assert (alone.name, alone.host, alone.groups) == ("alone", "192.0.2.9", ("ungrouped",))
    assert [t.name for t in (core1, core3)] == ["core1", "core3"]
    assert (core1.username, core1.platform, core1.port) == ("net ops", "cisco_nxos", 830)
    assert core1.groups == ("site", "core")


def test_what_only_ansible_can_work_out_is_told(tmp_path: Path) -> None:
    """Vaults and templates are read over, and the platform nobody knows is named with what to do."""
    path = tmp_path / "hosts.yml"
    path.write_text(
        "all:\n  hosts:\n    sw1:\n      ansible_password: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        616263\n"
        '      ansible_user: \'{{ lookup("env", "X") }}\'\n      ansible_network_os: acme.frob.frob\n'
    )
    found = read_inventory(str(path))
    assert (found.targets[0].password, found.targets[0].username, found.targets[0].platform) == (None, None, None)
    assert [remark.split(",")[0] for remark in found.remarks] == [
        "no platform of Netmiko is known for ansible_network_os=acme.frob.frob; set naas_platform in the inventory",
        "`ansible_user` is a template",
        "`ansible_password` is an Ansible value of the kind !vault",
    ]


def test_groups_in_a_circle_end(tmp_path: Path) -> None:
    found = read(tmp_path, "hosts", "[a:children]\nb\n[b:children]\na\n[b]\nsw1\n")
    assert sorted(found[0].groups) == ["a", "b"]


def test_a_folder_holds_its_inventory(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text("[core]\nsw1\n")
    assert [t.name for t in read_inventory(str(tmp_path)).targets] == ["sw1"]
    with pytest.raises(InventoryError, match="is a folder without an inventory"):
        read_inventory(str(tmp_path / ".."))


def test_every_platform_is_one_of_netmikos() -> None:
    """The table cannot name what the server would refuse."""
    assert {name for name in FROM_ANSIBLE.values() if name not in CLASS_MAPPER_BASE} == set()


@pytest.mark.parametrize(
    ("network_os", "platform"),
    [
        ("ios", "cisco_ios"), ("cisco.ios.ios", "cisco_ios"), ("cisco.nxos.nxos", "cisco_nxos"), ("IOSXR", "cisco_xr"),
        ("junipernetworks.junos.junos", "juniper_junos"), ("nokia.sros.md", "nokia_sros"), ("vyos.vyos.vyos", "vyos"),
        ("cisco.ios", "cisco_ios"), ("hp_procurve", "hp_procurve"), ("acme.frob.frob", None), ("frob", None),
        ("ansible.netcommon.default", None),
    ],
)  # fmt: skip
def test_network_os_becomes_a_platform(network_os: str, platform: str | None) -> None:
    assert platform_of(network_os) == platform


# --- ranges, patterns, words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sw1", ["sw1"]),
        ("sw[08:10]", ["sw08", "sw09", "sw10"]),
        ("sw[1-3]", ["sw1", "sw2", "sw3"]),
        ("leaf[a:c].lab", ["leafa.lab", "leafb.lab", "leafc.lab"]),
        ("p[1:2]-s[0:4:2]", ["p1-s0", "p1-s2", "p1-s4", "p2-s0", "p2-s2", "p2-s4"]),
        ("[2001:db8::1]:22", ["[2001:db8::1]:22"]),
    ],
)
def test_ranges(text: str, names: list[str]) -> None:
    assert expand(text) == names


@pytest.mark.parametrize("text", ["sw[3:1]", "sw[1:2:0]", "sw[1:999999999]", "a[1:1000]b[1:1000]"])
def test_ranges_that_cannot_be(text: str) -> None:
    with pytest.raises(RangeError):
        expand(text)


LAB = Inventory(
    [
        Target("core1", "192.0.2.1", groups=("core", "site1")),
        Target("core2", "192.0.2.2", groups=("core", "site2")),
        Target("acc1", "192.0.2.3", groups=("access", "site1")),
    ],
    "lab.yml",
)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("all", "core1 core2 acc1"), ("core", "core1 core2"), ("core:&site1", "core1"), ("!core", "acc1"),
        ("core,acc1", "core1 core2 acc1"), ("site1:!acc*", "core1"), ("~^(core|acc)1$", "core1 acc1"),
        ("192.0.2.2", "core2"), ("c?re1", "core1"), ("core[1:2]", "core1 core2"), ("&site1,core", "core1"),
    ],
)  # fmt: skip
def test_patterns(pattern: str, names: str) -> None:
    """As Ansible's --limit."""
    assert [target.name for target in limited(LAB, pattern)] == names.split()


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("cor", "no device and no group 'cor'"),
        ("core:!core", "leaves no device of lab.yml"),
        ("~(", "is no regular expression"),
        ("core,,!x", "no device and no group 'x'"),
    ],
)
def test_patterns_that_mean_nothing(pattern: str, message: str) -> None:
    """A typo does not silently mean fewer devices."""
    with pytest.raises(InventoryError, match=message):
        limited(LAB, pattern)


@pytest.mark.parametrize(
    ("words", "devices", "commands"),
    [
        (["sw1", "show version"], ["sw1"], ["show version"]),
        (["sw1", "sw2", "show version", "show clock"], ["sw1", "sw2"], ["show version", "show clock"]),
        (["sw1", "uptime"], ["sw1"], ["uptime"]),
        (["show version"], [], ["show version"]),
        (["uptime"], [], ["uptime"]),
        ([], [], []),
    ],
)
def test_words_are_devices_and_commands(words: list[str], devices: list[str], commands: list[str]) -> None:
    assert split_words(words, has_commands=False) == (devices, commands)
    assert split_words(words, has_commands=True) == (words, [])


def test_a_device_behind_a_command_is_asked_about() -> None:
    with pytest.raises(
        InventoryError, match=r"'sw2' stands behind a command; is it a device, or a command\?"
    ) as caught:
        split_words(["sw1", "show version", "sw2"], has_commands=False)
    assert caught.value.hint == "devices come first; for a command of one word: -c sw2"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["sw1,sw2", "sw1"], ["sw1@sw1:None", "sw2@sw2:None"]),
        (["sw1:2022"], ["sw1:2022@sw1:2022"]),
        (["[2001:db8::1]:22"], ["[2001:db8::1]:22@2001:db8::1:22"]),
        (["@core"], ["core1@192.0.2.1:None", "core2@192.0.2.2:None"]),
        (["acc1", "other"], ["acc1@192.0.2.3:None", "other@other:None"]),
        (["acc*"], ["acc1@192.0.2.3:None"]),
    ],
)
def test_words_mean_devices(words: list[str], meant: list[str]) -> None:
    """With an inventory its names, groups and patterns; everything else is an address."""
    assert [f"{t.name}@{t.host}:{t.port}" for t in targets_of(words, LAB)] == meant


def test_a_user_stands_before_the_device() -> None:
    (target,) = targets_of(["admin@sw1"], None)
    assert (target.name, target.username) == ("sw1", "admin")


def test_a_group_needs_an_inventory() -> None:
    with pytest.raises(InventoryError, match="'@core' is a group, and there is no inventory"):
        targets_of(["@core"], None)
