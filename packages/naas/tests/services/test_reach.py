"""What an admin of one context may not take from the others."""

from __future__ import annotations

import dataclasses

import pytest
from naas.errors import ContextRefused, InvalidRequest, RecordNotFound
from naas.inventory import CredentialRecord, DeviceRecord, GroupRecord
from naas.vault import Login

from .conftest import ADMIN, Parts

LAB_ADMIN = dataclasses.replace(ADMIN, subject="key:k-lab", name="lara", contexts=frozenset({"lab"}))
LOGIN = Login("netops", "hunter2")


def credential(name: str, *contexts: str, hosts: tuple[str, ...] = ()) -> CredentialRecord:
    return CredentialRecord(id=name, username="", sealed=b"", contexts=contexts, hosts=hosts)


@pytest.fixture
async def parts(parts: Parts) -> Parts:
    """With a credential for everywhere, a group and a production device that use it, and a credential of the lab."""
    await parts.inventory.put_credential(ADMIN, credential("core", "*"), LOGIN)
    await parts.inventory.put_credential(ADMIN, credential("bench", "lab"), LOGIN)
    await parts.inventory.put(ADMIN, GroupRecord(id="routers", credential="core"))
    await parts.inventory.put(ADMIN, DeviceRecord(id="r1", host="192.0.2.1", groups=("routers",)))
    return parts


async def test_they_cannot_open_a_credential_of_others_to_a_host_of_theirs(parts: Parts) -> None:
    with pytest.raises(ContextRefused):
        await parts.inventory.put_credential(LAB_ADMIN, credential("core", "lab", hosts=("*",)), LOGIN)
    with pytest.raises(ContextRefused):
        await parts.inventory.delete(LAB_ADMIN, CredentialRecord, "core")


@pytest.mark.parametrize(
    "device",
    [
        DeviceRecord(id="mine", host="evil.example.net", context="lab", credential="core"),
        DeviceRecord(id="mine", host="evil.example.net", context="lab", groups=("routers",)),
        DeviceRecord(id="mine", host="evil.example.net", context="default"),
        DeviceRecord(id="r1", host="evil.example.net", context="lab"),
    ],
    ids=["that names it", "whose group has it", "in a context of others", "in place of one of others"],
)
async def test_they_cannot_enter_a_device(parts: Parts, device: DeviceRecord) -> None:
    with pytest.raises(ContextRefused):
        await parts.inventory.put(LAB_ADMIN, device)


async def test_they_cannot_change_a_group_of_others_nor_delete_their_devices(parts: Parts) -> None:
    with pytest.raises(ContextRefused):
        await parts.inventory.put(LAB_ADMIN, GroupRecord(id="routers", credential="bench"))
    with pytest.raises(ContextRefused):
        await parts.inventory.delete(LAB_ADMIN, DeviceRecord, "r1")


async def test_what_is_theirs_they_change(parts: Parts) -> None:
    await parts.inventory.put(LAB_ADMIN, GroupRecord(id="benches", credential="bench"))
    await parts.inventory.put(LAB_ADMIN, DeviceRecord(id="b1", host="192.0.2.9", context="lab", groups=("benches",)))
    await parts.inventory.put_credential(LAB_ADMIN, credential("bench", "lab", hosts=("*",)), LOGIN)
    await parts.inventory.delete(LAB_ADMIN, DeviceRecord, "b1")


async def test_many_entries_are_kept_together_or_not_at_all(parts: Parts) -> None:
    good, bad = DeviceRecord(id="i1", host="192.0.2.1"), DeviceRecord(id="i2", host="192.0.2.2", credential="nope")
    with pytest.raises(InvalidRequest) as caught:
        await parts.inventory.put_all(ADMIN, [good, bad])
    assert caught.value.problems[0].location == ("devices", 1, "credential")
    with pytest.raises(RecordNotFound):
        await parts.inventory.get(ADMIN, DeviceRecord, "i1")
    assert await parts.inventory.put_all(ADMIN, [good, good]) == [1, 2]
