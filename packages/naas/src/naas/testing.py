"""For tests of the service and of its clients: a driver without devices."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from naas.driver.base import Cancelled, CommandOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from naas.driver.base import DeviceTarget

__all__ = ["Conversation", "ScriptedDriver"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a device was asked, as which user. ``lines`` are commands or configuration."""

    host: str
    username: str
    lines: tuple[str, ...]


@dataclass(slots=True)
class ScriptedDriver:
    """A `naas.driver.base.DeviceDriver` that answers from a script and remembers who asked what.

    ``script`` gives the answer to a command or configuration line: a text, or an error to raise. What it does not
    list is answered by ``HOST> LINE``. The line ``hold`` waits until `release`.
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

    def release(self) -> None:
        """Let every ``hold`` go on, now and from now on."""
        self._released.set()

    def send_commands(
        self,
        target: DeviceTarget,
        commands: Sequence[str],
        *,
        read_timeout: float,
        conn_timeout: float,
        expect_string: str | None,
        should_stop: Callable[[], bool],
    ) -> CommandOutput:
        """Answer each command from the script."""
        answers = self._converse(target, commands, should_stop)
        return CommandOutput(dict(zip(commands, answers, strict=True)))

    def send_config(
        self,
        target: DeviceTarget,
        lines: Sequence[str],
        *,
        save_config: bool,
        commit: bool,
        read_timeout: float,
        conn_timeout: float,
        should_stop: Callable[[], bool],
    ) -> str:
        """Answer each line from the script, as one text."""
        return "\n".join(self._converse(target, lines, should_stop))

    def close(self) -> None:
        """Let held conversations go."""
        self.closed = True
        self.release()

    def _converse(self, target: DeviceTarget, lines: Sequence[str], should_stop: Callable[[], bool]) -> list[str]:
        address = f"{target.host}:{target.port}"
        with self._lock:
            if address in self._busy:
                self.overlaps.append(address)
            self._busy.add(address)
            self.conversations.append(Conversation(target.host, target.username, tuple(lines)))
        try:
            return [self._answer(target.host, line, should_stop) for line in lines]
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
