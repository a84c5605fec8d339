"""What the table of settings looks like to people and programs: a page, a JSON Schema, a listing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from naas.config.kinds import Pairs
from naas.config.settings import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naas.config.load import Loaded

__all__ = ["Row", "chart_schema", "json_schema", "rows", "settings_tables"]

# Says that a value is nobody's choice.
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as it is in force: secrets hidden, ``source`` as in ``naas.toml:3``, ``NAAS_PORT`` or ``default``."""

    name: str
    value: str
    source: str


def rows(loaded: Loaded, *, changed: bool = False) -> Iterator[Row]:
    """Yield the settings in force, in the order of the table; with ``changed`` only those that somebody set."""
    for name, setting in TABLE.items():
        source = loaded.sources.get(name, DEFAULT)
        if not changed or source != DEFAULT:
            yield Row(name, setting.kind.show(getattr(loaded.settings, name)), source)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the configuration file, for editors that check as one types."""
    properties: dict[str, Any] = {}
    for section, group in groupby(TABLE.values(), key=lambda setting: setting.section):
        known = {
            setting.name: {"description": setting.help, **setting.kind.schema(), **_default_of(setting.default)}
            for setting in group
        }
        properties |= known
        properties[section] = {"type": "object", "additionalProperties": False, "properties": known}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of naas-server",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def chart_schema() -> dict[str, Any]:
    """Return the JSON Schema of the settings in the values of the Helm chart: flat, without secrets.

    The chart writes them as JSON into a TOML file, which goes well for all but tables: these are given as text.
    """
    properties: dict[str, Any] = {}
    for name, setting in TABLE.items():
        if not setting.is_secret:
            schema = {"type": "string"} if isinstance(setting.kind, Pairs) else setting.kind.schema()
            properties[name] = {"description": setting.help, **schema}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _default_of(default: object) -> dict[str, Any]:
    match default:
        case None:
            return {}
        case Path():
            return {"default": str(default)}
        case _:  # a tuple becomes a list as JSON
            return {"default": default}


def settings_tables() -> str:
    """Return the settings as Markdown, a table for each section; the guide to configuration holds it."""
    parts: list[str] = []
    for section, group in groupby(TABLE.values(), key=lambda setting: setting.section):
        parts += [f"### `[{section}]`", "", "| setting | default | value | what it is for |", "|---|---|---|---|"]
        for setting in group:
            default = setting.kind.show(setting.default)
            words = setting.kind.words.replace("|", "\\|")
            others = ", ".join(f"`{name}`" for name in setting.also)
            told = f"{setting.help} Also {others}." if others else setting.help
            secret = " Secret." if setting.is_secret else ""
            parts.append(f"| `{setting.name}` | {f'`{default}`' if default else ''} | {words} | {told}{secret} |")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"
