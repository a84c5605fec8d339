"""Which operations a plan shows: by what they are called, by group, by what was guessed about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from clientsmith.configuration import Configuration, matches
from clientsmith.findings import Finding
from clientsmith.model.ir import Api, Group, Operation

from .decisions import Decision, decisions_of

__all__ = ["Planned", "Selection", "groups_of", "planned"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a plan is asked for; () asks for all."""

    operations: tuple[str, ...] = ()  # keys, patterns, ids, names of methods, or parts of a path
    groups: tuple[str, ...] = ()  # keys of groups; what is below them is meant too
    only: tuple[str, ...] = ()  # of `ASPECTS`

    def has(self, one: Planned) -> bool:
        return self._has_operation(one.operation) and self._has_group(one.group) and self._has_aspect(one)

    def _has_operation(self, operation: Operation) -> bool:
        method, _, path = operation.key.partition(" ")
        return not self.operations or any(
            matches(wanted, method, path, operation.operation_id) or wanted == operation.name or wanted in operation.key
            for wanted in self.operations
        )

    def _has_group(self, group: Group) -> bool:
        return not self.groups or any(f"{group.key}.".startswith(f"{wanted}.") for wanted in self.groups)

    def _has_aspect(self, one: Planned) -> bool:
        return not self.only or any(one.is_about(aspect) for aspect in self.only)


@dataclass(frozen=True, slots=True)
class Planned:
    """An operation, where it is, and what was decided about it."""

    operation: Operation
    group: Group
    around: tuple[Group, ...]  # the groups from below the root to its own
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def bound(self) -> frozenset[str]:
        return frozenset(one.wire_name for group in self.around for one in group.bound)

    def is_about(self, aspect: str) -> bool:
        match aspect:
            case "weak":
                return any(one.is_weak for one in self.decisions)
            case "configured":
                return any(one.strength == "configuration" for one in self.decisions)
            case "renamed":
                return any(finding.rule == "operation-renamed" for finding in self.findings)
            case _:
                return any(one.aspect == aspect and (one.outcome or one.is_weak) for one in self.decisions)


def planned(api: Api, configuration: Configuration, findings: Sequence[Finding]) -> list[Planned]:
    """Return every operation with what was decided about it, group by group."""
    by_place: dict[str, list[Finding]] = {}
    for finding in findings:
        by_place.setdefault(finding.pointer, []).append(finding)
    found: list[Planned] = []
    for group, around in _with_way(api.root, ()):
        for operation in group.operations:
            own = by_place.get(operation.pointer, [])
            decisions = decisions_of(operation, configuration, own)
            found.append(Planned(operation, group, around, decisions, tuple(own)))
    return found


def _with_way(group: Group, around: tuple[Group, ...]) -> Iterator[tuple[Group, tuple[Group, ...]]]:
    yield group, around
    for child in group.groups:
        yield from _with_way(child, (*around, child))


def groups_of(plans: Iterable[Planned]) -> list[tuple[Group, list[Planned]]]:
    """Return the plans group by group, in their order."""
    found: dict[str, tuple[Group, list[Planned]]] = {}
    for one in plans:
        found.setdefault(one.group.key, (one.group, []))[1].append(one)
    return list(found.values())
