"""From what a device printed to rows, through real parsing processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from naas.parsing import Parser, ParsingFailed, StructuredOptions, check_template

VERSION = """\
Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)
Technical Support: http://www.cisco.com/techsupport
ROM: Bootstrap program is C2960X boot loader
sw1 uptime is 3 weeks, 2 days
System image file is "flash:c2960x.bin"
Processor board ID FOC1234X0AB
Configuration register is 0xF
"""

TEXTFSM = "Value VERSION (\\S+)\n\nStart\n  ^.*Version ${VERSION}, -> Record\n"

TTP = """
<group name="switches">
{{ hostname }} uptime is {{ uptime | ORPHRASE }}
Processor board ID {{ serial | contains("FOC") }}
</group>
"""

NTC = StructuredOptions()


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as parser:
        yield parser


# Reading


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_xe", "cisco_ios_ssh", "cisco_ios_telnet"])
def test_ntc_templates_are_found_by_platform_and_command(parser: Parser, platform: str) -> None:
    """Names that only Netmiko has lead to the platform that prints the same."""
    rows = parser.parse(platform, "show version", VERSION, NTC)
    assert isinstance(rows, list)
    assert (rows[0]["hostname"], rows[0]["version"], rows[0]["serial"]) == ("sw1", "15.2(7)E4", ["FOC1234X0AB"])


@pytest.mark.parametrize(
    ("platform", "command"),
    [("cisco_ios", "show nonsense"), ("toaster_os", "show version"), ("cisco_ios", "show vlan")],
    ids=["no template for the command", "nor for the platform", "a template that finds nothing"],
)
def test_the_text_comes_back_when_no_template_fits(parser: Parser, platform: str, command: str) -> None:
    assert parser.parse(platform, command, "what the device said", NTC) == "what the device said"


def test_several_templates_for_one_output_are_joined(parser: Parser) -> None:
    output = (
        "Mod Ports Card Type                              Model              Serial No.\n"
        "--- ----- -------------------------------------- ------------------ -----------\n"
        "  1   48  48-port 10/100/1000 RJ45 EtherModule   WS-X6148E-GE-45AT  SAL1534ABCD\n"
    )
    rows = parser.parse("cisco_ios", "show module", output, NTC)
    assert isinstance(rows, list)
    assert rows[0]["model"] == "WS-X6148E-GE-45AT"


def test_the_caller_s_textfsm_template_reads(parser: Parser) -> None:
    options = StructuredOptions(textfsm_template=TEXTFSM)
    assert parser.parse("any", "show version", VERSION, options) == [{"version": "15.2(7)E4"}]
    assert parser.parse("any", "show version", "nothing of it", options) == "nothing of it"


def test_a_textfsm_template_that_calls_a_line_an_error_does_not_fit(parser: Parser) -> None:
    options = StructuredOptions(textfsm_template="Value X (x)\n\nStart\n  ^${X} -> Record\n  ^. -> Error\n")
    assert parser.parse("any", "show", "y", options) == "y"


def test_one_output_leaves_nothing_for_the_next(parser: Parser) -> None:
    """A TextFSM machine is kept and used again, and Filldown values must not travel between devices."""
    template = "Value Filldown HOST (\\S+)\nValue PORT (\\d+)\n\nStart\n  ^host ${HOST}\n  ^port ${PORT} -> Record\n"
    options = StructuredOptions(textfsm_template=template)
    first = parser.parse("any", "show", "host sw1\nport 1\n", options)
    second = parser.parse("any", "show", "port 2\n", options)
    assert isinstance(first, list)
    assert first[0] == {"host": "sw1", "port": "1"}
    assert isinstance(second, list)
    assert second[0] == {"host": "", "port": "2"}


def test_the_caller_s_ttp_template_reads(parser: Parser) -> None:
    rows = parser.parse("any", "show version", VERSION, StructuredOptions(ttp_template=TTP))
    assert rows == [{"switches": {"hostname": "sw1", "uptime": "3 weeks, 2 days", "serial": "FOC1234X0AB"}}]


def test_a_ttp_template_without_a_group_gives_flat_rows(parser: Parser) -> None:
    options = StructuredOptions(ttp_template="interface {{ name }}\n description {{ text | ORPHRASE }}")
    output = "interface Gi0/1\n description to core\ninterface Gi0/2\n description spare\n"
    assert parser.parse("any", "show run", output, options) == [
        {"name": "Gi0/1", "text": "to core"},
        {"name": "Gi0/2", "text": "spare"},
    ]


def test_an_output_that_is_the_name_of_a_file_is_not_read_as_a_file(parser: Parser, tmp_path: Path) -> None:
    """TTP takes a text that names a file for that file."""
    secret = tmp_path / "secret"
    secret.write_text("password 4711\n")
    options = StructuredOptions(ttp_template="password {{ word }}")
    assert parser.parse("any", "show", str(secret), options) == str(secret)


def test_values_that_json_does_not_know_come_as_text(parser: Parser) -> None:
    options = StructuredOptions(ttp_template="ip address {{ address | to_ip }}")
    assert parser.parse("any", "show", "ip address 192.0.2.1", options) == [{"address": "192.0.2.1"}]


# Failing


@pytest.mark.parametrize(
    "options",
    [
        StructuredOptions(textfsm_template="Value X ((a|aa)+)\n\nStart\n  ^${X}$$ -> Record\n", seconds=0.5),
        StructuredOptions(ttp_template='{{ x | re("(?:a?){60}a{60}") }}', seconds=0.5),
    ],
    ids=["textfsm", "ttp"],
)
def test_a_template_that_searches_for_years_is_given_up_and_harms_nobody(
    parser: Parser, options: StructuredOptions
) -> None:
    started = time.perf_counter()
    with pytest.raises(ParsingFailed, match=r"took longer than 0.5 s and was given up; write the template without"):
        parser.parse("any", "show", "a" * 60 + "b", options)
    assert time.perf_counter() - started < 5
    assert isinstance(parser.parse("cisco_ios", "show version", VERSION, NTC), list)


def test_other_threads_run_while_a_bad_template_searches(parser: Parser) -> None:
    """In this process one search would hold the interpreter, and with it the whole service."""
    template = "Value X ((a|aa)+)\n\nStart\n  ^${X}$$ -> Record\n"
    options = StructuredOptions(textfsm_template=template, seconds=1.0)

    def search() -> None:
        with pytest.raises(ParsingFailed):
            parser.parse("any", "show", "a" * 60 + "b", options)

    searching = threading.Thread(target=search)
    searching.start()
    turns = 0
    while searching.is_alive():
        turns += 1
        time.sleep(0.001)
    searching.join()
    assert turns > 100


def test_an_output_that_takes_too_much_memory_fails_its_own_job_only() -> None:
    """A line is an object, and these are many."""
    options = StructuredOptions(textfsm_template=TEXTFSM, seconds=30.0)
    with Parser(memory_bytes=200_000_000) as parser:
        with pytest.raises(ParsingFailed, match="ask for less"):
            parser.parse("any", "show", "\n" * 20_000_000, options)
        assert isinstance(parser.parse("cisco_ios", "show version", VERSION, NTC), list)


def test_genie_says_what_to_install(parser: Parser) -> None:
    with pytest.raises(ParsingFailed, match=r"`show version`: Genie is not installed .* `pip install genie pyats`"):
        parser.parse("cisco_ios", "show version", VERSION, StructuredOptions(use_genie=True))


def test_the_ttp_collection_says_what_to_install(parser: Parser) -> None:
    with pytest.raises(ParsingFailed, match="needs the package ttp-templates; install `pip install ttp-templates`"):
        parser.parse("any", "show", "x", StructuredOptions(ttp_template="ttp://misc/netmiko/cisco_ios.txt"))


def test_what_is_refused_is_not_run_either(parser: Parser) -> None:
    """`check_template` answers 422 early; whoever forgets to ask it is still safe."""
    with pytest.raises(ParsingFailed, match="<macro> is not allowed"):
        parser.parse("any", "show", "x", StructuredOptions(ttp_template="<macro>\nx = 1\n</macro>"))


# The processes


def test_a_parsing_process_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAAS_ENCRYPTION_KEY", "secret-4711")
    with Parser() as parser:
        parser.parse("cisco_ios", "show version", VERSION, NTC)
        (process,) = parser._processes._idle
        environment = Path(f"/proc/{process._process.pid}/environ").read_bytes()
        opened = [entry.readlink().name for entry in Path(f"/proc/{process._process.pid}/fd").iterdir()]
    assert b"4711" not in environment
    assert b"NAAS_" not in environment
    assert not [name for name in opened if name.startswith("socket") or ".db" in name]


def test_closing_ends_the_processes() -> None:
    parser = Parser()
    parser.parse("cisco_ios", "show version", VERSION, NTC)
    (process,) = parser._processes._idle
    parser.close()
    parser.close()
    assert process._process.returncode is not None


def test_many_threads_share_the_processes(parser: Parser) -> None:
    results: list[object] = []

    def read() -> None:
        results.extend(parser.parse("cisco_ios", "show version", VERSION, NTC) for _ in range(10))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 80
    assert all(isinstance(rows, list) for rows in results)


# Judging templates before


@pytest.mark.parametrize(
    "options",
    [NTC, StructuredOptions(textfsm_template=TEXTFSM), StructuredOptions(ttp_template=TTP)],
    ids=["none", "textfsm", "ttp"],
)
def test_good_templates_have_no_problem(options: StructuredOptions) -> None:
    assert check_template(options) is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (StructuredOptions(textfsm_template="Value X ((\n"), "`textfsm_template` is not a TextFSM template: "),
        (StructuredOptions(textfsm_template=""), "Missing state 'Start'"),
        (StructuredOptions(textfsm_template="x" * 300_000), "300000 characters; 32768 are allowed"),
        (StructuredOptions(ttp_template="no variable"), "has no variable; mark what you want with {{ name }}"),
        (StructuredOptions(ttp_template="ttp://../../etc/passwd"), "is not a path of the collection"),
        (
            StructuredOptions(textfsm_template=TEXTFSM, ttp_template=TTP),
            "`textfsm_template` and `ttp_template` exclude each other; give one of them",
        ),
    ],
    ids=["textfsm", "empty", "too long", "ttp", "path", "both"],
)
def test_a_problem_is_said_before_anything_runs(options: StructuredOptions, says: str) -> None:
    assert says in (check_template(options) or "")
