"""`clientsmith generate`: write the package, or say what would be written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from clientsmith.core.terminal import count, style
from clientsmith.findings import Finding
from clientsmith.findings.reports import as_data
from clientsmith.model.ir import Api

from .given import Given, describes_api
from .output import CODES, FINDINGS, Stop, finish, is_refused, leave, offers_formats, print_json, working

if TYPE_CHECKING:
    from clientsmith.emit.package import WriteReport

__all__ = ["generate"]

_EPILOG = (
    CODES.replace("  2  ", "     with --check: DIR is not what SPEC gives\n  2  ")
    + """

\b
Examples:
  clientsmith generate petstore.json -o petstore-client
  clientsmith generate https://localhost:8443/apidoc/openapi.json -o naas-client
  clientsmith generate --check          # in CI, with `spec` and `output` in clientsmith.toml
"""
)


@click.command(epilog=_EPILOG)
@describes_api
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Folder of the package.")
@click.option(
    "--layout",
    type=click.Choice(["package", "module"]),
    help="A whole package, or only src/PACKAGE for a project that keeps its own pyproject and tests.",
)
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if DIR is not what SPEC gives (for CI).")
@offers_formats
def generate(given: Given, output: Path | None, layout: str | None, style_: str, *, dry: bool, check: bool) -> None:
    """Write the client library of SPEC to DIR.

    Files that were generated before are replaced, and deleted where they are no longer needed. Your own files, and
    everything in _patch.py, stay. If a generated file was changed by hand, or a file that is not ours stands in the
    way, nothing is written.

    The names of all that is public are kept in clientsmith.lock, beside the package: commit it, and names stay what
    they are while the document grows.
    """
    from clientsmith.emit.errors import EmitError
    from clientsmith.emit.package import write_package

    configuration, strict = given.configuration, given.strict
    if output is None and not configuration.output:
        raise click.UsageError("Missing option '-o' / '--output', and no configuration has `output`.")
    target = output if output is not None else Path(configuration.output)
    api, findings = given.build(notes=False)
    if is_refused(findings, strict=strict):
        finish(len(api.operations), findings, strict=strict, style_=style_)
    try:
        is_module = (layout or configuration.layout) == "module"
        with working(f"writing {target}"):
            report = write_package(
                api,
                target,
                source=given.spec,
                layout="module" if is_module else "package",
                dry=dry or check,
                inputs=[Path(one) for one in (given.spec, *configuration.overlays)],
            )
    except (EmitError, ValueError) as problem:
        raise Stop(str(problem)) from problem
    except OSError as problem:
        raise Stop(f"cannot write {str(target)!r}: {problem.strerror or problem}") from problem
    _show(api, report, findings, style_, is_dry=dry or check)
    if check and (report.written or report.deleted or report.seeded):
        if style_ == "text":
            click.echo(
                f"{style('stale', fg='red')}: {target} is not what {given.spec} gives; generate it anew", err=True
            )
        raise click.exceptions.Exit(FINDINGS)
    if style_ == "json":
        leave(findings, strict=strict)
    finish(len(api.operations), findings, strict=strict, style_=style_)


def _show(api: Api, report: WriteReport, findings: Sequence[Finding], style_: str, *, is_dry: bool) -> None:
    if style_ == "json":
        print_json(_as_data(api, report, findings))
    if style_ != "text":
        return
    click.echo(f"{style(api.root.name, bold=True)} in {api.package}, {count(len(api.operations), 'method')}")
    if not is_dry:
        click.echo(str(report))
        return
    for word, paths in (("write", report.written), ("delete", report.deleted), ("write once", report.seeded)):
        for path in paths:
            click.echo(f"would {word} {path}")


def _as_data(api: Api, report: WriteReport, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "client": api.root.name,
        "package": api.package,
        "distribution": api.distribution,
        "operations": len(api.operations),
        "target": str(report.target),
        "written": list(report.written),
        "unchanged": list(report.unchanged),
        "deleted": list(report.deleted),
        "seeded": list(report.seeded),
        "findings": [as_data(finding) for finding in findings],
    }
