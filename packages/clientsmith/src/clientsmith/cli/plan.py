"""`clientsmith plan`: every guess, why, and the line that changes it."""

from __future__ import annotations

import click
from clientsmith.findings import Finding

from .completing import complete_groups, complete_operations
from .given import Given, describes_api
from .output import CODES, finish, leave, offers_formats, print_json
from .planning import ASPECTS, Planned, Selection, plan_as_data, plan_as_text, plan_as_toml, planned

__all__ = ["plan"]

_EPILOG = (
    CODES
    + """

\b
What --only shows:
"""
    + "".join(f"  {aspect:<12} {meaning}\n" for aspect, meaning in ASPECTS.items())
    + """

\b
Examples:
  clientsmith plan petstore.json
  clientsmith plan github.json --group issues --only paging
  clientsmith plan github.json --only weak --toml >> clientsmith.toml
  clientsmith plan petstore.json --operation list_pets --changes
"""
)


@click.command(epilog=_EPILOG)
@describes_api
@click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_operations,
    help="Only these: `GET /pets`, a pattern (`DELETE *`), a part of a path, an operation id, or a method.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="KEY",
    shell_complete=complete_groups,
    help="Only the operations of these groups and of what is below them.",
)
@click.option("--only", multiple=True, type=click.Choice(list(ASPECTS)), help="Only operations with such a guess.")
@click.option("--changes", is_flag=True, help="Show with each guess the line of configuration that changes it.")
@click.option("--toml", is_flag=True, help="Print these lines alone, as a clientsmith.toml to choose from.")
@offers_formats
def plan(
    given: Given,
    operations: tuple[str, ...],
    groups: tuple[str, ...],
    only: tuple[str, ...],
    style_: str,
    *,
    changes: bool,
    toml: bool,
) -> None:
    """Explain what would be made of SPEC, and why; nothing is written.

    Shows names, credentials, API version, groups, and for every operation its method with the evidence for verb,
    paging, polling and the rest. Where the evidence is weak, the line that makes it sure stands below it.
    """
    api, findings = given.build()
    selection = Selection(operations, groups, only)
    plans = [one for one in planned(api, given.configuration, findings) if selection.has(one)]
    shown = _about(plans, findings) if selection != Selection() else findings
    if style_ == "json":
        print_json(plan_as_data(api, plans, shown))
        leave(findings, strict=given.strict)
    if toml:
        click.echo(plan_as_toml(api, plans), nl=False)
        leave(findings, strict=given.strict)
    if style_ == "text":
        click.echo(plan_as_text(api, plans, changes=changes))
        shown = [finding for finding in shown if finding.change is None]  # these stand with their operation
    finish(len(plans), shown, strict=given.strict, style_=style_)


def _about(plans: list[Planned], findings: list[Finding]) -> list[Finding]:
    """Return the findings about what is shown; errors are about everything."""
    own = {finding for one in plans for finding in one.findings}
    return [finding for finding in findings if finding in own]
