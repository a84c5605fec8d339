"""The three places that settings come from, each read into what it says, problems included."""

from __future__ import annotations

import difflib
import re
import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from naas.config.problems import Problem
from naas.config.settings import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from naas.config.table import Setting

__all__ = ["Given", "Said", "read_environment", "read_file", "read_flags"]


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a source gives, not yet understood. ``where`` begins the sentence if it cannot be."""

    raw: object = field(repr=False)
    where: str


@dataclass(slots=True)
class Said:
    """What a source says: values by the name of their setting, what is wrong, and what is worth telling."""

    source: str
    given: dict[str, Given] = field(default_factory=dict[str, Given])
    problems: list[Problem] = field(default_factory=list[Problem])
    notices: list[str] = field(default_factory=list[str])


def read_flags(flags: Mapping[str, str | bool | None]) -> Said:
    """Return what the command line says; None stands for a flag that was not given."""
    said = Said("flag")
    for name, raw in flags.items():
        if raw is not None:
            flag = str(TABLE[name].flag)
            said.given[name] = Given(raw, f"--no-{flag[2:]}" if raw is False else flag)
    return said


# Variables with our prefix that are not ours: of the client library and its command, of the MCP server, of the compose
# file of the existing service.
_OTHERS: Final = frozenset(
    f"NAAS_{name}"
    for name in (
        *("URL", "USERNAME", "PASSWORD", "API_KEY", "TIMEOUT", "VERIFY", "FORMAT", "CONFIG", "PROFILE", "CONTEXT"),
        *("CONFIG_FILE", "GLOBAL_PORT", "WORKER_PROCESSES", "WORKER_REPLICAS"),
    )
)
# What Kubernetes sets in every container beside a service called "naas".
_SERVICE_LINK: Final = re.compile(r"NAAS(_[A-Z0-9]+)*_(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP)\w*)?)")
_SERVICE_LINK_VALUE: Final = re.compile(r"(tcp|udp)://\S+")

# Variables of the existing service that have no meaning here, with what takes their place.
_RETIRED: Final[Mapping[str, str]] = {
    "REDIS_HOST": "no Redis is needed; see NAAS_ENGINE and NAAS_DATABASE_URL",
    "GUNICORN_WORKERS": "one process serves all requests; see NAAS_WORKER_THREADS for devices at a time",
    "NAAS_WORKER_PROCESSES": "one process talks to many devices; see NAAS_WORKER_THREADS",
}


def read_environment(environment: Mapping[str, str]) -> Said:
    """Return what the environment says. An empty variable says nothing, as compose files need it."""
    said = Said("environment")
    for setting in TABLE.values():
        names = [name for name in setting.variables if environment.get(name, "").strip()]
        if names:
            said.given[setting.name] = Given(environment[names[0]], names[0])
            said.notices += [f"{name} is not used, because {names[0]} is set too" for name in names[1:]]
        _read_secret_file(setting, environment, said)
    port = said.given.get("port")
    if port is not None and _SERVICE_LINK_VALUE.fullmatch(str(port.raw)):
        del said.given["port"]
        said.notices.append(
            "NAAS_PORT comes from Kubernetes, for a service called naas, and is not used; set enableServiceLinks: "
            "false on the pod, and give the port with --port"
        )
    if (backend := environment.get("SECRETS_BACKEND", "env").strip().lower()) not in {"", "env"}:
        said.problems.append(
            Problem(
                f"SECRETS_BACKEND is {backend!r}, but secrets are read from the environment and from files only; let "
                "an agent of that store write them, and name the files: NAAS_JWT_SECRET_FILE, NAAS_ENCRYPTION_KEY_FILE"
            )
        )
    said.notices += [f"{name} has no meaning here: {why}" for name, why in _RETIRED.items() if environment.get(name)]
    said.notices += _unknown_variables(environment)
    return said


def _read_secret_file(setting: Setting, environment: Mapping[str, str], said: Said) -> None:
    variable = setting.file_variable
    if variable is None or not (name := environment.get(variable, "").strip()):
        return
    if setting.name in said.given:
        both = f"{said.given[setting.name].where} and {variable}"
        said.problems.append(Problem(f"{both} are both set; keep one of them"))
        return
    try:
        said.given[setting.name] = Given(Path(name).read_text(encoding="utf-8"), variable)
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not text"
        said.problems.append(Problem(f"{variable} names {name}, which cannot be read: {why}"))


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    ours = {name for setting in TABLE.values() for name in (*setting.variables, setting.file_variable or "")}
    for name in sorted(environment):
        if not name.startswith("NAAS_") or name in ours | _OTHERS or name.startswith("NAAS_MCP_"):
            continue
        if not _SERVICE_LINK.fullmatch(name):
            yield f"{name} is no setting and is not used{_nearest(name, ours)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1, 0.75)
    return f"; did you mean {near[0]}?" if near else ""


def read_file(file: Path) -> Said:
    """Return what a TOML file says: settings by name, at the top or in the table of their section."""
    said = Said("file")
    try:
        text = file.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as exc:
        said.problems.append(Problem(f"the configuration file {file} cannot be read: {exc.strerror}"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        said.problems.append(Problem(f"the configuration file {file} is not TOML: {exc}"))
    else:
        _read_document(document, _Lines(file, text), said)
        _warn_of_readable_secrets(file, said)
    return said


@dataclass(frozen=True, slots=True)
class _Lines:
    """Finds the line of a key, which the parser does not tell."""

    file: Path
    text: str = field(repr=False)

    def where(self, key: str) -> str:
        """Return file and line, then the key: how a sentence about it begins."""
        found = re.search(rf"^[ \t]*(?:\[+[ \t]*)?[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", self.text, re.MULTILINE)
        line = f":{self.text.count(chr(10), 0, found.start()) + 1}" if found else ""
        return f"{self.file}{line}: {key}"


def _read_document(document: Mapping[str, Any], lines: _Lines, said: Said) -> None:
    sections = {setting.section for setting in TABLE.values()}
    for key, value in document.items():
        if key in sections and isinstance(value, dict):
            for name, raw in cast("dict[str, object]", value).items():
                _read_key(name, raw, key, lines, said)
        else:
            _read_key(key, value, None, lines, said)


def _read_key(name: str, raw: object, section: str | None, lines: _Lines, said: Said) -> None:
    where = lines.where(name)
    known = TABLE.get(name)
    if known is None:
        said.problems.append(Problem(f"{where} is no setting{_nearest(name, TABLE)}"))
    elif section not in {None, known.section}:
        said.problems.append(Problem(f"{where} stands in [{section}], but belongs into [{known.section}]"))
    elif name in said.given:
        said.problems.append(Problem(f"{where} is given twice; keep one of them"))
    else:
        said.given[name] = Given(raw, where)


def _warn_of_readable_secrets(file: Path, said: Said) -> None:
    secrets = [name for name in said.given if TABLE[name].is_secret]
    if secrets and stat.S_IMODE(file.stat().st_mode) & 0o077:
        said.notices.append(f"{file} holds {secrets[0]} and can be read by others; run: chmod 600 {file}")
