"""What came of each statement of a one-stop system.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

TABLE = "onestop_statement"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        TABLE,
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("dossier_code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("next_step", sa.String(length=500), nullable=False),
        sa.Column("next_step_vi", sa.String(length=500), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_onestop_statement")),
    )
    waits = sa.text("outcome IN ('awaits', 'refused', 'broken')")
    op.create_index("ix_onestop_statement_waiting", TABLE, ["delivery_id"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_onestop_statement_dossier_code", TABLE, ["dossier_code"])
    op.create_index("ix_onestop_statement_tried_at", TABLE, ["tried_at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table(TABLE)
