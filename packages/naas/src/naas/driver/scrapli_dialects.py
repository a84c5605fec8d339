"""The platforms that the scrapli driver knows: how scrapli's definitions call things, and what they do not say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import scrapli.definitions
from scrapli.cli import LoadedDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AS_IT_IS", "DIALECTS", "Dialect", "definition_of"]

# A mode of our own: whatever the session is in after the login, so that nothing is typed to change it.
AS_IT_IS: Final = "as_it_is"
_AS_IT_IS_MODE: Final = f"modes:\n  - name: '{AS_IT_IS}'\n    prompt_pattern: '^\\S{{1,63}}[>#$]\\s?+$'\n"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How scrapli's definition calls things, and what the definition does not say."""

    definition: str
    home: str = "privileged_exec"
    """The mode for everything but configuration."""
    save: str | None = None
    committed: str | None = None
    """What the device prints when a commit went well; None: it knows no commit."""
    leave_uncommitted: str | None = None
    """The command that leaves a candidate behind, and is asked back."""


_IOS: Final = Dialect("cisco_iosxe", save="write memory")
DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        "cisco_ios": _IOS,
        "cisco_xe": _IOS,
        "cisco_nxos": Dialect("cisco_nxos", save="copy running-config startup-config"),
        "arista_eos": Dialect("arista_eos", save="write memory"),
        "juniper_junos": Dialect(
            "juniper_junos",
            home="exec",
            committed="commit complete",
            leave_uncommitted="exit configuration-mode",
        ),
    }
)


def definition_of(dialect: Dialect, *, is_privileged: bool) -> LoadedDefinition:
    """scrapli's definition of the platform; without privileged mode it types nothing to change the mode."""
    file = Path(str(scrapli.definitions.__file__)).with_name(f"{dialect.definition}.yaml")
    text = file.read_text(encoding="utf-8")
    if not is_privileged:
        head, section, tail = text.partition("on_open_instructions:\n")
        tail = re.sub(r"  - enter_mode:\n      requested_mode: '\w+'\n", "", tail, count=1)
        head = re.sub(r"default_mode: '\w+'", f"default_mode: '{AS_IT_IS}'", head).replace(
            "modes:\n", _AS_IT_IS_MODE, 1
        )
        text = head + section + tail
    return LoadedDefinition(dialect.definition, text)
