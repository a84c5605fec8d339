"""Findings for machines: plain data, SARIF for code scanning, workflow commands for GitHub's annotations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from . import Finding, Severity

__all__ = ["as_data", "as_github", "as_sarif"]

_SARIF_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GITHUB_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON-ready data, without what it does not say."""
    data = {key: value for key, value in asdict(finding).items() if value not in (None, "")}
    return data | ({"change": str(finding.change)} if finding.change is not None else {})


# --- SARIF 2.1.0 -----------------------------------------------------------------------------------------------------


def as_sarif(findings: Sequence[Finding], version: str) -> dict[str, Any]:
    """Return a SARIF log (OASIS, Static Analysis Results Interchange Format 2.1.0) with one run of this tool.

    ``version`` is the tool's. The place of a finding is line and column where it has them, and always the JSON pointer,
    as a logical location.
    """
    rules = sorted({finding.rule for finding in findings})
    index_of = {rule: index for index, rule in enumerate(rules)}
    driver = {"name": "clientsmith", "version": version, "rules": [{"id": rule} for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, index_of[finding.rule]) for finding in findings],
    }
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_result(finding: Finding, rule_index: int) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_sarif_location(finding)],
        # A line moves with every edit above it; the pointer says whether it is the same finding as before.
        "partialFingerprints": {"place/v1": f"{finding.rule}:{finding.pointer}"},
    }


def _sarif_location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding.pointer or "/"}]}
    if finding.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file)}}
        if finding.line is not None:
            physical["region"] = {"startLine": finding.line, "startColumn": finding.column or 1}
        location["physicalLocation"] = physical
    return location


def _uri(file: str) -> str:
    """Return a file's name as a URI: relative names stay relative, so that the log means the same on any machine."""
    if "://" in file:
        return file
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


# --- GitHub Actions --------------------------------------------------------------------------------------------------


def as_github(findings: Iterable[Finding]) -> str:
    """Return one workflow command a finding, which GitHub shows beside the line in a pull request.

    See "Workflow commands for GitHub Actions". Line ends, percent signs and separators are escaped, so that no text of
    a document can become a command.
    """
    return "\n".join(_github_command(finding) for finding in findings)


def _github_command(finding: Finding) -> str:
    place = {"file": finding.file, "line": finding.line, "col": finding.column, "title": finding.rule}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in place.items() if value not in (None, ""))
    text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    return f"::{_GITHUB_COMMANDS[finding.severity]} {properties}::{_message(text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
