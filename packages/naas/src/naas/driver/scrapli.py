"""The driver on scrapli 2: five platforms, SSH by libssh2, in native code.

It keeps the contract of :mod:`naas.driver.base`; what it cannot do it refuses before anything is sent: jump hosts and
agents (libscrapli checks no host key on the way and asks no agent), patterns that end an output. libssh2 knows host
keys from the file or not at all, so a device that is met for the first time is asked for its key before.
"""

from __future__ import annotations

from naas.driver.base import AUTODETECT, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.configs import family_of
from naas.driver.failures import failure_from
from naas.driver.options import DriverOptions, HostKeyPolicy
from naas.driver.pooled import PooledDriver
from naas.driver.road import Road
from naas.driver.scrapli_dialects import DIALECTS
from naas.driver.scrapli_session import ScrapliSession, open_scrapli_session

__all__ = ["ScrapliDriver"]


class ScrapliDriver(PooledDriver):
    """Talks SSH through libscrapli; implements :class:`naas.driver.base.DeviceDriver`."""

    def __init__(self, options: DriverOptions | None = None) -> None:
        chosen = options or DriverOptions()
        road = Road(chosen)
        super().__init__(chosen, road, _ScrapliSessions(road))


class _ScrapliSessions:
    """What libscrapli can do, and how it logs in; a `naas.driver.pooled.SessionMaker`."""

    def __init__(self, road: Road) -> None:
        self._road = road

    def check(self, target: DeviceTarget, *, expect_string: str | None = None) -> None:
        """Refuse what libscrapli cannot do, or not safely."""
        cannot = [
            text
            for is_asked, text in (
                (target.platform != AUTODETECT and family_of(target.platform) not in DIALECTS, self._platforms(target)),
                (target.platform.endswith("_telnet"), "speaks SSH only"),
                (target.jump is not None, "goes through no jump host"),
                (target.use_agent, "asks no SSH agent"),
                (expect_string is not None, "ends an output at the prompt only, so leave out `expect_string`"),
            )
            if is_asked
        ]
        if cannot:
            message = (
                f"{target.address}: the driver 'scrapli' {cannot[0]}, and nothing was sent; use the driver 'netmiko'"
            )
            raise DeviceFailure(ErrorCode.UNKNOWN, message)

    def supports_save(self, platform: str) -> bool:
        """As the platform's dialect has it."""
        return DIALECTS[family_of(platform)].save is not None

    def supports_commit(self, platform: str) -> bool:
        """As the platform's dialect has it."""
        return DIALECTS[family_of(platform)].committed is not None

    def open(self, target: DeviceTarget, *, platform: str, is_privileged: bool, conn_timeout: float) -> ScrapliSession:
        """Log in; see :func:`naas.driver.scrapli_session.open_scrapli_session`."""
        options = self._road.options
        if options.host_key_policy is HostKeyPolicy.ACCEPT_NEW:
            self._meet(target, conn_timeout)
        known_hosts = None if options.host_key_policy is HostKeyPolicy.IGNORE else options.known_hosts
        return open_scrapli_session(
            target, platform=platform, is_privileged=is_privileged, conn_timeout=conn_timeout, known_hosts=known_hosts
        )

    def _meet(self, target: DeviceTarget, conn_timeout: float) -> None:
        doing = f"asking for its host key (waiting up to {conn_timeout:g} s)"
        try:
            self._road.meet(target, timeout=conn_timeout)
        except Exception as error:
            raise failure_from(error, doing=doing, target=target) from error

    @staticmethod
    def _platforms(target: DeviceTarget) -> str:
        return f"does not know the platform {target.platform!r} (it knows {', '.join(sorted(DIALECTS))})"
