"""What was found, as differences: told once, with the places of both authors and the words of the rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from clientsmith.apidiff.difference import Difference, Place, in_order
from clientsmith.openapi.pointer import split
from clientsmith.openapi.resolve import split_place

from .comparison import Comparison, Found
from .rules import RULES
from .schema_rules import PROPERTY_RULES
from .sides import Side
from .uses import Use, Used

__all__ = ["differences"]

_STEPS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})


def differences(comparison: Comparison) -> list[Difference]:
    """Return everything that was found, in order, with lines where the documents have a text."""
    found = [*comparison.found, *_of_schemas(comparison), *_renamed(comparison), *_missing(comparison)]
    made: dict[tuple[object, ...], Difference] = {}
    for one in found:
        rule = RULES[one.rule]
        old, new = _place(comparison.old, one.old), _place(comparison.new, one.new)
        # One change of a document is told once, however many ways lead to it.
        key = (one.rule, old, new) + (() if one.rule == "description-changed" else (one.subject, one.message))
        advice = one.advice or rule.advice
        made.setdefault(key, Difference(one.rule, rule.kind, one.subject, one.message, advice, old, new))
    return in_order(_located(comparison, list(made.values())))


def _place(side: Side, place: str) -> Place:
    return side.told(side.nearest(place))


def _located(comparison: Comparison, found: list[Difference]) -> Iterator[Difference]:
    olds = comparison.old.located({one.old for one in found if one.old is not None})
    news = comparison.new.located({one.new for one in found if one.new is not None})
    for one in found:
        old = olds[one.old] if one.old is not None else None
        new = news[one.new] if one.new is not None else None
        yield replace(one, old=old, new=new)


# --- schemas ---------------------------------------------------------------------------------------------------------


def _of_schemas(comparison: Comparison) -> Iterator[Found]:
    """Tell each change once, though schemas that were written out several times may be one now."""
    merged: dict[tuple[str, str, str], Used] = {}
    for used in comparison.uses.changes():
        key = _rule(used), used.fact.new, used.fact.message
        known = merged.get(key)
        uses = used.uses if known is None else tuple(sorted({*known.uses, *used.uses}))
        merged[key] = (known or used)._replace(uses=uses)
    for (rule, _, _), used in merged.items():
        subject, where = _named(used)
        message = used.fact.message or "its description is another one"
        yield Found(rule, subject, f"{where}{message}", used.fact.old, used.fact.new)


def _rule(used: Used) -> str:
    fact = used.fact
    if used.is_remark:
        return fact.what
    if fact.is_property:
        return PROPERTY_RULES[used.position.is_sent, fact.what].id
    return f"{used.position}-{fact.what}"


def _named(used: Used) -> tuple[str, str]:
    """Return what a change is about, and what its message begins with.

    A component is a thing of its own: the operations that use it are told. What is written in place belongs to one.
    """
    name = _component_path(used.fact.new) or _component_path(used.fact.old)
    if name:
        return name, f"{_users(used.uses)}: "
    first = used.uses[0]
    inner = _inner_path(used.fact.new) or _inner_path(used.fact.old)
    return first.operation, f"{first.where}{f', `{inner}`' if inner else ''}: "


def _users(uses: tuple[Use, ...]) -> str:
    operations = list(dict.fromkeys(use.operation for use in uses))
    verb = "sent to" if uses[0].position.is_sent else "received from"
    others = len(operations) - 1
    more = f" and {others} other{'s' if others > 1 else ''}" if others else ""
    return f"{verb} {operations[0]}{more}"


def _component_path(place: str) -> str:
    """``/components/schemas/Pet/properties/name`` is ``Pet.name``."""
    tokens = split(split_place(place)[1])
    for at in range(len(tokens) - 1):
        if tokens[at] in ("schemas", "definitions") and (at == 0 or tokens[at - 1] == "components"):
            inner = _dotted(tokens[at + 2 :])
            return f"{tokens[at + 1]}{'.' if inner and not inner.startswith(('[', '{')) else ''}{inner}"
    return ""


def _inner_path(place: str) -> str:
    tokens = split(split_place(place)[1])
    at = next((index for index, token in enumerate(tokens) if token in ("schema", "itemSchema")), len(tokens))
    return _dotted(tokens[at + 1 :])


def _dotted(tokens: list[str]) -> str:
    """``properties/tags/items`` is ``tags[]``; keywords that only combine schemas are left out."""
    shown = ""
    waiting = list(tokens)
    while waiting:
        word = waiting.pop(0)
        if word == "properties" and waiting:
            shown += f"{'.' if shown else ''}{waiting.pop(0)}"
        elif word == "items":
            shown += "[]"
        elif word == "additionalProperties":
            shown += "{}"
        elif word in _STEPS and waiting:
            waiting.pop(0)
    return shown


def _renamed(comparison: Comparison) -> Iterator[Found]:
    """Schemas that have another name at the same place, where neither document has the other's name."""
    for (old, new), (before, after) in sorted(comparison.uses.renamed.items()):
        names = _component_name(old), _component_name(new)
        if not all(names) or names[0] == names[1]:
            continue
        if comparison.new.has(f"/components/schemas/{names[0]}") or comparison.old.has(
            f"/components/schemas/{names[1]}"
        ):
            continue
        yield Found("schema-renamed", names[0], f"{names[0]} → {names[1]}", before[0].place, after[0].place)


def _component_name(place: str) -> str:
    parent, _, name = split_place(place)[1].rpartition("/")
    return name if parent == "/components/schemas" else ""


def _missing(comparison: Comparison) -> Iterator[Found]:
    """References that lead nowhere in the new document; what was so before is no change."""
    for finding in comparison.new.resolver.findings:
        if finding.rule == "missing-reference" and not _was_missing(comparison, finding.message):
            yield Found("reference-missing", "the API", finding.message.partition(";")[0], "", finding.pointer)


def _was_missing(comparison: Comparison, message: str) -> bool:
    return any(finding.message == message for finding in comparison.old.resolver.findings)
