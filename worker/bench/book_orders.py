"""Orders to be booked, as many as the bench wants: one is placed as citizens do, the others are copies of its rows."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session

from config.accounts import Accounts
from config.clock import wall_now
from config.database import Base, Database
from dispatch.dossiers import Dossier, put_dossier
from dispatch.forms import DossierForm, OrderForm
from dispatch.orders import PostalOrder, place_order
from dispatch.shipments import BookingState, Shipment

_DOSSIER = {
    "source_system": "bench",
    "procedure": {
        "code": "1.004859",
        "name": "Thay đổi, cải chính, bổ sung thông tin hộ tịch",
        "time_limit": {"amount": 3, "unit": "working_days"},
        "postal_submission": True,
        "postal_return": True,
    },
    "agency": {"code": "H14.10", "name": "Sở Tư pháp"},
    "applicant": {"name": "Bế Đức Hiếu", "phone": "84919393275", "id_number": "004412799013"},
    "papers": [{"name": "Tờ khai", "originals": 1, "copies": 0}],
    "fee_vnd": 25000,
}
_ADDRESS = {"text": "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}


class Orders:
    """Places orders in a database, under numbers that were never used."""

    def __init__(self, database: Database, accounts: Accounts) -> None:
        self._database, self._accounts = database, accounts
        self._numbers = count(1)

    def place(self, many: int, *, due: bool) -> list[str]:
        """Place so many orders and return their numbers; the booking lane sees only what is ``due``."""
        with self._database.write() as session:
            pattern = self._pattern(session, due=due)
            codes = [self._code() for _ in range(many)]
            for table, row in pattern.items():
                session.execute(insert(table), [{**row, **_keys(table, code)} for code in codes])
        return [f"{code}-S1" for code in codes]

    def booked(self, numbers: list[str]) -> int:
        """Return how many of these orders are booked."""
        with self._database.read() as session:
            booked = select(Shipment.order_number).where(Shipment.booking == BookingState.BOOKED)
            return len(set(session.scalars(booked)).intersection(numbers))

    def _code(self) -> str:
        return f"BENCH-{next(self._numbers):07}"

    def _pattern(self, session: Session, *, due: bool) -> dict[type[Base], dict[str, Any]]:
        """Place one order as citizens do and return its rows, by table; it is not due itself."""
        now, code = wall_now(), self._code()
        dossier, _ = put_dossier(
            session, code, DossierForm.model_validate({**_DOSSIER, "filed_at": now.isoformat()}), now
        )
        form = OrderForm.model_validate({"dossier": code, "service": "send", "address": _ADDRESS})
        order, (shipment,) = place_order(session, self._accounts, form, result_is_ready=False, now=now)
        if not due:
            shipment.next_at = None
        session.flush()
        rows = {Dossier: dossier, PostalOrder: order, Shipment: shipment}
        pattern = {table: {c.key: getattr(row, c.key) for c in inspect(table).columns} for table, row in rows.items()}
        shipment.next_at = None
        return pattern


def _keys(table: type[Base], code: str) -> dict[str, str]:
    keys = {"code": code, "dossier_code": code, "order_id": code, "order_number": f"{code}-S1"}
    if table is PostalOrder:
        keys["id"] = code
    columns = inspect(table).columns.keys()
    return {name: key for name, key in keys.items() if name in columns}
