"""What a rule means, why, and what it looks like when it is kept and when it is broken."""

from __future__ import annotations

import textwrap

from clientsmith.core.terminal import style

from .examples import Example
from .ids import ALIASES
from .rule import Rule

__all__ = ["explained", "explained_in_markdown", "kinds_in_words"]

_KINDS = {
    "S": "by reading the source",
    "R": "by running it against a scripted service",
    "P": "by the package's metadata and files",
    "D": "with the service's description (--spec)",
    "H": "by a person",
}


def kinds_in_words(rule: Rule) -> str:
    """Say what a rule is judged by."""
    return ", ".join(_KINDS[kind] for kind in rule.kinds)


def explained(rule: Rule) -> str:
    """Return the explanation for a terminal."""
    also = [f" (also {alias})" for alias, id in ALIASES.items() if id == rule.id]
    parts = [
        f"{style(rule.id, bold=True)}{''.join(also)}  {rule.level.value}",
        rule.meaning,
        "",
        textwrap.fill(rule.why, 96),
        "",
        f"Judged {kinds_in_words(rule)}.",
    ]
    for title, example in (("Good", rule.good), ("Bad", rule.bad)):
        shown = list(example.shown())
        if shown:
            parts += ["", style(title, bold=True)]
        for path, text in shown:
            parts += [style(f"  {path}", dim=True), textwrap.indent(text, "    ").rstrip()]
    return "\n".join(parts)


def explained_in_markdown(rule: Rule) -> str:
    """Return the explanation as a section of a page."""
    parts = [f"### {rule.id}", f"**{rule.level.value}.** {rule.meaning} {rule.why} Judged {kinds_in_words(rule)}."]
    for title, example in (("Good", rule.good), ("Bad", rule.bad)):
        parts += [f"{title}:\n\n{_fenced(example)}"] if list(example.shown()) else []
    return "\n\n".join(parts)


def _fenced(example: Example) -> str:
    languages = {".py": "python", ".toml": "toml", ".yaml": "yaml", ".json": "json"}
    return "\n\n".join(
        f"`{path}`\n\n```{languages.get(path[path.rfind('.') :], 'text')}\n{text}```" for path, text in example.shown()
    )
