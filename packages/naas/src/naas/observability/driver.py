"""Times what devices do, as spans, around whatever driver talks to them; the driver knows nothing of it.

The names are those of the existing service, whichever driver it is. A span tells the device and how many commands it
was given, never their text.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from naas.driver.base import DeviceFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from naas.driver.base import CommandOutput, ConfigOutput, DeviceDriver, DeviceTarget
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

    def send_commands(
        self,
        target: DeviceTarget,
        commands: Sequence[str],
        *,
        read_timeout: float,
        conn_timeout: float,
        expect_string: str | None,
        should_stop: Callable[[], bool],
        on_output: Callable[[str, str], None] | None = None,
    ) -> CommandOutput:
        """Run the commands in a span."""
        with self._span("naas.netmiko.send_command", target, len(commands)):
            return self._driver.send_commands(
                target,
                commands,
                read_timeout=read_timeout,
                conn_timeout=conn_timeout,
                expect_string=expect_string,
                should_stop=should_stop,
                on_output=on_output,
            )

    def send_config(
        self,
        target: DeviceTarget,
        lines: Sequence[str],
        *,
        save_config: bool,
        commit: bool,
        read_timeout: float,
        conn_timeout: float,
        should_stop: Callable[[], bool],
        dry_run: bool = False,
        want_diff: bool = False,
    ) -> ConfigOutput:
        """Enter the lines in a span."""
        with self._span("naas.netmiko.send_config", target, len(lines)):
            return self._driver.send_config(
                target,
                lines,
                save_config=save_config,
                commit=commit,
                read_timeout=read_timeout,
                conn_timeout=conn_timeout,
                should_stop=should_stop,
                dry_run=dry_run,
                want_diff=want_diff,
            )

    def fetch_config(
        self,
        target: DeviceTarget,
        *,
        read_timeout: float,
        conn_timeout: float,
        should_stop: Callable[[], bool],
        startup: bool = False,
    ) -> str:
        """Read the configuration in a span."""
        with self._span("naas.netmiko.fetch_config", target, 1):
            return self._driver.fetch_config(
                target,
                read_timeout=read_timeout,
                conn_timeout=conn_timeout,
                should_stop=should_stop,
                startup=startup,
            )

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
