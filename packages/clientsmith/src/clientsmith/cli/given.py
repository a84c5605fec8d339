"""What a command was given: SPEC and options, over the configuration; and the API that is built from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click
from clientsmith.configuration import Configuration, find_configuration, read_configuration, read_lock
from clientsmith.findings import Finding, InputError
from clientsmith.model.ir import Api
from clientsmith.model.pipeline import build_api
from clientsmith.openapi.load import Reading
from clientsmith.openapi.references import References

from .output import Stop, show_findings, working

__all__ = ["Given", "describes_api"]


@dataclass(frozen=True, slots=True)
class Given:
    """SPEC, the decisions about it, and how it is read."""

    spec: str
    configuration: Configuration
    reading: Reading
    strict: bool

    def build(self, *, notes: bool = True) -> tuple[Api, list[Finding]]:
        """Read SPEC and return its API with everything that was noticed; stop the command where it cannot be read."""
        try:
            with working(f"reading {self.spec}"):
                return build_api(self.spec, configuration=self.configuration, notes=notes, reading=self.reading)
        except InputError as problem:
            raise Stop(problem.message, problem.hint) from problem


def describes_api(command: Callable[..., None]) -> Callable[..., None]:
    """Add SPEC and the options that say how it is read and named; the command gets them as ``given``."""

    @wraps(command)
    def run(
        *,
        spec: str,
        config: Path | None,
        package: str,
        client_name: str,
        endpoint: str,
        overlay: tuple[str, ...],
        references_below: str | None,
        fetch_references: bool,
        strict: bool,
        **others: Any,
    ) -> None:
        configuration = _configuration(config, others.get("output"))
        configuration = replace(
            configuration,
            package=package or configuration.package,
            client=client_name or configuration.client,
            endpoint=endpoint or configuration.endpoint,
        )
        below = references_below or configuration.references_below
        reading = Reading(
            overlay or configuration.overlays,
            References(below, fetch=fetch_references or configuration.fetch_references),
        )
        given = Given(spec or configuration.spec, configuration, reading, strict or configuration.strict)
        if not given.spec:
            raise click.UsageError("Missing argument 'SPEC', and no configuration has `spec`.")
        command(given=given, **others)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def _configuration(path: Path | None, output: Path | None) -> Configuration:
    """Return the configuration, with its paths as seen from the current folder; stop if there is a mistake in it."""
    try:
        found = path or find_configuration(*([output] if output is not None else []), Path())
        configuration, mistakes = read_configuration(found) if found is not None else (Configuration(), [])
        if mistakes:
            show_findings(mistakes)
            raise Stop(f"the configuration {found} has mistakes; nothing is done", "see `clientsmith config check`")
        configuration = configuration.resolved()
        # Where the package is, its published names are.
        return replace(configuration, lock=read_lock(output or Path(configuration.output)))
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem


def _python_name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if value and not all(part.isidentifier() for part in value.split(".")):
        raise click.BadParameter(f"{value!r} is not a Python name", context, parameter)
    return value


def _url(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"{value!r} is not an http(s) URL", context, parameter)
    return value


_OPTIONS = (
    click.argument("spec", required=False, default=""),
    click.option(
        "--config",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The configuration; else clientsmith.toml or pyproject.toml in DIR or the current folder.",
    ),
    click.option(
        "--package", default="", metavar="NAME", callback=_python_name, help="Import name; else from the title."
    ),
    click.option(
        "--client-name", default="", metavar="NAME", callback=_python_name, help="Class; else from the title."
    ),
    click.option(
        "--endpoint",
        default="",
        metavar="URL",
        callback=_url,
        help="Where the service is, if the document does not say.",
    ),
    click.option(
        "--overlay", multiple=True, metavar="FILE", help="Lay this OpenAPI Overlay over SPEC; may be repeated."
    ),
    click.option(
        "--references-below",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False),
        help="Files that SPEC refers to may lie anywhere below FOLDER; else below SPEC's own.",
    ),
    click.option("--fetch-references", is_flag=True, help="Fetch what SPEC refers to on other servers."),
    click.option("--strict", is_flag=True, help="Treat warnings as errors."),
)
