"""The names of OpenStack's kinds of services: an official one each, and those that clouds still have in their catalogs.

The table holds what the service types authority lists for services that had another name before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["names_of"]

# Official name → its others, the likeliest first.
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "admin-logic": ("registration",),
    "alarm": ("alarming",),
    "application-container": ("container",),
    "baremetal": ("bare-metal",),
    "block-storage": ("volumev3", "volumev2", "volume", "block-store"),
    "clustering": ("resource-cluster", "cluster"),
    "container-infrastructure-management": ("container-infrastructure", "container-infra"),
    "event": ("events",),
    "instance-ha": ("ha",),
    "message": ("messaging",),
    "meter": ("metering", "telemetry"),
    "monitoring-logging": ("monitoring-log-api",),
    "multi-region-network-automation": ("tricircle",),
    "operator-policy": ("policy",),
    "resource-optimization": ("infra-optim",),
    "root-cause-analysis": ("rca",),
    "shared-file-system": ("sharev2", "share"),
    "workflow": ("workflowv2",),
}
_OFFICIAL: Final = {alias: official for official, aliases in _ALIASES.items() for alias in aliases}


def names_of(service_type: str) -> tuple[str, ...]:
    """Return the names that a catalog may have for a kind of service, the one asked for first.

    A name with a version in it (``volumev2``) means that version, so no other alias stands for it.
    """
    asked = service_type.lower().replace("_", "-")
    official = _OFFICIAL.get(asked, asked)
    others = () if re.search(r"v[0-9]+$", asked) else _ALIASES.get(official, ())
    return tuple(dict.fromkeys((asked, official, *others)))
