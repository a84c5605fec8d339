"""The terminal of a fake device, without a network: keys in, text out, and a clock that moves when told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from naas.simulator.device import Device, SimulatedDevice
from naas.simulator.platforms import PLATFORMS
from naas.simulator.terminal import Terminal


class Screen:
    """A terminal and what it has printed."""

    def __init__(self, **fields: Any) -> None:
        spec = Device(**fields)
        self.device = SimulatedDevice(spec=spec, host="127.0.0.1", port=22, hostname=spec.name)
        self.printed = ""
        self.waiting: list[tuple[float, Callable[[], None]]] = []
        self.is_hung_up = False
        shell = PLATFORMS[spec.platform](self.device)
        self.terminal = Terminal(shell, write=self.write, call_later=self.call_later, hang_up=self.hang_up)
        self.terminal.start()

    def write(self, text: str) -> None:
        self.printed += text

    def call_later(self, seconds: float, done: Callable[[], None]) -> None:
        self.waiting.append((seconds, done))

    def hang_up(self) -> None:
        self.is_hung_up = True

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
    screen.type("exit\n")
    assert screen.is_hung_up
