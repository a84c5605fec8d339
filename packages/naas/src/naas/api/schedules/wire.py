"""The shapes of schedules on the wire."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from naas.api.jobs.wire import LONGEST_READ, CheckRequest
from naas.api.wire import App, EntryName, JobId, Lines, Time, Version
from naas.jobs import JobKind, Priority
from naas.schedules import SHORTEST_INTERVAL

__all__ = ["ScheduleAnswer", "ScheduleList", "ScheduleRequest"]

MOST_DEVICES: Final = 1000
A_YEAR: Final = 31_622_400.0
A_DAY: Final = 86_400.0

_Texts = list[EntryName]


class ScheduleRequest(Struct, kw_only=True, frozen=True):
    """Work to do again and again at devices of the inventory."""

    name: Annotated[EntryName, Meta(description="The name of the schedule.")]
    kind: Annotated[JobKind, Meta(description="What to do.")]
    devices: Annotated[_Texts, Meta(max_length=MOST_DEVICES, description="Devices of the inventory, by name.")] = []
    group: Annotated[EntryName | None, Meta(description="A group of the inventory, by name.")] = None
    cron: Annotated[
        Annotated[str, Meta(min_length=1, max_length=100)] | None,
        Meta(description="When: a cron expression of five fields.", examples=["0 2 * * *"]),
    ] = None
    every_seconds: Annotated[
        Annotated[float, Meta(ge=SHORTEST_INTERVAL, le=A_YEAR)] | None, Meta(description="When: every so many seconds.")
    ] = None
    timezone: Annotated[
        str, Meta(min_length=1, max_length=64, description="The time zone of `cron`.", examples=["Europe/Berlin"])
    ] = "UTC"
    starts_at: Annotated[Time | None, Meta(description="The first moment at which it may run.")] = None
    ends_at: Annotated[Time | None, Meta(description="The last moment at which it may run.")] = None
    jitter_seconds: Annotated[
        float, Meta(ge=0, le=A_DAY, description="Spread the devices of a run over so many seconds.")
    ] = 0.0
    catch_up_seconds: Annotated[
        float, Meta(ge=0, le=A_YEAR, description="How old a missed run may be and still be made up for.")
    ] = 300.0
    commands: Annotated[Lines | None, Meta(description="Commands, or configuration lines.")] = None
    pre_checks: Annotated[
        Annotated[list[CheckRequest], Meta(max_length=50)] | None, Meta(description="What must hold before a change.")
    ] = None
    post_checks: Annotated[
        Annotated[list[CheckRequest], Meta(max_length=50)] | None, Meta(description="What must hold after a change.")
    ] = None
    save_config: Annotated[bool, Meta(description="Whether to save the configuration after a change.")] = False
    commit: Annotated[bool, Meta(description="Whether to commit a change, on platforms that have a commit.")] = False
    diff: Annotated[bool, Meta(description="Whether to show what a change changed.")] = False
    startup: Annotated[bool, Meta(description="Whether a backup reads the startup configuration.")] = False
    read_timeout: Annotated[
        float, Meta(ge=1, le=LONGEST_READ, description="Longest wait for the answer to one command, in seconds.")
    ] = 30.0
    priority: Annotated[Priority, Meta(description="Which of the jobs that wait goes out first.")] = Priority.LOW
    tags: Annotated[
        dict[str, str], Meta(description="Labels of its jobs.", extra_json_schema={"maxProperties": 9})
    ] = {}
    enabled: Annotated[bool, Meta(description="Whether it runs.")] = True
    description: Annotated[str, Meta(max_length=1000, description="A line for people.")] = ""


class ScheduleAnswer(ScheduleRequest, kw_only=True, frozen=True):
    """A schedule, and what became of it."""

    submitter: Annotated[str, Meta(description="Who made it.")]
    next_run_at: Annotated[Time | None, Meta(description="When it runs next; null if never again.")]
    last_run_at: Annotated[Time | None, Meta(description="When it ran last.")]
    last_job_ids: Annotated[list[JobId], Meta(description="The jobs of its last run.")]
    last_problem: Annotated[str | None, Meta(description="What went wrong with its last run.")]
    runs: Annotated[int, Meta(ge=0, description="How often it ran.")]
    revision: Annotated[int, Meta(ge=1, description="Counts up with every change; the ETag without its quotes.")]
    created_at: Annotated[Time, Meta(description="When it was made.")]
    updated_at: Annotated[Time, Meta(description="When it last changed or ran.")]


class ScheduleList(Struct, kw_only=True, frozen=True):
    """Schedules by name."""

    schedules: Annotated[list[ScheduleAnswer], Meta(description="The schedules, by name.")]
    app: App
    version: Version
