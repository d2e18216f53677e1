"""Routes of the fee, terms of the postage, what the post owes, receipts, and statements of account.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_OPEN_DEBT = sa.text("owed_vnd > paid_vnd")
_COLLECTED = sa.text("kind = 'collected'")
_OPEN_DIFFERENCE = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Create them; orders of before have the route that they always had."""
    op.add_column("postal_order", sa.Column("fee_route", sa.String(length=20), nullable=False, server_default="direct"))
    op.execute("UPDATE postal_order SET fee_route = 'by_post' WHERE fee_by_post")
    op.create_index(
        "ix_money_fact_collected", "money_fact", ["at"], sqlite_where=_COLLECTED, postgresql_where=_COLLECTED
    )
    _create_terms_and_debts()
    _create_receipts()
    _create_statements()


def _create_terms_and_debts() -> None:
    op.create_table(
        "postage_terms",
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("leg", sa.String(length=20), nullable=False),
        sa.Column("quoted_vnd", sa.BigInteger(), nullable=True),
        sa.Column("reduction_vnd", sa.BigInteger(), nullable=False),
        sa.Column("claimed_group", sa.Text(), nullable=True),
        sa.Column("group_proof", sa.Text(), nullable=True),
        sa.Column("legal_source", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["postal_order.id"], name=op.f("fk_postage_terms_order_id")),
        sa.PrimaryKeyConstraint("order_id", "leg", name=op.f("pk_postage_terms")),
    )
    op.create_table(
        "post_debt",
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("ledger", sa.String(length=20), nullable=False),
        sa.Column("creditor", sa.String(length=20), nullable=False),
        sa.Column("owed_vnd", sa.BigInteger(), nullable=False),
        sa.Column("paid_vnd", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_post_debt_dossier_code")),
        sa.PrimaryKeyConstraint("dossier_code", "order_number", "ledger", "creditor", name=op.f("pk_post_debt")),
    )
    op.create_index("ix_post_debt_open", "post_debt", ["since"], sqlite_where=_OPEN_DEBT, postgresql_where=_OPEN_DEBT)


def _create_receipts() -> None:
    op.create_table(
        "remittance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.Column("officer", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("agency_code", "reference", name=op.f("uq_remittance_agency_code_reference")),
    )
    op.create_table(
        "remittance_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("remittance_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.Column("open_vnd", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_remittance_line_order_number")
        ),
        sa.ForeignKeyConstraint(["remittance_id"], ["remittance.id"], name=op.f("fk_remittance_line_remittance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance_line")),
    )
    op.create_index(op.f("ix_remittance_line_order_number"), "remittance_line", ["order_number"], unique=False)
    op.create_index(op.f("ix_remittance_line_remittance_id"), "remittance_line", ["remittance_id"], unique=False)


def _create_statements() -> None:
    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("remitted_vnd", sa.BigInteger(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("account", "digest", name=op.f("uq_statement_account_digest")),
    )
    op.create_table(
        "statement_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("told_order", sa.String(length=80), nullable=False),
        sa.Column("waybill", sa.String(length=80), nullable=False),
        sa.Column("collected_vnd", sa.BigInteger(), nullable=False),
        sa.Column("postage_vnd", sa.BigInteger(), nullable=False),
        sa.Column("remitted_vnd", sa.BigInteger(), nullable=True),
        sa.Column("refund_vnd", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("payer", sa.String(length=20), nullable=True),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_statement_line_order_number")
        ),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_statement_line_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint("statement_id", "line", name=op.f("uq_statement_line_statement_id_line")),
    )
    op.create_index(op.f("ix_statement_line_order_number"), "statement_line", ["order_number"], unique=False)
    op.create_table(
        "statement_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("expected_vnd", sa.BigInteger(), nullable=True),
        sa.Column("stated_vnd", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=300), nullable=True),
        sa.Column("resolution", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_statement_difference_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_difference")),
        sa.UniqueConstraint("statement_id", "key", name=op.f("uq_statement_difference_statement_id_key")),
    )
    op.create_index(
        "ix_statement_difference_open",
        "statement_difference",
        ["found_at"],
        sqlite_where=_OPEN_DIFFERENCE,
        postgresql_where=_OPEN_DIFFERENCE,
    )


def downgrade() -> None:
    """Drop them again."""
    for table in ("statement_difference", "statement_line", "statement", "remittance_line", "remittance"):
        op.drop_table(table)
    op.drop_index("ix_money_fact_collected", table_name="money_fact")
    op.drop_table("post_debt")
    op.drop_table("postage_terms")
    op.drop_column("postal_order", "fee_route")
