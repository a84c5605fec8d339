"""Whether the master key is the one with which a database was written: asked when the service starts.

Without this a wrong key shows late, one failed job and one unreadable credential after the other. The first start over
a database seals a word that everybody knows and keeps it; each later start has to be able to open it. A key that was
put in front of the old one opens it too, as long as the old one stays; `naas.security.rotation` seals it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from naas.errors import RevisionMismatch, VaultError
from naas.store.base import RecordValue
from naas.vault import Use

if TYPE_CHECKING:
    from naas.store.base import RecordStore
    from naas.vault import Vault

__all__ = ["SealedWord", "renew_word", "require_same_key"]

_ID: Final = "master"
_WORD: Final = b"naas"


class SealedWord(RecordValue, frozen=True, kw_only=True):
    """What only the right master key opens. There is one, and what is in it is no secret."""

    collection: ClassVar[str] = "master_key"

    sealed: bytes


async def require_same_key(records: RecordStore, vault: Vault, where: str) -> None:
    """Return if the vault opens what the database was written with; one that has no word yet gets one.

    ``where`` is the database, for the message.

    Raises:
        VaultError: None of the keys is the one.
    """
    present = await records.get(SealedWord, _ID)
    if present is None:
        try:
            await records.put(_word_of(vault), expected=0)
        except RevisionMismatch:  # another service starts over the same database, and was faster
            present = await records.get(SealedWord, _ID)
    if present is None:
        return
    try:
        vault.open_bytes(Use.CHECK, _ID, present.value.sealed)
    except VaultError as exc:
        raise VaultError(
            f"the database {where} was written with another master key, so no login in it could be decrypted; put the "
            "old key back (NAAS_ENCRYPTION_KEY or the key file), behind the new one if you change keys. If it is lost, "
            "`naas-server keys rotate` counts what is lost with it, and the service starts with the new key"
        ) from exc


async def renew_word(records: RecordStore, vault: Vault) -> None:
    """Seal the word with the newest key, whatever had sealed it."""
    await records.put(_word_of(vault))


def _word_of(vault: Vault) -> SealedWord:
    return SealedWord(id=_ID, sealed=vault.seal_bytes(Use.CHECK, _ID, _WORD))
