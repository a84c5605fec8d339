"""What the commands print: findings and a summary on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, Final, NoReturn

import click
from clientsmith.core import terminal
from clientsmith.core.terminal import count, escaped, style
from clientsmith.findings import Finding, Severity
from clientsmith.findings.reports import as_github, as_sarif

__all__ = [
    "CODES",
    "FINDINGS",
    "WRONG_INPUT",
    "Stop",
    "finish",
    "is_refused",
    "leave",
    "offers_formats",
    "print_json",
    "show_findings",
    "summary",
    "working",
]

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}

FINDINGS: Final = 1
WRONG_INPUT: Final = 2

CODES: Final = """\b
Exit codes:
  0  clean, or notes and warnings only
  1  an operation would be lost; with --strict also any warning
  2  wrong usage: SPEC or the configuration cannot be read, or DIR cannot be written
"""


class Stop(terminal.Stop):
    """There is nothing to work on: one line says why, another what to do next."""

    exit_code = WRONG_INPUT


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


# --- the end of a command --------------------------------------------------------------------------------------------


def offers_formats(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--format`; the command gets it as ``style_``."""
    return click.option(
        "--format",
        "style_",
        type=click.Choice(["text", "json", "sarif", "github"]),
        default="text",
        help="text for people, json for programs; the findings alone as a SARIF 2.1.0 log, or as GitHub annotations.",
    )(command)


def is_refused(findings: Sequence[Finding], *, strict: bool) -> bool:
    refused = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return any(finding.severity in refused for finding in findings)


def finish(operations: int, findings: Sequence[Finding], *, strict: bool, style_: str = "text") -> NoReturn:
    """Say what was noticed, and end with the exit code that it gives."""
    if style_ == "sarif":
        print_json(as_sarif(findings, version("clientsmith")))
    elif style_ == "github":
        click.echo(as_github(findings), nl=bool(findings))
    else:
        show_findings(findings)
    click.echo(summary(findings, operations), err=True)
    leave(findings, strict=strict)


def leave(findings: Sequence[Finding], *, strict: bool) -> NoReturn:
    """End with the exit code that the findings give."""
    raise click.exceptions.Exit(FINDINGS if is_refused(findings, strict=strict) else 0)


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


@contextmanager
def working(what: str) -> Generator[None, None, None]:
    """Say on a terminal what is being done, and take that away when it is done."""
    if not sys.stderr.isatty():
        yield
        return
    click.echo(f"{style(what, dim=True)} …", nl=False, err=True)
    try:
        yield
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)
