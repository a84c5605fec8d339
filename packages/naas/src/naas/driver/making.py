"""From the settings of a service to the driver that talks to its devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naas.config import Settings
    from naas.driver.base import DeviceDriver

__all__ = ["make_driver"]


def make_driver(settings: Settings) -> DeviceDriver:
    """Return the driver that talks to real devices, as the settings say."""
    from naas.driver.choice import DriverSet  # a quarter of a second, which tests with another driver save
    from naas.driver.options import DriverOptions, HostKeyPolicy

    return DriverSet(
        DriverOptions(
            connection_pool_enabled=settings.connection_pool_enabled,
            connection_pool_max_size=settings.pool_size,
            connection_pool_idle_timeout=settings.connection_pool_idle_timeout,
            connection_pool_max_age=settings.connection_pool_max_age,
            connection_pool_keepalive=settings.connection_pool_keepalive,
            connection_pool_exclude=frozenset(settings.connection_pool_exclude),
            host_key_policy=HostKeyPolicy(settings.host_key_policy),
            known_hosts=settings.known_hosts_file,
            allow_telnet=settings.allow_telnet,
        )
    )
