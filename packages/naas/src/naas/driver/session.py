"""One open session on one device: what it can run, whether it still lives, whether it may be used again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

import paramiko
from netmiko.exceptions import NetmikoBaseException, ReadTimeout

from naas.driver.base import Cancelled, ConfigChange, ConfigOutput, DeviceFailure, DeviceTarget, ErrorCode, Patience
from naas.driver.configure import Configuring
from naas.driver.failures import failure_from, redact
from naas.driver.patterns import CallerPattern
from naas.driver.platforms import connection_class
from naas.driver.reading import SocketReads, line_ending_in
from naas.driver.road import Road, Socket

VERIFY_AFTER_SECONDS: Final = 1.0
"""A session idle for longer must show its prompt before it is used again: one round trip, against a command that
waits for its whole timeout on a line that died silently. Bursts of jobs stay below and pay nothing."""

VERIFY_SECONDS: Final = 3.0  # chosen: longer than any live device takes to print a prompt

# Commands that leave a session as they found it. Any other may change the mode, the page length or the prompt, so the
# session is not used again after it: a login more is cheaper than an answer cut by `terminal length 24`.
# Nothing may follow that some platforms take for a second command.
READ_COMMAND: Final = re.compile(r"(?i)\s*(?:show?|sh|display|dir|ping|traceroute|get|more|info)\b[^;&`\x00-\x1f]*")


class DeviceSession:
    """A session in use by one job at a time; the pool sees to that."""

    def __init__(self, connection: SocketReads, target: DeviceTarget, platform: str) -> None:
        self._connection = connection
        self._target = target
        self._platform = platform
        self.is_reusable = True
        """False once the session ran something that may have changed it."""
        self._may_wait_at_a_question = False

    # Running

    def run(self, command: str, patience: Patience, *, expect_string: CallerPattern | None = None) -> str:
        """Run one command and return its output.

        Raises:
            DeviceFailure: no answer in time, one that never ends, or the session broke.
            Cancelled: ``should_stop`` said so while the command ran.
        """
        if expect_string is not None:
            self._may_wait_at_a_question = True
        if expect_string is not None or not READ_COMMAND.fullmatch(command.rstrip()):
            self.is_reusable = False
        self._connection.is_cancelled = patience.should_stop
        try:
            return self._run(command, patience.read_timeout, expect_string)
        except Cancelled:
            raise
        except Exception as error:
            doing = f"running {redact(command, self._target)!r} (waiting up to {patience.read_timeout:g} s)"
            raise failure_from(error, doing=doing, target=self._target) from error
        finally:
            self._connection.is_cancelled = None

    def _run(self, command: str, read_timeout: float, expect_string: CallerPattern | None) -> str:
        connection = self._connection
        if expect_string is not None:
            return connection.run_command(command, ends_at=expect_string, read_timeout=read_timeout)
        if connection.has_own_send_command():
            return str(connection.send_command(command, read_timeout=read_timeout))
        return connection.run_command(command, ends_at=line_ending_in(connection.prompt), read_timeout=read_timeout)

    def configure(self, change: ConfigChange, *, read_timeout: float) -> ConfigOutput:
        """Change the configuration, or try the change out; return what came of it.

        Raises:
            DeviceFailure: the device refused a line, the commit or the save, or the session broke.
        """
        return Configuring(self._connection, self._target, self._platform, read_timeout).carry_out(change)

    @property
    def prompt(self) -> str:
        """The whole prompt, ``sw1#``, as last learnt; configuration can change it."""
        return self._connection.prompt

    # Living and ending

    def is_alive(self, idle_seconds: float) -> bool:
        """Whether the device still shows the prompt that we know; see ``VERIFY_AFTER_SECONDS``."""
        if not self._connection.socket_channel.is_open():
            return False
        if idle_seconds < VERIFY_AFTER_SECONDS:
            return True
        self._connection.read_timeout_override = VERIFY_SECONDS
        try:
            return self._connection.find_prompt() == self._connection.prompt
        except (NetmikoBaseException, paramiko.SSHException, OSError, EOFError, ValueError):
            return False
        finally:
            self._connection.read_timeout_override = None

    def log_out(self) -> None:
        """Leave politely, or if that fails at once.

        Logging out presses Return and types; at "Proceed with reload? [confirm]" that would reload the device. So a
        session that may be waiting for an answer is cut without a word: then the device takes the question back.
        """
        if self._may_wait_at_a_question:
            self._connection.abort()
            return
        try:
            self._connection.log_out()
        except (NetmikoBaseException, paramiko.SSHException, OSError, EOFError, ValueError):
            self._connection.abort()

    def abort(self) -> None:
        """Cut the connection."""
        self._connection.abort()


def open_session(
    target: DeviceTarget, *, platform: str, is_privileged: bool, conn_timeout: float, road: Road
) -> DeviceSession:
    """Log in and prepare the session: paging off, prompt known, privileged mode if asked for.

    Raises:
        DeviceFailure: with the code that fits.
    """
    doing = f"connecting as {target.username!r} (waiting up to {conn_timeout:g} s)"
    connection: SocketReads | None = None
    try:
        connection = connect(target, platform=platform, conn_timeout=conn_timeout, road=road)
        if is_privileged:
            _enter_privileged_mode(connection, target)
        return DeviceSession(connection, target, platform)
    except DeviceFailure:
        if connection is not None:
            connection.abort()
        raise
    except Exception as error:
        if connection is not None:
            connection.abort()
        raise failure_from(error, doing=doing, target=target) from error


def connect(target: DeviceTarget, *, platform: str, conn_timeout: float, road: Road) -> SocketReads:
    """Open a connection with Netmiko's class for ``platform`` and prepare its session.

    Raises:
        DeviceFailure: the jump host cannot be used.
        OSError, paramiko.SSHException, NetmikoBaseException, ValueError, HostKeyRefused, BadPrivateKey: unmapped;
            callers translate.
    """
    login = road.ssh_options(target)
    sock = road.connect(target, timeout=conn_timeout)
    try:
        return _open_on(sock, target, login, platform=platform, conn_timeout=conn_timeout, road=road)
    except BaseException:
        sock.close()
        raise


def _open_on(
    sock: Socket, target: DeviceTarget, login: Mapping[str, Any], *, platform: str, conn_timeout: float, road: Road
) -> SocketReads:
    connection = connection_class(platform)(
        device_type=platform,
        host=target.host,
        port=target.port,
        username=target.username,
        secret=target.password if target.enable is None else target.enable,
        sock=cast("Any", sock),  # a channel through a jump host serves as well as a socket
        use_keys=False,
        conn_timeout=conn_timeout,
        auth_timeout=conn_timeout,
        banner_timeout=conn_timeout,
        keepalive=int(road.options.connection_pool_keepalive),
        fast_cli=road.options.fast_cli,
        auto_connect=False,  # so that we hold the object, and can close what a failure leaves open
        **login,
    )
    connection.road = road
    try:
        connection.read_timeout_override = conn_timeout
        connection._open()
        connection.read_timeout_override = None
    except BaseException:
        connection.abort()
        raise
    return connection


def _enter_privileged_mode(connection: SocketReads, target: DeviceTarget) -> None:
    try:
        if not connection.check_enable_mode():
            connection.enable()
            connection.learn_prompt()
    except (ValueError, ReadTimeout) as error:
        message = (
            f"{target.address}: the device refused privileged mode to user {target.username!r}; "
            "check the `enable` secret"
        )
        raise DeviceFailure(ErrorCode.AUTH_FAILURE, message) from error
