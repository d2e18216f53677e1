"""The operator's events as they stand in the journey of a shipment, each once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.contract import Certainty, TrackingEvent
from carriers.states import ShipmentState
from config.database import Base, UtcDateTime
from tracking.journey import JourneyEvent


class TrackingEventRow(Base):
    """One event of a shipment: when it happened, when we received it, when it was applied."""

    __tablename__ = "tracking_event"
    __table_args__ = (UniqueConstraint("order_number", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(40))
    state: Mapped[ShipmentState | None]
    reason: Mapped[str | None] = mapped_column(String(80))
    money_only: Mapped[bool]
    certainty: Mapped[Certainty]
    event_time: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    location: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(500))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("inbox_delivery.id"))


def add_event(
    session: Session, order_number: str, event: TrackingEvent, *, delivery_id: int, received_at: datetime, now: datetime
) -> bool:
    """Put an event into the shipment's journey; tells whether it was not there yet."""
    known = select(TrackingEventRow.id).where(
        TrackingEventRow.order_number == order_number, TrackingEventRow.key == event.key
    )
    if session.scalar(known) is not None:
        return False
    session.add(
        TrackingEventRow(
            order_number=order_number,
            key=event.key,
            code=event.code,
            state=event.state,
            reason=event.reason,
            money_only=event.money_only,
            certainty=event.certainty,
            event_time=event.event_time,
            received_at=received_at,
            applied_at=now,
            location=event.location,
            text=event.text[:500],
            delivery_id=delivery_id,
        )
    )
    session.flush()
    return True


def events_of(session: Session, order_number: str) -> list[TrackingEventRow]:
    """Return the events of a shipment in event time."""
    query = select(TrackingEventRow).where(TrackingEventRow.order_number == order_number)
    return list(session.scalars(query.order_by(TrackingEventRow.event_time, TrackingEventRow.id)))


def journey_events(rows: list[TrackingEventRow]) -> list[JourneyEvent]:
    """Return stored events as the fold takes them."""
    return [JourneyEvent(row.key, row.state, row.event_time, row.code, row.location) for row in rows]
