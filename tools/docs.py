"""Write the reference pages that are made from the code.

    python tools/docs.py            write docs/reference/
    python tools/docs.py check      fail if a page is not what the code says

The command line reference comes from the parsers, the settings from what policies and transports declare, the rest
from signatures and docstrings. A page that is made cannot be wrong, and a test keeps it up to date.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import api_reference  # type: ignore[import-not-found]  # scripts find each other by their folder, mypy does not
import click
from clientsmith.cli.check import checked
from clientsmith.cli.main import cli as clientsmith_command
from clientsmith.core._origin import Home
from clientsmith.core.client import CLIENT_SETTINGS, POLICY_SETTINGS, default_policies
from clientsmith.core.pipeline import settings_of
from clientsmith.core.policies.authentication import SecretPolicy
from clientsmith.core.settings import Setting
from clientsmith.core.transport.base import CONSTRUCTION_SETTINGS, TRANSPORT_SETTINGS
from clientsmith.distributions import opened
from clientsmith.guidelines import pages as guidelines
from clientsmith.guidelines.judging import Report
from naas.cli import main as naas_server_command
from naas_client.cli.commands import naas as naas_command
from naas_mcp.cli import main as naas_mcp_command
from simple_repository_client.cli.commands import cli as simple_repository_command

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
GUIDELINES = ROOT / "docs" / "guidelines.md"
# Folder of the reference → package, and the member of the workspace that has it.
PACKAGES = {
    "core": ("clientsmith.core", "clientsmith-core"),
    "server": ("clientsmith.server", "clientsmith-server"),
    "simple-repository-client": ("simple_repository_client", "simple-repository-client"),
}
# The packages that docs/guidelines.md says the status of → the description of their service, where there is one.
JUDGED = {
    "packages/naas-client": "naas.api.app:app_description",
    "packages/simple-repository-client": "",
    "examples/petstore-client": "packages/clientsmith/tests/specs/oai-petstore.json",
    "examples/parcel-client": "",
}
MADE = "<!-- Made by tools/docs.py from the code; do not edit. -->\n"


def commands(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """Yield the path of each command and its help, as a terminal of 100 columns shows it."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=100, max_content_width=100)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from commands(found, child, context)


def command_line() -> str:
    """Return the page of all commands."""
    parts = [MADE, "# Command line\n"]
    programs = (
        (clientsmith_command, "clientsmith"),
        (naas_server_command, "naas-server"),
        (naas_command, "naas"),
        (naas_mcp_command, "naas-mcp"),
        (simple_repository_command, "simple-repository"),
    )
    for command, name in programs:
        for path, text in commands(command, name):
            parts.append(f"## {path}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def settings() -> str:
    """Return the page of all settings of a client."""
    policies = default_policies("package", Home("https://example.test"))
    declared = [*CLIENT_SETTINGS, *POLICY_SETTINGS, *TRANSPORT_SETTINGS, *settings_of(policies)]
    rows = [_row(setting) for setting in [*declared, *SecretPolicy.settings, *CONSTRUCTION_SETTINGS]]
    head = (
        "# Settings\n\nEvery client takes these in its constructor, and every method those that may be given for one "
        "call, under the same names. A name that is not here is an error that names the nearest.\n\n"
        "| name | default | for one call | meaning |\n|---|---|---|---|\n"
    )
    return MADE + head + "\n".join(sorted(set(rows))) + "\n"


def _row(setting: Setting) -> str:
    return f"| `{setting.name}` | `{setting.default!r}` | {'yes' if setting.per_call else 'no'} | {setting.meaning} |"


def all_pages() -> dict[str, str]:
    """Return file name below the folder → text."""
    made = {"command-line.md": command_line(), "settings.md": settings()}
    made["guidelines.md"] = f"{MADE}\n{guidelines.reference()}"
    for folder, (package, member) in PACKAGES.items():
        pages = api_reference.pages(package, ROOT / "packages" / member / "src")
        made |= {f"{folder}/{name}": f"{MADE}\n{text}" for name, text in pages.items()}
    return made


def _reports() -> dict[str, Report]:
    """Judge our packages as `clientsmith check` does, by name."""
    found: dict[str, Report] = {}
    for path, spec in JUDGED.items():
        with opened(str(ROOT / path)) as distribution:
            file = ROOT / spec
            found[Path(path).name] = checked(distribution, spec=str(file) if spec and file.is_file() else spec)
    return found


def guidelines_page(*, judged: bool) -> str:
    """Return docs/guidelines.md with its table written anew.

    Args:
        judged: Judge our packages for their status, which runs them; else what the page says of it stays.
    """
    text = GUIDELINES.read_text(encoding="utf-8")
    status = guidelines.statuses_of(_reports()) if judged else guidelines.statuses_in(text)
    return guidelines.with_table(text, status)


def main(arguments: list[str]) -> int:
    """Write or check; the exit code is 1 if a page is out of date, 2 for wrong usage."""
    if arguments not in ([], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    logging.getLogger("griffe").setLevel(logging.ERROR)  # it warns where one line tells of two parameters
    pages = all_pages()
    stale: list[str] = []
    for name, text in pages.items():
        path = FOLDER / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    page = guidelines_page(judged=not arguments)
    if GUIDELINES.read_text(encoding="utf-8") != page:
        stale.append(GUIDELINES.name)
        if not arguments:
            GUIDELINES.write_text(page, encoding="utf-8")
    for path in sorted(FOLDER.rglob("*.md")):
        if str(path.relative_to(FOLDER)) not in pages:
            stale.append(f"{path.name} (nothing makes it any more)")
            if not arguments:
                path.unlink()
    if arguments and stale:
        print(f"docs/reference: {', '.join(stale)} out of date; run `make docs` and commit", file=sys.stderr)
        return 1
    print(f"docs/reference: {len(pages)} pages, {len(stale)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
