"""The store on SQL databases: SQLite for one service, PostgreSQL for several."""

from naas.store.sql.store import SqlStore

__all__ = ["SqlStore"]
