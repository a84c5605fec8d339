"""What came of a command at one device or many, printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import click
from clientsmith.core.terminal import count, escaped, style

from .grouping import grouped, named, without_itself
from .outcome import Outcome, State, shown_output
from .writing import clean, coloured_diff, heading, print_json, print_line, print_table

__all__ = ["show_outcomes", "summary"]


def show_outcomes(
    outcomes: Sequence[Outcome],
    form: str,
    *,
    is_diff: bool = False,
    is_grouped: bool = False,
    ignore: Sequence[re.Pattern[str]] = (),
) -> None:
    """Print outcomes.

    Args:
        outcomes: In the order in which the devices were named.
        form: ``text``, ``table``, ``json`` or ``ndjson``.
        is_diff: Whether what differs from most is shown as a difference from it.
        is_grouped: Whether answers that are the same are printed once.
        ignore: Lines in which one of these finds something do not count in comparisons.
    """
    if form in ("text", "table"):
        outcomes = [_as_changes(outcome) for outcome in outcomes]
    if form == "json":
        print_json([outcome.as_data() for outcome in outcomes])
    elif form == "ndjson":
        for outcome in outcomes:
            print_line(outcome.as_data())
    elif form == "table":
        rows = [[o.device, o.state.value, _seconds(o), _in_a_line(o)] for o in outcomes]
        print_table(["device", "state", "seconds", "what it says"], rows)
    elif len(outcomes) > 1 and (is_grouped or is_diff):
        _show_groups(outcomes, ignore, is_diff=is_diff)
    else:
        _show_each(outcomes)


_CHANGES: Final = "changes"


def _as_changes(outcome: Outcome) -> Outcome:
    """Return what a person wants to see of a job that was asked for a difference: that, and not the conversation."""
    if outcome.diff is None:
        return outcome
    return replace(outcome, results={_CHANGES: outcome.diff.strip("\n") or "nothing changes"}, diff=None)


def _show_each(outcomes: Sequence[Outcome]) -> None:
    """Print each device's answers; one device's only answer as it is, so that it can be piped on."""
    is_alone = len(outcomes) == 1 and len(outcomes[0].results or {}) == 1
    for outcome in outcomes:
        results = outcome.results if outcome.results is not None else outcome.partial or {}
        for command, output in results.items():
            if not (is_alone and outcome.state is State.OK):
                click.echo(heading(f"{outcome.device}# {command}"))
            click.echo(_shown(command, output))
        _show_failure(outcome)


def _show_groups(outcomes: Sequence[Outcome], ignore: Sequence[re.Pattern[str]], *, is_diff: bool) -> None:
    for answers in grouped(outcomes, ignore):
        click.echo(heading(f"# {answers.command}: {answers.summary}"))
        first = answers.answers[0]
        click.echo(style(escaped(f"-- {count(len(first.devices), 'device')}: {named(first.devices)}"), fg="cyan"))
        click.echo(_shown(answers.command, first.text))
        for answer, difference in answers.differences():
            who = f"-- {count(len(answer.devices), 'device')}: {named(answer.devices)}"
            click.echo(style(escaped(who), fg="yellow"))
            click.echo(coloured_diff(difference) if is_diff else _shown(answers.command, answer.text))
    alike: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.state is not State.OK:
            alike.setdefault(f"{outcome.state} {without_itself(outcome.error or '', outcome)}", []).append(outcome)
    for some in alike.values():
        if len(some) == 1 or not some[0].error:
            for outcome in some:
                _show_failure(outcome)
        else:
            _show_failures(some)


def _show_failures(outcomes: Sequence[Outcome]) -> None:
    """Print a failure that several devices have in common."""
    who = f"{count(len(outcomes), 'device')}: {named([outcome.device for outcome in outcomes])}"
    click.echo(style(escaped(who), fg="red", bold=True), err=True)
    code = f" ({outcomes[0].error_code})" if outcomes[0].error_code else ""
    click.echo(f"  {escaped(without_itself(outcomes[0].error or '', outcomes[0]))}{code}", err=True)


def _shown(command: str, output: object) -> str:
    text = shown_output(output)
    return coloured_diff(text) if command == _CHANGES else clean(text)


def _show_failure(outcome: Outcome) -> None:
    if outcome.state is State.OK:
        return
    what = outcome.error or {State.CANCELED: "canceled", State.WAITING: "has not ended"}.get(outcome.state, "failed")
    code = f" ({outcome.error_code})" if outcome.error_code else ""
    job = f", job {outcome.job_id}" if outcome.job_id else ""
    colour = "red" if outcome.state is State.FAILED else "yellow"
    click.echo(f"{style(escaped(outcome.device), fg=colour, bold=True)}: {escaped(what)}{code}{job}", err=True)


def summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return how it went, in one line."""
    parts = [count(len(outcomes), "device")]
    for state, word in ((State.OK, "done"), (State.FAILED, "failed"), (State.CANCELED, "canceled")):
        number = sum(outcome.state is state for outcome in outcomes)
        if number:
            parts.append(f"{number:,} {word}")
    waiting = sum(outcome.state is State.WAITING for outcome in outcomes)
    if waiting:
        parts.append(f"{waiting:,} not ended")
    return f"{parts[0]}: {', '.join(parts[1:])} in {seconds:.1f} s"


def _seconds(outcome: Outcome) -> str:
    return "" if outcome.seconds is None else f"{outcome.seconds:.1f}"


def _in_a_line(outcome: Outcome) -> str:
    if outcome.error:
        return f"{outcome.error_code}: {outcome.error}" if outcome.error_code else outcome.error
    outputs = [shown_output(output) for output in (outcome.results or {}).values()]
    if len(outputs) == 1 and "\n" not in outputs[0]:
        return outputs[0]
    lines = sum(len(output.splitlines()) for output in outputs)
    return f"{count(len(outputs), 'answer')}, {count(lines, 'line')}" if outputs else ""
