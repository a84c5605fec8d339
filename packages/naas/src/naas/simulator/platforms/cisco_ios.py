"""A Catalyst switch with Cisco IOS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from naas.simulator.platforms.cisco_like import GLOBAL, CiscoLike

# The lines that parsers and platform detection look for are those of a real answer; the rest is invented.
VERSION = """\
Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)
Technical Support: http://www.cisco.com/techsupport
Copyright (c) 1986-2021 by Cisco Systems, Inc.
Compiled Mon 01-Mar-21 10:00 by prod_rel_team

ROM: Bootstrap program is C2960X boot loader
BOOTLDR: C2960X Boot Loader (C2960X-HBOOT-M) Version 15.2(7r)E, RELEASE SOFTWARE (fc1)

{name} uptime is 1 year, 2 weeks, 3 days, 4 hours, 5 minutes
System returned to ROM by power-on
System restarted at 10:00:00 UTC Mon Mar 1 2021
System image file is "flash:/c2960x-universalk9-mz.152-7.E4.bin"
Last reload reason: power-on

cisco WS-C2960X-48TS-L (APM86XXX) processor (revision A0) with 524288K bytes of memory.
Processor board ID FOC1234A5BC
Last reset from power-on
1 Virtual Ethernet interface
52 Gigabit Ethernet interfaces
512K bytes of flash-simulated non-volatile configuration memory.
Base ethernet MAC Address       : 00:11:22:33:44:55
Model number                    : WS-C2960X-48TS-L
System serial number            : FOC1234A5BC

Switch Ports Model                     SW Version            SW Image
------ ----- -----                     ----------            ----------
*    1 52    WS-C2960X-48TS-L          15.2(7)E4             C2960X-UNIVERSALK9-M


Configuration register is 0xF
"""


class CiscoIos(CiscoLike):
    """One session on a Cisco IOS switch."""

    interface_names: ClassVar[tuple[str, ...]] = (
        *("GigabitEthernet", "FastEthernet", "TenGigabitEthernet", "Vlan", "Loopback", "Port-channel", "Tunnel"),
    )
    section_modes: ClassVar[Mapping[str, str]] = {**CiscoLike.section_modes, "ip access-list": "config-ext-nacl"}

    def initial_configuration(self) -> dict[str, list[str]]:
        return {
            GLOBAL: [f"hostname {self.device.hostname}", "ip domain-name lab.example"],
            "interface GigabitEthernet0/1": ["description uplink"],
            "interface GigabitEthernet0/2": ["shutdown"],
            "interface Vlan1": ["ip address 192.0.2.1 255.255.255.0"],
            "line vty 0 4": ["transport input ssh"],
        }

    def version_text(self) -> str:
        return VERSION.replace("{name}", self.device.hostname)

    def config_mode_text(self) -> str:
        return "Enter configuration commands, one per line.  End with CNTL/Z."

    def configuration_text(self, configuration: Mapping[str, Sequence[str]]) -> str:
        body = ["!", "version 15.2", "!", *configuration.get(GLOBAL, ()), "!"]
        for section, lines in configuration.items():
            if section != GLOBAL:
                body += [section, *(f" {line}" for line in lines), "!"]
        text = "\n".join([*body, "end"])
        return f"Building configuration...\n\nCurrent configuration : {len(text)} bytes\n{text}\n"

    def interface_table(self) -> str:
        rows = ["Interface              IP-Address      OK? Method Status                Protocol"]
        for name, address, is_up in self.interface_lines():
            method = "unset " if address == "unassigned" else "manual"
            status, protocol = ("up", "up") if is_up else ("administratively down", "down")
            rows.append(f"{name:<22} {address:<15} YES {method} {status:<21} {protocol}")
        return "\n".join(rows)
