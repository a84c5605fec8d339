"""Which form the tables of a database have, and how they come to the present one.

The form is the revision in alembic's table. Older SQLite databases carry ``PRAGMA user_version = 1`` instead. A new
database gets the present tables at once; a test proves that the migrations lead to the same ones.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from naas.errors import StartError
from naas.store.sql.opening import is_postgresql, opened, sqlite_path
from naas.store.sql.sqlite import SqliteDatabase, make_private
from naas.store.sql.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection as AlchemyConnection
    from sqlalchemy import Engine

    from naas.store.sql.databases import Cursor, Database

__all__ = ["HEAD", "current_of", "prepare"]

log = logging.getLogger("naas.store")

HEAD: Final = "0002"
"""The present form: the newest revision in `naas.store.migrations`."""

_OLDER: Final = ("0001",)

# What a service of before alembic looks at: anything above 1 is newer to it.
_USER_VERSION: Final = 2


def prepare(database: Database) -> None:
    """Bring the database to the present form, whatever form it has. Of several services that start at once, one does
    it and the others wait.

    Raises:
        StartError: It was written by a newer version, or by another program.
        Exception: The database cannot be used (``database.error``).
    """
    with contextlib.closing(database.connect()) as connection:
        found = _form(database, connection.cursor())
    if found == HEAD:
        return
    if found is not None and found not in _OLDER:
        raise StartError(
            f"the database {database} was written by a newer naas (schema {found}, this version knows {HEAD}); "
            "upgrade naas, or name another database with --database"
        )
    if found is not None and isinstance(database, SqliteDatabase):
        copy = _copy_before_upgrade(database.path, found)
        log.warning("upgrading the database %s from schema %s to %s; a copy is kept as %s", database, found, HEAD, copy)
    elif found is not None:
        log.warning("upgrading the database %s from schema %s to %s", database, found, HEAD)
    with _alone(database) as connection:
        found = _form(database, cast("Cursor", connection.connection.cursor()))
        if found is None:
            _make(database, connection)
        elif found != HEAD:  # else another service was faster
            _migrate(connection, found)


def current_of(where: str | Path) -> str | None:
    """Return the form of the database at a path or URL, None if there is none. Changes nothing.

    Raises:
        StartError: It cannot be read.
    """
    if is_postgresql(where):
        with opened(where) as database, contextlib.closing(database.connect()) as connection:
            return _form(database, connection.cursor())
    path = sqlite_path(where)
    if not path.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened_file:
            return _sqlite_form(path, opened_file.cursor())
    except sqlite3.Error as exc:
        raise StartError(f"cannot read the database {path}: {exc}") from exc


def _form(database: Database, cursor: Cursor) -> str | None:
    if isinstance(database, SqliteDatabase):
        return _sqlite_form(database.path, cursor)
    cursor.execute("SELECT to_regclass('alembic_version') IS NOT NULL, to_regclass('jobs') IS NOT NULL")
    has_revision, has_jobs = cursor.fetchone()
    if has_revision:
        return _revision(cursor)
    if has_jobs:
        raise StartError(_not_ours(database))
    return None


def _sqlite_form(path: Path, cursor: Any) -> str | None:
    tables = {name for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}
    if "alembic_version" in tables:
        return _revision(cursor)
    (version,) = cursor.execute("PRAGMA user_version").fetchone()
    if version > 1:
        return str(version)
    if {"jobs", "idempotency"} <= tables:
        return "0001"
    if tables - {"sqlite_sequence"}:
        raise StartError(_not_ours(path))
    return None


def _not_ours(what: object) -> str:
    return f"the database {what} has tables of another program; name another database with --database"


def _revision(cursor: Any) -> str | None:
    cursor.execute("SELECT version_num FROM alembic_version")
    row = cursor.fetchone()
    return None if row is None else str(row[0])


def _copy_before_upgrade(path: Path, form: str) -> Path:
    """Copy the database, whole, to a file beside it that says which form it has."""
    kept = path.with_name(f"{path.name}.schema-{form}")
    draft = kept.with_name(f"{kept.name}.part")
    draft.unlink(missing_ok=True)
    make_private(draft)
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(draft)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    handle = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return draft.rename(kept)


@contextlib.contextmanager
def _alone(database: Database) -> Generator[AlchemyConnection]:
    """Give a connection of SQLAlchemy in a transaction that no other service is in at the same time."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    name = "sqlite" if isinstance(database, SqliteDatabase) else "postgresql+psycopg"
    engine: Engine = create_engine(f"{name}://", creator=database.connect_for_changes, poolclass=NullPool)
    if isinstance(database, SqliteDatabase):
        # The driver would begin a transaction only before the first INSERT, and so leave tables half changed.
        event.listen(engine, "begin", _begin_at_once)
    try:
        with engine.begin() as connection:
            if not isinstance(database, SqliteDatabase):
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('naas schema'))")
            yield connection
    except DBAPIError as exc:
        raise exc.orig or exc from exc  # as everywhere in the store: the driver's own error
    finally:
        engine.dispose()


def _begin_at_once(connection: AlchemyConnection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make(database: Database, connection: AlchemyConnection) -> None:
    METADATA.create_all(connection)
    # As alembic writes it; alembic itself would cost every first start a quarter of a second and six megabytes.
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version "
        "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")
    if isinstance(database, SqliteDatabase):
        connection.exec_driver_sql(f"PRAGMA user_version = {_USER_VERSION}")


def _migrate(connection: AlchemyConnection, found: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    context = MigrationContext.configure(connection)
    if context.get_current_revision() is None:
        context.stamp(ScriptDirectory.from_config(config), found)
    command.upgrade(config, HEAD)
