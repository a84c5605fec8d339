"""How the server behaves: read once, from the environment and the command line."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Confirmation", "McpSettings", "SettingsError", "Transport", "is_loopback"]


class SettingsError(Exception):
    """The server cannot start like this; the message says what to do."""


class Transport(StrEnum):
    """How assistants reach the server."""

    STDIO = "stdio"
    """Their program starts this one and speaks to it over its stdin and stdout: one person, one key."""
    HTTP = "streamable-http"
    """They connect to it: many callers, each with a key of their own."""


class Confirmation(StrEnum):
    """Who says yes before something is changed."""

    ASK = "ask"
    """The person in front of the assistant, asked by the protocol (elicitation); who cannot be asked is refused."""
    NEVER = "never"
    """Nobody here: the approval of tools in the assistant's own program is trusted."""


@dataclass(frozen=True, slots=True)
class McpSettings:
    """The settings as plain values; secrets stay out of the ``repr``.

    Attributes:
        api_url: Where NAAS is.
        api_key: The key or token for it. Over HTTP every caller brings their own instead.
        username, password, enable: The login of devices that are not named from the inventory.
        allow_config: Whether configuration may be changed, and jobs cancelled.
        allow_any_command: Whether commands that are not known to read may be run.
        allow_keys: Whether API keys may be made and revoked.
        confirmation: Who says yes before a change.
        timeout: For one call of the API, in seconds.
        job_timeout: For a job to end, in seconds; then it goes on without us.
        transport, host, port: How assistants reach the server.
        public_hosts: Over HTTP, further names under which a proxy makes the server known.
        verify: Whether the certificate of NAAS is checked; a path names a file of authorities.
    """

    api_url: str = "http://localhost:8080"
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    enable: str | None = field(default=None, repr=False)
    allow_config: bool = False
    allow_any_command: bool = False
    allow_keys: bool = False
    confirmation: Confirmation = Confirmation.ASK
    timeout: float = 30.0
    job_timeout: float = 300.0
    transport: Transport = Transport.STDIO
    host: str = "127.0.0.1"
    port: int = 8081
    public_hosts: tuple[str, ...] = ()
    verify: bool | str = True

    def check(self) -> None:
        """Return if the server may start like this.

        Raises:
            SettingsError: A key would be lent to whoever connects, there is no credential at all, or half a login.
        """
        if self.transport is Transport.HTTP:
            self._check_http()
        elif self.api_key is None and self.username is None:
            raise SettingsError(
                "name an API key in NAAS_MCP_API_KEY, or the login of your devices in NAAS_MCP_USERNAME and "
                "NAAS_MCP_PASSWORD"
            )
        if (self.username is None) != (self.password is None):
            raise SettingsError("NAAS_MCP_USERNAME and NAAS_MCP_PASSWORD belong together; one of them is missing")

    def _check_http(self) -> None:
        if self.api_key is not None:
            raise SettingsError(
                "over HTTP every caller brings their own API key, in the Authorization header; leave out "
                "NAAS_MCP_API_KEY, which would be lent to whoever connects"
            )
        if self.username is not None:
            raise SettingsError(
                "over HTTP every caller brings their own rights; leave out NAAS_MCP_USERNAME, a device login that "
                "would be lent to whoever connects, and name devices of the inventory: NAAS keeps their logins"
            )
        if not is_loopback(self.host):
            raise SettingsError(
                f"refusing to listen on {self.host}: keys would cross the network in clear text; listen on "
                "127.0.0.1 behind a proxy that speaks TLS"
            )


def is_loopback(host: str) -> bool:
    """Whether the address can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
