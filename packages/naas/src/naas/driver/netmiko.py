"""The driver on Netmiko: its platform classes, our reads (:mod:`naas.driver.reading`), a warm pool of sessions."""

from __future__ import annotations

from naas.driver.base import DeviceFailure, DeviceTarget, ErrorCode, known_platforms
from naas.driver.options import DriverOptions
from naas.driver.platforms import supports_commit, supports_save
from naas.driver.pooled import PooledDriver
from naas.driver.road import Road
from naas.driver.session import DeviceSession, open_session

__all__ = ["NetmikoDriver"]


class NetmikoDriver(PooledDriver):
    """Talks SSH and, where allowed, Telnet; implements :class:`naas.driver.base.DeviceDriver`."""

    def __init__(self, options: DriverOptions | None = None) -> None:
        chosen = options or DriverOptions()
        road = Road(chosen)
        super().__init__(chosen, road, _NetmikoSessions(road))


class _NetmikoSessions:
    """How Netmiko logs in; a `naas.driver.pooled.SessionMaker`."""

    def __init__(self, road: Road) -> None:
        self._road = road

    def check(self, target: DeviceTarget, *, expect_string: str | None = None) -> None:
        """Refuse platforms that nobody knows, and Telnet where it is not allowed."""
        if target.platform not in known_platforms(allow_telnet=True):
            message = (
                f"{target.address}: no platform is called {target.platform!r}; "
                "use one of Netmiko's SSH platforms or 'autodetect'"
            )
            raise DeviceFailure(ErrorCode.UNKNOWN, message)
        if not self._road.options.allow_telnet and target.platform.endswith("_telnet"):
            message = (
                f"{target.address}: platform {target.platform!r} sends passwords in clear text, and this service does "
                "not allow Telnet, so nothing was sent; use the platform's SSH name, or allow Telnet in the service"
            )
            raise DeviceFailure(ErrorCode.UNKNOWN, message)

    def supports_save(self, platform: str) -> bool:
        """As Netmiko's class has it."""
        return supports_save(platform)

    def supports_commit(self, platform: str) -> bool:
        """As Netmiko's class has it."""
        return supports_commit(platform)

    def open(self, target: DeviceTarget, *, platform: str, is_privileged: bool, conn_timeout: float) -> DeviceSession:
        """Log in; see :func:`naas.driver.session.open_session`."""
        return open_session(
            target, platform=platform, is_privileged=is_privileged, conn_timeout=conn_timeout, road=self._road
        )
