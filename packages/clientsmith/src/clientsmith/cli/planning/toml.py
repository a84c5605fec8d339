"""A plan as TOML: the whole configuration that says what is guessed today, to be cut down and changed."""

from __future__ import annotations

from collections.abc import Iterable

from clientsmith.core.terminal import escaped
from clientsmith.model.ir import Api

from .decisions import Decision, changes_of_api
from .selection import Planned
from .signatures import returned, signature

__all__ = ["plan_as_toml"]


def plan_as_toml(api: Api, plans: Iterable[Planned]) -> str:
    """Return one table an operation. Each line is the change that its comment speaks of; all are commented out."""
    lines = [f"# {escaped(api.title)}: every guess, and the line that changes it. Take the # off what you want.", ""]
    lines += [f"# {change.line}" for change in changes_of_api(api)]
    for one in plans:
        known = [decision for decision in one.decisions if decision.change is not None]
        header = next((decision.change.header for decision in known if decision.change is not None), "")
        text = f"{signature(one.operation, one.bound)} -> {returned(one.operation, api)}"
        lines += ["", header, f"# {escaped(text)}", *(line for decision in known for line in _commented(decision))]
    return "\n".join(lines) + "\n"


def _commented(decision: Decision) -> Iterable[str]:
    outcome = f"{decision.outcome}; " if decision.outcome else ""
    yield f"# {decision.aspect}: {escaped(outcome + decision.evidence)}"
    if decision.change is not None:
        yield f"# {decision.change.line}"
