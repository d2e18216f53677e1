"""What we answer, as models: they are the interface's documentation at ``/docs``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from config.clock import local
from dispatch.orders import PostalOrder
from dispatch.quotes import LegPrice
from dispatch.shipments import Shipment
from tracking.views import next_step
from worker.checks import State
from worker.web.return_answers import StandingAnswer


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
    payer: str
    next_step: str | None
    next_step_at: datetime | None
    trouble: str | None
    rides_with: str | None
    priority: bool

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
            payer=shipment.payer,
            next_step=next_step(shipment),
            next_step_at=local(shipment.next_at) if shipment.next_at else None,
            trouble=shipment.trouble,
            rides_with=shipment.rides_with,
            priority=shipment.priority,
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

    ``reduction_vnd`` is how much less the claimed group pays of it, by ``legal_source``.
    ``pickup_windows`` are those of a day among which the citizen may choose, as ``08:00-11:30``.
    """

    leg: str
    carrier: str
    postage_vnd: int | None
    pickup_windows: list[str]
    reduction_vnd: int
    legal_source: str

    @classmethod
    def of(cls, leg: LegPrice) -> LegPriceAnswer:
        windows = [f"{window.opens:%H:%M}-{window.closes:%H:%M}" for window in leg.pickup_windows]
        return cls(
            leg=leg.leg,
            carrier=leg.carrier,
            postage_vnd=leg.postage_vnd,
            pickup_windows=windows,
            reduction_vnd=leg.reduction_vnd,
            legal_source=leg.legal_source,
        )


class QuoteAnswer(BaseModel):
    """What the post would charge, before and after a reduction.

    The agency's fee is another matter and is not in it: ``fee_vnd`` is what is left to pay of a dossier's, and
    ``fee_route`` how. ``tariff`` says what is known of the state's own tariff.
    """

    service: str
    legs: list[LegPriceAnswer]
    total_vnd: int | None
    payable_vnd: int | None
    fee_vnd: int | None
    fee_route: str
    tariff: str


class EventAnswer(BaseModel):
    """What an event did. ``contradiction`` says why it could not take its usual effect; it is kept all the same."""

    applied: bool
    contradiction: str | None
    due: datetime | None
    revision: int


class DeadlineAnswer(BaseModel):
    """The due date and every change of it, each with its ground in law; ``strip`` has one entry a calendar day.

    ``pass_on_by`` is when the dossier should be with the competent unit; null until it is taken in.
    """

    code: str
    state: str
    due: datetime | None
    original_due: datetime | None
    pass_on_by: datetime | None
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
    """Everything about one dossier, for staff. ``result`` is there while a result could not be delivered."""

    code: str
    agency: str
    procedure: str
    shipments: list[ShipmentAnswer]
    papers: list[PaperAnswer]
    timeline: list[MomentAnswer]
    deadline: DeadlineAnswer
    result: StandingAnswer | None = None


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
