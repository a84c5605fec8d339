"""What Cisco IOS and its look-alikes share: user, privileged and configuration mode, sections, saving.

The modes::

    user >  --enable-->  privileged #  --configure terminal-->  (config)#  --interface X-->  (config-if)#
            <-disable--                <------- end, exit -----            <----- exit -----

A section command given inside a section moves straight to the other section, and a global command given inside one
is taken as global, as the real ones do.
"""

from __future__ import annotations

import ipaddress
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import ClassVar

from naas.simulator.device import SimulatedDevice
from naas.simulator.grammar import SILENT, Ambiguous, Answer, Command, Handler, Incomplete, Invalid
from naas.simulator.shell import Shell

GLOBAL = ""
"""The name of the section that holds the global lines."""

ENABLE_ATTEMPTS = 3  # as IOS: the third wrong secret ends it


class Mode(Enum):
    """Where a session stands. Sections are one mode; which section it is, the shell remembers."""

    USER = ">"
    PRIVILEGED = "#"
    CONFIG = "config"
    SECTION = "section"


class CiscoLike(Shell):
    """Modes, configuration and the commands that every platform of the family has."""

    section_modes: ClassVar[Mapping[str, str]] = {
        "interface": "config-if",
        "router": "config-router",
        "line": "config-line",
        "vlan": "config-vlan",
        "ip access-list": "config-acl",
    }
    interface_names: ClassVar[tuple[str, ...]] = ()
    global_words: ClassVar[tuple[str, ...]] = (
        *("aaa", "access-list", "banner", "clock", "crypto", "ip", "ipv6", "logging", "ntp", "route-map"),
        *("service", "snmp-server", "spanning-tree", "username", "vrf"),
    )
    section_words: ClassVar[tuple[str, ...]] = (
        *("address-family", "bandwidth", "channel-group", "deny", "description", "exec-timeout", "ip", "ipv6"),
        *("login", "mtu", "name", "neighbor", "network", "permit", "speed", "switchport", "transport"),
    )
    # A second line of these replaces the first one; of all others there can be many.
    single_valued: ClassVar[tuple[str, ...]] = (
        *("hostname", "description", "ip address", "ip default-gateway", "ip domain-name", "name", "mtu", "speed"),
        *("bandwidth", "exec-timeout", "switchport mode", "switchport access vlan", "banner motd"),
    )

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device)
        self.mode = Mode.USER if device.spec.enable else Mode.PRIVILEGED
        self.section = GLOBAL
        self._enable_attempts = 0
        self._by_mode: dict[Mode, tuple[Command, ...]] = {}
        if not device.running:
            device.running = self.initial_configuration()
            device.save()

    # What a platform adds

    @abstractmethod
    def initial_configuration(self) -> dict[str, list[str]]:
        """The configuration of a device fresh from its box, by section."""

    @abstractmethod
    def version_text(self) -> str:
        """The answer to ``show version``."""

    @abstractmethod
    def configuration_text(self, configuration: Mapping[str, Sequence[str]]) -> str:
        """A configuration as ``show running-config`` prints it."""

    @abstractmethod
    def interface_table(self) -> str:
        """The answer to ``show ip interface brief``."""

    # Prompts and complaints

    def mode_prompt(self) -> str:
        name = self.device.hostname
        if self.mode is Mode.SECTION:
            # IOS cuts the name at 20 characters in configuration mode; clients must cope, so we do it too.
            return f"{name[:20]}({self.section_mode()})#"
        if self.mode is Mode.CONFIG:
            return f"{name[:20]}(config)#"
        return f"{name}{self.mode.value}"

    def section_mode(self) -> str:
        """What stands in the prompt for the current section."""
        return next((mode for word, mode in self.section_modes.items() if self.section.startswith(word)), "config")

    def complaint(self, problem: Invalid | Ambiguous | Incomplete, line: str) -> str:
        match problem:
            case Invalid(column):
                caret = " " * (len(self.mode_prompt()) + column) + "^"
                return f"{caret}\n% Invalid input detected at '^' marker.\n"
            case Ambiguous():
                return f'% Ambiguous command:  "{line}"'
            case Incomplete():
                return "% Incomplete command.\n"

    # Commands by mode

    def commands(self) -> Sequence[Command]:
        if self.mode not in self._by_mode:
            self._by_mode[self.mode] = self._commands_of(self.mode)
        return self._by_mode[self.mode]

    def _commands_of(self, mode: Mode) -> tuple[Command, ...]:
        match mode:
            case Mode.USER:
                return (*self.user_commands(), *self.test_commands())
            case Mode.PRIVILEGED:
                return (*self.user_commands(), *self.privileged_commands(), *self.test_commands())
            case Mode.CONFIG:
                return self.config_commands()
            case Mode.SECTION:
                inner = self.section_commands()
                known = {command.words[0] for command in inner}
                return (*inner, *(c for c in self.config_commands() if c.words[0] not in known or len(c.words) > 2))

    def user_commands(self) -> tuple[Command, ...]:
        """Commands that need no privilege."""
        return (
            Command("enable", self._enable),
            Command("disable", self._disable),
            Command("exit", self._log_out),
            Command("logout", self._log_out),
            Command("quit", self._log_out),
            Command("terminal length <any>", self._terminal_length),
            Command("terminal width <any>", self._terminal_width),
            Command("show version", lambda _: Answer(self.version_text())),
            Command("show clock", lambda _: Answer(self.clock_text())),
            Command("show ip interface brief", lambda _: Answer(self.interface_table())),
            Command("show privilege", lambda _: Answer(f"Current privilege level is {self.privilege()}")),
        )

    def privileged_commands(self) -> tuple[Command, ...]:
        """Commands that need privileged mode."""
        return (
            Command("configure terminal", self._configure_terminal),
            Command("show running-config", lambda _: Answer(self.configuration_text(self.device.running))),
            Command("show startup-config", lambda _: Answer(self.configuration_text(self.device.startup))),
            Command("write memory", self._save),
            Command("write", self._save),
            Command("copy running-config startup-config", self._save),
            Command("reload", self._reload),
        )

    def config_commands(self) -> tuple[Command, ...]:
        """Commands of global configuration mode."""
        return (
            Command("end", self._end),
            Command("exit", self._exit_config),
            Command("hostname <any>", self._set_hostname),
            Command("no <rest>", self._remove),
            Command("do <rest>", self._do),
            *(Command(f"{opener} <rest>", self._open_section(opener)) for opener in self.section_modes),
            *(Command(f"{word} <rest>", self._keep(word, globally=True)) for word in self.global_words),
        )

    def section_commands(self) -> tuple[Command, ...]:
        """Commands of the sections: interface, router, line and so on."""
        return (
            Command("exit", self._exit_section),
            Command("no <rest>", self._remove),
            Command("shutdown", lambda _: self.configure("shutdown")),
            *(Command(f"{word} <rest>", self._keep(word)) for word in self.section_words),
        )

    # Privilege

    def privilege(self) -> int:
        """1 in user mode, 15 above."""
        return 1 if self.mode is Mode.USER else 15

    def _enable(self, _: Sequence[str]) -> Answer:
        if self.mode is Mode.PRIVILEGED or self.device.spec.enable is None:
            self.mode = Mode.PRIVILEGED
            return SILENT
        self._enable_attempts = 0
        return self.ask("Password: ", self._check_enable, secret=True)

    def _check_enable(self, secret: str) -> Answer:
        if secret == self.device.spec.enable:
            self.mode = Mode.PRIVILEGED
            return SILENT
        self._enable_attempts += 1
        if self._enable_attempts < ENABLE_ATTEMPTS:
            return self.ask("Password: ", self._check_enable, secret=True)
        return Answer("% Bad secrets\n")

    def _disable(self, _: Sequence[str]) -> Answer:
        self.mode = Mode.USER
        return SILENT

    def _log_out(self, _: Sequence[str]) -> Answer:
        return Answer(hang_up=True)

    # The terminal

    def _terminal_length(self, arguments: Sequence[str]) -> Answer:
        if not arguments[0].isdecimal():
            return Answer(self.complaint(Invalid(16), "terminal length"))
        self.page_lines = int(arguments[0])
        return Answer(self.terminal_length_text())

    def _terminal_width(self, arguments: Sequence[str]) -> Answer:
        if not arguments[0].isdecimal():
            return Answer(self.complaint(Invalid(15), "terminal width"))
        return Answer(self.terminal_width_text(int(arguments[0])))

    def terminal_length_text(self) -> str:
        """What the platform says to a new page length."""
        return ""

    def terminal_width_text(self, columns: int) -> str:
        """What the platform says to a new width."""
        return ""

    def clock_text(self) -> str:
        """The answer to ``show clock``."""
        return datetime.now(UTC).strftime("*%H:%M:%S.000 UTC %a %b %d %Y")

    # Configuration

    def _configure_terminal(self, _: Sequence[str]) -> Answer:
        self.mode = Mode.CONFIG
        return Answer(self.config_mode_text())

    def config_mode_text(self) -> str:
        """What the platform says on entering configuration mode."""
        return ""

    def _end(self, _: Sequence[str]) -> Answer:
        self.mode, self.section = Mode.PRIVILEGED, GLOBAL
        return SILENT

    def _exit_config(self, _: Sequence[str]) -> Answer:
        return self._end(_)

    def _exit_section(self, _: Sequence[str]) -> Answer:
        self.mode, self.section = Mode.CONFIG, GLOBAL
        return SILENT

    def _do(self, arguments: Sequence[str]) -> Answer:
        mode, self.mode = self.mode, Mode.PRIVILEGED
        try:
            return self.answer(arguments[0])
        finally:
            self.mode = mode

    def _set_hostname(self, arguments: Sequence[str]) -> Answer:
        self.mode, self.section = Mode.CONFIG, GLOBAL
        self.device.hostname = arguments[0]
        return self.configure(f"hostname {arguments[0]}")

    def _open_section(self, opener: str) -> Handler:
        def handler(arguments: Sequence[str]) -> Answer:
            name = arguments[0]
            if opener == "interface":
                known = self.interface_name(name)
                if known is None:
                    return Answer(self.complaint(Invalid(len("interface ")), f"interface {name}"))
                name = known
            self.mode, self.section = Mode.SECTION, f"{opener} {name}"
            self.device.running.setdefault(self.section, [])
            return SILENT

        return handler

    def interface_name(self, typed: str) -> str | None:
        """The full name of an interface: ``gi0/1`` is ``GigabitEthernet0/1``; None if there is no such kind."""
        compact = "".join(typed.split())
        letters = compact.rstrip("0123456789/.")
        number = compact[len(letters) :]
        if not letters or not number:
            return None
        kinds = [kind for kind in self.interface_names if kind.lower().startswith(letters.lower())]
        return f"{kinds[0]}{number}" if kinds else None

    def _keep(self, word: str, *, globally: bool = False) -> Handler:
        def handler(arguments: Sequence[str]) -> Answer:
            line = f"{word} {arguments[0]}"
            if word == "ip" and not _address_is_sound(line):
                return Answer(self.complaint(Invalid(len("ip address ")), line))
            if globally:
                self.mode, self.section = Mode.CONFIG, GLOBAL
            return self.configure(line)

        return handler

    def configure(self, line: str) -> Answer:
        """Put ``line`` into the current section, in place of the one it replaces."""
        lines = self.device.running.setdefault(self.section, [])
        key = next((key for key in self.single_valued if f"{line} ".startswith(f"{key} ")), line)
        lines[:] = [kept for kept in lines if not f"{kept} ".startswith(f"{key} ")]
        lines.append(line)
        return SILENT

    def _remove(self, arguments: Sequence[str]) -> Answer:
        """``no X``: take away what starts with X, a whole section if X names one."""
        line = arguments[0]
        word, _, name = line.partition(" ")
        section = f"interface {self.interface_name(name)}" if word == "interface" else line
        if section in self.device.running and section != GLOBAL:
            del self.device.running[section]
            self.mode, self.section = Mode.CONFIG, GLOBAL
            return SILENT
        lines = self.device.running.get(self.section, [])
        lines[:] = [kept for kept in lines if not f"{kept} ".startswith(f"{line} ")]
        return SILENT

    def _save(self, _: Sequence[str]) -> Answer:
        self.device.save()
        return Answer(self.saved_text())

    def saved_text(self) -> str:
        """What the platform says when the configuration is saved."""
        return "Building configuration...\n[OK]"

    def _reload(self, _: Sequence[str]) -> Answer:
        return self.ask("Proceed with reload? [confirm]", lambda _: Answer(hang_up=True))

    def interface_lines(self) -> list[tuple[str, str, bool]]:
        """Name, address and whether it is up, of every interface of the running configuration."""
        found: list[tuple[str, str, bool]] = []
        for section, lines in self.device.running.items():
            if section.startswith("interface "):
                words = next((line.split() for line in lines if line.startswith("ip address ")), ["", "", "unassigned"])
                found.append((section.removeprefix("interface "), words[2], "shutdown" not in lines))
        return found


def _address_is_sound(line: str) -> bool:
    """Whether the address of an ``ip address`` line is one; other lines are taken as they are."""
    words = line.split()
    if words[1] != "address" or words[2:] == ["dhcp"]:
        return True
    try:
        ipaddress.ip_interface("/".join(words[2:4]))
    except ValueError:
        return False
    return len(words) > 2
