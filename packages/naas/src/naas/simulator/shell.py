"""The command interpreter of a fake device, as far as all platforms share it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from naas.simulator.device import SimulatedDevice
from naas.simulator.grammar import SILENT, Ambiguous, Answer, Command, Incomplete, Invalid, Match, find_command


@dataclass(frozen=True, slots=True)
class Question:
    """The device waits for an answer instead of a command."""

    text: str
    then: Callable[[str], Answer] = field(repr=False)
    secret: bool = False


class Shell(ABC):
    """One session on one device: its mode, its page length, its open question.

    A platform gives its prompt, its commands by mode, and how it words a complaint.
    """

    more = " --More-- "
    page_lines = 24
    """Lines a page; 0 after ``terminal length 0`` or its like."""

    def __init__(self, device: SimulatedDevice) -> None:
        self.device = device
        self.question: Question | None = None

    @property
    def asks_secret(self) -> bool:
        """Whether the next line must not be echoed."""
        return self.question is not None and self.question.secret

    def prompt(self) -> str:
        """What stands before the next line typed: the open question, or the prompt of the mode."""
        return self.question.text if self.question else self.mode_prompt()

    def answer(self, line: str) -> Answer:
        """Do what ``line`` says and return what to print."""
        if self.question is not None:
            question, self.question = self.question, None
            return question.then(line)
        line = line.strip()
        if not line or line.startswith("!"):
            return SILENT
        self.device.counters.commands += 1
        command, *pipes = re.split(r"\s+\|\s+", line)
        found = find_command(self.commands(), command)
        if not isinstance(found, Match):
            return Answer(self.complaint(found, line))
        answer = found.command.handler(found.arguments)
        for pipe in pipes:
            answer = self.filtered(answer, pipe)
        return answer

    def ask(self, text: str, then: Callable[[str], Answer], *, secret: bool = False) -> Answer:
        """Wait for an answer to ``text``; ``then`` gets it."""
        self.question = Question(text, then, secret)
        return SILENT

    @abstractmethod
    def mode_prompt(self) -> str:
        """The prompt of the current mode."""

    @abstractmethod
    def commands(self) -> Sequence[Command]:
        """The commands that the current mode knows."""

    @abstractmethod
    def complaint(self, problem: Invalid | Ambiguous | Incomplete, line: str) -> str:
        """How this platform says what is wrong with ``line``."""

    def filtered(self, answer: Answer, pipe: str) -> Answer:
        """Apply an output filter such as ``include hostname``; an unknown one is refused."""
        word, _, pattern = pipe.partition(" ")
        lines = answer.text.split("\n")
        if "include".startswith(word) or word == "match":
            kept = [line for line in lines if pattern in line]
        elif "exclude".startswith(word) or word == "except":
            kept = [line for line in lines if pattern not in line]
        elif "begin".startswith(word) or word == "find":
            first = next((index for index, line in enumerate(lines) if pattern in line), len(lines))
            kept = lines[first:]
        elif word == "no-more":
            kept = lines
        else:
            return Answer(self.complaint(Invalid(0), pipe))
        return Answer("\n".join(kept), answer.seconds, answer.hang_up)

    def test_commands(self) -> tuple[Command, ...]:
        """Commands that no real device has: answers as long or as slow as a test wants them."""
        return (
            Command("show bulk <any>", self._show_bulk),
            Command("show slow <any>", self._show_slow),
        )

    def _show_bulk(self, arguments: Sequence[str]) -> Answer:
        """``show bulk LINES``: so many lines of 60 characters."""
        if not arguments[0].isdecimal():
            return Answer(self.complaint(Invalid(10), f"show bulk {arguments[0]}"))
        return Answer("\n".join(f"{number:06d} {'x' * 53}" for number in range(int(arguments[0]))))

    def _show_slow(self, arguments: Sequence[str]) -> Answer:
        """``show slow SECONDS``: one line, after so long."""
        if not re.fullmatch(r"\d{1,4}(\.\d{1,6})?", arguments[0]):
            return Answer(self.complaint(Invalid(10), f"show slow {arguments[0]}"))
        return Answer("slow done", seconds=float(arguments[0]))
