"""Several drivers behind one: the job says which, and one that is not installed says what to install.

A driver is made when the first job asks for it, so that nobody pays for the imports of a driver that is not used.
"""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from naas.driver.base import (
    CommandOutput,
    CommandRun,
    ConfigChange,
    ConfigOutput,
    DeviceDriver,
    DeviceFailure,
    DeviceTarget,
    ErrorCode,
    Patience,
)
from naas.driver.options import DriverOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from naas.driver.pool import PoolStats

__all__ = ["DRIVERS", "DriverSet"]


def _netmiko(options: DriverOptions) -> DeviceDriver:
    from naas.driver.netmiko import NetmikoDriver

    return NetmikoDriver(options)


def _scrapli(options: DriverOptions) -> DeviceDriver:
    from naas.driver.scrapli import ScrapliDriver

    return ScrapliDriver(options)


DRIVERS: Final[Mapping[str, Callable[[DriverOptions], DeviceDriver]]] = MappingProxyType(
    {"netmiko": _netmiko, "scrapli": _scrapli}
)
"""How each driver is made. The extra that installs what a driver needs has the driver's name: ``naas[scrapli]``."""


class DriverSet:
    """A `naas.driver.base.DeviceDriver` that hands each job to the driver that its target names."""

    def __init__(
        self,
        options: DriverOptions | None = None,
        makers: Mapping[str, Callable[[DriverOptions], DeviceDriver]] = DRIVERS,
    ) -> None:
        self._options = options or DriverOptions()
        self._makers = makers
        self._made: dict[str, DeviceDriver] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def pool_stats(self) -> PoolStats:
        """The counts of all drivers together."""
        from naas.driver.pool import PoolStats

        with self._lock:
            made = list(self._made.values())
        total = PoolStats(0, 0, 0, 0, 0)
        for driver in made:
            stats = getattr(driver, "pool_stats", None)
            if isinstance(stats, PoolStats):
                total += stats
        return total

    def send_commands(self, target: DeviceTarget, run: CommandRun, patience: Patience) -> CommandOutput:
        """See :class:`naas.driver.base.DeviceDriver`."""
        return self._driver_of(target).send_commands(target, run, patience)

    def send_config(self, target: DeviceTarget, change: ConfigChange, patience: Patience) -> ConfigOutput:
        """See :class:`naas.driver.base.DeviceDriver`."""
        return self._driver_of(target).send_config(target, change, patience)

    def fetch_config(self, target: DeviceTarget, patience: Patience, *, startup: bool = False) -> str:
        """See :class:`naas.driver.base.DeviceDriver`."""
        return self._driver_of(target).fetch_config(target, patience, startup=startup)

    def close(self) -> None:
        """Close every driver that was made, and refuse further work. May be called twice."""
        with self._lock:
            self._is_closed = True
            made = list(self._made.values())
        for driver in made:
            driver.close()

    def _driver_of(self, target: DeviceTarget) -> DeviceDriver:
        maker = self._makers.get(target.driver)
        if maker is None:
            known = ", ".join(sorted(self._makers))
            message = f"{target.address}: no driver is called {target.driver!r}; use one of {known}"
            raise DeviceFailure(ErrorCode.UNKNOWN, message)
        with self._lock:
            if self._is_closed:
                message = f"{target.address}: not connected, since the service is going down; try again when it is back"
                raise DeviceFailure(ErrorCode.CONNECTION_TIMEOUT, message)
            if target.driver not in self._made:
                try:
                    self._made[target.driver] = maker(self._options)
                except ImportError as error:
                    message = (
                        f"{target.address}: the driver {target.driver!r} is not installed in this service ({error}); "
                        f"install it with `pip install 'naas[{target.driver}]'`, or use the driver 'netmiko'"
                    )
                    raise DeviceFailure(ErrorCode.UNKNOWN, message) from error
            return self._made[target.driver]
