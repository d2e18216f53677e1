"""How far comparing has come with each one-stop and operator, and what differs.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "reconciliation_round",
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("peer", sa.String(length=40), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.String(length=80), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("side", "peer", name=op.f("pk_reconciliation_round")),
    )
    op.create_table(
        "reconciliation_difference",
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("peer", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=True),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("ours", sa.String(length=200), nullable=False),
        sa.Column("theirs", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("mend", sa.String(length=500), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("side", "peer", "subject", "kind", name=op.f("pk_reconciliation_difference")),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("reconciliation_difference")
    op.drop_table("reconciliation_round")
