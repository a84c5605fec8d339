"""What a gate found, for people, for programs, for pages and for GitHub."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clientsmith.core.terminal import escaped, style
from clientsmith.findings import Finding, Severity

from .outcomes import Outcome, Status
from .plan import Kind
from .stages import Stock

__all__ = ["as_findings", "as_json", "as_markdown", "as_text", "has_failed", "one_line"]

_COLOURS: Final = {
    Status.PASSED: "green",
    Status.FAILED: "red",
    Status.UNSUPPORTED: "cyan",
    Status.SKIPPED: "yellow",
}
_WORDS: Final = {Status.PASSED: "ok", Status.FAILED: "FAILED", Status.UNSUPPORTED: "not supported", Status.SKIPPED: "-"}


@dataclass(frozen=True, slots=True)
class _Matrix:
    """The cells of one client and one service: a row a client's version, a column a service's."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Outcome | None, ...]], ...]


def has_failed(outcomes: Iterable[Outcome]) -> bool:
    return any(outcome.status is Status.FAILED for outcome in outcomes)


# --- text ------------------------------------------------------------------------------------------------------------


def one_line(outcome: Outcome) -> str:
    """Return the line that says how a job ended."""
    word = style(f"{_WORDS[outcome.status]:<13}", fg=_COLOURS[outcome.status])
    return f"{word} {_seconds(outcome):>7}  {outcome.job.name}  {style(escaped(outcome.message), dim=True)}"


def as_text(outcomes: Sequence[Outcome], stock: Stock, seconds: float) -> str:
    """Return the table: cells as matrices, every other job in a line, then what failed and why."""
    parts = [_text_matrix(matrix) for matrix in _matrices(outcomes, stock)]
    others = [one_line(one) for one in outcomes if one.job.kind is not Kind.CELL]
    parts += ["\n".join(others)] if others else []
    parts += [_text_failure(one) for one in outcomes if one.status is Status.FAILED]
    return "\n\n".join([*parts, _summary(outcomes, seconds)])


def _text_matrix(matrix: _Matrix) -> str:
    rows = [[matrix.title, *matrix.columns]]
    rows += [[title, *(_cell(outcome) for outcome in cells)] for title, cells in matrix.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)


def _text_failure(outcome: Outcome) -> str:
    lines = [f"{style(outcome.job.name, bold=True)}: {escaped(outcome.message)}", f"  tried: {outcome.job.reason}"]
    lines += [f"  hint: {escaped(outcome.hint)}"] if outcome.hint else []
    lines += [f"  | {escaped(line)}" for line in outcome.details.splitlines()]
    return "\n".join(lines)


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    counts = {status: sum(one.status is status for one in outcomes) for status in Status}
    said = [f"{number} {status.value}" for status, number in counts.items() if number]
    return f"{', '.join(said) or 'nothing to try'} in {seconds:.0f} s"


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    return f"{_WORDS[outcome.status]} {_seconds(outcome)}".strip()


def _seconds(outcome: Outcome) -> str:
    return f"{outcome.seconds:.1f} s" if outcome.seconds else ""


# --- Markdown --------------------------------------------------------------------------------------------------------


def as_markdown(outcomes: Sequence[Outcome], stock: Stock, seconds: float) -> str:
    """Return the same as tables of Markdown, for a job's summary or a page."""
    parts = [_markdown_matrix(matrix) for matrix in _matrices(outcomes, stock)]
    rows = [
        [f"`{one.job.name}`", _WORDS[one.status], _seconds(one), one.message]
        for one in outcomes
        if one.job.kind is not Kind.CELL
    ]
    parts += [_table(["job", "result", "time", ""], rows)] if rows else []
    parts += [_markdown_failure(one) for one in outcomes if one.status is Status.FAILED]
    return "\n\n".join([*parts, _summary(outcomes, seconds)])


def _markdown_matrix(matrix: _Matrix) -> str:
    rows = [[title, *(_cell(outcome) for outcome in cells)] for title, cells in matrix.rows]
    return _table([matrix.title, *matrix.columns], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(text.replace('|', '&#124;') for text in line)} |" for line in lines)


def _markdown_failure(outcome: Outcome) -> str:
    hint = f"\n\n{outcome.hint}" if outcome.hint else ""
    fence = "````" if "```" in outcome.details else "```"
    details = f"\n\n{fence}text\n{outcome.details}\n{fence}" if outcome.details else ""
    return f"**{outcome.job.name}**: {outcome.message}{hint}{details}"


# --- for machines ----------------------------------------------------------------------------------------------------


def as_json(outcomes: Sequence[Outcome], stock: Stock, seconds: float) -> dict[str, Any]:
    """Return all that is known, as plain data."""
    return {
        "passed": not has_failed(outcomes),
        "seconds": round(seconds, 1),
        "packages": {
            name: [{"stage": one.stage, "version": one.member.version} for one in candidates]
            for name, candidates in stock.candidates.items()
        },
        "jobs": [
            {
                "name": one.job.name,
                "kind": one.job.kind.value,
                "package": one.job.package,
                "stages": {one.job.package: one.job.stage, **one.job.pins},
                "reason": one.job.reason,
                "status": one.status.value,
                "seconds": round(one.seconds, 1),
                "message": one.message,
                "hint": one.hint,
                "details": one.details,
            }
            for one in outcomes
        ],
    }


def as_findings(outcomes: Sequence[Outcome]) -> list[Finding]:
    """Return a finding for each failure, at the metadata of its package."""
    return [
        Finding(
            one.job.name,
            Severity.ERROR,
            "\n".join(part for part in (one.message, one.details) if part),
            one.hint,
            file=one.job.metadata,
        )
        for one in outcomes
        if one.status is Status.FAILED
    ]


# --- matrices --------------------------------------------------------------------------------------------------------


def _matrices(outcomes: Sequence[Outcome], stock: Stock) -> list[_Matrix]:
    """Return a matrix for each client and service that have cells."""
    cells = {tuple(sorted(one.job.pins.items())): one for one in outcomes if one.job.kind is Kind.CELL}
    pairs = dict.fromkeys(
        (one.job.package, next(name for name in one.job.pins if name != one.job.package)) for one in cells.values()
    )
    return [
        _matrix(client, service, stock, lambda pins: cells.get(tuple(sorted(pins.items()))))
        for client, service in pairs
    ]


def _matrix(client: str, service: str, stock: Stock, outcome_of: Callable[[dict[str, str]], Outcome | None]) -> _Matrix:
    found = {
        (row.stage, column.stage): outcome_of({client: row.stage, service: column.stage})
        for row in stock.stages(client)
        for column in stock.stages(service)
    }
    # Of jobs that were chosen only some may be there; a row of nothing says nothing.
    rows = [row for row in stock.stages(client) if any(one and at[0] == row.stage for at, one in found.items())]
    columns = [one for one in stock.stages(service) if any(cell and at[1] == one.stage for at, cell in found.items())]
    return _Matrix(
        f"{client} and {service}",
        tuple(f"{service} {column.title}" for column in columns),
        tuple((f"{client} {row.title}", tuple(found[row.stage, column.stage] for column in columns)) for row in rows),
    )
