"""Configurations of devices over time: read by jobs, kept sealed, shown and compared."""

from __future__ import annotations

import asyncio
import base64
import difflib
import hashlib
import logging
import uuid
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from naas.conversation import RUNNING_CONFIG, STARTUP_CONFIG
from naas.errors import RecordNotFound
from naas.jobs import BackupWork
from naas.store.base import Snapshot
from naas.vault import Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.jobs import Ending, Job
    from naas.principals import Principal
    from naas.store.base import SnapshotStore, Store
    from naas.vault import Vault

__all__ = ["BackupService", "ConfigDiff"]

log = logging.getLogger("naas.services.backups")

# How many snapshots are looked through for the one before; a device rarely has more kept.
_LOOK_BACK: Final = 1000


@dataclass(frozen=True, slots=True)
class ConfigDiff:
    """What changed from one configuration to another, as unified text; empty if nothing did."""

    before: Snapshot | None
    after: Snapshot
    text: str
    added: int
    removed: int


class BackupService:
    """Keeps what backup jobs read, and answers for it. A recorder of endings; lives in one event loop."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._snapshots: SnapshotStore = store.snapshots
        self._vault = vault

    async def record(self, job: Job, ending: Ending) -> None:
        """Keep the configuration that a backup job has read."""
        results = ending.outcome.results
        if not isinstance(job.work, BackupWork) or not results:
            return
        text, now = str(results[STARTUP_CONFIG if job.work.startup else RUNNING_CONFIG]), datetime.now(UTC)
        snapshot = Snapshot(
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, job.id)),  # of the job, so that telling of it twice keeps one
            address=job.device.address,
            taken_at=now,
            last_seen_at=now,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            owner=job.owner,
            job_id=job.id,
            context=job.context,
            is_startup=job.work.startup,
            size=len(text),
            text=self._sealed(job.device.address, text),
        )
        kept = await self._snapshots.add(snapshot)
        if kept.id == snapshot.id:
            log.info("configuration is new device=%s snapshot=%s", job.device.address, kept.id)

    async def page(
        self, principal: Principal, *, address: str | None, before: str | None, limit: int
    ) -> Sequence[Snapshot]:
        """Return snapshots that the caller may see, newest first, without their texts."""
        owner = None if principal.sees_everything else principal.subject
        return await self._snapshots.page(owner=owner, address=address, before=before, limit=limit)

    async def get(self, principal: Principal, snapshot_id: str) -> Snapshot:
        """Return a snapshot with its text.

        Raises:
            RecordNotFound: There is none, or it is not theirs.
            VaultError: It was sealed with a key that is gone.
        """
        found = await self._snapshots.get(snapshot_id)
        if found is None or not principal.may_see(found.owner):
            raise RecordNotFound("backups", snapshot_id)
        return replace(found, text=self._opened(found))

    async def diff(self, principal: Principal, snapshot_id: str, against: str | None = None) -> ConfigDiff:
        """Compare a snapshot with another one, or with the one before of the same device and kind.

        Raises:
            RecordNotFound, VaultError: As for `get`.
        """
        after = await self.get(principal, snapshot_id)
        earlier = await self._before(after) if against is None else against
        before = None if earlier is None else await self.get(principal, earlier)
        # In a thread: two configurations of 20,000 lines take half a second, in which nobody else should wait.
        return await asyncio.to_thread(_compared, before, after)

    async def _before(self, snapshot: Snapshot) -> str | None:
        earlier = await self._snapshots.page(
            owner=snapshot.owner, address=snapshot.address, before=snapshot.id, limit=_LOOK_BACK
        )
        # Two sites may use the same addresses: a device is one within its context.
        kind = (snapshot.is_startup, snapshot.context)
        return next((each.id for each in earlier if (each.is_startup, each.context) == kind), None)

    def _sealed(self, address: str, text: str) -> str:
        # Compressed first: what is sealed does not shrink any more, and configurations shrink to a fifth.
        sealed = self._vault.seal_bytes(Use.SNAPSHOT, address, zlib.compress(text.encode()))
        return base64.b64encode(sealed).decode()

    def _opened(self, snapshot: Snapshot) -> str:
        sealed = base64.b64decode(snapshot.text or "")
        return zlib.decompress(self._vault.open_bytes(Use.SNAPSHOT, snapshot.address, sealed)).decode()


def _compared(before: Snapshot | None, after: Snapshot) -> ConfigDiff:
    old = [] if before is None else _lines(before)
    names = ("nothing" if before is None else _title(before), _title(after))
    changed = list(difflib.unified_diff(old, _lines(after), *names, lineterm=""))
    added = sum(line.startswith("+") for line in changed[2:])
    removed = sum(line.startswith("-") for line in changed[2:])
    return ConfigDiff(before, after, "\n".join(changed), added, removed)


def _lines(snapshot: Snapshot) -> list[str]:
    return (snapshot.text or "").splitlines()


def _title(snapshot: Snapshot) -> str:
    return f"{snapshot.address} {snapshot.taken_at.isoformat(timespec='seconds')}"
