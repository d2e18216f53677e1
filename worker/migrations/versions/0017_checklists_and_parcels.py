"""Lists of papers, slips signed at pickup, rejected lines, transfers between agencies, parcels of several dossiers.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_MOMENT = sa.DateTime(timezone=True)
_SHIPMENT_INDEXES = (
    ("ix_shipment_rides_with", ["rides_with"], "rides_with IS NOT NULL"),
    ("ix_shipment_due_first", ["account", "next_at"], "next_at IS NOT NULL AND priority"),
    ("ix_shipment_same_day", ["state"], "live AND priority"),
)
_UNCLEAR = sa.text("fault_reason IS NOT NULL AND fault IS NULL")
_AT_ODDS = sa.text("contradicts IS NOT NULL")


def upgrade() -> None:
    """Create what is new; of the shipments that there are none rides with another and none goes first."""
    _shipments()
    _checklists()
    _slips()
    _rejections()
    _transfers()


def _shipments() -> None:
    op.add_column("shipment", sa.Column("slip_number", sa.String(length=100), nullable=True))
    op.add_column("shipment", sa.Column("rides_with", sa.String(length=80), nullable=True))
    op.add_column("shipment", sa.Column("carries", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("shipment", sa.Column("priority", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name, columns, some in _SHIPMENT_INDEXES:
        op.create_index(name, "shipment", columns, sqlite_where=sa.text(some), postgresql_where=sa.text(some))


def _checklists() -> None:
    op.create_table(
        "checklist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("published_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint(
            "procedure_code", "source", "version", name=op.f("uq_checklist_procedure_code_source_version")
        ),
    )
    op.create_table(
        "checklist_fixing",
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("checklist_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_checklist_fixing_dossier_code")),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_checklist_fixing_checklist_id")),
        sa.PrimaryKeyConstraint("dossier_code", "evidence", name=op.f("pk_checklist_fixing")),
    )


def _slips() -> None:
    op.create_table(
        "pickup_slip",
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("checklist_id", sa.Integer(), nullable=True),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("postman", sa.String(length=300), nullable=False),
        sa.Column("postman_signed_at", _MOMENT, nullable=False),
        sa.Column("citizen", sa.Text(), nullable=False),
        sa.Column("citizen_signed_at", _MOMENT, nullable=False),
        sa.Column("seal_number", sa.String(length=60), nullable=True),
        sa.Column("fee_vnd", sa.BigInteger(), nullable=False),
        sa.Column("fee_receipt", sa.String(length=60), nullable=True),
        sa.Column("contradicts", sa.String(length=100), nullable=True),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["order_number"], ["shipment.order_number"], name=op.f("fk_pickup_slip_order_number")),
        sa.ForeignKeyConstraint(["checklist_id"], ["checklist.id"], name=op.f("fk_pickup_slip_checklist_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_pickup_slip")),
        sa.UniqueConstraint("order_number", "digest", name=op.f("uq_pickup_slip_order_number_digest")),
    )
    op.create_index(op.f("ix_pickup_slip_order_number"), "pickup_slip", ["order_number"])
    op.create_index(
        "ix_pickup_slip_at_odds", "pickup_slip", ["recorded_at"], sqlite_where=_AT_ODDS, postgresql_where=_AT_ODDS
    )


def _rejections() -> None:
    op.add_column("handover", sa.Column("sealed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("handover_line", sa.Column("seal_intact", sa.Boolean(), nullable=True))
    op.add_column("handover_line", sa.Column("fault", sa.String(length=20), nullable=True))
    op.add_column("handover_line", sa.Column("fault_reason", sa.String(length=20), nullable=True))
    op.create_index(
        "ix_handover_line_unclear", "handover_line", ["id"], sqlite_where=_UNCLEAR, postgresql_where=_UNCLEAR
    )
    op.create_table(
        "fault_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("officer", sa.String(length=300), nullable=False),
        sa.Column("named_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["handover_line.id"], name=op.f("fk_fault_finding_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fault_finding")),
    )
    op.create_index(op.f("ix_fault_finding_line_id"), "fault_finding", ["line_id"])
    op.create_table(
        "supplement_form",
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("officer", sa.String(length=300), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("legal_source", sa.String(length=300), nullable=False),
        sa.Column("text_vi", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["handover_line.id"], name=op.f("fk_supplement_form_line_id")),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_supplement_form_dossier_code")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_supplement_form")),
        sa.UniqueConstraint("line_id", name=op.f("uq_supplement_form_line_id")),
    )
    op.create_index(op.f("ix_supplement_form_dossier_code"), "supplement_form", ["dossier_code"])


def _transfers() -> None:
    op.create_table(
        "transfer",
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("from_agency", sa.String(length=60), nullable=False),
        sa.Column("from_name", sa.String(length=300), nullable=False),
        sa.Column("to_agency", sa.String(length=60), nullable=False),
        sa.Column("to_name", sa.String(length=300), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["postal_order.id"], name=op.f("fk_transfer_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_transfer")),
    )
    op.create_index(op.f("ix_transfer_from_agency"), "transfer", ["from_agency"])
    op.create_index(op.f("ix_transfer_to_agency"), "transfer", ["to_agency"])


def downgrade() -> None:
    """Take it away again."""
    for table in ("transfer", "supplement_form", "fault_finding", "pickup_slip", "checklist_fixing", "checklist"):
        op.drop_table(table)
    op.drop_index("ix_handover_line_unclear", table_name="handover_line")
    for column in ("fault_reason", "fault", "seal_intact"):
        op.drop_column("handover_line", column)
    op.drop_column("handover", "sealed")
    for name, _, _ in _SHIPMENT_INDEXES:
        op.drop_index(name, table_name="shipment")
    for column in ("priority", "carries", "rides_with", "slip_number"):
        op.drop_column("shipment", column)
