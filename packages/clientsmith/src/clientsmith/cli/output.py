"""What the commands print: findings and a summary on stderr, results on stdout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

import click
from clientsmith.findings import Finding, Severity

__all__ = ["count", "escaped", "show_findings", "style", "summary"]

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def style(text: str, **attributes: Any) -> str:
    """Return ``text`` with colour, unless NO_COLOR is set; click takes it off where the output is no terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **attributes)


def escaped(text: str) -> str:
    """Escape what a document could use to write over the terminal: control characters and the like."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def show_findings(findings: Sequence[Finding]) -> None:
    """Print each finding: place, severity, rule, what; and below it what to do next."""
    for finding in findings:
        severity = style(finding.severity.value, fg=_COLOURS[finding.severity])
        place, message = escaped(finding.place), escaped(finding.message)
        click.echo(f"{style(place, bold=True)}  {severity}  {finding.rule}  {message}", err=True)
        if finding.hint:
            click.echo(f"  hint: {escaped(finding.hint)}", err=True)


def summary(findings: Sequence[Finding], operations: int) -> str:
    """Return the last line: ``1 error, 0 warnings in 38 operations``."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    return f"{count(errors, 'error')}, {count(warnings, 'warning')} in {count(operations, 'operation')}"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
