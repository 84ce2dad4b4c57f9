"""Run by Alembic: migrate on the connection that `store.migrate` or `tools.revision` put in place."""

from __future__ import annotations

from alembic import context

from clarion.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
