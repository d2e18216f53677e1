"""Whether and when a leg is ordered again once its shipment is dead.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; no shipment has a successor yet."""
    op.add_column("shipment", sa.Column("successor", sa.String(length=20), nullable=True))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("shipment", "successor")
