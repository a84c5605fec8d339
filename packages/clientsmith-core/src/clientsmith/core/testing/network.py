"""A guard for tests: no connection leaves this machine.

Python tells about every socket that connects and every name that is looked up (`sys.audit`), whatever library does it.
An audit hook cannot be removed again, so there is one, with a switch.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, cast

__all__ = ["NetworkBlockedError", "no_network"]


class NetworkBlockedError(AssertionError):
    """Something tried to leave this machine. No `OSError`, which a client would take for a broken road and retry.

    Attributes:
        place: Where it wanted to go.
    """

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place

    def __str__(self) -> str:
        return f"{self.place} was to be reached, and this test has no network; use a ScriptedTransport or a cassette"


class _Guard:
    """Whether something may leave, and the hook that asks."""

    def __init__(self) -> None:
        self.depth = 0
        self._is_installed = False

    def install(self) -> None:
        if not self._is_installed:
            self._is_installed = True
            sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.depth or not event.startswith("socket."):
            return
        if event in _CONNECTING:
            address: object = arguments[1]
            if isinstance(address, tuple):  # others are local sockets
                host, port, *_ = cast("tuple[object, ...]", address)
                if not _is_here(str(host)):
                    raise NetworkBlockedError(f"{host}:{port}")
        elif event == "socket.getaddrinfo" and arguments[0] is not None:
            name = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0])
            if not _is_here(name):
                raise NetworkBlockedError(f"{name}:{arguments[1]}")


_CONNECTING: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_GUARD: Final = _Guard()


def _is_here(host: str) -> bool:
    try:
        return host in ("", "localhost") or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@contextmanager
def no_network() -> Generator[None, None, None]:
    """Let nothing in this process reach another machine; loopback and local sockets stay open.

    Raises:
        NetworkBlockedError: In place of the connection.
    """
    _GUARD.install()
    _GUARD.depth += 1
    try:
        yield
    finally:
        _GUARD.depth -= 1
