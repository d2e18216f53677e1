"""What citizens changed on the pages of their dossiers; printed documents are found by their age.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "citizen_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_citizen_change_dossier_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_change")),
    )
    op.create_index(op.f("ix_citizen_change_dossier_code"), "citizen_change", ["dossier_code"], unique=False)
    op.create_index(op.f("ix_issued_document_issued_at"), "issued_document", ["issued_at"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index(op.f("ix_issued_document_issued_at"), table_name="issued_document")
    op.drop_table("citizen_change")
