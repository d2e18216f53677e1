"""Operators that are asked item by item and call us: their own ids, later readings of events, refused webhooks.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and tables; orders so far are known by their waybill and are not asked for one by one."""
    op.add_column("shipment", sa.Column("operator_id", sa.String(length=80), nullable=True))
    op.add_column("shipment", sa.Column("poll_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_shipment_poll", "shipment", ["account", "poll_at"])
    op.create_table(
        "event_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("money_only", sa.Boolean(), nullable=False),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["tracking_event.id"], name=op.f("fk_event_reading_event_id_tracking_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_reading")),
    )
    op.create_index(op.f("ix_event_reading_event_id"), "event_reading", ["event_id"])
    op.create_table(
        "webhook_refusal",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_reason", sa.String(length=300), nullable=False),
        sa.Column("last_sender", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("account", "verdict", name=op.f("pk_webhook_refusal")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("webhook_refusal")
    op.drop_index(op.f("ix_event_reading_event_id"), table_name="event_reading")
    op.drop_table("event_reading")
    op.drop_index("ix_shipment_poll", table_name="shipment")
    op.drop_column("shipment", "poll_at")
    op.drop_column("shipment", "operator_id")
