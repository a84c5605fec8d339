"""How a job ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .plan import Job

__all__ = ["Failure", "Outcome", "Status"]


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNSUPPORTED = "not supported"  # nobody promised that it works
    SKIPPED = "skipped"  # not started, since something else had failed before


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended.

    Attributes:
        message: Of a failure, what failed; of a success, what was done, like "38 passed". One line.
        hint: What to do about a failure, "" where the message says it all.
        details: The end of what the failing program said.
        log: Everything that all its programs said, None if logs are not kept.
    """

    job: Job
    status: Status
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    details: str = ""
    log: Path | None = None


class Failure(Exception):
    """A job cannot go on: what it tries does not work."""

    def __init__(self, message: str, details: str = "", hint: str = "") -> None:
        super().__init__(message, details, hint)
        self.message, self.details, self.hint = message, details, hint

    def __str__(self) -> str:
        return self.message
