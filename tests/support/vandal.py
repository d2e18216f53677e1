"""Whoever damages copies on purpose, in nineteen ways: at the portal, at iGate, at the operators, and our own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import delete, update

from carriers.states import ShipmentState
from dispatch.feeds import FeedCursor
from dispatch.forms import DossierEventForm
from dispatch.onestop.igate.simulator.samples import sample_dossier, status
from dispatch.onestop.synced import OnestopSynced
from dispatch.order_changes import ask_to_cancel
from dispatch.outbox_rows import OutboxAttempt, OutboxMessage
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState, Shipment
from tests.support.desk import MONDAY
from tests.support.neighbours import IGATE, MYVNPOST, PORTAL, VNPOST, Neighbours
from tracking.dossier_events import take_event


@dataclass(frozen=True)
class Damage:
    """What was damaged, and what has to be said of it."""

    where: str
    subject: str
    kind: str
    cause: str

    @property
    def told(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return (self.where, self.subject), (self.kind, self.cause)


@dataclass
class Vandal:
    """Damages copies. Each damage is of a dossier or order of its own, numbered in the order of the damages."""

    town: Neighbours

    def code(self, number: int) -> str:
        return f"H14.10-260302-{number:04d}"

    def order(self, number: int) -> str:
        return f"{self.code(number)}-S1"

    def everyday(self) -> None:
        """Twelve dossiers with their due dates at iGate and the portal, and eight more with orders at two operators."""
        for number in range(1, 13):
            self.town.file(number)
        for number in range(21, 29):
            self.town.file(number, accepted=False)
        self.town.work()
        for number in range(21, 29):
            self.town.order(self.code(number), "myvnpost" if number == 26 else "vnpost_ngsp")
        self.town.settle()

    # At the portal.

    def parked_message(self, number: int) -> Damage:
        """The portal refuses a dossier for days, until a person has to look; then it would take it."""
        self.portal_refuses(number)
        self.pause(number)
        for _ in range(14):
            self.town.work()
            self.town.forward(hours=26)
        return Damage(PORTAL, self.code(number), "due-differs", "message-parked")

    def waiting_message(self, number: int) -> Damage:
        self.portal_refuses(number)
        self.pause(number)
        self.town.work()
        return Damage(PORTAL, self.code(number), "due-differs", "message-waits")

    def changed_date(self, number: int) -> Damage:
        self.change_portal(number, NgayHenTra="20260315170000")
        return Damage(PORTAL, self.code(number), "due-differs", "changed-there")

    def changed_state(self, number: int) -> Damage:
        self.change_portal(number, TrangThaiHoSo="10")
        return Damage(PORTAL, self.code(number), "ended-there", "changed-there")

    def lost_dossier(self, number: int) -> Damage:
        self.town.portal.lose(self.code(number))
        return Damage(PORTAL, self.code(number), "missing-there", "lost-there")

    def never_told(self, number: int) -> Damage:
        self.town.portal.lose(self.code(number))
        self.forget_messages(number, since=MONDAY)
        return Damage(PORTAL, self.code(number), "missing-there", "never-told")

    def forgotten_message(self, number: int) -> Damage:
        """Our database was put back from a backup that knew of the change, and not of the message."""
        before = self.town.now
        self.town.forward(minutes=1)
        self.pause(number)
        self.forget_messages(number, since=before)
        return Damage(PORTAL, self.code(number), "due-differs", "not-told-since")

    # At iGate.

    def retyped_date(self, number: int) -> Damage:
        self.town.igate.change(self.code(number), appointmentDate="2026-03-20T17:00:00.000+0700")
        return Damage(IGATE, self.code(number), "due-differs", "changed-there")

    def deleted_dossier(self, number: int) -> Damage:
        self.town.igate.delete(self.code(number))
        return Damage(IGATE, self.code(number), "missing-there", "deleted-there")

    def unseen_dossier(self, number: int) -> Damage:
        """A dossier slipped across the border of two pages while they were read."""
        self.town.igate.put(sample_dossier(number, MONDAY), changed=MONDAY - timedelta(days=1))
        return Damage(IGATE, self.code(number), "missing-here", "not-heard")

    def unseen_end(self, number: int) -> Damage:
        document = next(one for one in self.town.igate.dossiers() if one["code"] == self.code(number))
        ended = {**document, "dossierStatus": status(6)}
        self.town.igate.put(ended, changed=MONDAY - timedelta(days=1))
        return Damage(IGATE, self.code(number), "ended-there", "not-heard")

    def taken_back(self, number: int) -> Damage:
        """iGate's clerk has let a dossier be withdrawn, and a day later has opened it again."""
        self.town.igate.change(self.code(number), dossierStatus=status(6))
        self.town.forward(minutes=11)
        self.town.work()
        self.town.forward(hours=26)
        self.town.igate.change(self.code(number), dossierStatus=status(2))
        return Damage(IGATE, self.code(number), "open-there", "taken-back-there")

    # At the operators.

    def vanished_order(self, number: int) -> Damage:
        self.vnpost_forgets(number)
        return Damage(VNPOST, self.order(number), "order-unknown", "no-longer-shown")

    def never_shown_order(self, number: int) -> Damage:
        """VNPost said yes and has lost the order before it told anything of it."""
        self.vnpost_forgets(number)
        with self.town.runtime.context.database.write() as session:
            shipment = get_shipment(session, self.order(number))
            session.connection().exec_driver_sql(
                "DELETE FROM tracking_event WHERE order_number = ?", (shipment.order_number,)
            )
            shipment.journey = None
        return Damage(VNPOST, self.order(number), "order-unknown", "never-shown")

    def missed_news(self, number: int) -> Damage:
        """Our cursor was moved past a document of the feed."""
        self.town.vnpost.report(self.order(number), ShipmentState.IN_TRANSIT, self.town.now - timedelta(hours=4))
        end = self.town.vnpost.feed(self.town.vnpost._clients[0], "0" * 24, 1000)["_embedded"]["rh:doc"][-1]["_id"]
        with self.town.runtime.context.database.write() as session:
            session.execute(update(FeedCursor).values(cursor=end["$oid"]))
        return Damage(VNPOST, self.order(number), "news-unheard", "passed-over")

    def second_item(self, number: int) -> Damage:
        """VNPost has put another label on the papers."""
        item = "UPDATE orders SET item_code = ? WHERE number = ?"
        for code in ("HC000000991VN", "HC000000992VN"):
            self.town.vnpost.books._all(item, code, self.order(number))
            self.town.vnpost.report(self.order(number), ShipmentState.COLLECTING, self.town.now)
            self.town.forward(minutes=30)
            self.town.work()
        return Damage(VNPOST, self.order(number), "other-waybill", "made-twice")

    def cancelled_behind_our_back(self, number: int) -> Damage:
        """MyVNPost's clerk has cancelled an order, and our next question about it is far off."""
        order = self.town.myvnpost.books.order(self.town.myvnpost.customer.code, self.order(number))
        assert order is not None
        self.change_shipment(number, poll_at=self.town.now + timedelta(days=30))
        self.town.forward(minutes=1)
        self.town.myvnpost.books.cancel_order(order)
        self.town.myvnpost.happens(order, "9")
        return Damage(MYVNPOST, self.order(number), "order-cancelled", "not-read-since")

    def cancelled_here_alone(self, number: int) -> Damage:
        with self.town.runtime.context.database.write() as session:
            ask_to_cancel([get_shipment(session, self.order(number))], self.town.now)
        self.town.work()
        self.town.vnpost.books._all("UPDATE orders SET state = 'live' WHERE number = ?", self.order(number))
        self.town.forward(minutes=1)
        self.town.vnpost.report(self.order(number), ShipmentState.COLLECTING, self.town.now)
        return Damage(VNPOST, self.order(number), "order-live", "cancellation-lost")

    def doubted_order(self, number: int) -> Damage:
        """Our row is of the time when the answer to the booking was lost."""
        since = self.town.now - timedelta(days=2)
        self.change_shipment(number, booking=BookingState.PARKED, unknown_since=since, next_at=None)
        return Damage(VNPOST, self.order(number), "order-held", "answer-lost")

    # Tools.

    def pause(self, number: int) -> None:
        """A pause empties the due date."""
        said = {"event_id": f"pause-{number}", "type": "suspended", "at": self.town.now, "officer": "Hà Thị Mai"}
        form = DossierEventForm.model_validate({**said, "reason": "Xác minh"})
        runtime = self.town.runtime
        with runtime.context.database.write() as session:
            take_event(session, runtime.context, runtime.office, self.code(number), form, "staff")

    def portal_refuses(self, number: int | None) -> None:
        faults = [] if number is None else [{"kind": "refused", "match": self.code(number), "times": None}]
        httpx.post(f"{self.town.portal_url}/_control/faults", json=faults).raise_for_status()

    def change_portal(self, number: int, **fields: str) -> None:
        held = {**(self.town.portal.dossier(self.code(number)) or {}), **fields}
        self.town.portal._run("UPDATE dossier SET body = ? WHERE code = ?", json.dumps(held), self.code(number))

    def forget_messages(self, number: int, since: Any) -> None:
        ours = (OutboxMessage.subject == self.code(number), OutboxMessage.destination == f"onestop:{PORTAL}")
        gone = [*ours, OutboxMessage.created_at > since - timedelta(seconds=1)]
        with self.town.runtime.context.database.write() as session:
            ids = list(
                session.scalars(OutboxMessage.__table__.select().with_only_columns(OutboxMessage.id).where(*gone))
            )
            session.execute(delete(OutboxAttempt).where(OutboxAttempt.message_id.in_(ids)))
            session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))
            if since == MONDAY:
                session.execute(delete(OnestopSynced).where(OnestopSynced.dossier_code == self.code(number)))

    def vnpost_forgets(self, number: int) -> None:
        for table in ("orders", "events"):
            self.town.vnpost.books._all(f"DELETE FROM {table} WHERE number = ?", self.order(number))

    def change_shipment(self, number: int, **values: Any) -> None:
        with self.town.runtime.context.database.write() as session:
            session.execute(update(Shipment).where(Shipment.order_number == self.order(number)).values(**values))
