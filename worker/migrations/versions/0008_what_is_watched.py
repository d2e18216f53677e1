"""What is watched is found by small indexes over what is under way, odd, or waiting; not by reading every shipment.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_INDEXES = (
    ("ix_shipment_live", "shipment", "state", "live"),
    ("ix_shipment_unsettled", "shipment", "booking", "booking NOT IN ('booked', 'cancelled')"),
    ("ix_shipment_odd", "shipment", "state_since", "CAST(anomalies AS TEXT) <> '[]'"),
    ("ix_shipment_uncounted", "shipment", "state_since", "counted_at IS NULL AND state IN ('delivered', 'returned')"),
    ("ix_tracking_event_unknown", "tracking_event", "received_at", "certainty = 'unknown'"),
)


def upgrade() -> None:
    """Make them, and note which papers have been counted at the desk."""
    op.add_column("shipment", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE shipment SET counted_at = (
            SELECT max(handover.signed_at) FROM handover_line JOIN handover ON handover.id = handover_line.handover_id
            WHERE handover_line.order_number = shipment.order_number AND handover.direction = 'to_agency'
        )
        """
    )
    for name, table, column, where in _INDEXES:
        op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    """Take them away."""
    for name, table, _column, _where in _INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_column("shipment", "counted_at")
