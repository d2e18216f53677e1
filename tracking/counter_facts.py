"""What happened to results at the counter, as rows that only ever grow, and when each is to be looked at next."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, EncryptedText, UtcDateTime
from dispatch.dossiers import Dossier
from tracking.counter_stay import CounterEvent, CounterHappening, CounterStay, fold, keep_until, next_reminder
from tracking.office import Office

_OPEN, _TO_REMIND = text("over_at IS NULL"), text("remind_at IS NOT NULL")


class CounterFact(Base):
    """One fact. ``receiver`` is who took it (encrypted); of the paper that was shown, the kind and the last digits."""

    __tablename__ = "counter_fact"

    id: Mapped[str] = mapped_column(String(160), primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    kind: Mapped[CounterEvent]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence: Mapped[str] = mapped_column(String(300))
    officer: Mapped[str | None] = mapped_column(String(300))
    receiver: Mapped[str | None] = mapped_column(EncryptedText)
    id_kind: Mapped[str | None] = mapped_column(String(20))
    id_last: Mapped[str | None] = mapped_column(String(4))
    authorisation: Mapped[str | None] = mapped_column(String(300))
    digest: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CounterWait(Base):
    """The stay that the facts of one shipment make: kept beside them, so that a sweep finds what is due."""

    __tablename__ = "counter_wait"
    __table_args__ = (
        Index("ix_counter_wait_remind", "remind_at", sqlite_where=_TO_REMIND, postgresql_where=_TO_REMIND),
        Index("ix_counter_wait_kept", "keep_until", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    keep_until: Mapped[date]
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def record(session: Session, office: Office, dossier: Dossier, fact: CounterFact) -> bool:
    """Append a fact and bring the stay in line with it; tells whether it is new, as one with a known id is not."""
    if session.get(CounterFact, fact.id) is not None:
        return False
    session.add(fact)
    session.flush()
    _project(session, office, dossier, fact.order_number)
    return True


def stay_of(session: Session, order_number: str) -> CounterStay | None:
    """Return the stay of a shipment's papers at the counter; None where they were never handed back."""
    query = select(CounterFact.kind, CounterFact.at).where(CounterFact.order_number == order_number)
    return fold(CounterHappening(kind, at) for kind, at in session.execute(query))


def open_wait(session: Session, dossier_code: str) -> CounterWait | None:
    """Return the stay that is not over of a dossier's result, or None."""
    query = select(CounterWait).where(CounterWait.dossier_code == dossier_code, CounterWait.over_at.is_(None))
    return session.scalars(query.order_by(CounterWait.since.desc()).limit(1)).first()


def _project(session: Session, office: Office, dossier: Dossier, order_number: str) -> None:
    stay = stay_of(session, order_number)
    if stay is None:
        return
    row = session.get(CounterWait, order_number)
    if row is None:
        row = CounterWait(order_number=order_number, dossier_code=dossier.code)
        session.add(row)
    row.since, row.over_at = stay.since, stay.over_at
    row.remind_at = next_reminder(stay, dossier.agency_code, office.rules)
    row.keep_until = keep_until(stay, dossier.agency_code, office.rules)
    session.flush()
