"""The command line. Every command reads SPEC the same way, prints findings on stderr and its result on stdout."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click
from click.shell_completion import get_completion_class
from clientsmith.findings import Finding, InputError, Severity
from clientsmith.findings.reports import as_data, as_github, as_sarif
from clientsmith.model.pipeline import build_api
from clientsmith.model.serialize import api_as_data
from clientsmith.openapi.load import Reading
from clientsmith.openapi.references import References

from .output import escaped, show_findings, style, summary
from .plan import plan_as_data, plan_as_text

if TYPE_CHECKING:
    from clientsmith.emit.package import WriteReport
    from clientsmith.model.ir import Api

__all__ = ["cli", "main"]

FINDINGS: Final = 1
WRONG_INPUT: Final = 2

_CODES = """\b
Exit codes:
  0  clean, or notes and warnings only
  1  an operation would be lost; with --strict also any warning
  2  wrong usage, SPEC cannot be read, or DIR cannot be written
"""


def main() -> None:
    """Run `clientsmith`."""
    cli(prog_name="clientsmith")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("clientsmith"), message="%(prog)s %(version)s")
def cli() -> None:
    """Make a Python client library from an OpenAPI document.

    SPEC is a file (JSON or YAML; OpenAPI 3.2, 3.1, 3.0 or Swagger 2.0), an http(s) URL, or `module:app`: a Python
    module and in it a dict, a function returning one, or a FastAPI or Litestar application.

    \b
    Example:
      clientsmith plan petstore.json
      clientsmith generate petstore.json -o petstore-client
    """


def _names(command: Callable[..., None]) -> Callable[..., None]:
    """The options that decide what the result is called; shared by all commands that build an API."""
    for option in (
        click.option(
            "--endpoint", default="", metavar="URL", help="Where the service is, if the document does not say."
        ),
        click.option("--client-name", default="", metavar="NAME", help="Class of the client; else from the title."),
        click.option("--package", default="", metavar="NAME", help="Import name of the package; else from the title."),
        click.argument("spec"),
    ):
        command = option(command)
    return command


def _input(command: Callable[..., None]) -> Callable[..., None]:
    """The options that decide how SPEC is read, given to the command as one `Reading`."""

    @wraps(command)
    def run(*, overlay: tuple[str, ...], references_below: str | None, fetch_references: bool, **others: Any) -> None:
        references = References(references_below or "", fetch=fetch_references)
        command(reading=Reading(overlay, references), **others)

    for option in (
        click.option("--fetch-references", is_flag=True, help="Fetch what SPEC refers to on other servers."),
        click.option(
            "--references-below",
            metavar="FOLDER",
            type=click.Path(exists=True, file_okay=False),
            help="Files that SPEC refers to may lie anywhere below FOLDER; else below SPEC's own.",
        ),
        click.option(
            "--overlay", multiple=True, metavar="FILE", help="Lay this OpenAPI Overlay over SPEC; may be repeated."
        ),
    ):
        run = option(run)
    return run


_format = click.option(
    "--format",
    "style_",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="text for people, json for programs; the findings alone as a SARIF 2.1.0 log, or as GitHub annotations.",
)
_strict = click.option("--strict", is_flag=True, help="Treat warnings as errors.")


@cli.command(
    epilog=_CODES + "\n\n\b\nExample:\n  clientsmith generate https://localhost:8443/apidoc/openapi.json -o naas-client"
)
@_names
@_input
@click.option(
    "-o", "--output", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder of the package."
)
@click.option(
    "--layout",
    type=click.Choice(["package", "module"]),
    default="package",
    help="A whole package, or only src/PACKAGE for a project that keeps its own pyproject and tests.",
)
@_strict
@_format
def generate(
    spec: str,
    output: Path,
    layout: str,
    *,
    package: str,
    client_name: str,
    endpoint: str,
    reading: Reading,
    strict: bool,
    style_: str,
) -> None:
    """Write the client library of SPEC to DIR.

    Files that were generated before are replaced, and deleted where they are no longer needed. Your own files, and
    everything in _patch.py, stay. If a generated file was changed by hand, or a file that is not ours stands in the
    way, nothing is written.
    """
    from clientsmith.emit.errors import EmitError
    from clientsmith.emit.package import write_package

    api, findings = _build(spec, package, client_name, endpoint, reading, notes=False)
    if _is_refused(findings, strict=strict):
        _finish(api, findings, strict=strict, style_=style_)
    try:
        report = write_package(api, output, source=spec, layout="module" if layout == "module" else "package")
    except (EmitError, ValueError) as problem:
        _stop(str(problem))
    except OSError as problem:
        _stop(f"cannot write {str(output)!r}: {problem.strerror or problem}")
    if style_ == "json":
        _print_json(_report_as_data(api, report, findings))
        _exit(findings, strict=strict)
    if style_ == "text":
        click.echo(f"{style(api.root.name, bold=True)} in {api.package}, {len(api.operations)} methods")
        click.echo(str(report))
    _finish(api, findings, strict=strict, style_=style_)


@cli.command(epilog=_CODES + "\n\n\b\nExample:\n  clientsmith plan petstore.json --format json")
@_names
@_input
@_strict
@_format
def plan(
    spec: str, *, package: str, client_name: str, endpoint: str, reading: Reading, strict: bool, style_: str
) -> None:
    """Explain what would be made of SPEC, and why; nothing is written.

    Shows names, credentials, API version, and for every operation its method with the evidence for verb, paging and
    polling.
    """
    api, findings = _build(spec, package, client_name, endpoint, reading)
    if style_ == "json":
        _print_json(plan_as_data(api, findings))
        _exit(findings, strict=strict)
    if style_ == "text":
        click.echo(plan_as_text(api))
    _finish(api, findings, strict=strict, style_=style_)


@cli.command(epilog=_CODES + "\n\n\b\nExample:\n  clientsmith ir petstore.json > petstore.ir.json")
@_names
@_input
@_strict
def ir(spec: str, *, package: str, client_name: str, endpoint: str, reading: Reading, strict: bool) -> None:
    """Print SPEC as clientsmith understands it, as JSON: the model between reading and writing."""
    api, findings = _build(spec, package, client_name, endpoint, reading, notes=False)
    _print_json(api_as_data(api))
    _finish(api, findings, strict=strict)


@cli.command(
    epilog="\b\nExample:\n  clientsmith completion bash > ~/.local/share/bash-completion/completions/clientsmith"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL."""
    complete = get_completion_class(shell)
    if complete is None:
        _stop(f"no completion for {shell}")
    click.echo(complete(cli, {}, "clientsmith", "_CLIENTSMITH_COMPLETE").source())


# --- shared ----------------------------------------------------------------------------------------------------------


def _build(
    spec: str, package: str, client_name: str, endpoint: str, reading: Reading, *, notes: bool = True
) -> tuple[Api, list[Finding]]:
    for option, name in (("--package", package), ("--client-name", client_name)):
        if name and not all(part.isidentifier() for part in name.split(".")):
            raise click.BadParameter(f"{name!r} is not a Python name", param_hint=option)
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise click.BadParameter(f"{endpoint!r} is not an http(s) URL", param_hint="--endpoint")
    try:
        return build_api(
            spec, package=package, client_name=client_name, endpoint=endpoint, notes=notes, reading=reading
        )
    except InputError as problem:
        _stop(problem.message, problem.hint)


def _stop(message: str, hint: str = "") -> NoReturn:
    click.echo(f"{style('error', fg='red')}: {escaped(message)}", err=True)
    if hint:
        click.echo(f"  hint: {escaped(hint)}", err=True)
    raise click.exceptions.Exit(WRONG_INPUT)


def _is_refused(findings: Sequence[Finding], *, strict: bool) -> bool:
    refused = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return any(finding.severity in refused for finding in findings)


def _finish(api: Api, findings: Sequence[Finding], *, strict: bool, style_: str = "text") -> NoReturn:
    """Say what was noticed, and end with the exit code that it gives."""
    if style_ == "sarif":
        _print_json(as_sarif(findings, version("clientsmith")))
    elif style_ == "github":
        click.echo(as_github(findings), nl=bool(findings))
    else:
        show_findings(findings)
    click.echo(summary(findings, len(api.operations)), err=True)
    _exit(findings, strict=strict)


def _exit(findings: Sequence[Finding], *, strict: bool) -> NoReturn:
    raise click.exceptions.Exit(FINDINGS if _is_refused(findings, strict=strict) else 0)


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def _report_as_data(api: Api, report: WriteReport, findings: Sequence[Finding]) -> dict[str, Any]:
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


if __name__ == "__main__":
    main()
