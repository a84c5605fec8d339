"""A device as the command line knows it, and an inventory of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clientsmith.core.terminal import Stop

from ..endings import Exit

__all__ = ["Inventory", "InventoryError", "Target"]


class InventoryError(Stop):
    """A list of devices cannot be read; the message names file and line."""

    exit_code = Exit.REFUSED


@dataclass(frozen=True, slots=True)
class Target:
    """One device. What is None was not said, and the profile or the server decides.

    Attributes:
        name: What people call it; results stand under this name.
        host: Address or host name that the server connects to.
        groups: Every group that it is in, its parents' included.
    """

    name: str
    host: str
    port: int | None = None
    platform: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    enable: str | None = field(default=None, repr=False)
    context: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """Devices in the order of their file, each name once, and the files that they came from.

    ``remarks`` tell of what was read over: variables that only Ansible itself could work out, for example.
    """

    targets: Sequence[Target]
    source: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def by_name(self) -> Mapping[str, Target]:
        """The devices by what people call them."""
        return {target.name: target for target in self.targets}

    @property
    def groups(self) -> Mapping[str, Sequence[Target]]:
        """The devices of each group."""
        found: dict[str, list[Target]] = {}
        for target in self.targets:
            for group in target.groups:
                found.setdefault(group, []).append(target)
        return found
