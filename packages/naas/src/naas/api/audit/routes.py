"""The routes of the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from litestar import Response, get
from litestar.response import Stream

from naas import __version__
from naas.api.answers import answer, moment, next_page_link
from naas.api.asking import HttpRequest, query_of, runtime_of
from naas.api.audit.export import CSV, NDJSON, csv_lines, ndjson_lines
from naas.api.audit.wire import AuditExportParameters, AuditLine, AuditPage, AuditParameters, AuditVerdict
from naas.api.keys.asking import manager_of
from naas.errors import FieldProblem, InvalidRequest
from naas.store.base import AuditQuery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from naas.store.base import AuditEvent, AuditStore

__all__ = ["ROUTES"]

_NO_STORE: Final = {"Cache-Control": "no-store"}
# What was done before the question is in the answer, unless the store keeps us waiting; in seconds.
_PATIENCE: Final = 2.0


@get("/v2/audit")
async def list_audit_events(request: HttpRequest) -> Response[bytes]:
    """List events."""
    await manager_of(request)
    asked = query_of(request, AuditParameters)
    query = replace(_query(asked), before=asked.before, limit=asked.limit + 1)
    runtime = runtime_of(request)
    await runtime.security.audit.settle(_PATIENCE)
    return _page(request, await runtime.store.audit.page(query), asked.limit)


@get("/v2/audit/export.ndjson")
async def export_audit_ndjson(request: HttpRequest) -> Stream:
    """Export events as JSON objects, one a line."""
    return await _export(request, "ndjson", NDJSON, ndjson_lines)


@get("/v2/audit/export.csv")
async def export_audit_csv(request: HttpRequest) -> Stream:
    """Export events as a table."""
    return await _export(request, "csv", CSV, csv_lines)


@get("/v2/audit/verify")
async def verify_audit(request: HttpRequest) -> Response[bytes]:
    """Check the chain."""
    await manager_of(request)
    await runtime_of(request).security.audit.settle(_PATIENCE)
    broken = await runtime_of(request).store.audit.verify()
    verdict = AuditVerdict(intact=broken is None, first_broken=broken, app="naas", version=__version__)
    return answer(verdict, headers=_NO_STORE)


ROUTES: Final = (list_audit_events, export_audit_ndjson, export_audit_csv, verify_audit)


async def _export(
    request: HttpRequest,
    form: str,
    media_type: str,
    lines: Callable[[AuditStore, AuditQuery], AsyncIterator[bytes]],
) -> Stream:
    manager = await manager_of(request)
    query = _query(query_of(request, AuditExportParameters))
    runtime = runtime_of(request)
    runtime.security.audit.write("audit.exported", manager, format=form)
    await runtime.security.audit.settle(_PATIENCE)
    headers = {**_NO_STORE, "Content-Disposition": f'attachment; filename="naas-audit.{form}"'}
    return Stream(lines(runtime.store.audit, query), media_type=media_type, headers=headers)


def _query(asked: AuditExportParameters) -> AuditQuery:
    return AuditQuery(
        event_type=asked.event_type,
        principal=asked.principal,
        since=_moment(asked.since, "since"),
        until=_moment(asked.until, "until"),
    )


def _page(request: HttpRequest, found: Sequence[AuditEvent], limit: int) -> Response[bytes]:
    events = [_line(event) for event in found[:limit]]
    following = events[-1].sequence if len(found) > limit else None
    link = {} if following is None else next_page_link(request, {"before": str(following)})
    body = AuditPage(events=events, next=following, app="naas", version=__version__)
    return answer(body, headers={**_NO_STORE, **link})


def _line(event: AuditEvent) -> AuditLine:
    return AuditLine(
        sequence=event.sequence,
        at=moment(event.at),
        event_type=event.event_type,
        principal=event.principal,
        subject=event.subject,
        fields=dict(event.fields),
        chain=event.chain,
    )


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        # In a query, the "+" of a zone arrives as a space unless the client wrote it as %2B.
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError as exc:
        rule = "must be a time such as 2026-11-21T08:00:00Z"
        raise InvalidRequest([FieldProblem("datetime", (name,), rule)]) from exc
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
