"""When an item is asked about next, by what is known of it, and how the questions to each account go.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ASKABLE = sa.text("booking = 'booked' AND state NOT IN ('delivered', 'returned', 'cancelled')")
_URGENT = sa.text("booking = 'booked' AND state NOT IN ('delivered', 'returned', 'cancelled') AND poll_urgent")


def upgrade() -> None:
    """Add columns and table; of the items under way nothing is known, so each is asked about at the time it had."""
    op.add_column("shipment", sa.Column("poll_urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("shipment", sa.Column("poll_failures", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("shipment", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("shipment", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_shipment_poll", table_name="shipment")
    for name, of in (("ix_shipment_poll", _ASKABLE), ("ix_shipment_poll_urgent", _URGENT)):
        op.create_index(name, "shipment", ["account", "poll_at"], sqlite_where=of, postgresql_where=of)
    op.create_table(
        "poll_account",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("questions_left", sa.Double(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_poll_account")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("poll_account")
    op.drop_index("ix_shipment_poll_urgent", table_name="shipment")
    op.drop_index("ix_shipment_poll", table_name="shipment")
    op.create_index("ix_shipment_poll", "shipment", ["account", "poll_at"])
    for column in ("heard_at", "asked_at", "poll_failures", "poll_urgent"):
        op.drop_column("shipment", column)
