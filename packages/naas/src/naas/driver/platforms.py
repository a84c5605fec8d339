"""Netmiko's platform classes with our reads under them, and what each platform can do."""

from __future__ import annotations

from functools import cache
from types import new_class
from typing import TYPE_CHECKING, Final, cast

from netmiko.base_connection import BaseConnection
from netmiko.cisco_base_connection import CiscoBaseConnection
from netmiko.hp.hp_procurve import HPProcurveTelnet
from netmiko.ssh_dispatcher import CLASS_MAPPER  # pyright: ignore[reportUnknownVariableType] - an untyped dict there

from naas.driver.reading import SocketReads

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["connection_class", "supports_commit", "supports_save"]

_USUAL_TELNET_LOGINS: Final = (
    BaseConnection.telnet_login,
    CiscoBaseConnection.telnet_login,
    HPProcurveTelnet.telnet_login,  # the second, with other words and more patience
)


@cache
def connection_class(platform: str) -> type[SocketReads]:
    """Return Netmiko's class for ``platform``, reading from the socket.

    Raises:
        KeyError: Netmiko knows no such platform.
    """
    classes = cast("Mapping[str, type[BaseConnection]]", CLASS_MAPPER)
    platform_class = classes[platform]
    # Netmiko's common ways to log in by Telnet sleep for seconds; a platform's own way keeps its say.
    asks_as_usual = platform_class.telnet_login in _USUAL_TELNET_LOGINS
    own = {"telnet_login": SocketReads.telnet_login} if asks_as_usual else {}
    made = new_class(
        f"Socket{platform_class.__name__}", (platform_class, SocketReads), exec_body=lambda body: body.update(own)
    )
    return cast("type[SocketReads]", made)


def supports_commit(platform: str) -> bool:
    """Whether the platform has a candidate configuration that is committed."""
    return connection_class(platform).commit is not BaseConnection.commit


def supports_save(platform: str) -> bool:
    """Whether the platform has a startup configuration to save to.

    Netmiko overrides ``save_config`` on many platforms only to say that it does not exist.
    """
    save = connection_class(platform).save_config
    return save is not BaseConnection.save_config and "NotImplementedError" not in save.__code__.co_names
