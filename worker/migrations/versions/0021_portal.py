"""What each system that keeps states was last brought in line with.

Revision ID: 0021
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "onestop_synced",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("existed", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_onestop_synced_dossier_code")),
        sa.PrimaryKeyConstraint("system", "dossier_code", name=op.f("pk_onestop_synced")),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("onestop_synced")
