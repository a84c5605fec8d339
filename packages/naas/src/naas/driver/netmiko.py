"""The driver on Netmiko: its platform classes, our reads (:mod:`naas.driver.reading`), a warm pool of sessions."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager

from naas.driver.base import (
    AUTODETECT,
    Cancelled,
    CommandOutput,
    DeviceFailure,
    DeviceTarget,
    ErrorCode,
    known_platforms,
)
from naas.driver.detect import PlatformCache, detect_platform
from naas.driver.failures import failure_from
from naas.driver.patterns import BadPattern, CallerPattern
from naas.driver.pool import KeyMaker, PoolClosed, PoolExhausted, PoolStats, SessionPool
from naas.driver.reading import LONGEST_OUTPUT, OutputTooLong
from naas.driver.session import DeviceSession, open_session, supports_commit, supports_save


class NetmikoDriver:
    """Talks SSH to devices from many threads at once; implements :class:`naas.driver.base.DeviceDriver`.

    ``max_connections`` counts sessions at work and idle ones together. An idle session is logged out after
    ``idle_seconds``, any session when it comes back older than ``max_age_seconds``.
    """

    def __init__(
        self, max_connections: int = 200, idle_seconds: float = 300.0, max_age_seconds: float = 3600.0
    ) -> None:
        self._pool: SessionPool[DeviceSession] = SessionPool(
            max_connections=max_connections, idle_seconds=idle_seconds, max_age_seconds=max_age_seconds
        )
        self._keys = KeyMaker()
        self._detected = PlatformCache()

    @property
    def pool_stats(self) -> PoolStats:
        """How many sessions are idle, at work, were opened, reused and dropped."""
        return self._pool.stats

    def send_commands(
        self,
        target: DeviceTarget,
        commands: Sequence[str],
        *,
        read_timeout: float,
        conn_timeout: float,
        expect_string: str | None,
        should_stop: Callable[[], bool],
    ) -> CommandOutput:
        """Run ``commands`` in order and return their output; see :class:`naas.driver.base.DeviceDriver`.

        Privileged mode is entered only if the target carries an enable secret. A running command is abandoned, and
        its session cut, soon after ``should_stop`` turns True.
        """
        _stop_if(should_stop)
        pattern = _compiled(target, expect_string)
        platform = self._platform_of(target, conn_timeout, read_timeout)
        results: dict[str, str] = {}
        is_privileged = target.enable is not None
        with self._session(target, platform, is_privileged, conn_timeout) as session:
            for command in commands:
                _stop_if(should_stop)
                results[command] = session.run(
                    command, read_timeout=read_timeout, expect_string=pattern, should_stop=should_stop
                )
                _check_length(target, results)
        return CommandOutput(results, detected_platform=platform if target.platform == AUTODETECT else None)

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
    ) -> str:
        """Enter ``lines`` in configuration mode; see :class:`naas.driver.base.DeviceDriver`.

        Privileged mode is always entered, with the password if the target carries no enable secret. ``should_stop``
        is asked before the first line only: half a configuration is worse than a late answer.
        """
        _stop_if(should_stop)
        platform = self._platform_of(target, conn_timeout, read_timeout)
        _require_support(target, platform, save_config=save_config, commit=commit)
        with self._session(target, platform, True, conn_timeout) as session:
            _stop_if(should_stop)
            prompt = session.prompt
            output = session.configure(lines, save_config=save_config, commit=commit, read_timeout=read_timeout)
            if session.prompt != prompt:
                # The device has a new name: the sessions that wait for the old prompt would wait in vain.
                self._pool.discard_idle(target.host, target.port)
        return output

    def close(self) -> None:
        """Log out of every idle device and refuse further work. May be called twice."""
        self._pool.close()

    @contextmanager
    def _session(
        self, target: DeviceTarget, platform: str, is_privileged: bool, conn_timeout: float
    ) -> Generator[DeviceSession]:
        key = self._keys.key_for(target, platform=platform, is_privileged=is_privileged)

        def connect() -> DeviceSession:
            return open_session(target, platform=platform, is_privileged=is_privileged, conn_timeout=conn_timeout)

        try:
            with self._pool.lease(key, connect, wait_seconds=conn_timeout) as session:
                yield session
        except PoolExhausted as error:
            message = f"{target.address}: {error}; try again, or raise the limit of connections"
            raise DeviceFailure(ErrorCode.CONNECTION_TIMEOUT, message) from error
        except PoolClosed as error:
            message = f"{target.address}: not connected, since {error}; try again when it is back"
            raise DeviceFailure(ErrorCode.CONNECTION_TIMEOUT, message) from error
        except DeviceFailure:
            self._detected.forget(target)
            raise

    def _platform_of(self, target: DeviceTarget, conn_timeout: float, read_timeout: float) -> str:
        if target.platform not in known_platforms():
            message = (
                f"{target.address}: no platform is called {target.platform!r}; "
                "use one of Netmiko's SSH platforms or 'autodetect'"
            )
            raise DeviceFailure(ErrorCode.UNKNOWN, message)
        if target.platform != AUTODETECT:
            return target.platform
        platform = self._detected.get(target)
        if platform is None:
            platform = detect_platform(target, conn_timeout=conn_timeout, read_timeout=read_timeout)
            self._detected.put(target, platform)
        return platform


def _stop_if(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Cancelled


def _check_length(target: DeviceTarget, results: Mapping[str, str]) -> None:
    """Refuse a job whose answers are long only together, too."""
    if sum(map(len, results.values())) > LONGEST_OUTPUT:
        raise failure_from(OutputTooLong(), doing="running all commands", target=target)


def _compiled(target: DeviceTarget, expect_string: str | None) -> CallerPattern | None:
    """Refuse before anything is sent what could not be waited for afterwards."""
    if expect_string is None:
        return None
    try:
        return CallerPattern(expect_string)
    except BadPattern as error:
        message = (
            f"{target.address}: `expect_string` {expect_string!r} is not a regular expression ({error}), "
            "and nothing was sent; correct it"
        )
        raise DeviceFailure(ErrorCode.UNKNOWN, message) from error


def _require_support(target: DeviceTarget, platform: str, *, save_config: bool, commit: bool) -> None:
    """Refuse before anything is sent what the platform cannot do; doing it in silence would be a lie."""
    for wanted, is_supported, field, action in (
        (save_config, supports_save(platform), "save_config", "has no configuration to save to"),
        (commit, supports_commit(platform), "commit", "knows no commit"),
    ):
        if wanted and not is_supported:
            message = f"{target.address}: platform {platform!r} {action}, and nothing was sent; leave out `{field}`"
            raise DeviceFailure(ErrorCode.CONFIG_REJECTED, message)
