"""Divide the operations into client classes: the client, the groups that it gives, and child clients bound to a thing.

The rules, in their order:

1. What the configuration says of an operation or a group is done.
2. An API of fewer than `FLAT_BELOW` operations is one client: there is nothing to look for.
3. Resources get a child client, made with their path parameters (`resources`), wherever enough lies below them.
4. What is left is divided by tags, ids or paths, whichever is the best division (`division`); so is what lies below a
   resource, if it is much.
5. Groups of fewer than `SMALL` operations join one that is like them, or the client above. Groups of more than `LARGE`
   are divided by the next segment of their paths. A group that holds nothing but one other is that other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from clientsmith.configuration import Configuration
from clientsmith.configuration.matching import matches
from clientsmith.findings import Finding, Severity

from ..division import LARGE, SMALL, Division, Label, best_division, divisions, labels_of_paths, segments
from ..ir import Api, Group, NamedShape, Operation, Parameter, Tag
from ..lookup import template_names
from ..names import snake_case
from ..resources import Resource, rebound, resources_of

__all__ = ["FLAT_BELOW", "group_operations"]

# What a person reads through without a table of contents: about a screen of names.
FLAT_BELOW: Final = 28
_SMALL_API: Final = f"one client: {{}} operations, and up to {FLAT_BELOW - 1} need no groups"
# A resource of which all but a tenth is in one group belongs to that group.
_AT_HOME: Final = 0.9
# Bound clients in bound clients: an account, a container in it. More is a riddle.
_DEEPEST: Final = 2
_NUMBERING: Final = re.compile(r"\s*\d+[.):]\s*")
# Words that frameworks put behind every tag, and that name nothing.
_IDLE_ENDS: Final = frozenset({"controller", "controllers", "api", "apis", "operations", "resource"})


@dataclass(slots=True)
class _Node:
    """A group in the making."""

    wire_name: str
    operations: list[Operation] = field(default_factory=list[Operation])
    children: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    bound: tuple[Parameter, ...] = ()
    description: str = ""
    evidence: str = ""
    name: str = ""  # the class, where the configuration says it

    def child(self, key: str, wire_name: str = "", evidence: str = "") -> _Node:
        """Return the child of that key, made where there is none."""
        return self.children.setdefault(key, _Node(wire_name or key, evidence=evidence))

    def walk(self) -> Iterator[_Node]:
        yield self
        for child in self.children.values():
            yield from child.walk()


def group_operations(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Put every operation into a group; the root is the client itself."""
    told = _Told(configuration)
    free = [one for one in api.operations if told.key_of(one) is None]
    settings = configuration.groups
    is_small = settings.mode == "auto" and len(api.operations) < FLAT_BELOW
    division, evidence = (
        (None, _SMALL_API.format(len(free))) if is_small else _chosen_division(free, api.tags, settings.mode)
    )
    root = _Node("", evidence=evidence)
    if settings.mode == "flat" or is_small:
        root.operations += free
    else:
        in_order = sorted(free, key=lambda one: one.pointer)  # the document's own has no part in what becomes of them
        tags = {tag.name: tag for tag in api.tags}
        _Arranger(api.shapes, division, tags, settings.bound_clients).arrange(root, in_order)
    findings = told.place(root, [one for one in api.operations if told.key_of(one) is not None])
    return replace(api, root=replace(_frozen(root, ""), name=api.root.name)), findings


def _chosen_division(operations: Sequence[Operation], tags: Iterable[Tag], mode: str) -> tuple[Division | None, str]:
    """Return the division to use, None for no labels, and why."""
    if mode == "flat":
        return None, "one client: groups.mode is `flat`"
    found = divisions(operations, tags)
    if mode != "auto":
        chosen = next(one for one in found if one.kind == mode)
        return chosen, f"groups.mode is `{mode}`: {chosen.evidence}"
    evidence = "; ".join(one.evidence for one in found)
    best = best_division(found)
    return best, f"divided by {best.kind}: {evidence}" if best else f"nothing divides them well: {evidence}"


# --- by evidence -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Arranger:
    """Puts operations into nodes by resources, labels and paths."""

    shapes: Mapping[str, NamedShape]
    division: Division | None
    tags: Mapping[str, Tag]
    binds: bool

    def arrange(
        self, node: _Node, operations: Sequence[Operation], around: tuple[str, ...] = (), level: int = 0
    ) -> None:
        """Fill a node, the client or a bound child, with its operations and groups."""
        is_much = len(operations) >= FLAT_BELOW
        resources = resources_of(operations, self.shapes, around) if self.binds and is_much and level < _DEEPEST else []
        taken = {one.pointer for resource in resources for one in resource.operations}
        rest = [one for one in operations if one.pointer not in taken]
        divides = is_much or not around
        by_label = self._by_label(rest if divides else [], self._own_label(operations, around))
        if not divides:
            by_label[()] = rest
        homes = {resource.prefix: self._home(resource, by_label) for resource in resources}
        heads = labels_of_paths(rest)
        by_label = _with_small_ones_joined(by_label, set(homes.values()), heads)
        for label, members in sorted(by_label.items()):
            self._fill(self._node_at(node, label, members, heads), members, around)
        for resource in resources:
            home = homes[resource.prefix]
            self._add_resource(self._node_at(node, home if home in by_label else ()), resource, level + 1)

    def _by_label(self, operations: Sequence[Operation], own: Label) -> dict[Label, list[Operation]]:
        """Operations by label, () for the client's own; labels that only differ in spelling are one."""
        found: dict[Label, list[Operation]] = {}
        spelt: dict[tuple[str, ...], Label] = {}
        for one in operations:
            label = self._label(one)
            label = spelt.setdefault(tuple(map(_key, label)), label)
            found.setdefault(() if label == own else label, []).append(one)
        return found

    def _label(self, operation: Operation) -> Label:
        return self.division.label(operation) if self.division is not None else ()

    def _own_label(self, operations: Sequence[Operation], around: tuple[str, ...]) -> Label:
        """The label of what a bound child is about: its operations are the child's own, not those of a group in it."""
        items = Counter(self._label(one) for one in operations if around and segments(one.path) == around)
        return items.most_common(1)[0][0] if items else ()

    def _home(self, resource: Resource, by_label: Mapping[Label, Sequence[Operation]]) -> Label:
        """The label that nearly all of a resource has and that others have too: its client is given there."""
        label, count = Counter(map(self._label, resource.operations)).most_common(1)[0]
        is_home = count >= _AT_HOME * len(resource.operations) and len(by_label.get(label, ())) >= SMALL
        return label if is_home else ()

    def _node_at(
        self,
        node: _Node,
        label: Label,
        members: Sequence[Operation] = (),
        heads: Mapping[str, Label] = MappingProxyType({}),
    ) -> _Node:
        beginnings = {heads.get(one.pointer, ()) for one in members}
        for part in label:
            tag = self.tags.get(part)
            key = _key((tag.display_name if tag else "") or part, beginnings if part == label[-1] else ())
            is_new = key not in node.children
            kind = {"tags": "tag", "ids": "prefix of ids", "paths": "path"}[self.division.kind] if self.division else ""
            node = node.child(key, (tag.display_name if tag else "") or part, f"{kind} {part!r}")
            if is_new and tag is not None:
                node.description = tag.description
        return node

    def _fill(self, node: _Node, operations: Sequence[Operation], around: tuple[str, ...]) -> None:
        """Give a node its operations, divided by their paths if they are too many."""
        if len(operations) <= LARGE:
            node.operations += operations
            return
        labels = labels_of_paths([one for one in operations if segments(one.path) != around])
        parts: dict[Label, list[Operation]] = {}
        for one in operations:
            parts.setdefault(labels.get(one.pointer, ()), []).append(one)
        if len(parts) < 2 or max(map(len, parts.values())) == len(operations):
            node.operations += operations
            return
        parts = _with_small_ones_joined(parts, set(), {})
        node.operations += parts.pop((), [])
        for (word,), members in sorted(parts.items()):
            child = node.child(_key(word), word, f"path segment {word!r}: {len(operations)} operations are too many")
            self._fill(child, members, around)

    def _add_resource(self, node: _Node, resource: Resource, level: int) -> None:
        key = _key(resource.name)
        while key in node.children:  # a tag of the same name as the thing
            key = f"{key}_item"
        child = node.child(key, resource.name, resource.evidence)
        child.bound = resource.bound
        tag = self.tags.get((self._own_label(resource.operations, resource.prefix) or ("",))[-1])
        child.description = tag.description if tag is not None else ""
        self.arrange(child, resource.operations, resource.prefix, level)


def _with_small_ones_joined(
    by_label: Mapping[Label, list[Operation]], busy: set[Label], heads: Mapping[str, Label]
) -> dict[Label, list[Operation]]:
    """Join groups that are too small to the one that their paths are like, else to the group above.

    ``busy`` labels are kept: a child client is given there. ``heads`` says how the path of each operation begins.
    """
    kept = {label: list(members) for label, members in by_label.items() if len(members) >= SMALL or not label}
    kept |= {label: list(members) for label, members in by_label.items() if label in busy}
    usual: dict[Label, set[Label]] = {}  # beginning of paths → the groups most of whose paths begin so
    for label, members in kept.items():
        beginning = Counter(heads.get(one.pointer, ()) for one in members).most_common(1)[0][0]
        if label and beginning:
            usual.setdefault(beginning, set()).add(label)
    for label, members in sorted(by_label.items()):
        if label not in kept:
            beginnings = {heads.get(one.pointer, ()) for one in members}
            alike = usual.get(beginnings.pop(), set[Label]()) if len(beginnings) == 1 else set[Label]()
            above = next((label[:end] for end in range(len(label) - 1, 0, -1) if label[:end] in kept), ())
            kept.setdefault(next(iter(alike)) if len(alike) == 1 else above, []).extend(members)
    return kept


def _key(text: str, beginnings: Collection[Label] = ()) -> str:
    """Return what a group is called; one whose name not every keyboard has is called as all its paths begin."""
    words = snake_case(_NUMBERING.sub("", text) or text, "group").split("_")
    key = "_".join(words[:-1] if len(words) > 1 and words[-1] in _IDLE_ENDS else words)
    if key.isascii() or len(beginnings) != 1 or not (beginning := next(iter(beginnings))):
        return key
    return snake_case(beginning[0], key)


# --- by configuration ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """What the configuration says of groups."""

    configuration: Configuration

    def key_of(self, operation: Operation) -> str | None:
        """Return the group that an operation is told to be in, "" for the client itself, None if nothing is told."""
        parts = (operation.method, operation.path, operation.operation_id)
        own = self.configuration.for_operation(*parts).group
        if own is not None:
            return own
        clients = self.configuration.groups.clients
        return next((key for key, one in clients.items() if any(matches(it, *parts) for it in one.operations)), None)

    def place(self, root: _Node, operations: Sequence[Operation]) -> list[Finding]:
        """Put the operations that are told where to be there, and call groups as they are told to be called."""
        findings: list[Finding] = []
        members: dict[str, list[Operation]] = {}
        for one in operations:
            members.setdefault(self.key_of(one) or "", []).append(one)
        clients = self.configuration.groups.clients
        for key in dict.fromkeys([*clients, *members]):
            settings = clients.get(key)
            node, above = _reached(root, key)
            if node is None and key not in members:
                findings.append(self._finding(key, f"there is no group {key!r}, and no operation for it"))
                continue
            node = _made(root, key)
            if settings is not None:
                node.name = settings.name or node.name
            if settings is not None and settings.bound and not node.bound:
                node.bound = _parameters(settings.bound, members.get(key, []), len(above))
                if not node.bound:
                    message = f"{', '.join(settings.bound)} are no path parameters of the operations of {key!r}"
                    findings.append(self._finding(key, message))
            findings += self._add(node, root, above, members.get(key, []))
        return findings

    def _add(
        self, node: _Node, root: _Node, above: tuple[Parameter, ...], operations: Sequence[Operation]
    ) -> list[Finding]:
        """Give the node its operations, or the root those that do not have what the node is bound to."""
        bound = (*above, *node.bound)
        findings: list[Finding] = []
        for one in operations:
            prefix = _prefix(one.path, len(bound))
            changed = rebound(one, prefix, bound, 0) if bound else one
            if changed is None:
                names = ", ".join(item.wire_name for item in bound)
                message = f"{one.method} {one.path} cannot be in a client bound to {names}: it has no such parameters"
                findings.append(self._finding("", message))
            (root if changed is None else node).operations.append(changed or one)
        return findings

    def _finding(self, key: str, message: str) -> Finding:
        return self.configuration.source.finding(
            Severity.ERROR, "group-settings", message, ("groups", "clients", key), "see `clientsmith plan`"
        )


def _reached(root: _Node, key: str) -> tuple[_Node | None, tuple[Parameter, ...]]:
    """Return the node of a key, and what the clients around it are bound to."""
    node: _Node | None = root
    above: tuple[Parameter, ...] = ()
    for part in filter(None, key.split(".")):
        above = (*above, *(node.bound if node is not None else ()))
        node = node.children.get(part) if node is not None else None
    return node, above


def _made(root: _Node, key: str) -> _Node:
    node = root
    for part in filter(None, key.split(".")):
        node = node.child(part, part, "configuration")
    return node


def _parameters(names: Sequence[str], operations: Sequence[Operation], skipped: int) -> tuple[Parameter, ...]:
    for one in operations:
        own = {item.wire_name: item for item in one.parameters}
        in_path = template_names(one.path)[skipped : skipped + len(names)]
        if in_path == list(names) and all(name in own for name in names):
            return tuple(own[name] for name in names)
    return ()


def _prefix(path: str, count: int) -> tuple[str, ...]:
    """The path up to its parameter number ``count``."""
    found = segments(path)
    ends = [index + 1 for index, part in enumerate(found) if part == "{}"]
    return found[: ends[count - 1]] if 0 < count <= len(ends) else found


# --- the tree --------------------------------------------------------------------------------------------------------


def _frozen(node: _Node, key: str) -> Group:
    """Return the node as a group; a group with nothing but one unbound group in it becomes that one.

    It keeps its own name where the other's is one of its siblings' already.
    """
    children: list[Group] = []
    taken = set(node.children)
    for name, child in sorted(node.children.items()):
        while not child.operations and not child.bound and len(child.children) == 1:
            ((inner, child),) = child.children.items()
            name = name if inner in taken else inner
            taken.add(inner)
        if any(one.operations for one in child.walk()):
            children.append(_frozen(child, f"{key}.{name}".lstrip(".")))
    return Group(
        node.name,
        tuple(node.operations),
        tuple(children),
        bound=node.bound,
        description=node.description,
        evidence=node.evidence,
        wire_name=node.wire_name,
        key=key,
    )
