"""From a path or URL to a database."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from naas.errors import StartError
from naas.store.sql.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Generator

    from naas.store.sql.databases import Database

__all__ = ["cannot_use", "is_postgresql", "opened", "sqlite_path", "take"]


def is_postgresql(where: str | Path) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return isinstance(where, str) and where.startswith(("postgresql:", "postgres:"))


def sqlite_path(where: str | Path) -> Path:
    """Return the file that a path or a URL (``sqlite:///relative/path``, ``sqlite:////absolute/path``) names.

    Raises:
        StartError: It is a URL of another kind.
    """
    if isinstance(where, Path) or ":" not in where:
        return Path(where)
    scheme, separator, path = where.partition(":///")
    if scheme == "sqlite" and separator and path:
        return Path(path)
    if "://" not in where:
        return Path(where)
    kind = where.partition("://")[0]
    raise StartError(f"no store can be opened on {kind}://…; write sqlite:///PATH or postgresql://USER@HOST/DATABASE")


def take(where: str | Path) -> Database:
    """Take the database at a path or URL; the caller closes it.

    Raises:
        StartError: Another service has it, it cannot be written, or the URL is of no database.
    """
    if is_postgresql(where):
        try:
            from naas.store.sql.postgresql import PostgresDatabase
        except ImportError as exc:
            raise StartError(f"PostgreSQL needs the extra `postgres`: pip install 'naas[postgres]' ({exc})") from exc
        return PostgresDatabase(str(where))
    return SqliteDatabase(sqlite_path(where))


@contextmanager
def opened(where: str | Path) -> Generator[Database]:
    """As `take`, closed at the end; what the driver raises meanwhile is told as the reason why nothing can start.

    Raises:
        StartError: As `take`, or the database cannot be used.
    """
    database = take(where)
    try:
        yield database
    except (OSError, database.error) as exc:
        raise StartError(cannot_use(database, exc)) from exc
    finally:
        database.close()


def cannot_use(database: Database, error: Exception) -> str:
    """Return what to tell somebody whose database failed."""
    if isinstance(database, SqliteDatabase):
        return f"cannot use the database {database}: {error}; name another file with --database"
    reason = " ".join(str(error).split())
    return f"cannot use the database {database}: {reason}; start the server, or correct the URL"
