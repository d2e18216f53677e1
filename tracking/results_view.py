"""Results that did not reach their citizen, for people: on the way back, or waiting at the counter."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from carriers.states import ShipmentState
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.shipments import Leg, Shipment
from tracking.counter_facts import CounterWait
from tracking.office import Office
from tracking.result_standing import standing_of
from tracking.undeliverable import Standing

_TROUBLED = (ShipmentState.DELIVERY_FAILED.value, ShipmentState.RETURNING.value)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A result that is under way, and where it stands."""

    shipment: Shipment
    agency: str
    standing: Standing | None


def undelivered(
    session: Session, context: Context, office: Office, visible: ColumnElement[bool], *, most: int, after: int = 0
) -> list[Undelivered]:
    """Return results whose delivery failed, the longest-waiting first; ``visible`` says of which dossiers."""
    query = (
        select(Shipment, Dossier.agency_name)
        .join(Dossier, Dossier.code == Shipment.dossier_code)
        .where(Shipment.live, Shipment.state.in_(_TROUBLED), Shipment.leg == Leg.RETURN, visible)
        .options(defer(Shipment.citizen), defer(Shipment.new_citizen))
        .order_by(Shipment.state_since, Shipment.order_number)
        .limit(most)
        .offset(after)
    )
    return [
        Undelivered(shipment, agency, standing_of(session, context, office, shipment))
        for shipment, agency in session.execute(query)
    ]


def at_the_counter(
    session: Session, visible: ColumnElement[bool], *, most: int, after: int = 0
) -> list[tuple[CounterWait, str]]:
    """Return results that wait at the counter, each with its agency, those first that are kept no longer."""
    query = (
        select(CounterWait, Dossier.agency_name)
        .join(Dossier, Dossier.code == CounterWait.dossier_code)
        .where(CounterWait.over_at.is_(None), visible)
        .order_by(CounterWait.keep_until, CounterWait.order_number)
        .limit(most)
        .offset(after)
    )
    return [(wait, agency) for wait, agency in session.execute(query)]
