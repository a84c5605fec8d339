"""The trail as a file: one event a line, oldest first, as long as it is."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from naas.store.base import AuditEvent, AuditQuery, AuditStore

__all__ = ["CSV", "NDJSON", "csv_lines", "ndjson_lines"]

CSV: Final = "text/csv"
NDJSON: Final = "application/x-ndjson"

_COLUMNS: Final = ("sequence", "at", "event_type", "principal", "subject", "fields", "chain")
_AT_ONCE: Final = 1000
# A spreadsheet would take what begins so for a formula, and carry it out.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


async def _pages(store: AuditStore, query: AuditQuery) -> AsyncIterator[Sequence[AuditEvent]]:
    query = replace(query, oldest_first=True, limit=_AT_ONCE)
    while page := await store.page(query):
        yield page
        query = replace(query, after=page[-1].sequence)


def _row(event: AuditEvent) -> tuple[object, ...]:
    at = event.at.isoformat()
    return event.sequence, at, event.event_type, event.principal, event.subject, dict(event.fields), event.chain


async def ndjson_lines(store: AuditStore, query: AuditQuery) -> AsyncIterator[bytes]:
    """Yield JSON objects, one a line (https://github.com/ndjson/ndjson-spec)."""
    encode = msgspec.json.Encoder().encode
    async for page in _pages(store, query):
        rows = (dict(zip(_COLUMNS, _row(event), strict=True)) for event in page)
        yield b"".join(encode(row) + b"\n" for row in rows)


async def csv_lines(store: AuditStore, query: AuditQuery) -> AsyncIterator[bytes]:
    """Yield rows (RFC 4180) below a heading; ``fields`` is JSON."""
    yield f"{','.join(_COLUMNS)}\r\n".encode()
    async for page in _pages(store, query):
        text = io.StringIO()
        writer = csv.writer(text)
        for event in page:
            *values, fields, chain = _row(event)
            cells = [*map(str, values), msgspec.json.encode(fields).decode(), str(chain)]
            writer.writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
        yield text.getvalue().encode()
