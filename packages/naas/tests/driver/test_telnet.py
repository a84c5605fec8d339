"""Telnet: the login is a conversation, and everything after it works as over SSH."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from driver_calls import ask
from naas.driver.base import CommandOutput, DeviceFailure, DeviceTarget, ErrorCode, JumpHost
from naas.driver.netmiko import NetmikoDriver
from naas.driver.options import DriverOptions
from naas.simulator import Device, running_farm
from ssh_servers import SshServer, running_server

IAC, DO, WILL, ECHO, SUPPRESS = b"\xff", b"\xfd", b"\xfb", b"\x01", b"\x03"
BANNER = "Authorized login only: password needed!\r\nUser Access Verification\r\n\r\n"


class TelnetRouter:
    """One router of few words, ``r1>`` and ``r1#``, served by a thread for each connection."""

    def __init__(self, *, asks_for_user: bool = True, is_silent: bool = False) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._asks_for_user, self._is_silent = asks_for_user, is_silent
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self.drop_connections()

    def drop_connections(self) -> None:
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            try:
                if self._is_silent:
                    self._line(lines)  # a terminal server: nothing before a line end
                connection.sendall(IAC + WILL + ECHO + IAC + WILL + SUPPRESS + IAC + DO + SUPPRESS)
                if not self._log_in(connection, lines):
                    return
                self._shell(connection, lines)
            except (OSError, ValueError, EOFError):
                return

    def _log_in(self, connection: socket.socket, lines: object) -> bool:
        connection.sendall(BANNER.encode())
        for _ in range(3):
            if self._asks_for_user:
                connection.sendall(b"Username: ")
                user = self._line(lines)
                connection.sendall(user.encode() + b"\r\n")
            connection.sendall(b"Password: ")
            if self._line(lines) == "pass-4711" and (not self._asks_for_user or user == "admin"):
                return True
            connection.sendall(b"\r\n% Login invalid\r\n\r\n")
        return False

    def _shell(self, connection: socket.socket, lines: object) -> None:
        mark = ">"
        connection.sendall(b"\r\nr1>")
        while True:
            line = self._line(lines)
            connection.sendall(line.encode() + b"\r\n")
            match line:
                case "exit":
                    return
                case "enable":
                    connection.sendall(b"Password: ")
                    mark = "#" if self._line(lines) == "enable-0815" else mark
                    connection.sendall(b"\r\n")
                case "show version":
                    connection.sendall(b"Cisco IOS Software, Version 15.2\r\n" * 200)
                case "show slow":
                    time.sleep(5)
            connection.sendall(f"r1{mark}".encode())

    @staticmethod
    def _line(lines: object) -> str:
        """One line, without the negotiations that came before it; ended by CR, CR LF or CR NUL."""
        received = b""
        while True:
            byte = lines.read(1)  # type: ignore[attr-defined]
            if not byte:
                raise EOFError
            if byte == IAC:
                lines.read(2)  # type: ignore[attr-defined]
            elif byte == b"\r":
                return received.decode()
            elif byte not in (b"\n", b"\x00"):
                received += byte


@contextmanager
def running_router(**fields: bool) -> Iterator[TelnetRouter]:
    router = TelnetRouter(**fields)
    try:
        yield router
    finally:
        router.close()


@pytest.fixture
def router() -> Iterator[TelnetRouter]:
    with running_router() as router:
        yield router


@pytest.fixture
def driver() -> Iterator[NetmikoDriver]:
    driver = NetmikoDriver(DriverOptions(allow_telnet=True))
    yield driver
    driver.close()


Send = Callable[..., CommandOutput]


@pytest.fixture
def send(driver: NetmikoDriver) -> Send:
    def run(target: DeviceTarget, *commands: str, read_timeout: float = 10.0) -> CommandOutput:
        return ask(driver, target, *commands, read_timeout=read_timeout)

    return run


def at(router: TelnetRouter, password: str = "pass-4711", enable: str | None = None) -> DeviceTarget:
    return DeviceTarget("127.0.0.1", router.port, "cisco_ios_telnet", "admin", password, enable)


def test_a_login_takes_no_pauses_and_the_session_stays_warm(router: TelnetRouter, send: Send) -> None:
    """Netmiko alone takes two and a half seconds."""
    started = time.perf_counter()
    output = send(at(router), "show version").results["show version"]
    assert time.perf_counter() - started < 2
    assert output.splitlines() == ["Cisco IOS Software, Version 15.2"] * 200
    for _ in range(3):
        assert send(at(router), "show version").results["show version"] == output
    assert router.connections == 1


def test_privileged_mode_works_as_over_ssh(router: TelnetRouter, send: Send) -> None:
    send(at(router, enable="enable-0815"), "show version")


def test_a_password_is_enough_where_nobody_asks_for_the_user(send: Send) -> None:
    with running_router(asks_for_user=False) as router:
        assert "Cisco" in send(at(router), "show version").results["show version"]


def test_a_silent_terminal_server_is_woken(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naas.driver.telnet.SILENT_SECONDS", 0.1)
    with running_router(is_silent=True) as router:
        assert "Cisco" in send(at(router), "show version").results["show version"]


@pytest.mark.parametrize("asks_for_user", [True, False])
def test_a_wrong_password_is_noticed_at_once(send: Send, asks_for_user: bool) -> None:
    started = time.perf_counter()
    with running_router(asks_for_user=asks_for_user) as router, pytest.raises(DeviceFailure) as caught:
        send(at(router, password="wrong-password"), "show version")
    assert caught.value.code is ErrorCode.AUTH_FAILURE
    assert "wrong-password" not in caught.value.message
    assert time.perf_counter() - started < 5


def test_a_slow_answer_and_a_lost_connection_are_told_apart(router: TelnetRouter, send: Send) -> None:
    with pytest.raises(DeviceFailure) as slow:
        send(at(router), "show slow", read_timeout=0.3)
    assert slow.value.code is ErrorCode.CONNECTION_TIMEOUT
    send(at(router), "show version")
    router.drop_connections()
    assert "Cisco" in send(at(router), "show version").results["show version"], "a dead session is replaced"


def test_telnet_goes_through_a_jump_host(router: TelnetRouter, send: Send) -> None:
    with running_server(SshServer()) as bastion:
        target = dataclasses.replace(at(router), jump=JumpHost("127.0.0.1", bastion.port, "hop", "hop-4711"))
        assert "Cisco" in send(target, "show version").results["show version"]
        assert bastion.forwarded == [("127.0.0.1", router.port)]


def test_telnet_is_refused_unless_the_service_allows_it(router: TelnetRouter) -> None:
    driver = NetmikoDriver()
    with pytest.raises(DeviceFailure, match="sends passwords in clear text, and this service does not allow Telnet"):
        ask(driver, at(router), "show version")
    assert router.connections == 0
    driver.close()


@pytest.mark.parametrize("platform", ["cisco_ios", "arista_eos", "juniper_junos", "hp_procurve"])
def test_simulated_devices_are_reached_by_telnet(send: Send, platform: str) -> None:
    """ProCurve asks for a key to be pressed before it asks for anything else; a banner it may have is not waited for."""
    started = time.perf_counter()
    with running_farm([Device(platform=platform, transport="telnet", password="pass-4711")]) as farm:
        device = farm.devices[0]
        target = DeviceTarget(device.host, device.port, f"{platform}_telnet", "admin", "pass-4711")
        assert send(target, "show version").results["show version"]
    assert time.perf_counter() - started < 9
