"""New deliveries and those that are tried again are each found by an index of their own turn.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_UNDONE = sa.text("state IN ('new', 'parked')")


def upgrade() -> None:
    """Put the state in front: neither of the two has to look past the other."""
    _index("state", "try_at", "id")


def downgrade() -> None:
    """One line for both again."""
    _index("try_at", "id")


def _index(*columns: str) -> None:
    op.drop_index("ix_inbox_delivery_undone", table_name="inbox_delivery")
    op.create_index(
        "ix_inbox_delivery_undone",
        "inbox_delivery",
        list(columns),
        sqlite_where=_UNDONE,
        postgresql_where=_UNDONE,
    )
