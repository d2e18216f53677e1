"""The register of printed documents.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "document_series",
        sa.Column("agency_code", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letters", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_code", "year", "letters", name=op.f("pk_document_series")),
    )
    op.create_table(
        "issued_document",
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("agency_code", sa.String(length=60), nullable=False),
        sa.Column("validity", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_issued_document")),
        sa.UniqueConstraint("kind", "subject", "digest", name=op.f("uq_issued_document_kind_subject_digest")),
    )
    op.create_table(
        "document_print",
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("copy_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("printed_by", sa.String(length=300), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["issued_document.number"], name=op.f("fk_document_print_number_issued_document")
        ),
        sa.PrimaryKeyConstraint("number", "copy_no", name=op.f("pk_document_print")),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("document_print")
    op.drop_table("issued_document")
    op.drop_table("document_series")
