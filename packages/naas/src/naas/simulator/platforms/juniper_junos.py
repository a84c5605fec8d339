"""A router with Junos: a candidate configuration that takes effect on ``commit``.

Configuration is kept as ``set`` lines, in the section of the empty name; nothing is known about what they mean
except ``system host-name``. The candidate belongs to the session, as with ``configure private``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from naas.simulator.device import SimulatedDevice
from naas.simulator.grammar import SILENT, Ambiguous, Answer, Command, Incomplete, Invalid
from naas.simulator.shell import Shell

VERSION = """\
Hostname: {name}
Model: mx204
Junos: 21.4R3.15
JUNOS OS Kernel 64-bit  [20220616.124e2ad_builder_stable_12]
JUNOS Software Release [21.4R3.15]"""

# The hierarchies a `set` line may start with; anything else is a syntax error, as on the real thing.
HIERARCHIES = (
    *("applications", "chassis", "class-of-service", "event-options", "firewall", "forwarding-options", "groups"),
    *("interfaces", "policy-options", "protocols", "routing-instances", "routing-options", "security", "snmp"),
    *("system", "vlans"),
)


class JuniperJunos(Shell):
    """One session on a Junos router."""

    more = "---(more)---"

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device)
        if not device.running:
            device.running[""] = [
                f"set system host-name {device.hostname}",
                "set system services ssh",
                "set interfaces ge-0/0/0 description uplink",
                "set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.3/24",
            ]
        self._candidate: list[str] | None = None

    def mode_prompt(self) -> str:
        who = f"{self.device.spec.username}@{self.device.hostname}"
        return f"{who}> " if self._candidate is None else f"[edit]\r\n{who}# "

    def complaint(self, problem: Invalid | Ambiguous | Incomplete, line: str) -> str:
        match problem:
            case Invalid(column):
                caret = " " * (len(self.mode_prompt().splitlines()[-1]) + column) + "^"
                return f"{caret}\nunknown command." if column == 0 else f"{caret}\nsyntax error."
            case Ambiguous():
                return f"'{line}' is ambiguous."
            case Incomplete():
                return f"syntax error, expecting <statement>: '{line}'"

    def commands(self) -> Sequence[Command]:
        return self._operational if self._candidate is None else self._configuration

    @property
    def _operational(self) -> tuple[Command, ...]:
        return (
            Command("set cli screen-width <any>", lambda words: Answer(f"Screen width set to {words[0]}")),
            Command("set cli screen-length <any>", self._screen_length),
            Command("set cli complete-on-space off", lambda _: Answer("Disabling complete-on-space")),
            Command("show version", lambda _: Answer(VERSION.replace("{name}", self.device.hostname))),
            Command("show configuration", lambda _: Answer(_as_braces(self._running))),
            Command("show interfaces terse", self._interfaces),
            Command("show system uptime", lambda _: Answer(f"Current time: {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")),
            Command("configure", self._configure),
            Command("exit", lambda _: Answer(hang_up=True)),
            Command("quit", lambda _: Answer(hang_up=True)),
            *self.test_commands(),
        )

    @property
    def _configuration(self) -> tuple[Command, ...]:
        return (
            Command("set <rest>", self._set),
            Command("delete <rest>", self._delete),
            Command("show", lambda _: Answer(_as_braces(self._candidate or []))),
            Command("commit", self._commit),
            Command("commit check", lambda _: Answer("configuration check succeeds")),
            Command("rollback", self._rollback),
            Command("rollback <any>", self._rollback),
            Command("run <rest>", self._run_operational),
            Command("top", lambda _: SILENT),
            Command("exit", self._leave),
            Command("exit configuration-mode", self._leave),
            Command("quit", self._leave),
        )

    def filtered(self, answer: Answer, pipe: str) -> Answer:
        """``show | compare`` and ``| display set`` beside the common filters."""
        shown = self._running if self._candidate is None else self._candidate
        if pipe == "display set":
            return Answer("\n".join(shown))
        if pipe == "compare":
            added = [f"+  {line}" for line in shown if line not in self._running]
            removed = [f"-  {line}" for line in self._running if line not in shown]
            return Answer("\n".join(removed + added))
        return super().filtered(answer, pipe)

    @property
    def _running(self) -> list[str]:
        return self.device.running[""]

    def _screen_length(self, arguments: Sequence[str]) -> Answer:
        if not arguments[0].isdecimal():
            return Answer(self.complaint(Invalid(22), "set cli screen-length"))
        self.page_lines = int(arguments[0])
        return Answer(f"Screen length set to {arguments[0]}")

    def _interfaces(self, _: Sequence[str]) -> Answer:
        rows = ["Interface               Admin Link Proto    Local                 Remote"]
        for line in self._running:
            found = re.match(r"set interfaces (\S+) unit (\d+) family (\S+) address (\S+)", line)
            if found:
                name, unit, family, address = found.groups()
                rows.append(f"{name}.{unit:<15} up    up   {family:<8} {address}")
        return Answer("\n".join(rows))

    def _configure(self, _: Sequence[str]) -> Answer:
        self._candidate = list(self._running)
        return Answer("Entering configuration mode\n")

    def _set(self, arguments: Sequence[str]) -> Answer:
        assert self._candidate is not None
        hierarchy, _, statement = arguments[0].partition(" ")
        if hierarchy not in HIERARCHIES:
            return Answer(self.complaint(Invalid(len("set ")), arguments[0]))
        if not statement:
            return Answer(self.complaint(Incomplete(), f"set {arguments[0]}"))
        line = f"set {arguments[0]}"
        if line.startswith("set system host-name "):
            self._candidate[:] = [kept for kept in self._candidate if not kept.startswith("set system host-name ")]
        if line not in self._candidate:
            self._candidate.append(line)
        return SILENT

    def _delete(self, arguments: Sequence[str]) -> Answer:
        assert self._candidate is not None
        gone = f"set {arguments[0]} "
        kept = [line for line in self._candidate if not f"{line} ".startswith(gone)]
        if len(kept) == len(self._candidate):
            return Answer("warning: statement not found")
        self._candidate[:] = kept
        return SILENT

    def _commit(self, _: Sequence[str]) -> Answer:
        assert self._candidate is not None
        unsound = [line for line in self._candidate if not _address_is_sound(line)]
        if unsound:
            return Answer(f"error: invalid ip address in: {unsound[0]}\nerror: configuration check-out failed")
        self.device.running[""] = list(self._candidate)
        for line in self._running:
            if line.startswith("set system host-name "):
                self.device.hostname = line.split()[-1]
        return Answer("commit complete\n")

    def _rollback(self, _: Sequence[str]) -> Answer:
        self._candidate = list(self._running)
        return Answer("load complete\n")

    def _run_operational(self, arguments: Sequence[str]) -> Answer:
        candidate, self._candidate = self._candidate, None
        try:
            return self.answer(arguments[0])
        finally:
            self._candidate = candidate

    def _leave(self, _: Sequence[str]) -> Answer:
        if self._candidate == self._running:
            self._candidate = None
            return Answer("Exiting configuration mode\n")
        question = "Exit with uncommitted changes? [yes,no] (yes) "
        self.ask(question, self._confirm_leave)
        return Answer("The configuration has been changed but not committed")

    def _confirm_leave(self, line: str) -> Answer:
        if line.strip() not in ("", "yes", "y"):
            return SILENT
        self._candidate = None
        return Answer("Exiting configuration mode\n")


def _address_is_sound(line: str) -> bool:
    """Whether the address in a line is one. Junos looks at the whole only on commit, and so do we."""
    found = re.search(r" family inet6? address (\S+)", line)
    if found is None:
        return True
    try:
        ipaddress.ip_interface(found[1])
    except ValueError:
        return False
    return True


def _as_braces(lines: Sequence[str]) -> str:
    """The configuration as Junos prints it: nested braces, made from the ``set`` lines."""
    tree: dict[str, dict[str, object]] = {}
    for line in lines:
        words = line.split()[1:]
        tree.setdefault(words[0], {})[" ".join(words[1:])] = None
    return "\n".join(
        row for name, statements in tree.items() for row in (f"{name} {{", *(f"    {s};" for s in statements), "}")
    )
