"""One-time codes of dossiers, and the sessions of citizens.

Revision ID: 0029
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "citizen_code",
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_citizen_code_dossier_code")),
        sa.PrimaryKeyConstraint("dossier_code", name=op.f("pk_citizen_code")),
    )
    op.create_index(op.f("ix_citizen_code_issued_at"), "citizen_code", ["issued_at"], unique=False)
    op.create_table(
        "citizen_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_citizen_session_dossier_code")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_citizen_session")),
    )
    op.create_index(op.f("ix_citizen_session_seen_at"), "citizen_session", ["seen_at"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("citizen_session")
    op.drop_table("citizen_code")
