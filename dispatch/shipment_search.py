"""Shipments for people who look for some of them: by what stands on a slip, by a phone number, or by filters in pages.

What is asked of the citizen is only whether a number is the applicant's: it is found by its blind index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session, defer

from carriers import registry
from config.clock import VIETNAM
from config.database import keyring
from dispatch.contacts import InvalidContact, parse_phone
from dispatch.dossiers import Dossier
from dispatch.shipments import Leg, Shipment

MOST = 50
"""Rows of one page."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ends: the last row's time and number, after which the next page goes on."""

    at: datetime
    number: str

    @classmethod
    def of(cls, shipment: Shipment) -> Self:
        return cls(shipment.created_at, shipment.order_number)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read what :meth:`text` wrote; None for anything else."""
        microseconds, _, number = text.partition("-")
        if not (microseconds.isascii() and microseconds.isdigit() and len(microseconds) <= 17 and number):
            return None
        return cls(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(microseconds)), number)

    def text(self) -> str:
        """Return it in a form that fits into an address."""
        return f"{(self.at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)}-{self.number}"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; what is empty does not narrow.

    Attributes:
        numbers: these orders and no others, as a search has found them.
        since, until: days of Vietnam on which the order was placed, both included.
    """

    state: str | None = None
    leg: Leg | None = None
    carrier: str | None = None
    agency: str | None = None
    since: date | None = None
    until: date | None = None
    numbers: Sequence[str] | None = None
    phone_index: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of shipments, each with the agency of its dossier; ``more_after`` is empty at the end."""

    rows: list[tuple[Shipment, str]]
    more_after: Mark | None


def page(
    session: Session, filters: Filters, visible: ColumnElement[bool], after: Mark | None, most: int = MOST
) -> Found:
    """Return shipments, newest first; ``visible`` says of :class:`Dossier` whose dossiers may be seen."""
    query = (
        select(Shipment, Dossier.agency_name)
        .join(Dossier, Dossier.code == Shipment.dossier_code)
        .where(visible, *_conditions(filters))
        .options(defer(Shipment.citizen), defer(Shipment.new_citizen))
        .order_by(Shipment.created_at.desc(), Shipment.order_number.desc())
        .limit(most + 1)
    )
    if after is not None:
        query = query.where(tuple_(Shipment.created_at, Shipment.order_number) < tuple_(after.at, after.number))
    rows = [(shipment, agency) for shipment, agency in session.execute(query)]
    return Found(rows[:most], Mark.of(rows[most - 1][0]) if len(rows) > most else None)


def numbers_of(session: Session, code: str, visible: ColumnElement[bool]) -> list[str]:
    """Return the orders to which a code belongs: an order number, a dossier's code, or a waybill of any operator."""
    seen = select(Shipment.order_number).join(Dossier, Dossier.code == Shipment.dossier_code).where(visible)
    for query in _lookups(seen, code):
        if found := list(session.scalars(query.limit(MOST))):
            return found
    return []


def phone_index(text: str) -> str | None:
    """Return the blind index of a phone number; None where the text is none."""
    try:
        return keyring.blind_index(parse_phone(text).e164)
    except InvalidContact:
        return None


def _lookups(seen: Select[str], code: str) -> Sequence[Select[str]]:
    as_waybill = Shipment.carrier.in_(registry.names()) & (Shipment.waybill == code)  # by the index of both together
    return (
        seen.where(Shipment.order_number == code),
        seen.where(Shipment.dossier_code == code),
        seen.where(as_waybill),
    )


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    wanted = (
        (Shipment.state, filters.state),
        (Shipment.leg, filters.leg),
        (Shipment.carrier, filters.carrier),
        (Dossier.agency_code, filters.agency),
        (Dossier.phone_index, filters.phone_index),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in wanted if value is not None]
    if filters.numbers is not None:
        conditions.append(Shipment.order_number.in_(filters.numbers))
    if filters.since is not None:
        conditions.append(Shipment.created_at >= _begins(filters.since))
    if filters.until is not None:
        conditions.append(Shipment.created_at < _begins(filters.until + _DAY))
    return conditions


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, VIETNAM)
