"""How alembic runs our migrations: on the connection that `naas.store.sql.schema` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from naas.store.sql.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite can take back changes of tables as well, and the connection is one that lets it.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
