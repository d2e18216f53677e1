"""The operator's own id of an order.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; orders so far are known by their waybill."""
    op.add_column("shipment", sa.Column("operator_id", sa.String(length=80), nullable=True))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("shipment", "operator_id")
