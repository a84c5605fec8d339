"""One open session on one device: what it can run, whether it still lives, whether it may be used again."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from typing import Final

import paramiko
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import ConfigInvalidException, NetmikoBaseException, ReadTimeout

from naas.driver.base import Cancelled, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.failures import CONFIG_ERROR, failure_from, redact, rejected
from naas.driver.patterns import CallerPattern
from naas.driver.reading import SocketReads, connection_class

VERIFY_AFTER_SECONDS: Final = 1.0
"""A session idle for longer must show its prompt before it is used again: one round trip, against a command that
waits for its whole timeout on a line that died silently. Bursts of jobs stay below and pay nothing."""

VERIFY_SECONDS: Final = 3.0  # chosen: longer than any live device takes to print a prompt

KEEPALIVE_SECONDS: Final = 30  # firewalls forget quiet connections; the shortest common limit is a minute

# Commands that leave a session as they found it. Any other may change the mode, the page length or the prompt, so the
# session is not used again after it: a login more is cheaper than an answer cut by `terminal length 24`.
# Nothing may follow that some platforms take for a second command.
_READ_COMMAND: Final = re.compile(r"(?i)\s*(?:show?|sh|display|dir|ping|traceroute|get|more|info)\b[^;&`\x00-\x1f]*")

# Where the candidate is shared, lines refused half-way would wait for the next commit by anybody.
_ANY_PROMPT: Final = re.compile(r"[#>]\s*$")
_DISCARD_CANDIDATE: Final = {"juniper": "rollback 0", "juniper_junos": "rollback 0"}


class DeviceSession:
    """A session in use by one job at a time; the pool sees to that."""

    def __init__(self, connection: SocketReads, target: DeviceTarget, platform: str) -> None:
        self._connection = connection
        self._target = target
        self._platform = platform
        self.is_reusable = True
        """False once the session ran something that may have changed it."""

    # Running

    def run(
        self, command: str, *, read_timeout: float, expect_string: CallerPattern | None, should_stop: Callable[[], bool]
    ) -> str:
        """Run one command and return its output.

        Raises:
            DeviceFailure: no answer in time, one that never ends, or the session broke.
            Cancelled: ``should_stop`` said so while the command ran.
        """
        if expect_string is not None or not _READ_COMMAND.fullmatch(command.rstrip()):
            self.is_reusable = False
        self._connection.is_cancelled = should_stop
        try:
            return self._run(command, read_timeout, expect_string)
        except Cancelled:
            raise
        except Exception as error:
            doing = f"running {redact(command, self._target)!r} (waiting up to {read_timeout:g} s)"
            raise failure_from(error, doing=doing, target=self._target) from error
        finally:
            self._connection.is_cancelled = None

    def _run(self, command: str, read_timeout: float, expect_string: CallerPattern | None) -> str:
        connection = self._connection
        if expect_string is not None:
            return connection.run_command(command, ends_at=expect_string, read_timeout=read_timeout)
        if connection.has_own_send_command():
            return str(connection.send_command(command, read_timeout=read_timeout))
        return connection.run_command(command, ends_at=_line_ending_in(connection.prompt), read_timeout=read_timeout)

    def configure(self, lines: Sequence[str], *, save_config: bool, commit: bool, read_timeout: float) -> str:
        """Enter ``lines`` in configuration mode, leave it, save; return what the device printed.

        Raises:
            DeviceFailure: the device refused a line, the commit or the save, or the session broke.
        """
        printed = [self._attempt("sending configuration", lambda: self._send_lines(lines, read_timeout))]
        if commit:
            printed.append(self._commit())
        printed.append(self._attempt("leaving configuration mode", self._connection.exit_config_mode))
        self._attempt("looking for the prompt after configuring", self._learn_prompt)
        if save_config:
            printed.append(self._attempt("saving the configuration", self._save))
        return "\n".join(text for text in printed if text)

    @property
    def prompt(self) -> str:
        """The whole prompt, ``sw1#``, as last learnt; configuration can change it."""
        return self._connection.prompt

    def _send_lines(self, lines: Sequence[str], read_timeout: float) -> str:
        has_candidate = supports_commit(self._platform)
        try:
            return self._connection.send_config_set(
                list(lines), exit_config_mode=False, error_pattern=CONFIG_ERROR, read_timeout=read_timeout
            )
        except ConfigInvalidException as error:
            self._discard_candidate()
            raise rejected(error, self._target, has_candidate=has_candidate) from error

    def _commit(self) -> str:
        try:
            return self._attempt("committing", self._connection.commit)
        except DeviceFailure:
            self._discard_candidate()
            raise

    def _discard_candidate(self) -> None:
        command = _DISCARD_CANDIDATE.get(self._platform)
        if command is None:
            return
        try:
            self._connection.run_command(command, ends_at=_ANY_PROMPT, read_timeout=VERIFY_SECONDS)
        except (NetmikoBaseException, paramiko.SSHException, OSError):
            # The refusal is what the caller must hear; the session is cut either way.
            self.is_reusable = False

    def _save(self) -> str:
        output = self._connection.save_config()
        refusal = re.search(CONFIG_ERROR, output)
        if refusal:
            raise ValueError(f"the device refused to save: {refusal.group().strip()}")
        return output

    def _learn_prompt(self) -> str:
        self._connection.set_base_prompt()
        self._connection.learn_prompt()
        return ""

    def _attempt(self, doing: str, action: Callable[[], str]) -> str:
        try:
            return action()
        except DeviceFailure:
            raise
        except ValueError as error:
            # Netmiko's way to say that the device answered, but not as wanted: no configuration mode, commit failed.
            text = redact(" ".join(str(error).split()), self._target)
            message = f"{self._target.address}: {text} (while {doing}); correct it and send again"
            raise DeviceFailure(ErrorCode.CONFIG_REJECTED, message) from error
        except Exception as error:
            raise failure_from(error, doing=doing, target=self._target) from error

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
        """Leave politely, or if that fails at once."""
        try:
            self._connection.log_out()
        except (NetmikoBaseException, paramiko.SSHException, OSError, EOFError, ValueError):
            self._connection.abort()

    def abort(self) -> None:
        """Cut the connection."""
        self._connection.abort()


def open_session(target: DeviceTarget, *, platform: str, is_privileged: bool, conn_timeout: float) -> DeviceSession:
    """Log in and prepare the session: paging off, prompt known, privileged mode if asked for.

    The device's host key is taken as it comes (``ssh_strict`` off): pinning keys is not built yet, so whoever sits
    between us and the device can read along. SSH agents and key files are not used.

    Raises:
        DeviceFailure: with the code that fits.
    """
    doing = f"connecting as {target.username!r} (waiting up to {conn_timeout:g} s)"
    connection: SocketReads | None = None
    try:
        connection = connect(target, platform=platform, conn_timeout=conn_timeout)
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


def connect(target: DeviceTarget, *, platform: str, conn_timeout: float) -> SocketReads:
    """Open a connection with Netmiko's class for ``platform`` and prepare its session.

    Raises:
        OSError, paramiko.SSHException, NetmikoBaseException, ValueError: unmapped; callers translate.
    """
    # A socket of our own: small packets must not wait for each other (TCP_NODELAY), and a refused connection
    # is told from a silent one by its own exception, where Netmiko has one text for both.
    tcp = socket.create_connection((target.host, target.port), timeout=conn_timeout)
    try:
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _open_on(tcp, target, platform=platform, conn_timeout=conn_timeout)
    except BaseException:
        tcp.close()
        raise


def _open_on(tcp: socket.socket, target: DeviceTarget, *, platform: str, conn_timeout: float) -> SocketReads:
    connection = connection_class(platform)(
        device_type=platform,
        host=target.host,
        port=target.port,
        username=target.username,
        password=target.password,
        secret=target.password if target.enable is None else target.enable,
        sock=tcp,
        allow_agent=False,
        use_keys=False,
        ssh_strict=False,
        conn_timeout=conn_timeout,
        auth_timeout=conn_timeout,
        banner_timeout=conn_timeout,
        keepalive=KEEPALIVE_SECONDS,
        auto_connect=False,  # so that we hold the object, and can close what a failure leaves open
    )
    try:
        connection.read_timeout_override = conn_timeout
        connection._open()
        connection.read_timeout_override = None
    except BaseException:
        connection.abort()
        raise
    return connection


def supports_commit(platform: str) -> bool:
    """Whether the platform has a candidate configuration that is committed."""
    return connection_class(platform).commit is not BaseConnection.commit


def supports_save(platform: str) -> bool:
    """Whether the platform has a startup configuration to save to."""
    return connection_class(platform).save_config is not BaseConnection.save_config


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


def _line_ending_in(prompt: str) -> re.Pattern[str]:
    """The pattern that ends an answer: a line that ends in the whole prompt.

    Not only a line that *is* the prompt: some answers have no line end of their own. A prompt of one or two characters
    could end any line, so it must stand alone.
    """
    start = "^" if len(prompt) < 3 else ""
    return re.compile(rf"(?m:{start}{re.escape(prompt)}\s*$)")
