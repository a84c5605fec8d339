"""A data-centre switch with Arista EOS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from naas.simulator.grammar import Ambiguous, Incomplete, Invalid
from naas.simulator.platforms.cisco_like import GLOBAL, CiscoLike

VERSION = """\
Arista DCS-7050TX-64-R
Hardware version: 01.00
Serial number: JPE12345678
Hardware MAC address: 001c.7300.0001
System MAC address: 001c.7300.0001

Software image version: 4.30.1F
Architecture: i686
Internal build version: 4.30.1F-32308478.4301F
Internal build ID: 0e6a9d5c-52d2-4e33-9a0a-0d5d1d5e4f10
Image format version: 3.0

Uptime: 3 weeks, 2 days, 1 hour and 5 minutes
Total memory: 3997336 kB
Free memory: 2351256 kB
"""


class AristaEos(CiscoLike):
    """One session on an Arista switch."""

    interface_names: ClassVar[tuple[str, ...]] = ("Ethernet", "Management", "Vlan", "Loopback", "Port-Channel")

    def initial_configuration(self) -> dict[str, list[str]]:
        return {
            GLOBAL: [f"hostname {self.device.hostname}"],
            "interface Ethernet1": ["description spine1"],
            "interface Ethernet2": ["shutdown"],
            "interface Management1": ["ip address 192.0.2.2/24"],
        }

    def section_mode(self) -> str:
        # EOS names the interface in the prompt, cut short: (config-if-Et1)#
        if self.section.startswith("interface "):
            name = self.section.removeprefix("interface ")
            letters = name.rstrip("0123456789/.")
            return f"config-if-{letters[:2]}{name[len(letters) :]}"
        return super().section_mode()

    def complaint(self, problem: Invalid | Ambiguous | Incomplete, line: str) -> str:
        match problem:
            case Invalid():
                return "% Invalid input"
            case Ambiguous():
                return "% Ambiguous command"
            case Incomplete():
                return "% Incomplete command"

    def version_text(self) -> str:
        return VERSION

    def terminal_length_text(self) -> str:
        return "Pagination disabled." if self.page_lines == 0 else f"Pagination set to {self.page_lines} lines."

    def terminal_width_text(self, columns: int) -> str:
        return f"Width set to {columns} columns."

    def saved_text(self) -> str:
        return "Copy completed successfully."

    def clock_text(self) -> str:
        return datetime.now(UTC).strftime("%a %b %d %H:%M:%S %Y\nTimezone: UTC\nClock source: local")

    def configuration_text(self, configuration: Mapping[str, Sequence[str]]) -> str:
        body = ["! Command: show running-config", f"! device: {self.device.hostname} (DCS-7050TX-64, EOS-4.30.1F)", "!"]
        body += [*configuration.get(GLOBAL, ()), "!"]
        for section, lines in configuration.items():
            if section != GLOBAL:
                body += [section, *(f"   {line}" for line in lines), "!"]
        return "\n".join([*body, "end"])

    def interface_table(self) -> str:
        rows = [
            "Interface         IP Address        Status       Protocol           MTU",
            "----------------- ----------------- ------------ -------------- ----------",
        ]
        for name, address, is_up in self.interface_lines():
            status, protocol = ("up", "up") if is_up else ("admin down", "down")
            rows.append(f"{name:<17} {address:<17} {status:<12} {protocol:<14}       1500")
        return "\n".join(rows)
