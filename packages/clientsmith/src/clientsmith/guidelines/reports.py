"""A report as text, plain data or Markdown, and as findings for what reads SARIF or annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from clientsmith.core.terminal import count, escaped, style
from clientsmith.findings import Finding, Severity

from .baseline import Known
from .ids import Level
from .judging import Judgement, Report
from .verdicts import Met, NotApplicable, NotMet, Verdict, Waived

__all__ = ["as_data", "as_findings", "as_markdown", "as_text", "summary", "word_of"]

_WORDS: Final[Mapping[type[Verdict], tuple[str, str]]] = {
    Met: ("met", "green"),
    NotMet: ("not met", "red"),
    Waived: ("waived", "yellow"),
    NotApplicable: ("n/a", "bright_black"),
}
_LONGEST: Final = 96  # characters of evidence in a row of the table; the rest is in the JSON
_MOST_SHOWN: Final = 20  # places of one rule are shown, the others counted: all of them are in the JSON
_SEVERITIES: Final = {
    Level.MUST: Severity.ERROR,
    Level.MUST_NOT: Severity.ERROR,
    Level.SHOULD: Severity.WARNING,
    Level.SHOULD_NOT: Severity.WARNING,
    Level.MAY: Severity.NOTE,
}


def word_of(judgement: Judgement) -> str:
    """Return the verdict in a word: ``met``, ``not met``, ``waived``, ``n/a``."""
    return _WORDS[type(judgement.verdict)][0]


def said_by(judgement: Judgement) -> str:
    """Return what a verdict says: its evidence or its reason, for a broken rule in how many places."""
    match judgement.verdict:
        case Met(evidence):
            return evidence
        case NotMet(problems):
            return f"{count(len(problems), 'place')}"
        case Waived(reason) | NotApplicable(reason):
            return reason


def summary(report: Report, new: Sequence[Known], known: int) -> str:
    """Return the last line: how many rules are what, and what is new."""
    parts = [f"{report.count(kind)} {word}" for kind, (word, _) in _WORDS.items()]
    found = len(new) + known
    news = f"; {count(found, 'finding')}" + (f", {known:,} of them in the baseline" if known else "")
    return f"{count(len(report.judgements), 'guideline')}: {', '.join(parts)}{news}"


# --- text ------------------------------------------------------------------------------------------------------------


def as_text(report: Report, new: Sequence[Known], *, everything: bool = False) -> str:
    """Return the table by theme, then what is to be mended, rule by rule.

    ``everything`` shows every place of every rule, and evidence at its full length.
    """
    parts = [f"{style(_title(report), bold=True)}"]
    for theme, group in groupby(_by_theme(report.judgements), key=lambda each: each.rule.theme):
        parts.append(f"\n{style(theme.replace('_', ' '), bold=True)}")
        parts += [_row(each, everything=everything) for each in group]
    for rule, places in groupby(new, key=lambda each: each.rule):
        parts.append(f"\n{style(rule.id, fg='red', bold=True)}  {rule.level.value}  {rule.meaning}")
        found = list(places)
        shown = found if everything else found[:_MOST_SHOWN]
        parts += [_place(each, report) for each in shown]
        if len(found) > len(shown):
            parts.append(f"  … and {count(len(found) - len(shown), 'more place')}: --all shows them")
    return "\n".join(parts)


def _title(report: Report) -> str:
    package = report.package
    name = f"{package.name} {package.version}".strip() or package.import_name
    return f"{escaped(name)}  ({escaped(package.import_name)}, profile {package.profile.name}: {package.profile.base})"


def _by_theme(judgements: Iterable[Judgement]) -> list[Judgement]:
    themes: dict[str, list[Judgement]] = {}
    for each in judgements:
        themes.setdefault(each.rule.theme, []).append(each)
    return [each for group in themes.values() for each in group]


def _row(judgement: Judgement, *, everything: bool) -> str:
    word, colour = _WORDS[type(judgement.verdict)]
    said = escaped(said_by(judgement))
    if not everything and len(said) > _LONGEST:
        said = f"{said[: _LONGEST - 1]}…"
    return f"  {style(f'{word:<7}', fg=colour)}  {judgement.rule.level.value:<10}  {judgement.rule.id:<47}  {said}"


def _place(known: Known, report: Report) -> str:
    place = f"{shown_path(known, report)}:{known.problem.line}:{known.problem.column}"
    return f"  {style(escaped(place), bold=True)}\n    {escaped(known.problem.hint)}"


def shown_path(known: Known, report: Report) -> str:
    """Return a file as the user can open it: from the current folder where it is below, else from the package."""
    file, here = known.problem.file, Path.cwd()
    if report.package.root.is_relative_to(here) and file.is_relative_to(here):
        return file.relative_to(here).as_posix()
    return known.path


# --- for machines ----------------------------------------------------------------------------------------------------


def as_data(report: Report, findings: Sequence[Known], new: Sequence[Known], stale: Sequence[str]) -> dict[str, Any]:
    """Return the whole report as plain data."""
    fresh = {each.fingerprint for each in new}
    places: dict[str, list[dict[str, Any]]] = {}
    for each in findings:
        places.setdefault(each.rule.id, []).append(
            {
                "file": shown_path(each, report),
                "line": each.problem.line,
                "column": each.problem.column,
                "symbol": each.symbol,
                "hint": each.problem.hint,
                "fingerprint": each.fingerprint,
                "new": each.fingerprint in fresh,
            }
        )
    package = report.package
    return {
        "package": package.name,
        "version": package.version,
        "import_name": package.import_name,
        "profile": package.profile.name,
        "base": package.profile.base,
        "summary": {word: report.count(kind) for kind, (word, _) in _WORDS.items()},
        "guidelines": [_as_data(each, places.get(each.rule.id, [])) for each in report.judgements],
        "notes": list(report.notes),
        "stale": list(stale),
    }


def _as_data(judgement: Judgement, places: list[dict[str, Any]]) -> dict[str, Any]:
    rule = judgement.rule
    data: dict[str, Any] = {
        "id": rule.id,
        "level": rule.level.value,
        "kinds": rule.kinds,
        "theme": rule.theme,
        "verdict": word_of(judgement),
    }
    match judgement.verdict:
        case Met(evidence):
            data["evidence"] = evidence
        case NotMet():
            data["findings"] = places
        case Waived(reason) | NotApplicable(reason):
            data["reason"] = reason
    return data


def as_findings(report: Report, new: Sequence[Known]) -> list[Finding]:
    """Return what is not met as findings, a MUST as an error, a SHOULD as a warning."""
    return [
        Finding(
            each.rule.id,
            _SEVERITIES[each.rule.level],
            each.problem.hint,
            # The fingerprint stands where a document's pointer would: what says whether it is the same as before.
            pointer=each.fingerprint,
            file=shown_path(each, report),
            line=each.problem.line,
            column=each.problem.column,
        )
        for each in new
    ]


# --- Markdown --------------------------------------------------------------------------------------------------------


def as_markdown(report: Report, new: Sequence[Known]) -> str:
    """Return the report as a page: the summary, a table of all rules, and what is to be mended."""
    lines = [
        f"# {_cell(_title(report))}",
        "",
        summary(report, new, 0),
        "",
        "| guideline | level | verdict | |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {each.rule.id} | {each.rule.level.value} | {word_of(each)} | {_cell(said_by(each))} |"
        for each in report.judgements
    ]
    for rule, places in groupby(new, key=lambda each: each.rule):
        lines += ["", f"## {rule.id}", "", rule.meaning, ""]
        lines += [
            f"- `{shown_path(each, report)}:{each.problem.line}:{each.problem.column}` {_cell(each.problem.hint)}"
            for each in places
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ").replace("<", "&lt;")
