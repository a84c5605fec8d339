"""Published methods stay in the client that has them, wherever evidence would put them now.

A document that grows is divided anew: with ten more operations, tags may divide better than paths did. The lock says in
which client each method was published. The groups are made by evidence, from all operations, so that what is new finds
its place; then each published method that is elsewhere by that goes back to its own client, which is made again if it
is gone. What the configuration says of groups counts more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from clientsmith.configuration import Configuration, matches
from clientsmith.findings import Finding

from ..decided import said_of
from ..division import segments
from ..ir import Api, Group, Location, Operation, Parameter
from ..lookup import template_names
from ..resources import rebound

__all__ = ["keep_groups"]


def keep_groups(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Move each published operation to the group that it was published in."""
    if not configuration.lock.operations:
        return api, []
    tree = _Tree.of(api.root)
    for key, operation in [(group.key, one) for group in api.root.walk() for one in group.operations]:
        locked = configuration.lock.operations.get(operation.key)
        if locked is not None and locked.group != key and not _is_told(operation, configuration):
            tree.move(operation, key, locked.group, configuration)
    return replace(api, root=tree.frozen("")), []


def _is_told(operation: Operation, configuration: Configuration) -> bool:
    method, _, path = operation.key.partition(" ")
    rules = [rule for one in configuration.groups.clients.values() for rule in one.operations]
    is_listed = any(matches(rule, method, path, operation.operation_id) for rule in rules)
    return is_listed or configuration.groups.mode != "auto" or said_of(operation, configuration).group is not None


@dataclass(slots=True)
class _Tree:
    """The groups by key, with what they hold by now."""

    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    operations: dict[str, list[Operation]] = field(default_factory=dict[str, list[Operation]])

    @classmethod
    def of(cls, root: Group) -> _Tree:
        tree = cls()
        for group in root.walk():
            tree.groups[group.key] = group
            tree.operations[group.key] = list(group.operations)
        return tree

    def move(self, operation: Operation, here: str, there: str, configuration: Configuration) -> None:
        """Put an operation into the group ``there``, unless its path has not what that client is bound to any more."""
        restored = _as_documented(operation)
        chain = self._chain(there, restored, configuration)
        if chain is None:
            return
        bound = tuple(one for group in chain for one in group.bound)
        moved = rebound(restored, _prefix(restored.path, len(bound)), bound, 0) if bound else restored
        if moved is None:
            return
        for group in chain:
            self.groups.setdefault(group.key, group)
            self.operations.setdefault(group.key, [])
        self.operations[here].remove(operation)
        self.operations[there].append(moved)

    def _chain(self, key: str, operation: Operation, configuration: Configuration) -> list[Group] | None:
        """Return the groups from below the root to ``key``; those that are gone are made as they were published."""
        parts = key.split(".") if key else []
        chain: list[Group] = []
        for above in (".".join(parts[: end + 1]) for end in range(len(parts))):
            if above in self.groups:
                chain.append(self.groups[above])
                continue
            locked = configuration.lock.groups.get(above)
            skipped = sum(len(group.bound) for group in chain)
            bound = _parameters(operation, skipped, locked.bound if locked is not None else ())
            if bound is None:
                return None
            word = above.rpartition(".")[2]
            chain.append(Group("", (), bound=bound, evidence="published: clientsmith.lock", wire_name=word, key=above))
        return chain

    def frozen(self, key: str) -> Group:
        """Return the group of a key with all that is below it; groups that nothing is left in are left out."""
        below = f"{key}." if key else ""
        children = [one for one in self.groups if one and one.startswith(below) and "." not in one[len(below) :]]
        found = [self.frozen(child) for child in sorted(children) if child != key]
        kept = tuple(one for one in found if one.operations or one.groups)
        return replace(self.groups[key], operations=tuple(self.operations[key]), groups=kept)


def _as_documented(operation: Operation) -> Operation:
    """Return the operation with the parameters of its path called as the document calls them."""
    if not operation.document_path:
        return operation
    names = template_names(operation.path)
    said: Mapping[str, str] = dict(zip(names, template_names(operation.document_path), strict=True))
    parameters = tuple(
        replace(one, wire_name=said.get(one.wire_name, one.wire_name)) if one.location is Location.PATH else one
        for one in operation.parameters
    )
    return replace(operation, path=operation.document_path, document_path="", parameters=parameters)


def _parameters(operation: Operation, skipped: int, names: tuple[str, ...]) -> tuple[Parameter, ...] | None:
    """Return the operation's own parameters as what a client is bound to, by their published names."""
    own = {one.wire_name: one for one in operation.parameters if one.location is Location.PATH}
    there = template_names(operation.path)[skipped : skipped + len(names)]
    if len(there) < len(names) or any(name not in own for name in there):
        return None
    return tuple(replace(own[mine], wire_name=name) for mine, name in zip(there, names, strict=True))


def _prefix(path: str, count: int) -> tuple[str, ...]:
    """The segments of a path up to its parameter number ``count``."""
    found = segments(path)
    ends = [index + 1 for index, part in enumerate(found) if part == "{}"]
    return found[: ends[count - 1]] if 0 < count <= len(ends) else found
