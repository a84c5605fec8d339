"""Every rule on a package: what each says, what is waived, and what a person should know of the waivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from clientsmith.openapi.collector import collector_paused

from .ids import canonical
from .package import Package
from .rule import Rule, RunRule
from .verdicts import Met, NotMet, Verdict, Waived, together

__all__ = ["Judgement", "Report", "judge"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rule says about a package."""

    rule: Rule
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Report:
    """What all rules say about a package.

    Attributes:
        package: The package.
        judgements: One a rule, in the order of the guidelines.
        notes: What is worth knowing and breaks nothing: a waiver that waives nothing, a file that cannot be read.
    """

    package: Package
    judgements: tuple[Judgement, ...]
    notes: tuple[str, ...]

    def count(self, kind: type[Verdict]) -> int:
        """Return how many rules have a verdict of a kind."""
        return sum(isinstance(each.verdict, kind) for each in self.judgements)

    @property
    def broken(self) -> tuple[tuple[Rule, NotMet], ...]:
        """The rules that are not met."""
        return tuple((each.rule, each.verdict) for each in self.judgements if isinstance(each.verdict, NotMet))


@collector_paused()  # syntax trees are many small objects, all of which stay
def judge(
    package: Package, rules: Sequence[Rule], observed: Mapping[str, Verdict] | None = None, *, ran: bool = False
) -> Report:
    """Judge a package by these rules.

    Args:
        package: What is judged.
        rules: The rules, in the order to report them.
        observed: What else than reading showed, by guideline: running it, building it, the release before.
        ran: Whether the package was run: only then is a waiver of a rule with an R known to be needless.
    """
    waivers, notes = _waivers(package)
    judgements: list[Judgement] = []
    for rule in rules:
        verdict = _verdict(package, rule, observed)
        reason = waivers.get(rule.id)
        if reason is not None and isinstance(verdict, NotMet):
            verdict = Waived(reason)
        elif reason is not None and isinstance(verdict, Met) and not _needs_waiver(package, rule, ran=ran):
            notes.append(f"{rule.id} is met: take its waiver away")
        judgements.append(Judgement(rule, verdict))
    if not any(side.clients for side in package.sides.values()):
        notes.append(f"{package.import_name} has no client class: what is said here is about the rest of it")
    notes += [f"{module.name} is no Python of this version, and was not read" for module in package.source.unreadable]
    return Report(package, tuple(judgements), tuple(notes))


def _needs_waiver(package: Package, rule: Rule, *, ran: bool) -> bool:
    """Whether a rule that is met now may need its waiver another time: when it is run, or judged without a document."""
    if rule.runs and not ran:
        return True
    return package.document is not None and isinstance(rule.judge(replace(package, document=None)), NotMet)


def _verdict(package: Package, rule: Rule, observed: Mapping[str, Verdict] | None) -> Verdict:
    read = rule.judge(package)
    seen = (observed or {}).get(rule.id)
    if seen is None:
        return read
    return seen if isinstance(rule, RunRule) else together([read, seen])


def _waivers(package: Package) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    notes: list[str] = []
    for name, reason in package.waivers.items():
        try:
            found[canonical(name)] = reason
        except ValueError as problem:
            notes.append(f"a waiver waives nothing: {problem}")
    return found, notes
