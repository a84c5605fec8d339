"""What goes wrong with a device, and when: a value, and decisions made from it with a seeded die.

The same seed and the same commands give the same faults, so that a test that failed fails again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from random import Random
from typing import Final, Literal


class ConnectFault(StrEnum):
    """What happens to whoever connects."""

    NONE = "none"
    REFUSED = "refused"
    """Nothing listens: the connection is refused by the system."""
    HANGING = "hanging"
    """The connection is never answered: it times out."""
    SILENT = "silent"
    """The connection is taken and nothing is ever said: no SSH banner."""
    NO_LOGIN = "no_login"
    """The password is never judged."""


ConnectFaultName = Literal["none", "refused", "hanging", "silent", "no_login"]


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong. The defaults are a healthy device.

    Raises:
        ValueError: a probability outside 0 to 1, or a negative number.
    """

    connect: ConnectFault | ConnectFaultName = ConnectFault.NONE
    vty_lines: int | None = None
    """How many sessions it takes at once; a further connection is reset, as IOS does with all its lines in use."""
    failed_logins: int = 0
    """So many logins are refused first, with the right password too."""
    login_failure_probability: float = 0.0
    error_commands: tuple[str, ...] = ()
    """Commands that begin with one of these are answered with an error."""
    error_probability: float = 0.0
    """Any command may be answered with an error."""
    drop_after_commands: int | None = None
    """Each connection is cut in the middle of the answer to the command after so many."""
    drop_probability: float = 0.0
    """Any answer may end in the middle, with the connection cut."""
    idle_seconds: float | None = None
    """Who types nothing for so long is put out, as by ``exec-timeout``."""
    bulk_lines: int = 0
    """So many lines follow the answer to every ``show`` command."""
    reload_seconds: float = 5.0
    """How long the device is away when it is reloaded."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "connect", ConnectFault(self.connect))
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not isinstance(value, (int, float)):
                continue
            if entry.name.endswith("_probability") and not 0 <= value <= 1:
                raise ValueError(f"{entry.name}={value} is no probability; choose a number from 0 to 1")
            if value < 0:
                raise ValueError(f"{entry.name}={value} is negative; choose 0 or more")


HEALTHY: Final = Faults()


@dataclass(frozen=True, slots=True)
class CommandFate:
    """What becomes of one command."""

    is_error: bool = False
    is_dropped: bool = False


WELL: Final = CommandFate()


def fate_of_command(faults: Faults, line: str, answered: int, die: Random) -> CommandFate:
    """Decide about a command, on a connection that has answered ``answered`` commands.

    The die is thrown only for probabilities above 0, so that switching one fault on does not change the others.
    """
    if faults is HEALTHY:
        return WELL
    if faults.drop_after_commands is not None and answered >= faults.drop_after_commands:
        return CommandFate(is_dropped=True)
    if faults.drop_probability and die.random() < faults.drop_probability:
        return CommandFate(is_dropped=True)
    if any(line.startswith(beginning) for beginning in faults.error_commands):
        return CommandFate(is_error=True)
    return CommandFate(is_error=bool(faults.error_probability) and die.random() < faults.error_probability)


def login_is_refused(faults: Faults, refused_before: int, die: Random) -> bool:
    """Whether a login with the right password is refused all the same."""
    if refused_before < faults.failed_logins:
        return True
    return bool(faults.login_failure_probability) and die.random() < faults.login_failure_probability


def is_full(faults: Faults, open_lines: int) -> bool:
    """Whether all VTY lines are in use."""
    return faults.vty_lines is not None and open_lines >= faults.vty_lines
