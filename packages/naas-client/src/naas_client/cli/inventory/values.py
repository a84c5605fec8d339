"""One device from loosely written fields: what CSV, YAML and JSON lists have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, cast

from .ranges import RangeError, expand
from .target import InventoryError, Target

__all__ = ["COLUMNS", "address", "column_of", "targets_from"]

# What people call a column → what it is.
COLUMNS: Final[Mapping[str, str]] = {
    "address": "host", "host": "host", "hostname": "host", "ip": "host", "ip_address": "host", "management_ip": "host",
    "device": "name", "label": "name", "name": "name", "site_name": "name",
    "port": "port", "ssh_port": "port",
    "device_type": "platform", "os": "platform", "platform": "platform", "network_os": "platform", "type": "platform",
    "user": "username", "username": "username",
    "password": "password",
    "enable": "enable", "enable_password": "enable", "enable_secret": "enable", "secret": "enable",
    "context": "context",
    "group": "groups", "groups": "groups", "role": "groups", "site": "groups", "tags": "groups",
}  # fmt: skip
_HIGHEST_PORT: Final = 65_535


def column_of(name: str) -> str | None:
    """Return what a column means, None if nobody knows."""
    return COLUMNS.get(re.sub(r"[\s-]+", "_", name.strip().lower()))


def targets_from(fields: Mapping[str, Any], where: str, *, is_strict: bool = True) -> Iterator[Target]:
    """Yield the devices that one entry stands for: one, or those of the range in its host.

    Args:
        fields: Column → value, in anybody's words.
        where: File and line, for messages.
        is_strict: Whether a field that nobody knows is an error; else it is read over.

    Raises:
        InventoryError: A field cannot be what it says, or there is no host.
    """
    read: dict[str, Any] = {}
    groups: list[str] = []
    for name, value in fields.items():
        meaning = column_of(str(name))
        if meaning is None:
            if is_strict:
                near = get_close_matches(str(name).lower(), COLUMNS, n=1)
                known = "host, name, port, platform, username, password, enable, context, groups"
                hint = f"did you mean {near[0]!r}?" if near else f"there are {known}"
                raise InventoryError(f"{where}: {name!r} says nothing about a device", hint)
        elif value is None or value == "":
            continue
        elif meaning == "groups":
            groups += _groups(value)
        elif read.get(meaning) is None:
            read[meaning] = value
    yield from _made(read, tuple(dict.fromkeys(groups)), where)


def _made(read: Mapping[str, Any], groups: tuple[str, ...], where: str) -> Iterator[Target]:
    written = read.get("host") or read.get("name")
    if not isinstance(written, str) or not written.strip():
        raise InventoryError(f"{where}: there is no host", "a device needs a `host`, or at least a `name`")
    port = _port(read.get("port"), where)
    texts = {name: _text(read[name], name, where) for name in _TEXTS if name in read}
    try:
        hosts, names = expand(written.strip()), expand(str(read.get("name") or written).strip())
    except RangeError as error:
        raise InventoryError(f"{where}: {error}") from None
    if len(names) != len(hosts):
        names = hosts
    for host, name in zip(hosts, names, strict=True):
        alone, own_port = address(host)
        yield Target(
            name=name if read.get("name") else alone, host=alone, port=port or own_port, groups=groups, **texts
        )


_TEXTS: Final = ("platform", "username", "password", "enable", "context")


def address(text: str) -> tuple[str, int | None]:
    """Return host and port of ``sw1``, ``sw1:2022``, ``[2001:db8::1]:22`` or ``2001:db8::1``."""
    if match := re.fullmatch(r"\[([^\]]+)\](?::(\d+))?", text):
        return match[1], int(match[2]) if match[2] else None
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and ":" not in host:
        return host, int(port)
    return text, None


def _port(value: object, where: str) -> int | None:
    if value is None:
        return None
    text = str(value).strip()
    if not text.isdigit() or not 1 <= int(text) <= _HIGHEST_PORT:
        raise InventoryError(f"{where}: the port is {text!r}, and not a number from 1 to {_HIGHEST_PORT}")
    return int(text)


def _text(value: object, name: str, where: str) -> str:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise InventoryError(f"{where}: `{name}` is not a text")  # the value is not shown: it may be a password


def _groups(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in cast("list[object]", value)]
    return [word for word in re.split(r"[;|,\s]+", str(value)) if word]
