"""Where passwords and keys come from: the environment, a file, a command, the keyring, and the person at the terminal.

None is ever printed, and an argument is the worst place for one: every user of the machine can read it in the list of
processes. ``--password`` and ``--api-key`` are taken, for scripts that have them from before, and a warning says so.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import click
from clientsmith.core.credentials import BasicCredential, KeyCredential

from .endings import AuthenticationStop, UsageStop

if TYPE_CHECKING:
    from .settings import Settings

__all__ = ["KEYRING_SERVICE", "ask", "credential_of", "from_command", "is_interactive", "password_of"]

KEYRING_SERVICE: Final = "naas"
_COMMAND_SECONDS: Final = 60.0  # a password manager may have to be unlocked by hand


def credential_of(settings: Settings) -> BasicCredential | KeyCredential:
    """Return who is calling.

    Raises:
        AuthenticationStop: Nobody says, and nobody can be asked.
        UsageStop: The command that prints it fails.
    """
    key = settings.api_key or (from_command(settings.api_key_command, "api_key") if settings.api_key_command else "")
    if not key and not settings.username and settings.keyring:
        key = _from_keyring(settings.url, "api_key") or ""
    if key:
        return KeyCredential(key)
    if not settings.username:
        raise AuthenticationStop(
            "nobody says who is calling",
            "give --username (the password is asked for), or set NAAS_API_KEY; or: naas profile set default username=…",
        )
    return BasicCredential(settings.username, password_of(settings))


def password_of(settings: Settings) -> str:
    """Return the password of `Settings.username`; on a terminal it is asked for if nothing else has it.

    Raises:
        AuthenticationStop: There is none, and nobody can be asked.
        UsageStop: The command that prints it fails.
    """
    if settings.password:
        return settings.password
    if settings.password_command:
        return from_command(settings.password_command, "password")
    if settings.keyring and (found := _from_keyring(settings.url, settings.username)):
        return found
    if is_interactive():
        return ask(f"Password of {settings.username}")
    raise AuthenticationStop(
        f"there is no password for {settings.username}",
        "set NAAS_PASSWORD or `password_command`, or put it into the keyring: keyring set naas/URL USERNAME",
    )


def is_interactive() -> bool:
    """Whether a person is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(what: str) -> str:
    """Return a secret that a person types; nothing is shown of it."""
    secret: str = click.prompt(what, hide_input=True, err=True)
    return secret


def from_command(command: str, what: str) -> str:
    """Return the first line that a command prints. It runs without a shell, its words split as a shell would.

    Raises:
        UsageStop: It is not there, fails, or prints nothing. Its output is not shown, for it may be the secret.
    """
    name = f"{what}_command"
    try:
        words = shlex.split(command)
        done = subprocess.run(
            words, stdout=subprocess.PIPE, text=True, timeout=_COMMAND_SECONDS, check=False, stdin=None
        )
    except ValueError:
        raise UsageStop(f"`{name}` has a quotation mark that is not closed") from None
    except (OSError, IndexError) as error:
        raise UsageStop(f"`{name}` cannot be run: {getattr(error, 'strerror', None) or 'it is empty'}") from None
    except subprocess.TimeoutExpired:
        raise UsageStop(f"`{name}` did not end within {_COMMAND_SECONDS:.0f} s") from None
    if done.returncode:
        raise UsageStop(f"`{name}` ended with {done.returncode}", f"run it yourself: {words[0]} …")
    secret = done.stdout.partition("\n")[0].rstrip("\r")
    if not secret:
        raise UsageStop(f"`{name}` printed nothing")
    return secret


def _from_keyring(url: str, username: str) -> str | None:
    """Return what the system's keyring has for this server; None also where there is no keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError:
        return None
    try:
        return keyring.get_password(f"{KEYRING_SERVICE}/{url.rstrip('/')}", username)
    except KeyringError:  # locked, or none on this machine: the other ways remain
        return None
