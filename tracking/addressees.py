"""Whose events they are: the shipments that a batch is about, found and locked together.

What another worker holds is left to it. Nobody waits for a lock here, so no two workers can wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from carriers.contract import TrackingEvent
from config.batch import among
from dispatch.dossiers import Dossier
from dispatch.shipments import Shipment


class HeldElsewhereError(Exception):
    """Another worker, or somebody who decides about it, holds the shipment at this moment."""


class _Known(NamedTuple):
    number: str
    carrier: str
    waybill: str | None
    dossier_code: str
    created_at: datetime
    rides_with: str | None


class Addressees:
    """The shipments to which a batch's events may belong.

    A dossier is locked with its shipments: its due date and its papers follow from all of them.
    """

    def __init__(self, session: Session, events: Collection[TrackingEvent]) -> None:
        self._known: dict[str, _Known] = {}
        self._by_waybill: dict[tuple[str, str], list[_Known]] = {}
        self._look_up(session, events)
        self._riders = self._look_for_riders(session)
        self.dossiers = _locked_dossiers(session, {known.dossier_code for known in self._known.values()})
        self.shipments = _locked_shipments(session, self._known, self.dossiers)

    def find(self, event: TrackingEvent) -> Shipment | None:
        """Return the shipment of an event: by our number, or else the newest with its waybill.

        Raises:
            HeldElsewhereError: there is one, and another holds it.
        """
        known = self._by_number(event) or self._newest_with_waybill(event)
        if known is None:
            return None
        if any(number not in self.shipments for number in (known.number, *self.riders_of(known.number))):
            raise HeldElsewhereError
        return self.shipments[known.number]

    def riders_of(self, number: str) -> Sequence[str]:
        """Return the numbers of what lies in the parcel of an order: the same happens to it."""
        return self._riders.get(number, ())

    def learn_waybill(self, shipment: Shipment, waybill: str) -> None:
        """From now on the shipment is also found by this waybill."""
        known = self._known[shipment.order_number]
        self._by_waybill.setdefault((known.carrier, waybill), []).append(known)

    def _look_up(self, session: Session, events: Collection[TrackingEvent]) -> None:
        numbers = {event.order_number for event in events}
        self._known = {known.number: known for known in _read(session, among(session, Shipment.order_number, numbers))}
        elsewhere = [event for event in events if event.waybill is not None and self._by_number(event) is None]
        if not elsewhere:
            return
        carriers, waybills = {event.carrier for event in elsewhere}, {event.waybill for event in elsewhere}
        for known in _read(session, Shipment.carrier.in_(carriers) & among(session, Shipment.waybill, waybills)):
            self._known[known.number] = known
            self._by_waybill.setdefault((known.carrier, str(known.waybill)), []).append(known)

    def _look_for_riders(self, session: Session) -> dict[str, list[str]]:
        riders: dict[str, list[str]] = {}
        for known in _read(session, among(session, Shipment.rides_with, self._known)) if self._known else ():
            self._known[known.number] = known
            riders.setdefault(str(known.rides_with), []).append(known.number)
        return riders

    def _by_number(self, event: TrackingEvent) -> _Known | None:
        known = self._known.get(event.order_number)
        return known if known is not None and known.carrier == event.carrier else None

    def _newest_with_waybill(self, event: TrackingEvent) -> _Known | None:
        found = self._by_waybill.get((event.carrier, event.waybill), ()) if event.waybill is not None else ()
        return max(found, key=lambda known: known.created_at, default=None)


def _read(session: Session, which: ColumnElement[bool]) -> list[_Known]:
    columns = (Shipment.order_number, Shipment.carrier, Shipment.waybill, Shipment.dossier_code, Shipment.created_at)
    return [_Known(*row) for row in session.execute(select(*columns, Shipment.rides_with).where(which))]


def _locked_dossiers(session: Session, codes: Collection[str]) -> dict[str, Dossier]:
    personal = (Dossier.applicant_name, Dossier.applicant_id_number, Dossier.applicant_email)
    query = select(Dossier).where(among(session, Dossier.code, codes)).order_by(Dossier.code)
    # Rows that refer to the dossier may still be written: "no key update" conflicts with deciders alone.
    query = query.options(*map(defer, personal)).with_for_update(key_share=True, skip_locked=True)
    return {dossier.code: dossier for dossier in session.scalars(query.execution_options(populate_existing=True))}


def _locked_shipments(session: Session, known: Collection[str], dossiers: Collection[str]) -> dict[str, Shipment]:
    query = select(Shipment).where(
        among(session, Shipment.order_number, known), among(session, Shipment.dossier_code, dossiers)
    )
    query = query.order_by(Shipment.order_number).options(defer(Shipment.citizen), defer(Shipment.new_citizen))
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return {shipment.order_number: shipment for shipment in session.scalars(query)}
