"""For tests of the service and of its clients: a driver without devices."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from naas.driver.base import Cancelled, CommandOutput, ConfigOutput, DeviceFailure, ErrorCode
from naas.driver.configs import (
    candidate_of,
    command_to_show,
    refuse_dry_run,
    unified_diff,
    without_volatile_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from naas.driver.base import CommandRun, ConfigChange, DeviceTarget, Patience

__all__ = ["Conversation", "ScriptedDriver"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a device was asked, as which user. ``lines`` are commands or configuration."""

    host: str
    username: str
    lines: tuple[str, ...]
    target: DeviceTarget | None = field(default=None, compare=False, repr=False)
    dry_run: bool = field(default=False, compare=False)


@dataclass(slots=True)
class ScriptedDriver:
    """A `naas.driver.base.DeviceDriver` that answers from a script and remembers who asked what.

    ``script`` gives the answer to a command or configuration line: a text, or an error to raise. What it does not
    list is answered by ``HOST> LINE``. The line ``hold`` waits until `release`. A device's running configuration is
    the answer to ``show running-config``, or ``hostname HOST``, and the lines that were sent to it since.
    """

    script: Mapping[str, str | Exception] = field(default_factory=dict[str, "str | Exception"])
    conversations: list[Conversation] = field(default_factory=list["Conversation"])
    sent: list[str] = field(default_factory=list[str])
    held: threading.Event = field(default_factory=threading.Event)
    closed: bool = False
    _released: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _busy: set[str] = field(default_factory=set[str])
    overlaps: list[str] = field(default_factory=list[str])
    _configured: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def release(self) -> None:
        """Let every ``hold`` go on, now and from now on."""
        self._released.set()

    def send_commands(self, target: DeviceTarget, run: CommandRun, patience: Patience) -> CommandOutput:
        """Answer each command from the script."""
        results: dict[str, str] = {}
        try:
            with self._conversation(Conversation(target.host, target.username, tuple(run.commands), target)):
                for command in run.commands:
                    results[command] = self._answer(target.host, command, patience.should_stop)
                    if run.on_output is not None:
                        run.on_output(command, results[command])
        except DeviceFailure as failure:
            # A new one: the script's own may be raised many times, for several jobs at once.
            raise DeviceFailure(failure.code, failure.message, results) from failure
        except Cancelled:
            raise Cancelled(results) from None
        return CommandOutput(results)

    def send_config(self, target: DeviceTarget, change: ConfigChange, patience: Patience) -> ConfigOutput:
        """Answer each line from the script, as one text; a dry run only on the platforms that know one."""
        if change.dry_run and candidate_of(target.platform) is None:
            raise refuse_dry_run(target, target.platform)
        conversation = Conversation(target.host, target.username, tuple(change.lines), target, change.dry_run)
        try:
            with self._conversation(conversation):
                text = "\n".join(self._answer(target.host, line, patience.should_stop) for line in change.lines)
        except DeviceFailure as failure:
            # As real drivers have it: what breaks while lines are sent leaves some of them in force.
            broke = not change.dry_run and failure.code is not ErrorCode.CONFIG_REJECTED
            raise DeviceFailure(failure.code, failure.message, may_have_changed=broke) from failure
        before = self._running(target)
        after = before + "".join(f"{line}\n" for line in change.lines)
        if not change.dry_run:
            with self._lock:
                self._configured.setdefault(target.address, []).extend(change.lines)
        diff = unified_diff(before, after) if change.dry_run or change.want_diff else None
        return ConfigOutput(text, diff, applied=not change.dry_run)

    def fetch_config(self, target: DeviceTarget, patience: Patience, *, startup: bool = False) -> str:
        """The script's configuration with the lines sent since; the startup one is the same."""
        command = command_to_show(target, target.platform, startup=startup)
        with self._conversation(Conversation(target.host, target.username, (command,), target)):
            self._answer(target.host, command, patience.should_stop)
        return without_volatile_lines(self._running(target))

    def close(self) -> None:
        """Let held conversations go."""
        self.closed = True
        self.release()

    def _running(self, target: DeviceTarget) -> str:
        scripted = self.script.get("show running-config")
        base = scripted if isinstance(scripted, str) else f"hostname {target.host}"
        with self._lock:
            return "".join(f"{line}\n" for line in (base.rstrip("\n"), *self._configured.get(target.address, ())))

    @contextmanager
    def _conversation(self, conversation: Conversation) -> Generator[None]:
        target = conversation.target
        address = target.address if target is not None else conversation.host
        with self._lock:
            if address in self._busy:
                self.overlaps.append(address)
            self._busy.add(address)
            self.conversations.append(conversation)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(address)

    def _answer(self, host: str, line: str, should_stop: Callable[[], bool]) -> str:
        if should_stop():
            raise Cancelled
        with self._lock:
            self.sent.append(line)
        if line == "hold":
            self.held.set()
            self._released.wait()
        answer = self.script.get(line, f"{host}> {line}")
        if isinstance(answer, Exception):
            raise answer
        return answer
