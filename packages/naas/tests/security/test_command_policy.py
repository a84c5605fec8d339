"""The command policy: what rules mean, and the ways around them that do not work."""

from __future__ import annotations

from pathlib import Path

import pytest
from naas.errors import CommandRefused, StartError
from naas.jobs import BackupWork, Check, CommandWork, ConfigWork, StructuredWork
from naas.principals import Role
from naas.security.command_policy import CommandPolicy, parse_policy, read_policy

DENY = """
[[deny]]
name = "no restarts"
commands = ["reload", "request system reboot", "write erase", "copy running-config tftp:"]

[[deny]]
name = "nothing to files"
commands = ["| redirect", "| tee", "| append"]

[[deny]]
name = "no management vlan"
commands = ["interface vlan 1"]
kinds = ["config"]

[[deny]]
name = "no debug all"
patterns = ["debug .*all"]
kinds = ["command"]
"""

ALLOW = """
default = { viewer = "deny", operator = "deny" }

[[allow]]
name = "looking"
roles = ["operator"]
commands = ["show", "ping", "terminal length"]
patterns = ["dir( flash:.*)?"]
kinds = ["command"]

[[allow]]
name = "descriptions"
roles = ["operator"]
commands = ["interface", "description", "exit"]
kinds = ["config"]
"""


def refusal(
    policy: CommandPolicy, *lines: str, config: bool = False, role: Role = Role.OPERATOR, **where: str
) -> str | None:
    """The name of the rule that refuses, or None."""
    work = ConfigWork(lines) if config else CommandWork(lines)
    try:
        policy.check(role, where.get("context", "default"), where.get("host", "core-1"), work)
    except CommandRefused as exc:
        return exc.rule
    return None


@pytest.mark.parametrize(
    "line",
    [
        "reload",
        "reload in 5",
        "  reload  ",
        "RELOAD",
        "ReLoAd",
        "rel",
        "relo",
        "wr er",
        "write\terase",
        "write   erase",
        "w e",
        "req sys reb",
        "request system reboot at 10:00",
        "copy run tftp:",
        "do reload",
        "do do reload",
        "run reload",
        "sudo reload",
        '"reload"',
        "'reload'",
        "re\\load",
        "reload?",
        'request sy"st"em reboot',
        "show clock ; reload",
        "show clock;reload",
        "show clock && reload",
        "show clock & reload",
        "show clock || reload",
        "show clock | reload",
        "show clock\nreload",
        "show clock\r\nreload",
        "echo $(reload)",
        "echo `reload`",
        "ｒｅｌｏａｄ",
        "rel\u200boad",
        "\ufeffreload",
        "reload\u00a0now",
    ],
)
def test_no_spelling_gets_around_a_rule_that_denies(line: str) -> None:
    assert refusal(parse_policy(DENY), line) in {"no restarts", "control characters"}


@pytest.mark.parametrize("line", ["relo\x08\x08load", "rel\x1boad", "re\x00load", "x\x15reload", "relo\x7fad"])
def test_lines_that_edit_themselves_are_refused(line: str) -> None:
    """A backspace, an escape or Ctrl-U makes another command of it at the device."""
    assert refusal(parse_policy(DENY), line) == "control characters"


@pytest.mark.parametrize(
    "line",
    [
        "show version",
        "show reload",
        "show running-config | include reload-delay",
        "ping 192.0.2.1",
        "request system",
        "write memory",
    ],
)
def test_what_no_rule_means_passes(line: str) -> None:
    assert refusal(parse_policy(DENY), line) is None


@pytest.mark.parametrize(
    "line",
    [
        "show run | redirect flash:x",
        "show run|tee flash:x",
        "sh run | inc a | APPEND flash:x",
        "show run | red flash:x",
    ],
)
def test_pipes_can_be_denied(line: str) -> None:
    assert refusal(parse_policy(DENY), line) == "nothing to files"


@pytest.mark.parametrize("line", ["interface vlan 1", "interface vlan1", "int vl 1", "int vlan1", "INT VLAN1"])
def test_a_number_needs_no_space(line: str) -> None:
    assert refusal(parse_policy(DENY), line, config=True) == "no management vlan"
    assert refusal(parse_policy(DENY), "interface vlan 2", config=True) is None


def test_a_rule_about_commands_holds_behind_do_and_after_end() -> None:
    """And one about configuration, once a command has entered it."""
    policy = parse_policy(DENY)
    assert refusal(policy, "do debug ip all", config=True) == "no debug all"
    assert refusal(policy, "end", "debug ip all", config=True) == "no debug all"
    assert refusal(policy, "exit", "debug ip all", config=True) == "no debug all"
    assert refusal(policy, "debug ip all", config=True) is None, "as configuration it is something else"
    assert refusal(policy, "configure terminal", "interface vlan 1") == "no management vlan"
    assert refusal(policy, "conf t", "interface vlan 1") == "no management vlan"
    assert refusal(policy, "interface vlan 1") is None


def test_checks_and_structured_commands_are_commands_too() -> None:
    policy = parse_policy(DENY)
    with pytest.raises(CommandRefused, match="line 2 is refused by the command policy of this service: no restarts"):
        policy.check(Role.OPERATOR, "default", "h", ConfigWork(("hostname x",), checks_before=(Check("reload"),)))
    with pytest.raises(CommandRefused):
        policy.check(Role.OPERATOR, "default", "h", StructuredWork(("reload",)))
    policy.check(Role.OPERATOR, "default", "h", BackupWork())


def test_a_refusal_names_the_rule_and_the_line_but_does_not_repeat_it() -> None:
    with pytest.raises(CommandRefused) as caught:
        parse_policy(DENY).check(Role.OPERATOR, "default", "h", CommandWork(("show clock", "reload hunter2")))
    assert str(caught.value) == "line 2 is refused by the command policy of this service: no restarts"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("show version", None),
        ("show version | include IOS", None),
        ("dir flash:/logs", None),
        ("terminal length 0", None),
        ("sho version", "not on the list of allowed commands"),
        ("SHOW version", "not on the list of allowed commands"),
        ("terminal width 0", "not on the list of allowed commands"),
        ("showtech", "not on the list of allowed commands"),
        ("reload", "not on the list of allowed commands"),
        ("show version | tee flash:x", "a pipe may only lead to filters that read"),
        ("show version | sh", "a pipe may only lead to filters that read"),
        ("show version |", "a pipe may only lead to filters that read"),
        ("show version ; reload", "only single commands are allowed"),
        ("show version && reload", "only single commands are allowed"),
        ("show version || reload", "only single commands are allowed"),
        ("show version > flash:x", "only single commands are allowed"),
        ("show version | include x > flash:y", "only single commands are allowed"),
        ("show $(reload)", "only single commands are allowed"),
        ("show `reload`", "only single commands are allowed"),
        ("show version\nreload", "control characters"),
        ("show\u00a0version", "only single commands are allowed"),
        ("dir flash:/logs /recursive", None),
        ("dir nvram:", "not on the list of allowed commands"),
    ],
)
def test_where_only_some_is_allowed_everything_else_is_not(line: str, rule: str | None) -> None:
    found = refusal(parse_policy(ALLOW), line)
    assert found == rule or (rule == "control characters" and found == "only single commands are allowed")


def test_a_list_for_configuration_allows_no_commands() -> None:
    policy = parse_policy(ALLOW)
    assert refusal(policy, "interface Gi1", "description uplink", "exit", config=True) is None
    assert refusal(policy, "interface Gi1", "shutdown", config=True) == "not on the list of allowed commands"
    assert refusal(policy, "exit", "reload", config=True) == "not on the list of allowed commands"
    assert refusal(policy, "do show version", config=True) == "not on the list of allowed commands"
    assert refusal(policy, "interface Gi1") == "not on the list of allowed commands"


def test_roles_contexts_and_devices_narrow_a_rule() -> None:
    policy = parse_policy(
        """
        [[deny]]
        name = "careful"
        commands = ["clear"]
        roles = ["operator"]
        contexts = ["prod-*"]
        hosts = ["core-*", "10.0.0.0/8", "2001:db8::*"]
        """
    )
    assert refusal(policy, "clear ip bgp", context="prod-eu") == "careful"
    assert refusal(policy, "clear ip bgp", context="prod-eu", host="CORE-9") == "careful"
    assert refusal(policy, "clear ip bgp", context="prod-eu", host="10.2.3.4") == "careful"
    assert refusal(policy, "clear ip bgp", context="prod-eu", host="2001:0DB8:0::1") == "careful"
    assert refusal(policy, "clear ip bgp", context="prod-eu", host="11.2.3.4") is None
    assert refusal(policy, "clear ip bgp", context="lab") is None
    assert refusal(policy, "clear ip bgp", context="prod-eu", role=Role.ADMIN) is None


def test_what_denies_wins_over_what_allows() -> None:
    policy = parse_policy(ALLOW + '[[deny]]\nname = "not this"\ncommands = ["show tech-support"]\n')
    assert refusal(policy, "show tech-support") == "not this"
    assert refusal(policy, "show version") is None


def test_a_closed_default_closes() -> None:
    assert refusal(parse_policy('default = "deny"'), "show version") == "not on the list of allowed commands"
    assert refusal(parse_policy(ALLOW), "show version", role=Role.ADMIN) is None
    assert refusal(parse_policy(""), "reload") is None


def test_a_slow_pattern_refuses_rather_than_waits() -> None:
    """`(a|aa)+b` over many a's would search for years."""
    slow = 'patterns = ["(a|aa)+b"]'
    assert refusal(parse_policy(f'[[deny]]\nname = "slow"\n{slow}'), "a" * 200) == "slow"
    allowed = parse_policy(f'default = "deny"\n[[allow]]\nname = "slow"\n{slow}')
    assert refusal(allowed, "a" * 200) == "not on the list of allowed commands"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[[deny]]\ncommands = ['x']", "has no `name`", id="no name"),
        pytest.param("[[deny]]\nname = 'x'", "names neither `commands` nor `patterns`", id="empty"),
        pytest.param("[[deny]]\nname = 'x'\ncomands = ['x']", "has no comands; there are", id="typing mistake"),
        pytest.param("[[forbid]]\nname = 'x'", "the policy has no forbid", id="unknown list"),
        pytest.param("[deny]\nname = 'x'", r"begin with \[\[deny\]\]", id="a table"),
        pytest.param("[[deny]]\nname = 'x'\ncommands = 'reload'", "is a list of texts", id="a text"),
        pytest.param("[[deny]]\nname = 'x'\ncommands = [' ']", "not blank", id="blank"),
        pytest.param(
            "[[deny]]\nname = 'x'\ncommands = ['x']\nroles = ['root']", r"unknown roles \['root'\]", id="role"
        ),
        pytest.param(
            "[[deny]]\nname = 'x'\ncommands = ['x']\nkinds = ['exec']", r"unknown kinds \['exec'\]", id="kind"
        ),
        pytest.param("[[deny]]\nname = 'x'\npatterns = ['(']", "not a regular expression", id="pattern"),
        pytest.param("[[deny]]\nname = 'x'\ncommands = ['x']\nhosts = ['10.0.0.0/33']", "is no network", id="network"),
        pytest.param("default = 'maybe'", '`default` is "allow", "deny"', id="default"),
        pytest.param("default = { root = 'deny' }", '`default` is "allow", "deny"', id="default of an unknown role"),
        pytest.param("no TOML", "cannot use the command policy", id="not TOML"),
    ],
)
def test_a_mistake_in_the_file_stops_the_start(text: str, message: str, tmp_path: Path) -> None:
    """A rule that nobody could apply would be a door left open."""
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(StartError, match=message) as caught:
        read_policy(file)
    assert str(file) in str(caught.value)


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot read the command policy"):
        read_policy(tmp_path / "absent.toml")


def test_the_devices_of_a_batch_are_judged_each_by_their_rules() -> None:
    """Also those with the same lines, whose judgement is remembered."""
    policy = parse_policy('[[deny]]\nname = "core"\ncommands = ["clear"]\nhosts = ["core-*"]\nroles = ["operator"]\n')
    work = CommandWork(("clear counters",))
    for host in ("access-1", "access-2"):
        policy.check(Role.OPERATOR, "default", host, work)
    with pytest.raises(CommandRefused, match="core"):
        policy.check(Role.OPERATOR, "default", "core-1", work)
    policy.check(Role.ADMIN, "default", "core-1", work)
    closed = parse_policy('default = { operator = "deny" }\n' + DENY)
    closed.check(Role.ADMIN, "default", "h", work)
    with pytest.raises(CommandRefused, match="not on the list of allowed commands"):
        closed.check(Role.OPERATOR, "default", "h", work)
