"""Overloads: for each way in which a function could be called, one that takes the same."""

from __future__ import annotations

from collections.abc import Sequence

from ..difference import Difference, Kind
from .comparison import Comparison, shown_type
from .facts import Function, Signature
from .signatures import Callee, compare_returns, compare_signatures

__all__ = ["compare_overloads"]


def compare_overloads(comparison: Comparison, old: Function, new: Function, before: Callee, after: Callee) -> None:
    """Find for each way to call it one that takes the same; what is told of all of them is told once."""
    olds, news = old.overloads or (old.signature,), new.overloads or (new.signature,)
    if not old.overloads and len(news) > 1 and old.signature.returns is None:
        return  # overloads that describe what there was
    told: list[Difference] = []
    used: set[int] = set()
    for index, signature in enumerate(olds):
        attempts = [
            (_attempt(comparison, old, new, signature, other, before, after), abs(place - index), place)
            for place, other in enumerate(news)
        ]
        differences, _, place = min(attempts, key=lambda one: (_weight(one[0]), one[1]))
        if _breaks(differences) and len(news) < len(olds):
            message = f"cannot be called as ({_call(signature, before)}) any more"
            where = comparison.old.place(old.module, signature.line), comparison.new.place(new.module, new.line)
            comparison.tell("overload-removed", before.subject, message, *where)
            continue
        if _breaks(differences) and place in used:
            message = f"cannot be called as ({_call(signature, before)}) any more"
            where = comparison.old.place(old.module, signature.line), comparison.new.place(new.module, new.line)
            comparison.tell("overload-removed", before.subject, message, *where)
            continue
        used.add(place)
        told += differences
    once = {(one.rule, one.subject, one.message): one for one in reversed(told)}
    comparison.found += reversed(once.values())
    if old.overloads and new.overloads:
        for place, signature in enumerate(news):
            if place not in used and len(news) > len(olds):
                message = f"can be called as ({_call(signature, after)})"
                where = comparison.old.place(old.module, old.line), comparison.new.place(new.module, signature.line)
                comparison.tell("overload-added", after.subject, message, *where)


def _attempt(
    comparison: Comparison,
    old: Function,
    new: Function,
    one: Signature,
    other: Signature,
    before: Callee,
    after: Callee,
) -> list[Difference]:
    trial = Comparison(comparison.old, comparison.new)
    compare_signatures(trial, one, other, before, after)
    compare_returns(trial, old, new, one, other, before, after)
    return trial.found


def _breaks(differences: Sequence[Difference]) -> bool:
    return any(one.kind is Kind.BREAKING for one in differences)


def _weight(differences: Sequence[Difference]) -> tuple[int, int]:
    return sum(one.kind is Kind.BREAKING for one in differences), len(differences)


def _call(signature: Signature, callee: Callee) -> str:
    parameters = signature.parameters[1:] if callee.skip_first else signature.parameters
    return ", ".join(f"{one.name}: {shown_type(one.annotation)}" if one.annotation else one.name for one in parameters)
