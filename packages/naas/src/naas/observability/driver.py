"""Times what devices do, as spans, around whatever driver talks to them; the driver knows nothing of it.

The names are those of the existing service, whichever driver it is. A span tells the device and how many commands it
was given, never their text.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from naas.driver.base import DeviceFailure

if TYPE_CHECKING:
    from collections.abc import Generator

    from naas.driver.base import (
        CommandOutput,
        CommandRun,
        ConfigChange,
        ConfigOutput,
        DeviceDriver,
        DeviceTarget,
        Patience,
    )
    from naas.observability.tracing import Span, Tracing

__all__ = ["TracedDriver", "traced"]


def traced(driver: DeviceDriver, tracing: Tracing) -> DeviceDriver:
    """Return the driver with spans around it, or as it is if spans go nowhere."""
    return TracedDriver(driver, tracing) if tracing.is_on else driver


class TracedDriver:
    """A `naas.driver.base.DeviceDriver` in front of another one."""

    def __init__(self, driver: DeviceDriver, tracing: Tracing) -> None:
        self._driver, self._tracing = driver, tracing

    @property
    def pool_stats(self) -> Any:
        """What the driver's sessions do; None if it does not tell."""
        return getattr(self._driver, "pool_stats", None)

    def send_commands(self, target: DeviceTarget, run: CommandRun, patience: Patience) -> CommandOutput:
        """Run the commands in a span."""
        with self._span("naas.netmiko.send_command", target, len(run.commands)):
            return self._driver.send_commands(target, run, patience)

    def send_config(self, target: DeviceTarget, change: ConfigChange, patience: Patience) -> ConfigOutput:
        """Enter the lines in a span."""
        with self._span("naas.netmiko.send_config", target, len(change.lines)):
            return self._driver.send_config(target, change, patience)

    def fetch_config(self, target: DeviceTarget, patience: Patience, *, startup: bool = False) -> str:
        """Read the configuration in a span."""
        with self._span("naas.netmiko.fetch_config", target, 1):
            return self._driver.fetch_config(target, patience, startup=startup)

    def close(self) -> None:
        """Close the driver."""
        self._driver.close()

    @contextmanager
    def _span(self, name: str, target: DeviceTarget, count: int) -> Generator[Span]:
        with self._tracing.span(name, net_peer_name=target.host, net_peer_port=target.port) as span:
            span.set("naas.command_count", count)
            span.set("naas.platform", target.platform)
            try:
                yield span
            except DeviceFailure as exc:
                span.fail(exc.code.value)
                raise
