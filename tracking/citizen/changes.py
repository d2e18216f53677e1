"""What a citizen changed on the pages of a dossier, as facts of its story: kind and moment, never the new content.

An order that was placed is a fact by its own row (:class:`dispatch.orders.PostalOrder`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, UtcDateTime
from dispatch.shipments import Leg


class Change(StrEnum):
    """What was changed. A cancellation is asked for; of what became of it the journey tells."""

    ADDRESS = "address"
    RECEIVER = "receiver"
    CANCEL_SEND = "cancel_send"
    CANCEL_RETURN = "cancel_return"
    MESSAGES = "messages"


CANCELS = {Leg.SEND: Change.CANCEL_SEND, Leg.RETURN: Change.CANCEL_RETURN}


class CitizenChange(Base):
    """One change of one dossier."""

    __tablename__ = "citizen_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    change: Mapped[Change]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def note_change(session: Session, code: str, change: Change, now: datetime) -> None:
    """Keep that something was changed, in the transaction that changes it."""
    session.add(CitizenChange(dossier_code=code, change=change, at=now))


def changes_of(session: Session, code: str) -> Sequence[CitizenChange]:
    """Return what a dossier's citizen changed, oldest first."""
    query = select(CitizenChange).where(CitizenChange.dossier_code == code).order_by(CitizenChange.id)
    return session.scalars(query).all()
