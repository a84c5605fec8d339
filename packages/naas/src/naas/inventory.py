"""The inventory as values: devices, groups and credentials by name, and the pure rules over them.

A credential is used only where it belongs: for a device of the inventory that names it (itself or by its group), or for
a host that one of the credential's own ``hosts`` patterns covers. Without that rule, whoever may run a job could send a
stored password to a host of their own.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import field

from naas.driver.base import AUTODETECT, address_of
from naas.principals import ALL_CONTEXTS
from naas.store.base import RecordValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "MOST_NAME_CHARACTERS",
    "NAME_PATTERN",
    "CredentialRecord",
    "DeviceRecord",
    "GroupRecord",
    "covers",
    "credential_name_of",
    "is_name",
    "matching",
]

NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,127}$"
MOST_NAME_CHARACTERS: Final = 128
_NAME: Final = re.compile(NAME_PATTERN.removesuffix("$"))


class DeviceRecord(RecordValue, frozen=True, kw_only=True):
    """One device. ``id`` is its name. ``credential`` None means that of its first group that has one."""

    collection: ClassVar[str] = "devices"

    host: str
    port: int = 22
    platform: str = AUTODETECT
    driver: str = "netmiko"
    context: str = "default"
    credential: str | None = None
    groups: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict[str, str])
    description: str = ""

    @property
    def address(self) -> str:
        """The device as one word (`naas.driver.base.address_of`)."""
        return address_of(self.host, self.port)


class GroupRecord(RecordValue, frozen=True, kw_only=True):
    """A name that devices share, with the credential that its devices use unless they name their own."""

    collection: ClassVar[str] = "groups"

    credential: str | None = None
    description: str = ""


class CredentialRecord(RecordValue, frozen=True, kw_only=True):
    """A device login by name. Only ``username`` is in clear text; ``sealed`` holds the rest (`naas.vault`).

    ``contexts`` are where it may be used. ``hosts`` are patterns of hosts, beside the inventory's devices, for which it
    may be used: a name with ``*``, an address, or a network such as ``10.0.0.0/8``.
    """

    collection: ClassVar[str] = "credentials"

    username: str
    sealed: bytes
    contexts: tuple[str, ...] = (ALL_CONTEXTS,)
    hosts: tuple[str, ...] = ()
    has_private_key: bool = False
    has_enable: bool = False
    jump_host: str | None = None
    description: str = ""

    def __repr__(self) -> str:
        return f"CredentialRecord(id={self.id!r}, username={self.username!r})"


def is_name(text: str) -> bool:
    """Whether the text can be the name of a device, group or credential."""
    return _NAME.fullmatch(text) is not None


def credential_name_of(device: DeviceRecord, groups: Iterable[GroupRecord]) -> str | None:
    """Return the name of the credential that a device uses: its own, else that of its first group with one."""
    if device.credential is not None:
        return device.credential
    by_name = {group.id: group.credential for group in groups}
    return next((by_name[name] for name in device.groups if by_name.get(name)), None)


def covers(patterns: Sequence[str], host: str) -> bool:
    """Whether one of the patterns (`CredentialRecord.hosts`) covers the host. A name is never resolved for this: who
    controls the name would control the answer."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        lowered = host.lower()
        return any(fnmatch.fnmatchcase(lowered, pattern.lower()) for pattern in patterns if not _is_network(pattern))
    return any(address in ipaddress.ip_network(pattern, strict=False) for pattern in patterns if _is_network(pattern))


def matching(
    devices: Iterable[DeviceRecord], *, group: str | None = None, tag: tuple[str, str] | None = None
) -> list[DeviceRecord]:
    """Return the devices of a group, or with a label, in the order given."""
    return [
        device
        for device in devices
        if (group is None or group in device.groups) and (tag is None or device.tags.get(tag[0]) == tag[1])
    ]


def _is_network(pattern: str) -> bool:
    try:
        ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        return False
    return True
