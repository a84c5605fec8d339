"""Lists of the devices that run, for those who shall talk to them: ``naas batch``, NAAS's import, Ansible, people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from naas.simulator.device import SimulatedDevice

KINDS: Final = (".csv", ".json", ".yaml", ".yml")
HEADING: Final = ("NAME", "PLATFORM", "HOST", "PORT")


@dataclass(frozen=True, slots=True)
class Entry:
    """One device as an inventory names it."""

    name: str
    host: str
    port: int
    platform: str
    username: str
    groups: tuple[str, ...]


def entries(devices: Sequence[SimulatedDevice], labels: Mapping[str, tuple[str, ...]]) -> list[Entry]:
    """What inventories say of the devices; ``labels`` are the groups of each, by name."""
    return [
        Entry(device.name, device.host, device.port, device.platform, device.spec.username, labels.get(device.name, ()))
        for device in devices
    ]


def write_inventory(
    file: Path,
    devices: Sequence[SimulatedDevice],
    labels: Mapping[str, tuple[str, ...]],
    *,
    with_passwords: bool = False,
) -> None:
    """Write the devices as CSV, JSON or YAML, which ``naas batch`` reads; the ending of the name decides.

    Raises:
        OSError: The file cannot be written.
    """
    rows: list[dict[str, Any]] = []
    for device, entry in zip(devices, entries(devices, labels), strict=True):
        row = asdict(entry)
        row["groups"] = list(entry.groups)
        if with_passwords:
            row |= {"password": device.spec.password, "enable": device.spec.enable or ""}
        rows.append(row)
    file.write_text(_RENDERERS[file.suffix.lower()](rows), encoding="utf-8")


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, "groups": " ".join(row["groups"])})
    return text.getvalue()


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"devices": rows}, indent=2) + "\n"


def _as_yaml(rows: Sequence[Mapping[str, Any]]) -> str:
    text: str = yaml.safe_dump({"devices": [dict(row) for row in rows]}, sort_keys=False)
    return text


_RENDERERS: Final = {".csv": _as_csv, ".json": _as_json, ".yaml": _as_yaml, ".yml": _as_yaml}


def write_ansible_inventory(
    file: Path,
    devices: Sequence[SimulatedDevice],
    labels: Mapping[str, tuple[str, ...]],
    *,
    with_passwords: bool = False,
) -> None:
    """Write the devices as an Ansible inventory in YAML: a group for each platform, and the groups of the farm.

    Raises:
        OSError: The file cannot be written.
    """
    children: dict[str, Any] = {}
    for device, entry in zip(devices, entries(devices, labels), strict=True):
        profile = device.profile
        platform = children.setdefault(profile.name, {"hosts": {}, "vars": _platform_variables(device)})
        host: dict[str, Any] = {"ansible_host": entry.host, "ansible_port": entry.port, "ansible_user": entry.username}
        if with_passwords:
            host["ansible_password"] = device.spec.password
            if device.spec.enable:
                host |= {"ansible_become_password": device.spec.enable}
        platform["hosts"][entry.name] = host
        for group in entry.groups:
            children.setdefault(group, {"hosts": {}})["hosts"][entry.name] = {}
    file.write_text(yaml.safe_dump({"all": {"children": children}}, sort_keys=False), encoding="utf-8")


def _platform_variables(device: SimulatedDevice) -> dict[str, str]:
    network_os = device.profile.ansible_network_os
    connection = {"ansible_connection": "ansible.netcommon.network_cli", "ansible_network_os": network_os}
    return {"naas_platform": device.platform, **(connection if network_os else {})}


def as_json_line(devices: Sequence[SimulatedDevice]) -> str:
    """Name, platform, host and port of each device, as one line of JSON."""
    return json.dumps([{"name": d.name, "platform": d.platform, "host": d.host, "port": d.port} for d in devices])


def as_table(devices: Sequence[SimulatedDevice]) -> str:
    """The same as a table."""
    rows = [(device.name, device.platform, device.host, str(device.port)) for device in devices]
    return table([HEADING, *rows])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows with their columns below each other; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
