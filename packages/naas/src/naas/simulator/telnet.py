"""Devices that speak Telnet (RFC 854): a login of questions, then the same terminal as over SSH."""

from __future__ import annotations

import asyncio
from typing import Final

from naas.simulator.device import SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.faults import ConnectFault
from naas.simulator.sessions import Session, is_login

TELNET_ATTEMPTS: Final = 3  # as IOS
IAC, DONT, DO, WONT, WILL, SUB, SUB_END = 255, 254, 253, 252, 251, 250, 240
ECHO, SUPPRESS_GO_AHEAD = 1, 3
_GREETING: Final = bytes([IAC, WILL, ECHO, IAC, WILL, SUPPRESS_GO_AHEAD])


class TelnetProtocol(asyncio.Protocol):
    """One Telnet connection (RFC 854): asks for name and password, then carries keys and text.

    Every offer of the peer is declined except echoing and suppressing go-ahead, which the device does anyway.
    """

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device
        self._transport: asyncio.Transport | None = None
        self._session: Session | None = None
        self._login = _Login(device)
        self._command: bytearray = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(_GREETING)
        self._send(self._login.greeting())

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._session is not None:
            self._session.closed()
            self._session = None

    def data_received(self, data: bytes) -> None:
        text = self._without_commands(data).replace("\r\0", "\r")
        if self._session is not None:
            self._session.receive(text)
            return
        for key in text:
            self._send(self._login.press(key))
            if self._login.is_in:
                self._session = Session(self._device, send=self._send, hang_up=self._close, cut=self._abort)
                return
            if self._login.is_out:
                self._close()
                return

    def _without_commands(self, data: bytes) -> str:
        """The text of what was received; the commands in it are answered."""
        kept = bytearray()
        for byte in data:
            if not self._command:
                if byte == IAC:
                    self._command.append(byte)
                else:
                    kept.append(byte)
                continue
            self._command.append(byte)
            if self._is_command_done(kept):
                self._command.clear()
        return kept.decode("utf-8", "replace")

    def _is_command_done(self, kept: bytearray) -> bool:
        kind = self._command[1]
        if kind == IAC:
            kept.append(IAC)
            return True
        if kind == SUB:
            return bytes(self._command[-2:]) == bytes([IAC, SUB_END])
        if kind in (DO, DONT, WILL, WONT):
            if len(self._command) < 3:
                return False
            self._decline(kind, self._command[2])
        return True

    def _decline(self, kind: int, option: int) -> None:
        if self._transport is None:
            return
        if kind == DO and option not in (ECHO, SUPPRESS_GO_AHEAD):
            self._transport.write(bytes([IAC, WONT, option]))
        elif kind == WILL and option != SUPPRESS_GO_AHEAD:
            self._transport.write(bytes([IAC, DONT, option]))

    def _send(self, text: str) -> None:
        if self._transport is not None and text:
            self._transport.write(text.encode().replace(b"\xff", b"\xff\xff"))

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class _Login:
    """The questions before a Telnet session."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._shell = shell_of(device)
        self._device = device
        self._typed = ""
        self._username: str | None = None
        self._attempts = 0
        self._after_return = False
        self._is_stuck = False
        self.is_in = self.is_out = False

    def greeting(self) -> str:
        """What is printed first."""
        return f"\r\n{self._shell.text('telnet_greeting')}\r\n{self._user_question()}".replace("\n", "\r\n")

    def _user_question(self) -> str:
        return self._shell.text("telnet_user_question") or "Username: "

    def press(self, key: str) -> str:
        """Take a key; return what that prints."""
        follows_return, self._after_return = self._after_return, key == "\r"
        if self._is_stuck or (key == "\n" and follows_return):
            return ""
        if key not in "\r\n":
            self._typed += key
            return "" if self._username is not None else key
        typed, self._typed = self._typed, ""
        if self._username is None:
            self._username = typed
            return "\r\n" + (self._shell.text("telnet_password_question") or "Password: ")
        username, self._username = self._username, None
        if self._device.faults.connect is ConnectFault.NO_LOGIN:
            self._is_stuck = True
            return ""
        if is_login(self._device, username, typed):
            self.is_in = True
            return "\r\n"
        self._attempts += 1
        self.is_out = self._attempts == TELNET_ATTEMPTS
        refused = (self._shell.text("telnet_refused") or "% Login invalid").replace("\n", "\r\n")
        return f"\r\n{refused}\r\n\r\n" + ("" if self.is_out else self._user_question())
