"""The rule about conditional requests (RFC 9110, section 13)."""

from __future__ import annotations

from typing import Any, Final

from clientsmith.core.testing import Answer

from .methods import method_for, operations_of
from .package import ClientSource, Method, Side
from .rule import side_rule
from .running import Runner, import_of
from .source import annotation_names
from .verdicts import Problem, Verdict, judged, problem

__all__ = ["method_conditional_request"]

_CONDITIONS: Final = frozenset({"if-match", "if-none-match"})


@side_rule(
    "method-conditional-request",
    "DSR",
    "Where the service reads conditions, methods take keyword-only `etag` and `match_condition`; a given etag wins.",
)
def method_conditional_request(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in _conditional_methods(side):
        keywords = {p.name: p for p in method.parameters if p.kind == "keyword"}
        missing = [name for name in ("etag", "match_condition") if name not in keywords]
        if missing:
            hint = f"{method.name}: the operation reads If-Match; take {' and '.join(missing)} by keyword"
            problems.append(problem(method.file, method.node, hint))
        elif not _explicit_etag_wins(Runner(side), client, method):
            hint = f"{method.name}: the etag that is given has to be the one that is sent"
            problems.append(problem(method.file, method.node, hint))
        evidence.append(method.name)
    return judged(problems, evidence, nothing="no operation of the service reads If-Match or If-None-Match")


def _conditional_methods(side: Side) -> list[tuple[ClientSource, Method]]:
    by_description = [
        caller
        for http_method, path, definition in operations_of(side.package.spec or {})
        if (caller := method_for(side, http_method, path)) is not None
        for parameter in definition.get("parameters", [])
        if str(parameter.get("name", "")).lower() in _CONDITIONS
    ]
    found: list[tuple[ClientSource, Method]] = []
    for client, method in side.methods:
        facts = side.package.operation_of(method)
        names = {name.lower() for location, name in (facts.parameters if facts else ()) if location == "header"}
        if names & _CONDITIONS or (client, method) in by_description:
            found.append((client, method))
    return found


def _explicit_etag_wins(runner: Runner, client: ClientSource, method: Method) -> bool:
    arguments: dict[str, Any] = {"etag": '"mine"', "match_condition": _not_modified(runner, method)}
    bodies = [p.name for p in method.parameters if "Mapping" in p.annotation]
    arguments.update({name: {"etag": '"of the model"'} for name in bodies})
    attempt = runner.call(client, method, [Answer(json={})], arguments=arguments)
    sent = [
        value for request in attempt.requests for name, value in request.headers.items() if name.lower() == "if-match"
    ]
    return sent == ['"mine"']


def _not_modified(runner: Runner, method: Method) -> Any:
    """Return the member of the condition's enum that means "only if it is unchanged"."""
    parameter = next(p for p in method.parameters if p.name == "match_condition")
    name = annotation_names(parameter.annotation)[0]
    found: Any = import_of(runner.side.package, method.owner.module.name)
    for part in name.split("."):
        found = getattr(found, part)
    return next(member for member in found if "not" in member.name.lower() and "modified" in member.name.lower())
