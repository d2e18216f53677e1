"""Incidents, who received what, and deliveries that were reversed.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_OPEN = sa.text("closed_at IS NULL")
_ODD = sa.text("contradiction IS NOT NULL")
_REFUSED = sa.text("refused IS NOT NULL")
_UNPROVEN = sa.text("proof_wanted")


def upgrade() -> None:
    """Create the tables, and note where a count differed and where a delivery has yet to be proven."""
    op.add_column("handover_line", sa.Column("discrepancy", sa.String(length=300), nullable=True))
    op.add_column("shipment", sa.Column("proof_wanted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_shipment_unproven", "shipment", ["delivered_at"], sqlite_where=_UNPROVEN, postgresql_where=_UNPROVEN
    )
    _create_incidents()
    _create_delivery_records()
    op.create_table(
        "delivery_reversal",
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("reversal_id", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_delivery_reversal_order_number")
        ),
        sa.PrimaryKeyConstraint("order_number", "reversal_id", name=op.f("pk_delivery_reversal")),
    )


def _create_incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_incident_dossier_code")),
        sa.ForeignKeyConstraint(["order_number"], ["shipment.order_number"], name=op.f("fk_incident_order_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("dossier_code", "cause", name=op.f("uq_incident_dossier_code_cause")),
    )
    op.create_index("ix_incident_open", "incident", ["opened_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "incident_fact",
        sa.Column("incident_id", sa.String(length=100), nullable=False),
        sa.Column("fact_id", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_fact_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "fact_id", name=op.f("pk_incident_fact")),
    )


def _create_delivery_records() -> None:
    op.create_table(
        "delivery_record",
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("record_id", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("refused", sa.String(length=120), nullable=True),
        sa.Column("contradiction", sa.String(length=60), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_delivery_record_order_number")
        ),
        sa.PrimaryKeyConstraint("order_number", "record_id", name=op.f("pk_delivery_record")),
    )
    op.create_index("ix_delivery_record_odd", "delivery_record", ["at"], sqlite_where=_ODD, postgresql_where=_ODD)
    op.create_index(
        "ix_delivery_record_refused", "delivery_record", ["at"], sqlite_where=_REFUSED, postgresql_where=_REFUSED
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("delivery_reversal", "delivery_record", "incident_fact", "incident"):
        op.drop_table(table)
    op.drop_index("ix_shipment_unproven", table_name="shipment")
    op.drop_column("shipment", "proof_wanted")
    op.drop_column("handover_line", "discrepancy")
