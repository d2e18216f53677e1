"""Alembic's environment: runs on the connection that :mod:`worker.migrate` hands over."""

from __future__ import annotations

from alembic import context

from worker.migrations.comparison import is_no_partition, server_default_differs
from worker.migrations.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,
    include_name=is_no_partition,
    compare_server_default=server_default_differs,
)
with context.begin_transaction():
    context.run_migrations()
