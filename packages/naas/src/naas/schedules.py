"""Schedules as values, and the pure rule of when they run.

A schedule runs at the times of a cron expression in a time zone, or every so many seconds from its start. A run that
was missed, because the service was down, is made up for once if it is no older than the schedule's ``catch_up``; older
ones are skipped: nobody wants a night's worth of backups at eight in the morning.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from msgspec import field

from naas.jobs import Priority, Work
from naas.principals import ALL_CONTEXTS, Role
from naas.store.base import RecordValue

__all__ = [
    "SHORTEST_INTERVAL",
    "ScheduleRecord",
    "cron_problem",
    "due_run",
    "jitter_of",
    "next_run",
    "run_id",
    "run_to_resume",
    "timezone_problem",
    "wait_for_turn",
]

SHORTEST_INTERVAL: Final = 10.0
"""Seconds. A device asked more often wants monitoring, not jobs."""


class ScheduleRecord(RecordValue, frozen=True, kw_only=True):
    """Work that is done again and again. ``id`` is its name.

    Attributes:
        owner, submitter, role, contexts, key_id: Whose schedule it is, and what they might do when they made it.
        cron, every_seconds: When; one of the two. ``timezone`` is an IANA name, for ``cron``.
        starts_at, ends_at: Between when; None means from its creation, and for ever.
        jitter_seconds: Each device's run is put off by up to so long, always the same for a device.
        devices, group: Where, by names of the inventory.
        work: What.
        catch_up_seconds: How old a missed run may be and still be made up for.
        next_run_at: When it runs next; None if never again.
        last_run_at, last_job_ids, last_problem, runs: What became of it.
        seed: Random, and shown to nobody: without it the ids of its jobs could be guessed, and taken before it runs.
    """

    collection: ClassVar[str] = "schedules"

    owner: str
    submitter: str
    role: Role
    work: Work
    contexts: tuple[str, ...] = (ALL_CONTEXTS,)
    key_id: str | None = None
    cron: str | None = None
    every_seconds: float | None = None
    timezone: str = "UTC"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    jitter_seconds: float = 0.0
    catch_up_seconds: float = 300.0
    devices: tuple[str, ...] = ()
    group: str | None = None
    read_timeout: float = 30.0
    conn_timeout: float = 10.0
    priority: Priority = Priority.NORMAL
    tags: dict[str, str] = field(default_factory=dict[str, str])
    enabled: bool = True
    description: str = ""
    next_run_at: datetime | None = None
    last_run_at: datetime | None = None
    last_job_ids: tuple[str, ...] = ()
    last_problem: str | None = None
    runs: int = 0
    seed: str = ""


def next_run(schedule: ScheduleRecord, after: datetime) -> datetime | None:
    """Return the first time of the schedule that is later than ``after``, in UTC; None if there is none."""
    if not schedule.enabled:
        return None
    after = max(after, schedule.starts_at - timedelta(microseconds=1)) if schedule.starts_at else after
    run = _next_of_cron(schedule, after) if schedule.cron is not None else _next_of_interval(schedule, after)
    return None if run is None or (schedule.ends_at is not None and run > schedule.ends_at) else run


def due_run(schedule: ScheduleRecord, now: datetime) -> datetime | None:
    """Return the time of the run that has to be made now, or None. Of several missed ones it is the latest."""
    run = schedule.next_run_at
    if not schedule.enabled or run is None or run > now:
        return None
    latest = max(run, _last_run(schedule, now) or run)
    return latest if (now - latest).total_seconds() <= schedule.catch_up_seconds else None


def run_id(schedule: ScheduleRecord, run: datetime, device: str) -> str:
    """Return the job id of one run at one device: the same in every process, so that a run is made once."""
    return str(uuid.uuid5(_NAMESPACE, f"{schedule.id}\n{run.isoformat()}\n{device}\n{schedule.seed}"))


def jitter_of(schedule: ScheduleRecord, device: str) -> float:
    """Return by how many seconds the run at the device is put off: spread evenly, and the same each time."""
    digest = hashlib.sha256(f"{schedule.id}\n{device}".encode()).digest()
    return schedule.jitter_seconds * int.from_bytes(digest[:4]) / 2**32


def run_to_resume(schedule: ScheduleRecord, now: datetime) -> datetime | None:
    """Return the last run if jitter may have put off jobs of it that nobody has made yet; else None."""
    run = schedule.last_run_at
    if run is None or not schedule.enabled or schedule.jitter_seconds <= 0:
        return None
    return run if (now - run).total_seconds() <= schedule.jitter_seconds + schedule.catch_up_seconds else None


def wait_for_turn(schedule: ScheduleRecord, run: datetime, device: str, now: datetime) -> float | None:
    """Return how many seconds there are until the device's turn of a run, below zero if it has passed; None if that
    is longer ago than the schedule makes up for."""
    wait = (run - now).total_seconds() + jitter_of(schedule, device)
    return None if -wait > schedule.catch_up_seconds else wait


def cron_problem(expression: str) -> str | None:
    """Return what is wrong with a cron expression, or None."""
    if len(expression.split()) != _CRON_FIELDS:  # a sixth would be seconds: more often than `SHORTEST_INTERVAL`
        return "is not a cron expression; write five fields such as '0 2 * * *'"
    try:
        next(CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as exc:
        return f"is not a cron expression ({exc}); write five fields such as '0 2 * * *'"
    except StopIteration:
        return "names a time that never comes"
    return None


def timezone_problem(name: str) -> str | None:
    """Return what is wrong with the name of a time zone, or None."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # not a key, unreadable, not there
        return "is not a time zone of the IANA database; write for example 'Europe/Berlin' or 'UTC'"
    return None


_CRON_FIELDS: Final = 5
_NAMESPACE: Final = uuid.UUID("6b1d0c52-6a2f-4c55-9f0e-0d6a7e4f4f52")


def _next_of_cron(schedule: ScheduleRecord, after: datetime) -> datetime | None:
    local = after.astimezone(ZoneInfo(schedule.timezone))
    try:
        return next(CronSim(schedule.cron or "", local)).astimezone(UTC)
    except StopIteration:
        return None


def _last_run(schedule: ScheduleRecord, now: datetime) -> datetime | None:
    """Return the last time of the schedule up to ``now``; in one step, however many there were before it."""
    until = now if schedule.ends_at is None else min(now, schedule.ends_at)
    if schedule.cron is None:
        if schedule.every_seconds is None or (run := schedule.next_run_at) is None:
            return None
        passed = int((until - run).total_seconds() // schedule.every_seconds)
        return run + timedelta(seconds=schedule.every_seconds * passed)
    # The expression counts whole minutes, and going back it does not give the minute that it starts from.
    local = (until + timedelta(minutes=1)).astimezone(ZoneInfo(schedule.timezone))
    try:
        return next(each for each in CronSim(schedule.cron, local, reverse=True) if each.astimezone(UTC) <= until)
    except StopIteration:
        return None


def _next_of_interval(schedule: ScheduleRecord, after: datetime) -> datetime | None:
    every = schedule.every_seconds
    if every is None:
        return None
    first = schedule.starts_at or schedule.next_run_at or after + timedelta(seconds=every)
    if first > after:
        return first
    passed = int((after - first).total_seconds() // every) + 1
    return first + timedelta(seconds=every * passed)
