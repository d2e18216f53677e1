"""The first tables.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "calendar_version",
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("office", sa.String(length=60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendar_version")),
    )
    op.create_table(
        "carrier_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("request_excerpt", sa.Text(), nullable=False),
        sa.Column("response_excerpt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_call")),
    )
    op.create_index(op.f("ix_carrier_call_order_number"), "carrier_call", ["order_number"], unique=False)
    op.create_table(
        "dossier",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("source_system", sa.String(length=60), nullable=False),
        sa.Column("due_date_owner", sa.String(length=10), nullable=False),
        sa.Column("procedure_code", sa.String(length=60), nullable=False),
        sa.Column("procedure_name", sa.String(length=300), nullable=False),
        sa.Column("term_amount", sa.Integer(), nullable=False),
        sa.Column("term_unit", sa.String(length=20), nullable=False),
        sa.Column("cutoff", sa.Time(), nullable=True),
        sa.Column("postal_submission", sa.Boolean(), nullable=False),
        sa.Column("postal_return", sa.Boolean(), nullable=False),
        sa.Column("agency_code", sa.String(length=60), nullable=False),
        sa.Column("agency_name", sa.String(length=300), nullable=False),
        sa.Column("applicant_name", sa.Text(), nullable=False),
        sa.Column("applicant_phone", sa.Text(), nullable=False),
        sa.Column("applicant_id_number", sa.Text(), nullable=True),
        sa.Column("applicant_email", sa.Text(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=False),
        sa.Column("fee_vnd", sa.Integer(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_dossier")),
    )
    op.create_index(op.f("ix_dossier_agency_code"), "dossier", ["agency_code"], unique=False)
    op.create_index(op.f("ix_dossier_phone_index"), "dossier", ["phone_index"], unique=False)
    op.create_table(
        "feed_cursor",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("cursor", sa.String(length=80), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_feed_cursor")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("agency_code", sa.String(length=60), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=20), nullable=False),
        sa.Column("drawn_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("officer", sa.String(length=300), nullable=True),
        sa.Column("postman", sa.String(length=300), nullable=True),
        sa.Column("signature_digest", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("number", name=op.f("uq_handover_number")),
    )
    op.create_index(op.f("ix_handover_agency_code"), "handover", ["agency_code"], unique=False)
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "inbox_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_delivery")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_inbox_delivery_source_key")),
    )
    op.create_index("ix_inbox_delivery_state_try_at", "inbox_delivery", ["state", "try_at"], unique=False)
    op.create_index(op.f("ix_inbox_delivery_subject"), "inbox_delivery", ["subject"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("destination", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_index("ix_outbox_message_state_due_at", "outbox_message", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_outbox_message_subject"), "outbox_message", ["subject"], unique=False)
    op.create_table(
        "pool_waybill",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("waybill", sa.String(length=40), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "waybill", name=op.f("pk_pool_waybill")),
        sa.UniqueConstraint("order_number", name=op.f("uq_pool_waybill_order_number")),
    )
    op.create_table(
        "clock_fact",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voids", sa.String(length=200), nullable=True),
        sa.Column("calendar_version", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_clock_fact_dossier_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_fact")),
    )
    op.create_index(op.f("ix_clock_fact_dossier_code"), "clock_fact", ["dossier_code"], unique=False)
    op.create_table(
        "dossier_clock",
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("term_amount", sa.Integer(), nullable=False),
        sa.Column("term_unit", sa.String(length=20), nullable=False),
        sa.Column("cutoff", sa.Time(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("standstill_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("standstill_rule", sa.String(length=60), nullable=True),
        sa.Column("basis_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explicit_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rest_left", sa.BigInteger(), nullable=True),
        sa.Column("rest_clock", sa.Time(), nullable=True),
        sa.Column("calendar_version", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_dossier_clock_dossier_code")),
        sa.PrimaryKeyConstraint("dossier_code", name=op.f("pk_dossier_clock")),
    )
    op.create_index("ix_dossier_clock_state_due", "dossier_clock", ["state", "due"], unique=False)
    op.create_table(
        "dossier_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("originals", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_dossier_paper_dossier_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_paper")),
        sa.UniqueConstraint("dossier_code", "kind", "name", name=op.f("uq_dossier_paper_dossier_code_kind_name")),
    )
    op.create_index(op.f("ix_dossier_paper_dossier_code"), "dossier_paper", ["dossier_code"], unique=False)
    op.create_table(
        "due_version",
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict_original", sa.String(length=20), nullable=True),
        sa.Column("verdict_current", sa.String(length=20), nullable=True),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("calendar_version", sa.String(length=60), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_due_version_dossier_code")),
        sa.PrimaryKeyConstraint("dossier_code", "revision", name=op.f("pk_due_version")),
    )
    op.create_table(
        "outbox_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["outbox_message.id"], name=op.f("fk_outbox_attempt_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attempt")),
    )
    op.create_index(op.f("ix_outbox_attempt_message_id"), "outbox_attempt", ["message_id"], unique=False)
    op.create_table(
        "postal_order",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("fee_by_post", sa.Boolean(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_postal_order_dossier_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postal_order")),
    )
    op.create_index(op.f("ix_postal_order_dossier_code"), "postal_order", ["dossier_code"], unique=False)
    op.create_table(
        "clock_contradiction",
        sa.Column("fact_id", sa.String(length=200), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_clock_contradiction_dossier_code")),
        sa.ForeignKeyConstraint(["fact_id"], ["clock_fact.id"], name=op.f("fk_clock_contradiction_fact_id")),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_clock_contradiction")),
    )
    op.create_index(op.f("ix_clock_contradiction_dossier_code"), "clock_contradiction", ["dossier_code"], unique=False)
    op.create_table(
        "custody_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["dossier_paper.id"], name=op.f("fk_custody_fact_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_fact")),
        sa.UniqueConstraint("paper_id", "evidence", "at", name=op.f("uq_custody_fact_paper_id_evidence_at")),
    )
    op.create_index(op.f("ix_custody_fact_paper_id"), "custody_fact", ["paper_id"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("leg", sa.String(length=20), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("waybill", sa.String(length=40), nullable=True),
        sa.Column("booking", sa.String(length=20), nullable=False),
        sa.Column("journey", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("citizen", sa.Text(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("cod_vnd", sa.Integer(), nullable=False),
        sa.Column("book_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pickup_on", sa.Date(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feed_position", sa.String(length=80), nullable=True),
        sa.Column("cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.Column("zone", sa.String(length=20), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("transit_due", sa.Date(), nullable=True),
        sa.Column("transit_kept", sa.Boolean(), nullable=True),
        sa.Column("failed_attempts", sa.JSON(), nullable=False),
        sa.Column("anomalies", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_code"], ["dossier.code"], name=op.f("fk_shipment_dossier_code")),
        sa.ForeignKeyConstraint(["order_id"], ["postal_order.id"], name=op.f("fk_shipment_order_id")),
        sa.PrimaryKeyConstraint("order_number", name=op.f("pk_shipment")),
    )
    op.create_index(op.f("ix_shipment_dossier_code"), "shipment", ["dossier_code"], unique=False)
    op.create_index("ix_shipment_next_at", "shipment", ["next_at"], unique=False)
    op.create_index(op.f("ix_shipment_order_id"), "shipment", ["order_id"], unique=False)
    op.create_index(op.f("ix_shipment_state"), "shipment", ["state"], unique=False)
    op.create_index("ix_shipment_waybill", "shipment", ["carrier", "waybill"], unique=False)
    op.create_index(
        "uq_shipment_live_leg",
        "shipment",
        ["dossier_code", "leg"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "handover_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("missing_papers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_line_handover_id")),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_handover_line_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_line")),
        sa.UniqueConstraint("handover_id", "order_number", name=op.f("uq_handover_line_handover_id_order_number")),
    )
    op.create_index(op.f("ix_handover_line_handover_id"), "handover_line", ["handover_id"], unique=False)
    op.create_index(op.f("ix_handover_line_order_number"), "handover_line", ["order_number"], unique=False)
    op.create_table(
        "tracking_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("money_only", sa.Boolean(), nullable=False),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["inbox_delivery.id"], name=op.f("fk_tracking_event_delivery_id")),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shipment.order_number"], name=op.f("fk_tracking_event_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_event")),
        sa.UniqueConstraint("order_number", "key", name=op.f("uq_tracking_event_order_number_key")),
    )
    op.create_index(op.f("ix_tracking_event_order_number"), "tracking_event", ["order_number"], unique=False)


def downgrade() -> None:
    """Drop every table."""
    op.drop_index(op.f("ix_tracking_event_order_number"), table_name="tracking_event")
    op.drop_table("tracking_event")
    op.drop_index(op.f("ix_handover_line_order_number"), table_name="handover_line")
    op.drop_index(op.f("ix_handover_line_handover_id"), table_name="handover_line")
    op.drop_table("handover_line")
    op.drop_index(
        "uq_shipment_live_leg", table_name="shipment", sqlite_where=sa.text("live"), postgresql_where=sa.text("live")
    )
    op.drop_index("ix_shipment_waybill", table_name="shipment")
    op.drop_index(op.f("ix_shipment_state"), table_name="shipment")
    op.drop_index(op.f("ix_shipment_order_id"), table_name="shipment")
    op.drop_index("ix_shipment_next_at", table_name="shipment")
    op.drop_index(op.f("ix_shipment_dossier_code"), table_name="shipment")
    op.drop_table("shipment")
    op.drop_index(op.f("ix_custody_fact_paper_id"), table_name="custody_fact")
    op.drop_table("custody_fact")
    op.drop_index(op.f("ix_clock_contradiction_dossier_code"), table_name="clock_contradiction")
    op.drop_table("clock_contradiction")
    op.drop_index(op.f("ix_postal_order_dossier_code"), table_name="postal_order")
    op.drop_table("postal_order")
    op.drop_index(op.f("ix_outbox_attempt_message_id"), table_name="outbox_attempt")
    op.drop_table("outbox_attempt")
    op.drop_table("due_version")
    op.drop_index(op.f("ix_dossier_paper_dossier_code"), table_name="dossier_paper")
    op.drop_table("dossier_paper")
    op.drop_index("ix_dossier_clock_state_due", table_name="dossier_clock")
    op.drop_table("dossier_clock")
    op.drop_index(op.f("ix_clock_fact_dossier_code"), table_name="clock_fact")
    op.drop_table("clock_fact")
    op.drop_table("pool_waybill")
    op.drop_index(op.f("ix_outbox_message_subject"), table_name="outbox_message")
    op.drop_index("ix_outbox_message_state_due_at", table_name="outbox_message")
    op.drop_table("outbox_message")
    op.drop_index(op.f("ix_inbox_delivery_subject"), table_name="inbox_delivery")
    op.drop_index("ix_inbox_delivery_state_try_at", table_name="inbox_delivery")
    op.drop_table("inbox_delivery")
    op.drop_table("idempotency_key")
    op.drop_table("heartbeat")
    op.drop_index(op.f("ix_handover_agency_code"), table_name="handover")
    op.drop_table("handover")
    op.drop_table("feed_cursor")
    op.drop_index(op.f("ix_dossier_phone_index"), table_name="dossier")
    op.drop_index(op.f("ix_dossier_agency_code"), table_name="dossier")
    op.drop_table("dossier")
    op.drop_index(op.f("ix_carrier_call_order_number"), table_name="carrier_call")
    op.drop_table("carrier_call")
    op.drop_table("calendar_version")
