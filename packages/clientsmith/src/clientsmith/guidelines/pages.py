"""The pages of the documentation that are made from the rules: each of them explained, and how packages stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Final

from .explaining import explained_in_markdown
from .judging import Judgement, Report
from .rules import RULES
from .verdicts import Met, NotApplicable, NotMet, Waived

__all__ = ["BEGIN", "END", "reference", "statuses_in", "statuses_of", "with_table"]

BEGIN: Final = "<!-- table: python tools/docs.py -->"
END: Final = "<!-- end of table -->"
_HEAD: Final = ("id", "level", "by", "meaning", "status")


def reference() -> str:
    """Return the page that explains every rule, theme by theme."""
    parts = [
        "# The guidelines, one by one",
        "`clientsmith check` judges a package by these, `clientsmith check --explain ID` shows one of them. A line "
        "that ends in `# <--` is where the rule finds something; each example is a test of its rule.",
    ]
    ordered = sorted(RULES, key=lambda rule: list(dict.fromkeys(r.theme for r in RULES)).index(rule.theme))
    for theme, rules in groupby(ordered, key=lambda rule: rule.theme):
        parts.append(f"## {theme.replace('_', ' ').capitalize()}")
        parts += [explained_in_markdown(rule) for rule in rules]
    return "\n\n".join(parts) + "\n"


def with_table(page: str, statuses: Mapping[str, str]) -> str:
    """Return a page with the table of all guidelines between its marks, each with its status."""
    rows = [(r.id, r.level.value, r.kinds, r.meaning, statuses.get(r.id, "")) for r in RULES]
    lines = [_line(_HEAD), _line(tuple("---" for _ in _HEAD)), *map(_line, rows)]
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.partition(END)[2]}"


def statuses_in(page: str) -> dict[str, str]:
    """Return what the table of a page says now, by guideline."""
    rows = re.findall(r"^\| ([a-z-]+) \|.*\| (.*) \|$", page.partition(BEGIN)[2], re.MULTILINE)
    return dict(rows)


def statuses_of(reports: Mapping[str, Report]) -> dict[str, str]:
    """Return how packages stand, by guideline: what is missing or excused is said first, and of which of them."""
    return {rule.id: _status({name: _of(report, rule.id) for name, report in reports.items()}) for rule in RULES}


def _of(report: Report, id: str) -> Judgement:
    return next(each for each in report.judgements if each.rule.id == id)


def _status(judgements: Mapping[str, Judgement]) -> str:
    broken = [name for name, each in judgements.items() if isinstance(each.verdict, NotMet)]
    waived = {name: each.verdict.reason for name, each in judgements.items() if isinstance(each.verdict, Waived)}
    absent = [each.verdict.reason for each in judgements.values() if isinstance(each.verdict, NotApplicable)]
    parts = [f"not met by {', '.join(broken)}"] if broken else []
    parts += ["met"] if any(isinstance(each.verdict, Met) for each in judgements.values()) else []
    if len(set(waived.values())) == 1 and len(waived) == len(judgements):
        parts.append(f"waived: {next(iter(waived.values()))}")
    else:
        parts += [f"waived for {name}: {reason}" for name, reason in waived.items()]
    return "<br>".join(parts) or f"not applicable: {absent[0]}"


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
