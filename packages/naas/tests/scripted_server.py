"""Started by the tests as a process of its own: `naas-server` with a driver that needs no devices.

A line that ends in "gated" waits until the file named by GATE exists. The password "wrong" is refused.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from naas import runtime
from naas.cli import main
from naas.driver.base import CommandOutput, ConfigOutput, DeviceFailure, ErrorCode

if TYPE_CHECKING:
    from naas.config import Settings
    from naas.driver.base import CommandRun, ConfigChange, DeviceDriver, DeviceTarget, Patience


class GatedDriver:
    """Answers at once, but for gated lines."""

    def send_commands(self, target: DeviceTarget, run: CommandRun, patience: Patience) -> CommandOutput:
        return CommandOutput({command: _answer(target, command) for command in run.commands})

    def send_config(self, target: DeviceTarget, change: ConfigChange, patience: Patience) -> ConfigOutput:
        return ConfigOutput("\n".join(_answer(target, line) for line in change.lines))

    def fetch_config(self, target: DeviceTarget, patience: Patience, *, startup: bool = False) -> str:
        return f"hostname {target.host}"

    def close(self) -> None:
        """Nothing to close."""


def _answer(target: DeviceTarget, line: str) -> str:
    if target.password == "wrong":
        raise DeviceFailure(ErrorCode.AUTH_FAILURE, f"{target.host} refused the login of {target.username}")
    while line.endswith("gated") and not Path(os.environ["GATE"]).exists():
        time.sleep(0.01)
    return f"{target.host}> {line}"


def _gated_driver(settings: Settings) -> DeviceDriver:
    return GatedDriver()


if __name__ == "__main__":
    runtime.make_driver = _gated_driver
    main()
