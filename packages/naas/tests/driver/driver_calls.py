"""How tests call a driver: with the patience of a test, and any field of what it is given by its name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

from naas.driver.base import (
    CommandOutput,
    CommandRun,
    ConfigChange,
    ConfigOutput,
    DeviceDriver,
    DeviceTarget,
    Patience,
)

PATIENCE: Final = Patience(15.0, 15.0)
"""Long enough for a busy machine: what takes longer hangs."""


def ask(driver: DeviceDriver, target: DeviceTarget, *commands: str, **fields: Any) -> CommandOutput:
    """Run commands; ``fields`` are of `CommandRun` and of `Patience`."""
    patience, rest = _patience(fields)
    return driver.send_commands(target, CommandRun(commands, **rest), patience)


def change(driver: DeviceDriver, target: DeviceTarget, lines: Sequence[str], **fields: Any) -> ConfigOutput:
    """Change a configuration, neither saving nor committing unless told; ``fields`` are of `ConfigChange` and of
    `Patience`."""
    patience, rest = _patience(fields)
    return driver.send_config(target, ConfigChange(lines, **rest), patience)


def fetch(driver: DeviceDriver, target: DeviceTarget, *, startup: bool = False, **fields: Any) -> str:
    """Return a configuration; ``fields`` are of `Patience`."""
    return driver.fetch_config(target, dataclasses.replace(PATIENCE, **fields), startup=startup)


def _patience(fields: dict[str, Any]) -> tuple[Patience, dict[str, Any]]:
    """Return the fields in their two halves."""
    names = {each.name for each in dataclasses.fields(Patience)}
    mine = {name: value for name, value in fields.items() if name in names}
    return dataclasses.replace(PATIENCE, **mine), {name: value for name, value in fields.items() if name not in names}
