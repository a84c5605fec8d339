"""The inventory: who may use which credential where."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from naas.errors import (
    ContextRefused,
    InvalidRequest,
    NotAllowed,
    RecordExists,
    RecordInUse,
    RecordNotFound,
    RevisionMismatch,
    RoleTooLow,
)
from naas.inventory import CredentialRecord, DeviceRecord, GroupRecord, covers
from naas.principals import Principal
from naas.services.inventory import InventoryService
from naas.vault import Login

from .conftest import ADMIN, OPERATOR, PASS_THROUGH, VIEWER, Parts

ENABLE = Login("netops", "hunter2", enable="hunter3")


async def enter(inventory: InventoryService, *devices: DeviceRecord, **credential: Any) -> None:
    """A credential "core", a group "routers" that uses it, and some devices."""
    await inventory.put_credential(ADMIN, CredentialRecord(id="core", username="", sealed=b"", **credential), ENABLE)
    await inventory.put(ADMIN, GroupRecord(id="routers", credential="core"))
    for device in devices:
        await inventory.put(ADMIN, device)


def router(name: str, **fields: Any) -> DeviceRecord:
    defaults: dict[str, Any] = {"host": f"{name}.example.net", "groups": ("routers",)}
    return DeviceRecord(id=name, **{**defaults, **fields})


async def test_a_device_brings_the_login_of_its_group(parts: Parts) -> None:
    await enter(parts.inventory, router("r1", platform="cisco_ios", port=2022))
    found = await parts.inventory.resolve(OPERATOR, "r1")
    assert (found.device.address, found.device.platform, found.login) == ("r1.example.net:2022", "cisco_ios", ENABLE)


async def test_a_secret_is_nowhere_in_the_database_in_clear(parts: Parts) -> None:
    await enter(parts.inventory)
    record = await parts.inventory.get(VIEWER, CredentialRecord, "core")
    assert b"hunter" not in record.value.sealed
    assert "hunter" not in repr(record)
    assert (record.value.username, record.value.has_enable) == ("netops", True)


@pytest.mark.parametrize(
    ("principal", "error"), [(PASS_THROUGH, NotAllowed), (VIEWER, RoleTooLow)], ids=["pass-through", "viewer"]
)
async def test_who_may_not_use_the_inventory(parts: Parts, principal: Principal, error: type[Exception]) -> None:
    """A pass-through login is verified by nobody: it must not reach passwords that others have stored."""
    await enter(parts.inventory, router("r1"))
    with pytest.raises(error):
        await parts.inventory.resolve(principal, "r1")
    with pytest.raises(error):
        await parts.inventory.login_for_host(principal, "core", "r1.example.net", "default")


async def test_only_admins_change_it(parts: Parts) -> None:
    with pytest.raises(RoleTooLow, match="needs the role admin"):
        await parts.inventory.put(OPERATOR, router("r1"))
    with pytest.raises(RoleTooLow):
        await parts.inventory.delete(OPERATOR, DeviceRecord, "r1")


async def test_a_credential_never_goes_to_a_host_that_it_does_not_cover(parts: Parts) -> None:
    """Else whoever may run a job could have a stored password sent to a host of their own."""
    await enter(parts.inventory, hosts=("10.0.0.0/8",))
    assert await parts.inventory.login_for_host(OPERATOR, "core", "10.1.2.3", "default") == ENABLE
    with pytest.raises(InvalidRequest, match="may not be used for this host"):
        await parts.inventory.login_for_host(OPERATOR, "core", "192.0.2.1", "default")


async def test_a_device_takes_another_credential_only_if_that_covers_its_host(parts: Parts) -> None:
    await enter(parts.inventory, router("r1"))
    await parts.inventory.put_credential(ADMIN, CredentialRecord(id="other", username="", sealed=b""), ENABLE)
    with pytest.raises(InvalidRequest, match="is not that of the device 'r1'"):
        await parts.inventory.resolve(OPERATOR, "r1", credential="other")


async def test_contexts_bind_callers_and_credentials(parts: Parts) -> None:
    await enter(parts.inventory, router("r1", context="lab"), contexts=("default",))
    with pytest.raises(InvalidRequest, match="may not be used in the context 'lab'"):
        await parts.inventory.resolve(OPERATOR, "r1")
    elsewhere = dataclasses.replace(OPERATOR, contexts=frozenset({"default"}))
    with pytest.raises(ContextRefused):
        await parts.inventory.resolve(elsewhere, "r1")


async def test_unknown_names_are_told_with_names_like_them(parts: Parts) -> None:
    await enter(parts.inventory, router("core-router-1"))
    with pytest.raises(InvalidRequest, match=re.escape("there is no device called 'core-router-2'; did you mean")):
        await parts.inventory.resolve(OPERATOR, "core-router-2")
    with pytest.raises(InvalidRequest, match="there is no credential called 'cord'; did you mean core"):
        await parts.inventory.put(ADMIN, router("r2", credential="cord"))
    with pytest.raises(RecordNotFound, match="there is no 'nobody' among the devices"):
        await parts.inventory.get(VIEWER, DeviceRecord, "nobody")


async def test_a_device_without_any_credential_says_what_to_do(parts: Parts) -> None:
    await parts.inventory.put(ADMIN, router("r1", groups=()))
    with pytest.raises(InvalidRequest, match="has no credential; give it or one of its groups one"):
        await parts.inventory.resolve(OPERATOR, "r1")


async def test_a_credential_in_use_stays(parts: Parts) -> None:
    await enter(parts.inventory)
    with pytest.raises(RecordInUse, match="'core' of the credentials is used by routers; change these first"):
        await parts.inventory.delete(ADMIN, CredentialRecord, "core")
    await parts.inventory.put(ADMIN, GroupRecord(id="routers"))
    await parts.inventory.delete(ADMIN, CredentialRecord, "core")


async def test_two_editors_never_overwrite_each_other(parts: Parts) -> None:
    first = await parts.inventory.put(ADMIN, router("r1", groups=()), expected=0)
    await parts.inventory.put(ADMIN, router("r1", groups=(), port=2022), expected=first)
    with pytest.raises(RevisionMismatch, match="is at revision 2, and revision 1 was expected"):
        await parts.inventory.put(ADMIN, router("r1", groups=(), port=2023), expected=first)
    with pytest.raises(RecordExists, match="take another name"):
        await parts.inventory.put(ADMIN, router("r1", groups=()), expected=0)


async def test_a_group_resolves_to_its_devices_by_name(parts: Parts) -> None:
    await enter(parts.inventory, router("r2"), router("r1"), router("s1", groups=("switches",), credential="core"))
    assert [each.name for each in await parts.inventory.resolve_group(OPERATOR, "routers")] == ["r1", "r2"]
    with pytest.raises(InvalidRequest, match="there is no group called 'printers'"):
        await parts.inventory.resolve_group(OPERATOR, "printers")


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        ("10.0.0.0/8", "10.255.0.1", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("10.0.0.0/8", "10.evil.example", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("2001:db8::/32", "2001:db8::5", True),
        ("*.lab.example.net", "R1.lab.example.net", True),
        ("*.lab.example.net", "r1.lab.example.net.evil.example", False),
        ("*", "192.0.2.7", False),
        ("*", "anything.example", True),
        ("r?.example.net", "r1.example.net", True),
    ],
    ids=lambda value: str(value),
)
def test_which_hosts_a_pattern_covers(pattern: str, host: str, expected: bool) -> None:
    """Names by wildcard, addresses by network; a name is never resolved, and a wildcard covers no address."""
    assert covers([pattern], host) is expected
