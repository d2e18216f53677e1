"""The story of one dossier at a shared desk: what happens to it, when, and what anybody can see of it afterwards."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.contract import Certainty, TrackingEvent
from carriers.states import ShipmentState
from config.clock import local
from dispatch import custody, outbox
from dispatch.dossiers import Dossier, put_dossier
from dispatch.forms import Direction, DossierEventForm, DossierForm, HandoverForm, SignatureForm
from dispatch.handover_lines import HandoverLine
from dispatch.handovers import draw_up
from dispatch.messenger import CITIZEN
from dispatch.onestop.copy import DossierCopy
from dispatch.outbox import OutboxMessage
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment
from tests.support.desk import ACCOUNT, AGENCY, CARRIER, CUSTOMER, MONDAY, TestDesk, dossier_body
from tests.tracking.deadlines.story import at
from tracking import apply, inbox, views, watch
from tracking.acceptance import sign_handover
from tracking.clock_facts import ClockFactRow, DueVersion
from tracking.dossier_events import Applied, take_event
from tracking.effects import journey_of, move_on
from tracking.events import add_event
from tracking.watching.items import Attention

_numbers = itertools.count(1)

BOOKED, COLLECTED, AT_THE_DOOR, DELIVERED, FAILED, RETURNING, RETURNED, NOBODY_HOME, UNKNOWN, COMING = range(1, 11)
"""VNPost's status codes, in the words of its status table."""


def document(order_number: str, code: int, when: datetime, **more: Any) -> dict[str, Any]:
    """Return a document of VNPost's feed under an id of its own; ``more`` replaces fields."""
    return {
        "_id": {"$oid": f"66f0a141{next(_numbers):016x}"},
        "CustomerCode": CUSTOMER.customer_code,
        "OrderNumber": order_number,
        "ItemCode": None,
        "POSID": "271000",
        "EventTime": int(when.timestamp() * 1000),
        "StatusCode": code,
        "StatusMessage": "",
        "Notes": "",
        **more,
    }


def keep(desk: TestDesk, raw: Any, *, key: str | None = None, session: Session | None = None) -> None:
    """Put a delivery of the operator into the inbox as the feed's reader does."""
    if session is None:
        with desk.context.database.write() as own:
            keep(desk, raw, key=key, session=own)
        return
    inbox.keep(
        session,
        source=f"{apply.CARRIER_SOURCE}{ACCOUNT}",
        key=key or f"delivery-{next(_numbers)}",
        kind=apply.TRACKING,
        body=raw,
        now=desk.clock.now(),
    )
    session.flush()


def happen_unforeseen(session: Session, case: Case, state: ShipmentState, when: str) -> None:
    """Let a state come in that VNPost's assumed status table has no code for, as a confirmed table may."""
    moment = case.now(when)
    number = case.s1
    keep(case.desk, document(number, 77, moment), session=session)
    (delivery,) = session.scalars(select(inbox.InboxDelivery).order_by(inbox.InboxDelivery.id.desc()).limit(1))
    delivery.state = inbox.InboxState.APPLIED
    event = TrackingEvent(
        carrier=CARRIER,
        account_ref=CUSTOMER.customer_code,
        order_number=number,
        waybill=None,
        code="77",
        state=state,
        reason=None,
        money_only=False,
        moves_custody=False,
        certainty=Certainty.CONFIRMED,
        event_time=moment,
        location=None,
        text="",
        key=f"{number}:{when}",
    )
    shipment = get_shipment(session, number)
    before = journey_of(session, shipment)
    add_event(session, number, event, delivery_id=delivery.id, received_at=moment, now=moment)
    move_on(session, case.desk.context, case.desk.office, shipment, before)


@dataclass
class Case:
    """A dossier and its desk. Times are Vietnam's clock, written ``2026-03-02 08:15``."""

    desk: TestDesk
    code: str
    _events: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _last_signature: tuple[int, SignatureForm] = field(init=False, repr=False)

    @classmethod
    def opened(cls, desk: TestDesk, **more: Any) -> Case:
        """Register a new dossier on Monday morning; ``more`` replaces fields of its form."""
        case = cls(desk, f"H14.10-260302-{next(_numbers):05d}")
        desk.clock.at(MONDAY)
        case.register(**more)
        return case

    @property
    def s1(self) -> str:
        return f"{self.code}-S1"

    @property
    def s2(self) -> str:
        return f"{self.code}-S2"

    @property
    def r1(self) -> str:
        return f"{self.code}-R1"

    @property
    def r2(self) -> str:
        return f"{self.code}-R2"

    def register(self, **more: Any) -> None:
        with self.desk.context.database.write() as session:
            put_dossier(session, self.code, DossierForm.model_validate(dossier_body(**more)), self.desk.clock.now())

    def order(self, service: str = "both", **more: Any) -> list[str]:
        return self.desk.order(service, dossier=self.code, **more)

    def now(self, when: str) -> datetime:
        """Let time pass until ``when``, unless it is later already."""
        self.desk.clock.at(max(self.desk.clock.now(), at(when)))
        return at(when)

    def happens(self, kind: str, when: str, **more: Any) -> Applied:
        """The one-stop reports an event of the dossier; ``more`` are fields of its form."""
        self.now(when)
        with self.desk.context.database.write() as session:
            return self.take(session, kind, when, **more)

    def take(self, session: Session, kind: str, when: str, **more: Any) -> Applied:
        """Take such an event in a transaction that may stay open."""
        body = {"event_id": f"{kind}-{next(self._events)}", "type": kind, "at": at(when), "officer": "Hà Thị Mai"}
        form = DossierEventForm.model_validate({**body, **more})
        return take_event(session, self.desk.context, self.desk.office, self.code, form, "one-stop")

    def finished(self, when: str) -> Applied:
        """The result is ready."""
        return self.happens("result_ready", when, result_papers=[{"name": "Kết quả", "originals": 1}])

    def reported(self, order_number: str, code: int, when: str, **more: Any) -> None:
        """The operator reports an event, and it is applied at once."""
        keep(self.desk, document(order_number, code, self.now(when), **more))
        apply.drain(self.desk.context, self.desk.office)

    def arrives(self, when: str = "2026-03-02 15:00") -> None:
        """The papers are collected on Monday morning and lie on the agency's desk at ``when``."""
        self.reported(self.s1, COLLECTED, "2026-03-02 09:00")
        self.reported(self.s1, DELIVERED, when)

    def signed(
        self,
        number: str,
        when: str,
        *,
        accepted: bool = True,
        direction: str = "to_agency",
        recorded: str | None = None,
        **verdict: Any,
    ) -> list[HandoverLine]:
        """Officer and postman sign a record with one line; ``recorded`` is when it is entered, if later."""
        signed_at = self.now(when)
        self.now(recorded or when)
        signature = {
            "signed_at": signed_at,
            "officer": "Hoàng Thị Lan",
            "postman": "Nông Văn Páo",
            "lines": [{"order": number, "accepted": accepted, **verdict}],
        }
        record = HandoverForm(agency=AGENCY, carrier=CARRIER, direction=Direction(direction), orders=[number])
        desk = self.desk
        with desk.context.database.write() as session:
            handover, _ = draw_up(session, record, desk.clock.now())
        self._last_signature = (handover.id, SignatureForm.model_validate(signature))
        return self.signed_again()

    def signed_again(self) -> list[HandoverLine]:
        """Send the last signatures (once more)."""
        with self.desk.context.database.write() as session:
            return sign_handover(session, self.desk.context, self.desk.office, *self._last_signature)[1]

    def shipment(self, number: str) -> Shipment:
        with self.desk.read() as session:
            return get_shipment(session, number)

    def versions(self) -> list[DueVersion]:
        with self.desk.read() as session:
            query = select(DueVersion).where(DueVersion.dossier_code == self.code).order_by(DueVersion.revision)
            return list(session.scalars(query))

    @property
    def due(self) -> str | None:
        """The due date as it was last decided."""
        versions = self.versions()
        return local_text(versions[-1].due) if versions else None

    def facts(self) -> list[tuple[str, str, str]]:
        """Return kind, time and rule of every clock fact, in event time."""
        with self.desk.read() as session:
            query = select(ClockFactRow).where(ClockFactRow.dossier_code == self.code).order_by(ClockFactRow.at)
            return [(row.kind.value, str(local_text(row.at)), row.rule) for row in session.scalars(query)]

    def holders(self) -> dict[str, str]:
        """Return who has each paper."""
        with self.desk.read() as session:
            return {held.paper.name: held.holder for held in custody.holdings(session, self.code)}

    def hands(self, paper: str = "Tờ khai") -> list[tuple[str, str]]:
        """Return the hands through which a paper went, with the time of each change."""
        with self.desk.read() as session:
            chain = custody.chain(session, self.code)
            return [(fact.holder, str(local_text(fact.at))) for row, fact in chain if row.name == paper]

    def messages(self, destination: str) -> list[dict[str, Any]]:
        with self.desk.read() as session:
            query = select(OutboxMessage).where(OutboxMessage.subject == self.code)
            owed = session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id))
            return [json.loads(message.payload) for message in owed if message.destination == destination]

    def told_citizen(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return what the citizen was told, or only what was told of one kind."""
        said = [message["data"] for message in self.messages(CITIZEN)]
        return [data for data in said if kind in (None, data["kind"])]

    def told_onestop(self, type: str) -> list[dict[str, Any]]:
        return [message["data"] for message in self.messages("onestop:igate") if message["type"] == type]

    def deliver(self) -> None:
        """Deliver everything that is owed to anybody."""
        while outbox.drain(self.desk.context, self.desk.messenger.send):
            pass

    def copy(self) -> DossierCopy:
        """Deliver everything that is owed and return the one-stop's own copy of the dossier."""
        self.deliver()
        return self.desk.onestop.copies()[self.code]

    def attention(self) -> list[Attention]:
        """Return what needs a hand about this dossier."""
        with self.desk.read() as session:
            found = watch.attention(session, self.desk.context, self.desk.office)
            return [item for item in found if item.dossier == self.code]

    def attention_kinds(self, beginning: str = "") -> list[str]:
        """Return the kinds of trouble of this dossier, or only those that begin so."""
        return [item.kind for item in self.attention() if item.kind.startswith(beginning)]

    def timeline(self) -> list[views.Moment]:
        with self.desk.read() as session:
            return views.timeline(session, self.desk.office, self.code)

    def dossier(self) -> Dossier:
        with self.desk.read() as session:
            return session.get_one(Dossier, self.code)


def local_text(instant: datetime | None) -> str | None:
    """Write an instant as the tests do."""
    return f"{local(instant):%Y-%m-%d %H:%M}" if instant else None
