"""A plan in words for people, and as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from clientsmith.core.terminal import count
from clientsmith.findings.reports import as_data

from .plan import Planned, ReleasePlan
from .steps import Step, steps_of
from .versions import Reason

__all__ = ["data_of", "lines_of"]

_SHOWN: Final = 3  # of the differences that one rule found


def lines_of(planned: Planned, *, explain: bool, steps: bool) -> Iterator[str]:
    """Yield what a release would do, line by line; its findings are told elsewhere.

    Args:
        planned: The outcome of planning.
        explain: Whether to say what demands each version.
        steps: Whether to list the steps, with the commands that they stand for.
    """
    if explain:
        for name, reasons in planned.reasons.items():
            yield f"why {name}"
            yield from _reasons(reasons)
    for name, version in planned.unchanged.items():
        yield f"{name} stays at {version}: nothing has changed"
    if planned.plan is not None:
        yield from _packages(planned.plan)
        yield from _edits(planned.plan)
        if steps:
            yield "steps"
            yield from (f"  {step.name}{_command_of(step, planned.plan)}" for step in steps_of(planned.plan))


def _reasons(reasons: Iterable[Reason]) -> Iterator[str]:
    """Yield all fragments and a few differences of each rule: a driver that changed is one change, and forty lines."""
    for rule, group in groupby(reasons, key=lambda one: (-one.bump, one.rule)):
        told = list(group)
        shown = told if not rule[1] or len(told) <= _SHOWN + 1 else told[:_SHOWN]
        yield from (f"  {reason}" for reason in shown)
        if left := len(told) - len(shown):
            yield f"         and {left} more of {rule[1]}; --format json tells all"


def data_of(planned: Planned) -> dict[str, Any]:
    """Return the outcome of planning as JSON-ready data."""
    return {
        "plan": planned.plan.as_data() if planned.plan is not None else None,
        "steps": [step.name for step in steps_of(planned.plan)] if planned.plan is not None else [],
        "findings": [as_data(finding) for finding in planned.findings],
        "reasons": {
            name: [{"bump": one.bump.name.lower(), "place": one.place, "text": one.text} for one in reasons]
            for name, reasons in planned.reasons.items()
        },
        "unchanged": dict(planned.unchanged),
    }


def _packages(plan: ReleasePlan) -> Iterator[str]:
    for package in plan.packages:
        was = f"{package.old} -> " if package.old else ""
        yield f"{package.name} {was}{package.new}"
        yield f"  tag {package.tag}; files {', '.join(package.files)}"
        yield from (f"  | {line}".rstrip() for line in package.section.rstrip().splitlines())


def _edits(plan: ReleasePlan) -> Iterator[str]:
    for move in plan.moves:
        yield f"range of {move.dependant}: `{move.old}` becomes `{move.new}`: {move.why}"
    yield count(len(plan.edits), "file")
    yield from (f"  {'remove' if edit.text is None else 'write '} {edit.path}" for edit in plan.edits)


def _command_of(step: Step, plan: ReleasePlan) -> str:
    match step.kind:
        case "land":
            return f": git merge --ff-only, of one commit `{plan.message.splitlines()[0]}`"
        case "tag":
            return f": git tag -a {plan.package(step.package).tag}"
        case "publish":
            return f": uv publish --publish-url {plan.target.publish_url} (cannot be taken back)"
        case "verify":
            return f": download from {plan.target.index}"
        case "record":
            return f": {plan.releases}"
        case _:
            return ""
