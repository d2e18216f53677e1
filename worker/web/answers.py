"""What we answer, as models: they are the interface's documentation at ``/docs``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from config.clock import local
from dispatch.handovers import Handover, HandoverLine
from dispatch.orders import PostalOrder
from dispatch.quotes import LegPrice
from dispatch.shipments import Shipment
from tracking.views import next_step
from worker.checks import State


class DossierAnswer(BaseModel):
    """A registered dossier. The revision grows with every change."""

    code: str
    revision: int


class ShipmentAnswer(BaseModel):
    """One leg at one operator. ``next_step_at`` is when we look at it again by ourselves."""

    id: str
    leg: str
    generation: int
    order_number: str
    carrier: str
    account: str
    state: str
    state_since: datetime
    waybill: str | None
    pickup_on: date | None
    pickup_window: str | None
    transit_due: date | None
    transit_kept: bool | None
    next_step: str | None
    next_step_at: datetime | None
    trouble: str | None

    @classmethod
    def of(cls, shipment: Shipment) -> ShipmentAnswer:
        return cls(
            id=shipment.order_number,
            leg=shipment.leg,
            generation=shipment.generation,
            order_number=shipment.order_number,
            carrier=shipment.carrier,
            account=shipment.account,
            state=shipment.state,
            state_since=local(shipment.state_since),
            waybill=shipment.waybill,
            pickup_on=shipment.pickup_on,
            pickup_window=shipment.pickup_window,
            transit_due=shipment.transit_due,
            transit_kept=shipment.transit_kept,
            next_step=next_step(shipment),
            next_step_at=local(shipment.next_at) if shipment.next_at else None,
            trouble=shipment.trouble,
        )


class OrderAnswer(BaseModel):
    """A citizen's choice and the shipments it led to."""

    id: str
    dossier: str
    service: str
    placed_at: datetime
    shipments: list[ShipmentAnswer]

    @classmethod
    def of(cls, order: PostalOrder, shipments: list[Shipment]) -> OrderAnswer:
        return cls(
            id=order.id,
            dossier=order.dossier_code,
            service=order.service,
            placed_at=local(order.placed_at),
            shipments=[ShipmentAnswer.of(s) for s in shipments],
        )


class LegPriceAnswer(BaseModel):
    """Postage of one leg in đồng; null where the operator tells no price.

    ``pickup_windows`` are those of a day among which the citizen may choose, as ``08:00-11:30``.
    """

    leg: str
    carrier: str
    postage_vnd: int | None
    pickup_windows: list[str]

    @classmethod
    def of(cls, leg: LegPrice) -> LegPriceAnswer:
        windows = [f"{window.opens:%H:%M}-{window.closes:%H:%M}" for window in leg.pickup_windows]
        return cls(leg=leg.leg, carrier=leg.carrier, postage_vnd=leg.postage_vnd, pickup_windows=windows)


class QuoteAnswer(BaseModel):
    """What the post would charge. The agency's fee is another matter and is not in it."""

    service: str
    legs: list[LegPriceAnswer]
    total_vnd: int | None


class EventAnswer(BaseModel):
    """What an event did. ``contradiction`` says why it could not take its usual effect; it is kept all the same."""

    applied: bool
    contradiction: str | None
    due: datetime | None
    revision: int


class DeadlineAnswer(BaseModel):
    """The due date and every change of it, each with its ground in law; ``strip`` has one entry a calendar day."""

    code: str
    state: str
    due: datetime | None
    original_due: datetime | None
    revision: int
    verdict_original: str | None
    verdict_current: str | None
    explanation: list[dict[str, Any]]
    strip: list[dict[str, Any]]
    contradictions: list[str]


class PaperAnswer(BaseModel):
    """One paper and its one holder now."""

    name: str
    kind: str
    originals: int
    copies: int
    holder: str


class MomentAnswer(BaseModel):
    """One entry of a dossier's story."""

    at: datetime
    source: str
    what_vi: str
    what_en: str


class DossierView(BaseModel):
    """Everything about one dossier, for staff."""

    code: str
    agency: str
    procedure: str
    shipments: list[ShipmentAnswer]
    papers: list[PaperAnswer]
    timeline: list[MomentAnswer]
    deadline: DeadlineAnswer


class ExpectedAnswer(BaseModel):
    """A shipment whose papers should change hands at the agency next."""

    order_number: str
    dossier: str
    carrier: str
    direction: str
    state: str
    since: datetime
    papers: list[str]


class ExpectedList(BaseModel):
    """What the desk should expect."""

    orders: list[ExpectedAnswer]


class HandoverLineAnswer(BaseModel):
    """One line of a record; ``accepted`` is null until it is signed.

    ``contradiction`` says why an accepted line could not set the due date; the papers are taken all the same.
    """

    order: str
    slip_number: str
    papers: list[str]
    accepted: bool | None
    reason: str | None
    missing_papers: list[str]
    due: datetime | None
    contradiction: str | None

    @classmethod
    def of(
        cls, line: HandoverLine, papers: list[str], due: datetime | None, contradiction: str | None
    ) -> HandoverLineAnswer:
        return cls(
            order=line.order_number,
            slip_number=line.order_number,
            papers=papers,
            accepted=line.accepted,
            reason=line.reason,
            missing_papers=line.missing_papers,
            due=local(due) if due else None,
            contradiction=contradiction,
        )


class HandoverAnswer(BaseModel):
    """A handover record."""

    id: int
    number: str
    status: str
    signed_at: datetime | None
    lines: list[HandoverLineAnswer]

    @classmethod
    def of(cls, handover: Handover, lines: list[HandoverLineAnswer]) -> HandoverAnswer:
        return cls(
            id=handover.id,
            number=handover.number,
            status="signed" if handover.signed_at else "draft",
            signed_at=local(handover.signed_at) if handover.signed_at else None,
            lines=lines,
        )


class AttentionAnswer(BaseModel):
    """One thing that needs a person, and what to do."""

    kind: str
    dossier: str | None
    shipment: str | None
    since: datetime
    what_vi: str
    what_en: str
    next_step_vi: str
    next_step_en: str


class AttentionList(BaseModel):
    """Everything that needs a hand now, oldest first."""

    items: list[AttentionAnswer]


class CheckAnswer(BaseModel):
    """One thing that was looked at; without a next step all is well."""

    name: str
    state: State
    detail: str
    next_step: str


class ReadyAnswer(BaseModel):
    """``ready``: deliveries can be taken. ``backlog`` counts, per lane, rows that are due or being worked on."""

    status: State
    ready: bool
    checks: list[CheckAnswer]
    worker_seen_at: datetime | None
    backlog: dict[str, int]
    now: datetime


class InboxAnswer(BaseModel):
    """Kept deliveries, per source and state."""

    sources: dict[str, dict[str, int]]
