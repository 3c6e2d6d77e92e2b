"""What Alembic runs to migrate: the missing revisions, inside the transaction that the caller has begun.

Loaded by Alembic only, with the connection in ``config.attributes``; `bot.corpus.migrate` is where that is done.
"""

from __future__ import annotations

from alembic import context

from bot.corpus.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a schema inside a transaction like any data; Alembic's own default is that it does not.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
