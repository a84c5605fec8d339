"""What a shell offers when Tab is pressed: operations and groups of the document that the line speaks of.

Whatever goes wrong here gives no offers: a message in the middle of a line that is being typed helps nobody.
"""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem
from clientsmith.configuration import Configuration, find_configuration, read_configuration
from clientsmith.findings import InputError
from clientsmith.model.ir import Api
from clientsmith.model.pipeline import build_api

__all__ = ["complete_groups", "complete_operations"]


def complete_operations(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer methods and paths: words without spaces, which no shell has to quote."""
    api = _api(context)
    if api is None:
        return []
    names = {one.name: one.key for one in api.operations} | {one.path: one.method for one in api.operations}
    return [CompletionItem(name, help=text) for name, text in sorted(names.items()) if name.startswith(incomplete)]


def complete_groups(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the keys of groups."""
    api = _api(context)
    groups = [group for group in api.root.walk() if group.key] if api is not None else []
    return [CompletionItem(one.key, help=one.name) for one in groups if one.key.startswith(incomplete)]


def _api(context: click.Context) -> Api | None:
    try:
        path = context.params.get("config") or find_configuration(Path())
        configuration = read_configuration(path)[0].resolved() if path is not None else Configuration()
        # A line that ends in an option without its value was not taken apart: SPEC is among what is left of it.
        given = context.params.get("spec") or next(iter(context.args), "")
        spec = given or configuration.spec
        # Names do not depend on more than the document and the configuration; nothing is fetched for a completion.
        return build_api(spec, configuration=configuration, notes=False)[0] if spec and "://" not in spec else None
    except (InputError, OSError):
        return None
