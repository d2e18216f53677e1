"""Items whose journey is over are asked about again when somebody hints at more.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

_UNDER_WAY = "booking = 'booked' AND state NOT IN ('delivered', 'returned', 'cancelled')"
_ASKABLE = "booking = 'booked' AND (state NOT IN ('delivered', 'returned', 'cancelled') OR poll_at IS NOT NULL)"


def upgrade() -> None:
    """Make the indexes hold them too. A plan from before the end of a journey is none any more."""
    op.execute("UPDATE shipment SET poll_at = NULL WHERE state IN ('delivered', 'returned', 'cancelled')")
    _index(_ASKABLE)


def downgrade() -> None:
    """Leave them out again."""
    _index(_UNDER_WAY)


def _index(askable: str) -> None:
    for name, which in (("ix_shipment_poll", askable), ("ix_shipment_poll_urgent", f"{askable} AND poll_urgent")):
        op.drop_index(name, table_name="shipment")
        of = sa.text(which)
        op.create_index(name, "shipment", ["account", "poll_at"], sqlite_where=of, postgresql_where=of)
