"""The table of `docs/guidelines.md`: every guideline, where it is judged, and how our packages stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .rules import GUIDELINES, NOT_JUDGED, RULES, Met, NotApplicable, NotMet, Package, Rule, Waived
from .subjects import NOT_YET

__all__ = ["BEGIN", "END", "status", "table"]

BEGIN: Final = "<!-- table: python -m tests.guidelines -->"
END: Final = "<!-- end of table -->"
_HEAD: Final = ("id", "level", "by", "meaning", "judged in", "status")


def table(packages: Mapping[str, Package]) -> str:
    """Return the table in Markdown, one row for each guideline in the order of the source."""
    rows = {rule.id: _row(rule.id, rule.kinds, rule.meaning, _where(rule), status(rule, packages)) for rule in RULES}
    rows |= {each.id: _row(each.id, each.kinds, each.meaning, "-", f"not judged: {each.reason}") for each in NOT_JUDGED}
    lines = [_line(_HEAD), _line(tuple("---" for _ in _HEAD)), *(_line(rows[id]) for id in GUIDELINES)]
    return "\n".join(lines)


def status(rule: Rule, packages: Mapping[str, Package]) -> str:
    """Return how the packages stand together: what is missing or excused is said first, and for which of them."""
    verdicts = {name: rule.check(package) for name, package in packages.items()}
    broken = [name for name, verdict in verdicts.items() if isinstance(verdict, NotMet)]
    waived = {name: verdict.reason for name, verdict in verdicts.items() if isinstance(verdict, Waived)}
    absent = {name: verdict.reason for name, verdict in verdicts.items() if isinstance(verdict, NotApplicable)}
    met = [name for name, verdict in verdicts.items() if isinstance(verdict, Met)]
    parts = [f"not yet for {name}: {NOT_YET.get(f'{rule.id}-{name}', 'a defect')}" for name in broken]
    parts += ["met"] if met else []
    parts += _grouped("waived", waived, len(packages))
    if not parts:
        parts = [f"not applicable: {reason}" for reason in list(absent.values())[:1]]
    return "<br>".join(parts)


def _grouped(word: str, reasons: Mapping[str, str], total: int) -> list[str]:
    if len(reasons) == total:
        return [f"{word}: {next(iter(reasons.values()))}"]
    return [f"{word} for {name}: {reason}" for name, reason in reasons.items()]


def _where(rule: Rule) -> str:
    path = f"tests/guidelines/rules/{rule.theme}.py"
    return f"[{rule.theme}](../{path})"


def _row(id: str, kinds: str, meaning: str, where: str, state: str) -> tuple[str, ...]:
    return (id, GUIDELINES[id].value, kinds, meaning, where, state)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
