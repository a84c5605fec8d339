"""Configurations of Junos: kept as ``set`` lines, printed as braces, read in both forms, compared as a tree.

Which words have braces of their own is data: the ``containers`` of the platform file, paths such as
``interfaces * unit *`` in which ``*`` is a name. Everything below the last container is one statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from naas.simulator.network import Interface, Network, Vlan, interface_address
from naas.simulator.profile import Profile

WORDS: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|[^\s"\[\]]+')
INDENT: Final = "    "
INACTIVE: Final = "inactive: "


@dataclass(slots=True)
class Node:
    """A container: its statements in order, and the containers within by their label."""

    children: dict[str, Node | None] = field(default_factory=dict[str, "Node | None"])


def words_of(statement: str) -> list[str]:
    """The words of a statement, active or not; what stands between quotes or brackets is one."""
    return WORDS.findall(statement.removeprefix(INACTIVE))


def as_set(lines: Sequence[str]) -> list[str]:
    """Statements as ``display set`` prints them: those without effect are set, then deactivated."""
    found: list[str] = []
    for line in lines:
        bare = line.removeprefix(INACTIVE)
        found += [f"set {bare}", f"deactivate {bare}"] if bare != line else [f"set {bare}"]
    return found


def from_set(lines: Sequence[str]) -> list[str]:
    """The statements of :func:`as_set` lines."""
    inactive = {line.removeprefix("deactivate ") for line in lines if line.startswith("deactivate ")}
    bare = [line.removeprefix("set ") for line in lines if line.startswith("set ")]
    return [INACTIVE + line if line in inactive else line for line in bare]


def statements(text: str) -> list[str]:
    """The ``set`` lines of a configuration in either form, without the word ``set``."""
    lines = [line.strip() for line in text.splitlines()]
    if any(line.startswith("set ") for line in lines):
        return [" ".join(words_of(line)[1:]) for line in lines if line.startswith("set ")]
    return list(_from_braces(text))


def _from_braces(text: str) -> Iterator[str]:
    path: list[str] = []
    without_comments = re.sub(r"/\*[\s\S]*?\*/|^\s*#.*$|(?<=;)[ \t]*#.*$", "", text, flags=re.MULTILINE)
    for found in re.finditer(r'((?:"[^"]*"|[^{};"])*)([{};])', without_comments):
        words = " ".join(found[1].split())
        match found[2]:
            case "{":
                path.append(words)
            case "}":
                path = path[:-1]
            case _:
                if words:
                    yield " ".join([*path, words])


# As a tree


def labels(containers: Sequence[str], statement: str) -> list[str]:
    """The labels of the containers that a statement stands in, and the statement itself last."""
    words = words_of(statement)
    found: list[str] = []
    done = 0
    patterns = [pattern.split() for pattern in containers]
    while True:
        longer = [
            pattern
            for pattern in patterns
            if done < len(pattern) < len(words) + 1
            and all(part in ("*", word) for part, word in zip(pattern, words, strict=False))
        ]
        if not longer:
            break
        end = min(len(pattern) for pattern in longer)
        found.append(" ".join(words[done:end]))
        done = end
    if done < len(words):
        found.append(" ".join(words[done:]))
    if statement.startswith(INACTIVE):
        found[-1] = INACTIVE + found[-1]
    return found


def tree(profile: Profile, lines: Sequence[str]) -> Node:
    """The configuration as containers and statements."""
    root = Node()
    for statement in lines:
        path = labels(profile.configuration.containers, statement)
        node = root
        for label in path[:-1]:
            below = node.children.get(label)
            if below is None:
                below = node.children[label] = Node()
            node = below
        if path:
            node.children.setdefault(path[-1], None)
    return root


def braces(node: Node, indent: str = "") -> Iterator[str]:
    """The lines of a configuration as Junos prints it."""
    for label, below in node.children.items():
        if below is None:
            yield f"{indent}{label};"
        else:
            yield f"{indent}{label} {{"
            yield from braces(below, indent + INDENT)
            yield f"{indent}}}"


def at_or_below(lines: Sequence[str], path: str) -> list[str]:
    """The statements that begin with a path."""
    words = words_of(path)
    return [line for line in lines if words_of(line)[: len(words)] == words]


def braces_at(profile: Profile, lines: Sequence[str], path: str) -> Iterator[str]:
    """The lines of the part of a configuration below a path; the statements themselves where no container has it."""
    found = at_or_below(lines, path)
    node = tree(profile, found)
    if found and path:
        for label in labels(profile.configuration.containers, f"{path} x")[:-1]:
            below = node.children.get(label)
            if below is None:
                break
            node = below
    yield from braces(node)


def compared(profile: Profile, old: Sequence[str], new: Sequence[str]) -> str:
    """What ``show | compare`` prints: the changes below the path where they happened."""
    return "\n".join(_compared(tree(profile, old), tree(profile, new), ()))


def _compared(old: Node, new: Node, path: tuple[str, ...]) -> Iterator[str]:
    changes: list[str] = []
    for sign, mine, other in (("-", old, new), ("+", new, old)):
        for label, below in mine.children.items():
            if label in other.children:
                continue
            if below is None:
                changes.append(f"{sign}  {label};")
            else:
                changes += [f"{sign}  {line}" for line in (f"{label} {{", *braces(below, INDENT), "}")]
    if changes:
        yield " ".join(["[edit", *path]) + "]"
        yield from changes
    for label, below in new.children.items():
        before = old.children.get(label)
        if below is not None and before is not None:
            yield from _compared(before, below, (*path, label))


# Changing


def put(lines: list[str], statement: str, single: Sequence[str]) -> None:
    """Add a statement, in place of the one that it replaces."""
    words = words_of(statement)
    for pattern in single:
        parts = pattern.split()
        if _matches(parts, words):
            lines[:] = [line for line in lines if words_of(line)[: len(parts)] != words[: len(parts)]]
    text = " ".join(words)
    if text not in lines and INACTIVE + text not in lines:
        lines.append(text)


def _matches(parts: Sequence[str], words: Sequence[str]) -> bool:
    return len(words) > len(parts) - 1 and all(p in ("*", w) for p, w in zip(parts, words, strict=False))


def delete(lines: list[str], path: str) -> bool:
    """Remove what stands at or below a path; say whether there was something."""
    words = words_of(path)
    kept = [line for line in lines if words_of(line)[: len(words)] != words]
    was_there = len(kept) < len(lines)
    lines[:] = kept
    return was_there


# What it says about the network


def read(profile: Profile, lines: Sequence[str]) -> Network:
    """The interfaces and VLANs of a configuration; statements without effect do not count."""
    values: dict[str, dict[str, str]] = {}
    vlans: dict[str, int] = {}
    for line in lines:
        if not line.startswith(INACTIVE):
            _note(words_of(line), values, vlans)
    found = {name: _interface(profile, name, values, vlans) for name in _in_order(values)}
    static = [
        (words[3], words[5])
        for words in map(words_of, lines)
        if words[:3] == ["routing-options", "static", "route"] and words[4:5] == ["next-hop"] and len(words) > 5
    ]
    return Network(tuple(found.values()), tuple(_vlans(vlans, found, values)), tuple(static))


def _note(words: list[str], values: dict[str, dict[str, str]], vlans: dict[str, int]) -> None:
    """Remember what a statement says about an interface or a VLAN."""
    match words:
        case ["interfaces", name, "unit", unit, "family", family, *rest]:
            unit_values = values.setdefault(f"{name}.{unit}", {})
            unit_values.setdefault("family", family)
            if rest[:1] == ["address"] and family == "inet":
                unit_values.setdefault("address", rest[1])
            if rest[:2] == ["vlan", "members"]:
                unit_values["vlan"] = rest[2]
            values.setdefault(name, {})
        case ["interfaces", name, "description", text]:
            values.setdefault(name, {})["description"] = text.strip('"')
        case ["interfaces", name, "mtu", text]:
            values.setdefault(name, {})["mtu"] = text
        case ["interfaces", name, "disable"]:
            values.setdefault(name, {})["disable"] = "yes"
        case ["interfaces", name, *_]:
            values.setdefault(name, {})
        case ["vlans", name, "vlan-id", number] if number.isdecimal():
            vlans[name] = int(number)
        case _:
            pass


def _in_order(values: Mapping[str, object]) -> list[str]:
    """Physical interfaces before their units, in the order in which they are configured."""
    physical = [name for name in values if "." not in name]
    return [each for name in physical for each in (name, *(u for u in values if u.startswith(f"{name}.")))]


def _interface(
    profile: Profile, name: str, values: Mapping[str, Mapping[str, str]], vlans: Mapping[str, int]
) -> Interface:
    own = values[name]
    physical = values.get(name.partition(".")[0], {})
    kinds = [kind for kind in profile.interfaces if name.startswith(kind.name)]
    kind = kinds[0].kind if kinds else "ethernet"
    address, prefix_length = interface_address(own.get("address", ""))
    mtu = physical.get("mtu", "1514")
    unit = values.get(f"{name}.0", {})
    is_switched = unit.get("family") == "ethernet-switching"
    return Interface(
        name=name,
        short=name,
        kind="unit" if "." in name else kind,
        speed_mbps=kinds[0].speed_mbps if kinds else 1000,
        description=physical.get("description", ""),
        address=address,
        prefix_length=prefix_length,
        is_shut="disable" in physical,
        mode="access" if is_switched else "routed",
        vlan=vlans.get(unit.get("vlan", ""), 1),
        mtu=int(mtu) if mtu.isdecimal() else 1514,
    )


def _vlans(
    vlans: Mapping[str, int], interfaces: Mapping[str, Interface], values: Mapping[str, Mapping[str, str]]
) -> Iterator[Vlan]:
    for name, number in sorted({"default": 1, **vlans}.items(), key=lambda item: item[1]):
        ports = tuple(f"{each}.0" for each in interfaces if values.get(f"{each}.0", {}).get("vlan", "") == name)
        yield Vlan(number, name, ports)
