"""A desk looks up the lines that it has rejected among all that it ever signed.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Create the index of the few."""
    op.create_index(
        "ix_handover_line_rejected",
        "handover_line",
        ["order_number"],
        sqlite_where=sa.text("accepted IS 0"),
        postgresql_where=sa.text("accepted IS FALSE"),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_index("ix_handover_line_rejected", table_name="handover_line")
