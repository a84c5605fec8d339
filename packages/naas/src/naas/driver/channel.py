"""An SSH shell channel that can be waited for, where Netmiko's own sleeps and looks again."""

from __future__ import annotations

import codecs

import paramiko
from netmiko.channel import SSHChannel
from netmiko.exceptions import ReadException
from netmiko.netmiko_globals import MAX_BUFFER

__all__ = ["SocketChannel"]


class SocketChannel(SSHChannel):
    """An SSH shell channel that can be waited for."""

    def __init__(self, conn: paramiko.Channel, encoding: str) -> None:
        super().__init__(conn, encoding)
        # Incremental: a character cut between two packets is put together again, not dropped.
        self._decode = codecs.getincrementaldecoder(encoding)("ignore").decode
        self._arrived = bytearray()
        self._half_line_end = ""

    def wait(self, seconds: float) -> bool:
        """Return True once there is something to read, False after ``seconds`` of silence.

        Raises:
            ReadException: the device has closed the channel and everything was read.
        """
        if self._arrived:
            return True
        channel = self._open_channel()
        write_timeout = channel.gettimeout()
        channel.settimeout(max(seconds, 0.0))
        try:
            data = channel.recv(MAX_BUFFER)
        except TimeoutError:
            return False
        finally:
            channel.settimeout(write_timeout)  # one value serves reads and writes
        if not data:
            raise ReadException("Channel stream closed by remote device.")
        self._arrived += data
        return True

    def read_buffer(self) -> str:
        """Return what has arrived, or an empty string; never waits."""
        channel = self._open_channel()
        if channel.recv_ready():
            self._arrived += channel.recv(MAX_BUFFER)
        text = self._half_line_end + self._decode(bytes(self._arrived))
        self._arrived.clear()
        # CR and LF that come in two packets would be taken for two line ends.
        self._half_line_end = "\r" if text.endswith("\r") else ""
        return text.removesuffix("\r")

    def is_open(self) -> bool:
        """Whether both sides still hold the channel, as far as this side has heard."""
        channel = self.remote_conn
        if channel is None or channel.closed or channel.eof_received or channel.transport is None:
            return False
        return bool(channel.transport.is_active())

    def banner(self) -> str:
        """How the device's SSH server introduced itself: ``SSH-2.0-Cisco-1.25``."""
        return str(self._open_channel().get_transport().remote_version)

    def _open_channel(self) -> paramiko.Channel:
        if self.remote_conn is None:
            raise ReadException("Attempt to read, but there is no active channel.")
        return self.remote_conn
