"""How a setting is declared, and what one row of the table of settings says.

A setting is a field of one of the section classes (`naas.config.sections`); everything that reads, checks, shows or
documents settings goes through `naas.config.settings.TABLE`, which is made of these fields. The rule of names: a field
is called as the variable of the existing service in lower case, without ``NAAS_``; in the environment every setting is
``NAAS_`` and its name, and those that the existing service knows without ``NAAS_`` may be given that way too; a flag
is the name with dashes.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from naas.config.kinds import Url

if TYPE_CHECKING:
    from naas.config.kinds import Kind

__all__ = ["API", "TOOL", "WORKER", "Setting", "setting"]

T = TypeVar("T")

# The processes that a service may be split into; `naas-server serve` is both in one.
API: Final = "api"
WORKER: Final = "worker"
# A command that does its work and ends.
TOOL: Final = "tool"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table.

    Attributes:
        name: The field of `naas.config.Settings`, and the key in the configuration file.
        section: What it belongs to; also the name of the table that it may stand in, in the file.
        kind: What values it may have.
        default: What holds if nobody says anything.
        help: One sentence: what it is for.
        also: Names of the environment under which the existing service knows it, or under which we once did.
        used_by: The processes that read it.
    """

    name: str
    section: str
    kind: Kind
    default: Any
    help: str
    also: tuple[str, ...] = ()
    used_by: tuple[str, ...] = (API, WORKER)

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"NAAS_{self.name.upper()}"

    @property
    def variables(self) -> tuple[str, ...]:
        """All names that the environment may give it; the first one that is given wins."""
        return (self.variable, *(name for name in self.also if name != self.variable))

    @property
    def file_variable(self) -> str | None:
        """The variable that names a file with its value, as containers get their secrets; None: it has none."""
        return f"{self.variable}_FILE" if self.is_secret or isinstance(self.kind, Url) else None

    @property
    def flag(self) -> str | None:
        """Its flag. Secrets have none: every user of the machine can read a command line."""
        return None if self.is_secret else f"--{self.name.replace('_', '-')}"

    @property
    def is_secret(self) -> bool:
        """Whether its value is never shown."""
        return self.kind.is_secret


def setting(
    default: T, kind: Kind, help: str, *, also: tuple[str, ...] = (), used_by: tuple[str, ...] = (API, WORKER)
) -> T:
    """Declare a setting as a dataclass field. Type checkers see its default."""
    metadata = {"kind": kind, "help": help, "also": also, "used_by": used_by}
    # The repr shows nothing of what may hold a secret; a URL may carry a password.
    shown = not kind.is_secret and not isinstance(kind, Url)
    # What can be changed is copied for every value; the standard library refuses to share it.
    is_shared = type(default).__hash__ is not None
    origin: dict[str, Any] = {"default": default} if is_shared else {"default_factory": partial(copy, default)}
    return cast("T", field(**origin, metadata=metadata, repr=shown))
