"""API keys: issued once, kept as a hash, rotated with overlap, revoked for good.

A key belongs to a *subject*, which is what jobs are owned by; rotation makes a new key for the same subject, so that
nobody loses their jobs. Of the token only a keyed hash is kept (`naas.vault.Vault.hash_token`); it is shown once, in
the answer that makes it. A key may also be issued as a JSON Web Token in the form of the existing service: then nothing
secret is kept at all, and the record says whether it still holds.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec

from naas.errors import ApiKeyNotFound, ContextRefused, FieldProblem, InvalidRequest, RevisionMismatch, StoreUnavailable
from naas.principals import ALL_CONTEXTS, AuthMethod, Principal, Role
from naas.security.key_tokens import key_id_of, new_key_id, new_token
from naas.store.base import RecordValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from naas.security.tokens import JwtIssuer
    from naas.store.base import Record, RecordStore
    from naas.vault import Vault

__all__ = ["ApiKey", "ApiKeys", "Issued", "KeyForm", "KeyRules", "RevokedKey"]

log = logging.getLogger("naas.security.api_keys")

# "When was it last used" is asked by people; a write for each request would be paid by everybody.
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


class KeyForm(StrEnum):
    """What the token of a key is."""

    TOKEN = "token"  # noqa: S105 - the word, no secret
    """Opaque: 256 random bits."""
    JWT = "jwt"
    """A JSON Web Token (HS256), as the existing service issues them."""


class ApiKey(RecordValue, frozen=True, kw_only=True):
    """One key. ``ttl`` is for how long it was made, in seconds, and so will be what replaces it; None is for ever.

    ``hashed`` is empty for the form JWT, whose signature proves it.
    """

    collection: ClassVar[str] = "api-keys"

    subject: str
    name: str
    role: Role
    contexts: tuple[str, ...]
    created_at: datetime
    created_by: str
    ttl: int | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    replaced_by: str | None = None
    form: KeyForm = KeyForm.TOKEN
    hashed: str = ""

    def has_expired(self, now: datetime) -> bool:
        """Whether it is not valid any more."""
        return self.expires_at is not None and self.expires_at <= now

    def principal(self) -> Principal:
        """Return who comes with this key."""
        method = AuthMethod.JWT if self.form is KeyForm.JWT else AuthMethod.API_KEY
        return Principal(
            self.subject, self.name or self.id, self.role, method, frozenset(self.contexts), key_id=self.id
        )

    def __repr__(self) -> str:
        return f"ApiKey(id={self.id!r}, name={self.name!r}, role={self.role.value!r})"


class RevokedKey(RecordValue, frozen=True, kw_only=True):
    """A key that must never be taken again, though its signature holds. Forgotten when it would have expired, unless
    it was replaced: what was made with it goes on under the key that replaced it."""

    collection: ClassVar[str] = "revoked-keys"

    revoked_at: datetime
    expires_at: datetime | None = None
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRules:
    """How long keys are valid, in seconds: ``default_ttl`` if nobody says (0: for ever), never above ``max_ttl`` (0:
    no bound)."""

    default_ttl: int = 7_776_000
    max_ttl: int = 0

    def ttl(self, wanted: int | None) -> int | None:
        """Return for how long a key is made; None is for ever. ``wanted`` 0 asks for ever and is bound too."""
        seconds = self.default_ttl if wanted is None else wanted
        if self.max_ttl and (seconds == 0 or seconds > self.max_ttl):
            seconds = self.max_ttl
        return seconds or None


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key with its token, which is shown once and kept nowhere."""

    key: ApiKey
    token: str = field(repr=False)


class ApiKeys:
    """Makes, finds, replaces and revokes keys."""

    def __init__(
        self,
        records: RecordStore,
        vault: Vault,
        rules: KeyRules | None = None,
        issuer: JwtIssuer | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._records, self._vault, self._issuer, self._now = records, vault, issuer, now
        self._rules = rules or KeyRules()
        self._noting: set[asyncio.Task[None]] = set()
        self.changes = 0
        """Counts what makes remembered answers wrong: revocations and rotations of this process."""

    async def create(
        self,
        *,
        role: Role,
        by: Principal,
        contexts: Sequence[str] = (ALL_CONTEXTS,),
        ttl: int | None = None,
        name: str = "",
        form: KeyForm = KeyForm.TOKEN,
    ) -> Issued:
        """Make a key.

        Raises:
            InvalidRequest: The caller may not use one of the contexts, or JWTs cannot be issued here.
        """
        for position, context in enumerate(contexts):
            # Else a key for the lab could make itself one for the whole network.
            if not by.may_use(context):
                rule = "a key reaches no further than its maker"
                raise InvalidRequest([FieldProblem("context_not_allowed", ("contexts", position), rule)])
        key_id = new_key_id()
        draft = ApiKey(
            id=key_id,
            subject=f"key:{key_id}",
            name=name,
            role=role,
            contexts=tuple(dict.fromkeys(contexts)),
            created_at=self._now(),
            created_by=by.name,
            ttl=self._rules.ttl(ttl),
            form=form,
        )
        return await self._issue(draft)

    async def _issue(self, draft: ApiKey) -> Issued:
        expires_at = None if draft.ttl is None else draft.created_at + timedelta(seconds=draft.ttl)
        draft = msgspec.structs.replace(draft, expires_at=expires_at)
        if draft.form is KeyForm.JWT:
            if self._issuer is None:
                rule = "this service issues no JSON Web Tokens: NAAS_JWT_SECRET is not set"
                raise InvalidRequest([FieldProblem("form_not_available", ("format",), rule)])
            issued = Issued(draft, self._issuer.issue(draft))
        else:
            token = new_token(draft.id)
            issued = Issued(msgspec.structs.replace(draft, hashed=self._vault.hash_token(token)), token)
        await self._records.put(issued.key, expected=0)
        return issued

    async def all(self) -> Sequence[ApiKey]:
        """Return every key that is valid, oldest first, and forget those that are not any more."""
        now, keys = self._now(), [record.value for record in await self._records.all(ApiKey)]
        for key in keys:
            if key.has_expired(now):
                await self._records.delete(ApiKey, key.id)
        return sorted((key for key in keys if not key.has_expired(now)), key=lambda key: (key.created_at, key.id))

    async def revoke(self, key_id: str, by: Principal) -> ApiKey:
        """Make the key worthless from now on.

        Raises:
            ApiKeyNotFound: There is no such key, or it has expired.
            ContextRefused: It reaches further than the caller.
        """
        key = (await self._valid(key_id)).value
        _require_reach(by, key.contexts)
        await self._forget(key)
        return key

    async def rotate(self, key_id: str, by: Principal, overlap_seconds: int = 0) -> Issued:
        """Replace the key by a new one for the same subject, role, contexts and length of life.

        The old one is worthless at once, or holds for ``overlap_seconds`` more (never longer than it would have).

        Raises:
            ApiKeyNotFound: There is no such key, or it has expired.
            ContextRefused: It reaches further than the caller, who would be given its token.
        """
        old = (await self._valid(key_id)).value
        _require_reach(by, old.contexts)
        now = self._now()
        draft = msgspec.structs.replace(
            old, id=new_key_id(), created_at=now, last_used_at=None, replaced_by=None, hashed=""
        )
        issued = await self._issue(draft)
        if overlap_seconds == 0:
            await self._forget(old, replaced_by=issued.key.id)
            return issued
        until = now + timedelta(seconds=overlap_seconds)
        ends_at = until if old.expires_at is None else min(until, old.expires_at)
        # Already now: it says who goes on, and that a JWT, which itself expires later, is not to be taken up again when
        # the record is gone.
        await self._records.put(RevokedKey(id=old.id, revoked_at=now, replaced_by=issued.key.id))
        await self._records.put(msgspec.structs.replace(old, expires_at=ends_at, replaced_by=issued.key.id))
        self.changes += 1
        return issued

    async def find_by_token(self, token: str) -> ApiKey | None:
        """Return the key of an opaque token, if it is valid now."""
        key_id = key_id_of(token)
        record = None if key_id is None else await self._records.get(ApiKey, key_id)
        if record is None or not self._vault.token_matches(token, record.value.hashed):
            return None
        if record.value.has_expired(self._now()):
            return None
        self._note_use(record, token)
        return record.value

    async def find_by_claims(self, claimed: ApiKey) -> ApiKey | None:
        """Return the key of a token whose signature holds, unless it was revoked.

        A key that the existing service has issued is kept when it is first seen, so that it can be listed and revoked.
        """
        record = await self._records.get(ApiKey, claimed.id)
        if record is not None:
            if record.value.form is not KeyForm.JWT or record.value.has_expired(self._now()):
                return None
            self._note_use(record)
            # What the signature covers decides what the caller may do; the record decides whose jobs they see.
            return msgspec.structs.replace(claimed, subject=record.value.subject, name=record.value.name)
        if await self._records.get(RevokedKey, claimed.id) is not None:
            return None
        try:
            await self._records.put(msgspec.structs.replace(claimed, last_used_at=self._now()), expected=0)
        except RevisionMismatch:
            pass  # another request was first
        else:
            log.info("key of another issuer is taken up key_id=%s", claimed.id)
        return claimed

    async def purge(self) -> None:
        """Forget keys that have expired, and revocations of those that would have."""
        await self.all()
        now = self._now()
        for record in await self._records.all(RevokedKey):
            if record.value.expires_at is not None and record.value.expires_at <= now:
                await self._records.delete(RevokedKey, record.value.id)

    async def _valid(self, key_id: str) -> Record[ApiKey]:
        record = await self._records.get(ApiKey, key_id)
        if record is None or record.value.has_expired(self._now()):
            raise ApiKeyNotFound(key_id)
        return record

    async def is_revoked(self, key_id: str) -> bool:
        """Whether nobody holds the key any more, nor one that replaced it."""
        seen: set[str] = set()
        while key_id not in seen:
            seen.add(key_id)
            record = await self._records.get(ApiKey, key_id)
            if record is not None and not record.value.has_expired(self._now()):
                return False
            revoked = await self._records.get(RevokedKey, key_id)
            if revoked is None or revoked.value.replaced_by is None:
                return True
            key_id = revoked.value.replaced_by
        return True

    async def _forget(self, key: ApiKey, replaced_by: str | None = None) -> None:
        # First the revocation: a crash between the two must not leave a token that can be taken up again.
        ends_at = None if replaced_by else key.expires_at
        await self._records.put(
            RevokedKey(id=key.id, revoked_at=self._now(), expires_at=ends_at, replaced_by=replaced_by)
        )
        await self._records.delete(ApiKey, key.id)
        self.changes += 1

    def _note_use(self, record: Record[ApiKey], token: str | None = None) -> None:
        """Remember the use, and hash the token with the newest key while it is at hand; nobody waits for either."""
        key, now = record.value, self._now()
        hashed = key.hashed
        if token is not None and not self._vault.hash_is_current(hashed):
            hashed = self._vault.hash_token(token)
        elif key.last_used_at is not None and now - key.last_used_at < _USE_NOTED_EVERY:
            return
        task = asyncio.create_task(
            self._put_use(msgspec.structs.replace(key, last_used_at=now, hashed=hashed), record.revision)
        )
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _put_use(self, key: ApiKey, revision: int) -> None:
        try:
            # Only this revision: a key that was revoked meanwhile must not come back.
            await self._records.put(key, expected=revision)
        except (RevisionMismatch, StoreUnavailable) as exc:
            log.debug("use of a key is not noted key_id=%s reason=%s", key.id, exc)

    async def settle(self) -> None:
        """Wait until every use is noted; before the store is closed."""
        await asyncio.gather(*self._noting)


def _require_reach(by: Principal, contexts: Sequence[str]) -> None:
    for context in contexts:
        if not by.may_use(context):
            raise ContextRefused(context, sorted(by.contexts))
