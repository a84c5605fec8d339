"""Started by the tests as a process of its own: `naas-server` with a driver that needs no devices.

A line that ends in "gated" waits until the file named by GATE exists. The password "wrong" is refused.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from naas import runtime
from naas.cli import main
from naas.driver.base import CommandOutput, ConfigOutput, DeviceFailure, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.config import Settings
    from naas.driver.base import DeviceDriver, DeviceTarget


class GatedDriver:
    """Answers at once, but for gated lines."""

    def send_commands(self, target: DeviceTarget, commands: Sequence[str], **_: Any) -> CommandOutput:
        return CommandOutput({command: _answer(target, command) for command in commands})

    def send_config(self, target: DeviceTarget, lines: Sequence[str], **_: Any) -> ConfigOutput:
        return ConfigOutput("\n".join(_answer(target, line) for line in lines))

    def fetch_config(self, target: DeviceTarget, **_: Any) -> str:
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
