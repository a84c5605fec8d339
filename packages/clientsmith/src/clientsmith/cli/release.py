"""`clientsmith release`: fragments become a version, a changelog, files on an index and a tag."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from clientsmith.core.terminal import count, escaped, style
from clientsmith.findings import Finding, InputError
from clientsmith.findings.reports import as_data, as_github, as_sarif
from clientsmith.release import (
    KINDS,
    ChangeKind,
    Journal,
    ReleaseError,
    Request,
    Stage,
    Step,
    Target,
    abort,
    carry_out,
    check_fragments,
    plan_release,
    write_fragment,
)
from clientsmith.release.published import check_target
from clientsmith.release.telling import data_of, lines_of
from clientsmith.workspace import Workspace, find_workspace, git

from .output import FINDINGS, Stop, is_refused, print_json, show_findings, working

__all__ = ["release"]

_CODES = """\b
Exit codes:
  0  done, or with --dry-run: it could be done
  1  refused: the findings say why; or a step failed, and --resume goes on
  2  wrong usage: no git, a dirty tree, an unknown package, an index that is away
"""


class _Release(click.Group):
    """A group whose first word may be a package: `clientsmith release naas-client` is `release run naas-client`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Release,
    epilog="\b\nExample:\n  clientsmith release --dry-run --explain\n"
    "  clientsmith release naas-client --publish-url https://upload.example.org/ "
    "--index https://index.example.org/simple/",
)
def release() -> None:
    """Release packages of this workspace; `clientsmith release PACKAGE…` is short for `release run PACKAGE…`.

    Each change is a fragment, a file `changes/NAME.KIND.md` in its package; fragments and the diff of the last release
    decide the version. See `clientsmith release run --help`.
    """


@release.command(
    epilog=f"{_CODES}\n\b\nExample:\n  clientsmith release run clientsmith-core naas-client --dry-run --explain"
)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option(
    "--train", default="", metavar="NAME", help="All packages of a release train of the workspace's settings."
)
@click.option("--version", "version_", default="", metavar="VERSION", help="This version, if it is enough.")
@click.option("--pre", "stage", flag_value="pre", help="A beta, bN.")
@click.option(
    "--final", "stage", flag_value="final", help="Leave the betas; without it, a package in betas stays there."
)
@click.option("--publish-url", default="", metavar="URL", envvar="CLIENTSMITH_PUBLISH_URL", help="Upload there.")
@click.option("--index", default="", metavar="URL", envvar="CLIENTSMITH_INDEX_URL", help="Read back from there.")
@click.option("--no-publish", is_flag=True, help="Commit, build and tag; somebody else uploads.")
@click.option("--widen", is_flag=True, help="Move ranges of dependants that exclude the new version over it.")
@click.option("--ignore", multiple=True, metavar="RULE", help="A rule of `clientsmith diff` that is not heard.")
@click.option(
    "--signing-key",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    help="An Ed25519 key (PEM) that signs the provenance.",
)
@click.option("--builder", default="", metavar="URI", help="Who builds, for the provenance; else the pipeline.")
@click.option("--dry-run", is_flag=True, help="Show everything, and write nothing.")
@click.option("--explain", is_flag=True, help="Show what demands each version.")
@click.option("--resume", is_flag=True, help="Go on with the release that is under way.")
@click.option("--abort", "abort_", is_flag=True, help="Take back the one under way, if none of it is published.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option(
    "--format", "style_", type=click.Choice(["text", "json"]), default="text", help="Of what --dry-run shows."
)
def run(**given: Any) -> None:
    """Release PACKAGEs, or a train, or without either every package with fragments that say something to its users.

    Everything is decided and checked before anything moves: versions, changelogs, ranges of dependants, the files of
    each package built twice. Then the commit and its tags, then the files go to the index that you name, and are read
    back from there. Credentials for it come from UV_PUBLISH_TOKEN, or UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, or
    a keyring.
    """
    with _stopping():
        workspace = find_workspace()
        top = git.repository_root(workspace.root)
        if given["abort_"]:
            _abort(top)
        elif given["resume"]:
            _carry_out(top, Journal.open(top))
        else:
            _release(workspace, top, _request(given), given)


def _request(given: dict[str, Any]) -> Request:
    target = Target(publish_url="" if given["no_publish"] else given["publish_url"], index=given["index"])
    check_target(target)
    if given["packages"] and given["train"]:
        raise click.UsageError("Give packages or --train, not both.")
    if given["version_"] and given["stage"]:
        raise click.UsageError("--version says it all: leave --pre and --final out.")
    if not (target.publish_url or given["no_publish"] or given["dry_run"]):
        raise click.UsageError(
            "Say where the files go: --publish-url and --index, or --no-publish; --dry-run shows what would be done."
        )
    return Request(
        packages=given["packages"],
        train=given["train"],
        stage=Stage(given["stage"] or "same"),
        version=given["version_"],
        widen=given["widen"],
        ignored=given["ignore"],
        target=target,
        signing_key=given["signing_key"] or "",
        builder=given["builder"],
    )


def _release(workspace: Workspace, top: Path, request: Request, given: dict[str, Any]) -> None:
    with working("comparing with the last releases"):
        planned = plan_release(workspace, request)
    if given["dry_run"] and given["style_"] == "json":
        print_json(data_of(planned))
    else:
        # Of a dry run it is the result; of a release that is what was released.
        for line in lines_of(planned, explain=given["explain"], steps=given["dry_run"]):
            click.echo(escaped(line), err=not given["dry_run"])
    show_findings(planned.findings)
    if planned.plan is None:
        raise click.exceptions.Exit(FINDINGS)
    if given["dry_run"]:
        click.echo("nothing was written: --dry-run", err=True)
        return
    if sys.stdin.isatty() and not given["yes"]:
        click.confirm("Release this?", abort=True, err=True)
    _carry_out(top, Journal.begin(top, planned.plan))


# --- carrying out ----------------------------------------------------------------------------------------------------


class _Telling:
    """Says on stderr which step is taken."""

    def begins(self, step: Step) -> None:
        click.echo(f"{style(step.kind, bold=True):8} {step.package}".rstrip(), err=True)

    def done(self, step: Step) -> None:
        """Nothing: the next step says it."""


def _carry_out(top: Path, journal: Journal) -> None:
    plan = journal.plan
    try:
        folder = carry_out(top, journal, _Telling())
    except InputError as problem:
        raise _Refused(problem.message, problem.hint or "--resume goes on, --abort takes it back") from problem
    for package in plan.packages:
        for warning in journal.result(f"inspect {package.name}"):
            click.echo(f"{style('warning', fg='yellow')}: {escaped(warning)}", err=True)
        click.echo(f"{package.name} {package.new}")
    tags = " ".join(package.tag for package in plan.packages)
    click.echo(f"released; the files are in {folder.relative_to(top)}", err=True)
    click.echo(f"  hint: git push --atomic origin HEAD {tags}", err=True)


def _abort(top: Path) -> None:
    for line in abort(top, Journal.open(top)):
        click.echo(line, err=True)


# --- fragments -------------------------------------------------------------------------------------------------------


@release.command(
    epilog="\b\nKinds:\n"
    + "\n".join(f"  {kind.value:11} {info.bump.name.lower():6} {info.meaning}" for kind, info in KINDS.items())
    + '\n\n\b\nExample:\n  clientsmith release note naas-client fixed "`Retry-After: 0` means now."'
)
@click.argument("package")
@click.argument("kind", type=click.Choice([kind.value for kind in ChangeKind]))
@click.argument("text")
@click.option("--name", default="", help="Of the file; else the first words of the text.")
def note(package: str, kind: str, text: str, name: str) -> None:
    """Write a change fragment of PACKAGE: one change, told to those who use it."""
    with _stopping():
        workspace = find_workspace()
        member = workspace.members.get(package)
        if member is None:
            raise Stop(
                f"{package!r} is no package of this workspace", f"its packages: {', '.join(sorted(workspace.members))}"
            )
        folder = member.folder / member.configuration.release.fragments
        fragment = write_fragment(folder, member.name, ChangeKind(kind), text, name)
        click.echo(str(fragment.file.relative_to(workspace.root)))


@release.command(
    epilog="\b\nExit codes:\n  0  all is well\n  1  a fragment is missing, is none, or says too little\n"
    "  2  wrong usage: no git, no such base\n\n\b\nExample:\n  clientsmith release check --base origin/main"
)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option(
    "--base",
    default="",
    metavar="REV",
    help="Packages changed since HEAD left REV need a fragment; else since the main branch.",
)
@click.option("--all", "everything", is_flag=True, help="Look at the fragments alone, whatever changed.")
@click.option("--ignore", multiple=True, metavar="RULE", help="A rule of `clientsmith diff` that is not heard.")
@click.option("--no-compare", is_flag=True, help="Do not compare the fragments with the diff of the last release.")
@click.option(
    "--format",
    "style_",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="Of the findings.",
)
def check(
    packages: tuple[str, ...], base: str, everything: bool, ignore: tuple[str, ...], no_compare: bool, style_: str
) -> None:
    """Check the change fragments, for a pull request: each is one, and says as much as the diff demands."""
    with _stopping():
        workspace = find_workspace()
        if unknown := sorted(set(packages) - workspace.members.keys()):
            raise Stop(
                f"{unknown[0]!r} is no package of this workspace",
                f"its packages: {', '.join(sorted(workspace.members))}",
            )
        base = "" if everything else base or git.main_branch(workspace.root)
        with working("reading fragments"):
            findings = check_fragments(workspace, base, packages=packages, compare=not no_compare, ignored=ignore)
    _FORMATS[style_](findings)
    since = f" since {base}" if base else ""
    click.echo(f"{count(len(findings), 'problem')} with change fragments{since}", err=True)
    raise click.exceptions.Exit(FINDINGS if is_refused(findings, strict=True) else 0)


def _sarif(findings: list[Finding]) -> None:
    from importlib.metadata import version

    print_json(as_sarif(findings, version("clientsmith")))


_FORMATS: dict[str, Callable[[list[Finding]], None]] = {
    "text": show_findings,
    "json": lambda findings: print_json([as_data(finding) for finding in findings]),
    "sarif": _sarif,
    "github": lambda findings: click.echo(as_github(findings), nl=bool(findings)),
}


# --- stopping --------------------------------------------------------------------------------------------------------


class _Refused(Stop):
    """A step found that the release is not fit to be published."""

    exit_code = FINDINGS


@contextmanager
def _stopping() -> Generator[None]:
    """Turn what cannot be worked on into one message and exit code 2, and what a step refused into code 1."""
    try:
        yield
    except ReleaseError as problem:
        show_findings(problem.findings)
        raise _Refused(problem.message, problem.hint) from problem
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    except BrokenPipeError:
        raise  # whoever read what is said has stopped reading
    except OSError as problem:
        # A full disk, a folder that cannot be written: nothing was done that is not in the journal.
        place = f" {problem.filename}" if problem.filename else ""
        raise _Refused(
            f"cannot write or read{place}: {problem.strerror or problem}",
            "put that right; where a release is under way, --resume goes on",
        ) from problem
