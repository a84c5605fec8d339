"""A plan for people: what the client is, then its methods, group by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clientsmith.core.terminal import count, escaped, style
from clientsmith.model.ir import Api

from .decisions import Decision, change_of_version
from .head import head_of
from .selection import Planned, groups_of
from .signatures import returned, signature, way_to

__all__ = ["plan_as_text"]

# One long path must not push out all lines; a wider one pushes out its own.
_WIDEST_PATH = 40


def plan_as_text(api: Api, plans: Sequence[Planned], *, changes: bool = False) -> str:
    """Return the plan as text; with ``changes`` each guess is followed by the line that would change it.

    Lines that make weak evidence sure are always shown, and the one about versions: they are what a plan is read for.
    """
    lines = [style(escaped(f"{api.title} {api.version}".strip()), bold=True)]
    for name, text in head_of(api):
        lines.append(f"  {name:<13}{escaped(text)}")
        if name == "api version" and api.api_version.default:
            lines.append(f"{'':15}{style(escaped(change_of_version(api.api_version).line), fg='cyan')}")
    for group, members in groups_of(plans):
        lines.append("")
        if group.key:
            title = f"{way_to(members[0].around)}  {group.name}"
            lines.append(
                f"{style(escaped(title), bold=True)}  {escaped(group.evidence)}, {count(len(members), 'method')}"
            )
        lines += _table(members, api, changes=changes)
    if not plans:
        lines += ["", "no operation is meant by what was asked for"]
    return "\n".join(lines)


def _table(plans: Sequence[Planned], api: Api, *, changes: bool) -> Iterable[str]:
    width = min(max((len(one.operation.path) for one in plans), default=0), _WIDEST_PATH)
    for one in plans:
        operation = one.operation
        place = f"{operation.method:<7}{escaped(operation.path):<{width}}"
        method = style(signature(operation, one.bound), fg="green")
        yield f"{style(place, bold=True)}  {method} -> {returned(operation, api)}"
        for decision in one.decisions:
            yield from _explained(decision, changes=changes)


def _explained(decision: Decision, *, changes: bool) -> Iterable[str]:
    """A name explains itself, and so does what follows from the verb, unless it is asked for."""
    is_plain = decision.aspect in ("404", "flatten") or (
        decision.aspect == "name" and decision.evidence == "verb and noun"
    )
    if is_plain and not changes:
        return
    outcome = f"{decision.outcome}; " if decision.outcome and decision.aspect not in ("name", "verb") else ""
    line = f"{'':7}{decision.aspect:<13}{escaped(outcome + decision.evidence)}"
    yield style(line, fg="yellow") if decision.is_weak else style(line, dim=True)
    if decision.change is not None and (changes or decision.is_weak):
        yield f"{'':20}{style(escaped(str(decision.change)), fg='cyan')}"
