"""What people report of a delivery beside the operator's events: who received, and that it was the wrong person.

Both are part of the shipment's journey: a delivery that was refused is a failed attempt, and a reversal voids the
deliveries before it. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, false, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.states import ShipmentState
from config.batch import among
from config.database import Base, EncryptedText, UtcDateTime
from tracking.journey import JourneyEvent

NOT_WITH_POST = "not-with-post"
"""A record of what nobody had collected by then. Once the collection is heard of, it fits: facts come in any order."""

RECEIVED_ALREADY = "received-already"

_ODD = text("contradiction IS NOT NULL")
_REFUSED = text("refused IS NOT NULL")


class DeliveryRecord(Base):
    """What happened at the recipient's door, as the postman recorded it.

    Attributes:
        said: the whole record; it names people.
        refused: what was missing, so that it is no delivery; None where nothing was.
        contradiction: what else it did not fit when it was written; ``NOT_WITH_POST`` may have dissolved since.
    """

    __tablename__ = "delivery_record"
    __table_args__ = (
        Index("ix_delivery_record_odd", "at", sqlite_where=_ODD, postgresql_where=_ODD),
        Index("ix_delivery_record_refused", "at", sqlite_where=_REFUSED, postgresql_where=_REFUSED),
    )

    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    said: Mapped[str] = mapped_column(EncryptedText)
    refused: Mapped[str | None] = mapped_column(String(120))
    contradiction: Mapped[str | None] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeliveryReversal(Base):
    """Deliveries until ``at`` were to the wrong person; ``holder`` is who had the papers then."""

    __tablename__ = "delivery_reversal"

    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), primary_key=True)
    reversal_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    holder: Mapped[str] = mapped_column(String(80))
    said: Mapped[str] = mapped_column(EncryptedText)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def reported_events(session: Session, order_numbers: Collection[str]) -> Iterator[tuple[str, JourneyEvent]]:
    """Return what people's reports are in the journeys of shipments."""
    record, reversal = DeliveryRecord, DeliveryReversal
    early = record.contradiction == NOT_WITH_POST
    attempt = record.refused.is_not(None) & record.contradiction.is_(None)
    told = select(record.order_number, record.record_id, record.at, record.refused, record.contradiction)
    for number, id, at, refused, odd in session.execute(
        told.where(among(session, record.order_number, order_numbers), early | attempt)
    ):
        state = ShipmentState.DELIVERY_FAILED if refused is not None else None
        yield number, JourneyEvent(f"record:{id}", state, at, needs_collection=odd is not None)
    turned = select(reversal.order_number, reversal.reversal_id, reversal.at)
    for number, id, at in session.execute(turned.where(among(session, reversal.order_number, order_numbers))):
        yield number, JourneyEvent(f"reversal:{id}", None, at, reverses=True)


def is_proven(session: Session, order_number: str, *, collected: bool) -> bool:
    """Whether a record shows who received, and nobody has said since that it was the wrong person.

    ``collected``: whether the operator is known to have had the papers, so that earlier records of theirs fit.
    """
    dissolved = DeliveryRecord.contradiction == NOT_WITH_POST if collected else false()
    reversed_at = select(func.max(DeliveryReversal.at)).where(DeliveryReversal.order_number == order_number)
    last = session.scalar(reversed_at)
    good = select(DeliveryRecord.at).where(
        DeliveryRecord.order_number == order_number,
        DeliveryRecord.refused.is_(None),
        or_(DeliveryRecord.contradiction.is_(None), dissolved),
    )
    return any(last is None or at > last for at in session.scalars(good))
