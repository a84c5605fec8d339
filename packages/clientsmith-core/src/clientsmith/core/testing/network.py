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
        elif event in _LOOKING_UP and arguments[0] is not None:
            name, *port = arguments[:2]
            name = name.decode() if isinstance(name, bytes) else str(name)
            if not _is_here(name):
                raise NetworkBlockedError(":".join([name, *map(str, port)]))


_CONNECTING: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname"})
_GUARD: Final = _Guard()


def _is_here(host: str) -> bool:
    name = host.lower().removesuffix(".")
    if name in ("", "localhost") or name.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified  # to which Linux connects as to itself


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
