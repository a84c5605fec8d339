"""Puts the sources together: later ones win, and everything that is wrong in any of them is told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from naas.config.checks import notices_of, problems_of
from naas.config.kinds import Unusable, Url
from naas.config.problems import ConfigurationProblems, Problem
from naas.config.settings import TABLE, Settings
from naas.config.sources import Said, read_environment, read_file, read_flags
from naas.config.table import API

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naas.config.sources import Given

__all__ = ["CONFIG_FILE_VARIABLE", "Loaded", "load"]

CONFIG_FILE_VARIABLE: Final = "NAAS_CONFIG_FILE"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and how they came about.

    Attributes:
        settings: The value.
        sources: For each setting that is not at its default, who said so: ``naas.toml:3``, ``NAAS_PORT``, ``--port``.
        notices: What an operator should know though the service starts, a sentence each.
    """

    settings: Settings
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    notices: tuple[str, ...] = ()


def load(
    *,
    flags: Mapping[str, str | bool | None] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
    process: str = API,
) -> Loaded:
    """Return the settings that the sources give: flags win over the environment, it wins over the file.

    Without ``file`` the environment may name one (``NAAS_CONFIG_FILE``). What the settings must fulfil together depends
    on the ``process`` (`naas.config.checks.problems_of`).

    Raises:
        ConfigurationProblems: Something cannot be used; all of it.
    """
    environment = environment or {}
    if file is None and environment.get(CONFIG_FILE_VARIABLE):
        file = Path(environment[CONFIG_FILE_VARIABLE])
    said = [read_file(file)] if file is not None else []
    said += [read_environment(environment), read_flags(flags or {})]
    problems = [problem for each in said for problem in each.problems]
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source in said:
        for name, given in source.given.items():
            try:
                values[name] = _understand(name, given)
            except Unusable as exc:
                problems.append(Problem(f"{given.where} {exc}", is_usage=source.source == "flag"))
            else:
                sources[name] = _short(given.where, name)
    # With what could be understood, so that one start tells everything there is to mend.
    settings = Settings(**values)
    if problems := problems + problems_of(settings, process=process):
        raise ConfigurationProblems(problems)
    notices = [notice for each in said for notice in each.notices]
    notices += _passwords_on_the_command_line(said[-1])
    return Loaded(settings, sources, (*notices, *notices_of(settings)))


def _understand(name: str, given: Given) -> Any:
    setting = TABLE[name]
    value = setting.kind.read(given.raw)
    if value is None and setting.default is not None:
        raise Unusable(f"is empty; write {setting.kind.words}")
    return value


def _short(where: str, name: str) -> str:
    """Of ``naas.toml:3: port`` the part that is not the name again."""
    return where.removesuffix(f": {name}")


def _passwords_on_the_command_line(flags: Said) -> list[str]:
    return [
        f"{given.where} carries a password that every user of this machine can read; set {TABLE[name].variable} instead"
        for name, given in flags.given.items()
        if isinstance(kind := TABLE[name].kind, Url) and kind.show(str(given.raw)) != given.raw
    ]
