"""The variables of the service's URL, which the constructor takes as keyword arguments."""

from __future__ import annotations

from dataclasses import replace

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding

from ..ir import Api
from ..names import SIGNATURE_NAMES, Wish, allocate, snake_case
from ..words import vocabulary

__all__ = ["name_servers"]

_CONSTRUCTOR = SIGNATURE_NAMES | vocabulary(
    """
    verify certificate proxy allow_http max_connections request_id_header idempotency_header per_call_policies
    per_retry_policies policies authentication package settings bound
    """
)


def name_servers(api: Api, _configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Name the variables of all servers, of one name once: `region`, `stage`."""
    names = dict.fromkeys(variable.wire_name for server in api.servers for variable in server.variables)
    found = allocate([Wish(name, (snake_case(name), f"{snake_case(name)}_variable")) for name in names], _CONSTRUCTOR)
    servers = tuple(
        replace(server, variables=tuple(replace(one, name=found[one.wire_name]) for one in server.variables))
        for server in api.servers
    )
    return replace(api, servers=servers), []
