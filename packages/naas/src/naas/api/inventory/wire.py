"""The shapes of the inventory on the wire. What is secret goes in and never comes out."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType, field

from naas.api.wire import (
    App,
    ContextName,
    EntryName,
    Host,
    JobId,
    Password,
    PlatformName,
    Port,
    RequestTags,
    Time,
    Username,
    Version,
)
from naas.driver.base import ErrorCode
from naas.jobs import JobState

__all__ = [
    "CredentialAnswer",
    "CredentialList",
    "CredentialRequest",
    "DeviceAnswer",
    "DeviceList",
    "DeviceRequest",
    "DeviceUpdate",
    "GroupAnswer",
    "GroupList",
    "GroupRequest",
    "ImportAnswer",
    "ImportRequest",
    "JumpRequest",
    "LastJob",
    "ListDevicesParameters",
    "ListEntriesParameters",
]

MOST_GROUPS: Final = 50
MOST_IMPORTED: Final = 10_000
LONGEST_KEY: Final = 32_768

Name = Annotated[EntryName, Meta(description="The name: letters, digits, `.`, `_` and `-`; at most 128 characters.")]
Description = Annotated[str, Meta(max_length=1000, description="A line for people.")]
CredentialName = Annotated[EntryName | None, Meta(description="The credential that is used, by its name.")]
Labels = Annotated[
    dict[str, str],
    Meta(
        description="Labels: at most 10, keys and values of 1 to 64 letters, digits, `_`, `-` and `:`.",
        extra_json_schema={"maxProperties": 10},
    ),
]
Revision = Annotated[int, Meta(ge=1, description="Counts up with every change; the ETag without its quotes.")]


class DeviceRequest(Struct, kw_only=True, frozen=True):
    """A device."""

    name: Name
    host: Annotated[Host, Meta(description="Address or host name of the device.")]
    port: Annotated[Port, Meta(description="TCP port of its SSH server.")] = 22
    platform: Annotated[PlatformName, Meta(description="Netmiko platform name, or `autodetect`.")] = "autodetect"
    driver: Annotated[
        str, Meta(pattern="^(netmiko|scrapli)$", description="What talks to it; `scrapli` knows fewer platforms.")
    ] = "netmiko"
    context: Annotated[ContextName, Meta(description="Which group of workers reaches it.")] = "default"
    credential: CredentialName = None
    groups: Annotated[list[EntryName], Meta(max_length=MOST_GROUPS, description="The groups it belongs to.")] = []
    tags: Labels = {}
    description: Description = ""


class DeviceUpdate(Struct, kw_only=True, frozen=True):
    """The fields of a device to change; null brings a default back."""

    host: Annotated[Host | None, Meta(description="Address or host name of the device.")] = None
    port: Annotated[Port | None, Meta(description="TCP port of its SSH server.")] = None
    platform: Annotated[PlatformName | None, Meta(description="Netmiko platform name, or `autodetect`.")] = None
    context: Annotated[ContextName | None, Meta(description="Which group of workers reaches it.")] = None
    credential: CredentialName = None
    groups: Annotated[
        Annotated[list[EntryName], Meta(max_length=MOST_GROUPS)] | None, Meta(description="The groups it belongs to.")
    ] = None
    tags: RequestTags = None
    description: Annotated[Annotated[str, Meta(max_length=1000)] | None, Meta(description="A line for people.")] = None


class LastJob(Struct, kw_only=True, frozen=True):
    """What the newest job of the caller at a device came to."""

    job_id: JobId
    status: Annotated[JobState, Meta(description="How far it got.")]
    error_code: Annotated[ErrorCode | None, Meta(description="What went wrong, for programs.")]
    created_at: Annotated[Time, Meta(description="When it was queued.")]
    ended_at: Annotated[Time | None, Meta(description="When it ended.")]


class DeviceAnswer(DeviceRequest, kw_only=True, frozen=True):
    """A device of the inventory."""

    revision: Revision
    created_at: Annotated[Time, Meta(description="When it was entered.")]
    updated_at: Annotated[Time, Meta(description="When it was last changed.")]
    last_job: Annotated[LastJob | None, Meta(description="Its newest job; only where it was asked for.")] = None


class DeviceList(Struct, kw_only=True, frozen=True):
    """Devices by name."""

    devices: Annotated[list[DeviceAnswer], Meta(description="The devices, by name.")]
    next: Annotated[str | None, Meta(description="What `after` leads to the next page; null on the last one.")]
    app: App
    version: Version


class GroupRequest(Struct, kw_only=True, frozen=True):
    """A group of devices. Devices say themselves to which groups they belong."""

    name: Name
    credential: CredentialName = None
    description: Description = ""


class GroupAnswer(GroupRequest, kw_only=True, frozen=True):
    """A group of the inventory."""

    revision: Revision
    created_at: Annotated[Time, Meta(description="When it was entered.")]
    updated_at: Annotated[Time, Meta(description="When it was last changed.")]


class GroupList(Struct, kw_only=True, frozen=True):
    """Groups by name."""

    groups: Annotated[list[GroupAnswer], Meta(description="The groups, by name.")]
    next: Annotated[str | None, Meta(description="What `after` leads to the next page; null on the last one.")]
    app: App
    version: Version


class JumpRequest(Struct, kw_only=True, frozen=True):
    """The host through which a device is reached."""

    host: Annotated[Host, Meta(description="Address or host name of the jump host.")]
    port: Annotated[Port, Meta(description="TCP port of its SSH server.")] = 22
    username: Annotated[Username, Meta(description="User name there.")]
    password: Annotated[Password | None, Meta(description="Password there.")] = None
    private_key: Annotated[
        Annotated[str, Meta(max_length=LONGEST_KEY)] | None,
        Meta(description="Private key, PEM.", extra_json_schema={"writeOnly": True}),
    ] = None
    passphrase: Annotated[Password | None, Meta(description="What opens the private key.")] = None

    def __repr__(self) -> str:
        return f"JumpRequest(host={self.host!r}, username={self.username!r})"


class CredentialRequest(Struct, kw_only=True, frozen=True):
    """A device login under a name. A change that leaves a secret out keeps it."""

    name: Name
    username: Annotated[Username, Meta(description="User name at the device.")]
    password: Annotated[Password | UnsetType | None, Meta(description="Password at the device.")] = UNSET
    enable: Annotated[Password | UnsetType | None, Meta(description="Password of privileged mode.")] = UNSET
    private_key: Annotated[
        Annotated[str, Meta(max_length=LONGEST_KEY)] | UnsetType | None,
        Meta(description="Private key, PEM, instead of a password.", extra_json_schema={"writeOnly": True}),
    ] = UNSET
    passphrase: Annotated[Password | UnsetType | None, Meta(description="What opens the private key.")] = UNSET
    jump: Annotated[JumpRequest | UnsetType | None, Meta(description="The host through which devices are reached.")] = (
        UNSET
    )
    contexts: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]],
        Meta(min_length=1, max_length=100, description="Where it may be used; `*` means in every context."),
    ] = field(default_factory=lambda: ["*"])
    hosts: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=253)]],
        Meta(
            max_length=1000,
            description=(
                "Hosts outside the inventory for which it may be used: names with `*`, addresses, networks. Without "
                "any it is used only for devices of the inventory that name it."
            ),
            examples=[["10.0.0.0/8", "*.lab.example.net"]],
        ),
    ] = []
    description: Description = ""

    def __repr__(self) -> str:
        return f"CredentialRequest(name={self.name!r}, username={self.username!r})"


class CredentialAnswer(Struct, kw_only=True, frozen=True):
    """A credential of the inventory, without its secrets."""

    name: Name
    username: Annotated[str, Meta(description="User name at the device.")]
    has_private_key: Annotated[bool, Meta(description="Whether it logs in with a private key.")]
    has_enable: Annotated[bool, Meta(description="Whether it has a password of privileged mode of its own.")]
    jump_host: Annotated[str | None, Meta(description="The host through which devices are reached.")]
    contexts: Annotated[list[str], Meta(description="Where it may be used.")]
    hosts: Annotated[list[str], Meta(description="Hosts outside the inventory for which it may be used.")]
    description: Description
    revision: Revision
    created_at: Annotated[Time, Meta(description="When it was entered.")]
    updated_at: Annotated[Time, Meta(description="When it was last changed.")]


class CredentialList(Struct, kw_only=True, frozen=True):
    """Credentials by name."""

    credentials: Annotated[list[CredentialAnswer], Meta(description="The credentials, by name.")]
    next: Annotated[str | None, Meta(description="What `after` leads to the next page; null on the last one.")]
    app: App
    version: Version


class ImportRequest(Struct, kw_only=True, frozen=True):
    """Devices to enter at once; those that are there already are replaced."""

    devices: Annotated[
        list[DeviceRequest], Meta(min_length=1, max_length=MOST_IMPORTED, description="The devices to enter.")
    ]


class ImportAnswer(Struct, kw_only=True, frozen=True):
    """How many devices were entered, and how many of them were new."""

    total: Annotated[int, Meta(ge=0, description="Devices that were entered.")]
    created: Annotated[int, Meta(ge=0, description="Those that were new.")]
    app: App
    version: Version


class ListEntriesParameters(Struct, kw_only=True, frozen=True):
    """The query of a list of the inventory."""

    after: Annotated[
        Annotated[str, Meta(min_length=1, max_length=128)] | None, Meta(description="Only names behind this one.")
    ] = None
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many entries at most.")] = 100


class ListDevicesParameters(ListEntriesParameters, kw_only=True, frozen=True):
    """The query of the list of devices."""

    group: Annotated[
        Annotated[str, Meta(min_length=1, max_length=128)] | None, Meta(description="Only devices of this group.")
    ] = None
    last_job: Annotated[
        bool, Meta(description="Whether to tell the newest job of each device; at most 100 devices then.")
    ] = False
