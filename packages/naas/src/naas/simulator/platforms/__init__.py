"""The platforms that can be simulated, by Netmiko's names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from naas.simulator.platforms.arista_eos import AristaEos
from naas.simulator.platforms.cisco_ios import CiscoIos
from naas.simulator.platforms.juniper_junos import JuniperJunos
from naas.simulator.shell import Shell

PLATFORMS: Final[Mapping[str, type[Shell]]] = MappingProxyType(
    {"cisco_ios": CiscoIos, "arista_eos": AristaEos, "juniper_junos": JuniperJunos}
)
