"""``naas profile``: which servers there are, and which of them is meant."""

from __future__ import annotations

import os
import stat
import tempfile
import tomllib
from pathlib import Path

import click

from .app import App, of_the_app, takes_format
from .endings import CODES, UsageStop
from .results.writing import print_records
from .settings import NAMES, SECRETS, VARIABLES, ConfigFile, config_path, read_file, value_of
from .toml_editing import with_value, without_key

__all__ = ["profile"]

_HIDDEN = "(set)"
_EPILOG = """\b
Examples:
  naas profile set lab url=https://naas.lab.example username=netops
  naas profile set lab password_command="pass show naas/lab"
  naas profile use lab
  naas profile show
"""


@click.group(epilog=_EPILOG, short_help="Keep servers and logins under names.")
def profile() -> None:
    """Keep servers and logins under names, in ~/.config/naas/config.toml (or the file that NAAS_CONFIG names).

    What stands at the top of the file holds for all; a profile lies over it, then the environment, then flags.
    """


@profile.command("list")
@takes_format
@of_the_app
def list_profiles(app: App) -> None:
    """List the profiles."""
    file = read_file(config_path())
    current = app.profile or os.environ.get("NAAS_PROFILE") or file.current
    records = [
        {"profile": name, "used": name == current, "url": file.of(name).get("url"), "who": _who(file, name)}
        for name in file.profiles
    ]
    columns = [("profile", "profile"), ("used", "used"), ("url", "url"), ("who is calling", "who")]
    print_records(records, columns, app.form("table"), f"{file.path} has no profiles")


@profile.command("show", epilog=CODES)
@takes_format
@of_the_app
def show_profile(app: App) -> None:
    """Show what holds, and where each setting comes from; secrets only as set or not."""
    settings = app.settings
    file = read_file(config_path())
    records = [
        {"setting": name, "value": _shown(name, getattr(settings, name)), "from": _origin(app, file, name)}
        for name in NAMES
    ]
    columns = [("setting", "setting"), ("value", "value"), ("from", "from")]
    print_records(records, columns, app.form("table"), "")


@profile.command("set")
@click.argument("name")
@click.argument("settings", nargs=-1, required=True, metavar="SETTING=VALUE...")
@of_the_app
def set_profile(app: App, name: str, settings: tuple[str, ...]) -> None:
    """Set settings of a profile; the file, and the profile, are made if they are not there. SETTING= takes one away.

    The name "default" means the top of the file, which holds for every profile.
    """
    path = config_path()
    read_file(path)  # a file that cannot be read is not written over
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    table = None if name == "default" else f"profiles.{_checked_name(name)}"
    for each in settings:
        key, equals, value = each.partition("=")
        if not equals or key not in NAMES:
            raise UsageStop(
                f"{each.partition('=')[0]!r} is no setting", f"there are {', '.join(NAMES)}, each as SETTING=VALUE"
            )
        if value == "":
            text = without_key(text, table, key)
        else:
            text = with_value(text, table, key, value_of(key, value, f"`{key}`"))
        if key in SECRETS and value:
            app.tell(f"`{key}` stands in {path} as it is; `{key}_command` or the keyring keep it better")
    _write(path, text)


@profile.command("use")
@click.argument("name")
@of_the_app
def use_profile(app: App, name: str) -> None:
    """Use a profile from now on, where none is named; "default" uses none."""
    path = config_path()
    file = read_file(path)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if name == "default":
        _write(path, without_key(text, None, "profile"))
        return
    file.of(name)
    _write(path, with_value(text, None, "profile", name))
    app.tell(f"profile {name} is used from now on")


@profile.command("remove")
@click.argument("name")
@of_the_app
def remove_profile(app: App, name: str) -> None:
    """Take a profile out of the file."""
    path = config_path()
    file = read_file(path)
    file.of(name)
    text = path.read_text(encoding="utf-8")
    for key in file.profiles[name]:
        text = without_key(text, f"profiles.{name}", key)
    text = "\n".join(line for line in text.split("\n") if line.strip() != f"[profiles.{name}]")
    _write(path, without_key(text, None, "profile") if file.current == name else text)
    app.tell(f"profile {name} is gone")


def _checked_name(name: str) -> str:
    if not name or not all(character.isalnum() or character in "-_" for character in name):
        raise UsageStop(f"{name!r} is no name for a profile", "letters, digits, - and _")
    return name


def _who(file: ConfigFile, name: str) -> str:
    said = file.of(name)
    return "API key" if said.get("api_key") or said.get("api_key_command") else str(said.get("username", ""))


def _shown(name: str, value: object) -> object:
    return (_HIDDEN if value else "") if name in SECRETS else value


def _origin(app: App, file: ConfigFile, name: str) -> str:
    if app.flags.get(name) is not None:
        return "flag"
    if os.environ.get(VARIABLES[name]):
        return VARIABLES[name]
    if app.profile and name in file.profiles.get(app.profile, {}):
        return f"profile {app.profile}"
    return str(file.path) if name in file.common else "default"


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all, readable by its owner only.

    Raises:
        UsageStop: It cannot be written, or would not be TOML any more.
    """
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise UsageStop(f"{path} is written in a way that this command cannot change", "edit it by hand") from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
        target = path.resolve()  # of a link into a folder of dotfiles, the file and not the link
        handle, hidden = tempfile.mkstemp(dir=target.parent, prefix=".naas-")  # made with mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(hidden).replace(target)
    except OSError as error:
        raise UsageStop(f"{path} cannot be written: {error.strerror}") from None
