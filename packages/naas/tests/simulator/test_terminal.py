"""The terminal of a fake device, without a network: keys in, text out, and a clock that moves when told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from naas.simulator.device import Device, SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.faults import Faults
from naas.simulator.terminal import Terminal


class Screen:
    """A terminal and what it has printed."""

    def __init__(self, **fields: Any) -> None:
        spec = Device(**fields)
        self.device = SimulatedDevice(spec=spec, host="127.0.0.1", port=22, hostname=spec.name)
        self.printed = ""
        self.waiting: list[tuple[float, Callable[[], None]]] = []
        self.is_hung_up = self.is_cut = False
        self.terminal = Terminal(
            shell_of(self.device), write=self.write, call_later=self.call_later, hang_up=self.hang_up, cut=self.cut
        )
        self.terminal.start()

    def write(self, text: str) -> None:
        self.printed += text

    def call_later(self, seconds: float, done: Callable[[], None]) -> None:
        self.waiting.append((seconds, done))

    def hang_up(self) -> None:
        self.is_hung_up = True

    def cut(self) -> None:
        self.is_cut = True

    def type(self, text: str) -> str:
        """Type ``text`` and return what that printed."""
        self.printed = ""
        self.terminal.receive(text)
        return self.printed

    def pass_time(self) -> str:
        """Let the device finish what it is thinking about."""
        self.printed = ""
        _, done = self.waiting.pop(0)
        done()
        return self.printed


def test_the_prompt_comes_first() -> None:
    assert Screen(name="sw1").printed == "\r\nsw1#"


def test_keys_are_echoed_and_answered() -> None:
    assert Screen().type("show privilege\n") == "show privilege\r\nCurrent privilege level is 15\r\nsw1#"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CR LF"])
def test_each_line_end_ends_one_line(end: str) -> None:
    assert Screen().type(f"{end}{end}") == "\r\nsw1#\r\nsw1#"


def test_backspace_takes_a_key_back() -> None:
    assert Screen().type("show clok\x7fck\n").startswith("show clok\b \bck\r\n*")


def test_a_password_is_not_echoed() -> None:
    screen = Screen(enable="s3cret")
    assert screen.type("enable\n") == "enable\r\nPassword: "
    assert screen.type("s3cret\n") == "\r\nsw1#"


def test_three_wrong_secrets_end_the_question() -> None:
    screen = Screen(enable="s3cret")
    printed = screen.type("enable\nno\nno\nno\n")
    assert printed.count("Password: ") == 3
    assert printed.endswith("\r\n% Bad secrets\r\n\r\nsw1>")


def test_long_answers_stop_at_every_page() -> None:
    """A page has 24 lines, one of them ``--More--``; space turns the page, Enter shows a line, q ends it."""
    screen = Screen()
    first = screen.type("show bulk 60\n")
    assert (first.count("xxx\r\n"), first[-10:]) == (23, " --More-- ")
    assert screen.type(" ").count("xxx\r\n") == 23
    assert screen.type("\r").count("xxx\r\n") == 1
    assert screen.type("q").endswith("\r\nsw1#")


def test_terminal_length_zero_switches_paging_off() -> None:
    screen = Screen()
    screen.type("terminal length 0\n")
    assert "More" not in screen.type("show bulk 500\n")


def test_latency_passes_before_each_answer_but_not_before_the_echo() -> None:
    screen = Screen(latency_seconds=0.02)
    assert screen.type("show privilege\n") == "show privilege"
    assert [seconds for seconds, _ in screen.waiting] == [0.02]
    assert screen.pass_time() == "\r\nCurrent privilege level is 15\r\nsw1#"


def test_what_is_typed_ahead_waits_for_the_device() -> None:
    screen = Screen()
    assert screen.type("show slow 5\nshow privilege\n") == "show slow 5"
    assert screen.pass_time() == "\r\nslow done\r\nsw1#show privilege\r\nCurrent privilege level is 15\r\nsw1#"


def test_leaving_hangs_up() -> None:
    screen = Screen()
    assert screen.type("exit\n") == "exit\r\n"
    assert screen.is_hung_up


def test_jitter_is_added_by_a_seeded_die() -> None:
    """Two devices of one seed and name take the same time; another seed takes another."""

    def waits(seed: int) -> list[float]:
        screen = Screen(latency_seconds=1.0, jitter_seconds=0.5, seed=seed)
        for _ in range(3):
            screen.type("show privilege\n")
            screen.pass_time()
        screen.type("show privilege\n" * 2)
        return [seconds for seconds, _ in screen.waiting]

    assert waits(7) == waits(7) != waits(8)
    assert all(1.0 <= seconds <= 1.5 for seconds in waits(7))


def test_a_cut_comes_in_the_middle_of_the_answer() -> None:
    screen = Screen(faults=Faults(drop_after_commands=1))
    screen.type("show clock\n")
    printed = screen.type("show version\n")
    assert printed.startswith("show version\r\nCisco IOS Software")
    assert "Configuration register" not in printed
    assert screen.is_cut
    assert screen.device.counters.dropped == 1


def test_control_c_throws_the_line_away() -> None:
    assert Screen().type("show nonsense\x03").endswith("\r\nsw1#")


def test_control_u_takes_the_whole_line_back() -> None:
    assert Screen().type("nonsense\x15show privilege\n").endswith("Current privilege level is 15\r\nsw1#")


def test_control_z_ends_configuration() -> None:
    screen = Screen()
    assert screen.type("conf t\ninterface gi0/1\n\x1a").endswith("sw1(config-if)#^Z\r\nsw1#")


def test_a_question_mark_lists_what_may_follow_and_keeps_the_line() -> None:
    printed = Screen().type("show int?")
    assert printed == "show int?\r\n  interfaces\r\nsw1#show int"


def test_a_question_mark_in_a_password_is_a_key() -> None:
    screen = Screen(enable="wh?t")
    assert screen.type("enable\nwh?t\n").endswith("\r\nsw1#")


def test_many_lines_are_loaded_until_control_d() -> None:
    screen = Screen(platform="juniper_junos")
    screen.type("configure\nload set terminal\n")
    printed = screen.type("set system services netconf\nset snmp location lab\n\x04")
    assert "load complete" in printed
    assert "+      location lab;" in screen.type("show | compare\n")


def test_a_line_that_never_ends_does_not_fill_the_memory() -> None:
    screen = Screen()
    screen.type("x" * 100_000)
    assert len(screen.type("\n")) < 70_000


@pytest.mark.parametrize("platform", ["cisco_ios", "hp_procurve", "juniper_junos"])
def test_what_stopped_an_answer_is_taken_away_again(platform: str) -> None:
    """Each platform asks for more in its own words, and erases them in its own way."""
    screen = Screen(platform=platform)
    if platform == "hp_procurve":
        screen.type("\n")
    paging = screen.terminal._shell.profile.paging
    assert screen.type("show bulk 60\n").endswith(paging.more)
    assert screen.type(" ").startswith(paging.eraser)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        pytest.param("sh\tver\t", "show version ", id="written out"),
        pytest.param("show i\t", "show i", id="could be two words"),
        pytest.param("nonsense\t", "nonsense", id="could be nothing"),
    ],
)
def test_tab_writes_a_word_out_that_can_only_be_one(typed: str, printed: str) -> None:
    assert Screen().type(typed) == printed
