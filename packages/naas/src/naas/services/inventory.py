"""The inventory: devices, groups and credentials by name, and what a job takes from it.

Everybody whom the service knows may read it, operators use it, admins change it. Whoever comes with a device login
only (pass-through Basic) has no inventory at all. Secrets go in and never come out: a credential is shown by its user
name, and used by reference.
"""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from naas.errors import (
    ContextRefused,
    FieldProblem,
    InvalidRequest,
    RecordExists,
    RecordInUse,
    RecordNotFound,
    RevisionMismatch,
    RoleTooLow,
    WrongCredential,
)
from naas.inventory import CredentialRecord, DeviceRecord, GroupRecord, covers, credential_name_of, matching
from naas.jobs import Device
from naas.principals import ALL_CONTEXTS, Role
from naas.store.base import RecordValue
from naas.vault import Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.principals import Principal
    from naas.store.base import Record, RecordStore, Store
    from naas.vault import Login, Vault

__all__ = ["InventoryService", "Resolved"]

_T = TypeVar("_T", bound=RecordValue)
# How many names are looked through for one that a person may have meant.
ENTRIES_AT_ONCE: Final = 1000
_PUT_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a job takes from the inventory. ``name`` is None for a host that is not in it."""

    device: Device
    login: Login
    context: str
    name: str | None = None


class InventoryService:
    """Reads, changes and resolves. Lives in one event loop."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._records: RecordStore = store.records
        self._vault = vault

    # Reading and changing

    async def get(self, principal: Principal, kind: type[_T], name: str) -> Record[_T]:
        """Return one entry.

        Raises:
            NotAllowed: The caller has no inventory.
            RecordNotFound: There is none of this name.
        """
        _require(principal, Role.VIEWER)
        record = await self._records.get(kind, name)
        if record is None:
            raise RecordNotFound(kind.collection, name)
        return record

    async def page(
        self, principal: Principal, kind: type[_T], *, after: str | None, limit: int
    ) -> Sequence[Record[_T]]:
        """Return up to ``limit`` entries by name, from behind ``after``."""
        _require(principal, Role.VIEWER)
        return await self._records.page(kind, after=after, limit=limit)

    async def put(self, principal: Principal, value: RecordValue, *, expected: int | None = None) -> int:
        """Keep an entry and return its revision; ``expected`` as in `RecordStore.put`.

        Raises:
            NotAllowed: The caller is no admin.
            RecordExists: ``expected`` is 0, and there is one.
            RevisionMismatch: It was changed since it was read.
            InvalidRequest: It names a credential that does not exist.
            ContextRefused: It, or what it replaces, reaches further than the caller.
        """
        _require(principal, Role.ADMIN)
        await self._check_references(value)
        await self._require_reach(principal, type(value), value.id, value)
        try:
            return await self._records.put(value, expected=expected)
        except RevisionMismatch as exc:
            if expected == 0:
                raise RecordExists(value.collection, value.id) from exc
            raise

    async def put_all(self, principal: Principal, values: Sequence[RecordValue]) -> list[int]:
        """Keep many entries, whatever there was before, and return their revisions; see `put`.

        Everything is checked first: one entry that is wrong keeps all of them out.
        """
        _require(principal, Role.ADMIN)
        for index, value in enumerate(values):
            try:
                await self._check_references(value)
            except InvalidRequest as exc:
                located = [replace(each, location=("devices", index, *each.location)) for each in exc.problems]
                raise InvalidRequest(located) from exc
            await self._require_reach(principal, type(value), value.id, value)
        revisions: list[int] = []
        for start in range(0, len(values), _PUT_AT_ONCE):
            # Side by side, so that the store writes them together; an entry that is there twice keeps its order.
            revisions += await asyncio.gather(
                *(self._records.put(value) for value in values[start : start + _PUT_AT_ONCE])
            )
        return revisions

    async def put_credential(
        self, principal: Principal, record: CredentialRecord, login: Login, *, expected: int | None = None
    ) -> int:
        """Keep a credential with its login, which is sealed here; see `put`."""
        _require(principal, Role.ADMIN)
        sealed = self._vault.seal(record.id, login, Use.CREDENTIAL)
        whole = CredentialRecord(
            id=record.id,
            username=login.username,
            sealed=sealed,
            contexts=record.contexts,
            hosts=record.hosts,
            has_private_key=login.private_key is not None,
            has_enable=login.enable is not None,
            jump_host=None if login.jump is None else login.jump.host,
            description=record.description,
        )
        return await self.put(principal, whole, expected=expected)

    async def login_of(self, record: CredentialRecord) -> Login:
        """Return the login of a credential, for an update that keeps what it does not name."""
        return self._vault.open(record.id, record.sealed, Use.CREDENTIAL)

    async def delete(self, principal: Principal, kind: type[_T], name: str, *, expected: int | None = None) -> None:
        """Forget an entry.

        Raises:
            NotAllowed, RecordNotFound, RevisionMismatch, ContextRefused: As for `put` and `get`.
            RecordInUse: A credential that devices or groups name.
        """
        _require(principal, Role.ADMIN)
        await self._require_reach(principal, kind, name)
        if kind is CredentialRecord and (users := await self._users_of(name)):
            raise RecordInUse(kind.collection, name, users)
        if not await self._records.delete(kind, name, expected=expected):
            raise RecordNotFound(kind.collection, name)

    async def _require_reach(
        self, principal: Principal, kind: type[RecordValue], name: str, value: RecordValue | None = None
    ) -> None:
        """Return if the caller's contexts hold everything that an entry opens: as it is, and as ``value`` makes it."""
        if ALL_CONTEXTS in principal.contexts:
            return
        present = await self._records.get(kind, name)
        for entry in (value, None if present is None else present.value):
            for context in await self._contexts_of(entry):
                if not principal.may_use(context):
                    raise ContextRefused(context, sorted(principal.contexts))

    async def _contexts_of(self, entry: RecordValue | None) -> set[str]:
        match entry:
            case CredentialRecord(contexts=contexts):
                return set(contexts)
            case GroupRecord(credential=name):
                return await self._contexts_of_credential(name)
            case DeviceRecord():
                groups = [record.value for record in await self._records.all(GroupRecord)]
                return {entry.context} | await self._contexts_of_credential(credential_name_of(entry, groups))
            case _:
                return set()

    async def _contexts_of_credential(self, name: str | None) -> set[str]:
        record = None if name is None else await self._records.get(CredentialRecord, name)
        return set() if record is None else set(record.value.contexts)

    async def _users_of(self, credential: str) -> list[str]:
        entries: list[DeviceRecord | GroupRecord] = [record.value for record in await self._records.all(DeviceRecord)]
        entries += [record.value for record in await self._records.all(GroupRecord)]
        return [entry.id for entry in entries if entry.credential == credential]

    async def _check_references(self, value: RecordValue) -> None:
        if not isinstance(value, DeviceRecord | GroupRecord) or value.credential is None:
            return
        if await self._records.get(CredentialRecord, value.credential) is None:
            known = [record.value.id for record in await self._records.all(CredentialRecord)]
            raise InvalidRequest([_unknown("credential", value.credential, known)])

    # Using

    async def resolve(
        self, principal: Principal, name: str, *, credential: str | None = None, login: Login | None = None
    ) -> Resolved:
        """Return a device of the inventory with its login.

        A ``login`` that the caller brings is used instead; the way to the device stays that of the inventory: the
        bastion of its own credential, if that has one.

        Raises:
            NotAllowed: The caller has no inventory, or their key does not reach the device's context.
            InvalidRequest: There is no such device, or it has no credential.
        """
        _require(principal, Role.OPERATOR)
        record = await self._records.get(DeviceRecord, name)
        if record is None:
            known = [each.value.id for each in await self._records.page(DeviceRecord, limit=ENTRIES_AT_ONCE)]
            raise InvalidRequest([_unknown("device", name, known)])
        groups = [each.value for each in await self._records.all(GroupRecord)]
        return await self._resolved(principal, record.value, groups, credential, login)

    async def resolve_group(self, principal: Principal, group: str) -> list[Resolved]:
        """Return every device of a group with its login, by name.

        Raises:
            NotAllowed, InvalidRequest: As for `resolve`; also if no device is in the group.
        """
        _require(principal, Role.OPERATOR)
        devices = matching([record.value for record in await self._records.all(DeviceRecord)], group=group)
        groups = [each.value for each in await self._records.all(GroupRecord)]
        if not devices:
            raise InvalidRequest([_unknown("group", group, [each.id for each in groups])])
        return [await self._resolved(principal, device, groups, None) for device in devices]

    async def names_in_group(self, principal: Principal, group: str) -> list[str]:
        """Return the names of the devices of a group.

        Raises:
            NotAllowed, InvalidRequest: As for `resolve_group`, which also wants each of them to have a login.
        """
        _require(principal, Role.OPERATOR)
        devices = matching([record.value for record in await self._records.all(DeviceRecord)], group=group)
        if not devices:
            known = [record.value.id for record in await self._records.all(GroupRecord)]
            raise InvalidRequest([_unknown("group", group, known)])
        return [device.id for device in devices]

    async def login_for_host(self, principal: Principal, credential: str, host: str, context: str) -> Login:
        """Return the login of a credential for a host that is not in the inventory.

        Raises:
            NotAllowed: The caller has no inventory.
            InvalidRequest: There is no such credential, or it may not be used for this host.
        """
        _require(principal, Role.OPERATOR)
        record = await self._credential(credential, context)
        if not covers(record.hosts, host):
            problem = FieldProblem(
                "credential_not_for_host",
                ("credential",),
                f"the credential {credential!r} may not be used for this host; name a device of the inventory, or have "
                "an admin add the host to the credential's hosts",
                credential,
            )
            raise InvalidRequest([problem])
        return await self.login_of(record)

    async def _resolved(
        self,
        principal: Principal,
        device: DeviceRecord,
        groups: Sequence[GroupRecord],
        credential: str | None,
        brought: Login | None = None,
    ) -> Resolved:
        if not principal.may_use(device.context):
            raise ContextRefused(device.context, sorted(principal.contexts))
        own = credential_name_of(device, groups)
        if credential is not None and credential != own:
            allowed = await self._credential(credential, device.context)
            if not covers(allowed.hosts, device.host):
                raise InvalidRequest([_not_its_credential(device.id, credential)])
        name = credential or own
        where = Device(device.host, device.port, device.platform, device.driver)
        if name is None and brought is not None:
            return Resolved(where, brought, device.context, device.id)
        if name is None:
            problem = FieldProblem(
                "no_credential",
                ("device",),
                f"the device {device.id!r} has no credential; give it or one of its groups one, or send username and "
                "password",
                device.id,
            )
            raise InvalidRequest([problem])
        login = await self.login_of(await self._credential(name, device.context))
        if brought is not None:
            login = replace(brought, jump=login.jump)
        return Resolved(where, login, device.context, device.id)

    async def _credential(self, name: str, context: str) -> CredentialRecord:
        record = await self._records.get(CredentialRecord, name)
        if record is None:
            known = [each.value.id for each in await self._records.all(CredentialRecord)]
            raise InvalidRequest([_unknown("credential", name, known)])
        if not {ALL_CONTEXTS, context} & set(record.value.contexts):
            message = f"the credential {name!r} may not be used in the context {context!r}"
            raise InvalidRequest([FieldProblem("credential_not_for_context", ("credential",), message, name)])
        return record.value


def _require(principal: Principal, role: Role) -> None:
    if not principal.is_verified:
        raise WrongCredential("a device login (pass-through Basic) has no inventory; come with an API key or a token")
    if not principal.role.includes(role):
        raise RoleTooLow(principal.role, role)


def _unknown(field: str, name: str, known: Sequence[str]) -> FieldProblem:
    near = tuple(difflib.get_close_matches(name, known, n=3, cutoff=0.6))
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return FieldProblem(f"unknown_{field}", (field,), f"there is no {field} called {name!r}{hint}", name, near)


def _not_its_credential(device: str, credential: str) -> FieldProblem:
    message = f"the credential {credential!r} is not that of the device {device!r}, and its hosts do not cover it"
    return FieldProblem("credential_not_for_host", ("credential",), message, credential)
