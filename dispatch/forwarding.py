"""Results that shall go to another address once their operator has brought them back.

A row for each wish; of one shipment the newest counts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, EncryptedText, UtcDateTime
from dispatch.parties import Party


class ForwardingWish(Base):
    """Where a result shall go after it is back, why, and who pays: whoever asked (Postal Law Art. 16(3))."""

    __tablename__ = "forwarding_wish"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    citizen: Mapped[str] = mapped_column(EncryptedText)
    payer: Mapped[Party]
    reason: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


def wish_for(session: Session, order_number: str) -> ForwardingWish | None:
    """Return the newest wish for a shipment, or None."""
    query = select(ForwardingWish).where(ForwardingWish.order_number == order_number)
    return session.scalars(query.order_by(ForwardingWish.id.desc()).limit(1)).first()
