"""Credentials: the ways that an operation accepts, and the schemes that they are made of.

A client has what one way of yesterday asks for. It is refused where no way of today asks for that or less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .sides import Both
from .view import canonical

__all__ = ["Schemes", "compare_requirements", "compare_schemes", "schemes_of"]

_ABOUT_PEOPLE: Final = frozenset({"description", "bearerFormat", "flows"})


class Schemes(NamedTuple):
    """The names of the new document's schemes in the old one: some were only renamed."""

    old_name: Mapping[str, str]


Way = dict[str, frozenset[str]]  # scopes by scheme


def schemes_of(comparison: Comparison) -> Schemes:
    """Find the schemes that are the same by another name."""
    olds, news = _schemes(comparison)
    free = {_definition(node): name for name, node in reversed(olds.items()) if name not in news}
    return Schemes(
        {name: free[key] for name, node in news.items() if name not in olds and (key := _definition(node)) in free}
    )


def _schemes(comparison: Comparison) -> tuple[dict[str, Node], dict[str, Node]]:
    return comparison.members(comparison.roots.child("components"), "securitySchemes")


def _definition(node: Node) -> str:
    return canonical({key: value for key, value in node.mapping.items() if key not in _ABOUT_PEOPLE})


# --- schemes ---------------------------------------------------------------------------------------------------------


def compare_schemes(comparison: Comparison, schemes: Schemes) -> None:
    """Compare the schemes that the documents define."""
    olds, named = _schemes(comparison)
    news = {schemes.old_name.get(name, name): node for name, node in named.items()}
    container = comparison.roots.child("components").child("securitySchemes")
    for name in sorted(olds.keys() | news.keys()):
        before, after = olds.get(name), news.get(name)
        subject = f"security scheme {name}"
        if before is None and after is not None:
            comparison.add("api-security-component-added", subject, "it is new", Both(container.old, after))
        elif before is not None and after is None:
            comparison.add("api-security-component-removed", subject, "it is no more", Both(before, container.new))
        elif before is not None and after is not None:
            _compare_scheme(comparison, Both(before, after), subject)


def _compare_scheme(comparison: Comparison, both: Both, subject: str) -> None:
    if _definition(both.old) != _definition(both.new):
        message = f"{_shown(both.old)} → {_shown(both.new)}"
        comparison.add("api-security-component-changed", subject, message, both)
        return
    comparison.compare_descriptions(both, subject, "description")
    flows = both.child("flows")
    for name in sorted(flows.old.mapping.keys() & flows.new.mapping.keys()):
        _compare_flow(comparison, flows.child(name), subject)


def _shown(node: Node) -> str:
    words = [node.text(key) for key in ("type", "scheme", "in", "name") if node.text(key)]
    return " ".join(words) or "nothing"


def _compare_flow(comparison: Comparison, both: Both, subject: str) -> None:
    for key in ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl"):
        before, after = both.texts(key)
        if before != after:
            message = f"{key} {before or 'none'} → {after or 'none'}"
            comparison.add("api-security-component-oauth-url-changed", subject, message, both.child(key))
    scopes = both.child("scopes")
    olds, news = scopes.old.mapping.keys(), scopes.new.mapping.keys()
    for scope in sorted(olds ^ news):
        rule, said = ("added", "is new") if scope in news else ("removed", "is no more")
        rule = f"api-security-component-oauth-scope-{rule}"
        place = Both(
            scopes.old.child(scope) if scope in olds else scopes.old,
            scopes.new.child(scope) if scope in news else scopes.new,
        )
        comparison.add(rule, subject, f"scope `{scope}` {said}", place)


# --- requirements ----------------------------------------------------------------------------------------------------


def compare_requirements(comparison: Comparison, both: Both, subject: str, schemes: Schemes) -> None:
    """Compare the ways to prove who one is: of the whole document, or of an operation that says its own."""
    olds = _ways(both.old.value, {})
    news = _ways(both.new.value, schemes.old_name)
    lost = [way for way in olds if not any(_is_enough(way, one) for one in news)]
    won = [way for way in news if not any(_is_enough(way, one) for one in olds)]
    if lost and all(not way for way in olds):
        message = f"one has to prove who one is, by {_ways_shown(news)}"
        comparison.add("api-security-became-required", subject, message, both)
        return
    if {} in news and {} not in olds:
        comparison.add("api-security-became-optional", subject, "one need not prove who one is", both)
    for way in lost:
        _lost(comparison, way, news, subject, both)
    for way in won:
        _won(comparison, way, olds, subject, both)


def _lost(comparison: Comparison, way: Way, news: list[Way], subject: str, both: Both) -> None:
    twin = next((one for one in news if one.keys() == way.keys()), None)
    if twin is None:
        comparison.add("api-security-removed", subject, f"{_way_shown(way)} is accepted no more", both)
        return
    scopes = sorted(scope for name in way for scope in twin[name] - way[name])
    comparison.add("api-security-scope-added", subject, f"{_way_shown(way)} needs {', '.join(scopes)}, too", both)


def _won(comparison: Comparison, way: Way, olds: list[Way], subject: str, both: Both) -> None:
    twin = next((one for one in olds if one.keys() == way.keys()), None)
    if twin is None:
        if way:
            comparison.add("api-security-added", subject, f"{_way_shown(way)} is accepted, too", both)
        return
    scopes = sorted(scope for name in way for scope in twin[name] - way[name])
    if scopes:
        message = f"{_way_shown(way)} does not need {', '.join(scopes)} any more"
        comparison.add("api-security-scope-removed", subject, message, both)


def _ways(said: Any, names: Mapping[str, str]) -> list[Way]:
    """Return the ways; no requirement at all is one way that asks for nothing."""
    ways = [
        {
            names.get(name, name): frozenset(map(str, scopes)) if is_array(scopes) else frozenset[str]()
            for name, scopes in one.items()
        }
        for one in (said if is_array(said) else ())
        if is_object(one)
    ]
    return ways or [{}]


def _is_enough(way: Way, asked: Way) -> bool:
    """Whether who has what ``way`` asks for has what ``asked`` asks for."""
    return all(name in way and scopes <= way[name] for name, scopes in asked.items())


def _way_shown(way: Way) -> str:
    return " and ".join(f"`{name}`" for name in sorted(way)) or "nothing"


def _ways_shown(ways: list[Way]) -> str:
    return " or ".join(_way_shown(way) for way in ways[:4])
