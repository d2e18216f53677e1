"""What happened to money, as facts.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the facts' table."""
    op.create_table(
        "money_fact",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("ledger", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("debtor", sa.String(length=20), nullable=False),
        sa.Column("creditor", sa.String(length=20), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=True),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("legal_source", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_money_fact_dossier_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_fact")),
    )
    op.create_index(op.f("ix_money_fact_dossier_code"), "money_fact", ["dossier_code"], unique=False)
    op.create_index(op.f("ix_money_fact_order_number"), "money_fact", ["order_number"], unique=False)


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("money_fact")
