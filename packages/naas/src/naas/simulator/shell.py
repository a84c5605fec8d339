"""The command interpreter of a fake device, as far as all families share it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from naas.simulator.device import SimulatedDevice
from naas.simulator.facts import Facts
from naas.simulator.faults import HEALTHY, fate_of_command
from naas.simulator.grammar import (
    INTERFACE,
    SILENT,
    Ambiguous,
    Answer,
    CommandTable,
    Incomplete,
    Invalid,
    Match,
    Problem,
    next_words,
)
from naas.simulator.templates import Template

Handler = Callable[[Match], Answer]

MOST_BULK_LINES: Final = 1_000_000  # 60 MB; more is a slip of the keyboard
LONGEST_SLEEP: Final = 9999.0  # seconds

_TEST_COMMAND: Final = re.compile(r"sh(?:ow?)? (?P<what>bulk|slow) (?P<number>\S+)")
_INTERFACE: Final = re.compile(r"(?P<letters>[A-Za-z-]*)(?P<number>\d[\w/.:]*)")
_PIPE: Final = re.compile(r"\s+\|\s+")


@dataclass(frozen=True, slots=True)
class Question:
    """The device waits for an answer instead of a command."""

    text: str
    then: Callable[[str], Answer] = field(repr=False)
    secret: bool = False


class Shell(ABC):
    """One session on one device: its mode, its page length, its open question.

    A family gives its mode, and what its actions do; a profile gives everything that is text.
    """

    filters: Mapping[str, str] = {name: name for name in ("include", "exclude", "begin", "section", "count", "no-more")}
    """The output filters that the family knows, by the word typed."""

    def __init__(self, device: SimulatedDevice) -> None:
        self.device = device
        self.profile = device.profile
        self.question: Question | None = None
        self.page_lines = self.profile.paging.lines
        """Lines a page; 0 after ``terminal length 0`` or its like."""
        self.columns = 80
        self.answered = 0
        """Commands that this session has answered."""
        self.actions: Mapping[str, Handler] = self.handlers()

    # What a family gives

    @abstractmethod
    def handlers(self) -> Mapping[str, Handler]:
        """What the actions of the family do."""

    @property
    @abstractmethod
    def mode(self) -> str:
        """The name of the current mode."""

    @abstractmethod
    def session_fields(self) -> dict[str, str]:
        """The fields of templates that belong to this session."""

    def is_configuring(self) -> bool:
        """Whether what is typed now is configuration, so that commands for tests are not taken."""
        return self.mode in ("configuration", "section")

    def closed(self) -> None:  # noqa: B027 - most families have nothing to give back
        """The session has ended, whichever way."""

    # The prompt

    @property
    def asks_secret(self) -> bool:
        """Whether the next line must not be echoed."""
        return self.question is not None and self.question.secret

    def prompt(self) -> str:
        """What stands before the next line typed: the open question, or the prompt of the mode."""
        return self.question.text if self.question else self.mode_prompt()

    def mode_prompt(self) -> str:
        """The prompt of the current mode."""
        return self.rendered(self.profile.prompts[self.mode])

    def login_text(self) -> str:
        """What is printed before the first prompt."""
        return self.text("login")

    # Texts

    def rendered(self, template: Template, **fields: str) -> str:
        """A text of the profile with its fields."""
        return template.render(Facts(self.device, {**self.session_fields(), **fields}))

    def text(self, name: str, **fields: str) -> str:
        """One of the family's texts; empty if the profile has none."""
        template = self.profile.texts.get(name)
        return self.rendered(template, **fields) if template is not None and template.source else ""

    def complaint(self, problem: Problem | None, line: str) -> str:
        """How this platform says what is wrong with ``line``; None is a command that failed."""
        words = line.split()
        fields = {"line": line, "word": words[-1] if words else ""}
        match problem:
            case Invalid(column):
                prompt = self.mode_prompt().splitlines()[-1]
                fields["caret"] = " " * (len(prompt) + column) + "^"
                fields["word"] = (line[column:].split() or [""])[0]
                fields["column"] = str(column)
                name = "invalid"
            case Ambiguous():
                name = "ambiguous"
            case Incomplete():
                name = "incomplete"
            case None:
                name = "failed"
        return self.rendered(self.profile.complaints[name], **fields)

    def refuse(self, match: Match, offset: int = 0) -> Answer:
        """Complain about the argument of a command, or ``offset`` characters into it."""
        return Answer(self.complaint(Invalid(match.column + offset), match.text))

    # Commands

    def answer(self, line: str) -> Answer:
        """Do what ``line`` says and return what to print."""
        if self.question is not None:
            question, self.question = self.question, None
            return question.then(line)
        line = line.strip()
        if not line or line.startswith("!"):
            return SILENT
        self.device.counters.commands += 1
        answer = self._answer_or_fault(line)
        self.answered += 1
        return answer

    def _answer_or_fault(self, line: str) -> Answer:
        faults = self.device.faults
        if faults is HEALTHY:
            return self.run(line)
        fate = fate_of_command(faults, line, self.answered, self.device.die)
        if fate.is_error:
            self.device.counters.errors += 1
            return Answer(self.complaint(None, line))
        answer = self.run(line)
        if faults.bulk_lines and line.startswith("sh"):
            answer = replace(answer, text=f"{answer.text}\n{bulk(faults.bulk_lines)}")
        if fate.is_dropped:
            self.device.counters.dropped += 1
            return Answer(answer.text[: len(answer.text) // 2], answer.seconds, cut=True)
        return answer

    def run(self, line: str) -> Answer:
        """Do what ``line`` says, without faults and without counting."""
        canned = self.device.spec.answers.get(line)
        if canned is not None:
            return Answer(canned)
        if "|" not in line:
            return self._run_command(line)
        command, *pipes = _PIPE.split(line)
        answer = self._run_command(command)
        for pipe in pipes:
            answer = self.filtered(answer, pipe.strip())
        return answer

    def find(self, line: str) -> Match | Problem:
        """The command that ``line`` means in the current mode."""
        return self.table().find(line)

    def table(self) -> CommandTable:
        """The commands of the current mode."""
        return self.profile.commands[self.mode]

    def _run_command(self, line: str) -> Answer:
        for_tests = None if self.is_configuring() else _TEST_COMMAND.fullmatch(line)
        if for_tests is not None:
            return self._test_command(for_tests["what"], for_tests["number"], line)
        found = self.find(line)
        if not isinstance(found, Match):
            return Answer(self.complaint(found, line))
        if isinstance(found.command.does, Template):
            return self._printed(found, found.command.does, line)
        answer = self.actions[found.command.does](found)
        self.device.changed()
        return answer

    def _printed(self, found: Match, template: Template, line: str) -> Answer:
        only = None
        if INTERFACE in found.command.words:
            only = self.device.network().find(self.interface_name(found.arguments[0]) or "")
            if only is None:
                return Answer(self.complaint(Invalid(found.column), line))
        fields = {**self.session_fields(), "line": line, "argument": " ".join(found.arguments)}
        text = template.render(Facts(self.device, fields, only))
        return Answer(text.removesuffix("\n"))  # the line break before the prompt is the terminal's

    def interface_name(self, typed: str) -> str | None:
        """The full name of an interface: ``gi0/1`` is ``GigabitEthernet0/1``; None if there is no such kind."""
        found = _INTERFACE.fullmatch("".join(typed.split()))
        if found is None:
            return None
        letters = found["letters"].lower()
        kinds = [kind for kind in self.profile.interfaces if kind.name.lower().startswith(letters)]
        return f"{kinds[0].name}{found['number']}" if kinds else None

    def ask(self, text: str, then: Callable[[str], Answer], *, secret: bool = False) -> Answer:
        """Wait for an answer to ``text``; ``then`` gets it."""
        self.question = Question(text, then, secret)
        return SILENT

    def completions(self, line: str) -> list[str]:
        """The words that the last word of ``line`` may become."""
        return [word for word in next_words(self.table().commands, line) if not word.startswith("<")]

    def help(self, line: str) -> str:
        """What ``?`` prints: the words that may follow."""
        return "\n".join(f"  {word}" for word in next_words(self.table().commands, line)) or "  <cr>"

    # Filters

    def filtered(self, answer: Answer, pipe: str) -> Answer:
        """Apply an output filter such as ``include hostname``; an unknown one is refused."""
        word, _, pattern = pipe.partition(" ")
        names = [meaning for name, meaning in self.filters.items() if name.startswith(word.lower())]
        lines = answer.text.split("\n")
        pattern = pattern.strip().strip('"')
        match names[0] if names else "":
            case "include":
                kept = [line for line in lines if _contains(line, pattern)]
            case "exclude":
                kept = [line for line in lines if not _contains(line, pattern)]
            case "begin":
                first = next((index for index, line in enumerate(lines) if _contains(line, pattern)), len(lines))
                kept = lines[first:]
            case "section":
                kept = _sections(lines, pattern)
            case "count":
                found = sum(_contains(line, pattern) for line in lines) if pattern else len(lines)
                kept = [f"Count: {found} lines"]
            case "no-more":
                kept = lines
            case _:
                return Answer(self.complaint(Invalid(0), pipe))
        return replace(answer, text="\n".join(kept))

    # Commands for tests, which no real device has

    def _test_command(self, what: str, number: str, line: str) -> Answer:
        """``show bulk LINES``: so many lines of 60 characters. ``show slow SECONDS``: one line, after so long."""
        column = len("show bulk ")
        if what == "bulk":
            if not number.isdecimal() or int(number) > MOST_BULK_LINES:
                return Answer(self.complaint(Invalid(column), line))
            return Answer(bulk(int(number)))
        if not re.fullmatch(r"\d{1,4}(\.\d{1,6})?", number) or float(number) > LONGEST_SLEEP:
            return Answer(self.complaint(Invalid(column), line))
        return Answer("slow done", seconds=float(number))


def bulk(lines: int) -> str:
    """So many numbered lines of 60 characters."""
    return "\n".join(f"{number:06d} {'x' * 53}" for number in range(lines))


def _contains(line: str, pattern: str) -> bool:
    """Whether one of the alternatives stands in the line; ``^`` is its beginning.

    Real devices take regular expressions. Those of a stranger could search for years, so only ``a|b`` and ``^`` are
    taken, which is what people type.
    """
    for alternative in pattern.split("|"):
        if alternative.startswith("^"):
            if line.startswith(alternative[1:]):
                return True
        elif alternative in line:
            return True
    return False


def _sections(lines: list[str], pattern: str) -> list[str]:
    """The lines that contain the pattern, with what is indented below them."""
    kept: list[str] = []
    within = False
    for line in lines:
        within = _contains(line, pattern) or (within and line.startswith(" "))
        if within:
            kept.append(line)
    return kept
