"""How far each one-stop system's changes have been imported.

Revision ID: 0020
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "onestop_position",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_onestop_position")),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("onestop_position")
