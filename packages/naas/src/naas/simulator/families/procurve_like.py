"""What HP ProCurve and Aruba switches do differently from Cisco's.

VLANs hold their ports (``vlan 10``, ``untagged 1-4``) instead of ports their VLAN, ports are named by their number and
disabled with ``disable``, names stand in quotes, and before the first prompt somebody must press a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from naas.simulator.device import SimulatedDevice
from naas.simulator.families import Family, sections
from naas.simulator.families.cisco_like import CiscoLike
from naas.simulator.families.section_device import configure_anew, rename
from naas.simulator.families.section_shell import Mode
from naas.simulator.families.sections import GLOBAL
from naas.simulator.grammar import SILENT, Answer, Match
from naas.simulator.network import Interface, Network, Vlan, interface_address
from naas.simulator.shell import Handler

LONGEST_RANGE: Final = 1000  # ports; no switch has more


class ProcurveLike(CiscoLike):
    """One session."""

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device)
        if self.text("login"):
            self.ask("", lambda _: SILENT)  # the key that must be pressed

    def handlers(self) -> Mapping[str, Handler]:
        return {**super().handlers(), "enable_port": self._enable_port}

    def interface_name(self, typed: str) -> str | None:
        """Ports are called by their number, with a letter for the module: ``1``, ``A4``, ``1/24``."""
        name = typed.removeprefix("ethernet").strip().upper()
        ports = {section.removeprefix("interface ") for section in self.device.running}
        return name if name in ports else None

    def _enable_port(self, match: Match) -> Answer:
        """``enable`` means a port here, and privileged mode elsewhere."""
        if self.state is not Mode.SECTION:
            return SILENT
        sections.remove(self.target, self.path, "disable", self.profile.configuration.indent)
        return SILENT


def ports_in(text: str) -> Iterator[str]:
    """The ports of a list such as ``1-4,A7``."""
    for one in text.replace(" ", "").split(","):
        first, dash, last = one.partition("-")
        letters = first.rstrip("0123456789")
        start, end = first.removeprefix(letters), last.removeprefix(letters)
        if dash and start.isdecimal() and end.isdecimal() and int(end) - int(start) < LONGEST_RANGE:
            yield from (f"{letters}{number}" for number in range(int(start), int(end) + 1))
        elif one:
            yield one


def start(device: SimulatedDevice) -> None:
    """Configure a device that starts: from its specification, else from its profile; its name stays its own."""
    configure_anew(device, f'hostname "{device.hostname}"')


def read(device: SimulatedDevice) -> Network:
    """What the running configuration says."""
    running = device.running
    vlan_lines = {
        int(section.split()[1]): lines
        for section, lines in running.items()
        if section.startswith("vlan ") and section.split()[1].isdecimal()
    }
    untagged: dict[str, int] = {}
    for number, lines in vlan_lines.items():
        for line in lines:
            if line.startswith("untagged "):
                untagged.update(dict.fromkeys(ports_in(line.removeprefix("untagged ")), number))
    speeds = [kind.speed_mbps for kind in device.profile.interfaces if kind.kind == "ethernet"]
    ports = [
        _port(section.removeprefix("interface "), lines, untagged, speeds[0] if speeds else 1000)
        for section, lines in running.items()
        if section.startswith("interface ")
    ]
    routed = [_vlan_interface(number, lines) for number, lines in vlan_lines.items()]
    vlans = [_vlan(number, lines, untagged) for number, lines in sorted(vlan_lines.items())]
    return Network((*ports, *routed), tuple(vlans), tuple(sections.static_routes(running[GLOBAL])))


def _quoted(lines: Sequence[str]) -> str:
    return next((line.split(maxsplit=1)[1].strip('"') for line in lines if line.startswith("name ")), "")


def _port(name: str, lines: Sequence[str], untagged: Mapping[str, int], speed: int) -> Interface:
    return Interface(
        name=name,
        short=name,
        speed_mbps=speed,
        description=_quoted(lines),
        is_shut="disable" in lines,
        vlan=untagged.get(name, 1),
    )


def _vlan_interface(number: int, lines: Sequence[str]) -> Interface:
    text = next((line.removeprefix("ip address ") for line in lines if line.startswith("ip address ")), "")
    address, prefix_length = interface_address(text)
    name = f"VLAN{number}"
    return Interface(name, name, "vlan", description=_quoted(lines), address=address, prefix_length=prefix_length)


def _vlan(number: int, lines: Sequence[str], untagged: Mapping[str, int]) -> Vlan:
    ports = tuple(port for port, vlan in untagged.items() if vlan == number)
    return Vlan(number, _quoted(lines) or ("DEFAULT_VLAN" if number == 1 else f"VLAN{number}"), ports)


FAMILY: Final = Family(shell=ProcurveLike, start=start, read=read, rename=rename)
