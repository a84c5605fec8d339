"""What is to be done at devices, and the request for each of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from clientsmith.core.credentials import BasicCredential

from .endings import UsageStop
from .inventory import InventoryError, Target, limited
from .inventory.words import split_words, targets_of
from .secrets import ask, credential_of, is_interactive, password_of

if TYPE_CHECKING:
    from .app import App

__all__ = [
    "Login",
    "Selection",
    "Work",
    "commands_in",
    "job_options",
    "login_from",
    "login_of",
    "select",
    "text_of_file",
]

_DEFAULT_PLATFORM: Final = "cisco_ios"


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in at the devices, if not who is calling. The secrets stay out of ``repr``."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    enable: str | None = field(default=None, repr=False)
    credential: str | None = None

    def as_wire(self) -> dict[str, Any]:
        """Return the fields of a request's body."""
        told = {
            "username": self.username,
            "password": self.password,
            "enable": self.enable,
            "credential": self.credential,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Work:
    """What every device is asked to do.

    Attributes:
        kind: ``send-command``, ``send-command-structured`` or ``send-config``.
        lines: Commands, or configuration.
        options: Everything else of the request, by its wire names.
    """

    kind: str
    lines: Sequence[str]
    options: Mapping[str, Any]
    login: Login = Login()

    @property
    def shared(self) -> dict[str, Any]:
        """What holds for every device, by wire name."""
        name = "config" if self.kind == "send-config" else "commands"
        return {name: list(self.lines), **self.options, **self.login.as_wire()}

    def of(self, target: Target, *, is_stored: bool) -> dict[str, Any]:
        """Return what the request says of one device."""
        if is_stored:
            return {"device": target.name}
        told = {
            "host": target.host,
            "port": target.port,
            "platform": target.platform,
            "username": target.username,
            "password": target.password,
            "enable": target.enable,
            "context": target.context,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Selection:
    """The devices that were meant, and the commands that stood behind them."""

    targets: Sequence[Target]
    commands: Sequence[str]
    is_stored: bool = False


def select(
    app: App,
    words: Sequence[str],
    *,
    inventory: str | None,
    inventory_kind: str,
    limit: str | None,
    platform: str | None,
    port: int | None,
    stored: bool,
    has_commands: bool,
) -> Selection:
    """Return which devices are meant; see `naas send --help` for how they are told from commands.

    Raises:
        InventoryError: A file cannot be read, or a word means nothing.
        UsageStop: No device is meant.
    """
    typed, commands = split_words(words, has_commands=has_commands)
    found = None if stored and not inventory else app.inventory(inventory, inventory_kind)
    targets = list(found.targets) if inventory and found is not None and not typed else targets_of(typed, found)
    if limit:
        if found is None:
            raise InventoryError("--limit needs an inventory", "name one: --inventory FILE")
        names = {target.name for target in limited(found, limit)}
        targets = [target for target in targets or found.targets if target.name in names]
    if not targets:
        raise UsageStop("no device is named", 'for example: naas send sw1 sw2 "show version"')
    default = platform or app.settings.platform or _DEFAULT_PLATFORM
    complete = [
        target if stored else replace(target, platform=target.platform or default, port=target.port or port)
        for target in targets
    ]
    return Selection(complete, commands, stored)


def text_of_file(name: str) -> str:
    """Return what is in a file, ``-`` for standard input.

    Raises:
        UsageStop: It cannot be read.
    """
    try:
        # A spreadsheet, and some editors, begin a file with a byte order mark.
        return sys.stdin.read() if name == "-" else Path(name).expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageStop(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageStop(f"{name} is not text in UTF-8") from None


def commands_in(name: str, what: str = "commands") -> list[str]:
    """Return the lines of a file, ``-`` for standard input, without empty ones and comments (``!`` and ``#``).

    Raises:
        UsageStop: It cannot be read, or has none.
    """
    text = text_of_file(name)
    # Configuration is indented on purpose; only what stands at the end of lines is nobody's.
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and line.lstrip()[0] not in "!#"]
    if not lines:
        raise UsageStop(f"{name} has no {what}")
    return lines


def login_from(app: App, given: dict[str, Any], *, is_stored: bool = False) -> Login:
    """Take what `options.logs_in` gave out of ``given``, and return who logs in at the devices; as `login_of`."""
    chosen = {name: given.pop(name, None) for name in ("device_username", "credential", "ask_enable")}
    return login_of(app, **chosen, is_stored=is_stored)


def login_of(
    app: App, *, device_username: str | None, credential: str | None, ask_enable: bool, is_stored: bool = False
) -> Login:
    """Return who logs in at the devices, as far as a request has to say it.

    With a user name and a password for the server these are the device's login as well; an API key logs in nowhere, so
    the profile's user does. Devices of the server's inventory (``is_stored``) have logins there, which a user of the
    profile must not take the place of.

    Raises:
        AuthenticationStop, UsageStop: A password is needed and there is none.
    """
    enable = os.environ.get("NAAS_ENABLE") or None
    if ask_enable:
        enable = ask("Password of privileged mode")
    if credential is not None:
        return Login(enable=enable, credential=credential)
    if device_username is not None:
        password = os.environ.get("NAAS_DEVICE_PASSWORD")
        if not password:
            if not is_interactive():
                raise UsageStop(f"there is no password for {device_username}", "set NAAS_DEVICE_PASSWORD")
            password = ask(f"Password of {device_username} at the devices")
        return Login(device_username, password, enable)
    if not is_stored and not isinstance(credential_of(app.settings), BasicCredential) and app.settings.username:
        return Login(app.settings.username, password_of(app.settings), enable)
    return Login(enable=enable)


def job_options(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `options.describes_jobs` gave, by wire name.

    Raises:
        UsageStop: A tag is no KEY:VALUE.
    """
    told: dict[str, Any] = {
        "context": given.get("context") or app.settings.context or None,
        "read_timeout": given.get("read_timeout"),
        "conn_timeout": given.get("conn_timeout"),
        "job_timeout": given.get("job_timeout"),
        "priority": given.get("priority"),
        "tags": _tags(given.get("tags") or ()) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _tags(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        key, colon, value = word.partition(":")
        if not colon or not key or not value:
            raise UsageStop(f"the tag {word!r} is no KEY:VALUE", "for example: --tag change:CHG0042")
        found[key] = value
    return found
