"""The arguments that tools share, and the device that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

if TYPE_CHECKING:
    from .callers import Callers

__all__ = ["Commands", "ContextName", "Credential", "Device", "Host", "Line", "Platform", "Port", "Tags", "place_of"]

Host = Annotated[str | None, Field(max_length=253, description="Address or host name of the device.")]
Device = Annotated[
    str | None,
    Field(
        max_length=64,
        description="A device of the inventory by its name (`list_devices`), instead of host, port and platform: "
        "NAAS knows its login.",
    ),
]
Credential = Annotated[
    str | None,
    Field(max_length=64, description="With `host`: a login that NAAS keeps, by its name. Passwords are no arguments."),
]
Line = Annotated[str, Field(min_length=1, max_length=1_000)]
Commands = Annotated[
    list[Line], Field(min_length=1, max_length=50, description="The commands, each as it would be typed.")
]
Platform = Annotated[
    str, Field(max_length=64, description="Netmiko's platform name, for example `cisco_ios`; or `autodetect`.")
]
Port = Annotated[int, Field(ge=1, le=65_535, description="TCP port of the device's SSH server.")]
Tags = Annotated[dict[str, str] | None, Field(description="Labels to find the job by.")]
ContextName = Annotated[str, Field(max_length=64, description="Which group of workers reaches the device.")]


def place_of(
    callers: Callers,
    host: str | None,
    device: str | None,
    platform: str,
    port: int,
    context_name: str,
    credential: str | None,
) -> dict[str, Any]:
    """Return the fields of a request that say where, and as whom, its work is done.

    Raises:
        ToolError: Neither a host nor a device is named, or both are; or nobody knows the login of the host.
    """
    if (host is None) == (device is None):
        raise ToolError("name one device: `host`, or `device` for one of the inventory")
    if device is not None:
        return {"device": device}
    place: dict[str, Any] = {"host": host, "platform": platform, "port": port, "context": context_name}
    if credential is not None:
        return {**place, "credential": credential}
    login = callers.login()
    if login is None:
        raise ToolError(
            f"nobody knows the login of {host!r}: name a `device` of the inventory (`list_devices`), or a `credential` "
            "that NAAS keeps. Never ask the person for a password: it would pass through this conversation"
        )
    return {**place, **login}
