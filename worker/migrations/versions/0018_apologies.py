"""Apologies, what happened to them, and the dossiers in which one may be owed.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the tables."""
    _apologies()
    _facts()
    op.create_table(
        "apology_look",
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_apology_look_dossier_code")),
        sa.PrimaryKeyConstraint("dossier_code", name=op.f("pk_apology_look")),
    )


def _apologies() -> None:
    op.create_table(
        "apology",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("promise", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("failing", sa.String(length=20), nullable=False),
        sa.Column("debtor", sa.String(length=20), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("sign_by", sa.Date(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_apology_dossier_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apology")),
        sa.UniqueConstraint("dossier_code", "promise", name=op.f("uq_apology_dossier_code_promise")),
        sa.UniqueConstraint("number", name=op.f("uq_apology_number")),
    )
    waiting = sa.text("state = 'draft'")
    op.create_index(
        "ix_apology_open", "apology", ["sign_by"], unique=False, sqlite_where=waiting, postgresql_where=waiting
    )


def _facts() -> None:
    op.create_table(
        "apology_fact",
        sa.Column("apology_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("doing", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["apology_id"], ["apology.id"], name=op.f("fk_apology_fact_apology_id")),
        sa.PrimaryKeyConstraint("apology_id", "place", name=op.f("pk_apology_fact")),
    )


def downgrade() -> None:
    """Drop them again."""
    for table in ("apology_look", "apology_fact", "apology"):
        op.drop_table(table)
