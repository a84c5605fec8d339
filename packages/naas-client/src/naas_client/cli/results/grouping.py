"""Outputs that are the same, told once: the answer to "are my 500 switches alike?"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

from .outcome import Outcome, shown_output

__all__ = ["Answer", "CommandAnswers", "grouped", "named", "without_itself"]

# What a device's own name becomes before answers are compared: it is in prompts, in `hostname`, in log lines.
_ITSELF: Final = "<device>"
_NAMES_SHOWN = 8  # of the devices of a group, in a heading: what fits a line


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a command, and who gave it. ``compared`` is what of it counts."""

    text: str
    devices: tuple[str, ...]
    compared: str


@dataclass(frozen=True, slots=True)
class CommandAnswers:
    """All different answers to one command, that of most devices first."""

    command: str
    answers: Sequence[Answer]

    @property
    def summary(self) -> str:
        """How far the devices agree, in one line."""
        total = sum(len(answer.devices) for answer in self.answers)
        agree = len(self.answers[0].devices)
        if len(self.answers) == 1:
            return f"{total} devices agree"
        if agree == 1:
            return f"{total} devices, {len(self.answers)} different answers"
        others = f" in {len(self.answers) - 1} ways" if len(self.answers) > 2 else ""
        return f"{agree} devices agree, {total - agree} differ{others}"

    def differences(self) -> Iterator[tuple[Answer, str]]:
        """Yield every answer but the first, with a unified diff from the first one to it."""
        first = self.answers[0]
        for answer in self.answers[1:]:
            before, after = first.compared.splitlines(), answer.compared.splitlines()
            lines = unified_diff(before, after, named(first.devices), named(answer.devices), lineterm="")
            yield answer, "\n".join(lines)


def grouped(outcomes: Iterable[Outcome], ignore: Sequence[re.Pattern[str]] = ()) -> list[CommandAnswers]:
    """Return the commands in the order in which they were sent, each with its different answers.

    Answers are the same if they differ in nothing but space at the ends of lines, the device's own name, and lines that
    one of the patterns in ``ignore`` finds something in.
    """
    found: dict[str, dict[str, list[str]]] = {}
    shown: dict[tuple[str, str], str] = {}
    for outcome in outcomes:
        for command, output in (outcome.results or {}).items():
            text = shown_output(output)
            compared = _compared(text, outcome.device, ignore)
            shown.setdefault((command, compared), text)
            found.setdefault(command, {}).setdefault(compared, []).append(outcome.device)
    return [
        CommandAnswers(
            command, _sorted(Answer(shown[command, key], tuple(names), key) for key, names in answers.items())
        )
        for command, answers in found.items()
    ]


def _compared(text: str, device: str, ignore: Sequence[re.Pattern[str]]) -> str:
    # Not where it is a part of another word: "sw1" is not in "sw10".
    itself = re.compile(rf"(?<![\w.-]){re.escape(device)}(?![\w-])")
    lines = (line.rstrip() for line in text.splitlines())
    kept = (line for line in lines if not any(pattern.search(line) for pattern in ignore))
    return "\n".join(itself.sub(_ITSELF, line) for line in kept)


def without_itself(text: str, outcome: Outcome) -> str:
    """Return a text without what tells this device from others: its address with its port, and its name."""
    place = f"[{outcome.host}]" if ":" in outcome.host else outcome.host
    for own in (f"{place}:{outcome.port}", f"{place}:22", outcome.host, outcome.device):
        text = re.sub(rf"(?<![\w.-]){re.escape(own)}(?![\w-])", _ITSELF, text)
    return text


def _sorted(answers: Iterable[Answer]) -> Sequence[Answer]:
    return sorted(answers, key=lambda answer: -len(answer.devices))


def named(devices: Sequence[str]) -> str:
    """Return names in one line: all of a few, the first of many."""
    if len(devices) <= _NAMES_SHOWN:
        return ", ".join(devices)
    return f"{', '.join(devices[:_NAMES_SHOWN])} and {len(devices) - _NAMES_SHOWN} more"
