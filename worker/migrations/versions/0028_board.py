"""The board lists shipments by when they were ordered, in pages.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Create the index, and let the one by state say the order, too."""
    op.create_index("ix_shipment_created_at", "shipment", ["created_at", "order_number"])
    op.drop_index("ix_shipment_state", "shipment")
    op.create_index("ix_shipment_state", "shipment", ["state", "created_at", "order_number"])


def downgrade() -> None:
    """Drop it again, and let the other say the state alone."""
    op.drop_index("ix_shipment_state", "shipment")
    op.create_index("ix_shipment_state", "shipment", ["state"])
    op.drop_index("ix_shipment_created_at", table_name="shipment")
