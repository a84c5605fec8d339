"""Changing the master key: seals again, with the newest key, everything that older keys have sealed.

Three things go on depending on the *oldest* key of the list until their time is over, so it should stay there for a
week: which jobs belong to a pass-through caller (`naas.vault.Vault.owner_of`), the chain of the audit trail, and API
keys that were not used since the new key came, which `Rotation.api_keys_to_use` counts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naas.errors import VaultError
from naas.security.api_keys import ApiKey, KeyForm
from naas.security.key_check import renew_word
from naas.store.resealing import reseal
from naas.store.sql import SqlStore
from naas.vault import Use

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from naas.vault import Vault

__all__ = ["Rotation", "rotate_keys"]

_USES: Final[Mapping[str, Use]] = {
    "login": Use.LOGIN,
    "webhook": Use.WEBHOOK,
    "credential": Use.CREDENTIAL,
    "snapshot": Use.SNAPSHOT,
}


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did.

    Attributes:
        resealed: Secrets that are sealed with the newest key now.
        unreadable: Secrets that none of the keys opens; they stay as they are, and are lost without their key.
        api_keys_to_use: API keys whose hash an older key has made; each is made anew when it is used next.
    """

    resealed: int
    unreadable: tuple[str, ...]
    api_keys_to_use: int


def rotate_keys(where: str | Path, vault: Vault) -> Rotation:
    """Seal everything in the store at a path or URL with the newest key of the vault.

    It may be broken off and done again at any time. A SQLite database must not be in use; services on PostgreSQL may
    go on, if they know both keys. Outside of an event loop only.

    Raises:
        StartError: The database is in use, or cannot be used.
    """
    unreadable: list[str] = []

    def change(kind: str, belongs_to: str, sealed: bytes) -> bytes | None:
        try:
            return None if vault.is_current(sealed) else vault.reseal(_USES[kind], belongs_to, sealed)
        except VaultError:
            unreadable.append(f"{kind} {belongs_to}")
            return None

    resealed = reseal(where, change)
    return Rotation(resealed, tuple(unreadable), asyncio.run(_finish(where, vault)))


async def _finish(where: str | Path, vault: Vault) -> int:
    """Have the next start ask for the newest key; return how many API keys an older one has hashed."""
    store = SqlStore.open(where, audit_key=vault.audit_key())
    try:
        await renew_word(store.records, vault)
        keys = [record.value for record in await store.records.all(ApiKey)]
    finally:
        store.close()
    return sum(key.form is KeyForm.TOKEN and not vault.hash_is_current(key.hashed) for key in keys)
