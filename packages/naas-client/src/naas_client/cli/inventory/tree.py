"""Hosts and groups of an Ansible inventory, however it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .ranges import RangeError, expand
from .target import InventoryError

__all__ = ["Group", "Tree"]


@dataclass(slots=True)
class Group:
    """One group: its own variables, its children, its hosts."""

    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    children: list[str] = field(default_factory=list[str])
    hosts: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Tree:
    """All groups, and all hosts with their own variables, in the order in which they were first named."""

    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def add_host(self, pattern: str, variables: Mapping[str, Any], group: str, where: str) -> None:
        """Add the hosts that a name, or a range of names, stands for.

        Raises:
            InventoryError: The range cannot be.
        """
        try:
            names = expand(pattern)
        except RangeError as error:
            raise InventoryError(f"{where}: {error}") from None
        for name in names:
            self.hosts.setdefault(name, {}).update(variables)
            self.groups.setdefault(group, Group()).hosts.add(name)

    def groups_of(self, host: str) -> list[str]:
        """Return the groups of a host, those further away first: their variables give way to those of nearer ones.

        Groups of one distance come by name, as in Ansible. ``all`` is everybody's, and the furthest.
        """
        depths = self._depths()
        found = {name for name, group in self.groups.items() if host in group.hosts}
        while parents := {
            name for name, group in self.groups.items() if found & set(group.children) and name not in found
        }:
            found |= parents
        found.discard("all")
        return ["all", *sorted(found, key=lambda name: (depths.get(name, 0), name))]

    def _depths(self) -> dict[str, int]:
        """Return how far below ``all`` each group is: one more than its deepest parent."""
        depths = dict.fromkeys(self.groups, 1)
        depths["all"] = 0
        for _ in self.groups:  # a chain of groups is no longer than there are groups, a circle ends here too
            before = dict(depths)
            for name, group in self.groups.items():
                for child in group.children:
                    depths[child] = min(max(depths.get(child, 1), depths[name] + 1), len(self.groups))
            if depths == before:
                break
        return depths
