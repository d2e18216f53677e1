"""Results that cannot be delivered: the counter, forwarding, recalls, who pays, stop notices.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_PARTIAL = {
    "ix_shipment_recalled": ("shipment", "recall_asked_at", "live AND recall_asked_at IS NOT NULL"),
    "ix_shipment_address_waits": ("shipment", "address_waits_since", "live AND address_waits_since IS NOT NULL"),
    "ix_counter_wait_remind": ("counter_wait", "remind_at", "remind_at IS NOT NULL"),
    "ix_counter_wait_kept": ("counter_wait", "keep_until", "over_at IS NULL"),
    "ix_unnamed_postage_open": ("unnamed_postage", "at", "named_at IS NULL"),
}


def upgrade() -> None:
    """Add what a leg needs to be called back or given to others, and the tables of what follows."""
    op.add_column("shipment", sa.Column("heir", sa.JSON(), nullable=True))
    op.add_column("shipment", sa.Column("payer", sa.String(length=20), server_default="citizen", nullable=False))
    op.add_column("shipment", sa.Column("recall_wanted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("shipment", sa.Column("recall_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("shipment", sa.Column("address_waits_since", sa.DateTime(timezone=True), nullable=True))
    _counter()
    _others()
    for name, (table, column, some) in _PARTIAL.items():
        op.create_index(name, table, [column], unique=False, sqlite_where=sa.text(some), postgresql_where=sa.text(some))


def _counter() -> None:
    op.create_table(
        "counter_fact",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("officer", sa.String(length=300), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("id_kind", sa.String(length=20), nullable=True),
        sa.Column("id_last", sa.String(length=4), nullable=True),
        sa.Column("authorisation", sa.String(length=300), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_number"], ["shipment.order_number"], name=op.f("fk_counter_fact_order_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_fact")),
    )
    op.create_index(op.f("ix_counter_fact_order_number"), "counter_fact", ["order_number"], unique=False)
    op.create_table(
        "counter_wait",
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_number"], ["shipment.order_number"], name=op.f("fk_counter_wait_order_number")),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_counter_wait_dossier_code")),
        sa.PrimaryKeyConstraint("order_number", name=op.f("pk_counter_wait")),
    )
    op.create_index(op.f("ix_counter_wait_dossier_code"), "counter_wait", ["dossier_code"], unique=False)


def _others() -> None:
    op.create_table(
        "forwarding_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("citizen", sa.Text(), nullable=False),
        sa.Column("payer", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_forwarding_wish_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forwarding_wish")),
    )
    op.create_index(op.f("ix_forwarding_wish_order_number"), "forwarding_wish", ["order_number"], unique=False)
    op.create_table(
        "unnamed_postage",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("debtor", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("legal_source", sa.String(length=300), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_unnamed_postage_dossier_code")),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_unnamed_postage_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unnamed_postage")),
    )
    op.create_index(op.f("ix_unnamed_postage_dossier_code"), "unnamed_postage", ["dossier_code"], unique=False)
    op.create_table(
        "stop_notice",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer", sa.String(length=300), nullable=False),
        sa.Column("legal_source", sa.String(length=300), nullable=False),
        sa.Column("text_vi", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_stop_notice_dossier_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_notice")),
    )
    op.create_index(op.f("ix_stop_notice_dossier_code"), "stop_notice", ["dossier_code"], unique=False)


def downgrade() -> None:
    """Take it all back."""
    for name in ("ix_shipment_recalled", "ix_shipment_address_waits"):
        op.drop_index(name, table_name="shipment")
    for table in ("stop_notice", "unnamed_postage", "forwarding_wish", "counter_wait", "counter_fact"):
        op.drop_table(table)
    for column in ("address_waits_since", "recall_asked_at", "recall_wanted", "payer", "heir"):
        op.drop_column("shipment", column)
