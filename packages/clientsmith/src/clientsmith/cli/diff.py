"""`clientsmith diff`: what changed between two versions of an API, and the version that it demands."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from difflib import get_close_matches
from importlib.metadata import version
from typing import Any, Final

import click
from clientsmith.apidiff.bump import Bump
from clientsmith.apidiff.difference import Difference, Kind, RuleInfo, chosen
from clientsmith.apidiff.reports import as_data, as_findings, as_markdown, as_text, explained
from clientsmith.apidiff.verdict import Verdict, judge
from clientsmith.core.terminal import escaped, style
from clientsmith.distributions import Distribution, is_document, opened, opened_document
from clientsmith.findings import InputError
from clientsmith.findings.reports import as_github, as_sarif
from packaging.version import InvalidVersion, Version

from .output import FINDINGS, Stop, print_json, working

__all__ = ["diff"]

_EPILOG: Final = """\b
OLD and NEW are:
  path/to/project, pkg.whl, pkg.tar.gz      a package
  v1.2:packages/client, client@v1.2         of this repository at a revision
  git+https://host/project@v1.2#subdirectory=client
  pkg==1.2, pkg                             that the index of --index holds; without a version the newest
  openapi.yaml, https://…, module:app, v1.2:openapi.yaml
                                            an API description

\b
Exit codes:
  0  compatible
  1  something breaks, or NEW's version is smaller than what changed demands; see --fail-on
  2  wrong usage: OLD or NEW cannot be read, or one is a package and the other a description

\b
Examples:
  clientsmith diff v1.2:packages/client packages/client
  clientsmith diff pkg==1.4.2 dist/pkg-1.5.0-py3-none-any.whl --index https://index.example.org/simple/
  clientsmith diff v1.2:openapi.yaml openapi.yaml --format markdown
  clientsmith diff --explain parameter-renamed
"""


def _explain(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is None or context.resilient_parsing:
        return
    rules = _rules()
    if value not in rules:
        raise Stop(f"there is no rule {value!r}", _nearest(value, rules))
    click.echo(explained(rules[value]))
    context.exit()


def _rules() -> dict[str, RuleInfo]:
    from clientsmith.apidiff import openapi, python

    return {**openapi.RULES, **python.RULES}


@click.command(epilog=_EPILOG)
@click.argument("old")
@click.argument("new")
@click.option("--index", default="", metavar="URL", help="The index that has versions; or set CLIENTSMITH_INDEX_URL.")
@click.option(
    "--format",
    "style_",
    type=click.Choice(["text", "json", "sarif", "markdown", "github"]),
    default="text",
    help="text for people, json for programs, markdown for pull requests, SARIF 2.1.0, GitHub annotations.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "addition", "version", "never"]),
    default="breaking",
    show_default=True,
    help="What gives exit code 1; `version` only a version that is too small, which the first two do, too.",
)
@click.option("--from", "from_", default="", metavar="VERSION", help="The version of OLD, where it does not say it.")
@click.option("--to", default="", metavar="VERSION", help="The version that NEW is to have.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules; `parameter-*` for many.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules; they demand no version either.")
@click.option(
    "--explain", metavar="RULE", is_eager=True, expose_value=False, callback=_explain, help="Say what a rule is about."
)
def diff(
    old: str,
    new: str,
    *,
    index: str,
    style_: str,
    fail_on: str,
    from_: str,
    to: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> None:
    """Tell what changed from OLD to NEW, and which version that demands.

    Two Python packages are compared as their users see them, and two API descriptions as clients do. Nothing is
    imported or run. Each difference is breaking, an addition or a fix; SemVer makes a version of that: before 1.0.0 the
    minor version says that something breaks, and a pre-release promises nothing to the next.
    """
    _check_rules((*select, *ignore))
    try:
        differences, sides, versions = _compare(old, new, index)
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    differences = chosen(differences, select=select, ignore=ignore)
    verdict = judge(differences, _version(from_ or versions[0], from_), _version(to or versions[1], to))
    _show(style_, differences, verdict, sides)
    if _fails(fail_on, verdict):
        raise click.exceptions.Exit(FINDINGS)


def _check_rules(patterns: tuple[str, ...]) -> None:
    rules = _rules() if patterns else {}
    for pattern in patterns:
        is_known = any(rule.startswith(pattern[:-1]) for rule in rules) if pattern.endswith("*") else pattern in rules
        if not is_known:
            raise Stop(f"there is no rule {pattern!r}", _nearest(pattern.removesuffix("*"), rules))


def _nearest(word: str, rules: Iterable[str]) -> str:
    """Return a hint with the rules that are written much alike: there are hundreds in all."""
    alike = get_close_matches(word, sorted(rules), n=4)
    if alike:
        return f"did you mean {', '.join(alike)}?"
    return "the documentation (guide/diff.md) lists them, and each difference is printed with its own"


# --- comparing -------------------------------------------------------------------------------------------------------


def _compare(old: str, new: str, index: str) -> tuple[list[Difference], dict[str, Any], tuple[str, str]]:
    """Return the differences, what there is to say of both sides, and their versions."""
    are_documents = is_document(old), is_document(new)
    if are_documents[0] != are_documents[1]:
        document, package = (old, new) if are_documents[0] else (new, old)
        message = f"cannot compare {document!r}, an API description, with {package!r}, a package"
        raise InputError(message, "give two descriptions, or two packages")
    return _documents(old, new) if are_documents[0] else _packages(old, new, index)


def _documents(old: str, new: str) -> tuple[list[Difference], dict[str, Any], tuple[str, str]]:
    from clientsmith.apidiff.openapi import compare_loaded
    from clientsmith.openapi.load import load

    with opened_document(old) as before, opened_document(new) as after, working(f"comparing {old} with {new}"):
        documents = load(before)[0], load(after)[0]
        differences = compare_loaded(*documents)
    sides: dict[str, Any] = {}
    versions: list[str] = []
    for side, reference, document in zip(("old", "new"), (old, new), documents, strict=True):
        said = document.root.get("info", {}).get("version", "")
        versions.append(str(said))
        sides[side] = {"reference": reference, "kind": "document", "version": str(said)}
    return differences, sides, (versions[0], versions[1])


def _packages(old: str, new: str, index: str) -> tuple[list[Difference], dict[str, Any], tuple[str, str]]:
    from clientsmith.apidiff.python import compare_packages

    with ExitStack() as stack:
        with working(f"opening {old}"):
            before = stack.enter_context(opened(old, index=index))
        with working(f"opening {new}"):
            after = stack.enter_context(opened(new, index=index))
        _refuse_others(before, after)
        with working(f"comparing {before.shown()} with {after.shown()}"):
            differences = compare_packages(before, after)
        for note in (*before.notes, *after.notes):
            click.echo(f"{style('note', fg='yellow')}: {escaped(note)}", err=True)
    return differences, {"old": _side(before), "new": _side(after)}, (before.version, after.version)


def _refuse_others(old: Distribution, new: Distribution) -> None:
    """Two packages that have no import name in common cannot be two versions of one."""
    if not {name.partition(".")[0] for name in old.packages} & {name.partition(".")[0] for name in new.packages}:
        names = [_few(sorted(one.packages)) for one in (old, new)]
        message = f"cannot compare {old.shown()} ({names[0]}) with {new.shown()} ({names[1]}): no package is in both"
        raise InputError(message, "give two versions of one distribution")


_FEW: Final = 5  # names in a message: who gave the wrong folder sees that from the first ones


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more


def _side(distribution: Distribution) -> dict[str, Any]:
    return {
        "reference": distribution.reference,
        "kind": distribution.kind.value,
        "name": distribution.name,
        "version": distribution.version,
        "notes": list(distribution.notes),
    }


def _version(text: str, given: str) -> Version | None:
    try:
        return Version(text) if text else None
    except InvalidVersion:
        if given:
            raise Stop(f"{text!r} is no version", "write it like 1.2.3 or 1.2.3b1") from None
        return None  # documents have all kinds of them


# --- telling ---------------------------------------------------------------------------------------------------------


def _show(style_: str, differences: list[Difference], verdict: Verdict, sides: dict[str, Any]) -> None:
    match style_:
        case "json":
            print_json(as_data(differences, verdict, sides))
        case "sarif":
            print_json(as_sarif(as_findings(differences, verdict), version("clientsmith")))
        case "github":
            findings = as_findings(differences, verdict)
            click.echo(as_github(findings), nl=bool(findings))
        case "markdown":
            click.echo(as_markdown(differences, verdict, f"{sides['old']['reference']} → {sides['new']['reference']}"))
        case _:
            if differences:
                click.echo(as_text(differences))
                click.echo()
            colour = "red" if verdict.is_too_small else "yellow" if verdict.bump is Bump.MAJOR else "green"
            click.echo(style(str(verdict), fg=colour, bold=True))
    if style_ in ("sarif", "github"):
        click.echo(str(verdict), err=True)


def _fails(fail_on: str, verdict: Verdict) -> bool:
    if fail_on == "never":
        return False
    kinds = {"breaking": [Kind.BREAKING], "addition": [Kind.BREAKING, Kind.ADDITION], "version": []}[fail_on]
    return verdict.is_too_small or any(verdict.counts[kind] for kind in kinds)
