"""Lists of devices in files: CSV, plain lines, JSON, YAML, and Ansible inventories; which of them, the file tells."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from ..wire import as_list, as_object
from .target import Inventory, InventoryError, Target
from .values import column_of, targets_from
from .yaml import load_yaml

__all__ = ["KINDS", "read_inventory"]

KINDS: Final = ("auto", "csv", "lines", "json", "yaml", "ansible")
_STANDARD_INPUT: Final = "-"
# The words by which an Ansible inventory in YAML is told from a list of devices.
_ANSIBLE_WORDS: Final = frozenset({"hosts", "children", "vars"})


def read_inventory(name: str, kind: str = "auto") -> Inventory:
    """Read a list of devices.

    Args:
        name: A file, a folder with an Ansible inventory in it, or ``-`` for standard input.
        kind: One of `KINDS`.

    Raises:
        InventoryError: It cannot be read; the message names file and line.
    """
    path = Path(name).expanduser()
    if name != _STANDARD_INPUT and path.is_dir():
        path = _inventory_in(path)
    text = _text_of(name, path)
    source = "standard input" if name == _STANDARD_INPUT else str(path)
    found = _kind_of(path, text) if kind == "auto" else kind
    if found == "ansible":
        from .ansible import read_ansible

        return _unique(read_ansible(text, path, source))
    readers = {"csv": _from_csv, "lines": _from_lines, "json": _from_json, "yaml": _from_yaml}
    return _unique(Inventory(list(readers[found](text, source)), source))


def _inventory_in(folder: Path) -> Path:
    for name in ("hosts", "hosts.yml", "hosts.yaml", "hosts.ini", "inventory", "inventory.yml", "inventory.ini"):
        if (folder / name).is_file():
            return folder / name
    raise InventoryError(f"{folder} is a folder without an inventory", "name the file, or call it `hosts`")


def _text_of(name: str, path: Path) -> str:
    try:
        # A spreadsheet's CSV begins with a byte order mark.
        return sys.stdin.read() if name == _STANDARD_INPUT else path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InventoryError(f"{path} cannot be read: {error.strerror}", "name a file with devices") from None
    except UnicodeDecodeError:
        raise InventoryError(f"{path} is not text in UTF-8", "save it as UTF-8, a spreadsheet as CSV") from None


def _kind_of(path: Path, text: str) -> str:
    suffix = path.suffix.lower()
    lines = [line for raw in text.splitlines() if (line := raw.strip()) and line[0] not in "#;"]
    first = lines[0] if lines else ""
    if suffix == ".json" or first.startswith(("{", "[{", '["')) or first == "[":
        return "ansible" if _is_ansible(_json(text, str(path))) else "json"
    if suffix in (".yml", ".yaml") or first == "---":
        return "ansible" if _is_ansible(load_yaml(text, str(path))) else "yaml"
    if suffix == ".csv":
        return "csv"
    if suffix in (".ini", ".cfg") or any(re.fullmatch(r"\[[\w.:-]+\]", line) for line in lines):
        return "ansible"
    if any("=" in line for line in lines):
        return "ansible"
    return "csv" if any(mark in first for mark in ",;\t") else "lines"


def _is_ansible(document: object) -> bool:
    return any(_ANSIBLE_WORDS & as_object(each).keys() for each in as_object(document).values())


def _from_csv(text: str, source: str) -> Iterator[Target]:
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = "excel"
    rows = csv.reader(io.StringIO(text), dialect)
    header: list[str] | None = None
    for row in rows:
        if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        where = f"{source}:{rows.line_num}"
        if header is None:
            if any(column_of(cell) for cell in row):
                header = [cell.strip() for cell in row]
                continue
            header = ["host", "platform", "port"][: len(row)]  # the order that people write without a header
            if len(row) > len(header):
                raise InventoryError(
                    f"{where}: {len(row)} columns and no header", "name them: host,platform,port,username,groups"
                )
        if len(row) > len(header):
            raise InventoryError(f"{where}: {len(row)} cells under {len(header)} columns", "quote cells with commas")
        cells = (cell.strip() for cell in row)
        yield from targets_from(dict(zip(header, cells, strict=False)), where, is_strict=False)


def _from_lines(text: str, source: str) -> Iterator[Target]:
    for number, line in enumerate(text.splitlines(), 1):
        words = re.split(r"(?:^|\s)[#;]", line, maxsplit=1)[0].split()
        if len(words) > 2:
            raise InventoryError(f"{source}:{number}: {len(words)} words", "one device a line: sw1, or: sw1 cisco_ios")
        if words:
            yield from targets_from(dict(zip(("host", "platform"), words, strict=False)), f"{source}:{number}")


def _from_json(text: str, source: str) -> Iterator[Target]:
    yield from _from_document(_json(text, source), source)


def _from_yaml(text: str, source: str) -> Iterator[Target]:
    yield from _from_document(load_yaml(text, source), source)


def _json(text: str, source: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InventoryError(f"{source}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None


def _from_document(document: object, source: str) -> Iterator[Target]:
    """Read a list, ``{"devices": [...]}``, or a mapping of names to what is known of each."""
    table = as_object(document)
    listed = next((table[name] for name in ("devices", "hosts") if isinstance(table.get(name), list)), document)
    if listed is document and table:
        for name, fields in table.items():
            where = f"{source}, {name!r}"
            yield from targets_from({"name": str(name), **_mapping(fields or {}, where)}, where)
        return
    if not isinstance(listed, list):
        raise InventoryError(f"{source} is no list of devices", "write a list of names, or of host, platform, port …")
    for number, entry in enumerate(as_list(cast("object", listed)), 1):
        where = f"{source}, entry {number}"
        yield from targets_from({"host": entry} if isinstance(entry, str) else _mapping(entry, where), where)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InventoryError(f"{where} is neither a name nor a mapping", "write a list of names, or of host, port …")
    return cast("dict[str, Any]", value)


def _unique(inventory: Inventory) -> Inventory:
    """Return the inventory with each name once; the same device in two groups of a list is one device.

    Raises:
        InventoryError: There is none, or one name stands for two different devices.
    """
    if not inventory.targets:
        raise InventoryError(f"{inventory.source} has no devices")
    found: dict[str, Target] = {}
    for target in inventory.targets:
        known = found.setdefault(target.name, target)
        if known is not target and (known.host, known.port) != (target.host, target.port):
            raise InventoryError(
                f"{inventory.source}: {target.name!r} is {_at(known)} and {_at(target)}", "give them different names"
            )
    return Inventory(list(found.values()), inventory.source, inventory.remarks)


def _at(target: Target) -> str:
    return target.host if target.port is None else f"{target.host}:{target.port}"
