"""Telnet (RFC 854) under Netmiko's platform classes: a channel that can be waited for, and a login that asks no clock.

Netmiko's own login sleeps two and a half seconds and more, and takes twenty rounds to see that a password is wrong.
"""

from __future__ import annotations

import re
import select
import time
from typing import TYPE_CHECKING, Any, Final, cast

from netmiko._telnetlib import telnetlib
from netmiko.channel import TelnetChannel
from netmiko.exceptions import NetmikoAuthenticationException, ReadException, ReadTimeout

if TYPE_CHECKING:
    from naas.driver.road import Socket

__all__ = ["TelnetSocketChannel", "log_in", "telnet_on"]

SILENT_SECONDS: Final = 2.0
"""How long a device may say nothing before a line end is sent: terminal servers wait for one."""

# A banner may speak of logins and passwords, so only what stands at the very end, with its colon, is a question.
_QUESTION: Final = re.compile(
    r"(?i)(?:(?P<user>user ?name|user|login(?: name)?)|(?P<password>password))[^\S\n]*:[^\S\n]*$"
)
_ANY_KEY: Final = re.compile(r"(?i)press (?:any key|return|enter)\b[^\n]*$")
_PROMPT: Final = re.compile(r"[#>][^\S\n]*$")
_REFUSAL: Final = re.compile(
    r"(?i)(?:login|authentication) (?:failed|invalid|incorrect)|password required, but none set"
)


class TelnetSocketChannel(TelnetChannel):
    """A Telnet connection that can be waited for; the counterpart of `naas.driver.reading.SocketChannel`."""

    remote_conn: Any

    def __init__(self, conn: Any, encoding: str) -> None:
        super().__init__(conn, encoding)
        self._arrived = b""

    def wait(self, seconds: float) -> bool:
        """Return True once there is something to read, False after ``seconds`` of silence.

        Raises:
            ReadException: the device has closed the connection and everything was read.
        """
        deadline = time.monotonic() + seconds
        while not self._arrived:
            try:
                self._arrived = self._connection().read_eager()
            except (EOFError, OSError) as error:
                raise ReadException("Telnet connection closed by remote device.") from error
            left = deadline - time.monotonic()
            # Ready may mean no more than a negotiation, which is not for us; then wait on.
            if not self._arrived and (left <= 0 or not select.select([self._connection()], [], [], left)[0]):
                return False
        return True

    def read_buffer(self) -> str:
        """Return what has arrived, or an empty string; never waits."""
        return self.read_channel()

    def read_channel(self) -> str:
        """Return what has arrived, or an empty string; never waits."""
        early, self._arrived = self._arrived, b""
        try:
            late = super().read_channel()
        except EOFError as error:
            if not early:
                raise ReadException("Telnet connection closed by remote device.") from error
            late = ""
        return early.decode(self.encoding, "ignore") + late

    def is_open(self) -> bool:
        """Whether the connection stands, as far as this side has heard."""
        return self.remote_conn is not None and self.remote_conn.get_socket() is not None and not self.remote_conn.eof

    def banner(self) -> str:
        """Telnet has none."""
        return ""

    def _connection(self) -> Any:
        if self.remote_conn is None or self.remote_conn.get_socket() is None:
            raise ReadException("Attempt to read, but there is no active connection.")
        return self.remote_conn


def telnet_on(sock: Socket | None) -> Any:
    """Return a Telnet connection on a socket that is connected already."""
    make: Any = telnetlib.Telnet  # not typed
    connection: Any = make()
    connection.sock = sock
    return connection


def log_in(connection: Any, username: str, password: str, *, seconds: float) -> str:
    """Answer the device's questions for user and password until its prompt stands; return what it said.

    ``connection`` is the Netmiko connection, its channel in place.

    Raises:
        NetmikoAuthenticationException: the device asks for the user a second time, refuses, or hangs up.
        ReadTimeout: neither question nor prompt within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    channel = cast("TelnetSocketChannel", connection.channel)
    said, fresh, answered = "", "", False
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ReadTimeout("Neither a question for the user nor a prompt.")
        try:
            if not channel.wait(min(left, SILENT_SECONDS)):
                connection.write_channel(connection.TELNET_RETURN)
                continue
            fresh += channel.read_channel()
        except ReadException as error:
            if answered:
                raise NetmikoAuthenticationException(f"Login failed: {connection.host}") from error
            raise
        question = _QUESTION.search(fresh)
        if _REFUSAL.search(fresh) or (question is not None and question["user"] and answered):
            raise NetmikoAuthenticationException(f"Login failed: {connection.host}")
        if question is None and _PROMPT.search(fresh):
            return said + fresh
        if _ANY_KEY.search(fresh):
            connection.write_channel(connection.TELNET_RETURN)
            said, fresh = said + fresh, ""
        if question is not None:
            answer = username if question["user"] else password
            answered = answered or bool(question["password"])
            connection.write_channel(answer + "\r")
            said, fresh = said + fresh, ""
