"""Choices of operators with their reasons, last prices, connections, pickup windows, new addresses.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; no pickup window has been chosen and no address changed so far."""
    op.add_column("shipment", sa.Column("pickup_window", sa.String(length=11), nullable=True))
    op.add_column("shipment", sa.Column("new_citizen", sa.Text(), nullable=True))
    op.create_table(
        "routing_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("asked_for", sa.Boolean(), nullable=False),
        sa.Column("considered", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_routing_decision_order_number_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_decision")),
    )
    op.create_index(op.f("ix_routing_decision_order_number"), "routing_decision", ["order_number"])
    op.create_table(
        "last_price",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("sender_province", sa.String(length=2), nullable=False),
        sa.Column("receiver_province", sa.String(length=2), nullable=False),
        sa.Column("vnd", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "sender_province", "receiver_province", name=op.f("pk_last_price")),
    )

    op.create_table(
        "connection_state",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("breaker", sa.String(length=20), nullable=False),
        sa.Column("breaker_enforced", sa.Boolean(), nullable=False),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.Column("under_way", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "process", name=op.f("pk_connection_state")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("shipment", "new_citizen")
    op.drop_column("shipment", "pickup_window")
    op.drop_table("connection_state")
    op.drop_table("last_price")
    op.drop_index(op.f("ix_routing_decision_order_number"), table_name="routing_decision")
    op.drop_table("routing_decision")
