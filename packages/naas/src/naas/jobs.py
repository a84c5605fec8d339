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
import os
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from msgspec import Struct

from naas.driver.base import ErrorCode, address_of

__all__ = [
    "MOVES",
    "SHORTEST_LIMIT",
    "BackupWork",
    "Check",
    "CommandWork",
    "ConfigWork",
    "Device",
    "Ending",
    "Failure",
    "Job",
    "JobKind",
    "JobState",
    "Outcome",
    "Priority",
    "StructuredWork",
    "Work",
    "after_lost_lease",
    "command_count",
    "is_repeatable",
    "new_job_id",
    "time_limit",
]


class JobKind(StrEnum):
    """What a job does at its device; the values are the path segments of the wire."""

    SEND_COMMAND = "send-command"
    SEND_COMMAND_STRUCTURED = "send-command-structured"
    SEND_CONFIG = "send-config"
    BACKUP = "backup"


class Priority(StrEnum):
    """Which of the jobs that wait goes out first. Jobs of one device keep their order within a priority."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class JobState(StrEnum):
    """How far a job got, in the words of the wire (``canceled`` is spelt as v2 clients know it)."""

    DEFERRED = "deferred"
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
    # A job of a later wave of its batch waits for the waves before it, and is cancelled if too much fails there.
    JobState.DEFERRED: frozenset({JobState.QUEUED, JobState.CANCELED}),
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


class StructuredWork(Struct, frozen=True, tag_field="kind", tag=JobKind.SEND_COMMAND_STRUCTURED.value):
    """Commands whose output is parsed: by the given template, or by the one that the library has for the command."""

    commands: tuple[str, ...]
    textfsm_template: str | None = None
    ttp_template: str | None = None
    use_genie: bool = False


class Check(Struct, frozen=True):
    """What a command must answer: every text of ``includes`` and none of ``excludes``."""

    command: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


class ConfigWork(Struct, frozen=True, tag_field="kind", tag=JobKind.SEND_CONFIG.value):
    """Configuration lines to enter as one set; then saved or committed if asked.

    ``dry_run`` only shows what would change. ``want_diff`` shows what did. A failed check before the change prevents
    it; a failed check after it is told and asks a person to look.
    """

    lines: tuple[str, ...]
    save_config: bool = False
    commit: bool = False
    dry_run: bool = False
    want_diff: bool = False
    checks_before: tuple[Check, ...] = ()
    checks_after: tuple[Check, ...] = ()


class BackupWork(Struct, frozen=True, tag_field="kind", tag=JobKind.BACKUP.value):
    """Read the running configuration, or the startup configuration, and keep it in the device's history."""

    startup: bool = False


Work: TypeAlias = CommandWork | StructuredWork | ConfigWork | BackupWork

_KINDS: Final[Mapping[type[Work], JobKind]] = {
    CommandWork: JobKind.SEND_COMMAND,
    StructuredWork: JobKind.SEND_COMMAND_STRUCTURED,
    ConfigWork: JobKind.SEND_CONFIG,
    BackupWork: JobKind.BACKUP,
}


class Device(Struct, frozen=True):
    """Where the work is done. Two jobs for the same `address` never run at the same time."""

    host: str
    port: int
    platform: str
    driver: str = "netmiko"

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
    """What came back: results, or a failure, never both.

    A result is the text of a command, or what a template made of it. ``partial`` is what had come when the failure or
    the cancellation struck. ``diff`` is what configuration changed, or would change.
    """

    results: Mapping[str, Any] | None = None
    detected_platform: str | None = None
    failure: Failure | None = None
    partial: Mapping[str, Any] | None = None
    diff: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job leaves STARTED: the state it moves to, and what is recorded with it."""

    state: JobState
    outcome: Outcome = Outcome()
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One job as the store remembers it.

    ``owner`` is who may see it (`naas.principals.Principal.subject`), ``submitter`` the name that people know them by.
    ``sealed_login`` is the device login, encrypted (`naas.vault`), and None once the job has ended, as is
    ``sealed_webhook_secret`` once the webhook was delivered. Timeouts are seconds; ``job_timeout`` None means what
    `time_limit` works out. ``reuse_key`` is equal for jobs that would do the same for the same caller. ``trace`` is a
    W3C traceparent. Times carry UTC. The ``repr``, which may end in a log, shows neither work nor outcome:
    configuration is full of secrets.
    """

    id: str
    owner: str
    device: Device
    work: Work = field(repr=False)
    created_at: datetime
    read_timeout: float = 30.0
    conn_timeout: float = 10.0
    job_timeout: float | None = None
    priority: Priority = Priority.NORMAL
    context: str = "default"
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    submitter: str = ""
    batch_id: str | None = None
    wave: int = 0
    replay_of: str | None = None
    webhook_url: str | None = field(default=None, repr=False)
    sealed_webhook_secret: bytes | None = field(default=None, repr=False)
    reuse_key: str | None = field(default=None, repr=False)
    trace: str | None = None
    state: JobState = JobState.QUEUED
    sealed_login: bytes | None = field(default=None, repr=False)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    worker: str | None = None
    outcome: Outcome = field(default=Outcome(), repr=False)
    cancel_requested: bool = False
    needs_review: bool = False

    @property
    def kind(self) -> JobKind:
        """What the job does, as the wire names it."""
        return _KINDS[type(self.work)]

    @property
    def time_limit(self) -> int:
        """How long the job may run, in whole seconds."""
        if self.job_timeout is not None:
            return math.ceil(self.job_timeout)
        return time_limit(self.work, read_timeout=self.read_timeout, conn_timeout=self.conn_timeout)


def new_job_id() -> str:
    """Return a new id: a UUID of version 7 (RFC 9562, section 5.7), whose first half is the time in milliseconds.

    Ids in the order of time land side by side in the store's indexes; random ones cost twice as many bytes written.
    """
    milliseconds = time.time_ns() // 1_000_000
    number = milliseconds << 80 | int.from_bytes(os.urandom(10))
    number = number & ~(0xF << 76) | 0x7 << 76  # the version
    return str(uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62))  # and the variant


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


def is_repeatable(work: Work) -> bool:
    """Whether the work may run twice without a person deciding: every command is known to only read.

    The list of words is short on purpose; a command that is not on it costs a person one look, a command that is
    wrongly on it could reload a device twice.
    """
    match work:
        case ConfigWork():
            # A dry run too: a candidate left behind half-way would go with somebody else's next commit.
            return False
        case BackupWork():
            return True
        case CommandWork() | StructuredWork():
            return all(_only_reads(command) for command in work.commands)


def _only_reads(command: str) -> bool:
    if _CHAINING.search(command.strip()):
        return False
    first, *filters = (part.split() for part in command.split("|"))
    return bool(first) and first[0] in READ_WORDS and all(words and words[0] in READ_FILTERS for words in filters)


# The limit of the existing service for every job, in seconds; an operator may choose another.
SHORTEST_LIMIT: Final = 120
# Room for login, leaving configuration mode and saving, beside the timeouts that the caller chose.
_SLACK: Final = 30.0


def time_limit(work: Work, *, read_timeout: float, conn_timeout: float, at_least: int = SHORTEST_LIMIT) -> int:
    """Return how long the job may run, in whole seconds: long enough for every command to use its own timeout."""
    return max(at_least, math.ceil(conn_timeout + _steps(work) * read_timeout + _SLACK))


def _steps(work: Work) -> int:
    match work:
        case CommandWork() | StructuredWork():
            return len(work.commands)
        case ConfigWork():
            # The configuration is read before and after where a difference is wanted.
            return len(work.lines) + len(work.checks_before) + len(work.checks_after) + 2 * work.want_diff
        case BackupWork():
            return 1


def command_count(work: Work) -> int:
    """Return how many commands or configuration lines the work has."""
    match work:
        case CommandWork(commands=lines) | StructuredWork(commands=lines) | ConfigWork(lines=lines):
            return len(lines)
        case BackupWork():
            return 1


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
