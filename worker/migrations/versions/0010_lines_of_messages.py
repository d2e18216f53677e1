"""Messages stand in lines, receivers have a row of their own, and what is due is found by indexes of nothing else.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_INDEXES = (
    ("ix_outbox_message_due", "outbox_message", ["destination", "due_at", "written"], "state = 'pending'"),
    ("ix_outbox_message_line", "outbox_message", ["destination", "subject", "written"], "state = 'pending'"),
    ("ix_outbox_message_parked", "outbox_message", ["destination", "written"], "state = 'parked'"),
    ("ix_outbox_message_leased", "outbox_message", ["destination", "lease_until"], "lease_until IS NOT NULL"),
    ("ix_shipment_due", "shipment", ["account", "next_at"], "next_at IS NOT NULL"),
    ("ix_shipment_leased", "shipment", ["lease_until"], "lease_until IS NOT NULL"),
)
_IN_ORDER = """
UPDATE outbox_message SET written = line.place
FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS place FROM outbox_message) AS line
WHERE line.id = outbox_message.id
"""


def upgrade() -> None:
    """Give every message its place: what is there goes before whatever is written from now on."""
    op.add_column("outbox_message", sa.Column("written", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(_IN_ORDER)
    op.create_table(
        "outbox_destination",
        sa.Column("destination", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("destination", name=op.f("pk_outbox_destination")),
    )
    for name, table, columns, condition in _INDEXES:
        only = sa.text(condition)
        op.create_index(name, table, columns, unique=False, sqlite_where=only, postgresql_where=only)
    op.drop_index("ix_outbox_message_state_due_at", table_name="outbox_message")
    op.drop_index("ix_shipment_next_at", table_name="shipment")


def downgrade() -> None:
    """Take it all back; the order in which messages were written is forgotten."""
    op.create_index("ix_shipment_next_at", "shipment", ["next_at"], unique=False)
    op.create_index("ix_outbox_message_state_due_at", "outbox_message", ["state", "due_at"], unique=False)
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_table("outbox_destination")
    op.drop_column("outbox_message", "written")
