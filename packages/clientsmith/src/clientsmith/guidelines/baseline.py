"""The baseline: findings that are known and told no more, by fingerprints that survive what moves lines.

A fingerprint is made of the rule, the file, what the place stands in (`DepotClient.get_shelf`), what is said about it,
and which one of several alike it is. An edit above a place changes none of these; a rename does, and then somebody
should look again.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from clientsmith.findings import InputError
from clientsmith.findings.changes import is_table
from clientsmith.openapi.collector import collector_paused

from .judging import Report
from .rule import Rule
from .verdicts import Problem

__all__ = ["Baseline", "Known", "compare", "fingerprinted", "read_baseline", "written"]

_FORMAT: Final = 1
_Scope: TypeAlias = tuple[int, int, str]  # first and last line of a class or a function, and its dotted name


@dataclass(frozen=True, slots=True)
class Known:
    """One finding of a report, with what tells it from others.

    Attributes:
        rule: The rule that is not met.
        problem: Where, and what to do.
        path: The file, as seen from the package's root, with ``/``.
        symbol: What the place stands in, dotted; "" for the file itself.
        fingerprint: Sixteen hexadecimal digits.
    """

    rule: Rule
    problem: Problem
    path: str
    symbol: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known: fingerprint → what was said when it was written, for people."""

    findings: Mapping[str, str]


@collector_paused()
def fingerprinted(report: Report) -> list[Known]:
    """Return all findings of a report with their fingerprints, in the order of the guidelines."""
    found: list[Known] = []
    seen: Counter[str] = Counter()
    scopes: dict[Path, tuple[_Scope, ...]] = {}
    trees = {module.file: module for module in report.package.source.modules.values()}  # parsed already, by a rule
    for rule, verdict in report.broken:
        for problem in verdict.problems:
            path = relative(problem.file, report.package.root)
            if problem.file not in scopes:
                scopes[problem.file] = _scopes(trees[problem.file].tree if problem.file in trees else None)
            symbol = _symbol(problem, scopes[problem.file])
            said = "\n".join((rule.id, path, symbol, problem.hint))
            seen[said] += 1
            digest = hashlib.sha256(f"{said}\n{seen[said]}".encode()).hexdigest()[:16]
            found.append(Known(rule, problem, path, symbol, digest))
    return found


def relative(file: Path, root: Path) -> str:
    """Return a file as seen from the package's root."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()


def _symbol(problem: Problem, scopes: Iterable[_Scope]) -> str:
    """Return the classes and functions around a line, dotted."""
    inner = [name for first, last, name in scopes if first <= problem.line <= last]
    return max(inner, key=len, default="")


def _scopes(tree: ast.Module | None) -> tuple[_Scope, ...]:
    if tree is None:
        return ()
    found: list[_Scope] = []
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, prefix = pending.pop()
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}.{child.name}".lstrip(".")
                found.append((child.lineno, child.end_lineno or child.lineno, name))
            if isinstance(child, ast.stmt):
                pending.append((child, name))
    return tuple(found)


# --- the file --------------------------------------------------------------------------------------------------------


def written(findings: Sequence[Known]) -> str:
    """Return the text of a baseline that knows these findings."""
    known = [
        {"fingerprint": each.fingerprint, "rule": each.rule.id, "path": each.path, "hint": each.problem.hint}
        for each in findings
    ]
    return json.dumps({"format": _FORMAT, "findings": known}, indent=2, ensure_ascii=False) + "\n"


def read_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        InputError: The file cannot be read, or is none of ours.
    """
    hint = f"write it with --write-baseline {path}"
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if not is_table(data) or data.get("format") != _FORMAT:
            raise InputError(f"{path} is no baseline of `clientsmith check`", hint)
        return Baseline({str(e["fingerprint"]): f"{e['path']}  {e['rule']}  {e['hint']}" for e in data["findings"]})
    except OSError as problem:
        raise InputError(f"cannot read the baseline {path}: {problem.strerror or problem}", hint) from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise InputError(f"{path} is no baseline of `clientsmith check`: {problem}", hint) from problem


def compare(findings: Iterable[Known], baseline: Baseline, judged: Iterable[str]) -> tuple[list[Known], list[str]]:
    """Return the findings that the baseline does not know, and what it knows and nobody finds any more.

    ``judged`` are the ids of the rules that were asked: what others said before is not gone.
    """
    found = list(findings)
    new = [each for each in found if each.fingerprint not in baseline.findings]
    here = {each.fingerprint for each in found}
    asked = set(judged)
    stale = [
        said
        for fingerprint, said in baseline.findings.items()
        if fingerprint not in here and said.split("  ")[1] in asked
    ]
    return new, stale
