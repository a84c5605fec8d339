"""From Netmiko's platform names to those of ntc-templates."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["template_platforms"]

# Platforms that print as another one does. Netmiko's names on the left; a tuple is tried in order.
_SAME_OUTPUT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "cisco_xe": ("cisco_xe", "cisco_ios"),
        "cisco_ioswlc": ("cisco_ios",),
        "cisco_wlc": ("cisco_wlc_ssh",),
        "cisco_s200": ("cisco_s300",),
        "cisco_s500": ("cisco_s300",),
        "huawei": ("huawei_vrp",),
        "huawei_vrpv8": ("huawei_vrp",),
        "huawei_smartaxmmi": ("huawei_smartax",),
        "h3c_comware": ("hp_comware",),
        "aruba_osswitch": ("aruba_procurve",),
        "juniper": ("juniper_junos",),
        "nokia_sros": ("nokia_sros", "alcatel_sros"),
        "dell_os9": ("dell_force10",),
        "dell_dnos9": ("dell_force10",),
        "extreme": ("extreme_exos",),
        "extreme_slx": ("extreme_slxos",),
        "extreme_ers": ("avaya_ers",),
        "extreme_netiron": ("brocade_netiron",),
        "extreme_vsp": ("avaya_vsp",),
        "ubiquiti_edge": ("ubiquiti_edgeswitch",),
        "ubiquiti_unifiswitch": ("ubiquiti_edgeswitch",),
        "ruckus_fastiron": ("ruckus_fastiron", "brocade_fastiron"),
        "edgecore_sonic": ("edgecore", "linux"),
        "watchguard_fireware": ("watchguard_firebox",),
        "cumulus_linux": ("linux",),
        "corelight_linux": ("linux",),
        "opengear_linux": ("linux",),
        "ovs_linux": ("linux",),
        "f5_linux": ("linux",),
        "fujitsu_sir": ("fsas_sir",),
        "eltex_esr": ("eltex",),
    }
)


def template_platforms(platform: str) -> tuple[str, ...]:
    """Return the names under which ntc-templates may know ``platform``, best first."""
    name = platform.removesuffix("_ssh").removesuffix("_telnet")
    return _SAME_OUTPUT.get(name, (name,))
