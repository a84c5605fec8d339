"""The routes of backups."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar import Response, get, post

from naas import __version__
from naas.api.answers import answer, cacheable, moment, next_page_link
from naas.api.asking import HttpRequest, job_id_of, principal_of, query_of, runtime_of
from naas.api.backups.wire import (
    BackupAnswer,
    BackupDiff,
    BackupList,
    BackupRequest,
    BackupSummary,
    DiffParameters,
    ListBackupsParameters,
)
from naas.api.jobs.orders import Asked, checked_submission, order_for
from naas.api.jobs.routes import submit
from naas.inventory import DeviceRecord, is_name
from naas.jobs import BackupWork

if TYPE_CHECKING:
    from naas.api.validation import Raw
    from naas.principals import Principal
    from naas.services.orders import Order
    from naas.store.base import Snapshot

__all__ = ["ROUTES"]


@post("/v2/backups", status_code=HTTPStatus.ACCEPTED)
async def back_up(request: HttpRequest) -> Response[bytes]:
    """Submit a job that reads a configuration and keeps it."""
    return await submit(request, _read_backup)


async def _read_backup(raw: Raw, asked: Asked) -> Order:
    request = checked_submission(raw, BackupRequest, asked, lambda _: iter(()))
    return await order_for(request, BackupWork(request.startup), asked, None)


@get("/v2/backups")
async def list_backups(request: HttpRequest) -> Response[bytes]:
    """List configurations that the caller's jobs have read."""
    principal = await principal_of(request)
    asked = query_of(request, ListBackupsParameters)
    address = None if asked.device is None else await _address_of(request, principal, asked.device)
    before = None if asked.before is None else job_id_of(asked.before)
    backups = runtime_of(request).backups
    found = await backups.page(principal, address=address, before=before, limit=asked.limit + 1)
    following = found[asked.limit - 1].id if len(found) > asked.limit else None
    shown = [_summary(each) for each in found[: asked.limit]]
    headers = next_page_link(request, {"before": following}) if following else None
    return answer(BackupList(backups=shown, next=following, app="naas", version=__version__), headers=headers)


@get("/v2/backups/{backup_id:str}")
async def get_backup(request: HttpRequest) -> Response[bytes]:
    """Read one configuration."""
    principal = await principal_of(request)
    snapshot = await runtime_of(request).backups.get(principal, job_id_of(request.path_params["backup_id"]))
    body = BackupAnswer(text=snapshot.text or "", app="naas", version=__version__, **_facts(snapshot))
    return cacheable(request, body)


@get("/v2/backups/{backup_id:str}/diff")
async def diff_backup(request: HttpRequest) -> Response[bytes]:
    """Compare a configuration with the one before it, or with another."""
    principal = await principal_of(request)
    against = query_of(request, DiffParameters).against
    diff = await runtime_of(request).backups.diff(
        principal,
        job_id_of(request.path_params["backup_id"]),
        None if against is None else job_id_of(against),
    )
    body = BackupDiff(
        backup_id=diff.after.id,
        against=None if diff.before is None else diff.before.id,
        diff=diff.text,
        added=diff.added,
        removed=diff.removed,
        app="naas",
        version=__version__,
    )
    return cacheable(request, body)


ROUTES: Final = (back_up, list_backups, get_backup, diff_backup)


async def _address_of(request: HttpRequest, principal: Principal, device: str) -> str:
    """Return ``host:port`` for what may also be the name of a device."""
    if ":" in device or not is_name(device) or not principal.is_verified:
        return device
    found = await runtime_of(request).store.records.get(DeviceRecord, device)
    return f"{device}:22" if found is None else found.value.address


def _summary(snapshot: Snapshot) -> BackupSummary:
    return BackupSummary(**_facts(snapshot))


def _facts(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "backup_id": snapshot.id,
        "device": snapshot.address,
        "context": snapshot.context,
        "is_startup": snapshot.is_startup,
        "taken_at": moment(snapshot.taken_at),
        "last_seen_at": moment(snapshot.last_seen_at),
        "size": snapshot.size,
        "sha256": snapshot.sha256,
        "job_id": snapshot.job_id,
    }
