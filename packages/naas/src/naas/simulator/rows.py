"""The rows that ``{each …}`` repeats over: interfaces, VLANs, neighbours, hosts, hardware."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from naas.simulator.fields import (
    DAY,
    grouped,
    mac_address,
    mac_forms,
    management_address,
    number_of,
    serial_number,
    uptime_seconds,
)
from naas.simulator.network import Interface, Vlan

if TYPE_CHECKING:
    from naas.simulator.device import SimulatedDevice

STATIONS_PER_PORT: Final = 1  # hosts learnt behind each access port that is up
PORTS_A_LINE: Final = 4  # in the port lists of `show vlan`

INTERFACE_FIELDS: Final = frozenset(
    {
        *(
            "name",
            "short",
            "number",
            "kind",
            "description",
            "address",
            "prefix_length",
            "mask",
            "cidr",
            "state",
            "link",
        ),
        *("mac", "mac_colon", "mac_dash", "mode", "vlan", "mtu", "speed_mbps", "speed_kbps", "index", "method"),
        *("input_packets", "output_packets", "input_bytes", "output_bytes", "total_packets", "total_bytes"),
        *("input_bps", "output_bps", "input_pps", "output_pps", "up_days", "up_hours", "up_minutes"),
    }
)
ARP_FIELDS: Final = frozenset(
    {"address", "mac", "mac_colon", "mac_dash", "interface", "interface_short", "age", "age_time", "port_short"}
)
COLLECTIONS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("interfaces", "ports", "ip_interfaces", "vlan_interfaces"), INTERFACE_FIELDS),
    **dict.fromkeys(("loopbacks", "lags", "management_interfaces"), INTERFACE_FIELDS),
    "vlans": frozenset({"vlan", "vlan_name", "vlan_ports", "vlan_ports_lines", "vlan_ports_rows"}),
    "neighbors": frozenset(
        {
            *("neighbor", "neighbor_model", "neighbor_version", "neighbor_address", "neighbor_mac"),
            *("neighbor_mac_colon", "neighbor_mac_dash", "neighbor_mac_spaced", "neighbor_port", "neighbor_port_short"),
            *("local_port", "local_port_short", "neighbor_platform"),
        }
    ),
    **dict.fromkeys(("arp", "arp_learnt"), ARP_FIELDS),
    "macs": frozenset({"mac", "mac_colon", "mac_dash", "vlan", "vlan_name", "port", "port_short", "age"}),
    "routes": frozenset(
        {
            "route",
            "route_address",
            "route_length",
            "route_kind",
            "next_hop",
            "interface",
            "interface_short",
            "route_vlan",
        }
    ),
    "modules": frozenset({"module", "module_description", "module_part", "module_serial", "module_number"}),
}
"""What ``{each …}`` repeats over, and the fields of its rows."""


# Interfaces


def _interface_rows(keep: Callable[[Interface], bool]) -> Callable[[SimulatedDevice], list[dict[str, str]]]:
    def rows(device: SimulatedDevice) -> list[dict[str, str]]:
        found = device.network().interfaces
        return [_interface_row(device, each, index) for index, each in enumerate(found, 1) if keep(each)]

    return rows


def state_of(interface: Interface) -> str:
    """``disabled``, ``up`` or ``down``. A port that nobody has configured has no cable, so that not all are up."""
    if interface.is_shut:
        return "disabled"
    is_used = interface.description or interface.address or interface.mode != "access" or interface.vlan != 1
    return "up" if is_used or not interface.is_port else "down"


def _interface_row(device: SimulatedDevice, interface: Interface, index: int) -> dict[str, str]:
    state = state_of(interface)
    return {
        **mac_forms(mac_address(device.name, interface.name)),
        **_traffic(device, interface.name, state == "up"),
        "name": interface.name,
        "short": interface.short,
        "number": interface.name.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"),
        "kind": interface.kind,
        "description": interface.description,
        "address": interface.address,
        "prefix_length": str(interface.prefix_length) if interface.address else "",
        "mask": interface.mask,
        "cidr": f"{interface.address}/{interface.prefix_length}" if interface.address else "",
        "method": "manual" if interface.address else "unset",
        "state": state,
        "link": "up" if state == "up" else "down",
        "mode": interface.mode,
        "vlan": str(interface.vlan),
        "mtu": str(interface.mtu),
        "speed_mbps": str(interface.speed_mbps),
        "speed_kbps": str(interface.speed_mbps * 1000),
        "index": str(index),
    }


def _traffic(device: SimulatedDevice, name: str, is_up: bool) -> dict[str, str]:
    """Counters as SNMP would have them: some traffic long ago, and a steady rate since the device started."""
    seconds = device.clock() - device.started if is_up else 0.0
    found: dict[str, str] = {}
    packets_total = bytes_total = 0
    for direction in ("input", "output"):
        per_second = 1 + number_of(device.name, name, direction) % 997 if is_up else 0
        size = 64 + number_of(name, direction) % 1200
        packets = number_of(direction, device.name, name) % 10_000_000 + int(seconds * per_second)
        found[f"{direction}_packets"], found[f"{direction}_bytes"] = str(packets), str(packets * size)
        found[f"{direction}_pps"], found[f"{direction}_bps"] = str(per_second), str(per_second * size * 8)
        packets_total += packets
        bytes_total += packets * size
    up = uptime_seconds(device)
    times = {"up_days": up // DAY, "up_hours": up % DAY // 3600, "up_minutes": up % 3600 // 60}
    totals = {"total_packets": packets_total, "total_bytes": bytes_total}
    return found | {key: str(number) for key, number in {**times, **totals}.items()}


# VLANs, neighbours, hosts, hardware


def _vlan_rows(device: SimulatedDevice) -> list[dict[str, str]]:
    return [_vlan_row(vlan) for vlan in device.network().vlans]


def _vlan_row(vlan: Vlan) -> dict[str, str]:
    lines = [", ".join(vlan.ports[start : start + PORTS_A_LINE]) for start in range(0, len(vlan.ports), PORTS_A_LINE)]
    return {
        "vlan": str(vlan.number),
        "vlan_name": vlan.name,
        "vlan_ports": ", ".join(vlan.ports),
        "vlan_ports_lines": ",\n".join(lines),
        "vlan_ports_rows": "\n".join(vlan.ports),
    }


def neighbors(device: SimulatedDevice) -> list[dict[str, str]]:
    """The devices beside this one in the farm, over the first two ports; an invented one if it is alone."""
    ports = device.network().ports()
    found: list[dict[str, str]] = []
    for local, link in zip(ports, device.cables(), strict=False):
        other = link.device
        other_ports = other.network().ports()
        if state_of(local) != "up" or len(other_ports) <= link.port_index:
            continue
        port = other_ports[link.port_index]
        mac = mac_address(other.name, port.name)
        values = {
            **mac_forms(mac, "neighbor_"),
            "neighbor_mac_spaced": grouped(mac, " "),
            "neighbor": other.hostname,
            "neighbor_model": other.value("model"),
            "neighbor_version": other.value("version"),
            "neighbor_platform": other.profile.name,
            "neighbor_address": management_address(other.index),
            "neighbor_port": port.name,
            "neighbor_port_short": port.short,
            "local_port": local.name,
            "local_port_short": local.short,
        }
        found.append(values)
    return found


def stations(device: SimulatedDevice) -> list[dict[str, str]]:
    """The hosts behind the access ports that are up."""
    network = device.network()
    names = {vlan.number: vlan.name for vlan in network.vlans}
    return [
        {
            **mac_forms(mac_address(device.name, port.name, "station", number)),
            "vlan": str(port.vlan),
            "vlan_name": names.get(port.vlan, "default"),
            "port": port.name,
            "port_short": port.short,
            "age": str(number_of(device.name, port.name, number) % 300),
        }
        for port in network.ports()
        if port.mode == "access" and state_of(port) == "up"
        for number in range(STATIONS_PER_PORT)
    ]


def _arp(device: SimulatedDevice) -> list[dict[str, str]]:
    """For each address its own entry, and the next address of the network as somebody who was heard."""
    network = device.network()
    port = next(iter(network.ports()), None)
    found: list[dict[str, str]] = []
    for interface in network.interfaces:
        if not interface.address or interface.kind == "loopback" or interface.is_shut:
            continue
        own = ipaddress.IPv4Address(interface.address)
        for address, age in ((own, ""), (own + 1, str(number_of(device.name, own) % 240))):
            row = {
                **mac_forms(mac_address(device.name, interface.name, "" if address == own else address)),
                "address": str(address),
                "interface": interface.name,
                "interface_short": interface.short,
                "age": age or "-",
                "age_time": f"{int(age or 0) // 60:02}:{int(age or 0) % 60:02}:07",
                "port_short": port.short if port else "",
            }
            found.append(row)
    return found


def arp_learnt(device: SimulatedDevice) -> list[dict[str, str]]:
    """The entries of others, without the device's own addresses."""
    return [row for row in _arp(device) if row["age"] != "-"]


def _routes(device: SimulatedDevice) -> list[dict[str, str]]:
    return [
        {
            "route": str(route.network),
            "route_address": str(route.network.network_address),
            "route_length": str(route.network.prefixlen),
            "route_kind": "static" if route.next_hop else "connected",
            "next_hop": route.next_hop or route.interface.address,
            "interface": route.interface.name,
            "interface_short": route.interface.short,
            "route_vlan": route.interface.name.lstrip("VLANvlan"),
        }
        for route in device.network().routes()
    ]


def _modules(device: SimulatedDevice) -> list[dict[str, str]]:
    return [
        {
            "module": module.name,
            "module_description": module.description,
            "module_part": module.part,
            "module_serial": serial_number(device) if number == 1 else serial_number(device, module.name),
            "module_number": str(number),
        }
        for number, module in enumerate(device.profile.modules, 1)
    ]


ROWS: Final[Mapping[str, Callable[[SimulatedDevice], list[dict[str, str]]]]] = {
    "interfaces": _interface_rows(lambda _: True),
    "ports": _interface_rows(lambda interface: interface.is_port),
    "ip_interfaces": _interface_rows(lambda interface: bool(interface.address)),
    "vlan_interfaces": _interface_rows(lambda interface: interface.kind == "vlan"),
    "loopbacks": _interface_rows(lambda interface: interface.kind == "loopback"),
    "lags": _interface_rows(lambda interface: interface.kind == "lag"),
    "management_interfaces": _interface_rows(lambda interface: interface.kind == "management"),
    "vlans": _vlan_rows,
    "neighbors": neighbors,
    "arp": _arp,
    "arp_learnt": arp_learnt,
    "macs": stations,
    "routes": _routes,
    "modules": _modules,
}
