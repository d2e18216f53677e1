"""Deliveries and events in months on PostgreSQL; keys of deliveries in a table of their own; indexes of what waits.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_UNDONE = sa.text("state IN ('new', 'parked')")
_NEW_KEY = "uq_tracking_event_order_number_key_event_time"
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_DELIVERY = (
    "id", "source", "key", "kind", "subject", "body", "received_at", "state", "try_at", "attempts", "applied_at",
    "reason",
)  # fmt: skip
_EVENT = (
    "id", "order_number", "key", "code", "state", "reason", "money_only", "certainty", "event_time", "received_at",
    "applied_at", "location", "text", "delivery_id",
)  # fmt: skip


def upgrade() -> None:
    """Move what is there into the new shape; on PostgreSQL into the default partitions, from which months are made."""
    op.create_table(
        "inbox_key",
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_inbox_key")),
    )
    op.execute("INSERT INTO inbox_key (source, key, received_at) SELECT source, key, received_at FROM inbox_delivery")
    op.create_index("ix_inbox_key_received_at", "inbox_key", ["received_at"], postgresql_using="brin")
    with op.batch_alter_table("event_reading") as readings:
        readings.drop_constraint("fk_event_reading_event_id_tracking_event", type_="foreignkey")
        readings.alter_column("event_id", type_=_BIG)
    if op.get_bind().dialect.name == "postgresql":
        _split_on_postgresql()
    else:
        _reshape_on_sqlite()
    op.create_index("ix_tracking_event_order_number", "tracking_event", ["order_number"])
    op.create_index("ix_inbox_delivery_subject", "inbox_delivery", ["subject"])
    op.create_index(
        "ix_inbox_delivery_undone", "inbox_delivery", ["try_at", "id"], sqlite_where=_UNDONE, postgresql_where=_UNDONE
    )


def _reshape_on_sqlite() -> None:
    op.drop_index("ix_tracking_event_order_number", table_name="tracking_event")
    op.drop_index("ix_inbox_delivery_subject", table_name="inbox_delivery")
    op.drop_index("ix_inbox_delivery_state_try_at", table_name="inbox_delivery")
    with op.batch_alter_table("tracking_event") as events:
        events.drop_constraint("fk_tracking_event_delivery_id", type_="foreignkey")
        events.drop_constraint("uq_tracking_event_order_number_key", type_="unique")
        events.create_unique_constraint(_NEW_KEY, ["order_number", "key", "event_time"])
    with op.batch_alter_table("inbox_delivery") as deliveries:
        deliveries.drop_constraint("uq_inbox_delivery_source_key", type_="unique")


def _split_on_postgresql() -> None:
    for table in ("tracking_event", "inbox_delivery"):
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_old")
        op.execute(f"ALTER TABLE {table}_old RENAME CONSTRAINT pk_{table} TO pk_{table}_old")
    op.execute("DROP INDEX ix_tracking_event_order_number, ix_inbox_delivery_subject, ix_inbox_delivery_state_try_at")
    op.execute("ALTER TABLE tracking_event_old DROP CONSTRAINT uq_tracking_event_order_number_key")
    op.execute("ALTER TABLE tracking_event_old DROP CONSTRAINT fk_tracking_event_order_number")
    _make_deliveries()
    _make_events()
    for table, columns in (("inbox_delivery", _DELIVERY), ("tracking_event", _EVENT)):
        op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
        names = ", ".join(columns)
        op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}_old")  # names of ours
    _number_deliveries_anew()
    op.execute("SELECT setval('tracking_event_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM tracking_event), false)")
    op.execute("DROP TABLE tracking_event_old, inbox_delivery_old")


def _make_deliveries() -> None:
    op.execute("ALTER SEQUENCE inbox_delivery_id_seq OWNED BY NONE")
    op.execute("ALTER TABLE inbox_delivery_old ALTER COLUMN id DROP DEFAULT")
    op.execute("ALTER SEQUENCE inbox_delivery_id_seq AS bigint MAXVALUE 2147483647 CYCLE")
    op.execute(
        """
        CREATE TABLE inbox_delivery (
            id bigint NOT NULL DEFAULT (
                (extract(epoch FROM clock_timestamp())::bigint << 31) | nextval('inbox_delivery_id_seq')
            ),
            source varchar(80) NOT NULL,
            key varchar(200) NOT NULL,
            kind varchar(40) NOT NULL,
            subject varchar(80),
            body text NOT NULL,
            received_at timestamptz NOT NULL,
            state varchar(20) NOT NULL,
            try_at timestamptz NOT NULL,
            attempts integer NOT NULL,
            applied_at timestamptz,
            reason varchar(300),
            CONSTRAINT pk_inbox_delivery PRIMARY KEY (id)
        ) PARTITION BY RANGE (id)
        """
    )


def _make_events() -> None:
    op.execute("ALTER SEQUENCE tracking_event_id_seq OWNED BY NONE")
    op.execute("ALTER TABLE tracking_event_old ALTER COLUMN id DROP DEFAULT")
    op.execute("ALTER SEQUENCE tracking_event_id_seq AS bigint MAXVALUE 9223372036854775807")
    op.execute(
        """
        CREATE TABLE tracking_event (
            id bigint NOT NULL DEFAULT nextval('tracking_event_id_seq'),
            order_number varchar(80) NOT NULL CONSTRAINT fk_tracking_event_order_number REFERENCES shipment,
            key varchar(80) NOT NULL,
            code varchar(40) NOT NULL,
            state varchar(20),
            reason varchar(80),
            money_only boolean NOT NULL,
            certainty varchar(20) NOT NULL,
            event_time timestamptz NOT NULL,
            received_at timestamptz NOT NULL,
            applied_at timestamptz NOT NULL,
            location varchar(200),
            text varchar(500) NOT NULL,
            delivery_id bigint NOT NULL,
            CONSTRAINT pk_tracking_event PRIMARY KEY (id, event_time),
            CONSTRAINT uq_tracking_event_order_number_key_event_time UNIQUE (order_number, key, event_time)
        ) PARTITION BY RANGE (event_time)
        """
    )
    op.execute("ALTER SEQUENCE tracking_event_id_seq OWNED BY tracking_event.id")
    op.execute("ALTER SEQUENCE inbox_delivery_id_seq OWNED BY inbox_delivery.id")


def _number_deliveries_anew() -> None:
    """Give the deliveries that are there ids that carry their time, or they would stay in the default for ever."""
    op.execute("UPDATE inbox_delivery SET id = (extract(epoch FROM received_at)::bigint << 31) | id")
    op.execute(
        """
        UPDATE tracking_event SET delivery_id = delivery.id
        FROM inbox_delivery AS delivery WHERE delivery_id = delivery.id & 2147483647
        """
    )


def downgrade() -> None:
    """Put everything back into plain tables."""
    if op.get_bind().dialect.name == "postgresql":
        _join_on_postgresql()
    else:
        _reshape_back_on_sqlite()
    op.create_index("ix_tracking_event_order_number", "tracking_event", ["order_number"])
    op.create_index("ix_inbox_delivery_subject", "inbox_delivery", ["subject"])
    op.create_index("ix_inbox_delivery_state_try_at", "inbox_delivery", ["state", "try_at"])
    with op.batch_alter_table("event_reading") as readings:
        readings.alter_column("event_id", type_=sa.Integer())
        readings.create_foreign_key("fk_event_reading_event_id_tracking_event", "tracking_event", ["event_id"], ["id"])
    op.drop_table("inbox_key")


def _reshape_back_on_sqlite() -> None:
    op.drop_index("ix_tracking_event_order_number", table_name="tracking_event")
    op.drop_index("ix_inbox_delivery_undone", table_name="inbox_delivery")
    op.drop_index("ix_inbox_delivery_subject", table_name="inbox_delivery")
    with op.batch_alter_table("inbox_delivery") as deliveries:
        deliveries.create_unique_constraint("uq_inbox_delivery_source_key", ["source", "key"])
    with op.batch_alter_table("tracking_event") as events:
        events.drop_constraint(_NEW_KEY, type_="unique")
        events.create_unique_constraint("uq_tracking_event_order_number_key", ["order_number", "key"])
        events.create_foreign_key("fk_tracking_event_delivery_id", "inbox_delivery", ["delivery_id"], ["id"])


def _join_on_postgresql() -> None:
    for table in ("tracking_event", "inbox_delivery"):
        op.execute(f"CREATE TABLE {table}_plain (LIKE {table})")
        op.execute(f"INSERT INTO {table}_plain SELECT * FROM {table}")  # a name of ours
        op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY NONE")
        op.execute(f"DROP TABLE {table}")
        op.execute(f"ALTER TABLE {table}_plain RENAME TO {table}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id)")
    # The number below the time is unique by itself as long as the sequence has not gone round.
    op.execute("UPDATE tracking_event SET delivery_id = delivery_id & 2147483647")
    op.execute("UPDATE inbox_delivery SET id = id & 2147483647")
    op.execute("ALTER TABLE inbox_delivery ADD CONSTRAINT uq_inbox_delivery_source_key UNIQUE (source, key)")
    op.execute(
        "ALTER TABLE tracking_event ADD CONSTRAINT uq_tracking_event_order_number_key UNIQUE (order_number, key)"
    )
    for table, columns in (("inbox_delivery", ("id",)), ("tracking_event", ("id", "delivery_id"))):
        for column in columns:
            op.alter_column(table, column, type_=sa.Integer())
        op.execute(f"ALTER SEQUENCE {table}_id_seq AS integer NO CYCLE")
        op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT nextval('{table}_id_seq')")
    op.create_foreign_key("fk_tracking_event_delivery_id", "tracking_event", "inbox_delivery", ["delivery_id"], ["id"])
    op.create_foreign_key(
        "fk_tracking_event_order_number", "tracking_event", "shipment", ["order_number"], ["order_number"]
    )
