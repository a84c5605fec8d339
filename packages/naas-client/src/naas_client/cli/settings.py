"""What the command line works with: a file, then the environment, then flags, each over the one before.

The file is ``~/.config/naas/config.toml``, or the one that ``NAAS_CONFIG`` names. Its top level is for everybody; a
table ``[profiles.NAME]`` lies over it when that profile is used: by ``--profile``, ``NAAS_PROFILE``, or ``profile`` at
the top level, which ``naas profile use`` writes.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, cast

from .endings import UsageStop

__all__ = ["FORMATS", "ConfigFile", "Settings", "config_path", "read_file", "settings_from"]

FORMATS: Final = ("table", "text", "json", "ndjson")
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a profile can say, with what holds where nothing is said.

    Attributes:
        url: Of the server.
        username: Who is calling, and who logs in at the devices.
        password: Better left out of the file; see ``password_command`` and ``keyring``.
        password_command: A command whose first line of output is the password.
        api_key: Who is calling, instead of a user name and a password.
        api_key_command: The same, printed by a command.
        keyring: Whether the system's keyring is asked for what is missing.
        verify: Whether the server's certificate is checked; or the path of the certificates to check it by.
        allow_http: Whether credentials may go over plain http to another machine.
        format: How results are printed; "" leaves it to the command.
        timeout: Seconds to wait for a result.
        platform: Of devices for which nothing else is said.
        context: Where jobs run.
        inventory: A file with devices, which names on the command line are looked up in.
    """

    url: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    password_command: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    api_key_command: str = field(default="", repr=False)
    keyring: bool = True
    verify: bool | str = True
    allow_http: bool = False
    format: str = ""
    timeout: float = 60.0
    platform: str = ""
    context: str = ""
    inventory: str = ""


NAMES: Final = tuple(each.name for each in fields(Settings))
SECRETS: Final = frozenset({"password", "api_key"})
# What the environment may say: one name for each setting.
VARIABLES: Final[Mapping[str, str]] = {name: f"NAAS_{name.upper()}" for name in NAMES}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The file as it is: what holds for all, and the profiles."""

    path: Path
    common: Mapping[str, Any]
    profiles: Mapping[str, Mapping[str, Any]]
    current: str = ""

    @property
    def is_open_to_others(self) -> bool:
        """Whether others may read secrets that are in it."""
        has_secrets = any(SECRETS & table.keys() for table in (self.common, *self.profiles.values()))
        if not has_secrets or os.name == "nt":
            return False
        return bool(self.path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))

    def of(self, profile: str) -> dict[str, Any]:
        """Return what the file says for a profile, "" for none.

        Raises:
            UsageStop: There is no such profile.
        """
        if profile and profile not in self.profiles:
            raise UsageStop(f"{self.path} has no profile {profile!r}", _known_profiles(self.profiles, profile))
        return {**self.common, **self.profiles.get(profile, {})}


def config_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the configuration file is, or would be."""
    named = environment.get("NAAS_CONFIG")
    if named:
        return Path(named).expanduser()
    home = environment.get("XDG_CONFIG_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".config") / "naas" / "config.toml"


def read_file(path: Path) -> ConfigFile:
    """Read the configuration file; one that is not there says nothing.

    Raises:
        UsageStop: It cannot be read, is no TOML, or says what it cannot mean; the message names the place.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ConfigFile(path, {}, {})
    except (OSError, UnicodeDecodeError) as error:
        raise UsageStop(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not text in UTF-8'}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageStop(f"{path} is not TOML: {error}", 'texts stand in quotes: url = "https://…"') from None
    profiles = document.pop("profiles", {})
    current = document.pop("profile", "")
    if not isinstance(profiles, dict) or not isinstance(current, str):
        raise UsageStop(f"{path}: `profiles` is a table of tables, and `profile` the name of one")
    tables = cast("dict[str, Any]", profiles)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise UsageStop(
                f"{path}: `profiles.{name}` is not a table", f"write [profiles.{name}] on a line of its own"
            )
    read = {name: _checked(cast("dict[str, Any]", table), f"{path}, profile {name}") for name, table in tables.items()}
    return ConfigFile(path, _checked(document, str(path)), read, current)


def settings_from(
    file: ConfigFile, environment: Mapping[str, str], flags: Mapping[str, Any], profile: str | None
) -> tuple[Settings, str]:
    """Return the settings that hold, and the name of the profile that they come from.

    Raises:
        UsageStop: There is no such profile, or a variable says what it cannot mean.
    """
    chosen = profile if profile is not None else environment.get("NAAS_PROFILE", file.current)
    said = file.of(chosen)
    for name, variable in VARIABLES.items():
        if environment.get(variable, "") != "":
            said[name] = value_of(name, environment[variable], f"the variable {variable}")
    said |= {name: value for name, value in flags.items() if value is not None}
    return Settings(**said), chosen


def value_of(name: str, text: str, where: str) -> Any:
    """Return the value of a setting that was given as text.

    Raises:
        UsageStop: It is no value for it.
    """
    if name in ("keyring", "allow_http", "verify"):
        word = text.strip().lower()
        if word in _YES or word in _NO:
            return word in _YES
        if name == "verify":
            return text
        raise UsageStop(f"{where} is {text!r}, which is neither true nor false")
    if name == "timeout":
        try:
            return _checked_value(name, float(text), where)
        except ValueError:
            raise UsageStop(f"{where} is {text!r}, and not a number of seconds") from None
    return _checked_value(name, text, where)


def _checked(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    return {name: _checked_value(name, value, f"{where}: `{name}`") for name, value in table.items()}


def _checked_value(name: str, value: object, where: str) -> Any:
    if name not in NAMES:
        near = get_close_matches(name, NAMES, n=1)
        raise UsageStop(f"{where} is no setting", f"did you mean `{near[0]}`?" if near else f"there are {_listed()}")
    if name == "timeout":
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        raise UsageStop(f"{where} is {value!r}, and not a number of seconds above 0")
    if name in ("keyring", "allow_http"):
        wanted: type | tuple[type, ...] = bool
    else:
        wanted = (bool, str) if name == "verify" else str
    if not isinstance(value, wanted):
        what = "true or false" if wanted is bool else "a text in quotes"
        shown = "" if name in SECRETS else f" {value!r}"
        raise UsageStop(f"{where} is{shown} not {what}" if not shown else f"{where} is {value!r}, and not {what}")
    if name == "format" and value not in (*FORMATS, ""):
        raise UsageStop(f"{where} is {value!r}", f"there are {', '.join(FORMATS)}")
    return value


def _listed() -> str:
    return ", ".join(NAMES)


def _known_profiles(profiles: Mapping[str, object], name: str) -> str:
    if not profiles:
        return f"make it: naas profile set {name} url=https://naas.example.com"
    near = get_close_matches(name, profiles, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(profiles))}"
