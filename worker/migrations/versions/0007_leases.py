"""Leases, and what retention looks for by time.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_BY_TIME = (("carrier_call", "started_at"), ("outbox_message", "created_at"))


def upgrade() -> None:
    """Make them. What grows with time lies in its order: an index of block ranges is enough, and costs little."""
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    for table, column in _BY_TIME:
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_using="brin")


def downgrade() -> None:
    """Take them away."""
    for table, column in _BY_TIME:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.drop_table("lease")
