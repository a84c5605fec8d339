"""The rule about conditional requests (RFC 9110, section 13)."""

from __future__ import annotations

import re
from typing import Any, Final

from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.operations import operations_of
from clientsmith.guidelines.rule import SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.verdicts import Problem, Verdict, judged, problem
from clientsmith.guidelines.views import docstrings_of

__all__ = ["MethodConditionalRequest"]

_CONDITIONS: Final = frozenset({"if-match", "if-none-match"})
_ARGUMENTS: Final = ("etag", "match_condition")


class MethodConditionalRequest(SideRule):
    """Conditions are two arguments."""

    id = "method-conditional-request"
    kinds = "DSR"
    meaning = (
        "Where the service reads conditions, methods take keyword-only `etag` and `match_condition`; a given etag wins."
    )
    why = (
        "Two who change the same thing must not overwrite each other. With the etag of what was read and the "
        "condition to keep to, the service refuses the second; without the arguments everybody writes header fields "
        "by hand."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.conditions import MatchConditions


        class DepotClient(ServiceClient):
            def replace_shelf(
                self,
                name: str,
                shelf: dict[str, str],
                *,
                etag: str | None = None,
                match_condition: MatchConditions | None = None,
                **options: object,
            ) -> dict[str, str]:
                return self._call(REPLACE_SHELF, {"name": name}, body=shelf, options=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def replace_shelf(  # <--
                self, name: str, shelf: dict[str, str], *, etag: str | None = None, **options: object
            ) -> dict[str, str]:
                return self._call(REPLACE_SHELF, {"name": name}, body=shelf, options=options)
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        conditional = _conditional_methods(side)
        for client, method in side.methods:
            taken = [name for name in _ARGUMENTS if _takes(method, name)]
            if not taken and (client, method) not in conditional:
                continue
            missing = [name for name in _ARGUMENTS if name not in taken]
            if missing:
                hint = f"{method.name}: the operation reads conditions; take {' and '.join(missing)} by keyword"
                problems.append(problem(method.file, method.node, hint))
            evidence.append(method.name)
        return judged(problems, evidence, nothing="no operation is known to read If-Match or If-None-Match")


def _takes(method: Method, name: str) -> bool:
    """Whether a method takes a keyword: by its signature, or behind ``**kwargs`` by its docstring."""
    if any(p.name == name and p.kind == "keyword" for p in method.parameters):
        return True
    has_rest = any(p.kind == "rest" for p in method.parameters)
    return has_rest and re.search(rf":keyword\s+(?:[^:\n]*\s)?{name}\s*:", docstrings_of(method)) is not None


def _conditional_methods(side: Side) -> list[tuple[ClientSource, Method]]:
    """Return the methods whose operation has a parameter for a condition, as the package or the document says."""
    found: list[tuple[ClientSource, Method]] = []
    for http_method, path, definition in operations_of(side.package.spec or {}):
        caller = side.caller_of(http_method, path)
        if caller is not None and _names(definition) & _CONDITIONS:
            found.append(caller)
    for client, method in side.methods:
        facts = side.package.operation_of(method)
        names = {name.lower() for location, name in (facts.parameters if facts else ()) if location == "header"}
        if names & _CONDITIONS:
            found.append((client, method))
    return found


def _names(definition: Any) -> set[str]:
    return {str(parameter.get("name", "")).lower() for parameter in definition.get("parameters", [])}
