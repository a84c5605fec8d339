"""Who is asked and who is asking: endpoint, credential and options, from arguments, environment and files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..credentials import BasicCredential, KeyCredential
from ..surface import Surface, credential_from_environment, prefix_of, secret_names

__all__ = ["Connection", "connection_options"]


def connection_options(prefix: str) -> list[click.Parameter]:
    """Return the options that say where the service is and how long to wait for it.

    ``prefix`` begins the names of the environment variables.
    """
    return [
        click.Option(
            ["--endpoint"], envvar=f"{prefix}_ENDPOINT", show_envvar=True, metavar="URL", help="Where the service is."
        ),
        click.Option(["--api-version"], metavar="VERSION", help="The version of the API to speak."),
        click.Option(
            ["--key-file"],
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file with the key or token, and nothing else.",
        ),
        click.Option(["--timeout"], type=float, metavar="SECONDS", help="For a whole call, with its retries."),
        click.Option(["--max-retries"], type=int, metavar="NUMBER", help="How often a failed call is tried again."),
        click.Option(["--allow-http"], is_flag=True, help="Send the credential over plain http as well."),
        click.Option(["-v", "--verbose"], is_flag=True, help="Show requests and answers on standard error."),
    ]


class Connection:
    """What the options of the program said; makes the client when a command needs it."""

    def __init__(self, surface: Surface, program: str, style: str, given: Mapping[str, Any]) -> None:
        self.surface, self.style = surface, style
        self._prefix = prefix_of(program)
        self._given = given

    def client(self) -> Any:
        """Make the client.

        Raises:
            click.UsageError: There is no endpoint, or no credential where one is needed.
        """
        if self._given["verbose"]:
            import logging

            logging.basicConfig(format="%(message)s")
            logging.getLogger("clientsmith.core.http").setLevel(logging.DEBUG)
        endpoint = self._given["endpoint"] or self.surface.endpoint
        if not endpoint:
            raise click.UsageError(f"Say where the service is: --endpoint URL, or {self._prefix}_ENDPOINT.")
        settings = {
            name: self._given[name]
            for name in ("api_version", "timeout", "max_retries")
            if self._given[name] is not None
        }
        if self._given["allow_http"]:
            settings["allow_http"] = True
        if self._given["verbose"]:
            settings["logging_enabled"] = True
        return self.surface.client_class()(endpoint, self._credential(), **settings)

    def _credential(self) -> BasicCredential | KeyCredential | None:
        if self._given["key_file"] is not None:
            return KeyCredential(self._given["key_file"].read_text(encoding="utf-8").strip())
        credential = credential_from_environment(self.surface, self._prefix)
        if credential is None and self.surface.credential_required:
            names = secret_names(self.surface, self._prefix)
            raise click.UsageError(f"The service wants a credential: set {names} in the environment.")
        return credential
