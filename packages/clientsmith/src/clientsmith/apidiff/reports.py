"""Differences and the verdict for people and machines: text, JSON, Markdown, and findings for SARIF and GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from clientsmith.core.terminal import escaped, style
from clientsmith.findings import Finding, Severity

from .difference import Difference, Kind, Place, RuleInfo
from .verdict import Verdict

__all__ = ["as_data", "as_findings", "as_markdown", "as_text", "explained"]

_HEADINGS: Final = {Kind.BREAKING: "Breaking", Kind.ADDITION: "Additions", Kind.FIX: "Other changes"}
_COLOURS: Final = {Kind.BREAKING: "red", Kind.ADDITION: "green", Kind.FIX: "cyan"}
_SEVERITIES: Final = {Kind.BREAKING: Severity.ERROR, Kind.ADDITION: Severity.NOTE, Kind.FIX: Severity.NOTE}


def as_text(differences: Sequence[Difference]) -> str:
    """Return differences for a terminal: by kind, with places and advice."""
    lines: list[str] = []
    for kind, ones in _by_kind(differences):
        lines += ["", style(f"{_HEADINGS[kind]} ({len(ones)})", fg=_COLOURS[kind], bold=True)]
        for one in ones:
            subject = style(escaped(one.subject), bold=True)
            lines.append(f"  {subject}: {escaped(one.message)}  {style(one.rule, dim=True)}")
            if places := _places(one):
                lines.append(style(f"    {escaped(places)}", dim=True))
            if one.advice and kind is Kind.BREAKING:
                lines.append(f"    advice: {escaped(one.advice)}")
    return "\n".join(lines[1:])


def _by_kind(differences: Iterable[Difference]) -> Iterator[tuple[Kind, list[Difference]]]:
    for kind in Kind:
        ones = [one for one in differences if one.kind is kind]
        if ones:
            yield kind, ones


def _places(difference: Difference) -> str:
    old, new = difference.old, difference.new
    if old is not None and new is not None and str(old) != str(new):
        return f"{old} -> {new}"
    return str(new or old or "")


def as_data(differences: Sequence[Difference], verdict: Verdict, sides: dict[str, Any]) -> dict[str, Any]:
    """Return JSON-ready data: both sides, the differences, the verdict."""
    return {**sides, "differences": [_as_data(one) for one in differences], "verdict": verdict.as_data()}


def _as_data(difference: Difference) -> dict[str, Any]:
    data = asdict(difference)
    for side in ("old", "new"):
        if data[side] is not None:
            data[side] = {key: value for key, value in data[side].items() if value not in (None, "")}
    return {key: value for key, value in data.items() if value not in (None, "")}


def as_findings(differences: Iterable[Difference], verdict: Verdict) -> list[Finding]:
    """Return differences as findings, at their place in the new version; a version that is too small is one more."""
    findings: list[Finding] = []
    for one in differences:
        place: Place | None = one.new or one.old
        findings.append(
            Finding(
                rule=one.rule,
                severity=_SEVERITIES[one.kind],
                message=f"{one.subject} {one.message}",
                hint=one.advice if one.kind is Kind.BREAKING else "",
                pointer=(place.pointer if place is not None and place.pointer else one.subject),
                file=place.file if place is not None else "",
                line=place.line if place is not None else None,
                column=(place.column or 1) if place is not None and place.line is not None else None,
            )
        )
    if verdict.is_too_small:
        findings.append(Finding("version-too-small", Severity.ERROR, str(verdict), pointer="version"))
    return findings


def as_markdown(differences: Sequence[Difference], verdict: Verdict, title: str) -> str:
    """Return differences for a pull request or a changelog."""
    lines = [f"## {title}", "", f"**{verdict}**"]
    for kind, ones in _by_kind(differences):
        lines += ["", f"### {_HEADINGS[kind]}", "", "| What | Change | Rule | Place |", "| --- | --- | --- | --- |"]
        for one in ones:
            cells = (f"`{one.subject}`", one.message, f"`{one.rule}`", _places(one))
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    # A pipe would end the cell, and markup of another's text would be ours.
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def explained(rule: RuleInfo) -> str:
    """Return what a rule is about, with its example."""
    lines = [f"{style(rule.id, bold=True)}  {style(rule.kind.value, fg=_COLOURS[rule.kind])}", "", rule.meaning]
    if rule.advice:
        lines += ["", f"Advice: {rule.advice}."]
    if any(rule.example):
        for name, text in zip(("Before", "After"), rule.example, strict=True):
            lines += ["", f"{name}:", *(f"    {line}" for line in (text or "(nothing)").splitlines())]
    return "\n".join(lines)
