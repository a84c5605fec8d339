"""Patterns over an inventory, as ``--limit`` of Ansible has them.

Terms are joined by commas, or by colons where no term holds one of its own. A term is a device's name or address, a
group, either with ``*`` and ``?``, ``all``, or ``~`` and a regular expression. ``&TERM`` keeps only what is in both,
``!TERM`` takes away; these two count after the others, whatever the order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from .ranges import RangeError, expand
from .target import Inventory, InventoryError, Target

__all__ = ["limited", "matching"]


def limited(inventory: Inventory, pattern: str) -> list[Target]:
    """Return the devices that a pattern means, in the order of the inventory.

    Raises:
        InventoryError: A term means nothing at all, or nothing is left.
    """
    terms = _terms(pattern)
    added = [term for term in terms if term[0] not in "&!"]
    chosen = {target.name for term in added or ["all"] for target in matching(inventory, term)}
    for term in terms:
        if term[0] == "&":
            chosen &= {target.name for target in matching(inventory, term[1:])}
        elif term[0] == "!":
            chosen -= {target.name for target in matching(inventory, term[1:])}
    if not chosen:
        raise InventoryError(f"--limit {pattern!r} leaves no device of {inventory.source or 'the inventory'}")
    return [target for target in inventory.targets if target.name in chosen]


def matching(inventory: Inventory, term: str) -> list[Target]:
    """Return the devices that one term means.

    Raises:
        InventoryError: It means none, or is no regular expression.
    """
    is_meant = _test(term)
    found = [target for target in inventory.targets if is_meant(target)]
    if not found:
        words = [*inventory.by_name, *inventory.groups]
        near = get_close_matches(term, words, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`naas devices --inventory FILE` shows names and groups"
        raise InventoryError(f"{inventory.source or 'the inventory'} has no device and no group {term!r}", hint)
    return found


def _test(term: str) -> Callable[[Target], bool]:
    if not term:
        raise InventoryError("an empty term in a pattern", "terms are joined by commas: core,&site1,!sw3")
    if term in ("all", "*"):
        return lambda _: True
    if term.startswith("~"):
        try:
            expression = re.compile(term[1:])
        except re.error as error:
            raise InventoryError(f"{term[1:]!r} is no regular expression: {error}") from None
        return lambda target: any(expression.search(word) for word in _words(target))
    if "[" in term and len(names := frozenset(_expanded(term))) > 1:
        return lambda target: not names.isdisjoint(_words(target))
    if any(mark in term for mark in "*?["):
        return lambda target: any(fnmatchcase(word, term) for word in _words(target))
    return lambda target: term in _words(target)


def _expanded(term: str) -> list[str]:
    try:
        return expand(term)
    except RangeError as error:
        raise InventoryError(str(error)) from None


def _words(target: Target) -> Sequence[str]:
    return (target.name, target.host, *target.groups)


def _terms(pattern: str) -> list[str]:
    # Colons within a range, sw[1:3], are its own; so are those of an IPv6 address, unless & or ! say that they join.
    has_own_colons = "," in pattern or (pattern.count(":") > 1 and not re.search("[&!]", pattern))
    separator = r"[,](?![^\[]*\])" if has_own_colons else r"[,:](?![^\[]*\])"
    return [term for part in re.split(separator, pattern) if (term := part.strip())] or [""]
