"""What an examination comes to: rule by rule, and as text, JSON or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from .advertised import FEATURES, Advertised, advertised_in
from .examination import Evidence
from .levels import Level, Serialization
from .rules import RULES, Rule

__all__ = ["Breach", "Outcome", "Report", "Verdict", "judge"]

Verdict: TypeAlias = Literal["kept", "broken", "nothing to judge"]

_SHOWN: Final = 3  # breaches of one rule in a text: a page of a thousand files breaks one a thousand times


@dataclass(frozen=True)
class Breach:
    """Where a rule is broken, and how."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Outcome:
    """What came of one rule.

    Attributes:
        rule: The rule.
        judged: How many pages, files or answers it was held against.
        breaches: All of them.
    """

    rule: Rule[Any]
    judged: int
    breaches: tuple[Breach, ...] = ()

    @property
    def verdict(self) -> Verdict:
        if self.breaches:
            return "broken"
        return "kept" if self.judged else "nothing to judge"

    def told(self) -> list[str]:
        """Return the first breaches in words, and how many more there are."""
        more = len(self.breaches) - _SHOWN
        return [*map(str, self.breaches[:_SHOWN]), *([f"and {more:,} more"] if more > 0 else [])]


@dataclass(frozen=True)
class Report:
    """What an index offers, and which rules it keeps.

    Attributes:
        index_url: What was examined.
        projects: Whose pages were looked at.
        requests: How many were sent.
        advertised: What each serialization offers; one that never came is not there.
        outcomes: One of each rule.
    """

    index_url: str
    projects: tuple[str, ...]
    requests: int
    advertised: tuple[Advertised, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def is_conforming(self) -> bool:
        """Whether every rule with MUST is kept, as far as could be seen."""
        return not self.broken(Level.MUST)

    def broken(self, level: Level) -> list[Outcome]:
        """Return the rules of a level that are broken; those with MAY are what is not offered."""
        return [one for one in self.outcomes if one.verdict == "broken" and one.rule.level is level]

    def offer(self, serialization: Serialization, feature: str) -> str:
        """Return what a serialization offers of a feature, "-" where it has no place for it or never came."""
        known = next(one for one in FEATURES if one.name == feature)
        has_place = known.in_json if serialization is Serialization.JSON else known.in_html
        own = next((one for one in self.advertised if one.serialization is serialization), None)
        return own.offers[feature] if own is not None and has_place else "-"

    def summary(self) -> str:
        """Return the last line: how many rules of each kind."""
        kept, unseen = (sum(one.verdict == word for one in self.outcomes) for word in ("kept", "nothing to judge"))
        broken = ", ".join(f"{len(self.broken(level))} {level}" for level in (Level.MUST, Level.SHOULD))
        return (
            f"broken: {broken}; not offered: {len(self.broken(Level.MAY))}; kept: {kept}; nothing to judge: {unseen} "
            f"({self.requests} requests)"
        )

    def as_data(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {
            "index": self.index_url,
            "projects": list(self.projects),
            "requests": self.requests,
            "conforming": self.is_conforming,
            "advertised": {
                feature.name: {
                    "source": feature.source,
                    **{one.serialization.value: self.offer(one.serialization, feature.name) for one in self.advertised},
                }
                for feature in FEATURES
            },
            "rules": [
                {
                    "id": outcome.rule.id,
                    "level": outcome.rule.level.value,
                    "source": outcome.rule.source,
                    "text": outcome.rule.text,
                    "verdict": outcome.verdict,
                    "judged": outcome.judged,
                    "breaches": [{"where": breach.where, "what": breach.what} for breach in outcome.breaches],
                }
                for outcome in self.outcomes
            ],
        }

    def as_markdown(self) -> str:
        """Return the report as Markdown: what is offered, what is broken, and the rest in a line."""
        lines = [f"# {self.index_url}", "", "| offered | source | JSON | HTML |", "|---|---|---|---|"]
        lines += [
            f"| {one.name} | {one.source} | {' | '.join(_cell(self.offer(each, one.name)) for each in Serialization)} |"
            for one in FEATURES
        ]
        for level, title in (
            (Level.MUST, "Broken: MUST"),
            (Level.SHOULD, "Broken: SHOULD"),
            (Level.MAY, "Not offered"),
        ):
            if broken := self.broken(level):
                lines += ["", f"## {title}", "", *_table(broken)]
        return "\n".join([*lines, "", f"{self.summary()}."])


def _table(outcomes: Sequence[Outcome]) -> list[str]:
    rows = [
        f"| `{one.rule.id}` | {one.rule.source} | {one.rule.text} | {_cell('; '.join(one.told()))} |"
        for one in outcomes
    ]
    return ["| rule | source | what it asks for | seen |", "|---|---|---|---|", *rows]


_LONGEST_CELL: Final = 1000


def _cell(text: str) -> str:
    """What an index says must not end a cell or its line, nor become a tag, nor be all that there is to read."""
    line = " ".join(text.split())
    shown = line if len(line) <= _LONGEST_CELL else f"{line[: _LONGEST_CELL - 1]}…"
    return shown.replace("|", "\\|").replace("<", "&lt;")


def judge(index_url: str, evidence: Evidence) -> Report:
    """Hold what was seen against all rules."""
    seen = (advertised_in(serialization, evidence.pages) for serialization in Serialization)
    return Report(
        index_url,
        evidence.projects,
        evidence.requests,
        tuple(one for one in seen if one is not None),
        tuple(_outcome(rule, evidence) for rule in RULES),
    )


def _outcome(rule: Rule[Any], evidence: Evidence) -> Outcome:
    subjects = [one for one in evidence.subjects if isinstance(one, rule.subject) and rule.applies(one)]
    breaches = [Breach(subject.where, what) for subject in subjects for what in rule.breaches(subject)]
    return Outcome(rule, len(subjects), tuple(breaches))
