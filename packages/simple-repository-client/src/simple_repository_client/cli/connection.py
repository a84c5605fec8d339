"""Which index is asked, who is asking, and where answers are kept: the options that commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from clientsmith.core import ServiceClient
from clientsmith.core.credentials import BasicCredential
from clientsmith.core.errors import UsageError

from .._construction import AUTHENTICATION, PACKAGE
from ..addresses import VARIABLES, address_of, url_from
from ..cache import DiskCache
from ..client import SimpleRepositoryClient
from ..credentials import KeyringCredential, NetrcCredential, api_token
from .output import WrongUsage, errors_told

if TYPE_CHECKING:
    from ..client import Credential

__all__ = ["Connection", "asks_an_index"]

_USERNAME, _PASSWORD, _TOKEN = (f"SIMPLE_REPOSITORY_{name}" for name in ("USERNAME", "PASSWORD", "TOKEN"))
_CHECK_SECONDS: Final = 60.0  # for one answer: a list of 700,000 projects takes some
_HELP: Final = {
    "username": f"Who is calling; the password comes from --password-stdin or {_PASSWORD}.",
    "password": "Read the password from standard input, its first line.",
    "token": f"Read a token from standard input; else {_TOKEN}. It is sent as the password of __token__.",
    "netrc": "Take name and password from the netrc file, by the index's host.",
    "keyring": "Take name and password from the system's keyring.",
}


@dataclass(frozen=True)
class Connection:
    """What the options say about the index.

    Attributes:
        url: Of the index.
        credential: Who is calling; None for nobody, or for who stands in the URL.
        cache: Where answers are kept; None for nowhere.
        settings: Of all calls.
    """

    url: str
    credential: Credential | None
    cache: DiskCache | None
    settings: dict[str, Any]

    def client(self) -> SimpleRepositoryClient:
        """Return the client."""
        return SimpleRepositoryClient(self.url, self.credential, cache=self.cache, **self.settings)

    def plain_client(self) -> ServiceClient:
        """Return a client that judges no version and keeps nothing: what comes is looked at as it is."""
        address = address_of(self.url)
        return ServiceClient(
            address.url,
            self.credential or address.credential,
            authentication=AUTHENTICATION,
            package=PACKAGE,
            settings={"timeout": _CHECK_SECONDS, **self.settings},
        )

    @property
    def shown_url(self) -> str:
        """The URL without a password."""
        return address_of(self.url).url


def asks_an_index(*, positional: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options to a command, which gets a `Connection` as its first argument.

    ``positional`` makes the URL an argument, ``[URL]``, for the command that is about the index itself.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**given: Any) -> None:
            command(_connection(given), **given)

        decorated: Callable[..., None] = run
        for option in reversed(_options(positional=positional)):
            decorated = option(decorated)
        return decorated

    return decorate


def _options(*, positional: bool) -> list[Callable[[Callable[..., None]], Callable[..., None]]]:
    url = (
        click.argument("index_url", metavar="[URL]", required=False)
        if positional
        else click.option("--index-url", metavar="URL", help="Of the list of projects; else from the environment.")
    )
    # What judges an index looks at every answer as it is: none is kept, and none asked for again.
    for_pages = [
        click.option("--cache-dir", type=click.Path(file_okay=False, path_type=Path), help="Keep answers there."),
        click.option("--no-cache", is_flag=True, help="Keep no answers."),
        click.option("--max-retries", type=click.IntRange(min=0), metavar="NUMBER", help="Tries after a failed one."),
    ]
    return [
        url,
        click.option("--username", metavar="NAME", envvar=_USERNAME, help=_HELP["username"]),
        click.option("--password-stdin", is_flag=True, help=_HELP["password"]),
        click.option("--token-stdin", is_flag=True, help=_HELP["token"]),
        click.option("--netrc", is_flag=True, help=_HELP["netrc"]),
        click.option("--keyring", is_flag=True, help=_HELP["keyring"]),
        *([] if positional else for_pages),
        click.option("--timeout", type=click.FloatRange(min=0.1), metavar="SECONDS", help="For one answer."),
        click.option("--allow-http", is_flag=True, help="Send the credential over plain http as well."),
    ]


def _connection(given: dict[str, Any]) -> Connection:
    """Take what concerns the connection out of what was given."""
    url: str | None = given.pop("index_url")
    cache_dir: Path | None = given.pop("cache_dir", None)
    wants_cache = not given.pop("no_cache", True)
    credential = _credential(given)
    settings = {
        name: value
        for name in ("timeout", "max_retries", "allow_http")
        if (value := given.pop(name, None)) is not None and value is not False
    }
    with errors_told():
        return Connection(
            url or _url_from_environment(),
            credential,
            DiskCache(cache_dir or _cache_dir()) if wants_cache else None,
            settings,
        )


def _url_from_environment() -> str:
    try:
        return url_from()
    except UsageError:
        hint = f"give --index-url URL (to check: URL alone), or set {VARIABLES[0]} or {VARIABLES[1]}"
        raise WrongUsage("no index is named", hint) from None


def _credential(given: dict[str, Any]) -> Credential | None:
    """Return who is calling; of the ways to say it, one at most may be used.

    Raises:
        WrongUsage: Two were, or what was said is not enough.
    """
    try:
        return _read_credential(given)
    except ValueError as error:
        raise WrongUsage(str(error), "nothing was sent") from None


def _read_credential(given: dict[str, Any]) -> Credential | None:
    username: str | None = given.pop("username")
    ways = {name: given.pop(name) for name in ("password_stdin", "token_stdin", "netrc", "keyring")}
    used = [f"--{name.replace('_', '-')}" for name, value in ways.items() if value]
    if len(used) > 1:
        raise WrongUsage(f"{' and '.join(used)} say different things", "give one of them")
    if ways["netrc"]:
        return NetrcCredential()
    if ways["keyring"]:
        return KeyringCredential(username=username)
    if ways["token_stdin"]:
        return api_token(_line("token"))
    if username is None:
        if ways["password_stdin"]:
            raise WrongUsage("a password is nothing without a name", "give --username, too")
        token = os.environ.get(_TOKEN)
        return api_token(token) if token else None
    password = _line("password") if ways["password_stdin"] else os.environ.get(_PASSWORD)
    if password is None:
        raise WrongUsage(f"there is no password for {username}", f"give --password-stdin, or set {_PASSWORD}")
    return BasicCredential(username, password)


def _line(what: str) -> str:
    """Return a secret of one line; on a terminal it is not shown while it is typed."""
    if sys.stdin.isatty():
        secret: str = click.prompt(what.capitalize(), hide_input=True, err=True)
        return secret
    secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise WrongUsage(f"standard input has no {what}", f'pipe it in: printf %s "$SECRET" | … --{what}-stdin')
    return secret


def _cache_dir() -> Path:
    """Return the folder of the user's caches (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "simple-repository"
