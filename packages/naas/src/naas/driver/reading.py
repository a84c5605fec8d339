"""Netmiko's platform classes over a read that waits on the socket instead of sleeping.

Netmiko spends its time asleep: ``send_command`` looks for new data every 25 ms, ``read_until_pattern`` every 10 ms,
``clear_buffer`` starts with a pause, and without ``expect_string`` every command first looks for the prompt again.
On a device that answers at once that makes 81 ms a command (measured, netmiko 4.8), of which under 1 ms is work.

What is replaced, and nothing else:

* :class:`naas.driver.channel.SocketChannel` stands where Netmiko's ``SSHChannel`` stood. It can *wait* for data, it
  keeps characters and line ends whole that were cut between two packets, and it notices at once that the device has
  hung up.
* :class:`SocketReads` overrides the four methods of ``BaseConnection`` that sleep, and adds ``run_command`` for the
  hot path. Cleaning the output (echo, prompt, ANSI codes, line ends) stays Netmiko's.

:func:`naas.driver.platforms.connection_class` puts ``SocketReads`` *behind* a platform class in the method resolution
order, directly before ``BaseConnection``. So whatever a platform overrides keeps its say, and only the common base is
replaced.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import paramiko
from netmiko import log
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import ReadTimeout, WriteException

from naas.driver.base import Cancelled
from naas.driver.channel import SocketChannel
from naas.driver.errors import OutputTooLong
from naas.driver.patterns import Found, Pattern
from naas.driver.road import QuietTransport, Road
from naas.driver.telnet import TelnetSocketChannel, log_in, telnet_on

FIRST_DATA_SECONDS: Final = 0.1
"""How long a device may stay silent after login before we talk to it anyway; Netmiko always sleeps this long."""

ECHO_SECONDS: Final = 10.0
"""How long a device may take to echo a command; Netmiko's own value."""

SETTLE_SECONDS: Final = 0.01
"""How long to wait for the rest of a line that may be cut; one turn of Netmiko's own loop."""

CANCEL_CHECK_SECONDS: Final = 0.25
"""How often a running command is asked whether it is still wanted."""

LOGOUT_SECONDS: Final = 2.0
"""The longest wait for a device's answer while logging out: nobody needs the answer."""

GLANCE_SECONDS: Final = 5.0
"""Netmiko's platforms wait 10 s and more for what must come, and at most 3 s for what may not."""

LEARN_ATTEMPTS: Final = 4  # a prompt that never repeats (one with a clock in it) is taken as it is

# A long answer is searched from a little before the new data on, or a megabyte would be searched once a packet.
# The longest pattern that Netmiko's platforms use spans a few lines; this is far more.
OVERLAP_CHARACTERS: Final = 16_384

LONGEST_OUTPUT: Final = 64 * 1024 * 1024
"""Characters that one command may answer; chosen above any `show tech-support`. A device that never stops talking must
not fill the memory that all jobs share."""

PROMPT_ENDS: Final = tuple("#>$%:]")


class SocketReads(BaseConnection):
    """The parts of ``BaseConnection`` that sleep, made to wait for data instead. Mixed in by ``connection_class``."""

    socket_channel: SocketChannel | TelnetSocketChannel
    """The same object as Netmiko's ``channel``, by its own type."""

    prompt: str = ""
    """The whole prompt of the mode the session works in: ``sw1#``."""

    read_timeout_override: float | None

    _seen_prompt: str = ""

    is_cancelled: Callable[[], bool] | None = None
    """Asked now and then while a command runs; True abandons it with :class:`Cancelled`."""

    # Connecting

    remote_conn_pre: paramiko.SSHClient | None = None
    """Netmiko sets it for SSH only, and asks for it always."""

    road: Road
    """How we got here; set before the connection is opened."""

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """As Netmiko does, then put our channel in the place of Netmiko's."""
        if self.protocol == "telnet":
            self._establish_telnet()
            return
        super().establish_connection(width=width, height=height)
        if not isinstance(self.remote_conn, paramiko.Channel):
            raise WriteException(f"{self.device_type} is reached neither by SSH nor by Telnet")
        self.socket_channel = self.channel = SocketChannel(self.remote_conn, self.encoding)
        if isinstance(self.remote_conn.transport, QuietTransport):
            self.remote_conn.transport.rest()

    def _establish_telnet(self) -> None:
        connection = telnet_on(self.sock)
        self.remote_conn = connection
        self.socket_channel = TelnetSocketChannel(connection, self.encoding)
        self.channel = self.socket_channel
        self.telnet_login()

    def telnet_login(
        self,
        pri_prompt_terminator: str = r"#\s*$",
        alt_prompt_terminator: str = r">\s*$",
        username_pattern: str = r"(?:user:|username|login|user name)",
        pwd_pattern: str = r"assword",  # noqa: S107 - a question, not an answer
        delay_factor: float = 1.0,
        max_loops: int = 20,
    ) -> str:
        """Log in by answering what is asked; platforms that ask in their own way have their own method.

        Raises:
            NetmikoAuthenticationException: the device asks a second time, or hangs up on us.
        """
        return log_in(self, self.username, self.password or "", seconds=self.conn_timeout)

    def _connect_params_dict(self) -> dict[str, Any]:
        return {
            **super()._connect_params_dict(),
            # Paramiko waits an hour for a device that lets us in but opens no channel.
            "channel_timeout": self.conn_timeout,
            "transport_factory": self.road.transport_factory(self.host, self.port),
        }

    def _build_ssh_client(self) -> paramiko.SSHClient:
        client = super()._build_ssh_client()
        client.set_missing_host_key_policy(self.road.client_policy(self.host, self.port))
        return client

    def _try_session_preparation(self, force_data: bool = True) -> None:
        """Prepare the session as soon as the device speaks. Failures are left to the caller, who aborts."""
        if force_data:
            self.write_channel(self.RETURN)
            self.socket_channel.wait(FIRST_DATA_SECONDS)
        self.session_preparation()
        if self.base_prompt:  # without one the platform has no prompt to speak of: a terminal server
            self.learn_prompt()

    # Reading

    def read_until_pattern(
        self,
        pattern: str = "",
        read_timeout: float = 10.0,
        re_flags: int = 0,
        max_loops: int | None = None,
    ) -> str:
        """Return everything up to and including ``pattern``; what follows it is kept for the next read.

        Raises:
            ReadTimeout: ``read_timeout`` seconds passed without it (0 waits for ever).
            ReadException: the device hung up.
            OutputTooLong: it does not stop.
            Cancelled: ``is_cancelled`` said so.
        """
        return self._read_until(re.compile(pattern, re_flags), read_timeout)

    def _read_until(self, expression: Pattern, read_timeout: float) -> str:
        seconds = self._seconds_for(read_timeout)
        deadline = time.monotonic() + seconds if seconds else None
        output = ""
        while True:
            new_data = self.read_channel()
            output += new_data
            start = max(0, len(output) - len(new_data) - OVERLAP_CHARACTERS)
            found = expression.search(output, start)
            if found is not None and not self._is_cut(output, found, expression.pattern):
                self._read_buffer = output[found.end() :]
                return output[: found.end()]
            if len(output) > LONGEST_OUTPUT:
                raise OutputTooLong(LONGEST_OUTPUT)
            self._wait(deadline, expression.pattern)

    def _seconds_for(self, read_timeout: float) -> float:
        override = self.read_timeout_override
        if not override:
            return read_timeout
        # A platform that asks for so little looks for something that need not come, a banner for example.
        return min(read_timeout, override) if 0 < read_timeout < GLANCE_SECONDS else override

    def _is_cut(self, output: str, found: Found, pattern: str) -> bool:
        """Whether the match may be a piece of a longer one: an open pattern, at the end of what has arrived."""
        is_open = ".*" in pattern[-4:]
        if not is_open or found.end() < len(output) or output.rstrip().endswith(PROMPT_ENDS):
            return False
        return self.socket_channel.wait(SETTLE_SECONDS)

    def _wait(self, deadline: float | None, pattern: str) -> None:
        while True:
            left = CANCEL_CHECK_SECONDS if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise ReadTimeout(f"Pattern not detected: {pattern!r} in output.")
            if self.socket_channel.wait(min(left, CANCEL_CHECK_SECONDS)):
                return
            if self.is_cancelled is not None and self.is_cancelled():
                raise Cancelled

    def clear_buffer(
        self,
        backoff: bool = True,
        backoff_max: float = 3.0,
        delay_factor: float | None = None,
    ) -> str:
        """Drop what has arrived, up to the end of a line: half a prompt left behind would be taken for a whole one."""
        output = self.strip_ansi_escape_codes(self.read_channel())
        while output and not output.rstrip().endswith(PROMPT_ENDS) and self.socket_channel.wait(SETTLE_SECONDS):
            output += self.strip_ansi_escape_codes(self.read_channel())
        return output

    def find_prompt(self, delay_factor: float = 1.0, pattern: str | None = None) -> str:
        """The current prompt. Once the base prompt is known, wait for it instead of for a moment."""
        if pattern is None and self.base_prompt:
            pattern = f"{re.escape(self.base_prompt)}.*"
        self._seen_prompt = super().find_prompt(delay_factor=delay_factor, pattern=pattern)
        return self._seen_prompt

    def learn_prompt(self) -> None:
        """Set ``prompt`` to what the device shows, seen twice in a row, and see that Netmiko's base prompt fits it.

        Right after a login pieces of earlier prompts may still be arriving, and a piece must not be taken for all.
        """
        self.prompt = self._seen_prompt  # preparing the session has looked already
        for _ in range(LEARN_ATTEMPTS):
            before, self.prompt = self.prompt, self.find_prompt()
            if self.prompt == before:
                break
        if not self.prompt.startswith(self.base_prompt):
            self.set_base_prompt()

    def enable_secret_handler(self, pattern: str, output: str, re_flags: int = re.IGNORECASE) -> str:
        """Send the secret; a device that asks again has refused it, which Netmiko would take 10 s to notice."""
        if not re.search(pattern, output, flags=re_flags):
            return ""
        self.write_channel(self.normalize_cmd(self.secret))
        answer = self.read_until_prompt_or_pattern(pattern=pattern, re_flags=re_flags, read_entire_line=True)
        if re.search(pattern, answer, flags=re_flags):
            raise ValueError("Failed to enter enable mode: the device asks for the secret again.")
        return answer

    # Running

    def run_command(self, command: str, *, ends_at: Pattern, read_timeout: float) -> str:
        """Run one command and return its output without echo and prompt.

        ``ends_at`` ends the output; it is searched after the echo.

        Raises:
            ReadTimeout, ReadException, OutputTooLong, Cancelled: as :meth:`read_until_pattern` does.
            PatternTooSlow: ``ends_at`` is a caller's, and takes too long on this output.
        """
        self.read_channel()  # drops a late prompt or a log message; what is still to come goes with the echo
        line = self.normalize_cmd(command)
        self.write_channel(line)
        echo = self.command_echo_read(line.strip(), read_timeout=min(ECHO_SECONDS, read_timeout))
        output = echo + self._read_until(ends_at, read_timeout)
        # The rest of the last line, "]" of "[confirm]" for example, belongs to the output.
        output += self._read_buffer
        self._read_buffer = ""
        return self._sanitize_output(output, strip_command=True, command_string=line, strip_prompt=True)

    def has_own_send_command(self) -> bool:
        """Whether the platform needs its own way to run a command (a prompt that counts, for example)."""
        return type(self).send_command is not BaseConnection.send_command

    # Ending

    def log_out(self) -> None:
        """Leave politely, as the platform wants it; waits no longer than ``LOGOUT_SECONDS`` for each answer."""
        self.read_timeout_override = LOGOUT_SECONDS
        self.is_cancelled = None
        self.disconnect()

    def abort(self) -> None:
        """Close the connection without a word: after a failure nobody knows what the device waits for."""
        # Paramiko's own thread may be closing the same connection; then there is nothing left to do.
        with suppress(OSError, EOFError, paramiko.SSHException):
            self.paramiko_cleanup()
        # Netmiko registers the connection's secrets with its logger, and only `disconnect` would remove them.
        log.removeFilter(self._secrets_filter)


def line_ending_in(prompt: str) -> re.Pattern[str]:
    """The pattern that ends an answer: a line that ends in the whole prompt.

    Not only a line that *is* the prompt: some answers have no line end of their own. A prompt of one or two characters
    could end any line, so it must stand alone.
    """
    start = "^" if len(prompt) < 3 else ""
    return re.compile(rf"(?m:{start}{re.escape(prompt)}\s*$)")
