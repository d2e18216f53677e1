"""How a dossier was filed, and the reports that are made by themselves.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column and create the table."""
    op.add_column("dossier", sa.Column("filed_through", sa.String(length=10), nullable=True))
    op.create_table(
        "report_run",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("name", "first_day", "last_day", name=op.f("pk_report_run")),
    )


def downgrade() -> None:
    """Drop both again."""
    op.drop_table("report_run")
    op.drop_column("dossier", "filed_through")
