"""A farm in a file: groups of devices with platform, count, names, places, faults and configuration.

TOML, YAML or JSON, checked key by key; the format is documented in the guide page of the simulator.
"""

from __future__ import annotations

import ipaddress
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, cast

import yaml

from naas.simulator.checking import DescriptionError, Finding, Table, check
from naas.simulator.device import Device
from naas.simulator.faults import HEALTHY, ConnectFault, Faults
from naas.simulator.platformfile import load_profile
from naas.simulator.platforms import platform_names
from naas.simulator.profile import Profile

MOST_DEVICES: Final = 10_000
HIGHEST_PORT: Final = 65_535
PER_NETWORK: Final = 250  # addresses used of each 127.0.x.0/24 by `by_address`
LARGEST_FILE: Final = 1_000_000  # bytes

_NUMBER: Final = re.compile(r"\{number(?::0?(\d))?\}")


@dataclass(frozen=True, slots=True)
class Group:
    """Devices of one kind. ``device`` is what they have in common."""

    count: int = 1
    name: str = "sw{number}"
    """``{number}`` counts from 1, ``{number:3}`` with leading zeros."""
    port_base: int = 0
    """The port of the first device; 0 lets the system choose."""
    address_base: str = ""
    """The address of the first device; every device gets its own, with the same port."""
    groups: tuple[str, ...] = ()
    device: Device = field(default_factory=Device)

    def devices(self) -> Iterator[Device]:
        """The devices, each with its name and its place."""
        for index in range(self.count):
            place: dict[str, object] = {"name": numbered(self.name, index + 1)}
            if self.address_base:
                place["host"] = str(ipaddress.ip_address(self.address_base) + index)
                place["port"] = self.port_base or None
            elif self.port_base:
                place["port"] = self.port_base + index
            yield replace(self.device, **place)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Farm:
    """What a farm file describes."""

    groups: tuple[Group, ...]

    def devices(self) -> list[Device]:
        """All devices, in the order of the file."""
        return [device for group in self.groups for device in group.devices()]

    def labels(self) -> dict[str, tuple[str, ...]]:
        """The names of the inventory groups of each device."""
        return {device.name: group.groups for group in self.groups for device in group.devices()}


def numbered(pattern: str, number: int) -> str:
    """The name of a device: ``access{number:3}`` is ``access007``."""
    return _NUMBER.sub(lambda found: str(number).zfill(int(found[1] or 0)), pattern)


def own_addresses(count: int) -> list[str]:
    """The addresses 127.0.1.1, 127.0.1.2, …: all of 127.0.0.0/8 is loopback on Linux."""
    return [f"127.0.{1 + index // PER_NETWORK}.{1 + index % PER_NETWORK}" for index in range(count)]


def load_farm(file: Path, profiles: Mapping[str, Profile] | None = None) -> Farm:
    """Read a farm file; ``profiles`` are platforms from elsewhere, by name.

    Raises:
        DescriptionError: It is not as a farm file must be; ``findings`` has every mistake.
        OSError: It, or a file that it names, cannot be read.
    """
    return check(partial(_farm, _parsed(file), file, profiles or {}))


def _parsed(file: Path) -> Mapping[str, object]:
    def mistake(problem: str, hint: str) -> DescriptionError:
        return DescriptionError([Finding(file.name, "", problem, hint)])

    if file.stat().st_size > LARGEST_FILE:
        raise mistake(f"the file is larger than {LARGEST_FILE} bytes", "describe groups, not single devices")
    read: dict[str, Callable[[str], object]] = {
        ".toml": tomllib.loads,
        ".yaml": yaml.safe_load,
        ".yml": yaml.safe_load,
        ".json": json.loads,
    }
    if file.suffix.lower() not in read:
        raise mistake(f'"{file.suffix}" is no known kind of file', f"name it {', '.join(f'*{end}' for end in read)}")
    try:
        data = read[file.suffix.lower()](file.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        kind = file.suffix[1:].upper()
        raise mistake(f"this is not {kind} ({' '.join(str(error).split())})", "mend the place") from error
    if not isinstance(data, dict):
        raise mistake("there is no table", "write [[groups]] and below it platform and count")
    return cast("Mapping[str, object]", data)


def _farm(data: Mapping[str, object], file: Path, profiles: Mapping[str, Profile], findings: list[Finding]) -> Farm:
    table = Table(data, file=file.name, findings=findings)
    known = dict(profiles)
    for name in table.texts("platform_files"):
        profile = load_profile(_beside(file, name))
        known[profile.name] = profile
    reader = _GroupReader(file, known)
    common = reader.group(table.table("defaults"), Group(), needs_platform=False)
    groups = [reader.group(each, common) for each in table.tables("groups")]
    if not groups:
        table.complain("groups", "there is no group of devices", "write [[groups]] and below it platform and count")
    table.close()
    _check_together(table, groups)
    return Farm(tuple(groups))


def _beside(file: Path, name: str) -> Path:
    """A file that another file names, from where that one is."""
    return file.parent / name


def _check_together(table: Table, groups: Sequence[Group]) -> None:
    """What no group alone can know: how many there are, and that no name and no place is given twice."""
    total = sum(group.count for group in groups)
    if total > MOST_DEVICES:
        table.complain(
            "groups", f"there are {total} devices", f"describe {MOST_DEVICES} at most, or start several farms"
        )
        return
    devices = [device for group in groups for device in group.devices()]
    twice = [name for name, count in Counter(device.name for device in devices).items() if count > 1]
    if twice:
        table.complain(
            "groups", f"{twice[0]} is the name of several devices", 'write name = "other{number}" in one group'
        )
    places = Counter((device.host, device.port) for device in devices if device.port)
    shared = [place for place, count in places.items() if count > 1]
    if shared:
        host, port = shared[0]
        where = f"{host} port {port}" if host else f"port {port}"
        table.complain(
            "groups", f"{where} belongs to several devices", "choose port_base so that groups do not overlap"
        )


class _GroupReader:
    """Reads groups; what a group does not say, it takes from the defaults."""

    def __init__(self, file: Path, profiles: Mapping[str, Profile]) -> None:
        self._file = file
        self._profiles = profiles

    def group(self, table: Table, common: Group, *, needs_platform: bool = True) -> Group:
        name = table.text("name", common.name)
        count = table.integer("count", common.count, low=1, high=MOST_DEVICES)
        if count > 1 and not _NUMBER.search(name):
            table.complain("name", f'"{name}" would be the name of {count} devices', f'write name = "{name}{{number}}"')
        found = Group(
            count=count,
            name=name,
            port_base=table.integer("port_base", common.port_base, high=HIGHEST_PORT),
            address_base=self._address(table, common.address_base),
            groups=table.texts("groups", common.groups),
            device=self._device(table, common.device, needs_platform=needs_platform),
        )
        if not found.address_base and found.port_base + count - 1 > HIGHEST_PORT:
            table.complain(
                "port_base", f"{count} devices from port {found.port_base} on pass {HIGHEST_PORT}", "lower it"
            )
        table.close()
        return found

    @staticmethod
    def _address(table: Table, default: str) -> str:
        text = table.text("address_base", default)
        try:
            return str(ipaddress.ip_address(text)) if text else ""
        except ValueError:
            table.complain("address_base", f'"{text}" is no address', 'write address_base = "127.0.1.1"')
            return ""

    def _device(self, table: Table, common: Device, *, needs_platform: bool) -> Device:
        configuration = table.text("configuration", "")
        answers = table.table("answers").free_texts()
        return replace(
            common,
            platform=self._platform(table, common, needs_platform=needs_platform),
            host=table.text("host", common.host) or None,
            username=table.text("username", common.username),
            password=table.text("password", common.password),
            enable=table.text("enable", common.enable),
            latency_seconds=table.number("latency_seconds", common.latency_seconds, high=3600),
            jitter_seconds=table.number("jitter_seconds", common.jitter_seconds, high=3600),
            bytes_per_second=table.integer("bytes_per_second", common.bytes_per_second, low=1)
            if table.has("bytes_per_second")
            else common.bytes_per_second,
            piece_characters=table.integer("piece_characters", common.piece_characters, low=1)
            if table.has("piece_characters")
            else common.piece_characters,
            transport="telnet" if table.choice("transport", ("ssh", "telnet"), common.transport) == "telnet" else "ssh",
            authorized_key=table.text("authorized_key", common.authorized_key),
            configuration=self._text_of(table, configuration) if configuration else common.configuration,
            answers={**common.answers, **answers},
            seed=table.integer("seed", common.seed),
            faults=_faults(table.table("faults"), common.faults),
        )

    def _platform(self, table: Table, common: Device, *, needs_platform: bool) -> str | Profile:
        if not table.has("platform") and not needs_platform:
            table.text("platform", "")
            return ""
        if not table.has("platform") and common.platform:
            return common.platform
        name = table.choice("platform", (*self._profiles, *platform_names()))
        return self._profiles.get(name, name)

    def _text_of(self, table: Table, name: str) -> str | None:
        try:
            return _beside(self._file, name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problem = f"{name} cannot be read ({error.strerror if isinstance(error, OSError) else 'not UTF-8'})"
            table.complain("configuration", problem, "name a file beside this one")
            return None


def _faults(table: Table, common: Faults) -> Faults:
    if not table.data:
        table.close()
        return common
    found = Faults(
        connect=ConnectFault(table.choice("connect", tuple(ConnectFault), str(common.connect))),
        vty_lines=_optional(table, "vty_lines", common.vty_lines),
        failed_logins=table.integer("failed_logins", common.failed_logins),
        login_failure_probability=table.number("login_failure_probability", common.login_failure_probability, high=1),
        error_commands=table.texts("error_commands", common.error_commands),
        error_probability=table.number("error_probability", common.error_probability, high=1),
        drop_after_commands=_optional(table, "drop_after_commands", common.drop_after_commands),
        drop_probability=table.number("drop_probability", common.drop_probability, high=1),
        idle_seconds=table.number("idle_seconds", high=86_400) if table.has("idle_seconds") else common.idle_seconds,
        bulk_lines=table.integer("bulk_lines", common.bulk_lines, high=1_000_000),
        reload_seconds=table.number("reload_seconds", common.reload_seconds, high=86_400),
    )
    table.close()
    return HEALTHY if found == HEALTHY else found


def _optional(table: Table, name: str, default: int | None) -> int | None:
    return table.integer(name) if table.has(name) else default
