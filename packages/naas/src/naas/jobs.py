"""The job: what a caller wants done at one device, and how far it got.

Everything here is a value or a pure decision; who stores and who runs jobs lives elsewhere. The states carry the
words of the v2 wire, so that nothing has to be translated on the way out. Two rules surprise newcomers:

- A failure that the *device* reported ends a job as ``finished`` with a `Failure`; ``failed`` means that the
  service could not carry the job out. Clients of v2 rely on this.
- A job that was running when its worker died is repeated only if repeating it cannot change a device; every other
  job ends as ``failed`` and asks a person to look (`after_lost_lease`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from naas.driver.base import ErrorCode, address_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "MOVES",
    "CommandWork",
    "ConfigWork",
    "Device",
    "Ending",
    "Failure",
    "Job",
    "JobKind",
    "JobState",
    "Outcome",
    "after_lost_lease",
    "is_repeatable",
    "time_limit",
]


class JobKind(StrEnum):
    """What a job does at its device; the values are the path segments of the wire."""

    SEND_COMMAND = "send-command"
    SEND_CONFIG = "send-config"


class JobState(StrEnum):
    """How far a job got, in the words of the wire (``canceled`` is spelt as v2 clients know it)."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Whether the job has ended and will not change any more."""
        return not MOVES[self]


# A move not listed here is a bug in the caller: the store raises IllegalMove and changes nothing.
MOVES: Final[Mapping[JobState, frozenset[JobState]]] = {
    # FAILED straight from the queue: the login cannot be decrypted any more, so no worker can start it.
    JobState.QUEUED: frozenset({JobState.STARTED, JobState.CANCELED, JobState.FAILED}),
    # Back to QUEUED when the worker's lease ran out, only for jobs that are safe to repeat.
    JobState.STARTED: frozenset({JobState.FINISHED, JobState.FAILED, JobState.CANCELED, JobState.QUEUED}),
    JobState.FINISHED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELED: frozenset(),
}


class CommandWork(Struct, frozen=True, tag_field="kind", tag=JobKind.SEND_COMMAND.value):
    """Commands to run one after the other; ``expect_string`` is a pattern that ends each command's output."""

    commands: tuple[str, ...]
    expect_string: str | None = None


class ConfigWork(Struct, frozen=True, tag_field="kind", tag=JobKind.SEND_CONFIG.value):
    """Configuration lines to enter as one set; then saved or committed if asked."""

    lines: tuple[str, ...]
    save_config: bool = False
    commit: bool = False


class Device(Struct, frozen=True):
    """Where the work is done. Two jobs for the same `address` never run at the same time."""

    host: str
    port: int
    platform: str

    @property
    def address(self) -> str:
        """The device as one word (`address_of`); the unit of ordering."""
        return address_of(self.host, self.port)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there are no results, in the seven codes of the wire."""

    code: ErrorCode
    message: str

    @property
    def retryable(self) -> bool:
        """Whether the same job, submitted again, may succeed."""
        return self.code.retryable


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: results, or a failure, never both."""

    results: Mapping[str, str] | None = None
    detected_platform: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job leaves STARTED: the state it moves to, and what is recorded with it."""

    state: JobState
    outcome: Outcome = Outcome()
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One job as the store remembers it.

    ``owner`` is a keyed hash of the caller's credentials, never the credentials. ``sealed_login`` is the device
    login, encrypted (`naas.vault`), and None once the job has ended. Timeouts are seconds; times carry UTC. The
    ``repr``, which may end in a log, shows neither work nor outcome: configuration is full of secrets.
    """

    id: str
    owner: str
    device: Device
    work: CommandWork | ConfigWork = field(repr=False)
    created_at: datetime
    read_timeout: float = 30.0
    conn_timeout: float = 10.0
    context: str = "default"
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    state: JobState = JobState.QUEUED
    sealed_login: bytes | None = field(default=None, repr=False)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome = field(default=Outcome(), repr=False)
    cancel_requested: bool = False
    needs_review: bool = False

    @property
    def kind(self) -> JobKind:
        """What the job does, as the wire names it."""
        return JobKind.SEND_COMMAND if isinstance(self.work, CommandWork) else JobKind.SEND_CONFIG


# First words of commands that only read, over the platforms that Netmiko knows. Abbreviations are left out on
# purpose: `sh` is "show" on a router and a shell on a Linux box.
READ_WORDS: Final = frozenset({"show", "display", "get", "ping", "traceroute", "tracert", "dir"})

# What may follow a pipe. Everything else may write (`| redirect`, `| append`, `| tee`, `| save`, `| xargs`).
READ_FILTERS: Final = frozenset(
    {"include", "exclude", "begin", "section", "count", "match", "except", "find", "last", "no-more", "display"}
    | {"grep", "egrep", "json", "xml", "i", "inc", "e", "b", "sec"}
)

# Anything that could start a second command on some platform: line ends and other control characters, `;` (NX-OS,
# Linux), `&`, redirections.
_CHAINING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f;&<>`]|\$\(|\|\|")


def is_repeatable(work: CommandWork | ConfigWork) -> bool:
    """Whether the work may run twice without a person deciding: every command is known to only read.

    The list of words is short on purpose; a command that is not on it costs a person one look, a command that is
    wrongly on it could reload a device twice.
    """
    if isinstance(work, ConfigWork):
        return False
    return all(_only_reads(command) for command in work.commands)


def _only_reads(command: str) -> bool:
    if _CHAINING.search(command.strip()):
        return False
    first, *filters = (part.split() for part in command.split("|"))
    return bool(first) and first[0] in READ_WORDS and all(words and words[0] in READ_FILTERS for words in filters)


# The limit of the existing service for every job, in seconds; ours never goes below it.
SHORTEST_LIMIT: Final = 120
# Room for login, leaving configuration mode and saving, beside the timeouts that the caller chose.
_SLACK: Final = 30.0


def time_limit(work: CommandWork | ConfigWork, *, read_timeout: float, conn_timeout: float) -> int:
    """Return how long the job may run, in whole seconds: long enough for every command to use its own timeout."""
    steps = len(work.commands) if isinstance(work, CommandWork) else len(work.lines)
    return max(SHORTEST_LIMIT, math.ceil(conn_timeout + steps * read_timeout + _SLACK))


def after_lost_lease(job: Job) -> Ending:
    """Decide what becomes of a job that was STARTED when its worker disappeared.

    A repeatable job goes back to the queue, or ends as the caller wished if a cancel was waiting. Of every other
    job nobody knows how much reached the device, so a person decides and the service never repeats it by itself.
    """
    if is_repeatable(job.work):
        return Ending(JobState.CANCELED if job.cancel_requested else JobState.QUEUED)
    message = (
        f"the worker stopped while this {job.kind} job was running on {job.device.address}; "
        "it may have reached the device in part: look at the device, then submit what is missing as a new job"
    )
    return Ending(JobState.FAILED, Outcome(failure=Failure(ErrorCode.UNKNOWN, message)), needs_review=True)
