"""What every command is given: the settings that hold, a client of the server, and how results are printed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click
from clientsmith.core.credentials import BasicCredential, KeyCredential

from .endings import UsageStop, errors_told, note
from .settings import FORMATS, Settings, config_path, read_file, settings_from

if TYPE_CHECKING:
    from .._patch import NaasClient
    from .inventory import Inventory

__all__ = ["App", "of_the_app", "takes_format"]

T = TypeVar("T")


class App:
    """One run of the command line. Nothing is read or opened before it is needed.

    Args:
        flags: The settings that flags of the program gave; None for what they did not.
        profile: The profile that was asked for, None if none was.
        is_quiet: Whether to say nothing beside the result.
    """

    def __init__(self, flags: Mapping[str, Any], profile: str | None, *, is_quiet: bool) -> None:
        self.flags = dict(flags)
        self.profile, self.is_quiet = profile, is_quiet
        self._client: NaasClient | None = None
        self._others: list[NaasClient] = []

    @cached_property
    def settings(self) -> Settings:
        """The settings that hold.

        Raises:
            UsageStop: The file or the environment say what cannot be.
        """
        file = read_file(config_path())
        if file.is_open_to_others and not self.is_quiet:
            note("warning", f"{file.path} has secrets in it and others may read it: chmod 600 {file.path}")
        settings, self.profile = settings_from(file, os.environ, self.flags, self.profile)
        return settings

    def form(self, default: str) -> str:
        """Return how results are printed; ``default`` is what suits the command."""
        return self.settings.format or default

    @property
    def client(self) -> NaasClient:
        """The client of the server, opened with its first use.

        Raises:
            UsageStop: Nobody says where the server is.
            AuthenticationStop: Nobody says who is calling.
        """
        if self._client is None:
            self._client = self._opened(self.credential)
        return self._client

    @cached_property
    def credential(self) -> BasicCredential | KeyCredential:
        """Who is calling; asked for once.

        Raises:
            AuthenticationStop: Nobody says.
        """
        from .secrets import credential_of

        return credential_of(self.settings)

    @cached_property
    def login(self) -> tuple[str, str]:
        """User name and password of the profile, which devices are logged in with where nothing else is said.

        Raises:
            AuthenticationStop: There is none.
        """
        from .secrets import password_of

        if isinstance(self.credential, BasicCredential):
            return self.credential.username, self.credential.password
        return self.settings.username, password_of(self.settings)

    def client_for(self, username: str, password: str | None) -> NaasClient:
        """Return a client for another login than that of the profile; it is closed with the others."""
        client = self._opened(BasicCredential(username, password or self.login[1]))
        self._others.append(client)
        return client

    def anonymous_client(self) -> NaasClient:
        """Return a client for what needs no credentials."""
        if self._client is None:
            self._client = self._opened(None)
        return self._client

    def _opened(self, credential: Any) -> NaasClient:
        from .._patch import NaasClient

        settings = self.settings
        if not settings.url:
            raise UsageStop(
                "nobody says where the server is",
                "give --url, set NAAS_URL, or: naas profile set default url=https://naas.example.com",
            )
        if settings.verify is False and not self.is_quiet:
            note("warning", "the server's certificate is not checked: anybody on the way can read the passwords")
        try:
            with errors_told():
                return NaasClient(
                    settings.url, credential, verify=settings.verify, allow_http=settings.allow_http, timeout=60.0
                )
        except ValueError as error:
            raise UsageStop(f"the URL of the server cannot be used: {error}") from None

    def inventory(self, name: str | None, kind: str = "auto") -> Inventory | None:
        """Return the devices of a file, by default of the profile's; None if there is neither.

        Raises:
            InventoryError: It cannot be read.
        """
        from .inventory import read_inventory

        chosen = name or self.settings.inventory
        if not chosen:
            return None
        found = read_inventory(chosen, kind)
        for remark in found.remarks:
            self.tell(remark)
        return found

    def tell(self, text: str) -> None:
        """Say something beside the result, unless nothing is to be said."""
        if not self.is_quiet:
            note("note", text)

    def close(self) -> None:
        """Close the connections."""
        for client in (self._client, *self._others):
            if client is not None:
                client.close()


def of_the_app(function: Callable[..., T]) -> Callable[..., T]:
    """Give a command the `App` as its first argument; whatever goes wrong in it is told in one line."""

    @click.pass_context
    @wraps(function)
    def run(context: click.Context, /, *args: Any, **kwargs: Any) -> T:
        app = context.find_object(App)
        assert app is not None
        for name, setting in (("form", "format"), ("timeout", "timeout")):
            if (value := kwargs.pop(name, None)) is not None:
                app.flags[setting] = value
        if kwargs.pop("quiet", False):
            app.is_quiet = True
        with errors_told():
            return function(app, *args, **kwargs)

    return run


def takes_format(command: Callable[..., T]) -> Callable[..., T]:
    """Add ``--format`` and ``--quiet`` behind the command, where people look for them."""
    quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing beside the result.")
    form = click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="table or text for people, json or ndjson for programs.",
    )
    return form(quiet(command))
