"""How far systems that keep copies have been told of the dossiers that were there before them.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "onestop_copying",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("source_system", sa.String(length=80), nullable=False),
        sa.Column("told_until", sa.String(length=80), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("system", "source_system", name=op.f("pk_onestop_copying")),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("onestop_copying")
