"""Changing the key of everything that is sealed: device logins, webhook secrets, stored credentials, configurations.

The store knows where sealed values are; what is in them only the vault does (`naas.vault.Vault.reseal`).
"""

from __future__ import annotations

import base64
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import literal_column, select, update

from naas.store.sql.opening import opened
from naas.store.sql.schema import prepare
from naas.store.sql.statements import compile_statement, given
from naas.store.sql.tables import deliveries, jobs, records, snapshots
from naas.store.sql.transactions import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeAlias

    from sqlalchemy import Column, ColumnElement, Table

    from naas.store.sql.databases import Database

    Reseal: TypeAlias = Callable[[str, str, bytes], bytes | None]
    """Is given the kind of a value (``login``, ``webhook``, ``credential`` or ``snapshot``), the id that it is bound to
    and the value; returns the new value, or None to leave it as it is."""

__all__ = ["reseal"]

# Values that change in one transaction.
_STEP: Final = 500


def reseal(where: str | Path, change: Reseal) -> int:
    """Give every sealed value of the store at a path or URL to ``change``; return how many it changed.

    It may be broken off and done again at any time. A SQLite database must not be in use; services on PostgreSQL may
    go on, if they know both keys.

    Raises:
        StartError: The database is in use, or cannot be used.
    """
    with opened(where) as database:
        prepare(database)
        return sum(_reseal_place(database, place, change) for place in _PLACES)


def _same(content: bytes) -> bytes:
    return content


def _credential_in(content: bytes) -> bytes:
    return base64.b64decode(msgspec.json.decode(content)["sealed"])


def _with_credential(content: bytes, sealed: bytes) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(content), "sealed": base64.b64encode(sealed).decode()})


@dataclass(frozen=True, slots=True)
class _Place:
    """A column with sealed values: what they are, what each is bound to, and how it stands in the column."""

    kind: str
    table: Table
    key: Column[Any]
    bound_to: Column[str]
    content: Column[bytes]
    only: ColumnElement[bool] | None = None
    take: Callable[[bytes], bytes] = _same
    put: Callable[[bytes, bytes], bytes] = lambda _, sealed: sealed


_PLACES: Final = (
    _Place("login", jobs, jobs.c.id, jobs.c.id, jobs.c.sealed_login),
    _Place("webhook", jobs, jobs.c.id, jobs.c.id, jobs.c.sealed_webhook_secret),
    _Place("webhook", deliveries, deliveries.c.id, deliveries.c.job_id, deliveries.c.sealed_secret),
    _Place(
        "credential",
        records,
        records.c.id,
        records.c.id,
        records.c.value,
        records.c.collection == literal_column("'credentials'"),
        _credential_in,
        _with_credential,
    ),
    _Place(
        "snapshot",
        snapshots,
        snapshots.c.id,
        snapshots.c.address,
        snapshots.c.text,
        None,
        base64.b64decode,
        lambda _, sealed: base64.b64encode(sealed),
    ),
)


def _reseal_place(database: Database, place: _Place, change: Reseal) -> int:
    only = [] if place.only is None else [place.only]
    found = select(place.key, place.bound_to, place.content).where(place.content.is_not(None), *only)
    found = found.where(place.key > given("after")).order_by(place.key).limit(literal_column(str(_STEP)))
    # Only as long as it is what was read: whoever forgot it meanwhile is right.
    changed = update(place.table).where(place.key == given("key"), place.content == given("old"), *only)
    read = compile_statement(found, database.dialect)
    write = compile_statement(changed.values({place.content.name: given("new")}), database.dialect)
    count, after = 0, ""
    with contextlib.closing(database.connect()) as connection:
        transaction = Transaction(connection.cursor())
        while rows := transaction.all(read, {"after": after}):
            values = [
                {"key": key, "old": content, "new": place.put(content, new)}
                for key, bound_to, content in rows
                if (new := change(place.kind, bound_to, place.take(content))) not in (None, place.take(content))
            ]
            transaction.cursor.execute(database.begin)
            count += transaction.run_many(write, values)
            transaction.cursor.execute("COMMIT")
            after = rows[-1][0]
    return count
