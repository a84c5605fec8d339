"""The forms that the store's tables have had, and the way from each to the next (alembic).

A service brings its database to the present form when it starts (`naas.store.sql.SqlStore.open`); here are the same
steps for an operator's command line. A new step: change `naas.store.sql.tables`, write ``versions/NNNN_what.py`` by
hand (alembic's autogenerate helps, see ``render`` in the tests), raise `HEAD`; a test compares the two on every
database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from naas.store.sql.schema import HEAD, current_of, prepare

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["current", "head", "upgrade"]


def upgrade(where: str | Path) -> None:
    """Bring the database at a path or URL to the present form, or make it; a SQLite database is copied first.

    Raises:
        StartError: It is in use, cannot be reached, or was made by a newer version.
    """
    from naas.store.sql.opening import opened

    with opened(where) as database:
        prepare(database)


def current(where: str | Path) -> str | None:
    """Return the form of the database; None if there is none yet. Changes nothing, and may be asked while it is in use.

    Raises:
        StartError: It cannot be read.
    """
    return current_of(where)


def head() -> str:
    """Return the form that this version works with."""
    return HEAD
