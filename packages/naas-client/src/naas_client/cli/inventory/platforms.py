"""From Ansible's ``ansible_network_os`` to the platform names of Netmiko, which the server takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FROM_ANSIBLE", "platform_of"]

# By the last word of the collection's name, and by the short names of before there were collections.
FROM_ANSIBLE: Final[Mapping[str, str]] = {
    "aireos": "cisco_wlc",
    "aos": "aruba_os",
    "aoscx": "aruba_aoscx",
    "aosswitch": "hp_procurve",
    "apconos": "apresia_aeos",
    "arubaoss": "hp_procurve",
    "aruba": "aruba_os",
    "asa": "cisco_asa",
    "bigip": "f5_tmsh",
    "ce": "huawei",
    "checkpoint": "checkpoint_gaia",
    "cloudengine": "huawei",
    "comware": "hp_comware",
    "comware7": "hp_comware",
    "dellos10": "dell_os10",
    "dellos6": "dell_os6",
    "dellos9": "dell_os9",
    "edgeos": "ubiquiti_edgerouter",
    "edgeswitch": "ubiquiti_edgeswitch",
    "eos": "arista_eos",
    "exos": "extreme_exos",
    "fortios": "fortinet",
    "frr": "linux",
    "icx": "ruckus_fastiron",
    "ios": "cisco_ios",
    "iosxe": "cisco_xe",
    "iosxr": "cisco_xr",
    "ironware": "brocade_fastiron",
    "junos": "juniper_junos",
    "nos": "extreme_nos",
    "nxos": "cisco_nxos",
    "onyx": "mellanox_mlnxos",
    "os10": "dell_os10",
    "os6": "dell_os6",
    "os9": "dell_os9",
    "panos": "paloalto_panos",
    "routeros": "mikrotik_routeros",
    "slxos": "extreme_slx",
    "sonic": "dell_sonic",
    "sros": "nokia_sros",
    "voss": "extreme_vsp",
    "vrp": "huawei",
    "vyos": "vyos",
}
# Whole names whose last word says too little.
_WHOLE: Final[Mapping[str, str]] = {
    "nokia.sros.md": "nokia_sros",
    "nokia.sros.classic": "nokia_sros",
    "dellemc.enterprise_sonic.sonic": "dell_sonic",
    "ansible.netcommon.default": "",
}


def platform_of(network_os: str) -> str | None:
    """Return the Netmiko platform, None if nobody knows it.

    A name that has the form of Netmiko's own (``cisco_ios``) passes: the server judges it.
    """
    name = network_os.strip().lower()
    if name in _WHOLE:
        return _WHOLE[name] or None
    last = name.rpartition(".")[2]
    if last in FROM_ANSIBLE:
        return FROM_ANSIBLE[last]
    if "." in name and (first := name.split(".")[1] if name.count(".") >= 1 else "") in FROM_ANSIBLE:
        return FROM_ANSIBLE[first]
    return name if "_" in name and "." not in name else None
