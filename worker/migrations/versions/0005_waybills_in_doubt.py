"""Waybills that nobody vouches for, and second waybills of one order.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; none has been heard of so far."""
    op.add_column("shipment", sa.Column("hinted_waybill", sa.String(length=40), nullable=True))
    op.add_column("shipment", sa.Column("other_waybill", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("shipment", "other_waybill")
    op.drop_column("shipment", "hinted_waybill")
