"""Configurations of sections and indented lines, as Cisco, Arista and HP write them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from naas.simulator.network import Configuration, Interface, InterfaceKind, Network, Vlan, interface_address
from naas.simulator.profile import Profile

GLOBAL = ""
"""The name of the section that holds the global lines."""

# Lines that a device prints around its configuration and that are no part of it.
_NOISE = ("Building configuration", "Current configuration", "Using ", "version ", "; ", "Running configuration:")
_ENDS = ("!", "end", "exit", "")


def parse(text: str, openers: Iterable[str] = ()) -> Configuration:
    """The lines of a configuration by section, from what ``show running-config`` prints.

    A line opens a section if it begins with one of ``openers``, or if the next line is indented.
    """
    beginnings = tuple(f"{opener} " for opener in openers)
    found: Configuration = {GLOBAL: []}
    section, depth = GLOBAL, 0
    lines = list(_joined_banners(text.splitlines()))
    for index, line in enumerate(lines):
        bare = line.strip()
        indentation = len(line) - len(line.lstrip())
        if bare.startswith("!") or bare in _ENDS:
            continue
        if indentation == 0:
            if bare.startswith(_NOISE):
                continue
            following = lines[index + 1] if index + 1 < len(lines) else ""
            opens = following.startswith(" ") or bare.startswith(beginnings)
            section, depth = (bare, 0) if opens else (GLOBAL, 0)
            if opens:
                found.setdefault(section, [])
            else:
                found[GLOBAL].append(bare)
        else:
            depth = depth or indentation
            found[section].append(" " * max(0, indentation - depth) + bare)
    return found


def _joined_banners(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with the text of a banner in one of them: it ends where its mark comes again."""
    left = iter(lines)
    for line in left:
        joined = line
        while open_banner_mark(joined) and (more := next(left, None)) is not None:
            joined = f"{joined}\n{more}"
        yield joined


def open_banner_mark(line: str) -> str:
    """The mark that must still come to end the banner of this line; empty if the line is whole, or no banner."""
    words = line.split(maxsplit=2)
    if len(words) < 3 or words[0] != "banner":
        return ""
    mark = words[2][:2] if words[2].startswith("^") else words[2][0]
    return mark if words[2].count(mark) < 2 else ""


def banner(lines: Iterable[str]) -> str:
    """The text of ``banner motd``, without its marks; empty if there is none."""
    for line in lines:
        if line.startswith("banner motd "):
            text = line.split(maxsplit=2)[2]
            mark = text[:2] if text.startswith("^") else text[0]
            return text.strip(mark).strip("\n")
    return ""


def printed(profile: Profile, configuration: Mapping[str, Sequence[str]]) -> str:
    """The lines of a configuration as the platform prints them, without its header."""
    rules = profile.configuration
    between = [] if rules.separator == "" else [rules.separator]
    blank = [""] if rules.separator == "" else between
    lines = [*configuration.get(GLOBAL, ()), *blank]
    for section, content in configuration.items():
        if section != GLOBAL:
            lines += [section, *(f"{rules.indent}{line}" for line in content), *blank]
    return "\n".join([*lines, rules.footer] if rules.footer else lines)


# Changing


def put(configuration: Configuration, path: Sequence[str], line: str, single: Iterable[str], indent: str) -> None:
    """Put ``line`` where ``path`` leads, in place of the one that it replaces."""
    replaced = next((start for start in single if f"{line} ".startswith(f"{start} ")), line)
    lines = configuration.setdefault(path[0] if path else GLOBAL, [])
    start, end, prefix = 0, len(lines), ""
    if len(path) > 1:
        (start, end), prefix = _block(lines, path[1], indent), indent
    opposite = line.removeprefix("no ") if line.startswith("no ") else f"no {line}"
    gone = [
        index
        for index in range(start, end)
        if f"{lines[index]} ".startswith(f"{prefix}{replaced} ") or lines[index] == prefix + opposite
    ]
    place = gone[0] if gone else start if line.startswith("description ") else end
    lines[place:place] = [prefix + line]
    for index in reversed(gone):  # each has moved by the line that was put before it
        del lines[index + 1]


def remove(configuration: Configuration, path: Sequence[str], line: str, indent: str) -> bool:
    """Take away what begins with ``line`` where ``path`` leads; say whether there was something."""
    lines = configuration.get(path[0] if path else GLOBAL, [])
    start, end, prefix = 0, len(lines), ""
    if len(path) > 1:
        (start, end), prefix = _block(lines, path[1], indent), indent
    kept: list[str] = []
    within_removed = False
    for each in lines[start:end]:
        if f"{each} ".startswith(f"{prefix}{line} "):
            within_removed = True
        elif not (within_removed and each.startswith(prefix + indent)):
            within_removed = False
            kept.append(each)
    was_there = len(kept) < end - start
    lines[start:end] = kept
    return was_there


def _block(lines: list[str], opener: str, indent: str) -> tuple[int, int]:
    """Where the lines below ``opener`` begin and end; it is added if it is missing."""
    if opener not in lines:
        lines.append(opener)
    start = lines.index(opener) + 1
    end = next((index for index in range(start, len(lines)) if not lines[index].startswith(indent)), len(lines))
    return start, end


def opened(configuration: Configuration, section: str) -> None:
    """Make sure that the section is there, behind its like: VLANs with VLANs, interfaces with interfaces."""
    if section in configuration:
        return
    kind = section.split()[0]
    like = [name for name in configuration if name.split()[:1] == [kind]]
    content = dict(configuration)
    configuration.clear()
    for name, lines in content.items():
        configuration[name] = lines
        if like and name == like[-1]:
            configuration[section] = []
    configuration.setdefault(section, [])


# Comparing


def unified(old: str, new: str, old_name: str, new_name: str) -> str:
    """The difference of two texts as ``diff -u`` shows it; empty if there is none."""
    return "\n".join(difflib.unified_diff(old.split("\n"), new.split("\n"), old_name, new_name, lineterm=""))


def contextual(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]], indent: str) -> str:
    """The difference as IOS shows it: ``+`` and ``-`` before each line, below the section where it belongs."""
    found: list[str] = []
    for section in [*new, *(name for name in old if name not in new)]:
        before, after = old.get(section), new.get(section)
        added = [line for line in after or () if line not in (before or ())]
        removed = [line for line in before or () if line not in (after or ())]
        if section == GLOBAL:
            found += [*(f"+{line}" for line in added), *(f"-{line}" for line in removed)]
        elif before is None or after is None:
            sign, content = ("+", added) if before is None else ("-", removed)
            found += [f"{sign}{section}", *(f"{indent}{sign}{line}" for line in content)]
        elif added or removed:
            changes = [*(f"{indent}+{line}" for line in added), *(f"{indent}-{line}" for line in removed)]
            found += [section, *changes]
    return "\n".join(found)


# What it says about the network


def read(profile: Profile, running: Mapping[str, Sequence[str]]) -> Network:
    """The interfaces and VLANs of a configuration."""
    interfaces = tuple(
        _interface(profile, section.removeprefix("interface "), lines)
        for section, lines in running.items()
        if section.startswith("interface ")
    )
    return Network(interfaces, tuple(_vlans(running, interfaces)), tuple(static_routes(running[GLOBAL])))


def static_routes(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The networks and next hops of ``ip route 10.0.0.0 255.0.0.0 192.0.2.9`` and ``ip route 10.0.0.0/8 192.0.2.9``."""
    for line in lines:
        match line.split():
            case ["ip", "route", network, next_hop, *_] if "/" in network:
                yield network, next_hop
            case ["ip", "route", address, mask, next_hop, *_]:
                yield f"{address} {mask}", next_hop
            case _:
                pass


def kind_of(profile: Profile, name: str) -> InterfaceKind:
    """The kind of an interface, by the beginning of its name."""
    fitting = [kind for kind in profile.interfaces if name.startswith(kind.name)]
    return max(fitting, key=lambda kind: len(kind.name)) if fitting else InterfaceKind(name, name, "ethernet", 1000)


def _interface(profile: Profile, name: str, lines: Sequence[str]) -> Interface:
    kind = kind_of(profile, name)
    values = {"description": "", "ip address": "", "ipv4 address": "", "mtu": "1500", "switchport access vlan": "1"}
    for line in lines:
        key = next((key for key in values if line.startswith(f"{key} ")), None)
        if key is not None:
            values[key] = line.removeprefix(key).strip()
    address, prefix_length = interface_address(values["ip address"] or values["ipv4 address"])
    routed = kind.kind not in ("ethernet", "lag") or "no switchport" in lines or address
    vlan, mtu = values["switchport access vlan"], values["mtu"]
    return Interface(
        name=name,
        short=name.replace(kind.name, kind.short, 1),
        kind=kind.kind,
        speed_mbps=kind.speed_mbps,
        description=values["description"],
        address=address,
        prefix_length=prefix_length,
        is_shut="shutdown" in lines,
        mode="routed" if routed else "trunk" if "switchport mode trunk" in lines else "access",
        vlan=int(vlan) if vlan.isdecimal() else 1,
        mtu=int(mtu) if mtu.isdecimal() else 1500,
    )


def _vlans(running: Mapping[str, Sequence[str]], interfaces: Sequence[Interface]) -> Iterator[Vlan]:
    """VLAN 1, and those that have a section."""
    names: dict[int, str] = {1: "default"}
    for section, lines in running.items():
        word, _, number = section.partition(" ")
        if word == "vlan" and number.isdecimal():
            given = next((line.split(maxsplit=1)[1] for line in lines if line.startswith("name ")), "")
            names[int(number)] = given or names.get(int(number), f"VLAN{int(number):04}")
    for vlan, name in sorted(names.items()):
        ports = tuple(each.short for each in interfaces if each.mode == "access" and each.vlan == vlan)
        yield Vlan(vlan, name, ports)
