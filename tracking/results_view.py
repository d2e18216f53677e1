"""Results that did not reach their citizen, for people: on the way back, brought back, or waiting at the counter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
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
    """A result that is under way, and where it stands; ``agency`` is its agency's code."""

    shipment: Shipment
    agency: str
    agency_name: str
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A result at the counter; ``goes_out`` is the order by which the post is to fetch it once more."""

    wait: CounterWait
    agency: str
    agency_name: str
    goes_out: str | None


def undelivered(
    session: Session, context: Context, office: Office, visible: ColumnElement[bool], *, most: int, after: int = 0
) -> list[Undelivered]:
    """Return results whose delivery failed, the longest-waiting first; ``visible`` says of which dossiers."""
    under_way = and_(Shipment.live, Shipment.state.in_(_TROUBLED), visible)
    return _results(session, context, office, under_way, most, after)


def brought_back(
    session: Session, context: Context, office: Office, visible: ColumnElement[bool], *, most: int, after: int = 0
) -> list[Undelivered]:
    """Return results that the post says it has brought back, and that no signed record has counted yet."""
    uncounted = and_(Shipment.state == ShipmentState.RETURNED.value, Shipment.counted_at.is_(None), visible)
    return _results(session, context, office, uncounted, most, after)


def at_the_counter(session: Session, visible: ColumnElement[bool], *, most: int, after: int = 0) -> list[Kept]:
    """Return results that wait at the counter, those first that are kept no longer."""
    query = (
        select(CounterWait, Dossier.agency_code, Dossier.agency_name)
        .join(Dossier, Dossier.code == CounterWait.dossier_code)
        .where(CounterWait.over_at.is_(None), visible)
        .order_by(CounterWait.keep_until, CounterWait.order_number)
        .limit(most)
        .offset(after)
    )
    found = session.execute(query).all()
    going_out = _going_out(session, {wait.dossier_code for wait, _, _ in found})
    return [Kept(wait, agency, name, going_out.get(wait.dossier_code)) for wait, agency, name in found]


def _results(
    session: Session, context: Context, office: Office, which: ColumnElement[bool], most: int, after: int
) -> list[Undelivered]:
    query = (
        select(Shipment, Dossier.agency_code, Dossier.agency_name)
        .join(Dossier, Dossier.code == Shipment.dossier_code)
        .where(Shipment.leg == Leg.RETURN, which)
        .options(defer(Shipment.citizen), defer(Shipment.new_citizen))
        .order_by(Shipment.state_since, Shipment.order_number)
        .limit(most)
        .offset(after)
    )
    return [
        Undelivered(shipment, agency, name, standing_of(session, context, office, shipment))
        for shipment, agency, name in session.execute(query)
    ]


def _going_out(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return by which order each of the dossiers' results is to go out, where one is under way."""
    query = select(Shipment.dossier_code, Shipment.order_number).where(
        Shipment.dossier_code.in_(codes), Shipment.leg == Leg.RETURN, Shipment.live
    )
    return {one.dossier_code: one.order_number for one in session.execute(query)}
