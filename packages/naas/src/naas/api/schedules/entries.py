"""Between the wire and the records of schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from naas.api.answers import moment, moment_or_none
from naas.api.jobs.orders import problems_told
from naas.api.jobs.wire import CheckRequest
from naas.api.rules import line_rules, tag_rules
from naas.api.schedules.wire import ScheduleAnswer, ScheduleRequest
from naas.errors import FieldProblem, InvalidRequest
from naas.jobs import BackupWork, Check, CommandWork, ConfigWork, JobKind, StructuredWork
from naas.principals import Role
from naas.schedules import ScheduleRecord, cron_problem, timezone_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from naas.jobs import Work
    from naas.store.base import Record

__all__ = ["schedule_answer", "schedule_of"]


def schedule_of(request: ScheduleRequest) -> ScheduleRecord:
    """Return the record that a request means; whose it is, the service knows.

    Raises:
        InvalidRequest: With every rule that it breaks.
    """
    problems_told(_time_rules(request), _work_rules(request), tag_rules(request.tags))
    return ScheduleRecord(
        id=request.name,
        owner="",
        submitter="",
        role=Role.VIEWER,
        work=_work_of(request),
        cron=request.cron,
        every_seconds=request.every_seconds,
        timezone=request.timezone,
        starts_at=_time_of(request.starts_at, "starts_at"),
        ends_at=_time_of(request.ends_at, "ends_at"),
        jitter_seconds=request.jitter_seconds,
        catch_up_seconds=request.catch_up_seconds,
        devices=tuple(dict.fromkeys(request.devices)),
        group=request.group,
        read_timeout=request.read_timeout,
        priority=request.priority,
        tags=request.tags,
        enabled=request.enabled,
        description=request.description,
    )


def schedule_answer(record: Record[ScheduleRecord]) -> ScheduleAnswer:
    """Return a schedule as the wire shows it."""
    value = record.value
    work = value.work
    change = work if isinstance(work, ConfigWork) else ConfigWork(())
    return ScheduleAnswer(
        name=value.id,
        kind=_kind_of(work),
        devices=list(value.devices),
        group=value.group,
        cron=value.cron,
        every_seconds=value.every_seconds,
        timezone=value.timezone,
        starts_at=moment_or_none(value.starts_at),
        ends_at=moment_or_none(value.ends_at),
        jitter_seconds=value.jitter_seconds,
        catch_up_seconds=value.catch_up_seconds,
        commands=_lines_of(work),
        pre_checks=_shown(change.checks_before),
        post_checks=_shown(change.checks_after),
        save_config=change.save_config,
        commit=change.commit,
        diff=change.want_diff,
        startup=isinstance(work, BackupWork) and work.startup,
        read_timeout=value.read_timeout,
        priority=value.priority,
        tags=value.tags,
        enabled=value.enabled,
        description=value.description,
        submitter=value.submitter,
        next_run_at=moment_or_none(value.next_run_at),
        last_run_at=moment_or_none(value.last_run_at),
        last_job_ids=list(value.last_job_ids),
        last_problem=value.last_problem,
        runs=value.runs,
        revision=record.revision,
        created_at=moment(record.created_at),
        updated_at=moment(record.updated_at),
    )


def _time_rules(request: ScheduleRequest) -> Iterator[FieldProblem]:
    if (request.cron is None) == (request.every_seconds is None):
        yield FieldProblem("conflict", ("cron",), "give 'cron' or 'every_seconds', one of the two")
    if request.cron is not None and (problem := cron_problem(request.cron)):
        yield FieldProblem("cron", ("cron",), problem)
    if problem := timezone_problem(request.timezone):
        yield FieldProblem("timezone", ("timezone",), problem)


def _work_rules(request: ScheduleRequest) -> Iterator[FieldProblem]:
    if request.kind is JobKind.BACKUP:
        if request.commands is not None:
            yield FieldProblem("conflict", ("commands",), "a backup takes no commands")
    elif request.commands is None:
        yield FieldProblem("missing", ("commands",), f"a schedule of {request.kind} needs commands")
    else:
        yield from line_rules("commands", request.commands)
    if request.kind is not JobKind.SEND_CONFIG:
        for name in ("pre_checks", "post_checks", "save_config", "commit", "diff"):
            if getattr(request, name):
                yield FieldProblem("conflict", (name,), "this belongs to a schedule of send-config")


def _work_of(request: ScheduleRequest) -> Work:
    lines = tuple(request.commands or ())
    match request.kind:
        case JobKind.SEND_COMMAND:
            return CommandWork(lines)
        case JobKind.SEND_COMMAND_STRUCTURED:
            return StructuredWork(lines)
        case JobKind.BACKUP:
            return BackupWork(request.startup)
        case JobKind.SEND_CONFIG:
            return ConfigWork(
                lines,
                save_config=request.save_config,
                commit=request.commit,
                want_diff=request.diff,
                checks_before=_checks(request.pre_checks),
                checks_after=_checks(request.post_checks),
            )


def _checks(checks: Sequence[CheckRequest] | None) -> tuple[Check, ...]:
    return tuple(Check(check.command, tuple(check.includes), tuple(check.excludes)) for check in checks or ())


def _shown(checks: Sequence[Check]) -> list[CheckRequest] | None:
    shown = [
        CheckRequest(command=each.command, includes=list(each.includes), excludes=list(each.excludes))
        for each in checks
    ]
    return shown or None


def _kind_of(work: Work) -> JobKind:
    match work:
        case CommandWork():
            return JobKind.SEND_COMMAND
        case StructuredWork():
            return JobKind.SEND_COMMAND_STRUCTURED
        case ConfigWork():
            return JobKind.SEND_CONFIG
        case BackupWork():
            return JobKind.BACKUP


def _lines_of(work: Work) -> list[str] | None:
    match work:
        case CommandWork(commands=lines) | StructuredWork(commands=lines) | ConfigWork(lines=lines):
            return list(lines)
        case BackupWork():
            return None


def _time_of(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        rule = "must be a time of ISO 8601, for example 2026-01-31T02:00:00+01:00"
        raise InvalidRequest([FieldProblem("date_time", (name,), rule)]) from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
