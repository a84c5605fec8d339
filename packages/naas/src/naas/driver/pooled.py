"""What all drivers with warm sessions have in common: the order of a job's steps, the pool, what came before a failure.

A driver is made of this and of a :class:`SessionMaker`, which knows one SSH library.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol, TypeVar

from naas.driver.base import (
    AUTODETECT,
    Cancelled,
    CommandOutput,
    CommandRun,
    ConfigChange,
    ConfigOutput,
    DeviceFailure,
    DeviceTarget,
    ErrorCode,
    Patience,
)
from naas.driver.configs import candidate_of, command_to_show, refuse_dry_run, without_volatile_lines
from naas.driver.configure import may_have_changed
from naas.driver.detect import PlatformCache, detect_platform
from naas.driver.errors import OutputTooLong
from naas.driver.failures import complaint_in, failure_from, redact
from naas.driver.options import DriverOptions
from naas.driver.patterns import BadPattern, CallerPattern
from naas.driver.pool import Poolable, PoolClosed, PoolExhausted, PoolStats, SessionPool
from naas.driver.pool_key import KeyMaker
from naas.driver.reading import LONGEST_OUTPUT
from naas.driver.road import Road


class PooledSession(Poolable, Protocol):
    """An open session on a device, used by one job at a time."""

    @property
    def prompt(self) -> str:
        """The whole prompt, ``sw1#``, as last learnt; configuration can change it."""
        ...

    def run(self, command: str, patience: Patience, *, expect_string: CallerPattern | None = None) -> str:
        """Run one command and return its output.

        Raises:
            DeviceFailure: no answer in time, one that never ends, or the session broke.
            Cancelled: ``should_stop`` said so while the command ran.
        """
        ...

    def configure(self, change: ConfigChange, *, read_timeout: float) -> ConfigOutput:
        """Change the configuration, or try the change out; return what came of it.

        Raises:
            DeviceFailure: the device refused a line, the commit or the save, or the session broke.
        """
        ...


SessionT_co = TypeVar("SessionT_co", bound=PooledSession, covariant=True)


class SessionMaker(Protocol[SessionT_co]):
    """One SSH library: what it can do, and how it logs in."""

    def check(self, target: DeviceTarget, *, expect_string: str | None = None) -> None:
        """Return if the library can talk to this target.

        Raises:
            DeviceFailure: it cannot; nothing was sent.
        """
        ...

    def supports_save(self, platform: str) -> bool:
        """Whether the platform has a startup configuration to save to."""
        ...

    def supports_commit(self, platform: str) -> bool:
        """Whether the platform has a candidate configuration that is committed."""
        ...

    def open(self, target: DeviceTarget, *, platform: str, is_privileged: bool, conn_timeout: float) -> SessionT_co:
        """Log in and prepare the session: paging off, prompt known, privileged mode if asked for.

        Raises:
            DeviceFailure: with the code that fits.
        """
        ...


class PooledDriver:
    """Talks to devices from many threads at once; implements :class:`naas.driver.base.DeviceDriver`."""

    def __init__(self, options: DriverOptions, road: Road, maker: SessionMaker[PooledSession]) -> None:
        self._options = options
        self._road = road
        self._maker = maker
        self._pool: SessionPool[PooledSession] = SessionPool(
            max_connections=options.connection_pool_max_size,
            idle_seconds=options.connection_pool_idle_timeout,
            max_age_seconds=options.connection_pool_max_age,
        )
        self._keys = KeyMaker()
        self._detected = PlatformCache()

    @property
    def pool_stats(self) -> PoolStats:
        """How many sessions are idle, at work, were opened, reused and dropped."""
        return self._pool.stats

    def send_commands(self, target: DeviceTarget, run: CommandRun, patience: Patience) -> CommandOutput:
        """Run the commands in order and return their output; see :class:`naas.driver.base.DeviceDriver`.

        Privileged mode is entered only if the target carries an enable secret. A running command is abandoned, and
        its session cut, soon after ``should_stop`` turns True.
        """
        _stop_if(patience.should_stop)
        self._maker.check(target, expect_string=run.expect_string)
        pattern = _compiled(target, run.expect_string)
        platform = self._platform_of(target, patience)
        results: dict[str, str] = {}
        is_privileged = target.enable is not None
        try:
            with self._session(target, platform, is_privileged, patience) as session:
                for command in run.commands:
                    _stop_if(patience.should_stop)
                    output = session.run(command, patience, expect_string=pattern)
                    results[command] = output
                    _check_length(target, results)
                    if run.on_output is not None:
                        run.on_output(command, output)
        except (DeviceFailure, Cancelled) as failure:
            failure.partial = results
            raise
        return CommandOutput(results, detected_platform=platform if target.platform == AUTODETECT else None)

    def send_config(self, target: DeviceTarget, change: ConfigChange, patience: Patience) -> ConfigOutput:
        """Enter the lines in configuration mode; see :class:`naas.driver.base.DeviceDriver`.

        Privileged mode is always entered, with the password if the target carries no enable secret. ``should_stop``
        is asked before the first line only: half a configuration is worse than a late answer.
        """
        _stop_if(patience.should_stop)
        platform = self._platform_of(target, patience)
        self._require_support(target, platform, change)
        with self._session(target, platform, True, patience) as session:
            _stop_if(patience.should_stop)
            prompt = session.prompt
            try:
                output = session.configure(change, read_timeout=patience.read_timeout)
            except DeviceFailure as failure:
                failure.may_have_changed = may_have_changed(change, failure, platform)
                raise
            if session.prompt != prompt:
                # The device has a new name: the sessions that wait for the old prompt would wait in vain.
                self._pool.discard_idle(target.host, target.port)
        return output

    def fetch_config(self, target: DeviceTarget, patience: Patience, *, startup: bool = False) -> str:
        """Return the running or the startup configuration; see :class:`naas.driver.base.DeviceDriver`.

        Privileged mode is entered as for :meth:`send_config`: without it many devices show half of it, or nothing.
        """
        _stop_if(patience.should_stop)
        platform = self._platform_of(target, patience)
        command = command_to_show(target, platform, startup=startup)
        with self._session(target, platform, True, patience) as session:
            _stop_if(patience.should_stop)
            text = session.run(command, patience)
        _require_configuration(target, command, text)
        return without_volatile_lines(text)

    def close(self) -> None:
        """Log out of every idle device and refuse further work. May be called twice."""
        self._pool.close()
        self._road.close()

    @contextmanager
    def _session(
        self, target: DeviceTarget, platform: str, is_privileged: bool, patience: Patience
    ) -> Generator[PooledSession]:
        conn_timeout = patience.conn_timeout
        key = self._keys.key_for(target, platform=platform, is_privileged=is_privileged)

        def connect() -> PooledSession:
            return self._maker.open(target, platform=platform, is_privileged=is_privileged, conn_timeout=conn_timeout)

        try:
            keep = self._options.keeps(target.host, platform)
            with self._pool.lease(key, connect, wait_seconds=conn_timeout, keep=keep) as session:
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

    def _platform_of(self, target: DeviceTarget, patience: Patience) -> str:
        self._maker.check(target)
        if target.platform != AUTODETECT:
            return target.platform
        platform = self._detected.get(target)
        if platform is None:
            platform = detect_platform(
                target, conn_timeout=patience.conn_timeout, read_timeout=patience.read_timeout, road=self._road
            )
            self._maker.check(replace(target, platform=platform))
            self._detected.put(target, platform)
        return platform

    def _require_support(self, target: DeviceTarget, platform: str, change: ConfigChange) -> None:
        """Refuse before anything is sent what the platform cannot do; doing it in silence would be a lie."""
        if change.dry_run and candidate_of(platform) is None:
            raise refuse_dry_run(target, platform)
        for wanted, is_supported, field, action in (
            (change.save_config, self._maker.supports_save, "save_config", "has no configuration to save to"),
            (change.commit, self._maker.supports_commit, "commit", "knows no commit"),
        ):
            if wanted and not is_supported(platform):
                message = f"{target.address}: platform {platform!r} {action}, and nothing was sent; leave out `{field}`"
                raise DeviceFailure(ErrorCode.CONFIG_REJECTED, message)


def _stop_if(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Cancelled


def _check_length(target: DeviceTarget, results: Mapping[str, str]) -> None:
    """Refuse a job whose answers are long only together, too."""
    if sum(map(len, results.values())) > LONGEST_OUTPUT:
        raise failure_from(OutputTooLong(LONGEST_OUTPUT), doing="running all commands", target=target)


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


def _require_configuration(target: DeviceTarget, command: str, text: str) -> None:
    """Refuse a complaint of the device: it must not be kept as a configuration."""
    complaint = complaint_in(text)
    if complaint is None:
        return
    message = (
        f"{target.address}: the device refused {command!r}: {redact(complaint, target)}; check that `platform` fits "
        f"the device and that user {target.username!r} may read its configuration"
    )
    raise DeviceFailure(ErrorCode.UNKNOWN, message)
