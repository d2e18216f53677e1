"""A province's worth of rows on PostgreSQL, written set by set: dossiers that are over, and some that are under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, DateTime, Integer, Table, text

from config.database import Database, keyring
from dispatch.citizens import Citizen
from dispatch.shipment_search import phone_index
from worker.migrations.tables import METADATA

PHONE = "0912345678"
"""The telephone number of one of them, the last."""

AGENCIES = 40
_CITIZEN = Citizen("Bế Đức Hiếu", "+84919393275", "Tổ 5, Xã Xuân Trường", "new2", "04", "", "")
_LONG_AGO = "timestamptz '2026-01-05 08:00+07' + n * interval '1 minute'"


@dataclass(frozen=True)
class Crowd:
    """How many dossiers there are, and how many of them, the last ones, are still under way."""

    dossiers: int = 20_000
    live: int = 200

    @property
    def is_live(self) -> str:
        """Whether the dossier of row ``n`` is under way, as SQL."""
        return f"(n > {self.dossiers - self.live})"

    def fill(self, database: Database) -> None:
        """Write them all."""
        encrypted = f"'{keyring.encrypt('{}')}'"
        with database.engine.begin() as connection:
            for table, each, given in self._rows(encrypted):
                _insert(connection, METADATA.tables[table], int(self.dossiers * each), given)

    def _rows(self, encrypted: str) -> list[tuple[str, float, Mapping[str, str]]]:
        state = f"CASE WHEN {self.is_live} THEN 'in_transit' ELSE 'delivered' END"
        citizen = f"'{keyring.encrypt(_CITIZEN.to_text())}'"
        dossier, number = "'D' || n", "'D' || n || '-S1'"
        of_event = f"'D' || (n - 1) / 3 + 1 || '-S1'"  # noqa: F541
        return [
            ("dossier", 1, {
                "code": dossier, "applicant_phone": encrypted, "applicant_name": encrypted,
                "term_unit": "'working_days'", "term_amount": "3", "agency_code": f"'H14.' || n % {AGENCIES}",
                "phone_index": f"CASE WHEN n = {self.dossiers} THEN '{phone_index(PHONE)}' ELSE md5(n::text) END",
            }),
            ("dossier_paper", 1, {"dossier_code": dossier, "kind": "'submitted'", "originals": "1"}),
            ("custody_fact", 1, {"paper_id": "n", "holder": "'citizen'"}),
            ("dossier_clock", 1, {"dossier_code": dossier, "state": f"CASE WHEN {self.is_live} THEN 'running' ELSE "
             "'stopped' END", "due": _LONG_AGO, "term_unit": "'working_days'"}),
            ("postal_order", 1, {"id": "'O' || n", "dossier_code": dossier}),
            ("shipment", 1, {
                "order_number": number, "order_id": "'O' || n", "dossier_code": dossier, "leg": "'send'",
                "carrier": "'vnpost_ngsp'", "account": "'vnpost-province'", "waybill": "'W' || n",
                "booking": "'booked'", "state": state, "journey": state, "live": self.is_live,
                "citizen": citizen, "state_since": _LONG_AGO, "created_at": _LONG_AGO,
                "poll_at": "timestamptz '2027-01-01' + n * interval '1 second'", "transit_kept": "true",
                "payer": "'citizen'",
                "zone": "'within_province'", "counted_at": f"CASE WHEN {self.is_live} THEN NULL ELSE {_LONG_AGO} END",
            }),
            ("handover", 0.1, {
                "number": "'B' || n", "agency_code": f"'H14.' || n % {AGENCIES}", "direction": "'to_agency'",
                "carrier": "'vnpost_ngsp'", "signed_at": _LONG_AGO,
            }),
            ("handover_line", 0.9, {
                "handover_id": "(n - 1) / 10 + 1", "order_number": number, "accepted": "n % 50 > 0",
            }),
            ("inbox_key", 3, {"source": "'carrier:vnpost-province'", "key": "'k' || n"}),
            ("inbox_delivery", 3, {
                "source": "'carrier:vnpost-province'", "key": "'k' || n", "body": encrypted, "state": "'applied'",
                "kind": "'tracking'", "subject": of_event,
            }),
            ("tracking_event", 3, {
                "order_number": of_event, "key": "'e' || n", "certainty": "'confirmed'", "event_time": _LONG_AGO,
                "state": "'in_transit'",
            }),
            ("clock_fact", 3, {
                "id": "'f' || n", "dossier_code": f"'D' || ((n - 1) / 3) % {self.dossiers - self.live} + 1",
                "kind": "'stop'",
            }),
            ("outbox_message", 3, {
                "id": "'m' || n", "payload": encrypted, "state": "'sent'", "destination": "'onestop:igate'",
                "subject": "'D' || (n - 1) / 3 + 1",
            }),
            ("outbox_attempt", 3, {"message_id": "'m' || n"}),
            ("carrier_call", 3, {"order_number": of_event, "started_at": "now() - n * interval '10 seconds'"}),
        ]  # fmt: skip


def _insert(connection: Connection, table: Table, count: int, given: Mapping[str, str]) -> None:
    wanted = [column for column in table.columns if column.name in given or _must_be_given(column)]
    names = ", ".join(column.name for column in wanted)
    values = ", ".join(given.get(column.name) or _filler(column) for column in wanted)
    connection.execute(
        text(f"INSERT INTO {table.name} ({names}) SELECT {values} FROM generate_series(1, :count) n"),
        {"count": count},
    )


def _must_be_given(column: Column[Any]) -> bool:
    return not column.nullable and not (column.primary_key and isinstance(column.type, Integer))


def _filler(column: Column[Any]) -> str:
    kinds: dict[type, str] = {Date: "date '2026-03-02'", DateTime: _LONG_AGO, Boolean: "false", Integer: "0"}
    kind = column.type.impl_instance if hasattr(column.type, "impl_instance") else column.type
    if isinstance(kind, JSON):
        return "'[]'::json"
    return next((sql for known, sql in kinds.items() if isinstance(kind, known)), "'x'")
