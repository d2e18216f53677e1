"""Shipments for the bench of the poll planner: live, booked, and due at every second of a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from config.database import Database

ACCOUNT = "bench"
DAY = datetime(2026, 11, 26, tzinfo=UTC)
NOW = DAY + timedelta(days=1) / 10
"""A tenth of all shipments is due by now."""
URGENT = 1000
"""How many have a promise that is close, however many there are in all."""
_SECONDS = 86_400
_STRIDE = 7919
"""Prime to the seconds of a day: shipments that are due together lie far apart in the table, as they do in life."""
_CITIZEN = "x" * 500
"""As long as a name and an address are once they are encrypted."""

_DOSSIERS = """
INSERT INTO dossier (code, source_system, due_date_owner, procedure_code, procedure_name, term_amount, term_unit,
    postal_submission, postal_return, agency_code, agency_name, applicant_name, applicant_phone, phone_index, fee_vnd,
    filed_at, registered_at, revision)
SELECT 'B-' || i, 'bench', 'us', '1', '1', 1, 'working_days', true, true, 'H14', 'H14', '', '', '', 0, :day, :day, 1
FROM series
"""
_ORDERS = """
INSERT INTO postal_order (id, dossier_code, service, fee_by_post, placed_at)
SELECT 'B-' || i, 'B-' || i, 'both', false, :day FROM series
"""
_SHIPMENTS = """
INSERT INTO shipment (order_number, order_id, dossier_code, leg, generation, carrier, account, waybill, booking,
    journey, state, state_since, live, citizen, contents, cod_vnd, attempts, cancel_wanted, zone, failed_attempts,
    anomalies, created_at, heard_at, asked_at, poll_at, poll_urgent)
SELECT 'B-' || (i / 2) || CASE i % 2 WHEN 0 THEN '-S1' ELSE '-R1' END, 'B-' || (i / 2), 'B-' || (i / 2),
    CASE i % 2 WHEN 0 THEN 'send' ELSE 'return' END, 1, 'ems', :account, 'E' || i, 'booked',
    'in_transit', 'in_transit', :day, true, :citizen, '[]', 0, 1, false, 'province', '[]',
    '[]', :day, :day, {asked}, {due}, i % :every = 0
FROM series
"""
_SERIES = {
    "postgresql": "WITH series AS (SELECT i FROM generate_series(0, :n - 1) AS i)",
    "sqlite": "WITH RECURSIVE series (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM series WHERE i < :n - 1)",
}
_INSTANT = {
    "postgresql": "CAST(:day AS timestamptz) + ({}) * INTERVAL '1 second'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', :day, ({}) || ' seconds')",
}


def fill(database: Database, shipments: int) -> None:
    """Make the shipments, set-based, and let the database take stock of them."""
    kind = database.engine.dialect.name
    with database.engine.begin() as connection:
        for statement, rows in ((_DOSSIERS, (shipments + 1) // 2), (_ORDERS, (shipments + 1) // 2)):
            _insert(connection, kind, statement, n=rows)
        due = f"(i % {_SECONDS}) * {_STRIDE} % {_SECONDS}"
        instants = {name: _INSTANT[kind].format(of) for name, of in (("due", due), ("asked", f"{due} - {_SECONDS}"))}
        every = max(shipments // URGENT, 1)
        values = {"account": ACCOUNT, "citizen": _CITIZEN, "every": every}
        _insert(connection, kind, _SHIPMENTS.format(**instants), n=shipments, **values)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if kind == "postgresql" else "ANALYZE")


def _insert(connection: Connection, kind: str, statement: str, **values: object) -> None:
    day = DAY if kind == "postgresql" else DAY.strftime("%Y-%m-%d %H:%M:%S.000000")
    connection.execute(text(f"{_SERIES[kind]} {statement}"), {"day": day, **values})
