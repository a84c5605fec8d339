"""Findings: every irregularity that the tool noticed, as a value.

A problem in a user's document is never an exception. Each pass returns what it noticed, all findings are collected,
and the command prints them together: place, severity, rule, what, and what to do next. Only where there is no document
at all is there an exception, `InputError`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from .changes import Change

__all__ = ["Change", "Finding", "InputError", "Severity", "error", "note", "warning"]


class Severity(StrEnum):
    """How much a finding matters. ``--strict`` turns warnings into errors."""

    ERROR = "error"  # an operation would be lost, or the input cannot be read: exit code 1
    WARNING = "warning"  # something was guessed or replaced by a fallback
    NOTE = "note"  # worth knowing, nothing to do


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed about a document.

    ``pointer`` is a JSON pointer (RFC 6901) into ``file``. ``line`` and ``column`` count from 1 and are filled in by
    `clientsmith.openapi.locate` only when there is something to print, so that large clean documents stay fast.
    """

    rule: str
    severity: Severity
    message: str
    hint: str = ""
    pointer: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None
    change: Change | None = None  # the line of configuration that would change what was noticed

    def at(self, file: str, line: int | None, column: int | None) -> Finding:
        """Return this finding with its place filled in."""
        return replace(self, file=file, line=line, column=column)

    @property
    def place(self) -> str:
        """``file:line:column``; the JSON pointer stands in where there is no text to count lines in."""
        if self.line is None:
            return f"{self.file}#{self.pointer}" if self.pointer else self.file
        return f"{self.file}:{self.line}:{self.column}"

    def __str__(self) -> str:
        text = f"{self.place}  {self.severity.value}  {self.rule}  {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


def error(rule: str, message: str, pointer: str, hint: str = "", change: Change | None = None) -> Finding:
    """Say that an operation is lost."""
    return Finding(rule, Severity.ERROR, message, hint, pointer, change=change)


def warning(rule: str, message: str, pointer: str, hint: str = "", change: Change | None = None) -> Finding:
    """Say that something was guessed, or replaced by a fallback."""
    return Finding(rule, Severity.WARNING, message, hint, pointer, change=change)


def note(rule: str, message: str, pointer: str, hint: str = "", change: Change | None = None) -> Finding:
    """Say what is worth knowing."""
    return Finding(rule, Severity.NOTE, message, hint, pointer, change=change)


class InputError(Exception):
    """There is nothing to work on: SPEC cannot be read, or is not an API description. Exit code 2.

    Attributes:
        message: What was attempted, with which value, and what came of it; one line.
        hint: What to do next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message, self.hint = message, hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message
